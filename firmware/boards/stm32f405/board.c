/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/stm32f405/board.h"

#include "firmware/boards/stm32f405/board_pins.h"
#include "firmware/boards/stm32f405/button_input.h"
#include "firmware/boards/stm32f405/console.h"
#include "firmware/boards/stm32f405/interrupts.h"
#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/boards/stm32f405/outputs.h"
#include "firmware/boards/stm32f405/pins.h"
#include "firmware/boards/stm32f405/regs_core.h"
#include "firmware/boards/stm32f405/regs_rcc.h"
#include "firmware/boards/stm32f405/thermistor.h"
#include "firmware/boards/stm32f405/timebase.h"
#include "firmware/boards/stm32f405/watchdog.h"
#include "firmware/core/usb_links.h"

#include <stdatomic.h>
#include <string.h>

#define SENSES_VBUS 0           /* the plate lives on its cable: no cable, no plate */
#define CONNECT_AFTER_US 50000u /* the host must have seen us gone, and device mode be sure */
#define AWAKE_BEFORE_SCAN_US 2000u
#define FLASH_US 150000u
/* How often the light flashes at the start, for whoever has no console. */
enum flashes { FLASHES_NO_CRYSTAL = 2, FLASHES_NO_USB = 3, FLASHES_NO_PLATE = 4 };

/* --- Callbacks of the core ----------------------------------------------------------------------
 */

static uint64_t now_us(void *context)
{
    (void)context;
    return timebase_us();
}

static int scan_row(void *context, unsigned row, uint16_t *counts)
{
    struct board *board = context;
    return scanner_row(&board->scanner, row, counts);
}

static int button_edge(void *context, struct plate_edge *edge)
{
    struct board *board = context;
    return button_input_edge(&board->button, edge);
}

static void signal(void *context, unsigned signals)
{
    (void)context;
    outputs_signal(signals);
}

static int16_t temperature_cdeg(void *context)
{
    struct board *board = context;
    int counts = scanner_measure(&board->scanner, PIN_THERMISTOR_INPUT);
    return counts < 0 ? WIRE_NO_TEMPERATURE : thermistor_cdeg((unsigned)counts);
}

static size_t send(void *context, unsigned link, const uint8_t *bytes, size_t n)
{
    struct board *board = context;
    size_t taken = usb_link_send(&board->usb, (enum usb_link)link, bytes, n);
    if (taken > 0)
        interrupt_pend(IRQ_OTG_FS);
    return taken;
}

static int has_left(void *context, unsigned link)
{
    const struct board *board = context;
    return usb_link_has_left(&board->usb, (enum usb_link)link);
}

/* A suspended bus gives 2.5 mA (USB 2.0, 7.2.3): the rows, light and buzzer are off then. */
static int must_rest(void *context)
{
    const struct board *board = context;
    return usb_device_is_suspended(&board->usb);
}

static void kick(void *context)
{
    (void)context;
    watchdog_kick();
}

/* The reset takes everything with it; start-up then finds the wish, which must have reached memory
 * by then. A few instructions may still run before the reset. */
static void enter_loader(void *context)
{
    struct board *board = context;
    otg_stop();
    kept_ask_for_loader(board->kept);
    atomic_thread_fence(memory_order_seq_cst);
    mmio_write(SCB_AIRCR, SCB_AIRCR_KEY | SCB_AIRCR_SYSRESETREQ);
}

/* --- Beginning ----------------------------------------------------------------------------------
 */

static void flash(enum flashes times)
{
    for (int i = 0; i < (int)times; i++) {
        outputs_signal(WIRE_SIGNAL_LIGHT);
        timebase_wait_us(FLASH_US);
        outputs_signal(0);
        timebase_wait_us(FLASH_US);
        watchdog_kick(); /* if it runs */
    }
}

static void tell(struct board *board, const char *news)
{
    console_line(news);
    if (board->n_news < sizeof board->news / sizeof *board->news)
        board->news[board->n_news++] = news;
}

static void tell_fault(struct board *board)
{
    static const char *const told[] = {
        [KEPT_HARD_FAULT] = "the firmware had a fault and began anew; please report it",
        [KEPT_STACK] = "the firmware's stack ran over and it began anew; please report it",
        [KEPT_CRYSTAL] = "the crystal stopped while running",
        [KEPT_UNEXPECTED] = "an unexpected interrupt came and the firmware began anew",
    };
    uint32_t pc;
    enum kept_fault fault = kept_take_fault(board->kept, &pc);
    if (fault != KEPT_NO_FAULT) {
        tell(board, told[fault]);
        console_number("  at ", pc);
    }
    if (mmio_read(RCC_CSR) & RCC_CSR_IWDGRSTF)
        tell(board, "the watchdog reset the plate: a scan did not end");
    mmio_set(RCC_CSR, RCC_CSR_RMVF);
}

static void power_usb(void)
{
    mmio_set(RCC_AHB2ENR, RCC_AHB2_OTG_FS);
    mmio_read(RCC_AHB2ENR); /* two cycles until the clock is there (RM0090, 7.2.15) */
    pin_alternate(PIN_USB_PORT, PIN_USB_DM, GPIO_AF_OTG_FS, GPIO_SPEED_HIGH);
    pin_alternate(PIN_USB_PORT, PIN_USB_DP, GPIO_AF_OTG_FS, GPIO_SPEED_HIGH);
}

