/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One press, tap or catch trial of the guided test: from its place to what the person says. */
#include "analysis/press/protocol_private.h"

#include <math.h>
#include <stdio.h>

/* Where more of a base is masked the plate's own limit refuses the press (driver/press_limit.h). */
#define LEAST_SEEN 0.5
/* Cells around the window in which a stud that slipped is still seen. */
#define AROUND_CELLS 3
/* So much of the force beside the stud's rectangle, and more than this, is a stud that slipped. */
#define SLIPPED_SHARE 0.35
#define SLIPPED_N 4.0
#define SLIPPED_FRAMES 3

static const struct route_place *place_of(const struct press_protocol *p)
{
    return &p->route->places[p->trial.place];
}

static double since_s(const struct press_protocol *p, uint64_t time_us)
{
    return p->now_us > time_us ? (double)(p->now_us - time_us) * 1e-6 : 0;
}

/* --- Place ------------------------------------------------------------------------------------ */

/* The foot as it lies, or as it is held in its cup. */
static struct foot_frame frame_of(const struct press_protocol *p, enum side side)
{
    const struct press_protocol_options *options = &p->options;
    struct foot_frame frame = options->frame[side];

    if (!(frame.length_mm > 0))
        frame = foot_frame_template(side, frame.heel, frame.angle_deg, ATLAS_LENGTH_MM);
    if (options->cup_known) {
        frame.heel = options->cup[side];
        frame.angle_deg = options->cup_angle_deg[side];
    }
    frame.side = side;
    return frame;
}

static struct stud_window widened(const struct grid *grid, struct stud_window window)
{
    window.row0 = window.row0 > AROUND_CELLS ? window.row0 - AROUND_CELLS : 0;
    window.col0 = window.col0 > AROUND_CELLS ? window.col0 - AROUND_CELLS : 0;
    window.row1 += AROUND_CELLS;
    window.col1 += AROUND_CELLS;
    if (window.row1 >= grid->rows)
        window.row1 = grid->rows - 1;
    if (window.col1 >= grid->cols)
        window.col1 = grid->cols - 1;
    return window;
}

static double ceiling_of(const struct press_protocol *p, enum trial_kind kind, int place)
{
    double kpa = p->options.ceiling_kpa[p->route->places[place].region_class];

    return kind == TRIAL_PRESS ? kpa : fmin(kpa, TAP_CEILING_KPA);
}

/* The base presses evenly: masked cells had as much of its force as the others. */
static double seen_of_base(const struct press_protocol *p, struct point stud)
{
    const struct press_protocol_options *o = &p->options;
    double all = stud_unseen_share(&o->grid, stud, p->tool.footprint_cm2, o->masked);
    double beyond = stud_unseen_share(&o->grid, stud, p->tool.footprint_cm2, NULL);

    return fmax(1 - (all - beyond), LEAST_SEEN);
}

void trial_begin(struct press_protocol *p, enum trial_kind kind, int place)
{
    struct trial_now *trial = &p->trial;
    const struct route_place *where = &p->route->places[place];
    struct foot_frame frame = frame_of(p, where->side);
    struct point stud = foot_frame_to_plate(&frame, where->at);

    *trial = (struct trial_now){.kind = kind, .place = place, .scale = -1};
    trial->pass = p->places[place].presses + 1;
    trial->stud = (struct point){round(stud.x_mm), round(stud.y_mm)};
    trial->window = stud_window_of(&p->options.grid, trial->stud, p->tool.footprint_cm2);
    trial->around = widened(&p->options.grid, trial->window);
    trial->seen = seen_of_base(p, trial->stud);
    trial->ceiling_kpa = ceiling_of(p, kind, place);
    trial->catch_s = CATCH_LOW_S + (CATCH_HIGH_S - CATCH_LOW_S) * protocol_random(p);
    p->series.n = 0;
    p->went_go = 0;
    p->trouble[0] = 0;
    if (trial->window.row0 > trial->window.row1 || trial->window.col0 > trial->window.col1) {
        /* Beside the plate: nothing would be measured, and nothing could limit it. */
        protocol_leave_out(p, place, "the stud would lie beside the plate");
        protocol_next(p);
        return;
    }
    action_limit(p);
    protocol_step(p, PRESS_STEP_PLACE);
}

