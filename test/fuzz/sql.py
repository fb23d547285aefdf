#!/usr/bin/env python3
"""Calls every function of the extension with random arguments.

    FUZZ_SECONDS=60 FUZZ_SEED=1 test/fuzz/sql.py

It connects with psql as PG* say, to a database of its own that it makes and
drops. Arguments are of random types, NULL, extreme; options random; models
sound, from other columns, cut, with bytes changed; documents with parts changed
or gone. Errors are fine, but for internal ones (XX000 and kin). At the end the
server must not have crashed, and sessions must not have grown. Output is TAP.
"""
import collections
import json
import os
import random
import subprocess
import sys
import time

seconds = float(os.environ.get('FUZZ_SECONDS') or 60)
seed = int(os.environ.get('FUZZ_SEED') or random.randrange(10**9))
rng = random.Random(seed)
database = 'fuzz_%d' % os.getpid()

SETUP = r"""
CREATE EXTENSION iforest;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN percent AS float8 CHECK (VALUE <= 100);
CREATE TABLE t AS
SELECT i AS id, sin(i) AS a, i % 7 AS b, CASE WHEN i % 5 > 0 THEN 'c' || i % 3 END AS c, date '2024-01-01' + i AS d,
       (enum_range(NULL::mood))[1 + i % 3] AS m, i % 2 = 0 AS e, (i * 1.5)::numeric AS n,
       (i % 100)::percent AS p, interval '1 hour' * i AS iv
FROM generate_series(1, 300) i;
CREATE TABLE models (id serial, model bytea);
INSERT INTO models(model) SELECT iforest_train(iforest_options(n_trees => 5, seed => 1), a, b) FROM t;
INSERT INTO models(model) SELECT iforest_train(iforest_options(n_trees => 5, seed => 1), a, b, c) FROM t;
INSERT INTO models(model) SELECT iforest_train(iforest_options(n_trees => 3, seed => 1, max_depth => 0), t) FROM t;
INSERT INTO models(model) SELECT iforest_train(iforest_options(n_trees => 4, sample_size => 16, bootstrap => true), m, d, e, c) FROM t;
INSERT INTO models(model) SELECT iforest_merge(model) FROM models WHERE id = 2;
CREATE FUNCTION digested(model bytea) RETURNS bytea LANGUAGE sql AS
	'SELECT overlay(model PLACING sha256(substr(model, 41)) FROM 9)';
CREATE TABLE documents AS SELECT id, iforest_to_json(model) AS document FROM models;
"""

COLUMNS = ['a', 'b', 'c', 'd', 'm', 'e', 'n', 'p', 'iv', 'id', 't', 't.*', 'ROW(a, b)', 'ROW(a, c)', 'ARRAY[a, b]',
           'ARRAY[a, NULL]', "ARRAY['x']", 'ARRAY[[a, b], [b, a]]', 'ARRAY[]::float8[]', '(SELECT x FROM (SELECT a, b) x)']
VALUES = ['NULL', "'x'", "''", '0', '-1', '1e308', "'NaN'::float8", "'Infinity'::float8", "'-Infinity'::float8",
          '2147483647', '9223372036854775807', '1e-320::float8', "1e400::numeric", "'NaN'::numeric", 'true',
          "'infinity'::date", "'-infinity'::timestamptz", "'24:00'::time", "interval '178000000 years'",
          "'sad'::mood", "repeat('x', 100000)", "'{}'::jsonb", "'[1]'::json", "'\\x00'::bytea", "E'\\u00e9'",
          "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "point(1, 2)", "int4range(1, 5)", "'(0,1)'::tid",
          "NULL::text", "NULL::float8[]", "ARRAY[1, 2]::int[]", "'1'::\"char\"", "'x'::name", "B'101'"]
NUMBERS = ['NULL', '0', '1', '-1', '2', '7', '100', '256', '100000', '100001', '2147483647', '-2147483648', '0.5', '1.5']
OPTIONS = ['ntrees', '', 'a\'b']
NUMERIC_OPTIONS = []  # both grow by what iforest_options takes


