# Prints the links of Markdown files that lead nowhere: to a file that is not
# there, to a heading that a file given has not. The name of a heading is what
# GitHub makes of it.
#
#   awk -f links.awk FILE..     paths relative to the folder of all
#
function folder(path) { return sub(/[^\/]*$/, "", path) ? path : "" }
function plain(path) {
	while (sub(/[^\/]+\/\.\.\//, "", path))
		;
	return path
}
FNR == 1 { code = 0; known[FILENAME] = 1 }
/^```/ { code = !code; next }
code { next }
/^#+ / {
	name = tolower($0)
	sub(/^#+ /, "", name)
	gsub(/[^a-z0-9 _-]/, "", name)
	gsub(/ /, "-", name)
	heading[FILENAME "#" name] = 1
}
{
	for (rest = $0; match(rest, /\]\([^)]*\)/); rest = substr(rest, RSTART + RLENGTH))
	{
		link = substr(rest, RSTART + 2, RLENGTH - 3)
		if (link ~ /^[a-z]+:/)
			continue
		place[++n] = FILENAME ":" FNR ": " link
		to[n] = link ~ /^#/ ? FILENAME link : plain(folder(FILENAME) link)
	}
}
END {
	for (i = 1; i <= n; i++)
	{
		file = to[i]
		sub(/#.*/, "", file)
		if (to[i] ~ /#/ ? !(to[i] in heading) : !(file in known) && system("test -e " file))
			print place[i]
	}
}
