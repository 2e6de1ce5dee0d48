#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The store as a practice uses it: people and sessions by the command line, a recording that goes
# straight in, kill -9 while it writes, copies, and a person who leaves; then the same on a real
# PostgreSQL server.
set -eu
: "${BIN:?the folder with the programs}"
dir=$(mktemp -d)
. tests/support/postgres.sh
end() {
    postgres_end
    rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' INT TERM
unset TENDERFOOT_STORE TENDERFOOT_STORE_KEY TENDERFOOT_STORE_PASSPHRASE
export TENDERFOOT_DATA="$dir/data"
tenderfoot=$BIN/tenderfoot

fail() {
    echo "e2e_store: $*" >&2
    exit 1
}

# expect CODE WORD COMMAND...: the command ends with CODE and says WORD on stderr.
expect() {
    wanted=$1 word=$2 code=0
    shift 2
    "$@" >"$dir/out" 2>"$dir/err" || code=$?
    [ $code = "$wanted" ] || fail "$*: exit $code instead of $wanted: $(cat "$dir/err")"
    [ -z "$word" ] || grep -q -e "$word" "$dir/err" || fail "$*: no '$word' in: $(cat "$dir/err")"
}

# value KEY FILE: the first value of a key in a JSON document, one key a line.
value() {
    sed -n "s/^ *\"$1\": \(\"\{0,1\}\)\([^\",]*\)\"\{0,1\},\{0,1\}\$/\2/p" "$2" | head -n 1
}

add() { # add LABEL: prints the id
    "$tenderfoot" clients add --label "$1" --json >"$dir/added" || fail "no person was added"
    value client "$dir/added"
}

agree() { # agree ID: to all that recording for somebody asks for
    for purpose in recording storing; do
        "$tenderfoot" clients consent "$1" --give "$purpose" >/dev/null || fail "$1 cannot agree to $purpose"
    done
}

# A short stand, another for each seed.
sed 's/"stand_s": 15/"stand_s": 5/' samples/subjects/one_foot.json >"$dir/subject.json"
simulate() { # simulate SEED FILE
    "$tenderfoot" simulate -s "$dir/subject.json" --seed "$1" -o "$2" >"$dir/out" ||
        fail "simulate"
}

# --- People and sessions -------------------------------------------------------------------------
expect 3 'holds no store' "$tenderfoot" clients show p0000
expect 2 'which' "$tenderfoot" clients
expect 2 'which' "$tenderfoot" sessions dance
expect 2 'export takes ID FOLDER after it; .tenderfoot clients list. shows' "$tenderfoot" clients export p0000
expect 2 'list takes no word' "$tenderfoot" sessions list p0000
expect 0 '' "$tenderfoot" clients list --data "$dir/nobody"
grep -q "^Nobody is in this list; 'tenderfoot clients add" "$dir/out" || fail "an empty list: $(cat "$dir/out")"
expect 2 'which' "$tenderfoot" store
person=$(add "Müller'); DROP TABLE client;--")
expect 3 'control character' "$tenderfoot" clients add --label "$(printf 'a\nb')"
expect 3 'birth_year' "$tenderfoot" clients edit "$person" --birth-year 3
expect 0 '' "$tenderfoot" clients edit "$person" --birth-year 1970 --sex female --keep-until 2020-01-01
expect 0 '' "$tenderfoot" clients consent "$person" --give storing --words 'sheet 3'
expect 0 '' "$tenderfoot" clients list --due --search MÜLLER --json
[ "$(value matching "$dir/out")" = 1 ] || fail "not found: $(cat "$dir/out")"
expect 3 'no person pzzzz in .*clients list. shows the ids' "$tenderfoot" clients show pzzzz
expect 3 'is no id of a person' "$tenderfoot" clients erase nobody --yes
expect 3 'there are .*arch_index.*sway_path_mm, and of a zone "threshold_kpa P07"$' \
    "$tenderfoot" sessions trend wrong --person "$person"
expect 0 '' "$tenderfoot" clients list
[ "$(tail -n 1 "$dir/out")" = "1 person" ] || fail "one person: $(cat "$dir/out")"

simulate 1 "$dir/1.tfr"
expect 0 '' "$tenderfoot" sessions add "$dir/1.tfr" --person "$person" --json
session=$(value session "$dir/out")
grep -q '"name": "sway_velocity_mm_s"' "$dir/out" || fail "no sway: $(cat "$dir/out")"
grep -q '"name": "mean_force_n"' "$dir/out" || fail "no force: $(cat "$dir/out")"
expect 0 '' "$tenderfoot" sessions trend mean_force_n --person "$person" --json
grep -q "\"session\": \"$session\"" "$dir/out" || fail "no trend"
expect 0 '' "$tenderfoot" sessions path "$session"
cmp "$(cat "$dir/out")" "$dir/1.tfr" || fail "another recording"

# Straight from a plate: without -o, and with it.
export XDG_RUNTIME_DIR="$dir"
expect 3 'has not agreed to being recorded' "$tenderfoot" record -d virtual:"$dir/subject.json" --seconds 1 \
    --person "$person" -o "$dir/kept.tfr"
[ ! -e "$dir/kept.tfr" ] || fail "recorded all the same"
expect 0 '' "$tenderfoot" clients consent "$person" --give recording
for output in "" "-o $dir/kept.tfr"; do
    # shellcheck disable=SC2086
    expect 0 '' "$tenderfoot" record -d virtual:"$dir/subject.json" --seconds 1 \
        --person "$person" $output --json
    session=$(value session "$dir/out")
    [ "${session#s}" != "$session" ] || fail "no session: $(cat "$dir/out")"
    [ -s "$(value file "$dir/out")" ] || fail "no file: $(cat "$dir/out")"
done
[ -s "$dir/kept.tfr" ] || fail "-o was not kept"
stranger=$(add "Another one")
agree "$stranger"
expect 3 "is of another person: it was made of $person, not of $stranger" "$tenderfoot" sessions add "$dir/kept.tfr" --person "$stranger"
expect 0 '' "$tenderfoot" clients erase "$stranger" --yes
[ -z "$(ls "$TENDERFOOT_DATA/arriving")" ] || fail "arriving/ is not empty"
expect 3 'no person' "$tenderfoot" record -d virtual:"$dir/subject.json" --person pzzzz

# --- kill -9 ---------------------------------------------------------------------------------------
# Whoever was acknowledged is there afterwards, and the store is whole. By the quick build where there
# is one: it is killed at more places.
quick=${BUILD:-build}/release/tenderfoot
[ -x "$quick" ] || quick=$tenderfoot

write_on() { # write_on ROUND: until it is killed
    n=0
    while :; do
        n=$((n + 1))
        "$quick" clients add --label "killed $1.$n" --json >"$dir/k$1" &&
            value client "$dir/k$1" >>"$dir/acknowledged"
        "$quick" clients note "$person" "note $1.$n" >/dev/null && echo "note $1.$n" >>"$dir/notes"
    done
}

kill_writer() { # kill_writer PID: the loop first, so that it starts no other; then what it started
    child=$(cat "/proc/$1/task/$1/children" 2>/dev/null || true)
    kill -9 "$1" 2>/dev/null || true
    # shellcheck disable=SC2086
    [ -z "$child" ] || kill -9 $child 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

kill_while_writing() {
    : >"$dir/acknowledged"
    for round in 1 2 3 4 5 6 7 8; do
        wanted=$(($(wc -l <"$dir/acknowledged") + 2)) tries=0
        write_on $round 2>/dev/null &
        writer=$!
        until [ "$(wc -l <"$dir/acknowledged")" -ge $wanted ] || [ $tries -ge 2400 ]; do
            tries=$((tries + 1))
            sleep 0.05
        done
        sleep "0.0$((round * 13 % 7))"
        kill_writer $writer
    done
    [ "$(wc -l <"$dir/acknowledged")" -ge 8 ] || fail "too little was written: $(cat "$dir/acknowledged")"
    "$tenderfoot" clients list --limit 1000 --json >"$dir/all" || fail "the store does not open"
    while read -r id; do
        grep -q "\"$id\"" "$dir/all" || fail "$id was acknowledged and is gone"
    done <"$dir/acknowledged"
    "$tenderfoot" clients show "$person" --json >"$dir/all"
    while read -r words; do
        grep -q "\"$words\"" "$dir/all" || fail "$words was acknowledged and is gone"
    done <"$dir/notes"
    expect 0 '' "$tenderfoot" store check --json
    echo "killed eight times: $(wc -l <"$dir/acknowledged") people, $(wc -l <"$dir/notes") notes are there"
}
: >"$dir/notes"
kill_while_writing

# A recording on its way in: each attempt is killed later than the one before.
simulate 2 "$dir/2.tfr"
for delay in 0.02 0.05 0.1 0.2 0.4 0.8; do
    "$quick" sessions add "$dir/2.tfr" --person "$person" --json >"$dir/out" 2>&1 &
    writer=$!
    sleep $delay
    kill -9 "$writer" 2>/dev/null || true
    wait "$writer" 2>/dev/null || true
    session=$(value session "$dir/out")
    [ -z "$session" ] || expect 0 '' "$tenderfoot" sessions path "$session"
done
expect 0 '' "$tenderfoot" store check --repair
expect 0 '' "$tenderfoot" sessions add "$dir/2.tfr" --person "$person"
expect 0 '' "$tenderfoot" store check

# --- Copies, and a person who leaves ----------------------------------------------------------------
expect 0 '' "$tenderfoot" store backup "$dir/backup"
expect 3 'there already' "$tenderfoot" store backup "$dir/backup"
expect 0 '' "$tenderfoot" store check --data "$dir/backup"
expect 0 '' "$tenderfoot" clients export "$person" "$dir/export"
[ -s "$dir/export/README.txt" ] || fail "no README"
expect 0 '' "$tenderfoot" clients export "$person" "$dir/coded" --pseudonymous
! grep -rqa -e "ller')" -e "$person" "$dir/coded" || fail "the coded export tells who it is"
for file in "$dir"/coded/recordings/*.tfr; do
    expect 0 '' "$tenderfoot" verify "$file"
done
expect 2 'yes' "$tenderfoot" clients erase "$person"
mv "$dir/backup" "$dir/away"
expect 1 'could not be reached' "$tenderfoot" clients erase "$person" --yes
mv "$dir/away" "$dir/backup"
expect 0 '' "$tenderfoot" clients erase "$person" --yes
grep -q "Not reached: copies sealed by" "$dir/out" || fail "what erasing cannot reach is not told: $(cat "$dir/out")"
! grep -rqa -e "ller')" -e 'sheet 3' "$TENDERFOOT_DATA" "$dir/backup" || fail "something is left"
[ -z "$(find "$TENDERFOOT_DATA" "$dir/backup" -name '*.tfr')" ] || fail "a recording is left"
expect 0 '' "$tenderfoot" store check
expect 0 '' "$tenderfoot" store restore "$dir/backup" --data "$dir/restored"
expect 3 'holds a store' "$tenderfoot" store restore "$dir/backup" --data "$dir/restored"
expect 0 '' "$tenderfoot" store check --data "$dir/restored"
expect 0 '' "$tenderfoot" store merge "$dir/restored" --json
[ "$(value people "$dir/out")" = 0 ] || fail "a merge brought people twice"
[ -z "$(find "$TENDERFOOT_DATA" -perm /077)" ] || fail "others may read: $(find "$TENDERFOOT_DATA" -perm /077)"

# --- Encrypted ---------------------------------------------------------------------------------------
# The folder in use: before it everything is found by grep, then nothing, and every verb does as before.
export TENDERFOOT_DATA="$dir/vault"
person=$(add "MARKERVAULT")
expect 3 'has not agreed to recordings being stored' "$tenderfoot" sessions add "$dir/1.tfr" --person "$person"
agree "$person"
expect 0 '' "$tenderfoot" sessions add "$dir/1.tfr" --person "$person" --json
session=$(value session "$dir/out")
expect 0 '' "$tenderfoot" store backup
grep -rqa MARKERVAULT "$TENDERFOOT_DATA" || fail "nothing to hide"
expect 0 '' "$tenderfoot" store new-key "$dir/key"
grep -q 'keep a second copy' "$dir/out" || fail "what a key's loss means is not told: $(cat "$dir/out")"
expect 0 '' "$tenderfoot" store new-key "$dir/other.key"
expect 2 'by which key' "$tenderfoot" store encrypt
for delay in 0.01 0.03 0.06 0.1; do # killed in the middle
    "$quick" store encrypt --key-file "$dir/key" >/dev/null 2>&1 &
    writer=$!
    sleep $delay
    kill -9 "$writer" 2>/dev/null || true
    wait "$writer" 2>/dev/null || true
done
expect 0 '' "$tenderfoot" store encrypt --key-file "$dir/key" --json
[ "$(value encrypted "$dir/out") $(value catalogue "$dir/out")" = "true encrypted" ] || fail "encrypted: $(cat "$dir/out")"
expect 0 '' "$tenderfoot" store encrypt --key-file "$dir/key" # again: nothing is turned, and that is said
grep -q 'It was encrypted already, by this key' "$dir/out" || fail "encrypted twice: $(cat "$dir/out")"
expect 3 'is encrypted already' "$tenderfoot" store encrypt
expect 3 'is not its key' "$tenderfoot" store encrypt --key-file "$dir/other.key"
! grep -rqa -e MARKERVAULT -e 'SQLite format' "$TENDERFOOT_DATA" || fail "left in the clear: $(grep -rla MARKERVAULT "$TENDERFOOT_DATA")"
[ -z "$(find "$TENDERFOOT_DATA" -name '*.tfr')" ] || fail "a recording is in the clear"
expect 3 'is encrypted: give its key' "$tenderfoot" clients list
expect 3 'is not its key' "$tenderfoot" clients list --store-key "$dir/other.key"
expect 0 '' "$tenderfoot" clients list --store-key "$dir/key"
grep -q MARKERVAULT "$dir/out" || fail "she is not in the list"
export TENDERFOOT_STORE_KEY="$dir/key"
expect 0 '' "$tenderfoot" store check
expect 3 'the store is encrypted.*sessions copy' "$tenderfoot" sessions path "$session"
expect 0 '' "$tenderfoot" sessions copy "$session" "$dir/copied.tfr"
cmp "$dir/copied.tfr" "$dir/1.tfr" || fail "another recording"
expect 2 'named twice' "$tenderfoot" compare "$session" "$session" --json
simulate 2 "$dir/again.tfr"
expect 0 '' "$tenderfoot" compare "$session" "$dir/again.tfr" --json
expect 0 '' "$tenderfoot" record -d virtual:"$dir/subject.json" --seconds 1 --person "$person" --json
grep -q '"file": "session s.* (encrypted)"' "$dir/out" || fail "where it is: $(cat "$dir/out")"
[ -z "$(ls "$TENDERFOOT_DATA/arriving")" ] || fail "arriving/ is not empty"
expect 0 '' "$tenderfoot" clients export "$person" "$dir/vault-export"
[ "$(find "$dir/vault-export" -name '*.tfr' | wc -l)" = 2 ] || fail "not exported: $(find "$dir/vault-export")"
expect 0 '' "$tenderfoot" store backup "$dir/vault-backup"
! grep -rqa MARKERVAULT "$dir/vault-backup" || fail "the backup is in the clear"
expect 0 '' "$tenderfoot" store restore "$dir/vault-backup" --data "$dir/vault-again"
expect 0 '' "$tenderfoot" store check --data "$dir/vault-again"
unset TENDERFOOT_STORE_KEY
python3 -B tests/serve_encrypted.py "$BIN" "$TENDERFOOT_DATA" "$dir/key" "$dir/2.tfr" || fail "the station on an encrypted folder"
expect 0 '' "$tenderfoot" clients erase "$person" --yes --store-key "$dir/key"
expect 0 '' "$tenderfoot" store decrypt --key-file "$dir/key"
expect 0 '' "$tenderfoot" store check
! grep -rqa MARKERVAULT "$TENDERFOOT_DATA" || fail "erased, and left: $(grep -rla MARKERVAULT "$TENDERFOOT_DATA")"
[ ! -e "$TENDERFOOT_DATA/encryption" ] || fail "the mark is left"

# --- A catalogue of version 1 --------------------------------------------------------------------------
# What it knew is there: of Olga her facts, consent, screening, session with number, zone and note; of both when their
# time is over, which version 1 did not have.
knows_version_1() {
    expect 0 '' "$tenderfoot" clients show p0123456789abcdef --json
    for words in '"label": "Olga Version One"' '"birth_year": 1961' '"notes": "first of all"' '"due_on": "2031-05-01"' \
        '"words": "as on sheet 1"' '"day": "2026-01-02"' '"session": "s0000000000000001"'; do
        grep -q -e "$words" "$dir/out" || fail "version 1: no $words in: $(cat "$dir/out")"
    done
    expect 0 '' "$tenderfoot" clients show pzzzzzzzzzzzzzzzz --json
    [ "$(value due_on "$dir/out")" = 2028-01-02 ] || fail "version 1: due: $(cat "$dir/out")"
    expect 0 '' "$tenderfoot" sessions show s0000000000000001 --json
    for words in '"frames": 3050' '"lost_frames": 1' '"name": "arch_index"' '"value": 0.25' '"zone": "P07"' '"flag": "attention"' \
        '"threshold_kpa": 175' '"condition": null' '"text": "stood well"'; do
        grep -q -e "$words" "$dir/out" || fail "version 1: no $words in: $(cat "$dir/out")"
    done
    expect 0 '' "$tenderfoot" store log --json
    grep -q '"at_utc": "2026-01-02T10:00:00Z"' "$dir/out" || fail "version 1: its access log is gone"
    agree pzzzzzzzzzzzzzzzz
    expect 0 '' "$tenderfoot" sessions add "$dir/3.tfr" --person pzzzzzzzzzzzzzzzz # and it is written on
    expect 3 'no recording\|missing\|is not' "$tenderfoot" store check
}

simulate 3 "$dir/3.tfr"
(
    export TENDERFOOT_DATA="$dir/version1"
    mkdir "$TENDERFOOT_DATA"
    python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(open("tests/support/store_version_1.sql").read())' \
        "$TENDERFOOT_DATA/catalogue.sqlite"
    cp "$TENDERFOOT_DATA/catalogue.sqlite" "$dir/before.sqlite"
    knows_version_1
    kept=$(ls -d "$TENDERFOOT_DATA"/backups/before-version-3-*)
    rows='import sqlite3, sys; print(sorted(line for line in sqlite3.connect(sys.argv[1]).iterdump()))'
    [ "$(python3 -c "$rows" "$kept/catalogue.sqlite")" = "$(python3 -c "$rows" "$dir/before.sqlite")" ] ||
        fail "the backup is not what was there"
    python3 -c 'import sqlite3, sys; at = sqlite3.connect(sys.argv[1]); at.execute("UPDATE meta SET value = 99 WHERE key = \"schema_version\""); at.commit()' \
        "$TENDERFOOT_DATA/catalogue.sqlite"
    expect 3 'the store is of version 99, made by a newer tenderfoot; this one knows versions up to 3: update it' "$tenderfoot" clients list
) || exit 1

# --- PostgreSQL ---------------------------------------------------------------------------------------
postgres_begin "$dir" || fail "there is no server"

# Version 1 on the server: the same rows, brought forward in its transactions (the administrator's dump is the backup).
postgres_run createdb -h "$dir/pg" -U tenderfoot version1 || fail "createdb"
sed -e '/^PRAGMA/d' -e '/^CREATE TRIGGER/d' tests/support/store_version_1.sql | cat - tests/support/store_version_1_postgres.sql |
    postgres_run psql -q -v ON_ERROR_STOP=1 -h "$dir/pg" -U tenderfoot version1 >"$dir/out" 2>&1 || fail "version 1: $(cat "$dir/out")"
(
    export TENDERFOOT_DATA="$dir/version1pg" TENDERFOOT_STORE="postgresql://tenderfoot@/version1?host=$dir/pg"
    mkdir "$TENDERFOOT_DATA"
    knows_version_1
    [ ! -e "$TENDERFOOT_DATA/catalogue.sqlite" ] || fail "a catalogue beside the server's"
    postgres_run psql -q -h "$dir/pg" -U tenderfoot version1 -c "UPDATE meta SET value = '99' WHERE key = 'schema_version'"
    expect 3 'the store is of version 99, made by a newer tenderfoot' "$tenderfoot" clients list
) || exit 1

python3 -B tests/serve_postgres.py "$BIN" "$TENDERFOOT_STORE" "$dir/2.tfr" || fail "the station on PostgreSQL"
expect 0 '' "$tenderfoot" clients list --search 'By station' --json # by the catalogue alone, from elsewhere
who=$(value client "$dir/out")
[ -n "$who" ] || fail "who was added by the station is not in the catalogue"
expect 0 '' "$tenderfoot" clients erase "$who" --yes

export TENDERFOOT_DATA="$dir/station1"
person=$(add "Olga'); DROP TABLE client;-- \\ %")
expect 0 '' "$tenderfoot" clients edit "$person" --birth-year 1970 --keep-years 3 --notes 'MARKERNOTES'
expect 0 '' "$tenderfoot" clients consent "$person" --give storing
expect 0 '' "$tenderfoot" clients consent "$person" --withdraw storing
expect 3 'has not agreed to recordings being stored' "$tenderfoot" sessions add "$dir/1.tfr" --person "$person"
expect 0 '' "$tenderfoot" clients consent "$person" --give storing
expect 0 '' "$tenderfoot" sessions add "$dir/1.tfr" --person "$person" --json
session=$(value session "$dir/out")
expect 0 '' "$tenderfoot" sessions add "$dir/1.tfr" --person "$person" --json
[ "$(value session "$dir/out")" = "$session" ] || fail "one recording became two sessions"
expect 0 '' "$tenderfoot" sessions trend sway_velocity_mm_s --person "$person" --json
[ "$(value value "$dir/out")" ] || fail "no trend: $(cat "$dir/out")"
expect 0 '' "$tenderfoot" sessions list --person "$person" --from 2020-01-01 --protocol stand --json
[ "$(value matching "$dir/out")" = 1 ] || fail "no session listed: $(cat "$dir/out")"
export TENDERFOOT_DATA="$dir/station2" # another station on the same catalogue
expect 0 '' "$tenderfoot" clients list --search "OLGA') %" --json
expect 0 '' "$tenderfoot" clients list --search OLGA --json
[ "$(value matching "$dir/out")" = 1 ] || fail "the other station does not see her"
expect 3 'station that made it' "$tenderfoot" sessions path "$session"
other=$(add "somebody else")
agree "$other"
expect 3 'another person' "$tenderfoot" sessions add "$dir/1.tfr" --person "$other"
expect 0 '' "$tenderfoot" sessions add "$dir/2.tfr" --person "$other"
# The server keeps the people, this folder the recordings: these are encrypted.
export TENDERFOOT_DATA="$dir/station1"
expect 0 '' "$tenderfoot" store encrypt --key-file "$dir/key" --json
[ "$(value catalogue "$dir/out") $(value recordings "$dir/out")" = "not here 1" ] || fail "encrypted: $(cat "$dir/out")"
[ -z "$(find "$TENDERFOOT_DATA" -name '*.tfr')" ] || fail "a recording is in the clear"
expect 0 '' "$tenderfoot" sessions copy "$session" "$dir/pgcopied.tfr" --store-key "$dir/key"
cmp "$dir/pgcopied.tfr" "$dir/1.tfr" || fail "another recording"
expect 0 '' "$tenderfoot" store decrypt --key-file "$dir/key"
export TENDERFOOT_DATA="$dir/station2"
expect 0 '' "$tenderfoot" store backup "$dir/pgbackup" --json
expect 0 '' "$tenderfoot" clients list --store '' --data "$dir/pgbackup" --json
[ "$(value matching "$dir/out")" = 2 ] || fail "the backup lacks people"
# A station that had its own catalogue joins, twice: Olga went on there under the same id, another came.
expect 3 'restored, but for recordings' "$tenderfoot" store restore "$dir/pgbackup" --data "$dir/joining" # of station1
expect 0 '' "$tenderfoot" clients note "$person" 'from the joining station' --store '' --data "$dir/joining"
expect 0 '' "$tenderfoot" clients consent "$person" --give research --store '' --data "$dir/joining"
joined=$("$tenderfoot" clients add --label Joined --store '' --data "$dir/joining" --json >"$dir/added"; value client "$dir/added")
expect 0 '' "$tenderfoot" clients consent "$joined" --give storing --store '' --data "$dir/joining"
expect 0 '' "$tenderfoot" sessions add "$dir/3.tfr" --person "$joined" --store '' --data "$dir/joining"
expect 0 '' "$tenderfoot" store merge "$dir/joining" --json
[ "$(value people "$dir/out") $(value sessions "$dir/out") $(value notes "$dir/out") $(value consents "$dir/out")" = "1 1 1 2" ] ||
    fail "joined: $(cat "$dir/out")"
expect 0 '' "$tenderfoot" store merge "$dir/joining" --json
[ "$(value people "$dir/out") $(value sessions "$dir/out") $(value notes "$dir/out")" = "0 0 0" ] || fail "joined twice: $(cat "$dir/out")"
expect 0 '' "$tenderfoot" sessions list --json
[ "$(value matching "$dir/out")" = 3 ] || fail "sessions were lost or doubled: $(cat "$dir/out")"
export TENDERFOOT_DATA="$dir/station1"
expect 0 '' "$tenderfoot" clients export "$person" "$dir/pgexport" --pseudonymous
expect 0 '' "$tenderfoot" store log --json
if postgres_run psql -q -h "$dir/pg" -U tenderfoot postgres -c 'DELETE FROM access_log' \
    >"$dir/out" 2>&1; then fail "the access log was cut"; fi
expect 0 '' "$tenderfoot" clients erase "$person" --yes
expect 3 'no person' "$tenderfoot" clients show "$person"
postgres_run psql -q -h "$dir/pg" -U tenderfoot postgres -c CHECKPOINT >/dev/null
! grep -rqa MARKERNOTES "$dir/pg/data/base" "$dir/station1" "$dir/pgbackup" "$dir/server.log" ||
    fail "left: $(grep -rla MARKERNOTES "$dir/pg/data/base" "$dir/station1" "$dir/pgbackup" "$dir/server.log")"
[ -z "$(find "$dir/station1" -name '*.tfr')" ] || fail "a recording is left"
postgres_run psql -q -h "$dir/pg" -U tenderfoot postgres \
    -c "UPDATE meta SET value = '99' WHERE key = 'schema_version'" >/dev/null
expect 3 'newer' "$tenderfoot" clients list
postgres_end
expect 1 "store's server" "$tenderfoot" clients list
python3 -B tests/serve_postgres.py "$BIN" none "$dir/2.tfr" || fail "the station without its server"
echo "e2e_store: passed"
