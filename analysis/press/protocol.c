/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/protocol_private.h"
#include "analysis/press/protocol_standing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_TAPS 5
#define DEFAULT_CATCHES 5
#define DEFAULT_PRESSES 80
#define SHORT_PRESSES 24
#define DEFAULT_MINUTES 45
#define COUNT_MAX 1000

/* --- Begin ------------------------------------------------------------------------------------ */

static int read_count(int wanted, int usual)
{
    int count = wanted ? wanted : usual;

    return count < 0 ? 0 : count > COUNT_MAX ? COUNT_MAX : count;
}

static int check_ceilings(struct press_protocol_options *options, struct problem *why)
{
    for (int c = 0; c < 4; c++) {
        if (!(options->ceiling_kpa[c] > 0))
            options->ceiling_kpa[c] = tool_usual_ceiling_kpa((enum region_class)c);
        if (!(options->ceiling_kpa[c] >= PRESS_RISE_KPA && options->ceiling_kpa[c] <= TIP_KPA_MAX))
            return problem(why, PROBLEM_REFUSED,
                           "a ceiling of %g kPa: must be from %g to %g kPa at the tip",
                           options->ceiling_kpa[c], PRESS_RISE_KPA, TIP_KPA_MAX);
    }
    if (!(options->ramp_low_kpa_s > 0) || !(options->ramp_high_kpa_s > options->ramp_low_kpa_s)) {
        options->ramp_low_kpa_s = 30;
        options->ramp_high_kpa_s = 50;
    }
    return 0;
}

static int check_single(const struct press_protocol *p, struct problem *why)
{
    if (!p->route || p->route->n <= 0)
        return problem(why, PROBLEM_USAGE, "the route has no places: nothing can be pressed");
    if (!(p->tool.tip_cm2 > 0) || !(p->tool.factor > 0))
        return problem(why, PROBLEM_USAGE, "tool %.63s has no tip: nothing can be pressed with it",
                       p->tool.name);
    return 0;
}

static int check(struct press_protocol *p, struct problem *why)
{
    struct press_protocol_options *options = &p->options;

    if (p->tool.kind == TOOL_SINGLE ? check_single(p, why) : standing_check(p, why))
        return -1;
    if (options->grid.rows <= 0 || options->grid.cols <= 0)
        return problem(why, PROBLEM_USAGE, "the plate has no cells");
    int is_short = p->tool.kind != TOOL_SINGLE || p->route->kind == ROUTE_SHORT;
    options->presses_max =
        read_count(options->presses_max, is_short ? SHORT_PRESSES : DEFAULT_PRESSES);
    if (!(options->minutes_max > 0))
        options->minutes_max = DEFAULT_MINUTES;
    p->taps_left = read_count(options->taps, DEFAULT_TAPS);
    p->n_catches = read_count(options->catch_trials, DEFAULT_CATCHES);
    return check_ceilings(options, why);
}

struct press_protocol *press_protocol_begin(const struct press_protocol_options *options,
                                            struct problem *why)
{
    struct press_protocol *p = calloc(1, sizeof *p);

    if (!p) {
        problem_no_memory(why, "a press test");
        return NULL;
    }
    p->options = *options;
    p->tool = *options->tool;
    p->route = options->route;
    p->threshold = options->threshold ? *options->threshold : threshold_defaults();
    p->reaction = reaction_from_taps(NULL, 0);
    p->random = options->seed;
    p->last_kpa = NAN;
    p->trial.kpa = NAN;
    int is_single = p->tool.kind == TOOL_SINGLE;
    if (check(p, why) || (is_single ? protocol_next_begin(p, why) : standing_begin(p, why))) {
        press_protocol_free(p);
        return NULL;
    }
    if (!is_single)
        return p;
    action_say_protocol(p);
    action_say_step(p, "press");
    p->foot = p->route->places[p->order[0]].side;
    p->step = PRESS_STEP_SKIN;
    return p;
}

void press_protocol_free(struct press_protocol *p)
{
    if (!p)
        return;
    press_series_free(&p->series);
    protocol_standing_free(p);
    free(p->places);
    free(p->order);
    free(p->fit_places);
    free(p->verdicts);
    free(p->presses);
    free(p->catches);
    free(p->outs);
    free(p);
}

/* --- Steps ------------------------------------------------------------------------------------ */

double protocol_seconds(const struct press_protocol *p, uint64_t time_us)
{
    return ((double)time_us - (double)p->begin_us) * 1e-6;
}

void protocol_step(struct press_protocol *p, enum press_step step)
{
    p->step = step;
    p->step_us = p->now_us;
}

static int is_pressing(const struct press_protocol *p)
{
    return p->step == PRESS_STEP_READY || p->step == PRESS_STEP_RAMP || p->step == PRESS_STEP_LIFT;
}

void protocol_finish(struct press_protocol *p, const char *why, int is_wish)
{
    if (p->step == PRESS_STEP_DONE)
        return;
    if (is_pressing(p))
        action_signal(p);
    if (is_wish)
        action_say_stopped(p, why);
    else
        protocol_leave_unreached(p, why);
    action_clear(p);
    action_say_step(p, "end");
    action_end(p);
    p->is_alarm = is_pressing(p);
    snprintf(p->ended, sizeof p->ended, "%s", why);
    protocol_step(p, PRESS_STEP_DONE);
}

/* Takes the time of an event; the first one begins the test. */
static void take_time(struct press_protocol *p, uint64_t time_us)
{
    if (!p->has_time) {
        p->has_time = 1;
        p->begin_us = p->now_us = p->heard_us = p->frame_us = p->step_us = time_us;
    }
    if (time_us > p->now_us)
        p->now_us = time_us;
}

