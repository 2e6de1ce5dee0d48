# SPDX-License-Identifier: GPL-3.0-or-later
"""The error bars of a trend by Python's statistics and SciPy: trend_reference.py SESSIONS.json TREND.json
SESSIONS.json: lines of "session low high" as each session itself has them ("null" = none)."""
import collections
import json
import math
import statistics
import sys

from scipy.stats import t as student

own = {line.split()[0]: [None if x == "null" else float(x) for x in line.split()[1:]] for line in open(sys.argv[1])}
trend = json.load(open(sys.argv[2]))
groups = collections.defaultdict(list)
for point in trend["points"]:
    key = tuple(point[k] or "" for k in ("protocol", "condition", "side", "plate_serial", "calibration_id"))
    groups[key + (point["started_utc"][:10],)].append(point["value"])
series = collections.defaultdict(list)
for key, values in groups.items():
    if len(values) > 1:
        series[key[:3]].append(values)
assert len(trend["repeatability"]) == len(series) > 0
errors = {}
for row in trend["repeatability"]:
    key = tuple(row[k] or "" for k in ("protocol", "condition", "side"))
    repeats = series[key]
    freedom = sum(len(v) - 1 for v in repeats)
    sd = math.sqrt(sum(statistics.variance(v) * (len(v) - 1) for v in repeats) / freedom)
    t = student.ppf(0.975, freedom)
    assert row["degrees_of_freedom"] == freedom and row["days"] == len(repeats), row
    assert math.isclose(row["sd_within"], sd, rel_tol=1e-6), (row, sd)
    assert math.isclose(row["mdc95"], t * math.sqrt(2) * sd, rel_tol=1e-6), row
    errors[key] = t * sd
said = collections.Counter()
for point in trend["points"]:
    low, high = own[point["session"] + ":" + point["side"]]
    half = errors.get(tuple(point[k] or "" for k in ("protocol", "condition", "side")), -1)
    if half > ((high - low) / 2 if low is not None else -1):
        low, high, source = point["value"] - half, point["value"] + half, "repeats"
    else:
        source = "session" if low is not None else None
    assert point["error_from"] == source, (point, half)
    assert (low is None) == (point["low"] is None)
    assert low is None or math.isclose(point["low"], low, rel_tol=1e-6) and math.isclose(point["high"], high, rel_tol=1e-6), point
    said[source] += 1
print(trend["number"], dict(said), [round(row["sd_within"], 4) for row in trend["repeatability"]])
