#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# serial: on a port that Debian's libserialport takes for a real one (umockdev), with the virtual
# plate on its cable: list it, ask it, record from it, share it with nobody, pull the plug, plug it
# in elsewhere, again and again.
set -eu
: "${BIN:?the folder with the programs}" "${BUILD:=build}"
subject=samples/subjects/tender_1.json
turns=${N:-20}

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

# until_so WHAT COMMAND...: until the command succeeds, which a busy machine is given two minutes for
until_so() {
    what=$1 tries=0
    shift
    until "$@"; do
        tries=$((tries + 1))
        [ $tries -lt 2400 ] || fail "never: $what: $(cat "$dir/err")"
        sleep 0.05
    done
}

is_longer() { # FILE BYTES
    [ -s "$1" ] && [ "$(wc -c <"$1")" -gt "$2" ]
}

# wait_for FILE BYTES
wait_for() {
    until_so "frames" is_longer "$@"
}

# The rig's word for the cable.
rig_says() {
    sed -n "s/^$1 //p" "$dir/report"
}

rig_tells() { # KEY VALUE
    [ "$(rig_says "$1")" = "$2" ]
}

pull_out() {
    kill -USR1 "$RIG_PID"
    until_so "the plug is out" rig_tells plugged 0
}

plug_in() {
    wanted=$(($(rig_says replugs) + 1))
    kill -USR2 "$RIG_PID"
    until_so "the plug is in" rig_tells replugs $wanted
}

# start_recording NAME [OPTION ...]: its process is $host; it has frames. The plate's port is asked
# for by the name that it has now.
start_recording() {
    name=$1
    shift
    port=$(rig_says port)
    LD_PRELOAD="${asan:+$asan:}$preload" "$BIN/tenderfoot" record --device "serial:$port" \
        --seconds 600 --json -o "$dir/$name.tfr" "$@" >"$dir/out" 2>"$dir/err" &
    host=$!
    wait_for "$dir/$name.tfr" 10000
}

# CPU time of a process, in hundredths of a second.
ticks() {
    awk '{ print $14 + $15 }' "/proc/$1/stat"
}

# How often it has gone to sleep: its turns, which no slow machine makes more.
naps() {
    cat /proc/"$1"/task/*/status | awk '/^voluntary_ctxt/ { n += $2 } END { print n }'
}

has_descriptors() { # PROCESS COUNT
    [ "$(ls "/proc/$1/fd" | wc -l)" = "$2" ]
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
    [ "$(count frames)" -gt 0 ] && [ $(($(count frames) + $(count lost))) -ge 295 ] || fail "frames: $(cat "$dir/out")"
    [ "$(count lost)" = "$dropped" ] || fail "lost on the line: $(cat "$dir/out")"
    [ "$(count damaged_bytes)" = 0 ] || fail "damage: $(cat "$dir/out")"
    tenderfoot verify "$dir/port.tfr" || fail "verify: exit $?"

    start_recording pulled
    code=0
    tenderfoot devices serial:/dev/ttyACM0 2>"$dir/second" || code=$?
    [ $code = 1 ] || fail "a second host: exit $code"
    grep -q "another program has the plate" "$dir/second" || fail "$(cat "$dir/second")"
    echo "a second host is told that the port is taken"

    pull_out
    sleep 0.7
    plug_in
    until_so "the host is back" rig_tells heard 1
    wait_for "$dir/pulled.tfr" $(($(wc -c <"$dir/pulled.tfr") + 10000))
    kill -INT $host
    wait $host || fail "replugged: exit $?: $(cat "$dir/err")"
    [ "$(count replugs)" = 1 ] || fail "replugs: $(cat "$dir/out")"
    tenderfoot verify "$dir/pulled.tfr" || fail "verify: exit $?"
    awk '/longest_gap_s/ { gsub(/[^0-9.]/, ""); exit !($0 > 0.5) }' "$dir/out" ||
        fail "frames of a plate that was away: $(cat "$dir/out")"
    echo "pulled and plugged in as another port: found by its serial number, the same recording"

    start_recording cpu --wait 4
    pull_out
    sleep 0.4
    before=$(ticks $host) slept=$(naps $host)
    sleep 1.8
    used=$(($(ticks $host) - before)) slept=$(($(naps $host) - slept))
    # Three ticks on a quiet machine. One that asks without end has all there is, of four at least a fifth.
    [ $used -le 30 ] && [ $slept -le 200 ] || fail "$used ticks of CPU and $slept naps in 1.8 s without a plate"
    code=0
    wait $host || code=$?
    [ $code = 4 ] || fail "unplugged: exit $code: $(cat "$dir/err")"
    grep -qE "(is not back|does not go on) after 4 s" "$dir/err" || fail "$(cat "$dir/err")"
    tenderfoot verify "$dir/cpu.tfr" || fail "verify: exit $?"
    echo "not plugged in again: $used ticks of CPU and $slept naps while it waits, exit 4 and a file that verifies"
    plug_in

    start_recording pulled0 --wait 0
    pull_out
    code=0
    wait $host || code=$?
    [ $code = 4 ] || fail "unplugged with --wait 0: exit $code: $(cat "$dir/err")"
    plug_in

    # N replugs at phases of a frame that follow from nothing else
    start_recording again --wait 60
    before=
    turn=0
    while [ $turn -lt "$turns" ]; do
        turn=$((turn + 1))
        pull_out
        sleep "0.$((turn * 7 % 19 + 10))"
        plug_in
        until_so "the host is back" rig_tells heard 1
        wait_for "$dir/again.tfr" $(($(wc -c <"$dir/again.tfr") + 3000 + turn * 131 % 900))
        until_so "turn $turn: ${before:=$(ls "/proc/$host/fd" | wc -l)} descriptors" has_descriptors $host "$before"
    done
    kill -INT $host
    wait $host || fail "turn after turn: exit $?: $(cat "$dir/err")"
    [ "$(count replugs)" = "$turns" ] || fail "replugs: $(cat "$dir/out")"
    echo "$turns times more, in one recording: $before descriptors all the time"
    sleep 0.1
    python3 tests/serial/count_frames.py "$dir/again.tfr" "$dir/out" "$dir/report"
    tenderfoot verify "$dir/again.tfr" || fail "verify: exit $?"
}

if [ "${1:-}" = inside ]; then
    inside
    exit 0
fi

dir=$(mktemp -d)
RIG_REPORT=$dir/report
export dir BIN BUILD RIG_REPORT
trap 'rm -rf "$dir"' EXIT
# shellcheck disable=SC2046
gcc -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -O1 tests/serial/serial_rig.c -o "$dir/serial_rig" \
    $(pkg-config --cflags --libs umockdev-1.0)
asan=$(ldd "$BIN/tenderfoot" | sed -n 's/.*libasan[^ ]* => \([^ ]*\).*/\1/p')
preload=libumockdev-preload.so.0
export asan preload
LD_PRELOAD=$preload "$dir/serial_rig" "$BIN/tenderfoot-plate" $subject sh "$0" inside
