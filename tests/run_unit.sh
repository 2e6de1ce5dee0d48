#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run_unit.sh BUILD NAME: runs one test program, quiet unless it fails; what it skips is said.
build=$1 name=$2
log=$build/test/$name.log
if timeout 300 "$build/test/tests/$name" >"$log" 2>&1; then
    printf '%-28sok  %s tests%s\n' "$name" "$(grep -c '\[       OK' "$log")" \
        "$(sed -n 's/^skip[a-z]*: */, skipped: /Ip' "$log" | head -n 1)"
else
    printf '%-28sFAILED\n' "$name"
    tail -n 60 "$log"
    exit 255
fi
