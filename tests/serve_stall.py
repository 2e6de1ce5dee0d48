# SPDX-License-Identifier: GPL-3.0-or-later
"""A plate's thread hangs while it records, and everything else goes on: the station tells systemd, whose
part is played here as the unit has it (it is ended, and a new one begins on the same socket and folder).
Ten seconds after the hang the recording goes on in a second file, with the gap told, and no frame that was
said to be kept is lost.
serve_stall.py BIN SHIM SUBJECT"""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from station import patient_person  # noqa: E402

BIN, SHIM, SUBJECT = sys.argv[1:4]
PLATE = "/api/v1/plates/stream-plate"
AIM_S = 10
RESTART_S = 0.5  # RestartSec= of the unit
PATIENCE_S = 240
WATCHDOG_US = 6000000  # WatchdogSec= of the unit


class Systemd:
    """Hands a listening socket over and hears what is told."""

    def __init__(self, folder):
        self.folder = folder
        self.told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.told.bind(os.path.join(folder, "notify"))
        self.told.settimeout(PATIENCE_S)
        self.handed = socket.create_server(("127.0.0.1", 0))
        self.port = self.handed.getsockname()[1]
        os.mkdir(os.path.join(folder, "stalled"))
        self.process = None
        self.plate = subprocess.Popen([f"{BIN}/tenderfoot-plate", "--subject", patient_person(SUBJECT, folder), "--seed", "5",
                                       "--socket", f"{folder}/plate"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self):
        command = (f"LISTEN_PID=$$ LISTEN_FDS=1 NOTIFY_SOCKET={self.folder}/notify WATCHDOG_USEC={WATCHDOG_US} "
                   f"STATE_DIRECTORY={self.folder}/data STALLED_THREAD={self.folder}/stalled LD_PRELOAD={os.path.abspath(SHIM)} "
                   f"exec {BIN}/tenderfootd --allow-root --no-discovery --url-file {self.folder}/url "
                   f"--token-file {self.folder}/token -d stream:{self.folder}/plate 3<&{self.handed.fileno()}")
        with open(os.path.join(self.folder, "log"), "a") as log:
            self.process = subprocess.Popen(["sh", "-c", command], pass_fds=[self.handed.fileno()], stderr=log)
        self.hear(b"READY=1")
        self.token = open(os.path.join(self.folder, "token")).read().strip()

    def hear(self, word):
        while self.told.recv(100) != word:
            pass

    def ask(self, path, body=None):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        headers = {"X-Tenderfoot-Token": self.token, "Host": f"127.0.0.1:{self.port}"}
        if body is not None:
            headers.update({"X-Tenderfoot": "1", "Content-Type": "application/json"})
        link.request("GET" if body is None else "POST", path, None if body is None else json.dumps(body), headers)
        answer = link.getresponse()
        content = answer.read()
        link.close()
        return json.loads(content) if answer.status == 200 else None

    def wait(self, fits):
        end = time.monotonic() + PATIENCE_S
        while True:
            state = self.ask(PLATE)
            if state and fits(state):
                return state
            assert time.monotonic() < end, f"never: {state}"
            time.sleep(0.05)

    def end(self, how):
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_S)


def delayed_s(*pids):
    """How long the threads of these processes were ready and waited for a processor: what the machine's other work
    takes from them. Without it the aim holds; and each such second may be one more."""
    waited_ns = 0
    for pid in pids:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat") as stat:
                waited_ns += int(stat.read().split()[1])
    return waited_ns * 1e-9


def verified(path):
    told = subprocess.run([os.path.join(BIN, "tenderfoot"), "verify", "--json", path], capture_output=True)
    document = json.loads(told.stdout)
    assert document["file"]["damaged_bytes"] == 0, document
    return document["frames"]["delivered"]


def main():
    folder = tempfile.mkdtemp(prefix="station.")
    s = Systemd(folder)
    try:
        s.start()
        s.wait(lambda p: p["phase"] == "watching" and p["health"]["is_zeroed"])
        name = s.ask(PLATE + "/record", {"keep_zero": True})["recording"]
        s.wait(lambda p: p["recording"] and p["recording"]["frames_in_file"] > 50)
        stall = os.path.join(folder, "stalled", "plate")
        others = (os.getpid(), s.plate.pid)
        waited = -delayed_s(*others, s.process.pid)
        open(stall, "w").close()
        began = time.monotonic()
        kept = s.ask(PLATE)["recording"]["frames_in_file"]  # others are answered while it hangs
        s.hear(b"WATCHDOG=trigger")
        noticed = time.monotonic() - began
        waited += delayed_s(s.process.pid)
        told_waited = waited + delayed_s(*others)
        kept = max(kept, s.ask(PLATE)["recording"]["frames_in_file"])
        assert s.end(signal.SIGABRT) == -signal.SIGABRT
        os.unlink(stall)
        time.sleep(RESTART_S)
        s.start()
        state = s.wait(lambda p: p["recording"] and p["recording"]["frames_in_file"] > 0)
        took = time.monotonic() - began
        waited += delayed_s(*others, s.process.pid)
        now = state["recording"]
        assert now["continues"]["recording"] == name and now["continues"]["segment"] == 2, now
        gap_s = now["continues"]["gap_s"]
        assert noticed < gap_s < took + 1, (noticed, gap_s, took)  # 1: the last frame had come before it was told to hang
        found = verified(os.path.join(folder, "data", "inbox", name + ".tfr"))
        assert found >= kept > 0, (found, kept)
        print(f"a plate's thread hung: noticed after {noticed:.1f} s, the recording went on after {took:.1f} s (aim {AIM_S}; {waited:.1f} s of it "
              f"waited for a processor), with a gap of {gap_s:.1f} s; {kept} frames were said to be kept, {found} are there")
        assert noticed < AIM_S + told_waited, (noticed, told_waited)
        assert took < AIM_S + waited, (took, waited)
        assert s.end(signal.SIGTERM) == 0
    except BaseException:
        print(open(os.path.join(folder, "log")).read()[-3000:], file=sys.stderr)
        raise
    finally:
        if s.process and s.process.poll() is None:
            s.process.kill()
            s.process.wait()
        s.plate.kill()
        s.plate.wait()
        shutil.rmtree(folder)


main()
