# SPDX-License-Identifier: GPL-3.0-or-later
"""A station as its page uses it: watch, zero, record, discard, a press test, report and exports; each
answer beside openapi.json, and the numbers beside the command line's.
serve_station.py BIN SUBJECT [quick]: all of it, and that nothing that is described was left unasked; `quick` without
the stories that reckon minutes of recordings again and again, which take a program with sanitizers very long."""
import base64
import datetime
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "support"))
from station import PATIENCE_S, Station, patient_person, standing_for  # noqa: E402

BIN, SUBJECT = sys.argv[1], sys.argv[2]
IS_QUICK = sys.argv[3:] == ["quick"]
ROOM = os.path.join(HERE, "..", "driver", "daemon")
PLATE = "/api/v1/plates/virtual-normal"
API = json.load(open(os.path.join(ROOM, "openapi.json")))

# --- openapi.json ------------------------------------------------------------------------------

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int,
         "number": (int, float)}


def is_type(value, name):
    return isinstance(value, TYPES[name]) and not (isinstance(value, bool) and name in ("integer", "number"))


def check(value, schema, where):
    """The part of JSON Schema that the description uses; what it does not name may not be there."""
    if "$ref" in schema:
        return check(value, API["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], where)
    if "anyOf" in schema:
        return check(value, schema["anyOf"][1 if value is None else 0], where)
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    assert not types or any(is_type(value, t) for t in types), (where, value, types)
    assert value == schema.get("const", value) and value in schema.get("enum", [value]), (where, value)
    if isinstance(value, dict) and "properties" in schema:
        for key in schema["required"]:
            assert key in value, f"{where} lacks {key}"
        for key, member in value.items():
            assert key in schema["properties"], f"{where}.{key} is not described"
            check(member, schema["properties"][key], f"{where}.{key}")
            if member is None and key + "_reason" in schema["properties"]:
                assert value.get(key + "_reason"), f"{where}.{key} is null without a reason"
    if isinstance(value, list):
        assert schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)), where
        for i, item in enumerate(value[:200]):
            check(item, schema["items"], f"{where}[{i}]")


def check_routes():
    """All that is served is described, and nothing else is."""
    routes = open(os.path.join(ROOM, "api_routes.c")).read()
    served = {(m.lower(), p) for m, p in re.findall(r'\{"(GET|POST)", "([^"]+)"', routes)}
    described = {(m, re.sub(r"\{\w+\}", "{}", p)) for p, methods in API["paths"].items() for m in methods}
    assert served == described, served ^ described


asked = set()


def for_the_page(s, status, refused):
    """A problem names no path of the station and no command: who reads it has neither."""
    said = refused["problem"].replace("/api/v1/", "")
    assert refused["code"] or status != 409, refused  # the page says it in its own language
    assert s.data not in said and not re.search(r"(^|[ '(])/\w|['`]tenderfoot |--[a-z]|\$TENDERFOOT|sudo ", said), refused


def without_paths(s, document, path):
    """Nothing that is told says where the station keeps its files, or where a plate's lie."""
    if isinstance(document, dict):
        document = document.values()
    if not isinstance(document, str):
        for part in document if hasattr(document, "__iter__") else ():
            without_paths(s, part, path)
        return
    assert s.folder not in document and tempfile.gettempdir() + "/" not in document, (path, document)


def call(s, path, body=None, status=200, **names):
    """Asks and holds the answer to its description."""
    method = "get" if body is None else "post"
    found, headers, content = s.ask(path.format(**names), body)
    described = API["paths"][path.split("?")[0]][method]["responses"]
    assert found == status, (path, found, content[:400])
    if found >= 400:
        for_the_page(s, found, json.loads(content))
    kind, wanted = next(iter(described[str(status)]["content"].items()))
    given = headers["content-type"].split(";")[0]
    if "?" not in path:
        assert given == kind, (path, given, kind)
    asked.add((method, path.split("?")[0]))
    if given != "application/json":
        return content
    document = json.loads(content)
    check(document, wanted["schema"], path)
    without_paths(s, document, path)
    return document


# --- Stories -----------------------------------------------------------------------------------


def cells_of(frame):
    cells = base64.b64decode(frame["cells"])
    assert len(cells) == frame["rows"] * frame["cols"]
    return sum(cells) * frame["kpa_per_step"] * 25e-3  # N of cells of 5 x 5 mm


def watch(s, since):
    """Force by the cells is the force that is told, after the first zero; two feet with all their zones
    come."""
    seen, feet = {"frame": 0, "feet": 0, "state": 0}, None
    events = API["paths"]["/api/v1/plates/{plate}/live"]["get"]["x-events"]
    asked.add(("get", "/api/v1/plates/{plate}/live"))
    for channel, document in s.events("virtual-normal"):
        seen[channel] += 1
        check(document, events[channel], channel)
        if channel == "state":
            without_paths(s, document, channel)
        if channel == "frame" and document["frames"] > since and document["force_n"] > 300:
            assert abs(cells_of(document) - document["force_n"]) < 0.1 * document["force_n"] + 20
            if feet and document["left_n"] and seen["state"]:
                both = document["left_n"] + document["right_n"]
                assert 0.8 * document["force_n"] < both <= 1.001 * document["force_n"]
                print(f"seen: {seen}")
                return feet
        if channel == "feet" and len(document["feet"]) == 2 and all(f["side"] for f in document["feet"]):
            feet = document["feet"]


def agree(s, person, *purposes, withdraw=False):
    for purpose in purposes:
        call(s, "/api/v1/clients/{client}/consent", {"purpose": purpose, "words": "yes", "withdraw": withdraw}, client=person)


def ask_first(s):
    """Nobody is recorded by name who is not known or has not agreed: the person, who has now."""
    person = call(s, "/api/v1/clients", {"label": "A <b>&\"x"})["id"]
    screened = {"client": person, "route": "short", "auto": True}
    wanted = {"seconds": 4, "client": person, "keep_zero": True}

    def refused(word, client=person):
        for way, body in (("record", wanted), ("press", screened)):
            said = call(s, "/api/v1/plates/{plate}/" + way, {**body, "client": client}, 409, plate="virtual-normal")
            assert word in said["problem"] and said["code"] in ("person_unknown", "no_consent_recording"), (way, said)

    refused("is no id of a person", "A <b>&\"x")
    refused("not agreed to being recorded")
    agree(s, person, "storing")
    refused("not agreed to being recorded")
    agree(s, person, "recording")
    agree(s, person, "recording", withdraw=True)
    refused("not agreed to being recorded")
    agree(s, person, "recording")
    return person


