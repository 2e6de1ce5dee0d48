/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/cohort_feet.h"
#include "analysis/atlas/atlas.h"
#include "analysis/foot/landmarks.h"
#include "samples/foot_picture.h"
#include "samples/threshold_field.h"
#include "samples/visit.h"
#include "tests/cohort/cohort_plate.h"
#include "tests/cohort/cohort_score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define THRESHOLD_KPA 5.0 /* contact, the analysis' default */
#define SCANS 6           /* of the mean picture, 2 s apart */
#define LARGE_MM 12.9     /* smaller half-axis of a large zone: 13 mm in whole mm */
#define LARGE_STRIP_MM 10.0
#define TOUCH_MM 6.0 /* a landmark touches when there is contact so near */

/* --- What the station sees ------------------------------------------------------------------ */

static int add_foot(const struct cohort_person *person, int i, const struct grid *grid, float *kpa,
                    struct problem *why)
{
    const struct subject *subject = &person->subject;
    const struct subject_foot *foot = &subject->feet[i];
    struct foot_frame frame = foot_picture_frame(foot, foot->heel, foot->angle_deg);
    struct foot_picture picture;
    double share = subject->n_feet == 1      ? 1
                   : foot->side == SIDE_LEFT ? subject->left_share
                                             : 1 - subject->left_share;
    double newton = subject->person.body_mass_kg * GRAVITY_M_S2 * share;
    if (foot_picture_stand(&picture, foot, &frame, grid, subject->fore_share, NULL, NULL, why))
        return -1;
    for (size_t k = 0; k < picture.n; k++)
        kpa[picture.cells[k].index] +=
            (float)(newton * (double)picture.cells[k].newton / grid_newton_per_kpa(grid));
    foot_picture_free(&picture);
    return 0;
}

int cohort_stand(const struct cohort_person *person, uint64_t seed, float *kpa, struct problem *why)
{
    struct grid grid = cohort_plate_grid(&person->subject.plate);
    size_t n = grid_cells(&grid);
    struct cohort_plate *plate = cohort_plate_begin(&person->subject.plate, seed, why);
    float *truth = calloc(n, sizeof *truth), *read = calloc(n, sizeof *read);
    int result = -1;
    if (!plate)
        goto out;
    if (!truth || !read) {
        problem_no_memory(why, "a stand");
        goto out;
    }
    for (int i = 0; i < person->subject.n_feet; i++)
        if (add_foot(person, i, &grid, truth, why))
            goto out;
    memset(kpa, 0, n * sizeof *kpa);
    for (int scan = 0; scan < SCANS; scan++) {
        memcpy(read, truth, n * sizeof *read);
        cohort_plate_read(plate, 1000000 + (uint64_t)scan * 2000000, read);
        for (size_t i = 0; i < n; i++)
            kpa[i] += read[i] / SCANS;
    }
    result = 0;
out:
    free(truth);
    free(read);
    cohort_plate_free(plate);
    return result;
}

/* --- Landmarks and zones -------------------------------------------------------------------- */

struct feet {
    const struct cohort_person *person;
    const struct atlas *atlas;
    struct grid grid;
    const float *kpa;
};

static double distance(struct point a, struct point b)
{
    return hypot(a.x_mm - b.x_mm, a.y_mm - b.y_mm);
}

static int touches(const struct feet *f, struct point at)
{
    for (double dy = -TOUCH_MM; dy <= TOUCH_MM; dy += TOUCH_MM)
        for (double dx = -TOUCH_MM; dx <= TOUCH_MM; dx += TOUCH_MM) {
            int col = (int)floor((at.x_mm + dx) / f->grid.pitch_x_mm);
            int row = (int)floor((at.y_mm + dy) / f->grid.pitch_y_mm);
            if (row >= 0 && col >= 0 && row < f->grid.rows && col < f->grid.cols &&
                (double)f->kpa[row * f->grid.cols + col] >= THRESHOLD_KPA)
                return 1;
        }
    return 0;
}

struct shape {
    struct foot_frame frame;
    struct landmarks landmarks;
};

static void score_landmarks(const struct feet *f, const struct shape *truth,
                            const struct shape *seen, struct foot_score *score)
{
    for (int i = 0; i < LANDMARK_COUNT; i++) {
        struct point wanted = foot_frame_to_plate(&truth->frame, truth->landmarks.of[i].at);
        struct point got = foot_frame_to_plate(&seen->frame, seen->landmarks.of[i].at);
        score->mark_touches[i] = touches(f, wanted);
        if (seen->landmarks.of[i].measured)
            score->mark_error_mm[i] = distance(wanted, got);
    }
}

