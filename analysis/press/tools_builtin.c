/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built-in tools: analysis/press/tools.json as it stands in the source tree, byte by byte. */
#include "analysis/press/tools_builtin.h"

__asm__(".section .rodata\n"
        ".balign 16\n"
        ".global tools_builtin_json\n"
        "tools_builtin_json:\n"
        ".incbin \"analysis/press/tools.json\"\n"
        ".global tools_builtin_end\n"
        "tools_builtin_end:\n"
        ".byte 0\n"
        ".previous\n");
