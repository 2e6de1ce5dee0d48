/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built-in chart: analysis/atlas/atlas.json as it stands in the source tree, byte by byte. */
#include "analysis/atlas/atlas_builtin.h"

__asm__(".section .rodata\n"
        ".balign 16\n"
        ".global atlas_builtin_json\n"
        "atlas_builtin_json:\n"
        ".incbin \"analysis/atlas/atlas.json\"\n"
        ".global atlas_builtin_end\n"
        "atlas_builtin_end:\n"
        ".byte 0\n"
        ".previous\n");
