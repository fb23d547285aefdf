"""The Python side of sklearn.t, with the functions of doc/JSON.md as they are there.

exchange.py fit DIRECTORY      fits forests to rows.csv (an id, then features) and writes, for each
                               of them, N.json (the document) and N.csv (an id and a score)
exchange.py score DIRECTORY    scores the rows of rows.json by document.json into scores.csv
"""
import csv
import json
import os
import re
import sys

import numpy as np
from sklearn.ensemble import IsolationForest

FORESTS = [
    dict(),
    dict(n_estimators=20, max_samples=100, max_features=0.5),
    dict(n_estimators=20, max_samples=1000, bootstrap=True),
    dict(n_estimators=5, max_samples=2),
    dict(n_estimators=3, max_samples=1),
]


def documented():
    """The names that the Python examples of doc/JSON.md define."""
    names = {}
    with open(os.path.join(os.environ["IFOREST_SRC"], "doc", "JSON.md"), encoding="utf-8") as file:
        for example in re.findall(r"^```python\n(.*?)^```$", file.read(), re.DOTALL | re.MULTILINE):
            exec(example, names)
    return names


def write_scores(path, ids, scores):
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows((i, repr(float(s))) for i, s in zip(ids, scores))


def fit(directory):
    with open(os.path.join(directory, "rows.csv"), newline="") as file:
        rows = np.array([[float(value) for value in row] for row in csv.reader(file)])
    ids, x = rows[:, 0].astype(int), rows[:, 1:].astype(np.float32)
    for n, options in enumerate(FORESTS):
        forest = IsolationForest(random_state=n, **options).fit(x)
        with open(os.path.join(directory, f"{n}.json"), "w") as file:
            json.dump(documented()["to_iforest"](forest), file)
        write_scores(os.path.join(directory, f"{n}.csv"), ids, -forest.score_samples(x))


def score(directory):
    with open(os.path.join(directory, "document.json"), encoding="utf-8") as file:
        document = json.load(file)
    with open(os.path.join(directory, "rows.json"), encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    scores = documented()["score"](document, [row[1:] for row in rows])
    write_scores(os.path.join(directory, "scores.csv"), [row[0] for row in rows], scores)


{"fit": fit, "score": score}[sys.argv[1]](sys.argv[2])
