#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# serial: on a port that Debian's libserialport takes for a real one (umockdev), with the virtual
# plate on its cable: list it, ask it, record from it, share it with nobody, pull the plug.
set -eu
: "${BIN:?the folder with the programs}" "${BUILD:=build}"
subject=samples/subjects/normal.json

fail() {
    echo "e2e_serial: $*" >&2
    exit 1
}

# A sanitizer's runtime must be loaded before the preloaded library that makes the port.
tenderfoot() {
    LD_PRELOAD="${asan:+$asan:}$preload" "$BIN/tenderfoot" "$@"
}

count() {
    sed -n "s/^ *\"$1\": \([0-9]*\),\{0,1\}\$/\1/p" "$dir/out"
}

# Beyond here we are inside: the port exists.
inside() {
    tenderfoot devices >"$dir/out"
    grep -q "serial:/dev/ttyACM0" "$dir/out" || fail "the port is not listed: $(cat "$dir/out")"
    tenderfoot devices serial:/dev/ttyACM0 >"$dir/out" || fail "no HELLO over the port"
    grep -q "VIRTUAL" "$dir/out" || fail "not the plate: $(cat "$dir/out")"
    echo "found, opened, set to 921600 baud and read back, HELLO"

    tenderfoot record --device "serial:/dev/ttyACM0?baud=115200" --seconds 3 --json \
        -o "$dir/port.tfr" >"$dir/out" || fail "record: exit $?"
    # on a busy machine the plate itself may drop whole frames, and says so; the cable loses none
    dropped=$(count device_dropped)
    [ "$(count frames)" -ge 200 ] || fail "frames: $(cat "$dir/out")"
    [ "$(count lost)" = "$dropped" ] || fail "lost on the line: $(cat "$dir/out")"
    [ "$(count damaged_bytes)" = 0 ] || fail "damage: $(cat "$dir/out")"
    tenderfoot verify "$dir/port.tfr" || fail "verify: exit $?"

    LD_PRELOAD="${asan:+$asan:}$preload" "$BIN/tenderfoot" record --device serial:/dev/ttyACM0 \
        --seconds 60 --json -o "$dir/pulled.tfr" >"$dir/out" 2>"$dir/err" &
    host=$!
    tries=0
    until [ -s "$dir/pulled.tfr" ] && [ "$(wc -c <"$dir/pulled.tfr")" -gt 10000 ]; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || fail "no frames: $(cat "$dir/err")"
        sleep 0.05
    done
    code=0
    tenderfoot devices serial:/dev/ttyACM0 2>"$dir/second" || code=$?
    [ $code = 1 ] || fail "a second host: exit $code"
    grep -q "another program has the plate" "$dir/second" || fail "$(cat "$dir/second")"
    echo "a second host is told that the port is taken"

    kill -USR1 "$RIG_PID"
    code=0
    wait $host || code=$?
    [ $code = 4 ] || fail "unplugged: exit $code: $(cat "$dir/err")"
    tenderfoot verify "$dir/pulled.tfr" || fail "verify: exit $?"
    echo "unplugged: exit 4 and a file that verifies"
}

if [ "${1:-}" = inside ]; then
    inside
    exit 0
fi

dir=$(mktemp -d)
export dir BIN BUILD
trap 'rm -rf "$dir"' EXIT
# shellcheck disable=SC2046
gcc -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -O1 tests/serial/serial_rig.c -o "$dir/serial_rig" \
    $(pkg-config --cflags --libs umockdev-1.0)
asan=$(ldd "$BIN/tenderfoot" | sed -n 's/.*libasan[^ ]* => \([^ ]*\).*/\1/p')
preload=libumockdev-preload.so.0
export asan preload
LD_PRELOAD=$preload "$dir/serial_rig" "$BIN/tenderfoot-plate" $subject sh "$0" inside
