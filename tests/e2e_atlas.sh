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

# A part of a zone's name is no zone; a part of an organ's name finds all that hold it, and that is said.
[ "$(code "$BIN/tenderfoot" atlas P1)" = 2 ] && grep -q "no zone 'P1'.*: P10, P11" "$t/err" || fail "P1: $(cat "$t/err")"
[ "$(code "$BIN/tenderfoot" atlas EAR --json)" = 0 ] && grep -q "'EAR' is only a part of names; it is in: ears, heart" "$t/err" ||
    fail "ear found the heart in silence: $(cat "$t/err")"
for whole in p04 P04.1 Heart 'heart and vessels' C1; do
    [ "$(code "$BIN/tenderfoot" atlas "$whole")" = 0 ] && [ ! -s "$t/err" ] || fail "'$whole' is a whole name: $(cat "$t/err")"
done
# What the form asked for would leave aside is refused, not ignored.
for wrong in "--check P07" "--check --json" "--check --draw $t/no.svg" "--check --at 0.4,0.4 --foot left" \
    "P07 --at 0.4,0.4 --foot left" "--at 0.4,0.4 --foot left --draw $t/no.svg" "--json --draw $t/no.svg" \
    "--at heel,toes --foot left" "--at 0.4 --foot left" "--at 0.4,0.4,0.4 --foot left" "--at nan,0.4 --foot left"; do
    [ "$(code "$BIN/tenderfoot" atlas $wrong)" = 2 ] && [ ! -s "$t/out" ] && [ ! -e "$t/no.svg" ] ||
        fail "atlas $wrong was taken: $(cat "$t/out" "$t/err")"
done

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
[ "$(code "$BIN/tenderfoot" atlas --atlas "$t/none.json")" = 1 ] || fail "a file that is not there"
[ "$(code "$BIN/tenderfoot" atlas no-such-organ)" = 2 ] || fail "an unknown organ"
[ "$(code "$BIN/tenderfoot" atlas --no-such-option)" = 2 ] || fail "an unknown option"
[ "$(code "$BIN/tenderfoot" atlas --help)" = 0 ] || fail "no help"

# Both ways: a place, with its uncertainty and on a second chart beside the first; drawn.
"$BIN/tenderfoot" atlas --at 0.735,0.18 --foot left --error 3 --beside analysis/atlas/atlas.json >"$t/place"
if grep -E '\[.*([0-9]{3}:[0-9]+).*\1.*\]' "$t/place"; then fail "a line of an article is cited twice"; fi
grep -q '^P07 .*probability 0\.[89]' "$t/place" || fail "the zone under a place: $(cat "$t/place")"
grep -q 'zone L1, ball' "$t/place" || fail "the strip of a place"
[ "$(grep -c '^Chart: ' "$t/place")" = 2 ] || fail "two charts beside each other"
# Which foot is never guessed, and is said.
[ "$(code "$BIN/tenderfoot" atlas --at 0.735,0.18)" = 2 ] || fail "a place on no stated foot was answered"
"$BIN/tenderfoot" atlas --at 0.735,0.18 --foot right | grep -q "the template's right foot" || fail "the foot is not said"
[ "$(code "$BIN/tenderfoot" atlas --at 7,0.2 --foot left)" = 2 ] || fail "a place off the foot"
[ "$(code "$BIN/tenderfoot" atlas --error 3)" = 2 ] || fail "an error without a place"
# A second chart of its own name and version, with one more organ at P07 and a zone moved.
python3 - "$t/second.json" <<'P'
import json, sys
chart = json.load(open("analysis/atlas/atlas.json"))
chart["name"], chart["version"] = "another school", "0.7"
for zone in chart["zones"]:
    if zone["id"] == "P07":
        zone["sources"].append(dict(zone["sources"][0], organ="spleen"))
    if zone["id"] == "P09":
        zone["geometry"]["centre"] = [0.70, 0.47]
chart.pop("overlaps", None)
json.dump(chart, open(sys.argv[1], "w"))
P
"$BIN/tenderfoot" atlas P07 --beside "$t/second.json" >"$t/both" || fail "the second chart was refused"
grep -q '^Chart: five articles, version 1.0$' "$t/both" && grep -q '^Chart: another school, version 0.7$' "$t/both" ||
    fail "both charts by name and version: $(grep '^Chart' "$t/both")"
[ "$(grep -c 'spleen' "$t/both")" -ge 1 ] || fail "what the second chart alone says"
[ "$(code "$BIN/tenderfoot" atlas --check --beside "$t/second.json")" = 0 ] || fail "check of both: $(cat "$t/err")"
"$BIN/tenderfoot" atlas --at 0.735,0.18 --foot left --beside "$t/second.json" --json >"$t/place.json"
"$BIN/tenderfoot" atlas P07 --beside "$t/second.json" --json >"$t/both.json"
python3 - "$t/place.json" "$t/both.json" <<'P' || fail "JSON of two charts"
import json, sys
place, both = (json.load(open(path)) for path in sys.argv[1:])
assert [(c["chart"], c["version"]) for c in place["charts"]] == [("five articles", "1.0"), ("another school", "0.7")], place
for chart in place["charts"]:
    assert {"C1", "C3"} <= {c["id"] for c in chart["conflicts"]}, chart["conflicts"]
    assert all(c["topic"] and c["versions"] and c["resolution"] for c in chart["conflicts"])
tradition = [next(z["tradition"] for z in c["zones"] if z["zone"] == "P07") for c in place["charts"]]
assert "spleen" not in tradition[0] and "spleen" in tradition[1], tradition
assert both["schema"] == "tenderfoot/atlas-charts/1", both["schema"]
assert [(c["name"], c["version"], [z["id"] for z in c["zones"]]) for c in both["charts"]] == \
    [("five articles", "1.0", ["P07"]), ("another school", "0.7", ["P07"])], both
P
for kind in svg png pdf; do "$BIN/tenderfoot" atlas --draw "$t/chart.$kind" >"$t/out"; done
head -c 8 "$t/chart.png" | grep -q PNG && head -c 5 "$t/chart.pdf" | grep -q PDF || fail "the pictures"
grep -q '<svg' "$t/chart.svg" || fail "the SVG"
[ "$(code "$BIN/tenderfoot" atlas P07 --draw "$t/one.svg")" = 0 ] && grep -q "^$t/one.svg is written\.$" "$t/out" ||
    fail "nothing says what was drawn: $(cat "$t/out" "$t/err")"
[ "$(code "$BIN/tenderfoot" atlas P07 --draw "$t/one.svg")" = 0 ] && grep -q 'in the place of an older one' "$t/out" ||
    fail "a picture was replaced in silence: $(cat "$t/out")"
[ "$(code "$BIN/tenderfoot" atlas --draw "$t/chart.gif")" = 2 ] || fail "an unknown kind of picture"
echo "atlas: chart, zone, organ, JSON and bad files as documented"
