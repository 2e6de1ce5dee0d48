#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The screening by lines and from a file: what is asked, what is kept, what follows, what is refused.
set -eu
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
tf=$BIN/tenderfoot
fail() { echo "e2e_screen: $*" >&2; exit 1; }

# The questions with their sources.
$tf screen --list >"$t/list"
[ "$(grep -c '^Q' "$t/list")" = 34 ] || fail "there are not 34 questions"
grep -q 'K20 000:68' "$t/list" || fail "a question is without its source"

# A healthy person: each question's harmless answer, in the order in which they are asked.
answers() {
    echo 1980-02-11
    for q in 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do echo no; done
    echo yes; echo no; echo yes; echo no; echo yes; for q in 31 32 33 34; do echo no; done
}
answers | $tf screen -o "$t/ann.json" --person Ann --operator Bea --sex female >"$t/out" 2>"$t/asked"
grep -q '^Press test: *yes$' "$t/out" || fail "a healthy person may not be pressed: $(cat "$t/out")"
[ "$(grep -c '^Q' "$t/asked")" = 34 ] || fail "not all questions were asked"
[ "$(stat -c %a "$t/ann.json")" = 600 ] || fail "answers can be read by others"

# The same from the file, as JSON.
$tf screen "$t/ann.json" --json >"$t/json"
python3 - "$t/json" <<'P'
import json, sys
d = json.load(open(sys.argv[1]))
assert d["schema"] == "tenderfoot/screen/1" and d["screening"]["press_allowed"] == {"left": True, "right": True}, d
assert d["screening"]["reasons"] == [] and d["excluded"] == []
P

# In German and Russian: the page's questions, prompts and what follows; answers in that language, the same file.
in_german() { answers | sed 's/^no$/nein/; s/^yes$/ja/; 18s/.*/ja\nrechts P07\n/'; }
answers | sed '15s/.*/3\nleft/; 18s/.*/yes\nright P07\n/' | $tf screen -o "$t/en.json" --person Ann --operator Bea >"$t/en" 2>/dev/null
$tf screen --list --language de >"$t/list_de"
open=$(sed -n '/^Q15 /,/^Q16 /s/^    \([^:]*\): STOPP GANZ.*/\1/p' "$t/list_de")
in_german | sed "15s/.*/$open\\nlinks/" | $tf screen -o "$t/de.json" --person Ann --operator Bea --language de >"$t/out" 2>"$t/asked"
grep -q '^Q06 Krampfadern?$' "$t/asked" && grep -q 'Welcher Fuß? links, rechts oder beide:' "$t/asked" || fail "not asked in German: $(cat "$t/asked")"
grep -q '^STOPP GANZ: Q15 .*, linker Fuß\. ' "$t/out" && grep -q '^Nicht gedrückt: P07, rechts (Q18)' "$t/out" || fail "German: $(cat "$t/out")"
python3 - "$t" <<'P'
import json, re, subprocess, sys, os
t = sys.argv[1]
english, german = (json.load(open(f"{t}/{l}.json")) for l in ("en", "de"))
assert english["answers"] == german["answers"], (english["answers"], german["answers"])
run = lambda *a: subprocess.run([os.environ["BIN"] + "/tenderfoot", "screen", *a], check=True, capture_output=True, text=True).stdout
words = [r["words"] for r in json.loads(run(f"{t}/en.json", "--json"))["screening"]["reasons"]]
told = open(f"{t}/en").read().splitlines()
assert words and all(w in told for w in words), "the terminal's reasons are not those of the JSON"
for text in run("--list", "--language", "ru"), run(f"{t}/en.json", "--language", "ru"):
    latin = set(re.findall(r"[A-Za-z]{3,}", text)) - {"project", "tenderfoot", "atlas", "Ann", "Bea"}
    assert not latin, latin
P
! $tf screen "$t/en.json" --language fr >/dev/null 2>&1 || fail "French"

