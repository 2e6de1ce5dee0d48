/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What outlives a reset in memory that start-up does not touch: how often the plate has booted
 * since it has power, the way into the chip's DFU loader, and what went wrong last.
 *
 * Into the loader goes a reset: `kept_ask_for_loader`, then a system reset; the first thing of the
 * start-up is kept_takes_loader, and the loader finds the chip as a reset leaves it, with no clock
 * or interrupt of ours on. The wish is forgotten as it is taken, so nothing but another command
 * leads there again. */
#ifndef TENDERFOOT_STM32F405_KEPT_H
#define TENDERFOOT_STM32F405_KEPT_H

#include <stdint.h>

enum kept_fault {
    KEPT_NO_FAULT,
    KEPT_HARD_FAULT, /* fault_pc says where */
    KEPT_STACK,      /* the stack has run over */
    KEPT_CRYSTAL,    /* the crystal has stopped */
    KEPT_UNEXPECTED, /* an exception nobody waits for */
};

struct kept {
    uint32_t magic; /* anything else: power has just come, the rest is noise */
    uint32_t boots;
    uint32_t loader, loader_check; /* the wish and its complement */
    uint32_t fault, fault_pc;      /* of the run before */
};

/* Once at start-up: 1 = to the loader. Also counts the boot, and makes noise into zeros. */
int kept_takes_loader(struct kept *kept);
void kept_ask_for_loader(struct kept *kept);
void kept_note_fault(struct kept *kept, enum kept_fault fault, uint32_t pc);
/* The fault of the run before, told once. */
enum kept_fault kept_take_fault(struct kept *kept, uint32_t *pc);

#endif
