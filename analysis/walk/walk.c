/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/walk/walk.h"
#include "analysis/walk/walk_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A grid that no second foot has room on: an insole, or a window cut about one step. */
#define ONE_FOOT_SHORT_MM 140.0
#define ONE_FOOT_LONG_MM 345.0
/* A laced shoe loads its insole in swing too: little, but for a good part of the time. */
#define PRELOAD_SHARE 0.05 /* of the largest force */
#define PRELOAD_FRAMES 0.15

void walk_result_free(struct walk_result *walk)
{
    if (!walk)
        return;
    for (size_t i = 0; i < walk->n_steps; i++) {
        contact_window_free(&walk->steps[i].picture);
        free(walk->steps[i].samples);
    }
    free(walk->steps);
    free(walk);
}

struct walk_result *walk_result_new(const struct belt *belt, struct problem *why)
{
    struct walk_result *walk = calloc(1, sizeof *walk);

    if (!walk) {
        problem_no_memory(why, "the walk");
        return NULL;
    }
    walk->belt = *belt;
    walk->outside_percent = walk->heading_deg = walk->cadence_per_min = walk->speed_m_s =
        walk->stride_time_s = walk->stride_length_mm = NAN;
    return walk;
}

/* --- Second reading --------------------------------------------------------------------------- */

struct walker {
    struct walk_input input;
    struct walk_result *walk;
    struct contact_tracker *tracker;
    double last_s;
    int any;
};

static int is_one_foot(const struct grid *grid)
{
    double x = grid->cols * grid->pitch_x_mm, y = grid->rows * grid->pitch_y_mm;

    return fmin(x, y) <= ONE_FOOT_SHORT_MM && fmax(x, y) <= ONE_FOOT_LONG_MM;
}

/* The force from which on a grid of one foot carries a step: any, unless it carries some force in
 * swing. */
static double stance_force_n(const struct walk_input *input)
{
    double most = 0;
    size_t light = 0;

    for (size_t i = 0; i < input->n_frames; i++)
        most = fmax(most, input->force_n[i]);
    for (size_t i = 0; i < input->n_frames; i++)
        light += input->force_n[i] > 0 && input->force_n[i] < PRELOAD_SHARE * most;
    if ((double)light < PRELOAD_FRAMES * (double)input->n_frames)
        return 0;
    return fmax(input->min_force_n, PRELOAD_SHARE * most);
}

struct walker *walker_begin(const struct walk_input *input, struct walk_result *walk,
                            struct problem *why)
{
    struct walker *walker = calloc(1, sizeof *walker);
    struct contact_options options = {
        .grid = input->grid,
        .rate_hz = input->rate_hz,
        .threshold_kpa = input->threshold_kpa,
        .one_foot_min_n = stance_force_n(input),
    };

    if (!walker) {
        problem_no_memory(why, "the steps");
        return NULL;
    }
    walk->one_foot = options.one_foot = is_one_foot(&input->grid);
    if (walk->one_foot)
        walk->belt = (struct belt){.guesses = walk->belt.guesses};
    options.belt = walk->belt;
    walker->input = *input;
    walker->walk = walk;
    walker->tracker = contact_track_begin(&options, why);
    if (!walker->tracker) {
        walker_free(walker);
        return NULL;
    }
    return walker;
}

void walker_free(struct walker *walker)
{
    if (!walker)
        return;
    contact_track_free(walker->tracker);
    free(walker);
}

int walker_frame(struct walker *walker, double time_s, const float *kpa, struct problem *why)
{
    if (walker->any && !(time_s > walker->last_s))
        return 0; /* a late frame: its contact is known from its neighbours */
    walker->any = 1;
    walker->last_s = time_s;
    return contact_track_frame(walker->tracker, time_s, kpa, why);
}

static int by_start(const void *one, const void *other)
{
    const struct walk_step *a = one, *b = other;

    return (a->start_s > b->start_s) - (a->start_s < b->start_s);
}

static void say_none(const struct walk_input *input, struct walk_result *walk)
{
    if (walk->n_steps)
        return;
    snprintf(walk->reason, sizeof walk->reason,
             walk->other_contacts
                 ? "no contact has the size (%g cm2), the force (%g N) and the time of a step"
                 : "nothing of %g cm2 or more came down on the plate with %g N or more",
             PRINT_AREA_MIN_CM2, input->min_force_n);
}

static int measure(const struct walk_input *input, struct walk_result *walk,
                   struct contact_tracks *tracks, struct problem *why)
{
    struct foot_fit(*fit)[3] = NULL;
    int failed = steps_build(input, walk, tracks, why);

    contact_tracks_free(tracks);
    if (failed)
        return -1;
    if (walk->n_steps > 1)
        qsort(walk->steps, walk->n_steps, sizeof *walk->steps, by_start);
    fit = calloc(walk->n_steps + 1, sizeof *fit);
    if (!fit)
        return problem_no_memory(why, "the steps");
    failed = steps_sides(input, walk, fit, why);
    for (size_t i = 0; !failed && i < walk->n_steps; i++)
        failed = step_frame(input, walk, i, fit[i], why);
    free(fit);
    if (failed)
        return -1;
    gait_between_steps(walk);
    gait_averages(walk);
    say_none(input, walk);
    return 0;
}

int walker_finish(struct walker *walker, struct problem *why)
{
    struct walk_input input = walker->input;
    struct walk_result *walk = walker->walk;
    struct contact_tracker *tracker = walker->tracker;
    struct contact_tracks tracks;

    walker->tracker = NULL;
    walker_free(walker);
    if (contact_track_finish(tracker, &tracks, why))
        return -1;
    return measure(&input, walk, &tracks, why);
}
