#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Each fault on demand, through socket, recorder and file: `tenderfoot verify` counts exactly what
# the plate's fault log says was done. Then the other links, BUSY, and a plate that leaves.
set -eu
: "${BIN:?the folder with the programs}"
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
    echo "e2e_faults: $*" >&2
    exit 1
}

# The plate in the background, with its URI in $uri as soon as it has one.
start_plate() {
    rm -f "$dir/uri"
    "$BIN/tenderfoot-plate" "$@" >"$dir/uri" 2>"$dir/plate.err" &
    plate=$!
    tries=0
    until [ -s "$dir/uri" ]; do
        tries=$((tries + 1))
        [ $tries -lt 2400 ] || fail "the plate does not start: $(cat "$dir/plate.err")"
        sleep 0.05
    done
    uri=$(cat "$dir/uri")
}

stop_plate() {
    kill "$plate" 2>/dev/null || true
    wait "$plate" || true
    plate=
}

# The log's sums over the numbers that the file knows of must be the file's own counts.
compare() {
    python3 - "$dir/verify.json" "$dir/faults.log" "$1" <<'PYTHON'
import json, sys

verify = json.load(open(sys.argv[1]))
frames = verify["frames"]
deeds = [json.loads(line) for line in open(sys.argv[2])]
# the plate may have run on after the recorder had enough
last_boot = frames["boots"] - 1
earlier = sum(d["scan"] for d in deeds if d["fault"] == "reset" and d["boot"] < last_boot)
in_last = frames["sent"] - earlier
deeds = [d for d in deeds if d["boot"] < last_boot or d["scan"] < in_last]
wanted = {key: sum(d[key] for d in deeds) for key in ("lost", "bad", "repeats")}
found = {key: frames[key] for key in wanted}
print(f"{sys.argv[3]}: {len(deeds)} deeds; sent {frames['sent']} = delivered"
      f" {frames['delivered']} + lost {frames['lost']} (bad {frames['bad']});"
      f" repeats {frames['repeats']}; boots {frames['boots']}")
if wanted != found:
    sys.exit(f"the fault log says {wanted}, verify says {found}")
if frames["sent"] != frames["delivered"] + frames["lost"] or frames["joined_late"]:
    sys.exit("sent is not delivered + lost")
if not deeds and sys.argv[3] != "none":
    sys.exit("no fault happened")
PYTHON
}

record() {
    "$BIN/tenderfoot" record --protocol stand "$@" >"$dir/record.out" 2>"$dir/record.err"
}

verify() {
    code=0
    "$BIN/tenderfoot" verify --json "$1" >"$dir/verify.json" 2>"$dir/verify.err" || code=$?
    [ $code = 0 ] || [ $code = 3 ] || fail "verify $1: exit $code: $(cat "$dir/verify.err")"
}

with_fault() {
    start_plate --subject $subject --seed 7 --pace fast --faults "$1" \
        --fault-log "$dir/faults.log" --socket "$dir/socket"
    rm -f "$dir/r.tfr"
    record --device "$uri" --seconds 6 -o "$dir/r.tfr" ||
        fail "record under '$1': exit $?: $(cat "$dir/record.err")"
    stop_plate
    verify "$dir/r.tfr"
    compare "${1:-none}"
}

with_fault ""
with_fault "drop@n100:frames=7"
with_fault "drop:chance=0.05"
with_fault "repeat@n50:frames=20"
with_fault "flip@n200:where=payload:frames=5"
with_fault "flip@n200:where=header:frames=5"
with_fault "flip:bits=3:chance=0.03"
with_fault "lose@2.5s:bytes=9:where=payload:frames=3"
with_fault "lose@n300:bytes=40:frames=11"
with_fault "lose:bytes=200:chance=0.03"
with_fault "stall@3s:ms=700"
with_fault "dead-row@1s:row=40"
with_fault "stuck@1s:cells=30"
with_fault "saturate@1s:cells=5"
with_fault "reset@n250"
with_fault "dead-row:row=3,stuck:cells=9,lose:chance=0.02,flip:chance=0.02,drop:chance=0.02,repeat:chance=0.02,stall@2s,reset@n400"

# The same frames by every link: pty and FIFO give what the socket gave.
frames_of() {
    python3 -c 'import json, sys; f = json.load(open(sys.argv[1]))["frames"]
print(f["delivered"], f["lost"], f["bad"])' "$dir/verify.json"
}

