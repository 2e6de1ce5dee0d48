#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run_all.sh BUILD RUNNER JOBS NAME... [--beside JOBS NAME...]: runs each, JOBS at a time and all of them whatever
# fails, the slow ones first (by the time they took here before, else in the order given), so that none of them
# is waited for alone at the end. Those after --beside run meanwhile, so many at a time, and only with what the first
# leave of the processors: who waits for a plate or a browser waits no longer for that. Then the failed are named, and
# the exit is 1; so it is unless as many said that they passed as were named (a runner that was killed says nothing).
# FUZZ_SECONDS is passed on to a runner that wants it.
set -eu
build=$1 runner=$2
shift 2
list=$(mktemp -d)
trap 'rm -rf "$list"' EXIT
mkdir -p "$build/seconds"
export PASSED="$list/passed" FAILED="$list/failed"

# longest_first: of the names that come in
longest_first() {
    while read -r name; do
        took=$(cat "$build/seconds/$(basename "$name" .sh)" 2>/dev/null || echo 0)
        printf '%s\t%s\n' "$took" "$name"
    done | sort -s -k 1,1nr | cut -f 2
}

# run JOBS LIST HOW...: the names of the list
run() {
    jobs=$1 names=$2
    shift 2
    longest_first <"$names" | xargs -P "$jobs" -I{} "$@" sh "$runner" "$build" {} ${FUZZ_SECONDS:-} || true
}

# Names as lines of two lists, what comes first in the one and what comes beside in the other.
jobs=$1 beside=0
shift
: >"$list/first"
: >"$list/second"
to=$list/first
while [ $# -gt 0 ]; do
    if [ "$1" = --beside ]; then
        beside=$2 to=$list/second
        shift
    else
        echo "$1" >>"$to"
    fi
    shift
done
named=$(cat "$list/first" "$list/second" | wc -l)

run "$jobs" "$list/first" env &
[ "$beside" = 0 ] || run "$beside" "$list/second" nice -n 5
wait

[ ! -s "$list/failed" ] || {
    echo "$(wc -l <"$list/failed") of $named failed: $(sort "$list/failed" | tr '\n' ' ')" >&2
    exit 1
}
passed=$(sort -u "$list/passed" 2>/dev/null | wc -l)
[ "$passed" -eq "$named" ] || {
    echo "$passed of $named passed, and of the rest none said that it failed: it was killed, or never began" >&2
    exit 1
}
