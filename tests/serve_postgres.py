# SPDX-License-Identifier: GPL-3.0-or-later
"""serve_postgres.py BIN URI RECORDING: the station with its people on a real PostgreSQL server, by --store and, as a
service's unit hands it over, by a credential. A session is kept, another station sees it, an unknown catalogue is
refused at the start. Where the server is nobody's (URI "none"), the station says so and lives."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from station import Station  # noqa: E402

BIN, URI, RECORDING = sys.argv[1:4]
DAEMON = os.path.join(BIN, "tenderfootd")


def people(station):
    return {one["label"]: one["client"] for one in station.json("/api/v1/clients/search", {"search": "By station"})["clients"]}


def keep(station):
    shutil.copy(RECORDING, os.path.join(station.data, "inbox", "one.tfr"))
    who = station.json("/api/v1/clients", {"label": "By station %"})["id"]
    station.json(f"/api/v1/clients/{who}/consent", {"purpose": "storing", "words": "yes"})
    station.json(f"/api/v1/clients/{who}/sessions", {"recording": "one"})
    listed = station.json(f"/api/v1/clients/{who}/sessions")["sessions"]
    assert len(listed) == 1, listed
    assert not os.path.exists(os.path.join(station.data, "inbox", "one.tfr")), "the inbox keeps a copy"
    assert not os.path.exists(os.path.join(station.data, "catalogue.sqlite")), "a catalogue of its own beside the server's"
    return who


def with_station(story, *options, credential=None):
    folder = os.environ["CREDENTIALS_DIRECTORY"] = os.path.join(os.path.dirname(RECORDING), "credentials")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "store"), "w") as file:
        file.write((credential or "nothing") + "\n")
    station = Station(DAEMON, *options)
    try:
        told = story(station)
        assert station.end() == 0, station.read_log()
        return told
    finally:
        station.remove()


def says_so(station):
    status, _, content = station.ask("/api/v1/clients/search", {})
    assert status == 500 and b"server" in content, (status, content)
    assert station.json("/api/v1/station")["version"]


os.environ.pop("TENDERFOOT_STORE", None)
if URI == "none":
    with_station(says_so, "--store", "postgresql://tenderfoot@/postgres?host=" + os.path.dirname(RECORDING))
else:
    kept = with_station(keep, "--store", URI)
    assert with_station(people, credential=URI) == {"By station %": kept}
    wrong = subprocess.run([DAEMON, "--allow-root", "--listen", "127.0.0.1:0", "--store", "mysql://x"], capture_output=True, text=True)
    assert wrong.returncode == 2 and "postgresql://" in wrong.stderr, wrong
    print("station on PostgreSQL: a person and a session kept, seen by another station")
