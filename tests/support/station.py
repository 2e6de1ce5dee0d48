# SPDX-License-Identifier: GPL-3.0-or-later
"""A station under test: tenderfootd as a process of its own, asked by raw sockets."""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PATIENCE_S = 240  # of a busy machine; nothing is measured by it


class Station:
    def __init__(self, binary, *arguments, wrap=(), listen="127.0.0.1:0"):
        self.folder = tempfile.mkdtemp(prefix="station.")
        url_file = os.path.join(self.folder, "url")
        self.data = os.path.join(self.folder, "data")
        self.log = open(os.path.join(self.folder, "log"), "w+")
        self.process = subprocess.Popen(
            [*wrap, binary, "--allow-root", "--no-discovery", "--listen", listen, "--data", self.data,
             "--url-file", url_file, *arguments], stdout=self.log, stderr=self.log)
        end = time.monotonic() + PATIENCE_S
        while not (os.path.exists(url_file) and open(url_file).read().endswith("\n")):
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError("the station does not start: " + self.read_log())
            time.sleep(0.02)
        self.url, self.token = open(url_file).read().strip().split("#token=")
        host, port = self.url[len("http://"):-1].rsplit(":", 1)
        self.address = (host, int(port))
        self.host = f"{host}:{port}"

    def read_log(self):
        with open(self.log.name) as log:
            return log.read()

    def connect(self):
        return socket.create_connection(self.address, timeout=PATIENCE_S)

    def raw(self, request):
        """Sends bytes as they are; the whole answer."""
        with self.connect() as link:
            link.sendall(request)
            return read_all(link)

    def ask(self, path, body=None, token=None):
        """(status, headers, bytes) of a well-formed request."""
        head = f"{'POST' if body is not None else 'GET'} {path} HTTP/1.1\r\nHost: {self.host}\r\n"
        head += f"X-Tenderfoot-Token: {token or self.token}\r\n"
        payload = b""
        if body is not None:
            payload = json.dumps(body).encode()
            head += f"X-Tenderfoot: 1\r\nContent-Type: application/json\r\nContent-Length: {len(payload)}\r\n"
        return split(self.raw(head.encode() + b"\r\n" + payload))

    def json(self, path, body=None):
        status, _, content = self.ask(path, body)
        if status != 200:
            raise AssertionError(f"{path}: {status}: {content[:300]}")
        return json.loads(content)

    def wait(self, path, fits):
        """The document under a path, once it fits."""
        end = time.monotonic() + PATIENCE_S
        while True:
            document = self.json(path)
            if fits(document):
                return document
            if time.monotonic() > end:
                raise AssertionError(f"{path} never came to be as wanted: {document}")
            time.sleep(0.05)

    def record(self, plate, **wanted):
        """Begins a recording on the plate (its path) and gives its name. A plate that has just come is zeroed
        first: who asks meanwhile is refused, and asks again."""
        end = time.monotonic() + PATIENCE_S
        while True:
            zeroed = self.wait(plate, lambda p: p["phase"] == "watching")["health"]["is_zeroed"]
            status, _, content = self.ask(plate + "/record", {"keep_zero": zeroed, **wanted})
            if status == 200:
                return json.loads(content)["recording"]
            if status != 409 or time.monotonic() > end:
                raise AssertionError(f"{plate}/record: {status}: {content[:300]}")
            time.sleep(0.05)

    def events(self, plate):
        """Events of a live stream: (channel, document)."""
        link = http.client.HTTPConnection(*self.address, timeout=PATIENCE_S)
        link.request("GET", f"/api/v1/plates/{plate}/live", headers={"X-Tenderfoot-Token": self.token})
        lines = link.getresponse()
        assert lines.status == 200, lines.read()
        channel = None
        try:
            while line := lines.readline():
                if line.startswith(b"event: "):
                    channel = line[7:].strip().decode()
                elif line.startswith(b"data: ") and line.endswith(b"\n"):
                    yield channel, json.loads(line[6:])
        except http.client.IncompleteRead:
            pass  # the station has ended
        finally:
            link.close()

    def end(self, how=signal.SIGTERM):
        """Ends it and gives its exit code; the folder stays until remove()."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_S)

    def remove(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def patient_person(subject, folder):
    """The same virtual person, who stands for ten minutes (samples/SCHEMA.md: the most): on a busy machine
    a visit of half a minute is over before the test is."""
    return standing_for(600, subject, folder)


def standing_for(seconds, subject, folder):
    """The same virtual person, who stands for so long: the path of a copy in the folder."""
    person = json.load(open(subject))
    person.setdefault("protocol", {})["stand_s"] = seconds
    path = os.path.join(folder, os.path.basename(subject))
    with open(path, "w") as file:
        json.dump(person, file)
    return path


def memory_mib(pid, key="VmRSS"):
    """Of a process, as the kernel counts it; VmHWM is the most it ever had."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(key + ":")) / 1024


def read_all(link):
    parts = []
    while True:
        try:
            part = link.recv(65536)
        except ConnectionResetError:
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts)


def split(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    status = int(lines[0].split()[1]) if lines[0].startswith("HTTP/1.") else 0
    if headers.get("transfer-encoding") == "chunked":
        body = unchunk(body)
    return status, headers, body


def unchunk(body):
    out = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        n = int(size, 16)
        if n == 0:
            break
        out += body[:n]
        body = body[n + 2:]
    return out
