#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every PDF that this program makes is PDF/A-2b by the standard's clauses (tests/pdf_archive.py), its words can be selected, and
# the same input gives the same bytes.
set -eu
tf="${BUILD:?}/release/tenderfoot"
python=python3
"$python" -c 'import pikepdf' 2>/dev/null || python=/usr/bin/python3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for seed in 11 12; do
    "$tf" simulate --subject samples/subjects/tender_1.json --seed $seed -o "$dir/$seed.tfr" >/dev/null 2>&1
done
walk=../shared/data/plates/recordings/emed_test.lst # a real step, where the recordings of others are
[ ! -r $walk ] || "$tf" import $walk -o "$dir/walk.tfr" >/dev/null 2>&1
for language in en de ru; do
    "$tf" report "$dir/12.tfr" --compare-with "$dir/11.tfr" --language $language -o "$dir/$language.pdf" >/dev/null
    "$tf" report "$dir/12.tfr" --compare-with "$dir/11.tfr" --language $language -o "$dir/again.pdf" >/dev/null
    cmp "$dir/$language.pdf" "$dir/again.pdf"
    pages=$(pdfinfo "$dir/$language.pdf" | awk '$1 == "Pages:" { print $2 }')
    [ "$pages" -ge 1 ] && [ "$pages" -le 3 ]
    title=$(pdfinfo "$dir/$language.pdf" | sed -n 's/^Title: *//p')
    pdftotext "$dir/$language.pdf" "$dir/words"
    grep -qF "$title" "$dir/words"
done
rm "$dir/again.pdf"
grep -qF 'стоп' "$dir/words"
"$tf" report "$dir/11.tfr" -o "$dir/press.pdf" >/dev/null
[ ! -e "$dir/walk.tfr" ] || "$tf" report "$dir/walk.tfr" -o "$dir/walk.pdf" >/dev/null
"$tf" compare "$dir/11.tfr" "$dir/12.tfr" --picture "$dir/change.pdf" >/dev/null
"$tf" atlas --draw "$dir/atlas.pdf" >/dev/null
archive=$PWD/tests/pdf_archive.py
cd "$dir"
"$python" -B "$archive" ru.pdf en.pdf de.pdf press.pdf change.pdf atlas.pdf $([ ! -e walk.pdf ] || echo walk.pdf)
