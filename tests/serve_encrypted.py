# SPDX-License-Identifier: GPL-3.0-or-later
"""serve_encrypted.py BIN DATA KEY RECORDING: the station on an encrypted data folder. Without its key it does not start;
with it a recording of the inbox is kept, analysed and fetched as it was, and nothing of it or its person is found in
the folder while the station runs."""
import io
import os
import shutil
import subprocess
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from station import Station  # noqa: E402

BIN, DATA, KEY, RECORDING = sys.argv[1:5]
DAEMON = os.path.join(BIN, "tenderfootd")
NAME = "MARKERSTATION"


def hold(needles):
    """Files below the folder that hold one of these."""
    found = []
    for folder, _, files in os.walk(DATA):
        for name in files:
            with open(os.path.join(folder, name), "rb") as file:
                content = file.read()
            found += [name for needle in needles if needle in content]
    return found


def copies(station):
    """Files without a name that the station holds; a connection that it is just closing is none."""
    folder = f"/proc/{station.process.pid}/fd"
    held = 0
    for fd in os.listdir(folder):
        try:
            held += os.readlink(os.path.join(folder, fd)).startswith("/memfd:")
        except FileNotFoundError:
            pass
    return held


shut = subprocess.run([DAEMON, "--allow-root", "--no-discovery", "--listen", "127.0.0.1:0", "--data", DATA], capture_output=True, text=True)
assert shut.returncode == 3 and "is encrypted: give its key" in shut.stderr, shut

with open(RECORDING, "rb") as file:
    recording = file.read()
frames = [recording[at:at + 64] for at in range(len(recording) // 2, len(recording) - 64, len(recording) // 8)]
station = Station(DAEMON, "--data", DATA, "--store-key", KEY)
try:
    shutil.copy(RECORDING, os.path.join(DATA, "inbox", "one.tfr"))
    assert hold(frames), "the inbox is in the clear"
    who = station.json("/api/v1/clients", {"label": NAME})["id"]
    station.json(f"/api/v1/clients/{who}/consent", {"purpose": "storing", "words": "yes"})
    session = station.json(f"/api/v1/clients/{who}/sessions", {"recording": "one"})["id"]
    assert not hold(frames + [NAME.encode()]), hold(frames + [NAME.encode()])
    status, _, content = station.ask(f"/api/v1/sessions/{session}/file")
    assert status == 200 and content == recording, status
    assert station.json(f"/api/v1/sessions/{session}/analysis")["schema"].startswith("tenderfoot/analyze/")
    another = next(c["client"] for c in station.json("/api/v1/clients/search", {})["clients"] if c["sessions"] > 1)
    later, earlier = [s["session"] for s in station.json(f"/api/v1/clients/{another}/sessions")["sessions"]][:2]
    before = copies(station)
    status, _, content = station.ask(f"/api/v1/sessions/{earlier}/compare/{later}")
    assert status == 200 or b"nothing can be compared" in content, (status, content)  # both were read
    assert copies(station) <= before, "comparing: a copy in memory stays open"
    of = f"/api/v1/sessions/{session}"
    for route in ("", "/analysis", "/sway", "/file", "/report", "/tables/frames.csv", f"/compare/{session}", *("/export?as=" + kind for kind in (
            "xlsx", "fhir", "gdt", "dicom", "asf", "lst", "npy", "hdf5", "mat"))):
        status = station.ask(of + route)[0]
        assert status in (200, 404, 409), (route, status)
        assert copies(station) <= before, f"{route}: a copy in memory stays open"
    status, _, archive = station.ask(f"/api/v1/clients/{who}/export")
    assert status == 200, archive[:300]
    with zipfile.ZipFile(io.BytesIO(archive)) as taken:  # what the person takes away is readable to the person
        assert taken.testzip() is None
        assert [taken.read(name) for name in taken.namelist() if name.endswith(".tfr")] == [recording], taken.namelist()
    assert copies(station) <= before and not hold(frames + [NAME.encode()]), "taken away in the clear, and left so"
    assert station.end() == 0, station.read_log()
    assert not hold(frames + [NAME.encode()]), "after it"
finally:
    station.remove()
print("station on an encrypted folder: a session kept, analysed, fetched; nothing of it is in the folder")
