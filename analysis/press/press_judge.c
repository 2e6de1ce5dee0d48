/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From trials to presses: ramp, answer, place, and what makes a press doubtful. */
#include "analysis/press/press_finder_private.h"
#include "analysis/press/shift_region.h"
#include "analysis/wording.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The ceiling counts as reached from this share of it: nobody stops exactly there. */
#define CEILING_SHARE 0.97
/* A hole of more than so many frames around the answer leaves its pressure open ... */
#define GAP_PERIODS 2.5
/* ... when the pressure changed in it by more than this share. */
#define GAP_CHANGE 0.1
/* Zero before a press: the lowest mean of so many samples before its ramp ... */
#define ZERO_SAMPLES 5
/* ... and it is off above both of these: force, and share of the press's own peak. */
#define ZERO_OFF_N 1.0
#define ZERO_OFF_SHARE 0.05
/* Blobs without annotation count when they came to this much within at least this time. */
#define BLOB_PEAK_MIN_N 5.0
#define BLOB_RISE_MIN_S 0.3
/* As much of the stud's base beside the plate is too much. */
#define UNSEEN_SHARE 0.02
/* Shares of a pressure: one cell's error where the calibration does not say, and what the rim of a
 * base loses in the gate. */
#define CELL_ERROR 0.03
#define RIM_ERROR 0.01
/* Thresholds depend on the rate (reflexology.md X3): so much of ln kPa for each doubling. */
#define RATE_ERROR 0.1
#define RATE_LOW_KPA_S 30.0
#define RATE_HIGH_KPA_S 50.0
/* Beyond this factor outside of the wanted rates a press is not compared. */
#define RATE_FAR 2.5
/* The local slope is taken over this time on both sides of the answer. */
#define SLOPE_S 0.15
/* A touch shorter or lighter than this was not felt. */
#define TAP_KPA 2.0

