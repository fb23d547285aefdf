#!/bin/sh
# Fetches what bench/run compares with besides the machine's own packages:
# scikit-learn as new as Debian has it, with its Python, unpacked into a folder
# and run from there; and ONNX Runtime for Node.js, from npm.
#
# usage: peers.sh FOLDER
#
# Installs nothing, and needs no root: 700 MB, some minutes, once. What cannot
# be had is left out, and said. PEERS_SUITE (sid) is the release of Debian.
set -eu
folder=$(mkdir -p "${1:?folder}" && cd "$1" && pwd)
cd "$(dirname "$0")/.."
. test/lib/debian.sh

suite=${PEERS_SUITE:-sid}
say() { echo "$@" >&2; }

# apt with lists and packages of its own, and nothing installed.
apt() { # COMMAND..
	"$@" -q -o "Dir::Etc::SourceList=$folder/apt/sources" \
		-o Dir::Etc::SourceParts=/dev/null -o "Dir::State=$folder/apt" \
		-o "Dir::State::status=$folder/apt/status" \
		-o "Dir::Cache=$folder/apt" -o Acquire::Check-Valid-Until=false \
		-o APT::Install-Recommends=false -o APT::Sandbox::User=root
}

# Unpacks packages and all that they need into FOLDER/sklearn.
fetch_sklearn() {
	mkdir -p "$folder/apt/lists/partial" "$folder/apt/archives/partial"
	: >"$folder/apt/status"
	keys=/usr/share/keyrings/debian-archive-keyring.gpg
	echo "deb [signed-by=$keys] $(mirror_of debian) $suite main" >"$folder/apt/sources"
	apt apt-get update
	apt apt-get -y --download-only install python3-sklearn libopenblas0-pthread
	mkdir -p "$folder/sklearn.part"
	for package in "$folder"/apt/archives/*.deb; do
		dpkg-deb --fsys-tarfile "$package" |
			tar -xf - -C "$folder/sklearn.part" --keep-directory-symlink
	done
	rm -rf "$folder/apt"
	mv "$folder/sklearn.part" "$folder/sklearn"
}

fetch_onnx() {
	mkdir -p "$folder/onnx.part"
	npm install --ignore-scripts --no-audit --no-fund --loglevel=error \
		--prefix "$folder/onnx.part" onnxruntime-node
	mv "$folder/onnx.part" "$folder/onnx"
}

for peer in sklearn onnx; do
	[ ! -e "$folder/$peer" ] || continue
	rm -rf "$folder/$peer.part"
	say "Fetching $peer .."
	"fetch_$peer" >&2 || say "$peer: cannot be had"
done
