#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The reference board's image, as far as a file can be right: vectors, memory, no heap, a DFU file that dfu-util
# accepts, the same bytes from another place; and `make flash` with a dfu-util that only says what it is told.
set -eu
: "${BIN:?the folder with the programs}" "${BUILD:?the folder with the firmware}"
elf=$BUILD/firmware/plate-stm32f405.elf
bin=$BUILD/firmware/plate-stm32f405.bin
dfu=$BUILD/firmware/plate-stm32f405.dfu
link=firmware/boards/stm32f405/chip/link.ld
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

fail() {
    echo "e2e_board_image: $*" >&2
    exit 1
}

echo "Vectors, regions, symbols:"
arm-none-eabi-nm "$elf" >"$dir/symbols"
arm-none-eabi-objdump -h "$elf" >"$dir/sections"
python3 - "$bin" "$dir/symbols" "$dir/sections" <<'PYTHON'
import re, struct, sys

image = open(sys.argv[1], "rb").read()
symbols = {}
for line in open(sys.argv[2]):
    part = line.split()
    if len(part) == 3:
        symbols[part[2]] = int(part[0], 16)
FLASH, CCM, SRAM = range(0x08000000, 0x08100000), range(0x10000000, 0x10010000), range(0x20000000, 0x20020000)

vectors = struct.unpack("<98I", image[: 4 * 98])  # stack, 15 exceptions, interrupts 0 to 81
stack, reset = vectors[:2]
assert stack == symbols["link_stack_top"] and stack % 8 == 0 and stack - 4 in CCM, hex(stack)
assert symbols["link_stack"] == CCM.start, "a stack that runs over must leave the memory"
assert reset == symbols["reset_handler"] | 1, hex(reset)
for number, at in enumerate(vectors[1:], 1):
    assert at & 1 and at & ~1 in FLASH and at - FLASH.start < len(image), (number, hex(at))
names = {16 + 28: "capture_handler", 16 + 37: "console_handler", 16 + 56: "scan_handler", 16 + 67: "usb_handler",
         15: "tick_handler", 2: "nmi_handler", 3: "fault_handler"}
for number, name in names.items():
    assert vectors[number] & ~1 == symbols[name], (number, name)
assert all(vectors[n] == vectors[16] for n in range(16, 98) if n not in names), "the rest is unexpected"

heap = [name for name in symbols if re.search(r"malloc|calloc|realloc|_sbrk|free_r|printf|__aeabi_[df](add|mul|div)", name)]
assert not heap, heap
loaded = 0
for line in open(sys.argv[3]):
    part = line.split()
    if len(part) == 7 and part[0].isdigit() and part[1] in (
            ".vectors", ".text", ".ARM.exidx", ".data", ".bss", ".stack", ".ccm", ".kept", ".cells"):
        size, at = int(part[2], 16), int(part[3], 16)
        loaded += 1
        home = next(region for region in (FLASH, CCM, SRAM) if at in region)
        assert at + size <= home.stop, line
        if part[1] in (".stack", ".ccm"):
            assert home is CCM, line
assert loaded >= 8, "sections are missing"
for name in ("rings", "board", "noise_floor"):  # DMA and the like must reach the first two
    assert symbols[name] in SRAM, name
for name in ("counts", "zero"):
    assert symbols[name] in CCM, name
print(f"  {len(image)} bytes, {len(vectors)} vectors, no heap, no floating point")
PYTHON

echo "The DFU file:"
dfu-suffix --check "$dfu" >"$dir/suffix"
grep -q 'Vendor ID:.*0x0483' "$dir/suffix" || fail "the DFU file names another vendor: $(cat "$dir/suffix")"
grep -q 'Product ID:.*0xDF11' "$dir/suffix" || fail "the DFU file names another product"
head -c "$(stat -c %s "$bin")" "$dfu" | cmp - "$bin" || fail "the DFU file is not the BIN and a suffix"
[ "$(stat -c %s "$dfu")" -eq $(($(stat -c %s "$bin") + 16)) ] || fail "the DFU file has more than a suffix"

