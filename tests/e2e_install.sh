#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# `make install` into a folder and under a prefix of its own: programs, pages, examples, and units that name the
# programs where they are.
set -eu
: "${BIN:?the folder with the programs}" "${BUILD:?}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
    echo "e2e_install: $*" >&2
    exit 1
}
for program in help2man pandoc; do
    command -v $program >/dev/null || fail "there is no $program: make deps-test installs it"
done
into=$dir/stage/opt/feet
# Not a job of the make that runs this: its flags are not ours.
env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make --no-print-directory install BUILD="$BUILD" DESTDIR="$dir/stage" PREFIX=/opt/feet \
    >"$dir/log" 2>&1 || fail "$(tail -20 "$dir/log")"
# There again by another prefix: each unit, its program.
for unit in "$into"/lib/systemd/system/*.service; do
    program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$unit")
    [ -x "$dir/stage$program" ] || fail "$unit runs $program, which is not there"
done
[ -s "$into/lib/systemd/system/tenderfootd.socket" ] || fail "no socket unit"
[ "$(find "$into/lib/systemd/system" -type f | wc -l)" = "$(find driver/packaging/systemd -type f | wc -l)" ] || fail "units are missing"
"$into/bin/tenderfoot" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' >"$dir/verbs"
[ "$(wc -l <"$dir/verbs")" -gt 20 ] || fail "no verbs: $(cat "$dir/verbs")"
while read -r verb; do
    grep -q '^\.TH' "$into/share/man/man1/tenderfoot-$verb.1" || fail "no page of tenderfoot $verb"
done <"$dir/verbs"
for page in man1/tenderfoot.1 man1/tenderfootd.1 man1/tenderfoot-plate.1 man5/tenderfoot-recording.5 man5/tenderfoot-calibration.5; do
    grep -q '^\.TH' "$into/share/man/$page" || fail "no page $page"
done
for file in lib/udev/rules.d/70-tenderfoot.rules share/tenderfoot/subjects/normal.json share/applications/tenderfoot.desktop \
    share/doc/tenderfoot/examples/postgresql.conf share/doc/tenderfoot/examples/encryption.conf; do
    [ -s "$into/$file" ] || fail "no $file"
done
[ -z "$(find "$dir/stage" -path "$into" -prune -o -type f -print)" ] || fail "files beside the prefix"
! grep -rlI -e "$dir" -e /usr/bin/tenderfoot "$into/lib" "$into/share" || fail "these name another place"
