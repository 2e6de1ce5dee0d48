/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/second_pass.h"

#include "analysis/load/load_pass.h"
#include "analysis/press/shift_watch.h"
#include "analysis/press/signs.h"
#include "analysis/series.h"
#include "analysis/usable_frame.h"
#include "analysis/walk/walk.h"

#include <stdlib.h>

struct second_pass {
    struct result *result;
    struct usable_frame usable;
    struct load_pass *load;
    struct sign_watch *signs;
    struct shift_watch *shifts; /* NULL without weight shifts */
    struct walker *walker;      /* NULL when nobody walked */
    uint8_t *seen; /* a bit a frame: of two with one time the first one counts, as before */
    size_t next;   /* the frame that is expected now */
};

/* Where only one foot can be meant, the operator's word on it. */
static enum side side_said(const struct result *result)
{
    return result->n_feet == 1 && result->feet[0].side_confidence >= 1 ? result->feet[0].side
                                                                       : SIDE_UNKNOWN;
}

static int begin_walk(struct second_pass *pass, struct problem *why)
{
    struct result *result = pass->result;
    const struct walk_input input = {
        .grid = result->grid,
        .rate_hz = result->rate_hz,
        .threshold_kpa = result->threshold_kpa,
        .min_force_n = result->min_force_n,
        .force_n = result->frames.force_n,
        .n_frames = result->frames.n,
        .said = side_said(result),
    };

    if (!result->walk)
        return 0;
    pass->walker = walker_begin(&input, result->walk, why);
    return pass->walker ? 0 : -1;
}

struct second_pass *second_pass_begin(struct result *result, struct problem *why)
{
    struct second_pass *pass = calloc(1, sizeof *pass);

    if (!pass) {
        problem_no_memory(why, "the second reading");
        return NULL;
    }
    pass->result = result;
    pass->seen = calloc(result->frames.n / 8 + 1, 1);
    if (!pass->seen)
        problem_no_memory(why, "the second reading");
    else
        pass->load = load_pass_begin(result, why);
    if (pass->load)
        pass->signs = sign_watch_begin(result, why);
    if (pass->signs && !shift_watch_begin(&pass->shifts, result, why) && !begin_walk(pass, why))
        return pass;
    second_pass_free(pass);
    return NULL;
}

void second_pass_free(struct second_pass *pass)
{
    if (!pass)
        return;
    load_pass_free(pass->load);
    sign_watch_free(pass->signs);
    shift_watch_free(pass->shifts);
    walker_free(pass->walker);
    usable_frame_free(&pass->usable);
    free(pass->seen);
    free(pass);
}

static double seconds(const struct second_pass *pass, uint64_t time_us)
{
    return ((double)time_us - (double)pass->result->frames.first_us) / 1e6;
}

/* Where result->frames has a frame of this time, near the one expected; SIZE_MAX: it was left out.
 */
static size_t index_of(const struct second_pass *pass, uint64_t time_us)
{
    const struct frame_series *frames = &pass->result->frames;
    double time_s = seconds(pass, time_us);
    size_t i = pass->next;

    while (i < frames->n && frames->time_s[i] < time_s)
        i++;
    while (i > 0 && (i == frames->n || frames->time_s[i] > time_s))
        i--;
    return i < frames->n && frames->time_s[i] == time_s ? i : SIZE_MAX;
}

int second_pass_frame(struct second_pass *pass, uint64_t time_us, const float *kpa,
                      struct problem *why)
{
    size_t index = index_of(pass, time_us);

    if (index == SIZE_MAX || pass->seen[index / 8] >> index % 8 & 1)
        return 0;
    pass->seen[index / 8] |= (uint8_t)(1u << index % 8);
    pass->next = index + 1;
    if (pass->result->has_unusable_cells)
        kpa = usable_frame(&pass->usable, kpa, grid_cells(&pass->result->grid));
    if (!kpa)
        return problem_no_memory(why, "a frame without its bad cells");
    load_pass_frame(pass->load, index, kpa);
    if (pass->result->frames.step[index] == STEP_STAND && pass->result->frames.force_n[index] > 0 &&
        pass->result->frames.force_n[index] >= pass->result->min_force_n)
        sign_watch_frame(pass->signs, pass->result->frames.time_s[index], kpa);
    if (pass->shifts)
        shift_watch_frame(pass->shifts, pass->result->frames.time_s[index], kpa);
    if (!pass->walker || pass->result->frames.step[index] != STEP_WALK)
        return 0;
    return walker_frame(pass->walker, pass->result->frames.time_s[index], kpa, why);
}

int second_pass_finish(struct second_pass *pass, struct problem *why)
{
    struct load_pass *load = pass->load;
    int failed;

    pass->load = NULL;
    failed = load_pass_finish(load, why);
    if (!failed) {
        struct sign_watch *signs = pass->signs;

        pass->signs = NULL;
        failed = sign_watch_finish(signs, why);
    }
    if (!failed && pass->walker) {
        struct walker *walker = pass->walker;

        pass->walker = NULL;
        failed = walker_finish(walker, why);
    }
    second_pass_free(pass);
    return failed;
}
