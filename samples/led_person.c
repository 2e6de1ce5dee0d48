/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/led_person.h"
#include "firmware/wire/payloads.h"
#include "samples/visit.h"
#include "samples/weight_shift.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACE_S 0.5     /* from the word to the touch: one hears it, and finds the stud */
#define SEAT_LIFT_S 0.5 /* from the word until a foot laid flat is off the plate */
#define HOLD_MORE_S 2.0 /* who is asked to hold waits for the word to come back */
#define APART_S 0.05    /* at least, between two presses */
#define OVERSHOOT 1.1   /* of the announced ceiling: where the person's own limit is */
#define FOLLOWS 0.7     /* how far a wanted ramp draws the person's own one towards it */
#define RAMP_SPREAD 0.1 /* sd of the logarithm of the mean ramp, press to press */

struct led_person {
    struct subject subject;
    const struct threshold_field *field;
    struct press_plan *plan;
    struct grid grid;
    struct dice place, answer;
    struct placing sitting[3];  /* by enum side: of a free foot */
    int edge_press, edge_is_up; /* whose edge comes next */
    unsigned signals;           /* as last seen */
    struct threshold_field own_field;
    struct press_plan own_plan;
    struct atlas *own_atlas;
};

static uint64_t us(double seconds)
{
    return (uint64_t)llround(seconds * 1e6);
}

struct led_press led_press_nothing(void)
{
    struct led_press press = {.side = SIDE_LEFT,
                              .tool = {.tip_cm2 = 1, .footprint_cm2 = 4, .footprint_factor = 1},
                              .aim = {NAN, NAN},
                              .ceiling_kpa = NAN,
                              .ramp_kpa_s = NAN};
    snprintf(press.tool.name, sizeof press.tool.name, "stud");
    return press;
}

/* --- Begin and end --------------------------------------------------------------------------- */

static struct led_person *make(const struct subject *subject, uint64_t seed, struct problem *why)
{
    struct led_person *person = calloc(1, sizeof *person);
    if (!person) {
        problem_no_memory(why, "a led person");
        return NULL;
    }
    const struct plate_setting *plate = &subject->plate;
    person->subject = *subject;
    person->grid = (struct grid){plate->rows, plate->cols, plate->pitch_x_mm, plate->pitch_y_mm};
    person->own_plan.stopped_at = -1;
    person->plan = &person->own_plan;
    dice_begin(&person->place, seed, "led place");
    dice_begin(&person->answer, seed, "led answer");
    return person;
}

struct led_person *led_person_begin(const struct subject *subject, const struct atlas *atlas,
                                    uint64_t seed, struct problem *why)
{
    struct led_person *person = make(subject, seed, why);
    if (!person)
        return NULL;
    if (!atlas)
        atlas = person->own_atlas = atlas_load(NULL, why);
    if (!atlas) {
        led_person_free(person);
        return NULL;
    }
    threshold_field_begin(&person->own_field, &person->subject.thresholds, atlas);
    for (int i = 0; i < subject->n_feet; i++)
        person->own_field.build[subject->feet[i].side] = subject->feet[i].build;
    person->field = &person->own_field;
    return person;
}

struct led_person *led_person_within(const struct subject *subject,
                                     const struct threshold_field *field, const struct grid *grid,
                                     struct press_plan *plan, uint64_t seed, struct problem *why)
{
    struct led_person *person = make(subject, seed, why);
    if (!person)
        return NULL;
    person->field = field;
    person->grid = *grid;
    person->plan = plan;
    person->edge_press = plan->n;
    return person;
}

void led_person_free(struct led_person *person)
{
    if (!person)
        return;
    press_plan_free(&person->own_plan);
    if (person->own_atlas)
        atlas_free(person->own_atlas);
    free(person);
}

/* --- A press --------------------------------------------------------------------------------- */

static struct planned_press *last_press(const struct led_person *person)
{
    return person->plan->n ? &person->plan->presses[person->plan->n - 1] : NULL;
}

