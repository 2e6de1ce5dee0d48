#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Other makers' files from the command line: exports that NumPy, h5py and SciPy read and that come back through import; and,
# where the recordings of others are there, each of them against its reference, with every verb that takes a recording.
set -eu
tf="${BUILD:?}/release/tenderfoot" # the real files are large
data=../shared/data
python=python3
"$python" -c 'import numpy, h5py' 2>/dev/null || python=/usr/bin/python3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

awk 'BEGIN { for (f = 0; f < 40; f++) { for (r = 0; r < 30; r++) { for (c = 0; c < 12; c++)
    printf "%s%g", c ? "," : "", f % 39 ? (f * 7 + r * 3 + c * 5) % 90 * 1.25 : 0; print "" } print "" } }' >"$dir/t.csv"
"$tf" import "$dir/t.csv" -o "$dir/t.tfr" --pitch 5.08,7.62 --rate 50 --client "Ёлка Müller"
"$tf" export "$dir/t.tfr" --as csv -o "$dir/t" >/dev/null
for format in asf lst npy hdf5 mat; do "$tf" export "$dir/t.tfr" --as $format -o "$dir/t.$format"; done
"$python" -B tests/makers_reference.py export "$dir/t.npy" "$dir/t.hdf5" "$dir/t.mat" "$dir/t/frames.csv"
# The long axis of a plate is never the frames': ten times as long takes no more memory than its numbers (7 a frame).
"$tf" simulate --subject samples/subjects/normal.json --seed 3 -o "$dir/stand.tfr" >/dev/null 2>&1
"$python" -B tests/makers_reference.py memory "$tf" "$dir/stand.tfr" "$dir/stand"
for format in asf lst; do
    "$tf" import "$dir/t.$format" -o "$dir/$format.tfr" >/dev/null
    "$tf" export "$dir/$format.tfr" --as npy -o "$dir/back.npy"
    cmp "$dir/t.npy" "$dir/back.npy" # quarters of kPa: two digits say them whole
done
code=0
"$tf" export "$dir/t.tfr" --as hdf5 -o "$dir/none/t.h5" 2>"$dir/err" || code=$?
[ $code = 1 ] && [ "$(wc -l <"$dir/err")" = 1 ]
code=0
"$tf" export "$dir/t.tfr" --as npy -o "$dir/t.tfr" 2>"$dir/err" || code=$?
[ $code = 1 ] && grep -q "is a recording" "$dir/err"
code=0
"$tf" export "$dir/t.tfr" --as xml -o "$dir/x" 2>"$dir/err" || code=$?
[ $code = 2 ]
[ -z "$(find "$dir" -name '.*' -type f)" ] # nothing half-written is left
echo "export: NumPy and h5py read it, asf and lst come back the same"

[ -r "$data/plates/recordings/emed_test.lst" ] || { echo "skipped: $data is not there"; exit 0; }
"$python" -B tests/makers_reference.py unpack "$data" "$dir"
files=$data/plates/recordings
code=0
"$tf" import "$files/rsscan_barefoot_1.zip" -o "$dir/zip.tfr" 2>"$dir/err" || code=$?
[ $code = 3 ] && grep -q unpack "$dir/err"
for pair in "emed $files/emed_test.lst" "footscan $files/footscan_test.xls" "fscan_left $files/fscan_testL.asf" \
    "fscan_right $files/FrasP01R.asf" "zebris $dir/zebris_RawDataGaitAnalysis" "rsscan $dir/rsscan_barefoot_1"; do
    name=${pair%% *}
    "$tf" import "${pair#* }" -o "$dir/$name.tfr" 2>"$dir/notes"
    cat "$dir/notes"
    "$tf" verify "$dir/$name.tfr" >/dev/null
done
grep -q "footscan plates" "$dir/notes" # the size of rsscan's sensors is not in its file, and it is said
for name in emed footscan fscan_left; do
    "$tf" analyze "$dir/$name.tfr" --threshold 0 --json --frames -o "$dir/$name.json"
    "$python" -B tests/makers_reference.py frames $name "$data" "$dir/$name.json"
    "$tf" report "$dir/$name.tfr" -o "$dir/$name.pdf" && [ -s "$dir/$name.pdf" ]
done
for name in zebris rsscan; do "$tf" analyze "$dir/$name.tfr" --json -o "$dir/$name.json"; done
"$tf" export "$dir/zebris.tfr" --threshold 0 --as hdf5 -o "$dir/zebris.h5"
"$python" -B tests/makers_reference.py zebris "$data" "$dir/zebris.h5"
"$python" - "$dir" <<'P'
import json, sys
def facts(name): return json.load(open(f"{sys.argv[1]}/{name}.json"))
for name, side, force, peak in (("emed", "right", 818.625, 370), ("footscan", "right", 735.30, 583.83), ("fscan_left", "left", 924.36, 760)):
    a = facts(name)
    assert [foot["side"] for foot in a["feet"]] == [side], name
    assert abs(a["max_force_n"] - force) < 0.005 and abs(a["peak_pressure_kpa"] - peak) < 0.005, name
recording = facts("zebris")["recording"]
assert recording["protocol"] == "walk" and recording["stated_frames"] == 1472
assert abs(recording["stated_max_force_n"] - facts("zebris")["max_force_n"]) < 0.26
assert facts("fscan_left")["recording"]["no_sensor_cells"] == 305
assert facts("fscan_left")["recording"]["stated_max_force_n"] is None
P
echo "real recordings of five makers' devices: force, peak, area and centre of pressure are those of the references"
