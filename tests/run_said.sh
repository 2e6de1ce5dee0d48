# SPDX-License-Identifier: GPL-3.0-or-later
# For the runners beside it, which set build, name and log: what a test took and how it went, in one
# line; a failure with the end of its log. Names of what passed and failed go where run_all.sh looks for them.
began=$(date +%s%N)

# took: seconds since the beginning, also kept for run_all.sh's order
took() {
    tenths=$((($(date +%s%N) - began) / 100000000))
    mkdir -p "$build/seconds"
    echo "$((tenths / 10)).$((tenths % 10))" | tee "$build/seconds/$name"
}

# worked: seconds of the processors that what was run and has ended has cost (fields 16 and 17 of proc(5), in hundredths)
worked() {
    awk '{ printf "%.1f", ($16 + $17) / 100 }' "/proc/$$/stat"
}

# passed WORDS
passed() {
    printf '%-28sok %6s s, %6s s of work  %s\n' "$name" "$(took)" "$(worked)" "$1"
    [ -z "${PASSED:-}" ] || echo "$name" >>"$PASSED"
}

failed() {
    printf '%-28sFAILED after %s s\n' "$name" "$(took)"
    tail -n 60 "$log"
    [ -z "${FAILED:-}" ] || echo "$name" >>"$FAILED"
    exit 1
}

# skipped: what the log says was skipped, as a part of a line
skipped() {
    sed -n 's/^skip[a-z]*: */  skipped: /Ip' "$log" | head -n 1
}
