#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The two sides of the USB device at once, watched by the thread sanitizer, which goes with no other.
set -eu
program=$BUILD/test/usb_threads_tsan
sources=$(ls firmware/core/usb_*.c | grep -v usb_links)
gcc -std=c17 -D_GNU_SOURCE -I. -O1 -g -fsanitize=thread tests/test_usb_threads.c \
    tests/support/usb_host.c $sources firmware/boards/host/usb_bus.c firmware/boards/host/usb_bus_control.c \
    firmware/wire/crc32c.c \
    -lcmocka -lpthread -o "$program"
log=$program.log
if "$program" >"$log" 2>&1; then
    cat "$log"
elif grep -q 'unexpected memory mapping' "$log"; then
    # More random addresses than this sanitizer knows: without randomness, where that is allowed.
    if setarch "$(uname -m)" -R true 2>/dev/null; then
        setarch "$(uname -m)" -R "$program"
    else
        echo "skipped: the thread sanitizer does not run on this kernel"
    fi
else
    cat "$log"
    exit 1
fi
