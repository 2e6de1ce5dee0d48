#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A press test as FHIR, GDT, DICOM and a workbook from the command line, read by other software than ours.
set -eu
tf="${BUILD:?}/release/tenderfoot"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

"$tf" simulate --subject tests/support/short_press.json -o "$dir/a.tfr" 2>/dev/null >&2
"$tf" analyze "$dir/a.tfr" --json >"$dir/a.json"
"$tf" report "$dir/a.tfr" -o "$dir/a.pdf" 2>/dev/null
for as in fhir gdt dicom xlsx; do
    for twice in 1 2; do
        "$tf" export "$dir/a.tfr" --as $as -o "$dir/$as.$twice" --number 4711 --family-name Müller --given-name Ana --born 1970-03-31
    done
    cmp "$dir/$as.1" "$dir/$as.2" # the same input, the same bytes
done
mv "$dir/xlsx.1" "$dir/a.xlsx"
"$tf" export "$dir/a.tfr" --as csv -o "$dir/tables"
python3 -B tests/documents_reference.py "$dir/a.json" "$dir/fhir.1" "$dir/gdt.1" "$dir/dicom.1" "$dir/a.pdf" "$dir/a.xlsx" "$dir/tables"
dcmdump "$dir/dicom.1" | grep -q 'EncapsulatedPDFStorage'

refused() { # exit code, words, arguments
    want=$1 words=$2 code=0
    shift 2
    "$tf" export "$@" 2>"$dir/err" >&2 || code=$?
    [ $code = "$want" ] && grep -q -- "$words" "$dir/err" || { cat "$dir/err"; echo "export $*: exit $code"; exit 1; }
}
refused 2 "1970-03-31 is meant" "$dir/a.tfr" --as fhir -o "$dir/x" --born 1970-02-30
refused 2 "go with fhir, gdt" "$dir/a.tfr" --as csv -o "$dir/x" --number 3
code=0
env PATH=/nowhere "$tf" export "$dir/a.tfr" --as dicom -o "$dir/x" 2>"$dir/err" || code=$?
[ $code = 1 ] && grep -q "package dcmtk" "$dir/err"
[ ! -e "$dir/x" ]
echo "documents: FHIR R4, GDT 2.1, DICOM and xlsx hold the analysis's numbers"