def record(s, person):
    call(s, "/api/v1/plates/{plate}/record", {"notes": ["wart everywhere"]}, 400, plate="virtual-normal")
    call(s, "/api/v1/plates/{plate}/record", {"notes": "wart left P07"}, 400, plate="virtual-normal")
    done = call(s, "/api/v1/plates/{plate}/record",
                {"seconds": 4, "client": person[:6], "notes": ["callus left P12 4mm hard"]}, plate="virtual-normal")
    again = call(s, "/api/v1/plates/{plate}/record", {}, 409, plate="virtual-normal")
    assert "recording" in again["problem"] and again["code"] == "plate_recording", again
    state = s.wait(PLATE, lambda p: p["last"] and p["last"]["name"] == done["recording"])
    assert state["last"]["problem"] is None and state["last"]["frames"] + state["last"]["lost_frames"] >= 400, state["last"]
    name = done["recording"]
    path = os.path.join(s.data, "inbox", name + ".tfr")
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert call(s, "/api/v1/recordings/{recording}/file", recording=name) == open(path, "rb").read()
    assert b"callus" in open(path, "rb").read() and person.encode() in open(path, "rb").read()  # the whole id
    return name, path


def tool(*arguments):
    return subprocess.run([os.path.join(BIN, "tenderfoot"), *arguments], check=True, capture_output=True).stdout


def reckon(s, name, path):
    """What the station reckons is what the command line reckons."""
    frames = json.loads(tool("verify", "--json", path))["frames"]
    # on a busy machine the plate itself may drop whole frames, and says so
    assert frames["sent"] == frames["delivered"] + frames["lost"] >= 400 and frames["delivered"] > 40 and frames["bad"] == 0, frames
    document = call(s, "/api/v1/recordings/{recording}/analysis", recording=name)
    alone = json.loads(tool("analyze", "--json", path))
    for of in (document, alone):
        of.get("recording", {}).pop("path", None)
    assert document == alone
    page = os.path.join(s.folder, "page.pdf")
    tool("report", path, "-o", page)
    assert call(s, "/api/v1/recordings/{recording}/report", recording=name) == open(page, "rb").read()
    for kind, magic in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        assert call(s, "/api/v1/recordings/{recording}/report?as=" + kind, recording=name).startswith(magic)
    npy = call(s, "/api/v1/recordings/{recording}/export?as=npy", recording=name)
    frames = os.path.join(s.folder, "frames.npy")
    tool("export", "--as", "npy", path, "-o", frames)
    assert npy == open(frames, "rb").read()
    for kind, at, magic in (("xlsx", 0, b"PK"), ("fhir", 0, b"{"), ("gdt", 0, b"01"), ("dicom", 128, b"DICM"), ("mat", 0, b"MATLAB")):
        made = call(s, "/api/v1/recordings/{recording}/export?as=" + kind, recording=name)
        made = made if isinstance(made, bytes) else b"{"
        assert magic in made[at:at + 12], (kind, made[:200])
    german = call(s, "/api/v1/recordings/{recording}/report?as=html&language=de", recording=name)
    assert "Belastung" in german.decode()
    policies = {}
    for path_of in ("/", f"/api/v1/recordings/{name}/report?as=html"):
        status, headers, _ = s.ask(path_of)
        policies[path_of] = str(headers).lower()
        assert status == 200, (path_of, status)
    ours, alone = policies.values()  # only the page that stands alone has its styles in it
    assert "style-src 'self'" in ours and "unsafe-inline" not in ours, ours
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in alone and "script-src" not in alone, alone
    call(s, "/api/v1/recordings/{recording}/report?language=la", status=400, recording=name)
    plan = call(s, "/api/v1/recordings/{recording}/plan", {}, recording=name)
    assert not plan["allowed"] and "screening" in plan["allowed_reason"], plan
    call(s, "/api/v1/recordings/{recording}/plan", {"complaints": ["wheels"]}, 400, recording=name)
    tool("export", "--as", "csv", path, "-o", os.path.join(s.folder, "tables"))
    for table in ("frames", "feet", "mean_pressure_kpa", "metadata"):
        with open(os.path.join(s.folder, "tables", table + ".csv"), "rb") as alone:
            assert call(s, "/api/v1/recordings/{recording}/tables/{table}", recording=name, table=table) == alone.read(), table
    assert not [left for left in os.listdir(s.data) if left.startswith(".export")]
    call(s, "/api/v1/recordings/{recording}/tables/{table}", status=404, recording=name, table="nothing")


def discard(s):
    s.wait(PLATE, lambda p: p["phase"] == "watching")
    assert s.json(PLATE)["health"]["is_zeroed"]
    done = call(s, "/api/v1/plates/{plate}/record", {"keep_zero": True}, plate="virtual-normal")
    s.wait(PLATE, lambda p: p["recording"] and p["recording"]["frames_in_file"] > 10)
    call(s, "/api/v1/recordings/{recording}/discard", {}, 409, recording=done["recording"])  # its file is the plate's
    call(s, "/api/v1/recordings/{recording}", recording=done["recording"])
    call(s, "/api/v1/plates/{plate}/discard", {}, plate="virtual-normal")
    state = s.wait(PLATE, lambda p: p["last"]["name"] == done["recording"])
    assert state["last"]["discarded"] and not state["last"]["has_file"]
    call(s, "/api/v1/recordings/{recording}", status=404, recording=done["recording"])
    s.wait(PLATE, lambda p: p["phase"] == "watching")
    unwanted = call(s, "/api/v1/plates/{plate}/record", {"keep_zero": True, "seconds": 0.5}, plate="virtual-normal")["recording"]
    s.wait(PLATE, lambda p: p["last"]["name"] == unwanted and p["phase"] == "watching")
    call(s, "/api/v1/recordings/{recording}/discard", {}, recording=unwanted)
    call(s, "/api/v1/recordings/{recording}/discard", {}, 404, recording=unwanted)
    call(s, "/api/v1/plates/{plate}/stop", {}, 409, plate="virtual-normal")
    call(s, "/api/v1/plates/{plate}/key", {"key": "go"}, 409, plate="virtual-normal")
    call(s, "/api/v1/plates/{plate}/key", {"key": "jump"}, 400, plate="virtual-normal")


def stay_empty(s):
    """Who stands on a plate is not zeroed away."""
    s.wait(PLATE, lambda p: p["phase"] == "watching")
    next(frame for channel, frame in s.events("virtual-normal") if channel == "frame" and (frame["force_n"] or 0) > 300)
    refused = call(s, "/api/v1/plates/{plate}/zero", {}, 409, plate="virtual-normal")
    assert re.search(r"presses on the plate virtual-normal with \d\d\d N.*Everybody steps off", refused["problem"]), refused
    assert refused["code"] == "plate_loaded", refused
    assert s.json(PLATE)["phase"] == "watching"


