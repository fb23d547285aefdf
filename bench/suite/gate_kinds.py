"""The kinds of forests and of rows that the gate scores with every kernel."""

from dataclasses import dataclass, field

import data
import shapes
from server import model

TEN = data.names(10)
# Labels of the rows that a forest learns from: far ones are outliers.
LABEL = "x1 > 8 OR x2 > 8 OR x3 > 8"


@dataclass
class Kind:
    name: str
    table: str
    arguments: str = TEN
    options: dict = field(default_factory=dict)
    rows: int = 20000           # that are scored
    calls: str = None           # the score, if not of the model in a table

    @property
    def call(self):
        return self.calls or (f"iforest_score({model('gate ' + self.name)}, "
                              f"{self.arguments})")


KINDS = [
    Kind("10 columns", "narrow"),
    Kind("guided", "narrow", options={"guided": 0.8}),
    Kind("two columns", "narrow", options={"columns_per_split": 2}),
    Kind("learned", "narrow"),
    Kind("64 columns", "wide", data.names(64), rows=10000),
    Kind("array of 400", "widest", "x", rows=2000),
    Kind("1536 of real", "embeddings_1536", "x", rows=1000),
    Kind("categories", "mixed", shapes.CATEGORICAL),
    Kind("NULLs", "sparse"),
    Kind("1000 trees", "narrow", options={"n_trees": 1000}, rows=2000),
    Kind("4096 rows a tree", "narrow",
         options={"sample_size": 4096, "max_depth": 0}, rows=5000),
    Kind("documents", "documents", "document", rows=10000),
    Kind("VAE, by name", "narrow", calls=f"iforest_score('vae', {TEN})"),
]


def learn(session, name):
    """Teaches a model in "models" what 400 labels say."""
    session.run(f"""
        UPDATE models SET model = (
            SELECT iforest_learn({model(name)}, {LABEL}, {TEN})
            FROM narrow WHERE id <= 400) WHERE name = '{name}'""")


def make_tables(session, rows):
    """The tables of the kinds."""
    shapes.make_tables(session, rows)
    session.run(f"CREATE TABLE documents AS SELECT jsonb_build_object("
                + ", ".join(f"'x{i}', x{i}" for i in range(1, 11)) +
                ") AS document, id FROM narrow")
    data.settle(session, "documents")


def make(session):
    """Makes the kinds' tables and models."""
    make_tables(session, max(kind.rows for kind in KINDS))
    for kind in KINDS:
        if kind.calls is None:
            data.train(session, "gate " + kind.name, kind.arguments,
                       kind.table, **kind.options)
    learn(session, "gate learned")
    session.run(f"SELECT iforest_fit('vae', 'SELECT {TEN} FROM narrow', "
                "iforest_options(seed => 1, generator => 'vae', "
                "generator_steps => 50))")
    data.settle(session, "models")
