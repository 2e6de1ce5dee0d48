/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the pictures of a recording to its feet: found, framed, and their load by region. */
#include "analysis/analyzer_private.h"
#include "analysis/foot/landmarks.h"
#include "analysis/print/print_of_foot.h"
#include "analysis/foot/regions.h"
#include "analysis/warnings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Load in no foot that is worth a word, % of the load on the plate. */
#define OUTSIDE_WARN_PERCENT 1.0

static int make_mask(struct foot_result *foot, const struct foot_print *print, struct problem *why)
{
    size_t cells = grid_cells(print->grid);

    foot->mask = calloc(cells, sizeof *foot->mask);
    if (!foot->mask)
        return problem_no_memory(why, "the mask of a foot");
    for (size_t i = 0; i < cells; i++)
        foot->mask[i] = print->label[i] == print->value;
    return 0;
}

static void measure_load(const struct result *result, struct foot_result *foot)
{
    const struct grid *grid = &result->grid;
    const float *contact = result_contact_picture(result);
    double sum = 0, x = 0, y = 0;

    foot->has_load = 1;
    for (size_t i = 0; i < grid_cells(grid); i++) {
        double mean = foot->mask[i] > 0 ? (double)result->mean_picture[i] : 0;
        struct point at =
            grid_centre(grid, (int)(i / (size_t)grid->cols), (int)(i % (size_t)grid->cols));

        if (foot->mask[i] > 0)
            foot->peak_kpa = fmax(foot->peak_kpa, (double)result->max_picture[i]);
        if (foot->mask[i] > 0 && contact[i] > 0 && (double)contact[i] >= result->threshold_kpa)
            foot->area_cm2 += grid_cell_cm2(grid);
        sum += mean;
        x += mean * at.x_mm;
        y += mean * at.y_mm;
    }
    foot->force_n = sum * grid_newton_per_kpa(grid);
    foot->load_percent = 100 * foot->force_n / result->mean_force_n;
    foot->cop = sum > 0 ? (struct point){x / sum, y / sum} : (struct point){NAN, NAN};
    regions_load(result, result->mean_force_n, foot);
}

/* Do the ends set by hand tell the length? One does where the other is known: of a print without
 * toes the heel is, of one that the edge cuts neither is. */
static int ends_tell_length(const struct foot_correction *correction,
                            const struct foot_result *foot)
{
    int heel = correction->has_point[LANDMARK_HB], tip = correction->has_point[LANDMARK_TT];

    if (isfinite(foot->length_mm))
        return heel || tip;
    return foot->off_edge ? heel && tip : tip;
}

/* An axis or an end of the foot that the operator set. */
static void correct_frame(const struct foot_correction *correction, struct foot_result *foot)
{
    foot->axis_given = correction->has_axis;
    if (!corrections_frame(correction, &foot->frame))
        return;
    foot->angle_deg = foot->frame.angle_deg;
    if (!ends_tell_length(correction, foot))
        return;
    foot->length_mm = foot->frame.length_mm;
    foot->length_is_measured = 0;
    foot->length_given = 1;
    snprintf(foot->length_reason, sizeof foot->length_reason,
             "the heel end or toe tip was set by the operator");
}

/* Both ends set by hand make a whole foot of what looked like a part of one. */
static struct foot_reach reach_of(const struct foot_print *print, const struct found_foot *found,
                                  const struct foot_correction *correction,
                                  const struct foot_result *foot)
{
    int by_hand = correction->has_point[LANDMARK_HB] && correction->has_point[LANDMARK_TT];
    const struct foot_reach_input input = {.print = print,
                                           .frame = &foot->frame,
                                           .landmarks = &foot->landmarks,
                                           .is_part = found->is_part && !by_hand,
                                           .off_edge = found->off_edge && !by_hand,
                                           .toes_touch = foot->toes_touch,
                                           .length_is_measured = foot->length_is_measured,
                                           .length_given = foot->length_given};

    return foot_reach_of(&input);
}

static int measure_foot(const struct result *result, const struct foot_print *print,
                        const struct found_foot *found, double entered_mm,
                        const struct foot_correction *correction, struct foot_result *foot,
                        struct problem *why)
{
    struct print_frame shape;
    struct given_landmarks given;

