# SPDX-License-Identifier: GPL-3.0-or-later
"""test_usb.py BUILD: the plate on a USB cable, through a real kernel: found, asked, recorded, pulled out
and put back, disturbed, refused. What is counted is strict; rates are not (the machine is emulated)."""
import os
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from machine import Cable, Failed, Machine, Plate, check
from recording import Recording


def clean(recording, seconds, counts, summary):
    """A recording that nothing disturbed: what is missing, the plate itself had dropped and said so."""
    check(summary["end"] == "complete" and summary["restarts"] == summary["damaged_bytes"] == 0, summary)
    check(counts["lost"] == summary["device_dropped"] and counts["bad"] == 0, counts, summary)
    check(counts["boots"] == 1 and not counts["joined_late"], counts)
    check(counts["delivered"] >= 90 * seconds, f"{counts['delivered']} frames in {seconds} s")
    return f"{counts['delivered']} frames in {seconds} s, {counts['lost']} lost, all by the plate's own word"


def usb_serial_adapter(build, folder, machine):
    """A plate behind an FTDI cable: the kernel's ftdi_sio and Debian's libserialport."""
    with Plate(build, folder, "--socket") as plate:
        cable = Cable(plate.path, machine.adapter)
        cable.plug()
        machine.until("test -e /dev/ttyUSB0")
        recording = Recording(machine, "adapter", "serial:/dev/ttyUSB0", "--seconds 5")
        summary = recording.ended()
        said = clean(recording, 5, recording.counted(), summary)
        cable.unplug()
    return said


SCENARIOS = [usb_serial_adapter]


def run(build, folder):
    start = time.monotonic()
    with Machine(build, folder, ports=2) as machine:
        print(f"the machine is up after {time.monotonic() - start:.0f} s", flush=True)
        for scenario in SCENARIOS:
            start = time.monotonic()
            try:
                said = scenario(build, folder, machine)
            except Failed as error:
                print(f"{scenario.__name__}: FAILED\n{error}\n{machine.story()}")
                return 1
            print(f"{scenario.__name__}: {said} ({time.monotonic() - start:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as where:
        sys.exit(run(sys.argv[1], where))