def press(s):
    """A press test begins, takes a key, and ends when it is stopped; nobody else is let in."""
    call(s, "/api/v1/plates/{plate}/zero", {"anyway": True}, plate="virtual-normal")
    s.wait(PLATE, lambda p: p["phase"] == "watching")
    done = call(s, "/api/v1/plates/{plate}/press", {"route": "short", "chosen": ["kidneys"], "stand_s": 0},
                plate="virtual-normal")
    state = s.wait(PLATE, lambda p: p["press"] and p["press"]["phase"] in ("sit", "test"))
    check(state, API["components"]["schemas"]["State"], "state")
    call(s, "/api/v1/plates/{plate}/key", {"key": "go"}, plate="virtual-normal")
    state = s.wait(PLATE, lambda p: p["press"]["cue"] and p["press"]["cue"]["say"])
    s.wait(PLATE, lambda p: p["recording"]["frames"] > 0 and p["recording"]["elapsed_s"] > 0)
    check(state, API["components"]["schemas"]["State"], "state")
    call(s, "/api/v1/plates/{plate}/stop", {}, plate="virtual-normal")
    state = s.wait(PLATE, lambda p: p["last"]["name"] == done["recording"])
    assert state["last"]["has_file"] and state["last"]["protocol"] == "press", state["last"]


def press_mat(s):
    """A mat is led too: where it and the foot go fits its description."""
    s.wait(PLATE, lambda p: p["phase"] == "watching")
    call(s, "/api/v1/plates/{plate}/press", {"tool": "mat", "stand_s": 0}, plate="virtual-normal")
    press = s.wait(PLATE, lambda p: p["press"] and p["press"]["phase"] == "sit" and p["press"]["cue"])["press"]
    check(press, API["components"]["schemas"]["Press"], "press")
    standing = press["cue"]["standing"]
    assert press["tool_kind"] == "mat" and standing["mat_stud_x_mm"] > 0 and standing["heel_y_mm"] > 0, press
    assert standing["region"] is None and standing["wanted_share_percent_reason"], standing
    call(s, "/api/v1/plates/{plate}/discard", {}, plate="virtual-normal")
    s.wait(PLATE, lambda p: p["phase"] == "watching")


def well_person(s, person):
    """Answers that forbid nothing: the first one of each question."""
    questions = call(s, "/api/v1/questions")["questions"]
    answers = {q["id"]: "1970-01-01" if q["kind"] == "date" else q["options"][0]["answer"] for q in questions}
    now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    return {"schema": "tenderfoot/screening/1", "person": person, "operator": "station", "date": now, "answers": answers}


def plan_by_newest(s, person, session):
    """The answers that the store has of the person lead a plan; newer ones that stop it do so whatever is asked with."""
    before = well_person(s, person)
    assert call(s, "/api/v1/sessions/{session}/plan", {}, session=session)["allowed"]
    at = (datetime.datetime.now().astimezone() + datetime.timedelta(seconds=2)).isoformat(timespec="seconds")
    call(s, "/api/v1/clients/{client}/screening", {**before, "date": at, "answers": {**before["answers"], "Q02": "yes"}}, client=person)
    for given in ({}, {"screening": before}):
        plan = call(s, "/api/v1/sessions/{session}/plan", given, session=session)
        assert not plan["allowed"] and "Come back when well" in plan["allowed_reason"], plan
    old = {**before, "date": "2020-01-01T10:00:00Z"}
    assert call(s, "/api/v1/sessions/{session}/plan", {"screening": old}, 409, session=session)["code"] == "screening_old"


def keep(s, name, recorded):
    """A recording becomes somebody's; what hangs on it hangs on the session too; erased, it is gone."""
    page = call(s, "/api/v1/recordings/{recording}/report", recording=name)
    sway = call(s, "/api/v1/recordings/{recording}/sway", recording=name, status=200 if sways(s, name) else 409)
    person = recorded
    another = call(s, "/api/v1/clients", {"label": "Opened meanwhile"})["id"]
    call(s, "/api/v1/clients", {"label": "x", "nonsense": 1}, 409)
    call(s, "/api/v1/clients/{client}/edit", {"label": "Müller, Änne", "birth_year": 1970, "sex": "female"}, client=person)
    agree(s, another, "storing")
    agree(s, person, "storing", withdraw=True)
    said = call(s, "/api/v1/clients/{client}/sessions", {"recording": name}, 409, client=another)
    assert said["code"] == "recording_of_another", said
    said = said["problem"]
    assert "of another person" in said and person in said and another in said, said
    said = call(s, "/api/v1/clients/{client}/sessions", {"recording": name}, 409, client=person)
    assert "not agreed to recordings being stored" in said["problem"] and said["code"] == "no_consent_storing", said
    agree(s, person, "storing")
    call(s, "/api/v1/clients/{client}/note", {"text": "a note"}, client=person)
    assert call(s, "/api/v1/clients/{client}/note", {"text": " "}, 400, client=person)["code"] == "note_empty"
    call(s, "/api/v1/clients/{client}/screening", {"schema": "nonsense"}, 409, client=person)
    answers = well_person(s, person)
    judged = call(s, "/api/v1/clients/{client}/screening", answers, client=person)
    assert judged["screening"]["press_allowed"] == {"left": True, "right": True}, judged
    assert "1970-01-01" in json.dumps(call(s, "/api/v1/clients/{client}", client=person)["screenings"])
    assert call(s, "/api/v1/screening", answers) == judged
    call(s, "/api/v1/screening", {}, 409)
    found = call(s, "/api/v1/clients/search", {"search": "müller"})
    assert person in json.dumps(found), found
    kept = call(s, "/api/v1/clients/{client}/sessions", {"recording": name}, client=person)
    session = kept["id"]
    assert kept["inbox_problem"] is None, kept
    call(s, "/api/v1/clients/{client}/sessions", {"recording": name}, 409, client=person)
    call(s, "/api/v1/recordings/{recording}", status=404, recording=name)
    assert session in json.dumps(call(s, "/api/v1/clients/{client}/sessions", client=person))
    assert "a note" in json.dumps(call(s, "/api/v1/clients/{client}", client=person))
    call(s, "/api/v1/sessions/{session}", session=session)
    assert person in pdf_words(page)
    identity(s, session, person)
    stay_unknown(s, session, person)
    call(s, "/api/v1/sessions/{session}/analysis", session=session)
    call(s, "/api/v1/sessions/{session}/sway", session=session, status=200 if "schema" in sway and "problem" not in sway else 409)
    call(s, "/api/v1/sessions/{session}/plan", {"short": True, "complaints": ["kidneys"], "aim": "relax"}, session=session)
    call(s, "/api/v1/sessions/{session}/plan", {"aim": "sleep"}, 400, session=session)
    refused = call(s, "/api/v1/sessions/{session}/plan", {"screening": well_person(s, another)}, 409, session=session)
    assert refused["code"] == "screening_of_another", refused
    plan_by_newest(s, person, session)
    call(s, "/api/v1/sessions/{session}/file", session=session)
    call(s, "/api/v1/sessions/{session}/export?as=lst", session=session)
    call(s, "/api/v1/sessions/{session}/tables/{table}", session=session, table="feet")
    if not IS_QUICK:
        told(compare, s, person)
    s.json(f"/api/v1/clients/{person}/trend?number=mean_force_n")
    asked.add(("get", "/api/v1/clients/{client}/trend"))
    take_away(s, person)
    call(s, "/api/v1/clients/{client}/erase", {}, client=person)
    call(s, "/api/v1/clients/{client}/erase", {}, client=another)
    call(s, "/api/v1/sessions/{session}/report", session=session, status=404)
    for folder, _, names in os.walk(s.data):
        for file in names:
            content = open(os.path.join(folder, file), "rb").read()
            assert "Müller".encode() not in content and b"A <b>" not in content, file


