/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/live_view.h"

#include "analysis/report/text.h"
#include "driver/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONTACT_KPA 5.0 /* as the results' defaults */
#define MIN_FORCE_N 20.0
#define FEET_EVERY_US 100000u /* pictures for the feet; they take about half of them */
#define FEET_TAU_S 0.2        /* of the smoothing before feet are looked for */
#define TRAIL_EVERY_US 50000u

enum { TRAIL = 60 }; /* three seconds */

struct live_view {
    struct live_board *board;
    struct live_feet *feet;
    struct live_numbers *live;
    struct grid grid;
    struct live_view_facts facts;
    float *smooth;
    uint8_t *side, *steps;
    char *base64;
    uint64_t side_version, offered_us, second_us, second_frames, trail_us, device_us;
    int has_sides;
    struct point trail[TRAIL]; /* a ring; `trail_at` is the oldest */
    int n_trail, trail_at;
};

static void drop_plate(struct live_view *view)
{
    live_numbers_free(view->live);
    free(view->smooth);
    free(view->side);
    free(view->steps);
    free(view->base64);
    view->live = NULL;
    view->smooth = NULL;
    view->side = view->steps = NULL;
    view->base64 = NULL;
}

struct live_view *live_view_create(struct live_board *board, struct live_feet *feet,
                                   struct problem *why)
{
    struct live_view *view = calloc(1, sizeof *view);
    if (!view) {
        problem_no_memory(why, "a live view");
        return NULL;
    }
    view->board = board;
    view->feet = feet;
    return view;
}

void live_view_free(struct live_view *view)
{
    if (!view)
        return;
    drop_plate(view);
    free(view);
}

int live_view_meet(struct live_view *view, const struct wire_hello *hello,
                   const struct calibration *calibration, struct problem *why)
{
    drop_plate(view);
    *view = (struct live_view){.board = view->board, .feet = view->feet};
    view->grid =
        (struct grid){hello->rows, hello->cols, hello->pitch_x_um * 1e-3, hello->pitch_y_um * 1e-3};
    size_t cells = grid_cells(&view->grid);
    sequence_init(&view->facts.frames);
    sequence_hello(&view->facts.frames, hello->boot_id, hello->scans);
    view->facts.rate_hz = NAN;
    view->live = live_numbers_create(hello, calibration, why);
    view->smooth = calloc(cells, sizeof *view->smooth);
    view->side = calloc(cells, 1);
    view->steps = calloc(cells, 1);
    view->base64 = malloc(4 * (cells + 2) / 3 + 4);
    if (view->live && view->smooth && view->side && view->steps && view->base64)
        return 0;
    int bad = view->live ? problem_no_memory(why, "a live view") : -1;
    drop_plate(view);
    return bad;
}

int live_view_calibrate(struct live_view *view, const struct wire_hello *hello,
                        const struct calibration *calibration, struct problem *why)
{
    struct live_numbers *live = live_numbers_create(hello, calibration, why);
    if (!live)
        return -1;
    live_numbers_free(view->live);
    view->live = live;
    return 0;
}

/* --- A sheet --------------------------------------------------------------------------------- */

