/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory, interrupts and the loop. */
#include "firmware/boards/stm32f405/board.h"
#include "firmware/boards/stm32f405/chip/chip.h"
#include "firmware/boards/stm32f405/console.h"
#include "firmware/boards/stm32f405/interrupts.h"
#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/boards/stm32f405/regs_core.h"

#define IN_CCM __attribute__((section(".ccm"), aligned(4)))
#define OF_CELLS __attribute__((section(".cells"), aligned(4)))

/* Shared out so that each memory has a third to spare. */
static uint16_t counts[BOARD_CELLS] IN_CCM, zero[BOARD_CELLS] IN_CCM;
static uint16_t noise_floor[BOARD_CELLS] OF_CELLS, next_zero[BOARD_WORK_CELLS] OF_CELLS;
static uint32_t work[BOARD_WORK_CELLS] OF_CELLS;
static uint8_t out[BOARD_OUT_BYTES] OF_CELLS;
static uint8_t rings[USB_LINKS][BOARD_RING_BYTES];
static struct board board;

void usb_handler(void)
{
    otg_interrupt(&board.otg);
}

void scan_handler(void)
{
    scanner_interrupt(&board.scanner);
}

void capture_handler(void)
{
    button_input_interrupt(&board.button);
}

void console_handler(void)
{
    console_interrupt();
}

/* Wakes the loop up, nothing else. */
void tick_handler(void)
{
}

static void start_tick(uint32_t system_hz)
{
    mmio_field(SCB_SHPR3, 0xFFu << 24, PRIORITY_TICK << 24);
    mmio_write(SYSTICK_RVR, system_hz / 1000u - 1u);
    mmio_write(SYSTICK_CVR, 0);
    mmio_write(SYSTICK_CSR, SYSTICK_CSR_ENABLE | SYSTICK_CSR_TICKINT | SYSTICK_CSR_CLKSOURCE);
}

int main(void)
{
    static const struct board_memory memory = {
        .counts = counts,
        .zero = zero,
        .floor = noise_floor,
        .next_zero = next_zero,
        .work = work,
        .out = out,
        .rings = {rings[USB_LINK_VENDOR], rings[USB_LINK_SERIAL]},
    };
    const char *wrong = board_begin(&board, &memory, &chip_kept);
    if (wrong)
        board_complain(wrong);
    start_tick(board.tree.system_hz);
    interrupt_enable(IRQ_DMA2_STREAM0, PRIORITY_SCAN);
    interrupt_enable(IRQ_TIM2, PRIORITY_CAPTURE);
    board_connect(&board);
    interrupt_enable(IRQ_OTG_FS, PRIORITY_USB);
    for (;;)
        if (board_step(&board))
            __asm__ volatile("wfi" ::: "memory");
}
