# What an SQL script of the extension leaves to the search path, as
# "line: what". It is run by a superuser, or for one, in a schema that others
# may have written to before: whatever the script calls there has to be named
# in full, or be what the script itself has just created.
#
# Calls      pg_catalog.f(..), or one of the extension's own, iforest_..
# Operators  OPERATOR(pg_catalog.=), and none that hides in a word: BETWEEN, IN,
#            LIKE, SIMILAR, NULLIF, IS DISTINCT FROM, a CASE with an operand
# Bodies     of SQL and plpgsql, which look names up when they run, only with
#            SET search_path = pg_catalog, pg_temp
#
#   awk -f test/cmd/qualified.awk sql/iforest--1.0.sql
BEGIN {
	n = split("add aggregate all and any as atomic by cast check coalesce column" \
		" columns conflict constraint default delete distinct else elsif execute" \
		" exists filter for foreign from function generated grant if index insert" \
		" into join key not of on operator or over parallel partition perform" \
		" primary raise references return returning select set some storage table" \
		" text then to trigger type unique update using values varying view when" \
		" where while with", list, " ")
	for (i = 1; i <= n; i++)
		syntax[list[i]] = 1
	n = split("between ilike in like nullif overlaps similar", list, " ")
	for (i = 1; i <= n; i++)
		hidden[list[i]] = 1
}

function complain(what) { print FILENAME ":" FNR ": " what }

# One word, with what stands before and behind it.
function look_at_word(word, before, behind) {
	if (before ~ /[.]$/)
	{
		if (behind ~ /^[[:blank:]]*\(/ && word !~ /^_?iforest_/ &&
			before !~ /(pg_catalog|@extschema@)[.]$/)
			complain("call of " word "() outside of pg_catalog")
		return
	}
	if (word in hidden || (word == "distinct" && behind ~ /^[[:blank:]]+from/))
		complain(toupper(word) " is an operator by the search path")
	else if (word == "case" && behind !~ /^[[:blank:]]+when/)
		complain("CASE with an operand is an operator by the search path")
	else if (word in syntax || word ~ /^_?iforest_/)
		return
	else if (behind ~ /^[[:blank:]]*\(/)
		complain("unqualified call of " word "()")
}

# What is between words: operators, outside of OPERATOR(..).
function look_at_rest(rest) {
	gsub(/operator\(pg_catalog[.][^)]*\)/, " ", rest)
	gsub(/set search_path =|::|=>|:=|\(\*\)|[.]\*/, " ", rest)
	if (in_definition && sub(/^[[:blank:]]*([a-z_]*func|input|output|receive|send) = /, "", rest) &&
		rest !~ /^(_?iforest_|pg_catalog[.])/)
		complain("unqualified support function " rest)
	if (in_definition)
		sub(/^[[:blank:]]*[a-z_]+ = /, " ", rest)
	if (match(rest, /[-+*\/<>=~!@#%^&|`?]+/))
		complain("unqualified operator " substr(rest, RSTART, RLENGTH))
}

# The line without comments and literals, which may span lines.
function code_of(line,    code, c, i) {
	code = ""
	for (i = 1; i <= length(line); i++)
	{
		c = substr(line, i, 1)
		if (inside_literal)
		{
			if (c == "'")
				inside_literal = 0
		}
		else if (c == "'")
		{
			inside_literal = 1
			code = code "''"
		}
		else if (substr(line, i, 2) == "--")
			break
		else
			code = code c
	}
	return tolower(code)
}

/^(\/\*|\\echo)/ { next }

{
	code = code_of($0)
	if (code ~ /^create (or replace )?(aggregate|type)/)
		in_definition = 1
	# the names of arguments and columns are not looked up
	look_at_rest(code)
	rest = code
	before = ""
	while (match(rest, /[a-z_][a-z0-9_]*/))
	{
		word = substr(rest, RSTART, RLENGTH)
		before = before substr(rest, 1, RSTART - 1)
		look_at_word(word, before, substr(rest, RSTART + RLENGTH))
		before = before word
		rest = substr(rest, RSTART + RLENGTH)
	}
	statement = statement " " code
	if (code ~ /;[[:blank:]]*$/ && statement !~ /\$\$[^$]*$/)
	{
		if (statement ~ /language (sql|plpgsql)/ &&
			statement !~ /set search_path (=|to) pg_catalog, pg_temp/)
			complain("body that the search path can change: add SET search_path = pg_catalog, pg_temp")
		statement = ""
		in_definition = 0
	}
}
