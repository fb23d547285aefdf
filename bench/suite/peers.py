"""scikit-learn, where it is installed."""

import warnings

from measure import timed

warnings.filterwarnings("ignore")

try:
    import sklearn
    from sklearn.ensemble import IsolationForest
except ImportError:
    sklearn = None


def version():
    return sklearn.__version__ if sklearn else None


if sklearn:
    class UnlimitedForest(IsolationForest):
        """As IsolationForest, which has no option for it, with no limit on
        the depth."""

        def _fit(self, *args, **kwargs):
            kwargs["max_depth"] = None
            return super()._fit(*args, **kwargs)


def fit(matrix, n_trees=100, sample_size=256, unlimited=False):
    forest = UnlimitedForest if unlimited else IsolationForest
    return forest(n_estimators=n_trees, random_state=1, n_jobs=1,
                  max_samples=min(sample_size, len(matrix))).fit(matrix)


def fitting(matrix):
    """A contestant that fits."""
    return lambda: timed(lambda: fit(matrix))


def scoring(forest, matrix):
    """A contestant that scores all rows in one batch."""
    return lambda: timed(lambda: forest.score_samples(matrix))