def take_away(s, person):
    """Everything of the person in one archive, opened by other software: what the verb's folder has, byte for byte; the
    log of accesses has grown by this one. Who fetches a part of it and leaves keeps nobody from the next."""
    folder = os.path.join(s.folder, "taken")
    tool("clients", "export", person, folder, "--data", s.data)
    with s.connect() as gone:
        gone.sendall(f"GET /api/v1/clients/{person}/export HTTP/1.1\r\nHost: {s.host}\r\nX-Tenderfoot-Token: {s.token}\r\n\r\n".encode())
        assert b" 200 " in gone.recv(200)
        told = s.ask(f"/api/v1/clients/{person}/export")
        assert told[0] in (200, 409), told  # one at a time, when the first is not through yet
    end = time.monotonic() + 60
    while (answer := s.ask(f"/api/v1/clients/{person}/export"))[0] == 409:
        assert time.monotonic() < end, answer
    status, headers, _ = answer
    assert status == 200 and headers["content-disposition"] == f'attachment; filename="{person}.zip"', headers
    with zipfile.ZipFile(io.BytesIO(call(s, "/api/v1/clients/{client}/export", client=person))) as archive:
        assert archive.testzip() is None
        inside = {name: archive.read(name) for name in archive.namelist()}
        assert all(one.date_time[0] >= 2026 and one.external_attr >> 16 & 0o777 == 0o600 for one in archive.infolist())
    outside = {}
    for path, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(path, name), "rb") as file:
                outside[os.path.join(person, os.path.relpath(path, folder), name).replace("/./", "/")] = file.read()
    accesses = person + "/access.json"
    before, after = (json.loads(of.pop(accesses)) for of in (outside, inside))
    assert inside == outside and sum(name.endswith(".tfr") for name in inside) > 0, (sorted(inside), sorted(outside))
    assert len(after) > len(before) and all(row in after for row in before), (before, after)
    for one in ("pzzzz", "p" + 16 * "z", "x"):
        assert call(s, "/api/v1/clients/{client}/export", status=404, client=one)["code"] == "person_unknown"
        assert call(s, "/api/v1/clients/{client}", status=404, client=one)["code"] == "person_unknown"
        assert call(s, "/api/v1/clients/{client}/note", {"text": "x"}, status=404, client=one)["code"] == "person_unknown"
        assert call(s, "/api/v1/sessions/{session}/analysis", status=404, session=one)["code"] == "session_unknown"
    refuse_values(s, person)
    call(s, "/api/v1/clients", {"label": None}, 400)
    call(s, "/api/v1/clients", {"birth_year": 1970}, 400)


def refuse_values(s, person):
    """What the store does not take has a name for each reason."""
    of = "/api/v1/clients/{client}"
    for path, body, code in (
            ("/edit", {"birth_year": 1}, "value_wrong"), ("/edit", {"birth_year": "1970"}, "value_wrong"), ("/edit", {"sex": "x"}, "value_wrong"),
            ("/edit", {"nonsense": 1}, "value_wrong"), ("/edit", {"label": "x" * 2000}, "text_too_long"), ("/edit", {"label": "a\u001bb"}, "text_not_plain"),
            ("/consent", {"purpose": "dancing", "words": "yes"}, "purpose_unknown"),
            ("/consent", {"purpose": "research", "words": "", "withdraw": True}, "no_such_consent"),
            ("/screening", {"schema": "nonsense"}, "screening_wrong")):
        refused = call(s, of + path, body, 409, client=person)
        assert refused["code"] == code, (path, body, refused)
    refused = call(s, of + "/trend?number=nonsense", status=409, client=person)
    assert refused["code"] == "number_unknown", refused


def pdf_words(pdf):
    return subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, check=True, capture_output=True).stdout.decode()


def identity(s, session, person):
    """Report and documents name the person as the practitioner did; other software reads it out of them."""
    import pydicom
    page = pdf_words(call(s, "/api/v1/sessions/{session}/report?language=de", session=session))
    assert "Müller, Änne" in page and "Belastung" in page and person not in page, page[:400]
    export = "/api/v1/sessions/{session}/export?language=de&as="
    bundle = json.loads(call(s, export + "fhir", session=session))
    of = {entry["resource"]["resourceType"]: entry["resource"] for entry in bundle["entry"]}
    patient = of["Patient"]
    assert patient["name"] == [{"family": "Müller", "given": ["Änne"]}] and patient["gender"] == "female", patient
    assert patient["birthDate"] == "1970-01-01", patient  # of the screening; the store has the year
    inside = pdf_words(base64.b64decode(of["DiagnosticReport"]["presentedForm"][0]["data"]))
    assert "Müller, Änne" in inside and "Belastung" in inside, inside[:400]
    dicom = os.path.join(s.folder, "a.dcm")
    open(dicom, "wb").write(call(s, export + "dicom", session=session))
    read = pydicom.dcmread(dicom)
    assert (str(read.PatientName), read.PatientBirthDate, read.PatientSex) == ("Müller^Änne", "19700101", "F"), read
    assert "Belastung" in pdf_words(bytes(read.EncapsulatedDocument))
    assert "3000" not in gdt_fields(call(s, export + "gdt", session=session))  # no number is known, and an id is not cut
    call(s, "/api/v1/clients/{client}/edit", {"label": "Müller, Änne (4711)"}, client=person)
    fields = gdt_fields(call(s, export + "gdt", session=session))
    assert [fields[f] for f in ("3000", "3101", "3102", "3103", "3110")] == ["4711", "Müller", "Änne", "01011970", "2"], fields