static int make_room(struct press_plan *plan, struct problem *why)
{
    if (plan->n < plan->cap)
        return 0;
    int cap = plan->cap ? 2 * plan->cap : 32;
    struct planned_press *grown = realloc(plan->presses, (size_t)cap * sizeof *grown);
    if (!grown)
        return problem_no_memory(why, "a press");
    plan->presses = grown;
    plan->cap = cap;
    return 0;
}

/* Where the operator of a free foot means the stud to lie on it. */
static int aim_of(const struct led_person *person, const struct led_press *told, struct uv *aim)
{
    struct subject_place place = {.kind = PLACE_ZONE};
    const struct atlas_zone *zone = atlas_find(person->field->atlas, told->zone);
    if (!isnan(told->aim.u) && !isnan(told->aim.v)) {
        *aim = told->aim;
        return 0;
    }
    if (!zone || !zone->is_plantar || !zone_has_middle(zone) ||
        strlen(told->zone) >= sizeof place.zone)
        return -1;
    memcpy(place.zone, told->zone, strlen(told->zone) + 1);
    *aim = place_middle_on(&place, person->field->atlas, &person->field->build[told->side],
                           told->side);
    return 0;
}

/* The heel as it is meant to lie: in the cup; or, free, such that the aim comes to lie on the stud,
 * the foot along y; without any aim, where the foot stood. */
static void set_cup(const struct led_person *person, const struct led_press *told,
                    const struct subject_foot *foot, struct planned_press *press)
{
    struct uv aim;
    struct point heel = {0, 0};
    if (told->has_cup) {
        press->cup = foot_frame_template(told->side, told->heel, told->angle_deg, foot->length_mm);
        return;
    }
    if (aim_of(person, told, &aim)) {
        press->cup = foot_frame_template(told->side, foot->heel, foot->angle_deg, foot->length_mm);
        return;
    }
    struct foot_frame at = foot_picture_frame(foot, heel, 0);
    struct point hit = foot_frame_to_plate(&at, aim);
    heel = (struct point){told->stud.x_mm - hit.x_mm, told->stud.y_mm - hit.y_mm};
    press->cup = foot_frame_template(told->side, heel, 0, foot->length_mm);
}

/* The subject's own errors where they are of this way to lie, else the defaults of SCHEMA.md. */
static double error_mm_of(const struct led_person *person, int has_cup)
{
    const struct press_setting *setting = &person->subject.protocol.press;
    if (setting->present && !setting->heel_cup == !has_cup)
        return setting->error_mm;
    return has_cup ? 1.0 : 5.0;
}

static double error_deg_of(const struct led_person *person, int has_cup)
{
    const struct press_setting *setting = &person->subject.protocol.press;
    if (setting->present && !setting->heel_cup == !has_cup)
        return setting->error_deg;
    return has_cup ? 0.5 : 3.0;
}

/* A heel set down at a mark on the mat. */
#define MARK_ERROR_MM 3.0
#define MARK_ERROR_DEG 2.0
/* Of the body's weight: what a leg brings that is lowered and pushed down, seated. The leg itself
 * has 0.16 of it (Winter 2009, table 4.1), part of which the seat bears. */
#define LEG_SHARE 0.25

static int lay_on_mat(struct led_person *person, const struct led_press *told,
                      const struct subject_foot *foot, struct planned_press *press,
                      struct problem *why)
{
    double weight_n = person->subject.person.body_mass_kg * GRAVITY_M_S2;
    press->cup = foot_frame_template(told->side, told->heel, told->angle_deg, foot->length_mm);
    press_lay(press, foot, MARK_ERROR_MM, MARK_ERROR_DEG, NULL, &person->place);
    return press_lower_on_mat(press, foot, person->subject.fore_share, LEG_SHARE * weight_n,
                              &person->grid, why);
}

static void lay(struct led_person *person, const struct led_press *told,
                const struct subject_foot *foot, struct planned_press *press)
{
    const struct press_setting *setting = &person->subject.protocol.press;
    set_cup(person, told, foot, press);
    press_lay(press, foot, error_mm_of(person, told->has_cup), error_deg_of(person, told->has_cup),
              told->has_cup ? NULL : &person->sitting[told->side], &person->place);
    press->tool.sink_n = setting->tool.sink_n;
    press->tool.edge_loss = setting->tool.edge_loss;
}

