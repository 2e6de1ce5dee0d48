/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/feet_rows.h"
#include "tests/cohort/heap.h"

#include <math.h>
#include <stdio.h>

/* Counts of sides among feet that a condition picks. */
struct sides {
    size_t feet, stated, right, sure_and_wrong;
};

static void count_side(struct sides *sides, const struct foot_score *foot)
{
    sides->feet++;
    if (!foot->found || !foot->stated)
        return;
    sides->stated++;
    sides->right += (size_t)foot->right;
    sides->sure_and_wrong += (size_t)(!foot->right && foot->side_confidence > 0.9);
}

typedef int foot_filter(const struct feet_score *person, const struct foot_score *foot, int which);

static int any_foot(const struct feet_score *person, const struct foot_score *foot, int which)
{
    (void)person;
    (void)which;
    return foot->present;
}

static int foot_of_pose(const struct feet_score *person, const struct foot_score *foot, int which)
{
    (void)person;
    return foot->present && (int)foot->pose == which;
}

static int foot_of_trait(const struct feet_score *person, const struct foot_score *foot, int which)
{
    (void)person;
    return foot->present && (foot->traits >> which & 1u);
}

static int foot_of_cells(const struct feet_score *person, const struct foot_score *foot, int which)
{
    return foot->present && (int)person->cell_mm == which;
}

struct gathered {
    struct sides sides;
    struct heap axis, marks, dice, centre;
    size_t marks_all, marks_measured, touching, touching_measured;
};

static void gather_foot(struct gathered *g, const struct foot_score *foot, int person)
{
    count_side(&g->sides, foot);
    heap_add(&g->axis, foot->axis_error_deg, person);
    if (!foot->whole)
        return;
    for (int m = 0; m < LANDMARK_COUNT; m++) {
        int measured = foot->found && !isnan(foot->mark_error_mm[m]);
        g->marks_all++;
        g->marks_measured += (size_t)measured;
        g->touching += (size_t)foot->mark_touches[m];
        g->touching_measured += (size_t)(foot->mark_touches[m] && measured);
        heap_add(&g->marks, foot->mark_error_mm[m], person);
    }
    for (int k = 0; k < foot->n_large; k++)
        heap_add(&g->dice, foot->dice[k], person);
    for (int k = 0; k < foot->n_small; k++)
        heap_add(&g->centre, foot->centre_error_mm[k], person);
}

static void gather(struct gathered *g, const struct feet_score *people, int n, foot_filter *wanted,
                   int which)
{
    *g = (struct gathered){0};
    for (int i = 0; i < n; i++)
        for (int f = 0; f < 2; f++)
            if (wanted(&people[i], &people[i].foot[f], which))
                gather_foot(g, &people[i].foot[f], i);
}

static void gathered_free(struct gathered *g)
{
    heap_free(&g->axis);
    heap_free(&g->marks);
    heap_free(&g->dice);
    heap_free(&g->centre);
}

static void rows_of_sides(struct table *table, const struct sides *sides)
{
    table_row(table, "side_right", "side right, of the sides stated",
              score_share(sides->right, sides->stated), UNIT_PERCENT,
              (struct aim){AIM_AT_LEAST, 0.995, 0});
    table_row(table, "side_sure_and_wrong", "side wrong with a confidence above 0.9",
              score_share(sides->sure_and_wrong, sides->feet), UNIT_PERCENT,
              (struct aim){AIM_NEVER, 0, 0});
    table_row(table, "side_not_stated", "side not stated (foot not found among them)",
              score_share(sides->feet - sides->stated, sides->feet), UNIT_PERCENT,
              (struct aim){AIM_AT_MOST, 0.05, 0});
}

