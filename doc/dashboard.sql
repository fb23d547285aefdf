-- A page to look at: what a named model says of the rows of a table.
--
--   psql -X -v model=fraud -v rows=payments -v at=paid_at -f doc/dashboard.sql -o fraud.html
--
-- model    the name of a model (iforest_fit)
-- rows     what to judge: a table or view, or a query in brackets:
--          -v rows="(SELECT * FROM payments WHERE paid_at > now() - interval '7 days')"
-- at       a column of them that is a time or a date; without it, nothing is drawn over time
-- top      outliers that are listed; 20 if it is not given
--
-- The page is one file without scripts, and asks nothing of any server. The
-- queries only read, with the rights of who runs them; the model's own query
-- is shown to nobody and not run. Everything that comes from tables is escaped.

\set QUIET on
\encoding UTF8
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
\pset null ''
\timing off
\if :{?top}
\else
  \set top 20
\endif
\set SHOW_CONTEXT never
\if :{?model}
\else
  DO $$ BEGIN RAISE 'dashboard.sql: say which model: -v model=NAME'; END $$;
\endif
\if :{?rows}
\else
  DO $$ BEGIN RAISE 'dashboard.sql: say which rows to judge: -v rows=TABLE'; END $$;
\endif
SELECT :'rows' ~* '^\s*(SELECT|WITH|TABLE|VALUES)\M' AS is_bare
\gset
\if :is_bare
  DO $$ BEGIN RAISE 'dashboard.sql: a query goes in brackets: -v rows="(SELECT ..)"'; END $$;
\endif
SELECT :'top' !~ '^[0-9]{1,9}$' AS is_no_number
\gset
\if :is_no_number
  DO $$ BEGIN RAISE 'dashboard.sql: top is a number of rows: -v top=50'; END $$;
\endif
\if :{?at}
  \set moment ' (r.:"at")::timestamptz '
\else
  \set moment 'NULL::timestamptz'
\endif

-- Text v as HTML.
\set html 'replace(replace(replace(replace(v, $$&$$, $$&amp;$$), $$<$$, $$&lt;$$), $$>$$, $$&gt;$$), $$"$$, $$&quot;$$)'
-- A row of a table from the array "cells", as HTML.
\set row '(SELECT $$<tr>$$ || string_agg($$<td>$$ || :html || $$</td>$$, NULL ORDER BY n) || $$</tr>$$ FROM unnest(cells) WITH ORDINALITY AS c (v, n))'
-- The rows with what the model says of each.
\set judged '(SELECT r, iforest_score(:''model'', r) AS score, iforest_is_outlier(:''model'', r) AS is_outlier, :moment AS moment FROM :rows AS r) AS j'

