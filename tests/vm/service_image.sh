#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# service_image.sh BIN VM OUT: the file system of a virtual machine that runs Debian's own systemd and
# under it the station's units as they are installed. Needs no root.
set -eu
bin=${1:?the folder with the programs} vm=${2:?the folder with the kernel} out=${3:?the file to make}
here=$(dirname "$0")
top=$here/../..
PATH=$PATH:/usr/sbin:/sbin
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

mkdir -p "$root/bin" "$root/lib/systemd/system" "$root/etc/systemd/system/tenderfootd.service.d" "$root/dev" \
    "$root/proc" "$root/sys" "$root/run" "$root/tmp" "$root/root" "$root/usr/share/tenderfoot" "$root/var/lib" "$root/new"
for link in sbin usr/bin usr/sbin; do
    ln -s /bin "$root/$link"
done
ln -s ../lib "$root/usr/lib" # relative: what is put under it stays in there
ln -s /run "$root/var/run"
cp -L "$bin/tenderfoot" "$bin/tenderfootd" "$bin/tenderfoot-plate" "$(command -v busybox)" "$(command -v systemctl)" /lib/systemd/systemd \
    "$here/guest/agent" "$root/bin"
for file in "$root/bin"/*; do
    ldd "$file" 2>/dev/null | sed -n 's/.*[[:space:]]\(\/[^ ]*\) (0x.*/\1/p'
done | sort -u | while read -r library; do
    install -D -m 755 "$library" "$root$library"
done
mv "$root/bin/systemd" "$root/lib/systemd/systemd"
cp -R "$vm/modules/lib/modules" "$root/lib"
cp "$here/service/init" "$root/init"
chmod 755 "$root/init" "$root/bin"/*

# The units: what every service asks for, ours, and a virtual plate for it.
for unit in sysinit basic sockets slices paths timers local-fs swap shutdown umount final multi-user; do
    cp "/lib/systemd/system/$unit.target" "$root/lib/systemd/system"
done
cp "$top"/driver/packaging/systemd/* "$root/lib/systemd/system"
cp "$here/service/agent.service" "$here/service/test.target" "$root/etc/systemd/system"
cp "$here/service/plate.conf" "$root/etc/systemd/system/tenderfootd.service.d"
ln -s test.target "$root/etc/systemd/system/default.target"
cp "$here/service/person.json" "$root/usr/share/tenderfoot/person.json"

printf '%s\n' root:x:0:0:root:/root:/bin/sh member:x:1000:990:member:/tmp:/bin/sh other:x:1001:1001:other:/tmp:/bin/sh nobody:x:65534:65534:nobody:/tmp:/bin/sh >"$root/etc/passwd"
printf '%s\n' root:x:0: tty:x:5: dialout:x:20: plugdev:x:46: tenderfoot:x:990: nogroup:x:65534: >"$root/etc/group"
printf 'ID=debian\nNAME=Debian\n' >"$root/etc/os-release"
echo 00112233445566778899aabbccddeeff >"$root/etc/machine-id"

(cd "$root" && find . | LC_ALL=C sort | cpio --quiet --owner=+0:+0 -H newc -o) >"$out.part"
mv "$out.part" "$out"
