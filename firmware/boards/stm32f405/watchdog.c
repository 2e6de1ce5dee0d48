/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/stm32f405/watchdog.h"

#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/boards/stm32f405/regs_system.h"

#define LOOKS_MAX 20000u /* 5 cycles of the slow oscillator are 0.3 ms */
#define BY_128 5u        /* 4 ms a step */

/* It must run before its registers are taken over (21.3.2). */
void watchdog_start(uint32_t ms)
{
    uint32_t steps = ms / 4u;
    mmio_set(DBGMCU_APB1_FZ, DBGMCU_IWDG_STOP);
    mmio_write(IWDG_KR, IWDG_KR_START);
    mmio_write(IWDG_KR, IWDG_KR_UNLOCK);
    mmio_write(IWDG_PR, BY_128);
    mmio_write(IWDG_RLR, steps < IWDG_RLR_MAX ? steps : IWDG_RLR_MAX);
    for (uint32_t i = 0; i < LOOKS_MAX && mmio_read(IWDG_SR) & (IWDG_SR_PVU | IWDG_SR_RVU); i++)
        ;
    watchdog_kick();
}

void watchdog_kick(void)
{
    mmio_write(IWDG_KR, IWDG_KR_RELOAD);
}
