# SPDX-License-Identifier: GPL-3.0-or-later
"""A practice system that knows GDT 2.1 by its specification: it writes requests (6302) into an exchange folder and
reads the station's answers (6310) field by field. Then hostile files, which nobody may take.
gdt_practice.py TENDERFOOT FOLDER (with 1.tfr, 2.tfr and 3.tfr)"""
import json
import os
import signal
import subprocess
import sys
import time

TENDERFOOT, ROOM = sys.argv[1:3]
DESK = os.path.join(ROOM, "exchange")
SETS = {"1": "ascii", "2": "cp437", "3": "iso-8859-1"}


def tool(*words, code=0):
    done = subprocess.run([TENDERFOOT, *words], capture_output=True)
    assert done.returncode == code, (words, done.returncode, done.stderr)
    return done.stdout


def look(*words):
    said = tool("gdt", "--watch", DESK, "--once", *words).decode()
    assert "4711" not in said and "ller" not in said, said  # it may end in a journal
    return said


# --- The practice system's own writer and reader ----------------------------------------------------------


def line(field, text, encoding):
    content = text.encode(encoding)
    return b"%03d" % (len(content) + 9) + field.encode() + content + b"\r\n"


def request(fields, charset="3", kind="6302", total=None):
    body = b"".join(line(key, text, SETS.get(charset, "cp437")) for key, text in fields)
    head = line("8000", kind, "ascii")
    n = len(head) + 14 + len(body)
    return head + line("8100", "%05d" % (n if total is None else total), "ascii") + body


def person(number="4711", family="Müller", given="Änne", charset="3", **more):
    fields = [("8315", "TENDFOOT"), ("8316", "PRAXIS_1")]
    if charset:
        fields.append(("9206", charset))
    return fields + [("9218", "02.10"), ("3000", number), ("3101", family), ("3102", given), ("3103", "31031970"),
                     ("3110", "2"), ("8402", "ALLG00")] + list(more.items())


def put(data, name="TEFOEDV1.GDT"):
    """As such programs do: under another name first. Old, so that nobody waits for more of it."""
    path = os.path.join(DESK, "new.tmp")
    with open(path, "wb") as file:
        file.write(data)
    os.utime(path, (time.time() - 60,) * 2)
    os.rename(path, os.path.join(DESK, name))


def read(name="EDV1TEFO.GDT"):
    data = open(os.path.join(DESK, name), "rb").read()
    fields, at = [], 0
    while at < len(data):
        length = int(data[at:at + 3])
        content = data[at:at + length]
        assert len(content) == length and content.endswith(b"\r\n"), content
        fields.append((content[3:7].decode(), content[7:-2].decode("iso-8859-1")))
        at += length
    told = dict(reversed(fields))
    assert fields[0] == ("8000", "6310") and fields[1] == ("8100", "%05d" % len(data))
    assert [key for key, _ in fields[:6]] == ["8000", "8100", "8315", "8316", "9206", "9218"]
    assert told["9206"] == "3" and told["9218"] == "02.10"
    os.unlink(os.path.join(DESK, name))
    return told, fields


def shown():
    return sorted(name for name in os.listdir(DESK) if not name.startswith("."))


def people():
    return json.loads(tool("clients", "list", "--json"))["clients"]


def add(file, client):
    tool("clients", "consent", client, "--give", "storing")
    return json.loads(tool("sessions", "add", os.path.join(ROOM, file), "--person", client, "--json"))["session"]


# --- Stories ------------------------------------------------------------------------------------------------


def ask_and_be_answered():
    """The person is added, nothing is answered before there is a session, then it is: once."""
    put(request(person()))
    said = look()
    assert shown() == [] and [p["label"] for p in people()] == ["Müller, Änne (4711)"]
    found = people()[0]
    assert found["client"] in said and "added" in said, said
    assert found["birth_year"] == 1970 and found["sex"] == "female", found
    assert look() == "" and shown() == []
    session = add("1.tfr", found["client"])
    assert session in look() and shown() == ["EDV1TEFO.GDT"]
    assert os.stat(os.path.join(DESK, "EDV1TEFO.GDT")).st_mode & 0o777 == 0o600
    told, fields = read()
    assert (told["8315"], told["8316"], told["8402"]) == ("PRAXIS_1", "TENDFOOT", "ALLG00")
    assert (told["3000"], told["3101"], told["3102"], told["3103"]) == ("4711", "Müller", "Änne", "31031970")
    alone = json.loads(tool("analyze", "--json", os.path.join(ROOM, "1.tfr")))
    force = float(fields[[text for _, text in fields].index("mean_force") + 2][1])
    assert abs(force - alone["mean_force_n"]) <= 0.5, force
    assert look() == "" and shown() == [] and os.listdir(os.path.join(DESK, ".tenderfoot-pending")) == []
    return found["client"]


