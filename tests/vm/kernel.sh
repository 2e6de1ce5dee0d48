#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# kernel.sh DIR: Debian's own kernel for the virtual machine, taken out of its package and never
# installed: DIR/vmlinux and DIR/modules. Needs no root.
set -eu
dir=${1:?the folder to put it}
PATH=$PATH:/usr/sbin:/sbin
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
cd "$dir"
rm -rf package modules ./*.deb

# The lists of packages may be missing, or so old that the package is gone from the archive: a
# second look is taken through lists of our own, which every user may fetch.
own=
package=
download() {
    # shellcheck disable=SC2086
    package=$(apt-cache $own depends linux-image-amd64 2>/dev/null |
        sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
    # shellcheck disable=SC2086
    [ -n "$package" ] && apt-get $own -q -o APT::Sandbox::User=root download "$package" >apt.log 2>&1
}
if ! download; then
    mkdir -p apt/lists/partial apt/archives/partial
    own="-o Dir::State=$dir/apt -o Dir::State::lists=$dir/apt/lists -o Dir::State::status=/var/lib/dpkg/status -o Dir::Cache=$dir/apt"
    # shellcheck disable=SC2086
    apt-get $own -q -o APT::Sandbox::User=root update >apt.log 2>&1 || true
    download || {
        echo "cannot fetch the package ${package:-linux-image-amd64} for the virtual machine:" >&2
        sed 's/^/    /' apt.log >&2
        echo "it comes by 'apt-get download' from Debian's archive: is there a network?" >&2
        exit 1
    }
fi

dpkg -x linux-image-*.deb package
version=$(ls package/lib/modules)
depmod -b package "$version"
# An uncompressed kernel starts twice as fast in an emulator. Where the compressed one lies in the
# boot file: Documentation/x86/boot.rst, payload_offset and payload_length.
python3 - "package/boot/vmlinuz-$version" vmlinux.part <<'PYTHON'
import lzma, struct, sys

image = open(sys.argv[1], "rb").read()
offset, length = struct.unpack_from("<II", image, 0x248)
start = ((image[0x1F1] or 4) + 1) * 512 + offset
open(sys.argv[2], "wb").write(lzma.LZMADecompressor().decompress(image[start : start + length]))
PYTHON

# The modules that the machine and the plate need, with all that these need.
mkdir -p "modules/lib/modules/$version"
for module in virtio_pci virtio_console xhci_pci cdc_acm ftdi_sio; do
    modprobe -d "$dir/package" -S "$version" --show-depends $module
done | sed -n "s|^insmod $dir/package/\([^ ]*\).*|\1|p" | sort -u | while read -r file; do
    install -D -m 644 "package/$file" "modules/$file"
done
cp "package/lib/modules/$version"/modules.builtin* "package/lib/modules/$version/modules.order" \
    "modules/lib/modules/$version"
depmod -b modules "$version"
rm -rf package apt apt.log ./*.deb
mv vmlinux.part vmlinux # last: whoever finds it finds all
