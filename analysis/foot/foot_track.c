/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/foot_track.h"
#include "analysis/contact.h"
#include "analysis/foot/foot_shift.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Frames are looked at in pictures of this long. */
#define BLOCK_S 0.2
/* Less force is nobody. */
#define STANDING_MIN_N 20.0
/* A foot that carries less of what it carried at first says nothing of its place (weight taken off
 * it); below the second share it is off the plate. */
#define LIGHT_SHARE 0.3
#define OFF_SHARE 0.04
/* More of the force outside the feet known is a new foot. */
#define NEW_SHARE 0.1
/* A foot has moved: further, turned by more, or so unlike that it must have. */
#define MOVED_MM 4.0
#define TURNED_DEG 2.5
#define LIKENESS_MIN 0.55
/* Two pictures after each other that differ by less of their sum are quiet. */
#define QUIET_SHARE 0.12
/* Fewer pictures are a passing, no span. */
#define SPAN_BLOCKS_MIN 3
/* A longer pause between frames: whoever stands there then may have been away. */
#define PAUSE_US 1000000
/* Contact about a foot that is still the foot's, cells and mm. */
#define MARGIN_MM 15.0
/* Prints further apart are not one foot that shifted. */
#define SAME_FOOT_MM 130.0
/* Registration of two spans' mean pictures. */
#define ROUNDS_LIVE 2
#define ROUNDS_MEASURE 12
#define LIKENESS_MEASURED 0.6

enum state { NOBODY, STANDING, CHANGING };

/* A foot as the span's first picture shows it: what later ones are compared with. */
struct reference {
    float *root;                /* foot_shift_prepare of this foot alone */
    double newton;              /* on its cells */
    int row0, row1, col0, col1; /* its cells and their margin */
    struct point middle;
};

/* What is remembered of a span beside the record that is given away. */
struct history {
    double log_odds[2]; /* of left over right, by the finder; 0: said nothing */
    int chain[2];       /* the same foot has the same number from span to span */
    int said[2];
    double seconds;
};

struct foot_track {
    struct grid grid;
    double threshold_kpa;
    float above;
    struct foot_hints hints;
    uint64_t block_us;
    struct pictures block, span, longest;
    uint64_t block_from_us, block_to_us, span_from_us, span_to_us;
    int any_block;
    double longest_s;
    size_t longest_index;
    float *mean, *root, *root_before, *span_mean, *last_mean;
    uint8_t *last_label, *use; /* use: bit k for the cells of foot k and their margin */
    int has_before, has_last;  /* root_before; last_mean and last_label */
    enum state state;
    int doubts;    /* pictures in a row that were unlike */
    size_t blocks; /* pictures in this span */
    struct reference reference[2];
    int n_reference;
    struct track_span *spans;
    struct history *history;
    size_t n_spans, capacity;
    int n_chains;
};

/* --- Beginning and end of the handle ---------------------------------------------------------- */

void foot_track_free(struct foot_track *track)
{
    if (!track)
        return;
    pictures_free(&track->block);
    pictures_free(&track->span);
    pictures_free(&track->longest);
    free(track->mean);
    free(track->root);
    free(track->root_before);
    free(track->span_mean);
    free(track->last_mean);
    free(track->last_label);
    free(track->use);
    for (int k = 0; k < 2; k++)
        free(track->reference[k].root);
    free(track->spans);
    free(track->history);
    free(track);
}

void track_free(struct track *track)
{
    free(track->spans);
    pictures_free(&track->load);
    *track = (struct track){0};
}

static int allocate(struct foot_track *track, struct problem *why)
{
    size_t cells = grid_cells(&track->grid);
    float **const pictures[] = {&track->mean,
                                &track->root,
                                &track->root_before,
                                &track->span_mean,
                                &track->last_mean,
                                &track->reference[0].root,
                                &track->reference[1].root};

    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        *pictures[i] = calloc(cells, sizeof **pictures[i]);
        if (!*pictures[i])
            return problem_no_memory(why, "the feet over time");
    }
    track->last_label = calloc(cells, 1);
    track->use = calloc(cells, 1);
    if (!track->last_label || !track->use)
        return problem_no_memory(why, "the feet over time");
    return pictures_begin(&track->block, &track->grid, why) ||
                   pictures_begin(&track->span, &track->grid, why) ||
                   pictures_begin(&track->longest, &track->grid, why)
               ? -1
               : 0;
}

