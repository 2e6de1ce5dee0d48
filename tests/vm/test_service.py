# SPDX-License-Identifier: GPL-3.0-or-later
"""test_service.py BUILD: the installed units under Debian's own systemd, in a virtual machine: the first
who asks wakes the station, it runs confined and as nobody, it records; when it hangs the watchdog ends it
and a new one serves on the same socket with the same token, the recording whole; stopped, it ends well."""
import json
import os
import re
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from machine import Failed, Machine, check  # noqa: E402

UNIT = "tenderfootd.service"
PLATE = "/api/v1/plates/virtual-person"
AIM_S = 10
SLOW_S = 20  # more in a machine that is made of software
INBOX = "/var/lib/private/tenderfoot/inbox"


def shown(machine, key):
    return machine.run(f"systemctl show -P {key} {UNIT}").out.strip()


def ask(machine, token, path, body=None):
    """A JSON document of the station; None while it does not answer well."""
    more = f"--header 'X-Tenderfoot: 1' --header 'Content-Type: application/json' --post-data '{json.dumps(body)}'" if body is not None else ""
    answer = machine.run(f"wget -q -O - --header 'X-Tenderfoot-Token: {token}' {more} http://127.0.0.1:8631{path}", status=None)
    return json.loads(answer.out) if answer.status == 0 else None


def until(fits, what, timeout=400):
    end = time.monotonic() + timeout
    while True:
        found = fits()
        if found:
            return found
        check(time.monotonic() < end, "never", what() if callable(what) else what)
        time.sleep(0.2)


def wake(machine):
    """Gives how long the start took, s: what this computer, made of software, is slow by."""
    check(machine.run(f"systemctl is-active tenderfootd.socket {UNIT}", status=None).out.split() == ["active", "inactive"],
          "the socket waits and the station sleeps")
    began = time.monotonic()
    page = machine.run("wget -q -O - http://127.0.0.1:8631/").out
    check("<html" in page and shown(machine, "ActiveState") == "active", "the page and a running station", page[:200])
    took = time.monotonic() - began
    print(f"woken by the first who asked, after {took:.0f} s", flush=True)
    return took


def is_confined(machine, pid):
    status = machine.run(f"cat /proc/{pid}/status").out
    uid = int(re.search(r"^Uid:\t(\d+)", status, re.M)[1])
    facts = dict(re.findall(r"^(CapEff|CapBnd|NoNewPrivs|Seccomp):\t(\S+)", status, re.M))
    check(61184 <= uid <= 65519, "a user of its own, not", uid)
    check(int(facts["CapEff"], 16) == int(facts["CapBnd"], 16) == 0 and facts["NoNewPrivs"] == "1" and facts["Seccomp"] == "2", facts)
    check(machine.run("stat -c '%a %u %g' /run/tenderfoot/url").out.split() == ["640", str(uid), "990"], "the address is for the group")
    check(machine.run("su member -c 'tenderfoot open --print'").out.startswith("http://127.0.0.1:8631/#token="),
          "who is in the group is told the address")
    machine.run("su other -c 'tenderfoot open --print'", status=1)
    machine.run("su member -c 'ls /var/lib/private/tenderfoot/'", status=1)
    machine.run(f"nsenter -t {pid} -m touch /usr/proof", status=1)
    print(f"user {uid}, no capability, no new privileges, system calls filtered, /usr read-only", flush=True)


def token_of(machine):
    return machine.until("cat /run/tenderfoot/url").out.strip().split("#token=")[1]


def record(machine, token):
    until(lambda: (ask(machine, token, PLATE) or {}).get("phase") == "watching",
          lambda: f"a plate that is watched: {ask(machine, token, PLATE)}")
    name = until(lambda: ask(machine, token, PLATE + "/record", {}), "a recording")["recording"]
    state = until(lambda: (lambda p: p and p["recording"] and p["recording"]["frames_in_file"] > 50 and p)(ask(machine, token, PLATE)),
                  "frames in the file")
    return name, state["recording"]["frames_in_file"]


def verified(machine, name):
    told = machine.run(f"tenderfoot verify --json {INBOX}/{name}.tfr", status=None)
    document = json.loads(told.out)
    check(document["file"]["damaged_bytes"] == 0, document)
    return document["frames"]["delivered"]


def hang(machine, token, start_s):
    """The whole process stands still, as in a deadlock: nobody tells the watchdog that all is well."""
    name, kept = record(machine, token)
    pid = shown(machine, "MainPID")
    stood_s = float(machine.run(f"cat /proc/uptime; kill -STOP {pid}").out.split()[0])  # by the machine's own clock
    began = time.monotonic()
    machine.until(f"[ $(systemctl show -P MainPID {UNIT}) != {pid} ] && [ $(systemctl show -P ActiveState {UNIT}) = active ]", 240)
    took = time.monotonic() - began
    check(shown(machine, "NRestarts") == "1", "restarted once")
    begun_s = int(shown(machine, "ExecMainStartTimestampMonotonic")) * 1e-6 - stood_s
    check(begun_s < AIM_S + SLOW_S, f"a new one was begun after {begun_s:.0f} s")
    check(token_of(machine) == token, "the page's token outlives it")
    check(verified(machine, name) >= kept > 0, "each frame that was said to be kept")
    until(lambda: (ask(machine, token, PLATE) or {}).get("phase") == "watching", "the plate again")
    print(f"hung: the watchdog began a new one after {begun_s:.1f} s, which served after {took:.0f} s (aim {AIM_S} where a start takes "
          f"no time; the first took {start_s:.0f} s); {kept} frames were said to be kept, all are", flush=True)


def end(machine, token):
    name, kept = record(machine, token)
    machine.run(f"systemctl stop {UNIT}")
    check(shown(machine, "Result") == "success" and verified(machine, name) >= kept, "ended well")
    check(json.loads(machine.run(f"tenderfoot verify --json {INBOX}/{name}.tfr").out)["frames"]["lost"] == 0, "nothing lost")
    print("stopped: the recording is closed well", flush=True)


def main():
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, Machine(sys.argv[1], folder, ports=0, image="service.cpio") as machine:
        print(f"systemd is up after {time.monotonic() - began:.0f} s", flush=True)
        try:
            start_s = wake(machine)
            is_confined(machine, shown(machine, "MainPID"))
            token = token_of(machine)
            hang(machine, token, start_s)
            end(machine, token)
        except (Failed, KeyError, ValueError) as error:
            print(f"FAILED: {error}\n{machine.run(f'systemctl status {UNIT}; cat /run/station.log', status=None).out}\n{machine.story()}", flush=True)
            return 1
    print(f"the service under systemd: passed ({time.monotonic() - began:.0f} s)")
    return 0


sys.exit(main())
