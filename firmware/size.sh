#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# size.sh ELF OBJECTS LINK.LD BOARD.C [CONTROLLER.C [HANDLERS...]]: flash, RAM and the deepest stack of a
# firmware, computed, not measured; fails unless a third of each is to spare.
#
# Memory: the linked sections, all of them, by LINK.LD's regions, and where there are several that can be written
# to, these together.
#
# The stack: the longest way through the compiler's call graph (-fcallgraph-info=su, the .ci files below the
# folder OBJECTS) from reset_handler, and upon it one handler of each priority, lowest first; HANDLERS are the
# priorities, each a list with commas. A call through a pointer is taken to reach the deepest of the functions
# that only a pointer can reach in the caller's own file, and of those that BOARD.C names in the config or, from
# firmware/core/usb_*.c, of CONTROLLER.C's. A function of the compiler's or C library counts as 64 bytes, an
# exception's frame as 40.
set -eu
elf=$1
objects=$2
link=$3
board=$4
controller=${5:-}
shift 4
[ $# -eq 0 ] || shift
size=${SIZE:-arm-none-eabi-size}
status=0

deepest() {
    find "$objects" -name "*.ci" -exec cat {} + | awk -v board="$board" -v controller="$controller" -v handlers="$*" '
    BEGIN {
        while ((getline line < board) > 0) {
            n = split(line, part, "[^a-z_0-9]+")
            if (line ~ /(^|[ .>])[a-z_]+ = [a-z_]+( : NULL)?[,;]/)
                for (i = 1; i <= n; i++) { named[part[i]] = 1; named[board ":" part[i]] = 1 }
        }
    }
    function quoted(line, key,    rest) {
        rest = line
        if (!sub(".*" key ": \"", "", rest)) return ""
        sub("\".*", "", rest)
        return rest
    }
    /^node:/ {
        name = quoted($0, "title")
        if (match($0, /[0-9]+ bytes \(/)) {
            own[name] = substr($0, RSTART, RLENGTH) + 0
            split(quoted($0, "label"), part, "\\\\n")
            file[name] = part[2]
            sub(":.*", "", file[name])
        }
        if ($0 ~ /bytes \(dynamic\)/) dynamic = dynamic " " name
    }
    /^edge:/ {
        from = quoted($0, "sourcename")
        to = quoted($0, "targetname")
        calls[from] = calls[from] " " to
        if (to != from) called[to] = 1
    }
    function try(name,    d) {
        d = depth(name)
        if (d > best) { best = d; best_name = name }
    }
    # The deepest that a call through a pointer in this file may reach; its name is left in best_name.
    function through_pointer(from,    i, elsewhere) {
        if (from in memo_pointer) { best_name = then_pointer[from]; return memo_pointer[from] }
        elsewhere = from ~ /core\/usb_/ ? controller : from ~ /\/core\// ? board : ""
        memo_pointer[from] = 0
        for (i in own) {
            if (!((file[i] == from || file[i] == controller && elsewhere == controller) && i ~ /:/ && !(i in called)) &&
                !(elsewhere == board && (i in named)))
                continue
            best = memo_pointer[from]; best_name = then_pointer[from]
            d_of[from, i] = depth(i)
            if (d_of[from, i] > memo_pointer[from]) { memo_pointer[from] = d_of[from, i]; then_pointer[from] = i }
        }
        best_name = then_pointer[from]
        return memo_pointer[from]
    }
    function depth(name,    part, n, i, deepest, d, next_name) {
        if (name in memo) return memo[name]
        if (busy[name]) { recursive = recursive " " name; return 0 }
        busy[name] = 1
        deepest = 0
        n = split(calls[name], part, " ")
        for (i = 1; i <= n; i++) {
            if (part[i] == "__indirect_call") { d = through_pointer(file[name]); next_name = best_name }
            else { d = depth(part[i]); next_name = part[i] }
            if (d > deepest) { deepest = d; then[name] = next_name }
        }
        busy[name] = 0
        return memo[name] = deepest + (name in own ? own[name] : 64)
    }
    function way(name,    shown, sep) {
        printf "  deepest: "
        for (sep = ""; name != ""; name = then[name]) {
            shown = name
            sub(".*:", "", shown)
            printf "%s%s", sep, shown
            sep = " > "
        }
        printf "\n"
    }
    END {
        n = split(handlers, level, " ")
        total = depth("reset_handler") + (n ? 0 : 40)
        for (l = 1; l <= n; l++) {
            m = split(level[l], handler, ",")
            worst[l] = handler[1]
            for (i = 2; i <= m; i++) if (depth(handler[i]) > depth(worst[l])) worst[l] = handler[i]
            total += depth(worst[l]) + 40
        }
        print total
        way("reset_handler")
        for (l = 1; l <= n; l++) way(worst[l])
        if (recursive != "") printf "  recursive:%s\n", recursive
        if (dynamic != "") printf "  of a size known only when running:%s\n", dynamic
    }'
}

# One line a region of memory, one for the stack; the exit status says whether all fits.
said=$(deepest "$@")
echo "$(basename "$elf"):"
{
    sed -n 's/^ *\([a-z]*\) (\(r[xw]*\)) *: ORIGIN = \(0x[0-9A-Fa-f]*\), LENGTH = \([0-9]*\)\([KM]\)/\1 \2 \3 \4 \5/p' "$link" |
        while read -r name access origin length unit; do
            [ "$unit" = M ] && length=$((length * 1024))
            echo "region $name $((origin)) $((length * 1024)) $access"
        done
    "$size" -A "$elf"
    echo "depth $(echo "$said" | head -n 1)"
} | awk '
    $1 == "region" { names[++n] = $2; origin[n] = $3; room[n] = $4; is_ram[n] = $5 == "rw" }
    $1 ~ /^\./ && $3 > 0 || $1 == ".vectors" {
        for (i = 1; i <= n; i++) {
            if ($3 < origin[i] || $3 >= origin[i] + room[i]) continue
            used[i] += $2
        }
        if ($1 == ".data") used[1] += $2
        if ($1 == ".stack") stack = $2
    }
    $1 == "depth" { depth = $2 }
    function check(what, used, room) {
        printf "  %-5s %7d of %7d B, %.1f %%", what, used, room, 100 * used / room
        if (3 * used > 2 * room) {
            printf ": NOT A THIRD TO SPARE"
            bad = 1
        }
        print ""
    }
    END {
        for (i = 1; i <= n; i++) {
            check(names[i], used[i], room[i])
            if (!is_ram[i]) continue
            rams++
            ram_used += used[i]
            ram_room += room[i]
        }
        if (rams > 1) check("RAM", ram_used, ram_room)
        check("stack", depth, stack)
        exit bad
    }' || status=1
echo "$said" | tail -n +2
exit $status
