"""Scoring many rows in one query."""

import data
import peers
import programs
import workers
from server import model, sum_of_scores

PEER = "scikit-learn, score_samples"
LIMITS = {"portable": 850, "avx2": 480, "avx512": 480}


def contestants(bench, forest, matrix):
    """Each with the number of rows it works on."""
    session = bench.session
    scores = sum_of_scores("base", bench.columns, "base")
    n = len(bench.matrix)
    queries = {
        "scan: max(x10)": ("SELECT max(x10) FROM base", {}),
        "call without work: model NULL":
            ("SELECT sum(iforest_score(NULL::bytea, "
             f"{bench.columns})) FROM base", {}),
        "auto": (scores, {}),
        "auto, jit off": (scores, {"jit": "off"}),
    }
    for kernel in session.kernels():
        queries[kernel] = (scores, {"iforest.kernel": kernel})
    result = {name: (session.query(*query), n)
              for name, query in queries.items()}
    if forest is not None:
        result[PEER] = (
            peers.scoring(forest, matrix), len(matrix))
    for name, program in programs.start(bench, matrix).items():
        result[name] = program, len(matrix)
    return result


def check_kernels(bench):
    """All kernels give the same scores, to the last bit."""
    if not bench.session.same_scores(
            f"iforest_score({model('base')}, {bench.columns})",
            "base WHERE id <= 10000"):
        raise ValueError("kernels give different scores")


def measure_kernels(bench):
    report = bench.report
    forest = None
    matrix = bench.matrix
    if peers.version():
        # some of them, as it takes long: the time a row is the same
        matrix = matrix[::14 if bench.quick else 4]
        forest = peers.fit(bench.matrix)
    runs = contestants(bench, forest, matrix)
    times = bench.alternate({name: run for name, (run, _) in runs.items()},
                            extra=4)
    ns = {name: 1e9 * times[name].median / n for name, (_, n) in runs.items()}
    least = {name: 1e9 * times[name].least / n
             for name, (_, n) in runs.items()}
    peer = ns.get(PEER)

    def faster(name):
        """Ratio of medians, and the least and greatest of the rounds."""
        if not peer or ":" in name:
            return None, None
        ratios = [(p / len(matrix)) / (t / runs[name][1])
                  for p, t in zip(times[PEER], times[name])]
        return peer / ns[name], f"{min(ratios):.1f} to {max(ratios):.1f}"

    report.heading("Scoring a table: "
                   "`SELECT sum(iforest_score(.., x1, .., x10)) FROM base`")
    report.table(
        ["what", "ns a row", "least", "ns a tree and row", "x scan",
         "x faster than scikit-learn", "in single rounds"],
        [(name, ns[name], least[name],
          None if ":" in name else ns[name] / 100,
          ns[name] / ns["scan: max(x10)"],
          *faster(name))
         for name in runs])
    for kernel, limit in LIMITS.items():
        if kernel in ns:
            report.target(f"scoring, {kernel}", ns[kernel], "at most", limit,
                          "ns a row")
    if peer:
        report.target("scoring, auto, faster than scikit-learn",
                      peer / ns["auto"], "at least", 20, "x")


def measure_workers(bench):
    scores = sum_of_scores("base", bench.columns, "base")
    faster = workers.compare(bench, {"scoring": (scores, {}),
                                     "scoring, jit off":
                                         (scores, {"jit": "off"})})
    bench.report.target("scoring with 2 workers, faster than with none",
                        faster["scoring"], "at least", 1.8, "x")
    bench.report.target("the same, jit off", faster["scoring, jit off"],
                        "at least", 1.8, "x")
    measure_defaults(bench)


def measure_defaults(bench):
    """All rows, and a quarter of them in a table of their own."""
    session = bench.session
    session.run(f"CREATE TABLE quarter AS SELECT * FROM base "
                f"LIMIT {len(bench.matrix) // 4}")
    data.settle(session, "quarter")
    train = f"SELECT length(iforest_train({bench.columns})) FROM {{}}"
    faster = workers.by_default(bench, {
        f"{what}, {rows}": sql.format(table)
        for what, sql in (("scoring", sum_of_scores("base", bench.columns,
                                                    "{}")),
                          ("training", train))
        for rows, table in (("all rows", "base"),
                            ("a quarter of them", "quarter"))})
    bench.report.target("scoring with default settings, faster than without "
                        "workers", faster["scoring, all rows"], "at least",
                        1.7, "x")
    bench.report.target("a quarter of the rows with default settings, the "
                        "slower of scoring and training, faster than without "
                        "workers", min(faster["scoring, a quarter of them"],
                                       faster["training, a quarter of them"]),
                        "at least", 0.97, "x")


def measure_alarms(bench):
    """Flag, then say why, at the server's settings beside those without the
    JIT compiler: with the model of a query, and joined to a table of models
    of which the planner knows nothing."""
    session = bench.session
    n = 30000
    session.run(f"CREATE TABLE flagged AS SELECT * FROM base WHERE id <= {n}")
    data.settle(session, "flagged")
    session.run("CREATE TABLE unknown (name text, model bytea); INSERT INTO "
                "unknown SELECT name, model FROM models WHERE name = 'base'")
    arguments = {"by a query": model("base"), "joined to models": "m.model"}
    tables = {"by a query": "flagged",
              "joined to models": "flagged JOIN unknown m ON m.name = 'base'"}
    runs = {}
    for name, given in arguments.items():
        sql = (f"SELECT iforest_reason({given}, {bench.columns}) FROM "
               f"{tables[name]} WHERE iforest_is_outlier({given}, "
               f"{bench.columns})")
        runs[name, "on"] = session.query(sql, {"jit": "on"})
        runs[name, "off"] = session.query(sql, {"jit": "off"})
    times = bench.alternate(runs, extra=4)
    rows = []
    for name, limit in {"by a query": 1.1, "joined to models": 1.2}.items():
        ratio = times[name, "on"].median / times[name, "off"].median
        rows.append((name, 1e3 * times[name, "on"].median,
                     1e3 * times[name, "off"].median, ratio))
        bench.report.target(f"flag and reason, {name}, over jit off", ratio,
                            "at most", limit, "x")
    bench.report.heading(f"Flag and reason, {n} rows, at default settings")
    bench.report.table(["model", "jit on, ms", "jit off, ms",
                        "x jit off"], rows)


def measure(bench):
    check_kernels(bench)
    measure_kernels(bench)
    measure_workers(bench)
    measure_alarms(bench)
