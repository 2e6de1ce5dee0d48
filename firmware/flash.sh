#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# flash.sh FILE.dfu: writes the firmware into the reference plate by its USB cable, with dfu-util.
#
# A plate that runs is asked to reboot into its chip's loader (BIN/tenderfoot); one that does not is brought there
# by hand. WAIT: seconds to wait for the loader, 10 if not given. DFU_UTIL: another program, for tests.
set -u
: "${BIN:?the folder with the programs}"
file=$1
loader=0483:df11
start=0x08000000 # of the flash memory
dfu=${DFU_UTIL:-dfu-util}

loaders() {
    "$dfu" -d $loader --list 2>/dev/null | grep -c '^Found DFU.*alt=0'
}

say_how() {
    cat >&2 <<EOF
flash: no plate in its loader was found. Bring it there by hand:
  1. hold the button BOOT0 (it connects BOOT0 to 3.3 V), 2. plug the cable in, or press RESET,
  3. let go, and run \`make flash\` again.
$("$dfu" --version 2>/dev/null | head -n 1) sees the loader as $loader; \`lsusb -d $loader\` must list it.
EOF
}

command -v "$dfu" >/dev/null || {
    echo "flash: there is no dfu-util: apt-get install dfu-util (or make deps-test)" >&2
    exit 1
}
if [ "$(loaders)" -eq 0 ]; then
    echo "flash: asking the plate to reboot into its loader"
    "$BIN/tenderfoot" devices usb: --reboot-to-loader || echo "flash: nobody to ask; waiting for a loader" >&2
    tenths=$((${WAIT:-10} * 10))
    while [ "$(loaders)" -eq 0 ]; do
        tenths=$((tenths - 5))
        [ $tenths -ge 0 ] || { say_how; exit 1; }
        sleep 0.5
    done
fi
if [ "$(loaders)" -gt 1 ]; then
    echo "flash: there are $(loaders) devices in their loaders; leave only the one to be written plugged in" >&2
    exit 1
fi
said=$(mktemp)
trap 'rm -f "$said"' EXIT
"$dfu" -d $loader -a 0 -s $start:leave -D "$file" 2>&1 | tee "$said"
if grep -q 'File downloaded successfully' "$said"; then
    echo "flash: done; the plate starts with the new firmware"
elif grep -q 'LIBUSB_ERROR_ACCESS\|Cannot open DFU device' "$said"; then
    echo "flash: permission denied: \`tenderfoot devices --udev-rule\` prints the rule that grants it, and where it belongs" >&2
    exit 1
else
    echo "flash: the firmware was not written; the loader is in the chip's ROM and cannot be harmed: try again" >&2
    exit 1
fi
