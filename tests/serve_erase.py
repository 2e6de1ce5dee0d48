# SPDX-License-Identifier: GPL-3.0-or-later
"""Erasing somebody while a recording of the person is made or kept: refused, with where and what to do; and however the
two meet, nothing that names who was erased is left. serve_erase.py BIN SUBJECT"""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "support"))
from station import Station, standing_for  # noqa: E402

BIN, SUBJECT = sys.argv[1], sys.argv[2]
PLATES, ROUNDS = 3, 24


def ask(s, path, body):
    """(status, document)"""
    status, _, content = s.ask(path, body)
    return status, json.loads(content)


def somebody(s, label):
    person = s.json("/api/v1/clients", {"label": label})["id"]
    for purpose in ("recording", "storing"):
        s.json(f"/api/v1/clients/{person}/consent", {"purpose": purpose, "words": "yes"})
    return person


def erase(s, person):
    return ask(s, f"/api/v1/clients/{person}/erase", {})


def plate_path(i):
    return f"/api/v1/plates/virtual-person{i}"


def is_free(state):
    return state["phase"] == "watching" and state["health"]["is_zeroed"]


def files_naming(s, person):
    """Recordings, whosever folder they lie in, that hold the id."""
    found = []
    for folder, _, names in os.walk(s.data):
        for name in names:
            try:
                if name.startswith(person) or (name.endswith(".tfr") and
                                               person.encode() in open(os.path.join(folder, name), "rb").read()):
                    found.append(os.path.join(folder, name))
            except FileNotFoundError:
                pass  # went meanwhile
    return found


def refuse(s):
    """While the plate records or presses the person; what is recorded goes on, and erasing works afterwards."""
    plate = plate_path(0)
    tool = os.path.join(BIN, "tenderfoot")
    for way, wanted in (("record", {}), ("press", {"route": "short", "chosen": ["kidneys"], "stand_s": 0})):
        person = somebody(s, "Erased while recorded")
        s.wait(plate, is_free)
        name = s.json(f"{plate}/{way}", {**wanted, "client": person, **({"keep_zero": True} if way == "record" else {})})["recording"]
        s.wait(plate, lambda p: p["recording"] and p["recording"]["frames_in_file"] > 10)
        status, said = erase(s, person)
        assert status == 409 and all(word in said["problem"] for word in
                                     (person, "virtual-person0", name, "discard it there")), said
        alone = subprocess.run([tool, "clients", "erase", person, "--yes", "--data", s.data], capture_output=True, text=True)
        assert alone.returncode == 3 and "a recording of this person is being made" in alone.stderr, alone
        assert person in json.dumps(s.json(f"/api/v1/clients/{person}"))
        s.json(f"{plate}/stop", {})
        last = s.wait(plate, lambda p: p["last"] and p["last"]["name"] == name)["last"]
        assert last["has_file"] and last["problem"] is None and files_naming(s, person), last
        status, told = erase(s, person)
        assert status == 200 and told["recordings"] == 1 and not files_naming(s, person), told
        for again, body in (("record", {"keep_zero": True}), ("press", {"stand_s": 0})):
            s.wait(plate, is_free)
            status, said = ask(s, f"{plate}/{again}", {**body, "client": person})
            assert status == 409 and "there is no person" in said["problem"], said