def pick(items):
    return rng.choice(items)


def arguments(most=4):
    return ', '.join(pick(COLUMNS) if rng.random() < 0.7 else pick(VALUES) for _ in range(rng.randint(0, most)))


def options():
    """Options as their function makes them, or as anybody may write them."""
    if rng.random() < 0.5:
        names = rng.sample(NUMERIC_OPTIONS, rng.randint(0, 3))
        small = {'n_trees': ['1', '3', '0', '-5', 'NULL', '100001'], 'sample_size': ['1', '2', '50', '0', 'NULL', '1000000']}
        return 'iforest_options(%s)' % ', '.join('%s => %s' % (n, pick(small.get(n, NUMBERS))) for n in names)
    values = [None, True, 0, 1, -1, 3, 0.5, 1e300, 'x', [], {}, [1, 'a'], ['a', 'b'], {'a': 1}, 10**30]
    document = {pick(OPTIONS): pick(values) for _ in range(rng.randint(0, 3))}
    document['n_trees'] = pick([1, 2, 3, 5, 'x', None])
    if rng.random() < 0.1:
        return "'%s'::jsonb" % pick(['[]', '1', 'null', '"x"', '[{}]'])
    return "'%s'::jsonb" % json.dumps(document).replace("'", "''")


def model():
    """A model: sound, changed, cut, something else."""
    sound = '(SELECT model FROM models WHERE id = %d)' % rng.randint(1, 5)
    kind = rng.random()
    if kind < 0.5:
        return sound
    if kind < 0.7:
        # mostly in what the digest covers, which is then made to fit or wrong
        changed = 'set_byte(%s, %d, %d)' % (sound, rng.choice([rng.randint(0, 63), rng.randint(40, 3000)]), rng.randint(0, 255))
        return 'digested(%s)' % changed if rng.random() < 0.7 else changed
    if kind < 0.8:
        return 'substr(%s, %d, %d)' % (sound, rng.randint(1, 3), rng.randint(0, 900))
    if kind < 0.85:
        return "%s || '\\x0000'::bytea" % sound
    if kind < 0.95:
        return 'iforest_from_json(%s)' % document()
    return pick(['NULL::bytea', "''::bytea", "'iforest'::bytea", "decode(repeat('ff', 100), 'hex')"])


def document():
    """A model's document with some part changed, moved or gone."""
    sound = '(SELECT document FROM documents WHERE id = %d)' % rng.randint(1, 5)
    keys = ['trees', 'features', 'groups', 'profile', 'calibration', 'sample_size', 'seed', 'format', '0', '1', 'left',
            'right', 'feature', 'cut', 'rows', 'sets', 'missing_left', 'quantiles', 'category_rows', 'points', 'name',
            'type', 'categories', 'minimum', 'maximum', '3', '-1']
    paths = [['trees', '0', 'left', '0'], ['trees', '0', 'right', '1'], ['trees', '1', 'feature', '0'],
             ['trees', '0', 'cut', '0'], ['trees', '0', 'rows', '0'], ['trees', '0', 'sets', '0'],
             ['features', '0', 'type'], ['features', '1', 'categories', '0'], ['groups', '0', 'n_trees'],
             ['calibration', 'points', '0', '1'], ['profile', 'quantiles', '0', '3'], ['profile', 'category_rows', '0']]
    path = '{%s}' % ','.join(pick(paths) if rng.random() < 0.7 else [pick(keys) for _ in range(rng.randint(1, 4))])
    value = pick(['null', '0', '1', '-1', '1e308', '-2', '4294967296', '1.5', '"x"', '"Infinity"', '[]', '{}', 'true',
                  '[1, 2, 3]', '{"left": [0]}', '{"right": [5]}', '"text"', '"float8"', '100000000000000000000'])
    for _ in range(rng.randint(0, 3)):
        if rng.random() < 0.25:
            sound = "(%s #- '%s')" % (sound, path)
        else:
            sound = "jsonb_set(%s, '%s', '%s')" % (sound, path, value)
    return sound


