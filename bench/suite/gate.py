"""The gate: what must not get slower.

Each measurement is a ratio of two statements' processor time, run in turns in
one session: a training to the scan of its table, a kernel to the plain walk of
the same forest. Such a ratio says little of the machine, and nothing of who
else is busy on it. A ratio fails that is worse than its committed value
(bench/gate.tsv) by more than 15 %, each time that it is measured.
"""

import os
import sys
from statistics import median

import data
import gate_kinds
from machine import processor
from measure import alternate, schedule_of
from report import number, progress
from server import KERNELS, SERIAL, Session, model, sum_of_scores

TOLERANCE = 1.15
ROUNDS = 7
TRIES = 4
FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                    "gate.tsv")


class Pair:
    """Two contestants, which return seconds, and how often they run."""

    def __init__(self, over, under, rounds=ROUNDS):
        self.runs = {"over": over, "under": under}
        self.rounds = rounds

    def measure(self):
        """The median of the ratios of single rounds; the first is not
        counted, in which caches fill."""
        times = alternate(self.runs, self.rounds + 1)
        return median(over / under for over, under in
                      list(zip(times["over"], times["under"]))[1:])


def scans(bench):
    """Training and scoring, over the scan that reads as far."""
    session = bench.session
    columns = bench.columns
    rows = "base"
    weak = "iforest_options(n_trees => 1, sample_size => 2)"
    statements = {
        "training": f"SELECT iforest_train({columns}) FROM {rows}",
        "an aggregate that keeps nothing":
            f"SELECT iforest_train({weak}, {columns}) FROM {rows}",
        "sketching": f"SELECT length(iforest_sketch({columns})) FROM {rows}",
        "a call without a model":
            "SELECT sum(iforest_score((SELECT model FROM models WHERE name "
            f"= ''), {columns})) FROM {rows}",
        "scoring": sum_of_scores("base", columns, rows),
    }
    scan = session.work(f"SELECT max(x10) FROM {rows}")
    return {f"{name}, over max(x10)": Pair(session.work(sql), scan)
            for name, sql in statements.items()}


def relatives(bench):
    """The other functions, over iforest_score of the same rows."""
    session = bench.session
    bytes_ = model("gate 10 columns")
    ten = gate_kinds.TEN
    many, few = "narrow", "(SELECT * FROM narrow LIMIT 500) t"
    row = f"(SELECT {ten} FROM narrow) t"
    statements = {
        "by name": (f"sum(iforest_score('vae', {ten}))", many),
        "of a row": (f"sum(iforest_score({bytes_}, t))", row),
        "iforest_is_outlier":
            (f"count(nullif(iforest_is_outlier({bytes_}, {ten}), false))",
             many),
        "iforest_percent_rank":
            (f"sum(iforest_percent_rank({bytes_}, {ten}))", many),
        "iforest_calibrate":
            (f"length(iforest_calibrate({bytes_}, {ten}))", many),
        "iforest_drift":
            (f"length(iforest_drift({bytes_}, {ten})::text)", many),
        "iforest_reason":
            (f"sum(length(iforest_reason({bytes_}, {ten})))", few),
        "iforest_impute":
            (f"count(iforest_impute({bytes_}, t))",
             "(SELECT NULL::float8 AS x1, x2, x3, x4, x5, x6, x7, x8, x9, x10 "
             "FROM narrow LIMIT 500) t"),
        "iforest_grid": ("count(*)", f"iforest_grid({bytes_}, 'x1', 'x2')"),
    }
    score = session.work(sum_of_scores("gate 10 columns", ten, many))
    return {f"{name}, over iforest_score": Pair(
        session.work(f"SELECT {what} FROM {rows}"), score)
        for name, (what, rows) in statements.items()}


def kernels(bench):
    """Each kernel, over the walk, of every kind."""
    session = bench.session
    pairs = {}
    for kind in gate_kinds.KINDS:
        sql = f"SELECT sum({kind.call}) FROM {kind.table} WHERE id <= " \
              f"{kind.rows}"
        walk = session.work(sql, {"iforest.kernel": "walk"})
        for kernel in session.kernels():
            if kernel != "walk":
                pairs[f"{kind.name}: {kernel}, over the walk"] = Pair(
                    session.work(sql, {"iforest.kernel": kernel}), walk)
    return pairs


def projections(bench):
    """Splits on two columns, over those on one, by each kernel."""
    session = bench.session
    one, two = (sum_of_scores(f"gate {name}", gate_kinds.TEN, "narrow")
                for name in ("10 columns", "two columns"))
    pairs = {}
    for kernel in session.kernels():
        setting = {"iforest.kernel": kernel}
        pairs[f"two columns: {kernel}, over one column"] = Pair(
            session.work(two, setting), session.work(one, setting))
    return pairs


