/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From step to step: direction of walking, step and stride, cadence, speed; averages by side. */
#include "analysis/walk/walk_private.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>

#define NEIGHBOUR_S 1.6
#define STRIDE_MAX_S 3.0
#define REACH 4          /* steps before and after that tell the direction of walking */
#define WAY_MIN_MM 400.0 /* of those steps: less is no way */
#define STEPS_FOR_WAY 3  /* with two, the width of the step would turn it */

static int same_pass(const struct walk_step *a, const struct walk_step *b)
{
    return b->start_s - a->start_s < NEIGHBOUR_S &&
           cos((a->toes_deg - b->toes_deg) * M_PI / 180) > 0.5;
}

/* Least squares line through the steps' middles over their number, so that left and right cancel.
 */
static double heading_by_steps(const struct walk_result *walk, size_t from, size_t to)
{
    double n = (double)(to - from + 1), middle = (n - 1) / 2, dx = 0, dy = 0, kk = 0;

    for (size_t i = from; i <= to; i++) {
        double k = (double)(i - from) - middle;

        dx += k * walk->steps[i].centre.x_mm;
        dy += k * walk->steps[i].centre.y_mm;
        kk += k * k;
    }
    if (n < STEPS_FOR_WAY || hypot(dx, dy) / kk * (n - 1) < WAY_MIN_MM)
        return NAN;
    return atan2(dx, dy) * 180 / M_PI;
}

double gait_heading_deg(const struct walk_result *walk, size_t step)
{
    size_t from = step, to = step;

    if (walk->belt.moves)
        return atan2(-walk->belt.x_mm_s, -walk->belt.y_mm_s) * 180 / M_PI;
    if (walk->one_foot)
        return NAN;
    while (from > 0 && step - from < REACH && same_pass(&walk->steps[from - 1], &walk->steps[from]))
        from--;
    while (to + 1 < walk->n_steps && to - step < REACH &&
           same_pass(&walk->steps[to], &walk->steps[to + 1]))
        to++;
    return heading_by_steps(walk, from, to);
}

/* --- Step and stride -------------------------------------------------------------------------- */

/* From heel to heel along the way and across it (to the right). NAN where a heel is not known. */
static void heel_way(const struct walk_step *from, const struct walk_step *to, double heading_deg,
                     double *along, double *across)
{
    double s = sin(heading_deg * M_PI / 180), c = cos(heading_deg * M_PI / 180);
    double dx = to->frame.heel.x_mm - from->frame.heel.x_mm;
    double dy = to->frame.heel.y_mm - from->frame.heel.y_mm;
    int known = from->has_frame && to->has_frame && !((from->cut | to->cut) & STEP_CUT_RIM);

    *along = known ? dx * s + dy * c : NAN;
    *across = known ? dx * c - dy * s : NAN;
}

static int opposite(enum side a, enum side b)
{
    return a != SIDE_UNKNOWN && b != SIDE_UNKNOWN && a != b;
}

static void step_from(const struct walk_result *walk, size_t i)
{
    struct walk_step *step = &walk->steps[i];
    const struct walk_step *before = &walk->steps[i - 1];
    double across;

    if (!same_pass(before, step) || !opposite(before->side, step->side) ||
        (step->cut & STEP_NOT_PARTED) || (before->cut & STEP_NOT_PARTED))
        return;
    if (!(before->cut & STEP_CUT_START))
        step->step_time_s = step->start_s - before->start_s;
    if (!(before->cut & STEP_CUT_END))
        step->double_support_s = fmax(0, before->end_s - step->start_s);
    heel_way(before, step, gait_heading_deg(walk, i), &step->step_length_mm, &across);
    step->step_width_mm = step->side == SIDE_RIGHT ? across : -across;
}

/* The step before of the same foot: two back, or on one foot's grid the one before. */
static void stride_from(const struct walk_result *walk, size_t i)
{
    size_t back = walk->one_foot ? 1 : 2;
    struct walk_step *step = &walk->steps[i];
    const struct walk_step *before;
    double across;

    if (i < back)
        return;
    before = &walk->steps[i - back];
    if (before->side != step->side || step->start_s - before->start_s > STRIDE_MAX_S ||
        (before->cut & (STEP_CUT_START | STEP_NOT_PARTED)))
        return;
    if (walk->one_foot) {
        step->stride_time_s = step->start_s - before->start_s;
        return;
    }
    if (!same_pass(before + 1, step) || !same_pass(before, before + 1) ||
        !opposite(before->side, before[1].side))
        return;
    step->stride_time_s = step->start_s - before->start_s;
    heel_way(before, step, gait_heading_deg(walk, i), &step->stride_length_mm, &across);
}

static double mean_of(const struct walk_result *walk, size_t offset)
{
    double sum = 0, n = 0;

    for (size_t i = 0; i < walk->n_steps; i++) {
        double value = *(const double *)((const char *)&walk->steps[i] + offset);

        if (!isnan(value)) {
            sum += value;
            n++;
        }
    }
    return n > 0 ? sum / n : NAN;
}

