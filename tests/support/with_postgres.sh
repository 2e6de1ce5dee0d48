#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# with_postgres.sh COMMAND...: runs it with TENDERFOOT_STORE naming a fresh PostgreSQL server.
set -eu
dir=$(mktemp -d)
. "$(dirname "$0")/postgres.sh"
end() {
    postgres_end
    rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' INT TERM
postgres_begin "$dir"
"$@"
