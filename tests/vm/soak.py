# SPDX-License-Identifier: GPL-3.0-or-later
"""soak.py BUILD N: N times the cable is pulled out of a running recording and put back, half of them
from usb:, half from serial:, in one virtual machine; counts exact, no descriptor and no memory lost."""
import sys
import tempfile

from machine import Failed, Machine
from test_usb import Station, percentile, replug

AT_ONCE = 50  # times in one recording


def soak(station, n):
    delays, devices = [], ["usb:", "serial:/dev/ttyACM0"]
    while len(delays) < n:
        device = devices[0]
        devices.reverse()
        times = min(AT_ONCE, n - len(delays), (n + 1) // 2)
        some, counts = replug(station, device, times, seed=len(delays) + 1, rest_s=0.5)
        delays += some
        print(f"{len(delays)} of {n}: {device} {counts['delivered']} frames, {counts['lost']} lost and counted; first "
              f"frame after {percentile(some, 0.5):.2f} s (p50), {percentile(some, 0.99):.2f} s (p99)", flush=True)
    print(f"all {n}: first frame after {percentile(delays, 0.5):.2f} s (p50), {percentile(delays, 0.99):.2f} s (p99), "
          f"{max(delays):.2f} s (worst)")


def main():
    build, n = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder, Machine(build, folder, ports=2) as machine:
        try:
            soak(Station(build, folder, machine), n)
        except Failed as error:
            sys.exit(f"FAILED: {error}\n{machine.story()}")


if __name__ == "__main__":
    main()
