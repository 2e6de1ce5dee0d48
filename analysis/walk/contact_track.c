/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/walk/contact_track.h"
#include "analysis/contact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GRACE_S 0.05
#define GAP_S 0.25 /* a longer pause between frames ends every contact */
#define UNKNOWN 255
#define STRAY 254
#define BRIDGE_CELLS 2  /* an island this near to a piece is part of it: one empty cell between */
#define WINDOW_MARGIN 4 /* cells by which a window grows beyond what it must hold */
#define CRUMB_FRAMES 3  /* so short and ... */
#define CRUMB_CM2 1.0   /* ... so small: a cell's noise */
#define RIM_SHARE 0.6   /* of its inner neighbour: a cell at the rim that does not fade out */

/* What one frame gives a live piece. */
struct tally {
    double sum, x, y, peak; /* kPa, kPa mm */
    size_t cells;
    int row0, row1, col0, col1; /* plate cells */
    int rim;
};

struct contact_tracker {
    struct contact_options options;
    float above;
    struct piece live[SLOTS];
    int in_use[SLOTS];
    struct tally tally[SLOTS];
    uint32_t serial[SLOTS]; /* number of the piece by birth */
    uint32_t born;
    uint32_t touch_frames[SLOTS][SLOTS], touch_pairs[SLOTS][SLOTS], touch_now[SLOTS][SLOTS];
    uint8_t *owner; /* by plate cell: slot + 1 of who had it last */
    int32_t *seen;  /* in which frame */
    uint8_t *label; /* this frame: slot + 1, UNKNOWN, STRAY; 0 = no contact */
    int32_t *cells, *queue;
    size_t n_cells;
    int32_t frame;
    double time_s, last_time_s;
    int belt_rows, belt_cols; /* way of the belt so far, cells */
    struct contact_tracks out;
    uint32_t *out_serial; /* of out.pieces */
    size_t pieces_capacity, touches_capacity;
};

void contact_window_free(struct contact_window *window)
{
    free(window->maximum);
    free(window->first);
    free(window->last);
    *window = (struct contact_window){0};
}

static void piece_free(struct piece *piece)
{
    contact_window_free(&piece->window);
    free(piece->samples);
    *piece = (struct piece){0};
}

void contact_tracks_free(struct contact_tracks *tracks)
{
    for (size_t i = 0; i < tracks->n; i++)
        piece_free(&tracks->pieces[i]);
    free(tracks->pieces);
    free(tracks->touches);
    *tracks = (struct contact_tracks){0};
}

void contact_track_free(struct contact_tracker *tracker)
{
    if (!tracker)
        return;
    for (int s = 0; s < SLOTS; s++)
        piece_free(&tracker->live[s]);
    contact_tracks_free(&tracker->out);
    free(tracker->out_serial);
    free(tracker->owner);
    free(tracker->seen);
    free(tracker->label);
    free(tracker->cells);
    free(tracker->queue);
    free(tracker);
}

struct contact_tracker *contact_track_begin(const struct contact_options *options,
                                            struct problem *why)
{
    size_t cells = grid_cells(&options->grid);
    struct contact_tracker *t = calloc(1, sizeof *t);

    if (t) {
        t->options = *options;
        t->above = contact_above(options->threshold_kpa);
        t->owner = calloc(cells, 1);
        t->seen = calloc(cells, sizeof *t->seen);
        t->label = calloc(cells, 1);
        t->cells = malloc(cells * sizeof *t->cells);
        t->queue = malloc(cells * sizeof *t->queue);
    }
    if (!t || !t->owner || !t->seen || !t->label || !t->cells || !t->queue) {
        contact_track_free(t);
        problem_no_memory(why, "the contacts");
        return NULL;
    }
    return t;
}

/* --- The belt --------------------------------------------------------------------------------- */

/* Moves what is known of the cells `rows` and `cols` along with the belt; what comes from outside
 * is nobody's. */
