#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""People nobody has seen, from samples/SCHEMA.md alone; and the score of their analysis.

usage: random_person.py write SEED SUBJECT.json
       random_person.py score TRUTH.json ANALYSIS.json

Feet of 160 to 310 mm, arch flat to high, toes curled or lying, turned up to 30 degrees, one or both, now and then with
crossed legs. The operator says nothing of sides or lengths.
"""
import json
import math
import random
import sys


def foot(dice, side, length_mm, middle_x_mm, angle_deg):
    back = length_mm / 2
    return {"side": side, "length_mm": round(length_mm * dice.uniform(0.98, 1.02), 1), "arch": round(dice.random(), 2),
            "width_scale": round(dice.uniform(0.88, 1.12), 2), "toes": {"contact": dice.choice([0.6, 1, 1.5])},
            "place": {"x_mm": round(middle_x_mm - back * math.sin(math.radians(angle_deg)), 1),
                      "y_mm": round(240 - back + dice.uniform(-15, 15), 1), "angle_deg": round(angle_deg, 1)}}


def person(seed):
    dice = random.Random(seed)
    kind = dice.choice(["two", "two", "one", "crossed"])
    length = dice.uniform(200 if kind == "crossed" else 160, 310)
    angles = sorted(dice.uniform(-30, 30) for _ in range(2))
    half_gap = length * dice.uniform(0.34, 0.42)
    if kind == "one":
        feet = [foot(dice, dice.choice(["left", "right"]), length, dice.uniform(190, 290), angles[dice.randrange(2)])]
    else:
        sides = ["left", "right"] if kind == "two" else ["right", "left"]
        feet = [foot(dice, sides[i], length, 240 + (-half_gap, half_gap)[i], angles[i]) for i in range(2)]
    return {"schema": "tenderfoot/subject/1", "feet": feet,
            "person": {"body_mass_kg": round(70 * (length / 250) ** 2.7 * dice.uniform(0.8, 1.3), 1)},
            "load": {"left_share": round(dice.uniform(0.38, 0.62), 2), "fore_share": round(dice.uniform(0.3, 0.55), 2)},
            "protocol": {"stand_s": 2, "tell_sides": False, "tell_length": False}}


def wrong_of(true, found):
    pose, wrong = true["pose"], []
    if found["side"] != true["side"]:
        wrong.append(f"taken for {found['side']} ({found['confidence']:.2f})")
    for name, got, want, bound in (
            ("angle", found["angle_deg"], pose["angle_deg"], 2),
            ("length", found["length_mm"], pose["length_mm"], 0.03 * pose["length_mm"]),
            ("load", found["load_percent"], true["load_percent"], 1.5),
            ("heel x", found["frame"]["heel_x_mm"], pose["x_mm"], 6),
            ("heel y", found["frame"]["heel_y_mm"], pose["y_mm"], 6)):
        if got is None or abs(got - want) > bound:
            wrong.append(f"{name} {got}, truly {want:.1f}")
    return [f"{true['side']}: {line}" for line in wrong]


def score(truth, result):
    feet = result["feet"]
    if len(feet) != len(truth["feet"]):
        return [f"{len(feet)} feet found, {len(truth['feet'])} stood there"]
    wrong = []
    for true in truth["feet"]:
        nearest = min(feet, key=lambda found: abs(found["cop_x_mm"] - true["cop_x_mm"]))
        wrong += wrong_of(true, nearest)
    return wrong


def main():
    if sys.argv[1] == "write":
        json.dump(person(int(sys.argv[2])), open(sys.argv[3], "w"))
        return 0
    wrong = score(*(json.load(open(path)) for path in sys.argv[2:4]))
    print("\n".join(wrong))
    return bool(wrong)


sys.exit(main())
