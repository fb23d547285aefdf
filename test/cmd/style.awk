# Names what is not in PostgreSQL's style in C sources, as "file:line: what":
#
#   awk -f test/cmd/style.awk -v types=typedefs.list src/score/score.c ..
#
# These are the rules that need no parser. Where pgindent is at hand it has the
# last word (make indent).

BEGIN {
	while ((getline type < types) > 0)
		known[type] = 1
	split("bool char double float int long short unsigned void", builtin, " ")
	for (i in builtin)
		known[builtin[i]] = 1
}

function complain(what) { print FILENAME ":" FNR ": " what }

# Columns that a line takes with tabs of 4.
function width(line,    parts, n, i, columns) {
	n = split(line, parts, "\t")
	for (i = 1; i < n; i++)
	{
		columns += length(parts[i])
		columns += 4 - columns % 4
	}
	return columns + length(parts[n])
}

# The line without comments, with strings and characters emptied. Comments go on
# in the next line while "inside" is set.
function code_of(line,    code, at, rest) {
	code = ""
	rest = line
	while (rest != "")
	{
		if (inside)
		{
			at = index(rest, "*/")
			if (at)
				inside = 0
			rest = at ? substr(rest, at + 2) : ""
			continue
		}
		if (!match(rest, /"|'|\/\*/))
			return code rest
		code = code substr(rest, 1, RSTART - 1)
		rest = substr(rest, RSTART)
		if (substr(rest, 1, 2) == "/*")
		{
			inside = 1
			rest = substr(rest, 3)
		}
		else if (match(rest, /^"([^"\\]|\\.)*"/))
		{
			code = code "\"\""
			rest = substr(rest, RLENGTH + 1)
		}
		else if (match(rest, /^'([^'\\]|\\.)+'/))
		{
			code = code "'c'"
			rest = substr(rest, RLENGTH + 1)
		}
		else
		{
			code = code substr(rest, 1, 1)
			rest = substr(rest, 2)
		}
	}
	return code
}

FNR == 1 {
	inside = 0
	block = ""
	previous = ""
	name = FILENAME
	sub(/.*\//, "", name)
	guard = toupper(name)
	gsub(/[^A-Z0-9]/, "_", guard)
	if (!/^\/\*-----*$/)
		complain("the file does not begin with a head")
}

FNR == 3 && $0 != " * " name { complain("the head does not name " name) }

name ~ /\.h$/ && /^#ifndef/ && !(FILENAME in guarded) {
	guarded[FILENAME] = 1
	if ($2 !~ "(^|_)" guard "$")
		complain("the guard is " $2 ", not " guard)
}

{
	match($0, /^[ \t]*/)
	indent = substr($0, 1, RLENGTH)
	# What goes on below a parenthesis begins where pgindent puts it.
	room = width(indent) < 24 ? 80 : 100
	if (width($0) > room && !/"/)
		complain("has " width($0) " columns, more than " room)
	if (indent ~ / \t/ || indent ~ /    /)
		complain("is indented by blanks where a tab does")
	commented = inside
	code = code_of($0)
}

# Headers come in blocks of one kind, each sorted.
/^#[ \t]*include/ {
	header = $2
	kind = substr(header, 1, 1)
	if (block == kind && header <= previous)
		complain("includes " header " behind " previous)
	else if (block != "" && block != kind)
		complain("includes " header " without an empty line before it")
	block = kind
	previous = header
	next
}

{ block = "" }

commented || /^#/ { held = ""; next }

code ~ /\/\// { complain("has a comment of //") }

code !~ /(=|return) \([A-Za-z]+\) \{/ && code ~ /(\)|[ \t]else|[ \t]do)[ \t]*\{[ \t]*$/ ||
	code ~ /^(typedef )?(struct|enum|union)[^;=(]*\{/ {
	complain("opens a block behind other code")
}

code ~ /\}[ \t]*else/ { complain("has else behind a brace") }

code ~ /(^|[^A-Za-z0-9_])(if|for|while|switch|return)\(/ {
	complain("has no blank behind a keyword")
}

code ~ /\([ \t]+[^ \t\\]/ || code ~ /[^ \t;(][ \t]+\)/ {
	complain("has a blank inside parentheses")
}

# (pgindent writes {.a = 1,.b = 2}.)
code ~ /,[^ \t\\).]/ { complain("has no blank behind a comma") }

# "Type *name", not "Type* name" nor "Type * name".
{
	rest = code
	while (match(rest, /[A-Za-z_][A-Za-z0-9_]*( \*+ |\*+ ?)[A-Za-z_]/))
	{
		word = substr(rest, RSTART, RLENGTH)
		sub(/[^A-Za-z0-9_].*/, "", word)
		if (word in known)
			complain("has a star beside its type " word)
		rest = substr(rest, RSTART + length(word))
	}
}

# A function's name begins the line behind its type.
code ~ /^[A-Za-z_].*[ *][a-z_0-9]+\(/ && code !~ /^(extern|typedef|return|else|case|__attribute__)[ (]/ {
	held = FNR
}
held && code ~ /;[ \t]*$/ { held = "" }
held && /^\{/ {
	print FILENAME ":" held ": has the function's type on the line of its name"
	held = ""
}