static void shift_owners(struct contact_tracker *t, int rows, int cols)
{
    const struct grid *grid = &t->options.grid;
    int r0 = rows > 0 ? grid->rows - 1 : 0, step_r = rows > 0 ? -1 : 1;
    int c0 = cols > 0 ? grid->cols - 1 : 0, step_c = cols > 0 ? -1 : 1;

    for (int i = 0, r = r0; i < grid->rows; i++, r += step_r)
        for (int j = 0, c = c0; j < grid->cols; j++, c += step_c) {
            size_t to = (size_t)r * (size_t)grid->cols + (size_t)c;
            int from_r = r - rows, from_c = c - cols;
            int inside = from_r >= 0 && from_r < grid->rows && from_c >= 0 && from_c < grid->cols;
            size_t from = inside ? (size_t)from_r * (size_t)grid->cols + (size_t)from_c : 0;

            t->owner[to] = inside ? t->owner[from] : 0;
            t->seen[to] = inside ? t->seen[from] : 0;
        }
}

static void move_belt(struct contact_tracker *t, double time_s)
{
    const struct belt *belt = &t->options.belt;
    int rows, cols;

    if (!belt->moves)
        return;
    rows = (int)lround(fmod(belt->y_mm_s * time_s / t->options.grid.pitch_y_mm, 1e9));
    cols = (int)lround(fmod(belt->x_mm_s * time_s / t->options.grid.pitch_x_mm, 1e9));
    if (rows != t->belt_rows || cols != t->belt_cols)
        shift_owners(t, rows - t->belt_rows, cols - t->belt_cols);
    t->belt_rows = rows;
    t->belt_cols = cols;
}

/* --- Lists ------------------------------------------------------------------------------------ */

static int grow(void **list, size_t *capacity, size_t n, size_t size)
{
    size_t larger = *capacity ? *capacity * 2 : 64;
    void *grown;

    if (n < *capacity)
        return 0;
    grown = realloc(*list, larger * size);
    if (!grown)
        return -1;
    *list = grown;
    *capacity = larger;
    return 0;
}

static int keep_touch(struct contact_tracker *t, uint32_t a, uint32_t b, int i, int j)
{
    struct contact_tracks *out = &t->out;

    if (grow((void **)&out->touches, &t->touches_capacity, out->n_touches, sizeof *out->touches))
        return -1;
    out->touches[out->n_touches++] =
        (struct touch){a < b ? a : b, a < b ? b : a, t->touch_frames[i][j], t->touch_pairs[i][j]};
    return 0;
}

/* Notes what piece `slot` touched, under the numbers of birth. */
static int keep_touches(struct contact_tracker *t, int slot)
{
    for (int other = 0; other < SLOTS; other++) {
        int i = slot < other ? slot : other, j = slot < other ? other : slot;

        if (t->touch_frames[i][j] && keep_touch(t, t->serial[slot], t->serial[other], i, j))
            return -1;
        t->touch_frames[i][j] = t->touch_pairs[i][j] = 0;
    }
    return 0;
}

static double largest_area_cm2(const struct piece *piece)
{
    double most = 0;

    for (size_t i = 0; i < piece->n; i++)
        most = fmax(most, piece->samples[i].area_cm2);
    return most;
}

/* Ends the piece in a slot: into the list, or away when it was but a crumb. */
static int retire(struct contact_tracker *t, int slot, struct problem *why)
{
    struct piece *piece = &t->live[slot];
    struct contact_tracks *out = &t->out;
    int crumb = piece->n <= CRUMB_FRAMES && largest_area_cm2(piece) < CRUMB_CM2;
    size_t capacity = t->pieces_capacity;

    t->in_use[slot] = 0;
    out->too_many |= !crumb && out->n >= PIECES_MAX;
    if (crumb || out->n >= PIECES_MAX) {
        out->stray_impulse += piece->impulse;
        for (int other = 0; other < SLOTS; other++)
            t->touch_frames[slot][other] = t->touch_frames[other][slot] = 0;
        piece_free(piece);
        return 0;
    }
    if (grow((void **)&out->pieces, &t->pieces_capacity, out->n, sizeof *out->pieces) ||
        grow((void **)&t->out_serial, &capacity, out->n, sizeof *t->out_serial) ||
        keep_touches(t, slot))
        return problem_no_memory(why, "the contacts");
    t->out_serial[out->n] = t->serial[slot];
    out->pieces[out->n++] = *piece;
    *piece = (struct piece){0};
    return 0;
}

