#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What run.sh does around the programs, with programs that only write down how they were called: it
# falls back to the virtual plate, Ctrl-C ends the recording and not the report, and an emulator that
# does not start is told with its own words.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/tenderfoot" <<'S'
#!/bin/sh
echo "$*" >>"$CALLS"
if [ "$*" = "devices usb:" ] && [ ! "${PLUGGED:-}" ]; then
    echo "tenderfoot devices: ${TROUBLE:-no plate at usb:}" >&2
    exit 1
fi
if [ "$1" = press ]; then
    for recording; do :; done
    echo recording >"$recording"
fi
[ "$1" = record ] && [ "${SLOW:-}" ] || exit 0
trap 'exit 0' INT
sleep 200 &
wait
exit 1
S
cat >"$dir/tenderfoot-plate" <<'S'
#!/bin/sh
echo "tenderfoot-plate: the firmware cannot be read" >&2
exit 1
S
# The station: writes its address where it is told to and serves until it is ended.
cat >"$dir/tenderfootd" <<'S'
#!/bin/sh
echo "station $*" >>"$CALLS"
[ ! "${NO_STATION:-}" ] || { echo "<3>no port is free" >&2; exit 1; }
while [ "$1" != --url-file ]; do shift; done
echo "http://127.0.0.1:1/#token=x" >"$2"
trap 'echo station-ended >>"$CALLS"; exit 0' TERM
while :; do sleep 0.1; done
S
mkdir "$dir/path"
cat >"$dir/path/xdg-open" <<'S'
#!/bin/sh
echo "xdg-open $*" >>"$CALLS"
S
chmod +x "$dir/tenderfoot" "$dir/tenderfoot-plate" "$dir/tenderfootd" "$dir/path/xdg-open"
export BIN="$dir" BUILD="$dir" CALLS="$dir/calls"

PORTS="$dir/no-such-port*" OUT="$dir/auto" driver/cli/run.sh auto >"$dir/log" 2>&1 ||
    { echo "without a plate: exit $?"; cat "$dir/log"; exit 1; }
grep -q '^press --device virtual:samples/subjects/' "$CALLS" || { cat "$CALLS"; exit 1; }
grep -q '^report .*-o ' "$CALLS" || { cat "$CALLS"; exit 1; }
cp "$dir/log" "$dir/auto.log"
if grep -q "no plate at usb" "$dir/log"; then
    echo "said without need"
    exit 1
fi
echo "no plate is plugged in: the virtual one, recorded and reported"

: >"$CALLS"
PLUGGED=1 OUT="$dir/usb" driver/cli/run.sh auto >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
grep -q '^record --device usb: ' "$CALLS" || { cat "$CALLS"; exit 1; }
TROUBLE="no permission to open the plate" PORTS="$dir/no-such-port*" OUT="$dir/denied" \
    driver/cli/run.sh auto >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
grep -q "no permission to open the plate" "$dir/log" || { cat "$dir/log"; exit 1; }
echo "a plate on USB is taken first; one that is there and cannot be used is told"

: >"$CALLS"
SLOW=1 OUT="$dir/stopped" python3 - <<'P'
import os, signal, subprocess, time
run = subprocess.Popen(["driver/cli/run.sh", "serial:/dev/none"], start_new_session=True,
                       stdout=subprocess.DEVNULL)
calls = os.environ["CALLS"]
while "record" not in open(calls).read():
    time.sleep(0.05)
time.sleep(0.5)
os.killpg(run.pid, signal.SIGINT)
code = run.wait(timeout=120)
assert code == 0, code
assert "report" in open(calls).read(), open(calls).read()
P
echo "Ctrl-C: the recording ends, the report of it is made"

if OUT="$dir/emulated" ELF="$dir/none.elf" driver/cli/run.sh emulated >"$dir/log" 2>&1; then
    echo "an emulated plate that did not start was not noticed"
    exit 1
fi
grep -q 'the firmware cannot be read' "$dir/log" || { cat "$dir/log"; exit 1; }
echo "an emulated plate that does not start: its own words are shown"

# The page: only said without a terminal; on one it is opened and served until Ctrl-C.
if grep -q '^station' "$CALLS"; then
    echo "a station was started without a terminal"
    exit 1
fi
root=
[ "$(id -u)" != 0 ] || root=" --allow-root"
grep -q "tenderfoot serve$root --device 'virtual:samples/subjects/" "$dir/auto.log" || { cat "$dir/auto.log"; exit 1; }
grep -q recording "$dir/auto/station/inbox/session.tfr" || { echo "the page that is told of lacks the session"; exit 1; }
: >"$CALLS"
cat >"$dir/terminal.py" <<'P'
import os, pty, signal, sys
expected, interrupts = sys.argv[1], sys.argv[2] == "interrupt"
pid, terminal = pty.fork()
if pid == 0:
    os.execv("/bin/sh", ["sh", "driver/cli/run.sh", "virtual"])
said = b""
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    said += part
    if interrupts and b"Ctrl-C here ends it" in said:
        os.write(terminal, b"\x03")
        interrupts = False
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.stdout.write(said.decode())
assert code == int(sys.argv[3]), code
assert expected in said.decode(), expected
P
terminal() { python3 -B "$dir/terminal.py" "$@" >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }; }
DISPLAY= WAYLAND_DISPLAY= OUT="$dir/page" terminal "Open it in a browser" interrupt 0
grep -q "http://127.0.0.1:1/#token=x" "$dir/log" && grep -q "The page is closed" "$dir/log" || { cat "$dir/log"; exit 1; }
grep -q "^station .*virtual:samples/subjects/" "$CALLS" && grep -q station-ended "$CALLS" || { cat "$CALLS"; exit 1; }
[ ! -e "$dir/page/page.url" ] || { echo "the address with its token was left behind"; exit 1; }
if grep -q xdg-open "$CALLS"; then
    echo "a browser was opened without a display"
    exit 1
fi
PATH="$dir/path:$PATH" DISPLAY=:9 OUT="$dir/shown" terminal "opened in your browser" interrupt 0
grep -q "xdg-open http://127.0.0.1:1/#token=x" "$CALLS" || { cat "$CALLS"; exit 1; }
NO_STATION=1 OUT="$dir/none" terminal "no port is free" no 1
echo "the page: said without a terminal, served on one until Ctrl-C, opened when there is a display"
