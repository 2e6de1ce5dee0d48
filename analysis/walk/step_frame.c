/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A step whose side is decided: its foot frame, phases, CPEI and print numbers. */
#include "analysis/foot/landmarks.h"
#include "analysis/walk/outline.h"
#include "analysis/walk/walk_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void no_numbers(struct walk_step *step, const char *reason)
{
    for (int i = 0; i < PRINT_NUMBERS; i++) {
        struct print_number *number = &step->print.of[i];

        number->value = number->at_half = number->at_double = number->per_20_percent =
            number->one_cell = number->error = NAN;
        snprintf(number->reason, sizeof number->reason, "%s", reason);
    }
}

static struct point moved(struct point point, struct point by, double sign)
{
    return (struct point){point.x_mm + sign * by.x_mm, point.y_mm + sign * by.y_mm};
}

static struct found_foot rough(const struct walk_step *step, const struct foot_fit *fit,
                               struct point origin)
{
    struct found_foot found = {
        .side = step->side,
        .side_confidence = step->side_confidence,
        .toes_by_print = !step->toes_by_cop,
        .off_edge = (step->cut & STEP_CUT_RIM) != 0,
        .rough_heel = moved(fit->frame.heel, origin, -1),
        .rough_toe = moved(foot_frame_to_plate(&fit->frame, (struct uv){1, 0.5}), origin, -1),
        .rough_angle_deg = remainder(fit->frame.angle_deg, 360),
    };

    return found;
}

/* --- CPEI ------------------------------------------------------------------------------------- */

static size_t corners_of(const struct step_print *print, struct point *corners)
{
    size_t n = 0;

    for (int row = 0; row < print->grid.rows; row++)
        for (int col = 0; col < print->grid.cols; col++) {
            if (!print->label[(size_t)row * (size_t)print->grid.cols + (size_t)col])
                continue;
            for (int k = 0; k < 4; k++)
                corners[n++] =
                    (struct point){(col + (k & 1)) * print->grid.pitch_x_mm + print->origin.x_mm,
                                   (row + (k >> 1)) * print->grid.pitch_y_mm + print->origin.y_mm};
        }
    return n;
}

static const char *no_roll_over(const struct walk_step *step)
{
    if (step->cut)
        return step->cut & STEP_CUT_RIM ? "the plate's rim cuts the print" : step->cut_reason;
    if (isnan(step->at_s[AT_HEEL_OFF]))
        return step->phases_reason;
    if (!step->toes_touch)
        return "the toes did not touch the plate";
    return NULL;
}

static int measure_cpei(const struct step_print *print, struct walk_step *step, struct problem *why)
{
    const char *reason = no_roll_over(step);
    struct point *corners = malloc((4 * print->shape.n + 1) * sizeof *corners);
    struct point *hull = malloc((4 * print->shape.n + 2) * sizeof *hull);
    struct point *cop = malloc((step->n_samples + 1) * sizeof *cop);
    size_t n_hull, n_cop = 0;

    if (!corners || !hull || !cop) {
        free(corners);
        free(hull);
        free(cop);
        return problem_no_memory(why, "the COP's excursion");
    }
    n_hull = outline_hull(corners, corners_of(print, corners), hull);
    for (size_t i = 0; i < step->n_samples; i++)
        if (step->samples[i].force_n >= CPEI_FORCE_SHARE * step->max_force_n &&
            step->samples[i].time_s >= step->start_s + CPEI_FROM_S - 1e-9)
            cop[n_cop++] = sample_cop(&step->samples[i]);
    step->cpei = cpei_measure(hull, n_hull, cop, n_cop, &step->frame, CPEI_DISTAL_SHARE);
    if (reason && !step->cpei.reason[0]) {
        step->cpei.percent = step->cpei.excursion_mm = NAN;
        snprintf(step->cpei.reason, sizeof step->cpei.reason, "%s", reason);
    }
    free(corners);
    free(hull);
    free(cop);
    return 0;
}

/* --- The frame -------------------------------------------------------------------------------- */

