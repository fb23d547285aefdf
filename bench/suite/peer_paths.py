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


def measure_plpython(bench):
    session = bench.session
    forest = peers.fit(bench.matrix)
    session.run("CREATE EXTENSION IF NOT EXISTS plpython3u")
    session.run("CREATE TABLE python_models (name text, model bytea)")
    session.cursor.execute("INSERT INTO python_models VALUES ('base', %s)",
                           [psycopg2.Binary(pickle.dumps(forest))])
    session.run(PLPYTHON)
    array = f"ARRAY[{bench.columns}]"
    few = 30 if bench.quick else 200
    many = 100000
    # the first call imports and unpickles
    session.run("SELECT python_score('base', " + array + ") FROM base LIMIT 1")
    times = bench.alternate({
        "python": session.query(f"SELECT sum(python_score('base', {array})) "
                                f"FROM (SELECT * FROM base LIMIT {few}) t"),
        "ours": session.query(f"SELECT sum(iforest_score({model('base')}, "
                              f"{bench.columns})) FROM "
                              f"(SELECT * FROM base LIMIT {many}) t"),
    })
    python = 1e6 * times["python"].median / few
    ours = 1e6 * times["ours"].median / many
    bench.report.heading("PL/Python, row by row")
    bench.report.table(
        ["what", "us a row", "x ours"],
        [("PL/Python, score_samples of one row", python, python / ours),
         ("iforest_score", ours, 1)])


def measure(bench):
    if not peers.version():
        bench.report.note("scikit-learn is not installed: no comparison.")
        return
    measure_export(bench)
    if bench.session.value("SELECT count(*) FROM pg_available_extensions "
                           "WHERE name = 'plpython3u'"):
        measure_plpython(bench)
    else:
        bench.report.note("PL/Python is not installed: no comparison.")
