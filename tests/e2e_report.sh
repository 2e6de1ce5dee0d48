#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# simulate -> report and export on the command line: the page names the tender zones and carries the
# disclaimer, the tables open in NumPy and R, a failing disk leaves no half file.
set -eu
# Whole sessions of minutes: by the released programs; other tests run the same code under sanitizers.
BIN=${BUILD:?}/release
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
tf="$BIN/tenderfoot"

# want CODE command...: the command must end with this code.
want() {
    code=$1
    shift
    got=0
    "$@" >"$dir/out" 2>"$dir/err" || got=$?
    [ "$got" = "$code" ] || { echo "exit $got, wanted $code: $*"; cat "$dir/out" "$dir/err"; exit 1; }
}
# says WORDS FILE: one line of text once line ends are blanks and no-break spaces are plain.
says() {
    sed 's/\xc2\xa0/ /g' "$2" | tr -s '\n ' ' ' | grep -qF "$1" ||
        { echo "$2 does not say: $1"; exit 1; }
}

want 0 "$tf" report --help
want 0 "$tf" export --help
want 0 "$tf" simulate --subject tests/support/short_press.json --seed 11 -o "$dir/a.tfr" --truth "$dir/t.json"
rec="$dir/a.tfr"

# --- report
for end in pdf png svg; do
    want 0 "$tf" report "$rec" -o "$dir/a.$end"
    says "a.$end is written." "$dir/out"
    echo old >"$dir/b.$end"
    want 0 "$tf" report "$rec" -o "$dir/b.$end"
    says "b.$end is written, in the place of an older one." "$dir/out"
    cmp "$dir/a.$end" "$dir/b.$end"
