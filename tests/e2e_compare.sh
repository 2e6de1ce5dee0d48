#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Two recordings of a virtual person compared, and sway of a recording, from the command line.
set -eu
tenderfoot=${BUILD:?}/release/tenderfoot
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() { echo "e2e_compare: $*" >&2; exit 1; }
record() { "$tenderfoot" simulate -s "samples/subjects/$1.json" --seed "$2" --calibration "$dir/cal.json" -o "$dir/$3.tfr" >/dev/null; }
record flat 1 morning
record flat 2 evening
record high_arch 3 other
"$tenderfoot" compare "$dir/morning.tfr" "$dir/evening.tfr" --json >"$dir/same.json"
"$tenderfoot" compare "$dir/morning.tfr" "$dir/other.tfr" --repeat "$dir/evening.tfr" --json >"$dir/other.json"
"$tenderfoot" sway "$dir/morning.tfr" --json >"$dir/sway.json"
"$tenderfoot" sway "$dir/morning.tfr" --foot left --from 5 --to 15 --json >"$dir/left.json"
"$tenderfoot" sway "$dir/morning.tfr" "$dir/evening.tfr" --json >"$dir/repeats.json"
/usr/bin/python3 - "$dir" <<'END'
import json
import sys

same, other, sway, left, repeats = (json.load(open(f"{sys.argv[1]}/{name}.json"))
                                    for name in ("same", "other", "sway", "left", "repeats"))
assert same["schema"] == "tenderfoot/compare/1" and same["repeats"] == 0
for side in ("left", "right"):
    for key in ("area_cm2", "arch_index", "cop_from_heel_mm"):
        assert same[side][key]["is_beyond_measuring_error"] is False, (side, key, same[side][key])
    for key in ("area_cm2", "arch_index"):
        assert other[side][key]["is_beyond_measuring_error"] is True, (side, key, other[side][key])
        assert other[side][key]["change"] < 0 and other[side][key]["error_from"] == "repeats"
assert any("different people" in warning for warning in other["warnings"])
print("the same person shows no change of the feet, another one does")

assert sway["schema"] == "tenderfoot/sway/1" and sway["pipeline"]["name"] == "lp10"
stand = sway["stand"]
assert 3 < stand["from_s"] < 4 and 20 < stand["to_s"] < 22 and not stand["shifts"] and not stand["is_stated"]
assert sway["left"]["ap"]["path_mm"] > 0 and sway["right"]["input"]["n"] == sway["input"]["n"]
# Of two feet the plate's centre moves as their mean does, and to the sides by far more than either.
assert sway["ml"]["rms_distance_mm"] > 2 * sway["left"]["ml"]["rms_distance_mm"]
between = sorted((sway["left"]["ml"]["mean_position_mm"], sway["right"]["ml"]["mean_position_mm"]))
assert between[0] < sway["ml"]["mean_position_mm"] < between[1]
velocity = sway["uncertainty"]["rd"]["mean_velocity_mm_s"]
assert velocity["low"] < sway["rd"]["mean_velocity_mm_s"] < velocity["high"]
assert left["path_of"] == "left" and left["stand"]["is_stated"] and abs(left["input"]["duration_s"] - 10) < 0.05
assert len(repeats["trials"]) == 2 and repeats["repeats"]["rd"]["path_mm"]["sd"] > 0
assert repeats["repeats"]["icc"] is None and repeats["repeats"]["icc_reason"]
print("sway of a recording: the plate, each foot, a part, two trials")
END

# expect CODE WORDS COMMAND...: the exit code, and what the message says.
expect() {
    want=$1 words=$2 code=0
    shift 2
    "$@" >/dev/null 2>"$dir/error" || code=$?
    [ $code = "$want" ] && grep -q -e "$words" "$dir/error" || { echo "$*: exit $code"; cat "$dir/error"; exit 1; }
}
"$tenderfoot" simulate -s samples/subjects/one_foot.json -o "$dir/one.tfr" >/dev/null
expect 3 'no path of the right' "$tenderfoot" sway "$dir/one.tfr" --foot right
expect 3 'only 0 frames' "$tenderfoot" sway "$dir/one.tfr" --from 0 --to 1.5
expect 2 'BEFORE and AFTER' "$tenderfoot" compare "$dir/one.tfr"
expect 2 'too many' "$tenderfoot" compare "$dir/one.tfr" "$dir/one.tfr" "$dir/one.tfr"
expect 1 'none.tfr' "$tenderfoot" compare "$dir/one.tfr" "$dir/none.tfr"
"$tenderfoot" compare "$dir/one.tfr" "$dir/morning.tfr" >"$dir/text" && grep -q 'Warning: ' "$dir/text"
echo "wrong words and files: told"

