/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/stm32f405/outputs.h"

#include "firmware/boards/stm32f405/board_pins.h"
#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/boards/stm32f405/pins.h"
#include "firmware/boards/stm32f405/regs_rcc.h"
#include "firmware/boards/stm32f405/regs_tim.h"
#include "firmware/wire/payloads.h"

#define CHANNEL 3u
#define PERIOD_US (1000000u / OUTPUTS_BUZZER_HZ)

/* The compare value 0 is silence: in PWM mode 1 the output is then low for ever. The pin is handed
 * over last, so that no transistor is left open on the way. */
void outputs_start(uint32_t timer_hz)
{
    pin_output(PIN_LIGHT_PORT, PIN_LIGHT, 0);
    mmio_set(RCC_APB1ENR, RCC_APB1_TIM4);
    mmio_read(RCC_APB1ENR); /* two cycles until the clock is there (RM0090, 7.2.15) */
    mmio_write(TIM_CR1(TIM4), TIM_CR1_ARPE);
    mmio_write(TIM_PSC(TIM4), timer_hz / 1000000u - 1u);
    mmio_write(TIM_ARR(TIM4), PERIOD_US - 1u);
    mmio_write(TIM_CCR(TIM4, CHANNEL), 0);
    mmio_field(TIM_CCMR2(TIM4), 0xFFu, TIM_CCMR_PWM_1 | TIM_CCMR_PRELOAD);
    mmio_write(TIM_CCER(TIM4), TIM_CCER_E(CHANNEL));
    mmio_write(TIM_EGR(TIM4), TIM_EGR_UG);
    mmio_set(TIM_CR1(TIM4), TIM_CR1_CEN);
    pin_alternate(PIN_BUZZER_PORT, PIN_BUZZER, GPIO_AF_TIM3_4_5, GPIO_SPEED_LOW);
}

void outputs_signal(unsigned signals)
{
    pin_set(PIN_LIGHT_PORT, PIN_LIGHT, (signals & WIRE_SIGNAL_LIGHT) != 0);
    mmio_write(TIM_CCR(TIM4, CHANNEL), signals & WIRE_SIGNAL_BUZZER ? PERIOD_US / 2u : 0);
}
