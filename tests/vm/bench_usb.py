# SPDX-License-Identifier: GPL-3.0-or-later
"""bench_usb.py BUILD: how fast the plate's stream comes through a virtual machine's USB, beside a
device that does nothing but answer reads (tests/vm/flood.c, torrent.c). Both are read by
tests/vm/drain.c in the guest. Rows: name, value, unit."""
import base64
import os
import subprocess
import sys
import tempfile
import time

from machine import Machine, check
from test_usb import Station, percentile, replug

SECONDS = 5
REPLUGS = 20
TICKS_PER_S = 100.0  # of the kernel's account of a process, always
LINE = 3000


def put_program(machine, path, name):
    """Copies a program of ours into the guest; its libraries are there for tenderfoot."""
    with open(path, "rb") as file:
        text = base64.b64encode(file.read()).decode()
    for at in range(0, len(text), LINE):
        machine.run(f"echo '{text[at:at + LINE]}' >>/tmp/{name}.64")
    machine.run(f"base64 -d </tmp/{name}.64 >/bin/{name} && chmod 755 /bin/{name} && rm /tmp/{name}.64")


def drained(machine, program, device, setting):
    """Bytes a second from this program's device."""
    with subprocess.Popen([program, machine.port_paths[0]]) as source:
        try:
            machine.until(f"lsusb -d {device} && udevadm settle -t 5")
            answer = machine.run(f"drain {device} {setting} {SECONDS}", timeout=60 + 4 * SECONDS)
        finally:
            source.kill()
    machine.until(f"! lsusb -d {device}")
    print(f"{device}: {answer.out.strip()}", file=sys.stderr)
    return float(answer.out.split()[0])


def processor_share(station):
    """What `record` takes of the emulated processor at 100 frames/s once it runs, in %."""
    with station.plate():
        recording = station.record("usb:")
        recording.until_flowing()
        account = f"awk '{{print $14 + $15}}' /proc/$(cat {recording.name}.pid)/stat"
        used, start = int(station.machine.run(account).out), time.monotonic()
        time.sleep(2 * SECONDS)
        used, end = int(station.machine.run(account).out) - used, time.monotonic()
        recording.interrupt()
        recording.ended()
    return 100 * used / TICKS_PER_S / (end - start)


def run(build, folder):
    with Machine(build, folder) as machine:
        put_program(machine, f"{build}/release/tests/vm/drain", "drain")
        most = drained(machine, f"{build}/release/tests/vm/flood", "1209:0002", 0)
        ours = drained(machine, f"{build}/release/tests/vm/torrent", "1209:0001", 1)
        station = Station(build, folder, machine)
        share = processor_share(station)
        delays, _ = replug(station, "usb:", REPLUGS, seed=1)
    check(most > 0, "the flood gave nothing")
    print(f"usb: plain usbredir flood, virtual machine\t{most / 1e6:.2f}\tMB/s")
    print(f"usb: a plate as fast as it can, virtual machine\t{ours / 1e6:.2f}\tMB/s")
    print(f"usb: the plate's share of the flood\t{100 * ours / most:.0f}\t%")
    print(f"usb: record at 100 frames/s, of the emulated processor\t{share:.1f}\t%")
    print(f"usb: plugged in again to first frame, p50 of {REPLUGS}\t{percentile(delays, 0.5):.2f}\ts")
    print(f"usb: plugged in again to first frame, p99 of {REPLUGS}\t{percentile(delays, 0.99):.2f}\ts")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tenderfoot-bench-") as work:
        run(os.path.relpath(sys.argv[1]), work)
