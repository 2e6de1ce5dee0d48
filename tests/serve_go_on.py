# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of a station that records from a plate that lives on (a process of its own, at a socket). The next station
goes on with it in another file: the same person, protocol and condition, the seconds that were left, what was noted,
and how long the gap is. Not with what was commanded to stop, nor after a minute, nor with a press test, nor when the
plate was started anew or the person agrees no more. serve_go_on.py BIN RELEASE SUBJECT"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from station import PATIENCE_S, Station, patient_person  # noqa: E402

BIN, RELEASE, SUBJECT = sys.argv[1:4]
FRESH_S = 60  # BROKEN_OFF_FRESH_S
RECORDINGS = "/api/v1/recordings/"


class Scene:
    """A plate at a socket, and one station after the other on the same data folder."""

    def __init__(self, programs=BIN, has_bad_disk=False):
        self.programs, self.has_bad_disk = programs, has_bad_disk
        self.folder = tempfile.TemporaryDirectory(prefix="go_on.")
        self.socket = os.path.join(self.folder.name, "plate")
        self.disk = os.path.join(self.folder.name, "disk")
        os.mkdir(self.disk)
        self.person = patient_person(SUBJECT, self.folder.name)
        self.stations, self.plate = [], None
        self.begin_plate()
        self.begin()

    def begin_plate(self):
        self.plate = subprocess.Popen([os.path.join(self.programs, "tenderfoot-plate"), "--subject", self.person, "--seed", "5",
                                       "--socket", self.socket], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE_S
        while not os.path.exists(self.socket):
            assert self.plate.poll() is None and time.monotonic() < end, "the plate does not start"
            time.sleep(0.02)

    def begin(self):
        data = ("--data", self.data) if self.stations else ()
        shim = os.path.abspath(os.path.join(RELEASE, "bad_disk.so"))
        wrap = ("env", "LD_PRELOAD=" + shim, "BAD_DISK=" + self.disk) if self.has_bad_disk else ()
        self.s = Station(os.path.join(self.programs, "tenderfootd"), "-d", "stream:" + self.socket, *data, wrap=wrap)
        if not self.stations:
            self.data = self.s.data
        self.stations.append(self.s)
        self.at = "/api/v1/plates/" + self.s.json("/api/v1/plates")["plates"][0]["id"]
        return self.s

    def agreeing_person(self):
        person = self.s.json("/api/v1/clients", {"label": "Cut short"})["id"]
        for purpose in ("recording", "storing"):
            self.s.json(f"/api/v1/clients/{person}/consent", {"purpose": purpose})
        return person

    def recording(self, frames=200, **wanted):
        """Begins one and gives its name when so many frames are in its file."""
        name = self.s.record(self.at, **wanted)
        self.wait(lambda p: p["recording"] and p["recording"]["frames_in_file"] > frames)
        return name

    def wait(self, fits):
        return self.s.wait(self.at, fits)

    def kill(self):
        assert self.s.end(signal.SIGKILL) == -signal.SIGKILL

    def watches(self):
        """The plate is there, and nothing is recorded."""
        state = self.wait(lambda p: p["phase"] == "watching")
        assert state["recording"] is None and state["last"] is None, state

    def ends_there(self, name, why):
        """The station says why, and nothing goes on with the recording."""
        found = self.s.wait(RECORDINGS + name, lambda r: not r["may_go_on"])
        assert found["ended_early"] and found["continued_in"] is None and why in found["ended_early_reason"], found
        self.watches()
        assert [n for n in self.inbox() if n.endswith(".tfr")] == [name + ".tfr"] and not self.marks(), self.inbox()

    def inbox(self):
        return os.listdir(os.path.join(self.data, "inbox"))

    def marks(self):
        return [n for n in self.inbox() if n.endswith(".wanted")]

    def file(self, name):
        return os.path.join(self.data, "inbox", name + ".tfr")

    def verified(self, name):
        document = json.loads(subprocess.run([os.path.join(BIN, "tenderfoot"), "verify", "--json", self.file(name)],
                                             capture_output=True).stdout)
        assert document["file"]["damaged_bytes"] == 0 and document["frames"]["delivered"] > 0, document
        return document

    def remove(self):
        for s in reversed(self.stations):
            s.remove()
        self.plate.kill()
        self.plate.wait()
        self.folder.cleanup()


def go_on():
    scene = Scene()
    try:
        person = scene.agreeing_person()
        name = scene.recording(protocol="sway", condition="eyes_open", seconds=500, client=person, notes=["callus left P07"])
        first_header = scene.s.json(RECORDINGS + name)["header"]
        kept = time.monotonic()
        scene.kill()
        dead = time.monotonic()
        before = scene.verified(name)
        assert before["continues"] is None and not before["file"]["closed_cleanly"], before
        begun = time.monotonic()
        scene.begin()
        state = scene.wait(lambda p: p["recording"] and p["recording"]["frames"] > 100)
        seen = time.monotonic()
        now, second = state["recording"], state["recording"]["name"]
        told = now["continues"]
        assert told["recording"] == name and told["segment"] == 2 and second != name, state
        assert begun - dead <= told["gap_s"] <= seen - kept + 1, (told, begun - dead, seen - kept)  # 1: before it was seen
        recorded_s = before["frames"]["delivered"] / first_header["rate_hz"]
        assert abs(now["seconds"] + recorded_s - 500) < 0.1, (now, recorded_s)
        assert state["health"]["is_zeroed"] and not state["health"]["is_untared"], state
        found = scene.s.json(RECORDINGS + name)
        assert found["ended_early"] and found["continued_in"] == second and not found["may_go_on"], found
        assert scene.marks() == [f".{second}.wanted"], scene.inbox()
        refused = scene.s.ask(f"/api/v1/clients/{person}/erase", {})
        assert refused[0] == 409, refused  # held, as of every recording that is made
        return_after_another_death(scene, person, name, second)
    finally:
        scene.remove()


def return_after_another_death(scene, person, name, second):
    """The one that went on dies too: the third is segment 3 of the second."""
    scene.kill()
    scene.begin()
    state = scene.wait(lambda p: p["recording"] and p["recording"]["frames_in_file"] > 100)
    third = state["recording"]["name"]
    assert state["recording"]["continues"]["recording"] == second and state["recording"]["continues"]["segment"] == 3, state
    scene.s.json(scene.at + "/stop", {})
    last = scene.wait(lambda p: p["last"] and p["phase"] == "watching")["last"]
    assert last["name"] == third and last["continues"] == state["recording"]["continues"] and last["problem"] is None, last
    assert not scene.marks(), scene.inbox()
    headers = [scene.s.json(RECORDINGS + n)["header"] for n in (name, second, third)]
    for header in headers[1:]:
        for same in ("client", "protocol", "condition", "device", "rate_hz", "calibration_id"):
            assert header[same] == headers[0][same], (same, headers)
    assert headers[0]["client"] == person and headers[0]["condition"] == "eyes_open", headers[0]
    for segment, recording, of in ((2, second, name), (3, third, second)):
        document = scene.verified(recording)
        said = document["continues"]
        assert said["recording"] == of and said["segment"] == segment and said["gap_s"] > 0, document
        assert document["frames"]["lost"] == 0, document
        assert open(scene.file(recording), "rb").read().count(b'"callus"') == 1
    assert abs(document["continues"]["gap_s"] - last["continues"]["gap_s"]) < 1e-3, (document, last)
    assert document["file"]["closed_cleanly"] and document["whole"], document
    for recording in (name, second, third):
        scene.s.json(f"/api/v1/clients/{person}/sessions", {"recording": recording})
    assert len(scene.s.json(f"/api/v1/clients/{person}/sessions")["sessions"]) == 3
    assert scene.s.end() == 0, scene.s.read_log()
    print(f"killed twice: segments 1 to 3, gaps of {said['gap_s']:.2f} s and the like")


def stay_stopped():
    """Commanded to stop, or to be discarded, while the disk stands still, and killed before its file is closed."""
    scene = Scene(RELEASE, has_bad_disk=True)  # sanitizers let nothing be loaded before them
    try:
        for how in ("stop", "discard"):
            name = scene.recording()
            open(os.path.join(scene.disk, "frozen"), "w").close()
            scene.wait(lambda p: p["recording"]["frames_waiting_for_disk"] > 20)
            scene.s.json(scene.at + "/" + how, {})
            scene.kill()
            os.unlink(os.path.join(scene.disk, "frozen"))
            assert not scene.marks(), scene.inbox()
            scene.begin()
            scene.ends_there(name, "ended while it recorded")
            scene.s.json(RECORDINGS + name + "/discard", {})
    finally:
        scene.remove()


def never_press():
    scene = Scene()
    try:
        scene.wait(lambda p: p["phase"] == "watching" and p["health"]["is_zeroed"])
        name = scene.s.json(scene.at + "/press", {"route": "short", "chosen": ["kidneys"], "stand_s": 2, "auto": True})["recording"]
        scene.wait(lambda p: p["recording"] and p["recording"]["frames_in_file"] > 200)
        scene.kill()
        assert not scene.marks(), scene.inbox()
        scene.begin()
        scene.ends_there(name, "a press test is never gone on with")
    finally:
        scene.remove()


def change_meanwhile():
    """The plate was started anew; the person agrees no more; the computer's clocks say different things."""
    scene = Scene()
    try:
        name = scene.recording()
        scene.kill()
        scene.plate.kill()
        scene.plate.wait()
        os.unlink(scene.socket)
        scene.begin_plate()
        scene.begin()
        scene.ends_there(name, "started anew meanwhile and has lost its zero")
        scene.s.json(RECORDINGS + name + "/discard", {})
        person = scene.agreeing_person()
        name = scene.recording(client=person)
        scene.s.json(f"/api/v1/clients/{person}/consent", {"purpose": "recording", "withdraw": True})
        scene.kill()
        scene.begin()
        scene.ends_there(name, "not agreed to being recorded")
        scene.s.json(RECORDINGS + name + "/discard", {})
        name = scene.recording()
        scene.kill()
        before = time.time() - FRESH_S / 2
        os.utime(scene.file(name), (before, before))
        scene.begin()
        scene.ends_there(name, "its clock was set")
    finally:
        scene.remove()


def come_too_late():
    """The plate is out of reach for a minute: nothing is gone on with then, nor by another station."""
    scene = Scene()
    try:
        name = scene.recording()
        scene.kill()
        os.rename(scene.socket, scene.socket + ".away")
        scene.begin()
        assert scene.s.json(RECORDINGS + name)["may_go_on"]
        left = scene.s.wait(RECORDINGS + name, lambda r: r["may_go_on_s"] is not None)["may_go_on_s"]
        assert 0 < left < FRESH_S, left
        found = scene.s.wait(RECORDINGS + name, lambda r: not r["may_go_on"] and r["may_go_on_s"] is None)
        assert f"was not there again within {FRESH_S} s" in found["ended_early_reason"], found
        os.rename(scene.socket + ".away", scene.socket)
        scene.ends_there(name, "was not there again")
        scene.kill()
        scene.begin()
        scene.ends_there(name, "ended while it recorded")
    finally:
        scene.remove()


def main():
    with ThreadPoolExecutor(5) as pool:
        stories = [pool.submit(story) for story in (go_on, stay_stopped, never_press, change_meanwhile, come_too_late)]
        for story in stories:
            story.result()


main()