static int retire_old(struct contact_tracker *t, int32_t older_than, struct problem *why)
{
    for (int slot = 0; slot < SLOTS; slot++)
        if (t->in_use[slot] && t->live[slot].last_frame < older_than && retire(t, slot, why))
            return -1;
    return 0;
}

/* --- Labels of one frame ---------------------------------------------------------------------- */

static void collect(struct contact_tracker *t, const float *kpa)
{
    size_t cells = grid_cells(&t->options.grid), i = 0;

    t->n_cells = 0;
    while (i < cells) {
        if (i + CONTACT_BLOCK <= cells && contact_block_is_zero(kpa + i)) {
            i += CONTACT_BLOCK;
            continue;
        }
        for (size_t end = i + CONTACT_BLOCK < cells ? i + CONTACT_BLOCK : cells; i < end; i++)
            if (kpa[i] > t->above)
                t->cells[t->n_cells++] = (int32_t)i;
    }
}

static int32_t grace_frames(const struct contact_tracker *t)
{
    return (int32_t)fmax(2, round(GRACE_S * t->options.rate_hz));
}

/* Gives every UNKNOWN cell that hangs together with queue[0..n) the label of the nearest. Returns
 * the length of the queue then. */
static size_t flood(struct contact_tracker *t, size_t n)
{
    const struct grid *grid = &t->options.grid;

    for (size_t i = 0; i < n; i++) {
        int row = t->queue[i] / grid->cols, col = t->queue[i] % grid->cols;

        for (int r = row - 1; r <= row + 1; r++)
            for (int c = col - 1; c <= col + 1; c++) {
                int32_t at = r * grid->cols + c;

                if (r < 0 || c < 0 || r >= grid->rows || c >= grid->cols || t->label[at] != UNKNOWN)
                    continue;
                t->label[at] = t->label[t->queue[i]];
                t->queue[n++] = at;
            }
    }
    return n;
}

static void label_known(struct contact_tracker *t)
{
    int32_t since = t->frame - grace_frames(t);
    size_t n = 0;

    for (size_t i = 0; i < t->n_cells; i++) {
        int32_t at = t->cells[i];
        int known = t->owner[at] && t->in_use[t->owner[at] - 1] && t->seen[at] >= since;

        t->label[at] = known ? t->owner[at] : UNKNOWN;
        if (known)
            t->queue[n++] = at;
    }
    flood(t, n);
}

/* A piece's label within the bridge's reach of a cell, or 0. */
static uint8_t label_near(const struct contact_tracker *t, int32_t cell)
{
    const struct grid *grid = &t->options.grid;
    int row = cell / grid->cols, col = cell % grid->cols;

    for (int r = row - BRIDGE_CELLS; r <= row + BRIDGE_CELLS; r++)
        for (int c = col - BRIDGE_CELLS; c <= col + BRIDGE_CELLS; c++) {
            uint8_t label;

            if (r < 0 || c < 0 || r >= grid->rows || c >= grid->cols)
                continue;
            label = t->label[r * grid->cols + c];
            if (label && label <= SLOTS)
                return label;
        }
    return 0;
}

static uint8_t new_piece(struct contact_tracker *t)
{
    for (int slot = 0; slot < SLOTS; slot++)
        if (!t->in_use[slot]) {
            t->in_use[slot] = 1;
            t->serial[slot] = t->born++;
            t->live[slot] = (struct piece){.first_frame = t->frame, .last_frame = t->frame};
            return (uint8_t)(slot + 1);
        }
    return STRAY;
}

