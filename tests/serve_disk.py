# SPDX-License-Identifier: GPL-3.0-or-later
"""A station on a disk that stands still, or is full. Frozen for eight seconds: nothing is lost, and what
is shown goes on. Frozen for longer than the ring holds, with every cell loaded: what does not fit is
counted, in the state, in the result and in the file, to the frame. Full: the file is valid so far, the
alarm is told, and what is shown goes on. serve_disk.py BIN SHIM SUBJECT"""
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from station import Station, memory_mib  # noqa: E402

BIN, SHIM, SUBJECT = sys.argv[1:4]
RING_AND_PROGRAM_MIB = 64
FROZEN_S = 8
ALARM_AIM_S, SLOW_S = 1, 30
VIEWER_S = 120  # a slow host, and much more


class Disk:
    """What is told to tests/preload/bad_disk.c."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="bad_disk.")

    def wrap(self):
        return ("env", "LD_PRELOAD=" + os.path.abspath(SHIM), "BAD_DISK=" + self.folder.name)

    def tell(self, what):
        open(os.path.join(self.folder.name, what), "w").close()

    def untell(self, what):
        os.unlink(os.path.join(self.folder.name, what))


class Viewer(threading.Thread):
    """Counts what it is shown, and keeps the newest state."""

    def __init__(self, station, plate):
        super().__init__(daemon=True)
        self.events, self.frames, self.state = station.events(plate), 0, None
        self.start()

    def run(self):
        for channel, document in self.events:
            if channel == "state":
                self.state = document
            self.frames += channel == "frame"

    def wait_for_more(self, n):
        enough, until = self.frames + n, time.monotonic() + VIEWER_S
        while self.frames < enough:
            assert time.monotonic() < until, f"the view stands still: {n} frames more were not shown in {VIEWER_S} s"
            time.sleep(0.02)


def begin(disk, uri, plate, *arguments):
    s = Station(os.path.join(BIN, "tenderfootd"), "-d", uri, *arguments, wrap=disk.wrap())
    s.plate = "/api/v1/plates/" + plate
    s.wait(s.plate, lambda p: p["phase"] == "watching")
    return s


def verified(s, name):
    path = os.path.join(s.data, "inbox", name + ".tfr")
    told = subprocess.run([os.path.join(BIN, "tenderfoot"), "verify", "--json", path], capture_output=True)
    document = json.loads(told.stdout)
    assert document["file"]["damaged_bytes"] == 0, document
    return document["frames"]


def stop(s, name):
    s.json(s.plate + "/stop", {})
    return s.wait(s.plate, lambda p: p["last"] and p["last"]["name"] == name)["last"]


def stand_still_for_a_while():
    disk = Disk()
    s = begin(disk, "virtual:" + SUBJECT, "virtual-normal")
    try:
        viewer = Viewer(s, "virtual-normal")
        name = s.record(s.plate)
        s.wait(s.plate, lambda p: p["recording"] and p["recording"]["frames_in_file"] > 20)
        disk.tell("frozen")
        state = s.wait(s.plate, lambda p: p["recording"]["disk_behind_s"] > FROZEN_S)["recording"]
        assert state["frames_waiting_for_disk"] > 0 and state["frames_skipped_by_disk"] == 0, state
        viewer.wait_for_more(5)
        disk.untell("frozen")
        s.wait(s.plate, lambda p: p["recording"]["frames_waiting_for_disk"] < 20)
        last = stop(s, name)
        assert last["problem"] is None and last["frames_skipped_by_disk"] == 0, last
        frames = verified(s, name)
        assert frames["delivered"] == last["frames"] and frames["lost"] == last["lost_frames"], (frames, last)
        print(f"frozen for {FROZEN_S} s: {frames['delivered']} frames, {state['frames_waiting_for_disk']} of them waited, "
              "none was skipped")
        assert s.end() == 0
    finally:
        s.remove()


def stand_still_at_the_end():
    """Stopped while the disk stands still: the view goes on, and the file is whole when the disk is back."""
    disk = Disk()
    s = begin(disk, "virtual:" + SUBJECT, "virtual-normal")
    try:
        viewer = Viewer(s, "virtual-normal")
        name = s.record(s.plate)
        s.wait(s.plate, lambda p: p["recording"] and p["recording"]["frames_in_file"] > 20)
        disk.tell("frozen")
        s.wait(s.plate, lambda p: p["recording"]["frames_waiting_for_disk"] > 50)
        s.json(s.plate + "/stop", {})
        state = s.wait(s.plate, lambda p: p["phase"] == "watching")
        assert state["closing"] == name and state["last"] is None, state
        viewer.wait_for_more(5)
        status, _, said = s.ask(s.plate + "/record", {"keep_zero": True})
        assert status == 409 and name.encode() in said, (status, said)
        disk.untell("frozen")
        last = s.wait(s.plate, lambda p: p["last"])
        assert last["closing"] is None and last["last"]["name"] == name and last["last"]["problem"] is None, last
        frames = verified(s, name)
        assert frames["delivered"] == last["last"]["frames"], (frames, last)
        print(f"stopped while frozen: the view went on, and all {frames['delivered']} frames came into the file")
        assert s.end() == 0
    finally:
        s.remove()


def dense_recording(folder):
    """Every cell loaded, no two alike: frames as long as they can be, for five minutes."""
    pressures = np.random.default_rng(20261122).integers(20, 400, (300, 96, 96)).astype(np.uint16)
    path = os.path.join(folder, "dense.npy")
    np.save(path, pressures)
    dense = os.path.join(folder, "dense.tfr")
    subprocess.run([os.path.join(BIN, "tenderfoot"), "import", "--pitch", "5", "--units", "kPa", "--rate", "1", path, "-o", dense],
                   check=True, capture_output=True)
    return dense


def stand_still_for_too_long():
    disk = Disk()
    with tempfile.TemporaryDirectory() as folder:
        s = begin(disk, "virtual:" + dense_recording(folder), "virtual-dense", "--rate", "500")
        try:
            viewer = Viewer(s, "virtual-dense")
            name = s.record(s.plate)
            s.wait(s.plate, lambda p: p["recording"] and p["recording"]["frames_in_file"] > 20)
            disk.tell("frozen")
            s.wait(s.plate, lambda p: p["recording"]["frames_skipped_by_disk"] > 100)
            viewer.wait_for_more(5)
            peak = memory_mib(s.process.pid, "VmHWM")
            disk.untell("frozen")
            s.wait(s.plate, lambda p: p["recording"]["frames_waiting_for_disk"] < 100)
            last = stop(s, name)
            frames = verified(s, name)
            skipped = last["frames_skipped_by_disk"]
            assert skipped > 100 and last["problem"] is None, last
            assert frames["delivered"] == last["frames"] - skipped, (frames, last)
            assert frames["lost"] == last["lost_frames"] + skipped, (frames, last)
            assert peak < RING_AND_PROGRAM_MIB, f"{peak:.1f} MiB"
            print(f"frozen for longer: {frames['delivered']} frames in the file, {skipped} skipped and counted, "
                  f"at most {peak:.1f} MiB")
            assert s.end() == 0
        finally:
            s.remove()


def fill():
    disk = Disk()
    s = begin(disk, "virtual:" + SUBJECT, "virtual-normal")
    try:
        viewer = Viewer(s, "virtual-normal")
        name = s.record(s.plate)
        in_file = s.wait(s.plate, lambda p: p["recording"] and p["recording"]["frames_in_file"] > 20)
        disk.tell("full")
        filled = time.monotonic()
        while not (viewer.state and viewer.state["last"] and viewer.state["last"]["problem"]):
            assert time.monotonic() < filled + ALARM_AIM_S + SLOW_S, "the viewer was not alarmed"
            time.sleep(0.01)
        alarmed = time.monotonic() - filled
        last = s.wait(s.plate, lambda p: p["last"] and p["phase"] == "watching")["last"]
        assert "No space left" in last["problem"] and last["problem_code"] == "disk_full" and last["has_file"], last
        frames = verified(s, name)
        assert frames["delivered"] >= in_file["recording"]["frames_in_file"], (frames, last)
        assert frames["lost"] <= last["lost_frames"], (frames, last)
        viewer.wait_for_more(5)
        told = viewer.state["last"]
        assert told and told["problem"] == last["problem"], told
        disk.untell("full")
        again = s.record(s.plate)
        s.wait(s.plate, lambda p: p["recording"] and p["recording"]["frames_in_file"] > 20)
        assert stop(s, again)["problem"] is None
        print(f"full: {frames['delivered']} frames in a valid file, the viewer was told, after {alarmed:.2f} s (aim {ALARM_AIM_S}), "
              "and with room it records again")
        assert s.end() == 0
    finally:
        s.remove()


stand_still_for_a_while()
stand_still_at_the_end()
stand_still_for_too_long()
fill()
