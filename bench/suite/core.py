"""The core alone, without a server."""

import os
import re
import subprocess

PROGRAM = os.path.join(os.environ.get("IFOREST_SRC", "."),
                       "build/bench/core_bench")

# name, then: columns, trees, rows a tree, depth, categorical, missing; and
# whether values are of real
SHAPES = [
    ("10 columns, 100 trees x 256", 10, 100, 256, 8, 0, 0),
    ("64 columns", 64, 100, 256, 8, 0, 0),
    ("400 columns", 400, 100, 256, 8, 0, 0),
    ("384 columns of real", 384, 100, 256, 8, 0, 0, 0, 1),
    ("1536 columns of real", 1536, 100, 256, 8, 0, 0, 0, 1),
    ("1000 trees x 256", 10, 1000, 256, 8, 0, 0),
    ("100 trees x 4096, unlimited depth", 10, 100, 4096, 0, 0, 0),
    ("the same, 3 columns categorical", 10, 100, 4096, 0, 3, 0),
    ("half of the columns categorical", 10, 100, 256, 8, 5, 0),
    ("10 % missing", 10, 100, 256, 8, 0, 0.1),
]

# as core_bench numbers them, the best first
KERNELS = {"neon": 5, "avx512": 4, "avx2": 3, "portable": 2, "walk": 1}


def start(rows, *arguments):
    return subprocess.Popen([PROGRAM, str(rows), *map(str, arguments)],
                            stdout=subprocess.PIPE, text=True)


def result(process):
    """Milliseconds to grow and decode, and {kernel: ns a row}."""
    text, _ = process.communicate()
    if process.returncode != 0:
        raise ValueError(f"core_bench failed: {text}")
    if "DIFFER" in text:
        raise ValueError("the kernels' sums differ:\n" + text)
    grown = float(re.search(r"grown in ([\d.]+) ms", text).group(1))
    steps = re.findall(r"(?:open|walk|blocks) ([\d.]+) ms", text)
    kernels = {name: float(ns) for name, ns in
               re.findall(r"^(\w+) +([\d.]+) ns a row", text, re.M)}
    return grown, sum(map(float, steps)), kernels


def two_processors(bench, kernel):
    """How much more two copies of the program get done than one."""
    usual = SHAPES[0][1:]
    alone = []
    together = []
    for _ in range(bench.rounds):
        for times, copies in ((alone, 1), (together, 2)):
            runs = [start(50000, *usual, KERNELS[kernel])
                    for _ in range(copies)]
            times += [result(process)[2][kernel] for process in runs]
    return 2 * min(alone) / min(together)


def measure(bench):
    report = bench.report
    rows = []
    for name, columns, trees, *rest in SHAPES:
        # about as much work for each shape
        n = (2000000 if bench.quick else 10000000) // (trees * max(columns, 10))
        n = max(n, rest[0])
        runs = [result(start(n, columns, trees, *rest))
                for _ in range(1 if bench.quick else 3)]
        grown = min(r[0] for r in runs)
        if not rows:
            kernels = [k for k in KERNELS if k in runs[0][2]]
            report.target("growing 100 trees x 256 (core)", grown,
                          "at most", 10, "ms")
        cells = [min(r[2][k] for r in runs) / trees
                 if k in runs[0][2] else None for k in kernels]
        rows.append((name, grown, min(r[1] for r in runs), *cells))
    report.heading("The core without a server")
    report.table(["shape", "growing, ms", "decoding, ms",
                  *(f"{k}, ns a tree and row" for k in kernels)], rows)
    if os.cpu_count() > 1:
        gain = two_processors(bench, kernels[0])
        report.note(f"Two copies of this program at once do {gain:.2f} x the "
                    "work of one "
                    "(2 if the processors shared nothing): no two workers "
                    "can gain more. (Says little while the machine is "
                    "busy.)")
