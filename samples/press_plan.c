/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/press_plan.h"
#include "samples/dice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PLACE_S 0.2 /* from the operator's word to the first touch */

static uint64_t us(double seconds)
{
    return (uint64_t)llround(seconds * 1e6);
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
    struct placing sitting[3]; /* by enum side */
    struct problem *why;
};

struct foot_frame press_plan_cup(const struct grid *grid, enum side side, double length_mm)
{
    struct point heel = {round(grid->cols * grid->pitch_x_mm / 2),
                         round((grid->rows * grid->pitch_y_mm - length_mm) / 2)};
    return foot_frame_template(side, heel, 0, length_mm);
}

/* In a cup the foot is set anew each time. */
static struct placing *sitting_of(struct planner *p, enum side side)
{
    return p->subject->protocol.press.heel_cup ? NULL : &p->sitting[side];
}

/* Studs sit in a 1 mm raster. */
static void set_stud(struct planned_press *press, struct uv aim)
{
    struct point stud = foot_frame_to_plate(&press->cup, aim);
    press->stud = (struct point){round(stud.x_mm), round(stud.y_mm)};
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
                                    .tool = setting->tool,
                                    .ramp_kpa_s = setting->ramp_kpa_s,
                                    .wobble = setting->ramp_wobble};
    if (where->kind == PLACE_ZONE)
        memcpy(press->zone, where->zone, sizeof press->zone);
    const struct foot_build *build = &p->field->build[side];
    struct uv aim = place_middle_on(where, p->field->atlas, build, side);
    press->cup = press_plan_cup(&p->grid, side, subject_foot_of(p->subject, side)->length_mm);
    set_stud(press, aim);
    press_lay(press, subject_foot_of(p->subject, side), setting->error_mm, setting->error_deg,
              sitting_of(p, side), &p->place);
    press->ceiling_kpa = press->lift_kpa =
        setting->ceiling_kpa[sole_class(foot_build_template(build, aim))];
    press->wobble_hz = 0.5 + dice_uniform(&p->place);
    press->wobble_phase = 2 * M_PI * dice_uniform(&p->place);
    press_set_threshold(press, p->field);
    press_feel(press, &p->subject->answers, p->plan->n - 1, &p->answer);
    press->begin_us = p->now_us;
    press->touch_us = press->begin_us + us(PLACE_S);
    press->ramp_us = press->touch_us + us(PRESS_SETTLE_S);
    press_answer(press, &p->subject->answers, setting->catch_s, &p->answer);
    uint64_t last = press->end_us > press->up_us ? press->end_us : press->up_us;
    p->now_us = last + us(setting->rest_s);
    p->plan->end_us = last;
    count_for_stop(p, side);
    return press_make_pictures(press, &p->grid, p->why);
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

/* The foot laid flat for a while, before the presses. */
static int plan_seat(struct planner *p, enum side side)
{
    const struct press_setting *setting = &p->subject->protocol.press;
    const struct subject_foot *foot = subject_foot_of(p->subject, side);
    if (setting->seat_s <= 0)
        return 0;
    struct planned_seat *seat = &p->plan->seats[p->plan->n_seats++];
    *seat = (struct planned_seat){.side = side,
                                  .cup = press_plan_cup(&p->grid, side, foot->length_mm),
                                  .from_us = p->now_us + us(PLACE_S)};
    seat->to_us = seat->from_us + us(setting->seat_s);
    p->now_us = seat->to_us + us(setting->rest_s);
    return press_seat_lay(seat, foot, setting->error_mm, setting->error_deg, sitting_of(p, side),
                          &p->grid, &p->place, p->why);
}

static int plan_side(struct planner *p, enum side side)
{
    const struct press_setting *setting = &p->subject->protocol.press;
    if (plan_seat(p, side))
        return -1;
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
    plan->cap = cap;
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
    for (int i = 0; i < plan->n; i++)
        press_free_pictures(&plan->presses[i]);
    for (int i = 0; i < plan->n_seats; i++)
        foot_picture_free(&plan->seats[i].picture);
    free(plan->presses);
    *plan = (struct press_plan){.stopped_at = -1};
}

/* Presses do not overlap: halving finds it. */
const struct planned_press *press_plan_at(const struct press_plan *plan, uint64_t time_us)
{
    int low = 0, high = plan->n;
    while (low < high) {
        int middle = (low + high) / 2;
        if (plan->presses[middle].end_us <= time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low < plan->n && plan->presses[low].touch_us <= time_us ? &plan->presses[low] : NULL;
}

const struct planned_seat *press_plan_seat_at(const struct press_plan *plan, uint64_t time_us)
{
    for (int i = 0; i < plan->n_seats; i++)
        if (plan->seats[i].from_us <= time_us && time_us < plan->seats[i].to_us)
            return &plan->seats[i];
    return NULL;
}
