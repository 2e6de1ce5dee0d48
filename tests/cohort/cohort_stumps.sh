#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A small cohort of people who lack parts of their feet: nothing is told where nothing was pressed.
set -eu
out=${BUILD:?the build folder}/cohort-small/stumps
mkdir -p "$out"
"$BUILD/release/tests/cohort/cohort" --without 60 --with 0 --trait amputated --press-only --spreads 1 --whole 0 --seed 7 --bounds \
    --out "$out" --jobs 1
