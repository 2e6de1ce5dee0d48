#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares an analysis (JSON) with samples/expected/NAME.json; says each thing that is not so.

usage: expected.py EXPECTED ANALYSIS
"""
import json
import sys


def inside(value, bounds):
    return value is not None and bounds[0] <= value <= bounds[1]


def check_feet(expected, result, wrong):
    feet = result["feet"]
    if len(feet) != len(expected["feet"]):
        wrong.append(f"{len(feet)} feet found, not {len(expected['feet'])}")
    for want, foot in zip(expected["feet"], feet):
        for key in ("load_percent", "length_mm", "angle_deg"):
            if not inside(foot[key], want[key]):
                wrong.append(f"{want['side']}: {key} {foot[key]} is not in {want[key]}")
        if foot["side"] != want["side"]:
            wrong.append(f"a {want['side']} foot was taken for {foot['side']}")


def check_zones(expected, zones, wrong):
    for want in expected.get("zones", []):
        found = zones[want["id"], want["side"]]["contact_cm2"]
        if not inside(found, want["contact_cm2"]):
            wrong.append(f"{want['id']} {want['side']}: contact {found} cm2 is not in {want['contact_cm2']}")
    for want in expected.get("lighter", []):
        other = "left" if want["side"] == "right" else "right"
        share = zones[want["zone"], want["side"]]["load_percent"] / zones[want["zone"], other]["load_percent"]
        if not inside(share, want["share_of_other_side"]):
            wrong.append(f"{want['zone']} {want['side']}: {share:.2f} of the other side's load")
    for want in expected.get("states", []):
        found = zones[want["zone"], want["side"]]["state"]
        if found != want["state"]:
            wrong.append(f"{want['zone']} {want['side']}: {found}, not {want['state']}")


def check_flags(expected, result, wrong):
    found = {(f["zone"], f["side"]): f["level"] for f in result["flags"]}
    wanted = {(f["zone"], f["side"]): f["level"] for f in expected.get("flags", [])}
    for key, level in wanted.items():
        if found.get(key) != level:
            wrong.append(f"{key[0]} {key[1]}: flag {found.get(key)}, not {level}")
    may = expected.get("may_also_be_flagged", [])
    for key, level in found.items():
        if level == "attention" and key not in wanted and key[0] not in may:
            wrong.append(f"{key[0]} {key[1]}: flagged for attention without a cause")
    if "answers_unreliable" in expected and result["answers_unreliable"] != expected["answers_unreliable"]:
        wrong.append(f"answers_unreliable is {result['answers_unreliable']}")


def check_patterns(expected, result, wrong):
    if "patterns" not in expected:
        return
    found = sorted((p["id"], p["side"]) for p in result["patterns"])
    wanted = sorted((p["id"], p["side"]) for p in expected["patterns"])
    if found != wanted:
        wrong.append(f"load patterns {found}, not {wanted}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        expected = json.load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        result = json.load(file)
    wrong = []
    if not inside(result["mean_force_n"], expected["mean_force_n"]):
        wrong.append(f"mean force {result['mean_force_n']} N is not in {expected['mean_force_n']}")
    check_feet(expected, result, wrong)
    zones = {(z["id"], f["side"]): z for f in result["feet"] for z in f["zones"]}
    check_zones(expected, zones, wrong)
    check_flags(expected, result, wrong)
    check_patterns(expected, result, wrong)
    for sentence in wrong:
        print(f"{expected['subject']}: {sentence}")
    return 1 if wrong else 0


sys.exit(main())
