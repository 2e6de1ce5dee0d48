/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/press_feet.h"

#include "analysis/condition.h"
#include "analysis/foot/landmarks.h"
#include "analysis/frame_numbers.h"
#include "driver/pressure_reader.h"
#include "firmware/wire/problem_code.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTACT_KPA 5.0
#define STANDING_SHARE 0.8 /* of the most force so far */
#define GAP_S 0.25         /* a longer one between frames is no time of standing */

struct press_stand {
    struct grid grid;
    double *sum; /* kPa, over n frames */
    size_t n;
    double most_n, stood_s;
    int is_on, has_time;
    uint64_t time_us;
};

/* --- Gathering ------------------------------------------------------------------------------- */

struct press_stand *press_stand_begin(const struct grid *grid, struct problem *why)
{
    struct press_stand *stand = calloc(1, sizeof *stand);
    if (stand) {
        stand->grid = *grid;
        stand->sum = calloc(grid_cells(grid), sizeof *stand->sum);
    }
    if (stand && stand->sum)
        return stand;
    problem_no_memory(why, "a stand");
    press_stand_free(stand);
    return NULL;
}

void press_stand_free(struct press_stand *stand)
{
    if (!stand)
        return;
    free(stand->sum);
    free(stand);
}

static void drop(struct press_stand *stand)
{
    memset(stand->sum, 0, grid_cells(&stand->grid) * sizeof *stand->sum);
    stand->n = 0;
    stand->stood_s = 0;
}

static void pass_time(struct press_stand *stand, uint64_t time_us)
{
    double step_s =
        stand->has_time && time_us > stand->time_us ? (double)(time_us - stand->time_us) * 1e-6 : 0;
    if (stand->is_on && step_s < GAP_S)
        stand->stood_s += step_s;
    stand->time_us = time_us;
    stand->has_time = 1;
}

void press_stand_frame(struct press_stand *stand, uint64_t time_us, const float *kpa)
{
    double force_n = frame_numbers(&stand->grid, kpa, CONTACT_KPA, 0).force_n;
    if (!isfinite(force_n))
        return;
    if (force_n * STANDING_SHARE > stand->most_n)
        drop(stand);
    stand->most_n = fmax(stand->most_n, force_n);
    stand->is_on = force_n >= PRESS_FEET_LEAST_N && force_n >= STANDING_SHARE * stand->most_n;
    pass_time(stand, time_us);
    if (!stand->is_on)
        return;
    for (size_t i = 0; i < grid_cells(&stand->grid); i++)
        stand->sum[i] += (double)kpa[i];
    stand->n++;
}

double press_stand_seconds(const struct press_stand *stand)
{
    return stand->stood_s;
}

int press_stand_is_on(const struct press_stand *stand)
{
    return stand->is_on;
}

/* --- Feet ------------------------------------------------------------------------------------ */

static double length_or(double length_mm)
{
    return length_mm > 0 ? length_mm : ATLAS_LENGTH_MM;
}

static void use_template(enum side side, double length_mm, const char *why, struct press_feet *feet)
{
    feet->foot[side] = (struct route_foot){
        .present = 1,
        .frame = foot_frame_template(side, (struct point){0, 0}, 0, length_or(length_mm)),
        .landmarks = landmarks_template()};
    snprintf(feet->how[side], sizeof feet->how[side], "template of %.0f mm: %s",
             length_or(length_mm), why);
}

void press_feet_template(const double length_mm[3], struct press_feet *feet)
{
    *feet = (struct press_feet){0};
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        use_template((enum side)side, length_mm[side], "no stand was asked for", feet);
}

static int measured_landmarks(const struct landmarks *landmarks)
{
    int n = 0;
    for (int i = 0; i < LANDMARK_COUNT; i++)
        n += landmarks->of[i].measured != 0;
    return n;
}

static int take_foot(const struct foot_print *print, const struct found_foot *found,
                     double length_mm, struct press_feet *feet, struct problem *why)
{
    struct print_frame made;
    enum side side = found->side;
    if (side == SIDE_UNKNOWN || feet->foot[side].present)
        return 0;
    if (frame_from_print(print, found, length_mm, &made, why))
        return -1;
    struct route_foot *foot = &feet->foot[side];
    foot->present = feet->measured[side] = 1;
    foot->frame = made.frame;
    foot->frame.side = side;
    foot->landmarks = landmarks_from_print(print, &foot->frame);
    const struct foot_reach_input seen = {.print = print,
                                          .frame = &foot->frame,
                                          .landmarks = &foot->landmarks,
                                          .is_part = found->is_part,
                                          .off_edge = found->off_edge,
                                          .toes_touch = made.toes_touch,
                                          .length_is_measured = made.length_is_measured,
                                          .length_given = length_mm > 0};
    const struct foot_reach reach = foot_reach_of(&seen);
    foot->reach = reach;
    snprintf(feet->how[side], sizeof feet->how[side],
             "measured: %.0f mm, %d of %d landmarks seen, side %.0f %% sure%s%s",
             made.frame.length_mm, measured_landmarks(&foot->landmarks), LANDMARK_COUNT,
             100 * found->side_confidence, reach.is_limited ? "; not all is pressed: " : "",
             reach.why);
    return 0;
}