def other_sets(client):
    """The same person by other character sets, without a set (437), and with --latest at once."""
    for charset, family in (("2", "Müller"), (None, "Müller"), ("1", "Mueller"), ("3", "Müller")):
        put(request(person(charset=charset, family=family, given="Anna" if charset == "1" else "Änne"), charset or "2"))
        assert "added" not in look("--latest", "--answer-mode", "0640")
        assert os.stat(os.path.join(DESK, "EDV1TEFO.GDT")).st_mode & 0o777 == 0o640
        told, _ = read()
        assert told["3101"] == family and told["9206"] == "3", (charset, told)
    put(request(person(number="47")))  # a part of another's number is nobody's
    assert "added" in look() and len(people()) == 2
    assert {p["label"] for p in people()} == {"Müller, Änne (4711)", "Müller, Änne (47)"}


def not_over_an_unfetched_one(client):
    for name in ("EDV1TEFO.GDT", "EDV1TEFO.001", "EDV1TEFO.002"):
        put(request(person()), "tefoEDV1.007")
        assert name in look("--latest")
    assert shown() == ["EDV1TEFO.001", "EDV1TEFO.002", "EDV1TEFO.GDT"]
    for name in shown():
        read(name)


def watch(client):
    """Running: a request, a session, an answer, Ctrl-C."""
    with subprocess.Popen([TENDERFOOT, "gdt", "--watch", DESK], stdout=subprocess.PIPE) as process:
        put(request(person()))
        assert client.encode() in process.stdout.readline()
        session = add("2.tfr", client)
        answered = process.stdout.readline().decode()
        assert session in answered and client in answered and "EDV1TEFO.GDT" in answered and "4711" not in answered
        process.send_signal(signal.SIGINT)
        assert process.wait(300) == 0
    read()


def half_written():
    """A file that ends before its own length and is young is left alone; whole, it is taken."""
    whole = request(person())
    path = os.path.join(DESK, "TEFOEDV1.GDT")
    with open(path, "wb") as file:
        file.write(whole[:80])
        file.flush()
        os.utime(path, (time.time() + 60,) * 2)  # a share's clock that is ahead; no race with ours
        assert look("--latest") == "" and shown() == ["TEFOEDV1.GDT"]
        file.write(whole[80:])
    assert "answers" in look("--latest")
    read()


def drop_refused(said, what=""):
    """The file moved aside, and what was said lies beside it."""
    assert shown() == ["TEFOEDV1.GDT.refused", "TEFOEDV1.GDT.refused.txt"], (what, shown())
    path = os.path.join(DESK, "TEFOEDV1.GDT.refused")
    reason = open(path + ".txt", newline="").read()
    assert reason.endswith("\r\n") and len(reason) > 10 and reason.strip() in said, (what, reason, said)
    os.unlink(path)
    os.unlink(path + ".txt")


def other_sexes_and_days():
    """What systems write since there is a third sex, and of who does not know the birthday."""
    stated = (("D", "31031970", "other", 1970), ("X", "00000000", "other", None), ("U", "00031970", None, 1970),
              ("W", "00001971", "female", 1971), ("M", "", "male", None))
    for i, (sex, born, known, year) in enumerate(stated):
        number = f"sex-{i}"
        fields = [(key, {"3110": sex, "3103": born}.get(key, text)) for key, text in person(number=number) if key != "3103" or born]
        for _ in range(2):  # asked for again it is the same person
            put(request(fields))
            said = look("--latest")
            assert "asks for" in said, (sex, said)
        found = [p for p in people() if p["label"].endswith(f"({number})")]
        assert [(p.get("sex"), p.get("birth_year")) for p in found] == [(known, year)], found
        if i == 1:  # what neither field has a form for is left out
            session = add("3.tfr", found[0]["client"])
            assert session in look()
            told, _ = read()
            assert "3110" not in told and "3103" not in told and told["3000"] == number, told