/* Stud and foot are set, the plate has its limit, the button is up and nothing presses yet. */
void trial_try_ready(struct press_protocol *p)
{
    struct trial_now *trial = &p->trial;

    if (p->step != PRESS_STEP_PLACE || !p->went_go || p->button_down ||
        trial->kpa >= PRESS_RISE_KPA || p->limit == LIMIT_REFUSED)
        return;
    if (p->limit == LIMIT_NONE || (p->limit == LIMIT_SET && since_s(p, p->limit_us) > LIMIT_OLD_S))
        action_limit(p);
    if (p->limit != LIMIT_SET)
        return;
    trial->number = ++p->numbers;
    trial->is_announced = 1;
    p->trouble[0] = 0;
    action_say_press(p);
    protocol_step(p, PRESS_STEP_READY);
}

/* --- Force ------------------------------------------------------------------------------------ */

double trial_rate(const struct press_protocol *p)
{
    const struct press_series *series = &p->series;

    if (series->n < 2)
        return NAN;
    double end_s = series->samples[series->n - 1].time_s;
    double from_s = fmax(end_s - RATE_OVER_S, series->samples[0].time_s);
    if (end_s - from_s < RATE_OVER_S / 2)
        return NAN;
    double from_kpa = press_series_at(series, from_s, NULL, NULL);
    return (series->samples[series->n - 1].kpa - from_kpa) / (end_s - from_s);
}

static int is_too_fast(const struct press_protocol *p)
{
    double rate = trial_rate(p);

    return p->trial.kind == TRIAL_PRESS && p->trial.kpa > TOO_FAST_FROM_KPA &&
           rate > TOO_FAST_FACTOR * p->options.ramp_high_kpa_s;
}

static int has_slipped(struct press_protocol *p, const float *kpa)
{
    struct trial_now *trial = &p->trial;
    double on_n = stud_force_n(&p->options.grid, &trial->window, kpa);
    double beside_n = stud_force_n(&p->options.grid, &trial->around, kpa) - on_n;
    int is_beside = beside_n > SLIPPED_N && beside_n > SLIPPED_SHARE * (on_n + beside_n);

    trial->slipping = is_beside ? trial->slipping + 1 : 0;
    /* It may go at once, and then it is no foot that was lifted. */
    return trial->slipping >= (trial->kpa < PRESS_START_KPA ? 1 : SLIPPED_FRAMES);
}

static int is_limit_held(const struct press_protocol *p)
{
    return p->limit == LIMIT_SET && since_s(p, p->limit_us) < LIMIT_S - 1;
}

/* Out of the ramp, whatever ended it: the leg is to be lifted. */
static void lift(struct press_protocol *p)
{
    p->trial.went_low = 0;
    p->is_alarm = 1;
    action_signal(p);
    protocol_step(p, PRESS_STEP_LIFT);
}

/* A quick touch that was answered is over as it was meant to be: no cry, no tone, unless the foot
 * stays (clock_lift). */
static void lift_after_answer(struct press_protocol *p)
{
    if (p->trial.kind != TRIAL_TAP) {
        lift(p);
        return;
    }
    p->trial.went_low = 0;
    p->trial.last_signal_us = p->now_us;
    protocol_step(p, PRESS_STEP_LIFT);
}

/* The person gets the same signal as after a press; the operator has nothing to hurry for. */
static void end_catch(struct press_protocol *p)
{
    lift(p);
    p->is_alarm = 0;
}

void trial_stop(struct press_protocol *p, const char *void_why)
{
    if (void_why && !p->trial.void_why)
        p->trial.void_why = void_why;
    lift(p);
}

static int is_low(const struct press_protocol *p)
{
    return p->trial.kpa < fmax(PRESS_START_KPA, p->trial.peak_kpa / 10);
}

/* The force has come back to nothing before anything was asked: a touch, or the person lifted. */
static void end_by_person(struct press_protocol *p)
{
    if (p->trial.peak_kpa < PRESS_RISE_KPA && p->trial.kind == TRIAL_PRESS) {
        p->series.n = 0;
        p->trial.peak_kpa = 0;
        protocol_step(p, PRESS_STEP_READY);
    } else {
        p->trial.went_low = 1;
        p->trial.low_us = p->now_us;
        protocol_step(p, PRESS_STEP_LIFT);
    }
}

