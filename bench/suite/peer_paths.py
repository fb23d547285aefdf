"""What people do without iforest: take the rows to Python, or Python to the
rows."""

import io
import os
import pickle

import numpy as np
import psycopg2

import peers
from measure import timed
from server import model

PLPYTHON = """
CREATE FUNCTION python_score(name text, x float8[]) RETURNS float8
LANGUAGE plpython3u AS $$
    if name not in GD:
        import pickle, warnings
        warnings.filterwarnings("ignore")
        plan = plpy.prepare("SELECT model FROM python_models WHERE name = $1",
                            ["text"])
        GD[name] = pickle.loads(plpy.execute(plan, [name])[0]["model"])
    return -GD[name].score_samples([x])[0]
$$"""

# The same of many rows at once.
PLPYTHON_BATCH = PLPYTHON.replace(
    "python_score(name text, x float8[]) RETURNS float8",
    "python_scores(name text, x float8[]) RETURNS float8[]").replace(
    "score_samples([x])[0]", "score_samples(x)")
BATCH = 10000


class Export:
    """Rows go out, are fitted and scored, and the scores come back."""

    def __init__(self, bench):
        self.session = bench.session
        self.columns = bench.columns
        self.steps = {}

    def step(self, name, function):
        # the server works in some steps, this process in others, and both
        # may have to wait for a processor
        results = []
        seconds = timed(lambda: results.append(function()),
                        os.getpid(), self.session.pid)
        self.steps.setdefault(name, []).append(seconds)
        return results[0]

    def fetch(self):
        buffer = io.BytesIO()
        self.session.cursor.copy_expert(
            f"COPY (SELECT id, {self.columns} FROM base) TO STDOUT "
            "(FORMAT csv)", buffer)
        buffer.seek(0)
        return buffer

    def write_back(self, ids, scores):
        buffer = io.StringIO()
        buffer.writelines(f"{i},{s!r}\n" for i, s in
                          zip(ids.astype(int).tolist(), scores.tolist()))
        buffer.seek(0)
        self.session.run("DROP TABLE IF EXISTS scores_python")
        self.session.run("CREATE TABLE scores_python (id int, score float8)")
        self.session.cursor.copy_expert(
            "COPY scores_python FROM STDIN (FORMAT csv)", buffer)

    def __call__(self):
        text = self.step("export", self.fetch)
        table = self.step("parse", lambda: np.loadtxt(text, delimiter=","))
        forest = self.step("fit", lambda: peers.fit(table[:, 1:]))
        scores = self.step("score",
                           lambda: -forest.score_samples(table[:, 1:]))
        self.step("write back", lambda: self.write_back(table[:, 0], scores))
        return sum(times[-1] for times in self.steps.values())


def in_sql(session, columns):
    """The same in the database."""
    def run():
        session.run("DELETE FROM models WHERE name = 'sql'")
        session.run("DROP TABLE IF EXISTS scores_sql")
        return (session.time(f"INSERT INTO models SELECT 'sql', iforest_train("
                             f"{columns}) FROM base RETURNING name") +
                timed(lambda: session.run(
                    "CREATE TABLE scores_sql AS SELECT id, iforest_score("
                    f"{model('sql')}, {columns}) AS score FROM base"),
                    session.pid))
    return run


def measure_export(bench):
    export = Export(bench)
    times = bench.alternate({"python": export,
                             "sql": in_sql(bench.session, bench.columns)},
                            extra=-2)
    ratio = times["python"].median / times["sql"].median
    rows = [(f"Python: {name}", np.median(seconds), None)
            for name, seconds in export.steps.items()]
    rows.append(("Python: in all", times["python"].median, ratio))
    rows.append(("SQL: iforest_train, CREATE TABLE AS", times["sql"].median, 1))
    bench.report.heading("From rows in a table to scores in a table")
    bench.report.table(["what", "s", "x SQL"], rows)
    bench.report.target("export, fit, score, write back: slower than in SQL",
                        ratio, "at least", 20, "x")


def make_plpython(bench):
    """The functions in PL/Python, and their forest in a table."""
    session = bench.session
    session.run("CREATE EXTENSION IF NOT EXISTS plpython3u")
    session.run("CREATE TABLE python_models (name text, model bytea)")
    session.cursor.execute(
        "INSERT INTO python_models VALUES ('base', %s)",
        [psycopg2.Binary(pickle.dumps(peers.fit(bench.matrix)))])
    session.run(PLPYTHON)
    session.run(PLPYTHON_BATCH)
    # the first call imports and unpickles
    session.run(f"SELECT python_score('base', ARRAY[{bench.columns}]) "
                "FROM base LIMIT 1")


def inside(bench):
    """What scores within the server: {name: (query, settings, rows)}."""
    few = 30 if bench.quick else 200
    many = 100000
    array = f"ARRAY[{bench.columns}]"
    rows = "FROM (SELECT * FROM base LIMIT {}) t".format
    result = {"iforest_score": (
        f"SELECT sum(iforest_score({model('base')}, {bench.columns})) " +
        rows(many), {}, many)}
    if bench.session.has_function("python_score"):
        result["PL/Python, a call a row"] = (
            f"SELECT sum(python_score('base', {array})) " + rows(few), {}, few)
        result[f"PL/Python, a call of {BATCH} rows as one array"] = (
            "SELECT sum(s) FROM (SELECT unnest(python_scores('base', "
            f"array_agg({array}))) AS s {rows(many)} GROUP BY id / {BATCH}) u",
            {}, many)
    expression = bench.session.value(
        f"SELECT iforest_to_sql({model('base')})")
    # parsing and planning included: so much text does not go unnoticed
    result["iforest_to_sql, jit off"] = (
        f"SELECT sum({expression}) " + rows(many), {"jit": "off"}, many)
    return result


def measure_inside(bench):
    runs = inside(bench)
    times = bench.alternate({name: bench.session.query(sql, settings)
                             for name, (sql, settings, _) in runs.items()})
    us = {name: 1e6 * times[name].median / rows
          for name, (_, _, rows) in runs.items()}
    bench.report.heading("Other ways to score within the server")
    bench.report.table(["what", "us a row", "x ours"],
                       [(name, value, value / us["iforest_score"])
                        for name, value in us.items()])


def measure(bench):
    available = bench.session.value(
        "SELECT count(*) FROM pg_available_extensions "
        "WHERE name = 'plpython3u'")
    if peers.version():
        measure_export(bench)
    if peers.version() and available:
        make_plpython(bench)
    else:
        bench.report.note("scikit-learn or PL/Python is not installed.")
    measure_inside(bench)