# A wrong word is asked again; a sore left foot; a wart; slight varicose veins without a doctor.
answers | sed '2s/no/perhaps\nno/; 6s/.*/slight\n/; 15s/.*/2\nleft/; 18s/.*/yes\nright P07\nnowhere\nleft P7\nleft P07, P16\nleft 0.46 0.3\n/' |
    $tf screen -o "$t/b.json" --person Bob --operator Bea >"$t/out" 2>"$t/asked"
grep -q "'perhaps' is none of these" "$t/asked" || fail "a wrong word was taken"
for place in nowhere 'left P7' 'left P07, P16'; do
    grep -q "'$place' is no place" "$t/asked" || fail "a wrong place was taken: $place"
done
grep -q '^Press test: *no$' "$t/out" || fail "locked until a doctor agrees: $(cat "$t/out")"
grep -q '^DOC: Q06 ' "$t/out" || fail "the reason is missing"
grep -q 'Not pressed, whatever else changes: P07, right (Q18)' "$t/out" || fail "the wart is missing"
grep -q 'within 10 mm of u 0.46, v 0.30, left' "$t/out" || fail "the second place is missing"
grep -q 'does not diagnose' "$t/out" || fail "no disclaimer"

# A zone that the chart does not have would spare nothing.
sed 's/"P07"/"p07"/' "$t/b.json" >"$t/p07.json"
set +e
$tf screen "$t/p07.json" >/dev/null 2>"$t/err"
[ $? = 3 ] && grep -q "no zone 'p07'" "$t/err" || fail "a zone of no chart was taken: $(cat "$t/err")"
set -e

# Silence forbids: nothing but the date of birth.
silence() { for q in 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34; do echo; done; }
{ echo 1980-02-11; silence; } | $tf screen -o "$t/c.json" --person C --operator Bea >"$t/out" 2>/dev/null
grep -q '^On the plate: *no$' "$t/out" || fail "silence allowed something"

# Refused: no file, damaged, of another kind, a date of birth that is none (and then no file is kept).
code() { set +e; "$@" >/dev/null 2>"$t/err"; c=$?; set -e; echo $c; }
[ "$(code $tf screen "$t/none.json")" = 1 ] || fail "a file that is not there"
head -c 100 "$t/ann.json" >"$t/cut.json"
[ "$(code $tf screen "$t/cut.json")" = 3 ] || fail "a cut file was taken"
[ "$(code $tf screen samples/subjects/normal.json)" = 3 ] || fail "a subject was taken"
[ "$(code $tf screen)" = 2 ] || fail "no argument"
echo 1980-02-31 | (code $tf screen -o "$t/d.json" --person D --operator B) >"$t/code"
[ "$(cat "$t/code")" = 3 ] && [ ! -e "$t/d.json" ] || fail "a wrong date of birth was kept"
grep -q "'1980-02-31' is no date of birth" "$t/err" || fail "a day that there was not is not asked again at once: $(cat "$t/err")"
echo 2999-01-01 | (code $tf screen -o "$t/d.json" --person D --operator B) >"$t/code"
grep -q "'2999-01-01' is no date of birth" "$t/err" || fail "born in the future: $(cat "$t/err")"
# Ctrl-D before the last question: told, a code, and no file.
answers | head -20 | (code $tf screen -o "$t/d.json" --person D --operator B) >"$t/code"
[ "$(cat "$t/code")" = 3 ] && [ ! -e "$t/d.json" ] || fail "half a screening: $(cat "$t/code")"
grep -q 'the input ended at Q21: 14 of 34 questions were not asked, so nothing is kept' "$t/err" || fail "not said: $(cat "$t/err")"
# Answers of another day say nothing of today, whichever way the clock is wrong.
for day in $(($(date +%Y) - 1))-01-02 $(($(date +%Y) + 1))-01-02; do
    sed "s/\"date\": \"[0-9-]*T/\"date\": \"${day}T/" "$t/ann.json" >"$t/other.json"
    [ "$(code $tf screen "$t/other.json")" = 3 ] || fail "answers of $day were judged"
    grep -q "other.json, \"date\": the screening is of $day.*ask again" "$t/err" || fail "not said: $(cat "$t/err")"
