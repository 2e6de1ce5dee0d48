#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# kill -9 of a station that begins, makes, ends or keeps a recording, N times (50): nothing that it said
# to be kept is lost.
set -eu
: "${BUILD:?the build folder}"
python3 -B tests/serve_kill.py "$BUILD/release" samples/subjects/normal.json "${N:-50}"
