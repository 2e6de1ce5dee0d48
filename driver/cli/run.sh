#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The main job, as `make run` does it: run.sh PLATE SUBJECT, with BIN and BUILD in the environment
# (and OUT, the folder of the results, and ELF, the emulated firmware, if they lie elsewhere).
# PLATE: auto (a plugged plate, else the virtual one), virtual, emulated, or a plate's URI.
set -eu
plate=${1:-auto}
subject=${2:-samples/subjects/tender_1.json}
tenderfoot=$BIN/tenderfoot
out=${OUT:-$BUILD/session-$(date +%Y%m%d-%H%M%S)}
elf=${ELF:-$BUILD/firmware/plate-an385.elf}
mkdir -p "$out"

plugged() {
    for port in /dev/ttyACM*; do
        [ -c "$port" ] && "$tenderfoot" devices "serial:$port" >/dev/null 2>&1 && echo "serial:$port" && return
    done
}

calibration=
if [ "$plate" = auto ]; then
    plate=$(plugged)
    [ -n "$plate" ] || plate=virtual
fi
case $plate in
virtual | emulated)
    echo "No plate of metal: the $plate one, with the person of $subject."
    # The calibration that a bench would have made of this plate; the plate is drawn from the seed.
    calibration=$out/calibration.json
    "$tenderfoot" simulate --subject "$subject" --seed 1 --calibration "$calibration"
    ;;
esac
case $plate in
virtual) uri="virtual:$subject?seed=1&pace=fast" ;;
emulated)
    uri="stream:$out/plate.sock"
    "$BIN/tenderfoot-plate" --elf "$elf" --subject "$subject" --seed 1 \
        --pace fast --socket "$out/plate.sock" >"$out/plate.log" 2>&1 &
    emulator=$!
    trap 'kill $emulator 2>/dev/null || true; rm -f "$out/plate.sock"' EXIT
    for _ in 1 2 3 4 5 6 7 8 9 10; do [ -S "$out/plate.sock" ] && break || sleep 0.5; done
    ;;
*) uri=$plate ;;
esac

"$tenderfoot" record --device "$uri" --protocol press --seconds "${SECONDS_MAX:-1800}" \
    ${calibration:+--calibration "$calibration"} -o "$out/session.tfr"
"$tenderfoot" verify "$out/session.tfr"
"$tenderfoot" analyze "$out/session.tfr" --json -o "$out/analysis.json"
"$tenderfoot" report "$out/session.tfr" -o "$out/report.pdf"
"$tenderfoot" export "$out/session.tfr" --as csv -o "$out/csv"
"$tenderfoot" export "$out/session.tfr" --as json -o "$out/json"

echo
"$tenderfoot" report "$out/session.tfr"
echo
echo "Files in $out:"
echo "  session.tfr    the raw recording          analysis.json  every number, with its reason or unit"
echo "  report.pdf     the page to hand over      csv/ json/     for a spreadsheet, R, Python"
