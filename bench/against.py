"""How much faster this revision is than another one: pairs on two servers.

usage: against.py [-r ROUNDS] [-w NAME] THEN NOW

THEN and NOW are connection strings of two servers that run on this machine,
each with an installation of one revision, and a database in which tables and
the extension are made for this. Their sessions run the same statements on the
same rows, in turns; times are those of the processor which the session's
process took, so that it does not count when others keep it waiting. Prints a
row a statement: the time now, and how many times it took then, the median of
ROUNDS (9) pairs; of the first statement of a session, the medians of more of
these. -w measures only what has NAME in its name. Needs psycopg2, numpy, and
superusers.
"""

import argparse
import os
import sys
from statistics import median

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "suite"))

import data
from measure import alternate
from server import SERIAL, Session, model, sum_of_scores

COLUMNS = data.names(10)
TABLES = {"base": (400000, 10, None), "real384": (4000, 384, "real"),
          "real1536": (1500, 1536, "real")}

# Trees of many rows, and categories by their number and by trees of any depth.
DEEP = {"sample_size": 4096, "max_depth": 0}
KINDS = 4000

# New sessions that are opened for each round.
SESSIONS = 6

FIRST = "first statement of a session"


def some(rows, missing):
    """Rows of base, of which columns are missing."""
    columns = ", ".join(f"NULL::float8 AS {name}" if name in missing else name
                        for name in COLUMNS.split(", "))
    return f"(SELECT {columns} FROM base LIMIT {rows}) t"


def statements():
    """(name, what is counted, how many of it, SQL)"""
    base = model("base")
    for what, rows, missing in (("one of ten columns", 500, ["x1"]),
                                ("three of them", 200, ["x1", "x4", "x9"]),
                                ("none", 20000, [])):
        yield (f"`iforest_impute`, {what} missing", "row", rows,
               f"SELECT count(iforest_impute({base}, t)) FROM "
               f"{some(rows, missing)}")
    yield (f"`iforest_impute`, one of {KINDS} categories", "row", 20,
           f"SELECT count(iforest_impute({model('kinds')}, t)) FROM (SELECT a, "
           "NULL::text AS b FROM kinds LIMIT 20) t")
    for n in (200, 50):
        yield (f"`iforest_grid`, {n} x {n}", "cell", n * n,
               f"SELECT count(*) FROM iforest_grid({base}, 'x1', 'x2', {n})")
    yield ("`iforest_plot`, 50 rows over the map of two columns", "picture", 1,
           f"SELECT length(iforest_plot({base}, "
           f"iforest_plot_options(x => 'x1', y => 'x2'), {COLUMNS})) "
           "FROM (SELECT * FROM base LIMIT 50) b")
    for table in ("real384", "real1536"):
        yield (f"scoring, {TABLES[table][1]} columns as `real[]`", "row",
               TABLES[table][0], sum_of_scores(table, "x", table))
    yield ("scoring, ten columns", "row", TABLES["base"][0],
           sum_of_scores("base", COLUMNS, "base"))
    yield ("scoring, ten columns, trees of 4096 rows without a limit of depth",
           "row", 40000,
           f"SELECT sum(iforest_score({model('deep')}, {COLUMNS})) FROM "
           "(SELECT * FROM base LIMIT 40000) b")
    yield ("`iforest_calibrate`, ten columns", "row", TABLES["base"][0],
           f"SELECT length(iforest_calibrate({base}, {COLUMNS})) FROM base")
    yield ("training, ten columns", "row", TABLES["base"][0],
           "SELECT length(iforest_train(iforest_options(seed => 1), "
           f"{COLUMNS})) FROM base")
    yield ("the scan that reads as far", "row", TABLES["base"][0],
           "SELECT max(x10) FROM base")


def first_statement(server, sql):
    """As a contestant: processor time of the first statement of a session."""
    def run():
        session = Session(SERIAL + " -c jit=off", server)
        seconds = session.work(sql)()
        session.close()
        return seconds
    return run


def compare_first(servers, rounds):
    """Prints what a call adds to the first statement of a session, which
    loads the library and reads the model."""
    where = "FROM base WHERE id = 77"
    texts = {"without": "SELECT x10 + length((SELECT name FROM models WHERE "
                        f"name = 'base')) {where}",
             "scored": f"SELECT iforest_score({model('base')}, {COLUMNS}) "
                       f"{where}"}
    times = alternate({(key, what): first_statement(server, sql)
                       for key, server in servers.items()
                       for what, sql in texts.items()}, SESSIONS * rounds)
    then, now = (times[key, "scored"].median - times[key, "without"].median
                 for key in ("then", "now"))
    print(f"| {FIRST}, over the same without the call | {1e3 * now:.3g} ms | "
          f"{then / now:.2f} |", flush=True)


def prepare(session):
    """The tables and models, alike on both servers."""
    session.run("CREATE EXTENSION IF NOT EXISTS iforest")
    session.run("DROP TABLE IF EXISTS models")
    data.make_models_table(session)
    for name, (rows, columns, array) in TABLES.items():
        data.load(session, name, data.blobs(rows, columns), array)
        data.train(session, name, "x" if array else COLUMNS, name)
    session.run("CREATE UNIQUE INDEX ON base (id)")
    data.train(session, "deep", COLUMNS, "base", **DEEP)
    session.run("DROP TABLE IF EXISTS kinds")
    session.run("CREATE TABLE kinds AS SELECT 'a' || i * 7919 % 3989 AS a, "
                f"'b' || i % {KINDS} AS b FROM generate_series(1, 8000) i")
    data.train(session, "kinds", "a, b", "kinds", max_depth=0,
               max_categories=KINDS)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("-r", dest="rounds", type=int, default=9)
    parser.add_argument("-w", dest="only", default="")
    parser.add_argument("then")
    parser.add_argument("now")
    arguments = parser.parse_args()
    servers = {"then": arguments.then, "now": arguments.now}
    sessions = {name: Session(SERIAL + " -c jit=off", server)
                for name, server in servers.items()}
    for session in sessions.values():
        prepare(session)
    print("| what | now | x faster |\n| --- | ---: | ---: |")
    for name, unit, count, sql in statements():
        if arguments.only not in name:
            continue
        times = alternate({key: session.work(sql) for key, session
                           in sessions.items()}, arguments.rounds + 1)
        # caches fill in the first round
        pairs = list(zip(times["then"], times["now"]))[1:]
        now = 1e6 * median(now for _, now in pairs) / count
        print(f"| {name} | {now:.3g} us a {unit} | "
              f"{median(then / now for then, now in pairs):.2f} |", flush=True)
    if arguments.only in FIRST:
        compare_first(servers, arguments.rounds)


if __name__ == "__main__":
    main()
