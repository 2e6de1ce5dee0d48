/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A span is over: it becomes a record, joined to the one before it. */
#include "analysis/foot/track_private.h"
#include "analysis/foot/foot_shift.h"
#include "analysis/foot/landmarks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fewer pictures are a passing, no span. */
#define SPAN_BLOCKS_MIN 3
/* Prints further apart are not one foot that shifted. */
#define SAME_FOOT_MM 130.0
#define ROUNDS_MEASURE 12
#define LIKENESS_MEASURED 0.6

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
int track_close_span(struct foot_track *track, struct problem *why)
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
