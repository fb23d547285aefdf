"""Peers that are programs of their own, as bench/peers.sh has fetched them:
scikit-learn as new as Debian has it, and ONNX Runtime with our own model.

Each reads the rows from a file, prints its version, and then answers a line
by the seconds of processor time that scoring all rows took.
"""

import os
import subprocess

import numpy as np

import onnx
from server import model

FOLDER = os.environ.get("BENCH_PEERS", "")
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peers")
SCRATCH = os.environ.get("IFOREST_TMP", "/tmp")
BATCH = 10000


def there(name):
    return bool(FOLDER) and os.path.isdir(os.path.join(FOLDER, name))


class Program:
    """A peer that runs; called, it scores, as a contestant does."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **(environment or {})})
        self.version = self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise ValueError(f"{self.process.args[0]} ended")
        return line.strip()

    def ask(self, question):
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        return float(self.read())

    def __call__(self):
        return self.ask("score")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def sklearn(matrix):
    """The newest scikit-learn, with the interpreter and the libraries that
    belong to it, on rows in memory."""
    root = os.path.join(FOLDER, "sklearn/usr")
    libraries = os.path.join(root, "lib/x86_64-linux-gnu")
    rows = os.path.join(SCRATCH, "rows.npy")
    np.save(rows, matrix)
    return Program(
        [os.path.join(libraries, "ld-linux-x86-64.so.2"), "--library-path",
         f"{libraries}:{libraries}/openblas-pthread",
         os.path.join(root, "bin/python3"),
         os.path.join(HERE, "sklearn_peer.py"), rows],
        {"PYTHONHOME": root})


def onnx_runtime(session, name, matrix):
    """ONNX Runtime, of a model of ours, on rows of float32 in batches."""
    document = session.value(f"SELECT iforest_to_json({model(name)})")
    program = os.path.join(SCRATCH, "model.onnx")
    rows = os.path.join(SCRATCH, "rows.f32")
    with open(program, "wb") as file:
        file.write(onnx.program(document))
    matrix.astype("float32").tofile(rows)
    return Program(
        ["node", os.path.join(HERE, "onnx_peer.js"),
         os.path.join(FOLDER, "onnx/node_modules"), program, rows,
         str(matrix.shape[1]), str(BATCH)])


def check_first(program, session, call, rows):
    """That a program has our score of the first row, as far as float32
    tells."""
    theirs = program.ask("first")
    ours = session.value(f"SELECT {call} FROM {rows} ORDER BY id LIMIT 1")
    if abs(theirs - ours) > 1e-4:
        raise ValueError(f"ONNX Runtime scores {theirs}, not {ours}")


def start(bench, matrix):
    """{name: program} of those that are there; the first row of the matrix
    is that of the table "base"."""
    programs = {}
    if there("sklearn"):
        program = sklearn(matrix)
        programs[f"scikit-learn {program.version}"] = program
    if there("onnx"):
        program = onnx_runtime(bench.session, "base", matrix)
        check_first(program, bench.session,
                    f"iforest_score({model('base')}, {bench.columns})", "base")
        programs[f"ONNX Runtime {program.version}, batches of {BATCH}"] = (
            program)
    return programs
