#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The USB cable through a real kernel: two virtual machines, each with its scenarios (test_usb.py). Beside other tests
# no rate is judged; `make test-usb` does.
set -eu
RATES=${RATES:-0} exec python3 -B tests/vm/test_usb.py "${BUILD:?the build folder}"
