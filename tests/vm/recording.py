# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings made in the virtual machine: started, waited for, brought out and counted by a reader of
our own, so that `tenderfoot verify` has a witness (firmware/wire/PROTOCOL.md, driver/RECORDING.md)."""
import json
import os
import struct
import time

from machine import check

HELLO, FRAME, ARRIVAL = 1, 2, 131


def messages(path):
    """(type, seq, payload) of each message; the file must be whole."""
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    while at < len(data):
        magic, _, kind, _, n, seq, _, _, _ = struct.unpack_from("<IBBHIIQII", data, at)
        check(magic == 0x31544654, f"{path}: no message at byte {at}")
        yield kind, seq, data[at + 32 : at + 32 + n]
        at += 32 + n


class Recording:
    def __init__(self, machine, name, device, *options):
        self.machine, self.name = machine, name
        machine.run(" ".join(("recording", name, "--device", device) + options))

    def size(self):
        return int(self.machine.run(f"stat -c %s {self.name}.tfr 2>/dev/null || echo 0").out)

    def until_flowing(self, more=20000, timeout=120):
        """Waits until the file has grown by this much: frames are coming."""
        start, end = self.size(), time.monotonic() + timeout
        while self.size() < start + more:
            check(time.monotonic() < end, f"{self.name}: no frames for {timeout} s;", self.stderr())
            check(not self.has_ended(), f"{self.name} has ended:", self.stderr())
            time.sleep(0.05)

    def has_ended(self):
        return self.machine.run(f"test -s {self.name}.status", status=None).status == 0

    def stderr(self):
        return self.machine.run(f"cat {self.name}.err", status=None).out

    def holds(self):
        """What the recording process has of the system."""
        process = f"/proc/$(cat {self.name}.pid)"
        descriptors = self.machine.run(f"ls {process}/fd | wc -l").out
        kib = self.machine.run(f"awk '/^VmRSS/ {{print $2}}' {process}/status").out
        return {"descriptors": int(descriptors), "kib": int(kib)}

    def interrupt(self):
        """As by Ctrl-C."""
        self.machine.run(f"kill -INT $(cat {self.name}.pid)")

    def ended(self, status=0, timeout=160):
        """Waits for its end; its summary, or None if it printed none."""
        self.machine.until(f"test -s {self.name}.status", timeout)
        found = int(self.machine.run(f"cat {self.name}.status").out)
        check(found == status, f"{self.name} ended with {found}, not {status}:", self.stderr())
        summary = self.machine.run(f"cat {self.name}.json").out
        return json.loads(summary) if summary else None

    def brought_out(self):
        """Takes the file out of the machine."""
        path = os.path.join(self.machine.folder, f"{self.name}.tfr")
        self.machine.fetch(f"{self.name}.tfr", path)
        return path

    def counted(self):
        """verify's counts of a file that must be whole, checked against our own reading of it."""
        verified = json.loads(self.machine.run(f"tenderfoot verify --json {self.name}.tfr").out)
        check(verified["whole"], f"{self.name} is not whole: {verified}")
        self.counts = counts = verified["frames"]
        self.frames = frames_of(self.brought_out())
        check(counts["sent"] == counts["delivered"] + counts["lost"],
              f"{self.name}: sent is not delivered + lost: {counts}")
        check(counts["delivered"] == self.frames.delivered,
              f"{self.name} holds {self.frames.delivered} frames: {counts}")
        check(counts["lost"] >= self.frames.missing and counts["repeats"] == 0,
              f"{self.name}: {self.frames.missing} numbers are missing: {counts}")
        check(self.frames.in_order, f"{self.name}: frames out of order")
        return counts


class Frames:
    """What the messages of one file tell by themselves."""

    def __init__(self):
        self.delivered = self.missing = 0
        self.in_order = True
        self.arrivals = []  # of each frame, the guest's CLOCK_MONOTONIC in s
        self.last = None  # number of the last one
        self.boots, self.serials = [], set()

    def first_after(self, moment):
        """Seconds from `moment` to the first frame after it."""
        later = [arrival - moment for arrival in self.arrivals if arrival > moment]
        check(later, "no frame came afterwards")
        return later[0]


def frames_of(path):
    found, arrival, last = Frames(), 0, None
    for kind, seq, payload in messages(path):
        if kind == ARRIVAL:
            arrival = struct.unpack_from("<Q", payload)[0] / 1e6
        elif kind == HELLO:
            (boot,) = struct.unpack_from("<I", payload, 32)
            found.serials.add(payload[40:64].rstrip(b"\0").decode())
            if boot not in found.boots:
                found.boots.append(boot)
                last = None
        elif kind == FRAME:
            found.delivered += 1
            found.arrivals.append(arrival)
            if last is not None:
                found.in_order &= seq > last
                found.missing += seq - last - 1
            found.last = last = seq
    return found
