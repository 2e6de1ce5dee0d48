/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small peripherals: independent watchdog (RM0090, 21.4), random numbers (24.4), USART (30.6) and
 * the debug unit's freeze (38.16.4). */
#ifndef TENDERFOOT_STM32F405_REGS_SYSTEM_H
#define TENDERFOOT_STM32F405_REGS_SYSTEM_H

#define IWDG_KR 0x40003000u
#define IWDG_KR_RELOAD 0xAAAAu
#define IWDG_KR_UNLOCK 0x5555u
#define IWDG_KR_START 0xCCCCu
#define IWDG_PR 0x40003004u /* divides by 4 << PR */
#define IWDG_RLR 0x40003008u
#define IWDG_RLR_MAX 0xFFFu
#define IWDG_SR 0x4000300Cu
#define IWDG_SR_PVU (1u << 0) /* PR is being taken over */
#define IWDG_SR_RVU (1u << 1)

#define DBGMCU_APB1_FZ 0xE0042008u
#define DBGMCU_IWDG_STOP (1u << 12) /* while a debugger holds the processor */

#define RNG_CR 0x50060800u
#define RNG_CR_RNGEN (1u << 2)
#define RNG_SR 0x50060804u
#define RNG_SR_DRDY (1u << 0)
#define RNG_SR_CECS (1u << 1) /* no clock */
#define RNG_SR_SECS (1u << 2) /* no randomness */
#define RNG_DR 0x50060808u

#define USART1 0x40011000u
#define USART_SR(usart) ((usart) + 0x00u)
#define USART_SR_TXE (1u << 7)
#define USART_DR(usart) ((usart) + 0x04u)
#define USART_BRR(usart) ((usart) + 0x08u) /* 16 times the divider: clock / baud */
#define USART_CR1(usart) ((usart) + 0x0Cu)
#define USART_CR1_TE (1u << 3)
#define USART_CR1_TXEIE (1u << 7)
#define USART_CR1_UE (1u << 13)

#endif
