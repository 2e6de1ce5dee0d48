#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Plan, course and mat walk from the command line, by a virtual person with tender zones.
set -eu
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
# Whole sessions of minutes: by the released program; other tests run the same code under sanitizers.
tf=$BUILD/release/tenderfoot
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
[ "$(sed -n '/^This station measures/,$p' "$t/plan" | awk 'length > 80' | wc -l)" = 0 ] || fail "the disclaimer is not wrapped"
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

# Handed over in the person's language: no English word is left but names of zones' rules in brackets; JSON is English.
$tf plan "$t/a.tfr" --screening "$t/today.json" --complaint kidneys --language de >"$t/de"
grep -q 'P07 links .*gegen den Uhrzeigersinn und sanft.*\[001:453\]' "$t/de" || fail "no German point: $(cat "$t/de")"
grep -q '^ 1\. ein ruhiger Raum' "$t/de" && grep -q '2 bis 3 min' "$t/de" && grep -q '^Beruhigend: abends' "$t/de" || fail "German: $(cat "$t/de")"
$tf plan "$t/a.tfr" --screening "$t/today.json" --complaint kidneys --language ru >"$t/ru"
if sed 's/\[[0-9:, ]*\]//g' "$t/ru" | grep -w '[A-Za-z]\{2,\}'; then fail "English in the Russian plan"; fi
[ "$(wc -l <"$t/plan")" -ge 20 ] && [ "$(grep -c '^ *[0-9]*\. \|    - ' "$t/ru")" = "$(grep -c '^ *[0-9]*\. \|    - ' "$t/plan")" ] || fail "the Russian plan is shorter"
$tf plan --flat-foot --language de | grep -q '^Reihenfolge:$' || fail "the flat-foot sequence is not German"
for wrong in "--language fr" "--language de --json" "--language de --mat-walk m --device virtual:x"; do
    [ "$(code $tf plan "$t/a.tfr" --screening "$t/today.json" $wrong)" = 2 ] && [ ! -s "$t/out" ] || fail "$wrong was taken"
done

# A mistyped name is told; the file that is written for next time need not be there yet.
$tf plan "$t/a.tfr" --screening "$t/today.json" --left-over "$t/lfet.json" >/dev/null 2>"$t/err"
grep -q 'lfet.json is not there: nothing counts as left over' "$t/err" || fail "a mistyped --left-over: $(cat "$t/err")"
# To relax: a zone without a turn of its own goes counter-clockwise, one with its own keeps it.
$tf plan "$t/a.tfr" --screening "$t/today.json" --complaint kidneys --complaint gallbladder --aim relax >"$t/out"
grep -q 'P06 right .*counter-clockwise, to relax.*\[000:358\]' "$t/out" || fail "the aim changes nothing: $(cat "$t/out")"
grep 'P10 right ' "$t/out" | grep -q ', clockwise;' || fail "the aim overrules a zone's own turn"
[ "$(code $tf plan "$t/a.tfr" --aim sleep)" = 2 ] || fail "an unknown aim"

# No screening, an old one, a foot that is out.
[ "$(code $tf plan "$t/a.tfr")" = 3 ] || fail "no screening, and no exit code for it"
grep -q "needs today's screening" "$t/err" || fail "what is missing is not said: $(cat "$t/err")"
grep -q '^No massage plan: no screening' "$t/out" || fail "a plan without a screening"
screening "$t/old.json" 2026-01-02T10:00:00+00:00
[ "$(code $tf plan "$t/a.tfr" --screening "$t/old.json")" = 3 ] || fail "an old screening was taken"
sed 's/"tender 1"/"somebody else"/' "$t/today.json" >"$t/else.json"
[ "$(code $tf plan "$t/a.tfr" --screening "$t/else.json")" = 3 ] || fail "another person's screening was taken"
grep -q 'is of somebody else, not of .*ask this person' "$t/err" || fail "not said what to do: $(cat "$t/err")"
screening "$t/sore.json" "$(date +%Y-%m-%dT%H:%M:%S%z)" left
$tf plan "$t/a.tfr" --screening "$t/sore.json" >"$t/out"
grep -q 'the left foot is left out by the screening' "$t/out" || fail "a sore foot is in the plan"
if grep -q 'P07 left' "$t/out"; then fail "a zone of a sore foot is in the plan"; fi

