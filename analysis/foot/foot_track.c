/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/foot_track.h"
#include "analysis/contact.h"
#include "analysis/foot/foot_shift.h"
#include "analysis/foot/track_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Less force is nobody. */
#define STANDING_MIN_N 20.0
/* A longer pause between frames: whoever stands there then may have been away. */
#define PAUSE_US 1000000

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
        free(track->reference[k].stood.root);
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
                                &track->reference[0].stood.root,
                                &track->reference[1].stood.root};

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

/* --- Picture by picture ----------------------------------------------------------------------- */

static void clear(struct pictures *pictures)
{
    size_t cells = grid_cells(&pictures->grid);

    /* A sum is more than 0 only where the maximum is; most of a plate is empty. */
    for (size_t i = contact_next(pictures->maximum, 0, cells); i < cells;
         i = contact_next(pictures->maximum, i, cells)) {
        size_t n = cells - i < CONTACT_BLOCK ? cells - i : CONTACT_BLOCK;

        memset(pictures->sum + i, 0, n * sizeof *pictures->sum);
        memset(pictures->maximum + i, 0, n * sizeof *pictures->maximum);
    }
    pictures->frames = 0;
}

static void add(struct pictures *to, const struct pictures *from)
{
    size_t cells = grid_cells(&to->grid);

    for (size_t i = contact_next(from->maximum, 0, cells); i < cells;
         i = contact_next(from->maximum, i + 1, cells)) {
        to->sum[i] += from->sum[i];
        to->maximum[i] = from->maximum[i] > to->maximum[i] ? from->maximum[i] : to->maximum[i];
    }
    to->frames += from->frames;
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
        track_take_reference(track, found.label, k);
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

/* Nobody stood in between: what comes next is not followed from here. */
static int break_off(struct foot_track *track, const char *end, struct problem *why)
{
    if (track_close_span(track, why))
        return -1;
    if (track->has_last)
        snprintf(track->spans[track->n_spans - 1].ended_by,
                 sizeof track->spans[track->n_spans - 1].ended_by, "%s", end);
    track->has_last = 0;
    track->has_before = 0;
    return 0;
}

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
    size_t cells = grid_cells(&track->grid);
    int quiet;

    pictures_mean(&track->block, track->mean);
    for (size_t i = contact_next(track->mean, 0, cells); i < cells;
         i = contact_next(track->mean, i + 1, cells))
        sum += (double)track->mean[i];
    if (sum * grid_newton_per_kpa(&track->grid) < STANDING_MIN_N)
        return break_off(track, "nobody stood on the plate", why);
    track->root_before = track->root;
    track->root = kept;
    foot_shift_prepare(&track->grid, track->mean, NULL, 0, track->root);
    quiet = track_is_quiet(track);
    track->has_before = 1;
    if (track->state != NOBODY &&
        track_pose_is_same(track, sum * grid_newton_per_kpa(&track->grid))) {
        go_on(track);
        return 0;
    }
    if (track->state == STANDING && ++track->doubts < 2)
        return 0;
    if (track->state == STANDING)
        track->state = CHANGING;
    if (!quiet)
        return 0;
    if (track_close_span(track, why) || open_span(track, why))
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

int foot_track_finish(struct foot_track *track, struct track *out, struct problem *why)
{
    int failed = track_close_span(track, why);

    *out = (struct track){0};
    if (!failed && track->n_spans) {
        track_settle_sides(track);
        *out = (struct track){track->spans, track->n_spans, track->longest_index, track->longest};
        track->spans = NULL;
        track->longest = (struct pictures){0};
    }
    foot_track_free(track);
    return failed;
}
