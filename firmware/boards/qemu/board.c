/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/qemu/board.h"

#include "firmware/boards/qemu/an385.h"
#include "firmware/boards/qemu/semihosting.h"
#include "firmware/core/plate.h"

#include <string.h>

#define SIDE WIRE_CELLS_MAX_PER_SIDE
#define CELLS (SIDE * SIDE)
#define KEPT_MAGIC 0x54504B31u
#define BOOT_ID_STEP 0x9E3779B9u /* odd: 2^32 boots until one comes again */

/* A buffer for each cell of the largest plate, apart from the rest so that its size can be told. */
#define OF_CELLS __attribute__((section(".cells"), aligned(4)))
static uint16_t counts[CELLS] OF_CELLS, zero[CELLS] OF_CELLS, noise_floor[CELLS] OF_CELLS,
    next_zero[CELLS] OF_CELLS;
static uint32_t work[CELLS] OF_CELLS;
uint8_t board_out[BOARD_OUT_BYTES] OF_CELLS;

/* Outlives a reset, so that the next boot knows that it is one. */
static struct {
    uint32_t magic, boots;
} kept __attribute__((section(".kept")));

static struct {
    struct plate_config config;
    struct plate plate;
    char serial[sizeof((struct mailbox *)0)->serial];
    int handles[MAILBOX_LINKS];
    uint32_t written[MAILBOX_LINKS], closed[MAILBOX_LINKS];
    const struct mailbox_slot *slot; /* being scanned */
    uint32_t slots_read, produced_at_last_scan, stale_scans, edges_read, signals;
    int64_t shift_us; /* from the slots' time line to the board's clock */
} board;

static void barrier(void)
{
    __asm__ volatile("dmb" ::: "memory");
}

static uint64_t join(uint32_t low, uint32_t high)
{
    return (uint64_t)high << 32 | low;
}

/* --- Callbacks of the core ----------------------------------------------------------------------
 */

static uint64_t now_us(void *context)
{
    (void)context;
    if (MAILBOX->mode == MAILBOX_LOCKSTEP)
        return join(MAILBOX->now_us_low, MAILBOX->now_us_high);
    return an385_clock_us();
}

static const struct mailbox_slot *slot_at(uint32_t number)
{
    uint32_t at = MAILBOX_SLOTS_AT + number % MAILBOX->slots * MAILBOX->slot_bytes;
    return (const struct mailbox_slot *)(MAILBOX_ADDRESS + at);
}

/* Preloaded slots are taken one by one, and the first says how their time line lies to the clock.
 * Otherwise the newest is taken. NULL when there is none. */
static const struct mailbox_slot *next_slot(void)
{
    uint32_t produced = MAILBOX->produced;
    barrier();
    if (MAILBOX->mode == MAILBOX_PRELOADED) {
        if (board.slots_read == produced)
            return NULL;
        const struct mailbox_slot *slot = slot_at(board.slots_read);
        if (board.slots_read++ == 0)
            board.shift_us = (int64_t)(now_us(NULL) - join(slot->time_us_low, slot->time_us_high));
        return slot;
    }
    if (produced == 0)
        return NULL;
    board.stale_scans += board.produced_at_last_scan == produced;
    board.produced_at_last_scan = produced;
    board.slots_read++;
    return slot_at(produced - 1);
}

/* The fault that only a watchdog mends. */
static void hang_if_asked(void)
{
    if (MAILBOX->hang_at_scan && MAILBOX->hang_at_scan == board.slots_read && kept.boots == 0)
        for (;;)
            ;
}

static int scan_row(void *context, unsigned row, uint16_t *row_counts)
{
    (void)context;
    if (row == 0) {
        board.slot = next_slot();
        hang_if_asked();
    }
    if (!board.slot)
        return -1;
    size_t cols = board.config.cols;
    memcpy(row_counts, board.slot->counts + row * cols, cols * sizeof *row_counts);
    return 0;
}

/* With a bound, no more than what the pipe surely takes: the call never waits then. */
static size_t send(void *context, unsigned link, const uint8_t *bytes, size_t n)
{
    (void)context;
    if (board.handles[link] < 0)
        return n;
    if (MAILBOX->out_room) {
        uint32_t under_way = board.written[link] - MAILBOX->out_taken[link];
        uint32_t room = MAILBOX->out_room > under_way ? MAILBOX->out_room - under_way : 0;
        n = n < room ? n : room;
    }
    if (n == 0)
        return 0;
    n -= semihosting_write(board.handles[link], bytes, n);
    board.written[link] += (uint32_t)n;
    return n;
}