void foot_track_hints(struct foot_track *track, const struct foot_hints *hints)
{
    track->hints = *hints;
}

struct foot_track *foot_track_begin(const struct grid *grid, double threshold_kpa, double rate_hz,
                                    const struct foot_hints *hints, struct problem *why)
{
    struct foot_track *track = calloc(1, sizeof *track);

    if (!track) {
        problem_no_memory(why, "the feet over time");
        return NULL;
    }
    track->grid = *grid;
    track->threshold_kpa = threshold_kpa;
    track->above = contact_above(threshold_kpa);
    /* A frame stands for the time until the next one. */
    track->block_us = (uint64_t)(1e6 * fmax(BLOCK_S - 1 / rate_hz, 0));
    if (hints)
        track->hints = *hints;
    if (!allocate(track, why))
        return track;
    foot_track_free(track);
    return NULL;
}

/* --- What a span's first picture tells -------------------------------------------------------- */

static void clear(struct pictures *pictures)
{
    size_t cells = grid_cells(&pictures->grid);

    memset(pictures->sum, 0, cells * sizeof *pictures->sum);
    memset(pictures->maximum, 0, cells * sizeof *pictures->maximum);
    pictures->frames = 0;
}

static void add(struct pictures *to, const struct pictures *from)
{
    for (size_t i = 0; i < grid_cells(&to->grid); i++) {
        to->sum[i] += from->sum[i];
        to->maximum[i] = fmaxf(to->maximum[i], from->maximum[i]);
    }
    to->frames += from->frames;
}

/* Marks the cells around (row, col) as those of foot k, unless they are the other's. */
static void mark_about(struct foot_track *track, const uint8_t *label, int row, int col, int k)
{
    struct reference *foot = &track->reference[k];
    int rows = (int)(MARGIN_MM / track->grid.pitch_y_mm),
        cols = (int)(MARGIN_MM / track->grid.pitch_x_mm);

    for (int r = row - rows; r <= row + rows; r++)
        for (int c = col - cols; c <= col + cols; c++) {
            size_t i = (size_t)r * (size_t)track->grid.cols + (size_t)c;

            if (r < 0 || c < 0 || r >= track->grid.rows || c >= track->grid.cols ||
                (label[i] && label[i] != k + 1))
                continue;
            track->use[i] |= (uint8_t)(1 << k);
            foot->row0 = r < foot->row0 ? r : foot->row0;
            foot->row1 = r >= foot->row1 ? r + 1 : foot->row1;
            foot->col0 = c < foot->col0 ? c : foot->col0;
            foot->col1 = c >= foot->col1 ? c + 1 : foot->col1;
        }
}

static void take_reference(struct foot_track *track, const uint8_t *label, int k)
{
    struct reference *foot = &track->reference[k];
    float *root = foot->root;
    double sum = 0, x = 0, y = 0;

    foot_shift_prepare(&track->grid, track->mean, label, (uint8_t)(k + 1), root);
    *foot = (struct reference){.root = root, .row0 = track->grid.rows, .col0 = track->grid.cols};
    for (int row = 0; row < track->grid.rows; row++)
        for (int col = 0; col < track->grid.cols; col++) {
            size_t i = (size_t)row * (size_t)track->grid.cols + (size_t)col;
            struct point at = grid_centre(&track->grid, row, col);

            if (label[i] != k + 1)
                continue;
            mark_about(track, label, row, col, k);
            sum += (double)track->mean[i];
            x += (double)root[i] * at.x_mm;
            y += (double)root[i] * at.y_mm;
        }
    foot->newton = sum * grid_newton_per_kpa(&track->grid);
    sum = 0;
    for (size_t i = 0; i < grid_cells(&track->grid); i++)
        sum += label[i] == k + 1 ? (double)root[i] : 0;
    foot->middle = (struct point){x / fmax(sum, 1e-9), y / fmax(sum, 1e-9)};
}