done
echo old >"$dir/b-3.png"
want 0 "$tf" report "$rec" -o "$dir/b.png"
says "b-3.png was there before and is no page of this report" "$dir/err"
[ "$(cat "$dir/b-3.png")" = old ]
want 0 "$tf" report "$rec"
cp "$dir/out" "$dir/text"
pdftotext "$dir/a.pdf" "$dir/pdf"
pdfinfo "$dir/a.pdf" | grep -q '^Pages: *[1-3]$'
zones=$("$tf" analyze "$rec" --json | python3 -c '
import json, sys
flags = [f["zone"] for f in json.load(sys.stdin)["flags"]]
assert flags, "nothing is flagged in a subject with tender zones"
print(" ".join(sorted(set(flags))))')
for file in "$dir/pdf" "$dir/text"; do
    for zone in $zones; do says "$zone: " "$file"; done
    says "does not diagnose or rule out any disease." "$file"
    says "Not a medical device." "$file"
    says "traditionally associated with" "$file"
done
echo "report: $zones on the page and in the text; same bytes twice as PDF, PNG and SVG"

want 2 "$tf" report
want 2 "$tf" report "$rec" -o "$dir/a.docx"
says ".pdf, .png or .svg" "$dir/err"
want 2 "$tf" report "$rec" --max-kpa 0
want 2 "$tf" report "$rec" --threshold x
want 3 "$tf" report "$0" -o "$dir/none.pdf"
want 1 "$tf" report "$dir/none.tfr"
want 1 "$tf" report "$rec" -o "$dir/no/where.pdf"
[ ! -e "$dir/none.pdf" ]

# --- a disk that is full: files may not grow beyond 8 blocks
full() { (trap '' XFSZ; ulimit -f 8; exec "$@"); }
want 0 "$tf" simulate --subject samples/subjects/normal.json -o "$dir/short.tfr"
mkdir "$dir/full"
for end in pdf png svg; do
    want 1 full "$tf" report "$dir/short.tfr" -o "$dir/full/a.$end"
    says "could not be written whole" "$dir/err"
done
[ -z "$(ls -A "$dir/full")" ] || { echo "left behind:"; ls -A "$dir/full"; exit 1; }
cp "$dir/a.pdf" "$dir/full/old.pdf"
want 1 full "$tf" report "$dir/short.tfr" -o "$dir/full/old.pdf"
cmp "$dir/a.pdf" "$dir/full/old.pdf"
want 1 "$tf" report "$dir/short.tfr" -o /dev/full.pdf/x.pdf
got=0
"$tf" report "$dir/short.tfr" >/dev/full 2>"$dir/err" || got=$?
[ "$got" = 1 ]
echo "report: a full disk is told, nothing half-written, an old file untouched"

# --- export
want 2 "$tf" export "$rec"
want 2 "$tf" export "$rec" --as xml -o "$dir/x"
want 1 "$tf" export "$rec" --as csv -o "$dir/text"
want 0 "$tf" export "$rec" --as csv -o "$dir/csv"
says "csv: 2" "$dir/out"
says " files are written." "$dir/out"
cp -r "$dir/csv" "$dir/csv2"
for file in "$dir"/csv2/*; do echo old >"$file"; done
want 0 "$tf" export "$rec" --as csv -o "$dir/csv2"
says "in the place of older ones." "$dir/out"
want 0 "$tf" export "$rec" --as json -o "$dir/json"
diff -r "$dir/csv" "$dir/csv2"
"$tf" analyze "$rec" --json --frames >"$dir/analysis.json"
want 1 full "$tf" export "$dir/short.tfr" --as json -o "$dir/full"
[ "$(ls -A "$dir/full")" = old.pdf ]

python3 - "$dir" <<'EOF'
import csv, json, sys
import numpy as np

d = sys.argv[1]
doc = json.load(open(d + "/analysis.json"))
out = json.load(open(d + "/json/analysis.json"))
frames = np.genfromtxt(d + "/csv/frames.csv", delimiter=",", names=True)
for key in ("time_s", "force_n", "cop_x_mm", "cop_y_mm", "area_cm2", "peak_kpa"):
    want = np.array([np.nan if v is None else v for v in out["frames"][key]])
    assert np.allclose(frames[key], want, rtol=5.1e-9, atol=0, equal_nan=True), key  # nine digits
    near = np.array([np.nan if v is None else v for v in doc["frames"][key]])
    assert np.allclose(want, near, rtol=1e-11, atol=0, equal_nan=True), key
peak = np.loadtxt(d + "/csv/max_pressure_kpa.csv", delimiter=",")
mean = np.loadtxt(d + "/csv/mean_pressure_kpa.csv", delimiter=",")
rec = doc["recording"]
assert peak.shape == mean.shape == (rec["rows"], rec["cols"])
assert np.array_equal(peak, np.array(out["pictures"]["max_pressure_kpa"]))
assert (peak >= mean).all() and mean.max() > 20
cell_m2 = rec["pitch_x_mm"] * rec["pitch_y_mm"] * 1e-6
force = mean[mean > 0].sum() * 1e3 * cell_m2
assert abs(force / doc["mean_force_n"] - 1) < 0.05, (force, doc["mean_force_n"])
zones = list(csv.DictReader(open(d + "/csv/zones.csv", newline="")))
flags = {(z["zone"], z["side"]) for z in zones if z["flag"]}
assert flags == {(f["zone"], f["side"]) for f in doc["flags"]}
assert len(zones) == sum(len(f["zones"]) for f in doc["feet"])
for z in zones:
    assert z["threshold_kpa"] or "threshold_kpa: " in z["reason"]
print("export: %d frames, %d zones and both pictures are the analysis's in NumPy" % (len(frames), len(zones)))
EOF

if command -v Rscript >/dev/null; then
    (cd "$dir/csv" && Rscript -e '
f <- read.csv("frames.csv"); z <- read.csv("zones.csv"); m <- read.csv("metadata.csv")
stopifnot(is.numeric(f$force_n), is.numeric(f$cop_x_mm), any(is.na(f$cop_x_mm)), max(f$force_n) > 100)
stopifnot(is.numeric(z$threshold_kpa), nrow(z) > 50, "client" %in% m$key)
p <- as.matrix(read.csv("mean_pressure_kpa.csv", header = FALSE)); stopifnot(is.numeric(p), max(p) > 20)
cat("export:", nrow(f), "frames and", nrow(z), "zones open in R\n")')
fi
