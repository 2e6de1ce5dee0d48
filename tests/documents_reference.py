# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents for record systems, read by other software than ours: FHIR against the rules of R4 for the resources used
(hl7.org/fhir/R4: observation, diagnosticreport, device, patient, bundle), GDT by the lengths and fields of GDT 2.1, DICOM
by pydicom; each value against `analyze --json` of the same recording. The workbook is read by openpyxl, each cell against
the CSV tables.

    documents_reference.py ANALYSIS.json FHIR GDT DICOM PDF WORKBOOK CSV_FOLDER"""
import base64
import csv
import json
import re
import sys

import openpyxl
import pydicom

analysis_path, fhir_path, gdt_path, dicom_path, pdf_path, book_path, tables_path = sys.argv[1:]
analysis = json.load(open(analysis_path))
UCUM = {"N", "cm2", "kPa", "%", "mm", "s", "deg", "1"}
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")
DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?\Z")
URI = re.compile(r"(https?://|urn:uuid:[0-9a-f-]{36}\Z)")


def elements(of, required, optional):
    """Cardinality: nothing missing, nothing unknown, nothing empty."""
    missing, unknown = set(required) - set(of), set(of) - set(required) - set(optional)
    assert not missing and not unknown, (of.get("resourceType"), missing, unknown)
    for key, value in of.items():
        assert value not in ("", [], {}, None), f"{key} is empty"


def coding(of):
    elements(of, ["system", "code"], ["display"])
    assert URI.match(of["system"]) and re.fullmatch(r"\S+( \S+)*", of["code"])


def concept(of, codings=0):
    elements(of, ["text"], ["coding"])
    assert len(of.get("coding", [])) >= codings
    for each in of.get("coding", []):
        coding(each)


def quantity(of):
    elements(of, ["value", "unit", "system", "code"], ["comparator"])
    assert of["system"] == "http://unitsofmeasure.org" and of["code"] in UCUM
    assert of.get("comparator", "<") in ("<", "<=", ">=", ">")
    assert isinstance(of["value"], (int, float))


def observation(of, known):
    elements(of, ["resourceType", "id", "status", "code", "subject", "category", "device"],
             ["effectiveDateTime", "valueQuantity", "dataAbsentReason", "interpretation", "bodySite", "method", "component"])
    assert of["status"] in ("registered", "preliminary", "final", "amended", "corrected", "cancelled")
    concept(of["code"], 1)
    # obs-6: dataAbsentReason only where there is no value; and one of the two here
    assert ("valueQuantity" in of) != ("dataAbsentReason" in of)
    if "valueQuantity" in of:
        quantity(of["valueQuantity"])
    else:
        concept(of["dataAbsentReason"], 1)
    for each in of.get("component", []):
        elements(each, ["code", "valueQuantity"], [])
        concept(each["code"], 1)
        quantity(each["valueQuantity"])
        # obs-7: a component's code is not the observation's
        assert each["code"]["coding"][0]["code"] != of["code"]["coding"][0]["code"]
    for each in of.get("interpretation", []) + of["category"] + [of[k] for k in ("bodySite", "method") if k in of]:
        concept(each)
    for key in ("subject", "device"):
        assert of[key]["reference"] in known
    assert DATE_TIME.match(of.get("effectiveDateTime", "2000-01-01T00:00:00Z"))


def report(of, known):
    elements(of, ["resourceType", "id", "status", "code", "subject", "result", "conclusion"],
             ["effectiveDateTime", "presentedForm"])
    assert of["status"] in ("registered", "partial", "preliminary", "final", "amended")
    concept(of["code"], 1)
    assert of["subject"]["reference"] in known and all(each["reference"] in known for each in of["result"])
    form = of["presentedForm"][0]
    elements(form, ["contentType", "data"], ["title"])
    assert base64.b64decode(form["data"], validate=True) == open(pdf_path, "rb").read(), "not the report verb's PDF"


def fhir():
    bundle = json.load(open(fhir_path))
    elements(bundle, ["resourceType", "id", "type", "entry"], ["timestamp"])
    assert bundle["resourceType"] == "Bundle" and bundle["type"] == "collection"
    known = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    assert len(known) == len(bundle["entry"]), "bdl-7: fullUrl twice"
    kinds = {}
    for url, resource in known.items():
        assert URI.match(url) and ID.match(resource["id"]) and url.endswith(resource["id"])
        kinds.setdefault(resource["resourceType"], []).append(resource)
    assert sorted(kinds) == ["Device", "DiagnosticReport", "Observation", "Patient"]
    assert [len(kinds[k]) for k in ("Device", "DiagnosticReport", "Patient")] == [1, 1, 1]
    patient, device = kinds["Patient"][0], kinds["Device"][0]
    elements(patient, ["resourceType", "id", "gender"], ["identifier", "name", "birthDate"])
    assert patient["gender"] in ("male", "female", "other", "unknown") and DATE.match(patient.get("birthDate", "2000"))
    elements(device, ["resourceType", "id", "version", "note"], ["serialNumber", "deviceName"])
    for each in kinds["Observation"]:
        observation(each, known)
    report(kinds["DiagnosticReport"][0], known)
    assert len(kinds["DiagnosticReport"][0]["result"]) == len(kinds["Observation"])
    return patient, kinds["Observation"]


def thresholds(observations):
    return {(each["bodySite"]["text"].split(",")[0], each["bodySite"]["text"].split()[-2]): each for each in observations
            if each["code"]["coding"][0]["code"] == "pressure_pain_threshold"}


def compare_values(observations):
    """Every zone of the analysis, told the same way: value, bound, interval, flag, or not tested."""
    told, seen = thresholds(observations), 0
    for foot in analysis["feet"]:
        for zone in foot["zones"]:
            each = told.get((zone["id"], foot["side"]))
            if each is None:
                continue  # not on the sole
            seen += 1
            if zone["state"] not in ("measured", "no_pain_to_ceiling"):
                # what was pressed without a result was performed: its value is not known
                code = "unknown" if zone["state"] == "uncertain" else "not-performed"
                assert each["dataAbsentReason"]["coding"][0]["code"] == code, zone
                continue
            assert abs(each["valueQuantity"]["value"] - zone["threshold_kpa"]) <= 0.5, zone
            if zone["state"] == "no_pain_to_ceiling":
                assert each["valueQuantity"]["comparator"] == ">="
            assert ("interpretation" in each) == (zone["flag"] is not None), zone
    assert seen == len(told) > 40
    force = [each for each in observations if each["code"]["coding"][0]["code"] == "mean_force"]
    assert abs(force[0]["valueQuantity"]["value"] - analysis["mean_force_n"]) <= 0.5
    return told


def gdt(told):
    data = open(gdt_path, "rb").read()
    fields, at = [], 0
    while at < len(data):
        length = int(data[at:at + 3])
        line = data[at:at + length]
        assert line.endswith(b"\r\n") and len(line) == length
        fields.append((line[3:7].decode("ascii"), line[7:-2].decode("iso-8859-1")))
        at += length
    assert fields[0] == ("8000", "6310") and fields[1] == ("8100", "%05d" % len(data))
    first = dict(reversed(fields))
    assert first["9218"] == "02.10" and first["9206"] == "3" and first["8402"] == "ALLG00"
    assert (first["3000"], first["3101"], first["3102"], first["3103"]) == ("4711", "M\u00fcller", "Ana", "31031970")
    assert re.fullmatch(r"\d{8}", first["6200"]) and re.fullmatch(r"\d{6}", first["6201"])
    allowed = {"8000", "8100", "8316", "9206", "9218", "3000", "3101", "3102", "3103", "3110", "8402", "6200", "6201", "6220",
               "6227", "8410", "8411", "8420", "8421", "8470"}
    assert {key for key, _ in fields} <= allowed and all(len(text) <= 60 for _, text in fields)
    values, idents = {}, set()
    for i, (key, text) in enumerate(fields):
        if key == "8410":
            assert len(text) <= 20 and fields[i + 1][0] == "8411" and fields[i + 2][0] == "8420"
            whole = fields[i + 4][1] if fields[i + 3][0] == "8421" and i + 4 < len(fields) else ""
            whole = whole if len(whole) > 20 and whole[:13] + "-" == text[:14] else text
            assert whole not in values and text not in idents
            idents.add(text)
            values[whole] = float(fields[i + 2][1])
    for (zone, side), each in told.items():
        name = "pressure_pain_threshold-%s-%s" % (zone, side[0].upper())
        assert (name in values) == ("valueQuantity" in each)
        if name in values:
            assert values[name] == each["valueQuantity"]["value"]
    summary = " ".join(text for key, text in fields if key == "6220")
    assert "not tested: " in summary and "does not diagnose" in summary
    return values


def dicom():
    read = pydicom.dcmread(dicom_path)
    assert read.SOPClassUID == "1.2.840.10008.5.1.4.1.1.104.1" and read.Modality == "DOC"
    assert str(read.PatientName) == "M\u00fcller^Ana" and read.PatientID == "4711" and read.PatientBirthDate == "19700331"
    assert read.SOPInstanceUID.startswith("2.25.") and pydicom.uid.UID(read.SOPInstanceUID).is_valid
    assert len({read.SOPInstanceUID, read.StudyInstanceUID, read.SeriesInstanceUID}) == 3
    pdf = open(pdf_path, "rb").read()
    assert read.EncapsulatedDocument[:len(pdf)] == pdf and len(read.EncapsulatedDocument) - len(pdf) <= 1


def same_cell(cell, text):
    """A number stays a number, a text a text, whatever it looks like; the tables have nine digits, or six behind the point."""
    if isinstance(cell, (int, float)):
        return abs(cell - float(text)) <= 5.1e-9 * abs(cell)
    return (cell or "") == text or "'" + (cell or "") == text  # CSV guards formulas


def workbook():
    book = openpyxl.load_workbook(book_path, read_only=True)
    contents = [row[0] for row in book["contents"].iter_rows(min_row=2, values_only=True) if row[0]]
    assert book.sheetnames == ["contents"] + contents
    cells = 0
    for name in contents:
        rows = list(csv.reader(open(f"{tables_path}/{name}.csv", newline="", encoding="utf-8")))
        sheet = book[name].iter_rows(values_only=True)
        for want in rows:
            got = next(sheet) if want else ()
            for i, text in enumerate(want):
                assert same_cell(got[i] if i < len(got) else None, text), (name, want, got)
                cells += 1
    label = [row for row in book["metadata"].iter_rows(values_only=True) if row[0] == "client"]
    assert isinstance(label[0][1], (str, type(None)))
    return cells


who, numbers = fhir()
assert who["name"] == [{"family": "M\u00fcller", "given": ["Ana"]}] and who["birthDate"] == "1970-03-31"
zones = compare_values(numbers)
print(f"documents: {len(numbers)} observations, {len(zones)} zones, {len(gdt(zones))} GDT values")
dicom()
print(f"workbook: {workbook()} cells are those of the tables")
