/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/report_plan.h"

#include "analysis/report/words_made.h"

#include <stdlib.h>
#include <string.h>

const char report_plan_title[] = "Massage plan that the articles suggest, for relaxation";
const char report_plan_note[] =
    "In brackets article and line. By the flags and the screening of this recording; before any "
    "massage ask the screening questions again. Stop where it hurts.";

static int forbids(const struct screening_line *line)
{
    int is_open_doc = !strcmp(line->effect, "DOC") && !strstr(line->words, "Agreed by");

    return is_open_doc || !strncmp(line->effect, "STOP", 4);
}

/* What the recording keeps of the screening; zones that it excludes are among the result's. */
static void take_screening(const struct result *result, struct screening *screening)
{
    *screening = (struct screening){.age_years = -1,
                                    .is_female = result->subject_sex == STATED_FEMALE,
                                    .plan_allowed = {1, 1, 1}};
    for (int i = 0; i < result->screening.n_lines; i++) {
        const struct screening_line *line = &result->screening.lines[i];
        if (!forbids(line))
            continue;
        screening->plan_allowed[line->side] = 0;
        if (line->side == SIDE_UNKNOWN)
            screening->plan_allowed[SIDE_LEFT] = screening->plan_allowed[SIDE_RIGHT] = 0;
    }
    screening->plan_allowed[SIDE_UNKNOWN] =
        screening->plan_allowed[SIDE_LEFT] || screening->plan_allowed[SIDE_RIGHT];
}

static int make(const struct result *result, struct report_plan *plan, struct problem *why)
{
    struct plan_options options = {.short_form = 0};
    struct screening *screening = malloc(sizeof *screening);
    int bad;

    if (!screening)
        return problem_no_memory(why, "the massage plan");
    take_screening(result, screening);
    plan->rules = plan_rules_load(NULL, why);
    bad = !plan->rules ||
          (screening->plan_allowed[SIDE_UNKNOWN] &&
           massage_plan_make(&plan->plan, plan->rules, result, screening, &options, why));
    free(screening);
    return bad ? -1 : 0;
}

int report_plan_make(const struct result *result, struct report_plan **plan, struct problem *why)
{
    *plan = NULL;
    if (!result->n_flags || !result->screening.was_asked || result->answers_unreliable)
        return 0;
    struct report_plan *made = calloc(1, sizeof *made);
    if (!made)
        return problem_no_memory(why, "the massage plan");
    if (make(result, made, why)) {
        report_plan_free(made);
        return -1;
    }
    if (made->plan.allowed && made->plan.n_points)
        *plan = made;
    else
        report_plan_free(made);
    return 0;
}

void report_plan_free(struct report_plan *plan)
{
    if (!plan)
        return;
    plan_rules_free(plan->rules);
    free(plan);
}

/* --- Lines ------------------------------------------------------------------------------------ */

int report_plan_line_count(const struct report_plan *plan)
{
    return plan->plan.n_points + 2;
}

static void add_queued(struct text *text, const struct massage_plan *plan)
{
    char cites[80];

    text_addf(text, "Points: %.1f min left, %.1f min right; the whole session at most %.0f min.",
              plan->minutes[SIDE_LEFT], plan->minutes[SIDE_RIGHT], plan->minutes[SIDE_UNKNOWN]);
    text_addf(text, " %s", plan_cites_words(&plan->rules->limit_cites, cites, sizeof cites));
    if (!plan->n_queued)
        return;
    text_add(text, " ");
    text_add(text, "Left over for next time:");
    for (int i = 0; i < plan->n_queued; i++)
        text_addf(text, "%s %s", i ? "," : "", plan->queued[i].zones[0]->id);
    text_add(text, ".");
}

void report_plan_add_line(struct text *text, const struct report_plan *plan, int line)
{
    char words[400];

    if (line < plan->plan.n_points) {
        text_add_made(text, massage_plan_point_words(&plan->plan, &plan->plan.points[line], words,
                                                     sizeof words));
        return;
    }
    if (line == plan->plan.n_points) {
        text_add_made(text, plan->rules->pain_stays.words);
        text_addf(text, " %s",
                  plan_cites_words(&plan->rules->pain_stays.cites, words, sizeof words));
        return;
    }
    add_queued(text, &plan->plan);
}
