"""What imputing is worth beside others that fill in what rows miss.

A part of generators.py. Of a table's held-out rows a tenth of the numbers is
knocked out, twice of each half; these fill them in:

vae, forest	iforest_impute
iterative	scikit-learn's IterativeImputer, with extremely randomized trees
informed	a random forest for each column, which knows all other values of a
		row, also those that are knocked out for the others

"pooled" is the root of the mean square error of all of these numbers, each by
its column's deviation, over that of the columns' means; "by column" is the
mean over the columns of the same of one column. A few far values decide the
first where a column has such; a column that nothing tells weighs as much as
any in the second. Prints their means over the halves and draws of cells, and how far
those of single draws deviate.
"""
import warnings

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer

METHODS = ['vae', 'forest', 'iterative', 'informed']
DRAWS = 2
HEADS = ['pooled', '+-', 'by column', '+-']


def knocked_out(table, rows, seed):
    """Rows with a tenth of their numbers missing, each with its number."""
    random = np.random.RandomState(seed)
    return [[str(i)] + ['' if number and random.rand() < 0.1 else v
                        for v, number in zip(row, table.is_number)]
            for i, row in enumerate(rows)]


def errors(table, train, test, seed, guesses):
    """Of the numbers that were knocked out: pooled, and the mean of columns.

    guesses(c) has the test rows' guesses of a column; NaN is its mean."""
    holes = knocked_out(table, test, seed)
    wrong, means = [], []
    for c, number in enumerate(table.is_number):
        if not number:
            continue
        known = np.array([float(r[c]) for r in train if r[c] != ''])
        at = [i for i, r in enumerate(test) if holes[i][c + 1] == '' and r[c] != '']
        if not at or known.std() == 0:
            continue
        truth = np.array([float(test[i][c]) for i in at])
        filled = np.array(guesses(c))[at]
        filled[np.isnan(filled)] = known.mean()
        wrong.append(((filled - truth) / known.std()) ** 2)
        means.append(((known.mean() - truth) / known.std()) ** 2)
    columns = [np.sqrt(a.mean() / b.mean()) for a, b in zip(wrong, means) if b.any()]
    return np.sqrt(np.concatenate(wrong).sum() / np.concatenate(means).sum()), np.mean(columns)


def ask_whole(table, method):
    """What asks for the rows of k, made whole by the model of m."""
    return ("COPY (SELECT number, (i).* FROM (SELECT number, iforest_impute(model, ROW(%s)::t, '%s') AS i"
            " FROM m, k OFFSET 0) s) TO STDOUT CSV;" % (', '.join(table.names), method))


def filled_in(answer):
    """The guesses among rows made whole."""
    filled = {int(row[0]): row[1:] for row in answer}
    return lambda c: [float(filled[i][c]) if filled[i][c] != '' else np.nan
                      for i in range(len(filled))]


def iforest(table, train, holes, seed, ask, copy):
    """The guesses of one model by "vae" and by "forest", of each draw of cells."""
    statements = ['CREATE TEMP TABLE t (%s);' % table.definition(), 'COPY t FROM STDIN;'] + copy(train)
    statements += ["CREATE TEMP TABLE m AS SELECT iforest_train(iforest_options(seed => %d,"
                   " generator => 'vae'), t) AS model FROM t;" % seed,
                   'CREATE TEMP TABLE k (number int, %s);' % table.definition()]
    for draw, rows in enumerate(holes):
        statements += ['TRUNCATE k;', 'COPY k FROM STDIN;'] + copy(rows)
        for method in ('vae', 'forest'):
            statements += ['\\echo part,%s %d' % (method, draw), ask_whole(table, method)]
    parts = ask(statements)
    return {method: [filled_in(parts['%s %d' % (method, draw)]) for draw in range(len(holes))]
            for method in ('vae', 'forest')}


def iterative(table, train, holes, seed):
    """The guesses of the imputer, which knows the label as a number."""
    known = table.codes(train)
    rows = table.codes([row[1:] for row in holes])
    for c, number in enumerate(table.is_number):
        if number:
            rows[[i for i, row in enumerate(holes) if row[c + 1] == ''], c] = np.nan
    trees = ExtraTreesRegressor(60, min_samples_leaf=3, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', ConvergenceWarning)
        # it learns where something is missing only
        judge = IterativeImputer(trees, max_iter=5, random_state=seed).fit(np.vstack([known, rows]))
    filled = judge.transform(rows)
    return lambda c: filled[:, c]


def informed(table, train, test, seed):
    """Those of a random forest that knows all other values of each row."""
    known, rows = table.codes(train), table.codes(test)
    filled = {}

    def guesses(c):
        if c not in filled:
            judge = RandomForestRegressor(60, min_samples_leaf=3, random_state=seed)
            judge.fit(np.delete(known, c, axis=1), known[:, c])
            filled[c] = judge.predict(np.delete(rows, c, axis=1))
        return filled[c]
    return guesses


def measure(table, seed, ask, copy):
    """The errors of each draw of cells of one half, by method."""
    train, test = table.halves(seed)
    seeds = [seed + 100 * draw for draw in range(DRAWS)]
    holes = [knocked_out(table, test, s) for s in seeds]
    guesses = iforest(table, train, holes, seed, ask, copy)
    guesses['iterative'] = [iterative(table, train, rows, seed) for rows in holes]
    guesses['informed'] = [informed(table, train, test, seed)] * DRAWS
    return {method: [errors(table, train, test, s, guess)
                     for s, guess in zip(seeds, guesses[method])] for method in METHODS}


def run(table_of, tables, seeds, ask, copy):
    """Prints what imputing errs by; there are no bars here."""
    print('%-12s %-10s' % ('table', 'filled by') + ''.join('%10s' % h for h in HEADS))
    for name in tables:
        table = table_of(name)
        runs = [measure(table, seed, ask, copy) for seed in range(1, seeds + 1)]
        for method in METHODS:
            of_draws = np.array([error for r in runs for error in r[method]])
            figures = np.c_[of_draws.mean(axis=0), of_draws.std(axis=0, ddof=1)].ravel()
            print('%-12s %-10s' % (name, method) + ''.join('%10.3f' % f for f in figures), flush=True)
