"""How well sampled rows pass for real ones, with judges better than a forest.

usage: sampled.py DATA_DIR [SEED]

Of each table up to 4000 rows train a forest, and iforest_sample makes as many. Prints
the AUROC with which scikit-learn's random forest (100 trees, leaves of three
rows, three-fold cross-validation) and its isolation forest, fitted on the real
rows, tell them apart, and the time that a sampled row takes. The server is the
one that PG* name; the extension must exist there.
"""
import gzip
import os
import subprocess
import sys

import numpy as np
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

MAX_ROWS = 4000
TABLES = ['example', 'breastw', 'cardio', 'glass', 'mammography', 'pima',
          'satellite', 'thyroid', 'waveform']


def load(directory, name):
    random = np.random.RandomState(0)
    if name == 'example':
        return (np.arange(2000) % 2)[:, None] * 3 + 0.2 * random.randn(2000, 2)
    with gzip.open(os.path.join(directory, name + '.csv.gz'), 'rt') as file:
        rows = np.loadtxt(file, delimiter=',', skiprows=1)[:, :-1]
    return rows[random.permutation(len(rows))[:MAX_ROWS]]


def sample(rows, seed):
    """As many rows as there are, and the microseconds that each takes."""
    statements = ['CREATE TEMP TABLE t (x float8[]);', 'COPY t FROM STDIN;']
    statements += ['{' + ','.join(repr(float(v)) for v in row) + '}' for row in rows]
    statements += [
        '\\.',
        'CREATE TEMP TABLE m AS SELECT iforest_train(iforest_options(seed => %d), x) AS model FROM t;' % seed,
        'SELECT count(a) FROM m, iforest_sample(model, 1, seed => %d) a \\g /dev/null' % seed,
        'SELECT clock_timestamp() AS t \\gset',
        'CREATE TEMP TABLE s AS SELECT a FROM m, iforest_sample(model, %d, seed => %d) a;' % (len(rows), seed),
        "SELECT extract(epoch FROM clock_timestamp() - :'t') * 1e6 / count(*) FROM s;",
        'SELECT a FROM s;']
    run = subprocess.run(['psql', '-XqAt', '-v', 'ON_ERROR_STOP=1'], input='\n'.join(statements),
                         text=True, check=True, capture_output=True)
    lines = run.stdout.splitlines()
    made = [[float(v) for v in line[1:-1].split(',')] for line in lines[1:]]
    return np.array(made), float(lines[0])


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    print('%-12s %8s %14s %17s %8s' % ('table', 'columns', 'random forest', 'isolation forest', 'us/row'))
    for table in TABLES:
        real = load(sys.argv[1], table)
        made, cost = sample(real, seed)
        rows = np.vstack([real, made])
        label = np.r_[np.zeros(len(real)), np.ones(len(made))]
        order = np.random.RandomState(seed).permutation(len(rows))
        judge = RandomForestClassifier(100, min_samples_leaf=3, random_state=seed, n_jobs=1)
        guess = cross_val_predict(judge, rows[order], label[order], cv=3, method='predict_proba')[:, 1]
        told = roc_auc_score(label, -IsolationForest(random_state=seed).fit(real).score_samples(rows))
        print('%-12s %8d %14.3f %17.3f %8.0f' % (table, real.shape[1], roc_auc_score(label[order], guess),
                                                max(told, 1 - told), cost), flush=True)


main()
