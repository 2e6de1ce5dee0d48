#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# `record` and `devices` as a person uses them, with the virtual plate as a process of its own: each
# kind of link, each way to end, and the exit code and the file of each.
set -eu
: "${BIN:?the folder with the programs}"
subject=samples/subjects/normal.json
dir=$(mktemp -d)
plate=
end() {
    [ -z "$plate" ] || kill -9 "$plate" 2>/dev/null || true
    rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' INT TERM

fail() {
    echo "e2e_record: $*" >&2
    exit 1
}

# expect CODE WORD COMMAND...: the command ends with CODE and says WORD on stderr.
expect() {
    wanted=$1 word=$2 code=0
    shift 2
    "$@" >"$dir/out" 2>"$dir/err" || code=$?
    [ $code = "$wanted" ] || fail "$*: exit $code instead of $wanted: $(cat "$dir/err")"
    [ -z "$word" ] || grep -q -e "$word" "$dir/err" || fail "$*: no '$word' in: $(cat "$dir/err")"
}

# count KEY FILE: the value of a key in a JSON document, which are written one key a line.
count() {
    sed -n "s/^ *\"$1\": \(\"\{0,1\}\)\([^\",]*\)\"\{0,1\},\{0,1\}\$/\2/p" "$2" | head -n 1
}

# The file is whole and holds what the summary said.
check_file() {
    "$BIN/tenderfoot" verify --json "$1" >"$dir/verify.json" || fail "verify $1: exit $?"
    for pair in frames:delivered lost:lost bad:bad repeats:repeats; do
        said=$(count "${pair%:*}" "$dir/out") is=$(count "${pair#*:}" "$dir/verify.json")
        [ "$said" = "$is" ] || fail "$1: $pair: the summary says $said, the file $is"
    done
}

# On a busy machine a plate at its own pace may drop whole frames, and says so once a second; nobody else may. The file may end
# between two of these words.
only_the_plate_dropped() {
    untold=$(($(count lost "$dir/out") - $(count device_dropped "$dir/out")))
    [ $untold -ge 0 ] && [ $untold -le "${2:-100}" ] ||
        fail "$1: frames lost that the plate did not drop: $(cat "$dir/out")"
}

start_plate() {
    rm -f "$dir/uri"
    "$BIN/tenderfoot-plate" --subject $subject --seed 5 "$@" >"$dir/uri" 2>"$dir/plate.err" &
    plate=$!
    tries=0
    until [ -s "$dir/uri" ]; do
        tries=$((tries + 1))
        [ $tries -lt 2400 ] || fail "the plate does not start: $(cat "$dir/plate.err")"
        sleep 0.05
    done
    uri=$(cat "$dir/uri")
}

end_plate() {
    kill -"${1:-TERM}" "$plate" 2>/dev/null || true
    wait "$plate" 2>/dev/null || true
    plate=
}

# record_until_frames FILE ARGUMENT...: in the background ($host), until the file holds frames.
record_until_frames() {
    file=$1
    shift
    rm -f "$file"
    "$BIN/tenderfoot" record --json -o "$file" "$@" >"$dir/out" 2>"$dir/err" &
    host=$!
    tries=0
    until [ -s "$file" ] && [ "$(wc -c <"$file")" -gt ${enough:-20000} ]; do
        tries=$((tries + 1))
        [ $tries -lt 2400 ] || fail "no frames: $(cat "$dir/err")"
        sleep 0.05
    done
}

# The host ends with this code.
host_ends() {
    code=0
    wait $host 2>/dev/null || code=$?
    [ $code = "$1" ] || fail "$2: exit $code instead of $1: $(cat "$dir/err")"
}

child_of_host() {
    read -r child _ <"/proc/$host/task/$host/children" || true
    [ -n "$child" ] || fail "record has no virtual plate as its child"
}

# --- The same seconds by each link -----------------------------------------------------------------
"$BIN/tenderfoot" record --device "virtual:$subject?seed=5&pace=fast" --seconds 4 --json \
    -o "$dir/virtual.tfr" >"$dir/out"
check_file "$dir/virtual.tfr"
[ "$(count frames "$dir/out")" = 400 ] || fail "virtual: $(cat "$dir/out")"
for link in --pty "--socket $dir/socket"; do
    # shellcheck disable=SC2086
    start_plate --pace fast $link
    "$BIN/tenderfoot" record --device "$uri" --seconds 4 --json -o "$dir/linked.tfr" >"$dir/out"
    end_plate
    check_file "$dir/linked.tfr"
    [ "$(count frames "$dir/out")" = 400 ] || fail "$link: $(cat "$dir/out")"
    "$BIN/tenderfoot" analyze "$dir/linked.tfr" --json --frames >"$dir/linked.json"
    "$BIN/tenderfoot" analyze "$dir/virtual.tfr" --json --frames >"$dir/virtual.json"
    python3 - "$dir/linked.json" "$dir/virtual.json" <<'PYTHON' || fail "$link: other numbers than virtual:"
import json, sys
a, b = (json.load(open(p))["frames"]["force_n"] for p in sys.argv[1:])
sys.exit(a != b or max(a) < 100)
PYTHON
    rm "$dir/linked.tfr"
done
echo "virtual, pty and socket: 400 frames each, none lost, the same force in every frame"

"$BIN/tenderfoot" record --device "replay:$dir/virtual.tfr?pace=fast" --seconds 4 --json \
    -o "$dir/replayed.tfr" >"$dir/out"
check_file "$dir/replayed.tfr"
[ "$(count frames "$dir/out")" = 400 ] || fail "replay: $(cat "$dir/out")"
expect 4 "is over: the recording has been played to its end" "$BIN/tenderfoot" record --json -o "$dir/short.tfr" \
    --device "replay:$dir/virtual.tfr?pace=fast" --seconds 60
check_file "$dir/short.tfr"
echo "replay: 400 frames again; asked for more than there is: exit 4 and a valid file"

# --- Ways to end -----------------------------------------------------------------------------------
for signal in INT TERM HUP; do
    record_until_frames "$dir/stopped.tfr" --device "virtual:$subject?seed=5"
    kill -$signal $host
    host_ends 0 "SIG$signal"
    check_file "$dir/stopped.tfr"
    [ "$(count end "$dir/out")" = interrupted ] || fail "SIG$signal: $(cat "$dir/out")"
    only_the_plate_dropped "SIG$signal"
done
echo "SIGINT, SIGTERM, SIGHUP: exit 0, a file closed cleanly, no frame lost on the way"

for link in --pty "--socket $dir/socket"; do
    # shellcheck disable=SC2086
    start_plate $link
    record_until_frames "$dir/killed.tfr" --device "$uri" --seconds 60
    end_plate KILL
    host_ends 4 "plate killed ($link)"
    check_file "$dir/killed.tfr"
    [ "$(count end "$dir/out")" = device_lost ] || fail "plate killed: $(cat "$dir/out")"
done
record_until_frames "$dir/killed.tfr" --device "virtual:$subject?seed=5" --seconds 60
child_of_host
kill -KILL "$child"
host_ends 4 "virtual plate killed"
grep -q "signal 9" "$dir/err" || fail "no word of the signal: $(cat "$dir/err")"
check_file "$dir/killed.tfr"
echo "the plate is killed (pty, socket, child): exit 4, the file verifies"

record_until_frames "$dir/orphan.tfr" --device "virtual:$subject?seed=5" --seconds 60
child_of_host
kill -KILL $host
wait $host 2>/dev/null || true
tries=0
while kill -0 "$child" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 2400 ] || fail "the virtual plate outlives its killed host"
    sleep 0.05
