#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The firmware's ELF on an emulated Cortex-M, all the way: ELF -> pipe or FIFO -> record -> verify ->
# analyze -> report -> export; in lockstep (the numbers of the virtual plate), deterministic (twice
# the same), and live by its own clock. Nothing is left behind, also after a kill -9.
set -eu
: "${BIN:?the folder with the programs}" "${BUILD:?the folder with the firmware}"
LSAN_OPTIONS=${LSAN_OPTIONS:-suppressions=tests/support/lsan.supp:print_suppressions=0}
export LSAN_OPTIONS
elf=$BUILD/firmware/plate-an385.elf
subject=samples/subjects/normal.json
dir=$(mktemp -d)
plate=
end() {
    [ -z "$plate" ] || kill "$plate" 2>/dev/null || true
    rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' INT TERM

fail() {
    echo "e2e_emulated: $*" >&2
    exit 1
}

# A plate on a socket, in the background; $uri as soon as it can be reached.
start_plate() {
    rm -f "$dir/uri"
    "$BIN/tenderfoot-plate" --subject "$subject" --seed 1 --socket "$dir/plate" "$@" >"$dir/uri" &
    plate=$!
    tries=0
    until [ -s "$dir/uri" ]; do
        tries=$((tries + 1))
        [ $tries -lt 2400 ] || fail "the plate does not start"
        sleep 0.05
    done
    uri=$(cat "$dir/uri")
}

stop_plate() {
    kill "$plate"
    wait "$plate" || fail "the plate ended with status $?"
    plate=
}

record() {
    "$BIN/tenderfoot" record --quiet --device "$1" --protocol stand --seconds "$2" --json -o "$dir/$3.tfr" \
        >"$dir/$3.record.json"
}

numbers() {
    "$BIN/tenderfoot" verify "$dir/$1.tfr"
    "$BIN/tenderfoot" analyze "$dir/$1.tfr" --json --frames >"$dir/$1.json"
}

# All numbers of two analyses are the same; only what names the plate and the day may differ.
same_numbers() {
    python3 - "$dir/$1.json" "$dir/$2.json" <<'PYTHON'
import json, sys

a, b = (json.load(open(path)) for path in sys.argv[1:])
for document in (a, b):
    for key in ("file", "device_model", "device_uri", "started_utc", "created_utc", "source"):
        document["recording"].pop(key, None)
assert a["recording"]["frames"] >= 100, a["recording"]
assert len(a["feet"]) == 2, a["feet"]
assert a == b, [key for key in a if a[key] != b.get(key)]
print(f"  the same numbers: {a['recording']['frames']} frames, {a['max_force_n']:.1f} N")
PYTHON
}

# Of a recording: nothing lost, nothing damaged; what the plate itself dropped is told. By its own clock on a busy
# machine it may drop some, otherwise none.
nothing_lost() {
    python3 - "$dir/$1.record.json" "$1" <<'PYTHON'
import json, sys

r = json.load(open(sys.argv[1]))
assert r["end"] == "complete" and r["bad"] == r["damaged_bytes"] == 0 and r["lost"] == r["device_dropped"], r
assert sys.argv[2] == "live" or r["lost"] == 0, r
print(f"  {r['frames']} frames in {r['duration_s']} s, {r['lost']} dropped, {r['device_overruns']} overruns")
PYTHON
}

echo "In lockstep, beside the virtual plate:"
start_plate --elf "$elf" --pace fast
record "$uri" 12 lockstep
stop_plate
start_plate --pace fast
record "$uri" 12 virtual
stop_plate
numbers lockstep
numbers virtual
same_numbers lockstep virtual
"$BIN/tenderfoot" report "$dir/lockstep.tfr" -o "$dir/report.pdf"
"$BIN/tenderfoot" export "$dir/lockstep.tfr" --as csv -o "$dir/csv"
[ -s "$dir/report.pdf" ] && [ -n "$(ls "$dir/csv")" ] || fail "no report or no tables"

echo "Deterministic, through a FIFO, twice:"
mkfifo "$dir/fifo"
"$BIN/tenderfoot-plate" --subject "$subject" --seed 1 --fifo "$dir/fifo" --image "$dir/image"
for run in first second; do
    qemu-system-arm -M mps2-an385 -kernel "$elf" -display none -monitor none -serial null \
        -semihosting-config enable=on,target=native -icount shift=3,sleep=off \
        -device "loader,file=$dir/image,addr=0x21000000,force-raw=on" &
    plate=$!
    record "stream:$dir/fifo" 6 $run
    kill "$plate" 2>/dev/null || true # it may still have something to say
    wait "$plate" || true
    plate=
    numbers $run
    nothing_lost $run
done
same_numbers first second

echo "Live, by the board's own clock:"
start_plate --elf "$elf" --pace real
record "$uri" 4 live
nothing_lost live
numbers live

echo "Killed, it takes its emulator along:"
child=$(cat "/proc/$plate/task/$plate/children")
[ -n "$child" ] || fail "the plate has no emulator"
kill -9 "$plate"
wait "$plate" 2>/dev/null || true
plate=
tries=0
while kill -0 $child 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 2400 ] || fail "the emulator lives on"
    sleep 0.05
done
[ -z "$(ls /dev/shm | grep -i tenderfoot)" ] || fail "something is left in /dev/shm"
echo "  it does"
