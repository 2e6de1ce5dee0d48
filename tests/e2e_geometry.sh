#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Another plate on the reference board is a change of geometry.h alone: the whole board compiles, its static asserts
# on time and memory included, as 64 x 64 and as 32 x 32; and what cannot be is refused by an assert.
set -eu
board=firmware/boards/stm32f405
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/$board"

# compiles ROWS COLS RATE: that size, without a warning.
compiles() {
    sed -E "s/(_ROWS) [0-9]+u/\1 $1u/; s/(_COLS) [0-9]+u/\1 $2u/; s/(_RATE_MAX_HZ) [0-9]+u/\1 $3u/" \
        $board/geometry.h >"$dir/$board/geometry.h"
    ! cmp -s $board/geometry.h "$dir/$board/geometry.h" || [ "$1 $2 $3" = "96 96 100" ] || return 2
    for source in $board/*.c $board/chip/*.c; do
        arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -std=c17 -D_POSIX_C_SOURCE=200809L -fsyntax-only -I"$dir" -I. -Wall \
            -Wextra -Wconversion -Wshadow -Werror "$source" 2>>"$dir/log" || return 1
    done
}

# refused ROWS COLS RATE WORDS: does not compile, and these words say why.
refused() {
    : >"$dir/log"
    if compiles "$1" "$2" "$3"; then
        echo "$1 x $2 at $3 Hz compiles" >&2
        exit 1
    fi
    grep -q "$4" "$dir/log" || { cat "$dir/log" >&2; exit 1; }
}

for size in "96 96 100" "64 64 150" "32 32 400" "96 48 150" "8 8 1000"; do
    # shellcheck disable=SC2086
    compiles $size || { cat "$dir/log" >&2; echo "$size does not compile" >&2; exit 1; }
done
refused 96 96 110 "fit the highest rate"
refused 64 64 200 "fit the highest rate"
refused 96 100 50 "columns come by eights"
refused 96 104 50 "columns come by eights"
refused 62 64 100 "whole halves of the ring"
echo "five sizes compile, five are refused"