echo "The same bytes from another place:"
mkdir "$dir/elsewhere"
cp -r Makefile firmware "$dir/elsewhere"
make -s -j2 -C "$dir/elsewhere" BUILD=out out/firmware/plate-stm32f405.dfu >/dev/null
cmp "$dfu" "$dir/elsewhere/out/firmware/plate-stm32f405.dfu" || fail "two builds differ"
echo "  they are"

echo "Too little to spare is refused:"
size() {
    sh firmware/size.sh "$elf" "$BUILD/firmware/stm32f405" "$1" firmware/boards/stm32f405/board.c \
        firmware/boards/stm32f405/otg.c tick_handler,console_handler usb_handler scan_handler capture_handler
}
size $link >"$dir/size"
for narrow in 's/LENGTH = 1M/LENGTH = 48K/' 's/LENGTH = 128K/LENGTH = 108K/' 's/LENGTH = 64K/LENGTH = 62K/'; do
    sed "$narrow" $link >"$dir/narrow.ld"
    cmp -s $link "$dir/narrow.ld" && fail "$narrow changes nothing"
    if size "$dir/narrow.ld" >"$dir/size"; then fail "$narrow passed: $(cat "$dir/size")"; fi
    grep 'NOT A THIRD' "$dir/size" || fail "the reason is not said"
done

echo "make flash, with a plate in its loader, without one, without leave, with two:"
cat >"$dir/dfu" <<'E2E'
#!/bin/sh
found='Found DFU: [0483:df11] ver=2200, devnum=9, cfg=1, intf=0, path="1-1", alt=0, name="@Internal Flash"'
case "$*" in
*--list*)
    case $PRETEND in
    none) ;;
    two) echo "$found" && echo "$found" ;;
    asked) [ -e "$STATE" ] && echo "$found" ;;
    *) echo "$found" ;;
    esac
    ;;
*--version*) echo "dfu-util 0.11" ;;
*)
    echo "$*" >"$STATE.arguments"
    if [ "$PRETEND" = denied ]; then
        echo "Cannot open DFU device 0483:df11 found on devnum 9 (LIBUSB_ERROR_ACCESS)" >&2
        exit 74
    fi
    echo "File downloaded successfully"
    ;;
esac
exit 0
E2E
mkdir "$dir/bin"
cat >"$dir/bin/tenderfoot" <<'E2E'
#!/bin/sh
echo "$*" >"$STATE"
E2E
chmod +x "$dir/dfu" "$dir/bin/tenderfoot"
# flash PRETEND WANTED_STATUS WANTED_WORDS
flash() {
    rm -f "$dir/state" "$dir/state.arguments"
    status=0
    PRETEND=$1 STATE=$dir/state DFU_UTIL=$dir/dfu WAIT=1 BIN=$dir/bin sh firmware/flash.sh "$dfu" \
        >"$dir/said" 2>&1 || status=$?
    [ $status -eq "$2" ] || fail "flash with $1: status $status: $(cat "$dir/said")"
    grep -q "$3" "$dir/said" || fail "flash with $1 does not say \"$3\": $(cat "$dir/said")"
}
flash there 0 'flash: done'
[ "$(cat "$dir/state.arguments")" = "-d 0483:df11 -a 0 -s 0x08000000:leave -D $dfu" ] ||
    fail "dfu-util was told $(cat "$dir/state.arguments")"
[ ! -e "$dir/state" ] || fail "a plate was asked though one was in its loader"
flash asked 0 'flash: done'
[ "$(cat "$dir/state")" = "devices usb: --reboot-to-loader" ] || fail "the plate was asked: $(cat "$dir/state")"
flash none 1 'hold the button BOOT0'
flash denied 1 'udev-rule'
flash two 1 'leave only the one'
echo "  each says what it should"