/* By the template's measures, so that a zone is large on every foot or on none. */
static int is_large(const struct atlas_zone *zone)
{
    const struct zone_shape *shape = &zone->shape;
    if (shape->kind == ZONE_STRIP)
        return shape->half_width_mm >= LARGE_STRIP_MM;
    double across = shape->half.v * (54.1 + 62.0 * shape->centre.u);
    return fmin(shape->half.u * ATLAS_LENGTH_MM, across) >= LARGE_MM;
}

static void score_zones(const struct feet *f, const struct shape *truth, const struct shape *seen,
                        struct foot_score *score)
{
    struct point a[ATLAS_OUTLINE_MAX], b[ATLAS_OUTLINE_MAX];
    for (int i = 0; i < atlas_count(f->atlas); i++) {
        const struct atlas_zone *zone = atlas_zone(f->atlas, i);
        if (!zone_has_middle(zone))
            continue;
        int na = atlas_outline(zone, &truth->frame, &truth->landmarks, a, ATLAS_OUTLINE_MAX);
        int nb = atlas_outline(zone, &seen->frame, &seen->landmarks, b, ATLAS_OUTLINE_MAX);
        if (na < 3 || nb < 3)
            continue;
        if (is_large(zone) && score->n_large < COHORT_ZONES_MAX)
            score->dice[score->n_large++] = score_dice(a, na, b, nb, 1);
        else if (!is_large(zone) && score->n_small < COHORT_ZONES_MAX)
            score->centre_error_mm[score->n_small++] =
                distance(score_centroid(a, na), score_centroid(b, nb));
    }
}

/* --- One foot ------------------------------------------------------------------------------- */

static struct shape true_shape(const struct subject_foot *foot)
{
    return (struct shape){foot_picture_frame(foot, foot->heel, foot->angle_deg),
                          foot_build_landmarks(&foot->build)};
}

/* The share of a foot's rim-to-rim length that lies on the plate, looked at along its axis. */
static int is_whole(const struct feet *f, const struct subject_foot *foot)
{
    struct foot_frame frame = foot_picture_frame(foot, foot->heel, foot->angle_deg);
    double wide = f->grid.cols * f->grid.pitch_x_mm, deep = f->grid.rows * f->grid.pitch_y_mm;
    for (double u = 0.02; u < 1; u += 0.05)
        for (double v = 0.05; v < 1; v += 0.3) {
            struct point at = foot_frame_to_plate(&frame, (struct uv){u, v});
            if (at.x_mm < 0 || at.y_mm < 0 || at.x_mm > wide || at.y_mm > deep)
                return 0;
        }
    return foot->build.cut_u <= 0;
}

/* Which found foot covers most of the truth's middle line: -1 when none does. */
static int match(const struct feet *f, const struct found_feet *found, const struct shape *truth)
{
    int hits[2] = {0};
    for (double u = 0.03; u < 0.99; u += 0.02)
        for (double v = 0.2; v < 0.9; v += 0.15) {
            struct point at = foot_frame_to_plate(&truth->frame, (struct uv){u, v});
            int col = (int)floor(at.x_mm / f->grid.pitch_x_mm);
            int row = (int)floor(at.y_mm / f->grid.pitch_y_mm);
            if (row < 0 || col < 0 || row >= f->grid.rows || col >= f->grid.cols)
                continue;
            int label = found->label[row * f->grid.cols + col];
            if (label >= 1 && label <= 2)
                hits[label - 1]++;
        }
    if (hits[0] + hits[1] < 20)
        return -1;
    return hits[1] > hits[0];
}

static double turn_between(double a, double b)
{
    return fabs(remainder(a - b, 360));
}

static double trouble_of(const struct foot_score *score)
{
    double worst = 0;
    if (!score->found)
        return 1000;
    for (int i = 0; i < LANDMARK_COUNT; i++)
        if (!isnan(score->mark_error_mm[i]))
            worst = fmax(worst, score->mark_error_mm[i]);
    double side = score->right ? 0 : score->stated ? 600 * score->side_confidence : 300;
    return side + 5 * fmin(score->axis_error_deg, 60) + worst;
}

