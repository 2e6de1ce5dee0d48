# SPDX-License-Identifier: GPL-3.0-or-later
"""serve_open.py BIN: `tenderfoot open` hands the address to the browser by a page of mode 0600, not by an argument, and
takes the page away again; it tells who may not, what is no address, and that there is no station or browser."""
import os
import re
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from station import Station  # noqa: E402

BIN = sys.argv[1]
OPEN = [os.path.join(BIN, "tenderfoot"), "open"]


def browser(station, code):
    """A browser that copies what it is told to open and ends with `code`."""
    folder = os.path.join(station.folder, f"browser{code}")
    os.mkdir(folder)
    with open(os.path.join(folder, "xdg-open"), "w") as file:
        file.write(f'#!/bin/sh\nstat -c %a "$1" >{folder}/mode\ncp "$1" {folder}/page\necho "$*" >{folder}/words\nexit {code}\n')
    os.chmod(file.name, 0o755)
    return dict(os.environ, PATH=folder + ":" + os.environ["PATH"], XDG_RUNTIME_DIR=station.folder), folder


def pages(station):
    return [name for name in os.listdir(station.folder) if name.endswith(".html")]


def run(*words, **more):
    return subprocess.run([*OPEN, *words], capture_output=True, text=True, timeout=300, **more)


def opens(station):
    environment, folder = browser(station, 0)
    done = run("--url-file", station.url_file, env=environment)
    page, words = open(folder + "/page").read(), open(folder + "/words").read()
    assert done.returncode == 0 and not done.stdout, done
    assert open(folder + "/mode").read() == "600\n" and station.token not in words, words
    assert re.search(f'http-equiv="refresh" content="0; url={re.escape(station.url)}#token={station.token}"', page), page
    assert pages(station) == [], "the page is gone"


def refuses(station):
    told = run("--url-file", station.url_file, env=browser(station, 3)[0])
    assert told.returncode == 1 and "no browser" in told.stderr and pages(station) == [], told
    other = os.path.join(station.folder, "other")
    with open(other, "w") as file:
        file.write('http://127.0.0.1/"><script>\n')
    told = run("--print", "--url-file", other)
    assert told.returncode == 3 and "no station's address" in told.stderr, told
    told = run("--print", "--url-file", other + "-none", "--port", "1")
    assert told.returncode == 1 and "no station listens on port 1" in told.stderr, told


def spares(station):
    """A file that is no station's address is not the price of one: a recording, a pipe, a folder (as root: a device)."""
    taken = os.path.join(station.folder, "taken")
    for make in (lambda: open(taken, "w").write("TFT1"), lambda: os.mkfifo(taken), lambda: os.mkdir(taken)):
        make()
        before = os.lstat(taken)
        told = subprocess.run([os.path.join(BIN, "tenderfootd"), "--allow-root", "--no-discovery", "--listen", "127.0.0.1:0",
                               "--data", os.path.join(station.folder, "another"), "--url-file", taken],
                              capture_output=True, text=True, timeout=300)
        assert told.returncode == 1 and "no station's address" in told.stderr, told
        after = os.lstat(taken)
        assert (before.st_ino, before.st_mode, before.st_size) == (after.st_ino, after.st_mode, after.st_size)
        os.rmdir(taken) if stat.S_ISDIR(after.st_mode) else os.unlink(taken)


station = Station(os.path.join(BIN, "tenderfootd"), "--url-group")
station.url_file = os.path.join(station.folder, "url")
try:
    assert stat.S_IMODE(os.stat(station.url_file).st_mode) == 0o640
    assert run("--print", "--url-file", station.url_file).stdout == f"{station.url}#token={station.token}\n"
    refuses(station)
    spares(station)
    opens(station)
finally:
    station.end()
    station.remove()
print("open: the address by a page of one's own, and nobody else's")
