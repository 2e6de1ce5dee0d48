#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A station on a disk that stands still or is full, with a plate that sends nonsense, and over midnight.
set -eu
: "${BUILD:?the build folder}"
subject=samples/subjects/normal.json
python3 -B tests/serve_disk.py "$BUILD/release" "$BUILD/release/bad_disk.so" $subject
python3 -B tests/serve_nonsense.py "$BUILD/release" $subject
python3 -B tests/serve_midnight.py "$BUILD/release" "$BUILD/release/moved_clock.so" $subject
