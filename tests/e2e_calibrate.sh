#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# `calibrate` as a maker uses it, on a virtual bench whose physics the fit does not know: calibrated
# stage by stage, broken off and taken up again, used in record and analyze, and checked by a stand
# a month later, when it holds, and when the plate has lost 8 % of its gain.
set -eu
: "${BIN:?the folder with the programs}"
bench=samples/benches/small.json
aged=samples/benches/drifted.json
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

fail() {
    echo "e2e_calibrate: $*" >&2
    exit 1
}

# expect CODE WORD COMMAND...: the command ends with CODE and says WORD on stderr.
expect() {
    wanted=$1 word=$2 code=0
    shift 2
    "$@" >"$dir/out" 2>"$dir/err" </dev/null || code=$?
    [ $code = "$wanted" ] || fail "$*: exit $code instead of $wanted: $(cat "$dir/err")"
    [ -z "$word" ] || grep -q -e "$word" "$dir/err" || fail "$*: no '$word' in: $(cat "$dir/err")"
}

# number KEY: the first value of a key in $dir/out, one key a line.
number() {
    sed -n "s/^ *\"$1\": \([^,]*\),\{0,1\}\$/\1/p" "$dir/out" | head -n 1
}

# within VALUE LOW HIGH WHAT
within() {
    awk -v v="$1" -v l="$2" -v h="$3" 'BEGIN { exit !(v != "" && v + 0 >= l && v + 0 <= h) }' ||
        fail "$4: $1 is not within $2 and $3: $(cat "$dir/out")"
}

calibrate="$BIN/tenderfoot calibrate"
# What is fitted again, or reckoned from a long stand, by the released program: the first fit is under the sanitizers.
fast="${BUILD:?the build folder}/release/tenderfoot"

# --- Wrong usage, and nothing to fit
expect 2 'work DIR is missing' $calibrate -o "$dir/x.json"
expect 2 'o FILE is missing' $calibrate --work "$dir/w"
expect 2 'must rise' $calibrate --work "$dir/w" -o "$dir/x.json" --pressures 10,30,20
expect 2 'needs --kg' $calibrate --check "$dir/none.tfr"
expect 2 'none of empty' $calibrate --work "$dir/w" -o "$dir/x.json" --stages empty,lunch
expect 2 'a list of' $calibrate --work "$dir/w" -o "$dir/x.json" --stages ''
expect 2 'there are line' $calibrate --work "$dir/w" -o "$dir/x.json" --curve cubic
# A bench that cannot be gone through is refused before anybody is asked to clear the plate.
expect 3 'nothing to calibrate by' $calibrate --device virtual:$aged --work "$dir/w" -o "$dir/x.json"
expect 2 "without '#'" $calibrate --device "virtual:$bench#empty" --work "$dir/w" -o "$dir/x.json"
expect 1 'none.json' $calibrate --device "virtual:$dir/none.json" --work "$dir/w" -o "$dir/x.json"
mkdir "$dir/nothing"
expect 3 'there is no stage' $calibrate --work "$dir/nothing" -o "$dir/x.json"
expect 2 'png or .svg' $calibrate --work "$dir/w" -o "$dir/x.json" --picture map.gif

# --- A first half of the bench, too little for a curve; then the rest, and the fit
expect 3 '' $calibrate --device virtual:$bench --work "$dir/w" -o "$dir/cal.json" --stages empty,mass
[ ! -e "$dir/cal.json" ] || fail 'a calibration of nothing was written'
cp "$dir/w/empty.tfr" "$dir/empty.tfr"
expect 0 "'empty' is there already" $calibrate --device virtual:$bench --work "$dir/w" \
    -o "$dir/cal.json" --operator 'the maker' --picture "$dir/map.png" --json
cmp -s "$dir/w/empty.tfr" "$dir/empty.tfr" || fail 'a stage that was there was recorded again'
for stage in empty bladder creep mass warm stud; do
    [ -s "$dir/w/$stage.tfr" ] || fail "no $stage.tfr"
done
[ "$(number schema)" = '"tenderfoot/calibrate/1"' ] || fail "$(cat "$dir/out")"
# planted: 1 dead, 1 stuck, 1 weak, a pair shorted
for pair in dead:1 stuck:1 weak:1 shorted:2; do
    within "$(number "${pair%:*}")" "${pair#*:}" "${pair#*:}" "cells ${pair%:*}"
done
within "$(number factor)" 1.02 1.12 "the stud's factor, 1.06 in truth"
[ "$(head -c 4 "$dir/map.png" | tail -c 3)" = PNG ] || fail 'no picture'

# --- The same folder alone gives the same file, without any plate
expect 0 '' $fast calibrate --work "$dir/w" -o "$dir/again.json" --operator 'the maker'
grep -q 'Error budget' "$dir/out" || fail "no budget: $(cat "$dir/out")"
cmp -s "$dir/cal.json" "$dir/again.json" || fail 'the same recordings gave another calibration'

