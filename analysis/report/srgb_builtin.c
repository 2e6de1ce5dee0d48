/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/srgb_builtin.h"

__asm__(".section .rodata\n"
        ".balign 16\n"
        ".global srgb_builtin_icc\n"
        "srgb_builtin_icc:\n"
        ".incbin \"/usr/share/color/icc/sRGB.icc\"\n"
        ".global srgb_builtin_end\n"
        "srgb_builtin_end:\n"
        ".byte 0\n"
        ".previous\n");
