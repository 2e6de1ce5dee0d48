#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A confirming second session: two recordings of one virtual person on two days are analysed together, and what was
# learnt on the first day counts on the second; another person, stud or rate and the same recording twice are refused.
set -eu
# By the released programs; unit tests run the same code under sanitizers.
BIN=${BUILD:?}/release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
    echo "$1"
    shift
    for file; do cat "$file"; done
    exit 1
}
# person LABEL TIP RATE
person() {
    cat <<P
{"schema": "tenderfoot/subject/1",
 "person": {"label": "$1", "sex": "male", "body_mass_kg": 74.9},
 "feet": [{"side": "left", "length_mm": 256, "place": {"x_mm": 162, "y_mm": 108, "angle_deg": -6}},
          {"side": "right", "length_mm": 258, "place": {"x_mm": 316, "y_mm": 110, "angle_deg": 8}}],
 "thresholds": {"base_kpa": {"toe": 180, "ball": 190, "arch": 160, "heel": 210},
                "planted": [{"zone": "P07", "side": "left", "factor": 0.5}]},
 "answers": {"miss_rate": 0, "false_rate": 0},
 "protocol": {"stand_s": 4, "press": {"route": ["P07", "P09", "P12"], "catch_trials": 1, "rest_s": 1,
              "tool": {"tip_cm2": $2}, "ramp_kpa_s": $3}},
 "plate": {"serial": "VIRTUAL-E"}}
P
}
record() { # NAME SEED DAY LABEL TIP RATE
    person "$4" "$5" "$6" >"$work/$1.json"
    "$BIN/tenderfoot" simulate --subject "$work/$1.json" --seed "$2" --created "2026-0$3-14T09:00:00Z" -o "$work/$1.tfr" >/dev/null
}
analyze() { "$BIN/tenderfoot" analyze --json "$@"; }

record old 3 4 led 1 45
record new 4 5 led 1 45
analyze "$work/new.tfr" >"$work/alone.out"
analyze "$work/new.tfr" --earlier "$work/old.tfr" >"$work/both.out" || fail "both: exit $?"
# Confirmed: more answers at the place, and a narrower interval; every press tells its session.
python3 - "$work" <<'P' || exit 1
import json, sys
alone, both = (json.load(open(f"{sys.argv[1]}/{n}.out")) for n in ("alone", "both"))
def zone(r): return [z for f in r["feet"] if f["side"] == "left" for z in f["zones"] if z["id"] == "P07"][0]
def width(z): return z["threshold_high_kpa"] / z["threshold_low_kpa"]
assert alone["earlier_sessions"] == 0 and both["earlier_sessions"] == 1
a, b = zone(alone), zone(both)
n = [sum(p["session"] == s for p in both["presses"]) for s in (0, 1)]
assert n[0] == len(alone["presses"]) and n[1] >= 10, n
assert b["repeats"] > a["repeats"] and b["answers"] > a["answers"], (a, b)
assert width(b) < 0.95 * width(a), (width(a), width(b))
assert b["flag"] == "attention", b
print(f"joined: P07 {a['repeats']} and then {b['repeats']} presses, interval narrower: "
      f"{width(a):.2f} -> {width(b):.2f}")
P

refused() { # WORDS FILE
    code=0
    analyze "$work/new.tfr" --earlier "$2" >"$work/said" 2>&1 || code=$?
    [ $code = 3 ] && grep -q -- "$1" "$work/said" || fail "$2: exit $code, wanted 3 and '$1'" "$work/said"
}
record other 3 4 guest 1 45
record stud 3 4 led 1.6 45
record fast 3 4 led 1 90
refused 'another person' "$work/other.tfr"
refused 'tip of 1.6' "$work/stud.tfr"
refused 'kPa/s' "$work/fast.tfr"
refused 'given twice' "$work/new.tfr"
# Reports and exports take the same word.
for verb in "report -o $work/page.pdf" "export --as csv -o $work/out"; do
    code=0
    "$BIN/tenderfoot" ${verb%% *} "$work/new.tfr" --earlier "$work/old.tfr" ${verb#* } >"$work/said" 2>&1 || code=$?
    [ $code = 0 ] || fail "$verb: exit $code" "$work/said"
done
echo "another person, stud or rate, and the same recording twice are refused (exit 3)"