static int button_edge(void *context, struct plate_edge *edge)
{
    (void)context;
    uint32_t produced = MAILBOX->edges_produced;
    barrier();
    if (board.edges_read == produced || (MAILBOX->mode == MAILBOX_PRELOADED && !board.slots_read))
        return 0;
    const volatile struct mailbox_edge *next = &MAILBOX->edges[board.edges_read % MAILBOX_EDGES];
    uint64_t time_us = join(next->time_us_low, next->time_us_high) + (uint64_t)board.shift_us;
    if (time_us > now_us(NULL))
        return 0;
    *edge = (struct plate_edge){.time_us = time_us, .down = next->down != 0};
    board.edges_read++;
    return 1;
}

static void signal(void *context, unsigned signals)
{
    (void)context;
    board.signals = signals;
}

static void kick_watchdog(void *context)
{
    (void)context;
    an385_watchdog_kick();
}

/* --- The beginning ------------------------------------------------------------------------------
 */

static const char *check_mailbox(void)
{
    if (MAILBOX->magic != MAILBOX_MAGIC || MAILBOX->version != MAILBOX_VERSION)
        return "no mailbox of version 1 at 0x21000000: load or map one";
    if (MAILBOX->mode < MAILBOX_PRELOADED || MAILBOX->mode > MAILBOX_MEASURE)
        return "mode is not 1..4";
    if (MAILBOX->rows - 1 >= SIDE || MAILBOX->cols - 1 >= SIDE)
        return "rows or cols is not 1..256";
    if (MAILBOX->slot_bytes != mailbox_slot_bytes(MAILBOX->rows, MAILBOX->cols) ||
        MAILBOX->slots - 1 >= mailbox_slots_max(MAILBOX->rows, MAILBOX->cols))
        return "slots do not fit into the bank";
    if (MAILBOX->links - 1 >= MAILBOX_LINKS)
        return "links is not 1..4";
    return NULL;
}

static void count_boot(void)
{
    kept.boots = kept.magic == KEPT_MAGIC ? kept.boots + 1 : 0;
    kept.magic = KEPT_MAGIC;
}

static void copy_text(char *to, const volatile char *from, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = from[i];
    to[size - 1] = 0;
}

/* A file goes on after a reset. */
static const char *open_links(void)
{
    char path[MAILBOX_PATH_BYTES];
    for (unsigned link = 0; link < MAILBOX_LINKS; link++) {
        board.handles[link] = -1;
        copy_text(path, MAILBOX->out_path[link], sizeof path);
        if (link >= MAILBOX->links || !path[0])
            continue;
        board.handles[link] =
            semihosting_open(path, kept.boots ? SEMIHOSTING_APPEND : SEMIHOSTING_WRITE);
        if (board.handles[link] < 0)
            return "an out_path cannot be opened for writing";
        board.written[link] = MAILBOX->out_taken[link];
    }
    return NULL;
}

static void fill_identity(struct plate_config *config)
{
    copy_text(board.serial, MAILBOX->serial, sizeof board.serial);
    config->rows = (uint16_t)MAILBOX->rows;
    config->cols = (uint16_t)MAILBOX->cols;
    config->pitch_x_um = MAILBOX->pitch_x_um;
    config->pitch_y_um = MAILBOX->pitch_y_um;
    config->bits = (uint8_t)MAILBOX->bits;
    config->full_scale_kpa = (uint16_t)MAILBOX->full_scale_kpa;
    config->rate_min_hz = (uint16_t)MAILBOX->rate_min_hz;
    config->rate_max_hz = (uint16_t)MAILBOX->rate_max_hz;
    config->rate_hz = (uint16_t)MAILBOX->rate_hz;
    config->features = WIRE_HAS_LIGHT | WIRE_HAS_BUZZER | WIRE_IS_VIRTUAL;
    config->boot_id = MAILBOX->boot_id + kept.boots * BOOT_ID_STEP;
    config->serial = board.serial;
    config->firmware = PLATE_CORE_VERSION;
    config->model = "tenderfoot MPS2 emulated";
    config->links = MAILBOX->links;
    config->autostart = MAILBOX->autostart != 0;
}

void board_lend_buffers(struct plate_config *config)
{
    config->counts = counts;
    config->zero = zero;
    config->floor = noise_floor;
    config->work = work;
    config->next_zero = next_zero;
    config->out = board_out;
    config->out_bytes = sizeof board_out;
}