def stay_unknown(s, session, person):
    """Documents that do not tell who it is: the same each time, by one code, and without any identifier of those that do."""
    import pydicom
    path = "/api/v1/sessions/{session}/export?as="
    hidden = "&pseudonymous=1"

    def documents(way):
        return {kind: call(s, path + kind + way, session=session) for kind in ("fhir", "dicom", "gdt", "xlsx")}

    def identifiers(made):
        bundle = json.loads(made["fhir"])
        found = {i["value"] for e in bundle["entry"] for i in e["resource"].get("identifier", [])} | {bundle["id"]}
        found |= {e["resource"]["id"] for e in bundle["entry"]}
        found |= {urn.removeprefix("urn:uuid:") for urn in re.findall(r'"(?:fullUrl|reference)": "([^"]+)"', made["fhir"].decode())}
        read = pydicom.dcmread(io.BytesIO(made["dicom"]))
        assert read.file_meta.MediaStorageSOPInstanceUID == read.SOPInstanceUID
        return found | {read.SOPInstanceUID, read.StudyInstanceUID, read.SeriesInstanceUID, read.PatientID}

    named, unknown = documents(""), documents(hidden)
    assert documents(hidden) == unknown, "not the same bytes"
    assert len(identifiers(named)) > 7 and not identifiers(named) & identifiers(unknown), identifiers(named) & identifiers(unknown)
    bundle = json.loads(unknown["fhir"])
    patient, report = (next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind)
                       for kind in ("Patient", "DiagnosticReport"))
    code = patient["identifier"][0]["value"]
    assert re.fullmatch("x[0-9a-f]{16}", code) and "name" not in patient and "birthDate" not in patient, patient
    read = pydicom.dcmread(io.BytesIO(unknown["dicom"]))
    assert read.PatientID == code and not str(read.PatientName).strip("^") and not read.PatientBirthDate, read
    book = zipfile.ZipFile(io.BytesIO(unknown["xlsx"]))
    told = {"fhir": json.dumps(bundle), "its report": pdf_words(base64.b64decode(report["presentedForm"][0]["data"])),
            "dicom": str(read), "its report, too": pdf_words(bytes(read.EncapsulatedDocument)), "gdt": unknown["gdt"].decode("latin-1"),
            "xlsx": "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist()),
            "report": pdf_words(call(s, "/api/v1/sessions/{session}/report?pseudonymous=1", session=session))}
    for where, words in told.items():
        assert person not in words and "ller, " not in words and "(4711" not in words, where
        assert code in words or where == "gdt", where  # it has no room for it
    call(s, path + "hdf5" + hidden, status=400, session=session)
    # Who asks for such a document and cannot have one gets none that tells it.
    call(s, path + "fhir&pseudonymous=yes", status=400, session=session)
    for of_inbox in ("export?as=fhir", "report?as=pdf"):
        call(s, "/api/v1/recordings/{recording}/" + of_inbox + hidden, status=400, recording="not-kept-yet")


def eyes(s):
    """Two stands of one test, eyes open and closed: kept as what they are, and Romberg's quotient beside either."""
    person = call(s, "/api/v1/clients", {"label": "Balance"})["id"]
    agree(s, person, "recording")
    agree(s, person, "storing")
    sessions = []
    for condition in ("eyes_open", "eyes_closed"):
        s.wait(PLATE, lambda p: p["phase"] == "watching")
        name = call(s, "/api/v1/plates/{plate}/record", {"protocol": "sway", "condition": condition, "seconds": 8, "keep_zero": True, "client": person},
                    plate="virtual-normal")["recording"]
        s.wait(PLATE, lambda p: p["last"] and p["last"]["name"] == name and p["phase"] == "watching")
        header = call(s, "/api/v1/recordings/{recording}", recording=name)["header"]
        assert (header["protocol"], header["condition"]) == ("sway", condition), header
        sessions.append(call(s, "/api/v1/clients/{client}/sessions", {"recording": name}, client=person)["id"])
        alone = call(s, "/api/v1/sessions/{session}/romberg", session=sessions[0]) if len(sessions) == 1 else None
        assert not alone or alone["mean_velocity_quotient"] is None, alone
    for wrong in ({"protocol": "sway", "condition": "asleep"}, {"protocol": "stand", "condition": "eyes_open"}):
        call(s, "/api/v1/plates/{plate}/record", wrong, 400, plate="virtual-normal")
    listed = s.json(f"/api/v1/clients/{person}/sessions")["sessions"]
    assert [(one["protocol"], one["condition"]) for one in listed] == [("sway", "eyes_closed"), ("sway", "eyes_open")], listed
    recording = call(s, "/api/v1/sessions/{session}/analysis", session=sessions[1])["recording"]
    assert (recording["protocol"], recording["condition"]) == ("sway", "eyes_closed"), recording
    for number, n in (("eyes_open", 1), ("eyes_closed", 1), ("unstated", 0)):
        points = s.json(f"/api/v1/clients/{person}/trend?number=mean_force_n:{number}")["points"]
        assert len(points) == n, (number, points)
    speeds = [s.json(f"/api/v1/sessions/{one}/sway")["rd"]["mean_velocity_mm_s"] for one in sessions]
    quotients = [call(s, "/api/v1/sessions/{session}/romberg", session=one) for one in sessions]
    assert quotients[0] == quotients[1] and quotients[0]["open_session"] == sessions[0], quotients
    assert abs(quotients[0]["mean_velocity_quotient"] - speeds[1] / speeds[0]) < 1e-9, (quotients, speeds)
    page = pdf_words(call(s, "/api/v1/sessions/{session}/report", session=sessions[1]))
    assert "Romberg quotient" in page and "standing, eyes closed" in page and "Balance" in page, page
    of = "/api/v1/sessions/{session}/compare/{other}"
    change = call(s, of, session=sessions[0], other=sessions[1])["sway"]["rd"]["mean_velocity_mm_s"]
    assert change["change"] is None and change["is_beyond_measuring_error"] is None, change
    german = call(s, of + "?language=de", session=sessions[0], other=sessions[1])
    assert "Augen" in json.dumps(german["sway"]) and "eyes" not in json.dumps(german["sway"]), german["sway"]
    call(s, of + "?language=la", status=400, session=sessions[0], other=sessions[1])
    refused = call(s, of, status=409, session=sessions[1], other=sessions[0])
    assert refused["code"] == "sessions_backwards" and "other way round" in refused["problem"], refused
    call(s, "/api/v1/sessions/{session}/report?compare_with=" + sessions[1], status=409, session=sessions[0])
    page = pdf_words(call(s, "/api/v1/sessions/{session}/report?compare_with=" + sessions[0], session=sessions[1]))
    assert "Compared with an earlier recording" in page, page
    call(s, "/api/v1/sessions/{session}/report?compare_with=szzzz", status=404, session=sessions[1])
    call(s, "/api/v1/clients/{client}/erase", {}, client=person)