/* Whatever stands there without being a foot is followed as one thing. */
static int open_span(struct foot_track *track, struct problem *why)
{
    struct found_feet found;

    if (foot_finder(&track->grid, track->mean, track->threshold_kpa, &track->hints, &found, why))
        return -1;
    track->n_reference = found.n ? found.n : 1;
    for (size_t i = 0; !found.n && i < grid_cells(&track->grid); i++)
        found.label[i] = track->mean[i] > 0;
    memset(track->use, 0, grid_cells(&track->grid));
    for (int k = 0; k < track->n_reference; k++)
        take_reference(track, found.label, k);
    found_feet_free(&found);
    clear(&track->span);
    add(&track->span, &track->block);
    track->span_from_us = track->block_from_us;
    track->span_to_us = track->block_to_us;
    track->blocks = 1;
    track->doubts = 0;
    track->state = STANDING;
    return 0;
}

/* --- Is it still the same pose? --------------------------------------------------------------- */

static double newton_on(const struct foot_track *track, uint8_t bits)
{
    double sum = 0;

    for (size_t i = 0; i < grid_cells(&track->grid); i++)
        sum += track->use[i] & bits ? (double)track->mean[i] : 0;
    return sum * grid_newton_per_kpa(&track->grid);
}

static int foot_is_same(const struct foot_track *track, int k)
{
    const struct reference *foot = &track->reference[k];
    const struct foot_shift still = {.gain = 1};
    const struct shift_input input = {
        .grid = &track->grid,
        .before = foot->root,
        .now = track->root,
        .use = track->use,
        .mask = (uint8_t)(1 << k),
        .row0 = foot->row0,
        .row1 = foot->row1,
        .col0 = foot->col0,
        .col1 = foot->col1,
        .about = foot->middle,
    };
    double newton = newton_on(track, input.mask);
    struct foot_shift shift;

    if (newton < OFF_SHARE * foot->newton)
        return 0;
    if (newton < LIGHT_SHARE * foot->newton)
        return 1;
    shift = foot_shift_find(&input, &still, ROUNDS_LIVE);
    return shift.likeness > LIKENESS_MIN && hypot(shift.dx_mm, shift.dy_mm) < MOVED_MM &&
           fabs(shift.turn_deg) < TURNED_DEG;
}

static int pose_is_same(const struct foot_track *track, double newton)
{
    uint8_t all = track->n_reference == 2 ? 3 : 1;

    if (newton - newton_on(track, all) > NEW_SHARE * newton)
        return 0;
    for (int k = 0; k < track->n_reference; k++)
        if (!foot_is_same(track, k))
            return 0;
    return 1;
}

static int is_quiet(const struct foot_track *track)
{
    double differ = 0, sum = 0;

    for (size_t i = 0; i < grid_cells(&track->grid); i++) {
        differ += fabs((double)track->root[i] - (double)track->root_before[i]);
        sum += (double)track->root[i];
    }
    return track->has_before && differ < QUIET_SHARE * sum;
}

/* --- A span is over --------------------------------------------------------------------------- */

static int room_for_one(struct foot_track *track, struct problem *why)
{
    size_t capacity = track->capacity ? 2 * track->capacity : 8;
    struct track_span *spans;
    struct history *history;

    if (track->n_spans < track->capacity)
        return 0;
    spans = realloc(track->spans, capacity * sizeof *spans);
    if (spans)
        track->spans = spans;
    history = spans ? realloc(track->history, capacity * sizeof *history) : NULL;
    if (!history)
        return problem_no_memory(why, "the spans of standing");
    track->history = history;
    track->capacity = capacity;
    return 0;
}

static double log_odds_of(const struct found_foot *foot)
{
    double odds = log(foot->side_confidence / fmax(1 - foot->side_confidence, 1e-3));

    return foot->likely_side == SIDE_LEFT ? odds : -odds;
}

static int take_foot(const struct foot_track *track, const struct found_feet *found, int k,
                     struct track_span *span, struct history *history, struct problem *why)
{
    struct foot_print print = {&track->grid, track->span_mean, found->label, (uint8_t)(k + 1),
                               track->threshold_kpa};
    const struct found_foot *foot = &found->foot[k];
    struct print_frame shape;

    if (frame_from_print(&print, foot, track->hints.length_mm[foot->side], &shape, why))
        return -1;
    span->foot[k] = (struct tracked_foot){.side = foot->side,
                                          .side_confidence = foot->side_confidence,
                                          .frame = shape.frame,
                                          .length_is_measured = shape.length_is_measured,
                                          .moved_mm = NAN,
                                          .turned_deg = NAN};
    history->said[k] = foot->side_confidence >= 1;
    history->log_odds[k] = log_odds_of(foot);
    return 0;
}

