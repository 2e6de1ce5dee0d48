#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Manual pages into FOLDER: a page a program and verb from its own --help, which cannot go stale, and a page a file format
# from the document beside its code.
set -eu
: "${BUILD:?}" "${1:?which folder}"
bin=$(cd "$BUILD/release" && pwd)
out=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out/man1" "$out/man5"
version=$("$bin/tenderfoot" --version | sed 's/.* //')
date=$(sed -n 's/^ -- .*>  //p' driver/packaging/debian/changelog | head -1)
date=$(LC_ALL=C date -u -d "$date" +"%B %Y")

# page NAME SUMMARY COMMAND...: help2man runs one program; a verb is given to it as one.
page() {
    name=$1 summary=$2
    shift 2
    printf '#!/bin/sh\nexec %s "$@"\n' "$*" >"$work/$name"
    chmod +x "$work/$name"
    (cd "$work" && SOURCE_DATE_EPOCH=0 help2man --no-info --no-discard-stderr --section=1 --manual="tenderfoot" \
        --source="tenderfoot $version" --version-string="$version" --name="$summary" "./$name") |
        sed "1,4s/January 1970/$date/; s|\./$name|$name|g" >"$out/man1/$name.1"
}

page tenderfoot "a pressure plate for the soles: load, press test, reports" "$bin/tenderfoot"
for program in "$bin"/tenderfoot-plate "$bin"/tenderfootd; do
    [ -x "$program" ] || continue
    case $program in
    *-plate) page tenderfoot-plate "a virtual plate: the firmware's own core as a process" "$program" ;;
    *) page tenderfootd "the station's daemon: plates, recordings and the page" "$program" ;;
    esac
done
"$bin/tenderfoot" --help | sed -n 's/^  \([a-z]*\)  *\(.*\)/\1 \2/p' | while read -r verb summary; do
    page "tenderfoot-$verb" "$summary" "$bin/tenderfoot $verb"
done

# format NAME FILE: pages of section 5, with the document's own title as what it is.
format() {
    { printf '%% TENDERFOOT-%s(5) tenderfoot %s\n%%\n%% %s\n\n' "$(echo "$1" | tr a-z A-Z)" "$version" "$date"
        printf '# NAME\n\ntenderfoot-%s - %s\n\n' "$1" "$(sed -n 's/^# //p' "$2" | head -1)"
        sed '/^<!-- SPDX/d' "$2"; } | pandoc -s -f markdown -t man -o "$out/man5/tenderfoot-$1.5"
}
format recording driver/RECORDING.md
format calibration calib/README.md
format subject samples/SCHEMA.md
format analysis analysis/SCHEMA.md
format export driver/export/README.md
format import driver/import/README.md
format documents analysis/export/README.md
format sway analysis/sway/SCHEMA.md
format compare analysis/change/SCHEMA.md
format store driver/store/SCHEMA.md
format protocol firmware/wire/PROTOCOL.md
format screening analysis/screen/README.md
format plan analysis/plan/README.md
format atlas analysis/atlas/README.md
format tools analysis/press/README.md
format norms analysis/NORMS.md
format notes driver/NOTES.md
format sealed driver/store/SEALED.md
format api driver/daemon/README.md
echo "manual pages: $(find "$out" -type f | wc -l) in $out"