def tested(s, person, seed, day):
    """A press test of three zones, kept as the person's: its file. P07 of the left foot is tender."""
    subject = {"schema": "tenderfoot/subject/1", "person": {"label": person, "sex": "male", "body_mass_kg": 74.9},
               "feet": [{"side": "left", "length_mm": 256, "place": {"x_mm": 162, "y_mm": 108, "angle_deg": -6}},
                        {"side": "right", "length_mm": 258, "place": {"x_mm": 316, "y_mm": 110, "angle_deg": 8}}],
               "thresholds": {"base_kpa": {"toe": 180, "ball": 190, "arch": 160, "heel": 210}, "planted": [{"zone": "P07", "side": "left", "factor": 0.5}]},
               "answers": {"miss_rate": 0, "false_rate": 0}, "plate": {"serial": "VIRTUAL-E"},
               "protocol": {"stand_s": 4, "press": {"route": ["P07", "P09", "P12"], "catch_trials": 1, "rest_s": 1, "tool": {"tip_cm2": 1}, "ramp_kpa_s": 45}}}
    path = os.path.join(s.folder, f"tested{seed}")
    json.dump(subject, open(path + ".json", "w"))
    tool("simulate", "--subject", path + ".json", "--seed", str(seed), "--created", day, "-o", path + ".tfr")
    return path + ".tfr", json.loads(tool("sessions", "add", path + ".tfr", "--person", person, "--data", s.data, "--json"))["session"]


def confirm(s):
    """The person's press test before counts with the next one: in the result as the verb has it, and when a new one is led."""
    person = call(s, "/api/v1/clients", {"label": "Twice"})["id"]
    agree(s, person, "recording", "storing")
    old, _ = tested(s, person, 3, "2026-04-14T09:00:00Z")
    new, session = tested(s, person, 4, "2026-05-14T09:00:00Z")
    german = call(s, "/api/v1/sessions/{session}/analysis?language=de", session=session)
    both = json.loads(tool("analyze", "--json", new, "--earlier", old))
    assert german["earlier_sessions"] == both["earlier_sessions"] == 1 and both["flags"], both
    assert [(f["zone"], f["side"], f["level"]) for f in german["flags"]] == [(f["zone"], f["side"], f["level"]) for f in both["flags"]]
    assert german["flags"][0]["why"] != both["flags"][0]["why"] and german["not_tested"][0]["why"] != both["not_tested"][0]["why"], german["flags"]
    for more, wanted in (({}, "The press test before of this person counts too."), ({"earlier": False}, None)):
        s.wait(PLATE, lambda p: p["phase"] == "watching")
        with ThreadPoolExecutor(4) as pool:  # reckoned one at a time; a command waits for none of it
            reckoned = [pool.submit(s.ask, f"/api/v1/sessions/{session}/analysis") for _ in range(4)]
            while not any(one.running() for one in reckoned):
                pass
            done = call(s, "/api/v1/plates/{plate}/press", {"route": "chosen", "chosen": ["P07"], "stand_s": 0, "client": person, **more}, plate="virtual-normal")
            assert more or not all(one.done() for one in reckoned), "the command waited for the analyses"
        state = s.wait(PLATE, lambda p: p["press"] and p["press"]["phase"] in ("sit", "test"))
        assert state["press"]["earlier"] == wanted, state["press"]
        call(s, "/api/v1/plates/{plate}/discard", {}, plate="virtual-normal")
        s.wait(PLATE, lambda p: p["last"] and p["last"]["name"] == done["recording"] and p["phase"] == "watching")
    call(s, "/api/v1/clients/{client}/erase", {}, client=person)


def gdt_fields(record):
    """The first of each field, by the lengths of the lines."""
    fields, at = {}, 0
    while at < len(record):
        length = int(record[at:at + 3])
        fields.setdefault(record[at + 3:at + 7].decode(), record[at + 7:at + length - 2].decode("latin-1"))
        at += length
    return fields


def compare(s, person):
    """Two stands that the command line brought: what the station says is what the verb says; one beside
    itself is no comparison."""
    subject = standing_for(12, SUBJECT, s.data)
    ids, files = [], [os.path.join(s.data, f"stand{i}.tfr") for i in range(2)]
    for i, file in enumerate(files):
        tool("simulate", "-s", subject, "--seed", str(i + 1), "-o", file)
        ids.append(json.loads(tool("sessions", "add", file, "--person", person, "--data", s.data, "--json"))["session"])
    of = "/api/v1/sessions/{session}/compare/{other}"
    document = call(s, of, session=ids[0], other=ids[1])
    assert document == json.loads(tool("compare", *files, "--json"))
    assert document == json.loads(tool("compare", *ids, "--data", s.data, "--json"))
    for more, pair in (("", (ids[0], ids[0])), ("", (ids[0], ids[0][:12])), ("?repeat=" + ids[0], ids), ("?repeat=" + ids[1], ids)):
        refused = call(s, of + more, status=409, session=pair[0], other=pair[1])
        assert refused["code"] == "same_session" and "stands twice" in refused["problem"], refused
    zones = document["tenderness"]
    assert zones["gained"] + zones["lost"] + zones["unchanged"] + zones["not_comparable"] == len(zones["zones"])
    assert b"<svg" in call(s, of + "/picture", session=ids[0], other=ids[1])
    call(s, of + "/picture?as=gif", status=400, session=ids[0], other=ids[1])
    call(s, of + "/picture?as=html", status=400, session=ids[0], other=ids[1])
    another = call(s, "/api/v1/clients", {"label": "Another"})["id"]
    agree(s, another, "storing")
    files.append(os.path.join(s.data, "stand2.tfr"))
    tool("simulate", "-s", subject, "--seed", "3", "-o", files[2])
    theirs = json.loads(tool("sessions", "add", files[2], "--person", another, "--data", s.data, "--json"))["session"]
    call(s, of, status=409, session=ids[0], other=theirs)
    call(s, of + "?repeat=" + theirs, status=409, session=ids[0], other=ids[1])
    call(s, of, status=404, session=ids[0], other="szzzz")
    for file in (*files, subject):
        os.unlink(file)


def leave_unkept(s):
    """What was recorded of somebody and never kept goes with the person, and is counted; another's stays."""
    ids = [call(s, "/api/v1/clients", {"label": label})["id"] for label in ("Gone", "Stays")]
    names = []
    for person in ids:
        agree(s, person, "recording")
        s.wait(PLATE, lambda p: p["phase"] == "watching")
        names.append(call(s, "/api/v1/plates/{plate}/record", {"seconds": 0.5, "keep_zero": True, "client": person}, plate="virtual-normal")["recording"])
        s.wait(PLATE, lambda p: p["last"]["name"] == names[-1])
    told = call(s, "/api/v1/clients/{client}/erase", {}, client=ids[0])
    assert told["recordings"] == 1 and not told["recordings_unreadable"], told
    for folder, _, files in os.walk(os.path.join(s.data, "inbox")):
        for file in files:
            assert ids[0].encode() not in open(os.path.join(folder, file), "rb").read(), file
    call(s, "/api/v1/recordings/{recording}", status=404, recording=names[0])
    call(s, "/api/v1/recordings/{recording}", recording=names[1])


