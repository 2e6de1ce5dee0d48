#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run_one.sh BUILD NAME FUZZ_SECONDS: runs one test of whatever kind, by the runner of its kind.
case $2 in
*.sh) exec sh tests/run_e2e.sh "$1" "$2" ;;
fuzz_*) exec sh tests/run_fuzzer.sh "$1" "$2" "$3" ;;
*) exec sh tests/run_unit.sh "$1" "$2" ;;
esac