start_plate --subject $subject --pace fast --pty
rm -f "$dir/r.tfr"
record --device "$uri" --seconds 3 -o "$dir/r.tfr" || fail "pty: $(cat "$dir/record.err")"
stop_plate
verify "$dir/r.tfr"
[ "$(frames_of)" = "300 0 0" ] || fail "pty: $(frames_of) frames"
echo "pty: 300 frames, none lost"

mkfifo "$dir/fifo"
"$BIN/tenderfoot-plate" --subject $subject --pace fast --fifo "$dir/fifo" &
plate=$!
rm -f "$dir/r.tfr"
record --device "stream:$dir/fifo" --seconds 3 -o "$dir/r.tfr" || fail "fifo: $(cat "$dir/record.err")"
wait $plate || fail "the plate ends with an error when its reader leaves"
plate=
verify "$dir/r.tfr"
[ "$(frames_of)" = "300 0 0" ] || fail "fifo: $(frames_of) frames"
echo "fifo: 300 frames, none lost, the plate ended with its reader"

# Until the recording has frames; a busy machine takes its time.
wait_for_frames() {
    tries=0
    until [ -s "$dir/r.tfr" ] && [ "$(wc -c <"$dir/r.tfr")" -gt 30000 ]; do
        tries=$((tries + 1))
        [ $tries -lt 2400 ] || fail "no frames: $(cat "$dir/record.err")"
        sleep 0.05
    done
}

# On a busy machine a plate at its own pace may drop whole frames, and says so; nobody else may.
only_the_plate_dropped() {
    dropped=$(sed -n 's/^ *"device_dropped": \([0-9]*\).*/\1/p' "$dir/record.out")
    [ "$(frames_of | cut -d' ' -f2-)" = "$dropped 0" ] || fail "$1: $(frames_of), and the plate dropped $dropped"
}

# One host at a time: the second is told so at once.
start_plate --subject $subject --pace real --socket "$dir/socket"
rm -f "$dir/r.tfr"
record --json --device "$uri" --seconds 6 -o "$dir/r.tfr" &
first=$!
wait_for_frames
code=0
"$BIN/tenderfoot" record --protocol stand --device "$uri" --seconds 1 -o "$dir/second.tfr" \
    >/dev/null 2>"$dir/second.err" || code=$?
[ $code = 1 ] || fail "a second host: exit $code instead of 1: $(cat "$dir/second.err")"
wait $first || fail "the first host was disturbed: $(cat "$dir/record.err")"
stop_plate
verify "$dir/r.tfr"
only_the_plate_dropped "the first host"
echo "busy: the second host was refused, the first lost nothing"

# A plate that leaves: exit 4 and a valid file.
start_plate --subject $subject --pace real --socket "$dir/socket"
rm -f "$dir/r.tfr"
record --json --device "$uri" --seconds 600 -o "$dir/r.tfr" &
first=$!
wait_for_frames
stop_plate
code=0
wait $first || code=$?
[ $code = 4 ] || fail "a plate that leaves: exit $code instead of 4"
verify "$dir/r.tfr"
only_the_plate_dropped "a plate that leaves"
echo "left: exit 4, the file holds $(frames_of | cut -d' ' -f1) frames, none lost on the way"

# A list that cannot be brought is refused, and told why.
refused() {
    words=$1
    shift
    code=0
    "$BIN/tenderfoot-plate" --subject $subject "$@" >"$dir/refused.out" 2>"$dir/refused.err" || code=$?
    [ $code = 2 ] || fail "$*: exit $code instead of 2"
    grep -q "$words" "$dir/refused.err" || fail "$* does not say '$words': $(cat "$dir/refused.err")"
}
refused "need --usbredir" --socket "$dir/socket" --faults "drop@n5,usb-unplug@n9"
refused "of --elf has none" --usbredir "$dir/socket" --elf none.elf --faults "usb-lose@n5,drop@n9"
refused "stays on" --usbredir "$dir/socket" --elf none.elf --faults "usb-power@n5"
refused "knows no 'bits'" --usbredir "$dir/socket" --faults "usb-halt@n5:bits=1"
refused "needs --usbredir" --socket "$dir/socket" --usb-log "$dir/usb.log"
refused "is enough" --socket "$dir/socket" --usbredir "$dir/socket"
refused "longer than" --usbredir "$dir/$(printf '%0200d' 0)"
echo "faults of USB without USB, and others that cannot be: refused"
