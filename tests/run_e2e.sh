#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run_e2e.sh BUILD SCRIPT: runs one end-to-end script, quiet unless it fails.
build=$1 script=$2
name=$(basename "$script" .sh)
log=$build/test/$name.log
if timeout 600 sh "$script" >"$log" 2>&1; then
    printf '%-28sok%s\n' "$name" "$(sed -n 's/^skip[a-z]*: */  skipped: /Ip' "$log" | head -n 1)"
else
    printf '%-28sFAILED\n' "$name"
    tail -n 60 "$log"
    exit 255
fi