static double since_s(const struct press_protocol *p, uint64_t time_us)
{
    return p->now_us > time_us ? (double)(p->now_us - time_us) * 1e-6 : 0;
}

static void run_seated(struct press_protocol *p)
{
    if (is_pressing(p))
        trial_clock(p);
    if (p->step == PRESS_STEP_PLACE)
        trial_try_ready(p);
    if (p->step == PRESS_STEP_REST && !p->is_paused && p->now_us >= p->rest_until_us) {
        p->must_rest = 0;
        protocol_next(p);
    }
}

/* What time alone brings about. */
static void run_clock(struct press_protocol *p)
{
    if (p->step == PRESS_STEP_DONE)
        return;
    if (p->standing)
        standing_clock(p);
    else
        run_seated(p);
    if (p->has_frame && since_s(p, p->frame_us) > FRAMES_GONE_S)
        protocol_finish(p, "the plate sent no frames for a minute", 0);
    else if (since_s(p, p->heard_us) > SILENCE_S)
        protocol_finish(p, "nobody answered for ten minutes", 0);
}

/* --- Events ----------------------------------------------------------------------------------- */

int press_protocol_frame(struct press_protocol *p, uint64_t time_us, const float *kpa,
                         struct problem *why)
{
    int status = 0;

    take_time(p, time_us);
    if (p->step == PRESS_STEP_DONE)
        return 0;
    /* A hole behind this frame is one, though it is over now. */
    run_clock(p);
    p->has_frame = 1;
    p->frame_us = p->now_us;
    if (p->step != PRESS_STEP_DONE && p->standing)
        standing_frame(p, kpa);
    else if (p->step != PRESS_STEP_DONE && p->trial.ceiling_kpa > 0)
        status = trial_frame(p, kpa, why);
    if (status)
        protocol_finish(p, "out of memory", 0);
    else
        run_clock(p);
    return status;
}

void press_protocol_tick(struct press_protocol *p, uint64_t time_us)
{
    take_time(p, time_us);
    run_clock(p);
}

void press_protocol_button(struct press_protocol *p, uint64_t time_us, int down)
{
    take_time(p, time_us);
    p->heard_us = p->now_us;
    p->button_down = !!down;
    if (p->step == PRESS_STEP_DONE)
        return;
    if (down && p->standing)
        standing_button(p);
    else if (down)
        trial_button(p);
    run_clock(p);
}

void press_protocol_limit(struct press_protocol *p, uint64_t time_us)
{
    take_time(p, time_us);
    if (p->standing)
        standing_limit(p);
    else
        trial_limit(p);
    run_clock(p);
}

void press_protocol_limit_set(struct press_protocol *p, int accepted)
{
    if (p->limit != LIMIT_ASKED || p->standing)
        return;
    p->limit = accepted ? LIMIT_SET : LIMIT_REFUSED;
    trial_try_ready(p);
}

/* STOP: lift, wherever the test is, and go on only when the operator says so. */
static void stop_now(struct press_protocol *p)
{
    p->is_paused = 1;
    if (p->step == PRESS_STEP_SKIN)
        p->foot = SIDE_UNKNOWN; /* it is asked again */
    if (p->step == PRESS_STEP_READY || p->step == PRESS_STEP_RAMP)
        trial_stop(p, "the operator stopped it");
    else if (p->step != PRESS_STEP_LIFT && p->step != PRESS_STEP_SCALE)
        protocol_step(p, PRESS_STEP_REST);
    if (p->step != PRESS_STEP_LIFT)
        action_signal(p);
}

static void go(struct press_protocol *p)
{
    if (p->step == PRESS_STEP_PLACE) {
        p->went_go = 1;
        if (p->limit == LIMIT_REFUSED)
            action_limit(p);
    } else if (p->step == PRESS_STEP_SKIN) {
        protocol_looked(p);
        protocol_next(p);
    } else if (p->step == PRESS_STEP_SCALE) {
        trial_scale(p, -1);
    } else if (p->step == PRESS_STEP_REST) {
        p->is_paused = 0;
        if (!p->must_rest)
            p->rest_until_us = p->now_us;
    }
}

/* A place left out for today; a rest is not. */
static void skip(struct press_protocol *p)
{
    if (p->step == PRESS_STEP_SCALE) {
        trial_scale(p, -1);
        return;
    }
    if (p->step != PRESS_STEP_PLACE && p->step != PRESS_STEP_READY && p->step != PRESS_STEP_RAMP)
        return;
    if (p->trial.kind == TRIAL_TAP)
        p->taps_left--;
    else
        protocol_leave_out(p, p->trial.place, "left out by the operator");
    if (p->step == PRESS_STEP_PLACE)
        protocol_step(p, PRESS_STEP_REST);
    else
        trial_stop(p, "the operator skipped it");
}

void press_protocol_key(struct press_protocol *p, uint64_t time_us, int key)
{
    int scale = key - PRESS_KEY_SCALE_0;

    take_time(p, time_us);
    p->heard_us = p->now_us;
    if (p->step == PRESS_STEP_DONE)
        return;
    if (key == PRESS_KEY_END)
        protocol_finish(p, "the person has had enough", 1);
    else if (p->standing)
        standing_key(p, key);
    else if (key == PRESS_KEY_GO)
        go(p);
    else if (key == PRESS_KEY_STOP)
        stop_now(p);
    else if (key == PRESS_KEY_SKIP)
        skip(p);
    else if (scale >= 0 && scale <= 4 && p->step == PRESS_STEP_SCALE)
        trial_scale(p, scale);
    else if (scale >= PAIN_SCALE && scale <= 4 && p->step == PRESS_STEP_RAMP)
        trial_answer_by_key(p, scale);
    run_clock(p);
}
