"""Memory of models and of training states."""

import re

import data
from server import Session, model

MEGABYTE = 1024 * 1024


def decoded(bench, name, arguments, table):
    """Bytes of a stored model, and in a session's cache of decoded ones."""
    stored = bench.session.value(
        f"SELECT length(model) FROM models WHERE name = '{name}'")
    session = Session()
    session.run(f"SELECT iforest_score({model(name)}, {arguments}) "
                f"FROM {table} LIMIT 2000")     # its fast form, too
    result = session.value("SELECT bytes FROM iforest_cache_stats()")
    session.close()
    return stored, result


def hash_memory(session, expression, table):
    """Bytes that the server accounts to a hash aggregate of one group."""
    session.run("SET enable_sort = off")
    plan = session.rows(f"EXPLAIN (ANALYZE) SELECT {expression} FROM {table} "
                        "GROUP BY id < 0")
    session.run("RESET enable_sort")
    found = re.search(r"Memory Usage: (\d+)kB", str(plan))
    return int(found.group(1)) * 1024 if found else None


def state(session, call, table):
    empty = hash_memory(session, "count(*)", table)
    full = hash_memory(session, call, table)
    return full - empty if empty and full else None


def measure(bench):
    session = bench.session
    report = bench.report
    data.train(session, "trees 1000", bench.columns, "base", n_trees=1000)
    rows = []
    for title, name in (("100 trees x 256, 10 columns", "base"),
                        ("1000 trees x 256, 10 columns", "trees 1000")):
        stored, cached = decoded(bench, name, bench.columns, "base")
        if name == "base":
            report.target("decoded default model", cached / MEGABYTE,
                          "at most", 2, "MB")
        rows.append((f"model of {title}: stored", stored / 1024))
        rows.append((f"model of {title}: decoded, in the session's cache",
                     cached / 1024))

    usual = state(session, f"iforest_train({bench.columns})", "base")
    if usual:
        report.target("training state, 10 columns", usual / MEGABYTE,
                      "at most", 2.5, "MB")
        rows.append(("training state, 10 columns, all rows", usual / 1024))
    small = state(session, f"iforest_train({bench.columns})",
                  "(SELECT * FROM base WHERE id <= 100) t")
    if small:
        rows.append(("training state, 10 columns, 100 rows", small / 1024))
    report.heading("Memory")
    report.table(["what", "kB"], rows)
