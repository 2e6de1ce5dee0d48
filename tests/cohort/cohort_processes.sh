#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A cohort is the same whether one process draws it or two.
set -eu
out=${BUILD:?the build folder}/cohort-small
for jobs in 1 2; do
    mkdir -p "$out/$jobs"
    "$BUILD/release/tests/cohort/cohort" --without 1 --with 2 --press-every 2 --spreads 1 --whole 0 --jobs $jobs --out "$out/$jobs"
done
cmp "$out/1/table.json" "$out/2/table.json"