if grep -q 'the other foot in the same way' "$t/out"; then fail "the left-out foot is massaged"; fi
# Nothing pressed: nothing to plan by; by a complaint there is a plan, which says what is not known.
$tf simulate -s samples/subjects/flat.json --seed 4 -o "$t/b.tfr" >/dev/null
screening "$t/flat.json" "$(date +%Y-%m-%dT%H:%M:%S%z)"
sed -i "s/\"tender 1\"/$(python3 -c 'import json; print(json.dumps(json.load(open("samples/subjects/flat.json")).get("name", "flat")))')/" "$t/flat.json"
[ "$(code $tf plan "$t/b.tfr" --screening "$t/flat.json")" = 3 ] || fail "a plan by nothing: $(cat "$t/out" "$t/err")"
grep -q 'holds no press test' "$t/err" || fail "what is missing is not said: $(cat "$t/err")"
$tf plan "$t/b.tfr" --screening "$t/flat.json" --complaint P06 >"$t/out"
grep -q '^No press test in this recording' "$t/out" || fail "not tested is not said: $(cat "$t/out")"
if grep -q 'nothing flagged' "$t/out"; then fail "nothing flagged, where nothing was tested"; fi

# Timers, three hundred times as fast; ended by q.
$tf plan "$t/a.tfr" --screening "$t/today.json" --timers --speed 3000 </dev/null >/dev/null 2>"$t/timers"
tail -1 "$t/timers" | grep -q 'Done' || fail "the timers did not run: $(cat "$t/timers")"
grep -q '1:30   left foot 0:00 of 10:00   session [0-9]*:[0-9]* of [0-9]*:[0-9]*$' "$t/timers" || fail "no clock of foot and session: $(cat "$t/timers")"
echo q | $tf plan "$t/a.tfr" --screening "$t/today.json" --timers >/dev/null 2>"$t/timers"
grep -q 'Ended' "$t/timers" || fail "q did not end the timers"
echo q | $tf plan "$t/a.tfr" --screening "$t/today.json" --timers --language de >/dev/null 2>"$t/timers"
grep -q '^Beendet' "$t/timers" && grep -q 'Sitzung 0:00 von' "$t/timers" || fail "the timers speak no German: $(cat "$t/timers")"
$tf plan --flat-foot | grep -q 'specialist' || fail "the flat-foot sequence is without its advice"

# A walk on a mat between two stands.
$tf plan --mat-walk "$t/mat" --device 'virtual:samples/subjects/normal.json?pace=fast' --minutes 2 --speed 3000 \
    </dev/null >"$t/compared" 2>"$t/err" || fail "the mat walk failed: $(cat "$t/err")"
[ -s "$t/mat/before.tfr" ] && [ -s "$t/mat/after.tfr" ] || fail "the stands are missing"
for map in before after change; do
    head -c 5 "$t/mat/$map.pdf" 2>/dev/null | grep -q PDF || fail "the map $map.pdf is missing"
done
[ "$(code $tf plan "$t/a.tfr" --picture "$t/no.svg")" = 2 ] || fail "a picture of no mat walk"
grep -q 'Before: .*before.tfr, after: ' "$t/compared" || fail "the stands were not compared"

