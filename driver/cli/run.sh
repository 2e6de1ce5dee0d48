#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The main job, as `make run` does it: run.sh PLATE SUBJECT, with BIN and BUILD in the environment
# (and OUT, the folder of the results, and ELF, the emulated firmware, if they lie elsewhere).
# PLATE: auto (a plugged plate, else the virtual one), virtual, emulated, or a plate's URI.
# On the virtual plate the person is led through a guided press test; PLAN=1 lets the person follow
# the plan in the subject's file, as the emulated plate always does. On a plate of metal a guided
# test needs the screening of today: SCREENING=FILE; without it this is a record of standing.
# Then, on a terminal, the station's page on that plate is opened and served until Ctrl-C (PAGE=no: not);
# without a terminal it is only said how.
set -eu
plate=${1:-auto}
subject=${2:-samples/subjects/tender_1.json}
tenderfoot=$BIN/tenderfoot
out=${OUT:-$BUILD/session-$(date +%Y%m%d-%H%M%S)}
elf=${ELF:-$BUILD/firmware/plate-an385.elf}
mkdir -p "$out"
trap 'rmdir "$out" 2>/dev/null || true' EXIT # a folder into which nothing came

# The plate on a USB cable, else the first port on which one answers; nothing, and no failure, when there is none.
plugged() {
    if "$tenderfoot" devices usb: >/dev/null 2>"$out/usb.log"; then
        rm -f "$out/usb.log"
        echo "usb:"
        return
    fi
    # a plate that is there and cannot be used is no reason to take a virtual one in silence
    grep -v "no plate" "$out/usb.log" >&2 || true
    rm -f "$out/usb.log"
    for port in ${PORTS:-/dev/ttyACM*}; do
        [ -c "$port" ] || continue
        if "$tenderfoot" devices "serial:$port" >/dev/null 2>&1; then
            echo "serial:$port"
            return
        fi
    done
}

calibration=
protocol=stand
client=${CLIENT:-}
if [ "$plate" = auto ]; then
    plate=$(plugged)
    [ -n "$plate" ] || plate=virtual
fi
case $plate in
virtual | emulated)
    grep -qs '"press"' "$subject" && protocol=press
    client=${CLIENT:-virtual $(basename "$subject" .json)}
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
    trap 'kill $emulator 2>/dev/null || true; rm -f "$out/plate.sock"; rmdir "$out" 2>/dev/null || true' EXIT
    waited=0
    while [ ! -S "$out/plate.sock" ]; do
        waited=$((waited + 1))
        if ! kill -0 $emulator 2>/dev/null || [ $waited -gt 100 ]; then
            echo "The emulated plate did not start; it says:" >&2
            cat "$out/plate.log" >&2
            exit 1
        fi
        sleep 0.2
    done
    ;;
*) uri=$plate ;;
esac

trap : INT # Ctrl-C ends the recording, not the report of it
guided=
[ "$plate" = virtual ] && [ "$protocol" = press ] && [ -z "${PLAN:-}" ] && guided=1
[ -z "$calibration" ] && [ -n "${SCREENING:-}" ] && guided=1
if [ -n "$guided" ]; then
    "$tenderfoot" press --device "$uri" ${client:+--client "$client"} ${calibration:+--calibration "$calibration"} \
        ${SCREENING:+--screening "$SCREENING"} ${calibration:+--auto --seed 1} \
        ${ROUTE:+--route "$ROUTE"} ${PRESSES:+--presses "$PRESSES"} -o "$out/session.tfr" >"$out/press.log"
    rm -f "$out/press.log"
else
    if [ -z "$calibration" ]; then
        echo "Stand on the plate when the bar shows frames; Ctrl-C ends the recording. A guided press test needs a"
        echo "screening: tenderfoot screen -o today.json, then make run with SCREENING=today.json. Without it this is"
        echo "a record of standing."
    fi
    "$tenderfoot" record --device "$uri" --protocol "$protocol" --seconds "${SECONDS_MAX:-1800}" \
        ${client:+--client "$client"} ${calibration:+--calibration "$calibration"} -o "$out/session.tfr"
fi
trap - INT
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

# --- The page --------------------------------------------------------------------------------
# On the virtual person, at the pace of life, with a data folder of its own, in which the session is.
data=
case $plate in virtual | emulated)
    uri="virtual:$subject"
    data=$out/station
    ;;
esac
if [ -n "$data" ] && [ -s "$out/session.tfr" ]; then
    (umask 077 && mkdir -p "$data/inbox" && cp "$out/session.tfr" "$data/inbox/session.tfr")
fi
root=
[ "$(id -u)" != 0 ] || root=--allow-root
if [ ! -t 1 ] || [ "${PAGE:-}" = no ]; then
    echo
    echo "The page with the live picture and this session: $tenderfoot serve${root:+ $root} --device '$uri'${data:+ --data '$data'}"
    exit 0
fi
url=$out/page.url
[ -z "${emulator:-}" ] || kill "$emulator" 2>/dev/null || true
"$BIN/tenderfootd" $root --no-discovery --device "$uri" ${data:+--data "$data"} --listen 127.0.0.1:0 \
    --url-file "$url" 2>"$out/page.log" &
station=$!
trap 'kill $station 2>/dev/null || true; wait $station 2>/dev/null || true; rm -f "$url" "$out/plate.sock"' EXIT
trap 'echo; echo "The page is closed. The files stay in $out."; exit 0' INT TERM
waited=0
until [ -s "$url" ]; do
    waited=$((waited + 1))
    if ! kill -0 $station 2>/dev/null || [ $waited -gt 300 ]; then
        echo "The page could not be served; the station says:" >&2
        cat "$out/page.log" >&2
        exit 1
    fi
    sleep 0.1
done
echo
echo "The page with the live picture and this session is at"
echo "  $(cat "$url")"
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v xdg-open >/dev/null; then
    xdg-open "$(cat "$url")" >/dev/null 2>&1 || true
    echo "and has been opened in your browser. Ctrl-C here ends it."
else
    echo "Open it in a browser on this computer. Ctrl-C here ends it."
fi
wait $station || true
echo "The station has ended; it says:" >&2
cat "$out/page.log" >&2
exit 1
