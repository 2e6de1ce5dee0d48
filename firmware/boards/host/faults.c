/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/host/faults.h"
#include "firmware/boards/host/faults_private.h"

#include "firmware/wire/wire.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct faults {
    struct fault list[FAULTS_MAX];
    size_t n;
    uint64_t seed;
    size_t rows, cols;
    uint16_t full_scale;
    FILE *log;
    uint64_t time_us;
    unsigned boot;
    uint32_t scan;
};

/* --- Chance ---------------------------------------------------------------------------------- */

/* SplitMix64's finish: a good hash of its argument. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

/* The same answer for the same seed, fault, scan and question, whatever was asked before. */
static uint64_t draw(const struct faults *faults, const struct fault *fault, uint64_t question)
{
    uint64_t x = mix(faults->seed ^ mix((uint64_t)(fault - faults->list)));
    x = mix(x ^ ((uint64_t)faults->boot << 32 | faults->scan));
    return mix(x ^ question);
}

static size_t draw_below(const struct faults *faults, const struct fault *fault, uint64_t question,
                         size_t n)
{
    return (size_t)(draw(faults, fault, question) % n);
}

static int draw_chance(const struct faults *faults, const struct fault *fault, double chance)
{
    return (double)(draw(faults, fault, UINT64_MAX) >> 11) * 0x1p-53 < chance;
}

/* --- Made and freed -------------------------------------------------------------------------- */

static int check_fits(const struct faults *faults, const struct fault *fault, struct problem *why)
{
    if (fault->row >= (long)faults->rows)
        return problem(why, PROBLEM_USAGE, "fault: row=%ld, but the plate's rows are 0 to %zu",
                       fault->row, faults->rows - 1);
    if (fault->cells > (long)(faults->rows * faults->cols))
        return problem(why, PROBLEM_USAGE, "fault: cells=%ld, but the plate has %zu", fault->cells,
                       faults->rows * faults->cols);
    if (fault->value > faults->full_scale)
        return problem(why, PROBLEM_USAGE, "fault: value=%ld is over the plate's full scale of %u",
                       fault->value, (unsigned)faults->full_scale);
    return 0;
}

static int parse_list(struct faults *faults, char *text, struct problem *why)
{
    for (char *rest = text, *one = strsep(&rest, ","); one; one = strsep(&rest, ",")) {
        if (faults->n == FAULTS_MAX)
            return problem(why, PROBLEM_USAGE, "more than %d faults", FAULTS_MAX);
        struct fault *fault = &faults->list[faults->n];
        if (fault_parse(one, fault, why) || check_fits(faults, fault, why))
            return -1;
        faults->n++;
    }
    return 0;
}

struct faults *faults_create(const char *text, uint64_t seed, int rows, int cols, int bits,
                             FILE *log, struct problem *why)
{
    struct faults *faults = calloc(1, sizeof *faults);
    char *copy = strdup(text ? text : "");
    int bad = 0;
    if (!faults || !copy) {
        bad = problem_no_memory(why, "the list of faults");
    } else {
        faults->seed = seed;
        faults->rows = (size_t)rows;
        faults->cols = (size_t)cols;
        faults->full_scale = (uint16_t)((1u << bits) - 1u);
        faults->log = log;
        if (*copy)
            bad = parse_list(faults, copy, why);
    }
    free(copy);
    if (bad) {
        faults_free(faults);
        return NULL;
    }
    return faults;
}

void faults_free(struct faults *faults)
{
    if (!faults)
        return;
    for (size_t i = 0; i < faults->n; i++) {
        free(faults->list[i].cell_list);
        free(faults->list[i].held);
    }
    free(faults);
}

/* --- When, and the log ----------------------------------------------------------------------- */

void faults_at(struct faults *faults, uint64_t time_us, unsigned boot, uint32_t scan)
{
    faults->time_us = time_us;
    faults->boot = boot;
    faults->scan = scan;
}

static int is_time(const struct faults *faults, const struct fault *fault)
{
    return (fault->by_scan ? faults->scan : faults->time_us) >= fault->at;
}

static void log_begin(const struct faults *faults, const struct fault *fault, int lost, int bad,
                      int repeats)
{
    if (faults->log)
        fprintf(faults->log,
                "{\"fault\":\"%s\",\"time_us\":%" PRIu64 ",\"boot\":%u,\"scan\":%" PRIu32
                ",\"lost\":%d,\"bad\":%d,\"repeats\":%d",
                fault_name(fault->kind), faults->time_us, faults->boot, faults->scan, lost, bad,
                repeats);
}

static void log_number(const struct faults *faults, const char *key, uint64_t value)
{
    if (faults->log)
        fprintf(faults->log, ",\"%s\":%" PRIu64, key, value);
}

