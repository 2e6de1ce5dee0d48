#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The loops that speed hangs on are vector code: each `for` marked with the comment "vectorised" has
# to stand in the compiler's report at -O3, on the plainest machine of its kind.
set -eu

missing=0 marked=0 files=0
for file in $(grep -l '/\* vectorised \*/' analysis/*.c analysis/foot/*.c analysis/load/*.c analysis/press/*.c analysis/print/*.c analysis/sway/*.c calib/*.c); do
    files=$((files + 1))
    report=$(gcc -std=c17 -D_GNU_SOURCE -I. $(pkg-config --cflags jansson gsl fftw3) -O3 -fPIE \
        -fstack-protector-strong -D_FORTIFY_SOURCE=2 -c "$file" \
        -fopt-info-vec-optimized -o /dev/null 2>&1)
    for line in $(grep -n '/\* vectorised \*/' "$file" | cut -d: -f1); do
        marked=$((marked + 1))
        if ! printf '%s\n' "$report" | grep -q "^$file:$line:[0-9]*: optimized: *loop vectorized"; then
            echo "$file:$line: the compiler made no vector code of this loop:"
            sed -n "${line}p" "$file"
            missing=$((missing + 1))
        fi
    done
done
echo "$marked loops of $files files, $missing not vectorised"
# The marks themselves must not get lost: curves, a frame's numbers, load, sway.
for file in calib/curve.c analysis/frame_numbers.c analysis/load/part.c analysis/sway/spectrum.c; do
    grep -q '/\* vectorised \*/' "$file" || { echo "$file: no loop is marked"; missing=$((missing + 1)); }
done
[ "$missing" -eq 0 ] && [ "$marked" -ge 15 ]
