# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of stations at any moment of their work: as a recording begins, while it runs, as it ends, and
as it is kept for a person. Each frame that the station said to be in the file is there, and the file
opens; what was kept, or half kept, is whole and goes with the person. serve_kill.py BIN SUBJECT TIMES"""
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from station import Station  # noqa: E402

BIN, SUBJECT, TIMES = sys.argv[1], sys.argv[2], int(sys.argv[3])
PLATE = "/api/v1/plates/virtual-normal"
AT_ONCE = 10


def begin(*arguments):
    return Station(os.path.join(BIN, "tenderfootd"), "-d", "virtual:" + SUBJECT, *arguments)


def verified(path):
    told = subprocess.run([os.path.join(BIN, "tenderfoot"), "verify", "--json", path], capture_output=True)
    document = json.loads(told.stdout)
    assert document["file"]["damaged_bytes"] == 0, document
    return document["frames"]["delivered"]


def inbox(s, name):
    return os.path.join(s.data, "inbox", name + ".tfr")


def kill(s):
    assert s.end(signal.SIGKILL) == -signal.SIGKILL


def kill_at_start(s, draw):
    """Nothing was said yet: the file is not there, or has no frame, or opens."""
    s.wait(PLATE, lambda p: p["phase"] == "watching" and p["health"]["is_zeroed"])
    name = s.record(PLATE)
    time.sleep(0.1 * draw)
    kill(s)
    if os.path.exists(inbox(s, name)) and os.path.getsize(inbox(s, name)):
        verified(inbox(s, name))
    return 0


def recording(s):
    name = s.record(PLATE)
    s.wait(PLATE, lambda p: p["recording"] and p["recording"]["frames_in_file"] > 0)
    return name


def kill_while_it_runs(s, draw):
    name = recording(s)
    time.sleep(draw)
    kept = s.json(PLATE)["recording"]["frames_in_file"]
    kill(s)
    found = verified(inbox(s, name))
    assert found >= kept > 0, f"the station said {kept} frames, the file has {found}"
    return kept


def kill_at_the_end(s, draw):
    name = recording(s)
    time.sleep(0.2)
    kept = s.json(PLATE)["recording"]["frames_in_file"]
    s.json(PLATE + "/stop", {})
    time.sleep(0.05 * draw)
    kill(s)
    found = verified(inbox(s, name))
    assert found >= kept > 0, f"the station said {kept} frames, the file has {found}"
    return kept


def try_to_keep(s, person, name):
    try:
        s.ask(f"/api/v1/clients/{person}/sessions", {"recording": name})
    except (OSError, AssertionError, IndexError, ValueError):
        pass  # it was killed meanwhile


def kill_as_it_is_kept(s, draw):
    """Another station on the same folder has the session whole, or the recording still in the inbox; erased, the
    person leaves neither the one nor a copy of the other."""
    name = s.record(PLATE, seconds=1)
    frames = s.wait(PLATE, lambda p: p["last"] and p["last"]["name"] == name)["last"]["frames"]
    person = s.json("/api/v1/clients", {"label": "Kept"})["id"]
    s.json(f"/api/v1/clients/{person}/consent", {"purpose": "storing"})
    keeper = threading.Thread(target=try_to_keep, args=(s, person, name))
    keeper.start()
    time.sleep(KEEP_S * draw)
    kill(s)
    keeper.join()
    after = begin("--data", s.data)
    try:
        sessions = after.json(f"/api/v1/clients/{person}/sessions")["sessions"]
        if sessions:
            assert sessions[0]["frames"] == frames, sessions
            content = after.ask(f"/api/v1/sessions/{sessions[0]['session']}/file")[2]
            assert not os.path.exists(inbox(s, name)) or open(inbox(s, name), "rb").read() == content
            outcomes.add("kept")
        else:
            assert verified(inbox(s, name)) == frames
            outcomes.add("not kept")
        after.json(f"/api/v1/clients/{person}/erase", {})
        left = [f for folder, _, names in os.walk(s.data) for f in names if f.endswith(".tfr")]
        assert left == ([] if sessions else [name + ".tfr"]), left
        assert after.end() == 0
    finally:
        after.remove()
    return frames


KEEP_S = 0.3  # about as long as it takes
WAYS = (kill_while_it_runs, kill_at_start, kill_at_the_end, kill_as_it_is_kept, kill_while_it_runs)
outcomes = set()


def main():
    seed = int(os.environ.get("TEST_SEED", "20261122"))
    print(f"TEST_SEED={seed}")
    draw = random.Random(seed)
    frames = 0
    for begun in range(0, TIMES, AT_ONCE):
        numbers = range(begun, min(begun + AT_ONCE, TIMES))
        stations = [begin() for _ in numbers]
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                frames += sum(pool.map(lambda s, i, d: WAYS[i % len(WAYS)](s, d), stations, numbers, [draw.random() for _ in numbers]))
        finally:
            for s in stations:
                s.remove()
    print(f"{TIMES} stations killed, {frames} frames said to be kept, and all there; recordings that were being kept: "
          f"{' and '.join(sorted(outcomes))}")


main()