static const char *begin_usb(struct board *board, const struct board_memory *memory)
{
    power_usb();
    board->has_usb = otg_start(&board->otg, &board->usb, SENSES_VBUS) == OTG_OK;
    if (!board->has_usb)
        tell(board, "the USB core does not start");
    board->usb_config = (struct usb_device_config){
        .controller = &board->otg.controller,
        .manufacturer = "tenderfoot",
        .product = "tenderfoot pressure plate",
        .serial = board->serial,
        .version_bcd = PLATE_CORE_VERSION_BCD,
        .out_ring = {memory->rings[USB_LINK_VENDOR], memory->rings[USB_LINK_SERIAL]},
        .out_ring_bytes = BOARD_RING_BYTES,
    };
    return usb_device_init(&board->usb, &board->usb_config);
}

static const char *begin_plate(struct board *board, const struct board_memory *memory,
                               uint32_t boot_id)
{
    board->config = (struct plate_config){
        .context = board,
        .now_us = now_us,
        .scan_row = scan_row,
        .send = send,
        .button_edge = button_edge,
        .signal = signal,
        .temperature_cdeg = temperature_cdeg,
        .watchdog_kick = kick,
        .must_rest = must_rest,
        .enter_loader = enter_loader,
        .has_left = has_left,
        .rows = GEOMETRY_ROWS,
        .cols = GEOMETRY_COLS,
        .pitch_x_um = GEOMETRY_PITCH_UM,
        .pitch_y_um = GEOMETRY_PITCH_UM,
        .bits = 12,
        .full_scale_kpa = GEOMETRY_FULL_SCALE_KPA,
        .rate_min_hz = GEOMETRY_RATE_MIN_HZ,
        .rate_max_hz = GEOMETRY_RATE_MAX_HZ,
        .rate_hz = GEOMETRY_RATE_HZ,
        .features = WIRE_HAS_LIGHT | WIRE_HAS_BUZZER,
        .boot_id = boot_id,
        .serial = board->serial,
        .firmware = PLATE_CORE_VERSION,
        .model = GEOMETRY_MODEL,
        .links = USB_LINKS,
        .work_rows = BOARD_WORK_ROWS,
        .counts = memory->counts,
        .zero = memory->zero,
        .floor = memory->floor,
        .work = memory->work,
        .next_zero = memory->next_zero,
        .out = memory->out,
        .out_bytes = BOARD_OUT_BYTES,
    };
    return plate_init(&board->plate, &board->config);
}

static void begin_clocks(struct board *board)
{
    board->tree = clock_start();
    timebase_start(board->tree.apb1_timer_hz);
    console_start(board->tree.apb2_hz);
    console_line(GEOMETRY_MODEL ", firmware " PLATE_CORE_VERSION);
    console_line(board->serial);
    if (board->tree.source == CLOCK_INTERNAL)
        tell(board, "the crystal does not swing: clocks are 1 % wrong and USB may fail");
    if (board->tree.source == CLOCK_BARE)
        tell(board, "neither crystal nor PLL: no USB");
}

static void flash_troubles(const struct board *board)
{
    if (board->tree.source == CLOCK_INTERNAL)
        flash(FLASHES_NO_CRYSTAL);
    else if (!board->has_usb || board->tree.source == CLOCK_BARE)
        flash(FLASHES_NO_USB);
}

const char *board_begin(struct board *board, const struct board_memory *memory, struct kept *kept)
{
    uint32_t id[3];
    *board = (struct board){.kept = kept};
    identity_read(id);
    identity_serial(id, board->serial);
    begin_clocks(board);
    tell_fault(board);
    outputs_start(board->tree.apb1_timer_hz);
    button_input_start(&board->button);
    pin_analog(PIN_THERMISTOR_PORT, PIN_THERMISTOR);
    const char *wrong = scanner_start(&board->scanner);
    if (!wrong)
        wrong = begin_usb(board, memory);
    if (!wrong)
        wrong = begin_plate(board, memory, identity_boot(id, kept->boots));
    flash_troubles(board);
    timebase_wait_us(CONNECT_AFTER_US);
    watchdog_start(BOARD_WATCHDOG_MS);
    return wrong;
}

void board_connect(struct board *board)
{
    if (board->has_usb)
        usb_device_connect(&board->usb, 1);
}

/* --- The loop -----------------------------------------------------------------------------------
 */

/* One line a step, as soon as there is a host that has begun. */
static void post_news(struct board *board)
{
    uint8_t payload[1 + 96] = {WIRE_LOG_WARNING};
    if (board->n_news == 0 || !plate_is_scanning(&board->plate))
        return;
    const char *news = board->news[0];
    size_t n = strlen(news);
    if (n > sizeof payload - 1)
        n = sizeof payload - 1;
    memcpy(payload + 1, news, n);
    if (plate_post(&board->plate, WIRE_LOG, timebase_us(), payload, 1 + n))
        return;
    board->n_news--;
    memmove(board->news, board->news + 1, board->n_news * sizeof *board->news);
}

int board_step(struct board *board)
{
    if (usb_links_serve_plate(&board->usb, &board->plate))
        interrupt_pend(IRQ_OTG_FS); /* there is room for more */
    int scanned = plate_step(&board->plate);
    post_news(board);
    if (scanned)
        return 0;
    return !plate_is_scanning(&board->plate) ||
           plate_next_scan_us(&board->plate) > timebase_us() + AWAKE_BEFORE_SCAN_US;
}

_Noreturn void board_complain(const char *wrong)
{
    for (;;) {
        console_line(wrong);
        flash(FLASHES_NO_PLATE);
        watchdog_kick();
        timebase_wait_us(1000000u - 2u * FLASH_US);
        watchdog_kick();
    }
}
