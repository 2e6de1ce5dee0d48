/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/stm32f405/kept.h"

#define MAGIC 0x5446504Bu
#define TO_LOADER 0x4C6F6144u

int kept_takes_loader(struct kept *kept)
{
    int wanted =
        kept->magic == MAGIC && kept->loader == TO_LOADER && kept->loader_check == ~TO_LOADER;
    if (kept->magic != MAGIC)
        *kept = (struct kept){.magic = MAGIC};
    kept->loader = kept->loader_check = 0;
    kept->boots++;
    return wanted;
}

void kept_ask_for_loader(struct kept *kept)
{
    kept->loader = TO_LOADER;
    kept->loader_check = ~TO_LOADER;
}

void kept_note_fault(struct kept *kept, enum kept_fault fault, uint32_t pc)
{
    kept->fault = fault;
    kept->fault_pc = pc;
}

enum kept_fault kept_take_fault(struct kept *kept, uint32_t *pc)
{
    uint32_t fault = kept->fault;
    *pc = kept->fault_pc;
    kept->fault = KEPT_NO_FAULT;
    return fault <= KEPT_UNEXPECTED ? (enum kept_fault)fault : KEPT_UNEXPECTED;
}
