#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The page in Chromium, by keys alone; its screenshots lie in BUILD/page. The programs are those that are handed out:
# at the sanitizers' pace a guided press test would take minutes (e2e_serve has the station under them).
set -eu
: "${BIN:?the folder with the programs}" "${BUILD:?the build folder}"
if ! command -v chromedriver >/dev/null || ! python3 -c "import selenium" 2>/dev/null; then
    echo "skipped: chromium-driver and python3-selenium are not installed"
    exit 0
fi
python3 -B tests/page_chromium.py "$BUILD/release" "$BUILD/page" "$BUILD/axe/axe.min.js"
