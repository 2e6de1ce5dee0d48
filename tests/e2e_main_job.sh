#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The main job as `make run` does it, on the virtual plate and on the emulated Cortex-M: record, verify, analyse,
# report, export. Both plates must give the same numbers, because only the board differs.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export BIN="$BUILD/release"
cat >"$dir/subject.json" <<'S'
{
  "schema": "tenderfoot/subject/1",
  "person": {"label": "main job", "sex": "female", "age_years": 43, "body_mass_kg": 63.7},
  "feet": [
    {"side": "left", "length_mm": 241, "place": {"x_mm": 160, "y_mm": 110, "angle_deg": -5}},
    {"side": "right", "length_mm": 243, "place": {"x_mm": 306, "y_mm": 112, "angle_deg": 7}}
  ],
  "thresholds": {"planted": [{"zone": "P07", "side": "left", "factor": 0.4}]},
  "protocol": {"stand_s": 4, "press": {"route": ["P07", "P09"], "ramp_kpa_s": 120, "rest_s": 1, "catch_trials": 0}},
  "plate": {"serial": "VIRTUAL-E2E"}
}
S
for plate in virtual emulated; do
    (PLAN=1 OUT="$dir/$plate" ELF="$BUILD/firmware/plate-an385.elf" \
        driver/cli/run.sh $plate "$dir/subject.json") >"$dir/$plate.log" 2>&1 ||
        { cat "$dir/$plate.log"; exit 1; }
    for file in session.tfr analysis.json report.pdf csv/zones.csv json/analysis.json; do
        [ -s "$dir/$plate/$file" ] || { echo "$plate: $file is missing"; exit 1; }
    done
    pdftotext -layout "$dir/$plate/report.pdf" - | grep -q 'P07' || { echo "$plate: P07 not in the report"; exit 1; }
    grep -q '^P07,left.*attention' "$dir/$plate/csv/flags.csv" ||
        { cat "$dir/$plate/csv/flags.csv"; exit 1; }
    echo "$plate: recorded, analysed, reported, exported; the planted zone is for attention"
done
# The recordings tell of different boards; the numbers of load, presses and flags are the same.
python3 - "$dir" <<'P'
import json, sys
a, b = (json.load(open(f"{sys.argv[1]}/{plate}/analysis.json")) for plate in ("virtual", "emulated"))
for key in ("peak_pressure_kpa", "max_force_n", "feet", "flags", "presses", "not_tested"):
    assert a[key] == b[key], key
print("virtual and emulated: the same numbers")
P
# As `make run` has it the virtual person is led through the test, and the zone is found all the same.
sed 's|"thresholds": {|"answers": {"test_retest": 0.05}, "thresholds": {|' "$dir/subject.json" >"$dir/led.json"
(ROUTE=P07,P09,P16,P12,P11 PRESSES=26 OUT="$dir/led" driver/cli/run.sh virtual "$dir/led.json") >"$dir/led.log" 2>&1 || { cat "$dir/led.log"; exit 1; }
for file in session.tfr analysis.json report.pdf csv/zones.csv json/analysis.json; do
    [ -s "$dir/led/$file" ] || { echo "led: $file is missing"; exit 1; }
done
grep -q '^P07,left.*attention' "$dir/led/csv/flags.csv" || { cat "$dir/led/csv/flags.csv"; exit 1; }
echo "led: stood, pressed, analysed, reported, exported; the planted zone is for attention"
