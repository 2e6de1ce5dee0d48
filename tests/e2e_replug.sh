#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A plate that loses its power under a standing person: force, place and area go on as if it had
# not, because the recording knows the zeros that the plate has forgotten. And of a recording of a
# plate that does not tell them, nothing false is made.
set -eu
: "${BIN:?the folder with the programs}"
subject=samples/subjects/normal.json
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() {
    echo "e2e_replug: $*" >&2
    exit 1
}

# record NAME FAULTS: 12 s of the same person on the same plate
record() {
    "$BIN/tenderfoot" record --device "virtual:$subject?seed=3&pace=fast$2" --seconds 12 --json \
        -o "$dir/$1.tfr" >"$dir/$1.out" || fail "$1: exit $?"
    "$BIN/tenderfoot" verify "$dir/$1.tfr" >/dev/null || fail "$1 does not verify"
    "$BIN/tenderfoot" export "$dir/$1.tfr" --as csv -o "$dir/$1" >/dev/null || fail "$1: export"
}

record whole ""
record cut "&faults=reset@7s"
grep -q '"restarts": 1,' "$dir/cut.out" || fail "no restart: $(cat "$dir/cut.out")"

# From 8 s on (after the restart) the two differ by noise alone: force within 1 %, centre of
# pressure within 2 mm, contact area within 3 %, on the mean of 3 s.
mean() {
    awk -F, -v key="$2" '
        NR == 1 || !n { for (i = 1; i <= NF; i++) if ($i == key) n = i; next }
        $1 >= 8 && $1 < 11 { sum += $n; k++ }
        END { if (!k) exit 1; printf "%.4f", sum / k }' "$dir/$1/frames.csv" || fail "$1: no $2"
}
for row in "force_n 0.01 0" "area_cm2 0.03 0" "cop_x_mm 0 2" "cop_y_mm 0 2"; do
    set -- $row
    a=$(mean whole "$1")
    b=$(mean cut "$1")
    echo "$1: $a with its zeros, $b after they were lost"
    awk -v a="$a" -v b="$b" -v share="$2" -v most="$3" \
        'BEGIN { d = a > b ? a - b : b - a; exit !(a > 0 && d <= share * a + most) }' ||
        fail "$1: $a and $b"
done

# The same file without the ZERO messages, as an older plate would have made it: the frames of the
# second boot are left out, and that is said.
python3 - "$dir/cut.tfr" "$dir/old.tfr" <<'PY'
import struct, sys
data, out, at = open(sys.argv[1], "rb").read(), bytearray(), 0
while at < len(data):
    kind, n = data[at + 5], struct.unpack_from("<I", data, at + 8)[0]
    if kind != 8 and kind not in (134, 135):
        out += data[at:at + 32 + n]
    at += 32 + n
open(sys.argv[2], "wb").write(out)
PY
"$BIN/tenderfoot" analyze "$dir/old.tfr" --json -o "$dir/old.json" || fail "analyze: exit $?"
grep -q "restarted and [0-9]* frames have no zero" "$dir/old.json" || fail "not said: $(cat "$dir/old.json")"
awk '/"frames": [0-9]/ { gsub(/[^0-9]/, ""); if ($0 > 700) exit 1 }' "$dir/old.json" ||
    fail "frames without a zero were used"
if "$BIN/tenderfoot" analyze "$dir/cut.tfr" --json | grep -q "have no zero"; then
    fail "frames whose zero is known are called unknown"
fi
echo "zeros that nobody knows: left out, and said"