/* One foot alone tells the shape of the other. */
static void mirror(enum side side, double length_mm, struct press_feet *feet)
{
    enum side other = side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT;
    if (feet->foot[side].present)
        return;
    use_template(side, length_mm > 0 ? length_mm : feet->foot[other].frame.length_mm,
                 "this foot was not seen standing", feet);
}

static int look(const struct press_stand *stand, const float *picture, const double length_mm[3],
                struct press_feet *feet, struct problem *why)
{
    struct foot_hints hints = {0};
    struct found_feet found;
    int bad = 0;
    memcpy(hints.length_mm, length_mm, sizeof hints.length_mm);
    if (foot_finder(&stand->grid, picture, CONTACT_KPA, &hints, &found, why))
        return -1;
    for (int i = 0; !bad && i < found.n; i++) {
        struct foot_print print = {.grid = &stand->grid,
                                   .picture = picture,
                                   .label = found.label,
                                   .value = (uint8_t)(i + 1),
                                   .threshold_kpa = CONTACT_KPA};
        bad = take_foot(&print, &found.foot[i], length_mm[found.foot[i].side], feet, why);
    }
    if (!bad && !feet->foot[SIDE_LEFT].present && !feet->foot[SIDE_RIGHT].present)
        bad = problem_coded(why, PROBLEM_CODE_NO_FOOT, PROBLEM_REFUSED,
                            "no foot was found in the stand: %s",
                            found.n ? "left and right cannot be told apart" : found.no_foot_reason);
    found_feet_free(&found);
    return bad ? -1 : 0;
}

int press_stand_finish(struct press_stand *stand, const double length_mm[3],
                       struct press_feet *feet, struct problem *why)
{
    *feet = (struct press_feet){.stood_s = stand->stood_s};
    if (!stand->n || stand->stood_s < PRESS_FEET_LEAST_S)
        return problem_coded(
            why, PROBLEM_CODE_NOT_STOOD, PROBLEM_REFUSED,
            "somebody stood on the plate for %.1f s (%g N or more); %g s are needed to "
            "see the feet",
            stand->stood_s, PRESS_FEET_LEAST_N, PRESS_FEET_LEAST_S);
    float *picture = malloc(grid_cells(&stand->grid) * sizeof *picture);
    if (!picture)
        return problem_no_memory(why, "a stand's picture");
    for (size_t i = 0; i < grid_cells(&stand->grid); i++)
        picture[i] = (float)(stand->sum[i] / (double)stand->n);
    int bad = look(stand, picture, length_mm, feet, why);
    free(picture);
    if (bad)
        return -1;
    mirror(SIDE_LEFT, length_mm[SIDE_LEFT], feet);
    mirror(SIDE_RIGHT, length_mm[SIDE_RIGHT], feet);
    return 0;
}

/* --- From a recording ------------------------------------------------------------------------ */

/* 1 or 0 when an annotation begins or ends standing, else as it was. */
static int standing_after(const struct pressure_item *item, int is_standing)
{
    json_t *note = json_loadb(item->json, item->n_json, 0, NULL);
    const char *step = json_string_value(json_object_get(note, "step"));
    if (step)
        is_standing = !strcmp(step, "stand");
    json_decref(note);
    return is_standing;
}

static int gather(struct pressure_reader *reader, struct press_stand *stand, struct problem *why)
{
    struct pressure_item item;
    const char *protocol = pressure_reader_header(reader)->protocol;
    int is_standing = protocol_is_stand(protocol), more;
    while ((more = pressure_reader_next(reader, &item, why)) == 1) {
        if (item.kind == PRESSURE_ANNOTATION)
            is_standing = standing_after(&item, is_standing);
        if (item.kind == PRESSURE_FRAME && is_standing && !item.late && !item.untared)
            press_stand_frame(stand, item.time_us, item.kpa);
    }
    return more;
}

int press_feet_load(const char *path, const double length_mm[3], struct press_feet *feet,
                    struct problem *why)
{
    struct pressure_reader *reader = pressure_reader_open(path, NULL, why);
    if (!reader)
        return -1;
    const struct recording_header *h = pressure_reader_header(reader);
    struct grid grid = {h->rows, h->cols, h->pitch_x_mm, h->pitch_y_mm};
    struct press_stand *stand = press_stand_begin(&grid, why);
    struct problem inner;
    int bad = !stand || gather(reader, stand, why);
    if (!bad && press_stand_finish(stand, length_mm, feet, &inner))
        bad = problem(why, inner.kind, "%.200s: %s", path, inner.text);
    press_stand_free(stand);
    pressure_reader_close(reader);
    return bad ? -1 : 0;
}
