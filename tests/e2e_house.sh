#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The house: nothing at the top but the agreed rooms, a licence line in each source, and MIT for what
# labs and makers of firmware may embed. (JSON and binary files cannot hold the line: LICENSE covers them.)
set -eu
for entry in *; do
    case " LICENSE Makefile README.md analysis calib driver firmware samples tests ${BUILD:-build} build " in
    *" $entry "*) ;;
    *) echo "$entry has no place at the top"; exit 1 ;;
    esac
done
echo "the top level is the agreed one"

files=$(find Makefile .ci analysis calib driver firmware samples tests -type f \
    \( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' -o -name '*.ld' -o -name Makefile -o -name run \))
docs=$(find calib driver firmware -name '*.md')
n=0
for f in $files $docs; do
    n=$((n + 1))
    head -n 3 "$f" | grep -q 'SPDX-License-Identifier: \(GPL-3.0-or-later\|MIT\)' || { echo "$f has no SPDX line"; exit 1; }
done
[ $n -gt 200 ] || { echo "only $n files were looked at"; exit 1; }
echo "$n files, each with its licence"

for f in firmware/wire/*.[ch] firmware/wire/*.md driver/recording*.[ch] driver/RECORDING.md; do
    case $f in driver/recording_recalibrate.*) continue ;; esac # needs calib/, which is GPL as a whole
    head -n 1 "$f" | grep -q 'MIT' || { echo "$f is not MIT"; exit 1; }
done
grep -q 'Permission is hereby granted' firmware/wire/LICENSE
echo "the wire and the recordings are MIT"

# The Debian package is built from what `deps` installs, and has the program's own version.
control=driver/packaging/debian/control
for package in $(sed -n '/^DEPS :=/,/[^\\]$/p' Makefile | tr -s ' \\' '\n\n' | grep -- '-dev$'); do
    case $package in libc6-dev) continue ;; esac # essential to building
    grep -q "[ ,]$package[, ]\|[ ,]$package\$" $control || { echo "$control does not build-depend on $package"; exit 1; }
done
version=$(sed -n 's/.*VERSION "\(.*\)"/\1/p' driver/version.h)
head -n 1 driver/packaging/debian/changelog | grep -q "($version)" || { echo "debian/changelog is not of $version"; exit 1; }
echo "the package asks for what is built with"