-- Whatever cannot be done is said here, before there is half a page.
SELECT :'moment' <> 'NULL::timestamptz' AND count(*) > 0 AS has_time, count(*) > 0 AS has_rows,
       count(is_outlier) + count(moment) AS judged_one, iforest_threshold(:'model') AS cut,
       count(*) > 0 AND jsonb_array_length(iforest_info(iforest_model(:'model')) -> 'features') > 1 AS has_map,
       coalesce((iforest_info(iforest_model(:'model')) #>> '{options,columns_per_split}')::int, 1) = 1 AS has_expected,
       count(*) > 0 AND (SELECT bool_or(median IS NOT NULL OR category_rows IS NOT NULL) FROM iforest_features(iforest_model(:'model'))) AS has_drift
FROM (SELECT * FROM :judged LIMIT 1) AS first
\gset

SELECT '<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>' || :html || '</title>
<style>
:root { color-scheme: light dark; --paper: #f6f7f9; --card: #fff; --ink: #1c2430; --faint: #5d6878; --rule: #dde2e9; --usual: #2b6ca8; --unusual: #c24a02; }
@media (prefers-color-scheme: dark) { :root { --paper: #12161c; --card: #1b212a; --ink: #e6eaf0; --faint: #9aa6b5; --rule: #313a46; --usual: #6fb0e6; --unusual: #f0914d; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 20px; background: var(--paper); color: var(--ink); font: 14px/1.5 system-ui, "Segoe UI", "Noto Sans", sans-serif; }
main { max-width: 1200px; margin: auto; display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); }
header, section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 16px; min-width: 0; }
header, .wide { grid-column: 1 / -1; }
h1 { margin: 0 0 4px; font-size: 22px; overflow-wrap: anywhere; } h2 { margin: 0 0 10px; font-size: 15px; }
p { margin: 0; color: var(--faint); }
dl { display: flex; flex-wrap: wrap; gap: 8px 32px; margin: 14px 0 0; } dt { color: var(--faint); font-size: 12px; } dd { margin: 0; font-size: 20px; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.wide table { min-width: 820px; } .wide td:first-child { white-space: nowrap; } .wide td:nth-child(2) { min-width: 7em; } .chart svg { width: 100%; min-width: 640px; }
th, td { text-align: left; vertical-align: top; padding: 5px 14px 5px 0; border-top: 1px solid var(--rule); } th { color: var(--faint); font-weight: 600; font-size: 12px; border-top: 0; }
svg { display: block; max-width: 100%; height: auto; } .sheet { background: #fff; border-radius: 6px; overflow: hidden; }
.unusual { fill: var(--unusual); } .line { fill: none; stroke: var(--usual); stroke-width: 1.6; } .rule { stroke: var(--faint); stroke-dasharray: 4 3; }
svg text.note { fill: var(--faint); font-size: 11px; }
</style></head><body><main>'
FROM (SELECT 'Model ' || :'model') AS t (v);

-- What it is, and what it says in all.
SELECT '<header><h1>' || (SELECT :html FROM (SELECT :'model') AS t (v)) || '</h1><p>version ' || m.version || ', trained on ' || m.rows || ' rows, '
       || to_char(m.trained_at, 'YYYY-MM-DD HH24:MI TZ') || '; this page is of ' || to_char(now(), 'YYYY-MM-DD HH24:MI TZ') || '</p><dl>'
       || '<div><dt>rows judged</dt><dd>' || j.n || '</dd></div><div><dt>unusual</dt><dd>' || j.outliers || '</dd></div>'
       || '<div><dt>share of unusual rows</dt><dd>' || coalesce(round(100.0 * j.outliers / nullif(j.n, 0), 2) || ' %', 'none') || '</dd></div>'
       || '<div><dt>threshold</dt><dd>' || round(iforest_threshold(:'model')::numeric, 3) || '</dd></div>'
       || '<div><dt>highest score</dt><dd>' || coalesce(round(j.most::numeric, 3)::text, 'none') || '</dd></div>'
       || coalesce('<div><dt>last unusual row</dt><dd>' || to_char(j.latest, 'YYYY-MM-DD HH24:MI') || '</dd></div>', '') || '</dl></header>'
FROM iforest_models AS m,
     (SELECT count(*) AS n, count(*) FILTER (WHERE is_outlier) AS outliers, max(score) AS most, max(moment) FILTER (WHERE is_outlier) AS latest
      FROM :judged) AS j
WHERE m.name = :'model' AND m.active;

-- Over time: the highest score, and how many rows are unusual, of 60 spans.
\if :has_time
SELECT '<section class="wide"><h2>Over time: the highest score, and unusual rows</h2>
<div class="scroll chart"><svg viewBox="0 0 960 250" width="960" height="250" role="img"><title>Highest score and number of unusual rows over time</title>'
       || coalesce(string_agg(format('<rect class="unusual" x="%s" y="%s" width="13" height="%s"><title>%s: %s unusual of %s rows, highest score %s</title></rect>',
                                     40 + 15 * span, 220 - h, h, to_char(start, 'YYYY-MM-DD HH24:MI'), outliers, n, round(most::numeric, 3)), '' ORDER BY span)
                   FILTER (WHERE outliers > 0), '')
       || coalesce('<polyline class="line" points="' || string_agg((46 + 15 * span) || ',' || y, ' ' ORDER BY span) FILTER (WHERE y IS NOT NULL) || '"/>', '')
       || coalesce(format('<line class="rule" x1="40" x2="940" y1="%s" y2="%s"/><text class="note" x="0" y="%s">%s</text>', min(cut_y), min(cut_y), min(cut_y) + 4, round(min(cut)::numeric, 3)), '')
       || coalesce(format('<text class="note" x="34" y="154" text-anchor="end">%s</text><text class="note" x="40" y="240">%s</text><text class="note" x="940" y="240" text-anchor="end">%s</text>',
                          max(outliers), to_char(min(first), 'YYYY-MM-DD HH24:MI'), to_char(min(last), 'YYYY-MM-DD HH24:MI')), '')
       || '<line x1="40" x2="940" y1="220.5" y2="220.5" stroke="currentColor" opacity=".3"/></svg></div>
<p>Above: the highest score of each span, with the threshold dashed. Below: how many rows of it are unusual.</p></section>'
FROM (SELECT s.*, iforest_threshold(:'model') AS cut, round((70 * outliers / nullif(max(outliers) OVER (), 0)::numeric), 1) AS h,
             round((120 - 110 * (most - least) / nullif(upper - least, 0))::numeric, 1) AS y,
             round((120 - 110 * (iforest_threshold(:'model') - least) / nullif(upper - least, 0))::numeric, 1) AS cut_y,
             first + span * (last - first) / 60 AS start
      FROM (SELECT least(59, floor(60 * extract(epoch FROM moment - first) / nullif(extract(epoch FROM last - first), 0)))::int AS span,
                   count(*) AS n, count(*) FILTER (WHERE is_outlier) AS outliers, max(score) AS most, min(first) AS first, min(last) AS last,
                   least(min(min(score)) OVER (), iforest_threshold(:'model')) AS least, greatest(max(max(score)) OVER (), iforest_threshold(:'model')) AS upper
            FROM :judged, (SELECT min(:moment) AS first, max(:moment) AS last FROM :rows AS r WHERE isfinite(:moment)) AS ends
            WHERE isfinite(moment) AND score IS NOT NULL
            GROUP BY 1) AS s
      WHERE span IS NOT NULL) AS spans;
\endif

-- The most unusual rows, and why.
SELECT '<section class="wide"><h2>Most unusual rows</h2><div class="scroll"><table><thead><tr><th>score</th>'
\if :has_time
       || '<th>at</th>'
\endif
       || '<th>why</th><th>first of all</th>'
\if :has_expected
       || '<th>expected there</th>'
\endif
       || '<th>row</th></tr></thead><tbody>'
       || coalesce(string_agg(:row, NULL ORDER BY place), '<tr><td colspan="6">'
\if :has_rows
                   || 'no row is unusual'
\else
                   || 'there are no rows to judge'
\endif
                   || '</td></tr>') || '</tbody></table></div></section>'
FROM (SELECT row_number() OVER (ORDER BY score DESC, o.r::text) AS place,
             ARRAY[round(score::numeric, 3)::text,
\if :has_time
                   coalesce(to_char(moment, 'YYYY-MM-DD HH24:MI'), ''),
\endif
                   iforest_reason(:'model', o.r), e.feature || ' ' || coalesce(e.value, 'missing'),
\if :has_expected
                   coalesce(CASE WHEN e.expected ~ '^-?[0-9]+[.][0-9]{5,}$' THEN left(e.expected, strpos(e.expected, '.') + 4) ELSE left(e.expected, 40) END, ''),
\endif
                   (SELECT string_agg(key || ' ' || coalesce(left(value, 60), 'NULL'), ' | ' ORDER BY n)
                    FROM jsonb_each_text(to_jsonb(o.r)) WITH ORDINALITY AS k (key, value, n) WHERE n <= 12)] AS cells
      FROM (SELECT * FROM :judged WHERE is_outlier ORDER BY score DESC, r::text LIMIT :top) AS o,
           LATERAL (SELECT * FROM iforest_explain(:'model', o.r) LIMIT 1) AS e) AS t;

-- The rows over the score map, and the scores of the training.
\if :has_map
SELECT '<section><h2>Rows by the two columns that tell most</h2><div class="sheet">' || coalesce(iforest_plot(:'model', iforest_plot_options(width => 640, height => 480), r), '') || '</div></section>'
FROM :rows AS r;
\endif
SELECT '<section><h2>Scores of the training rows</h2><div class="sheet">' || iforest_plot_scores(:'model', iforest_plot_options(width => 640, height => 480)) || '</div></section>';

-- Have the rows moved away from those of the training? Models of other libraries do not know these.
\if :has_drift
SELECT '<section><h2>Drift since the training: ' || coalesce(d ->> 'verdict', 'no rows') || '</h2><div class="scroll"><table><thead><tr><th>column</th><th>verdict</th><th>direction</th><th>PSI</th></tr></thead><tbody>'
       || coalesce((SELECT string_agg(:row, NULL ORDER BY psi DESC NULLS LAST)
                    FROM (SELECT ARRAY[f ->> 'name', f ->> 'verdict', coalesce(f ->> 'direction', ''), f ->> 'psi'] AS cells, (f ->> 'psi')::float8 AS psi
                          FROM jsonb_array_elements(d -> 'features') AS f ORDER BY 2 DESC NULLS LAST LIMIT 20) AS t), '')
       || '</tbody></table></div></section>'
FROM (SELECT iforest_drift(iforest_model(:'model'), r) AS d FROM :rows AS r) AS t;
\endif

-- Its versions.
SELECT '<section><h2>Versions</h2><div class="scroll"><table><thead><tr><th>version</th><th>trained</th><th>rows</th><th>last refit</th><th>note</th></tr></thead><tbody>'
       || string_agg(:row, NULL ORDER BY version DESC) || '</tbody></table></div></section></main></body></html>'
FROM (SELECT version, ARRAY[version || CASE WHEN active THEN ' (active)' ELSE '' END, to_char(trained_at, 'YYYY-MM-DD HH24:MI'), rows::text,
                            coalesce(last_refit, ''), coalesce(note, '')] AS cells
      FROM iforest_models WHERE name = :'model') AS t;