static void log_cells(const struct faults *faults, const struct fault *fault)
{
    if (!faults->log)
        return;
    fputs(",\"cells\":[", faults->log);
    for (size_t i = 0; i < fault->cells_hit; i++)
        fprintf(faults->log, "%s[%zu,%zu]", i ? "," : "", fault->cell_list[i] / faults->cols,
                fault->cell_list[i] % faults->cols);
    fputc(']', faults->log);
}

/* Flushed, so that the log is whole whenever the plate is ended. */
static void log_end(const struct faults *faults)
{
    if (faults->log) {
        fputs("}\n", faults->log);
        fflush(faults->log);
    }
}

/* --- Device ---------------------------------------------------------------------------------- */

static struct fault *due_once(struct faults *faults, enum fault_kind kind)
{
    for (size_t i = 0; i < faults->n; i++) {
        struct fault *fault = &faults->list[i];
        if (fault->kind == kind && !fault->begun && is_time(faults, fault)) {
            fault->begun = 1;
            return fault;
        }
    }
    return NULL;
}

uint64_t faults_stall_us(struct faults *faults, uint64_t period_us)
{
    const struct fault *fault = due_once(faults, FAULT_STALL);
    if (!fault)
        return 0;
    uint64_t stall_us = (uint64_t)fault->ms * 1000;
    log_begin(faults, fault, 0, 0, 0);
    log_number(faults, "ms", (uint64_t)fault->ms);
    log_number(faults, "overruns", stall_us > period_us / 2);
    log_end(faults);
    return stall_us;
}

int faults_reset(struct faults *faults)
{
    const struct fault *fault = due_once(faults, FAULT_RESET);
    if (!fault)
        return 0;
    log_begin(faults, fault, 0, 0, 0);
    log_end(faults);
    return 1;
}

/* --- Cells ----------------------------------------------------------------------------------- */

/* The first n of a shuffle of all cells. -1: no memory, then the fault does not happen. */
static int choose_cells(const struct faults *faults, struct fault *fault, size_t n)
{
    size_t all = faults->rows * faults->cols;
    size_t *cells = calloc(all, sizeof *cells);
    fault->held = calloc(n, sizeof *fault->held);
    fault->cell_list = cells;
    if (!cells || !fault->held)
        return -1;
    for (size_t i = 0; i < all; i++)
        cells[i] = i;
    for (size_t i = 0; i < n; i++) {
        size_t j = i + draw_below(faults, fault, i, all - i);
        size_t other = cells[j];
        cells[j] = cells[i];
        cells[i] = other;
    }
    fault->cells_hit = n;
    return 0;
}

static int choose_row(const struct faults *faults, struct fault *fault)
{
    if (choose_cells(faults, fault, faults->cols))
        return -1;
    if (fault->row < 0)
        fault->row = (long)draw_below(faults, fault, 0, faults->rows);
    for (size_t col = 0; col < faults->cols; col++)
        fault->cell_list[col] = (size_t)fault->row * faults->cols + col;
    return 0;
}

static uint16_t held_count(const struct faults *faults, const struct fault *fault, uint16_t count)
{
    if (fault->kind == FAULT_SATURATE)
        return faults->full_scale;
    if (fault->kind == FAULT_DEAD_ROW)
        return 0;
    return fault->value >= 0 ? (uint16_t)fault->value : count;
}

static void begin_cells(const struct faults *faults, struct fault *fault, const uint16_t *counts)
{
    fault->begun = 1;
    if (fault->kind == FAULT_DEAD_ROW ? choose_row(faults, fault)
                                      : choose_cells(faults, fault, (size_t)fault->cells))
        return;
    for (size_t i = 0; i < fault->cells_hit; i++)
        fault->held[i] = held_count(faults, fault, counts[fault->cell_list[i]]);
    log_begin(faults, fault, 0, 0, 0);
    if (fault->kind == FAULT_DEAD_ROW)
        log_number(faults, "row", (uint64_t)fault->row);
    else
        log_cells(faults, fault);
    log_end(faults);
}

void faults_touch_counts(struct faults *faults, uint16_t *counts)
{
    for (size_t i = 0; i < faults->n; i++) {
        struct fault *fault = &faults->list[i];
        if (fault->kind > FAULT_SATURATE || !is_time(faults, fault))
            continue;
        if (!fault->begun)
            begin_cells(faults, fault, counts);
        for (size_t k = 0; k < fault->cells_hit; k++)
            counts[fault->cell_list[k]] = fault->held[k];
    }
}

/* --- Cable ----------------------------------------------------------------------------------- */