def refuse_other_program(s, subject):
    """The command line records the person: the station does not erase; when the program is killed it does."""
    person = somebody(s, "At the command line")
    other = subprocess.Popen([os.path.join(BIN, "tenderfoot"), "record", "-d", "virtual:" + subject, "--person", person,
                              "--data", s.data, "--seconds", "500"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        s.wait("/api/v1/station", lambda _: files_naming(s, person))
        status, said = erase(s, person)
        assert status == 409 and "Stop or discard it" in said["problem"], said
    finally:
        other.kill()
        other.wait()
    assert files_naming(s, person)
    status, told = erase(s, person)
    assert status == 200 and not files_naming(s, person), told


def refuse_while_fetched(s):
    """Somebody fetches all of the person and does not go on: who erases is told; when the fetching is over it is done."""
    person = somebody(s, "Erased while fetched")
    tool = os.path.join(BIN, "tenderfoot")
    long = os.path.join(s.folder, "long.tfr")
    subprocess.run([tool, "simulate", "-s", SUBJECT, "-o", long], check=True, capture_output=True)
    subprocess.run([tool, "sessions", "add", long, "--person", person, "--data", s.data], check=True, capture_output=True)
    assert os.path.getsize(long) > 4 << 20, "the archive would fit into what lies between the two"
    with socket.socket() as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.connect(s.address)
        link.sendall(f"GET /api/v1/clients/{person}/export HTTP/1.1\r\nHost: {s.host}\r\nX-Tenderfoot-Token: {s.token}\r\n\r\n".encode())
        assert b" 200 " in link.recv(100)
        status, said = erase(s, person)
        assert status == 409 and "is being fetched" in said["problem"] and said["code"] == "person_recorded", said
    s.wait("/api/v1/station", lambda _: erase(s, person)[0] == 200)
    assert not files_naming(s, person)
    status, said = ask(s, f"/api/v1/clients/{person}/export", None)
    assert status == 404, said


def meet(pool, *calls):
    """All at once; their answers."""
    gate = threading.Barrier(len(calls))

    def go(call):
        gate.wait()
        return call()
    return list(pool.map(go, calls))


def race(s):
    """Erased and recorded at once, by all plates and twice: one of the two is refused, and at no time after an erasure
    that was granted does a file name the person."""
    granted = recorded = 0
    with ThreadPoolExecutor(PLATES + 3) as pool:
        for n in range(ROUNDS):
            for i in range(PLATES):
                s.wait(plate_path(i), is_free)
            person = somebody(s, f"Raced {n}")
            records = [lambda i=i: ask(s, plate_path(i) + "/record", {"client": person, "keep_zero": True, "seconds": 60})
                       for i in range(PLATES)]
            erasures = [lambda: erase(s, person)] * 3
            answers = meet(pool, *(records + erasures if n % 2 else erasures + records))
            begun = [a for a in answers if "recording" in a[1]]
            erased = [a for a in answers if a[1].get("schema") == "tenderfoot/client-erase/1"]
            assert {a[0] for a in answers} <= {200, 404, 409}, answers
            assert not (begun and erased), f"recorded and erased: {answers}"
            granted += bool(erased)
            recorded += bool(begun)
            if erased:
                assert not files_naming(s, person), files_naming(s, person)
                continue
            for i in range(PLATES):
                ask(s, plate_path(i) + "/stop", {})
            for i in range(PLATES):
                s.wait(plate_path(i), is_free)
            there = files_naming(s, person)  # one that was stopped before its first frame has no file
            status, told = erase(s, person)
            assert status == 200 and told["recordings"] == len(there) and not files_naming(s, person), (told, begun)
    print(f"{ROUNDS} races: {granted} erased first, {recorded} recorded first")


def race_keeping(s):
    """Erased while a recording is kept: the store never has a session of nobody, and the inbox no recording of who was
    erased."""
    with ThreadPoolExecutor(4) as pool:
        for n in range(ROUNDS // 3):
            person = somebody(s, f"Kept {n}")
            s.wait(plate_path(0), is_free)
            name = s.json(plate_path(0) + "/record", {"client": person, "keep_zero": True, "seconds": 0.3})["recording"]
            s.wait(plate_path(0), lambda p: p["last"] and p["last"]["name"] == name and is_free(p))
            kept, *erased = meet(pool, lambda: ask(s, f"/api/v1/clients/{person}/sessions", {"recording": name}),
                                 *[lambda: erase(s, person)] * 2)
            assert {kept[0], *(e[0] for e in erased)} <= {200, 404, 409}, (kept, erased)
            if all(e[0] != 200 for e in erased):
                status, told = erase(s, person)
                assert status == 200 and told["recordings"] == 1, (told, kept)
            assert not files_naming(s, person) and not os.listdir(os.path.join(s.data, "inbox"))
    assert not [name for _, _, names in os.walk(os.path.join(s.data, "recordings")) for name in names]


def main():
    people = tempfile.mkdtemp(prefix="people.")
    subject = standing_for(600, SUBJECT, people)
    plates = [os.path.join(people, f"person{i}.json") for i in range(PLATES)]
    for i, path in enumerate(plates):
        person = json.load(open(subject))
        person["plate"]["serial"] += f"-{i}"
        json.dump(person, open(path, "w"))
    s = Station(os.path.join(BIN, "tenderfootd"), *(word for path in plates for word in ("-d", "virtual:" + path)))
    try:
        refuse(s)
        refuse_other_program(s, subject)
        refuse_while_fetched(s)
        race(s)
        race_keeping(s)
        assert s.end() == 0, s.read_log()
        assert not re.search("ERROR|runtime error", s.read_log()), s.read_log()
    except BaseException:
        print(s.read_log(), file=sys.stderr)
        raise
    finally:
        s.remove()
        shutil.rmtree(people)


main()
