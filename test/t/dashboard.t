#!/bin/sh
# The page that doc/dashboard.sql makes of a model: what it has, that it is
# well-formed whatever names and rows hold, that it only reads; and where there
# is chromium, that it fits screens of all sizes, light and dark.
set -u

[ -n "${PGHOST:-}" ] || { echo '1..0 # SKIP no server'; exit 0; }
cd "$IFOREST_SRC" || exit 1
. test/lib/browser.sh
browser_begin dashboard

page() { # NAME OPTION..
	page_name=$1
	shift
	PGOPTIONS="-c default_transaction_read_only=on ${PGROLE:-}" psql -X "$@" -f doc/dashboard.sql -o "$work/$page_name.html" >"$work/$page_name.log" 2>&1
}

# Whether a page is there, without a complaint, as XML, and has all of these.
has() { # NAME TEXT..
	page_name=$1
	shift
	[ ! -s "$work/$page_name.log" ] || return 1
	# the server may have no XML: then the browser alone tells
	sql -v page="$(cat "$work/$page_name.html")" >"$work/$page_name.xml" 2>&1 <<-'SQL'
		SELECT xmlparse(DOCUMENT replace(:'page', '<!DOCTYPE html>', '')) IS NOT NULL;
	SQL
	grep -q -x -e t -e '.*unsupported XML feature.*' "$work/$page_name.xml" || return 1
	for text; do
		grep -q -F "$text" "$work/$page_name.html" || { echo "no $text" >"$work/$page_name.log"; return 1; }
	done
}

sql <<'SQL' || exit 1
CREATE EXTENSION iforest;
SELECT setseed(0.5) \g /dev/null
CREATE TABLE orders AS
SELECT i AS id, CASE i WHEN 777 THEN 9999 ELSE round((10 + 40 * -ln(random()))::numeric, 2) END AS amount, 1 + (random() ^ 3 * 5)::int AS items,
	   timestamptz '2026-01-01 UTC' + i * interval '10 minutes' AS placed_at, 'Customer ' || i % 40 AS customer
FROM generate_series(1, 3000) AS i;
SELECT iforest_fit('orders', 'SELECT amount, items, customer FROM orders', iforest_options(seed => 1)) \g /dev/null
SELECT iforest_fit('orders', 'SELECT amount, items, customer FROM orders', iforest_options(seed => 2)) \g /dev/null
CREATE TABLE "a <b> ""c""" AS SELECT i % 20 AS "x & <y>", CASE WHEN i = 5 THEN '<script>alert(1)</script>' ELSE 'a "b" & ' || i % 3 END AS text, i % 7 AS z FROM generate_series(1, 500) AS i;
SELECT iforest_fit('it''s <i>"&', 'SELECT * FROM "a <b> ""c"""', iforest_options(seed => 1)) \g /dev/null
CREATE TABLE one AS SELECT i % 50 AS x FROM generate_series(1, 300) AS i;
SELECT iforest_fit('one', 'SELECT x FROM one', iforest_options(seed => 1)) \g /dev/null
SELECT iforest_fit('sums', 'SELECT amount, items FROM orders', '{"seed": 1, "columns_per_split": 2}') \g /dev/null
SELECT iforest_store('foreign', iforest_from_json(iforest_to_json(iforest_model('sums')) - 'profile')) \g /dev/null
SELECT iforest_store('bare', iforest_from_json(iforest_to_json(iforest_model('sums')) - 'profile' - 'calibration')) \g /dev/null
CREATE TABLE renamed AS SELECT id, amount, items AS pieces, placed_at FROM orders LIMIT 10;
CREATE ROLE dashboard_reader;
SELECT iforest_share('orders', 'dashboard_reader') \g /dev/null
GRANT SELECT ON one TO dashboard_reader;
SQL
outliers=$(sql -c "SELECT count(*) FROM orders AS o WHERE iforest_is_outlier('orders', o)")

page full -v model=orders -v rows=orders -v at=placed_at -v top=7
has full '<h1>orders</h1>' 'version 2, trained on 3000 rows' "<dt>unusual</dt><dd>$outliers</dd>" 'Over time' '<polyline class="line"' \
	'Most unusual rows' ' is high (usual ' 'Rows by the two columns' 'Scores of the training rows' 'Drift since the training: stable' \
	'<td>2 (active)</td>' '<td>1</td>'
ok $? 'a page of a model has all its parts' "$work/full.log"
[ "$(grep -o 'id [0-9]* | ' "$work/full.html" | wc -l)" -eq 7 ]
ok $? 'as many rows are listed as were asked for'
[ "$(sql -c "SELECT string_agg(id::text, ',' ORDER BY s DESC) FROM (SELECT id, iforest_score('orders', o) AS s FROM orders AS o ORDER BY s DESC LIMIT 7) AS t")" = \
	"$(grep -o 'id [0-9]* | ' "$work/full.html" | tr -dc '0-9\n' | paste -s -d ,)" ]
ok $? 'they are those that score highest'
[ "$(grep -o '<title>[^<]*: [0-9]* unusual of' "$work/full.html" | sed 's/.*: //; s/ .*//' | awk '{ n += $1 } END { print n }')" = "$outliers" ]
ok $? 'the bars over time add up to the unusual rows'

