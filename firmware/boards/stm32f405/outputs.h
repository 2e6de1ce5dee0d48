/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Light and buzzer. The buzzer is a passive sounder at its resonance, from TIM4's PWM on channel
 * 3. */
#ifndef TENDERFOOT_STM32F405_OUTPUTS_H
#define TENDERFOOT_STM32F405_OUTPUTS_H

#include <stdint.h>

#define OUTPUTS_BUZZER_HZ 2700u

/* Both off. `timer_hz` is what the clock tree gives TIM4, a multiple of 1 MHz. */
void outputs_start(uint32_t timer_hz);

/* struct plate_config's signal, but for the context: WIRE_SIGNAL_LIGHT and _BUZZER together. */
void outputs_signal(unsigned signals);

#endif