static void set_ramp(struct led_person *person, const struct led_press *told,
                     struct planned_press *press)
{
    const struct press_setting *setting = &person->subject.protocol.press;
    double mean = setting->ramp_kpa_s, spread = dice_lognormal(&person->place, RAMP_SPREAD);
    if (told->ramp_kpa_s > 0)
        mean += FOLLOWS * (told->ramp_kpa_s - mean);
    press->ramp_kpa_s = fmax(5, mean * spread);
    press->wobble = setting->ramp_wobble;
    press->wobble_hz = 0.5 + dice_uniform(&person->place);
    press->wobble_phase = 2 * M_PI * dice_uniform(&person->place);
}

static void set_times(const struct led_person *person, uint64_t time_us,
                      struct planned_press *press)
{
    const struct planned_press *before = last_press(person);
    const struct press_plan *plan = person->plan;
    press->begin_us = time_us;
    press->touch_us = time_us + us(PLACE_S);
    if (plan->n_seats && press->touch_us < plan->seats[plan->n_seats - 1].to_us)
        press->touch_us = plan->seats[plan->n_seats - 1].to_us;
    if (before) {
        uint64_t free_us = before->end_us > before->up_us ? before->end_us : before->up_us;
        if (press->touch_us < free_us + us(APART_S))
            press->touch_us = free_us + us(APART_S);
    }
    press->ramp_us = press->touch_us + us(PRESS_SETTLE_S);
}

static void set_felt(struct led_person *person, const struct led_press *told,
                     struct planned_press *press)
{
    const struct subject *subject = &person->subject;
    const double *ceilings = subject->protocol.press.ceiling_kpa;
    struct uv skin = foot_build_template(&person->field->build[press->side], press->place);
    press->ceiling_kpa = told->ceiling_kpa > 0 ? told->ceiling_kpa : ceilings[sole_class(skin)];
    if (!press->is_on_mat) /* there the weight is the limit, and what the operator says */
        press->lift_kpa = OVERSHOOT * press->ceiling_kpa;
    press_set_threshold(press, person->field);
    press_feel(press, &subject->answers, person->plan->n, &person->answer);
}

int led_person_hear(struct led_person *person, uint64_t time_us, const struct led_press *told,
                    struct problem *why)
{
    const struct subject_foot *foot = subject_foot_of(&person->subject, told->side);
    led_person_lift(person, time_us);
    if (!foot || told->is_flat)
        return 1;
    if (make_room(person->plan, why))
        return -1;
    struct planned_press *press = &person->plan->presses[person->plan->n];
    *press = (struct planned_press){.number = told->number,
                                    .pass = told->pass,
                                    .is_catch = told->is_catch,
                                    .is_tap = told->is_tap,
                                    .side = told->side,
                                    .tool = told->tool,
                                    .stud = told->stud};
    memcpy(press->zone, told->zone, sizeof press->zone);
    if (told->is_on_mat && lay_on_mat(person, told, foot, press, why))
        return -1;
    if (told->is_on_mat && !press->is_on_mat)
        return 1; /* beside the mat: nothing happens */
    if (!told->is_on_mat)
        lay(person, told, foot, press);
    set_ramp(person, told, press);
    set_times(person, time_us, press);
    set_felt(person, told, press);
    press_answer(press, &person->subject.answers, person->subject.protocol.press.catch_s,
                 &person->answer);
    if (press_make_pictures(press, &person->grid, why)) {
        press_free_pictures(press);
        return -1;
    }
    person->plan->n++;
    person->plan->end_us = led_person_end_us(person);
    return 0;
}

static void feel_shift(struct led_person *person, struct planned_press *press)
{
    press->threshold_kpa = threshold_at(person->field, press->side, press->place);
    press->hurts = press->place;
    press_feel(press, &person->subject.answers, person->plan->n, &person->answer);
    press_answer(press, &person->subject.answers, person->subject.protocol.press.catch_s,
                 &person->answer);
}

