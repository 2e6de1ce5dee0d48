/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/plan_text.h"

#include <stdio.h>
#include <string.h>

/* --- Words ----------------------------------------------------------------------------------- */

static void print_line(const struct plan_line *line, int number)
{
    char cites[80];

    if (number)
        printf("%2d. ", number);
    printf("%s", line->words);
    if (line->seconds_max >= 60 && line->seconds_min < line->seconds_max)
        printf(", %g to %g min", line->seconds_min / 60, line->seconds_max / 60);
    else if (line->seconds_max >= 60)
        printf(", %g min", line->seconds_max / 60);
    printf(" %s\n", plan_cites_words(&line->cites, cites, sizeof cites));
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
    if (!plan->foot_allowed[side])
        printf("    (the %s foot is left out by the screening)\n",
               side == SIDE_LEFT ? "left" : "right");
    else if (!any)
        printf("    (nothing flagged and no complaint on the %s foot)\n",
               side == SIDE_LEFT ? "left" : "right");
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

    for (int i = 0; i < rules->n_steps; i++) {
        print_line(&rules->steps[i], i + 1);
        if (strcmp(rules->steps[i].phase, "zones"))
            continue;
        print_points(plan, SIDE_LEFT);
        print_points(plan, SIDE_RIGHT);
    }
    print_left_over(plan);
    if (plan->n_excluded)
        printf("\n%d zone%s left out by the screening.\n", plan->n_excluded,
               plan->n_excluded == 1 ? " is" : "s are");
    printf("\nPoints: %.1f min left, %.1f min right; the whole session at most %.0f min.\n",
           plan->minutes[SIDE_LEFT], plan->minutes[SIDE_RIGHT], plan->minutes[SIDE_UNKNOWN]);
    print_line(&rules->pain_stays, 0);
    printf("Calming: ");
    print_line(&rules->calming, 0);
    printf("Stimulating: ");
    print_line(&rules->stimulating, 0);
    if (plan->advise_flat_foot) {
        puts("");
        print_line(&rules->flat_foot_advice, 0);
    }
}

/* --- Timers ---------------------------------------------------------------------------------- */

static int run_foot(const struct massage_plan *plan, const struct plan_timer *timer, enum side side)
{
    char words[400];

    for (int i = 0; i < plan->n_points; i++) {
        if (plan->points[i].side != side)
            continue;
        massage_plan_point_words(plan, &plan->points[i], words, sizeof words);
        if (plan_timer_run(timer, words, plan->points[i].seconds) == TIMER_ENDED)
            return 1;
    }
    return 0;
}

/* Each foot: the steps with a time, the points among them; the rest once at the end. */
static int run_steps(const struct massage_plan *plan, const struct plan_timer *timer,
                     enum side side)
{
    char words[300];

    for (int i = 0; i < plan->rules->n_steps; i++) {
        const struct plan_line *step = &plan->rules->steps[i];
        int is_rest = !strcmp(step->phase, "rest");

        if (!strcmp(step->phase, "zones") && side != SIDE_UNKNOWN && run_foot(plan, timer, side))
            return 1;
        if (!(step->seconds_max > 0) || is_rest != (side == SIDE_UNKNOWN))
            continue;
        snprintf(words, sizeof words, "%s%s", step->words,
                 side == SIDE_LEFT    ? " (left foot)"
                 : side == SIDE_RIGHT ? " (right foot)"
                                      : "");
        if (plan_timer_run(timer, words, step->seconds_min) == TIMER_ENDED)
            return 1;
    }
    return 0;
}

void plan_run_timers(const struct massage_plan *plan, const struct plan_timer *timer)
{
    static const enum side order[] = {SIDE_LEFT, SIDE_RIGHT, SIDE_UNKNOWN};

    for (int i = 0; i < 3; i++)
        if ((order[i] == SIDE_UNKNOWN || plan->foot_allowed[order[i]]) &&
            run_steps(plan, timer, order[i])) {
            fprintf(timer->out, "Ended.\n");
            return;
        }
    fprintf(timer->out, "Done.\n");
}
