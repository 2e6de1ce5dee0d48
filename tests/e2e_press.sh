#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A guided press test from end to end: a virtual person is led by the engine and the planted zone is found; refused
# without a screening; the plate's own limit; Ctrl-C; a plate that leaves and a test that is taken up again; over a
# socket; keys and raw mode of a real terminal (a pty).
set -eu
BIN=${BUILD:?}/release
work=$(mktemp -d)
plate=
trap '[ -z "$plate" ] || kill "$plate" 2>/dev/null || true; rm -rf "$work"' EXIT
fail() {
    echo "$1"
    shift
    for file; do cat "$file"; done
    exit 1
}
cat >"$work/one.json" <<'S'
{
  "schema": "tenderfoot/subject/1",
  "person": {"label": "led", "sex": "female", "age_years": 43, "body_mass_kg": 63.7},
  "feet": [
    {"side": "left", "length_mm": 241, "place": {"x_mm": 160, "y_mm": 110, "angle_deg": -5}},
    {"side": "right", "length_mm": 243, "place": {"x_mm": 306, "y_mm": 112, "angle_deg": 7}}
  ],
  "thresholds": {"planted": [{"zone": "P07", "side": "left", "factor": 0.4}]},
  "answers": {"miss_rate": 0, "false_rate": 0, "test_retest": 0.05},
  "plate": {"serial": "VIRTUAL-LED"}
}
S
uri="virtual:$work/one.json?seed=3&pace=fast"
press() { timeout 600 "$BIN/tenderfoot" press --auto --stand-seconds 3 --seed 5 "$@" </dev/null; }

# The planted zone is found, and what was done is in the recording and in the summary.
press --device "$uri" --route P07,P09,P16,P12,P11 --presses 26 --client led --json -o "$work/a.tfr" >"$work/a.json" 2>"$work/a.log" ||
    fail "led: exit $?" "$work/a.log"
"$BIN/tenderfoot" verify "$work/a.tfr" >/dev/null
"$BIN/tenderfoot" analyze "$work/a.tfr" --json >"$work/analysis.json"
python3 - "$work" <<'P' || exit 1
import json, sys
s = json.load(open(sys.argv[1] + "/a.json"))
a = json.load(open(sys.argv[1] + "/analysis.json"))
assert s["schema"] == "tenderfoot/press/1" and s["end"] == "complete" and s["screening"] == "none, virtual", s
assert s["limit"] == "plate" and s["answers_by"] == "button" and s["lost"] == 0 and 10 <= s["presses"] <= 26, s
assert [(f["zone"], f["side"]) for f in s["flags"] if f["level"] == "attention" and f["zone"] == "P07"] == [("P07", "left")], s["flags"]
assert not [f for f in s["flags"] if f["side"] == "right" and f["level"] == "attention"], s["flags"]
real = [p for p in a["presses"] if p["ramp_kpa_s"]]
assert len(real) == s["presses"], (len(real), s["presses"])
# Nobody is pressed beyond the ceiling by more than a reaction; the plate's own limit has ended ramps.
assert all(p["peak_kpa"] <= 1.2 * p["ceiling_kpa"] for p in real), real
assert any(p["reached_ceiling"] for p in real)
assert all(abs(f["length_mm"] - 242) < 12 for f in a["feet"]), a["feet"]
print(f"led: {s['presses']} presses, P07 left for attention")
P

# No press without a screening of today, but of a virtual person; none of a virtual plate that says it is none.
code=0
"$BIN/tenderfoot" press --device "replay:$work/a.tfr?pace=fast" -o "$work/no.tfr" </dev/null >"$work/said" 2>&1 || code=$?
[ $code = 3 ] && [ ! -e "$work/no.tfr" ] && grep -q 'hears no commands' "$work/said" || fail "one-way: exit $code" "$work/said"
printf '{"schema":"tenderfoot/screening/1","person":"led","date":"2020-01-01T10:00:00Z","answers":{}}' >"$work/old.json"
code=0
press --device "$uri" --client led --screening "$work/old.json" -o "$work/no.tfr" >"$work/said" 2>&1 || code=$?
[ $code = 3 ] && [ ! -e "$work/no.tfr" ] || fail "an old screening: exit $code" "$work/said"
echo "refused: a plate that hears nothing, a screening of another day (exit 3, no file)"