int led_person_shift(struct led_person *person, uint64_t time_us, const struct led_press *told,
                     struct weight_shift *shift, struct problem *why)
{
    led_person_lift(person, time_us);
    if (make_room(person->plan, why)) {
        stance_free(&shift->stance);
        return -1;
    }
    struct planned_press *press = &person->plan->presses[person->plan->n];
    *press = (struct planned_press){.number = told->number,
                                    .pass = told->pass,
                                    .is_catch = told->is_catch,
                                    .is_flat = 1,
                                    .side = shift->side,
                                    .tool = told->tool,
                                    .stud = {NAN, NAN},
                                    .cup = shift->foot,
                                    .foot = shift->foot,
                                    .place = shift->at,
                                    .ceiling_kpa = told->ceiling_kpa,
                                    .lift_kpa = INFINITY,
                                    .ramp_kpa_s = NAN,
                                    .rest_kpa = shift->rest_kpa,
                                    .full_kpa = shift->full_kpa,
                                    .hold_s = told->hold_s > 0 ? told->hold_s + HOLD_MORE_S : 0,
                                    .shifted = shift->stance};
    shift->stance = (struct stance){0};
    memcpy(press->zone, told->zone, sizeof press->zone);
    set_times(person, time_us, press);
    press->ramp_us = press->touch_us;
    feel_shift(person, press);
    person->plan->n++;
    person->plan->end_us = led_person_end_us(person);
    return 0;
}

void led_person_stood(struct led_person *person)
{
    memset(person->sitting, 0, sizeof person->sitting);
}

void led_person_sits(struct led_person *person, enum side side, const struct placing *sitting)
{
    person->sitting[side] = *sitting;
}

int led_person_seat(struct led_person *person, uint64_t time_us, enum side side,
                    const struct point *heel, double angle_deg, struct problem *why)
{
    const struct subject_foot *foot = subject_foot_of(&person->subject, side);
    struct press_plan *plan = person->plan;
    led_person_lift(person, time_us);
    if (!foot || plan->n_seats == PRESS_SEATS_MAX)
        return 1;
    struct planned_seat *seat = &plan->seats[plan->n_seats];
    uint64_t from_us = time_us > plan->end_us ? time_us : plan->end_us;
    *seat =
        (struct planned_seat){.side = side, .from_us = from_us + us(PLACE_S), .to_us = UINT64_MAX};
    seat->cup = heel ? foot_frame_template(side, *heel, angle_deg, foot->length_mm)
                     : press_plan_cup(&person->grid, side, foot->length_mm);
    if (press_seat_lay(seat, foot, error_mm_of(person, heel != NULL),
                       error_deg_of(person, heel != NULL), heel ? NULL : &person->sitting[side],
                       &person->grid, &person->place, why)) {
        foot_picture_free(&seat->picture);
        return -1;
    }
    plan->n_seats++;
    return 0;
}

static void lift_seat(struct press_plan *plan, uint64_t time_us)
{
    struct planned_seat *seat = plan->n_seats ? &plan->seats[plan->n_seats - 1] : NULL;
    if (!seat || seat->to_us <= time_us)
        return;
    seat->to_us = (time_us > seat->from_us ? time_us : seat->from_us) + us(SEAT_LIFT_S);
}

void led_person_lift(struct led_person *person, uint64_t time_us)
{
    lift_seat(person->plan, time_us);
    struct planned_press *press = last_press(person);
    if (!press)
        return;
    press_lift(press, time_us);
    person->plan->end_us = led_person_end_us(person);
}

/* The buzzer is answered as any signal, one reaction time after it began. */
void led_person_see(struct led_person *person, uint64_t time_us, unsigned signals)
{
    const struct answer_setting *answers = &person->subject.answers;
    int begins = (signals & ~person->signals & WIRE_SIGNAL_BUZZER) != 0;
    struct planned_press *press = last_press(person);
    person->signals = signals;
    if (!begins || !press || time_us < press->touch_us || time_us >= press->release_us)
        return;
    double reaction_ms =
        dice_reaction(&person->answer, answers->reaction_median_ms, answers->reaction_sd_ms);
    led_person_lift(person, time_us + us(reaction_ms * 1e-3));
}

