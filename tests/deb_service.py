# SPDX-License-Identifier: GPL-3.0-or-later
"""deb_service.py ROOT first|later: starts the station of the package that is installed under ROOT as its units
would, as far as a chroot can: by the unit's own command, as a user of its own, on the sockets of its socket unit,
with the folders that systemd makes. The page answers, readiness is told, somebody in the group reads the address;
`first` adds a person, `later` finds that person again. In a network of its own (unshare -n), as root."""
import array
import fcntl
import http.client
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time

ROOT, STEP = sys.argv[1:3]
UNITS = os.path.join(ROOT, "lib/systemd/system")
UID = 61999  # of those that systemd draws from
PATIENCE_S = 60


def unit(name):
    """Key to the list of its values; lines that end in a backslash go on."""
    found = {}
    with open(os.path.join(UNITS, name)) as file:
        for line in file.read().replace("\\\n", " ").splitlines():
            key, _, value = line.partition("=")
            if value and not line.startswith("#"):
                found.setdefault(key, []).append(value)
    return found


def lo_up():
    with socket.socket() as any_socket:
        request = struct.pack("16sh14x", b"lo", 1 | 64)  # IFF_UP | IFF_RUNNING
        fcntl.ioctl(any_socket, 0x8914, array.array("b", request))  # SIOCSIFFLAGS


def listen(address):
    host, port = address.rsplit(":", 1)
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host.strip("[]"), int(port)))
    made.listen(16)
    return made


def group_of_root(name):
    """The group's number under ROOT."""
    with open(os.path.join(ROOT, "etc/group")) as file:
        return next(int(line.split(":")[2]) for line in file if line.startswith(name + ":"))


def make_folder(path, mode, gid):
    os.makedirs(path, exist_ok=True)
    os.chown(path, UID, gid)
    os.chmod(path, mode)


def folders(service, gid):
    """StateDirectory= of a DynamicUser=, RuntimeDirectory=."""
    state, run = service["StateDirectory"][0], service["RuntimeDirectory"][0]
    os.makedirs(os.path.join(ROOT, "var/lib/private"), mode=0o700, exist_ok=True)
    make_folder(os.path.join(ROOT, "var/lib/private", state), int(service["StateDirectoryMode"][0], 8), gid)
    link = os.path.join(ROOT, "var/lib", state)
    if not os.path.islink(link):
        os.symlink("private/" + state, link)
    make_folder(os.path.join(ROOT, "run", run), int(service["RuntimeDirectoryMode"][0], 8), gid)
    # A chroot's user may pass where systemd would have put a mount.
    os.chmod(os.path.join(ROOT, "var/lib/private"), 0o711)
    return {"STATE_DIRECTORY": "/var/lib/" + state, "RUNTIME_DIRECTORY": "/run/" + run}


def become(command, environment, sockets, gid):
    """In the child: what systemd does before it becomes the service."""
    os.chroot(ROOT)
    os.chdir("/")
    kept = [fcntl.fcntl(each, fcntl.F_DUPFD, 100) for each in sockets]
    for number, each in enumerate(kept):
        os.dup2(each, 3 + number, inheritable=True)
        os.close(each)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(UID)
    os.umask(0o077)
    os.execve(command[0], command, dict(environment, LISTEN_FDS=str(len(kept)), LISTEN_PID=str(os.getpid())))


def ask(path, token=None, body=None):
    link = http.client.HTTPConnection("127.0.0.1", 8631, timeout=PATIENCE_S)
    head = {"X-Tenderfoot-Token": token} if token else {}
    if body is not None:
        head.update({"X-Tenderfoot": "1", "Content-Type": "application/json"})
    link.request("POST" if body is not None else "GET", path, json.dumps(body) if body is not None else None, head)
    answer = link.getresponse()
    content = answer.read()
    assert answer.status == 200, (path, answer.status, content[:300])
    return content


def until(fits, what):
    end = time.monotonic() + PATIENCE_S
    while not (found := fits()):
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.05)
    return found


def ready(told):
    told.settimeout(PATIENCE_S)
    while b"READY=1" not in told.recv(4096):
        pass


def as_member(*command):
    """By somebody in the group, inside: their words; None when it is refused."""
    done = subprocess.run(["chroot", "--userspec=somebody", ROOT, *command], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


def look(token):
    assert b"<html" in ask("/"), "no page"
    assert json.loads(ask("/api/v1/station", token))["schema"] == "tenderfoot/station/1"
    if STEP == "first":
        ask("/api/v1/clients", token, {"label": "Ann Clean"})
    people = json.loads(ask("/api/v1/clients/search", token, {}))["clients"]
    assert [one["label"] for one in people] == ["Ann Clean"], people


def main():
    service, activation = unit("tenderfootd.service"), unit("tenderfootd.socket")
    gid = group_of_root(service["Group"][0])
    lo_up()
    sockets = [listen(address) for address in activation["ListenStream"]]
    environment = dict(folders(service, gid), PATH="/usr/bin:/bin", LC_ALL="C.UTF-8", NOTIFY_SOCKET="@tenderfoot-deb-test")
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind("\0tenderfoot-deb-test")
    child = os.fork()
    if child == 0:
        try:
            become(service["ExecStart"][0].split(), environment, sockets, gid)
        finally:
            os._exit(127)
    try:
        ready(told)
        path = re.search(r"--url-file (\S+)", service["ExecStart"][0])[1]
        file = ROOT + path
        address = until(lambda: os.path.exists(file) and open(file).read().strip(), "the address")
        assert (os.stat(file).st_mode & 0o777, os.stat(file).st_gid) == (0o640, gid), os.stat(file)
        look(address.split("#token=")[1])
        assert as_member("tenderfoot", "open", "--print") == address + "\n", "who is in the group is told the address"
        assert as_member("cat", "/var/lib/tenderfoot/token") is None, "and nothing else of the station"
    finally:
        os.kill(child, signal.SIGTERM)
        _, status = os.waitpid(child, 0)
    assert status == 0, f"ended by {status}"
    print(f"the service's command as its units have it ({STEP}): page, readiness, address, people")


main()
