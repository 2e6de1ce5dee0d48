/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first instructions: vector table, memory as C wants it, main. An exception that nobody
 * expects ends the emulator with its number, so that a test sees it. */
#include "firmware/boards/qemu/semihosting.h"

#include <stdint.h>
#include <string.h>

extern uint32_t link_data_from[], link_data[], link_data_end[], link_bss[], link_bss_end[];
extern uint32_t link_stack_top[];

int main(void);
_Noreturn void reset_handler(void);

_Noreturn void reset_handler(void)
{
    memcpy(link_data, link_data_from, (size_t)((uint8_t *)link_data_end - (uint8_t *)link_data));
    memset(link_bss, 0, (size_t)((uint8_t *)link_bss_end - (uint8_t *)link_bss));
    semihosting_exit(main());
}

/* The watchdog's warning: whatever hung shall not go on; its second time resets. */
static void nmi_handler(void)
{
    for (;;)
        ;
}

static void tick_handler(void)
{
}

static void fault_handler(void)
{
    uint32_t number;
    __asm__ volatile("mrs %0, ipsr" : "=r"(number));
    semihosting_say("plate: unexpected exception, its number is the exit status\n");
    semihosting_exit((int)number);
}

/* Exceptions 2 to 15 (ARMv7-M, B1.5.2). The board uses no external interrupt. */
__attribute__((section(".vectors"), used)) static void (*const vectors[15])(void) = {
    reset_handler, nmi_handler,   fault_handler, fault_handler, fault_handler,
    fault_handler, fault_handler, fault_handler, fault_handler, fault_handler,
    fault_handler, fault_handler, fault_handler, fault_handler, tick_handler,
};
