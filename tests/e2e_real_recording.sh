#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A real person's step, imported, is what the firmware scans: on the virtual plate and on the emulated Cortex-M; then
# recorded, analysed, reported and exported like any other. The 12-bit plate gives the device's own numbers back.
# Skipped with a notice where the recordings of others are not there.
set -eu
real=../shared/data/plates/recordings/emed_test.lst
[ -r "$real" ] || { echo "skipped: $real is not there"; exit 0; }
BIN=${BUILD:?}/release # the emulator is slow enough
dir=$(mktemp -d)
trap 'kill $plate 2>/dev/null || true; rm -rf "$dir"' EXIT
plate=
"$BIN/tenderfoot" import "$real" -o "$dir/step.tfr"

code=0
"$BIN/tenderfoot" record --device "virtual:$dir/step.tfr?pace=fast" --protocol walk --seconds 60 -o "$dir/virtual.tfr" || code=$?
[ $code = 0 ] || [ $code = 4 ] # the step is over before the minute is: the plate leaves

"$BIN/tenderfoot-plate" --elf "$BUILD/firmware/plate-an385.elf" --recording "$dir/step.tfr" --pace fast \
    --socket "$dir/sock" >"$dir/plate.log" 2>&1 &
plate=$!
for _ in $(seq 1200); do [ -S "$dir/sock" ] && break || sleep 0.1; done
code=0
"$BIN/tenderfoot" record --device "stream:$dir/sock" --protocol walk --seconds 60 -o "$dir/emulated.tfr" || code=$?
[ $code = 0 ] || [ $code = 4 ] || { cat "$dir/plate.log"; exit 1; }

for board in virtual emulated; do
    "$BIN/tenderfoot" verify "$dir/$board.tfr"
    "$BIN/tenderfoot" analyze "$dir/$board.tfr" --threshold 0 --json -o "$dir/$board.json"
    "$BIN/tenderfoot" report "$dir/$board.tfr" -o "$dir/$board.pdf"
    "$BIN/tenderfoot" export "$dir/$board.tfr" --as csv -o "$dir/$board"
    [ -s "$dir/$board.pdf" ] && [ -s "$dir/$board/frames.csv" ]
done
python3 - "$dir" <<'P'
import json, sys
boards = [json.load(open(f"{sys.argv[1]}/{board}.json")) for board in ("virtual", "emulated")]
for a in boards:
    assert abs(a["max_force_n"] - 818.625) < 0.01 * 818.625, a["max_force_n"]  # the device's own
    assert abs(a["peak_pressure_kpa"] - 370) < 1, a["peak_pressure_kpa"]
    assert [foot["side"] for foot in a["feet"]] == ["right"], a["feet"]
    assert a["recording"]["lost_frames"] == 0
assert boards[0]["feet"] == boards[1]["feet"]
print("a real step through both boards: force within 1 % and peak within 1 kPa of the device's own, right foot")
P
