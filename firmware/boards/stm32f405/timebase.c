/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/stm32f405/timebase.h"

#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/boards/stm32f405/regs_rcc.h"
#include "firmware/boards/stm32f405/regs_tim.h"

static uint64_t last_us; /* of the last look: there is one clock */

/* A prescaler takes effect at an update only, so one is made by hand (RM0090, 18.3.1). */
void timebase_start(uint32_t timer_hz)
{
    last_us = 0;
    mmio_set(RCC_APB1ENR, RCC_APB1_TIM2);
    mmio_read(RCC_APB1ENR); /* two cycles until the clock is there (RM0090, 7.2.15) */
    mmio_write(TIM_CR1(TIM2), 0);
    mmio_write(TIM_PSC(TIM2), timer_hz / 1000000u - 1u);
    mmio_write(TIM_ARR(TIM2), UINT32_MAX);
    mmio_write(TIM_EGR(TIM2), TIM_EGR_UG);
    mmio_write(TIM_SR(TIM2), 0);
    mmio_write(TIM_CR1(TIM2), TIM_CR1_CEN);
}

uint64_t timebase_us(void)
{
    last_us += (uint32_t)(mmio_read(TIM_CNT(TIM2)) - (uint32_t)last_us);
    return last_us;
}

uint64_t timebase_of(uint32_t count)
{
    return last_us + (uint64_t)(int64_t)(int32_t)(count - (uint32_t)last_us);
}

void timebase_wait_us(uint32_t us)
{
    uint32_t begin = mmio_read(TIM_CNT(TIM2));
    while (mmio_read(TIM_CNT(TIM2)) - begin <= us)
        ;
}
