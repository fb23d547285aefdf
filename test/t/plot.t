#!/bin/sh
# Pictures in a browser: chromium opens each, and a script in the page
# (plot.html) tells what is there: whether the XML is well-formed, where the
# labels lie, how many marks each class has, and what colours it sees.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
cd "$IFOREST_SRC" || exit 1
. test/lib/browser.sh
browser_begin plot

# What the page reports of the pictures NAME.svg, into NAME.report.
look() { # NAME..
	{
		cat test/t/plot.html
		for name; do
			echo "<img id=\"$name\" src=\"data:image/svg+xml;base64,$(base64 -w 0 "$work/$name.svg")\">"
		done
	} >"$work/page.html"
	browser_dom "$work/page.html" |
		sed -n '/id="report"/,/<\/pre>/p' >"$work/page.report"
	for name; do
		sed -n "s/^$name //p" "$work/page.report" >"$work/$name.report"
	done
}

# The word behind a word in the report of a picture.
word() { # NAME WORD
	awk -v word="$2" '{ for (i = 1; i < NF; i++) if ($i == word) { print $(i + 1); exit } }' "$work/$1.report"
}

# Whether a browser finds all of a picture in order.
in_order() { # NAME
	[ "$(word "$1" wellformed)" = true ] && [ "$(word "$1" outside)" = 0 ] && [ "$(word "$1" covered)" = 0 ] &&
		[ "$(word "$1" colors)" -ge 10 ] && [ "$(word "$1" drawn)" -ge 5 ] &&
		awk '$1 == "points" && ($2 != $4 || $6 != "true") { bad = 1 }
			$1 == "color" && $4 == 0 { bad = 1 } END { exit bad }' "$work/$1.report"
}

sql -c 'CREATE EXTENSION iforest' || exit 1
sql -v picture="$work/example.svg" -f test/cmd/demo.sql >/dev/null || exit 1
cmp -s "$work/example.svg" doc/worked_example.svg
ok $? 'doc/worked_example.svg is what the demo draws ("make picture")'

# Everything at once: categories, NULLs, infinities, times, unseen values, text of all kinds.
sql <<-'SQL' || exit 1
	SET max_parallel_workers_per_gather = 0;
	SELECT setseed(0.5) \g /dev/null
	CREATE TABLE payments AS
	SELECT id, CASE WHEN id % 50 > 0 THEN 10 + 80 * random() END AS amount, (5 + 16 * random())::int AS hour,
		   CASE WHEN id % 40 > 0 THEN (ARRAY['AT', 'DE', 'a <b> & "c"', 'größer ☃', 'a rather long name of a country'])[1 + id % 5] END AS country,
		   timestamptz '2024-01-01 UTC' + id * interval '3 hours' AS at, id % 10 = 0 AS gift, 'm' || id % 40 AS shop
	FROM generate_series(1, 3000) AS id;
	CREATE TABLE model AS
	SELECT iforest_train(iforest_options(seed => 1), p) AS model
	FROM (SELECT amount, hour, country, at, gift, shop FROM payments ORDER BY id) AS p;
	INSERT INTO payments VALUES (3001, 'Infinity', 3, 'XX', '2026-01-01 UTC', true, 'none');
SQL
draw() { # NAME EXPRESSION
	sql -c "SELECT $2 FROM payments p, model" >"$work/$1.svg" || exit 1
	sql -c "SELECT xmlparse(DOCUMENT $2) IS NOT NULL FROM payments p, model" >"$work/$1.xml" 2>&1
	[ "$(cat "$work/$1.xml")" = t ]
	ok $? "$1: a document of XML" "$work/$1.xml"
}
draw numbers "iforest_plot(model, iforest_plot_options(x => 'hour', y => 'amount'), p ORDER BY id)"
draw categories "iforest_plot(model, iforest_plot_options(x => 'country', y => 'gift', color => 'score'), p ORDER BY id)"
draw times "iforest_plot(model, iforest_plot_options(x => 'at', y => 'country'), p ORDER BY id)"
draw many "iforest_plot(model, iforest_plot_options(x => 'shop', y => 'amount', max_points => 100), p ORDER BY id)"
draw classes "iforest_plot_classes(model, iforest_plot_options(title => 'a <b> title & more', width => 1000, height => 700), 'kind ' || id % 8, p ORDER BY id)"
draw small "iforest_plot(model, iforest_plot_options(x => 'country', y => 'amount', width => 320, height => 240), p ORDER BY id)"
draw smallest "iforest_plot(model, iforest_plot_options(x => 'at', y => 'hour', width => 240, height => 200, title => ''), p ORDER BY id)"
draw large "iforest_plot(model, iforest_plot_options(x => 'at', y => 'amount', width => 1600, height => 1200, steps => 400), p ORDER BY id)"
draw scores "iforest_plot_scores(min(model::text)::bytea, iforest_plot_options(width => 480, height => 320))"
draw explanation "min(iforest_plot_explanation(model, p)) FILTER (WHERE id = 3001)"

