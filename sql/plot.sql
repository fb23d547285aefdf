-- Pictures: what is drawn, for which rows, and what is not. How they look in a
-- browser is for test/t/plot.t.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET max_parallel_workers_per_gather = 0;

CREATE TABLE plot_t AS
SELECT i, 'c' || i % 3 AS class, (i * 7919 % 400) / 10.0::float8 AS a, (i * 104729 % 300)::int AS b,
       CASE i % 4 WHEN 0 THEN 'north' WHEN 1 THEN 'south' WHEN 2 THEN 'east' END AS site
FROM generate_series(1, 1000) i;
INSERT INTO plot_t VALUES (1001, 'far', 90, 10, 'north'), (1002, 'far', 95, 900, 'west');

CREATE TABLE plot_m AS
SELECT (SELECT iforest_train(iforest_options(seed => 1), a, b) FROM plot_t WHERE i <= 1000) AS two,
       (SELECT iforest_train(iforest_options(seed => 1), t) FROM (SELECT a, b, site FROM plot_t WHERE i <= 1000) t) AS three;
-- of a model without a summary of scores
CREATE TABLE plot_bare AS
SELECT iforest_from_json(iforest_to_json(two) - 'calibration') AS model FROM plot_m;

-- Labels of a picture, in order.
CREATE FUNCTION plot_labels(svg text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
	SELECT array_agg(m[1] ORDER BY n) FROM regexp_matches(svg, '<text [^>]*>(?:<title>[^<]*</title>)?([^<]*)</text>', 'g') WITH ORDINALITY AS r (m, n)
$$;

-- Groups of points: what they say they are, and how many marks each really has. A disc is a line without length, h0;
-- each other mark starts with a move, and a mark of two strokes has another.
CREATE FUNCTION plot_marks(svg text) RETURNS TABLE (label text, rows int, discs int, moves int) LANGUAGE sql IMMUTABLE AS $$
	SELECT substring(part FROM '<title>([^<]*)'), substring(part FROM 'data-rows="(\d+)')::int,
	       (SELECT count(*) FROM regexp_matches(marks, 'h0', 'g')), (SELECT count(*) FROM regexp_matches(marks, '[mM]', 'g'))
	FROM regexp_split_to_table(svg, '<g class="points" ') WITH ORDINALITY AS p (part, n),
	     -- without the paths of white borders, and what stands behind the last group
	     concat_ws('', (SELECT string_agg(m[1], '') FROM regexp_matches(split_part(part, '<rect', 1), '<path fill="(?:none" stroke="#[^f]|#[^f])[^>]* d="([^"]*)"', 'g') AS m)) AS marks
	WHERE n > 1
	ORDER BY n
$$;

-- One mark a row, by class and by the model's verdict.
SELECT * FROM plot_marks((SELECT iforest_plot_classes(two, class, a, b) FROM plot_t, plot_m));
SELECT m.*, (SELECT count(*) FROM plot_t, plot_m WHERE iforest_is_outlier(two, a, b)) AS outliers
FROM plot_marks((SELECT iforest_plot(two, a, b) FROM plot_t, plot_m)) m;
SELECT label, rows, discs + moves > 0 AS drawn
FROM plot_marks((SELECT iforest_plot(two, iforest_plot_options(color => 'score'), a, b) FROM plot_t, plot_m));
-- A model without a threshold calls no row anything.
SELECT * FROM plot_marks((SELECT iforest_plot(model, a, b) FROM plot_t, plot_bare));

-- All the text of a picture.
SELECT unnest(plot_labels(iforest_plot(two, iforest_plot_options(width => 400, height => 300), a, b))) AS label FROM plot_t, plot_m;
-- A row is matched by name. Other columns than the two are fixed, and the picture says where.
SELECT array_to_string(plot_labels(iforest_plot(three, t)), ' | ') AS labels FROM plot_t t, plot_m;
SELECT array_to_string(plot_labels(iforest_plot(three, iforest_plot_options(x => 'b', y => 'site'), t)), ' | ') AS labels FROM plot_t t, plot_m;
SELECT array_to_string(plot_labels(iforest_plot(three, iforest_plot_options(x => '2', y => '1', title => '', at => '{"site": "west", "b": 3}'), t)), ' | ') AS labels
FROM plot_t t, plot_m;

-- The same rows make the same picture, in any order.
SELECT (SELECT iforest_plot_classes(two, class, a, b ORDER BY i) FROM plot_t, plot_m) =
       (SELECT iforest_plot_classes(two, class, a, b ORDER BY b, i DESC) FROM plot_t, plot_m) AS same;
-- A cache without room for a model makes no difference.
SET iforest.model_cache_size = 0;
SELECT iforest_plot(two, a, b ORDER BY i) = (SELECT iforest_plot(two, a, b) FROM plot_t, plot_m) AS same, iforest_plot(three, a, b, site) IS NOT NULL AS other FROM plot_t, plot_m;
RESET iforest.model_cache_size;
-- A window function draws anew for each row.
SELECT iforest_plot(two, a, b) OVER () = (SELECT iforest_plot(two, a, b) FROM plot_t, plot_m WHERE i IN (1, 2)) AS same FROM plot_t, plot_m WHERE i IN (1, 2);

-- Classes are in order of size, or as wanted; they keep mark and colour when others are absent.
SELECT array_to_string(plot_labels(iforest_plot_classes(two, iforest_plot_options(classes => '{far,c2}'), class, a, b)), ' | ') AS labels FROM plot_t, plot_m;
SELECT (regexp_match(iforest_plot_classes(two, iforest_plot_options(classes => '{other,far,c2}'), class, a, b), '<path fill="#[0-9a-f]*" d="')) AS triangle
FROM plot_t, plot_m WHERE class = 'far';
-- Rows without a class are one; a text is another, whatever it says.
SELECT label FROM plot_marks((SELECT iforest_plot_classes(two, NULL::text, a, b) FROM plot_t, plot_m WHERE i < 10));
SELECT label, rows FROM plot_marks((SELECT iforest_plot_classes(two, iforest_plot_options(classes => '{(no class),"NULL"}'), (ARRAY['NULL', '(no class)', '', NULL])[1 + i % 4], a, b) FROM plot_t, plot_m WHERE i < 12));

-- More rows than max_points: small classes are complete, and the picture says what it leaves out.
SELECT label, rows, discs, moves FROM plot_marks((SELECT iforest_plot_classes(two, iforest_plot_options(max_points => 50), class, a, b) FROM plot_t, plot_m));
SELECT substring(iforest_plot_classes(two, iforest_plot_options(max_points => 50), class, a, b) FROM '>([^>]* of [^>]* rows are drawn[^<]*)') AS note FROM plot_t, plot_m;
SELECT iforest_plot_classes(two, iforest_plot_options(max_points => 1001), class, a, b) ~ 'rows are drawn' AS left_out,
       iforest_plot_classes(two, iforest_plot_options(max_points => 1002), class, a, b) ~ 'rows are drawn' AS none_left_out
FROM plot_t, plot_m;

-- NULLs have a strip, categories bands: that of what training never saw only if there is some.
SELECT array_to_string(plot_labels(iforest_plot(three, iforest_plot_options(x => 'site', title => ''), a, b, site)), ' | ') AS labels FROM plot_t, plot_m WHERE i < 10;
SELECT array_to_string(plot_labels(iforest_plot(three, iforest_plot_options(x => 'site', title => ''), a, b, site)), ' | ') AS labels FROM plot_t, plot_m WHERE site = 'west';
SELECT label, rows, moves FROM plot_marks((SELECT iforest_plot(three, a, NULLIF(b, b), 'north') FROM plot_t, plot_m));
SELECT array_to_string(plot_labels(iforest_plot(two, NULL::float8, b)), ' | ') AS labels FROM plot_t, plot_m;
SELECT array_to_string(plot_labels(iforest_plot(two, CASE i WHEN 1 THEN '-Infinity' WHEN 2 THEN 'Infinity' ELSE a END, b)), ' | ') AS labels FROM plot_t, plot_m WHERE i <= 4;

-- No rows, no picture; no row without any value either.
SELECT iforest_plot(two, a, b) IS NULL AS none FROM plot_t, plot_m WHERE i < 0;
SELECT iforest_plot(two, NULL::float8, NULL::int) IS NULL AS none, iforest_plot(NULL::bytea, a, b) IS NULL AS no_model FROM plot_t, plot_m;

-- Axes of every type; ends and what lies between them.
CREATE FUNCTION plot_axis(svg text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT string_agg(m[1], ' ' ORDER BY n) FROM regexp_matches(svg, '<text [^>]*text-anchor="middle">([^<]*)</text>', 'g') WITH ORDINALITY AS r (m, n)
$$;
DO $$
DECLARE
	range record;
	svg text;
BEGIN
	FOR range IN SELECT * FROM (VALUES
		('float8', '0', '1'), ('float8', '-1', '0.5'), ('float8', '3', '3'), ('float8', '0', '0'),
		('float8', '1e-9', '3e-9'), ('float8', '123456', '12345678'), ('float8', '1e15', '1.000000000000002e15'),
		('float8', '1', '1.0000000000000002'), ('float8', '-1.7e308', '1.7e308'), ('float8', '0', '5e-324'), ('float8', '1e300', '1.1e300'),
		('int4', '1', '3'), ('int8', '9007199254740993', '9007199254740995'), ('numeric', '0.01', '0.09'), ('bool', 'f', 't'),
		('date', '2024-02-25', '2024-03-05'), ('date', '2023-11-01', '2024-04-01'), ('date', '1950-01-01', '2024-01-01'), ('date', '2024-01-01', '2024-01-01'),
		('date', '0044-03-15 BC', '5874897-12-31'), ('time', '00:00', '23:59:59'), ('time', '10:00', '10:00:20'),
		('timestamp', '2024-01-01 09:00', '2024-01-01 17:00'), ('timestamp', '2024-01-01 09:00', '2024-01-01 09:00:08'), ('timestamp', '1999-12-20', '2000-02-20'),
		('timestamptz', '2024-01-01 00:00+00', '2026-01-01 00:00+00'), ('timestamp', '4713-01-01 BC', '294276-12-31'),
		('interval', '-5 minutes', '2 hours'), ('interval', '1 day', '90 days'), ('interval', '0', '100000 years')
		) AS v (type, lo, hi)
	LOOP
		EXECUTE format('WITH r (v, w) AS (VALUES (%2$L::%1$s, 1), (%3$L, 2)), m AS (SELECT iforest_train(v, w) AS model FROM r)
						SELECT iforest_plot(model, iforest_plot_options(steps => 3), v, w) FROM r, m',
					   range.type, range.lo, range.hi) INTO svg;
		RAISE INFO '% % .. %: %', range.type, range.lo, range.hi, plot_axis(svg);
	END LOOP;
END $$;

-- Names and values come from anywhere. The text of a picture is ASCII and has no markup but its own.
CREATE TABLE plot_odd AS SELECT i AS "<script>alert(1)</script>", 'a&b"''<' || chr(1) || chr(9786) || chr(65535) AS "]]>" FROM generate_series(1, 20) i;
SELECT svg !~ '[^[:ascii:]]' AS ascii, svg !~ '<script|]]>|&[^#]|[\x01-\x09\x0b-\x1f]' AS escaped, array_to_string(plot_labels(svg), ' | ') AS labels
FROM (SELECT iforest_plot_classes((SELECT iforest_train(iforest_options(seed => 1), o) FROM plot_odd o), iforest_plot_options(title => '<b>&'), '"</g>', o) AS svg FROM plot_odd o) s;
-- A label too long for its place is cut off, and tells the rest when pointed at.
SELECT m[1] AS label, length(m[2]) AS whole
FROM (SELECT iforest_plot(two, iforest_plot_options(title => repeat('long ', 100)), a, b) AS svg FROM plot_t, plot_m) s,
     regexp_match(svg, '<text [^>]*><title>([^<]{20})[^<]*</title>([^<]*)&#x2026;</text>') AS m;

SELECT width, (plot_labels(iforest_plot(two, iforest_plot_options(width => width, map => false), a, b)))[1] AS title
FROM plot_t, plot_m, unnest('{240, 320}'::int[]) AS width GROUP BY width ORDER BY width;

-- Of a bar's label the name is cut, and the value kept.
SELECT iforest_plot_explanation((SELECT iforest_train(s) FROM (SELECT a AS "Total amount in euros including value added tax", b AS "x", site FROM plot_t) s), iforest_plot_options(width => 320), t)
       ~ '<title>Total amount in euros including value added tax = 12.25</title>Total amount?[^<;]*&#x2026; = 12.25</text>' AS value_kept
FROM (SELECT 12.25::float8 AS "Total amount in euros including value added tax", NULL::int AS x, repeat('value ', 50) AS site) t;
SELECT count(*) AS labels, count(*) FILTER (WHERE iforest_plot_explanation(model, iforest_plot_options(width => w), t) ~
                                                  ('&#x2026; = ' || t."Total amount in euros including value added tax" || '</text>')) AS value_kept
FROM (SELECT iforest_train(s) AS model FROM (SELECT a AS "Total amount in euros including value added tax", b AS "x", site FROM plot_t) s) m,
     generate_series(320, 440, 20) AS w,
     (SELECT value AS "Total amount in euros including value added tax", NULL::int AS x, repeat('value ', 50) AS site
      FROM unnest('{7, 69.4, 12.25, -0.125, 1234567, 0.0078}'::float8[]) AS value) AS t;
SELECT array_to_string(plot_labels(iforest_plot_explanation((SELECT iforest_train(iforest_options(seed => 1), s ORDER BY x, site) FROM (SELECT b AS "x", site FROM plot_t) s), iforest_plot_options(width => 320), t)), ' | ') AS labels
FROM (SELECT NULL::int AS x, repeat('value ', 50) AS site) t;

-- Scores: every row is in a bar, and the threshold is between two.
SELECT array_to_string(plot_labels(iforest_plot_scores(two)), ' | ') AS labels FROM plot_m;
SELECT plot_labels(iforest_plot_scores(two, iforest_plot_options(title => 'How unusual?', width => 300, height => 200))) AS labels FROM plot_m;
SELECT iforest_plot_scores(NULL) IS NULL AS no_model, iforest_plot_scores(NULL, NULL) IS NULL AS no_model, iforest_plot_scores(two, NULL) = iforest_plot_scores(two) AS no_options FROM plot_m;
SELECT plot_labels(iforest_plot_scores(iforest_train(1.5))) AS constant FROM generate_series(1, 5);

-- An explanation: a bar a column, in the order of iforest_explain.
SELECT array_to_string(plot_labels(iforest_plot_explanation(three, t)), ' | ') AS labels FROM plot_t t, plot_m WHERE i = 1002;
SELECT array_to_string(plot_labels(iforest_plot_explanation(three, iforest_plot_options(title => ''), a, NULL::int, site)), ' | ') AS labels FROM plot_t t, plot_m WHERE i = 5;
SELECT iforest_plot_explanation(two, NULL::float8, NULL::int) IS NULL AS no_value, iforest_plot_explanation(NULL::bytea, 1.0, 2) IS NULL AS no_model FROM plot_m;
SELECT count(*) AS bars, bool_or(label ~ '^12 other columns') AS rest
FROM (SELECT unnest(plot_labels(iforest_plot_explanation(iforest_train(VARIADIC v), VARIADIC (SELECT array_agg(x * 1000.0) FROM generate_series(1, 31) x)))) AS label
      FROM (SELECT array_agg(((i * x) % 97)::float8 ORDER BY x) AS v FROM generate_series(1, 100) i, generate_series(1, 31) x GROUP BY i) r) l
WHERE label ~ '=|other';

-- A class is of any type, and told apart by how the type writes it. Of a literal
-- the server cannot tell whether it is a class or options.
CREATE TYPE plot_kind AS ENUM ('ship', 'shore');
SELECT of_type, string_agg(label, ' | ' ORDER BY label) AS labels
FROM (SELECT 'int' AS of_type, iforest_plot_classes(two, i % 2, a, b) AS svg FROM plot_t, plot_m UNION ALL
      SELECT 'bool', iforest_plot_classes(two, i > 1000, a, b) FROM plot_t, plot_m UNION ALL
      SELECT 'date', iforest_plot_classes(two, CASE WHEN i > 1000 THEN date '2024-02-29' END, a, b) FROM plot_t, plot_m UNION ALL
      SELECT 'enum', iforest_plot_classes(two, (enum_range(NULL::plot_kind))[1 + i % 2], a, b) FROM plot_t, plot_m UNION ALL
      SELECT 'row, options', iforest_plot_classes(two, iforest_plot_options(max_points => 100), ROW(i % 2, NULL), a, b) FROM plot_t, plot_m UNION ALL
      SELECT 'jsonb, of a row', iforest_plot_classes(three, jsonb_build_object('odd', i % 2), t) FROM plot_t t, plot_m UNION ALL
      SELECT 'literal, of a row', iforest_plot_classes(three, 'all', t) FROM plot_t t, plot_m) s,
     plot_marks(svg)
GROUP BY of_type ORDER BY of_type;
DROP TYPE plot_kind;
\set VERBOSITY terse
SELECT iforest_plot_classes(two, 'all', a, b) FROM plot_t, plot_m;
\set VERBOSITY default

-- Options are checked when they are built; what is NULL is left out.
SELECT iforest_plot_options() AS none, iforest_plot_options(title => '', max_points => 10, classes => '{b,a}', at => '{"b": [1, "x"]}') AS some;
SELECT iforest_plot_options(width => 3);
SELECT iforest_plot_options(color => 'red');
SELECT iforest_plot_options(classes => '{a,NULL}');
SELECT iforest_plot_options(at => '7');
SELECT length(iforest_plot_options(title => repeat('x', 1024)) ->> 'title') AS of_1024_bytes;
SELECT iforest_plot_options(title => repeat('x', 1025));
SELECT iforest_plot_scores(two, jsonb_build_object('title', repeat('x', 1025))) FROM plot_m;
SELECT iforest_plot_classes(two, repeat('x', 1025), a, b) FROM plot_t, plot_m;

-- Errors say what is wrong, and what to do.
SELECT iforest_plot(two, '{"colour": "score"}'::jsonb, a, b) FROM plot_t, plot_m;
SELECT iforest_plot(two, iforest_plot_options(color => 'red'), a, b) FROM plot_t, plot_m;
SELECT iforest_plot(two, iforest_plot_options(width => 1), a, b) FROM plot_t, plot_m;
SELECT iforest_plot(two, iforest_plot_options(max_points => 1000000), a, b) FROM plot_t, plot_m;
SELECT iforest_plot(two, '[]'::jsonb, a, b) FROM plot_t, plot_m;
SELECT iforest_plot(two, iforest_plot_options(x => 'c'), a, b) FROM plot_t, plot_m;
SELECT iforest_plot(two, iforest_plot_options(y => '3'), a, b) FROM plot_t, plot_m;
SELECT iforest_plot(three, iforest_plot_options(x => 'b', y => '2'), t) FROM plot_t t, plot_m;
SELECT iforest_plot(two, iforest_plot_options(at => '7'), a, b) FROM plot_t, plot_m;
SELECT iforest_plot(three, iforest_plot_options(at => '{"b": "many"}'), t) FROM plot_t t, plot_m;
SELECT iforest_plot(three, iforest_plot_options(at => '{"site": [3]}'), t) FROM plot_t t, plot_m;
-- A value means the same under any settings.
SET DateStyle = 'German, DMY';
SELECT iforest_plot(m, iforest_plot_options(at => '{"d": "31.1.2026"}'), a, b, d)
FROM plot_t, (SELECT iforest_train(iforest_options(seed => 1, feature_names => '{a,b,d}'), a, b, date '2026-01-01' + i) AS m FROM plot_t) s, LATERAL (SELECT date '2026-01-01' AS d) c;
RESET DateStyle;
-- A name that the model does not know is an error in every picture, of use there or not.
SELECT iforest_plot(three, iforest_plot_options(at => '{"site": "west", "x9": 1}'), t) FROM plot_t t, plot_m;
SELECT iforest_plot_classes(three, iforest_plot_options(at => to_jsonb(t)), class, t) FROM plot_t t, plot_m;
SELECT iforest_plot_classes(three, iforest_plot_options(at => to_jsonb(t) - '{i,class}'::text[]), class, t) IS NOT NULL AS drawn FROM plot_t t, plot_m;
SELECT iforest_plot_scores(two, iforest_plot_options(at => '{"x9": 1}')) FROM plot_m;
SELECT iforest_plot_explanation(two, iforest_plot_options(y => 'x9'), 1.5::float8, 2) FROM plot_m;
SELECT iforest_plot_scores(iforest_train(VARIADIC array_fill(i, ARRAY[30])), iforest_plot_options(x => 'x9')) FROM generate_series(1, 9) i;
SELECT iforest_plot(model, a) FROM plot_t, (SELECT iforest_train(a) AS model FROM plot_t) m;
SELECT iforest_plot_classes(two, i::text, a, b) FROM plot_t, plot_m;
SELECT iforest_plot(two, a) FROM plot_t, plot_m;
SELECT iforest_plot(CASE WHEN i > 5 THEN model ELSE two END, a, b) FROM plot_t, plot_m, plot_bare;
SELECT iforest_plot_scores(model) FROM plot_bare;
SELECT iforest_plot('\x00'::bytea, a, b) FROM plot_t;

DROP TABLE plot_t, plot_m, plot_bare, plot_odd;
DROP FUNCTION plot_labels(text), plot_marks(text), plot_axis(text);
