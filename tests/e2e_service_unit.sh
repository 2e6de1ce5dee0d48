#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The service's units are as tight as they are said to be: at most 1.5 by systemd's own measure, also where the example
# opens the one server of a practice's catalogue.
set -eu
units=driver/packaging/systemd
unit=$units/tenderfootd.service
command -v systemd-analyze >/dev/null || {
    echo "skipped: there is no systemd-analyze (package systemd)"
    exit 0
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat $unit driver/packaging/examples/postgresql.conf driver/packaging/examples/encryption.conf >"$dir/with-postgresql.service"
cp "$units/tenderfoot-gdt@.service" "$dir/gdt.service"
for each in $unit "$dir/with-postgresql.service" "$dir/gdt.service"; do
    systemd-analyze security --offline=true --threshold=15 "$each" >"$dir/told" || {
        grep -e '✗' -e Overall "$dir/told" >&2
        exit 1
    }
done
# The least that may never go.
for word in DynamicUser=yes NoNewPrivileges=yes CapabilityBoundingSet=$ WatchdogSec=6 ProtectSystem=strict \
    MemoryDenyWriteExecute=yes Group=tenderfoot RuntimeDirectoryMode=0750 StateDirectoryMode=0700; do
    grep -q "^$word" $unit || {
        echo "e2e_service_unit: $unit lacks $word" >&2
        exit 1
    }
done
# Nothing in the units that systemd does not know (it warns, and goes on without).
cp $units/* "$dir"
sed -i 's|/usr/bin/tenderfoot[a-z]*|/bin/true|; /^Documentation=/d' "$dir"/*.service
SYSTEMD_UNIT_PATH="$dir:" systemd-analyze verify --man=no "$dir/tenderfootd.socket" "$dir/tenderfootd.service" \
    "$dir/with-postgresql.service" "$dir/tenderfoot-gdt@srv-gdt.service" >"$dir/told" 2>&1 || true
if grep "^$dir/.*\(tenderfoot\|with-postgresql\)" "$dir/told" >&2; then
    exit 1
fi
