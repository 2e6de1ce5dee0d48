/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/protocol_standing.h"

#include "firmware/wire/problem_code.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LAG_S REACTION_FIELD_S
/* What never works is left at last. */
#define ATTEMPTS_MAX 2

double standing_since_s(const struct press_protocol *p, uint64_t time_us)
{
    return p->now_us > time_us ? (double)(p->now_us - time_us) * 1e-6 : 0;
}

/* --- Begin ------------------------------------------------------------------------------------ */

int standing_check(struct press_protocol *p, struct problem *why)
{
    int is_mat = p->tool.kind == TOOL_MAT;

    if (is_mat && (!(p->tool.tip_cm2 > 0) || !(p->tool.factor > 0) || !(p->tool.pitch_mm > 0)))
        return problem(why, PROBLEM_USAGE,
                       "tool %.63s has no tips on a pitch: nothing can be pressed with it",
                       p->tool.name);
    if (p->options.leave_out[SIDE_LEFT] && p->options.leave_out[SIDE_RIGHT])
        return problem_coded(why, PROBLEM_CODE_NO_PLACE_LEFT, PROBLEM_REFUSED,
                             "neither foot can be tested standing: %s",
                             is_mat ? "a mat presses all of a sole, and places of both are excluded"
                                    : "neither was seen on the plate, or both are excluded");
    return 0;
}

static void add_step(struct standing *s, enum side side, int region, int placing, int pass)
{
    if (s->n_steps < STANDING_STEPS_MAX)
        s->steps[s->n_steps++] = (struct standing_step){
            .side = side, .region = region, .placing = placing, .pass = pass};
}

/* Left foot, then right, region by region; and all the way back. */
static void plan_shifts(struct press_protocol *p)
{
    struct standing *s = p->standing;

    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        for (int r = 0; r < SHIFT_REGIONS && !p->options.leave_out[side]; r++)
            if (!p->options.leave_out_region[side][r])
                add_step(s, (enum side)side, r, 0, 1);
    for (int i = s->n_steps - 1; i >= 0; i--)
        add_step(s, s->steps[i].side, s->steps[i].region, 0, 2);
}

static void plan_mat(struct press_protocol *p)
{
    for (int placing = 0; placing < STANDING_PLACINGS; placing++)
        for (int pass = 1; pass <= STANDING_PASSES; pass++)
            for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
                if (!p->options.leave_out[side])
                    add_step(p->standing, (enum side)side, -1, placing, pass);
}

int standing_begin(struct press_protocol *p, struct problem *why)
{
    struct standing *s = p->standing = calloc(1, sizeof *s);

    if (!s)
        return problem_no_memory(why, "a press test");
    s->placing_set = -1;
    s->own_share = 1;
    if (p->tool.kind == TOOL_FLAT)
        plan_shifts(p);
    else
        plan_mat(p);
    if (!s->n_steps)
        return problem_coded(why, PROBLEM_CODE_NO_PLACE_LEFT, PROBLEM_REFUSED,
                             "every region of the feet is excluded");
    s->turn = (struct standing_turn){.scale = -1, .hardest = -1};
    s->studs = calloc(STUDS_LIVE_MAX, sizeof *s->studs);
    if (!s->studs)
        return problem_no_memory(why, "a press test");
    if (p->tool.kind == TOOL_FLAT && shift_begin(p, why))
        return -1;
    p->foot = s->steps[0].side;
    p->step = PRESS_STEP_SKIN;
    if (p->tool.kind == TOOL_MAT && mat_begin(p, why))
        return -1;
    standing_say_protocol(p);
    return 0;
}

void protocol_standing_free(struct press_protocol *p)
{
    if (!p->standing)
        return;
    free(p->standing->owner);
    free(p->standing->regions);
    free(p->standing->studs);
    free(p->standing);
}

/* --- One turn --------------------------------------------------------------------------------- */

static void begin_turn(struct press_protocol *p, int step)
{
    struct standing *s = p->standing;

    s->turn = (struct standing_turn){.step = step, .scale = -1, .hardest = -1};
    s->has_even = s->went_go = 0;
    p->foot = s->steps[step].side;
    p->series.n = 0;
    p->trouble[0] = 0;
    if (p->tool.kind == TOOL_MAT)
        mat_set(p);
    protocol_step(p, PRESS_STEP_PLACE);
}

