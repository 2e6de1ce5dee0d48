/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The three analog-to-digital converters (RM0090, 13.13): only what the scan uses. */
#ifndef TENDERFOOT_STM32F405_REGS_ADC_H
#define TENDERFOOT_STM32F405_REGS_ADC_H

#define ADC(n) (0x40012000u + 0x100u * ((n)-1u)) /* n = 1..3 */

#define ADC_SR(adc) ((adc) + 0x00u)
#define ADC_SR_JEOC (1u << 2)
#define ADC_CR1(adc) ((adc) + 0x04u)
#define ADC_CR1_SCAN (1u << 8) /* the whole sequence at a trigger */
#define ADC_CR2(adc) ((adc) + 0x08u)
#define ADC_CR2_ADON (1u << 0)
#define ADC_CR2_JSWSTART (1u << 22)
#define ADC_CR2_EXTSEL_TIM8_TRGO (14u << 24)
#define ADC_CR2_EXTEN_RISING (1u << 28)
/* Sampling times: three bits an input. */
#define ADC_SMPR1(adc) ((adc) + 0x0Cu) /* inputs 10..18 */
#define ADC_SMPR2(adc) ((adc) + 0x10u) /* inputs 0..9 */
#define ADC_SMP_15_CYCLES 1u
#define ADC_SMP_84_CYCLES 4u
/* The sequences: five bits a place. */
#define ADC_SQR1(adc) ((adc) + 0x2Cu)
#define ADC_SQR1_LENGTH_AT 20         /* conversions - 1 */
#define ADC_SQR3(adc) ((adc) + 0x34u) /* places 1..6 */
#define ADC_JSQR(adc) ((adc) + 0x38u) /* JL = 0: one conversion, of the input in place 4 */
#define ADC_JSQR_PLACE4_AT 15
#define ADC_JDR1(adc) ((adc) + 0x3Cu)

/* Common to the three. */
#define ADC_CCR 0x40012304u
#define ADC_CCR_MULTI_TRIPLE_REGULAR 22u /* 10110: regular sequences of all three at once */
#define ADC_CCR_DDS (1u << 13)           /* requests go on after the DMA's last transfer */
#define ADC_CCR_DMA_MODE_1 (1u << 14)    /* one half-word a request: ADC1, ADC2, ADC3, ... */
#define ADC_CCR_PRESCALER_4 (1u << 16)   /* of the APB2 clock */
#define ADC_CDR 0x40012308u

#endif
