/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/press_plan.h"
#include "samples/dice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PLACE_S 0.2   /* from the operator's word to the first touch */
#define SETTLE_S 0.3  /* heel in its cup, stud felt, before the ramp */
#define TOUCH_KPA 5.0 /* tip pressure of a foot that only lies on the stud */
#define LIFT_DELAY_S 0.12
#define LIFT_S 0.25
#define HEEL_ON_STUD_U 0.42 /* places behind it have the forefoot on a support, no heel rest */

static uint64_t us(double seconds)
{
    return (uint64_t)llround(seconds * 1e6);
}

/* --- Pressure over time
 * --------------------------------------------------------------------------- */

/* Nobody lowers a leg evenly: the rate swings by `wobble`, but never turns. */
static double ramp_kpa(const struct planned_press *press, double t)
{
    double w = 2 * M_PI * press->wobble_hz;
    double swing = sin(w * t + press->wobble_phase) - sin(press->wobble_phase);
    return TOUCH_KPA + press->ramp_kpa_s * (t + press->wobble * swing / w);
}

static double loaded_kpa(const struct planned_press *press, uint64_t time_us)
{
    if (time_us < press->ramp_us || press->is_catch) {
        double t = (double)(time_us - press->touch_us) * 1e-6 / SETTLE_S;
        return TOUCH_KPA * fmin(1, t);
    }
    return ramp_kpa(press, (double)(time_us - press->ramp_us) * 1e-6);
}

double press_tip_kpa(const struct planned_press *press, uint64_t time_us)
{
    if (time_us < press->touch_us || time_us >= press->end_us)
        return 0;
    if (time_us < press->release_us)
        return loaded_kpa(press, time_us);
    double t = (double)(time_us - press->release_us) * 1e-6 / LIFT_S;
    return t >= 1 ? 0 : press->peak_kpa * (1 + cos(M_PI * t)) / 2;
}

double press_heel_share(const struct planned_press *press, uint64_t time_us)
{
    if (time_us < press->touch_us || time_us >= press->end_us)
        return 0;
    double in = (double)(time_us - press->touch_us) * 1e-6 / SETTLE_S;
    double out = (double)(press->end_us - time_us) * 1e-6 / LIFT_S;
    return fmin(1, fmin(in, out));
}

/* Seconds of ramp until the tip has this pressure. The ramp only rises, so halving finds it. */
static double time_to_kpa(const struct planned_press *press, double kpa)
{
    double low = 0, high = 1;
    if (kpa <= TOUCH_KPA)
        return 0;
    while (ramp_kpa(press, high) < kpa)
        high *= 2;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        *(ramp_kpa(press, middle) < kpa ? &low : &high) = middle;
    }
    return high;
}

/* --- Place
 * ---------------------------------------------------------------------------------------- */

static const struct subject_foot *foot_of(const struct subject *subject, enum side side)
{
    return subject->feet[0].side == side ? &subject->feet[0] : &subject->feet[1];
}

/* The cup stands in the middle of the plate, the foot along y; studs sit in a 1 mm raster. */
static void place_press(struct planned_press *press, const struct subject *subject, struct uv aim,
                        struct dice *dice)
{
    const struct press_setting *setting = &subject->protocol.press;
    const struct subject_foot *foot = foot_of(subject, press->side);
    const struct plate_setting *plate = &subject->plate;
    struct point heel = {plate->cols * plate->pitch_x_mm / 2,
                         (plate->rows * plate->pitch_y_mm - foot->length_mm) / 2};
    heel.x_mm = round(heel.x_mm), heel.y_mm = round(heel.y_mm);
    press->cup = foot_frame_template(press->side, heel, 0, foot->length_mm);
    struct point stud = foot_frame_to_plate(&press->cup, aim);
    press->stud = (struct point){round(stud.x_mm), round(stud.y_mm)};
    double dx = dice_normal(dice, setting->error_mm), dy = dice_normal(dice, setting->error_mm);
    press->foot = foot_picture_frame(foot, (struct point){heel.x_mm + dx, heel.y_mm + dy},
                                     dice_normal(dice, setting->error_deg));
    press->place = foot_frame_to_uv(&press->foot, press->stud);
}

/* --- Answer
 * --------------------------------------------------------------------------------------- */

