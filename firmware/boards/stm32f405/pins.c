/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/stm32f405/pins.h"

#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/boards/stm32f405/regs_gpio.h"
#include "firmware/boards/stm32f405/regs_rcc.h"

#define PORT_STEP 0x400u /* from one port's registers to the next one's */

static void set_field(uint32_t address, unsigned pin, unsigned bits, uint32_t value)
{
    uint32_t ones = (1u << bits) - 1u;
    mmio_field(address, ones << bits * pin, value << bits * pin);
}

/* (7.2.15: two cycles until the clock is there.) */
static void clock_port(uint32_t port)
{
    mmio_set(RCC_AHB1ENR, 1u << (port - GPIO_A) / PORT_STEP);
    mmio_read(RCC_AHB1ENR);
}

void pin_set(uint32_t port, unsigned pin, int high)
{
    mmio_write(GPIO_BSRR(port), 1u << (high ? pin : pin + 16u));
}

int pin_read(uint32_t port, unsigned pin)
{
    return mmio_read(GPIO_IDR(port)) >> pin & 1u;
}

void pin_output(uint32_t port, unsigned pin, int high)
{
    clock_port(port);
    pin_set(port, pin, high);
    mmio_clear(GPIO_OTYPER(port), 1u << pin);
    set_field(GPIO_PUPDR(port), pin, 2, GPIO_PULL_NONE);
    set_field(GPIO_OSPEEDR(port), pin, 2, GPIO_SPEED_MEDIUM);
    set_field(GPIO_MODER(port), pin, 2, GPIO_MODE_OUTPUT);
}

void pin_analog(uint32_t port, unsigned pin)
{
    clock_port(port);
    set_field(GPIO_PUPDR(port), pin, 2, GPIO_PULL_NONE);
    set_field(GPIO_MODER(port), pin, 2, GPIO_MODE_ANALOG);
}

void pin_alternate(uint32_t port, unsigned pin, uint32_t function, uint32_t speed)
{
    clock_port(port);
    set_field(pin < 8 ? GPIO_AFRL(port) : GPIO_AFRH(port), pin % 8, 4, function);
    mmio_clear(GPIO_OTYPER(port), 1u << pin);
    set_field(GPIO_PUPDR(port), pin, 2, GPIO_PULL_NONE);
    set_field(GPIO_OSPEEDR(port), pin, 2, speed);
    set_field(GPIO_MODER(port), pin, 2, GPIO_MODE_ALTERNATE);
}