static void watch_ramp(struct press_protocol *p, const float *kpa)
{
    struct trial_now *trial = &p->trial;

    if (trial->kind == TRIAL_CATCH && trial->kpa >= PRESS_RISE_KPA)
        trial_stop(p, "the pressure rose in a catch trial");
    else if (!is_limit_held(p))
        trial_stop(p, "the plate held no limit");
    else if (trial->kpa >= trial->ceiling_kpa)
        lift(p);
    else if (has_slipped(p, kpa))
        trial_stop(p, "the stud slipped from its place");
    else if (is_too_fast(p))
        trial_stop(p, "the force rose too fast");
    else if (is_low(p))
        end_by_person(p);
}

static void watch_ready(struct press_protocol *p, const float *kpa)
{
    struct trial_now *trial = &p->trial;

    if (trial->kind == TRIAL_CATCH) {
        if (trial->kpa >= PRESS_RISE_KPA || trial->kpa >= trial->ceiling_kpa)
            trial_stop(p, "the pressure rose in a catch trial");
        return;
    }
    if (trial->kpa < PRESS_START_KPA)
        return;
    protocol_step(p, PRESS_STEP_RAMP);
    watch_ramp(p, kpa);
}

static void watch_lift(struct press_protocol *p)
{
    struct trial_now *trial = &p->trial;

    if (!is_low(p)) {
        trial->went_low = 0;
        return;
    }
    if (!trial->went_low) {
        trial->went_low = 1;
        trial->low_us = p->now_us;
    }
}

/* Pressed where nothing was asked for. */
static void watch_idle(struct press_protocol *p)
{
    p->is_alarm = p->trial.kpa >= IDLE_FORCE_KPA;
    if (p->is_alarm &&
        (!p->trial.last_signal_us || since_s(p, p->trial.last_signal_us) > REPEATED_ALARM_S))
        action_signal(p);
}

static int is_recorded(const struct press_protocol *p)
{
    return p->step == PRESS_STEP_READY || p->step == PRESS_STEP_RAMP || p->step == PRESS_STEP_LIFT;
}

int trial_frame(struct press_protocol *p, const float *kpa, struct problem *why)
{
    struct trial_now *trial = &p->trial;
    double force_n = stud_force_n(&p->options.grid, &trial->window, kpa);

    if (trial->seen > 0) /* there was a place */
        force_n /= trial->seen;
    trial->kpa = stud_tip_kpa(force_n, p->tool.tip_cm2, p->tool.factor);
    /* A damaged frame says nothing about force, so nobody sees it. */
    if (!isfinite(trial->kpa))
        trial->kpa = 0;
    trial->peak_kpa = fmax(trial->peak_kpa, is_recorded(p) ? trial->kpa : 0);
    if (is_recorded(p) &&
        press_series_add(&p->series, protocol_seconds(p, p->now_us), trial->kpa)) {
        problem_no_memory(why, "the pressure of a press");
        trial_stop(p, "out of memory");
        return -1;
    }
    if (p->step == PRESS_STEP_READY)
        watch_ready(p, kpa);
    else if (p->step == PRESS_STEP_RAMP)
        watch_ramp(p, kpa);
    else if (p->step == PRESS_STEP_LIFT)
        watch_lift(p);
    else
        watch_idle(p);
    return 0;
}

/* --- Answers ---------------------------------------------------------------------------------- */

static void answer_at_now(struct press_protocol *p, int by_key)
{
    p->trial.answered = 1;
    p->trial.by_key = by_key;
    p->trial.answer_s = protocol_seconds(p, p->now_us);
}

void trial_button(struct press_protocol *p)
{
    struct trial_now *trial = &p->trial;

    if (p->step == PRESS_STEP_READY && trial->kind != TRIAL_CATCH) {
        trial_stop(p, "the button was pressed before the pressure rose");
    } else if (p->step == PRESS_STEP_READY || p->step == PRESS_STEP_RAMP) {
        answer_at_now(p, 0);
        lift_after_answer(p);
    } else if (p->step == PRESS_STEP_LIFT && !trial->answered && !trial->void_why &&
               since_s(p, p->step_us) <= ANSWER_AFTER_S) {
        answer_at_now(p, 0);
    }
}

void trial_answer_by_key(struct press_protocol *p, int scale)
{
    p->trial.scale = scale;
    answer_at_now(p, 1);
    lift(p);
}

void trial_limit(struct press_protocol *p)
{
    if (p->step == PRESS_STEP_READY || p->step == PRESS_STEP_RAMP)
        lift(p);
    else if (p->step != PRESS_STEP_LIFT && p->step != PRESS_STEP_DONE)
        action_signal(p);
}

