#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A station built with the thread sanitizer, used as the page uses it: each race that the sanitizer tells is ours to mend.
# What a library does by itself may be left out in tests/support/tsan.supp, with the reason.
set -eu
: "${BUILD:?the build folder}"
reports=$(cd "$BUILD/tsan" && pwd)/report
left_out=
[ ! -s tests/support/tsan.supp ] || left_out="suppressions=$PWD/tests/support/tsan.supp"
rm -f "$reports".*
run=
# More random addresses than this sanitizer knows: without randomness, where that is allowed.
"$BUILD/tsan/tenderfoot" --version >/dev/null 2>&1 || run="setarch $(uname -m) -R"
$run "$BUILD/tsan/tenderfoot" --version >/dev/null || { echo "skipped: the thread sanitizer does not run on this kernel"; exit 0; }

# It sees a race where there is one, or its silence says nothing.
cat >"$BUILD/tsan/race.c" <<'C'
#include <pthread.h>
static int shared;
static void *add(void *nothing) { shared++; return nothing; }
int main(void)
{
    pthread_t one;
    pthread_create(&one, 0, add, 0);
    shared++;
    return pthread_join(one, 0);
}
C
gcc -g -fsanitize=thread -o "$BUILD/tsan/race" "$BUILD/tsan/race.c" -lpthread
! TSAN_OPTIONS='' $run "$BUILD/tsan/race" 2>/dev/null || { echo "the thread sanitizer overlooks a race"; exit 1; }

# The daemon goes on after a report, so that all of them are seen at once.
TSAN_OPTIONS="log_path=$reports exitcode=0 history_size=4 second_deadlock_stack=1 $left_out" \
    $run python3 -B tests/serve_station.py "$BUILD/tsan" samples/subjects/normal.json quick
if ls "$reports".* >/dev/null 2>&1; then
    cat "$reports".* | grep -E '^(WARNING|SUMMARY)|^ +#[0-3] ' | head -80
    echo "soak-tsan: $(cat "$reports".* | grep -c '^SUMMARY') reports in $reports.*"
    exit 1
fi
echo "soak-tsan: a station's whole story, and the thread sanitizer has nothing to say"
