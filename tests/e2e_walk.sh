#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Real walks of other makers' plates, imported: the right number of steps and sides, each frame's left and right force
# on a treadmill as its device states it, and the published force, integrals and CPEI of single steps.
# Skipped with a notice where the recordings of others are not there.
set -eu
data=../shared/data/plates
[ -r "$data/recordings/emed_test.lst" ] || { echo "skipped: $data is not there"; exit 0; }
tenderfoot=${BUILD:?}/release/tenderfoot # the treadmill's file has 54 MB
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

cp "$data"/recordings/emed_test.lst "$data"/recordings/footscan_test.xls "$data"/recordings/*.asf "$dir"
python3 - "$data" "$dir" <<'P'
import sys, zipfile
for name in ("zebris_RawDataGaitAnalysis.txt.zip", "rsscan_barefoot_1.zip"):
    archive = zipfile.ZipFile(f"{sys.argv[1]}/recordings/{name}")
    open(f"{sys.argv[2]}/{name[:6]}", "wb").write(archive.read(archive.namelist()[0]))
P
for file in emed_test.lst footscan_test.xls fscan_testL.asf FrasP01R.asf zebris rsscan; do
    "$tenderfoot" import "$dir/$file" -o "$dir/$file.tfr" >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
    "$tenderfoot" analyze "$dir/$file.tfr" --frames --json >"$dir/$file.json"
done
"$tenderfoot" report "$dir/zebris.tfr" -o "$dir/zebris.png"
"$tenderfoot" report "$dir/zebris.tfr" >"$dir/zebris.report"
grep -q "27 steps (13 left, 14 right), 25 of them whole" "$dir/zebris.report"
[ "$(grep -c "more than two feet have" "$dir/zebris.report")" = 1 ] || { echo "a reason told twice"; exit 1; }
"$tenderfoot" report "$dir/emed_test.lst.tfr" | tr -s ' \n' ' ' >"$dir/emed.report"
[ "$(grep -o "the norm is of standing" "$dir/emed.report" | wc -l)" = 1 ] || { echo "a norm's guard told twice"; exit 1; }

# The page: averages of both sides; no table of loads where no foot has one; the legend is of what is drawn.
page() { "$tenderfoot" report "$dir/$1.tfr" -o "$dir/$1.pdf" && pdftotext -layout "$dir/$1.pdf" "$dir/$1.page"; }
page zebris
page emed_test.lst
for words in "stance time, s .*0\.698 ± 0\.020 (13)" "stride length" "CPEI, %" "arch index .*(13)" "way of the centre of pressure"; do
    grep -q "$words" "$dir/zebris.page" || { echo "not on the page: $words"; exit 1; }
done
for words in "share of the load" "Arch index" "above the scale" "Thin lines" "over all steps"; do
    ! grep -q "$words" "$dir/zebris.page" || { echo "on the page, but not in the picture: $words"; exit 1; }
done
grep -q "share of the load" "$dir/emed_test.lst.page"

python3 - "$data" "$dir" <<'P'
import csv, json, sys
data, folder = sys.argv[1:]
walks = {name: json.load(open(f"{folder}/{name}.json"))["walk"] for name in
         ("emed_test.lst", "footscan_test.xls", "fscan_testL.asf", "FrasP01R.asf", "zebris", "rsscan")}
sides = {name: "".join((step["side"] or "?")[0] for step in walk["steps"]) for name, walk in walks.items()}
assert sides == {"emed_test.lst": "r", "footscan_test.xls": "r", "fscan_testL.asf": "llllll", "FrasP01R.asf": "rrrrrr",
                 "zebris": "rl" * 13 + "r", "rsscan": "lrl"}, sides

# The treadmill: 4 km/h, and in frames 96 to 1399 both forces within 1 N of the device's.
walk = walks["zebris"]
assert abs(walk["speed_m_s"] - 4 / 3.6) < 0.02, walk["speed_m_s"]
force = {"left": [0.0] * 1472, "right": [0.0] * 1472}
for step in walk["steps"]:
    for time, newton in zip(step["frames"]["time_s"], step["frames"]["force_n"]):
        force[step["side"]][round(100 * time)] += newton
rows = list(csv.DictReader(open(data + "/reference/zebris_gait/frames_device.csv")))[95:1399]
worst = max(abs(force[side][int(row["frame"]) - 1] - float(row[f"device_{side}_N"]))
            for row in rows for side in force)
assert worst <= 1, worst

# Single steps, as pressuRe 0.2.7 computes them.
for name, published in {"emed_test.lst": (818.625, 370, 106.5, 291.10, 675.58),
                        "footscan_test.xls": (735.30, 583.83, 96.0, 212.94, 360.38)}.items():
    step = walks[name]["steps"][0]
    keys = "max_force_n peak_kpa max_area_cm2 pti_peak_kpa_s impulse_n_s".split()
    for key, value in zip(keys, published):
        assert abs(step[key] - value) < 1e-4 * value, (name, key, step[key], value)
cpei = walks["emed_test.lst"]["steps"][0]["cpei_percent"]
assert abs(cpei - 25.644) < 0.01, cpei
print(f"six walks: steps and sides right; 1304 frames of two feet within {worst:.2f} N; CPEI {cpei:.3f} %")
P
