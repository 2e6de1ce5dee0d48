# SPDX-License-Identifier: GPL-3.0-or-later
"""bench_usb.py BUILD: how fast the plate's stream comes through a virtual machine's USB, beside a
device that does nothing but answer reads (tests/vm/flood.c, torrent.c). Both are read by
tests/vm/drain.c in the guest. Rows: name, value, unit."""
import base64
import os
import subprocess
import sys
import tempfile

from machine import Machine, check

SECONDS = 5
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


def run(build, folder):
    with Machine(build, folder) as machine:
        put_program(machine, f"{build}/release/tests/vm/drain", "drain")
        most = drained(machine, f"{build}/release/tests/vm/flood", "1209:0002", 0)
        ours = drained(machine, f"{build}/release/tests/vm/torrent", "1209:0001", 1)
    check(most > 0, "the flood gave nothing")
    print(f"usb: plain usbredir flood, virtual machine\t{most / 1e6:.2f}\tMB/s")
    print(f"usb: a plate as fast as it can, virtual machine\t{ours / 1e6:.2f}\tMB/s")
    print(f"usb: the plate's share of the flood\t{100 * ours / most:.0f}\t%")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tenderfoot-bench-") as work:
        run(os.path.relpath(sys.argv[1]), work)