done
"$BIN/tenderfoot" verify --json "$dir/orphan.tfr" >"$dir/verify.json" || [ $? = 3 ]
[ "$(count delivered "$dir/verify.json")" -gt 0 ] || fail "a killed host's file: $(cat "$dir/verify.json")"
echo "record is killed: its virtual plate ends too, the file can be read"

# --- One host at a time, and one that is slow --------------------------------------------------------
start_plate --socket "$dir/socket"
record_until_frames "$dir/first.tfr" --device "$uri" --seconds 60
cp "$dir/out" "$dir/first.out"
expect 1 "another program has the plate" "$BIN/tenderfoot" record --device "$uri" --seconds 1 \
    -o "$dir/second.tfr"
[ ! -e "$dir/second.tfr" ] || fail "a refused recording has left a file"
kill -INT $host
host_ends 0 "the first host"
check_file "$dir/first.tfr"
only_the_plate_dropped "the first host"
end_plate
start_plate --pty
record_until_frames "$dir/first.tfr" --device "$uri" --seconds 60
expect 1 "another program has the plate" "$BIN/tenderfoot" devices "$uri"
kill -INT $host
host_ends 0 "the first host"
end_plate
echo "a second host: exit 1 by protocol (socket) and by lock (pty); the first loses nothing"

start_plate --rate 500 --pty
enough=400000 record_until_frames "$dir/slow.tfr" --device "$uri" --seconds 8 # somebody stands on it
kill -STOP $host
sleep 1.5
kill -CONT $host
host_ends 0 "a host that slept"
end_plate
check_file "$dir/slow.tfr"
[ "$(count lost "$dir/out")" -gt 0 ] || fail "nothing was lost: $(cat "$dir/out")"
only_the_plate_dropped "a host that slept" 500
[ "$(count bad "$dir/out")" = 0 ] || fail "torn frames: $(cat "$dir/out")"
echo "a host that slept 1.5 s at 500 frames/s: $(count lost "$dir/out") frames lost, each counted"

