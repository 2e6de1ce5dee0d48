#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run_fuzzer.sh BUILD NAME SECONDS: fuzzes one parser from its seeds, quiet unless it finds something.
set -eu
build=$1 name=$2 seconds=$3
found=$build/fuzz/corpus/$name
seeds=tests/corpus/${name#fuzz_}
log=$build/fuzz/$name.log
mkdir -p "$found"
[ -d "$seeds" ] || seeds=
if "$build/fuzz/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$build/fuzz/$name-" "$found" $seeds >"$log" 2>&1; then
    printf '%-28sok  %s runs\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
else
    printf '%-28sFAILED\n' "$name"
    tail -n 40 "$log"
    exit 255
fi
