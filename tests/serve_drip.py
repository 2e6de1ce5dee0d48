# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that fetch something large and hardly read it: a byte a second of a recording and of a person's archive, or just
enough that it goes on. Each is ended in its time, with all that was kept for it, and nobody else waits meanwhile.
serve_drip.py BIN SUBJECT"""
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from station import PATIENCE_S, Station, standing_for  # noqa: E402

BIN, SUBJECT = sys.argv[1:3]
STAND_S = 120  # some 17 MiB, of which the kernel keeps four at most
ANSWER_S = 120  # to fetch an answer (http_gate.h)
EARLY_S = 20  # nobody is cut off before
SLOW_S = 120  # more on a machine that does much else
RECEIVES = 8192


def tool(*arguments):
    return subprocess.run([os.path.join(BIN, "tenderfoot"), *arguments], check=True, capture_output=True, text=True).stdout.strip()


class Drip(threading.Thread):
    """Takes so many bytes each so many seconds. It need not notice that it was ended: what has come it may still read."""

    def __init__(self, s, path, n, every_s):
        super().__init__(daemon=True)
        self.n, self.every_s, self.whole = n, every_s, False
        self.link = socket.socket()
        self.link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVES)
        self.link.connect(s.address)
        self.link.sendall(f"GET {path} HTTP/1.1\r\nHost: {s.host}\r\nX-Tenderfoot-Token: {s.token}\r\n\r\n".encode())
        assert b" 200 " in self.link.recv(20), path
        self.start()

    def run(self):
        try:
            while self.link.recv(self.n):
                time.sleep(self.every_s)
            self.whole = True
        except ConnectionResetError:
            pass


LISTENS, TIME_WAIT = "0A", "06"


def kept_sockets(s):
    """The kernel's of the station's port, also those that no process has any more: bytes that still wait to be sent, of each."""
    port = f"{s.address[1]:04X}"
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table][1:]
    return [int(row[4].split(":")[0], 16) for row in rows if row[1].endswith(":" + port) and row[3] not in (LISTENS, TIME_WAIT)]


def others_are_served(s, n):
    """Until the dripping ones are ended, with all that was kept for them: when the first and the last of them were, and how
    long the slowest answer to others took."""
    first_s, slowest_s, began = None, 0, time.monotonic()
    while True:
        asked = time.monotonic()
        left = s.json("/api/v1/station")["connections"]["open"] - 1
        slowest_s = max(slowest_s, time.monotonic() - asked)
        if left < n and first_s is None:
            first_s = asked - began
        waiting = [bytes for bytes in kept_sockets(s) if bytes]
        if not left and not waiting:
            return first_s, time.monotonic() - began, slowest_s
        assert asked - began < ANSWER_S + SLOW_S, f"{left} are served still, {waiting} bytes wait"
        time.sleep(0.2)


def drip(s, person):
    recording, archive = "/api/v1/recordings/long/file", f"/api/v1/clients/{person}/export"
    drips = [Drip(s, recording, 1, 1), Drip(s, recording, 4096, 0.5), Drip(s, archive, 1, 1)]
    assert s.ask(archive)[0] == 409  # one at a time
    first_s, last_s, slowest_s = others_are_served(s, len(drips))
    print(f"three clients that drip: ended after {first_s:.0f} to {last_s:.0f} s (aim {ANSWER_S}), nothing is kept for them; who asked well meanwhile "
          f"waited {1000 * slowest_s:.0f} ms at most")
    assert first_s > EARLY_S and not any(d.whole for d in drips), first_s
    status, _, whole = s.ask(archive)  # the next one's turn
    assert status == 200 and whole[:2] == b"PK" and len(whole) > 1 << 20, (status, len(whole))


def main():
    s = Station(os.path.join(BIN, "tenderfootd"))
    try:
        person = s.json("/api/v1/clients", {"label": "Long"})["id"]
        for purpose in ("recording", "storing"):
            s.json(f"/api/v1/clients/{person}/consent", {"purpose": purpose, "words": "yes"})
        path = os.path.join(s.folder, "long.tfr")
        tool("simulate", "-s", standing_for(STAND_S, SUBJECT, s.folder), "-o", path)
        assert os.path.getsize(path) > 8 << 20, os.path.getsize(path)
        tool("sessions", "add", path, "--person", person, "--data", s.data)
        shutil.move(path, os.path.join(s.data, "inbox", "long.tfr"))
        drip(s, person)
        assert s.end() == 0
    except BaseException:
        print(s.read_log()[-3000:], file=sys.stderr)
        raise
    finally:
        s.remove()


main()
