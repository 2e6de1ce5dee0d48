/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the test of whole feet says, on the bare plate and on a mat: to the recording, the operator
 * and the person. */
#include "analysis/press/protocol_standing.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#define HEAD "{\"schema\":\"tenderfoot/annotation/1\","
/* Of a shift or a mat's press with all that goes with it, for the time left. */
#define TURN_S 16.0

/* --- Annotations (PROTOCOL.md, section 7) ----------------------------------------------------- */

void standing_say_protocol(struct press_protocol *p)
{
    const double *ceiling = p->options.ceiling_kpa;

    action_say(p,
               HEAD "%s\"protocol\":{\"name\":\"press\",\"tool\":\"%s\",\"tool_kind\":\"%s\","
                    "%s\"ramp_kpa_s\":[%g,%g],\"ceiling_kpa\":{\"toe\":%g,"
                    "\"ball\":%g,\"arch\":%g,\"heel\":%g},\"hold_s\":%g,\"presses\":%d,"
                    "\"presses_max\":%d,\"minutes_max\":%g}}",
               p->tool.kind == TOOL_FLAT ? "\"step\":\"press\"," : "", p->tool.name,
               tool_kind_name(p->tool.kind), p->tool.kind == TOOL_FLAT ? "\"standing\":true," : "",
               p->options.ramp_low_kpa_s, p->options.ramp_high_kpa_s, ceiling[CLASS_TOE],
               ceiling[CLASS_BALL], ceiling[CLASS_ARCH], ceiling[CLASS_HEEL], SHIFT_HOLD_S,
               p->standing->n_steps, p->options.presses_max, p->options.minutes_max);
}

static void say_shift(struct press_protocol *p)
{
    const struct standing_turn *turn = &p->standing->turn;
    const struct standing_step *now = standing_now(p);
    struct uv aim = shift_region_aim((enum shift_region)now->region);

    action_say(p,
               HEAD "\"step\":\"press\",\"press\":{\"number\":%d,\"pass\":%d,\"side\":\"%s\","
                    "\"catch\":false,\"tap\":false,\"ceiling_kpa\":null,\"tool\":{\"name\":\"%s\","
                    "\"kind\":\"flat\"},\"stud\":null,\"heel_cup\":null,\"aim\":{\"u\":%.2f,"
                    "\"v\":%.2f},\"target_zone\":null,\"shift\":{\"region\":\"%s\",\"hold_s\":%g,"
                    "\"even_share\":%.3f,\"wanted_share\":%.3f}}}",
               turn->number, now->pass, side_name(now->side), p->tool.name, aim.u, aim.v,
               shift_region_name((enum shift_region)now->region), SHIFT_HOLD_S, turn->even_share,
               turn->wanted_share);
}

static void say_mat(struct press_protocol *p)
{
    const struct standing_turn *turn = &p->standing->turn;
    const struct standing_step *now = standing_now(p);
    struct point stud = mat_stud(p, now->placing), heel = p->options.cup[now->side];
    char tool[320];

    action_tool_text(&p->tool, tool, sizeof tool);
    action_say(p,
               HEAD "\"step\":\"press\",\"press\":{\"number\":%d,\"pass\":%d,\"side\":\"%s\","
                    "\"catch\":false,\"tap\":false,\"ceiling_kpa\":null,\"tool\":%s,"
                    "\"stud\":{\"x_mm\":%.1f,\"y_mm\":%.1f},\"heel_cup\":null,"
                    "\"heel_mark\":{\"x_mm\":%.1f,\"y_mm\":%.1f,\"angle_deg\":%.2f},"
                    "\"target_zone\":null,\"placing\":%d}}",
               turn->number, now->pass, side_name(now->side), tool, stud.x_mm, stud.y_mm, heel.x_mm,
               heel.y_mm, p->options.cup_angle_deg[now->side], now->placing + 1);
}

void standing_say_turn(struct press_protocol *p)
{
    if (p->tool.kind == TOOL_MAT)
        say_mat(p);
    else
        say_shift(p);
}

void standing_say_answer(struct press_protocol *p)
{
    const struct standing_turn *turn = &p->standing->turn;
    char scale[16] = "null", word[120] = "null";

    if (!turn->is_announced)
        return;
    if (turn->scale >= 0)
        snprintf(scale, sizeof scale, "%d", turn->scale);
    if (turn->void_why)
        snprintf(word, sizeof word, "\"%.100s\"", turn->void_why);
    action_say(p,
               HEAD "\"answer\":{\"number\":%d,\"scale\":%s,\"by_key\":%s,\"void\":%s,"
                    "\"end\":\"%s\",\"reached\":%s}}",
               turn->number, scale, turn->by_key ? "true" : "false", word,
               turn->end ? turn->end : "stopped", turn->reached ? "true" : "false");
}

