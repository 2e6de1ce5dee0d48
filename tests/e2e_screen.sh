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

# A wrong word is asked again; a sore left foot; a wart; slight varicose veins without a doctor.
answers | sed '2s/no/perhaps\nno/; 6s/.*/slight\n/; 15s/.*/2\nleft/; 18s/.*/yes\nright P07\nnowhere\nleft 0.46 0.3\n/' |
    $tf screen -o "$t/b.json" --person Bob --operator Bea >"$t/out" 2>"$t/asked"
grep -q "'perhaps' is none of these" "$t/asked" || fail "a wrong word was taken"
grep -q "'nowhere' is no place" "$t/asked" || fail "a wrong place was taken"
grep -q '^Press test: *no$' "$t/out" || fail "locked until a doctor agrees: $(cat "$t/out")"
grep -q '^DOC: Q06 ' "$t/out" || fail "the reason is missing"
grep -q 'Not pressed, whatever else changes: P07, right (Q18)' "$t/out" || fail "the wart is missing"
grep -q 'within 10 mm of u 0.46, v 0.30, left' "$t/out" || fail "the second place is missing"
grep -q 'does not diagnose' "$t/out" || fail "no disclaimer"

# Silence forbids: nothing but the date of birth.
echo 1980-02-11 | $tf screen -o "$t/c.json" --person C --operator Bea >"$t/out" 2>/dev/null
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
printf '4.3.1985\n1985-03-04\n' | $tf screen -o "$t/e.json" --person E --operator B >/dev/null 2>"$t/asked"
grep -q "'4.3.1985' is no date" "$t/asked" || fail "a date written otherwise is not asked again at once"
[ "$(code $tf screen -o "$t/e.json" --person E --operator B)" = 1 ] || fail "answers were overwritten"
echo "e2e_screen: all is well"
