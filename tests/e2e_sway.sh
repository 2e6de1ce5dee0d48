#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Sway from the command line: every number beside published codes on every shared recording (skipped
# with a notice where these are not there), and what a wrong word or file is told.
set -eu
tenderfoot=${BUILD:?}/release/tenderfoot # sample entropy compares each sample with each other
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

/usr/bin/python3 - "$dir" <<'END'
import math
import sys

with open(sys.argv[1] + "/circle.csv", "w") as out:
    print("time_s,ml_mm,ap_mm", file=out)
    for i in range(2000):
        turn = math.pi * i / 100
        print(f"{i / 100:.2f},{5 + 10 * math.cos(turn):.12f},{10 * math.sin(turn):.12f}", file=out)
with open(sys.argv[1] + "/irregular.csv", "w") as out:
    print("time_s;ml_mm;ap_mm", file=out)
    for i in range(3000):
        t = i / 100 + 0.004 * math.sin(i * i)
        print(f"{t:.6f};{10 * math.cos(math.pi * t):.9f};{10 * math.sin(math.pi * t):.9f}", file=out)
END

# A circle of 10 mm at 0.5 Hz: speed, area and frequency are known.
"$tenderfoot" sway "$dir/circle.csv" --pipeline raw --json >"$dir/circle.json"
"$tenderfoot" sway "$dir/irregular.csv" --resample 50 --filter butter:2:5 --band 0:10 --json >"$dir/irregular.json"
/usr/bin/python3 - "$dir" <<'END'
import json
import math
import sys

circle = json.load(open(sys.argv[1] + "/circle.json"))
assert circle["schema"] == "tenderfoot/sway/1" and circle["input"]["rate_hz"] == 100, circle["input"]
assert circle["pipeline"] == {"name": "raw", "filter": "none", "resample_hz": None, "padding": 0, "n": 2000, "rate_hz": 100.0}
assert abs(circle["rd"]["mean_distance_mm"] - 10) < 1e-9
assert abs(circle["area"]["circle95_mm2"] - 100 * math.pi) < 1e-3
assert abs(circle["rd"]["mean_frequency_hz"] - 0.5) < 1e-3
assert circle["spectrum"]["periodogram"]["ml"]["f95_hz"] == 0.5 and circle["area"]["angle_deg"] is None

uneven = json.load(open(sys.argv[1] + "/irregular.json"))
assert uneven["input"]["rate_hz"] is None and uneven["pipeline"]["rate_hz"] == 50
assert uneven["pipeline"]["filter"] == "butter:2:5" and uneven["pipeline"]["name"] == "custom"
assert uneven["spectrum"]["band_hz"] == [0, 10]
assert abs(uneven["rd"]["mean_distance_mm"] - 10) < 0.1, uneven["rd"]
print("circle and irregular times: as they were made")
END
# The same circle under 700 N on a force platform whose x points to the front.
awk -F, 'NR == 1 { print "t,Fz,Mx,My"; next } { printf "%s,700,%.9f,%.9f\n", $1, $2 * 0.7, -$3 * 0.7 }' \
    "$dir/circle.csv" >"$dir/forces.csv"
"$tenderfoot" sway "$dir/forces.csv" --columns time=t,fz=Fz,mx=Mx,my=My --ap x --pipeline raw | sed 1d >"$dir/forces.txt"
"$tenderfoot" sway "$dir/circle.csv" --pipeline raw | sed 1d | cmp - "$dir/forces.txt"
"$tenderfoot" sway "$dir/circle.csv" | grep -q 'pipeline lp10 (filter butter:4:10)'

# expect CODE WORDS COMMAND...: the exit code, and what the message says.
expect() {
    want=$1 words=$2 code=0
    shift 2
    "$@" >/dev/null 2>"$dir/error" || code=$?
    [ $code = "$want" ] && grep -q "$words" "$dir/error" || { echo "$*: exit $code"; cat "$dir/error"; exit 1; }
}
expect 3 'use --pipeline quijoux25 or --resample' "$tenderfoot" sway "$dir/irregular.csv"
expect 2 'raw, lp5, lp10 and quijoux25' "$tenderfoot" sway "$dir/circle.csv" --pipeline lp7
expect 2 'butter:ORDER:HZ' "$tenderfoot" sway "$dir/circle.csv" --filter butter:9:5
expect 2 'either --pipeline' "$tenderfoot" sway "$dir/circle.csv" --pipeline raw --resample 25
expect 3 'needs more than 200 samples' "$tenderfoot" sway "$dir/circle.csv" --filter butter:2:100
expect 3 "no column 'x'" "$tenderfoot" sway "$dir/circle.csv" --columns time=x,ml=2,ap=3
sed '30s/,[^,]*,/,one,/' "$dir/circle.csv" >"$dir/word.csv"
expect 3 "line 30 column 2: 'one' is not a number" "$tenderfoot" sway "$dir/word.csv"
head -n 20 "$dir/circle.csv" >"$dir/short.csv"
expect 3 'too few' "$tenderfoot" sway "$dir/short.csv"
expect 1 'cannot be opened' "$tenderfoot" sway "$dir/none.csv"
echo "wrong words and files: told"

shared=../shared/data/sway
[ -d "$shared" ] || { echo "skipped: $shared is not there"; exit 0; }
/usr/bin/python3 tests/sway_reference.py "$tenderfoot" "$shared"
