/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What operator and person are told at each step of the guided test. */
#include "analysis/press/protocol_private.h"
#include "analysis/press/protocol_standing.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

static void say(char *text, size_t cap, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void say(char *text, size_t cap, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, cap, format, arguments);
    va_end(arguments);
}

#define SAY(...) say(cue->say, sizeof cue->say, __VA_ARGS__)
#define TELL(...) say(cue->tell, sizeof cue->tell, __VA_ARGS__)

static const char *scale_words =
    "0 nothing, 1 pressure, 2 ache or numbness, 3 pain, 4 pain that stays";

static void cue_place(const struct press_protocol *p, struct press_cue *cue)
{
    const struct trial_now *trial = &p->trial;

    if (p->limit == LIMIT_REFUSED)
        SAY("The plate refused the limit of force: nothing is pressed without it. Go on asks "
            "again, skip leaves the place out.");
    else if (p->button_down)
        SAY("The button is held: it must be let go before a press begins.");
    else if (trial->kpa >= PRESS_RISE_KPA)
        SAY("Something presses on the stud already: lift the foot.");
    else if (p->went_go && p->limit != LIMIT_SET)
        SAY("Waiting for the plate to hold its limit.");
    else
        SAY("%s foot, %s: set the stud. %s Then go on.", cue->side == SIDE_LEFT ? "Left" : "Right",
            cue->place->id,
            trial->kind == TRIAL_TAP     ? "A quick touch comes."
            : trial->kind == TRIAL_CATCH ? "Catch trial: nothing will press; do not say so."
                                         : "Foot above it, not touching.");
}

static void cue_press(const struct press_protocol *p, struct press_cue *cue)
{
    if (p->trial.kind == TRIAL_CATCH) {
        SAY("Catch trial: the foot stays above the stud, nothing presses. It ends by itself.");
        TELL("Press the button as soon as it hurts.");
    } else if (p->trial.kind == TRIAL_TAP) {
        SAY(p->step == PRESS_STEP_READY ? "Quick touch: let the foot touch the stud once, lightly."
                                        : "Touched: the foot comes off the stud again.");
        TELL("Press the button the moment you feel the touch.");
    } else if (p->step == PRESS_STEP_READY) {
        SAY("Lower the foot onto the stud, then slowly more: %.0f to %.0f kPa a second.",
            p->options.ramp_low_kpa_s, p->options.ramp_high_kpa_s);
        TELL("Press the button as soon as it hurts.");
    } else {
        double rate = trial_rate(p);
        SAY("%s", isnan(rate)                         ? "Slowly more."
                  : rate > p->options.ramp_high_kpa_s ? "Slower."
                  : rate < p->options.ramp_low_kpa_s  ? "A little faster."
                                                      : "Just so.");
        TELL("Press the button as soon as it hurts.");
    }
}

static const char *trial_words(const struct trial_now *trial)
{
    return trial->kind == TRIAL_TAP     ? "touch"
           : trial->kind == TRIAL_CATCH ? "catch trial"
                                        : "press";
}

static int is_given_up(const struct press_protocol *p)
{
    return p->trial.kind == TRIAL_PRESS && p->places[p->trial.place].is_out;
}

/* The foot is to come off: the alarm's words are loud, a touch's and a catch trial's are not. */
static void cue_lift(const struct press_protocol *p, struct press_cue *cue)
{
    if (p->trial.kind == TRIAL_TAP)
        SAY("Touch over: the foot off the stud.");
    else if (p->trial.kind == TRIAL_CATCH && !p->trial.void_why)
        SAY("Catch trial over: the foot off the stud.");
    else
        SAY(p->is_alarm ? "Lift the foot now." : "Lift the foot.");
    TELL("Lift the foot.");
}

static void cue_rest(const struct press_protocol *p, struct press_cue *cue)
{
    if (p->is_paused)
        SAY("Stopped. Go on when the person wishes to, or end the test.");
    else if (p->trouble[0])
        SAY("This %s does not count: %s.%s", trial_words(&p->trial), p->trouble,
            is_given_up(p) ? " The place is given up." : "");
    else
        SAY("Rest.");
    if (cue->rest_s > 10)
        TELL("Rest a little.");
}

static void cue_skin(const struct press_protocol *p, struct press_cue *cue)
{
    if (p->looks_again)
        SAY("The %s foot again. Look at the skin where it was pressed: whole, and not reddened? "
            "Then go on; skip a place where it is not.",
            side_name(p->foot));
    else
        SAY("Now the %s foot. Look at its skin, and at the other's: whole, and not reddened? Then "
            "go on.",
            side_name(p->foot));
}

static void cue_words(const struct press_protocol *p, struct press_cue *cue)
{
    switch (p->step) {
    case PRESS_STEP_PLACE:
        cue_place(p, cue);
        break;
    case PRESS_STEP_READY:
    case PRESS_STEP_RAMP:
        cue_press(p, cue);
        break;
    case PRESS_STEP_LIFT:
        cue_lift(p, cue);
        break;
    case PRESS_STEP_SCALE:
        SAY("Ask the person, and type the number.");
        TELL("What was it: %s?", scale_words);
        break;
    case PRESS_STEP_REST:
        cue_rest(p, cue);
        break;
    case PRESS_STEP_SKIN:
        cue_skin(p, cue);
        break;
    case PRESS_STEP_DONE:
        SAY("The test has ended: %s.", p->ended);
        break;
    }
    if (p->is_alarm && p->step != PRESS_STEP_LIFT) {
        SAY("Lift the foot now.");
        TELL("Lift the foot.");
    }
}

static int has_place(const struct press_protocol *p)
{
    return p->step != PRESS_STEP_REST && p->step != PRESS_STEP_SKIN && p->step != PRESS_STEP_DONE;
}

static double rest_s(const struct press_protocol *p)
{
    if (p->step != PRESS_STEP_REST || p->now_us >= p->rest_until_us)
        return 0;
    return (double)(p->rest_until_us - p->now_us) * 1e-6;
}

static double minutes_left(const struct press_protocol *p, const struct press_cue *cue)
{
    double needed_s = cue->presses_left * PRESS_S + p->taps_left * 5 + cue->rest_s;

    return p->step == PRESS_STEP_DONE ? 0 : fmin(needed_s, protocol_budget_s(p)) / 60;
}

void press_protocol_cue(const struct press_protocol *p, struct press_cue *cue)
{
    const struct trial_now *trial = &p->trial;

    if (p->standing) {
        standing_cue(p, cue);
        return;
    }
    *cue = (struct press_cue){
        .step = p->step,
        .side = p->foot,
        .number = has_place(p) ? trial->number : 0,
        .tip_kpa = trial->ceiling_kpa > 0 ? trial->kpa : NAN,
        .ramp_kpa_s = p->step == PRESS_STEP_RAMP ? trial_rate(p) : NAN,
        .ceiling_kpa = has_place(p) ? trial->ceiling_kpa : NAN,
        .rest_s = rest_s(p),
        .presses_done = p->presses_done,
        .presses_left = protocol_presses_left(p),
        .alarm = p->is_alarm,
        .last_kpa = p->last_kpa,
        .last_answered = p->last_answered,
        .reaction_s = p->reaction.middle_s,
    };
    cue->minutes_left = minutes_left(p, cue);
    if (has_place(p)) {
        cue->place = &p->route->places[trial->place];
        cue->stud = trial->stud;
        cue->is_tap = trial->kind == TRIAL_TAP;
        cue->is_catch_for_operator = trial->kind == TRIAL_CATCH;
    }
    snprintf(cue->ended, sizeof cue->ended, "%s", p->ended);
    cue_words(p, cue);
}
