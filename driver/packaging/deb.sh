#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A Debian package of this tree into build/deb: the tree is copied, debian/ put beside it, and Debian's own tool builds it.
set -eu
: "${BUILD:?}"
version=$(sed -n 's/.*VERSION "\(.*\)"/\1/p' driver/version.h)
said=$(sed -n '1s/.*(\(.*\)).*/\1/p' driver/packaging/debian/changelog)
[ "$version" = "$said" ] || { echo "deb: driver/version.h says $version, debian/changelog says $said" >&2; exit 1; }
stage=$BUILD/deb/tenderfoot-$version
rm -rf "$BUILD/deb"
mkdir -p "$stage"
tar -c --exclude-vcs --exclude="./${BUILD#./}" . | tar -x -C "$stage"
cp -r driver/packaging/debian "$stage/debian"
(cd "$stage" && dpkg-buildpackage -b -us -uc >../build.log 2>&1) || { tail -40 "$BUILD/deb/build.log" >&2; exit 1; }
rm -rf "$stage"
ls -l "$BUILD"/deb/*.deb