def heed_screening(s):
    """Today's screening in the store: who may not stand is not recorded standing, swaying or walking; the newest one
    holds, and what it asks besides goes into the recording."""
    person = call(s, "/api/v1/clients", {"label": "Open wound"})["id"]
    call(s, "/api/v1/clients/{client}/consent", {"purpose": "recording", "words": "yes"}, client=person)
    answers = well_person(s, person)
    answers["answers"]["Q15"] = {"answer": "open", "side": "left"}
    judged = call(s, "/api/v1/clients/{client}/screening", answers, client=person)["screening"]
    assert judged["stand_allowed"] == {"left": False, "right": True} and "Q15" in judged["no_standing"], judged
    wanted = {"keep_zero": True, "seconds": 0.5, "client": person}
    for protocol in ("stand", "sway", "walk"):
        refused = call(s, "/api/v1/plates/{plate}/record", dict(wanted, protocol=protocol), 409, plate="virtual-normal")
        assert "both feet" in refused["problem"] and "Q15" in refused["problem"], refused
    healed = well_person(s, person)
    healed["date"] = (datetime.datetime.now() + datetime.timedelta(seconds=2)).astimezone().isoformat(timespec="seconds")
    healed["heel_pain_walking"] = "left"
    assert call(s, "/api/v1/clients/{client}/screening", healed, client=person)["screening"]["no_standing"] is None
    name = call(s, "/api/v1/plates/{plate}/record", wanted, plate="virtual-normal")["recording"]
    s.wait(PLATE, lambda p: p["last"]["name"] == name and p["phase"] == "watching")
    assert b'"heel_pain_walking":"left"' in open(os.path.join(s.data, "inbox", name + ".tfr"), "rb").read()
    refuse_press(s, person, healed)
    call(s, "/api/v1/clients/{client}/erase", {}, client=person)


def refuse_press(s, person, well):
    """Newer answers in the store hold, whatever a request brings; whom its answers are of is whom the test is of."""
    pressed = {"route": "short", "chosen": ["kidneys"], "stand_s": 0}

    def refused(**more):
        return call(s, "/api/v1/plates/{plate}/press", {**pressed, **more}, 409, plate="virtual-normal")["problem"]

    older = {**well_person(s, person), "date": well["date"][:11] + "00:00:00" + well["date"][19:]}
    assert "newer ones" in refused(client=person, screening=older)
    stopped = well_person(s, person)
    stopped["date"] = well["date"][:11] + "23:59:59" + well["date"][19:]
    stopped["answers"]["Q04"] = "yes"
    judged = call(s, "/api/v1/clients/{client}/screening", stopped, client=person)["screening"]
    assert judged["press_allowed"] == {"left": False, "right": False}, judged
    for more in ({}, {"screening": well}, {"screening": stopped}):
        said = refused(client=person, **more)
        assert "no press test" in said and "newest answers" in said, said
    agree(s, person, "recording", withdraw=True)
    assert "not agreed to being recorded" in refused(screening=well)


def sways(s, name):
    return s.ask(f"/api/v1/recordings/{name}/sway")[0] == 200


def read_chart(s):
    """The zones over a place, as the verb has them; names in the reader's language."""
    at = call(s, "/api/v1/atlas/at?side=left&place=0.735,0.18")
    alone = json.loads(tool("atlas", "--at", "0.735,0.18", "--foot", "left", "--json"))
    assert at["zones"] == [hit["zone"] for hit in alone["charts"][0]["zones"]] and "P07" in at["zones"], (at, alone)
    for wrong in ("side=left&place=0.7", "place=0.7,0.2", "side=left&place=nan,0.2", "side=left&place=0.7,2", ""):
        call(s, "/api/v1/atlas/at?" + wrong, status=400)
    zones = {language: {z["id"]: z for z in call(s, "/api/v1/atlas?language=" + language)["zones"]} for language in ("en", "ru")}
    assert zones["ru"].keys() == zones["en"].keys()
    for of in zones["ru"].values():
        for name in [of["name"], *(source["organ"] for source in of.get("sources", []) if source.get("organ"))]:
            assert not re.search("[A-Za-z]{3}", name), name


def read_the_rest(s):
    read_chart(s)
    pages = [path for path in API["paths"] if path.rsplit(".", 1)[-1] in ("js", "css", "svg", "mo")]
    for path in ("/", *pages, "/openapi.json", "/api/v1/station", "/api/v1/plates", "/api/v1/recordings",
                 "/api/v1/atlas"):
        call(s, path)
    call(s, "/api/v1/plates/{plate}", plate="virtual-normal")
    call(s, "/api/v1/plates/{plate}", status=404, plate="nobody")
    call(s, "/api/v1/recordings/{recording}", recording=s.json("/api/v1/recordings")["recordings"][0]["name"])
    call(s, "/api/v1/login", {})


def cut_short():
    """Killed while it records somebody, with its plate, so that nothing can go on (serve_go_on.py): the next station says
    that it ended early and what is in it, and keeps it as it is; its quality says so, too."""
    people = tempfile.TemporaryDirectory()
    s = Station(os.path.join(BIN, "tenderfootd"), "-d", "virtual:" + patient_person(SUBJECT, people.name))
    after = None
    try:
        person = call(s, "/api/v1/clients", {"label": "Cut short"})["id"]
        agree(s, person, "recording", "storing")
        name = s.record(PLATE, client=person)
        kept = s.wait(PLATE, lambda p: p["recording"] and p["recording"]["frames_in_file"] > 300)["recording"]["frames_in_file"]
        now = call(s, "/api/v1/recordings/{recording}", recording=name)
        assert now["is_being_written"] and not now["ended_early"] and "frames" not in now, now
        assert s.end(signal.SIGKILL) == -signal.SIGKILL
        broken_off = os.path.join(s.data, ".export.a1B2c3")
        open(broken_off, "w").write("a name in clear text")
        after = Station(os.path.join(BIN, "tenderfootd"), "--data", s.data)
        assert not os.path.exists(broken_off)
        found = call(after, "/api/v1/recordings/{recording}", recording=name)
        assert found["ended_early"] and "kept as it is" in found["ended_early_reason"] and not found["is_being_written"], found
        said = after.wait("/api/v1/recordings/" + name, lambda r: not r["may_go_on"])  # its plate died with it: nobody waits a minute for it
        assert "a virtual one" in said["ended_early_reason"] and said["continued_in"] is None, said
        assert found["frames"] >= kept and found["lost_frames"] == 0 and abs(found["duration_s"] - found["frames"] / 100) < 0.1, (found, kept)
        assert [one["ended_early"] for one in call(after, "/api/v1/recordings")["recordings"]] == [True]
        session = call(after, "/api/v1/clients/{client}/sessions", {"recording": name}, client=person)["id"]
        assert call(after, "/api/v1/sessions/{session}", session=session)["frames"] == found["frames"]
        quality = call(after, "/api/v1/sessions/{session}/analysis", session=session)["quality"]
        assert "not_closed" in [one["reason"] for one in quality["reasons"]], quality
        assert after.end() == 0, after.read_log()
    finally:
        s.remove()
        if after:
            after.remove()


