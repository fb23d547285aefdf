"""Forests and rows of other shapes than the usual one."""

from dataclasses import dataclass, field

import numpy as np

import data
import peers
from server import sum_of_scores

EMBEDDINGS = (384, 1536)        # columns that models of texts have

CATEGORICAL = ", ".join([*(f"x{i}" for i in range(1, 6)),
                         *(f"k{i}" for i in range(1, 6))])


@dataclass
class Shape:
    name: str
    table: str
    arguments: str
    matrix: np.ndarray          # for scikit-learn; None if it cannot
    n_rows: int
    n_trees: int = 100
    options: dict = field(default_factory=dict)
    train_on: str = None        # if not the table
    least: float = 10           # times as fast as scikit-learn, the target


def make_tables(session, n):
    """The tables of the shapes; some of their rows in memory."""
    narrow = data.blobs(n, 10)
    data.load(session, "narrow", narrow)
    wide = data.blobs(n, 64)
    data.load(session, "wide", wide)
    widest = data.blobs(n // 4, 400)
    data.load(session, "widest", widest, array="float8")
    data.load(session, "widest_columns", widest)

    embeddings = {}
    for columns in EMBEDDINGS:
        embeddings[columns] = data.blobs(n // 8, columns)
        data.load(session, f"embeddings_{columns}", embeddings[columns],
                  array="real")

    codes = data.categories(n, 5)
    mixed = np.concatenate([narrow[:, :5], codes], axis=1)
    data.load(session, "mixed_codes", mixed)
    texts = ", ".join(f"'c' || x{i + 5}::int AS k{i}" for i in range(1, 6))
    session.run("CREATE TABLE mixed AS SELECT x1, x2, x3, x4, x5, "
                f"{texts}, id FROM mixed_codes ORDER BY id")
    session.run("SELECT setseed(0.5)")
    sparse = ", ".join(f"CASE WHEN random() >= 0.1 THEN x{i} END AS x{i}"
                       for i in range(1, 11))
    session.run(f"CREATE TABLE sparse AS SELECT {sparse}, id FROM narrow "
                "ORDER BY id")
    for table in ("mixed", "sparse"):
        data.settle(session, table)
    return narrow, wide, widest, mixed, embeddings


def make_shapes(bench, n):
    narrow, wide, widest, mixed, embeddings = make_tables(bench.session, n)
    ten = data.names(10)
    tenth = max(n // 10, 1000)
    few = f"(SELECT * FROM narrow WHERE id <= {tenth}) t"
    return [
        Shape("10 columns, 100 trees x 256", "narrow", ten, narrow, n),
        Shape("64 columns", "wide", data.names(64), wide, n),
        *(Shape(f"{columns} columns, as real[]", f"embeddings_{columns}", "x",
                matrix, len(matrix), least=30)
          for columns, matrix in embeddings.items()),
        Shape("400 columns, as an array", "widest", "x", widest, n // 4),
        Shape("400 columns, as a row", "(SELECT " + data.names(400) +
              " FROM widest_columns) t", "t", widest, n // 4, least=12),
        Shape("1000 trees x 256", few, ten, narrow[:tenth], tenth, 1000,
              {"n_trees": 1000}, train_on="narrow"),
        Shape("100 trees x 4096, unlimited depth", "narrow", ten, narrow, n,
              100, {"sample_size": 4096, "max_depth": 0}, least=8),
        Shape("half of the columns categorical", "mixed", CATEGORICAL, mixed,
              n),
        Shape("10 % NULL", "sparse", ten, None, n),
    ]


def measure_shape(bench, i, shape):
    """ns a row of ours, of the walk and of scikit-learn's."""
    session = bench.session
    name = f"shape {i}"
    data.train(session, name, shape.arguments, shape.train_on or shape.table,
               **shape.options)
    scores = sum_of_scores(name, shape.arguments, shape.table)
    runs = {"ours": session.query(scores),
            "walk": session.query(scores, {"iforest.kernel": "walk"})}
    if shape.matrix is not None and peers.version():
        forest = peers.fit(shape.matrix, shape.n_trees,
                           shape.options.get("sample_size", 256),
                           shape.options.get("max_depth") == 0)
        runs["peer"] = peers.scoring(forest, shape.matrix)
    times = bench.alternate(runs)
    return [1e9 * times[k].median / shape.n_rows if k in times else None
            for k in ("ours", "walk", "peer")]


def measure(bench):
    report = bench.report
    rows = []
    for i, shape in enumerate(make_shapes(bench, 20000 if bench.quick
                                          else 40000)):
        ours, walk, peer = measure_shape(bench, i, shape)
        if i == 0:
            usual = ours / shape.n_trees
        ratio = peer / ours if peer else None
        rows.append((shape.name, ours, ours / shape.n_trees,
                     ours / shape.n_trees / usual, walk / ours, peer, ratio))
        if ratio and i > 0:
            report.target(f"{shape.name}, faster than scikit-learn", ratio,
                          "at least", shape.least, "x")
    report.heading("Other shapes, scored in SQL (synthetic rows)")
    report.table(["shape", "ns a row", "ns a tree and row",
                  "x the usual shape", "x faster than the walk",
                  "scikit-learn, ns a row",
                  "x faster"], rows)