static void release_at(struct planned_press *press, double seconds)
{
    press->release_us = press->ramp_us + us(seconds);
    press->peak_kpa = press->is_catch ? TOUCH_KPA : ramp_kpa(press, seconds);
    press->end_us = press->release_us + us(LIFT_S);
}

static void press_button(struct planned_press *press, double seconds, struct dice *dice)
{
    press->answered = 1;
    press->down_us = press->ramp_us + us(seconds);
    press->up_us = press->down_us + us(0.15 + 0.2 * dice_uniform(dice));
}

/* No force rises here: whoever presses the button has not been asked. */
static void answer_catch(struct planned_press *press, const struct subject *subject,
                         struct dice *dice)
{
    double lasts = subject->protocol.press.catch_s, when = dice_uniform(dice);
    release_at(press, lasts);
    if (dice_uniform(dice) >= subject->answers.false_rate)
        return;
    press->is_false = 1;
    press_button(press, lasts * (0.1 + 0.8 * when), dice);
    release_at(press, (double)(press->down_us - press->ramp_us) * 1e-6 + LIFT_DELAY_S);
}

static void answer_press(struct planned_press *press, const struct subject *subject,
                         struct dice *dice)
{
    const struct answer_setting *answers = &subject->answers;
    double ceiling_s = time_to_kpa(press, press->ceiling_kpa);
    double crossing_s = time_to_kpa(press, press->felt_kpa);
    double reaction_s =
        dice_reaction(dice, answers->reaction_median_ms, answers->reaction_sd_ms) * 1e-3;
    double miss = dice_uniform(dice), lapse = dice_uniform(dice), when = dice_uniform(dice);
    release_at(press, ceiling_s);
    double answer_s;
    if (lapse < answers->false_rate) { /* answers before anything hurts */
        answer_s = (0.1 + 0.8 * when) * fmin(crossing_s, ceiling_s);
        press->is_false = 1;
    } else if (crossing_s >= ceiling_s) {
        press->reached_ceiling = 1;
        return;
    } else if (miss < answers->miss_rate) {
        press->is_missed = press->reached_ceiling = 1;
        return;
    } else {
        answer_s = crossing_s + reaction_s;
        press->reaction_s = reaction_s;
    }
    press_button(press, answer_s, dice);
    /* At the ceiling the leg is lifted, answer or not. */
    press->reached_ceiling = answer_s + LIFT_DELAY_S >= ceiling_s;
    release_at(press, fmin(ceiling_s, answer_s + LIFT_DELAY_S));
}

/* --- Plan
 * ----------------------------------------------------------------------------------------- */

struct planner {
    struct press_plan *plan;
    const struct subject *subject;
    const struct threshold_field *field;
    struct grid grid;
    struct dice place, answer;
    uint64_t now_us;
    int made, catches, of_side[3], has_stopped;
    struct problem *why;
};

static int make_pictures(struct planner *p, struct planned_press *press)
{
    double side_mm = 10 * sqrt(p->subject->protocol.press.tool.footprint_cm2);
    if (foot_picture_square(&press->stud_picture, press->stud, side_mm, &p->grid, p->why))
        return -1;
    if (press->place.u < HEEL_ON_STUD_U)
        return 0;
    return foot_picture_heel_rest(&press->heel_picture, &press->foot, &p->grid, p->why);
}

static int is_stopped(const struct planner *p, enum side side)
{
    const struct press_setting *setting = &p->subject->protocol.press;
    return p->has_stopped && (setting->stop_side == SIDE_UNKNOWN || setting->stop_side == side);
}

/* After its last press the subject wishes to stop: noted once. */
static void count_for_stop(struct planner *p, enum side side)
{
    const struct press_setting *setting = &p->subject->protocol.press;
    p->of_side[side]++;
    int count = setting->stop_side == SIDE_UNKNOWN ? p->plan->n : p->of_side[setting->stop_side];
    if (!setting->stop_after || p->has_stopped || count < setting->stop_after)
        return;
    p->has_stopped = 1;
    p->plan->stopped_at = p->plan->n;
    p->plan->stop_us = p->now_us;
}

