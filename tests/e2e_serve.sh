#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The station as its page uses it, with a full disk, and as an attacker does. The whole of it is told by the programs that
# are handed out; by those with sanitizers all but what reckons minutes of recordings again and again (the tests of the
# analysis, of comparison and of sway do that under them), and all that an attacker sends.
# What waits more than it works does so meanwhile: a plate's thread that hangs, viewers and others that
# do not read, the released station.
set -eu
: "${BIN:?the folder with the programs}" "${BUILD:?the build folder}"
subject=samples/subjects/normal.json
python3 -B tests/serve_stall.py "$BUILD/release" "$BUILD/release/stalled_thread.so" $subject &
stall=$! whole=
python3 -B tests/serve_viewers.py "$BUILD/release" $subject &
viewers=$!
python3 -B tests/serve_drip.py "$BUILD/release" $subject &
drips=$!
trap 'kill $stall $viewers $drips $whole 2>/dev/null || :' EXIT
python3 -B tests/serve_station.py "$BUILD/release" $subject &
whole=$!
python3 -B tests/serve_station.py "$BIN" $subject quick
python3 -B tests/serve_calibrations.py "$BIN"
python3 -B tests/serve_erase.py "$BIN" $subject
python3 -B tests/serve_open.py "$BIN" & # waits for a browser, most of the time
opens=$!
python3 -B tests/attack_http.py "$BIN/tenderfootd" $subject
wait $stall
wait $viewers
wait $drips
wait $whole
trap - EXIT
wait $opens