    foot->side = found->side;
    foot->side_confidence = found->side_confidence;
    foot->off_edge = found->off_edge;
    snprintf(foot->side_reason, sizeof foot->side_reason, "%s", found->side_reason);
    if (make_mask(foot, print, why) || frame_from_print(print, found, entered_mm, &shape, why))
        return -1;
    foot->frame = shape.frame;
    foot->length_is_measured = shape.length_is_measured;
    foot->length_mm = shape.length_mm;
    foot->angle_deg = shape.frame.angle_deg;
    snprintf(foot->length_reason, sizeof foot->length_reason, "%s", shape.length_reason);
    foot->length_given =
        entered_mm > 0 && !foot->length_is_measured && foot->length_mm == entered_mm;
    correct_frame(correction, foot);
    corrections_landmarks(correction, &foot->frame, &given);
    foot->landmarks = landmarks_with_given(print, &foot->frame, &given);
    foot->lines = guide_lines_from_print(print, &foot->frame, &foot->landmarks);
    measure_load(result, foot);
    foot->toes_touch = shape.toes_touch;
    foot->reach = reach_of(print, found, correction, foot);
    return print_of_foot(result, foot, why);
}

/* Left before right where the sides are known; else as they lie, from the left. */
static void sort_feet(struct result *result)
{
    struct foot_result *feet = result->feet;

    if (result->n_feet == 2 && feet[0].side == SIDE_RIGHT && feet[1].side == SIDE_LEFT) {
        struct foot_result first = feet[0];

        feet[0] = feet[1];
        feet[1] = first;
    }
}

static const char *foot_words(enum side side)
{
    return side == SIDE_LEFT ? "left foot" : side == SIDE_RIGHT ? "right foot" : "foot";
}

static int warn_of_foot(struct result *result, const struct found_foot *found, struct problem *why)
{
    const char *words = foot_words(found->side);

    if (found->side_contradicts &&
        result_warn(result, why,
                    "The operator says %s, but the print looks like the other side "
                    "(%s): please check.",
                    words, found->side_reason))
        return -1;
    if (found->is_part && !found->off_edge &&
        result_warn(
            result, why,
            "The print taken for the %s is not that of a whole foot: its axis and its zones "
            "are a guess.",
            words))
        return -1;
    if (found->off_edge &&
        result_warn(result, why, "The %s reaches the edge of the plate: part of it may be missing.",
                    words))
        return -1;
    return 0;
}

static int warn_of_found(struct result *result, const struct found_feet *found,
                         const struct foot_hints *hints, struct problem *why)
{
    for (int i = 0; i < found->n; i++)
        if (warn_of_foot(result, &found->foot[i], why))
            return -1;
    if (hints->n_feet && found->n != hints->n_feet &&
        result_warn(result, why, "The operator says %d feet, the plate shows %d.", hints->n_feet,
                    found->n))
        return -1;
    if (*found->beside_reason &&
        result_warn(result, why, "Not taken for a foot: %s.", found->beside_reason))
        return -1;
    if (found->n && result->outside_feet_percent > OUTSIDE_WARN_PERCENT)
        return result_warn(result, why, "%.2g %% of the load lies outside the feet found.",
                           result->outside_feet_percent);
    return 0;
}

static int measure_found(struct result *result, const float *shape_picture,
                         const struct found_feet *found, const struct foot_hints *hints,
                         const struct corrections *corrections, struct problem *why)
{
    struct foot_print print = {&result->grid, shape_picture, found->label, 0,
                               result->threshold_kpa};

    result->outside_feet_percent = 100;
    for (int i = 0; i < found->n; i++) {
        struct foot_result *foot = &result->feet[result->n_feet++];

        print.value = (uint8_t)(i + 1);
        if (measure_foot(result, &print, &found->foot[i], hints->length_mm[found->foot[i].side],
                         &corrections->of[found->foot[i].side], foot, why))
            return -1;
        result->outside_feet_percent -= foot->load_percent;
    }
    /* The same numbers summed in two orders: what remains is nothing. */
    if (fabs(result->outside_feet_percent) < 1e-9)
        result->outside_feet_percent = 0;
    return 0;
}

static int allocate_feet(struct result *result, struct problem *why)
{
    if (!result->feet)
        result->feet = calloc(2, sizeof *result->feet);
    return result->feet ? 0 : problem_no_memory(why, "the feet");
}

