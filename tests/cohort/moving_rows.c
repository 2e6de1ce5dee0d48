/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/cohort_moving.h"
#include "tests/cohort/heap.h"

#include "samples/things.h"

#include <math.h>
#include <stdio.h>

static const struct aim told = {AIM_NONE, 0, 0}, never = {AIM_NEVER, 0, 0};

static void share_row(struct table *table, const char *key, const char *words, int hits, int n,
                      struct aim aim)
{
    table_row(table, key, words, score_share((size_t)hits, (size_t)n), UNIT_PERCENT, aim);
}

static void rows_of_shifts(struct table *table, const struct moving_score *people, int n,
                           uint64_t seed)
{
    struct moving_score sum = {0};
    struct heap way = {0}, axis = {0};
    int wrongly = 0;
    for (int i = 0; i < n; i++) {
        const struct moving_score *one = &people[i];
        if (!one->shifted)
            continue;
        sum.shifted++;
        sum.is_followed += one->is_followed;
        wrongly += one->false_moves > 0;
        sum.feet += one->feet;
        sum.stated += one->stated;
        sum.right += one->right;
        sum.sure_and_wrong += one->sure_and_wrong;
        if (one->is_followed)
            heap_add(&way, fabs(one->way_error_mm), i);
        for (int f = 0; f < 2; f++)
            heap_add(&axis, one->axis_error_deg[f], i);
    }
    share_row(table, "shift_followed", "a foot set 15 to 50 mm elsewhere: followed, of those moved",
              sum.is_followed, sum.shifted, told);
    table_row(table, "shift_way", "its way, error: median", heap_quantile(&way, 0.5, seed), UNIT_MM,
              told);
    share_row(table, "shift_false", "people of whom a move is told that was none (weight shifted)",
              wrongly, sum.shifted, told);
    share_row(table, "shift_side_right", "after it: side right, of the sides stated", sum.right,
              sum.stated, (struct aim){AIM_AT_LEAST, 0.995, 0});
    share_row(table, "shift_sure_and_wrong", "after it: side wrong with a confidence above 0.9",
              sum.sure_and_wrong, sum.feet, never);
    share_row(table, "shift_not_stated", "after it: side not stated", sum.feet - sum.stated,
              sum.feet, told);
    table_row(table, "shift_axis_median", "after it: long axis, error: median",
              heap_quantile(&axis, 0.5, seed), UNIT_DEG, (struct aim){AIM_AT_MOST, 2, 0});
    heap_free(&way);
    heap_free(&axis);
}

static void rows_of_walks(struct table *table, const struct moving_score *people, int n)
{
    struct moving_score sum = {0};
    for (int i = 0; i < n; i++) {
        sum.steps += people[i].steps;
        sum.steps_found += people[i].steps_found;
        sum.steps_stated += people[i].steps_stated;
        sum.steps_right += people[i].steps_right;
        sum.steps_sure_and_wrong += people[i].steps_sure_and_wrong;
    }
    share_row(table, "walk_steps_found", "steps of a walk found, of those made", sum.steps_found,
              sum.steps, told);
    share_row(table, "walk_side_right", "their side right, of the sides stated", sum.steps_right,
              sum.steps_stated, (struct aim){AIM_AT_LEAST, 0.995, 0});
    share_row(table, "walk_sure_and_wrong", "their side wrong with a confidence above 0.9",
              sum.steps_sure_and_wrong, sum.steps, never);
    share_row(table, "walk_not_stated", "their side not stated (step not found among them)",
              sum.steps - sum.steps_stated, sum.steps, told);
}

static void rows_of_things(struct table *table, const struct moving_score *people, int n)
{
    int all = 0, sided = 0, surely = 0;
    for (int kind = THING_HAND; kind <= THING_BOX; kind++) {
        int things = 0, refused = 0;
        char key[64], words[100];
        for (int i = 0; i < n; i++) {
            if (people[i].thing != 1 + kind)
                continue;
            things++;
            refused += people[i].is_refused;
            sided += people[i].is_sided;
            surely += people[i].is_surely_sided;
        }
        const char *name = thing_name((enum thing_kind)kind);
        snprintf(key, sizeof key, "refused_%s", name);
        snprintf(words, sizeof words, "a %s on the plate: refused as no foot, with a reason", name);
        share_row(table, key, words, refused, things, told);
        all += things;
    }
    share_row(table, "thing_sided", "hand, bag or box taken for a left or right foot", sided, all,
              told);
    share_row(table, "thing_surely_sided", "the same with a confidence above 0.9", surely, all,
              never);
}

/* Of people without a planted zone, who spare nothing: any sign is false. Apart: of those whose
 * feet are two and alike, since a missing toe or the plate's edge makes a foot differ as guarding
 * does. */
static void rows_of_signs(struct table *table, const struct moving_score *people, int n)
{
    int stood = 0, alike = 0, guarding = 0, alike_guarding = 0, withdrawing = 0;
    for (int i = 0; i < n; i++) {
        const struct moving_score *one = &people[i];
        if (!one->stood)
            continue;
        stood++;
        alike += one->is_alike;
        guarding += one->guards > 0;
        alike_guarding += one->is_alike && one->guards > 0;
        withdrawing += one->withdraws > 0;
    }
    share_row(table, "false_guarding", "12 s of standing, nothing tender: any sign of guarding",
              guarding, stood, (struct aim){AIM_AT_MOST, 0.05, 0});
    share_row(table, "false_guarding_alike",
              "the same, of those with two whole feet that are alike", alike_guarding, alike, told);
    share_row(table, "false_withdrawal", "12 s of standing, nothing tender: any sign of withdrawal",
              withdrawing, stood, told);
}

void moving_rows(struct table *table, const struct moving_score *people, int n, uint64_t seed)
{
    table_section(table, "Feet that shift, walk, or are none");
    rows_of_shifts(table, people, n, seed);
    rows_of_walks(table, people, n);
    rows_of_things(table, people, n);
    table_section(table, "Signs of behaviour");
    rows_of_signs(table, people, n);
}
