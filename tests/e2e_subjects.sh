#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every shipped subject is recorded on its virtual plate and analysed; what must be found is found.
set -eu
# Whole sessions of minutes: by the released programs; other tests run the same code under sanitizers.
BIN=${BUILD:?}/release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

for file in samples/subjects/*.json; do
    name=$(basename "$file" .json)
    "$BIN/tenderfoot" simulate --subject "$file" --seed 7 -o "$work/$name.tfr" \
        --truth "$work/$name.truth.json" >"$work/said"
    "$BIN/tenderfoot" verify "$work/$name.tfr" >/dev/null
    "$BIN/tenderfoot" analyze "$work/$name.tfr" --json >"$work/$name.json"
    if python3 tests/support/expected.py "samples/expected/$name.json" "$work/$name.json"; then
        echo "$name: as expected ($(cut -d: -f2- "$work/said"))"
    else
        bad=1
    fi
    rm -f "$work/$name.tfr"
done

# What these analyses say can be said in the page's other languages.
"$BIN/tests/tools/said_in" ru $(ls "$work"/*.json | grep -v truth) >"$work/said"
python3 -B tests/support/said.py "$work/said" || bad=1

# A subject that is wrong: exit 3, its path on stderr, nothing written.
printf '{"schema":"tenderfoot/subject/1","person":{"body_mass_kg":-3}}' >"$work/bad.json"
code=0
"$BIN/tenderfoot" simulate --subject "$work/bad.json" -o "$work/bad.tfr" --truth "$work/bad.truth" \
    2>"$work/said" || code=$?
[ "$code" = 3 ] && grep -qF '$.person.body_mass_kg' "$work/said" && [ ! -e "$work/bad.tfr" ] &&
    [ ! -e "$work/bad.truth" ] || { echo "bad subject: exit $code"; cat "$work/said"; bad=1; }
code=0
"$BIN/tenderfoot" simulate --subject samples/subjects/child.json 2>/dev/null || code=$?
[ "$code" = 2 ] || { echo "no -o: exit $code, not 2"; bad=1; }
echo "a bad subject is refused with its path (exit 3), a missing -o is wrong usage (exit 2)"

# A FIFO is no subject, and nobody waits for one.
mkfifo "$work/fifo"
code=0
timeout 120 "$BIN/tenderfoot" simulate --subject "$work/fifo" -o "$work/fifo.tfr" 2>"$work/err" || code=$?
[ $code = 3 ] && grep -q 'not a regular file' "$work/err" && [ ! -e "$work/fifo.tfr" ] ||
    { echo "a FIFO as subject: exit $code"; cat "$work/err"; exit 1; }
echo "a FIFO as a subject is refused at once (exit 3)"
exit $bad
