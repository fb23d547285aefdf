-- Pictures of tables as they are: which columns, far values, whole numbers, and
-- unusual rows among many regular ones.
\set VERBOSITY default
\set SHOW_CONTEXT never
SET max_parallel_workers_per_gather = 0;

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

-- Without anything else said, the picture is of the two columns that tell most.
CREATE TABLE plot_tell AS
SELECT i, i * 7919 % 101 AS noise, CASE WHEN i % 50 = 0 THEN 500 + i ELSE i * 31 % 40 END AS a, 'k' || i % 3 AS kind, CASE WHEN i % 50 = 1 THEN -100.0 - i ELSE i * 17 % 30 END AS b, 1 AS one
FROM generate_series(1, 3000) i;
CREATE TABLE plot_tell_m AS SELECT iforest_train(iforest_options(seed => 1, exclude => '{i}'), t ORDER BY i) AS model FROM plot_tell t;
CREATE FUNCTION plot_title(svg text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT substring(svg FROM '<title>([^<]*)') $$;
SELECT plot_title(iforest_plot(model, t)) AS both, plot_title(iforest_plot(model, iforest_plot_options(x => 'noise'), t)) AS one_given,
       plot_title(iforest_plot(model, iforest_plot_options(y => 'a'), t)) AS other_given
FROM plot_tell t, plot_tell_m;

-- One value far off the others does not push them into a line: it has a strip
-- of its own, with an arrow to it. Where all are near each other, there is none.
CREATE TABLE plot_far AS SELECT i, CASE i WHEN 7 THEN 9999 WHEN 8 THEN -700 ELSE i * 37 % 500 END::float8 AS amount, 1 + i % 4 AS items FROM generate_series(1, 2000) i;
CREATE TABLE plot_far_m AS SELECT iforest_train(iforest_options(seed => 1), amount, items ORDER BY i) AS model FROM plot_far;
CREATE FUNCTION plot_arrows(svg text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT count(*) FROM regexp_matches(svg, '<path d="M[0-9]+ [0-9]+[HV][0-9]+m', 'g') $$;
SELECT tails, plot_arrows(svg) AS arrows, labels[4:5 + 2 * plot_arrows(svg)::int] AS first_labels, labels[array_length(labels, 1):] AS note
FROM (SELECT tails, iforest_plot(model, iforest_plot_options(tails => tails), amount, items) AS svg FROM plot_far, plot_far_m, (VALUES ('arrows'), ('full')) AS v (tails) GROUP BY tails) AS p, plot_labels(svg) AS labels ORDER BY tails;
SELECT plot_arrows(iforest_plot(model, amount, items)) AS none_far FROM plot_far, plot_far_m WHERE i > 8;
-- How far the regular rows reach along the axis, in tenths of it: with arrows nearly all of it.
CREATE FUNCTION plot_places(svg text, label text) RETURNS TABLE (x numeric, y numeric) LANGUAGE sql IMMUTABLE AS $$
	-- steps are relative: sums of them are places; each path starts with one that is not
	SELECT sum(step_x) OVER w, sum(step_y) OVER w
	FROM regexp_split_to_table(svg, '<g class="points" ') AS part,
	     regexp_matches(part, '<path fill="(?:none" stroke="#[^f]|#[^f])[^>]* d="([^"]*)"', 'g') WITH ORDINALITY AS p (d, path),
	     regexp_matches(d[1], '[mM](-?[0-9.]+) ?(-?[0-9.]+)(?:h0|l)', 'g') WITH ORDINALITY AS s (step, n),
	     LATERAL (SELECT step[1]::numeric AS step_x, step[2]::numeric AS step_y) AS v
	WHERE part LIKE '%<title>' || label || '%'
	WINDOW w AS (PARTITION BY path ORDER BY n)
$$;
SELECT tails, (max(x) - min(x)) > 400 AS spread
FROM (SELECT tails, iforest_plot(model, iforest_plot_options(tails => tails), amount, items) AS svg FROM plot_far, plot_far_m, (VALUES ('arrows'), ('full')) AS v (tails) GROUP BY tails) AS p,
     plot_places(svg, 'regular') GROUP BY tails ORDER BY tails;
SELECT iforest_plot_options(tails => 'none');

-- Whole numbers are spread, so that rows which share one do not hide each
-- other: but to the nearest one each still belongs. Few rows are not.
SELECT count(DISTINCT y) > 100 AS spread, max(y) - min(y) > 200 AS over_all, count(DISTINCT round((y - first) / apart)) AS bands,
       max(abs((y - first) / apart - round((y - first) / apart))) < 0.4 AS in_bands
FROM (SELECT y, min(y) OVER () + 8 AS first, (max(y) OVER () - min(y) OVER () - 16) / 3 AS apart
      FROM plot_places((SELECT iforest_plot(model, iforest_plot_options(max_points => 100000), amount, items) FROM plot_far, plot_far_m), 'regular')) AS p;
SELECT count(DISTINCT y) AS not_spread FROM plot_places((SELECT iforest_plot(model, amount, items) FROM plot_far, plot_far_m WHERE i BETWEEN 10 AND 200), 'regular');

-- Unusual rows among regular ones are thinned as these are: their part of the
-- marks is their part of the rows. Where there are no others, all are drawn.
CREATE TABLE plot_mixed AS
SELECT i, ('x' || substr(md5(i::text), 1, 5))::bit(20)::int % 1000 / 10.0 AS a, ('x' || substr(md5(i::text), 6, 5))::bit(20)::int % 1000 / 10.0 AS b, CASE WHEN i % 50 = 0 THEN 1000.0 ELSE i % 10 END AS c FROM generate_series(1, 50000) i
UNION ALL SELECT 50000 + i, 300 + i, 300 + i, 2000 FROM generate_series(1, 20) i;
CREATE TABLE plot_mixed_m AS SELECT iforest_train(iforest_options(seed => 1, contamination => 0.02), a, b, c ORDER BY i) AS model FROM plot_mixed;
SELECT regular, unusual, outliers, abs(unusual::numeric / (regular + unusual) - 0.02) < 0.006 AS true_share
FROM (SELECT max(rows) FILTER (WHERE label LIKE 'regular%') AS regular, max(rows) FILTER (WHERE label LIKE 'unusual%') AS unusual
      FROM plot_marks((SELECT iforest_plot(model, iforest_plot_options(x => 'a', y => 'b', tails => 'full', max_points => 4000), a, b, c) FROM plot_mixed, plot_mixed_m WHERE i <= 50000))) AS m,
     (SELECT count(*) AS outliers FROM plot_mixed, plot_mixed_m WHERE iforest_is_outlier(model, a, b, c)) AS o;
SELECT count(*) FILTER (WHERE x > 550) AS far_ones FROM plot_places((SELECT iforest_plot(model, iforest_plot_options(x => 'a', y => 'b', tails => 'full', max_points => 4000), a, b, c) FROM plot_mixed, plot_mixed_m), 'unusual');

-- No map: no places are scored, and no scale tells of them, unless marks have
-- its colours.
SELECT color, map, svg LIKE '%class="map"%' AS has_map, 'score' = ANY (plot_labels(svg)) AS has_scale, svg LIKE '%Map: the score%' AS has_note
FROM (SELECT color, map, iforest_plot(model, iforest_plot_options(map => map, color => color), a, b, c) AS svg
      FROM plot_mixed, plot_mixed_m, (VALUES ('verdict', true), ('verdict', false), ('score', false)) AS v (color, map) WHERE i % 100 = 1 GROUP BY color, map) AS p ORDER BY color DESC, map DESC;

DROP TABLE plot_tell, plot_tell_m, plot_far, plot_far_m, plot_mixed, plot_mixed_m;
DROP FUNCTION plot_labels(text), plot_marks(text), plot_title(text), plot_arrows(text), plot_places(text, text);
