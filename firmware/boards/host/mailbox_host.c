/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/host/mailbox_host.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define US_PER_S UINT64_C(1000000)
#define RATE_MIN_HZ 10
#define RATE_MAX_HZ 500
#define LOOKS 1000 /* at a state that is being written, before giving up */

static void store(uint32_t *to, uint32_t value)
{
    __atomic_store_n(to, value, __ATOMIC_RELEASE);
}

static uint32_t load(const uint32_t *from)
{
    return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

static int in(double value, double low, double high)
{
    return value >= low && value <= high;
}

static int check_source(const struct scan_source *source, int rate_hz, struct problem *why)
{
    if (!in(source->rows, 1, 256) || !in(source->cols, 1, 256) || !in(source->bits, 8, 16))
        return problem(why, PROBLEM_REFUSED,
                       "no plate of %d x %d cells of %d bits: 1 to 256 cells each way of 8 to 16 "
                       "bits are possible",
                       source->rows, source->cols, source->bits);
    if (!in(source->pitch_x_mm, 0.5, 50) || !in(source->pitch_y_mm, 0.5, 50))
        return problem(why, PROBLEM_REFUSED, "no plate with a pitch of %g x %g mm: 0.5 to 50",
                       source->pitch_x_mm, source->pitch_y_mm);
    if (!in(source->rate_hz, 1, 1000) || !(source->full_scale_kpa >= 0))
        return problem(why, PROBLEM_REFUSED, "no plate of %g frames/s and %g kPa full scale",
                       source->rate_hz, source->full_scale_kpa);
    if (rate_hz && !in(rate_hz, RATE_MIN_HZ, RATE_MAX_HZ))
        return problem(why, PROBLEM_USAGE, "rate of %d frames/s: %d to %d are possible", rate_hz,
                       RATE_MIN_HZ, RATE_MAX_HZ);
    return 0;
}

static void put_serial(char *to, size_t size, const char *serial)
{
    memset(to, 0, size);
    for (size_t i = 0; i < 24 && serial[i]; i++)
        to[i] = serial[i] < 0x20 || serial[i] > 0x7E ? '?' : serial[i];
}

int mailbox_fill(struct mailbox *mailbox, enum mailbox_mode mode, const struct scan_source *source,
                 int rate_hz, uint32_t boot_id, struct problem *why)
{
    if (check_source(source, rate_hz, why))
        return -1;
    uint32_t rows = (uint32_t)source->rows, cols = (uint32_t)source->cols;
    uint32_t rate = rate_hz ? (uint32_t)rate_hz : (uint32_t)lround(source->rate_hz);
    *mailbox = (struct mailbox){
        .magic = MAILBOX_MAGIC,
        .version = MAILBOX_VERSION,
        .mode = (uint32_t)mode,
        .rows = rows,
        .cols = cols,
        .bits = (uint32_t)source->bits,
        .pitch_x_um = (uint32_t)lround(source->pitch_x_mm * 1000),
        .pitch_y_um = (uint32_t)lround(source->pitch_y_mm * 1000),
        .full_scale_kpa = (uint32_t)lround(fmin(source->full_scale_kpa, UINT16_MAX)),
        .rate_hz = rate,
        .rate_min_hz = rate < RATE_MIN_HZ ? rate : RATE_MIN_HZ,
        .rate_max_hz = rate > RATE_MAX_HZ ? rate : RATE_MAX_HZ,
        .boot_id = boot_id,
        .slots = mailbox_slots_max(rows, cols),
        .slot_bytes = mailbox_slot_bytes(rows, cols),
        .links = 1,
    };
    put_serial(mailbox->serial, sizeof mailbox->serial, source->serial);
    return 0;
}

void mailbox_put_slot(struct mailbox *mailbox, struct scan_source *source, uint64_t source_us,
                      uint64_t board_us)
{
    uint32_t number = mailbox->produced;
    size_t at = MAILBOX_SLOTS_AT + (size_t)(number % mailbox->slots) * mailbox->slot_bytes;
    struct mailbox_slot *slot = (struct mailbox_slot *)((uint8_t *)mailbox + at);
    slot->time_us_low = (uint32_t)board_us;
    slot->time_us_high = (uint32_t)(board_us >> 32);
    slot->number = number;
    source->scan(source, source_us, slot->counts);
    store(&mailbox->produced, number + 1);
}

void mailbox_put_edges(struct mailbox *mailbox, struct scan_source *source, uint64_t until_us,
                       uint64_t source_to_board_us)
{
    struct button_edge edge;
    while (source->next_edge &&
           mailbox->edges_produced - load(&mailbox->edges_consumed) < MAILBOX_EDGES &&
           source->next_edge(source, until_us + 1, &edge)) {
        uint64_t board_us = edge.time_us + source_to_board_us;
        struct mailbox_edge *to = &mailbox->edges[mailbox->edges_produced % MAILBOX_EDGES];
        to->time_us_low = (uint32_t)board_us;
        to->time_us_high = (uint32_t)(board_us >> 32);
        to->down = edge.down != 0;
        store(&mailbox->edges_produced, mailbox->edges_produced + 1);
    }
}

size_t mailbox_put_commands(struct mailbox *mailbox, int link, const uint8_t *bytes, size_t n)
{
    struct mailbox_commands *ring = &mailbox->commands[link];
    size_t room = MAILBOX_COMMAND_BYTES - (ring->produced - load(&ring->consumed));
    n = n < room ? n : room;
    for (size_t i = 0; i < n; i++)
        ring->bytes[(ring->produced + i) % MAILBOX_COMMAND_BYTES] = bytes[i];
    store(&ring->produced, ring->produced + (uint32_t)n);
    return n;
}

void mailbox_put_close(struct mailbox *mailbox, int link)
{
    struct mailbox_commands *ring = &mailbox->commands[link];
    ring->closed_at = ring->produced;
    store(&ring->closed, ring->closed + 1);
}

static void copy_state(const struct mailbox *mailbox, struct mailbox_state *state)
{
    *state = (struct mailbox_state){
        .boots = load(&mailbox->boots),
        .scanning = load(&mailbox->scanning) != 0,
        .streaming = load(&mailbox->streaming) != 0,
        .owner = (int)load(&mailbox->owner) - 1,
        .clock_us = (uint64_t)load(&mailbox->clock_us_high) << 32 | load(&mailbox->clock_us_low),
        .next_us = (uint64_t)load(&mailbox->next_us_high) << 32 | load(&mailbox->next_us_low),
        .slots_read = load(&mailbox->slots_read),
        .stale_scans = load(&mailbox->stale_scans),
    };
}

int mailbox_read_state(const struct mailbox *mailbox, struct mailbox_state *state)
{
    for (int look = 0; look < LOOKS; look++) {
        uint32_t before = load(&mailbox->state);
        copy_state(mailbox, state);
        if (before == load(&mailbox->state) && before && before % 2 == 0)
            return 1;
    }
    return 0;
}

/* --- An image in a file -------------------------------------------------------------------------
 */

static void put_all(struct mailbox *mailbox, struct scan_source *source, uint64_t duration_us)
{
    uint64_t end_us = duration_us < source->duration_us ? duration_us : source->duration_us;
    while (mailbox->produced < mailbox->slots) {
        uint64_t us = mailbox->produced * US_PER_S / mailbox->rate_hz;
        if (us >= end_us)
            break;
        mailbox_put_slot(mailbox, source, us, us);
        mailbox_put_edges(mailbox, source, us, 0);
    }
    mailbox->slots = mailbox->produced ? mailbox->produced : 1;
}

static int write_file(const char *path, const void *bytes, size_t n, struct problem *why)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return problem(why, PROBLEM_FAILED, "cannot write %s: %s", path, strerror(errno));
    int failed = fwrite(bytes, 1, n, file) != n;
    failed |= fclose(file) != 0;
    return failed ? problem(why, PROBLEM_FAILED, "writing %s failed: %s", path, strerror(errno))
                  : 0;
}

int mailbox_write_image(const char *path, struct scan_source *source, int rate_hz,
                        uint64_t duration_us, const char *out_path, struct problem *why)
{
    int result = -1;
    if (strlen(out_path) >= MAILBOX_PATH_BYTES)
        return problem(why, PROBLEM_USAGE, "the path %s has more than %u bytes", out_path,
                       MAILBOX_PATH_BYTES - 1);
    struct mailbox *mailbox = calloc(1, MAILBOX_BYTES);
    if (!mailbox)
        return problem_no_memory(why, "a memory image");
    if (mailbox_fill(mailbox, MAILBOX_PRELOADED, source, rate_hz, 1, why) == 0) {
        mailbox->autostart = 1;
        strcpy(mailbox->out_path[0], out_path);
        put_all(mailbox, source, duration_us);
        size_t size = MAILBOX_SLOTS_AT + (size_t)mailbox->slots * mailbox->slot_bytes;
        result = write_file(path, mailbox, size, why);
    }
    free(mailbox);
    return result;
}
