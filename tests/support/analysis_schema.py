#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks analyses (JSON) against the contract of analysis/SCHEMA.md; says each thing that is not so.

usage: analysis_schema.py SCHEMA.md ANALYSIS...

Held are: the keys that others rely on, a reason beside each null, every key documented, units in the keys of
numbers, regions that part the foot, loads that sum to 100 %, a state for every zone.
"""
import json
import math
import re
import sys

KEYS = {
    "": "schema recording contact_threshold_kpa frames peak_pressure_kpa max_force_n feet flags not_tested",
    "recording": "rows cols pitch_x_mm pitch_y_mm rate_hz frames lost_frames duration_s",
    "frames": "time_s force_n cop_x_mm cop_y_mm area_cm2 peak_kpa",
    "feet": "side confidence length_mm angle_deg force_n load_percent regions zones",
    "feet.regions": "id load_percent peak_kpa area_cm2",
    "feet.zones": "id state contact_cm2 mean_kpa peak_kpa load_percent threshold_kpa repeats flag evidence",
    "flags": "zone side level why",
    "not_tested": "zone side state why",
}
STATES = set("measured no_pain_to_ceiling no_contact not_tested excluded_by_screening excluded_by_hand stopped_by_subject uncertain "
             "outside_plate".split())
UNITS = tuple("_n _mm _cm2 _kpa _kpa_s _s _hz _deg _percent _per_min _percent_per_decade _years".split())
BARE = set("rows zones_of_soles zones_not_tested cols frames lost_frames bad_frames repeated_frames saturated_frames masked_cells no_sensor_cells stated_frames loaded_frames "
           "confidence quality contact_share u v repeats answers number pass at_half_threshold "
           "ratio ratio_low ratio_high place_quality session segment sessions scale earlier_sessions reaction_taps "
           "at_double_threshold one_cell error value whole_steps other_contacts arch_index staheli_index mean sd n".split())


def walk(value, path, wrong, documented):
    """Each object below, with its path without indices."""
    if isinstance(value, list):
        for item in value:
            walk(item, path, wrong, documented)
    if not isinstance(value, dict):
        return
    for key in KEYS.get(path, "").split():
        if key not in value:
            wrong.append(f"{path or 'document'}: no {key}")
    for key, item in value.items():
        where = f"{path}.{key}".lstrip(".")
        is_number = isinstance(item, (int, float)) and not isinstance(item, bool)
        if not key.endswith("_reason") and key not in documented:
            wrong.append(f"{where} is not documented")
        if item is None and not value.get(key + "_reason"):
            wrong.append(f"{where} is null without a reason")
        if is_number and not math.isfinite(item):
            wrong.append(f"{where} is not finite")
        # A table by region has its unit in its own key: region_percent.G1.
        if is_number and key not in BARE and not key.endswith(UNITS) and not path.endswith(UNITS):
            wrong.append(f"{where} is a number without a unit")
        walk(item, where, wrong, documented)


def check_sums(foot, wrong):
    for key, join in (("load_percent", sum), ("force_n", sum), ("area_cm2", sum), ("peak_kpa", max)):
        parts = join(region[key] for region in foot["regions"])
        if abs(parts - foot[key]) > 1e-6:
            wrong.append(f"{key} of the regions gives {parts}, the foot has {foot[key]}")
    for zone in foot["zones"]:
        if (zone["peak_kpa"] or 0) > foot["peak_kpa"] + 1e-9:
            wrong.append(f"{zone['id']} has a higher peak than its foot")


def check_foot(foot, wrong):
    if [region["id"] for region in foot["regions"]] != ["G1", "G2", "G3a", "G3b", "G4"]:
        wrong.append("not the five regions")
    ids = {zone["id"] for zone in foot["zones"]}
    if not {f"P{i:02}" for i in range(1, 26)} | {f"N{i:02}" for i in range(1, 10)} <= ids:
        wrong.append("a zone of the atlas is missing")
    for zone in foot["zones"]:
        if zone["state"] not in STATES or (zone["state"] == "outside_plate") != zone["id"].startswith("N"):
            wrong.append(f"{zone['id']} is {zone['state']}")
        if zone["state"] in ("measured", "no_pain_to_ceiling") and not zone["threshold_kpa"]:
            wrong.append(f"{zone['id']} is {zone['state']} without a threshold")
        if zone["threshold_is_lower_bound"] != (zone["threshold_kpa"] is not None and not zone["answers"]):
            wrong.append(f"{zone['id']}: threshold_is_lower_bound is not so")
        if zone["id"].startswith("N") and any(zone[key] is not None for key in ("mean_kpa", "threshold_kpa")):
            wrong.append(f"{zone['id']} has a value, but is outside the plate")
    if foot["load_percent"] is not None:
        check_sums(foot, wrong)


def check(document, documented):
    wrong = []
    walk(document, "", wrong, documented)
    if wrong:
        return sorted(set(wrong))
    if document["frames"] and {len(v) for k, v in document["frames"].items() if k[-7:] != "_reason"} != \
            {document["recording"]["frames"]}:
        wrong.append("the arrays of frames are not as long as the recording")
    for foot in document["feet"]:
        check_foot(foot, wrong)
    loads = [foot["load_percent"] for foot in document["feet"] if foot["load_percent"] is not None]
    if loads and abs(sum(loads) + document["outside_feet_percent"] - 100) > 1e-3:
        wrong.append(f"feet and what lies outside make {sum(loads)} + {document['outside_feet_percent']} %")
    if not document["feet"] and not document.get("no_foot_reason"):
        wrong.append("no foot, and no reason why")
    return wrong


def main():
    documented = set()
    for code in re.findall(r"`([^`]+)`", open(sys.argv[1]).read()): # `key`, or `spans[].key`
        documented.update(re.findall(r"[A-Za-z0-9_]+", code))
    bad = 0
    for path in sys.argv[2:]:
        wrong = check(json.load(open(path)), documented)
        bad |= bool(wrong)
        for line in wrong:
            print(f"{path}: {line}")
    return bad


sys.exit(main())
