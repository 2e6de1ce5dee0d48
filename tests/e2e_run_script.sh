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
[ "$1" = record ] && [ "${SLOW:-}" ] || exit 0
trap 'exit 0' INT
sleep 20 &
wait
exit 1
S
cat >"$dir/tenderfoot-plate" <<'S'
#!/bin/sh
echo "tenderfoot-plate: the firmware cannot be read" >&2
exit 1
S
chmod +x "$dir/tenderfoot" "$dir/tenderfoot-plate"
export BIN="$dir" BUILD="$dir" CALLS="$dir/calls"

PORTS="$dir/no-such-port*" OUT="$dir/auto" driver/cli/run.sh auto >"$dir/log" 2>&1 ||
    { echo "without a plate: exit $?"; cat "$dir/log"; exit 1; }
grep -q '^press --device virtual:samples/subjects/' "$CALLS" || { cat "$CALLS"; exit 1; }
grep -q '^report .*-o ' "$CALLS" || { cat "$CALLS"; exit 1; }
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
code = run.wait(timeout=15)
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