/* Islands that touch no piece: bridged to one, or new. */
static void label_islands(struct contact_tracker *t)
{
    for (int bridged = 1; bridged;) { /* a chain of near islands is bridged one after the other */
        bridged = 0;
        for (size_t i = 0; i < t->n_cells; i++) {
            uint8_t near = t->label[t->cells[i]] == UNKNOWN ? label_near(t, t->cells[i]) : 0;

            if (!near)
                continue;
            t->label[t->cells[i]] = near;
            t->queue[0] = t->cells[i];
            flood(t, 1);
            bridged = 1;
        }
    }
    for (size_t i = 0; i < t->n_cells; i++) {
        if (t->label[t->cells[i]] != UNKNOWN)
            continue;
        uint8_t near = label_near(t, t->cells[i]);

        t->label[t->cells[i]] = near ? near : new_piece(t);
        t->queue[0] = t->cells[i];
        flood(t, 1);
    }
}

/* A grid of one foot: everything is one piece while it carries enough. */
static void label_one_foot(struct contact_tracker *t, const float *kpa)
{
    double sum = 0;
    uint8_t label = STRAY;

    for (size_t i = 0; i < t->n_cells; i++)
        sum += (double)kpa[t->cells[i]];
    if (sum * grid_newton_per_kpa(&t->options.grid) >= t->options.one_foot_min_n && sum > 0)
        label = t->in_use[0] ? 1 : new_piece(t);
    for (size_t i = 0; i < t->n_cells; i++)
        t->label[t->cells[i]] = label;
}

/* --- From labels to pieces -------------------------------------------------------------------- */

static void touch_cells(struct contact_tracker *t, uint8_t a, uint8_t b)
{
    if (!b || b > SLOTS || a > SLOTS || a == b)
        return;
    t->touch_now[(a < b ? a : b) - 1][(a < b ? b : a) - 1]++;
}

static void count_touches(struct contact_tracker *t)
{
    const struct grid *grid = &t->options.grid;

    memset(t->touch_now, 0, sizeof t->touch_now);
    for (size_t i = 0; i < t->n_cells; i++) {
        int32_t at = t->cells[i];
        int row = at / grid->cols, col = at % grid->cols;

        if (col + 1 < grid->cols)
            touch_cells(t, t->label[at], t->label[at + 1]);
        if (row + 1 < grid->rows)
            touch_cells(t, t->label[at], t->label[at + grid->cols]);
    }
    for (int a = 0; a < SLOTS; a++)
        for (int b = a + 1; b < SLOTS; b++)
            if (t->touch_now[a][b]) {
                t->touch_frames[a][b]++;
                t->touch_pairs[a][b] += t->touch_now[a][b];
            }
}

/* Does the rim cut the contact here: at the rim, and no weaker than further in? */
static int is_cut(const struct contact_tracker *t, const float *kpa, int row, int col)
{
    const struct grid *grid = &t->options.grid;
    int in_row = row == 0 ? 1 : row == grid->rows - 1 ? row - 1 : row;
    int in_col = col == 0 ? 1 : col == grid->cols - 1 ? col - 1 : col;

    if ((in_row == row && in_col == col) || grid->rows < 2 || grid->cols < 2)
        return 0;
    return kpa[row * grid->cols + col] >= (float)RIM_SHARE * kpa[in_row * grid->cols + in_col];
}

static void add_cell(struct tally *tally, const struct contact_tracker *t, const float *kpa,
                     int32_t at)
{
    int row = at / t->options.grid.cols, col = at % t->options.grid.cols;
    struct point place = grid_centre(&t->options.grid, row, col);
    double p = (double)kpa[at];

    if (!tally->cells) {
        tally->row0 = tally->row1 = row;
        tally->col0 = tally->col1 = col;
    }
    tally->cells++;
    tally->sum += p;
    tally->x += p * place.x_mm;
    tally->y += p * place.y_mm;
    tally->peak = fmax(tally->peak, p);
    tally->row0 = row < tally->row0 ? row : tally->row0;
    tally->row1 = row > tally->row1 ? row : tally->row1;
    tally->col0 = col < tally->col0 ? col : tally->col0;
    tally->col1 = col > tally->col1 ? col : tally->col1;
    tally->rim += is_cut(t, kpa, row, col);
}

