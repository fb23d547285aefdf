"""What made outliers are worth to a classifier that knows few.

A part of generators.py. Of a table, half of the rows, at most 1500, train and
as many others test. All labelled outliers of the training half but 5, or 20,
are left out. A random forest (80 trees) learns from what is left and from 100
new outliers by each way to make some:

copies		the known ones
noise, forest, vae	iforest_augment at a noise of 0.3 around the known ones
between		values between a known one and one of the five known ones that
		are nearest to it, as SMOTE does
gan		iforest_sample of a network whose label says which are outliers

Its gain is that of average precision on the rows to test, over "none".
"""
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import average_precision_score

KNOWN = [5, 20]
NEW = 100
NOISE = 0.3
GAN_STEPS = 2000
NEAREST = 5
TABLES = ['vowels', 'thyroid', 'mammography', 'cardio', 'waveform', 'annthyroid',
          'satellite', 'pima']
AUGMENT = ['noise', 'forest', 'vae']
METHODS = ['none', 'copies', 'noise', 'between', 'forest', 'vae', 'gan']


def take_known(rows, known):
    """The rows without most outliers, and which of them are outliers."""
    outliers = [row for row in rows if row[-1] == '1'][:known]
    return [row for row in rows if row[-1] != '1'] + outliers, outliers


def between(outliers, random):
    """Rows between neighbours."""
    made = []
    scale = outliers.std(axis=0)
    scale[scale == 0] = 1
    for i in range(NEW):
        row = outliers[i % len(outliers)]
        order = np.argsort((((outliers - row) / scale) ** 2).sum(axis=1), kind='stable')
        other = outliers[order[random.randint(1, min(NEAREST, len(order) - 1) + 1)]]
        made.append(row + random.rand() * (other - row))
    return np.array(made)


def statements(table, rows, outliers, copy, seed):
    """What asks the server for new outliers, one part a method."""
    features = ', '.join(table.names[:-1])
    label = table.names[-1]
    result = ['CREATE TEMP TABLE t (%s);' % table.definition(), 'COPY t FROM STDIN;'] + copy(rows)
    result += ['CREATE TEMP TABLE o (LIKE t);', 'COPY o FROM STDIN;'] + copy(outliers)
    for method in AUGMENT:
        option = ", generator => 'vae'" if method == 'vae' else ''
        result += [
            '\\echo part,%s' % method,
            "COPY (SELECT (novel).* FROM (SELECT iforest_train(iforest_options(seed => %d,"
            " feature_names => '{%s}'%s), %s) AS model FROM t) m, o,"
            " iforest_augment(model, %d, o, %g, '%s', %d)) TO STDOUT CSV;"
            % (seed, features, option, features, NEW // len(outliers), NOISE, method, seed)]
    return result + [
        '\\echo part,gan',
        "COPY (SELECT s.* FROM (SELECT iforest_train(iforest_options(seed => %d, generator => 'gan',"
        " generator_steps => %d, generator_label => '%s'), t) AS model FROM t) m,"
        " iforest_sample(model, %d, ROW(%s'1')::t, %d) s) TO STDOUT CSV;"
        % (seed, GAN_STEPS, label, NEW, 'NULL, ' * (len(table.names) - 1), seed)]


def precision(train, label, test, truth, seed):
    judge = RandomForestClassifier(80, random_state=seed)
    judge.fit(train, label)
    return average_precision_score(truth, judge.predict_proba(test)[:, 1])


def measure(table, known, seed, ask, copy):
    """Average precision by method."""
    train_rows, test_rows = table.halves(seed)
    rows, outliers = take_known(train_rows, known)
    parts = ask(statements(table, rows, outliers, copy, seed))
    train, test = table.codes(rows), table.codes(test_rows)
    base = table.codes(outliers)[:, :-1]
    new = {'none': base[:0], 'copies': np.repeat(base, NEW // len(base), axis=0),
           'between': between(base, np.random.RandomState(seed))}
    for method, made in parts.items():
        new[method] = table.codes(made)[:, :-1]
    figures = []
    for method in METHODS:
        label = np.r_[train[:, -1] == 1, np.ones(len(new[method]), bool)]
        figures.append(precision(np.vstack([train[:, :-1], new[method]]), label,
                                 test[:, :-1], test[:, -1] == 1, seed))
    return figures


def run(load, tables, seeds, knowns, ask, copy):
    """Prints all; returns the misses."""
    misses = []
    print('\n%-12s %5s' % ('table', 'known') + ''.join('%9s' % m for m in METHODS))
    for known in knowns:
        runs = []
        for name in tables:
            table = load(name)
            runs.append([measure(table, known, seed, ask, copy) for seed in range(1, seeds + 1)])
            print('%-12s %5d' % (name, known) +
                  ''.join('%9.3f' % v for v in np.mean(runs[-1], axis=0)), flush=True)
        gains = np.array(runs) - np.array(runs)[:, :, :1]
        by_table = gains.mean(axis=1)
        mean = by_table.mean(axis=0)
        error = by_table.std(axis=0, ddof=1) / np.sqrt(len(tables)) if len(tables) > 1 else 0 * mean
        print('%-12s %5d' % ('gain', known) + ''.join('%+9.3f' % v for v in mean))
        print('%-12s %5d' % ('error', known) + ''.join('%9.3f' % v for v in error))
        print('%-12s %5d' % ('lifted', known) + ''.join(
            '%9s' % ('%d/%d' % (v, gains[:, :, 0].size)) for v in (gains > 0).sum(axis=(0, 1))),
            flush=True)
        copies = mean[METHODS.index('copies')]
        for method in ('vae', 'gan'):
            gain = mean[METHODS.index(method)]
            missed = gain < copies
            print('%-28s %+.3f  bar >= %+.3f, that of copies%s'
                  % ('%s, gain, %d known' % (method, known), gain, copies,
                     '  MISSED' if missed else ''))
            misses += ['%s, %d known' % (method, known)] if missed else []
    return misses
