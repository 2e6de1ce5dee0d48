#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A practitioner's visit at the station, on the virtual plate and on the emulated firmware.
set -eu
: "${BUILD:?the build folder}"
python3 -B tests/serve_journey.py "$BUILD/release" "$BUILD/firmware/plate-an385.elf" samples/subjects/normal.json