/* The first doubt stays: they are asked in the order of their weight. */
static void doubt(struct press *press, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void doubt(struct press *press, const char *format, ...)
{
    va_list args;

    if (press->doubtful)
        return;
    press->doubtful = 1;
    va_start(args, format);
    vsnprintf(press->doubt, sizeof press->doubt, format, args);
    va_end(args);
}

/* --- The button ----------------------------------------------------------------------------- */

static int compare_edges(const void *a, const void *b)
{
    uint64_t x = ((const struct edge *)a)->time_us, y = ((const struct edge *)b)->time_us;

    return (x > y) - (x < y);
}

/* Events may arrive out of order; searches want them sorted. */
static void sort_events(struct press_finder *finder)
{
    if (finder->n_edges)
        qsort(finder->edges, (size_t)finder->n_edges, sizeof *finder->edges, compare_edges);
}

/* Index of the first edge at or after the time. */
static int first_edge(const struct press_finder *finder, double time_s)
{
    int low = 0, high = finder->n_edges;

    while (low < high) {
        int middle = (low + high) / 2;
        if (press_seconds(finder, finder->edges[middle].time_us) >= time_s)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The first button-down from `from_s` to `to_s`, or NAN. */
static double first_down_s(const struct press_finder *finder, double from_s, double to_s)
{
    for (int i = first_edge(finder, from_s); i < finder->n_edges; i++) {
        double at = press_seconds(finder, finder->edges[i].time_us);
        if (at > to_s)
            break;
        if (finder->edges[i].down)
            return at;
    }
    return NAN;
}

static int is_held_at(const struct press_finder *finder, double time_s)
{
    int i = first_edge(finder, time_s);

    return i > 0 && finder->edges[i - 1].down;
}

static double until_s(const struct press_finder *finder, const struct trial *trial)
{
    return trial->until_us == UINT64_MAX ? INFINITY : press_seconds(finder, trial->until_us);
}

/* --- The reaction --------------------------------------------------------------------------- */

/* When the touch left zero: the line through a tenth and a half of its peak, back to zero. */
static double touched_at_s(const struct press_series *series)
{
    double peak = 0, tenth = NAN, half = NAN, before_s = NAN, before_kpa = 0;

    for (size_t i = 0; i < series->n; i++)
        peak = fmax(peak, series->samples[i].kpa);
    if (peak < TAP_KPA)
        return NAN;
    for (size_t i = 0; i < series->n && isnan(half); i++) {
        const struct press_sample *sample = &series->samples[i];
        double step = sample->kpa - before_kpa, since = sample->time_s - before_s;
        if (isnan(tenth) && sample->kpa >= peak / 10)
            tenth = i ? before_s + since * (peak / 10 - before_kpa) / step : sample->time_s;
        if (sample->kpa >= peak / 2)
            half = i ? before_s + since * (peak / 2 - before_kpa) / step : sample->time_s;
        before_s = sample->time_s;
        before_kpa = sample->kpa;
    }
    return tenth - (half - tenth) / 4; /* 0.1 of the way lies a quarter of 0.4 before the tenth */
}

static struct reaction reaction_of(const struct press_finder *finder)
{
    double delays[REACTION_TAPS_MAX];
    int n = 0;

    for (int i = 0; i < finder->n_trials && n < REACTION_TAPS_MAX; i++) {
        const struct trial *trial = &finder->trials[i];
        if (!trial->is_annotated || !trial->said.is_tap || trial->said.is_catch)
            continue;
        double felt_s = touched_at_s(&trial->series);
        double from_s = press_seconds(finder, trial->begin_us);
        double down_s = first_down_s(finder, from_s, until_s(finder, trial));
        if (!isnan(down_s) && !isnan(felt_s))
            delays[n++] = down_s - felt_s;
    }
    return reaction_from_taps(delays, n);
}

/* --- Place ---------------------------------------------------------------------------------- */

struct press_foot_known press_foot_of(const struct press_finder *finder, const struct trial *trial,
                                      const struct result *result)
{
    enum side side = trial->said.side;
    const struct foot_result *foot = NULL;

    for (int i = 0; i < result->n_feet; i++)
        if (result->feet[i].side == side)
            foot = &result->feet[i];
    return press_foot_known_of(side, foot, result->mean_picture, result->threshold_kpa,
                               press_seat_foot(finder->seat, trial->seat), finder->length_mm[side]);
}

static void set_place(const struct press_finder *finder, const struct trial *trial,
                      const struct result *result, struct press *press)
{
    const struct press_annotation *said = &trial->said;
    const struct press_cup cup = {said->cup, said->cup_angle_deg};
    struct press_pose pose;

    press->place = (struct uv){NAN, NAN};
    press->stud = said->stud;
    if (!trial->is_annotated || !said->stud_known)
        press->stud = trial->sum > 0
                          ? (struct point){trial->x_force / trial->sum, trial->y_force / trial->sum}
                          : (struct point){NAN, NAN};
    if (!trial->is_annotated || !said->stud_known || said->side == SIDE_UNKNOWN ||
        said->tool_kind != TOOL_SINGLE)
        return;
    struct press_foot_known known = press_foot_of(finder, trial, result);
    if (finder->touch)
        press_touch_set(finder->touch, trial->beside.index, trial->beside.kpa, trial->beside.n);
    press_pose_find(&known, said->cup_known ? &cup : NULL, trial->beside.n ? finder->touch : NULL,
                    said->stud, said->footprint_cm2, &pose);
    press->place = press_pose_place(&pose, said->stud, &press->place_sd_mm);
    press->place_from = pose.from;
    press->place_known = pose.from != PLACE_UNKNOWN;
    press->held = pose.held;
}

/* --- The stud's cells ----------------------------------------------------------------------- */

static void judge_cells(const struct press_finder *finder, const struct trial *trial,
                        const struct result *result, struct press *press)
{
    struct blind_cells cells = press_cells_blind(&finder->grid, trial, result->facts.masked);

    if (cells.beyond > UNSEEN_SHARE)
        doubt(press, "%.0f %% of the stud's base lay beside the plate", 100 * cells.beyond);
    if (press_cells_can_fill(&cells)) {
        press->own_sd = hypot(press->own_sd, press_cells_error(&cells));
        return;
    }
    if (cells.dead)
        doubt(press, "%d cell%s under the stud read nothing while it pressed", cells.dead,
              cells.dead == 1 ? "" : "s");
    doubt(press, "%.0f %% of the stud's base lay on faulty cells", 100 * cells.of_base);
}

/* --- Answers -------------------------------------------------------------------------------- */

/* Pressure at the answer: the ramp's, as long before as a reaction takes, at most its peak. */
static void set_answer(struct press *press, const struct press_series *series,
                       const struct press_ramp *ramp, double down_s, double reaction_s)
{
    double felt_s = down_s - reaction_s, gap_s, gap_kpa;
    double period_s = press_series_period_s(series);

    press->answered = 1;
    press->answer_s = down_s;
    press_series_at(series, felt_s, &gap_s, &gap_kpa);
    press->answer_kpa = press_series_at(series, fmin(felt_s, ramp->peak_s), NULL, NULL);
    if (felt_s < ramp->start_s)
        doubt(press, "answered within the reaction time of the first rise");
    else if (gap_s > GAP_PERIODS * period_s &&
             (felt_s > ramp->peak_s || fabs(gap_kpa) > GAP_CHANGE * press->answer_kpa))
        doubt(press, "frames were lost at the answer, for %.2f s", gap_s);
    else if (ramp->is_cut_off && felt_s > ramp->end_s + GAP_PERIODS * period_s)
        doubt(press, "frames were lost before the answer");
    else if (felt_s > ramp->end_s)
        doubt(press, "answered when the foot was already lifted");
}

/* What was said afterwards, 0 to 4: ache is no pain. With a mat or on the bare plate a load is a
 * bound in any case, so that pain may be told afterwards: it hurt at no more than was borne. */
static void judge_scale(struct press *press)
{
    if (press->answered && (press->scale == 0 || press->scale == 1))
        doubt(press, "the button was pressed, and neither ache nor pain was said afterwards");
    else if (!press->answered && press->scale >= 3 && press->tool_kind != TOOL_SINGLE)
        press->answered = press->told_after = 1;
    else if (!press->answered && press->scale >= 2 && press->tool_kind == TOOL_SINGLE)
        doubt(press,
              "%s was said afterwards, but the button was not pressed: at which pressure is "
              "not known",
              press->scale == 2 ? "ache" : "pain");
    if (press->answered && press->scale == 2)
        press->ache_kpa = press->answer_kpa;
    else if (press->answered)
        press->pain_kpa = press->answer_kpa;
}

enum press_use press_use_of(const struct press *press, double *kpa)
{
    *kpa = NAN;
    if (press->doubtful || press->is_tap || press->is_catch || press->tool_kind != TOOL_SINGLE ||
        isnan(press->start_s) || isnan(press->peak_kpa))
        return PRESS_NOTHING;
    *kpa = press->answered ? press->answer_kpa : press->peak_kpa;
    if (isnan(*kpa))
        return PRESS_NOTHING;
    return press->answered && press->scale != 2 ? PRESS_PAIN : PRESS_BOUND;
}

/* --- Ramps ---------------------------------------------------------------------------------- */

/* What the footprint reads before its ramp, as kPa at the tip; NAN without a sample there. */
static double zero_before_kpa(const struct press_series *series, const struct press_ramp *ramp)
{
    double lowest = NAN, sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < series->n && series->samples[i].time_s <= ramp->start_s; i++) {
        sum += series->samples[i].kpa;
        if (++n > ZERO_SAMPLES) {
            sum -= series->samples[i - ZERO_SAMPLES].kpa;
            n = ZERO_SAMPLES;
        }
        if (n == ZERO_SAMPLES && !(sum / ZERO_SAMPLES > lowest))
            lowest = sum / ZERO_SAMPLES;
    }
    return isnan(lowest) && n ? sum / (double)n : lowest;
}

/* A plate that reads force where nothing presses yet reads the press too high by it. */
static void judge_zero(const struct trial *trial, const struct press_ramp *ramp,
                       struct press *press)
{
    double kpa = zero_before_kpa(&trial->series, ramp);

    press->zero_n = kpa / 10 * trial->said.tip_cm2 / trial->said.footprint_factor;
    if (press->zero_n > ZERO_OFF_N && kpa > ZERO_OFF_SHARE * press->peak_kpa)
        doubt(press, "%.1f N were read under the stud before the press: its zero is off",
              press->zero_n);
}

/* How many doublings a rate lies outside of what is wanted. */
static double doublings_outside(double kpa_s)
{
    if (!(kpa_s > 0))
        return 0;
    return fmax(0, fmax(log2(RATE_LOW_KPA_S / kpa_s), log2(kpa_s / RATE_HIGH_KPA_S)));
}

static void judge_rate(struct press *press)
{
    double outside = doublings_outside(press->ramp_kpa_s);

    press->rate_is_odd = outside > 0;
    if (outside > log2(RATE_FAR))
        doubt(press, "the pressure rose by %.0f kPa/s, too far from 30 to 50 to be compared",
              press->ramp_kpa_s);
}

/* Error of ln kPa: reaction x slope, cells, rim, rate, added in squares. The slope about the answer
 * counts where it is steeper than the whole ramp's: that is the leg's wobble. */
static double own_sd(const struct press_finder *finder, const struct trial *trial,
                     const struct result *result, const struct press_ramp *ramp,
                     const struct reaction *reaction, const struct press *press)
{
    double kpa = press->answered ? press->answer_kpa : press->peak_kpa;
    double cell = result->facts.pressure_error_percent > 0
                      ? result->facts.pressure_error_percent / 100
                      : CELL_ERROR;
    double cells = fmax(1, trial->said.footprint_cm2 / grid_cell_cm2(&finder->grid));
    double sd = hypot(hypot(cell / sqrt(cells), RIM_ERROR),
                      RATE_ERROR * doublings_outside(press->ramp_kpa_s));

    if (!press->answered || !(kpa > 0))
        return sd;
    double felt_s = fmin(press->answer_s - reaction->middle_s, ramp->peak_s);
    double from_s = fmax(felt_s - SLOPE_S, ramp->start_s);
    double to_s = fmin(felt_s + SLOPE_S, ramp->peak_s);
    double rise = press_series_at(&trial->series, to_s, NULL, NULL) -
                  press_series_at(&trial->series, from_s, NULL, NULL);
    double slope = to_s > from_s ? fabs(rise) / (to_s - from_s) : 0;
    slope = fmax(slope, isnan(press->ramp_kpa_s) ? 0 : press->ramp_kpa_s);
    return hypot(sd, reaction_sd_s(reaction) * slope / kpa);
}

static void judge_ramp(const struct press_finder *finder, const struct trial *trial,
                       const struct result *result, const struct reaction *reaction,
                       const struct press_ramp *ramp, struct press *press)
{
    double begin_s = press_seconds(finder, trial->begin_us);
    double down_s = first_down_s(finder, ramp->start_s, ramp->end_s + ANSWER_AFTER_END_S);

    press->start_s = ramp->start_s;
    press->end_s = ramp->end_s;
    press->lift_s = ramp->is_cut_off ? NAN : ramp->end_s - ramp->lift_s;
    press->reached_ceiling =
        trial->is_limited || press->peak_kpa >= CEILING_SHARE * press->ceiling_kpa;
    if (press->is_catch)
        doubt(press, "the pressure rose in a catch trial");
    if (is_held_at(finder, ramp->start_s))
        doubt(press, "the button was already down when the pressure began to rise");
    else if (!isnan(first_down_s(finder, begin_s, ramp->start_s - 1e-9)))
        doubt(press, "the button was pressed before the pressure rose");
    if (!isnan(down_s))
        set_answer(press, &trial->series, ramp, down_s, reaction->middle_s);
    else if (ramp->is_cut_off)
        doubt(press, "the press was cut off before its end");
    else if (trial->is_stopped)
        doubt(press, "the subject wished to stop during this press");
    judge_zero(trial, ramp, press);
    press->ramp_kpa_s = press_ramp_rate(
        &trial->series, ramp, press->answered ? fmin(press->answer_s, ramp->peak_s) : ramp->peak_s);
    judge_rate(press);
    press->own_sd = own_sd(finder, trial, result, ramp, reaction, press);
}

/* A press under which the pressure did not rise: a catch trial, or something went wrong. */
static void judge_flat(struct press *press, double down_s)
{
    if (!isnan(down_s)) {
        press->answered = 1;
        press->answer_s = down_s;
    }
    if (!press->is_catch && !press->is_tap)
        doubt(press, "no rise of pressure was found under the stud%s",
              press->answered ? ", yet the button was pressed" : "");
}

/* --- Presses -------------------------------------------------------------------------------- */

static struct press unknown_press(void)
{
    return (struct press){
        .scale = -1,
        .shift_reached = -1,
        .side = SIDE_UNKNOWN,
        .stud = {NAN, NAN},
        .place = {NAN, NAN},
        .place_sd_mm = NAN,
        .own_sd = NAN,
        .ache_kpa = NAN,
        .pain_kpa = NAN,
        .answer_s = NAN,
        .peak_kpa = NAN,
        .answer_kpa = NAN,
        .ramp_kpa_s = NAN,
        .lift_s = NAN,
        .zero_n = NAN,
        .ceiling_kpa = NAN,
        .tip_cm2 = NAN,
    };
}

static struct press said_press(const struct press_finder *finder, const struct trial *trial)
{
    const struct press_annotation *said = &trial->said;
    struct press press = unknown_press();

    press.number = said->number;
    press.pass = said->pass;
    memcpy(press.aim, said->aim, sizeof press.aim);
    press.is_catch = said->is_catch;
    press.is_tap = said->is_tap;
    press.tool_kind = (int)said->tool_kind;
    press.scale = trial->scale;
    press.shift_reached = trial->is_reached;
    if (said->region >= 0)
        snprintf(press.shift_region, sizeof press.shift_region, "%s",
                 shift_region_name((enum shift_region)said->region));
    press.side = said->side;
    press.stopped = trial->is_stopped;
    press.start_s = press_seconds(finder, trial->begin_us);
    press.end_s = fmin(until_s(finder, trial), press_seconds(finder, finder->last_us));
    press.ceiling_kpa = said->ceiling_kpa;
    press.tip_cm2 = said->tool_kind == TOOL_FLAT ? NAN : said->tip_cm2;
    return press;
}

/* What the guided test stopped does not count here either. */
static void judge_void(const struct trial *trial, struct press *press)
{
    if (!trial->void_why[0])
        return;
    doubt(press, "the test did not count it%s%s", wording_check(trial->void_why, NULL) ? "" : ": ",
          wording_check(trial->void_why, NULL) ? "" : trial->void_why);
}

/* A touch answered at once has no threshold: where, and whether, is all there is to say. */
static struct press tap_press(const struct press_finder *finder, const struct trial *trial,
                              const struct result *result, double down_s)
{
    struct press press = said_press(finder, trial);

    set_place(finder, trial, result, &press);
    judge_flat(&press, down_s);
    for (size_t i = 0; i < trial->series.n; i++)
        press.peak_kpa = fmax(press.peak_kpa, trial->series.samples[i].kpa);
    doubt(&press, "a quick touch for the reaction time");
    return press;
}

static struct press annotated_press(const struct press_finder *finder, const struct trial *trial,
                                    const struct reaction *reaction, const struct result *result)
{
    const struct press_annotation *said = &trial->said;
    double begin_s = press_seconds(finder, trial->begin_us);
    double down_s = first_down_s(finder, begin_s, until_s(finder, trial));

    if (said->is_tap && !said->is_catch)
        return tap_press(finder, trial, result, down_s);
    struct press_ramp ramp = press_ramp_find(&trial->series, down_s - reaction->middle_s);
    struct press press = said_press(finder, trial);
    press.peak_kpa = ramp.peak_kpa;
    set_place(finder, trial, result, &press);
    if (ramp.rises)
        judge_ramp(finder, trial, result, reaction, &ramp, &press);
    else
        judge_flat(&press, down_s);
    if (ramp.rises)
        judge_cells(finder, trial, result, &press);
    if (!press.is_catch)
        judge_scale(&press);
    judge_void(trial, &press);
    if (!said->tool_known && !said->is_catch)
        doubt(&press, "the stud's tip was not stated; %g cm2 taken", said->tip_cm2);
    return press;
}

/* A shift of weight is no ramp: pressures are those of the zones (press_spread.c). */
static struct press flat_press(const struct press_finder *finder, const struct trial *trial)
{
    struct press press = said_press(finder, trial);
    double down_s = first_down_s(finder, press.start_s, until_s(finder, trial));

    press.place_from = PLACE_FROM_ZONES;
    press.held = 1;
    press.answered = !isnan(down_s);
    press.answer_s = down_s;
    for (size_t i = 0; i < trial->series.n; i++)
        press.peak_kpa = fmax(press.peak_kpa, trial->series.samples[i].kpa);
    if (is_held_at(finder, press.start_s))
        doubt(&press, "the button was already down when the weight began to shift");
    judge_scale(&press);
    judge_void(trial, &press);
    return press;
}

/* A blob's series holds N: without a known tip there is no pressure. */
static int blob_press(const struct press_finder *finder, const struct trial *trial,
                      const struct result *result, struct press *press)
{
    double peak_n = 0, peak_s = NAN, begin_s = press_seconds(finder, trial->begin_us);

    for (size_t i = 0; i < trial->series.n; i++)
        if (trial->series.samples[i].kpa > peak_n) {
            peak_n = trial->series.samples[i].kpa;
            peak_s = trial->series.samples[i].time_s;
        }
    if (peak_n < BLOB_PEAK_MIN_N || peak_s - begin_s < BLOB_RISE_MIN_S)
        return 0;
    *press = unknown_press();
    press->start_s = begin_s;
    press->end_s = press_seconds(finder, trial->until_us);
    press->answer_s = first_down_s(finder, press->start_s, press->end_s + ANSWER_AFTER_END_S);
    press->answered = !isnan(press->answer_s);
    set_place(finder, trial, result, press);
    doubt(press, "found without an annotation, up to %.1f N: foot, place and stud are unknown",
          peak_n);
    return 1;
}

/* One slip of the thumb in so many catch trials or more is not yet somebody who answers at random:
 * with 1 false answer in 100 it would befall one person in twenty. Such a one is unreliable when
 * repeats scatter, too (tenderness). */
#define CATCHES_FOR_A_SLIP 5

/* Who answers pain where nothing presses cannot be relied on elsewhere either. */
static void judge_answers(struct result *result)
{
    int catches = 0, answered = 0;

    for (int i = 0; i < result->n_presses; i++) {
        const struct press *press = &result->presses[i];
        if (!press->is_catch || press->doubtful)
            continue;
        catches++;
        answered += press->answered;
    }
    result->answers_unreliable = answered > (catches >= CATCHES_FOR_A_SLIP);
    if (answered)
        snprintf(result->unreliable_why, sizeof result->unreliable_why,
                 "pain was answered in %d of %d catch trials, in which nothing pressed", answered,
                 catches);
}

static int judge_trial(struct press_finder *finder, struct trial *trial,
                       const struct reaction *reaction, struct result *result, struct problem *why)
{
    struct press *press = &result->presses[result->n_presses];

    if (!trial->is_annotated) {
        result->n_presses += blob_press(finder, trial, result, press);
        return 0;
    }
    press_cells_fill(&finder->grid, trial, result->facts.masked);
    *press = trial->said.tool_kind == TOOL_FLAT ? flat_press(finder, trial)
                                                : annotated_press(finder, trial, reaction, result);
    result->n_presses++;
    return trial->said.tool_kind == TOOL_SINGLE
               ? 0
               : press_spread_judge(finder, trial, result, result->n_presses - 1, why);
}

int press_judge(struct press_finder *finder, struct result *result, struct problem *why)
{
    struct reaction reaction;

    sort_events(finder);
    reaction = reaction_of(finder);
    result->reaction_s = result->reaction_sd_s = NAN;
    if (finder->n_trials) {
        result->presses = calloc((size_t)finder->n_trials, sizeof *result->presses);
        if (!result->presses)
            return problem_no_memory(why, "the presses");
    }
    for (int i = 0; i < finder->n_trials; i++)
        if (judge_trial(finder, &finder->trials[i], &reaction, result, why))
            return -1;
    if (result->n_presses) {
        result->reaction_s = reaction.middle_s;
        result->reaction_sd_s = reaction_sd_s(&reaction);
        result->reaction_taps = reaction.taps;
    }
    judge_answers(result);
    return 0;
}
