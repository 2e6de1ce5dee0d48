/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Timers (RM0090: 17 for TIM1 and TIM8, 18 for TIM2 to TIM5; TIM2 and TIM5 count 32 bits). */
#ifndef TENDERFOOT_STM32F405_REGS_TIM_H
#define TENDERFOOT_STM32F405_REGS_TIM_H

#define TIM2 0x40000000u
#define TIM4 0x40000800u
#define TIM8 0x40010400u

#define TIM_CR1(tim) ((tim) + 0x00u)
#define TIM_CR1_CEN (1u << 0)
#define TIM_CR1_ARPE (1u << 7)
#define TIM_CR2(tim) ((tim) + 0x04u)
#define TIM_CR2_MMS_AT 4 /* what TRGO is */
#define TIM_MMS_OC1REF 4u
#define TIM_SMCR(tim) ((tim) + 0x08u)
#define TIM_DIER(tim) ((tim) + 0x0Cu)
#define TIM_DIER_CCIE(channel) (1u << (channel)) /* channels 1..4 */
#define TIM_DIER_UDE (1u << 8)
/* Flags are cleared by writing 0; writing 1 leaves them. */
#define TIM_SR(tim) ((tim) + 0x10u)
#define TIM_SR_CCIF(channel) (1u << (channel))
#define TIM_EGR(tim) ((tim) + 0x14u)
#define TIM_EGR_UG (1u << 0)
#define TIM_CCMR1(tim) ((tim) + 0x18u)
#define TIM_CCMR2(tim) ((tim) + 0x1Cu)
/* Of a channel's byte in CCMR: 1, 3 in the low byte, 2, 4 in the next. */
#define TIM_CCMR_PWM_1 (6u << 4)   /* output: high until the compare, then low */
#define TIM_CCMR_PWM_2 (7u << 4)   /* output: low until the compare, then high */
#define TIM_CCMR_PRELOAD (1u << 3) /* output: a new compare value waits for the next turn */
#define TIM_CCMR_INPUT 1u          /* input: of the channel's own pin */
#define TIM_CCMR_FILTER_8_AT_QUARTER (7u << 4) /* input: eight alike at a quarter of the clock */
#define TIM_CCER(tim) ((tim) + 0x20u)
/* Of a channel (1..4): on; P and NP both: capture at both edges. */
#define TIM_CCER_E(channel) (1u << 4u * ((channel)-1u))
#define TIM_CCER_BOTH_EDGES(channel) (10u << 4u * ((channel)-1u))
#define TIM_CNT(tim) ((tim) + 0x24u)
#define TIM_PSC(tim) ((tim) + 0x28u)
#define TIM_ARR(tim) ((tim) + 0x2Cu)
#define TIM_RCR(tim) ((tim) + 0x30u)
#define TIM_CCR(tim, channel) ((tim) + 0x30u + 4u * (channel)) /* channels 1..4 */

#endif
