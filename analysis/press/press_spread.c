/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Presses by more than one stud, or by none: a mat, and weight shifted on the bare plate.
 *
 * The picture that counts is what was felt when the button went down, so a picture is followed that
 * lags by a reaction: dL/dt = (p - L) / 0.25 s, which trails a ramp by just that. Without an answer
 * it is each cell's highest lagged pressure: what every zone bore. */
#include "analysis/press/mat_lattice.h"
#include "analysis/press/press_finder_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LAG_S REACTION_FIELD_S
/* Cells from here on count for a zone on the bare plate, if the contact threshold is lower. */
#define FLAT_MIN_KPA 2.0
/* A stud lies in a zone when its tip's middle is at most so far outside, looked at in so many
 * directions: tips are about 11 mm wide. */
#define TIP_RADIUS_MM 4.0
#define RING 8
#define SPREAD_ZONES_MAX 100000

/* --- While it presses ----------------------------------------------------------------------- */

static int begin_pictures(struct press_finder *finder, struct problem *why)
{
    size_t cells = grid_cells(&finder->grid);

    if (!finder->lagged)
        finder->lagged = malloc(cells * sizeof *finder->lagged);
    if (!finder->highest)
        finder->highest = malloc(cells * sizeof *finder->highest);
    return finder->lagged && finder->highest ? 0 : problem_no_memory(why, "a mat's pressures");
}

static void lag(struct press_finder *finder, const struct press_series *series, double time_s,
                const float *kpa)
{
    size_t cells = grid_cells(&finder->grid);

    if (!series->n) {
        memcpy(finder->lagged, kpa, cells * sizeof *kpa);
        memcpy(finder->highest, kpa, cells * sizeof *kpa);
        return;
    }
    float share = (float)(1 - exp((series->samples[series->n - 1].time_s - time_s) / LAG_S));
    for (size_t i = 0; i < cells; i++) {
        finder->lagged[i] += share * (kpa[i] - finder->lagged[i]);
        finder->highest[i] = fmaxf(finder->highest[i], finder->lagged[i]);
    }
}

static double highest_kpa(const struct press_finder *finder, const struct trial *trial,
                          const float *kpa)
{
    const struct press_annotation *said = &trial->said;
    double highest = 0;

    if (said->tool_kind == TOOL_FLAT || !said->stud_known) {
        for (size_t i = 0; i < grid_cells(&finder->grid); i++)
            highest = fmax(highest, (double)kpa[i]);
        return highest;
    }
    struct mat_lattice lattice = mat_lattice_of(&finder->grid, said->stud, said->pitch_mm);
    for (int i = 0; i < lattice.nx * lattice.ny; i++)
        highest = fmax(highest, stud_share_force_n(&finder->grid, mat_lattice_point(&lattice, i),
                                                   said->footprint_cm2, said->pitch_mm, kpa));
    return stud_tip_kpa(highest, said->tip_cm2, said->footprint_factor);
}

int press_spread_frame(struct press_finder *finder, struct trial *trial, double time_s,
                       const float *kpa, struct problem *why)
{
    if (begin_pictures(finder, why))
        return -1;
    lag(finder, &trial->series, time_s, kpa);
    if (press_series_add(&trial->series, time_s, highest_kpa(finder, trial, kpa)))
        return problem_no_memory(why, "the pressure of a press");
    return 0;
}

int press_spread_keep(struct press_finder *finder, struct trial *trial, int at_answer,
                      struct problem *why)
{
    double threshold_kpa = fmin(finder->threshold_kpa, FLAT_MIN_KPA);

    if (!trial->series.n || trial->beside.index)
        return 0;
    return touched_take(&trial->beside, at_answer ? finder->lagged : finder->highest,
                        grid_cells(&finder->grid), threshold_kpa, why);
}

/* --- Afterwards ----------------------------------------------------------------------------- */

