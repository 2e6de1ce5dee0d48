/* SPDX-License-Identifier: GPL-3.0-or-later */
/* driver/70-tenderfoot.rules as it stands in the source tree, byte by byte. */
#include "driver/cli/udev_rule.h"

__asm__(".section .rodata\n"
        ".global udev_rule_text\n"
        "udev_rule_text:\n"
        ".incbin \"driver/70-tenderfoot.rules\"\n"
        ".byte 0\n"
        ".previous\n");