# --- A stage that was killed is recorded anew, the half file kept
head -c 20000 "$dir/w/mass.tfr" >"$dir/half"
cp "$dir/half" "$dir/w/mass.tfr"
expect 0 'mass.half-1.tfr' $fast calibrate --device virtual:$bench --work "$dir/w" -o "$dir/cal.json"
cmp -s "$dir/half" "$dir/w/mass.half-1.tfr" || fail 'the half file is not what was there'

# --- Used: a person of 80 kg on this plate
expect 0 '' "$BIN/tenderfoot" record --device "virtual:$bench#stand?pace=fast" \
    --calibration "$dir/cal.json" -o "$dir/stand.tfr"
expect 0 '' "$fast" analyze "$dir/stand.tfr" --json
within "$(number mean_force_n)" 714 816 'mean force of a stand of 784.5 N, masked cells and all'
expect 0 '' $calibrate --check "$dir/stand.tfr" --kg 80 --json
[ "$(number holds)" = true ] || fail "the check: $(cat "$dir/out")"
within "$(number error_percent)" -3 3 'the weight'
within "$(number creep_percent_per_decade)" -3 3 'creep over the stand'
expect 1 '' $calibrate --check "$dir/stand.tfr" --kg 88
grep -q 'does not hold' "$dir/out" || fail "$(cat "$dir/out")"
expect 3 'no calibration in it' $calibrate --check "$dir/w/mass.tfr" --kg 40
expect 3 'nobody of about 400 kg' $calibrate --check "$dir/stand.tfr" --kg 400

# --- A month later: the plate has lost 8 % of its gain
expect 1 '' $calibrate --check "virtual:$aged#stand?pace=fast" --kg 80 \
    --calibration "$dir/cal.json" -o "$dir/later.tfr"
grep -q 'does not hold' "$dir/out" || fail "$(cat "$dir/out")"
[ -s "$dir/later.tfr" ] || fail 'the stand was not kept'

# --- Nobody at the keyboard of a plate that is no bench: said, not waited for
expect 1 'no keyboard' $calibrate --device 'virtual:samples/subjects/normal.json?pace=fast' --rate 100 \
    --work "$dir/live" -o "$dir/x.json"
# Enter for the tare, Enter for the empty plate, then the keyboard goes: the stage is half done.
code=0
printf '\n\n' | $calibrate --device 'virtual:samples/subjects/normal.json?pace=fast' --rate 100 --empty 600 \
    --work "$dir/live" -o "$dir/x.json" >"$dir/out" 2>"$dir/err" || code=$?
[ $code != 0 ] || fail 'a stage that its plate left was taken for done'
[ ! -e "$dir/x.json" ] || fail 'a calibration of half a stage'
# An empty plate that is quickly done; the next stage finds no keyboard.
cat >"$dir/nobody.json" <<'EOS'
{"schema": "tenderfoot/subject/1", "feet": [], "protocol": {"empty_s": 20, "stand_s": 0},
 "plate": {"rows": 12, "cols": 12, "serial": "E2E-BARE"}}
EOS
rm -rf "$dir/live"
code=0
printf '\n\n' | $calibrate --device "virtual:$dir/nobody.json?pace=fast" --rate 50 --empty 5 \
    --work "$dir/live" -o "$dir/x.json" >"$dir/out" 2>"$dir/err" || code=$?
[ $code = 1 ] || fail "exit $code: $(cat "$dir/err")"
grep -q "Stage 'empty' is done" "$dir/err" || fail "$(cat "$dir/err")"
grep -q "stage 'bladder' is unfinished" "$dir/err" || fail "$(cat "$dir/err")"
"$BIN/tenderfoot" verify "$dir/live/empty.tfr" >/dev/null || fail 'the empty plate'
# The maker gives up in the middle of the bladder: its file is whole, but no stage.
for _ in 1 2; do
    printf '\nq\n' | $calibrate --device "virtual:$dir/nobody.json?pace=fast" --rate 50 --empty 5 \
        --work "$dir/live" -o "$dir/x.json" >"$dir/out" 2>"$dir/err" && fail 'given up, and done?'
    "$BIN/tenderfoot" verify "$dir/live/bladder.tfr" >/dev/null || fail 'the broken off bladder'
done
grep -q 'was broken off; it is kept as .*bladder.half-1.tfr' "$dir/err" || fail "$(cat "$dir/err")"
# The rest before a tare, on request only.
expect 0 'rests for 0.1 s' "$BIN/tenderfoot" record --device "virtual:$dir/nobody.json?pace=fast" \
    --settle 0.1 --seconds 2 -o "$dir/rest.tfr"
# Ctrl-C in a live check: nothing of it is left.
mkdir "$dir/work"
TMPDIR="$dir/work" "$BIN/tenderfoot" calibrate --check "virtual:samples/benches/small.json#stand" --kg 80 2>"$dir/err" >"$dir/out" &
check=$!
until grep -q 'tared first' "$dir/err"; do sleep 0.1; done
kill -INT $check
code=0
wait $check || code=$?
[ $code = 1 ] || [ $code = 3 ] || fail "exit $code: $(cat "$dir/err")"
[ -z "$(ls -A "$dir/work")" ] || fail "left: $(ls -A "$dir/work")"
