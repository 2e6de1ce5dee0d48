# SPDX-License-Identifier: GPL-3.0-or-later
"""serve_calibrations.py BIN: each plate of a station is read by its own calibration, SERIAL.json in the folder: one
has it, another has none and is nominal, one finds another plate's under its name and is refused; a number that is no
plain name reaches no file. The state says which, and so does the recording."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from station import Station  # noqa: E402

BIN = sys.argv[1]
ROOM = tempfile.mkdtemp(prefix="calibrations.")
FOLDER = os.path.join(ROOM, "calibrations")
SERIALS = {"own": "TF-OWN", "bare": "TF-BARE", "wrong": "TF-WRONG", "sly": "../TF-OWN"}


def tool(*words):
    return subprocess.run([os.path.join(BIN, "tenderfoot"), *words], check=True, capture_output=True, text=True).stdout


def person(name):
    """A virtual plate of few cells, with its number, under one who stands for long."""
    subject = json.load(open("tests/vm/service/person.json"))
    subject["plate"]["serial"] = SERIALS[name]
    path = os.path.join(ROOM, name + ".json")
    with open(path, "w") as file:
        json.dump(subject, file)
    return path


def phase_of(station, name):
    return station.wait("/api/v1/plates/virtual-" + name, lambda p: p["phase"] == "watching" or p["problem"])


def recorded(station, plate):
    """What became of half a second on the plate."""
    recording = station.record(plate, seconds=0.5)
    last = station.wait(plate, lambda p: p["last"] and p["last"]["name"] == recording and p["phase"] == "watching")["last"]
    path = os.path.join(station.data, "inbox", recording + ".tfr")
    return last, json.loads(tool("analyze", "--json", path))["recording"]["calibration_id"] if last["has_file"] else None


def comes_later(station, subject):
    """A file that comes while the plate is watched counts for the next recording, at once; one that cannot be read
    keeps anything from being recorded by another; one that goes, counts no more."""
    plate, path = "/api/v1/plates/virtual-bare", os.path.join(FOLDER, "TF-BARE.json")
    new = os.path.join(ROOM, "new.json")
    tool("simulate", "--subject", subject, "--seed", "2", "--calibration", new)
    os.rename(new, path)
    ident = json.load(open(path))["id"]
    assert recorded(station, plate) == (station.json(plate)["last"], ident)
    assert station.json(plate)["plate"]["calibration_id"] == ident, station.json(plate)
    with open(path, "r+") as file:
        file.truncate(1000)
    last, _ = recorded(station, plate)
    assert not last["has_file"] and "TF-BARE.json" in last["problem"] and last["problem_code"] == "wrong_calibration", last
    assert "TF-BARE.json" in station.json(plate)["problem"] and station.json(plate)["plate"]["calibration_id"] == ident
    os.remove(path)
    station.wait(plate, lambda p: p["plate"]["calibration_id"] == "nominal" and not p["problem"])


def main():
    os.mkdir(FOLDER)
    paths = {name: person(name) for name in SERIALS}
    own = os.path.join(FOLDER, "TF-OWN.json")
    tool("simulate", "--subject", paths["own"], "--seed", "1", "--calibration", own)
    shutil.copy(own, os.path.join(FOLDER, "TF-WRONG.json"))
    ident = json.load(open(own))["id"]
    devices = [word for path in paths.values() for word in ("--device", f"virtual:{path}?seed=1")]
    station = Station(os.path.join(BIN, "tenderfootd"), "--calibrations", FOLDER, *devices)
    try:
        plates = {name: phase_of(station, name) for name in SERIALS}
        told = {name: (p["plate"] or {}).get("calibration_id") for name, p in plates.items()}
        assert told == {"own": ident, "bare": "nominal", "wrong": None, "sly": "nominal"}, (told, plates)
        assert plates["own"]["plate"]["calibration_file"] == "TF-OWN.json", plates["own"]
        assert plates["bare"]["plate"]["calibration_file"] is None, plates["bare"]
        assert "belongs to plate 'TF-OWN', not to plate 'TF-WRONG'" in plates["wrong"]["problem"], plates["wrong"]
        for name, wanted in (("own", ident), ("bare", "nominal")):
            plate = "/api/v1/plates/virtual-" + name
            recording = station.record(plate, seconds=1)
            station.wait(plate, lambda p: p["last"] and p["last"]["name"] == recording)
            result = json.loads(tool("analyze", "--json", os.path.join(station.data, "inbox", recording + ".tfr")))
            assert result["recording"]["calibration_id"] == wanted, result["recording"]
            # Still by the same one: the view outlives the recording's own copy.
            assert station.wait(plate, lambda p: p["phase"] == "watching")["plate"]["calibration_id"] == wanted
        comes_later(station, paths["bare"])
        assert station.end() == 0, station.read_log()
    finally:
        station.remove()
        shutil.rmtree(ROOM)
    print("calibrations: each plate by its own, none by another's")


main()
