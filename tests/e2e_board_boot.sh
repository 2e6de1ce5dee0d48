#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The reference board's objects, as they are flashed, on an emulated Cortex-M4: from the reset vector to the main
# loop, and what follows a stack that runs over, a bus fault, an interrupt nobody waits for and the wish for the
# loader. Only the registers are another file's (tests/board_boot/mmio.c), and the memory lies where the emulator
# has some.
set -eu
: "${BUILD:?the folder with the firmware}"
board=firmware/boards/stm32f405
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

fail() {
    echo "e2e_board_boot: $*" >&2
    exit 1
}

# The core-coupled memory, with nothing below the stack, at the beginning of the emulator's only one.
sed 's/ORIGIN = 0x20000000/ORIGIN = 0x20010000/; s/ORIGIN = 0x10000000/ORIGIN = 0x20000000/' \
    $board/chip/link.ld >"$dir/link.ld"
arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfloat-abi=soft -std=c17 -O2 -I. -Wall -Wextra -Wconversion -Wshadow -Werror \
    -Wno-infinite-recursion -fno-optimize-sibling-calls -c tests/board_boot/mmio.c -o "$dir/mmio.o"
objects=
for source in firmware/wire/*.c firmware/core/*.c $board/*.c $board/chip/*.c; do
    object=$BUILD/firmware/stm32f405/${source%.c}.o
    [ "$source" = $board/chip/mmio.c ] || [ ! -e "$object" ] || objects="$objects $object"
done
# shellcheck disable=SC2086 # a list of names without spaces
arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfloat-abi=soft -nostartfiles -Wl,--gc-sections -T "$dir/link.ld" \
    -o "$dir/board.elf" $objects "$dir/mmio.o" -lgcc -lc

status=0
timeout 60 qemu-system-arm -M netduinoplus2 -kernel "$dir/board.elf" -display none -monitor none -serial stdio \
    -semihosting-config enable=on,target=native </dev/null >"$dir/said" 2>"$dir/complaints" || status=$?
cat "$dir/said"
[ $status -eq 0 ] || fail "the emulator ended with status $status: $(cat "$dir/complaints")"
sed 's/\r$//' "$dir/said" | grep -v '^ *at ' | sed 's/TF-[0-9A-F]\{12\}$/TF-x/' >"$dir/story"
banner=$(grep -m 1 '^tenderfoot' "$dir/story")
{
    for fault in '' 'stack ran over' 'had a fault' 'unexpected interrupt'; do
        echo "$banner"
        echo "TF-x"
        [ -z "$fault" ] || grep -m 1 "$fault" "$dir/story" || echo "nothing about: $fault"
    done
    echo "the loader has the processor"
} >"$dir/wanted"
diff "$dir/wanted" "$dir/story" || fail "the board tells another story"
place=$(sed -n 's/^ *at \([0-9A-F]\{8\}\).*/\1/p' "$dir/said" | sed -n 2p)
arm-none-eabi-addr2line -f -e "$dir/board.elf" "0x$place" | grep -qx 'deed\|mmio_write' ||
    fail "the fault's place 0x$place is not where it was made"