static struct point middle_of(const struct foot_frame *frame)
{
    return foot_frame_to_plate(frame, (struct uv){0.5, 0.5});
}

static double apart_mm(const struct track_span *a, int i, const struct track_span *b, int k)
{
    struct point from = middle_of(&a->foot[i].frame), to = middle_of(&b->foot[k].frame);

    return hypot(to.x_mm - from.x_mm, to.y_mm - from.y_mm);
}

/* Which foot of the span before each foot is: as_before[k], or -1 for one that has come. */
static void match(const struct track_span *before, const struct track_span *span, int as_before[2])
{
    as_before[0] = as_before[1] = -1;
    if (before->n_feet == 2 && span->n_feet == 2) {
        int crossed = apart_mm(before, 0, span, 0) + apart_mm(before, 1, span, 1) >
                      apart_mm(before, 0, span, 1) + apart_mm(before, 1, span, 0);

        as_before[0] = crossed;
        as_before[1] = !crossed;
    } else if (before->n_feet && span->n_feet) {
        int i = 0, k = 0;

        if (before->n_feet == 2)
            i = apart_mm(before, 1, span, 0) < apart_mm(before, 0, span, 0);
        else if (span->n_feet == 2)
            k = apart_mm(before, 0, span, 1) < apart_mm(before, 0, span, 0);
        as_before[k] = i;
    }
    for (int k = 0; k < span->n_feet; k++)
        if (as_before[k] >= 0 && apart_mm(before, as_before[k], span, k) > SAME_FOOT_MM)
            as_before[k] = -1;
}

/* By how much foot i of the span before (last_mean) lies elsewhere as foot k of this one: by the
 * frames, and by the pictures themselves where they agree. */
static void measure_shift(struct foot_track *track, const struct track_span *before, int i,
                          const uint8_t *label, int k, struct tracked_foot *foot)
{
    const struct foot_frame *was = &before->foot[i].frame;
    struct point from = middle_of(was), to = middle_of(&foot->frame);
    struct foot_shift shift = {.dx_mm = to.x_mm - from.x_mm,
                               .dy_mm = to.y_mm - from.y_mm,
                               .turn_deg = remainder(foot->frame.angle_deg - was->angle_deg, 360),
                               .gain = 1};
    struct foot_shift exact;
    struct shift_input input = {.grid = &track->grid,
                                .before = track->root_before,
                                .now = track->root,
                                .use = track->use,
                                .mask = 1,
                                .row1 = track->grid.rows,
                                .col1 = track->grid.cols,
                                .about = from};

    foot_shift_prepare(&track->grid, track->last_mean, track->last_label, (uint8_t)(i + 1),
                       track->root_before);
    foot_shift_prepare(&track->grid, track->span_mean, label, (uint8_t)(k + 1), track->root);
    for (size_t c = 0; c < grid_cells(&track->grid); c++)
        track->use[c] = !label[c] || label[c] == k + 1;
    exact = foot_shift_find(&input, &shift, ROUNDS_MEASURE);
    shift = exact.likeness >= LIKENESS_MEASURED ? exact : shift;
    foot->moved_mm = hypot(shift.dx_mm, shift.dy_mm);
    foot->turned_deg = shift.turn_deg;
}

static const char *name_of(const struct tracked_foot *foot)
{
    return foot->side == SIDE_LEFT    ? "the left foot"
           : foot->side == SIDE_RIGHT ? "the right foot"
                                      : "a foot";
}

/* Why the span before ended, as the new one tells. */
static void tell_end(struct track_span *before, const struct track_span *span,
                     const int as_before[2])
{
    const struct tracked_foot *most = NULL;

    for (int k = 0; k < span->n_feet; k++)
        if (as_before[k] >= 0 && (!most || span->foot[k].moved_mm > most->moved_mm))
            most = &span->foot[k];
    before->moved = most && (most->moved_mm > MOVED_MM || fabs(most->turned_deg) > TURNED_DEG);
    if (span->n_feet > before->n_feet)
        snprintf(before->ended_by, sizeof before->ended_by, "a foot came onto the plate");
    else if (span->n_feet < before->n_feet)
        snprintf(before->ended_by, sizeof before->ended_by, "a foot left the plate");
    else if (most)
        snprintf(before->ended_by, sizeof before->ended_by, "%s moved %.0f mm and turned %.0f deg",
                 name_of(most), most->moved_mm, fabs(most->turned_deg));
    else
        snprintf(before->ended_by, sizeof before->ended_by, "another load came onto the plate");
}