def fill_disk():
    """A file that may not grow: the recording ends with a reason, is whole so far, and the live view
    goes on."""
    s = Station(os.path.join(BIN, "tenderfootd"), "-d", "virtual:" + SUBJECT, wrap=("prlimit", "--fsize=60000"))
    try:
        s.wait(PLATE, lambda p: p["phase"] == "watching")
        name = s.record(PLATE)
        state = s.wait(PLATE, lambda p: p["last"] and p["phase"] == "watching")
        assert "cannot be written" in state["last"]["problem"] and state["last"]["has_file"], state["last"]
        verified = subprocess.run([os.path.join(BIN, "tenderfoot"), "verify", "--json",
                                   os.path.join(s.data, "inbox", name + ".tfr")], capture_output=True)
        document = json.loads(verified.stdout)
        assert document["frames"]["delivered"] > 20 and document["file"]["damaged_bytes"] == 0, document
        before = s.json(PLATE)["health"]["frames"]
        s.wait(PLATE, lambda p: p["health"]["frames"] > before)
        assert s.end() == 0
    finally:
        s.remove()


def be_a_service():
    """As systemd has it: the listening socket is handed over, readiness and life are told, the end too."""
    folder = tempfile.mkdtemp(prefix="station.")
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(os.path.join(folder, "notify"))
    told.settimeout(120)
    handed = socket.create_server(("127.0.0.1", 0))
    port = handed.getsockname()[1]
    url = os.path.join(folder, "url")
    token = os.path.join(folder, "token")
    command = (f"LISTEN_PID=$$ LISTEN_FDS=1 NOTIFY_SOCKET={folder}/notify WATCHDOG_USEC=6000000 STATE_DIRECTORY={folder} "
               f"exec {BIN}/tenderfootd --allow-root --no-discovery --url-file {url} --token-file {token} "
               f"-d virtual:{SUBJECT} 3<&{handed.fileno()}")
    try:
        process = subprocess.Popen(["sh", "-c", command], pass_fds=[handed.fileno()], stderr=subprocess.DEVNULL)
        assert told.recv(100) == b"READY=1"
        assert open(url).read().startswith(f"http://127.0.0.1:{port}/#token=" + open(token).read())
        for _ in range(3):
            assert told.recv(100) == b"WATCHDOG=1"
        link = socket.create_connection(("127.0.0.1", port))
        link.sendall(f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
        assert b" 200 " in link.recv(4096)
        process.terminate()
        while told.recv(100) != b"STOPPING=1":
            pass
        assert process.wait(120) == 0
    finally:
        shutil.rmtree(folder)


def find_the_folder():
    """The verbs' folder first, so that both speak of the same people; then the unit's; then the user's."""
    with tempfile.TemporaryDirectory() as folder:
        url = os.path.join(folder, "url")
        choices = (("TENDERFOOT_DATA", ""), ("STATE_DIRECTORY", ""), ("XDG_DATA_HOME", "/tenderfoot"), ("HOME", "/.local/share/tenderfoot"))
        environment = {name: os.path.join(folder, name) for name, _ in choices}
        command = [f"{BIN}/tenderfootd", "--allow-root", "--no-discovery", "--listen", "127.0.0.1:0", "--url-file", url]
        for name, below in choices:
            left = os.path.join(folder, "tenderfoot-Ab12Cd")  # by one that was killed while it made a document, an hour ago
            os.mkdir(left, 0o700)
            for path in (os.path.join(left, "report.pdf"), left):
                open(path, "w").close() if path != left else None
                os.utime(path, (time.time() - 4000,) * 2)
            process = subprocess.Popen(command, env=environment | {"PATH": os.environ["PATH"], "TMPDIR": folder}, stderr=subprocess.DEVNULL)
            end = time.monotonic() + PATIENCE_S
            while not os.path.exists(url):
                assert process.poll() is None and time.monotonic() < end, name
                time.sleep(0.02)
            process.terminate()
            assert process.wait(PATIENCE_S) == 0
            assert sorted(os.listdir(folder)) == sorted([name, "url"]), (name, os.listdir(folder))
            assert os.path.isdir(environment.pop(name) + below + "/calibrations"), name
            shutil.rmtree(os.path.join(folder, name))
            os.remove(url)
        told = subprocess.run(command, env={}, capture_output=True, text=True, timeout=PATIENCE_S)
        assert told.returncode == 2 and "--data" in told.stderr, told


def told(story, *given):
    """Each story's seconds: they are not judged."""
    begun = time.monotonic()
    out = story(*given)
    print(f"{story.__name__}: {time.monotonic() - begun:.1f} s", flush=True)
    return out


def tell_the_story():
    people = tempfile.TemporaryDirectory()
    s = Station(os.path.join(BIN, "tenderfootd"), "-d", "virtual:" + patient_person(SUBJECT, people.name))
    try:
        zeroed = s.wait(PLATE, lambda p: p["phase"] == "watching" and p["health"]["is_zeroed"])
        viewers = [threading.Thread(target=lambda: [None for _ in s.events("virtual-normal")]) for _ in range(2)]
        for viewer in viewers:
            viewer.start()
        told(watch, s, zeroed["health"]["frames"] + 100)
        if not IS_QUICK:
            told(eyes, s)  # before a zero is taken anew, with somebody on the plate
        told(stay_empty, s)
        person = told(ask_first, s)
        name, path = told(record, s, person)
        told(reckon, s, name, path)
        for story in (discard, press, press_mat, read_the_rest):
            told(story, s)
        told(keep, s, name, person)
        for story in (leave_unkept, heed_screening) if IS_QUICK else (confirm, leave_unkept, heed_screening):
            told(story, s)
        described = {(m, p) for p, methods in API["paths"].items() for m in methods}
        assert asked == described or IS_QUICK, f"never asked: {described - asked}"
        code = s.end()
        assert code == 0, f"exit {code}: {s.read_log()}"
        for viewer in viewers:
            viewer.join(60)
            assert not viewer.is_alive()
    except BaseException:
        print(s.read_log(), file=sys.stderr)
        raise
    finally:
        s.remove()


def main():
    check_routes()
    with ThreadPoolExecutor(3) as pool:  # these wait more than they work
        asides = [pool.submit(story) for story in (fill_disk, be_a_service, find_the_folder, cut_short)]
        tell_the_story()
        for aside in asides:
            aside.result()


main()
