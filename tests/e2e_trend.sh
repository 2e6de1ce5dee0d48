#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Five stands of one virtual person on three days: a trend's bars are those of the repeats where these are wider than the
# session's own, as Python and SciPy compute them from the points.
set -eu
tf="${BUILD:?}/release/tenderfoot"
python=python3
"$python" -c 'import scipy' 2>/dev/null || python=/usr/bin/python3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export TZ=UTC TENDERFOOT_DATA="$dir/store"
person=$("$tf" clients add --label Repeating --json | grep -o '"client": "[^"]*"' | head -n 1 | cut -d'"' -f4)
for purpose in recording storing; do "$tf" clients consent "$person" --give $purpose >/dev/null; done
n=0
for utc in 2026-01-05T08:00:00Z 2026-01-05T08:05:00Z 2026-01-12T08:00:00Z 2026-01-19T08:00:00Z 2026-01-19T17:00:00Z; do
    n=$((n + 1))
    "$tf" simulate --subject samples/subjects/normal.json --seed $n --created $utc -o "$dir/$n.tfr" >/dev/null 2>&1
    "$tf" sessions add "$dir/$n.tfr" --person "$person" --json >"$dir/$n.json"
done
for number in mean_force_n peak_pressure_kpa arch_index sway_velocity_mm_s; do
    "$python" - $number "$dir"/?.json >"$dir/own" <<'P'
import json, sys
for name in sys.argv[2:]:
    session = json.load(open(name))
    for row in session["numbers"]:
        if row["name"] == sys.argv[1]:
            print(session["session"] + ":" + row["side"], *("null" if row[k] is None else row[k] for k in ("low", "high")))
P
    "$tf" sessions trend $number --person "$person" --json >"$dir/trend.json"
    "$python" -B tests/trend_reference.py "$dir/own" "$dir/trend.json"
done
"$tf" sessions trend mean_force_n --person "$person" >"$dir/words"
[ "$(grep -c ', from repeats)$' "$dir/words")" = 5 ]
grep -q '^Repeats on one day: .*(days: 2, degrees of freedom: 2); 95 of 100 pairs of such repeats differ by at most ' "$dir/words"
