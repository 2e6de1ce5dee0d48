#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A practice system asks by files, and the station answers: gdt_practice.py is its reader and writer.
set -eu
: "${BIN:?the folder with the programs}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
unset TENDERFOOT_STORE
export TENDERFOOT_DATA="$dir/data" XDG_RUNTIME_DIR="$dir"
sed 's/"stand_s": 15/"stand_s": 5/' samples/subjects/one_foot.json >"$dir/subject.json"
for seed in 1 2 3; do
    "$BIN/tenderfoot" simulate -s "$dir/subject.json" --seed $seed -o "$dir/$seed.tfr" >/dev/null
done
timeout 600 python3 -B tests/gdt_practice.py "$BIN/tenderfoot" "$dir"