# What today's screening excludes is never pressed: places on the sole (Q18) and the zones there.
sed -n '/^answers() {/,/^}/p' tests/e2e_screen.sh >"$work/answers.sh"
. "$work/answers.sh"
answers | sed '18s/.*/yes\nright P07\n/' |
    "$BIN/tenderfoot" screen -o "$work/ann.json" --person Ann --operator Bea --sex female >"$work/said" 2>&1 ||
    fail "screen: exit $?" "$work/said"
press --device "$uri" --client Ann --screening "$work/ann.json" --route P07,P09 --presses 3 -o "$work/d.tfr" \
    >"$work/d.out" 2>"$work/d.log" || fail "screened: exit $?" "$work/d.log"
! grep -q 'place right P07' "$work/d.log" && grep -q 'P07, right foot' "$work/d.log" ||
    fail "an excluded place was pressed" "$work/d.log"
code=0
press --device "$uri" --client Bob --screening "$work/ann.json" -o "$work/no.tfr" >"$work/said" 2>&1 || code=$?
[ $code = 3 ] && [ ! -e "$work/no.tfr" ] || fail "another person's screening: exit $code" "$work/said"
echo "what the screening excludes is not pressed; another person's screening is refused"

# Wrong usage, before anything is opened.
for wrong in "--ceiling heel=700" "--ceiling knee=200" "--sex robot" "--route ," "--length left=5"; do
    code=0
    press --device "$uri" -o "$work/no.tfr" $wrong >"$work/said" 2>&1 || code=$?
    [ $code = 2 ] && [ ! -e "$work/no.tfr" ] || fail "$wrong: exit $code" "$work/said"
done
for wrong in "--route P99" "--complaint kidnees" "--earlier $work/a.tfr --client Bob"; do
    code=0
    press --device "$uri" $wrong -o "$work/no2.tfr" >"$work/said" 2>&1 || code=$?
    { [ $code = 3 ] || [ $code = 2 ]; } && [ ! -e "$work/no2.tfr" ] && ! grep -q 'Lift\|stand' "$work/said" ||
        fail "$wrong: exit $code" "$work/said"
done
"$BIN/tenderfoot" record --device "$uri" --protocol stand --seconds 2 -o "$work/stand.tfr" >"$work/said" 2>&1 || fail "a stand: exit $?" "$work/said"
code=0
press --device "$uri" --earlier "$work/stand.tfr" -o "$work/no2.tfr" >"$work/said" 2>&1 || code=$?
[ $code = 3 ] && [ ! -e "$work/no2.tfr" ] && grep -q 'is no press test (stand)' "$work/said" || fail "a stand as an earlier test: exit $code" "$work/said"
for wrong in "--tool mat --route P07" "--tool plate --stand $work/a.tfr" "--tool plate --stand-seconds 0" \
    "--tool mat --earlier $work/a.tfr"; do
    code=0
    press --device "$uri" $wrong -o "$work/no2.tfr" >"$work/said" 2>&1 || code=$?
    [ $code = 2 ] && [ ! -e "$work/no2.tfr" ] || fail "$wrong: exit $code" "$work/said"
done
echo "wrong usage is exit 2"

# Whole feet: weight shifts on the bare plate, and a mat of studs. A sore left heel is told by both, flagged by neither.
sed 's/"zone": "P07", "side": "left", "factor": 0.4/"zone": "P16", "side": "left", "kpa": 110/' "$work/one.json" >"$work/sore.json"
for tool in plate mat; do
    press --device "virtual:$work/sore.json?seed=3&pace=fast" --tool $tool --json -o "$work/$tool.tfr" \
        >"$work/$tool.json" 2>"$work/$tool.log" || fail "--tool $tool: exit $?" "$work/$tool.log"
    "$BIN/tenderfoot" verify "$work/$tool.tfr" >/dev/null
    "$BIN/tenderfoot" analyze "$work/$tool.tfr" --json >"$work/$tool.analysis.json"
    "$BIN/tenderfoot" report "$work/$tool.tfr" >"$work/$tool.txt"
    grep -q 'No zone was tested with a single' "$work/$tool.txt" && grep -q 'To press with a single stud next' "$work/$tool.txt" ||
        fail "report: $tool" "$work/$tool.txt"