done
# A day of a doctor's agreement that there was not is asked again at once.
answers | sed '6s/.*/slight\nDr. Who\n2026-02-30\n2026-02-03/' | $tf screen -o "$t/doc.json" --person D --operator B >"$t/out" 2>"$t/asked"
grep -q "'2026-02-30' is no day up to today" "$t/asked" && grep -q '"date": "2026-02-03"' "$t/doc.json" || fail "the doctor's day: $(cat "$t/asked")"
{ printf '4.3.1985\n1985-03-04\n'; silence; } | $tf screen -o "$t/e.json" --person E --operator B >/dev/null 2>"$t/asked"
grep -q "'4.3.1985' is no date" "$t/asked" || fail "a date written otherwise is not asked again at once"
[ "$(code $tf screen -o "$t/e.json" --person E --operator B)" = 1 ] || fail "answers were overwritten"

# Whom the answers keep from standing is not recorded standing: an open wound keeps its foot off the plate, dizziness
# both; the other foot may stand alone. What is excluded, and the heel that hurts in walking, goes along.
person='virtual:samples/subjects/normal.json?pace=fast'
judge() { # FILE SED: answers with one line changed; then the heel's
    { answers | sed "$2"; echo "${3:-1}"; } | $tf screen -o "$1" --person Fay --operator Bea >/dev/null 2>"$t/asked"
}
judge "$t/open.json" '15s/.*/3\nleft/'
[ "$(code $tf record -q -d "$person" -p walk -s 1 --screening "$t/open.json" -o "$t/no.tfr")" = 3 ] || fail "an open wound walks"
grep -q 'walk on both feet: STOP-ALL: Q15' "$t/err" && [ ! -e "$t/no.tfr" ] || fail "not said why: $(cat "$t/err")"
$tf record -q -d "$person" -s 1 --screening "$t/open.json" -o "$t/one.tfr" >/dev/null 2>"$t/err" || fail "one foot may stand: $(cat "$t/err")"
grep -q 'Only the right foot goes on the plate' "$t/err" || fail "which foot may stand is not said"
[ "$(code $tf record -q -d "$person" -s 1 --client Gus --screening "$t/open.json" -o "$t/no.tfr")" = 3 ] || fail "another's screening"
[ "$(code $tf plan --mat-walk "$t/mat" --device "$person" --screening "$t/open.json")" = 3 ] || fail "an open wound on a mat"
judge "$t/dizzy.json" '34s/.*/3/'
grep -q '"Q34": {' "$t/dizzy.json" || fail "Q34 is not the last answer"
for protocol in stand walk press; do
    [ "$(code $tf record -q -d "$person" -p $protocol -s 1 --screening "$t/dizzy.json" -o "$t/no.tfr")" = 3 ] ||
        fail "who cannot stand: $protocol"
done
[ ! -e "$t/no.tfr" ] && [ ! -e "$t/mat" ] || fail "something was recorded"
[ "$(code $tf plan --mat-walk "$t/mat" --device tcp:127.0.0.1:9)" = 3 ] || fail "a mat walk without a screening"
grep -q "today's screening" "$t/err" || fail "not said what is wanted: $(cat "$t/err")"
judge "$t/heel.json" '1s/x/x/' 2
grep -q '^Besides: Pain in the middle of the heel' "$t/asked" || fail "the heel is not asked"
$tf screen "$t/heel.json" | grep -q '^Pain in the middle of the heel when walking, left' || fail "the heel's answer is not told"
$tf record -q -d "$person" -s 1 --screening "$t/heel.json" -o "$t/heel.tfr" >/dev/null 2>"$t/err" || fail "heel: $(cat "$t/err")"
$tf analyze "$t/heel.tfr" --json >"$t/json"
python3 - "$t/json" <<'P'
import json, sys
a = json.load(open(sys.argv[1]))
assert a["heel_pain_walking"] == "left", a["heel_pain_walking"]
assert a["screening"]["date"] and a["recording"]["client"] == "Fay"
P
echo "e2e_screen: all is well"
