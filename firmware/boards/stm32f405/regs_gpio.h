/* SPDX-License-Identifier: GPL-3.0-or-later */
/* General-purpose pins (RM0090, 8.4). A port is its base address; pins are 0..15. */
#ifndef TENDERFOOT_STM32F405_REGS_GPIO_H
#define TENDERFOOT_STM32F405_REGS_GPIO_H

#define GPIO_A 0x40020000u
#define GPIO_B 0x40020400u
#define GPIO_C 0x40020800u

#define GPIO_MODER(port) ((port) + 0x00u) /* two bits a pin */
#define GPIO_MODE_INPUT 0u
#define GPIO_MODE_OUTPUT 1u
#define GPIO_MODE_ALTERNATE 2u
#define GPIO_MODE_ANALOG 3u
#define GPIO_OTYPER(port) ((port) + 0x04u)  /* one bit a pin, 1 = open drain */
#define GPIO_OSPEEDR(port) ((port) + 0x08u) /* two bits a pin */
#define GPIO_SPEED_LOW 0u
#define GPIO_SPEED_MEDIUM 1u
#define GPIO_SPEED_HIGH 3u
#define GPIO_PUPDR(port) ((port) + 0x0Cu) /* two bits a pin */
#define GPIO_PULL_NONE 0u
#define GPIO_PULL_UP 1u
#define GPIO_IDR(port) ((port) + 0x10u)
#define GPIO_BSRR(port) ((port) + 0x18u) /* low half sets, high half clears */
#define GPIO_AFRL(port) ((port) + 0x20u) /* four bits a pin, pins 0..7 */
#define GPIO_AFRH(port) ((port) + 0x24u) /* pins 8..15 */

/* Alternate functions (STM32F405 datasheet DS8626, table 9). */
#define GPIO_AF_TIM1_2 1u
#define GPIO_AF_TIM3_4_5 2u
#define GPIO_AF_USART1_3 7u
#define GPIO_AF_OTG_FS 10u

#endif
