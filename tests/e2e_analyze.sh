#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The analyze verb as a person meets it: JSON and summary of a virtual person whose truth is known,
# the same bytes twice, whole files only, and the documented exit codes for what cannot be analysed.
set -eu
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
tf=$BIN/tenderfoot
fail() { echo "e2e_analyze: $*" >&2; exit 1; }
code() { set +e; "$@" >"$t/out" 2>"$t/err"; c=$?; set -e; echo $c; }

"$tf" simulate --subject samples/subjects/one_foot.json --seed 4 -o "$t/one.tfr" --truth "$t/truth.json" >/dev/null
[ "$(code "$tf" analyze "$t/one.tfr" --json --frames)" = 0 ] || fail "$(cat "$t/err")"
cp "$t/out" "$t/first.json"
python3 - "$t/first.json" "$t/truth.json" <<'PY' || fail "the numbers are not those of the truth"
import json, sys
a, truth = (json.load(open(p)) for p in sys.argv[1:3])
assert a["schema"] == "tenderfoot/analyze/1"
foot, = a["feet"]
true, = truth["feet"]
pose = true["pose"]
assert foot["side"] == true["side"] and foot["confidence"] > 0.9, foot["side"]
assert abs(foot["angle_deg"] - pose["angle_deg"]) < 3
assert abs(foot["length_mm"] - pose["length_mm"]) < 8
assert abs(foot["frame"]["heel_x_mm"] - pose["x_mm"]) < 5
assert abs(foot["frame"]["heel_y_mm"] - pose["y_mm"]) < 5
assert abs(foot["load_percent"] - 100) < 1e-6
assert abs(sum(r["load_percent"] for r in foot["regions"]) - foot["load_percent"]) < 1e-6
assert abs(foot["force_n"] / true["force_n"] - 1) < 0.05
assert len(a["frames"]["force_n"]) == a["recording"]["frames"]
print("one virtual foot: %s, confidence %.2f, %.1f degrees, %.0f mm" %
      (foot["side"], foot["confidence"], foot["angle_deg"], foot["length_mm"]))
PY

[ "$(code "$tf" analyze "$t/one.tfr" --json --frames -o "$t/second.json")" = 0 ] || fail "-o: $(cat "$t/err")"
[ ! -s "$t/out" ] || fail "-o still writes to standard output"
cmp -s "$t/first.json" "$t/second.json" || fail "two analyses differ"
[ "$(code "$tf" analyze "$t/one.tfr" -o "$t/no/such/folder.json")" = 1 ] || fail "a folder that is not there"

[ "$(code "$tf" analyze "$t/one.tfr")" = 0 ] || fail "no summary"
grep -q 'G4  heel' "$t/out" || fail "no regions in the summary"
tr '\n' ' ' <"$t/out" | grep -q 'does not diagnose or rule out any disease' || fail "no disclaimer"

# Nothing reaches this threshold: an honest result, not an error.
[ "$(code "$tf" analyze "$t/one.tfr" --threshold 9999)" = 0 ] || fail "no foot is an error"
grep -q '^No foot: ' "$t/out" || fail "no reason without a foot: $(cat "$t/out")"

[ "$(code "$tf" analyze)" = 2 ] || fail "no recording named: not exit 2"
[ "$(code "$tf" analyze "$t/one.tfr" --threshold soft)" = 2 ] || fail "a threshold of words: not exit 2"
[ "$(code "$tf" analyze "$t/one.tfr" --threshold -3)" = 2 ] || fail "a negative threshold: not exit 2"
[ "$(code "$tf" analyze "$t/one.tfr" --frames)" = 2 ] || fail "--frames alone: not exit 2"
[ "$(code "$tf" analyze "$t/nowhere.tfr")" = 1 ] || fail "a missing file: not exit 1"
: >"$t/empty.tfr"
[ "$(code "$tf" analyze "$t/empty.tfr")" = 3 ] || fail "an empty file: not exit 3"
[ "$(code "$tf" analyze samples/subjects/normal.json)" = 3 ] || fail "a foreign file: not exit 3"
[ "$(code "$tf" analyze "$t/one.tfr" --calibration samples/subjects/normal.json)" = 3 ] || fail "a foreign calibration: not exit 3"
[ "$(code "$tf" analyze "$t/one.tfr" --atlas samples/subjects/normal.json)" = 3 ] || fail "a foreign chart: not exit 3"
echo "analyze: exit codes 0, 1, 2 and 3 as documented, the same bytes twice"

# A recording is never the price of a number about it.
cp "$t/one.tfr" "$t/kept.tfr"
[ "$(code "$tf" analyze "$t/one.tfr" -o "$t/one.tfr")" = 1 ] || fail "the recording was overwritten by its analysis"
[ "$(code "$tf" report "$t/one.tfr" -o "$t/one.tfr")" = 2 ] || fail "a report called .tfr: not exit 2"
cp samples/subjects/normal.json "$t/me.json"
[ "$(code "$tf" simulate --subject "$t/me.json" --truth "$t/me.json" -o "$t/new.tfr")" = 2 ] || fail "the subject was overwritten"
[ "$(code "$tf" simulate --subject "$t/me.json" --truth "$t/one.tfr" -o "$t/new.tfr")" = 1 ] || fail "a truth over a recording"
cmp -s "$t/one.tfr" "$t/kept.tfr" && cmp -s samples/subjects/normal.json "$t/me.json" || fail "an input was changed"
# Damage of the file is told, beside the frames that are missing.
printf 'XXXXXXXXXXXXX' | dd of="$t/kept.tfr" bs=1 seek=400000 conv=notrunc 2>/dev/null
[ "$(code "$tf" analyze "$t/kept.tfr" --json)" = 0 ] || fail "$(cat "$t/err")"
grep -q "file is damaged in 1 places" "$t/out" || fail "damage of the file is not told"
# What is shown on the page and in reports names no command; the terminal's own summary does.
if grep -q "tenderfoot verify" "$t/out"; then fail "a warning names a command"; fi
[ "$(code "$tf" analyze "$t/kept.tfr")" = 0 ] && grep -q "'tenderfoot verify' tells what of the file is whole" "$t/out" || fail "not said how to go on"
echo "analyze: no input is overwritten; a damaged file says so"
