#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The plate's process that its computer did not run for seconds: what is overdue comes no faster than a host can take it, and
# is not lost. Sent at once it would overflow every cable, and the host be told of losses that are not its own.
set -eu
: "${BIN:?the folder with the programs}"
dir=$(mktemp -d)
plate=
trap 'kill -KILL $plate 2>/dev/null || :; rm -rf "$dir"' EXIT

fail() {
    echo "e2e_late_plate: $*" >&2
    exit 1
}

"$BIN/tenderfoot-plate" --subject samples/subjects/normal.json --rate 100 --socket "$dir/plate" >/dev/null &
plate=$!
while [ ! -S "$dir/plate" ]; do
    kill -0 $plate || fail "the plate does not start"
    sleep 0.1
done
"$BIN/tenderfoot" record -d "stream:$dir/plate" --seconds 8 -o "$dir/r.tfr" --json >"$dir/out" &
record=$!
while [ ! -s "$dir/r.tfr" ] && [ ! -s "$dir/r.tfr.part" ]; do
    kill -0 $record || fail "nothing is recorded"
    sleep 0.1
done
kill -STOP $plate
sleep 3.5
kill -CONT $plate
wait $record || fail "exit $?"
grep -q '"stalls": 1' "$dir/out" || fail "the plate did not stop: $(cat "$dir/out")"
# In one burst 260 of the 350 overdue are lost; a busy machine may lose some of what comes at twice the pace.
lost=$(sed -n 's/^  "lost": \([0-9]*\),$/\1/p' "$dir/out")
[ "$lost" -le 100 ] || fail "$lost frames are lost: $(cat "$dir/out")"