static size_t to_base64(const uint8_t *bytes, size_t n, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = 0;
    for (size_t i = 0; i < n; i += 3) {
        uint32_t three = (uint32_t)bytes[i] << 16 | (i + 1 < n ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (i + 2 < n ? (uint32_t)bytes[i + 2] : 0);
        out[at++] = digits[three >> 18];
        out[at++] = digits[three >> 12 & 63];
        out[at++] = i + 1 < n ? digits[three >> 6 & 63] : '=';
        out[at++] = i + 2 < n ? digits[three & 63] : '=';
    }
    return at;
}

struct box {
    int row0, col0, rows, cols;
};

static struct box loaded_box(const struct grid *grid, const float *kpa)
{
    int row0 = grid->rows, row1 = -1, col0 = grid->cols, col1 = -1;
    for (int r = 0; r < grid->rows; r++)
        for (int c = 0; c < grid->cols; c++)
            if (kpa[r * grid->cols + c] >= 0.5F) {
                row0 = r < row0 ? r : row0;
                row1 = r;
                col0 = c < col0 ? c : col0;
                col1 = c > col1 ? c : col1;
            }
    return row1 < 0 ? (struct box){0, 0, 0, 0}
                    : (struct box){row0, col0, row1 - row0 + 1, col1 - col0 + 1};
}

/* Pressure as a byte a cell, of the loaded box only: whole kPa up to 255, coarser above. */
static void add_cells(struct live_view *view, struct text *text, const float *kpa, double peak_kpa)
{
    struct box box = loaded_box(&view->grid, kpa);
    double step = peak_kpa > 255 ? peak_kpa / 255 : 1;
    size_t n = 0;
    for (int r = 0; r < box.rows; r++)
        for (int c = 0; c < box.cols; c++) {
            double level =
                (double)kpa[(box.row0 + r) * view->grid.cols + box.col0 + c] / step + 0.5;
            view->steps[n++] = level >= 1 ? (level < 255 ? (uint8_t)level : 255) : 0;
        }
    text_addf(text,
              "\"row0\":%d,\"col0\":%d,\"rows\":%d,\"cols\":%d,\"kpa_per_step\":%.4g,\"cells\":\"",
              box.row0, box.col0, box.rows, box.cols, step);
    text_append(text, view->base64, to_base64(view->steps, n, view->base64));
    text_add(text, "\",");
}

static void add_number(struct text *text, const char *key, double value)
{
    if (isfinite(value))
        text_addf(text, "\"%s\":%.1f,", key, value);
    else
        text_addf(text, "\"%s\":null,", key);
}

static void add_sides(struct live_view *view, struct text *text, const float *kpa)
{
    double sum[3] = {0}, newton = grid_newton_per_kpa(&view->grid);
    size_t cells = grid_cells(&view->grid);
    int has = live_feet_sides(view->feet, cells, view->side, &view->side_version);
    for (size_t i = 0; has && i < cells; i++)
        if (kpa[i] >= (float)CONTACT_KPA)
            sum[view->side[i]] += (double)kpa[i];
    add_number(text, "left_n", has ? sum[SIDE_LEFT] * newton : (double)NAN);
    add_number(text, "right_n", has ? sum[SIDE_RIGHT] * newton : (double)NAN);
}

static void add_trail(const struct live_view *view, struct text *text)
{
    text_add(text, "\"trail_mm\":[");
    for (int i = 0; i < view->n_trail; i++) {
        const struct point *at = &view->trail[(view->trail_at + i) % TRAIL];
        text_addf(text, "%s[%.1f,%.1f]", i ? "," : "", at->x_mm, at->y_mm);
    }
    text_add(text, "]}");
}

static void hang_frame(struct live_view *view, const struct wire_message *frame, const float *kpa)
{
    struct text text = {0};
    const struct live_view_facts *facts = &view->facts;
    text_addf(&text,
              "{\"schema\":\"tenderfoot/live-frame/1\",\"frames\":%llu,\"lost\":%llu,"
              "\"device_time_us\":%llu,\"host_time_us\":%llu,",
              (unsigned long long)facts->frames.delivered, (unsigned long long)facts->frames.lost,
              (unsigned long long)frame->device_time_us, (unsigned long long)facts->last_frame_us);
    add_number(&text, "force_n", facts->numbers.force_n);
    add_number(&text, "cop_x_mm", facts->numbers.cop_x_mm);
    add_number(&text, "cop_y_mm", facts->numbers.cop_y_mm);
    add_number(&text, "area_cm2", facts->numbers.area_cm2);
    add_number(&text, "peak_kpa", facts->numbers.peak_kpa);
    add_sides(view, &text, kpa);
    add_cells(view, &text, kpa, facts->numbers.peak_kpa);
    add_trail(view, &text);
    if (!text.failed)
        live_board_hang(view->board, LIVE_FRAME, live_sheet_make(text.bytes, text.n));
    text_free(&text);
}

/* --- What is heard --------------------------------------------------------------------------- */

static void measure_rate(struct live_view *view, uint64_t device_us)
{
    uint64_t span_us = device_us - view->second_us;
    if (!view->second_frames || device_us < view->second_us) {
        view->second_us = device_us;
        view->second_frames = 1;
        return;
    }
    if (span_us >= 1000000) {
        view->facts.rate_hz = (double)view->second_frames * 1e6 / (double)span_us;
        view->second_us = device_us;
        view->second_frames = 0;
    }
    view->second_frames++;
}

static void draw_trail(struct live_view *view, uint64_t device_us)
{
    struct point at = {view->facts.numbers.cop_x_mm, view->facts.numbers.cop_y_mm};
    if (!isfinite(at.x_mm)) {
        view->n_trail = 0;
        return;
    }
    if (device_us - view->trail_us < TRAIL_EVERY_US && view->n_trail)
        return;
    view->trail_us = device_us;
    if (view->n_trail < TRAIL) {
        view->trail[(view->trail_at + view->n_trail++) % TRAIL] = at;
        return;
    }
    view->trail[view->trail_at] = at;
    view->trail_at = (view->trail_at + 1) % TRAIL;
}

/* An exponential mean: single frames are noisy, and a step is over in a fifth of a second. */
static void offer_feet(struct live_view *view, const float *kpa, uint64_t device_us, int hold)
{
    double passed_s =
        device_us > view->device_us ? (double)(device_us - view->device_us) * 1e-6 : 0;
    float share = (float)(1 - exp(-passed_s / FEET_TAU_S));
    size_t cells = grid_cells(&view->grid);
    for (size_t i = 0; i < cells; i++)
        view->smooth[i] += share * (kpa[i] - view->smooth[i]);
    if (device_us - view->offered_us < FEET_EVERY_US)
        return;
    view->offered_us = device_us;
    live_feet_offer(view->feet, &view->grid, view->smooth, hold);
}

static void hear_frame(struct live_view *view, const struct wire_message *frame, int hold)
{
    struct live_view_facts *facts = &view->facts;
    uint64_t device_us = frame->device_time_us;
    if (sequence_frame(&facts->frames, frame->seq) != SEQUENCE_NEW)
        return;
    facts->last_frame_us = host_clock_us();
    measure_rate(view, device_us);
    const float *kpa = live_numbers_kpa(view->live, frame);
    facts->is_untared = facts->has_numbers = 0;
    if (!kpa) {
        facts->is_untared = 1;
        return;
    }
    facts->has_numbers = 1;
    facts->numbers = frame_numbers(&view->grid, kpa, CONTACT_KPA, MIN_FORCE_N);
    draw_trail(view, device_us);
    offer_feet(view, kpa, device_us, hold);
    view->device_us = device_us;
    if (live_board_wants(view->board, LIVE_FRAME, facts->last_frame_us))
        hang_frame(view, frame, kpa);
}

void live_view_tared(struct live_view *view)
{
    view->facts.status.tared = 1;
    view->facts.is_untared = 0;
}

void live_view_hear(struct live_view *view, const struct wire_message *message, int hold)
{
    struct wire_hello hello;
    struct live_view_facts *facts = &view->facts;
    if (!view->live || message->version > WIRE_VERSION)
        return;
    live_numbers_watch(view->live, message);
    if (message->type == WIRE_FRAME)
        hear_frame(view, message, hold);
    else if (message->type == WIRE_HELLO &&
             !wire_get_hello(message->payload, message->payload_len, &hello))
        sequence_hello(&facts->frames, hello.boot_id, hello.scans);
    else if (message->type == WIRE_STATUS &&
             !wire_get_status(message->payload, message->payload_len, &facts->status)) {
        facts->has_status = 1;
        sequence_status(&facts->frames, facts->status.boot_id, facts->status.scans);
    }
}

const struct live_view_facts *live_view_facts(const struct live_view *view)
{
    return &view->facts;
}
