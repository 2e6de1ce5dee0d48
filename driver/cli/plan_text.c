/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/plan_text.h"

#include "analysis/report/words.h"
#include "analysis/report/words_made.h"

#include <stdio.h>
#include <string.h>

/* --- Words ----------------------------------------------------------------------------------- */

static void add_words(struct text *out, const struct plan_line *line, const char *words, int number)
{
    char cites[80];

    if (number)
        text_addf(out, "%2d. ", number);
    text_add_made(out, words);
    if (line->seconds_max >= 60 && line->seconds_min < line->seconds_max)
        text_addf(out, ", %g to %g min", line->seconds_min / 60, line->seconds_max / 60);
    else if (line->seconds_max >= 60)
        text_addf(out, ", %g min", line->seconds_max / 60);
    text_addf(out, " %s\n", plan_cites_words(&line->cites, cites, sizeof cites));
}

static void add_line(struct text *out, const struct plan_line *line, int number)
{
    add_words(out, line, line->words, number);
}

static void add_point(struct text *out, const struct massage_plan *plan,
                      const struct plan_point *point)
{
    char words[400];

    text_append(out, "    - ", 6);
    text_add_made(out, massage_plan_point_words(plan, point, words, sizeof words));
    text_append(out, "\n", 1);
}

static void add_points(struct text *out, const struct massage_plan *plan, enum side side)
{
    char words[400];
    int any = 0;

    for (int i = 0; i < plan->n_points; i++)
        if (plan->points[i].side == side) {
            add_point(out, plan, &plan->points[i]);
            any = 1;
        }
    if (any)
        return;
    text_append(out, "    (", 5);
    text_add_made(out, massage_plan_none_words(plan, side, words, sizeof words));
    text_append(out, ")\n", 2);
}

static void add_left_over(struct text *out, const struct massage_plan *plan)
{
    if (!plan->n_queued)
        return;
    text_append(out, "\n", 1);
    text_add(out, "Left over for next time:");
    text_append(out, "\n", 1);
    for (int i = 0; i < plan->n_queued; i++)
        add_point(out, plan, &plan->queued[i]);
}

static void add_list(struct text *out, const char *title, const struct plan_line *lines, int n)
{
    text_append(out, "\n", 1);
    text_add(out, title);
    text_append(out, "\n", 1);
    for (int i = 0; i < n; i++)
        add_line(out, &lines[i], i + 1);
}

void plan_text_flat_foot(struct text *out, const struct plan_rules *rules)
{
    add_line(out, &rules->flat_foot_advice, 0);
    add_list(out, N_("Sequence:"), rules->sequence, rules->n_sequence);
    add_list(out, N_("Stages:"), rules->stages, rules->n_stages);
}

static void add_steps(struct text *out, const struct massage_plan *plan)
{
    const struct plan_rules *rules = plan->rules;
    char words[300];

    for (int i = 0; i < rules->n_steps; i++) {
        const struct plan_line *step = &rules->steps[i];
        add_words(out, step, massage_plan_step_words(plan, step, words, sizeof words), i + 1);
        if (strcmp(step->phase, "zones"))
            continue;
        add_points(out, plan, SIDE_LEFT);
        add_points(out, plan, SIDE_RIGHT);
    }
}

static void add_limits(struct text *out, const struct massage_plan *plan)
{
    char cites[80];

    text_append(out, "\n", 1);
    if (plan->n_excluded) {
        text_addf(out,
                  words_plural("%d zone is left out by the screening.",
                               "%d zones are left out by the screening.",
                               (unsigned long)plan->n_excluded),
                  plan->n_excluded);
        text_append(out, "\n\n", 2);
    }
    text_addf(out, "Points: %.1f min left, %.1f min right; the whole session at most %.0f min.",
              plan->minutes[SIDE_LEFT], plan->minutes[SIDE_RIGHT], plan->minutes[SIDE_UNKNOWN]);
    text_append(out, "\n", 1);
    text_add_made(out, plan->rules->pain_stays.words);
    text_addf(out, " %s\n", plan_cites_words(&plan->rules->pain_stays.cites, cites, sizeof cites));
}

void plan_text(struct text *out, const struct massage_plan *plan)
{
    const struct plan_rules *rules = plan->rules;

    if (!plan->allowed) {
        text_add(out, "No massage plan: ");
        text_add_made(out, plan->why_not);
        text_append(out, ".\n", 2);
        return;
    }
    if (plan->tells_nothing) {
        text_add_made(out, plan->tells_nothing);
        text_append(out, "\n\n", 2);
    }
    add_steps(out, plan);
    add_left_over(out, plan);
    if (plan->standing_only) {
        text_append(out, "\n", 1);
        text_add_made(out, plan->standing_only);
        text_append(out, "\n", 1);
    }
    add_limits(out, plan);
    text_add(out, "Calming: ");
    add_line(out, &rules->calming, 0);
    text_add(out, "Stimulating: ");
    add_line(out, &rules->stimulating, 0);
    if (plan->advise_flat_foot) {
        text_append(out, "\n", 1);
        add_line(out, &rules->flat_foot_advice, 0);
    }
}