void standing_announce(struct press_protocol *p)
{
    struct standing_turn *turn = &p->standing->turn;

    turn->number = ++p->numbers;
    turn->is_announced = 1;
    turn->peak_kpa = turn->top_n = turn->lag_kpa = turn->lag_n = 0;
    p->trouble[0] = 0;
    p->series.n = 0;
    standing_say_turn(p);
    protocol_step(p, p->tool.kind == TOOL_MAT ? PRESS_STEP_READY : PRESS_STEP_RAMP);
}

/* Set, and the button is up. */
static void try_begin(struct press_protocol *p)
{
    struct standing *s = p->standing;
    int may = p->tool.kind == TOOL_MAT ? s->turn.foot_n < MAT_FROM_N : shift_may_begin(p);

    if (p->step == PRESS_STEP_PLACE && s->went_go && !p->button_down && p->has_frame && may)
        standing_announce(p);
}

void standing_back(struct press_protocol *p, const char *end, const char *void_why, int alarm)
{
    struct standing_turn *turn = &p->standing->turn;

    if (void_why && !turn->void_why)
        turn->void_why = void_why;
    turn->end = turn->end ? turn->end : end;
    turn->went_low = 0;
    p->is_alarm = alarm;
    action_signal(p);
    turn->last_signal_us = p->now_us;
    protocol_step(p, PRESS_STEP_LIFT);
}

static void take_answer(struct press_protocol *p, int by_key)
{
    struct standing_turn *turn = &p->standing->turn;

    turn->answered = 1;
    turn->by_key = by_key;
    p->last_kpa = turn->lag_kpa;
    p->last_answered = 1;
    standing_back(p, "answer", NULL, 1);
}

/* A third time where one of two was answered; a place that hurts after the weight is gone is left.
 */
static void plan_repeat(struct press_protocol *p)
{
    struct standing *s = p->standing;
    const struct standing_step *now = standing_now(p);
    int answers = 0, passes = 0;

    for (int i = 0; i < s->n_steps; i++)
        if (s->steps[i].side == now->side && s->steps[i].region == now->region &&
            s->steps[i].placing == now->placing) {
            passes++;
            answers += s->steps[i].answered;
            if (s->turn.scale == 4)
                s->steps[i].is_done = 1;
            if (!s->steps[i].is_done)
                return;
        }
    if (p->tool.kind == TOOL_FLAT && passes == STANDING_PASSES && answers == 1 &&
        s->turn.scale != 4)
        add_step(s, now->side, now->region, 0, passes + 1);
}

/* After a mat, scale 4 leaves the whole foot out: no stud can be spared. So does a sole that is not
 * whole. */
static void leave_foot(struct press_protocol *p, enum side side)
{
    struct standing *s = p->standing;

    for (int i = 0; i < s->n_steps; i++)
        if (s->steps[i].side == side)
            s->steps[i].is_done = 1;
}

static void finish_turn(struct press_protocol *p, int scale)
{
    struct standing *s = p->standing;
    struct standing_turn *turn = &s->turn;
    struct standing_step *now = standing_now(p);
    double rest_s = scale == 4 ? PAIN_REST_S : AFTER_PRESS_S;

    turn->scale = scale;
    standing_say_answer(p);
    /* Told afterwards is told, too: it hurt at no more than what was borne. */
    now->answered = !turn->void_why && (scale >= PAIN_SCALE || (turn->answered && scale < 0));
    now->attempts++;
    now->is_done = !turn->void_why || now->attempts >= ATTEMPTS_MAX || turn->is_skipped;
    if (turn->void_why) {
        snprintf(p->trouble, sizeof p->trouble, "%s", turn->void_why);
    } else {
        s->n_counted[now->side]++;
        p->presses_done++;
    }
    if (!turn->void_why && !turn->answered) {
        p->last_kpa = turn->peak_kpa;
        p->last_answered = 0;
    }
    plan_repeat(p);
    if (scale == 4 && p->tool.kind == TOOL_MAT)
        leave_foot(p, now->side);
    s->has_last[now->side] = 1;
    s->last_us[now->side] = p->now_us;
    p->must_rest = scale == 4;
    p->rest_until_us = p->now_us + (uint64_t)(rest_s * 1e6);
    protocol_step(p, PRESS_STEP_REST);
}

