"""scikit-learn in a process of its own, as new as bench/peers.sh found it.

usage: sklearn_peer.py ROWS.npy

Fits a forest of 100 trees x 256 rows and prints the version; then answers
each line "score" by the seconds of processor time that scoring all rows took.
"""

import sys
import time

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest

matrix = np.load(sys.argv[1])
forest = IsolationForest(n_estimators=100, max_samples=256, random_state=1,
                         n_jobs=1).fit(matrix)
print(sklearn.__version__, flush=True)
for line in sys.stdin:
    start = time.process_time()
    forest.score_samples(matrix)
    print(time.process_time() - start, flush=True)