static int window_allocate(struct contact_window *window)
{
    size_t cells = (size_t)window->rows * (size_t)window->cols;

    window->maximum = calloc(cells, sizeof *window->maximum);
    window->first = calloc(cells, sizeof *window->first);
    window->last = calloc(cells, sizeof *window->last);
    return window->maximum && window->first && window->last ? 0 : -1;
}

static void window_copy(struct contact_window *to, const struct contact_window *from)
{
    size_t n = (size_t)from->cols;

    for (int row = 0; row < from->rows; row++) {
        size_t at = (size_t)row * n;
        size_t there = (size_t)(row + from->row0 - to->row0) * (size_t)to->cols +
                       (size_t)(from->col0 - to->col0);

        memcpy(to->maximum + there, from->maximum + at, n * sizeof *to->maximum);
        memcpy(to->first + there, from->first + at, n * sizeof *to->first);
        memcpy(to->last + there, from->last + at, n * sizeof *to->last);
    }
}

static int lesser(int a, int b)
{
    return a < b ? a : b;
}

static int greater(int a, int b)
{
    return a > b ? a : b;
}

/* Makes the window hold belt cells row0..row1, col0..col1. */
static int window_hold(struct contact_window *window, int row0, int row1, int col0, int col1)
{
    struct contact_window larger = {0};

    if (window->maximum && row0 >= window->row0 && row1 < window->row0 + window->rows &&
        col0 >= window->col0 && col1 < window->col0 + window->cols)
        return 0;
    if (window->maximum) {
        row0 = lesser(row0, window->row0);
        row1 = greater(row1, window->row0 + window->rows - 1);
        col0 = lesser(col0, window->col0);
        col1 = greater(col1, window->col0 + window->cols - 1);
    }
    larger.row0 = row0 - WINDOW_MARGIN;
    larger.col0 = col0 - WINDOW_MARGIN;
    larger.rows = row1 - row0 + 1 + 2 * WINDOW_MARGIN;
    larger.cols = col1 - col0 + 1 + 2 * WINDOW_MARGIN;
    if (window_allocate(&larger)) {
        contact_window_free(&larger);
        return -1;
    }
    if (window->maximum)
        window_copy(&larger, window);
    contact_window_free(window);
    *window = larger;
    return 0;
}

static int add_sample(struct contact_tracker *t, struct piece *piece, const struct tally *tally)
{
    const struct contact_options *o = &t->options;
    double newton = grid_newton_per_kpa(&o->grid), force = tally->sum * newton;

    if (grow((void **)&piece->samples, &piece->capacity, piece->n, sizeof *piece->samples))
        return -1;
    piece->samples[piece->n++] = (struct contact_sample){
        .frame = t->frame,
        .time_s = t->time_s,
        .force_n = force,
        .area_cm2 = (double)tally->cells * grid_cell_cm2(&o->grid),
        .peak_kpa = tally->peak,
        .x_sum = tally->x * newton - force * o->belt.x_mm_s * t->time_s,
        .y_sum = tally->y * newton - force * o->belt.y_mm_s * t->time_s,
    };
    piece->impulse += force;
    piece->last_frame = t->frame;
    piece->rim_frames += tally->rim * fmax(o->grid.pitch_x_mm, o->grid.pitch_y_mm) >= RIM_MM;
    return window_hold(&piece->window, tally->row0 - t->belt_rows, tally->row1 - t->belt_rows,
                       tally->col0 - t->belt_cols, tally->col1 - t->belt_cols);
}

static void paint_cell(struct contact_tracker *t, struct contact_window *window, const float *kpa,
                       int32_t at)
{
    int row = at / t->options.grid.cols - t->belt_rows - window->row0;
    int col = at % t->options.grid.cols - t->belt_cols - window->col0;
    size_t i = (size_t)row * (size_t)window->cols + (size_t)col;

    if (window->maximum[i] <= 0)
        window->first[i] = t->frame;
    window->last[i] = t->frame;
    window->maximum[i] = fmaxf(window->maximum[i], kpa[at]);
}

/* A thing that lies on the plate while the belt runs leaves a trail without end: it is cut. */
static int window_is_endless(const struct contact_tracker *t, const struct contact_window *window)
{
    return window->rows > 2 * t->options.grid.rows + 64 ||
           window->cols > 2 * t->options.grid.cols + 64;
}

