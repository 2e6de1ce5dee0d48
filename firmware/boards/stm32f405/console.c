/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/stm32f405/console.h"

#include "firmware/boards/stm32f405/board_pins.h"
#include "firmware/boards/stm32f405/interrupts.h"
#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/boards/stm32f405/pins.h"
#include "firmware/boards/stm32f405/regs_core.h"
#include "firmware/boards/stm32f405/regs_rcc.h"
#include "firmware/boards/stm32f405/regs_system.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

/* There is one such line. `head` is the main loop's, `tail` the interrupt's; both run on. */
static struct {
    uint8_t bytes[CONSOLE_RING_BYTES];
    _Atomic uint32_t head, tail;
    uint32_t left_out;
    int is_on;
} console;

void console_start(uint32_t clock_hz)
{
    atomic_store(&console.head, 0);
    atomic_store(&console.tail, 0);
    console.left_out = 0;
    console.is_on = 1;
    mmio_set(RCC_APB2ENR, RCC_APB2_USART1);
    mmio_read(RCC_APB2ENR); /* two cycles until the clock is there (RM0090, 7.2.15) */
    pin_alternate(PIN_CONSOLE_PORT, PIN_CONSOLE_TX, GPIO_AF_USART1_3, GPIO_SPEED_LOW);
    mmio_write(USART_BRR(USART1), (clock_hz + CONSOLE_BAUD / 2) / CONSOLE_BAUD);
    mmio_write(USART_CR1(USART1), USART_CR1_UE | USART_CR1_TE);
    interrupt_enable(IRQ_USART1, PRIORITY_TICK);
}

static void put(uint32_t *head, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        console.bytes[(*head)++ % CONSOLE_RING_BYTES] = (uint8_t)text[i];
}

static void put_line(const char *text, const char *more, size_t n_more)
{
    size_t n = strlen(text);
    uint32_t head = atomic_load_explicit(&console.head, memory_order_relaxed);
    uint32_t used = head - atomic_load_explicit(&console.tail, memory_order_acquire);
    if (!console.is_on)
        return;
    if (n + n_more + 2 > CONSOLE_RING_BYTES - used) {
        console.left_out++;
        return;
    }
    put(&head, text, n);
    put(&head, more, n_more);
    put(&head, "\r\n", 2);
    atomic_store_explicit(&console.head, head, memory_order_release);
    mmio_write(USART_CR1(USART1), USART_CR1_UE | USART_CR1_TE | USART_CR1_TXEIE);
}

void console_line(const char *text)
{
    put_line(text, "", 0);
}

void console_number(const char *text, uint32_t number)
{
    char digits[8];
    for (unsigned i = 0; i < sizeof digits; i++)
        digits[i] = "0123456789ABCDEF"[number >> 4 * (7 - i) & 15];
    put_line(text, digits, sizeof digits);
}

uint32_t console_lines_left_out(void)
{
    return console.left_out;
}

/* With nothing more to say it goes quiet; the main loop may put a line just then, and sees to the
 * interrupt after that itself. */
void console_interrupt(void)
{
    uint32_t tail = atomic_load_explicit(&console.tail, memory_order_relaxed);
    if (!(mmio_read(USART_SR(USART1)) & USART_SR_TXE))
        return;
    if (tail == atomic_load_explicit(&console.head, memory_order_acquire)) {
        mmio_write(USART_CR1(USART1), USART_CR1_UE | USART_CR1_TE);
        return;
    }
    mmio_write(USART_DR(USART1), console.bytes[tail % CONSOLE_RING_BYTES]);
    atomic_store_explicit(&console.tail, tail + 1, memory_order_release);
}
