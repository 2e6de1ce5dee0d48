/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built-in rules: analysis/plan/plan.json as it stands, byte by byte. */
#include "analysis/plan/plan_builtin.h"

__asm__(".section .rodata\n"
        ".balign 16\n"
        ".global plan_builtin_json\n"
        "plan_builtin_json:\n"
        ".incbin \"analysis/plan/plan.json\"\n"
        ".global plan_builtin_end\n"
        "plan_builtin_end:\n"
        ".byte 0\n"
        ".previous\n");