/* --- Cue -------------------------------------------------------------------------------------- */

static void write(char *text, size_t cap, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void write(char *text, size_t cap, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, cap, format, arguments);
    va_end(arguments);
}

#define SAY(...) write(cue->say, sizeof cue->say, __VA_ARGS__)
#define TELL(...) write(cue->tell, sizeof cue->tell, __VA_ARGS__)

static const char *scale_words =
    "0 nothing, 1 pressure, 2 ache or numbness, 3 pain, 4 pain that stays";

static const char *region_words(const struct press_protocol *p)
{
    return shift_region_words((enum shift_region)standing_now(p)->region);
}

static void shift_words(const struct press_protocol *p, struct press_cue *cue)
{
    const struct standing *s = p->standing;
    const char *foot = side_name(p->foot), *region = region_words(p);

    if (p->step == PRESS_STEP_SKIN) {
        SAY("Standing as before, a firm hold within reach. Is the skin of both soles whole, and "
            "does the person stand safely? Then GO.");
        TELL("Stay where you stand. The button stops at once.");
    } else if (p->step == PRESS_STEP_PLACE) {
        if (p->button_down)
            SAY("The button is held: it must be let go before weight is shifted.");
        else if (s->turn.weight_n < STANDING_LEAST_N)
            SAY("Nobody stands on the plate.");
        else if (s->own_share < OWN_SHARE_LEAST)
            SAY("The feet do not stand where they were seen: back to that place, or END and begin "
                "anew.");
        else
            SAY("Next: the %s of the %s foot. Weight even on both feet, then GO.", region, foot);
        TELL("Stand evenly on both feet.");
    } else if (p->step == PRESS_STEP_RAMP) {
        if (s->turn.is_held)
            SAY("The %s bears it: hold.", region);
        else
            SAY("Slowly more weight onto the %s %s: %.0f %% of the weight is there, %.0f %% is "
                "wanted.",
                foot, region, 100 * s->turn.share, 100 * s->turn.wanted_share);
        TELL("Lean slowly onto the %s of the %s foot. Press the button as soon as it hurts.",
             region, foot);
    } else if (p->step == PRESS_STEP_LIFT) {
        SAY("Back: weight even on both feet.");
        TELL("Stand evenly on both feet.");
    }
}

static void mat_place_words(const struct press_protocol *p, struct press_cue *cue)
{
    const struct standing_step *now = standing_now(p);
    struct point stud = mat_stud(p, now->placing), heel = p->options.cup[now->side];

    if (p->step == PRESS_STEP_SKIN) {
        SAY("The person sits. Mat with a stud at x %.0f mm, y %.0f mm%s. Look at the %s sole: "
            "whole, "
            "not reddened? Then GO; if not, SKIP leaves that foot out.",
            stud.x_mm, stud.y_mm, now->placing ? " (half a pitch further both ways)" : "",
            side_name(p->foot));
    } else if (p->button_down) {
        SAY("The button is held: it must be let go before a press begins.");
    } else if (p->standing->turn.foot_n >= MAT_FROM_N) {
        SAY("Something presses on the mat already: take it off.");
    } else {
        SAY("%s foot: heel's back edge at x %.0f mm, y %.0f mm, toes to the front, held above the "
            "mat. Then GO.",
            now->side == SIDE_LEFT ? "Left" : "Right", heel.x_mm, heel.y_mm);
    }
}

static void mat_words(const struct press_protocol *p, struct press_cue *cue)
{
    double rate = p->step == PRESS_STEP_RAMP ? trial_rate(p) : NAN;

    if (p->step == PRESS_STEP_SKIN || p->step == PRESS_STEP_PLACE) {
        mat_place_words(p, cue);
    } else if (p->step == PRESS_STEP_READY) {
        SAY("Foot lowered onto the mat, all of it, then slowly more; nobody stands up.");
        TELL("Stay seated and lower the foot. Press the button as soon as it hurts anywhere.");
    } else if (p->step == PRESS_STEP_RAMP) {
        SAY("%s", isnan(rate)                         ? "Slowly more."
                  : rate > p->options.ramp_high_kpa_s ? "Slower."
                  : rate < p->options.ramp_low_kpa_s  ? "A little faster, or hold if all is there."
                                                      : "Just so.");
        TELL("Press down slowly, seated. Press the button as soon as it hurts anywhere.");
    } else if (p->step == PRESS_STEP_LIFT) {
        SAY("The foot off the mat.");
        TELL("Lift the foot.");
    }
}