/* --- What it gave ----------------------------------------------------------------------------- */

static double own_sd(const struct press_protocol *p, double rate, double kpa)
{
    double reaction_s = reaction_sd_s(&p->reaction);

    return kpa > 0 && rate > 0 ? hypot(PLATE_SD, rate * reaction_s / kpa) : PLATE_SD;
}

/* The same numbers as the recording's analysis makes of it (press_finder.h). */
static void note_press(struct press_protocol *p, struct threshold_press *press)
{
    const struct trial_now *trial = &p->trial;
    double at_s = trial->answered ? trial->answer_s - p->reaction.middle_s : NAN;
    struct press_ramp ramp = press_ramp_find(&p->series, at_s);
    double until_s = trial->answered ? fmin(trial->answer_s, ramp.peak_s) : ramp.peak_s;
    double rate = ramp.rises ? press_ramp_rate(&p->series, &ramp, until_s) : NAN;
    double kpa = ramp.peak_kpa;

    if (trial->answered && ramp.rises)
        kpa = fmin(press_series_at(&p->series, fmax(at_s, ramp.start_s), NULL, NULL), kpa);
    *press = (struct threshold_press){.place = trial->place,
                                      .answered = trial->answered,
                                      .kpa = kpa,
                                      .own_sd = own_sd(p, rate, kpa),
                                      .order = p->presses_done};
}

/* Where the touch's pressure left zero, straight back through its rise. */
static double felt_s(const struct press_series *series)
{
    struct press_ramp ramp = press_ramp_find(series, NAN);

    for (size_t i = 0; i < series->n; i++)
        if (series->samples[i].kpa >= PRESS_START_KPA)
            return i && series->samples[i - 1].kpa > 0 ? series->samples[i - 1].time_s
                                                       : series->samples[i].time_s;
    return ramp.start_s;
}

static void note_tap(struct press_protocol *p)
{
    const struct trial_now *trial = &p->trial;

    p->taps_left--;
    if (!trial->answered || trial->void_why || p->n_delays >= REACTION_TAPS_MAX || !p->series.n)
        return;
    p->delays_s[p->n_delays++] = trial->answer_s - felt_s(&p->series);
    p->reaction = reaction_from_taps(p->delays_s, p->n_delays);
}

static void note_touched(struct press_protocol *p)
{
    struct place_state *state = &p->places[p->trial.place];

    state->has_last = 1;
    state->last_us = p->now_us;
    state->is_unlooked |= p->trial.kind == TRIAL_PRESS;
}

/* A press that does not count. A place where it never works is given up at last. */
static void note_void(struct press_protocol *p, const char *why)
{
    struct place_state *state = &p->places[p->trial.place];

    snprintf(p->trouble, sizeof p->trouble, "%s", why);
    if (p->trial.kind == TRIAL_PRESS && ++state->voids >= VOID_PRESSES_MAX)
        protocol_leave_out(p, p->trial.place, "given up after %d presses that do not count; %s",
                           state->voids, why);
}

/* A good press: numbers for the route, answer to be asked. */
static void take_press(struct press_protocol *p)
{
    struct threshold_press press;

    note_press(p, &press);
    p->last_kpa = press.kpa;
    p->last_answered = press.answered;
    p->places[p->trial.place].presses++;
    p->places[p->trial.place].rounds++;
    p->presses_done++;
    p->since_rest++;
    p->batch++;
    if (p->n_presses < p->cap_presses && press.kpa > 0) {
        p->presses[p->n_presses++] = press;
        p->is_fitted = 0;
    }
}

/* The foot is away. What hurt is asked for, also where the press does not count. */
static void finish_trial(struct press_protocol *p)
{
    struct trial_now *trial = &p->trial;
    int rose = trial->peak_kpa >= PRESS_RISE_KPA;

    p->is_alarm = 0;
    p->false_answers += trial->kind == TRIAL_CATCH && trial->answered && !trial->void_why;
    if (trial->kind != TRIAL_CATCH || rose)
        note_touched(p);
    if (trial->kind == TRIAL_TAP)
        note_tap(p);
    else if (trial->kind == TRIAL_PRESS && !rose && !trial->void_why)
        trial->void_why = "no pressure rose";
    if (trial->void_why)
        note_void(p, trial->void_why);
    else if (trial->kind == TRIAL_PRESS)
        take_press(p);
    if (trial->kind == TRIAL_PRESS && rose && trial->scale < 0)
        protocol_step(p, PRESS_STEP_SCALE);
    else
        trial_scale(p, trial->scale);
}