static void fill_callbacks(struct plate_config *config)
{
    config->now_us = now_us;
    config->scan_row = scan_row;
    config->send = send;
    config->button_edge = button_edge;
    config->signal = signal;
    config->watchdog_kick = MAILBOX->watchdog_ms ? kick_watchdog : NULL;
}

/* The host counts edges, commands and hosts that left on over a reset: what came before is gone. */
static void skip_the_past(void)
{
    board.edges_read = MAILBOX->edges_produced;
    for (unsigned link = 0; link < MAILBOX_LINKS; link++) {
        MAILBOX->commands[link].consumed = MAILBOX->commands[link].produced;
        board.closed[link] = MAILBOX->commands[link].closed;
    }
}

const char *board_begin(void)
{
    const char *wrong = check_mailbox();
    if (wrong)
        return wrong;
    count_boot();
    if ((wrong = open_links()))
        return wrong;
    fill_identity(&board.config);
    fill_callbacks(&board.config);
    board_lend_buffers(&board.config);
    if ((wrong = plate_init(&board.plate, &board.config)))
        return wrong;
    if (MAILBOX->mode != MAILBOX_LOCKSTEP)
        an385_start();
    if (MAILBOX->watchdog_ms)
        an385_watchdog_start(MAILBOX->watchdog_ms);
    if (kept.boots) {
        skip_the_past();
        for (unsigned link = 0; link < MAILBOX->links && !board.config.autostart; link++)
            plate_announce(&board.plate, link);
    }
    return NULL;
}

/* --- The loop -----------------------------------------------------------------------------------
 */

static void receive_up_to(unsigned link, uint32_t end)
{
    volatile struct mailbox_commands *ring = &MAILBOX->commands[link];
    uint8_t bytes[64];
    while (ring->consumed != end) {
        size_t n = 0;
        for (; n < sizeof bytes && ring->consumed + n != end; n++)
            bytes[n] = ring->bytes[(ring->consumed + n) % MAILBOX_COMMAND_BYTES];
        ring->consumed += (uint32_t)n;
        plate_receive(&board.plate, link, bytes, n);
    }
}

/* The bytes of a host that left are heard before its leaving, those of the next one after. */
void board_listen(void)
{
    for (unsigned link = 0; link < board.config.links; link++) {
        volatile struct mailbox_commands *ring = &MAILBOX->commands[link];
        uint32_t closed = ring->closed;
        barrier();
        if (closed != board.closed[link]) {
            receive_up_to(link, ring->closed_at);
            plate_link_closed(&board.plate, link);
            board.closed[link] = closed;
        }
        uint32_t produced = ring->produced;
        barrier();
        receive_up_to(link, produced);
    }
}

void board_step(void)
{
    plate_step(&board.plate);
}

void board_publish(void)
{
    uint64_t clock_us = now_us(NULL), next_us = plate_next_scan_us(&board.plate);
    MAILBOX->state++;
    barrier();
    MAILBOX->boots = kept.boots;
    MAILBOX->scanning = (uint32_t)(plate_is_scanning(&board.plate) || board.plate.autostart);
    MAILBOX->streaming = (uint32_t)board.plate.streaming;
    MAILBOX->owner = (uint32_t)(board.plate.owner + 1);
    MAILBOX->signals = board.signals;
    MAILBOX->clock_us_low = (uint32_t)clock_us;
    MAILBOX->clock_us_high = (uint32_t)(clock_us >> 32);
    if (!plate_is_scanning(&board.plate))
        next_us = clock_us;
    MAILBOX->next_us_low = (uint32_t)next_us;
    MAILBOX->next_us_high = (uint32_t)(next_us >> 32);
    MAILBOX->slots_read = board.slots_read;
    MAILBOX->edges_consumed = board.edges_read;
    MAILBOX->stale_scans = board.stale_scans;
    barrier();
    MAILBOX->state++;
}

int board_is_over(void)
{
    if (MAILBOX->stop)
        return 1;
    if (MAILBOX->mode != MAILBOX_PRELOADED || board.slots_read != MAILBOX->produced)
        return 0;
    for (unsigned link = 0; link < board.config.links; link++)
        if (plate_has_unsent(&board.plate, link))
            return 0;
    return 1;
}

const uint16_t *board_slot_counts(uint32_t number)
{
    return slot_at(number)->counts;
}
