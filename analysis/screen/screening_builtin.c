/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built-in questions: analysis/screen/screening.json as it stands, byte by byte. */
#include "analysis/screen/screening_builtin.h"

__asm__(".section .rodata\n"
        ".balign 16\n"
        ".global screening_builtin_json\n"
        "screening_builtin_json:\n"
        ".incbin \"analysis/screen/screening.json\"\n"
        ".global screening_builtin_end\n"
        "screening_builtin_end:\n"
        ".byte 0\n"
        ".previous\n");