/* The weight is back. What hurt is asked for wherever something was tried. */
static void end_turn(struct press_protocol *p)
{
    struct standing_turn *turn = &p->standing->turn;

    p->is_alarm = 0;
    if (turn->peak_kpa > 0 && turn->scale < 0)
        protocol_step(p, PRESS_STEP_SCALE);
    else
        finish_turn(p, turn->scale);
}

/* --- What is next ----------------------------------------------------------------------------- */

static int next_step(const struct standing *s)
{
    for (int i = 0; i < s->n_steps; i++)
        if (!s->steps[i].is_done)
            return i;
    return -1;
}

/* On a mat a foot rests as a place does under a stud. */
static double foot_wait_s(const struct press_protocol *p, enum side side)
{
    const struct standing *s = p->standing;

    if (p->tool.kind != TOOL_MAT || !s->has_last[side])
        return 0;
    return fmax(0, SAME_PLACE_S - standing_since_s(p, s->last_us[side]));
}

/* Nothing is left to do, which is not to say that all of it was done. */
static const char *all_over(const struct press_protocol *p)
{
    const struct standing *s = p->standing;
    int left = s->n_counted[SIDE_LEFT], right = s->n_counted[SIDE_RIGHT];

    if (!left && !right)
        return "nothing of it counts";
    if (p->tool.kind == TOOL_MAT)
        return left && right ? "both feet were on the mat"
               : left        ? "only the left foot was on the mat"
                             : "only the right foot was on the mat";
    return left + right >= s->n_steps ? "all weight shifts were made"
                                      : "some weight shifts were left out or do not count";
}

static void next(struct press_protocol *p)
{
    struct standing *s = p->standing;
    int step = next_step(s), is_mat = p->tool.kind == TOOL_MAT;

    if (step < 0) {
        protocol_finish(p, all_over(p), 0);
        return;
    }
    if (p->presses_done >= p->options.presses_max) {
        protocol_finish(p, "the presses of this session are used up", 0);
        return;
    }
    double wait_s = foot_wait_s(p, s->steps[step].side);
    if (wait_s > 0) {
        p->rest_until_us = p->now_us + (uint64_t)(wait_s * 1e6);
        p->must_rest = 1;
        protocol_step(p, PRESS_STEP_REST);
        return;
    }
    /* A mat is moved, and the skin looked at, at each change of foot or placing. */
    s->turn.step = step;
    p->foot = s->steps[step].side;
    if (is_mat && (s->set_side != p->foot || s->placing_set != s->steps[step].placing))
        protocol_step(p, PRESS_STEP_SKIN);
    else
        begin_turn(p, step);
}

/* --- Events ----------------------------------------------------------------------------------- */

static void go(struct press_protocol *p)
{
    struct standing *s = p->standing;

    if (p->step == PRESS_STEP_SKIN) {
        int step = next_step(s);
        s->set_side = s->steps[step].side;
        s->placing_set = s->steps[step].placing;
        begin_turn(p, step);
    } else if (p->step == PRESS_STEP_PLACE) {
        s->went_go = 1;
    } else if (p->step == PRESS_STEP_SCALE) {
        finish_turn(p, -1);
    } else if (p->step == PRESS_STEP_REST) {
        p->is_paused = 0;
        if (!p->must_rest)
            p->rest_until_us = p->now_us;
    }
}

static int is_under_way(const struct press_protocol *p)
{
    return p->step == PRESS_STEP_READY || p->step == PRESS_STEP_RAMP;
}

static void stop_now(struct press_protocol *p)
{
    p->is_paused = 1;
    if (is_under_way(p))
        standing_back(p, "stopped", "the operator stopped it", 1);
    else if (p->step == PRESS_STEP_LIFT)
        action_signal(p);
    else if (p->step != PRESS_STEP_SCALE) {
        action_signal(p);
        protocol_step(p, PRESS_STEP_REST);
    }
}

static void skip(struct press_protocol *p)
{
    if (p->step == PRESS_STEP_SCALE) {
        finish_turn(p, -1);
    } else if (is_under_way(p)) {
        p->standing->turn.is_skipped = 1;
        standing_back(p, "stopped", "the operator skipped it", 1);
    } else if (p->step == PRESS_STEP_PLACE) {
        standing_now(p)->is_done = 1;
        protocol_step(p, PRESS_STEP_REST);
    } else if (p->step == PRESS_STEP_SKIN && p->tool.kind == TOOL_MAT) {
        leave_foot(p, p->foot);
        protocol_step(p, PRESS_STEP_REST);
    }
}

