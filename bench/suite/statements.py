"""Statements of one row: what an application or a trigger waits for."""

import os
import re
import subprocess
import time
from statistics import median

import data
from server import Session, model

CLIENT = os.path.join(subprocess.run(
    [os.environ["PG_CONFIG"], "--bindir"], capture_output=True, text=True,
    check=True).stdout.strip(), "pgbench")


def statements(bench, where):
    """Both read the row and look up the model's row; whatever planning and
    passing ten arguments takes counts as the call's."""
    without = ("SELECT x10 + length((SELECT name FROM models WHERE name = "
               f"'base')) FROM base WHERE {where}")
    scored = (f"SELECT iforest_score({model('base')}, {bench.columns}) "
              f"FROM base WHERE {where}")
    return {"without the call": without, "iforest_score": scored}


def by_name(bench, where):
    """The same of a named model: what is without the call looks nothing up."""
    return {"without the call": f"SELECT x10 FROM base WHERE {where}",
            "iforest_score": f"SELECT iforest_score('base', {bench.columns}) "
                             f"FROM base WHERE {where}"}


def pgbench(path, mode):
    """Microseconds of each statement of a script, means over one second of
    one client in one session, which runs them in turns."""
    text = subprocess.run([CLIENT, "-n", "-r", "-f", path, "-M", mode, "-T",
                           "1"],
                          capture_output=True, text=True, check=True).stdout
    return [1000 * float(ms) for ms in
            re.findall(r"^ +([\d.]+) .*SELECT", text, re.M)]


def measure_warm(bench, title, texts, limits):
    """limits: the most microseconds that are promised, by protocol."""
    path = os.path.join(os.environ["IFOREST_TMP"], "statements.sql")
    with open(path, "w") as file:
        file.write(f"\\set id random(1, {len(bench.matrix)})\n")
        for sql in texts.values():
            file.write(f"{sql};\n")
    us = {mode: [] for mode in limits}
    for _ in range(bench.rounds):
        for mode in limits:
            us[mode].append(pgbench(path, mode))
    rows = []
    for mode, limit in limits.items():
        without, scored = (median(column) for column in zip(*us[mode]))
        more = median(b - a for a, b in us[mode])
        rows.append((f"warm session, {mode} protocol{title}", without, scored,
                     more))
        bench.report.target(f"one-row statement, warm, {mode}{title}, over "
                            "the same without the call", more, "at most",
                            limit, "us")
    return rows


def first_statement(sql):
    """Seconds of the first statement of a new session."""
    session = Session()
    start = time.perf_counter()
    session.rows(sql)
    seconds = time.perf_counter() - start
    session.close()
    return seconds


def measure_cold(bench):
    runs = {name: lambda sql=sql: first_statement(sql)
            for name, sql in statements(bench, "id = 77").items()}
    times = bench.alternate(runs, extra=35)
    without = times["without the call"].median
    scored = times["iforest_score"].median
    bench.report.target("first statement of a session, over the same without "
                        "the call", 1e3 * (scored - without), "at most", 4,
                        "ms")
    return [("first statement of a session", 1e6 * without, 1e6 * scored,
             1e6 * (scored - without))]


def measure_trigger(bench):
    """A row at a time through a trigger in PL/pgSQL."""
    session = bench.session
    n = 2000 if bench.quick else 10000
    columns = [f"x{i}" for i in range(1, 11)]
    scores = {
        "without": "(SELECT 0.5 FROM models WHERE name = 'base')",
        "scored": f"iforest_score({model('base')}, " +
                  ", ".join("NEW." + c for c in columns) + ")",
    }
    runs = {}
    for name, score in scores.items():
        session.run(f"""
            CREATE TABLE inserted_{name} (
                {', '.join(c + ' float8' for c in columns)}, score float8);
            CREATE FUNCTION fill_{name}() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN NEW.score := {score}; RETURN NEW; END $$;
            CREATE TRIGGER fill BEFORE INSERT ON inserted_{name}
                FOR EACH ROW EXECUTE FUNCTION fill_{name}()""")
        runs[name] = session.query(
            f"INSERT INTO inserted_{name} SELECT {bench.columns} FROM base "
            f"WHERE id <= {n} RETURNING NULL")
    times = bench.alternate(runs)
    us = {name: 1e6 * t.median / n for name, t in times.items()}
    return [("row inserted through a PL/pgSQL trigger", us["without"],
             us["scored"], us["scored"] - us["without"])]


def measure(bench):
    bench.session.run("CREATE UNIQUE INDEX ON base (id)")
    data.settle(bench.session, "base")
    bench.session.run(f"SELECT iforest_fit('base', 'SELECT {bench.columns} "
                      "FROM base', iforest_options(seed => 1))")
    rows = []
    if os.path.exists(CLIENT):
        rows += measure_warm(bench, "", statements(bench, "id = :id"),
                             {"simple": 30, "prepared": 30})
        rows += measure_warm(bench, ", by name", by_name(bench, "id = :id"),
                             {"prepared": 15})
    rows += measure_cold(bench)
    rows += measure_trigger(bench)
    bench.session.run("DROP INDEX base_id_idx")
    bench.report.heading("Statements of one row, model in a table or by name")
    bench.report.table(["what", "without the call, us", "with it, us",
                        "difference, us"], rows)