static void rows_of_shape(struct table *table, const struct gathered *g, uint64_t seed)
{
    table_row(table, "axis_median", "long axis, error: median", heap_quantile(&g->axis, 0.5, seed),
              UNIT_DEG, (struct aim){AIM_AT_MOST, 2, 0});
    table_row(table, "axis_p95", "long axis, error: 95th percentile",
              heap_quantile(&g->axis, 0.95, seed), UNIT_DEG, (struct aim){AIM_AT_MOST, 5, 0});
    table_row(table, "marks_measured", "landmarks measured, of all of whole feet",
              score_share(g->marks_measured, g->marks_all), UNIT_PERCENT,
              (struct aim){AIM_AT_LEAST, 0.85, 0});
    table_row(table, "marks_measured_touching", "landmarks measured, of those in contact",
              score_share(g->touching_measured, g->touching), UNIT_PERCENT,
              (struct aim){AIM_NONE, 0, 0});
    table_row(table, "marks_median", "measured landmarks, error: median",
              heap_quantile(&g->marks, 0.5, seed), UNIT_MM, (struct aim){AIM_AT_MOST, 4, 0});
    table_row(table, "marks_p95", "measured landmarks, error: 95th percentile",
              heap_quantile(&g->marks, 0.95, seed), UNIT_MM, (struct aim){AIM_AT_MOST, 10, 0});
    table_row(table, "zones_dice", "overlap (Dice) of large zones: median",
              heap_quantile(&g->dice, 0.5, seed), UNIT_NUMBER, (struct aim){AIM_AT_LEAST, 0.8, 0});
    table_row(table, "zones_centre", "centre of smaller zones, error: median",
              heap_quantile(&g->centre, 0.5, seed), UNIT_MM, (struct aim){AIM_AT_MOST, 5, 0});
}

/* One line a class: how many sides are right among its feet, and how well the axis lies. */
static void rows_of_class(struct table *table, const struct feet_score *people, int n,
                          foot_filter *wanted, int which, const char *name, uint64_t seed)
{
    struct gathered g;
    char key[64], words[100];
    const struct aim told = {AIM_NONE, 0, 0};
    gather(&g, people, n, wanted, which);
    snprintf(key, sizeof key, "side_right_%s", name);
    snprintf(words, sizeof words, "%s: side right, of all feet", name);
    table_row(table, key, words, score_share(g.sides.right, g.sides.feet), UNIT_PERCENT, told);
    snprintf(key, sizeof key, "axis_p95_%s", name);
    snprintf(words, sizeof words, "%s: long axis, 95th percentile", name);
    table_row(table, key, words, heap_quantile(&g.axis, 0.95, seed), UNIT_DEG, told);
    snprintf(key, sizeof key, "marks_measured_%s", name);
    snprintf(words, sizeof words, "%s: landmarks measured", name);
    table_row(table, key, words, score_share(g.marks_measured, g.marks_all), UNIT_PERCENT, told);
    snprintf(key, sizeof key, "marks_median_%s", name);
    snprintf(words, sizeof words, "%s: landmarks' error, median", name);
    table_row(table, key, words, heap_quantile(&g.marks, 0.5, seed), UNIT_MM, told);
    gathered_free(&g);
}

static void rows_of_marks(struct table *table, const struct feet_score *people, int n,
                          uint64_t seed)
{
    for (int m = 0; m < LANDMARK_COUNT; m++) {
        struct heap errors = {0};
        size_t all = 0;
        char key[64], words[100];
        for (int i = 0; i < n; i++)
            for (int f = 0; f < 2; f++)
                if (people[i].foot[f].present && people[i].foot[f].whole) {
                    all++;
                    heap_add(&errors, people[i].foot[f].mark_error_mm[m], i);
                }
        const char *name = landmark_name((enum landmark_id)m);
        snprintf(key, sizeof key, "mark_%s_median", name);
        snprintf(words, sizeof words, "%s: measured in %.0f %%; error: median", name,
                 all ? 100.0 * (double)errors.n / (double)all : 0);
        table_row(table, key, words, heap_quantile(&errors, 0.5, seed), UNIT_MM,
                  (struct aim){AIM_NONE, 0, 0});
        heap_free(&errors);
    }
}

void feet_rows(struct table *table, const struct feet_score *people, int n, uint64_t seed)
{
    struct gathered g;
    gather(&g, people, n, any_foot, 0);
    table_section(table, "Feet");
    rows_of_sides(table, &g.sides);
    rows_of_shape(table, &g, seed);
    gathered_free(&g);
    table_section(table, "Feet by how people stand");
    for (int pose = 0; pose < COHORT_POSES; pose++)
        rows_of_class(table, people, n, foot_of_pose, pose,
                      cohort_pose_name((enum cohort_pose)pose), seed);
    table_section(table, "Feet by kind");
    for (int bit = 0; bit < COHORT_TRAITS; bit++)
        rows_of_class(table, people, n, foot_of_trait, bit, cohort_trait_name(bit), seed);
    rows_of_class(table, people, n, foot_of_cells, 5, "cells of 5 mm", seed);
    rows_of_class(table, people, n, foot_of_cells, 8, "cells of 8 mm", seed);
    table_section(table, "Landmarks");
    rows_of_marks(table, people, n, seed);
}
