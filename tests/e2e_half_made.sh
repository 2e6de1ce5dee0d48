#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Each of the eleven kinds of export, when the disk takes no more at some byte, and when the program is killed there (SIGKILL's
# equal at a known byte: SIGXFSZ, which nobody handles): nothing new is there under any name, in the folder or in TMPDIR, and
# what was there before is the same.
set -eu
tf="${BUILD:?}/release/tenderfoot"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
ulimit -c 0
mkdir "$dir/in" "$dir/out" "$dir/tmp"
export TMPDIR="$dir/tmp"

awk 'BEGIN { for (f = 0; f < 40; f++) { for (r = 0; r < 30; r++) { for (c = 0; c < 12; c++)
    printf "%s%g", c ? "," : "", (f * 7 + r * 3 + c * 5) % 90 * 1.25; print "" } print "" } }' >"$dir/in/t.csv"
"$tf" import "$dir/in/t.csv" -o "$dir/in/t.tfr" --pitch 5.08,7.62 --rate 50 2>/dev/null

listing() { (cd "$dir" && find out tmp -type f -exec cksum {} + && find out tmp) | sort; }

# ends FORMAT BLOCKS killed|full: exports with that many half KiB at most in a file; says how it ended. What it says goes by
# pipe: a file could not hold it.
ends() {
    (
        exec 3>&1
        {
            [ "$3" = killed ] || trap '' XFSZ
            ulimit -f "$2"
            code=0
            "$tf" export "$dir/in/t.tfr" --as "$1" -o "$dir/out/x.$1" || code=$?
            echo "$code" >&3
        } 2>&1 | cat >"$dir/in/said" 3>&-
    )
}

trials=0
for format in csv json xlsx hdf5 mat npy asf lst gdt fhir dicom; do
    rm -rf "$dir/out/x.$format"
    "$tf" export "$dir/in/t.tfr" --as $format -o "$dir/out/x.$format" >/dev/null 2>&1
    [ -z "$(find "$dir/tmp" -mindepth 1)" ]
    # Of the largest file, in blocks; one less than needed is the last byte that fails.
    blocks=$(find "$dir/out/x.$format" -type f -printf '%s\n' | sort -n | awk 'END { print int(($1 + 511) / 512) }')
    for there in older none; do
        [ $there = older ] || rm -rf "$dir/out/x.$format"
        before=$(listing)
        for limit in $(seq 0 $((blocks / 4 + 1)) $((blocks - 1))) $((blocks - 1)); do
            for how in full killed; do
                code=$(ends $format "$limit" $how)
                [ "$code" != 0 ] || { echo "$format, $how at $limit of $blocks blocks: 'done'"; exit 1; }
                [ $how = killed ] || [ "$code" = 1 ] || { echo "$format: ended by $code"; cat "$dir/in/said"; exit 1; }
                # One sentence; libxlsxwriter puts its own above.
                [ $how = killed ] || [ "$(grep -c '^tenderfoot export: ' "$dir/in/said")" = 1 ] || { echo "$format:"; cat "$dir/in/said"; exit 1; }
                # A killed export may leave its empty folder.
                [ $how = full ] || [ $there = older ] || rmdir "$dir/out/x.$format" 2>/dev/null || true
                after=$(listing)
                [ "$after" = "$before" ] || { echo "$format, $how at $limit of $blocks blocks: left"; echo "$after"; exit 1; }
                trials=$((trials + 1))
            done
        done
    done
done
[ $trials -ge 150 ]
echo "eleven kinds of export, $trials times cut short: nothing half-made, and what was there stays"

# Where nothing is at /proc (a bare chroot) a file without a name could not be named in the end: it has a hidden one at once.
if unshare -m true 2>/dev/null; then
    "$tf" report "$dir/in/t.tfr" -o "$dir/in/usual.pdf" >/dev/null 2>&1
    unshare -m sh -c 'mount -t tmpfs none /proc && shift && "$@"' sh "$tf" "$tf" report "$dir/in/t.tfr" -o "$dir/out/bare.pdf" >"$dir/in/said" 2>&1 ||
        { cat "$dir/in/said"; exit 1; }
    cmp "$dir/in/usual.pdf" "$dir/out/bare.pdf"
    [ "$(find "$dir/out" -name '*bare*' | wc -l)" = 1 ]
    unshare -m sh -c 'mount -t tmpfs none /proc && shift && "$@"' sh "$tf" "$tf" export "$dir/in/t.tfr" --as hdf5 -o "$dir/out/bare.h5" >"$dir/in/said" 2>&1 ||
        { cat "$dir/in/said"; exit 1; }
    [ -s "$dir/out/bare.h5" ] && [ "$(find "$dir/out" -name '*bare*' | wc -l)" = 2 ]
    echo "without /proc: written all the same"
else
    echo "without /proc: skipped, no right to a mount namespace"
fi
