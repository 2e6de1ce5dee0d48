#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run_benches.sh BUILD NAME...: runs the benchmarks one after the other, each the program BUILD/release/tests/NAME or a
# script tests/NAME, given BUILD; their rows (name, value, unit) in columns, and how long each took. One that fails stops
# no other; then it ends with 1.
set -u
build=$1 failed= begin=$(date +%s)
shift
export BIN="$build/release" BUILD="$build"
said=$(mktemp)
trap 'rm -f "$said"' EXIT
trap 'exit 1' INT TERM
for name in "$@"; do
    from=$(date +%s)
    case $name in
    *.py) set -- python3 -B "tests/$name" "$BUILD" ;;
    *) set -- "$BIN/tests/$name" ;;
    esac
    "$@" >"$said" || failed="$failed $name"
    awk -F '\t' 'NF > 1 { printf "%-88s %12s %s\n", $1, $2, $3 }' "$said"
    echo "($name: $(($(date +%s) - from)) s)"
done
echo "(all: $(($(date +%s) - begin)) s)"
[ -z "$failed" ] || {
    echo "FAILED:$failed" >&2
    exit 1
}