def base():
    """A row to make others of the type of."""
    return pick(['t', 'ROW(a, b)', '(SELECT x FROM (SELECT a, b, c) x)', '(SELECT x FROM (SELECT a, NULL::bigint AS b) x)',
                 'ARRAY[a, b]', 'ARRAY[a, NULL]', 'NULL::t', 'a', "'x'::text", '(SELECT x FROM (SELECT m, d, e, c) x)'])


def statement():
    one = rng.random
    train = pick(['iforest_train(%s)' % arguments(), 'iforest_train(%s, %s)' % (options(), arguments()),
                  'iforest_train(%s, %s)' % (options(), ', '.join(rng.sample(COLUMNS[:9], 3))),
                  'iforest_train_array(%s, %s)' % (options(), pick(['ARRAY[a, b]', 'ARRAY[a, NULL]', 'NULL', "'{}'", "'{NaN,Infinity}'",
                                                                    'CASE WHEN id % 2 = 0 THEN ARRAY[a] ELSE ARRAY[a, b] END']))])
    score = pick(['iforest_score', 'iforest_is_outlier', 'iforest_percent_rank', 'iforest_p_value'])
    fit = pick(['a, b', 'a, b, c', 't', 'm, d, e, c', arguments()])
    choices = [
        lambda: 'SELECT %s FROM t' % train,
        lambda: 'SELECT b, %s FROM t GROUP BY b' % train,
        lambda: 'SELECT %s(%s, %s) FROM t LIMIT 20' % (score, model(), fit),
        lambda: 'SELECT %s(model, %s) FROM t, models LIMIT 50' % (score, fit),
        lambda: 'SELECT %s(%s, VARIADIC %s) FROM t LIMIT 5' % (score, model(), pick(['ARRAY[a, b]', 'ARRAY[1, 2]', "'{1,2}'::float8[]", 'NULL::float8[]'])),
        lambda: 'SELECT iforest_score(%s, %s) FROM generate_series(1, 2)' % (model(), ', '.join(pick(VALUES) for _ in range(rng.randint(0, 4)))),
        lambda: 'SELECT iforest_calibrate(%s, %s) FROM t' % (model(), fit),
        lambda: 'SELECT iforest_learn(%s, %s, %s) FROM t' % (model(), pick(['true', 'a > 3', 'NULL', 'id % 2 = 0']), fit),
        lambda: 'SELECT iforest_roc_auc(s, l), iforest_average_precision(s, l) FROM (SELECT iforest_score(%s, %s) AS s, %s AS l FROM t) v' % (
            model(), fit, pick(['true', 'a > 3', 'NULL', 'id % 2 = 0'])),
        lambda: 'SELECT iforest_score(iforest_learn(%s, a > 3, %s), 1, 2) FROM t' % (model(), fit),
        lambda: 'SELECT iforest_merge(m) FROM (VALUES (%s), (%s)) v(m)' % (model(), model()),
        lambda: 'SELECT iforest_threshold(%s, %s)' % (model(), pick(NUMBERS)),
        lambda: 'SELECT * FROM t, iforest_explain(%s, %s) LIMIT 20' % (model(), fit),
        lambda: 'SELECT iforest_reason(%s, %s) FROM t LIMIT 20' % (model(), fit),
        lambda: 'SELECT iforest_info(%s), iforest_is_valid(%s)' % (model(), model()),
        lambda: 'SELECT count(*) FROM iforest_features(%s)' % model(),
        lambda: 'SELECT count(*) FROM iforest_nodes(%s)' % model(),
        lambda: 'SELECT iforest_to_json(%s)' % model(),
        lambda: 'SELECT iforest_is_valid(iforest_from_json(%s))' % document(),
        lambda: 'SELECT iforest_tree_dot(%s, %s)' % (model(), pick(NUMBERS)),
        lambda: 'SELECT length(iforest_to_sql(%s))' % model(),
        lambda: "SELECT length(iforest_to_sql(%s, VARIADIC %s))" % (model(), pick(["ARRAY['a', 'b']", 'NULL', "'{}'", "ARRAY['a', NULL]"])),
        lambda: 'SELECT iforest_options(%s)' % ', '.join('%s => %s' % (o, pick(NUMBERS)) for o in rng.sample(OPTIONS[3:], 2)),
        lambda: 'SET iforest.model_cache_size = %s' % pick(['0', '100', "'64MB'", '-1', "'x'"]),
        lambda: 'SET iforest.kernel = %s' % pick(['auto', 'walk', 'portable', 'avx2', 'avx512', 'neon', "'x'"]),
        lambda: 'SELECT * FROM iforest_cache_stats()',
        lambda: 'SELECT iforest_drift(%s, %s) FROM t' % (model(), fit),
        lambda: 'SELECT b, iforest_drift(model, %s) FROM t, models GROUP BY b, models.id' % fit,
        lambda: 'SELECT count(*) FROM iforest_sample(%s, %s)' % (model(), pick(['0', '3', '-1', 'NULL', '20'])),
        lambda: 'SELECT count(*) FROM t, iforest_sample(%s, 2, %s, %s) WHERE id < 4' % (model(), base(), pick(NUMBERS)),
        lambda: 'SELECT count(*) FROM t, iforest_augment(%s, %s, %s, %s, %s) WHERE id < 4' % (
            model(), pick(['0', '3', '-1']), base(), pick(NUMBERS), pick(["'forest'", "'noise'", "'x'", 'NULL'])),
        lambda: 'SELECT iforest_impute(%s, %s) FROM t LIMIT 5' % (model(), base()),
        lambda: 'SELECT count(*) FROM iforest_grid(%s, %s, %s, %s)' % (
            model(), pick(["'a'", "'b'", 'NULL', "'x'"]), pick(["'b'", "'c'", "'a'"]), pick(['0', '5', '-1', 'NULL', '20'])),
        lambda: 'SELECT length(iforest_plot(%s, %s)) FROM t' % (model(), fit),
        lambda: "SELECT length(iforest_plot(%s, %s, %s)) FROM t" % (model(), pick([
            "iforest_plot_options(x => 'a', y => 'b', steps => 10)", "iforest_plot_options(width => -1)", "'{}'::jsonb", "'[1]'::jsonb",
            "iforest_plot_options(title => repeat('<&\"', 1000))", "iforest_plot_options(max_points => 0, height => 99999999)"]), fit),
        lambda: 'SELECT length(iforest_plot_classes(%s, %s, %s)) FROM t' % (model(), pick(COLUMNS + VALUES), fit),
        lambda: 'SELECT length(iforest_plot_scores(%s))' % model(),
        lambda: 'SELECT length(iforest_plot_explanation(%s, %s)) FROM t LIMIT 3' % (model(), fit),
        lambda: "SELECT iforest_fit(%s, %s)" % (pick(["'x'", "''", 'NULL', "'y'"]), pick([
            "'SELECT a, b FROM t'", "'SELECT'", "'SELECT 1; SELECT 2'", "'DELETE FROM t RETURNING a'", "'SELECT iforest_fit(''x'', ''SELECT a FROM t'')'",
            "'TABLE t'", 'NULL', "'SELECT a, 1 / (id - 5) FROM t'"])),
        lambda: "SELECT iforest_refit('x', labels => %s)" % pick([
            "'SELECT a > 5 AS is_outlier, * FROM t'", "'SELECT NULL::bool AS is_outlier, a, b FROM t'", "'SELECT 1 AS is_outlier'", "'SELECT'", "''", 'NULL',
            "'SELECT is_outlier, is_outlier FROM (SELECT true AS is_outlier) s'", "'SELECT true AS is_outlier, t FROM t'"]),
        lambda: "SELECT iforest_refit('x'), iforest_rollback(%s)" % pick(["'x'", "'y'", 'NULL']),
        lambda: "SELECT iforest_activate('x', %s)" % pick(NUMBERS),
        lambda: "SELECT iforest_drop(%s)" % pick(["'x'", "'y'", 'NULL']),
        lambda: "SELECT iforest_score(%s, a, b) FROM t LIMIT 5" % pick(["'x'", "'y'", "'none'", 'NULL::text']),
        lambda: 'BEGIN; SELECT iforest_score(model, a, b) FROM t, models WHERE models.id = 1 LIMIT 1; SELECT 1 / 0; ROLLBACK',
    ]
    return pick(choices)()