static int add_press(struct planner *p, enum side side, int pass, const struct subject_place *where,
                     int is_catch)
{
    const struct press_setting *setting = &p->subject->protocol.press;
    if (is_stopped(p, side))
        return 0;
    struct planned_press *press = &p->plan->presses[p->plan->n++];
    *press = (struct planned_press){.number = p->plan->n,
                                    .pass = pass,
                                    .is_catch = is_catch,
                                    .side = side,
                                    .reaction_s = NAN,
                                    .ramp_kpa_s = setting->ramp_kpa_s,
                                    .wobble = setting->ramp_wobble};
    if (where->kind == PLACE_ZONE)
        memcpy(press->zone, where->zone, sizeof press->zone);
    struct uv aim = place_middle(where, p->field->atlas);
    place_press(press, p->subject, aim, &p->place);
    press->ceiling_kpa = setting->ceiling_kpa[sole_class(aim)];
    press->wobble_hz = 0.5 + dice_uniform(&p->place);
    press->wobble_phase = 2 * M_PI * dice_uniform(&p->place);
    press->threshold_kpa = threshold_at(p->field, side, press->place);
    press->felt_kpa =
        press->threshold_kpa * dice_lognormal(&p->answer, p->subject->answers.test_retest);
    press->begin_us = p->now_us;
    press->touch_us = press->begin_us + us(PLACE_S);
    press->ramp_us = press->touch_us + us(SETTLE_S);
    (is_catch ? answer_catch : answer_press)(press, p->subject, &p->answer);
    uint64_t last = press->end_us > press->up_us ? press->end_us : press->up_us;
    p->now_us = last + us(setting->rest_s);
    p->plan->end_us = last;
    count_for_stop(p, side);
    return make_pictures(p, press);
}

/* Catch trials are spread evenly over the real presses, at the place just pressed. */
static int add_with_catch(struct planner *p, enum side side, int pass,
                          const struct subject_place *where)
{
    const struct press_setting *setting = &p->subject->protocol.press;
    int all = setting->n_sides * setting->passes * setting->n_route;
    if (add_press(p, side, pass, where, 0))
        return -1;
    p->made++;
    while (p->catches < setting->catch_trials &&
           (p->catches + 1) * all <= p->made * (setting->catch_trials + 1)) {
        p->catches++;
        if (add_press(p, side, pass, where, 1))
            return -1;
    }
    return 0;
}

static int plan_side(struct planner *p, enum side side)
{
    const struct press_setting *setting = &p->subject->protocol.press;
    for (int pass = 1; pass <= setting->passes; pass++) {
        for (int i = 0; i < setting->n_route; i++) {
            int at = pass == 1 ? i : setting->n_route - 1 - i;
            if (add_with_catch(p, side, pass, &setting->route[at]))
                return -1;
        }
    }
    return 0;
}

int press_plan_make(struct press_plan *plan, const struct subject *subject,
                    const struct threshold_field *field, uint64_t begin_us, uint64_t seed,
                    struct problem *why)
{
    const struct press_setting *setting = &subject->protocol.press;
    const struct plate_setting *plate = &subject->plate;
    *plan = (struct press_plan){.stopped_at = -1, .end_us = begin_us};
    if (!setting->present)
        return 0;
    int cap = setting->n_sides * setting->passes * setting->n_route + setting->catch_trials;
    plan->presses = calloc((size_t)cap, sizeof *plan->presses);
    if (!plan->presses)
        return problem_no_memory(why, "a press test");
    struct planner p = {.plan = plan,
                        .subject = subject,
                        .field = field,
                        .now_us = begin_us,
                        .grid = {plate->rows, plate->cols, plate->pitch_x_mm, plate->pitch_y_mm},
                        .why = why};
    dice_begin(&p.place, seed, "press place");
    dice_begin(&p.answer, seed, "press answer");
    for (int i = 0; i < setting->n_sides; i++) {
        if (plan_side(&p, setting->sides[i])) {
            press_plan_free(plan);
            return -1;
        }
    }
    return 0;
}

void press_plan_free(struct press_plan *plan)
{
    for (int i = 0; i < plan->n; i++) {
        foot_picture_free(&plan->presses[i].stud_picture);
        foot_picture_free(&plan->presses[i].heel_picture);
    }
    free(plan->presses);
    *plan = (struct press_plan){.stopped_at = -1};
}
