/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built-in norms: analysis/norms.json as it stands in the source tree, byte by byte. */
#include "analysis/norms_builtin.h"

__asm__(".section .rodata\n"
        ".balign 16\n"
        ".global norms_builtin_json\n"
        "norms_builtin_json:\n"
        ".incbin \"analysis/norms.json\"\n"
        ".global norms_builtin_end\n"
        "norms_builtin_end:\n"
        ".byte 0\n"
        ".previous\n");