def psql(script, *more):
    return subprocess.run(['psql', '-X', '-q', '-A', '-t', *more], input=script, capture_output=True, text=True,
                          env=dict(os.environ, PGDATABASE=database))


def know_options():
    """Asks the extension which options there are."""
    rows = psql("SELECT name, type::regtype IN ('int', 'bigint', 'float8') FROM pg_proc, "
                "unnest(proargnames, proargtypes::oid[]) a(name, type) WHERE proname = 'iforest_options'")
    for name, numeric in (line.split('|') for line in rows.stdout.splitlines()):
        OPTIONS.append(name)
        if numeric == 't':
            NUMERIC_OPTIONS.append(name)


def main():
    print('1..3')
    print('# seed %d' % seed)
    subprocess.run(['createdb', database], check=True)
    made = psql(SETUP, '-v', 'ON_ERROR_STOP=1')
    if made.returncode:
        sys.exit('Bail out! ' + made.stderr)
    know_options()
    end = time.time() + seconds
    states = collections.Counter()
    bad = []
    grown = []
    batches = 0
    size = 25
    # a session each, so that there is a first call of everything many times
    while time.time() < end:
        began = time.time()
        statements = [statement() for _ in range(size)]
        script = '\\set VERBOSITY sqlstate\nSET statement_timeout = \'20s\';\nSET client_min_messages = error;\n'
        warm = 'SELECT \'memory \' || sum(total_bytes) FROM pg_backend_memory_contexts WHERE name NOT IN (\'iforest model\', \'iforest model cache\', \'CachedPlan\', \'CacheMemoryContext\', \'index info\', \'relation rules\');\n'
        # what is measured: the same statements twice
        for half in range(3):
            for s in statements:
                script += '%s\n\\g /dev/null\n\\echo state :LAST_ERROR_SQLSTATE :ERROR\n' % s
            script += warm
        done = psql(script)
        batches += 1
        # more at a time where that leaves time for others
        if time.time() - began < seconds / 10:
            size = min(2 * size, 400)
        lines = done.stdout.splitlines()
        answers = [line.split() for line in lines if line.startswith('state')]
        memory = [int(line.split()[1]) for line in lines if line.startswith('memory')]
        for s, answer in zip(statements * 3, answers):
            state = 'ok' if answer[2] == 'false' else answer[1]
            states[state] += 1
            if state.startswith('XX') and state != 'XX001':
                bad.append((state, s))
        if len(answers) < len(statements) * 3:
            bad.append(('lost connection', statements[len(answers) % len(statements)]))
        if len(memory) == 3:
            grown.append(memory[2] - memory[1])
    up = psql('SELECT 1').stdout.strip() == '1'
    print('# %d statements in %d sessions: %s' % (sum(states.values()), batches, ', '.join(
        '%s %d' % item for item in states.most_common())))
    for state, s in bad[:20]:
        print('# %s: %s' % (state, s[:2000]))
    print('%s 1 - no internal error and no lost connection' % ('ok' if not bad else 'not ok'))
    print('%s 2 - the server is up' % ('ok' if up else 'not ok'))
    growth = sorted(grown)[len(grown) // 2] if grown else 10**9
    print('# growth of a session by statements it knows: median %d bytes, most %d' % (growth, max(grown, default=0)))
    print('%s 3 - sessions do not grow' % ('ok' if growth < 100000 else 'not ok'))
    subprocess.run(['dropdb', '--force', database], check=False)


main()
