# SPDX-License-Identifier: GPL-3.0-or-later
"""formats_examples.py BIN: what the manual's pages of formats say, held against the programs. Each example in them is
taken; with one member spoilt it is refused by exit 3 and the member's name. Each option that takes such a file names
its page. A sealed copy is opened by its page alone."""
import copy
import ctypes
import ctypes.util
import datetime
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "support"))
from station import Station, split  # noqa: E402

BIN = sys.argv[1]
PAGES = dict(re.findall(r"^format (\S+) (\S+)$", open("driver/packaging/man.sh").read(), re.M))
SUBJECT = "tests/support/short_press.json"
folder = tempfile.TemporaryDirectory(prefix="formats.")
STAND = os.path.join(folder.name, "stand.tfr")
AGAIN = os.path.join(folder.name, "again.tfr")
TODAY = os.path.join(folder.name, "today.json")
# A screening holds for its day: where the station stands it is noon, so that no day ends meanwhile.
os.environ["TZ"] = f"NOON{time.gmtime().tm_hour - 12:+d}"
time.tzset()
NOW = datetime.datetime.now().astimezone().isoformat(timespec="seconds")


def run(*arguments):
    """(exit code, all that was said)"""
    done = subprocess.run([os.path.join(BIN, "tenderfoot"), *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=600)
    return done.returncode, done.stdout + done.stderr


made = 0


def new_file(name="recording.tfr"):
    global made
    made += 1
    return os.path.join(folder.name, f"{made}-{name}")


# --- Who reads what: by the schema, and what is said of a spoilt member ---------------------------

def press(file):
    return run("press", "--auto", "--stand-seconds", "0", "--device", "virtual:" + SUBJECT, "--tool", file, "--seed", "5", "--presses", "1",
               "--output", new_file())


def record(file):
    return run("record", "--device", "virtual:" + SUBJECT, "--seconds", "1", "--notes", file, "--output", new_file())


READERS = {
    "tenderfoot/atlas/1": lambda file: run("atlas", "--check", "--atlas", file),
    "tenderfoot/tools/1": press,
    "tenderfoot/norms/1": lambda file: run("analyze", STAND, "--norms", file),
    "tenderfoot/published-errors/1": lambda file: run("compare", STAND, AGAIN, "--published-errors", file),
    "tenderfoot/screening-questions/1": lambda file: run("screen", "--list", "--questions", file),
    "tenderfoot/screening/1": lambda file: run("screen", file),
    "tenderfoot/plan-rules/1": lambda file: run("plan", "--flat-foot", "--rules", file),
    "tenderfoot/left-over/1": lambda file: run("plan", STAND, "--screening", TODAY, "--left-over", file),
    "tenderfoot/subject/1": lambda file: run("simulate", "--subject", file, "--output", new_file()),
    "tenderfoot/annotation/1": record,
    "notes": record,
    "corrections": lambda file: run("analyze", STAND, "--correct", file),
    "bench": None,  # in recordings only: tests/test_bench_fit.c takes the lines of calib/README.md
}

# Path of the member, what is put there, what is said.
MISSING = object()
SPOILT = {
    "tenderfoot/atlas/1": [(["zones", 0, "class"], "elbow", '"class"'), (["zones", 0, "geometry", "half"], [0.9, 0.1], '"half"'),
                           (["zones", 0, "sources", 0, "cite"], "b2:17", '"cite"'), (["counts", "plantar"], 2, "counts"),
                           (["cm_mode"], MISSING, '"cm_mode"')],
    "tenderfoot/tools/1": [(["tools", 0, "tip_cm2"], 0.01, '"tip_cm2"'), (["tools", 0, "pitch_mm"], 20, '"pitch_mm"'),
                           (["tools", 0, "colour"], "red", '"colour"')],
    "tenderfoot/norms/1": [(["norms", 0, "number"], "shoe_size", '"number"'), (["norms", 0, "age_years"], [70, 18], '"age_years"'),
                           (["patterns", 0, "conditions", 0, "class"], "big", '"class"')],
    "tenderfoot/published-errors/1": [(["errors", 0, "within_person_95"], 0, "within_person_95"), (["errors", 0, "cite"], MISSING, "cite")],
    "tenderfoot/screening-questions/1": [(["questions", 0, "text"], 7, '"text"'), (["questions", 1, "unanswered"], "no", '"unanswered"'),
                                         (["questions", 1, "options", 1, "places"], "heel", '"places"'),
                                         (["questions", 1, "options", 1, "colour"], "red", "colour"), (["questions"], [], '"questions"')],
    "tenderfoot/screening/1": [(["date"], "today", '"date"'), (["person"], MISSING, '"person"'), (["mood"], "good", '"mood"'),
                               (["answers", "Q02"], "perhaps", "Q02")],
    "tenderfoot/plan-rules/1": [(["limits", "points_per_foot"], 2.5, '"points_per_foot"'), (["steps", 0, "phase"], MISSING, '"phase"'),
                                (["zones", 0, "finger"], MISSING, '"finger"'), (["zones", 0, "colour"], "red", "colour"),
                                (["courses", 0, "days"], "7", '"days"'), (["mat", "seconds"], [5, 4], '"seconds"'),
                                (["once_a_day", "cites"], [], '"cites"')],
    "tenderfoot/left-over/1": [(["left_over"], "P07 left", "left over")],
    "tenderfoot/subject/1": [(["person", "body_mass_kg"], "heavy", "body_mass_kg")],
    "tenderfoot/annotation/1": [(["press", "side"], "both", '"side"'), (["pres"], {}, '"pres"')],
    "notes": [(["feet", 1, "side"], "left", "both \"feet\""), (["note", "kind"], "spot", '"kind"'), (["at_s"], -1, '"at_s"'), (["subject", "foot_length_mm", "left"], 20, '"foot_length_mm"')],
    "corrections": [(["correct"], MISSING, '"correct"'), (["correct", 0, "y_mm"], 3e6, '"y_mm" is 3'),
                    (["correct", 0, "colour"], "red", '"colour"'), (["correct", 0, "side"], "up", '"side" is "up"'),
                    (["feet"], [{"side": "left"}] * 2, "both \"feet\" are left")],
    "bench": [],
}


def spoil(document, path, value):
    """A copy with the member put or taken away; None where the document has not what leads there."""
    document = copy.deepcopy(document)
    at = document
    for key in path[:-1]:
        if not (isinstance(at, list) or key in at):
            return None
        at = at[key]
    if value is MISSING:
        if path[-1] not in at:
            return None
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return document


def write(lines):
    path = new_file("example.json")
    with open(path, "w") as file:
        file.write("".join(line + "\n" for line in lines))
    return path


# --- Examples -------------------------------------------------------------------------------------

def kind_of(language, text):
    if language == "json":
        return json.loads(text)["schema"]
    first = next(json.loads(line) for line in text.splitlines() if line and line[0] != "#")
    return "corrections" if "correct" in first else "bench" if "bench" in first else "notes"


def examples():
    """(file, kind, lines): a whole JSON document is one line."""
    for path in PAGES.values():
        for language, text in re.findall(r"^```(json|jsonl)\n(.*?)^```$", open(path).read(), re.M | re.S):
            # A screening holds on its own day only.
            text = text.replace('"date": "2026-11-22T10:05:00+01:00"', f'"date": "{NOW}"')
            lines = [json.dumps(json.loads(text))] if language == "json" else text.splitlines()
            yield path, kind_of(language, text), lines


def try_example(path, kind, lines):
    reader = READERS[kind]  # an example that nobody reads is no example
    if not reader:
        return 0
    code, said = reader(write(lines))
    assert code == 0, (path, kind, code, said)
    assert "left out" not in said or kind != "corrections", said
    spoilt = 0
    for where, value, name in SPOILT[kind]:
        n = 0
        for i, line in enumerate(lines):
            document = None if line.startswith("#") else spoil(json.loads(line), where, value)
            if document is None or kind == "notes" and where[0] not in json.loads(line):
                continue
            code, said = reader(write([*lines[:i], json.dumps(document), *lines[i + 1:]]))
            assert code == 3 and name in said, (path, kind, where, code, said)
            n += 1
        assert n, (path, kind, where, "is not in the example")
        spoilt += n
    return spoilt


# --- Options --------------------------------------------------------------------------------------

# Files that are written, secrets, and recordings, which are no documents of a page.
OTHERS = {"output", "picture", "draw", "truth", "store-key", "store-passphrase", "key-file", "passphrase-file", "token-file", "url-file",
          "closed", "earlier", "stand", "recording", "check"}


def check_options():
    verbs = re.findall(r"^  ([a-z]+)  ", run("--help")[1], re.M)
    named = 0
    assert len(verbs) > 20, verbs
    for verb in verbs:
        said = run(verb, "--help")[1]
        for page in re.findall(r"tenderfoot-(\w+)\(5\)", said):
            assert page in PAGES, (verb, page, "is no page")
        for part in re.split(r"\n(?= +-)", said)[1:]:
            option = re.match(r" +(?:-\w, )?--([a-z-]+)=(\S+)", part)
            if not option or not re.search(r"\bFILE\b", option[2]) or option[1] in OTHERS:
                continue
            assert re.search(r"tenderfoot-\w+\(5\)", part), f"{verb} --{option[1]} names no page"
            named += 1
    assert named > 20, named
    return named


# --- A sealed copy, by its page alone ---------------------------------------------------------------

def open_sealed(path, key_of):
    """The files of a sealed copy: {path: bytes}."""
    sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
    assert sodium.sodium_init() >= 0
    stream = "crypto_secretstream_xchacha20poly1305_"
    state = ctypes.create_string_buffer(getattr(sodium, stream + "statebytes")())
    sealed = open(path, "rb").read()
    head, header, at = sealed[:32], sealed[32:56], 56
    assert head[:8] == b"TFSEAL1\n" and head[9:16] == bytes(7), head
    assert getattr(sodium, stream + "init_pull")(state, header, key_of(sodium, head[8], head[16:])) == 0
    plain, tag = b"", ctypes.c_ubyte(0)
    while tag.value != getattr(sodium, stream + "tag_final")():
        block = sealed[at:at + 65553]
        out, n = ctypes.create_string_buffer(65536), ctypes.c_ulonglong()
        with_head = (head, ctypes.c_ulonglong(32)) if at == 56 else (None, ctypes.c_ulonglong(0))
        assert getattr(sodium, stream + "pull")(state, out, ctypes.byref(n), ctypes.byref(tag), block,
                                                ctypes.c_ulonglong(len(block)), *with_head) == 0, "a block does not open"
        plain, at = plain + out.raw[:n.value], at + len(block)
    assert at == len(sealed)
    files, at = {}, 0
    while plain[at:at + 1] == b"f":
        length, = struct.unpack_from("<I", plain, at + 1)
        name = plain[at + 5:at + 5 + length].decode()
        size, = struct.unpack_from("<Q", plain, at + 5 + length)
        at += 13 + length
        files[name] = plain[at:at + size]
        at += size
    assert plain[at:] == b"e", plain[at:at + 20]
    return files


def by_file(key):
    def key_of(_, how, salt):
        assert how == 0
        return open(key, "rb").read()
    return key_of


def by_words(words):
    def key_of(sodium, how, salt):
        assert how == 1
        key = ctypes.create_string_buffer(32)
        assert sodium.crypto_pwhash(key, ctypes.c_ulonglong(32), words, ctypes.c_ulonglong(len(words)), salt, ctypes.c_ulonglong(3),
                                    ctypes.c_size_t(256 << 20), sodium.crypto_pwhash_alg_argon2id13()) == 0
        return key.raw
    return key_of


def check_sealed():
    source = os.path.join(folder.name, "plain")
    contents = {"a.txt": b"feet", "empty": b"", "deep/er/long.bin": os.urandom(200000)}
    for name, content in contents.items():
        os.makedirs(os.path.dirname(os.path.join(source, name)), exist_ok=True)
        with open(os.path.join(source, name), "wb") as file:
            file.write(content)
    key, words, sealed = new_file("key"), new_file("words"), [new_file("sealed"), new_file("sealed")]
    with open(words, "wb") as file:
        file.write(b"nobody guesses this\r\nnot of the passphrase\n")
    assert run("store", "new-key", key)[0] == 0
    assert run("store", "seal", source, sealed[0], "--key-file", key)[0] == 0
    assert run("store", "seal", source, sealed[1], "--passphrase-file", words)[0] == 0
    assert open_sealed(sealed[0], by_file(key)) == contents
    assert open_sealed(sealed[1], by_words(b"nobody guesses this")) == contents
    with open(sealed[0], "r+b") as file:
        file.seek(9)
        file.write(b"\1")
    code, said = run("store", "unseal", sealed[0], new_file("opened"), "--key-file", key)
    assert code == 3, (code, said)


# --- The station's interface ------------------------------------------------------------------------

def check_request():
    (text,) = re.findall(r"^```http\n(.*?)^```$", open(PAGES["api"]).read(), re.M | re.S)
    head, body = text.rstrip("\n").split("\n\n")
    assert f"Content-Length: {len(body)}" in head, len(body)
    station = Station(os.path.join(BIN, "tenderfootd"))
    try:
        head = re.sub(r"(Host: ).*", rf"\g<1>{station.host}", re.sub(r"(Token: ).*", rf"\g<1>{station.token}", head))

        def ask(head, body=body):
            head = re.sub(r"(Length: ).*", rf"\g<1>{len(body)}", head)
            status, _, content = split(station.raw((head.replace("\n", "\r\n") + "\r\n\r\n" + body).encode()))
            return status, json.loads(content)

        status, answer = ask(head)
        assert status == 200 and answer["schema"] == "tenderfoot/station-kept/1" and answer["id"], (status, answer)
        for pattern, put, wanted in ((r"(Host: ).*", r"\1else.example", 403), (r"(Token: ).*", r"\g<1>0f1e2d3c", 401),
                                     (r"X-Tenderfoot: 1\n", "", 403), (r"application/json", "text/plain", 415)):
            spoilt = re.sub(pattern, put, head)
            assert spoilt != head
            status, answer = ask(spoilt)
            assert status == wanted and answer["schema"] == "tenderfoot/problem/1", (pattern, status, answer)
        status, answer = ask(head, '{"label": "A-117", "birth_year": "long ago"}')
        assert status == 409 and "birth_year" in answer["problem"], (status, answer)
    finally:
        station.end()
        station.remove()


def main():
    code, said = run("simulate", "--subject", SUBJECT, "--output", STAND)
    assert code == 0, said
    code, said = run("simulate", "--subject", SUBJECT, "--seed", "2", "--output", AGAIN)
    assert code == 0, said
    answers = {f"Q{i:02}": "no" for i in range(2, 35)} | {"Q01": "1980-02-11", "Q26": "yes", "Q28": "yes", "Q30": "yes"}
    with open(TODAY, "w") as file:
        json.dump({"schema": "tenderfoot/screening/1", "person": "short press test", "operator": "B", "answers": answers,
                   "date": NOW}, file)
    found = list(examples())
    assert {kind for _, kind, _ in found} == set(READERS), {kind for _, kind, _ in found} ^ set(READERS)
    spoilt = sum(try_example(*one) for one in found)
    named = check_options()
    check_sealed()
    check_request()
    print(f"formats: {len(found)} examples taken, {spoilt} spoilt ones refused by name, {named} options name their page")


main()
