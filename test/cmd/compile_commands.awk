# Makes compile_commands.json of what "make -n" would run (see the Makefile):
#
#   make -B -n all | awk -v folder="$PWD" -f test/cmd/compile_commands.awk

/ -c / && / -o [^ ]+\.o / {
	source = $0
	for (i = 1; i < NF; i++)
		if ($(i + 1) ~ /\.c$/)
			source = $(i + 1)
	command = $0
	gsub(/\\/, "\\\\", command)
	gsub(/"/, "\\\"", command)
	printf "%s\n  {\"directory\": \"%s\", \"file\": \"%s\",\n   \"command\": \"%s\"}", n++ ? "," : "[", folder, source, command
}

END { print n ? "\n]" : "[]" }
