/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From groups of pieces to steps: pictures and samples of a foot's pieces put together, what is no
 * foot left out, what is not whole named. */
#include "analysis/contact.h"
#include "analysis/walk/contact_join.h"
#include "analysis/walk/outline.h"
#include "analysis/walk/walk_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STANCE_MIN_S 0.06
#define STANCE_MAX_S 4.0 /* longer is standing */
/* A foot has half of its print and more on the ground at once; what wanders (noise) has little. */
#define AT_ONCE_SHARE 0.3
#define CUT_SHARE 0.1 /* of the largest force: more at the recording's end is a cut stance */
#define OVERSIZE 1.08 /* of a foot's largest length or width */
/* A foot over the rim is cut for most of its stance; on a belt, one that came down at the rim is on
 * the plate a moment later. */
#define RIM_FRAMES_SHARE 0.1

static int by_frame(const void *one, const void *other)
{
    const struct contact_sample *a = one, *b = other;

    return (a->frame > b->frame) - (a->frame < b->frame);
}

/* Samples of the same frame become one. */
static size_t merge(struct contact_sample *samples, size_t n)
{
    size_t kept = 0;

    qsort(samples, n, sizeof *samples, by_frame);
    for (size_t i = 0; i < n; i++) {
        struct contact_sample *last = &samples[kept ? kept - 1 : 0];

        if (!kept || last->frame != samples[i].frame) {
            samples[kept++] = samples[i];
            continue;
        }
        last->force_n += samples[i].force_n;
        last->area_cm2 += samples[i].area_cm2;
        last->peak_kpa = fmax(last->peak_kpa, samples[i].peak_kpa);
        last->x_sum += samples[i].x_sum;
        last->y_sum += samples[i].y_sum;
    }
    return kept;
}

/* Lays a piece's pictures over those of the step. */
static void lay_over(struct contact_window *to, const struct contact_window *from)
{
    for (int row = 0; row < from->rows; row++)
        for (int col = 0; col < from->cols; col++) {
            size_t i = (size_t)row * (size_t)from->cols + (size_t)col;
            size_t k = (size_t)(row + from->row0 - to->row0) * (size_t)to->cols +
                       (size_t)(col + from->col0 - to->col0);

            if (!(from->maximum[i] > 0))
                continue;
            if (!(to->maximum[k] > 0) || from->first[i] < to->first[k])
                to->first[k] = from->first[i];
            if (!(to->maximum[k] > 0) || from->last[i] > to->last[k])
                to->last[k] = from->last[i];
            to->maximum[k] = fmaxf(to->maximum[k], from->maximum[i]);
        }
}

static void span(struct contact_window *all, const struct contact_window *one)
{
    int row1 = one->row0 + one->rows, col1 = one->col0 + one->cols;

    if (all->rows) {
        row1 = row1 > all->row0 + all->rows ? row1 : all->row0 + all->rows;
        col1 = col1 > all->col0 + all->cols ? col1 : all->col0 + all->cols;
    }
    all->row0 = all->rows && all->row0 < one->row0 ? all->row0 : one->row0;
    all->col0 = all->cols && all->col0 < one->col0 ? all->col0 : one->col0;
    all->rows = row1 - all->row0;
    all->cols = col1 - all->col0;
}

/* pieces[n] are the indices of the group's. */
static int put_together(const struct contact_tracks *tracks, const uint32_t *pieces, size_t n,
                        struct walk_step *step, int *rim_frames)
{
    size_t cells, samples = 0;

    for (size_t i = 0; i < n; i++) {
        span(&step->picture, &tracks->pieces[pieces[i]].window);
        samples += tracks->pieces[pieces[i]].n;
        *rim_frames += tracks->pieces[pieces[i]].rim_frames;
    }
    cells = (size_t)step->picture.rows * (size_t)step->picture.cols;
    step->picture.maximum = calloc(cells, sizeof *step->picture.maximum);
    step->picture.first = calloc(cells, sizeof *step->picture.first);
    step->picture.last = calloc(cells, sizeof *step->picture.last);
    step->samples = malloc(samples * sizeof *step->samples);
    if (!step->picture.maximum || !step->picture.first || !step->picture.last || !step->samples)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const struct piece *piece = &tracks->pieces[pieces[i]];

        lay_over(&step->picture, &piece->window);
        memcpy(step->samples + step->n_samples, piece->samples, piece->n * sizeof *piece->samples);
        step->n_samples += piece->n;
    }
    step->n_samples = merge(step->samples, step->n_samples);
    return 0;
}

static void step_free(struct walk_step *step)
{
    contact_window_free(&step->picture);
    free(step->samples);
    step->samples = NULL;
}

/* Is it larger than a foot? 0 or 1; -1: no memory. */
static int is_oversize(const struct grid *grid, const struct contact_window *w)
{
    size_t n = 0, corners, cells = (size_t)w->rows * (size_t)w->cols;
    struct point *points = malloc(cells * sizeof *points);
    struct point *hull = malloc((cells + 1) * sizeof *hull);
    int oversize = -1;

    if (points && hull) {
        for (size_t i = 0; i < cells; i++)
            if (w->maximum[i] > 0)
                points[n++] =
                    grid_centre(grid, (int)(i / (size_t)w->cols), (int)(i % (size_t)w->cols));
        corners = outline_hull(points, n, hull);
        oversize = outline_length_mm(hull, corners) > OVERSIZE * FOOT_LENGTH_MM ||
                   outline_width_mm(hull, corners) > OVERSIZE * FOOT_WIDTH_MM;
    }
    free(points);
    free(hull);
    return oversize;
}