static int take_pieces(struct contact_tracker *t, const float *kpa)
{
    double newton = grid_newton_per_kpa(&t->options.grid);

    memset(t->tally, 0, sizeof t->tally);
    for (size_t i = 0; i < t->n_cells; i++) {
        uint8_t label = t->label[t->cells[i]];

        t->out.impulse += (double)kpa[t->cells[i]] * newton;
        if (label <= SLOTS)
            add_cell(&t->tally[label - 1], t, kpa, t->cells[i]);
        else
            t->out.stray_impulse += (double)kpa[t->cells[i]] * newton;
    }
    for (int slot = 0; slot < SLOTS; slot++)
        if (t->tally[slot].cells && add_sample(t, &t->live[slot], &t->tally[slot]))
            return -1;
    for (size_t i = 0; i < t->n_cells; i++) {
        int32_t at = t->cells[i];

        if (t->label[at] <= SLOTS)
            paint_cell(t, &t->live[t->label[at] - 1].window, kpa, at);
        t->owner[at] = t->label[at] <= SLOTS ? t->label[at] : 0;
        t->seen[at] = t->frame;
        t->label[at] = 0;
    }
    return 0;
}

static int retire_endless(struct contact_tracker *t, struct problem *why)
{
    for (int slot = 0; slot < SLOTS; slot++)
        if (t->in_use[slot] && window_is_endless(t, &t->live[slot].window) && retire(t, slot, why))
            return -1;
    return 0;
}

int contact_track_frame(struct contact_tracker *t, double time_s, const float *kpa,
                        struct problem *why)
{
    int gap = t->frame > 0 && time_s - t->last_time_s > GAP_S;

    t->time_s = time_s;
    t->last_time_s = time_s;
    if (gap && retire_old(t, INT32_MAX, why))
        return -1;
    if (t->frame == INT32_MAX - 1)
        return problem(why, PROBLEM_REFUSED, "more frames than steps can be looked for in: %d",
                       t->frame);
    move_belt(t, time_s);
    collect(t, kpa);
    if (t->options.one_foot) {
        label_one_foot(t, kpa);
    } else {
        label_known(t);
        label_islands(t);
        count_touches(t);
    }
    if (take_pieces(t, kpa))
        return problem_no_memory(why, "the contacts");
    t->frame++;
    t->out.frames = t->frame;
    if (retire_endless(t, why))
        return -1;
    return retire_old(t, t->options.one_foot ? t->frame - 1 : t->frame - grace_frames(t), why);
}

/* --- The end ---------------------------------------------------------------------------------- */

/* Numbers of birth become indices; touches with pieces that were dropped go. */
static int number_touches(struct contact_tracker *t)
{
    struct contact_tracks *out = &t->out;
    uint32_t *index = malloc((t->born + 1) * sizeof *index);
    size_t n = 0;

    if (!index)
        return -1;
    memset(index, 0xff, (t->born + 1) * sizeof *index);
    for (size_t i = 0; i < out->n; i++)
        index[t->out_serial[i]] = (uint32_t)i;
    for (size_t i = 0; i < out->n_touches; i++) {
        struct touch touch = out->touches[i];
        uint32_t a = index[touch.a], b = index[touch.b];

        if (a == UINT32_MAX || b == UINT32_MAX)
            continue;
        touch.a = a < b ? a : b;
        touch.b = a < b ? b : a;
        out->touches[n++] = touch;
    }
    out->n_touches = n;
    free(index);
    return 0;
}

int contact_track_finish(struct contact_tracker *t, struct contact_tracks *tracks,
                         struct problem *why)
{
    int failed = retire_old(t, INT32_MAX, why);

    *tracks = (struct contact_tracks){0};
    if (!failed && number_touches(t))
        failed = problem_no_memory(why, "the contacts");
    if (!failed) {
        *tracks = t->out;
        t->out = (struct contact_tracks){0};
    }
    contact_track_free(t);
    return failed ? -1 : 0;
}