# --- A bar for people only ---------------------------------------------------------------------------
expect 0 "" "$BIN/tenderfoot" record --device "virtual:$subject?pace=fast" --seconds 1 -o "$dir/q.tfr"
[ ! -s "$dir/err" ] || fail "stderr of a pipe is not empty: $(cat "$dir/err")"
grep -q "100 frames in 0.99 s" "$dir/out" || fail "the summary: $(cat "$dir/out")"
# script(1) gives it a terminal
script -qec "$BIN/tenderfoot record --device 'virtual:$subject' --seconds 3 -o $dir/bar.tfr" /dev/null \
    >"$dir/terminal" </dev/null || fail "on a terminal: $(cat "$dir/terminal")"
grep -q "of 3 s  force [0-9]* N  COP [0-9]*, [0-9]* mm  frames [0-9]*, lost [0-9]" "$dir/terminal" ||
    fail "the bar: $(tr '\r' '\n' <"$dir/terminal" | tail -n 5)"
echo "a bar on a terminal, nothing on a pipe"

# --- Exit codes ----------------------------------------------------------------------------------------
record="$BIN/tenderfoot record --seconds 1"
expect 1 "exists already" $record --device "virtual:$subject" -o "$dir/q.tfr"
expect 1 "no plate at" $record --device "stream:$dir/nothing" -o "$dir/x.tfr"
for settle in "" "--settle 60"; do # nothing is said of a plate that is not there, and nothing rests
    # shellcheck disable=SC2086
    expect 1 . "$BIN/tenderfoot" record --device "serial:$dir/nothing" $settle -o "$dir/x.tfr"
    ! grep -q -e tared -e rests "$dir/err" || fail "a plate that is not there: $(cat "$dir/err")"
done
expect 2 "does not name a plate" "$BIN/tenderfoot" press --device URI --screening "$dir/none.json" -o "$dir/x.tfr"
expect 1 "cannot be read" $record --device "virtual:$dir/nobody.json" -o "$dir/x.tfr"
expect 1 "/nowhere/x.tfr" $record --device "virtual:$subject?pace=fast" -o /nowhere/x.tfr
expect 2 "forms are" $record --device plate -o "$dir/x.tfr"
expect 2 "\-o FILE is missing" $record --device "virtual:$subject"
expect 2 "stand, sway, press or walk" $record --device "virtual:$subject" --protocol sit -o "$dir/x.tfr"
expect 2 "open or closed" $record --device "virtual:$subject" --protocol sway --eyes half -o "$dir/x.tfr"
expect 2 "goes with --protocol sway" $record --device "virtual:$subject" --eyes open -o "$dir/x.tfr"
expect 2 "known: seed" $record --device "virtual:$subject?sed=3" -o "$dir/x.tfr"
expect 2 "frames a second, not 9000" $record --rate 9000 --device "virtual:$subject" -o "$dir/x.tfr"
echo '{"schema": "something/1"}' >"$dir/other.json"
expect 3 "schema" $record --device "virtual:$dir/other.json" -o "$dir/x.tfr"
expect 3 "schema" $record --device "virtual:$subject" --calibration "$dir/other.json" -o "$dir/x.tfr"
expect 3 "line 1" $record --device "virtual:$subject" --notes "$dir/other.json" -o "$dir/x.tfr"
[ ! -e "$dir/x.tfr" ] || fail "a refused recording has left a file"
echo "exit codes 1, 2 and 3, none of them leaving a file"

# --- devices -------------------------------------------------------------------------------------------
"$BIN/tenderfoot" devices --json >"$dir/devices.json"
python3 - "$dir/devices.json" <<'PYTHON' || fail "devices --json: $(cat "$dir/devices.json")"
import json, sys
d = json.load(open(sys.argv[1]))
assert d["schema"] == "tenderfoot/devices/1"
assert {f["scheme"] for f in d["forms"]} >= {"serial", "stream", "virtual", "replay"}
assert any(p["uri"].startswith("virtual:") and p["obstacle"] is None for p in d["places"])
PYTHON
start_plate --socket "$dir/socket"
expect 1 "no plate at" "$BIN/tenderfoot" devices --json "$uri" "stream:$dir/nothing"
end_plate
python3 - "$dir/out" <<'PYTHON' || fail "devices URI --json: $(cat "$dir/out")"
import json, sys
there, absent = json.load(open(sys.argv[1]))["plates"]
assert there["rows"] == there["cols"] == 96 and there["virtual"] is True and there["serial"]
assert "no plate at" in absent["problem"] and absent["exit"] == 1
PYTHON
echo "devices: lists the ways, asks who is there, says what is wrong"