static void gait(struct walk_result *walk)
{
    double step_s = mean_of(walk, offsetof(struct walk_step, step_time_s));

    walk->stride_time_s = mean_of(walk, offsetof(struct walk_step, stride_time_s));
    walk->stride_length_mm = mean_of(walk, offsetof(struct walk_step, stride_length_mm));
    walk->heading_deg = walk->n_steps ? gait_heading_deg(walk, walk->n_steps / 2) : NAN;
    if (!isnan(walk->stride_time_s))
        walk->cadence_per_min = 120 / walk->stride_time_s;
    else if (!isnan(step_s))
        walk->cadence_per_min = 60 / step_s;
    walk->speed_m_s = walk->stride_length_mm / walk->stride_time_s / 1000;
    if (isnan(walk->cadence_per_min))
        snprintf(walk->gait_reason, sizeof walk->gait_reason,
                 "no two steps that follow each other were found");
    else if (isnan(walk->speed_m_s))
        snprintf(walk->gait_reason, sizeof walk->gait_reason, "%s",
                 walk->one_foot ? "one foot's grid does not tell how far a step reached"
                                : "no three steps that follow each other were found");
}

void gait_between_steps(struct walk_result *walk)
{
    for (size_t i = 0; i < walk->n_steps; i++) {
        struct walk_step *step = &walk->steps[i];

        step->step_time_s = step->step_length_mm = step->step_width_mm = step->double_support_s =
            step->stride_time_s = step->stride_length_mm = NAN;
        if (step->cut & STEP_CUT_START)
            continue;
        if (i > 0 && !walk->one_foot)
            step_from(walk, i);
        stride_from(walk, i);
    }
    walk->cadence_per_min = walk->speed_m_s = NAN;
    gait(walk);
}

/* --- Averages --------------------------------------------------------------------------------- */

#define Q(member, words, unit, decimals)                                                           \
    {                                                                                              \
#member, words, unit, offsetof(struct walk_step, member), decimals                         \
    }

static const struct walk_quantity quantities[] = {
    Q(stance_s, "stance", "s", 3),
    Q(step_time_s, "step time", "s", 3),
    Q(stride_time_s, "stride time", "s", 3),
    Q(double_support_s, "both feet on the ground", "s", 3),
    Q(step_length_mm, "step length", "mm", 0),
    Q(stride_length_mm, "stride length", "mm", 0),
    Q(step_width_mm, "step width", "mm", 0),
    Q(progression_deg, "foot progression angle", "°", 1),
    Q(max_force_n, "largest force", "N", 0),
    Q(mean_force_n, "mean force", "N", 0),
    Q(first_peak_n, "first force peak", "N", 0),
    Q(valley_n, "force valley", "N", 0),
    Q(second_peak_n, "second force peak", "N", 0),
    Q(loading_rate_n_s, "loading rate", "N/s", 0),
    Q(impulse_n_s, "impulse", "N s", 1),
    Q(peak_kpa, "peak pressure", "kPa", 0),
    Q(pti_peak_kpa_s, "pressure-time integral of the peak", "kPa s", 1),
    Q(max_area_cm2, "largest contact area", "cm2", 1),
    Q(print_area_cm2, "area of the print", "cm2", 1),
    Q(cop_path_mm, "way of the centre of pressure", "mm", 0),
    {"cop_velocity_mm_s", "velocity of the centre of pressure", "mm/s",
     offsetof(struct walk_step, velocity.resultant_mm_s), 0},
    {"cop_velocity_ml_mm_s", "... across the foot", "mm/s",
     offsetof(struct walk_step, velocity.ml_mm_s), 0},
    {"cop_velocity_ap_mm_s", "... along the foot", "mm/s",
     offsetof(struct walk_step, velocity.ap_mm_s), 0},
    {"cpei_percent", "centre of pressure excursion index", "%",
     offsetof(struct walk_step, cpei.percent), 1},
};
_Static_assert(sizeof quantities / sizeof quantities[0] == WALK_QUANTITIES, "the table's length");

const struct walk_quantity *walk_quantities(int *n)
{
    *n = WALK_QUANTITIES;
    return quantities;
}

/* Mean and SD of a quantity over the whole steps of a side (SIDE_UNKNOWN: all whole steps). */
static struct walk_average average(const struct walk_result *walk, enum side side, size_t offset)
{
    struct walk_average a = {0, NAN, NAN};
    double sum = 0, squares = 0;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < walk->n_steps; i++) {
            const struct walk_step *step = &walk->steps[i];
            double value = *(const double *)((const char *)step + offset);

            if (step->cut || isnan(value) || (side && step->side != side))
                continue;
            a.n += pass == 0;
            sum += pass == 0 ? value : 0;
            squares += pass == 1 ? (value - a.mean) * (value - a.mean) : 0;
        }
        if (pass == 0 && a.n)
            a.mean = sum / a.n;
    }
    if (a.n > 1)
        a.sd = sqrt(squares / (a.n - 1));
    return a;
}

void gait_averages(struct walk_result *walk)
{
    for (int side = 0; side < 3; side++)
        for (int q = 0; q < WALK_QUANTITIES; q++)
            walk->average[side][q] = average(walk, (enum side)side, quantities[q].offset);
}