/* Joins the span to the one before it, when somebody stood on the plate all the while. */
static void follow(struct foot_track *track, const uint8_t *label, struct track_span *span,
                   struct history *history)
{
    struct track_span *before = track->has_last ? &track->spans[track->n_spans - 1] : NULL;
    int as_before[2] = {-1, -1};

    if (before)
        match(before, span, as_before);
    for (int k = 0; k < span->n_feet; k++) {
        if (as_before[k] < 0) {
            history->chain[k] = track->n_chains++;
            continue;
        }
        history->chain[k] = track->history[track->n_spans - 1].chain[as_before[k]];
        measure_shift(track, before, as_before[k], label, k, &span->foot[k]);
    }
    if (before)
        tell_end(before, span, as_before);
}

static int keep_span(struct foot_track *track, const struct found_feet *found, struct problem *why)
{
    struct track_span span = {
        .from_us = track->span_from_us, .to_us = track->span_to_us, .n_feet = found->n};
    struct history history = {.seconds = (double)(span.to_us - span.from_us) / 1e6};

    for (int k = 0; k < found->n; k++)
        if (take_foot(track, found, k, &span, &history, why))
            return -1;
    if (room_for_one(track, why))
        return -1;
    follow(track, found->label, &span, &history);
    if (!track->n_spans || history.seconds > track->longest_s) {
        struct pictures shorter = track->longest;

        track->longest = track->span;
        track->span = shorter;
        track->longest_s = history.seconds;
        track->longest_index = track->n_spans;
    }
    memcpy(track->last_mean, track->span_mean, grid_cells(&track->grid) * sizeof(float));
    memcpy(track->last_label, found->label, grid_cells(&track->grid));
    track->has_last = 1;
    track->spans[track->n_spans] = span;
    track->history[track->n_spans++] = history;
    return 0;
}

/* The span that was being followed becomes a record, unless it was a mere passing. Uses the root
 * pictures as scratch; the root of the block is made again by whoever goes on with it. */
static int close_span(struct foot_track *track, struct problem *why)
{
    struct found_feet found;
    int failed;

    if (track->state == NOBODY)
        return 0;
    track->state = NOBODY;
    track->has_before = 0;
    if (track->blocks < SPAN_BLOCKS_MIN)
        return 0;
    pictures_mean(&track->span, track->span_mean);
    if (foot_finder(&track->grid, track->span_mean, track->threshold_kpa, &track->hints, &found,
                    why))
        return -1;
    failed = keep_span(track, &found, why);
    found_feet_free(&found);
    return failed;
}

/* Nobody stood in between: what comes next is not followed from here. */
static int break_off(struct foot_track *track, const char *end, struct problem *why)
{
    if (close_span(track, why))
        return -1;
    if (track->has_last)
        snprintf(track->spans[track->n_spans - 1].ended_by,
                 sizeof track->spans[track->n_spans - 1].ended_by, "%s", end);
    track->has_last = 0;
    track->has_before = 0;
    return 0;
}

/* --- Picture by picture ----------------------------------------------------------------------- */

static void go_on(struct foot_track *track)
{
    add(&track->span, &track->block);
    track->span_to_us = track->block_to_us;
    track->blocks++;
    track->doubts = 0;
    track->state = STANDING;
}

static int take_block(struct foot_track *track, struct problem *why)
{
    double sum = 0;
    float *kept = track->root_before;
    int quiet;

    pictures_mean(&track->block, track->mean);
    for (size_t i = 0; i < grid_cells(&track->grid); i++)
        sum += (double)track->mean[i];
    if (sum * grid_newton_per_kpa(&track->grid) < STANDING_MIN_N)
        return break_off(track, "nobody stood on the plate", why);
    track->root_before = track->root;
    track->root = kept;
    foot_shift_prepare(&track->grid, track->mean, NULL, 0, track->root);
    quiet = is_quiet(track);
    track->has_before = 1;
    if (track->state != NOBODY && pose_is_same(track, sum * grid_newton_per_kpa(&track->grid))) {
        go_on(track);
        return 0;
    }
    if (track->state == STANDING && ++track->doubts < 2)
        return 0;
    if (track->state == STANDING)
        track->state = CHANGING;
    if (!quiet)
        return 0;
    if (close_span(track, why) || open_span(track, why))
        return -1;
    foot_shift_prepare(&track->grid, track->mean, NULL, 0, track->root);
    track->has_before = 1;
    return 0;
}

