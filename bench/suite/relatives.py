"""The other functions of a model, beside iforest_score."""

from statistics import median

import data
import workers
from server import Session, model

PORTABLE = {"iforest.kernel": "portable"}

# sums, so that no function's result goes unused
ROW_FUNCTIONS = {
    "iforest_is_outlier": "count(*) FILTER (WHERE {})",
    "iforest_percent_rank": "sum({})",
    "iforest_p_value": "sum({})",
}


def row_queries(bench):
    session = bench.session
    call = "iforest_score({model}, {columns})"
    calls = {"iforest_score": "sum(" + call + ")",
             "iforest_score > 0.6":
                 "count(*) FILTER (WHERE " + call + " > 0.6)"}
    for name, aggregate in ROW_FUNCTIONS.items():
        if session.has_function(name):
            calls[name] = aggregate.format(name + "({model}, {columns})")
    if session.has_function("iforest_calibrate"):
        calls["iforest_calibrate"] = (
            "length(iforest_calibrate({model}, {columns}))")
    return {name: ("SELECT " + text.format(model=model("base"),
                                           columns=bench.columns) +
                   " FROM base", {})
            for name, text in calls.items()}


def few_row_queries(bench, n):
    """What takes microseconds a row: queries with their settings."""
    few = f"(SELECT * FROM base LIMIT {n}) AS t"
    arguments = f"({model('base')}, {bench.columns})"
    queries = {}
    explain = "SELECT sum(e.contribution) FROM {}, iforest_explain{} AS e"
    if bench.session.has_function("iforest_explain"):
        queries["iforest_explain"] = explain.format(few, arguments), {}
        queries["the same, portable"] = (explain.format(few, arguments),
                                         PORTABLE)
        queries["the same, and what was expected"] = (
            "SELECT sum(e.contribution), count(e.expected) FROM "
            f"{few}, iforest_explain{arguments} AS e", {})
        few_wide = wide_rows(bench, n)
        arguments_wide = f"({model('explained')}, t)"
        queries["iforest_explain, 166 columns"] = (
            explain.format(few_wide, arguments_wide), {})
        queries["the same, 166 columns, portable"] = (
            explain.format(few_wide, arguments_wide), PORTABLE)
    if bench.session.has_function("iforest_reason"):
        queries["iforest_reason"] = (
            f"SELECT sum(length(iforest_reason{arguments})) FROM " + few, {})
    if bench.session.has_function("iforest_impute"):
        for name, missing in (("x1", 1), ("x1, x2, x3", 3)):
            columns = ", ".join(
                (f"NULL::float8 AS x{i}" if i <= missing else f"x{i}")
                for i in range(1, 11))
            queries[f"iforest_impute, {name} missing"] = (
                f"SELECT count(iforest_impute({model('base')}, filled)) FROM "
                f"(SELECT {columns} FROM {few}) AS filled", {})
    if bench.session.has_function("iforest_threshold"):
        queries["iforest_threshold"] = (
            f"SELECT sum(iforest_threshold({model('base')}, 0.5 * t.id / {n}"
            ")) FROM " + few, {})
    return queries


def wide_rows(bench, n):
    """A table of n rows of 166 columns and a model of them, "explained"."""
    data.load(bench.session, "explained", data.blobs(n, 166))
    rows = f"(SELECT {data.names(166)} FROM explained) AS t"
    data.train(bench.session, "explained", "t", rows)
    return rows


def measure_group(bench, title, queries, n, base=None):
    times = bench.alternate({name: bench.session.query(*query)
                             for name, query in queries.items()}, extra=2)
    ns = {name: 1e9 * t.median / n for name, t in times.items()}
    header = [title, "ns a row"] + (["x iforest_score"] if base else [])
    bench.report.table(header, [(name, value, *([value / ns[base]] if base
                                                else []))
                                for name, value in ns.items()])
    bench.report.note("")
    return ns


def measure_grid(bench):
    """The score map, a cell."""
    cells = {steps: steps * steps for steps in (50, 200)}
    times = bench.alternate({
        steps: bench.session.query(
            f"SELECT count(*) FROM iforest_grid({model('base')}, 'x1', 'x2', "
            f"{steps})") for steps in cells})
    bench.report.table(["iforest_grid", "ns a cell"], [
        (f"{steps} x {steps} cells", 1e9 * times[steps].median / n)
        for steps, n in cells.items()])
    bench.report.note("")


def first_filled(bench):
    """Seconds of processor time that a new session's first row to fill in
    takes: its model's density is built then."""
    session = Session()
    call = (f"SELECT iforest_impute({model('base')}, t) FROM (SELECT "
            f"NULL::float8 AS x1, {bench.columns.split(', ', 1)[1]} "
            "FROM base LIMIT 1) AS t")
    run = session.work(call)
    times = [run(), run()]
    session.close()
    return times[0] - times[1]


def measure_density(bench):
    ms = 1e3 * median(first_filled(bench) for _ in range(bench.rounds))
    bench.report.note("The first row of a session that is filled in, made, "
                      f"or told what was expected of takes {ms:.0f} ms more, "
                      "of processor time: the model's density is built.")


def measure_workers(bench):
    calibrate = (f"SELECT length(iforest_calibrate({model('base')}, "
                 f"{bench.columns})) FROM base")
    faster = workers.compare(bench, {"iforest_calibrate": (calibrate, {})})
    bench.report.target("iforest_calibrate with 2 workers, faster than with "
                        "none", faster["iforest_calibrate"], "at least", 1.7,
                        "x")


def measure(bench):
    bench.report.heading("The other functions, beside iforest_score")
    ns = measure_group(bench, "all rows", row_queries(bench),
                       len(bench.matrix), "iforest_score")
    if "iforest_is_outlier" in ns:
        saved = 1 - ns["iforest_is_outlier"] / ns["iforest_score > 0.6"]
        bench.report.note("`iforest_is_outlier`, which stops as soon as the "
                          "outcome is certain, saves "
                          f"{100 * saved:.0f} % of `iforest_score > ..`.")
    n = 300 if bench.quick else 2000
    queries = few_row_queries(bench, n)
    if queries:
        ns = measure_group(bench, "few rows", queries, n)
        if "iforest_explain" in ns:
            for columns, query, limit in (
                    (10, "iforest_explain", 60),
                    (166, "iforest_explain, 166 columns", 80)):
                bench.report.target(f"exact explanation, {columns} columns",
                                    ns[query] / 1000, "at most", limit,
                                    "us a row")
    measure_grid(bench)
    measure_density(bench)
    measure_workers(bench)
