#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# image.sh BIN VM OUT: the file system of the virtual machine, an uncompressed cpio archive: busybox,
# udev and lsusb as Debian has them, the kernel modules of VM, the programs of BIN, and all the
# libraries these need. Needs no root.
set -eu
bin=${1:?the folder with the programs} vm=${2:?the folder with the kernel} out=${3:?the file to make}
here=$(dirname "$0")
PATH=$PATH:/usr/sbin:/sbin
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

mkdir -p "$root/bin" "$root/lib/systemd" "$root/lib/udev/rules.d" "$root/etc" "$root/dev" \
    "$root/proc" "$root/sys" "$root/run" "$root/tmp" "$root/root" "$root/usr" "$root/var"
for link in sbin usr/bin usr/sbin; do
    ln -s /bin "$root/$link"
done
ln -s /run "$root/var/run"

programs="$bin/tenderfoot $bin/tenderfoot-plate $(command -v busybox) $(command -v udevadm) \
    $(command -v lsusb) $(command -v usbreset) $here/../../tests/vm/guest/*"
# shellcheck disable=SC2086
cp -L $programs "$root/bin"
for file in "$root/bin"/*; do
    ldd "$file" 2>/dev/null | sed -n 's/.*[[:space:]]\(\/[^ ]*\) (0x.*/\1/p'
done | sort -u | while read -r library; do
    install -D -m 755 "$library" "$root$library"
done
mv "$root/bin/init" "$root/init"
chmod 755 "$root/init" "$root/bin"/*
ln -s /bin/udevadm "$root/lib/systemd/systemd-udevd"
cp /lib/udev/rules.d/50-udev-default.rules /lib/udev/rules.d/60-serial.rules \
    /lib/udev/rules.d/80-drivers.rules "$here/../../driver/70-tenderfoot.rules" "$root/lib/udev/rules.d"
cp -R "$vm/modules/lib/modules" "$root/lib"

printf '%s\n' root:x:0:0:root:/root:/bin/sh nobody:x:65534:65534:nobody:/tmp:/bin/sh >"$root/etc/passwd"
# the groups that udev's own rules name
n=0
for group in root tty dialout kmem input video audio lp disk cdrom tape sgx kvm render plugdev; do
    echo "$group:x:$n:"
    n=$((n + 1))
done >"$root/etc/group"
echo "nogroup:x:65534:" >>"$root/etc/group"

(cd "$root" && find . | LC_ALL=C sort | cpio --quiet --owner=+0:+0 -H newc -o) >"$out.part"
mv "$out.part" "$out"