int feet_measure(struct result *result, const struct foot_hints *hints,
                 const struct corrections *corrections, struct problem *why)
{
    const float *shape_picture = result_contact_picture(result);
    struct found_feet found;
    int failed;

    if (foot_finder(&result->grid, shape_picture, result->threshold_kpa, hints, &found, why))
        return -1;
    standing_tell_sides(result, &found);
    memcpy(result->no_foot_reason, found.no_foot_reason, sizeof result->no_foot_reason);
    failed = found.n && (allocate_feet(result, why) ||
                         measure_found(result, shape_picture, &found, hints, corrections, why));
    failed = failed || warn_of_found(result, &found, hints, why);
    sort_feet(result);
    found_feet_free(&found);
    return failed ? -1 : 0;
}

/* The template's landmarks but for those that were put by hand. */
static struct landmarks template_landmarks(const struct foot_correction *correction,
                                           const struct foot_frame *frame)
{
    struct landmarks landmarks = landmarks_template();
    struct given_landmarks given;

    corrections_landmarks(correction, frame, &given);
    for (int i = 0; i < LANDMARK_COUNT; i++)
        if (given.given[i])
            landmarks.of[i] = (struct landmark){given.at[i], 1, 1, 1};
    return landmarks;
}

/* What is known of a foot that never stood here. A toe tip set by hand tells its length only where
 * cup or operator tell heel and axis: the rest of its frame is a guess. */
static void template_numbers(const struct press_foot *press, double entered_mm,
                             const struct foot_correction *correction, struct foot_result *foot)
{
    int placed = press->cup_known || correction->has_axis;
    int by_tip = placed && correction->has_point[LANDMARK_TT];

    foot->axis_given = correction->has_axis;
    foot->angle_deg = placed ? foot->frame.angle_deg : NAN;
    foot->length_given = by_tip || entered_mm > 0;
    foot->length_mm = by_tip ? foot->frame.length_mm : entered_mm > 0 ? entered_mm : NAN;
    snprintf(foot->length_reason, sizeof foot->length_reason, "%s",
             by_tip           ? "the toe tip was set by the operator"
             : entered_mm > 0 ? "stated, not measured"
                              : "this foot never stood on the plate and no length was entered");
}

/* A foot that never stood here: where the heel cup holds it, else somewhere on its own half. */
static void template_foot(const struct result *result, enum side side,
                          const struct press_foot *press, double entered_mm,
                          const struct foot_correction *correction, struct foot_result *foot)
{
    double width = result->grid.cols * result->grid.pitch_x_mm;
    double depth = result->grid.rows * result->grid.pitch_y_mm;
    struct point heel = {width * (side == SIDE_LEFT ? 0.3 : 0.7), depth * 0.2};
    double length = entered_mm > 0 ? entered_mm : 250;

    foot->side = side;
    foot->side_confidence = 1;
    snprintf(foot->side_reason, sizeof foot->side_reason, "stated at the press test");
    foot->frame = foot_frame_template(side, press->cup_known ? press->cup : heel,
                                      press->cup_known ? press->cup_angle_deg : 0, length);
    corrections_frame(correction, &foot->frame);
    template_numbers(press, entered_mm, correction, foot);
    foot->landmarks = template_landmarks(correction, &foot->frame);
    foot->lines = guide_lines_from(&foot->landmarks);
    foot->force_n = foot->load_percent = foot->area_cm2 = foot->peak_kpa = NAN;
    foot->cop = (struct point){NAN, NAN};
    for (int i = 0; i < REGION_COUNT; i++)
        foot->regions[i] = (struct region_result){NAN, NAN, NAN, NAN, NAN, NAN};
}

static int has_side(const struct result *result, enum side side)
{
    for (int i = 0; i < result->n_feet; i++)
        if (result->feet[i].side == side)
            return 1;
    return 0;
}

int feet_for_presses(struct result *result, const struct press_foot press_feet[3],
                     const struct foot_hints *hints, const struct corrections *corrections,
                     struct problem *why)
{
    for (enum side side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        struct foot_result *foot;

        if (!press_feet[side].pressed || has_side(result, side) || result->n_feet == 2)
            continue;
        if (allocate_feet(result, why))
            return -1;
        foot = &result->feet[result->n_feet++];
        template_foot(result, side, &press_feet[side], hints->length_mm[side],
                      &corrections->of[side], foot);
        foot->mask = calloc(grid_cells(&result->grid), sizeof *foot->mask);
        if (!foot->mask)
            return problem_no_memory(why, "the mask of a foot");
    }
    sort_feet(result);
    return 0;
}