struct spread {
    const struct trial *trial;
    struct result *result;
    int index;       /* of the press */
    float *picture;  /* dense */
    float *shares;   /* of a zone's cells */
    double *studs_n; /* force of each stud of the lattice */
    struct mat_lattice lattice;
    struct foot_frame frame; /* of the foot in this press */
    int frame_known;
    const struct foot_result *foot;
    struct problem *why;
};

static int add_zone(struct spread *s, const struct atlas_zone *zone, double weight, double kpa)
{
    struct result *result = s->result;
    size_t n = (size_t)result->n_press_zones;

    if (!(weight > 0) || n >= SPREAD_ZONES_MAX)
        return 0;
    /* Grown at each power of two: the list has no room of its own to remember. */
    if ((n & (n - 1)) == 0) {
        void *grown = realloc(result->press_zones, (n ? 2 * n : 1) * sizeof *result->press_zones);
        if (!grown)
            return problem_no_memory(s->why, "zones under a mat");
        result->press_zones = grown;
    }
    result->press_zones[result->n_press_zones++] =
        (struct press_zone){s->index, s->trial->said.side, zone, fmin(weight, 1), kpa};
    return 0;
}

/* A tip lies in a zone when its middle does, or one of eight places about it. */
static int tip_is_in(const struct spread *s, const struct atlas_zone *zone, struct point at)
{
    for (int i = 0; i <= RING; i++) {
        double turn = 2 * M_PI * i / RING, r = i < RING ? TIP_RADIUS_MM : 0;
        struct point near = {at.x_mm + r * cos(turn), at.y_mm + r * sin(turn)};
        if (atlas_contains(zone, &s->frame, &s->foot->landmarks, foot_frame_to_uv(&s->frame, near)))
            return 1;
    }
    return 0;
}

static int mat_zone(struct spread *s, const struct atlas_zone *zone, double all_n)
{
    const struct press_annotation *said = &s->trial->said;
    double sum = 0, most = 0;

    for (int i = 0; i < s->lattice.nx * s->lattice.ny; i++) {
        if (s->studs_n[i] < MAT_STUD_MIN_N ||
            !tip_is_in(s, zone, mat_lattice_point(&s->lattice, i)))
            continue;
        sum += s->studs_n[i];
        most = fmax(most, s->studs_n[i]);
    }
    return add_zone(s, zone, sum / all_n,
                    stud_tip_kpa(most, said->tip_cm2, said->footprint_factor));
}

static int flat_zone(struct spread *s, const struct atlas_zone *zone, double all_kpa)
{
    const struct grid *grid = &s->result->grid;
    double sum = 0, cells = 0;

    atlas_cell_shares(zone, &s->frame, &s->foot->landmarks, grid, s->shares);
    for (size_t i = 0; i < grid_cells(grid); i++)
        if (s->shares[i] > 0 && s->picture[i] > 0) {
            sum += (double)(s->shares[i] * s->picture[i]);
            cells += (double)s->shares[i];
        }
    return add_zone(s, zone, all_kpa > 0 ? sum / all_kpa : 0, cells > 0 ? sum / cells : NAN);
}

/* The strongest studs first. */
static void name_studs(struct spread *s, double all_n)
{
    struct press *press = &s->result->presses[s->index];
    const struct press_annotation *said = &s->trial->said;

    for (int i = 0; i < s->lattice.nx * s->lattice.ny; i++) {
        struct press_stud stud = {.stud = mat_lattice_point(&s->lattice, i), .place = {NAN, NAN}};
        if (s->studs_n[i] < MAT_STUD_MIN_N)
            continue;
        stud.share = s->studs_n[i] / all_n;
        stud.kpa = stud_tip_kpa(s->studs_n[i], said->tip_cm2, said->footprint_factor);
        if (s->frame_known)
            stud.place = foot_frame_to_uv(&s->frame, stud.stud);
        int at = press->n_studs < PRESS_STUDS_MAX ? press->n_studs++ : PRESS_STUDS_MAX;
        for (; at > 0 && press->studs[at - 1].share < stud.share; at--)
            if (at < PRESS_STUDS_MAX)
                press->studs[at] = press->studs[at - 1];
        if (at < PRESS_STUDS_MAX)
            press->studs[at] = stud;
    }
}

