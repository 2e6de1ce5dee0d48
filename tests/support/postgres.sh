# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced: a real PostgreSQL server of our own in a folder, on a unix socket there, for nobody else.
#   postgres_begin DIR   starts it (as an ordinary user: it refuses to run as root) and sets
#                        TENDERFOOT_STORE; or says why not on stderr and returns 1
#   postgres_run PROGRAM ARGUMENTS...   psql and its like, as the server's user
#   postgres_end         stops it, if it runs; DIR stays

postgres_run() {
    program=$postgres_programs/$1
    shift
    (cd "$postgres_dir/pg" && exec $postgres_as "$program" "$@")
}

postgres_end() {
    [ -n "${postgres_server:-}" ] || return 0
    kill -INT "$postgres_server" 2>/dev/null || true
    wait "$postgres_server" 2>/dev/null || true
    postgres_server=
}

postgres_begin() {
    postgres_dir=$1 postgres_as= postgres_server=
    postgres_programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)
    [ -n "$postgres_programs" ] || {
        echo "there is no PostgreSQL: make deps-test installs it" >&2
        return 1
    }
    mkdir "$postgres_dir/pg"
    if [ "$(id -u)" = 0 ]; then
        chmod 711 "$postgres_dir"
        chown nobody "$postgres_dir/pg"
        postgres_as="setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME=$postgres_dir/pg"
    fi
    postgres_run initdb -D "$postgres_dir/pg/data" -U tenderfoot -A trust -E UTF8 --locale=C.UTF-8 \
        >"$postgres_dir/initdb.log" 2>&1 || {
        echo "initdb: $(cat "$postgres_dir/initdb.log")" >&2
        return 1
    }
    (cd "$postgres_dir/pg" && exec $postgres_as "$postgres_programs/postgres" -D "$postgres_dir/pg/data" \
        -k "$postgres_dir/pg" -c listen_addresses= -c unix_socket_permissions=0777) >"$postgres_dir/server.log" 2>&1 &
    postgres_server=$!
    export TENDERFOOT_STORE="postgresql://tenderfoot@/postgres?host=$postgres_dir/pg"
    tries=0
    until "$postgres_programs/pg_isready" -q -h "$postgres_dir/pg" -U tenderfoot; do
        tries=$((tries + 1))
        [ $tries -lt 1800 ] || {
            echo "the server does not start: $(cat "$postgres_dir/server.log")" >&2
            return 1
        }
        sleep 0.1
    done
}