static int print_numbers(const struct walk_input *input, const struct step_print *print,
                         const struct foot_frame *local, const struct guide_lines *lines,
                         struct walk_step *step, struct problem *why)
{
    struct print_input in = {
        .grid = &print->grid,
        .picture = print->picture,
        .mask = print->mask,
        .threshold_kpa = input->threshold_kpa,
        .frame = local,
        .lines = lines,
        .walking_deg = NAN,
        .cut_by_rim = (step->cut & STEP_CUT_RIM) != 0,
        .toes_touch = step->toes_touch,
        .only_values = 1,
    };

    return print_measure(&in, &step->print, why);
}

static void progression(const struct walk_result *walk, size_t index, struct walk_step *step)
{
    double heading = gait_heading_deg(walk, index), turned;
    const char *from = walk->belt.moves ? "from the belt's direction" : "from the way of the steps";

    step->progression_deg = NAN;
    if (walk->one_foot && walk->n_steps > 1) {
        snprintf(step->progression_reason, sizeof step->progression_reason,
                 "an insole turns with the foot");
        return;
    }
    if (step->side == SIDE_UNKNOWN) {
        snprintf(step->progression_reason, sizeof step->progression_reason,
                 "outward is not known, because the side is not");
        return;
    }
    if (isnan(heading)) {
        heading = 90 * round(step->frame.angle_deg / 90);
        from = "from the plate's axis: too few steps tell a direction of walking";
    }
    turned = remainder(step->frame.angle_deg - heading, 360);
    step->progression_deg = step->side == SIDE_RIGHT ? turned : -turned;
    snprintf(step->progression_reason, sizeof step->progression_reason, "%s", from);
}

static int measure(const struct walk_input *input, const struct walk_result *walk, size_t index,
                   const struct foot_fit *fit, const struct step_print *print,
                   struct walk_step *step, struct problem *why)
{
    struct foot_print labelled = {&print->grid, print->picture, print->label, 1,
                                  input->threshold_kpa};
    struct found_foot found = rough(step, fit, print->origin);
    struct print_frame shape;
    struct landmarks landmarks;
    struct guide_lines lines;

    if (frame_from_print(&labelled, &found, 0, &shape, why))
        return -1;
    landmarks = landmarks_from_print(&labelled, &shape.frame);
    lines = guide_lines_from_print(&labelled, &shape.frame, &landmarks);
    step->frame = shape.frame;
    step->frame.heel = moved(shape.frame.heel, print->origin, 1);
    step->has_frame = 1;
    step->toes_touch = shape.toes_touch;
    snprintf(step->frame_reason, sizeof step->frame_reason, "%s", shape.length_reason);
    step_phases(input, print, &shape.frame, &landmarks, step);
    progression(walk, index, step);
    if (print_numbers(input, print, &shape.frame, &lines, step, why))
        return -1;
    return measure_cpei(print, step, why);
}

static void without_frame(struct walk_step *step)
{
    const char *reason = "the contact is larger than a foot";

    for (int i = 0; i < INSTANTS; i++)
        step->at_s[i] = NAN;
    snprintf(step->phases_reason, sizeof step->phases_reason, "%s", reason);
    snprintf(step->progression_reason, sizeof step->progression_reason, "%s", reason);
    snprintf(step->frame_reason, sizeof step->frame_reason, "%s", reason);
    snprintf(step->cpei.reason, sizeof step->cpei.reason, "%s", reason);
    step->cpei.percent = step->cpei.excursion_mm = step->cpei.width_mm = NAN;
    step->progression_deg = NAN;
    step->side = SIDE_UNKNOWN;
    step->side_confidence = 0.5;
    no_numbers(step, reason);
}

int step_frame(const struct walk_input *input, const struct walk_result *walk, size_t index,
               const struct foot_fit fit[3], struct problem *why)
{
    struct walk_step *step = &walk->steps[index];
    enum side as = step->side;
    struct step_print print;
    int failed;

    if (step->cut & STEP_NOT_PARTED) {
        without_frame(step);
        step_velocities(input, step);
        return 0;
    }
    if (as == SIDE_UNKNOWN)
        as = fit[SIDE_RIGHT].score > fit[SIDE_LEFT].score ? SIDE_RIGHT : SIDE_LEFT;
    if (step_print_make(&input->grid, !walk->belt.moves, step, &print, why))
        return -1;
    failed = measure(input, walk, index, &fit[as], &print, step, why);
    step_print_free(&print);
    step_velocities(input, step);
    return failed;
}