# One person four times: about one in twenty of the numbers at most, and the reader is told so.
record flat 5 again
record flat 6 third
"$tenderfoot" compare "$dir/morning.tfr" "$dir/evening.tfr" --repeat "$dir/again.tfr" --repeat "$dir/third.tfr" >"$dir/text"
beyond=$(grep -c ': beyond the measuring error' "$dir/text") || :
[ "$beyond" -le 2 ] && grep -q '^Of 24 numbers compared, about one in twenty' "$dir/text" || { cat "$dir/text"; exit 1; }
"$tenderfoot" compare "$dir/morning.tfr" "$dir/evening.tfr" --repeat "$dir/other.tfr" >"$dir/text"
grep -q 'Warning: Repeat 1 names another person' "$dir/text" || { cat "$dir/text"; exit 1; }
"$tenderfoot" compare "$dir/one.tfr" "$dir/morning.tfr" >"$dir/text"
grep -q ' foot: no change can be told: it was not found in the recording before' "$dir/text" && ! grep -q -e '--from' "$dir/text" || { cat "$dir/text"; exit 1; }
# Nothing to compare: a plate on which nobody stands; the left foot against the right one.
sed 's/"feet": .*/"feet": [],/' samples/subjects/one_foot.json >"$dir/nobody.json"
sed 's/"side": "left"/"side": "right"/' samples/subjects/one_foot.json >"$dir/right.json"
sed -i 's/"tell_sides": false/"tell_sides": true/' "$dir/right.json"
sed 's/"tell_sides": false/"tell_sides": true/' samples/subjects/one_foot.json >"$dir/left.json"
for subject in nobody left right; do
    "$tenderfoot" simulate -s "$dir/$subject.json" -o "$dir/stand_$subject.tfr" >/dev/null
done
"$tenderfoot" simulate -s "$dir/nobody.json" --seed 2 -o "$dir/nobody_again.tfr" >/dev/null
expect 3 'nothing can be compared: no foot was found' "$tenderfoot" compare "$dir/stand_nobody.tfr" "$dir/nobody_again.tfr"
[ "$(wc -l <"$dir/error")" = 1 ] && ! grep -q -e '--from' "$dir/error" || { cat "$dir/error"; exit 1; }
expect 3 'the left foot was found before and the right foot after' "$tenderfoot" compare "$dir/stand_left.tfr" "$dir/stand_right.tfr"
# Different people: told before the first number, and in the picture; a recording is no repeat of itself.
"$tenderfoot" compare "$dir/morning.tfr" "$dir/other.tfr" --picture "$dir/people.svg" >"$dir/text"
sed -n 3p "$dir/text" | grep -q '^Warning: The recordings name different people' || fail "not said before the numbers: $(head -5 "$dir/text")"
grep -q 'Warning: The recordings name different people' "$dir/people.svg" || fail "not said in the picture"
cp "$dir/morning.tfr" "$dir/copy.tfr"
for repeat in morning evening copy; do
    code=0
    "$tenderfoot" compare "$dir/morning.tfr" "$dir/evening.tfr" --repeat "$dir/$repeat.tfr" >"$dir/text" 2>&1 || code=$?
    [ $code = 3 ] && grep -q 'is the same recording as' "$dir/text" || fail "repeat $repeat: $code $(cat "$dir/text")"
done
# Nor is anything compared with itself: named twice, by another path, as a session's id, or as a copy.
ln -sf morning.tfr "$dir/link.tfr"
expect 2 'named twice' "$tenderfoot" compare "$dir/morning.tfr" "$dir/morning.tfr"
expect 2 'named twice' "$tenderfoot" compare s12345 s12345 --data "$dir/no_store"
for again in "./../$(basename "$dir")/morning" link; do
    expect 2 'is the same recording as .*compared with itself' "$tenderfoot" compare "$dir/morning.tfr" "$dir/$again.tfr"
done
expect 3 'is the same recording as .*compared with itself' "$tenderfoot" compare "$dir/morning.tfr" "$dir/copy.tfr"
echo "different people and a repeat that is none: told"
echo "few repeats, a repeat of another person, nothing to compare: told"