void standing_key(struct press_protocol *p, int key)
{
    int scale = key - PRESS_KEY_SCALE_0;

    if (key == PRESS_KEY_GO)
        go(p);
    else if (key == PRESS_KEY_STOP)
        stop_now(p);
    else if (key == PRESS_KEY_SKIP)
        skip(p);
    else if (scale >= 0 && scale <= 4 && p->step == PRESS_STEP_SCALE)
        finish_turn(p, scale);
    else if (scale >= PAIN_SCALE && scale <= 4 && p->step == PRESS_STEP_RAMP) {
        p->standing->turn.scale = scale;
        take_answer(p, 1);
    }
}

void standing_button(struct press_protocol *p)
{
    struct standing_turn *turn = &p->standing->turn;

    if (p->step == PRESS_STEP_READY)
        standing_back(p, "stopped", "the button was pressed before any weight came", 1);
    else if (p->step == PRESS_STEP_RAMP)
        take_answer(p, 0);
    else if (p->step == PRESS_STEP_LIFT && !turn->answered && !turn->void_why &&
             standing_since_s(p, p->step_us) <= ANSWER_AFTER_S)
        take_answer(p, 0);
}

/* No limit was asked of the plate; one that comes all the same ends what is under way. */
void standing_limit(struct press_protocol *p)
{
    if (is_under_way(p))
        standing_back(p, "limit", NULL, 1);
}

/* What was felt when the button went down is what lay there a reaction before. */
static void lag(struct press_protocol *p)
{
    struct standing *s = p->standing;
    struct standing_turn *turn = &s->turn;
    double share = 1 - exp(-s->passed_s / LAG_S);

    turn->lag_kpa += share * (turn->kpa - turn->lag_kpa);
    turn->lag_n += share * (turn->region_n - turn->lag_n);
    if (!is_under_way(p))
        return;
    turn->peak_kpa = fmax(turn->peak_kpa, turn->lag_kpa);
    turn->top_n = fmax(turn->top_n, turn->lag_n);
}

void standing_frame(struct press_protocol *p, const float *kpa)
{
    struct standing *s = p->standing;

    s->passed_s = s->frame_us ? standing_since_s(p, s->frame_us) : 0;
    s->frame_us = p->now_us;
    if (p->tool.kind == TOOL_MAT)
        mat_sum(p, kpa);
    else
        shift_sum(p, kpa);
    lag(p);
    if (p->tool.kind == TOOL_MAT)
        mat_frame(p);
    else
        shift_frame(p);
}

/* --- Time ------------------------------------------------------------------------------------- */

static void clock_back(struct press_protocol *p)
{
    struct standing_turn *turn = &p->standing->turn;
    double wait_s = turn->answered || turn->void_why ? LIFTED_S : ANSWER_AFTER_S;

    if (turn->went_low && standing_since_s(p, turn->low_us) >= LIFTED_S &&
        standing_since_s(p, p->step_us) >= wait_s) {
        end_turn(p);
    } else if (!turn->went_low && standing_since_s(p, turn->last_signal_us) >= LIFT_AGAIN_S) {
        p->is_alarm = 1;
        action_signal(p);
        turn->last_signal_us = p->now_us;
    }
}

void standing_clock(struct press_protocol *p)
{
    if (p->step == PRESS_STEP_PLACE)
        try_begin(p);
    if (is_under_way(p) && standing_since_s(p, p->frame_us) > FRAME_GAP_S)
        standing_back(p, "frames", "frames were lost", 1);
    else if (p->step == PRESS_STEP_LIFT)
        clock_back(p);
    else if (p->step == PRESS_STEP_REST && !p->is_paused && p->now_us >= p->rest_until_us) {
        p->must_rest = 0;
        next(p);
    }
    if (!is_under_way(p) && p->step != PRESS_STEP_LIFT && p->step != PRESS_STEP_DONE &&
        protocol_seconds(p, p->now_us) / 60 >= p->options.minutes_max)
        protocol_finish(p, "the time of this session is over", 0);
}
