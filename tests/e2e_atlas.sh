#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The atlas verb as a person meets it: the built-in chart, one zone, one organ, JSON that is a chart
# again, and bad files refused with the zone's name and exit 3.
set -eu
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
fail() { echo "e2e_atlas: $*" >&2; exit 1; }
code() { set +e; "$@" >"$t/out" 2>"$t/err"; c=$?; set -e; echo $c; }

[ "$(code "$BIN/tenderfoot" atlas --check)" = 0 ] || fail "the built-in chart is not good: $(cat "$t/err")"
grep -q '25 zones, 17 parts and variants, 9 points outside the plate, 41 conflicts' "$t/out" ||
    fail "counts: $(cat "$t/out")"

[ "$(code "$BIN/tenderfoot" atlas p07)" = 0 ] || fail "no P07"
grep -q 'traditionally associated with: liver (articles 001, 003)' "$t/out" || fail "P07 without liver"
grep -q '\[003:271\]' "$t/out" || fail "P07 without its source"
tr '\n' ' ' <"$t/out" | grep -q 'does not diagnose or rule out any disease' || fail "no disclaimer"
! grep -q 'P16' "$t/out" || fail "P07 lists other zones"

[ "$(code "$BIN/tenderfoot" atlas gallbladder)" = 0 ] || fail "no gallbladder"
grep -q '^P10 ' "$t/out" || fail "gallbladder without P10"

[ "$(code "$BIN/tenderfoot" atlas --json)" = 0 ] || fail "no JSON"
cp "$t/out" "$t/chart.json"
[ "$(code "$BIN/tenderfoot" atlas --check --atlas "$t/chart.json")" = 0 ] || fail "its JSON is no chart"

sed 's/"half_width_mm": 7.0/"half_width_mm": -7/' analysis/atlas/atlas.json >"$t/bad.json"
[ "$(code "$BIN/tenderfoot" atlas --atlas "$t/bad.json")" = 3 ] || fail "a bad strip was taken"
grep -q 'zone P19' "$t/err" || fail "the message does not name the zone: $(cat "$t/err")"
head -c 5000 analysis/atlas/atlas.json >"$t/cut.json"
[ "$(code "$BIN/tenderfoot" atlas --atlas "$t/cut.json")" = 3 ] || fail "a cut file was taken"
: >"$t/empty.json"
[ "$(code "$BIN/tenderfoot" atlas --atlas "$t/empty.json")" = 3 ] || fail "an empty file was taken"
[ "$(code "$BIN/tenderfoot" atlas --atlas "$t/none.json")" = 3 ] || fail "a file that is not there"
[ "$(code "$BIN/tenderfoot" atlas no-such-organ)" = 2 ] || fail "an unknown organ"
[ "$(code "$BIN/tenderfoot" atlas --no-such-option)" = 2 ] || fail "an unknown option"
[ "$(code "$BIN/tenderfoot" atlas --help)" = 0 ] || fail "no help"

# Both ways: a place, with its uncertainty and on a second chart beside the first; drawn.
"$BIN/tenderfoot" atlas --at 0.735,0.18 --side left --error 3 --beside analysis/atlas/atlas.json >"$t/place"
grep -q '^P07 .*probability 0\.[89]' "$t/place" || fail "the zone under a place: $(cat "$t/place")"
grep -q 'zone L1, ball' "$t/place" || fail "the strip of a place"
[ "$(grep -c '^Chart: ' "$t/place")" = 2 ] || fail "two charts beside each other"
[ "$(code "$BIN/tenderfoot" atlas --at 7,0.2)" = 2 ] || fail "a place off the foot"
[ "$(code "$BIN/tenderfoot" atlas --error 3)" = 2 ] || fail "an error without a place"
for kind in svg png pdf; do "$BIN/tenderfoot" atlas --draw "$t/chart.$kind"; done
head -c 8 "$t/chart.png" | grep -q PNG && head -c 5 "$t/chart.pdf" | grep -q PDF || fail "the pictures"
grep -q '<svg' "$t/chart.svg" || fail "the SVG"
[ "$(code "$BIN/tenderfoot" atlas --draw "$t/chart.gif")" = 2 ] || fail "an unknown kind of picture"
echo "atlas: chart, zone, organ, JSON and bad files as documented"
