#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The package in a clean Debian: installed, its service run as its units would as far as a chroot can
# (tests/deb_service.py), used by somebody who is not root, upgraded to a later version with all data kept, removed with
# all data kept, and purged without a trace. As root, with debootstrap and the package of `make deb`.
set -eu
: "${BUILD:?}"
fail() {
    echo "deb-test: $*" >&2
    exit 1
}
[ "$(id -u)" = 0 ] || fail "a chroot needs root"
deb=$(ls "$BUILD"/deb/tenderfoot_*.deb)
root=$(mktemp -d)
chmod 755 "$root" # it is somebody's /
trap 'rm -rf "$root"' EXIT
log=$BUILD/deb/install.log
: >"$log"
mirror=$(sed -n 's/^deb .*\(https\{0,1\}:[^ ]*\) .*/\1/p; s/^URIs: *\([^ ]*\).*/\1/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1)
debootstrap --variant=minbase bookworm "$root" ${mirror:+"$mirror"} >"$BUILD/deb/debootstrap.log" 2>&1
in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
apt() { in_root apt-get "$1" -y -qq --no-install-recommends "$2" >>"$log" 2>&1 || { tail -20 "$log" >&2; fail "apt-get $1 $2"; }; }
in_root useradd -m somebody
later=$root/later.deb
dpkg-deb -R "$deb" "$root/parts"
sed -i 's/^Version: .*/&+later/' "$root/parts/DEBIAN/control"
dpkg-deb -b "$root/parts" "$later" >/dev/null
rm -rf "$root/parts"
cp "$deb" "$root/now.deb"

# --- What it brings ----------------------------------------------------------------------------------------
files() { (cd "$root" && find etc usr lib var run ! -path 'usr/share/doc/*' ! -path '*/cache/*' ! -path 'var/log/*' 2>/dev/null | sort); }
has() { for file in "$@"; do [ -s "$root/$file" ] || fail "the package brought no $file"; done; }
apt install /now.deb
has usr/lib/udev/rules.d/70-tenderfoot.rules lib/systemd/system/tenderfootd.socket lib/systemd/system/tenderfootd.service \
    lib/systemd/system/tenderfoot-gdt@.service usr/share/doc/tenderfoot/examples/postgresql.conf \
    usr/share/applications/tenderfoot.desktop
has usr/share/man/man1/tenderfoot.1.gz usr/share/man/man1/tenderfootd.1.gz usr/share/man/man1/tenderfoot-record.1.gz \
    usr/share/man/man5/tenderfoot-recording.5.gz usr/share/man/man5/tenderfoot-store.5.gz
[ -L "$root/etc/systemd/system/sockets.target.wants/tenderfootd.socket" ] || fail "the socket is not enabled"
[ ! -e "$root/etc/systemd/system/multi-user.target.wants/tenderfootd.service" ] || fail "the service does not wait for who asks"
in_root adduser --quiet somebody tenderfoot >>"$log" 2>&1 || fail "no group tenderfoot"

# --- Used, upgraded ------------------------------------------------------------------------------------------
serve() { unshare -n python3 -B tests/deb_service.py "$root" "$1" || fail "the installed service ($1)"; }
try() {
    in_root su somebody -c 'cd && rm -f a.* && tenderfoot --version &&
        tenderfoot simulate -s /usr/share/tenderfoot/subjects/normal.json -o a.tfr >/dev/null 2>&1 &&
        tenderfoot verify a.tfr >/dev/null && tenderfoot analyze a.tfr --json >a.json && tenderfoot report a.tfr -o a.pdf &&
        tenderfoot export a.tfr --as mat -o a.mat && test -s a.pdf && grep -q mean_force_n a.json && test -s a.mat'
}
try
serve first
apt install /later.deb
in_root dpkg-query -W -f '${Version}\n' tenderfoot | grep -q '+later$'
try
serve later

# --- Removed, purged -----------------------------------------------------------------------------------------
apt remove tenderfoot
[ -s "$root/var/lib/private/tenderfoot/catalogue.sqlite" ] || fail "removing took the station's data away"
echo 'tenderfoot tenderfoot/purge_data boolean false' | in_root debconf-set-selections
apt purge tenderfoot
[ -s "$root/var/lib/private/tenderfoot/catalogue.sqlite" ] || fail "the data were purged although that was answered no"
apt install /now.deb
apt purge tenderfoot
left=$(files | grep -i tenderfoot || true)
[ -z "$left" ] || fail "left behind: $left"
! grep -q tenderfoot "$root/etc/group" || fail "the group is left behind"
[ -s "$root/home/somebody/a.tfr" ] || fail "the user's recording is gone"
echo "package: installed, its service run, upgraded, removed with its data kept, purged without a trace, in a clean Debian"
