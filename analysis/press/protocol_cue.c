/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What operator and person are told at each step of the guided test. */
#include "analysis/press/protocol_private.h"

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

static const char *foot_name(enum side side)
{
    return side == SIDE_LEFT ? "left" : "right";
}

static const char *scale_words =
    "0 nothing, 1 pressure, 2 ache or numbness, 3 pain, 4 pain that stays";

static void cue_place(const struct press_protocol *p, struct press_cue *cue)
{
    const struct trial_now *trial = &p->trial;

    if (p->limit == LIMIT_REFUSED)
        SAY("The plate refused the limit of force: nothing is pressed without it. GO asks again, "
            "SKIP "
            "leaves the place out.");
    else if (p->button_down)
        SAY("The button is held: it must be let go before a press begins.");
    else if (trial->kpa >= PRESS_RISE_KPA)
        SAY("Something presses on the stud already: lift the foot.");
    else if (p->went_go && p->limit != LIMIT_SET)
        SAY("Waiting for the plate to hold its limit.");
    else
        SAY("%s foot, %s: stud at x %.0f mm, y %.0f mm. %s Then GO.",
            cue->side == SIDE_LEFT ? "Left" : "Right", cue->place->id, trial->stud.x_mm,
            trial->stud.y_mm,
            trial->kind == TRIAL_TAP     ? "A quick touch."
            : trial->kind == TRIAL_CATCH ? "Catch trial: let nothing press."
                                         : "Foot above it.");
}

static void cue_press(const struct press_protocol *p, struct press_cue *cue)
{
    if (p->trial.kind == TRIAL_CATCH) {
        SAY("Catch trial: keep the foot resting, no force.");
        TELL("Press the button as soon as it hurts.");
    } else if (p->trial.kind == TRIAL_TAP) {
        SAY("Touch the stud quickly and lightly.");
        TELL("Press the button as soon as you feel the touch.");
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

static void cue_rest(const struct press_protocol *p, struct press_cue *cue)
{
    if (p->is_paused)
        SAY("Stopped. GO goes on, END ends the test.");
    else if (p->trouble[0])
        SAY("The press does not count: %s.", p->trouble);
    else
        SAY("Rest.");
    if (cue->rest_s > 10)
        TELL("Rest a little.");
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
        SAY("Lift the foot.");
        TELL("Lift the foot.");
        break;
    case PRESS_STEP_SCALE:
        SAY("Ask: %s.", scale_words);
        TELL("What was it: %s?", scale_words);
        break;
    case PRESS_STEP_REST:
        cue_rest(p, cue);
        break;
    case PRESS_STEP_SKIN:
        SAY("Now the %s foot. Look at its skin, and at the other's: whole, and not reddened? Then "
            "GO.",
            foot_name(p->foot));
        break;
    case PRESS_STEP_DONE:
        SAY("The test has ended: %s.", p->ended);
        break;
    }
    if (p->is_alarm) {
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

void press_protocol_cue(const struct press_protocol *p, struct press_cue *cue)
{
    const struct trial_now *trial = &p->trial;

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
    cue->minutes_left = p->step == PRESS_STEP_DONE
                            ? 0
                            : (cue->presses_left * PRESS_S + p->taps_left * 5 + cue->rest_s) / 60;
    if (has_place(p)) {
        cue->place = &p->route->places[trial->place];
        cue->stud = trial->stud;
        cue->is_tap = trial->kind == TRIAL_TAP;
        cue->is_catch_for_operator = trial->kind == TRIAL_CATCH;
    }
    snprintf(cue->ended, sizeof cue->ended, "%s", p->ended);
    cue_words(p, cue);
}
