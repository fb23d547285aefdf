"""The other functions of a model, beside iforest_score."""

from server import model

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
    return {name: "SELECT " + text.format(model=model("base"),
                                          columns=bench.columns) + " FROM base"
            for name, text in calls.items()}


def few_row_queries(bench, n):
    """What takes microseconds a row."""
    few = f"(SELECT * FROM base LIMIT {n}) AS t"
    arguments = f"({model('base')}, {bench.columns})"
    queries = {}
    if bench.session.has_function("iforest_explain"):
        queries["iforest_explain"] = (
            "SELECT sum(e.contribution) FROM " + few +
            f", iforest_explain{arguments} AS e")
    if bench.session.has_function("iforest_reason"):
        queries["iforest_reason"] = (
            f"SELECT sum(length(iforest_reason{arguments})) FROM " + few)
    if bench.session.has_function("iforest_threshold"):
        queries["iforest_threshold"] = (
            f"SELECT sum(iforest_threshold({model('base')}, 0.5 * t.id / {n}"
            ")) FROM " + few)
    return queries


def measure_group(bench, title, queries, n, base=None):
    times = bench.alternate({name: bench.session.query(sql)
                             for name, sql in queries.items()}, extra=2)
    ns = {name: 1e9 * t.median / n for name, t in times.items()}
    header = [title, "ns a row"] + (["x iforest_score"] if base else [])
    bench.report.table(header, [(name, value, *([value / ns[base]] if base
                                                else []))
                                for name, value in ns.items()])
    bench.report.note("")
    return ns


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
            bench.report.target("exact explanation, 10 columns",
                                ns["iforest_explain"] / 1000, "at most", 60,
                                "us a row")
