#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# newcomer.sh: what somebody does who has never been here: a clean clone, one command, a report. The report and the
# tables are there, the session after the build takes SESSION_MOST seconds at most (the visit itself is four to five
# minutes, at its own pace), and all of it NEWCOMER_MOST on two cores; a slower machine says its own.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
seconds() { echo $(($(date +%s) - began)); }
began=$(date +%s)
git clone -q . "$dir/tenderfoot"
cd "$dir/tenderfoot"
make --no-print-directory -j"$(nproc)" all >"$dir/log" 2>&1 || { tail -n 40 "$dir/log"; exit 1; }
built=$(seconds)
make --no-print-directory run PLATE=virtual PAGE=no >"$dir/log" 2>&1 || { tail -n 40 "$dir/log"; exit 1; }
ran=$(seconds)
for file in session.tfr analysis.json report.pdf csv/zones.csv; do
    [ -s build/session-*/$file ] || { echo "newcomer: $file is missing"; tail -n 40 "$dir/log"; exit 1; }
done
session=$((ran - built))
[ $session -le "${SESSION_MOST:-420}" ] || { echo "newcomer: the session took $session s, more than ${SESSION_MOST:-420}"; exit 1; }
[ $ran -le "${NEWCOMER_MOST:-1200}" ] || { echo "newcomer: all took $ran s, more than ${NEWCOMER_MOST:-1200}"; exit 1; }
echo "newcomer: clean clone to report $ran s, of which $built s are cloning and building, $session s a whole guided session"