# Titles longer than the picture is wide, of letters that are; long names beside bars and bands.
sql <<-'SQL' || exit 1
	CREATE TABLE wide_model AS
	SELECT iforest_train(iforest_options(seed => 1), p) AS wide
	FROM (SELECT amount AS "Total Amount In Euros Including Value Added Tax", at AS "Placed At", country AS "WWWW MMMM" FROM payments ORDER BY id) AS p;
SQL
title="'WIDE Titles of MANY Mmm 100 % characters @ more room than one guesses ' || repeat('Wm ÖÄ ', 60)"
widths='320 400 720'
for width in $widths; do
	draw "title$width" "min(iforest_plot_explanation((SELECT wide FROM wide_model), iforest_plot_options(width => $width, title => $title), amount, at, country)) FILTER (WHERE id = 3001)"
	draw "titles$width" "iforest_plot(model, iforest_plot_options(width => $width, title => $title, x => 'amount', y => 'country'), p ORDER BY id)"
done

# Far values on every side: strips, arrows and their labels stay on the sheet, without a map too.
sql <<-'SQL' || exit 1
	CREATE TABLE far AS
	SELECT CASE id WHEN 1 THEN 99999999 WHEN 2 THEN -1234567.5 ELSE coalesce(nullif(amount, 'Infinity'), 50) END AS amount, hour, country,
		   CASE id WHEN 3 THEN timestamptz '1970-01-01 UTC' WHEN 4 THEN '2199-12-31 UTC' ELSE at END AS at, gift, shop FROM payments;
SQL
for width in 240 720; do
	draw "far$width" "min((SELECT iforest_plot(model, iforest_plot_options(x => 'at', y => 'amount', width => $width, height => 300), f) FROM far f, model))"
	draw "bare$width" "min((SELECT iforest_plot(model, iforest_plot_options(x => 'amount', y => 'at', width => $width, height => 300, map => false, color => 'score'), f) FROM far f, model))"
done

if ! has_browser; then
	skip 'no chromium to look at the pictures with'
	echo "1..$n"
	exit
fi

pictures='example numbers categories times many classes small smallest large scores explanation far240 far720 bare240 bare720'
for width in $widths; do pictures="$pictures title$width titles$width"; done
svg='<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200">'
echo "$svg<rect width=\"300\" height=\"200\" fill=\"#fff\"/></svg>" >"$work/blank.svg"
echo "$svg<text>a & b</text>" >"$work/broken.svg"
echo "$svg<text x=\"250\" y=\"50\">beyond the sheet</text></svg>" >"$work/beyond.svg"
# shellcheck disable=SC2086 # a list
look $pictures blank broken beyond

# A page that looked at nothing may not pass: what is no picture is found out.
[ "$(word blank wellformed)" = true ] && [ "$(word blank colors)" = 1 ] && [ "$(word blank drawn)" = 0 ]
ok $? 'a blank sheet is found out' "$work/page.report"
[ "$(word broken wellformed)" = false ]
ok $? 'broken XML is found out' "$work/broken.report"
[ "$(word beyond outside)" = 1 ]
ok $? 'a label beyond the sheet is found out' "$work/beyond.report"

for name in $pictures; do
	in_order "$name"
	ok $? "$name: in a browser" "$work/$name.report"
	grep -E '^(image|points)' "$work/$name.report" | sed 's/^/# /'
done
[ "$(grep -c '^points' "$work/classes.report")" -eq 8 ]
ok $? 'eight classes are drawn'
for width in $widths; do
	grep -q '"end"><title>Placed At = 2026-01-01 00:00:00+00</title>Pl[^;]*&#x2026; = 2026-01-01[^<]*</text>' "$work/title$width.svg" ||
		grep -q '"end">Placed At = 2026-01-01 00:00:00+00</text>' "$work/title$width.svg"
	ok $? "the name is cut off before its value, at a width of $width"
done
[ "$(awk '$1 == "points" { print $2 }' "$work/example.report" | xargs)" = '2000 400 50 230 230' ]
ok $? 'the worked example has 2000, 400 and 50 points, and twice 230 novel ones' "$work/example.report"

echo "1..$n"
