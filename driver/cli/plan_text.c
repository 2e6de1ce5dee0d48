/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/plan_text.h"

#include <stdio.h>
#include <string.h>

/* --- Words ----------------------------------------------------------------------------------- */

static void print_words(const struct plan_line *line, const char *words, int number)
{
    char cites[80];

    if (number)
        printf("%2d. ", number);
    printf("%s", words);
    if (line->seconds_max >= 60 && line->seconds_min < line->seconds_max)
        printf(", %g to %g min", line->seconds_min / 60, line->seconds_max / 60);
    else if (line->seconds_max >= 60)
        printf(", %g min", line->seconds_max / 60);
    printf(" %s\n", plan_cites_words(&line->cites, cites, sizeof cites));
}

static void print_line(const struct plan_line *line, int number)
{
    print_words(line, line->words, number);
}

static void print_points(const struct massage_plan *plan, enum side side)
{
    char words[400];
    int any = 0;

    for (int i = 0; i < plan->n_points; i++)
        if (plan->points[i].side == side) {
            massage_plan_point_words(plan, &plan->points[i], words, sizeof words);
            printf("    - %s\n", words);
            any = 1;
        }
    if (!any)
        printf("    (%s)\n", massage_plan_none_words(plan, side, words, sizeof words));
}

static void print_left_over(const struct massage_plan *plan)
{
    char words[400];

    if (plan->n_queued)
        puts("\nLeft over for next time:");
    for (int i = 0; i < plan->n_queued; i++) {
        massage_plan_point_words(plan, &plan->queued[i], words, sizeof words);
        printf("    - %s\n", words);
    }
}

void plan_print_flat_foot(const struct plan_rules *rules)
{
    print_line(&rules->flat_foot_advice, 0);
    puts("\nSequence:");
    for (int i = 0; i < rules->n_sequence; i++)
        print_line(&rules->sequence[i], i + 1);
    puts("\nStages:");
    for (int i = 0; i < rules->n_stages; i++)
        print_line(&rules->stages[i], i + 1);
}

void plan_print(const struct massage_plan *plan)
{
    const struct plan_rules *rules = plan->rules;

    char words[300];

    if (plan->tells_nothing)
        printf("%s\n\n", plan->tells_nothing);
    for (int i = 0; i < rules->n_steps; i++) {
        const struct plan_line *step = &rules->steps[i];
        print_words(step, massage_plan_step_words(plan, step, words, sizeof words), i + 1);
        if (strcmp(rules->steps[i].phase, "zones"))
            continue;
        print_points(plan, SIDE_LEFT);
        print_points(plan, SIDE_RIGHT);
    }
    print_left_over(plan);
    if (plan->standing_only)
        printf("\n%s\n", plan->standing_only);
    if (plan->n_excluded)
        printf("\n%d zone%s left out by the screening.\n", plan->n_excluded,
               plan->n_excluded == 1 ? " is" : "s are");
    printf("\nPoints: %.1f min left, %.1f min right; the whole session at most %.0f min.\n",
           plan->minutes[SIDE_LEFT], plan->minutes[SIDE_RIGHT], plan->minutes[SIDE_UNKNOWN]);
    char cites[80];
    printf("%s %s\n", rules->pain_stays.words,
           plan_cites_words(&rules->pain_stays.cites, cites, sizeof cites));
    printf("Calming: ");
    print_line(&rules->calming, 0);
    printf("Stimulating: ");
    print_line(&rules->stimulating, 0);
    if (plan->advise_flat_foot) {
        puts("");
        print_line(&rules->flat_foot_advice, 0);
    }
}
