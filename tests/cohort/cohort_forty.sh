#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A small cohort, with bounds that follow from how few they are (cohort_bounds.h).
set -eu
out=${BUILD:?the build folder}/cohort-small
mkdir -p "$out"
"$BUILD/release/tests/cohort/cohort" --without 20 --with 20 --press-every 3 --spreads 1 --whole 2 --bounds --out "$out" --jobs 1