page query -v model=orders -v rows="(SELECT * FROM orders WHERE placed_at < '2026-01-03')" -v at=placed_at
has query '<dt>rows judged</dt><dd>287</dd>'
ok $? 'rows may be a query' "$work/query.log"
page timeless -v model=orders -v rows=orders
has timeless 'Most unusual rows' && ! grep -q 'Over time' "$work/timeless.html"
ok $? 'without a time there is nothing over time' "$work/timeless.log"
page none -v model=orders -v rows='(SELECT * FROM orders WHERE false)' -v at=placed_at
has none '<dt>rows judged</dt><dd>0</dd>' 'there are no rows to judge' && ! grep -q -e 'Over time' -e 'two columns' -e 'Drift' "$work/none.html"
ok $? 'without rows there is a page, too' "$work/none.log"
page one -v model=one -v rows=one
has one 'Scores of the training rows' && ! grep -q 'Rows by the two columns' "$work/one.html"
ok $? 'a model of one column has no map' "$work/one.log"

page hostile -v model="it's <i>\"&" -v rows='"a <b> ""c"""'
has hostile "<h1>it's &lt;i&gt;&quot;&amp;</h1>" && ! grep -q -e '<script' -e '<i>' -e '<b>' "$work/hostile.html" &&
	grep -q -F '&lt;script&gt;alert(1)' "$work/hostile.html"
ok $? 'names and values stay text' "$work/hostile.log"
! grep -q -e 'src=' -e 'href=' -e '@import' -e 'url(' "$work/full.html"
ok $? 'a page asks for nothing from outside'

page sums -v model=sums -v rows=orders
has sums 'first of all' 'Drift since' && ! grep -q 'expected there' "$work/sums.html"
ok $? 'a model that expects nothing has no column for it' "$work/sums.log"
page foreign -v model=foreign -v rows=orders
has foreign 'first of all' && ! grep -q 'Drift since' "$work/foreign.html"
ok $? 'a model that does not know its training rows has no drift' "$work/foreign.log"

# What it cannot do it says at once, and leaves no half of a page.
refuses() { # COMPLAINT OPTION..
	complaint=$1
	shift
	! page refused "$@" && grep -q -F "$complaint" "$work/refused.log" && [ ! -s "$work/refused.html" ]
	ok $? "refused: $complaint" "$work/refused.log"
}
refuses 'say which model: -v model=NAME' -v rows=orders
refuses 'say which rows to judge: -v rows=TABLE' -v model=orders
refuses 'a query goes in brackets' -v model=orders -v rows='SELECT * FROM orders'
refuses 'top is a number of rows' -v model=orders -v rows=orders -v top=all
refuses 'model "nobody" does not exist' -v model=nobody -v rows=orders
refuses 'relation "nothing" does not exist' -v model=orders -v rows=nothing
refuses 'row has no column "items"' -v model=sums -v rows=renamed
refuses 'column r.paid_at does not exist' -v model=orders -v rows=orders -v at=paid_at
refuses 'cannot cast type numeric to timestamp' -v model=orders -v rows=orders -v at=amount
refuses 'model has no calibration' -v model=bare -v rows=orders
PGROLE='-c role=dashboard_reader'
refuses 'permission denied for table orders' -v model=orders -v rows=orders
refuses 'model "one" does not exist' -v model=one -v rows=one
PGROLE=
sql -c 'DROP OWNED BY dashboard_reader' -c 'DROP ROLE dashboard_reader'

if ! has_browser; then
	skip 'no chromium to look at the pages with'
	echo "1..$n"
	exit
fi

# What a browser says of a page: how wide it is beside its window, and its colours.
look() { # NAME WIDTH OPTION..
	page_name=$1
	width=$2
	shift 2
	{
		sed 's/<\/body><\/html>//' "$work/$page_name.html"
		echo '<pre id="report"></pre><script>
			const style = getComputedStyle(document.body);
			const cards = [...document.querySelectorAll("header, section")];
			document.getElementById("report").textContent = ["report",
				"fits", document.documentElement.scrollWidth <= innerWidth,
				"cards", cards.length, "inside", cards.every(card => card.getBoundingClientRect().right <= innerWidth),
				"drawn", [...document.querySelectorAll("svg")].every(svg => svg.getBoundingClientRect().height > 100),
				"paper", style.backgroundColor].join(" ");
		</script></body></html>'
	} >"$work/look.html"
	browser_dom "$work/look.html" --window-size="$width,1000" "$@" | grep -o 'report fits[^<]*' >"$work/report"
}
for width in 390 820 1600; do
	look full "$width"
	grep -q 'fits true cards 7 inside true drawn true paper rgb(246, 247, 249)' "$work/report"
	ok $? "a window of $width pixels holds it" "$work/report"
done
look full 1200 --blink-settings=preferredColorScheme=0
grep -q 'fits true cards 7 inside true drawn true paper rgb(18, 22, 28)' "$work/report"
ok $? 'it is dark where that is preferred' "$work/report"

echo "1..$n"
