"""What novel outliers are worth to a classifier.

usage: augment.py DATA_DIR [SEEDS]

Of each table, half of the rows train and half test. All of the labelled
outliers of the training half but KNOWN are left out: few are known, as usual.
A plain classifier (scikit-learn's random forest, defaults but 200 trees) learns
from what is left, then from that and COPIES new rows around each known
outlier, by each method of iforest_augment at noise 0.1 and 0.3, and, to
compare, from as many copies of the known outliers. Prints the average
precision on the test half, means over SEEDS (default 5). The server is the one
that PG* name; the extension must exist there.
"""
import gzip
import os
import subprocess
import sys

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import average_precision_score

KNOWN = 5
COPIES = 20
MAX_ROWS = 6000
TABLES = ['annthyroid', 'breastw', 'cardio', 'ionosphere', 'mammography', 'musk',
          'pima', 'satellite', 'thyroid', 'vowels', 'waveform', 'optdigits']
VARIANTS = [('noise', 0.1), ('forest', 0.1), ('noise', 0.3), ('forest', 0.3)]


def load(directory, name):
    with gzip.open(os.path.join(directory, name + '.csv.gz'), 'rt') as file:
        rows = np.loadtxt(file, delimiter=',', skiprows=1)
    rows = rows[np.random.RandomState(0).permutation(len(rows))[:MAX_ROWS]]
    return rows[:, :-1], rows[:, -1] == 1


def literal(row):
    return '{' + ','.join(repr(float(v)) for v in row) + '}'


def augment(train, outliers, seed):
    """New rows around the outliers by each variant, from a forest of train."""
    statements = ['CREATE TEMP TABLE t (x float8[]);', 'COPY t FROM STDIN;']
    statements += [literal(row) for row in train] + ['\\.']
    statements += ['CREATE TEMP TABLE o (x float8[]);', 'COPY o FROM STDIN;']
    statements += [literal(row) for row in outliers] + ['\\.']
    statements.append('CREATE TEMP TABLE m AS SELECT iforest_train('
                      'iforest_options(seed => %d), x) AS model FROM t;' % seed)
    for method, noise in VARIANTS:
        statements.append(
            "SELECT '%s', %g, novel FROM m, o, iforest_augment(model, %d, x, %g, '%s', %d);"
            % (method, noise, COPIES, noise, method, seed))
    run = subprocess.run(['psql', '-XqAt', '-F', '\t', '-v', 'ON_ERROR_STOP=1'],
                         input='\n'.join(statements), text=True, check=True,
                         capture_output=True)
    made = {variant: [] for variant in VARIANTS}
    for line in run.stdout.splitlines():
        method, noise, row = line.split('\t')
        made[method, float(noise)].append([float(v) for v in row[1:-1].split(',')])
    return {variant: np.array(rows) for variant, rows in made.items()}


def precision(train, labels, test, truth, seed):
    classifier = RandomForestClassifier(200, random_state=seed, n_jobs=1)
    classifier.fit(train, labels)
    return average_precision_score(truth, classifier.predict_proba(test)[:, 1])


def measure(x, outlier, seed):
    random = np.random.RandomState(seed)
    order = random.permutation(len(x))
    half, test = order[:len(x) // 2], order[len(x) // 2:]
    regular = x[half][~outlier[half]]
    known = x[half][outlier[half]][:KNOWN]
    figures = []
    made = augment(np.vstack([regular, known]), known, seed)
    for new in [known[:0], np.repeat(known, COPIES, axis=0)] + [made[v] for v in VARIANTS]:
        rows = np.vstack([regular, known, new])
        labels = np.r_[np.zeros(len(regular)), np.ones(len(known) + len(new))]
        figures.append(precision(rows, labels, x[test], outlier[test], seed))
    return figures


def main():
    directory = sys.argv[1]
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    names = ['known', 'copies'] + ['%s %g' % v for v in VARIANTS]
    print('%-12s' % 'table' + ''.join('%12s' % n for n in names))
    total = []
    for table in TABLES:
        x, outlier = load(directory, table)
        mean = np.mean([measure(x, outlier, s) for s in range(1, seeds + 1)], axis=0)
        print('%-12s' % table + ''.join('%12.3f' % v for v in mean), flush=True)
        total.append(mean)
    total = np.array(total)
    print('%-12s' % 'mean' + ''.join('%12.3f' % v for v in total.mean(axis=0)))
    print('%-12s' % 'lifted' + '%12s' % '' + ''.join(
        '%12s' % ('%d of %d' % (np.sum(total[:, i] > total[:, 0]), len(total)))
        for i in range(1, total.shape[1])))


main()
