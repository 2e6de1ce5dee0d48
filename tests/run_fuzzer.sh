#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run_fuzzer.sh BUILD NAME SECONDS: fuzzes one parser from its seeds, quiet unless it finds something.
build=$1 name=$2 seconds=$3
found=$build/fuzz/corpus/$name
seeds=tests/corpus/${name#fuzz_}
log=$build/fuzz/$name.log
. tests/run_said.sh
mkdir -p "$found"
[ -d "$seeds" ] || seeds=
# shellcheck disable=SC2086
"$build/fuzz/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$build/fuzz/$name-" "$found" $seeds >"$log" 2>&1 || failed
passed "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs"
