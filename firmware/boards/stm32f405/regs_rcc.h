/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reset and clock control, flash interface and power (RM0090 rev 19: 7, 3.9 and 5.4): only what
 * the plate uses. */
#ifndef TENDERFOOT_STM32F405_REGS_RCC_H
#define TENDERFOOT_STM32F405_REGS_RCC_H

#define RCC_BASE 0x40023800u

/* Clock control (7.3.1). */
#define RCC_CR (RCC_BASE + 0x00u)
#define RCC_CR_HSION (1u << 0)
#define RCC_CR_HSIRDY (1u << 1)
#define RCC_CR_HSEON (1u << 16)
#define RCC_CR_HSERDY (1u << 17)
#define RCC_CR_CSSON (1u << 19)
#define RCC_CR_PLLON (1u << 24)
#define RCC_CR_PLLRDY (1u << 25)

/* PLL configuration (7.3.2): VCO input = source / M, VCO = input * N, system = VCO / P, USB =
 * VCO / Q. P's field holds P / 2 - 1. */
#define RCC_PLLCFGR (RCC_BASE + 0x04u)
#define RCC_PLLCFGR_M_AT 0
#define RCC_PLLCFGR_N_AT 6
#define RCC_PLLCFGR_P_AT 16
#define RCC_PLLCFGR_HSE (1u << 22)
#define RCC_PLLCFGR_Q_AT 24
#define RCC_PLLCFGR_ALWAYS 0x20000000u /* reserved bits that read as 1 after a reset */

/* Clock configuration (7.3.3). */
#define RCC_CFGR (RCC_BASE + 0x08u)
#define RCC_CFGR_SW_MASK 3u
#define RCC_CFGR_SW_HSI 0u
#define RCC_CFGR_SW_PLL 2u
#define RCC_CFGR_SWS_MASK (3u << 2)
#define RCC_CFGR_SWS_HSI (0u << 2)
#define RCC_CFGR_SWS_PLL (2u << 2)
#define RCC_CFGR_HPRE_1 (0u << 4)
#define RCC_CFGR_PPRE1_4 (5u << 10)
#define RCC_CFGR_PPRE2_2 (4u << 13)

/* Clock interrupts (7.3.4): the flag of the clock security system, an NMI. */
#define RCC_CIR (RCC_BASE + 0x0Cu)
#define RCC_CIR_CSSF (1u << 7)

/* Clocks of peripherals (7.3.10, 7.3.11, 7.3.13, 7.3.14). */
#define RCC_AHB1ENR (RCC_BASE + 0x30u)
#define RCC_AHB1_DMA2 (1u << 22)
#define RCC_AHB2ENR (RCC_BASE + 0x34u)
#define RCC_AHB2_RNG (1u << 6)
#define RCC_AHB2_OTG_FS (1u << 7)
#define RCC_APB1ENR (RCC_BASE + 0x40u)
#define RCC_APB1_TIM2 (1u << 0)
#define RCC_APB1_TIM4 (1u << 2)
#define RCC_APB1_PWR (1u << 28)
#define RCC_APB2ENR (RCC_BASE + 0x44u)
#define RCC_APB2_TIM8 (1u << 1)
#define RCC_APB2_USART1 (1u << 4)
#define RCC_APB2_ADC1 (1u << 8)
#define RCC_APB2_ADC2 (1u << 9)
#define RCC_APB2_ADC3 (1u << 10)
#define RCC_APB2_SYSCFG (1u << 14)

/* Control and status (7.3.21): why the last reset came. */
#define RCC_CSR (RCC_BASE + 0x74u)
#define RCC_CSR_RMVF (1u << 24)
#define RCC_CSR_IWDGRSTF (1u << 29)

/* Flash access control (3.9.2). */
#define FLASH_ACR 0x40023C00u
#define FLASH_ACR_LATENCY_MASK 7u
#define FLASH_ACR_PRFTEN (1u << 8)
#define FLASH_ACR_ICEN (1u << 9)
#define FLASH_ACR_DCEN (1u << 10)

/* Power control (5.4.1, 5.4.2): VOS = 1 is scale 1, needed above 144 MHz. */
#define PWR_CR 0x40007000u
#define PWR_CR_VOS (1u << 14)
#define PWR_CSR 0x40007004u
#define PWR_CSR_VOSRDY (1u << 14)

/* Memory remap (9.2.1): what lies at address 0. */
#define SYSCFG_MEMRMP 0x40013800u
#define SYSCFG_MEMRMP_SYSTEM 1u

/* Unique device id, 96 bits (39.1). */
#define UNIQUE_ID 0x1FFF7A10u

#endif
