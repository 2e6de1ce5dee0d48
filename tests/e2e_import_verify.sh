#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# import and verify on the command line: exit codes, JSON, repair, nothing overwritten or half-written.
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

header="{'descr': '|u1', 'fortran_order': False, 'shape': (40, 6, 4), }"
{
    printf "\\223NUMPY\\001\\000\\$(printf %03o "${#header}")\\000%s" "$header"
    i=0
    while [ $i -lt 960 ]; do printf "\\$(printf %03o $((i % 200)))"; i=$((i + 1)); done
} >"$dir/a.npy"

want 0 "$tf" import --help
want 0 "$tf" verify --help
want 2 "$tf" import
want 2 "$tf" import "$dir/a.npy"
want 2 "$tf" import "$dir/a.npy" -o "$dir/a.tfr" # no --pitch
want 2 "$tf" import "$dir/a.npy" -o "$dir/a.tfr" --pitch 0 --rate 100
want 2 "$tf" import "$dir/a.npy" -o "$dir/a.tfr" --pitch 5 --rate fast
want 2 "$tf" import "$dir/a.npy" -o "$dir/a.tfr" --pitch 5 --rate 100 --units bar
want 2 "$tf" import "$dir/a.npy" -o "$dir/a.tfr" --pitch 5 --rate 100 --flip both
want 1 "$tf" import "$dir/none.npy" -o "$dir/a.tfr" --pitch 5 --rate 100
want 1 "$tf" import "$dir/a.npy" -o "$dir/none/a.tfr" --pitch 5 --rate 100
want 3 "$tf" import /dev/zero -o "$dir/a.tfr"
want 3 "$tf" import "$0" -o "$dir/a.tfr"
[ ! -e "$dir/a.tfr" ]
want 0 "$tf" import "$dir/a.npy" -o "$dir/a.tfr" --pitch 5,7.5 --rate 100 --json
grep -q '"schema": "tenderfoot/import/1"' "$dir/out"
grep -q '"frames": 40' "$dir/out"
grep -q '"pitch_y_mm": 7.5' "$dir/out"
cp "$dir/a.tfr" "$dir/kept"
want 1 "$tf" import "$dir/a.npy" -o "$dir/a.tfr" --pitch 5 --rate 100
cmp "$dir/a.tfr" "$dir/kept"
echo "import: exit codes, JSON, and no recording is ever overwritten"

want 2 "$tf" verify
want 1 "$tf" verify "$dir/none.tfr"
want 3 "$tf" verify "$dir/a.npy"
want 0 "$tf" verify "$dir/a.tfr"
want 0 "$tf" verify "$dir/a.tfr" --json
grep -q '"schema": "tenderfoot/verify/1"' "$dir/out"
grep -q '"whole": true' "$dir/out"
grep -q '"delivered": 40' "$dir/out"
want 0 "$tf" verify "$dir/a.tfr" --repair "$dir/copy.tfr"
cmp "$dir/a.tfr" "$dir/copy.tfr"
echo "verify: a whole recording, and its repaired copy is the same file"

size=$(wc -c <"$dir/a.tfr")
head -c $((size - 500)) "$dir/a.tfr" >"$dir/torn.tfr"
printf 'X' | dd of="$dir/torn.tfr" bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
cp "$dir/torn.tfr" "$dir/kept"
want 3 "$tf" verify "$dir/torn.tfr"
want 2 "$tf" verify "$dir/torn.tfr" --repair "$dir/torn.tfr"
want 1 "$tf" verify "$dir/torn.tfr" --repair "$dir/a.tfr"
want 0 "$tf" verify "$dir/torn.tfr" --repair "$dir/repaired.tfr"
cmp "$dir/torn.tfr" "$dir/kept"
want 0 "$tf" verify "$dir/repaired.tfr" --json
grep -q '"closed_cleanly": true' "$dir/out"
grep -q '"index": "matches"' "$dir/out"
ls -A "$dir" | grep -q partial && { echo "a temporary file was left"; exit 1; }
echo "verify: damage and a torn tail are told (exit 3), the copy is whole, the original untouched"
