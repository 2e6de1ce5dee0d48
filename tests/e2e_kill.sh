#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# kill -9 of `tenderfoot record` at 50 random moments: every frame that a sync has covered is there.
# A small library in front of the C library's fdatasync notes how long the file was at each sync that
# succeeded; whatever the kill tears, the whole messages must reach at least so far, with no damage
# and no frame lost among them.
set -eu
: "${BIN:?the folder with the programs}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
seed=20260301

cat >"$dir/note.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
int fdatasync(int fd)
{
    struct stat st;
    char line[32];
    if (fstat(fd, &st) || syscall(SYS_fdatasync, fd))
        return -1;
    int log = open(getenv("SYNC_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    int n = snprintf(line, sizeof line, "%lld\n", (long long)st.st_size);
    if (log >= 0 && write(log, line, (size_t)n) == n)
        close(log);
    return 0;
}
C
cc -shared -fPIC -o "$dir/note.so" "$dir/note.c"

number() { grep -o "\"$2\": [0-9]*" "$1" | head -n 1 | grep -o '[0-9]*$'; }

fail() {
    echo "trial $1: $2" >&2
    cat "$dir/$1.json" "$dir/$1.err" >&2 2>/dev/null || true
    exit 1
}

# Until the file of this name has that many lines (a busy machine takes its time), 60 s at most.
wait_for_lines() {
    tries=0
    until [ "$(cat "$1" 2>/dev/null | wc -l)" -ge "$2" ]; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || fail "$1" "nothing was recorded"
        sleep 0.1
    done
}

# trial NUMBER DELAY: records, kills after DELAY seconds, looks at what is left. One in three is killed
# that long after its program was started, the others after their first second was synced.
trial() {
    rec=$dir/$1.tfr
    SYNC_LOG=$dir/$1.log LD_PRELOAD=$dir/note.so \
        ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
        "$BIN/tenderfoot" record --device "virtual:samples/subjects/normal.json?seed=$1" \
        --protocol stand --seconds 600 -o "$rec" 2>"$dir/$1.err" >/dev/null &
    pid=$!
    [ $(($1 % 3)) = 0 ] || wait_for_lines "$dir/$1.log" 2
    sleep "$2"
    kill -9 $pid
    wait $pid 2>/dev/null || true
    [ -s "$dir/$1.log" ] || return 0 # killed before the header was synced: nothing was promised
    synced=$(tail -n 1 "$dir/$1.log")
    code=0
    "$BIN/tenderfoot" verify --json "$rec" >"$dir/$1.json" 2>>"$dir/$1.err" || code=$?
    [ $code = 0 ] || [ $code = 3 ] || fail "$1" "verify ended with $code"
    bytes=$(number "$dir/$1.json" bytes) || fail "$1" "the file cannot be opened"
    torn=$(number "$dir/$1.json" torn_tail_bytes)
    [ "$(number "$dir/$1.json" damaged_bytes)" = 0 ] || fail "$1" "damage"
    [ "$(number "$dir/$1.json" lost)" = 0 ] || fail "$1" "frames were lost"
    [ $((bytes - torn)) -ge "$synced" ] || fail "$1" "synced $synced, whole $((bytes - torn))"
    "$BIN/tenderfoot" verify "$rec" --repair "$dir/$1.fixed" >/dev/null || fail "$1" "no repair"
    echo "$1 $(number "$dir/$1.json" delivered) $synced" >>"$dir/results"
    rm -f "$rec" "$dir/$1.fixed"
}

awk -v seed=$seed 'BEGIN { srand(seed); for (i = 1; i <= 50; i++) print i, 0.05 + 2 * rand() }' \
    >"$dir/trials"
batch=
while read -r n delay; do
    trial "$n" "$delay" &
    batch="$batch $!"
    if [ $((n % 10)) = 0 ]; then
        for pid in $batch; do wait "$pid" || exit 1; done
        batch=
    fi
done <"$dir/trials"

awk 'END { if (NR < 33) exit 1 }' "$dir/results" || { echo "too few had begun" >&2; exit 1; }
awk '$2 > 0 { n++; if ($2 > most) most = $2 }
     END { print "seed '$seed': " NR " of 50 had begun, " n " held frames, at most " most; exit n < 20 }' \
    "$dir/results"
echo "every synced byte was whole after kill -9, no damage, no frame lost, each could be repaired"