/* Places of the same foot that share the zone aimed at. */
static void leave_zone(struct press_protocol *p)
{
    const struct route_place *here = place_of(p);

    protocol_leave_out(p, p->trial.place, "pain stayed there after a press: no more today");
    for (int i = 0; here->n_zones && i < p->route->n; i++)
        for (int z = 0; z < p->route->places[i].n_zones; z++)
            if (p->route->places[i].side == here->side &&
                p->route->places[i].zones[z] == here->zones[0])
                protocol_leave_out(p, i, "pain stayed in %s after a press: no more today",
                                   here->zones[0]->id);
}

/* It was made, and tells nothing: the place waits again. */
static void drop_press(struct press_protocol *p)
{
    p->n_presses--;
    p->places[p->trial.place].presses--;
    p->places[p->trial.place].rounds--;
    note_void(p, "button and scale do not say the same");
}

/* The press just noted, or NULL. */
static struct threshold_press *noted(struct press_protocol *p)
{
    struct threshold_press *last = p->n_presses ? &p->presses[p->n_presses - 1] : NULL;

    return last && !last->session && last->order == p->presses_done - 1 ? last : NULL;
}

/* As the recording's analysis reads it (press_judge.c): ache at the button is a bound of pain; a
 * button without ache or pain, or the other way round, tells no threshold. */
static void take_scale(struct press_protocol *p)
{
    struct threshold_press *last = noted(p);
    const struct trial_now *trial = &p->trial;
    int by_button = trial->answered && !trial->by_key;

    if (!last || trial->kind != TRIAL_PRESS || trial->void_why)
        return;
    p->is_fitted = 0;
    if (by_button && trial->scale == 2)
        last->answered = 0;
    else if (trial->scale >= 0 && by_button != (trial->scale >= 2))
        drop_press(p);
}

void trial_scale(struct press_protocol *p, int scale)
{
    double rest_s = AFTER_PRESS_S;

    p->trial.scale = scale;
    if (p->trial.kind == TRIAL_PRESS || p->trial.void_why)
        action_say_answer(p);
    take_scale(p);
    if (scale == 4) {
        leave_zone(p);
        rest_s = PAIN_REST_S;
        p->must_rest = 1;
    } else if (p->since_rest >= LONG_REST_PRESSES) {
        rest_s = LONG_REST_S;
    }
    if (rest_s > AFTER_PRESS_S)
        p->since_rest = 0;
    p->rest_until_us = p->now_us + (uint64_t)(rest_s * 1e6);
    protocol_step(p, PRESS_STEP_REST);
}

/* --- Time ------------------------------------------------------------------------------------- */

static void clock_lift(struct press_protocol *p)
{
    const struct trial_now *trial = &p->trial;
    double wait_s = trial->answered || trial->void_why ? LIFTED_S : ANSWER_AFTER_S;

    if (trial->went_low && since_s(p, trial->low_us) >= LIFTED_S &&
        since_s(p, p->step_us) >= wait_s)
        finish_trial(p);
    else if (!trial->went_low && since_s(p, trial->last_signal_us) >= LIFT_AGAIN_S) {
        p->is_alarm = 1;
        action_signal(p);
    }
}

void trial_clock(struct press_protocol *p)
{
    const struct trial_now *trial = &p->trial;
    double in_step_s = since_s(p, p->step_us), dark_s = since_s(p, p->frame_us);

    if ((p->step == PRESS_STEP_READY || p->step == PRESS_STEP_RAMP) && dark_s > FRAME_GAP_S)
        trial_stop(p, "frames were lost");
    else if (p->step == PRESS_STEP_LIFT)
        clock_lift(p);
    else if (p->step == PRESS_STEP_READY && trial->kind == TRIAL_CATCH &&
             in_step_s >= trial->catch_s)
        end_catch(p);
    else if (p->step == PRESS_STEP_READY && in_step_s >= READY_MAX_S)
        trial_stop(p, "no pressure rose");
    else if (p->step == PRESS_STEP_RAMP && in_step_s >= RAMP_MAX_S)
        trial_stop(p, "the pressure rose too slowly");
}
