#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run_unit.sh BUILD NAME: runs one test program, quiet unless it fails; what it skips is said.
build=$1 name=$2
log=$build/test/$name.log
. tests/run_said.sh
timeout 900 "$build/test/tests/$name" >"$log" 2>&1 || failed
passed "$(grep -c '\[       OK' "$log") tests$(skipped)"