int foot_track_frame(struct foot_track *track, uint64_t time_us, const float *kpa,
                     struct problem *why)
{
    if (track->block_to_us && time_us > track->block_to_us + PAUSE_US) {
        if (break_off(track, "standing was interrupted", why))
            return -1;
        clear(&track->block);
        track->any_block = 0;
    }
    if (!track->any_block) {
        track->block_from_us = time_us;
        track->any_block = 1;
    }
    pictures_add(&track->block, kpa, track->threshold_kpa);
    track->block_to_us = time_us;
    if (time_us < track->block_from_us + track->block_us)
        return 0;
    if (take_block(track, why))
        return -1;
    clear(&track->block);
    track->any_block = 0;
    return 0;
}

/* --- The end ---------------------------------------------------------------------------------- */

/* What all spans of a foot say of its side: the mean of their log odds, weighed by their time, so
 * that one doubtful span does not turn it, and many of one pose are not counted as many witnesses.
 */
static double chain_log_odds(const struct foot_track *track, int chain, int *said)
{
    double sum = 0, seconds = 0;

    *said = 0;
    for (size_t s = 0; s < track->n_spans; s++)
        for (int k = 0; k < track->spans[s].n_feet; k++) {
            const struct history *history = &track->history[s];

            if (history->chain[k] != chain)
                continue;
            if (history->said[k])
                *said = (int)track->spans[s].foot[k].side;
            sum += history->log_odds[k] * (history->seconds + BLOCK_S);
            seconds += history->seconds + BLOCK_S;
        }
    return seconds > 0 ? sum / seconds : 0;
}

static double chain_length(const struct foot_track *track, int chain)
{
    double longest = 0, length = NAN;

    for (size_t s = 0; s < track->n_spans; s++)
        for (int k = 0; k < track->spans[s].n_feet; k++) {
            const struct tracked_foot *foot = &track->spans[s].foot[k];

            if (track->history[s].chain[k] != chain || !foot->length_is_measured ||
                track->history[s].seconds < longest)
                continue;
            longest = track->history[s].seconds;
            length = foot->frame.length_mm;
        }
    return length;
}

/* The same tangents on a foot of another length. */
static void set_length(struct foot_frame *frame, double length_mm)
{
    double slope = (frame->width_toe_mm - frame->width_heel_mm) / frame->length_mm;

    frame->length_mm = length_mm;
    frame->width_toe_mm = frame->width_heel_mm + slope * length_mm;
}

static void settle_foot(struct tracked_foot *foot, double log_odds, int said, double length_mm)
{
    double confidence = 1 / (1 + exp(-fabs(log_odds)));
    enum side side = log_odds >= 0 ? SIDE_LEFT : SIDE_RIGHT;

    if (said) {
        foot->side = (enum side)said;
        foot->side_confidence = 1;
    } else {
        foot->side = confidence >= SIDE_STATED ? side : SIDE_UNKNOWN;
        foot->side_confidence = fmin(confidence, 0.99);
    }
    foot->frame.side = foot->side;
    if (!foot->length_is_measured && length_mm > 0)
        set_length(&foot->frame, length_mm);
}

static void settle(struct foot_track *track)
{
    for (int chain = 0; chain < track->n_chains; chain++) {
        int said;
        double log_odds = chain_log_odds(track, chain, &said);
        double length = chain_length(track, chain);

        for (size_t s = 0; s < track->n_spans; s++)
            for (int k = 0; k < track->spans[s].n_feet; k++)
                if (track->history[s].chain[k] == chain)
                    settle_foot(&track->spans[s].foot[k], log_odds, said, length);
    }
}

int foot_track_finish(struct foot_track *track, struct track *out, struct problem *why)
{
    int failed = close_span(track, why);

    *out = (struct track){0};
    if (!failed && track->n_spans) {
        settle(track);
        *out = (struct track){track->spans, track->n_spans, track->longest_index, track->longest};
        track->spans = NULL;
        track->longest = (struct pictures){0};
    }
    foot_track_free(track);
    return failed;
}
