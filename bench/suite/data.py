"""Rows: labelled ones where they are, synthetic ones by a seed, and tables."""

import gzip
import io
import os
import struct

import numpy as np

SEED = 20240501
CHUNK = 50000


def names(n, prefix="x"):
    return ", ".join(f"{prefix}{i + 1}" for i in range(n))


def blobs(rows, columns, seed=SEED):
    """Three Gaussian clusters, and one row in a hundred anywhere."""
    random = np.random.default_rng(seed)
    centers = random.uniform(-5, 5, size=(3, columns))
    matrix = random.normal(size=(rows, columns))
    matrix += centers[random.integers(3, size=rows)]
    stray = random.random(rows) < 0.01
    matrix[stray] = random.uniform(-10, 10, size=(stray.sum(), columns))
    return matrix


def categories(rows, columns, n=20, seed=SEED):
    """Codes of categories, low ones more frequent."""
    random = np.random.default_rng(seed)
    return np.floor(n * random.random((rows, columns)) *
                    random.random((rows, columns)))


def cover(directory):
    """The features of the table cover, None if it is not there."""
    path = os.path.join(directory or "", "cover.csv.gz")
    if not directory or not os.access(path, os.R_OK):
        return None
    with gzip.open(path, "rt") as file:
        return np.loadtxt(file, delimiter=",", skiprows=1)[:, :-1]


def copy_rows(matrix):
    """Rows in COPY's binary format, as float8 columns and an int4 id."""
    rows, columns = matrix.shape
    row = np.dtype([("count", ">i2"),
                    ("values", [("size", ">i4"), ("value", ">f8")], (columns,)),
                    ("id_size", ">i4"), ("id", ">i4")])
    out = np.empty(rows, dtype=row)
    out["count"] = columns + 1
    out["values"]["size"] = 8
    out["values"]["value"] = matrix
    out["id_size"] = 4
    return out


# bytes and OID of an array's elements
ELEMENTS = {"real": (4, 700), "float8": (8, 701)}


def copy_arrays(matrix, element):
    """The same with one column of arrays in place of the columns."""
    rows, columns = matrix.shape
    size, oid = ELEMENTS[element]
    row = np.dtype([("count", ">i2"), ("size", ">i4"), ("header", ">i4", 5),
                    ("values", [("size", ">i4"), ("value", f">f{size}")],
                     (columns,)),
                    ("id_size", ">i4"), ("id", ">i4")])
    out = np.empty(rows, dtype=row)
    out["count"] = 2
    out["size"] = 20 + (4 + size) * columns
    # dimensions, has no NULLs, type, elements, first subscript
    out["header"] = (1, 0, oid, columns, 1)
    out["values"]["size"] = size
    out["values"]["value"] = matrix
    out["id_size"] = 4
    return out


def load(session, table, matrix, array=None):
    """Makes a table of x1..xd, or of an array x, and id from a matrix."""
    columns = matrix.shape[1]
    definition = f"x {array}[]" if array else ", ".join(
        f"x{i + 1} float8" for i in range(columns))
    session.run(f"DROP TABLE IF EXISTS {table}")
    session.run(f"CREATE TABLE {table} ({definition}, id int)")
    if array:
        # in line as far as it fits, so that no toaster is measured
        session.run(f"ALTER TABLE {table} ALTER x SET STORAGE PLAIN")
    session.run(f"ALTER TABLE {table} SET (parallel_workers = 2)")
    for start in range(0, len(matrix), CHUNK):
        part = matrix[start:start + CHUNK]
        rows = copy_arrays(part, array) if array else copy_rows(part)
        rows["id"] = np.arange(start + 1, start + len(part) + 1)
        data = (b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0) +
                rows.tobytes() + struct.pack(">h", -1))
        session.cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT binary)",
                                   io.BytesIO(data))
    settle(session, table)


def settle(session, table):
    """Leaves no work for later: hint bits, statistics, a warm cache."""
    session.run(f"VACUUM (FREEZE, ANALYZE) {table}")


def make_models_table(session):
    session.run("CREATE TABLE models (name text PRIMARY KEY, model bytea)")
    session.run("ALTER TABLE models ALTER model SET STORAGE EXTERNAL")
    # no worker starts for its one row where workers cost nothing
    session.run("ALTER TABLE models SET (parallel_workers = 0)")


def train(session, name, arguments, table, **options):
    """Trains a model and stores it under a name."""
    options.setdefault("seed", 1)
    settings = ", ".join(f"{k} => {v}" for k, v in options.items())
    session.run(f"DELETE FROM models WHERE name = '{name}'")
    session.run(f"INSERT INTO models SELECT '{name}', iforest_train("
                f"iforest_options({settings}), {arguments}) FROM {table}")
    settle(session, "models")