static int score_foot(const struct feet *f, const struct found_feet *found, int i,
                      struct foot_score *score, struct problem *why)
{
    const struct subject_foot *foot = &f->person->subject.feet[i];
    struct shape truth = true_shape(foot), seen;
    int k = match(f, found, &truth);
    score->present = 1;
    score->pose = f->person->pose;
    score->traits = f->person->traits[i];
    score->whole = is_whole(f, foot);
    for (int m = 0; m < LANDMARK_COUNT; m++)
        score->mark_error_mm[m] = NAN;
    score->axis_error_deg = score->length_error_mm = NAN;
    score->found = k >= 0;
    if (k >= 0) {
        const struct found_foot *one = &found->foot[k];
        struct foot_print print = {&f->grid, f->kpa, found->label, (uint8_t)(k + 1), THRESHOLD_KPA};
        struct print_frame shape;
        double told = f->person->length_told ? foot->length_mm : 0;
        if (frame_from_print(&print, one, told, &shape, why))
            return -1;
        seen.frame = shape.frame;
        seen.landmarks = landmarks_from_print(&print, &seen.frame);
        score->stated = one->side != SIDE_UNKNOWN;
        score->right = one->side == foot->side;
        score->side_confidence = one->side_confidence;
        score->axis_error_deg = turn_between(seen.frame.angle_deg, truth.frame.angle_deg);
        score->length_error_mm = shape.length_mm - foot->length_mm;
        if (score->whole) {
            score_landmarks(f, &truth, &seen, score);
            score_zones(f, &truth, &seen, score);
        }
    }
    score->trouble = trouble_of(score);
    return 0;
}

int cohort_feet(const struct cohort_person *person, const struct atlas *atlas, uint64_t seed,
                struct feet_score *score, struct problem *why)
{
    struct grid grid = cohort_plate_grid(&person->subject.plate);
    float *kpa = calloc(grid_cells(&grid), sizeof *kpa);
    struct feet f = {person, atlas, grid, kpa};
    struct foot_hints hints = {0};
    struct found_feet found = {0};
    int result = -1;
    *score = (struct feet_score){.n_true = person->subject.n_feet, .cell_mm = person->cell_mm};
    for (int i = 0; i < person->subject.n_feet && person->length_told; i++)
        hints.length_mm[person->subject.feet[i].side] = person->subject.feet[i].length_mm;
    if (!kpa) {
        problem_no_memory(why, "a stand");
        goto out;
    }
    if (cohort_stand(person, seed, kpa, why) ||
        foot_finder(&grid, kpa, THRESHOLD_KPA, &hints, &found, why))
        goto out;
    score->n_found = found.n;
    for (int i = 0; i < person->subject.n_feet; i++)
        if (score_foot(&f, &found, i, &score->foot[i], why))
            goto out;
    result = 0;
out:
    found_feet_free(&found);
    free(kpa);
    return result;
}

/* --- For the press test --------------------------------------------------------------------- */

static int take_feet(const struct feet *f, const struct found_feet *found, struct route_foot *feet,
                     struct problem *why)
{
    for (int k = 0; k < found->n; k++) {
        const struct found_foot *one = &found->foot[k];
        struct foot_print print = {&f->grid, f->kpa, found->label, (uint8_t)(k + 1), THRESHOLD_KPA};
        const struct subject_foot *foot = subject_foot_of(&f->person->subject, one->side);
        struct print_frame shape;
        if (!foot)
            continue;
        double told = f->person->length_told ? foot->length_mm : 0;
        if (frame_from_print(&print, one, told, &shape, why))
            return -1;
        struct route_foot *seen = &feet[one->side];
        *seen = (struct route_foot){.present = 1,
                                    .frame = shape.frame,
                                    .landmarks = landmarks_from_print(&print, &shape.frame)};
        const struct foot_reach_input input = {.print = &print,
                                               .frame = &seen->frame,
                                               .landmarks = &seen->landmarks,
                                               .is_part = one->is_part,
                                               .off_edge = one->off_edge,
                                               .toes_touch = shape.toes_touch,
                                               .length_is_measured = shape.length_is_measured,
                                               .length_given = told > 0};
        seen->reach = foot_reach_of(&input);
    }
    return 0;
}

int cohort_measure(const struct cohort_person *person, uint64_t seed, struct route_foot feet[3],
                   float *kpa, struct problem *why)
{
    struct grid grid = cohort_plate_grid(&person->subject.plate);
    struct feet f = {person, NULL, grid, kpa};
    struct foot_hints hints = {.feet = {SIDE_LEFT, SIDE_RIGHT}, .n_feet = 2};
    struct found_feet found = {0};
    int result = -1;
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        const struct subject_foot *foot = subject_foot_of(&person->subject, (enum side)side);
        hints.length_mm[side] = foot && person->length_told ? foot->length_mm : 0;
        feet[side] =
            (struct route_foot){.present = 1,
                                .frame = foot_frame_template((enum side)side, (struct point){0, 0},
                                                             0, foot ? foot->length_mm : 250),
                                .landmarks = landmarks_template()};
    }
    if (!cohort_stand(person, seed, kpa, why) &&
        !foot_finder(&grid, kpa, THRESHOLD_KPA, &hints, &found, why))
        result = take_feet(&f, &found, feet, why);
    found_feet_free(&found);
    return result;
}