static void common_words(const struct press_protocol *p, struct press_cue *cue)
{
    if (p->step == PRESS_STEP_SCALE) {
        SAY("Ask: %s.", scale_words);
        TELL("What was it: %s?", scale_words);
    } else if (p->step == PRESS_STEP_REST) {
        if (p->is_paused)
            SAY("Stopped. GO goes on, END ends the test.");
        else if (p->trouble[0])
            SAY("It does not count: %s.", p->trouble);
        else
            SAY("Rest.");
        if (cue->rest_s > 10)
            TELL("%s", p->tool.kind == TOOL_FLAT
                           ? "Rest a little; you may step off, and then stand as before."
                           : "Rest a little.");
    } else if (p->step == PRESS_STEP_DONE) {
        SAY("The test has ended: %s.", p->ended);
    }
    if (p->is_alarm && p->tool.kind == TOOL_MAT) {
        SAY("Foot off the mat now.");
        TELL("Lift the foot.");
    } else if (p->is_alarm) {
        SAY("Stand evenly now, or step off.");
        TELL("Stand evenly on both feet.");
    }
}

static int has_turn(const struct press_protocol *p)
{
    return p->step != PRESS_STEP_REST && p->step != PRESS_STEP_SKIN && p->step != PRESS_STEP_DONE;
}

static struct press_standing_cue live(const struct press_protocol *p)
{
    const struct standing *s = p->standing;
    const struct standing_turn *turn = &s->turn;
    const struct standing_step *now = standing_now(p);
    struct press_standing_cue live = {
        .region = has_turn(p) ? now->region : -1,
        .weight_n = turn->weight_n,
        .foot_n = turn->foot_n,
        .region_n = turn->region_n,
        .region_share = turn->share,
        .wanted_share = s->has_even ? turn->wanted_share : NAN,
        .bears = s->has_even && turn->share >= turn->wanted_share,
        .held_s =
            p->step == PRESS_STEP_RAMP && turn->is_held ? standing_since_s(p, turn->held_us) : 0,
        .hold_s = SHIFT_HOLD_S,
        .feet_moved =
            s->own_share<OWN_SHARE_LEAST, .heel = p->options.cup[now->side],
                         .mat_stud = mat_stud(p, now->placing), .mat_is_moved = now->placing> 0,
        .hardest = {NAN, NAN},
    };

    if (turn->hardest >= 0)
        live.hardest = s->studs[turn->hardest].at;
    return live;
}

static int turns_left(const struct press_protocol *p)
{
    int left = 0, most = p->options.presses_max - p->presses_done;

    for (int i = 0; i < p->standing->n_steps; i++)
        left += !p->standing->steps[i].is_done;
    return left < most ? left : most;
}

static double ceiling_now(const struct press_protocol *p)
{
    const struct standing *s = p->standing;
    int hardest = s->turn.hardest;

    return p->tool.kind == TOOL_MAT && hardest >= 0 ? s->studs[hardest].ceiling_kpa : NAN;
}

void standing_cue(const struct press_protocol *p, struct press_cue *cue)
{
    const struct standing_turn *turn = &p->standing->turn;
    int is_mat = p->tool.kind == TOOL_MAT, left = turns_left(p);
    int is_resting = p->step == PRESS_STEP_REST && p->now_us < p->rest_until_us;

    *cue = (struct press_cue){
        .step = p->step,
        .side = p->foot,
        .stud = is_mat ? mat_stud(p, standing_now(p)->placing) : (struct point){NAN, NAN},
        .number = has_turn(p) ? turn->number : 0,
        .tip_kpa = has_turn(p) ? turn->kpa : NAN,
        .ramp_kpa_s = is_mat && p->step == PRESS_STEP_RAMP ? trial_rate(p) : NAN,
        .ceiling_kpa = has_turn(p) ? ceiling_now(p) : NAN,
        .rest_s = is_resting ? (double)(p->rest_until_us - p->now_us) * 1e-6 : 0,
        .presses_done = p->presses_done,
        .presses_left = left,
        .minutes_left = p->step == PRESS_STEP_DONE ? 0 : left * TURN_S / 60,
        .alarm = p->is_alarm,
        .last_kpa = p->last_kpa,
        .last_answered = p->last_answered,
        .reaction_s = p->reaction.middle_s,
        .tool_kind = p->tool.kind,
        .standing = live(p),
    };
    snprintf(cue->ended, sizeof cue->ended, "%s", p->ended);
    if (is_mat)
        mat_words(p, cue);
    else
        shift_words(p, cue);
    common_words(p, cue);
}
