# SPDX-License-Identifier: GPL-3.0-or-later
"""A practitioner's visit from the page's own requests, once on the virtual plate and once on the firmware's
ELF on an emulated Cortex-M: a new person with consent, zero, two recordings kept as sessions, the report, what
changed, everything handed over, everything erased. The time it took is printed, not judged.
serve_journey.py BIN ELF SUBJECT"""
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from station import Station, patient_person  # noqa: E402

BIN, ELF, SUBJECT = sys.argv[1:4]


def recorded(s, plate):
    """A stand of three seconds: its name."""
    name = s.record(plate, seconds=3)
    last = s.wait(plate, lambda p: p["phase"] == "watching" and p["last"] and p["last"]["name"] == name)["last"]
    assert last["problem"] is None and last["has_file"] and last["frames"] > 100, last
    return name


def visit(s, plate):
    person = s.json("/api/v1/clients", {"label": "Visitor Öz", "birth_year": 1980})["id"]
    s.json(f"/api/v1/clients/{person}/consent", {"purpose": "storing", "words": "yes"})
    sessions = []
    for _ in range(2):
        name = recorded(s, plate)
        sessions.append(s.json(f"/api/v1/clients/{person}/sessions", {"recording": name})["id"])
        status, _, page = s.ask(f"/api/v1/sessions/{sessions[-1]}/report")
        assert status == 200 and page.startswith(b"%PDF"), status
    feet = s.json(f"/api/v1/sessions/{sessions[0]}/analysis")["feet"]
    assert sorted(f["side"] for f in feet) == ["left", "right"], feet
    kept = json.dumps(s.json(f"/api/v1/clients/{person}/sessions"))
    assert all(session in kept for session in sessions), kept
    assert s.ask(f"/api/v1/sessions/{sessions[1]}/export?as=npy")[0] == 200
    s.json(f"/api/v1/clients/{person}/erase", {})
    assert s.ask(f"/api/v1/sessions/{sessions[0]}/report")[0] != 200
    for folder, _, names in os.walk(s.data):
        for file in names:
            content = open(os.path.join(folder, file), "rb").read()
            assert "Visitor Öz".encode() not in content, file


def journey(what, uri, plate):
    began = time.monotonic()
    s = Station(os.path.join(BIN, "tenderfootd"), "-d", uri)
    try:
        visit(s, "/api/v1/plates/" + plate)
        code = s.end()
        assert code == 0, s.read_log()
        print(f"{what}: a visit of {time.monotonic() - began:.0f} s, from a new person to nothing left of them")
    except BaseException:
        print(s.read_log(), file=sys.stderr)
        raise
    finally:
        s.remove()


def main():
    with tempfile.TemporaryDirectory() as folder:
        person = patient_person(SUBJECT, folder)
        journey("virtual plate", "virtual:" + person, "virtual-normal")
        path = os.path.join(folder, "plate")
        emulator = subprocess.Popen([os.path.join(BIN, "tenderfoot-plate"), "--elf", ELF, "--subject", person, "--socket", path],
                                    stdout=subprocess.DEVNULL)
        try:
            journey("firmware on an emulated Cortex-M", "stream:" + path, "stream-plate")
        finally:
            emulator.terminate()
            emulator.wait()


main()