# The course.
$tf course "$t/a.tfr" "$t/b.tfr" --json >"$t/out" 2>"$t/err" && fail "two people in one course"
grep -q 'one person' "$t/err" || fail "why two people are no course is not said"
export TZ=UTC0
# A day is the one of the place: that recording is of 00:00 UTC on New Year's day.
TZ=EST5 $tf course "$t/a.tfr" --on 2026-01-03 --plan general >"$t/out"
grep -q '1  2025-12-31  ' "$t/out" && grep -q '2026-01-03  after 3 days' "$t/out" || fail "the day west of Greenwich: $(cat "$t/out")"
$tf course "$t/a.tfr" --on 2026-01-03 --plan general >"$t/out"
grep -q '2026-01-03  after 2 days (no press test)\|2026-01-03  after 2 days  (no press test)' "$t/out" || fail "$(cat "$t/out")"
grep -q 'Next session: 2026-01-05 to 2026-01-07' "$t/out" || fail "the next session: $(cat "$t/out")"
# Two sessions of one person, in words: each zone's first and last threshold, with the interval of
# the ratio, what hurt in one of them only, and what was borne in both; every line of the plan's rule.
$tf simulate -s samples/subjects/tender_1.json --seed 12 -o "$t/a2.tfr" >/dev/null
$tf course "$t/a.tfr" "$t/a2.tfr" --plan individual >"$t/out"
says() { grep -q "$1" "$t/out" || fail "course does not say '$1': $(cat "$t/out")"; }
says '^Plan "individual": as a doctor decides \[000:328, 003:74\]; a doctor decides$'
says '^  1  2026-01-01  .*a\.tfr$'
says '^  2  2026-01-01  after 0 days, twice on one day: never more than once a day \[002:29, 003:314\]  .*a2\.tfr$'
says '^Next session: 2026-01-02 to '
says '^Pressure pain thresholds, first and last session that may be compared:$'
says '^P07   left   [0-9]* kPa (session 1), [0-9]* kPa (session 2): ratio [0-9.]*, 95 % interval [0-9.]* to [0-9.]*, \(within\|beyond\) the measuring error$'
says '^No pain in both sessions, up to what was pressed: no change can be told\.$'
says 'does not diagnose'
# The words are the numbers of the JSON.
$tf course "$t/a.tfr" "$t/a2.tfr" --plan individual --json >"$t/json"
python3 - "$t/json" "$t/out" <<'P' || fail "course: words and JSON differ"
import json, sys
doc, words = json.load(open(sys.argv[1])), open(sys.argv[2]).read()
told = [z["change"] for z in doc["zones"] if z["change"] and z["change"]["ratio_low"] is not None]
assert told, "no zone has an interval"
for z in told:
    assert "ratio %.2f, 95 %% interval %.2f to %.2f" % (z["ratio"], z["ratio_low"], z["ratio_high"]) in words, z
P
# In the person's language: nothing English but names of plan, zones and files; the numbers are the same.
$tf course "$t/a.tfr" "$t/a2.tfr" --on 2026-01-03 --plan individual --language ru >"$t/ru"
if sed 's|[^ ]*\.tfr||; s/\[[0-9:, ]*\]//g; s/«individual»//' "$t/ru" | grep -w '[A-Za-z]\{2,\}'; then fail "English in the Russian course"; fi
grep -q '^P07   левая  [0-9]* кПа (сеанс 1), .*интервал 95 % от [0-9],[0-9]* до ' "$t/ru" || fail "the Russian course: $(cat "$t/ru")"
$tf course "$t/a.tfr" "$t/a2.tfr" --plan individual --language de >"$t/de"
grep -q '^P16   rechts [0-9]* kPa (Sitzung 1), ' "$t/de" && grep -q '^Nächste Sitzung: 2026-01-02 bis ' "$t/de" || fail "the German course: $(cat "$t/de")"
[ "$(code $tf course "$t/a.tfr" --language fr)" = 2 ] && [ "$(code $tf course "$t/a.tfr" --language de --json)" = 2 ] ||
    fail "an unknown language, or JSON in one, was taken"
# A session is given once, and was held.
cp "$t/a.tfr" "$t/a_again.tfr"
for again in a a_again; do
    [ "$(code $tf course "$t/a.tfr" "$t/$again.tfr")" = 3 ] && grep -q 'the same recording as' "$t/err" || fail "a session twice: $(cat "$t/err")"
done
[ "$(code $tf course "$t/a.tfr" --on $(($(date +%Y) + 1))-01-02)" = 3 ] && grep -q 'lies ahead of today' "$t/err" || fail "a session to come: $(cat "$t/err")"
[ "$(code $tf course "$t/a.tfr" --plan weekly)" = 2 ] || fail "an unknown plan"
echo "e2e_plan: all is well"
