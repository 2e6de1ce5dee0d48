/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which pin of the STM32F405RGT6 (LQFP64) does what; firmware/README.md has the net list. Alternate
 * functions are those of the datasheet (DS8626, table 9), analog inputs those of its table 7. */
#ifndef TENDERFOOT_STM32F405_BOARD_PINS_H
#define TENDERFOOT_STM32F405_BOARD_PINS_H

#include "firmware/boards/stm32f405/regs_gpio.h"

/* --- Scan ------------------------------------------------------------------------------------
 * Each ADC has up to four multiplexers of eight columns, on inputs that it alone uses. Multiplexer
 * m of ADC a carries columns 8 (a M + m) .. 8 (a M + m) + 7, M multiplexers per ADC. */
#define PIN_ADC1_PORT GPIO_C /* PC0..PC3 = inputs 10..13 */
#define PIN_ADC1_FIRST 0u
#define PIN_ADC1_INPUT 10u
#define PIN_ADC2_PORT GPIO_A /* PA4..PA7 = inputs 4..7 */
#define PIN_ADC2_FIRST 4u
#define PIN_ADC2_INPUT 4u
#define PIN_ADC3_PORT GPIO_A /* PA0..PA3 = inputs 0..3 */
#define PIN_ADC3_FIRST 0u
#define PIN_ADC3_INPUT 0u

/* One port, so that one DMA write changes them together. */
#define PIN_SCAN_PORT GPIO_C
#define PIN_MUX_A0 6u     /* PC6..PC8: address of all multiplexers, three bits */
#define PIN_ROW_CLOCK 9u  /* PC9: shift and storage clock of the row registers together */
#define PIN_ROW_DATA 10u  /* PC10: into the first of them */
#define PIN_ROW_CLEAR 11u /* PC11: their clear, low */

/* --- Inputs and outputs ---------------------------------------------------------------------- */
#define PIN_BUTTON_PORT GPIO_B /* PB10 = TIM2 channel 3; to ground when pressed */
#define PIN_BUTTON 10u
#define PIN_LIGHT_PORT GPIO_B /* PB9: high = on */
#define PIN_LIGHT 9u
#define PIN_BUZZER_PORT GPIO_B /* PB8 = TIM4 channel 3: a passive sounder's transistor */
#define PIN_BUZZER 8u
#define PIN_THERMISTOR_PORT GPIO_B /* PB0 = input 8 of ADC1: 10 kilohm NTC to ground */
#define PIN_THERMISTOR 0u
#define PIN_THERMISTOR_INPUT 8u

/* --- USB, console ---------------------------------------------------------------------------- */
#define PIN_USB_PORT GPIO_A
#define PIN_USB_VBUS 9u /* PA9: sensed on plates with a supply of their own */
#define PIN_USB_DM 11u
#define PIN_USB_DP 12u
#define PIN_CONSOLE_PORT GPIO_B /* PB6 = USART1's TX, PB7 = RX */
#define PIN_CONSOLE_TX 6u
#define PIN_CONSOLE_RX 7u

#endif