/* Where in the message the fault may act: [from, to). */
static void reach(const struct fault *fault, size_t n, size_t *from, size_t *to)
{
    *from = fault->where == FAULT_PAYLOAD ? WIRE_HEADER_SIZE : 0;
    *to = fault->where == FAULT_HEADER ? WIRE_HEADER_SIZE : n;
}

/* A frame whose header is whole and whose payload is not is seen as bad; otherwise it is only
 * missing. */
static size_t lose_bytes(const struct faults *faults, const struct fault *fault, uint8_t *bytes,
                         size_t n)
{
    size_t from, to, cut = (size_t)fault->bytes;
    reach(fault, n, &from, &to);
    if (cut > to - from)
        cut = to - from;
    size_t at = from + draw_below(faults, fault, 0, to - from - cut + 1);
    memmove(bytes + at, bytes + at + cut, n - at - cut);
    log_begin(faults, fault, 1, at >= WIRE_HEADER_SIZE, 0);
    log_number(faults, "at", at);
    log_number(faults, "bytes", cut);
    log_end(faults);
    return n - cut;
}

static int was_drawn(const size_t *drawn, size_t n, size_t bit)
{
    for (size_t i = 0; i < n; i++)
        if (drawn[i] == bit)
            return 1;
    return 0;
}

/* Different bits, or two turns of one would heal the frame. */
static size_t flip_bits(const struct faults *faults, const struct fault *fault, uint8_t *bytes,
                        size_t n)
{
    size_t from, to, turned[1000], wanted = (size_t)fault->bits;
    int in_header = 0;
    uint64_t question = 0;
    reach(fault, n, &from, &to);
    if (wanted > (to - from) * 8 / 2)
        wanted = (to - from) * 8 / 2;
    for (size_t done = 0; done < wanted;) {
        size_t bit = from * 8 + draw_below(faults, fault, question++, (to - from) * 8);
        if (was_drawn(turned, done, bit))
            continue;
        turned[done++] = bit;
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        in_header |= bit < WIRE_HEADER_SIZE * 8;
    }
    log_begin(faults, fault, 1, !in_header, 0);
    log_number(faults, "bits", wanted);
    log_end(faults);
    return n;
}

/* The first fault of these kinds that hits this frame. */
static struct fault *hit_by(struct faults *faults, enum fault_kind from, enum fault_kind to)
{
    for (size_t i = 0; i < faults->n; i++) {
        struct fault *fault = &faults->list[i];
        if (fault->kind < from || fault->kind > to || fault->frames_left == 0 ||
            !is_time(faults, fault))
            continue;
        if (fault->chance >= 0 && !draw_chance(faults, fault, fault->chance))
            continue;
        if (fault->frames_left > 0)
            fault->frames_left--;
        return fault;
    }
    return NULL;
}

size_t faults_touch_message(struct faults *faults, uint8_t *bytes, size_t n, int *copies)
{
    struct wire_message message;
    size_t used;
    *copies = 1;
    if (wire_decode(bytes, n, &message, &used) != WIRE_MESSAGE_WHOLE || message.type != WIRE_FRAME)
        return n;
    faults->scan = message.seq;
    struct fault *fault = hit_by(faults, FAULT_LOSE, FAULT_REPEAT);
    if (!fault)
        return n;
    if (fault->kind == FAULT_LOSE)
        return lose_bytes(faults, fault, bytes, n);
    if (fault->kind == FAULT_FLIP)
        return flip_bits(faults, fault, bytes, n);
    *copies = fault->kind == FAULT_REPEAT ? 2 : 0;
    log_begin(faults, fault, fault->kind == FAULT_DROP, 0, fault->kind == FAULT_REPEAT);
    log_end(faults);
    return n;
}

/* --- USB ------------------------------------------------------------------------------------- */

#define USB_PREFIX "usb-"

void faults_concern(const char *text, int *plate, int *usb)
{
    *plate = *usb = 0;
    for (const char *one = text; one && *one; one = one[0] == ',' ? one + 1 : one) {
        int is_usb = !strncmp(one, USB_PREFIX, sizeof USB_PREFIX - 1);
        *usb |= is_usb;
        *plate |= !is_usb;
        one += strcspn(one, ",");
    }
}

int faults_usb(struct faults *faults, struct faults_usb_deed *deed)
{
    const struct fault *fault = hit_by(faults, FAULT_USB_UNPLUG, FAULT_USB_SILENCE);
    if (!fault)
        return 0;
    *deed = (struct faults_usb_deed){.kind = (enum faults_usb)(fault->kind - FAULT_USB_UNPLUG),
                                     .name = fault_name(fault->kind),
                                     .ms = fault->ms,
                                     .drawn = draw(faults, fault, 0)};
    return 1;
}
