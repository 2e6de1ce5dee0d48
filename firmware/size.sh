#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# size.sh ELF OBJECTS BOARD.C: flash, RAM and the deepest stack of a firmware, computed, not measured.
#
# Flash and RAM are the linked sections. The stack is the longest way through the compiler's call graph
# (-fcallgraph-info=su, the .ci files below the folder OBJECTS) from reset_handler. A call through a pointer is
# taken to reach the deepest callback that BOARD.C puts into the config. A function of the compiler's or C
# library counts as 64 bytes, and one exception on top as 40.
set -eu
elf=$1
objects=$2
board=$3
size=${SIZE:-arm-none-eabi-size}

"$size" -A "$elf" | awk -v name="$(basename "$elf")" '
    $1 == ".vectors" || $1 == ".text" || $1 == ".ARM.exidx" || $1 == ".data" { flash += $2 }
    $1 == ".data" || $1 == ".bss" || $1 == ".kept" { ram += $2 }
    $1 == ".cells" { cells = $2 / 65536 }
    $1 == ".stack" { stack = $2 }
    END {
        printf "%s: flash %d B, RAM %d B and %d B a cell (96 x 96 cells: %d B in all, without stack), stack %d B set aside", \
            name, flash, ram, cells, ram + int(cells) * 9216, stack
    }'

callbacks=$(sed -n 's/.*config->\([a-z_]*\) = .*\<\([a-z_]*\)\( : NULL\)\{0,1\};$/\2/p' "$board" | tr '\n' ' ')
find "$objects" -name "*.ci" -exec cat {} + | awk -v board="$board" -v callbacks="$callbacks" '
    BEGIN {
        n = split(callbacks, part, " ")
        for (i = 1; i <= n; i++) is_callback[board ":" part[i]] = 1
    }
    function quoted(line, key,    rest) {
        rest = line
        if (!sub(".*" key ": \"", "", rest)) return ""
        sub("\".*", "", rest)
        return rest
    }
    /^node:/ {
        name = quoted($0, "title")
        if (match($0, /[0-9]+ bytes \(/)) { own[name] = substr($0, RSTART, RLENGTH) + 0; known[name] = 1 }
        if ($0 ~ /bytes \(dynamic\)/) dynamic = dynamic " " name
    }
    /^edge:/ { calls[quoted($0, "sourcename")] = calls[quoted($0, "sourcename")] " " quoted($0, "targetname") }
    function depth(name,    part, n, i, deepest, d) {
        if (name in memo) return memo[name]
        if (busy[name]) { recursive = recursive " " name; return 0 }
        busy[name] = 1
        deepest = 0
        if (name == "__indirect_call") {
            for (i in is_callback) if (i in known) { d = depth(i); if (d > deepest) { deepest = d; then[name] = i } }
        } else {
            n = split(calls[name], part, " ")
            for (i = 1; i <= n; i++) { d = depth(part[i]); if (d > deepest) { deepest = d; then[name] = part[i] } }
            deepest += (name in known) ? own[name] : 64
        }
        busy[name] = 0
        memo[name] = deepest
        return deepest
    }
    END {
        printf ", %d B used at most\n  deepest: ", depth("reset_handler") + 40
        for (name = "reset_handler"; name != ""; name = then[name])
            if (name != "__indirect_call") { shown = name; sub(".*:", "", shown); printf "%s%s", sep, shown; sep = " > " }
        printf "\n"
        if (recursive != "") printf "  recursive:%s\n", recursive
        if (dynamic != "") printf "  of a size known only when running:%s\n", dynamic
    }'