def defaults(bench):
    """A query at the server's settings, over the same without the JIT
    compiler: flag, then say why."""
    session = bench.session
    sql = (f"SELECT iforest_reason('vae', {gate_kinds.TEN}) FROM narrow "
           f"WHERE iforest_is_outlier('vae', {gate_kinds.TEN})")
    return {"flag and reason: jit as it is, over jit = off": Pair(
        session.work(sql, {"jit": "on"}), session.work(sql))}


def first_statement(sql):
    """A contestant: what a new session's process works in its life, up to
    the end of its first statement."""
    def run():
        session = Session(SERIAL + " -c jit=off")
        try:
            session.rows(sql)
            return schedule_of(session.pid)[0]
        finally:
            session.close()
    return run


def one_row(bench):
    """Statements of one row, over the same without the call."""
    where = "FROM narrow WHERE id = {}"
    without = "SELECT x10 " + where
    scored = f"SELECT iforest_score('vae', {gate_kinds.TEN}) " + where
    session = bench.session
    session.run(f"PREPARE without(int) AS {without.format('$1')}; "
                f"PREPARE scored(int) AS {scored.format('$1')}")

    def many(name):
        text = "; ".join(f"EXECUTE {name}({i})" for i in range(1, 2001))
        return session.work(text)
    return {
        "one row, prepared, over the same without the call":
            Pair(many("scored"), many("without")),
        "first statement of a session, over the same without the call":
            Pair(first_statement(scored.format(77)),
                 first_statement(without.format(77)), 25),
    }


def make(session):
    """What the pairs work on, beside the base rows."""
    gate_kinds.make(session)
    session.run("CREATE UNIQUE INDEX ON narrow (id)")
    data.settle(session, "narrow")


def read():
    """The committed ratios."""
    with open(FILE, encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file
                 if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def write(pairs, file):
    """Measures all, prints them as the file to commit."""
    print("# Ratios of processor time that bench/run -gate holds, by "
          f"bench/run -gate -write on {processor()}", file=file)
    for name, pair in pairs.items():
        progress(name)
        ratio = median(pair.measure() for _ in range(3))
        print(f"{name}\t{number(ratio)}", file=file, flush=True)


def hold(pair, limit):
    """The least ratio of as many tries as it takes to keep to a limit."""
    least = pair.measure()
    for _ in range(TRIES - 1):
        if least <= limit:
            break
        least = min(least, pair.measure())
    return least


class Tap:
    """Results as lines of TAP."""

    def __init__(self):
        self.n = 0
        self.failed = 0

    def line(self, good, text):
        self.n += 1
        self.failed += not good
        print(f"{'' if good else 'not '}ok {self.n} - {text}", flush=True)


def check_scores(session, tap):
    """One result of every kernel."""
    for kind in gate_kinds.KINDS:
        tap.line(session.same_scores(kind.call, f"{kind.table} WHERE id <= "
                                     f"{min(kind.rows, 2000)}"),
                 f"{kind.name}: every kernel has the walk's scores")


def check(pairs, committed, tap):
    for name, pair in pairs.items():
        if name not in committed:
            tap.line(False, f"{name}: no committed value, see "
                     "bench/run -gate -write")
            continue
        limit = TOLERANCE * committed[name]
        ratio = hold(pair, limit)
        tap.line(ratio <= limit, f"{name}: {number(ratio)}, committed "
                 f"{number(committed[name])}, at most {number(limit)}")
    for name in sorted(committed.keys() - pairs.keys()):
        # a kernel that only other processors have; else a stale name
        skip = any(f": {kernel}," in name for kernel in KERNELS)
        tap.line(skip, f"{name} # SKIP not on this processor" if skip else
                 f"{name}: not measured, see bench/run -gate -write")


def main(bench, mode):
    """Holds all ratios, or writes them (mode "write"); exits with 1 if one
    fails."""
    bench.session.close()
    bench.session = Session(SERIAL + " -c jit=off")
    make(bench.session)
    pairs = {**scans(bench), **relatives(bench), **kernels(bench),
             **projections(bench), **defaults(bench), **one_row(bench)}
    if mode == "write":
        write(pairs, sys.stdout)
        return
    tap = Tap()
    check_scores(bench.session, tap)
    check(pairs, read(), tap)
    print(f"1..{tap.n}")
    sys.exit(tap.failed > 0)