def hostile():
    good = request(person())
    bad = {
        "empty": b"", "no GDT": b"hello world\n" * 9, "cut": good[:-5], "more": good + b"x", "total": request(person(), total=99999),
        "another record": request(person(), kind="6301"), "no number": request([("9218", "02.10")]),
        "path": request(person(number="../../x")), "nul": request(person(family="a\0b")), "twice": request(person() + [("3000", "1")]),
        "long": request(person(family="x" * 900)), "long number": request(person(number="1" * 60)),
        "date": request([("9218", "02.10"), ("3000", "1"), ("3103", "31021970")]), "set": request(person(charset="9")),
        "version": request([("9218", "03.00"), ("3000", "1")]), "sex": request([("3000", "1"), ("3110", "7")]), "sexes": request([("3000", "1"), ("3110", "MW")]),
        "month": request([("3000", "1"), ("3103", "00131970")]), "year": request([("3000", "1"), ("3103", "00000003")]),
        "length 000": b"000" + good[3:], "length 999": b"999" + good[3:], "letters": b"0x3" + good[3:],
        "large": good + b"0" * 70000, "lines": line("8000", "6302", "ascii") + b"0096228\r\n" * 4000,
        "bytes": request(person(charset="1", family="M", given="A"), "1").replace(b"M", b"\xff"),
    }
    before = len(people())
    for what, data in bad.items():
        put(data)
        said = look("--latest")
        assert "refused" in said, (what, said)
        assert "ller" not in said and "31021970" not in said, (what, said)
        drop_refused(said, what)
    for make in (lambda p: os.symlink("/etc/passwd", p), os.mkfifo, os.mkdir):
        make(os.path.join(DESK, "TEFOEDV1.GDT"))
        assert "refused" in look("--latest")
        path = os.path.join(DESK, "TEFOEDV1.GDT.refused")
        os.unlink(path + ".txt")
        os.rmdir(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
    assert len(people()) == before, "a refused request added a person"
    control = request(person(number="99", family="A\x1b[31mB"))
    put(control)
    assert "\x1b" not in look() and not any("\x1b" in p["label"] for p in people())
    for name in ("notes.txt", "XXXXEDV1.GDT", "TEFOED.GDT", "EDV1TEFO.GDT"):
        put(good, name)
        assert look("--latest") == "" and shown() == [name]
        os.unlink(os.path.join(DESK, name))


def somebody_elses_number():
    """The same number with another year of birth or sex; nobody is named, nobody is answered."""
    for change in (("3103", "31031971"), ("3110", "1")):
        put(request([change if key == change[0] else (key, text) for key, text in person()]))
        said = look("--latest")
        assert "refused" in said and "another year of birth or sex" in said and "ller" not in said, said
        drop_refused(said)


def not_under_anothers_number(client):
    """What waits under an id is not answered with the number of somebody else."""
    waiting = os.path.join(DESK, ".tenderfoot-pending", "EDV1-" + client)
    with open(waiting, "wb") as file:
        file.write(request(person(number="47")))
    said = look("--latest")
    assert "cannot be answered" in said and shown() == [], said
    assert "its number is not that of" in open(waiting + ".failed.txt").read()
    os.unlink(waiting + ".failed.txt")
    os.unlink(waiting + ".failed")


def moved_aside_all_the_same(client):
    """A refused file of somebody else's is never removed, and moves aside also where its name is taken by what cannot be
    replaced; the others are answered."""
    os.makedirs(os.path.join(DESK, "TEFOEDV1.GDT.refused", "full"))
    for n in (2, 3):
        put(b"no GDT")
        with subprocess.Popen([TENDERFOOT, "gdt", "--watch", DESK], stdout=subprocess.PIPE) as process:
            assert b"refused" in process.stdout.readline()
            put(request(person()), "TEFOEDV2.GDT")
            assert client.encode() in process.stdout.readline()
            process.send_signal(signal.SIGINT)
            assert process.wait(300) == 0 and process.stdout.read() == b""
        assert f"TEFOEDV1.GDT.refused-{n}" in shown() and f"TEFOEDV1.GDT.refused-{n}.txt" in shown(), shown()
    for name in shown():
        if "-" in name:
            os.unlink(os.path.join(DESK, name))
    os.removedirs(os.path.join(DESK, "TEFOEDV1.GDT.refused", "full"))
    assert "answers" in look("--latest")
    read("EDV2TEFO.GDT")


def damaged_recording(client):
    """What cannot be answered does not keep the others."""
    for folder, _, names in os.walk(os.path.join(os.environ["TENDERFOOT_DATA"], "recordings")):
        for name in names:
            with open(os.path.join(folder, name), "r+b") as file:
                file.write(b"broken")
    put(request(person()))
    assert "cannot be answered" in look("--latest")
    assert any(name.endswith(".failed") for name in os.listdir(os.path.join(DESK, ".tenderfoot-pending")))
    assert look("--latest") == ""


os.mkdir(DESK)
tool("gdt", code=2)
tool("gdt", "--watch", DESK, "--short-name", "toolong", "--once", code=2)
tool("gdt", "--watch", DESK + "x", "--once", code=1)
who = ask_and_be_answered()
other_sets(who)
not_over_an_unfetched_one(who)
watch(who)
half_written()
hostile()
other_sexes_and_days()
somebody_elses_number()
not_under_anothers_number(who)
moved_aside_all_the_same(who)
damaged_recording(who)
print("gdt: asked and answered, in three character sets; hostile files refused")