static void say_cut(struct walk_step *step)
{
    static const struct {
        unsigned cut;
        const char *words;
    } words[] = {
        {STEP_CUT_RIM, "the plate's rim cuts the print"},
        {STEP_CUT_START, "the foot was loaded when the recording began"},
        {STEP_CUT_END, "the foot was loaded when the recording ended"},
        {STEP_NOT_PARTED, "the contact is larger than a foot: two feet that touch, or no foot"},
    };
    size_t n = 0;

    step->cut_reason[0] = 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (step->cut & words[i].cut && n < sizeof step->cut_reason)
            n += (size_t)snprintf(step->cut_reason + n, sizeof step->cut_reason - n, "%s%s",
                                  n ? "; " : "", words[i].words);
}

static int find_cuts(const struct walk_input *input, const struct walk_result *walk,
                     const struct contact_tracks *tracks, int rim_frames, struct walk_step *step)
{
    const struct contact_sample *first = &step->samples[0];
    const struct contact_sample *last = &step->samples[step->n_samples - 1];
    int oversize = walk->one_foot ? 0 : is_oversize(&input->grid, &step->picture);

    if (oversize < 0)
        return -1;
    if (!walk->one_foot && rim_frames > RIM_FRAMES_SHARE * (double)step->n_samples)
        step->cut |= STEP_CUT_RIM;
    if (first->frame == 0 && first->force_n > CUT_SHARE * step->max_force_n)
        step->cut |= STEP_CUT_START;
    if (last->frame == tracks->frames - 1 && last->force_n > CUT_SHARE * step->max_force_n)
        step->cut |= STEP_CUT_END;
    if (oversize)
        step->cut |= STEP_NOT_PARTED;
    say_cut(step);
    return 0;
}

static int is_step(const struct walk_input *input, const struct walk_step *step)
{
    return step->print_area_cm2 >= PRINT_AREA_MIN_CM2 && step->stance_s >= STANCE_MIN_S &&
           step->stance_s <= STANCE_MAX_S &&
           step->max_area_cm2 >= AT_ONCE_SHARE * step->print_area_cm2 && step->n_samples >= 2 &&
           step->max_force_n >= input->min_force_n;
}

/* One group: a step, or one more other contact. */
static int add_group(const struct walk_input *input, struct walk_result *walk,
                     const struct contact_tracks *tracks, const uint32_t *pieces, size_t n,
                     double *in_steps)
{
    struct walk_step *step = &walk->steps[walk->n_steps];
    int rim_frames = 0;

    *step = (struct walk_step){0};
    if (put_together(tracks, pieces, n, step, &rim_frames)) {
        step_free(step);
        return -1;
    }
    step_course(input, step);
    if (!is_step(input, step) || walk->n_steps >= STEPS_MAX) {
        walk->left_out |= walk->n_steps >= STEPS_MAX && is_step(input, step);
        walk->other_contacts++;
        step_free(step);
        return 0;
    }
    walk->n_steps++;
    for (size_t i = 0; i < n; i++)
        *in_steps += tracks->pieces[pieces[i]].impulse;
    if (find_cuts(input, walk, tracks, rim_frames, step))
        return -1;
    walk->n_whole += !step->cut;
    return 0;
}

/* Pieces in the order of their groups: a counting sort. starts[groups + 1]. */
static void sort_pieces(const uint32_t *group, size_t n, size_t groups, uint32_t *sorted,
                        size_t *starts)
{
    memset(starts, 0, (groups + 2) * sizeof *starts);
    for (size_t i = 0; i < n; i++)
        starts[group[i] + 2]++;
    for (size_t g = 2; g < groups + 2; g++)
        starts[g] += starts[g - 1];
    for (size_t i = 0; i < n; i++)
        sorted[starts[group[i] + 1]++] = (uint32_t)i;
}

int steps_build(const struct walk_input *input, struct walk_result *walk,
                struct contact_tracks *tracks, struct problem *why)
{
    uint32_t *group = malloc((tracks->n + 1) * sizeof *group);
    uint32_t *sorted = malloc((tracks->n + 1) * sizeof *sorted);
    size_t *starts = NULL;
    long groups = -1;
    double in_steps = 0;
    int failed = -1;

    if (!group || !sorted)
        goto done;
    groups = contact_join(&input->grid, input->rate_hz, tracks, group, why);
    if (groups < 0)
        goto done;
    starts = malloc(((size_t)groups + 2) * sizeof *starts);
    walk->steps =
        calloc((groups < STEPS_MAX ? (size_t)groups : STEPS_MAX) + 1, sizeof *walk->steps);
    if (!starts || !walk->steps)
        goto done;
    sort_pieces(group, tracks->n, (size_t)groups, sorted, starts);
    for (size_t g = 0; g < (size_t)groups; g++)
        if (add_group(input, walk, tracks, sorted + starts[g], starts[g + 1] - starts[g],
                      &in_steps))
            goto done;
    walk->left_out |= tracks->too_many;
    walk->outside_percent =
        tracks->impulse > 0 ? fmax(0, 100 * (1 - in_steps / tracks->impulse)) : NAN;
    failed = 0;
done:
    if (failed)
        problem_no_memory(why, "the steps");
    free(group);
    free(sorted);
    free(starts);
    return failed;
}
