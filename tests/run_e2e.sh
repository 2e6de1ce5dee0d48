#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run_e2e.sh BUILD SCRIPT: runs one end-to-end script, quiet unless it fails; what it skips is said.
build=$1 script=$2
name=$(basename "$script" .sh)
log=$build/test/$name.log
. tests/run_said.sh
timeout 900 sh "$script" >"$log" 2>&1 || failed
passed "$(skipped)"
