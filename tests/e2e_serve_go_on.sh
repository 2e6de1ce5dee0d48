#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# kill -9 of a station while its plate lives on: the next one goes on with the recording, and not with
# what was commanded to stop, is too old, is a press test, or whose plate or person has changed.
set -eu
: "${BIN:?the folder with the programs}" "${BUILD:?the build folder}"
python3 -B tests/serve_go_on.py "$BIN" "$BUILD/release" samples/subjects/normal.json
