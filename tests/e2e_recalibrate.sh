#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# recalibrate: the same frames with another calibration in the file, and what results then say of their
# own error; refusals; nothing overwritten or half-written.
set -eu
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

# A stand of four seconds on a plate with a bench's calibration, and twice its gain as another one.
python3 - samples/subjects/normal.json "$dir/short.json" <<'EOF'
import json, sys
subject = json.load(open(sys.argv[1]))
subject["protocol"] = {"stand_s": 4}
json.dump(subject, open(sys.argv[2], "w"))
EOF
want 0 "$tf" simulate --subject "$dir/short.json" -o "$dir/a.tfr" --seed 5 --calibration "$dir/a.json"
python3 - "$dir" <<'EOF'
import json, sys
there = sys.argv[1]
c = json.load(open(there + "/a.json"))
first = next(iter(c["coefficients"]))
def save(name, **changed):
    json.dump({**c, **changed}, open(there + "/" + name, "w"))
c["coefficients"][first] = [2 * x for x in c["coefficients"][first]]
error = {"percent": 3, "kpa": 1}
none = {"percent": None, "kpa": None}
save("b.json", id="twice", budget={"accuracy": error, "repeatability": {"percent": 4, "kpa": 1},
     "hysteresis": none, "creep": none, "crosstalk": none, "force_percent": 1.25})
save("other.json", serial="another")
save("bits.json", bits=c["bits"] - 1)
save("broken.json", curve="spleen")
EOF

want 0 "$tf" recalibrate --help
want 2 "$tf" recalibrate
want 2 "$tf" recalibrate "$dir/a.tfr" "$dir/b.json"
want 2 "$tf" recalibrate "$dir/a.tfr" "$dir/b.json" "$dir/b.json" -o "$dir/b.tfr"
want 1 "$tf" recalibrate "$dir/none.tfr" "$dir/b.json" -o "$dir/b.tfr"
want 1 "$tf" recalibrate "$dir/a.tfr" "$dir/none.json" -o "$dir/b.tfr"
want 1 "$tf" recalibrate "$dir/a.tfr" "$dir/b.json" -o "$dir/none/b.tfr"
want 3 "$tf" recalibrate "$dir/b.json" "$dir/b.json" -o "$dir/b.tfr"
want 3 "$tf" recalibrate "$dir/a.tfr" "$dir/other.json" -o "$dir/b.tfr"
grep -q "belongs to plate 'another'" "$dir/err"
want 3 "$tf" recalibrate "$dir/a.tfr" "$dir/bits.json" -o "$dir/b.tfr"
grep -q "bits" "$dir/err"
want 3 "$tf" recalibrate "$dir/a.tfr" "$dir/broken.json" -o "$dir/b.tfr"
grep -q "broken.json: calibration member 'curve'" "$dir/err"
[ -z "$(ls -A "$dir" | grep b.tfr || true)" ]
echo "recalibrate: wrong use and other plates' calibrations are refused, and no file is left"

want 0 "$tf" recalibrate "$dir/a.tfr" "$dir/b.json" -o "$dir/b.tfr" --json
grep -q '"schema": "tenderfoot/recalibrate/1"' "$dir/out"
grep -q '"calibration_id": "twice"' "$dir/out"
grep -q '"pressure_error_percent": 5.0' "$dir/out"
grep -q '"force_error_percent": 1.25' "$dir/out"
want 1 "$tf" recalibrate "$dir/a.tfr" "$dir/b.json" -o "$dir/b.tfr"
want 0 "$tf" verify "$dir/b.tfr"
want 0 "$tf" recalibrate "$dir/b.tfr" "$dir/a.json" -o "$dir/back.tfr"
cmp "$dir/a.tfr" "$dir/back.tfr"
echo "recalibrate: there and back again is the same file, byte for byte"

want 0 "$tf" analyze "$dir/a.tfr" --frames --json
cp "$dir/out" "$dir/a.out"
want 0 "$tf" analyze "$dir/b.tfr" --frames --json
cp "$dir/out" "$dir/b.out"
want 0 "$tf" analyze "$dir/a.tfr" --calibration "$dir/b.json" --frames --json
cmp "$dir/out" "$dir/b.out"
python3 - "$dir" <<'EOF'
import json, sys
a, b = (json.load(open(sys.argv[1] + "/" + name)) for name in ("a.out", "b.out"))
assert b["recording"]["calibration_id"] == "twice"
assert b["recording"]["pressure_error_percent"] == 5
assert b["recording"]["force_error_percent"] == 1.25
assert a["recording"]["force_error_percent"] is None
assert a["recording"]["force_error_percent_reason"]
# The peak of frames in contact, not the force: at twice the gain more cells are in contact.
assert max(a["frames"]["peak_kpa"]) > 30
for x, y in zip(a["frames"]["peak_kpa"], b["frames"]["peak_kpa"]):
    assert x == 0 or abs(y - 2 * x) <= 1e-5 * (1 + x), (x, y)
EOF
echo "analyze: twice the gain is twice the pressure, and the calibration's error is stated"

# Every other cell masked: half of the force is gone, for no neighbour is put in a cell's place.
python3 - "$dir" <<'EOF'
import json, sys
c = json.load(open(sys.argv[1] + "/a.json"))
c["masked"] = [i for i in range(c["rows"] * c["columns"])
               if (i // c["columns"] + i % c["columns"]) % 2 or i in c["masked"]]
json.dump(c, open(sys.argv[1] + "/half.json", "w"))
EOF
want 0 "$tf" recalibrate "$dir/a.tfr" "$dir/half.json" -o "$dir/half.tfr"
want 0 "$tf" analyze "$dir/half.tfr" --frames --json
python3 - "$dir" <<'EOF'
import json, sys
a, half = (json.load(open(sys.argv[1] + "/" + name)) for name in ("a.out", "out"))
masked = half["recording"]["masked_cells"]
assert masked >= half["recording"]["rows"] * half["recording"]["cols"] // 2
assert any("read 0 kPa" in warning for warning in half["warnings"]), half["warnings"]
for side, foot in zip(("left", "right"), half["feet"]):
    whole = [f for f in a["feet"] if f["side"] == side][0]
    assert 0.35 < foot["masked_area_cm2"] / whole["area_cm2"] < 0.6, (side, foot["masked_area_cm2"])
    assert any("lie under the %s foot" % side in warning for warning in half["warnings"])
    assert whole["masked_area_cm2"] < 2, whole["masked_area_cm2"]
share = sum(half["frames"]["force_n"]) / sum(a["frames"]["force_n"])
assert 0.45 < share < 0.55, share
EOF
echo "masked cells: they read nothing, it is said, and no neighbour's pressure is put in their place"