done
python3 - "$work" <<'P' || exit 1
import json, sys
def load(name):
    return json.load(open(f"{sys.argv[1]}/{name}.json"))
for tool, kind, made in (("plate", "flat", 16), ("mat", "mat", 8)):
    s, a = load(tool), load(tool + ".analysis")
    assert s["end"] == "complete" and s["presses"] == made and s["tool_kind"] == kind and s["limit"] == "program", s
    assert len(a["presses"]) == made and all(p["tool_kind"] == kind and "doubt" not in p for p in a["presses"]), a["presses"]
    assert a["flags"] == [] and s["flags"] == [], a["flags"]
    assert {p["side"] for p in a["presses"] if p["answered"]} == {"left"}, a["presses"]
    states = {z["state"] for f in a["feet"] for z in f["zones"]}
    assert not states & {"measured", "no_pain_to_ceiling"}, states
    assert any(n["zone"] in ("P16", "P17", "P18") for n in a["stud_next"] if n["side"] == "left"), a["stud_next"]
regions = {(r["side"], r["region"]): r for r in load("plate.analysis")["shift_regions"]}
sore, other = regions["left", "heel"], regions["right", "heel"]
assert sore["answers"] == 2 and other["answers"] == 0 and other["told_force_n"] is None and other["told_force_n_reason"], sore
assert 0 < sore["told_force_n"] < other["borne_force_n"] and other["reached"] == 2, (sore, other)
print("whole feet: weight shifts and a mat tell a sore heel, and flag nothing")
P
# One foot alone rests 60 s between its presses: the person waits, and the other foot is not told as done.
sed '/"side": "right"/d; s/"angle_deg": -5}},/"angle_deg": -5}}/' "$work/sore.json" >"$work/foot.json"
press --device "virtual:$work/foot.json?seed=3&pace=fast" --tool mat -o "$work/foot.tfr" >"$work/foot.out" 2>"$work/foot.log" ||
    fail "one foot on a mat: exit $?" "$work/foot.log"
{ grep -q '^Ended: only the left foot was on the mat\.$' "$work/foot.out" && grep -q '^Kept: .*foot.tfr: 4 times on the mat in ' "$work/foot.out" &&
    grep -q '; 0 presses, none of the ' "$work/foot.out"; } || fail "one foot on a mat" "$work/foot.out"

# A plate that leaves in mid-test: exit 4, a valid file, and the test is gone on with.
"$BIN/tenderfoot-plate" --subject "$work/one.json" --seed 3 --pace fast --socket "$work/sock" >"$work/plate.log" 2>&1 &
plate=$!
for i in $(seq 1200); do [ -S "$work/sock" ] && break; sleep 0.1; done
(
    code=0
    press --device "stream:$work/sock" --route P07,P09 --presses 10 --wait 0 -o "$work/b.tfr" \
        >"$work/b.out" 2>"$work/b.log" || code=$?
    echo $code >"$work/b.code"
) &
for i in $(seq 1200); do grep -q '^\[2 done' "$work/b.log" 2>/dev/null && break; sleep 0.1; done
kill -9 "$plate"
plate=
wait
[ "$(cat "$work/b.code")" = 4 ] || fail "a plate that left: exit $(cat "$work/b.code")" "$work/b.log"
"$BIN/tenderfoot" verify "$work/b.tfr" >/dev/null || fail "its recording is not whole"
grep -q -- '--earlier' "$work/b.out" || fail "nobody says how to go on" "$work/b.out"
press --device "$uri" --route P07,P09 --presses 10 --earlier "$work/b.tfr" --json -o "$work/c.tfr" >"$work/c.json" 2>"$work/c.log" ||
    fail "taken up: exit $?" "$work/c.log"
grep -q '"taken_up": true' "$work/c.json" || fail "it was not taken up" "$work/c.log"
echo "over a socket: a plate that leaves is exit 4, its recording valid, and the test is gone on with"

# Keys, the meter and Ctrl-C on a real terminal; raw mode is left again.
python3 tests/support/press_pty.py "$BIN/tenderfoot" "$work/one.json" "$work" || exit 1