/* --- What comes of it ------------------------------------------------------------------------ */

static void add_picture(const struct foot_picture *picture, double newton,
                        const struct led_window *window, int plate_cols, float *cells)
{
    for (size_t i = 0; i < picture->n; i++) {
        int row = picture->cells[i].index / plate_cols - window->row0;
        int col = picture->cells[i].index % plate_cols - window->col0;
        if (row >= 0 && row < window->rows && col >= 0 && col < window->cols)
            cells[row * window->cols + col] += (float)(picture->cells[i].newton * newton);
    }
}

double led_person_pressure(const struct led_person *person, uint64_t time_us,
                           const struct led_window *window, float *kpa)
{
    const struct grid *grid = &person->grid;
    struct led_window whole = {0, 0, grid->rows, grid->cols};
    const struct led_window *w = window ? window : &whole;
    const struct planned_press *press = press_plan_at(person->plan, time_us);
    double per_newton = 1 / grid_newton_per_kpa(grid);
    memset(kpa, 0, (size_t)w->rows * (size_t)w->cols * sizeof *kpa);
    const struct planned_seat *seat = press_plan_seat_at(person->plan, time_us);
    double weight_n = person->subject.person.body_mass_kg * 9.80665;
    if (seat)
        add_picture(&seat->picture, press_seat_newton(seat, weight_n, time_us) * per_newton, w,
                    grid->cols, kpa);
    if (!press)
        return 0;
    double tip_kpa = press_tip_kpa(press, time_us);
    double heel_n = person->subject.protocol.press.heel_rest_n * press_heel_share(press, time_us);
    add_picture(&press->stud_picture, press_stud_newton(&press->tool, tip_kpa) * per_newton, w,
                grid->cols, kpa);
    add_picture(&press->heel_picture, heel_n * per_newton, w, grid->cols, kpa);
    return tip_kpa;
}

int led_person_touches(const struct led_person *person, uint64_t time_us)
{
    const struct planned_press *press = press_plan_at(person->plan, time_us);
    const struct planned_seat *seat = press_plan_seat_at(person->plan, time_us);
    double weight_n = person->subject.person.body_mass_kg * 9.80665;
    if (seat && seat->picture.n && press_seat_newton(seat, weight_n, time_us) > 0)
        return 1;
    if (!press)
        return 0;
    return (press->stud_picture.n && press_tip_kpa(press, time_us) > 0) ||
           (press->heel_picture.n &&
            person->subject.protocol.press.heel_rest_n * press_heel_share(press, time_us) > 0);
}

int led_person_next_edge(struct led_person *person, uint64_t until_us, struct button_edge *edge)
{
    for (; person->edge_press < person->plan->n; person->edge_press++) {
        const struct planned_press *press = &person->plan->presses[person->edge_press];
        uint64_t time_us = person->edge_is_up ? press->up_us : press->down_us;
        if (!press->answered && press->release_us > until_us)
            return 0; /* not over, and so not known to stay without an answer */
        if (!press->answered)
            continue;
        if (time_us >= until_us)
            return 0;
        *edge = (struct button_edge){time_us, !person->edge_is_up};
        person->edge_press += person->edge_is_up;
        person->edge_is_up = !person->edge_is_up;
        return 1;
    }
    return 0;
}

const struct planned_press *led_person_presses(const struct led_person *person, int *n)
{
    *n = person->plan->n;
    return person->plan->presses;
}

uint64_t led_person_end_us(const struct led_person *person)
{
    const struct planned_press *press = last_press(person);
    if (!press)
        return 0;
    return press->end_us > press->up_us ? press->end_us : press->up_us;
}

double led_person_threshold(const struct led_person *person, enum side side, struct uv at)
{
    return threshold_at(person->field, side, at);
}
