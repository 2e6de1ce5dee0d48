# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording that goes on over midnight: it is of the day on which it began, in its name, its file, the session and the
report, and as long as its frames are; what comes after it is of the next day, and the questions of the day before no longer hold.
serve_midnight.py BIN CLOCK SUBJECT"""
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from station import Station, patient_person  # noqa: E402

BIN, CLOCK, SUBJECT = sys.argv[1:4]
PLATE = "/api/v1/plates/virtual-normal"
RATE_HZ = 100
UTC = datetime.timezone.utc
MIDNIGHT = datetime.datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + datetime.timedelta(days=2)
DAY, NEXT = ((MIDNIGHT + datetime.timedelta(days=d)).date().isoformat() for d in (-1, 0))


class Clock:
    """The station's; it goes on from what it is set to."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "ahead_s")
        self.set_before_midnight(12 * 3600)

    def set_before_midnight(self, s):
        with open(self.path + ".new", "w") as file:
            file.write(str(int(MIDNIGHT.timestamp() - s - time.time())))
        os.rename(self.path + ".new", self.path)


def tool(*arguments):
    return subprocess.run([os.path.join(BIN, "tenderfoot"), *arguments], check=True, capture_output=True, text=True).stdout


def somebody(s, label, **answered):
    """Asked before midnight."""
    person = s.json("/api/v1/clients", {"label": label})["id"]
    for purpose in ("recording", "storing"):
        s.json(f"/api/v1/clients/{person}/consent", {"purpose": purpose, "words": "yes"})
    questions = s.json("/api/v1/questions")["questions"]
    answers = {q["id"]: "1970-01-01" if q["kind"] == "date" else q["options"][0]["answer"] for q in questions} | answered
    s.json(f"/api/v1/clients/{person}/screening", {"schema": "tenderfoot/screening/1", "person": person, "operator": "station",
                                                   "date": DAY + "T12:00:00+00:00", "answers": answers})
    return person


def over_midnight(s, clock, person):
    """The name, and what the station tells of it at its end."""
    clock.set_before_midnight(1800)  # however slow this machine is, it begins before
    name = s.record(PLATE, client=person)
    s.wait(PLATE, lambda p: p["recording"] and p["recording"]["frames_in_file"] > RATE_HZ)
    clock.set_before_midnight(1)
    before = s.json(PLATE)["recording"]["frames_in_file"]
    s.wait(PLATE, lambda p: p["recording"]["frames_in_file"] > before + 4 * RATE_HZ)
    s.json(PLATE + "/stop", {})
    return name, s.wait(PLATE, lambda p: p["phase"] == "watching" and p["last"] and p["last"]["name"] == name)["last"]


def check_late(s, person, name, last):
    assert name.startswith(DAY.replace("-", "") + "T23"), name
    assert last["problem"] is None and last["lost_frames"] == 0 and last["frames"] > 5 * RATE_HZ, last
    assert abs(last["duration_s"] - last["frames"] / RATE_HZ) < 0.5, last
    header = s.json("/api/v1/recordings/" + name)["header"]
    assert header["created_utc"].startswith(DAY + "T23"), header
    assert json.loads(tool("verify", "--json", os.path.join(s.data, "inbox", name + ".tfr")))["file"]["damaged_bytes"] == 0
    session = s.json(f"/api/v1/clients/{person}/sessions", {"recording": name})["id"]  # kept on the next day
    kept = s.json("/api/v1/sessions/" + session)
    assert kept["started_utc"].startswith(DAY), kept
    status, _, page = s.ask(f"/api/v1/sessions/{session}/report?as=html")
    assert status == 200 and DAY.encode() in page and NEXT.encode() not in page
    for day, wanted in ((DAY, [session]), (NEXT, [])):
        listed = json.loads(tool("sessions", "list", "--from", day, "--to", day, "--data", s.data, "--json"))["sessions"]
        assert [one["session"] for one in listed] == wanted, (day, listed)


def story(s, clock):
    s.wait(PLATE, lambda p: p["phase"] == "watching" and p["health"]["is_zeroed"])
    person, wounded = somebody(s, "Late"), somebody(s, "Open wound", Q15={"answer": "open", "side": "left"})
    status, _, said = s.ask(PLATE + "/record", {"client": wounded, "seconds": 1})
    assert status == 409 and json.loads(said)["code"] == "screening_no_standing", said
    name, last = over_midnight(s, clock, person)
    check_late(s, person, name, last)
    after = s.record(PLATE, client=wounded, seconds=1)  # those answers were of the day before
    assert after.startswith(NEXT.replace("-", "") + "T00"), after
    s.wait(PLATE, lambda p: p["phase"] == "watching" and p["last"]["name"] == after)
    listed = [one["name"] for one in s.json("/api/v1/recordings")["recordings"]]
    assert listed == [after], listed
    print(f"{name}: {last['frames']} frames in {last['duration_s']:.1f} s, over midnight; then {after}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock(folder)
        s = Station(os.path.join(BIN, "tenderfootd"), "-d", "virtual:" + patient_person(SUBJECT, folder),
                    wrap=("env", "TZ=UTC", f"MOVED_CLOCK={clock.path}", "LD_PRELOAD=" + os.path.abspath(CLOCK)))
        try:
            story(s, clock)
            assert s.end() == 0
        except BaseException:
            print(s.read_log()[-3000:], s.json(PLATE), file=sys.stderr)
            raise
        finally:
            s.remove()


main()