static int judge_mat(struct spread *s)
{
    const struct press_annotation *said = &s->trial->said;
    double all_n = 0;
    int n;

    s->lattice = mat_lattice_of(&s->result->grid, said->stud, said->pitch_mm);
    n = s->lattice.nx * s->lattice.ny;
    s->studs_n = calloc((size_t)n + 1, sizeof *s->studs_n);
    if (!s->studs_n)
        return problem_no_memory(s->why, "the studs of a mat");
    for (int i = 0; i < n; i++) {
        s->studs_n[i] = stud_share_force_n(&s->result->grid, mat_lattice_point(&s->lattice, i),
                                           said->footprint_cm2, said->pitch_mm, s->picture);
        all_n += s->studs_n[i] >= MAT_STUD_MIN_N ? s->studs_n[i] : 0;
    }
    if (!(all_n > 0))
        return 0;
    name_studs(s, all_n);
    const struct atlas *atlas = s->result->atlas;
    for (int i = 0; atlas && s->foot && s->frame_known && i < atlas_count(atlas); i++)
        if (atlas_zone(atlas, i)->is_plantar && mat_zone(s, atlas_zone(atlas, i), all_n))
            return -1;
    return 0;
}

static int judge_flat_plate(struct spread *s)
{
    const struct atlas *atlas = s->result->atlas;
    double all_kpa = 0;

    if (!s->foot || !s->foot->has_load || !atlas)
        return 0;
    s->frame = s->foot->frame;
    for (size_t i = 0; i < grid_cells(&s->result->grid); i++)
        all_kpa += s->foot->mask[i] > 0 ? (double)s->picture[i] : 0;
    for (int i = 0; i < atlas_count(atlas); i++)
        if (atlas_zone(atlas, i)->is_plantar && flat_zone(s, atlas_zone(atlas, i), all_kpa))
            return -1;
    return 0;
}

static void find_frame(const struct press_finder *finder, struct spread *s)
{
    const struct press_annotation *said = &s->trial->said;
    const struct press_cup cup = {said->cup, said->cup_angle_deg};
    struct press_foot_known known = press_foot_of(finder, s->trial, s->result);
    struct press_pose pose;

    for (int i = 0; i < s->result->n_feet; i++)
        if (s->result->feet[i].side == said->side && said->side != SIDE_UNKNOWN)
            s->foot = &s->result->feet[i];
    press_pose_find(&known, said->cup_known ? &cup : NULL, NULL, said->stud, said->footprint_cm2,
                    &pose);
    s->frame = pose.frame;
    s->frame_known = pose.from != PLACE_UNKNOWN && said->side != SIDE_UNKNOWN;
    s->result->presses[s->index].held |= pose.held;
}

int press_spread_judge(const struct press_finder *finder, const struct trial *trial,
                       struct result *result, int index, struct problem *why)
{
    struct spread s = {.trial = trial, .result = result, .index = index, .why = why};
    size_t cells = grid_cells(&finder->grid);
    int failed = 0;

    result->presses[index].place_from = PLACE_FROM_ZONES;
    if (!trial->beside.n)
        return 0;
    s.picture = calloc(cells, sizeof *s.picture);
    s.shares = calloc(cells, sizeof *s.shares);
    if (!s.picture || !s.shares) {
        failed = problem_no_memory(why, "what a mat pressed");
    } else {
        for (int i = 0; i < trial->beside.n; i++)
            s.picture[trial->beside.index[i]] = trial->beside.kpa[i];
        find_frame(finder, &s);
        failed = trial->said.tool_kind == TOOL_FLAT ? judge_flat_plate(&s)
                 : trial->said.stud_known           ? judge_mat(&s)
                                                    : 0;
    }
    free(s.picture);
    free(s.shares);
    free(s.studs_n);
    return failed ? -1 : 0;
}
