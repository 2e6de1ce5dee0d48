#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The document of `analyze` keeps its contract on whatever lies on the plate; and people whom nobody has seen come back
# as they are, without an operator's word.
set -eu
: "${BIN:?the folder with the programs}"
: "${BUILD:?the build folder}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fast=$BUILD/release/tenderfoot

person() { # NAME JSON: a recording of that person
    printf '{"schema":"tenderfoot/subject/1",%s}' "$2" >"$dir/$1.subject"
    "$fast" simulate --subject "$dir/$1.subject" --seed 5 -o "$dir/$1.tfr" >/dev/null
}

# --- The contract --------------------------------------------------------------------------------
person two '"protocol":{"stand_s":11,"tell_sides":false}' # long enough for a creep per decade
person one '"feet":[{"side":"right","length_mm":231}],"protocol":{"stand_s":2,"tell_sides":false}'
person nobody '"feet":[],"protocol":{"stand_s":2}'
person saturated '"plate":{"full_scale_kpa":50},"protocol":{"stand_s":2}'
person coarse '"plate":{"rows":32,"cols":32,"pitch_x_mm":14,"pitch_y_mm":14},"protocol":{"stand_s":2}'
person pressed '"protocol":{"stand_s":0,"press":{"route":["P16","P07"],"ramp_kpa_s":150,"rest_s":0.6}}'
person once '"protocol":{"stand_s":2,"press":{"route":["P16"],"passes":1,"ramp_kpa_s":150,"rest_s":0.6}}'
person stand_and_press '"protocol":{"stand_s":2,"press":{"route":["P16"],"ramp_kpa_s":150,"rest_s":0.6,"catch_trials":1,
    "heel_cup":false}},"answers":{"false_rate":1}'
for thing in dog box card walk; do
    python3 tests/support/draw_npy.py $thing "$dir/$thing.npy"
    "$fast" import "$dir/$thing.npy" --pitch 5 --rate 50 --units kPa -o "$dir/$thing.tfr" >/dev/null
done
real=../shared/data/plates/recordings/emed_test.lst
[ ! -f $real ] || "$fast" import $real -o "$dir/real_walk.tfr" >/dev/null
for recording in "$dir"/*.tfr; do
    "$BIN/tenderfoot" analyze "$recording" --json --frames >"${recording%.tfr}.json"
    "$BIN/tenderfoot" analyze "$recording" --json --threshold 12.5 >"${recording%.tfr}.12.json"
done
python3 tests/support/analysis_schema.py analysis/SCHEMA.md "$dir"/*.json
# What is judged has to be there: two standing feet compared, presses, and steps of both feet.
python3 - "$dir" <<'P'
import json, sys
two, pressed, walk = (json.load(open(f"{sys.argv[1]}/{name}.json")) for name in ("two", "pressed", "walk"))
assert len(two["feet"]) == 2 and two["drift"]["creep_percent_per_decade"] is not None and two["feet"][0]["print"]
assert pressed["presses"] and [s["side"] for s in walk["walk"]["steps"]] == ["left", "right"], walk["walk"]
assert len(walk["walk"]["steps"][0]["frames"]["cop_x_mm"]) > 30
# The centre-of-pressure line of each foot that stands.
for foot in two["feet"]:
    line = [y for y in foot["frames"]["cop_y_mm"] if y is not None]
    assert len(line) > 1000 and abs(sum(line) / len(line) - foot["cop_y_mm"]) < 1, "no COP line"
P
echo "$(ls "$dir"/*.json | wc -l) documents: keys, reasons, units, sums and states are as documented"

for thing in nobody dog box card; do
    grep -q '"feet": \[\]' "$dir/$thing.json" && grep -q '"no_foot_reason"' "$dir/$thing.json" ||
        { echo "$thing: a foot was found"; exit 1; }
    "$fast" report "$dir/$thing.tfr" -o "$dir/$thing.pdf" >/dev/null
done
grep -q 'Cells were saturated in' "$dir/saturated.json" || { echo "saturated: no warning"; exit 1; }
echo "an empty plate, a dog, a box and a card are no feet, with a reason; saturation is told"

# --- The truth -----------------------------------------------------------------------------------
for seed in 1 2 3 4 5 6 7 8 9 10 11 325; do # 325: a clawed big toe well ahead of the model
    rm -f "$dir/p.tfr"
    python3 tests/support/random_person.py write $seed "$dir/p.json"
    "$fast" simulate --subject "$dir/p.json" --seed $seed -o "$dir/p.tfr" --truth "$dir/p.truth" >/dev/null
    "$fast" analyze "$dir/p.tfr" --json >"$dir/p.result"
    python3 tests/support/random_person.py score "$dir/p.truth" "$dir/p.result" >"$dir/wrong" ||
        { echo "person of seed $seed:"; cat "$dir/wrong"; exit 1; }
done
echo "12 people, unseen: side within certainty, angle 2 degrees, length 3 %, heel 6 mm, load 1.5 %"
