#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Plan, course and mat walk from the command line, by a virtual person with tender zones.
set -eu
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
tf=$BIN/tenderfoot
fail() { echo "e2e_plan: $*" >&2; exit 1; }
code() { set +e; "$@" >"$t/out" 2>"$t/err"; c=$?; set -e; echo $c; }

$tf simulate -s samples/subjects/tender_1.json --seed 3 -o "$t/a.tfr" >/dev/null
screening() { # FILE DATE ANSWER-OF-Q09
    python3 - "$@" <<'P'
import json, sys
answers = {"Q%02d" % i: "no" for i in range(2, 35)} | {"Q01": "1980-02-11", "Q26": "yes", "Q28": "yes", "Q30": "yes"}
if len(sys.argv) > 3:
    answers["Q15"] = {"answer": "yes", "side": sys.argv[3]}
json.dump({"schema": "tenderfoot/screening/1", "person": "tender 1", "operator": "B", "date": sys.argv[2], "answers": answers},
          open(sys.argv[1], "w"))
P
}
screening "$t/today.json" "$(date +%Y-%m-%dT%H:%M:%S%z)"

# The plan: what was flagged, with sources; a complaint; what is left over.
$tf plan "$t/a.tfr" --screening "$t/today.json" --complaint kidneys -o "$t/left.json" >"$t/plan"
grep -q 'P07 left .*counter-clockwise and gently.*\[001:453\]' "$t/plan" || fail "the flagged zone is missing: $(cat "$t/plan")"
grep -q 'P06 right' "$t/plan" || fail "the complaint is missing"
grep -q 'does not diagnose' "$t/plan" || fail "no disclaimer"
grep -q '"left_over": \[\]' "$t/left.json" || fail "nothing is left over: $(cat "$t/left.json")"
$tf plan "$t/a.tfr" --screening "$t/today.json" --left-over "$t/left.json" --json >"$t/json"
python3 - "$t/json" <<'P'
import json, sys
plan = json.load(open(sys.argv[1]))
assert plan["schema"] == "tenderfoot/plan/1" and plan["allowed"], plan
for side in ("left", "right"):
    points = [p for p in plan["points"] if p["side"] == side]
    assert len(points) <= 6 and plan[side + "_minutes"] <= 10
assert all(p["cites"] for p in plan["points"] + plan["steps"])
P

# No screening, an old one, a foot that is out.
$tf plan "$t/a.tfr" >"$t/out"
grep -q '^No massage plan: no screening' "$t/out" || fail "a plan without a screening"
screening "$t/old.json" 2026-01-02T10:00:00+00:00
[ "$(code $tf plan "$t/a.tfr" --screening "$t/old.json")" = 3 ] || fail "an old screening was taken"
screening "$t/sore.json" "$(date +%Y-%m-%dT%H:%M:%S%z)" left
$tf plan "$t/a.tfr" --screening "$t/sore.json" >"$t/out"
grep -q 'the left foot is left out by the screening' "$t/out" || fail "a sore foot is in the plan"
if grep -q 'P07 left' "$t/out"; then fail "a zone of a sore foot is in the plan"; fi

# Timers, three hundred times as fast; ended by q.
$tf plan "$t/a.tfr" --screening "$t/today.json" --timers --speed 3000 </dev/null >/dev/null 2>"$t/timers"
tail -1 "$t/timers" | grep -q 'Done' || fail "the timers did not run: $(cat "$t/timers")"
echo q | $tf plan "$t/a.tfr" --screening "$t/today.json" --timers >/dev/null 2>"$t/timers"
grep -q 'Ended' "$t/timers" || fail "q did not end the timers"
$tf plan --flat-foot | grep -q 'specialist' || fail "the flat-foot sequence is without its advice"

# A walk on a mat between two stands.
$tf plan --mat-walk "$t/mat" --device 'virtual:samples/subjects/normal.json?pace=fast' --minutes 2 --speed 3000 \
    </dev/null >"$t/compared" 2>"$t/err" || fail "the mat walk failed: $(cat "$t/err")"
[ -s "$t/mat/before.tfr" ] && [ -s "$t/mat/after.tfr" ] || fail "the stands are missing"
grep -q 'Before: .*before.tfr, after: ' "$t/compared" || fail "the stands were not compared"

# The course.
$tf simulate -s samples/subjects/flat.json --seed 4 -o "$t/b.tfr" >/dev/null
$tf course "$t/a.tfr" "$t/b.tfr" --json >"$t/out" 2>"$t/err" && fail "two people in one course"
grep -q 'one person' "$t/err" || fail "why two people are no course is not said"
$tf course "$t/a.tfr" --on 2026-01-03 --plan general >"$t/out"
grep -q '2026-01-03  after 2 days (no press test)\|2026-01-03  after 2 days  (no press test)' "$t/out" || fail "$(cat "$t/out")"
grep -q 'Next session: 2026-01-05 to 2026-01-07' "$t/out" || fail "the next session: $(cat "$t/out")"
[ "$(code $tf course "$t/a.tfr" --plan weekly)" = 2 ] || fail "an unknown plan"
echo "e2e_plan: all is well"
