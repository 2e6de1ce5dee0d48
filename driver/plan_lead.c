/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/plan_lead.h"

#include "analysis/report/words.h"
#include "analysis/report/words_made.h"

#include <stdio.h>

/* What one session has taken so far. A rest is no work on the foot; of the session it is. */
struct led {
    const struct massage_plan *plan;
    const struct plan_timer *timer;
    double foot_s[3], session_s, session_of_s;
};

static enum timer_end count_down(struct led *led, struct plan_count *count, enum side foot)
{
    double spent_s;

    if (foot)
        count->clocks[count->n_clocks++] =
            (struct plan_clock){foot == SIDE_LEFT ? "left foot" : "right foot", led->foot_s[foot],
                                massage_plan_foot_limit_s(led->plan)};
    count->clocks[count->n_clocks++] =
        (struct plan_clock){"session", led->session_s, led->session_of_s};
    enum timer_end end = plan_timer_count(led->timer, count, &spent_s);
    led->foot_s[foot] += spent_s;
    led->session_s += spent_s;
    return end;
}

static enum timer_end ask_pain(struct led *led)
{
    struct plan_count count = {.words = words_tr("Eased: does pain stay? (p: yes; Enter, or "
                                                 "no answer: no)"),
                               .seconds = PLAN_PAIN_ASKED_S,
                               .may_hurt = 1};

    return count_down(led, &count, SIDE_UNKNOWN);
}

static enum timer_end rest(struct led *led)
{
    const struct plan_line *rule = &led->plan->rules->pain_stays;
    char cites[80];
    struct text words = {0};

    text_addf(&words, "Rest %g to %g minutes %s", rule->seconds_min / 60, rule->seconds_max / 60,
              plan_cites_words(&rule->cites, cites, sizeof cites));
    struct plan_count count = {
        .words = text_string(&words), .seconds = rule->seconds_max, .held_s = rule->seconds_min};
    enum timer_end end = count_down(led, &count, SIDE_UNKNOWN);
    text_free(&words);
    return end;
}

/* What became of one go at a point: pain that stays is asked for where the place hurt before. */
static enum timer_end work(struct led *led, const struct plan_turn *turn, const char *words)
{
    struct plan_count count = {.words = words, .seconds = turn->seconds, .may_hurt = 1};
    enum timer_end end = count_down(led, &count, turn->side);

    if (end != TIMER_ENDED && end != TIMER_PAIN && turn->point->is_painful)
        end = ask_pain(led);
    return end;
}

/* Whether the point is begun again after this rest, which the caller counted. */
static int may_begin_again(const struct led *led, const struct plan_turn *turn, int rests)
{
    int has_time = led->foot_s[turn->side] <= turn->again_until_s;

    if (rests > PLAN_AGAIN_MOST)
        fputs(words_tr("Pain stayed again: this point is left for today.\n"), led->timer->out);
    else if (!has_time)
        fputs(words_tr(turn->side == SIDE_LEFT
                           ? "The left foot's time is up: this point is left for next time.\n"
                           : "The right foot's time is up: this point is left for next time.\n"),
              led->timer->out);
    return rests <= PLAN_AGAIN_MOST && has_time;
}

/* The first go, then again after each rest, until pain does not stay. 1 = ended. */
static int work_until_eased(struct led *led, const struct plan_turn *turn, const char *words,
                            const char *again)
{
    enum timer_end end = work(led, turn, words);
    int rests = 0;

    while (end == TIMER_PAIN) {
        if (rest(led) == TIMER_ENDED)
            return 1;
        if (!may_begin_again(led, turn, ++rests))
            return 0;
        end = work(led, turn, again);
    }
    return end == TIMER_ENDED;
}

static int run_point(struct led *led, const struct plan_turn *turn)
{
    char english[400];
    struct text words = {0}, again = {0};

    massage_plan_point_words(led->plan, turn->point, english, sizeof english);
    text_add_made(&words, english);
    text_add(&again, "Again, beginning with kneading: ");
    text_add_made(&again, english);
    int ended = work_until_eased(led, turn, text_string(&words), text_string(&again));
    text_free(&words);
    text_free(&again);
    return ended;
}

static int run_step(struct led *led, const struct plan_turn *turn)
{
    struct text words = {0};

    text_add_made(&words, turn->step->words);
    text_add(&words, turn->side == SIDE_LEFT    ? " (left foot)"
                     : turn->side == SIDE_RIGHT ? " (right foot)"
                                                : "");
    struct plan_count count = {.words = text_string(&words), .seconds = turn->seconds};
    int ended = count_down(led, &count, SIDE_UNKNOWN) == TIMER_ENDED;
    text_free(&words);
    return ended;
}

void plan_lead(const struct massage_plan *plan, const struct plan_timer *timer)
{
    struct plan_turn turns[PLAN_TURNS_MAX];
    struct led led = {.plan = plan, .timer = timer};
    int n = massage_plan_turns(plan, turns), ended = 0;

    for (int i = 0; i < n; i++)
        led.session_of_s += turns[i].seconds;
    fputs(words_tr("Enter: done; p at a point: pain stays; q: end.\n"), timer->out);
    for (int i = 0; i < n && !ended; i++)
        ended = turns[i].point ? run_point(&led, &turns[i]) : run_step(&led, &turns[i]);
    fputs(words_tr(ended ? "Ended.\n" : "Done.\n"), timer->out);
}
