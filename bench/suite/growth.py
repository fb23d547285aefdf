"""How cost grows with rows, columns, trees and rows a tree."""

import data
from server import sum_of_scores


def measure_point(bench, arguments, table, n, **options):
    """Training in ms and ns a row, scoring in ns a row."""
    session = bench.session
    data.train(session, "growth", arguments, table, **options)
    settings = ", ".join(f"{k} => {v}" for k, v in
                         {"seed": 1, **options}.items())
    times = bench.alternate({
        "scan": session.query(f"SELECT count(*) FROM {table}"),
        "train": session.query(f"SELECT length(iforest_train(iforest_options("
                               f"{settings}), {arguments})) FROM {table}"),
        "score": session.query(sum_of_scores("growth", arguments, table)),
    }, extra=-2)
    trees = options.get("n_trees", 100)
    score = 1e9 * times["score"].median / n
    return (1e3 * times["scan"].median, 1e3 * times["train"].median,
            1e9 * times["train"].median / n, score, score / trees)


HEADER = ["scan, ms", "training, ms", "training, ns a row",
          "scoring, ns a row", "scoring, ns a tree and row"]


def over_rows(bench):
    session = bench.session
    powers = [4, 5] if bench.quick else [4, 5, 6]
    largest = 10 ** powers[-1]
    data.load(session, "grow", data.blobs(largest, 10))
    rows = []
    for power in powers:
        n = 10 ** power
        if n < largest:
            session.run(f"CREATE TABLE grow{power} AS SELECT * FROM grow "
                        f"WHERE id <= {n}")
            data.settle(session, f"grow{power}")
        rows.append((str(n), *measure_point(
            bench, bench.columns, "grow" if n == largest else f"grow{power}",
            n)))
    if bench.size == "full":
        session.run("CREATE TABLE grow7 AS SELECT g.* FROM grow g, "
                    "generate_series(1, 10)")
        data.settle(session, "grow7")
        rows.append((str(10 ** 7), *measure_point(bench, bench.columns,
                                                  "grow7", 10 ** 7)))
        session.run("DROP TABLE grow7")
    bench.report.table(["rows", *HEADER], rows)
    bench.report.note("")


def over_columns(bench, n):
    rows = []
    for columns in (1, 3, 10, 30, 60, 100, 200, 400):
        data.load(bench.session, "grow_columns", data.blobs(n, columns),
                  array="float8")
        rows.append((str(columns), *measure_point(bench, "x", "grow_columns",
                                                  n)))
    bench.report.table(["columns, as an array", *HEADER], rows)
    bench.report.note("")


def over_forests(bench, n):
    few = f"(SELECT * FROM grow WHERE id <= {n} OFFSET 0) t"
    bench.session.run("CREATE TABLE grow_few AS SELECT * FROM " + few)
    data.settle(bench.session, "grow_few")
    rows = [(str(trees), *measure_point(bench, bench.columns, "grow_few", n,
                                        n_trees=trees))
            for trees in (10, 30, 100, 300, 1000)]
    bench.report.table(["trees", *HEADER], rows)
    bench.report.note("")
    rows = []
    for sample, depth in ((64, None), (256, None), (256, 0), (1024, None),
                          (1024, 0), (4096, None), (4096, 0), (16384, 0)):
        options = {"sample_size": sample}
        if depth is not None:
            options["max_depth"] = depth
        name = f"{sample}, {'unlimited' if depth == 0 else 'usual'} depth"
        rows.append((name, *measure_point(bench, bench.columns, "grow_few", n,
                                          **options)))
    bench.report.table(["rows a tree", *HEADER], rows)


def measure(bench):
    bench.report.heading("How cost grows (synthetic rows, 10 columns, 100 "
                         "trees x 256 unless said otherwise)")
    over_rows(bench)
    n = 5000 if bench.quick else 20000
    over_columns(bench, n)
    over_forests(bench, n)
