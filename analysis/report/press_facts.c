/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/press_facts.h"
#include "analysis/press/tender_next.h"
#include "analysis/press/tool.h"

#include "analysis/foot/foot_track.h"
#include "analysis/report/facts.h"
#include "analysis/report/findings.h"
#include "analysis/report/words.h"
#include "analysis/report/words_made.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RAMP_LOW_KPA_S 30.0
#define RAMP_HIGH_KPA_S 50.0

static int is_of_test(const struct press *press)
{
    return !press->is_tap && !press->is_catch && press->tool_kind == TOOL_SINGLE;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Median of the ramps of this recording's presses; NAN without any. */
static double median_ramp(struct text *text, const struct result *result)
{
    double *ramps = malloc(((size_t)result->n_presses + 1) * sizeof *ramps), median = NAN;
    size_t n = 0;

    if (!ramps) {
        text->failed = 1;
        return NAN;
    }
    for (int i = 0; i < result->n_presses; i++)
        if (is_of_test(&result->presses[i]) && isfinite(result->presses[i].ramp_kpa_s))
            ramps[n++] = result->presses[i].ramp_kpa_s;
    qsort(ramps, n, sizeof *ramps, by_value);
    if (n)
        median = n % 2 ? ramps[n / 2] : (ramps[n / 2 - 1] + ramps[n / 2]) / 2;
    free(ramps);
    return median;
}

void press_facts_count(struct text *text, const struct result *result,
                       const struct report_options *options)
{
    int presses = 0, answers = 0, catches = 0;
    char standing[160];

    (void)options;
    for (int i = 0; i < result->n_presses; i++) {
        presses += is_of_test(&result->presses[i]);
        answers += is_of_test(&result->presses[i]) && result->presses[i].answered;
        catches += result->presses[i].is_catch != 0;
    }
    if (!result->n_presses) {
        text_add(text, "none");
        return;
    }
    tender_standing_count(result, standing, sizeof standing);
    text_add_made(text, standing);
    text_add(text, *standing ? "; with a single stud " : "");
    text_addf(text, words_plural("%d press", "%d presses", (unsigned long)presses), presses);
    text_add(text, ", ");
    text_addf(text, words_plural("%d answer", "%d answers", (unsigned long)answers), answers);
    text_add(text, ", ");
    text_addf(text, words_plural("%d catch trial", "%d catch trials", (unsigned long)catches),
              catches);
    if (result->n_sessions)
        text_addf(text, "; %d sessions taken together", result->n_sessions + 1);
}

/* One tip area and one set of ceilings, or the range over the presses; NAN without. */
static void range_of(const struct result *result, double (*of)(const struct press *), double *low,
                     double *high)
{
    *low = *high = NAN;
    for (int i = 0; i < result->n_presses; i++) {
        double value = of(&result->presses[i]);

        if (!is_of_test(&result->presses[i]) || !(value > 0))
            continue;
        *low = fmin(value, *low);
        *high = fmax(value, *high);
    }
}

static double tip_of(const struct press *press)
{
    return press->tip_cm2;
}

static double ceiling_of(const struct press *press)
{
    return press->ceiling_kpa;
}

static void add_tool(struct text *text, const struct result *result)
{
    double low, high;

    range_of(result, tip_of, &low, &high);
    if (result->tool_name[0] && strcmp(result->tool_name, "stud"))
        text_add_foreign(text, result->tool_name, NULL);
    else
        text_add(text, "stud");
    if (low == high)
        text_addf(text, ", tip of %g cm²", low);
    else if (isfinite(low))
        text_addf(text, ", tips of %g to %g cm² (not compared with each other)", low, high);
}

/* Where the rates beside the flags hold, and what they are elsewhere: the rows of the cohort with
 * nobody tender at a natural spread of 0.10 and 0.15 (ln; README), in words. */
static void add_rates(struct text *text)
{
    text_add(text, "; the 5 % beside the flags hold where left and right naturally differ by 5 %, "
                   "as is usual; by 10 to 15 %, 13 to 24 % of people get a flag without a tender "
                   "zone");
}

void press_facts_method(struct text *text, const struct result *result,
                        const struct report_options *options)
{
    double low, high, ramp = median_ramp(text, result);
    int odd = 0;

    (void)options;
    if (!result->n_presses) {
        text_add(text, "no press test");
        return;
    }
    add_tool(text, result);
    for (int i = 0; i < result->n_presses; i++)
        odd += is_of_test(&result->presses[i]) && result->presses[i].rate_is_odd;
    if (isfinite(ramp))
        text_addf(text, "; pressure rising by %.0f kPa/s (wanted: %.0f to %.0f kPa/s", ramp,
                  RAMP_LOW_KPA_S, RAMP_HIGH_KPA_S);
    if (isfinite(ramp) && odd)
        text_addf(text,
                  words_plural("; %d press outside", "; %d presses outside", (unsigned long)odd),
                  odd);
    text_add(text, isfinite(ramp) ? ")" : "");
    range_of(result, ceiling_of, &low, &high);
    if (low == high)
        text_addf(text, "; ceiling %.0f kPa", low);
    else if (isfinite(low))
        text_addf(text, "; ceilings %.0f to %.0f kPa by region", low, high);
    add_rates(text);
}

static void add_reaction(struct text *text, const struct result *result)
{
    if (!isfinite(result->reaction_s))
        return;
    text_addf(text, "; reaction time of %.0f ms taken off (", result->reaction_s * 1e3);
    if (result->reaction_taps)
        text_addf(text, "from %d touches of this person)", result->reaction_taps);
    else
        text_add(text, "usual value, no touches were timed)");
}

static void add_unreliable(struct text *text, const struct result *result)
{
    struct text why = {0};

    text_add_made(&why, result->unreliable_why);
    text->failed |= why.failed;
    text_addf(text, "UNRELIABLE: %s", text_string(&why));
    text_free(&why);
}

void press_facts_answers(struct text *text, const struct result *result,
                         const struct report_options *options)
{
    (void)options;
    if (!result->n_presses) {
        text_add(text, "not asked for");
        return;
    }
    if (result->answers_unreliable)
        add_unreliable(text, result);
    else
        text_add(text, "no sign of unreliable answers");
    add_reaction(text, result);
    if (result->repeatability_percent > 0)
        text_addf(text, "; this person's repeatability: %.0f %% from press to press",
                  result->repeatability_percent);
    if (result->not_comparable)
        text_add(text, "; a painkiller was stated: not compared with other days");
}

/* --- Screening ------------------------------------------------------------------------------- */

void press_facts_screening(struct text *text, const struct result *result,
                           const struct report_options *options)
{
    const struct screening_said *said = &result->screening;
    int told = 0;

    (void)options;
    if (!said->was_asked) {
        text_add(text, "none in this recording");
        return;
    }
    text_add(text, "asked on ");
    facts_add_utc(text, said->date, "a day not stated");
    for (int i = 0; i < said->n_lines; i++) {
        const struct screening_line *line = &said->lines[i];

        if (!*line->question || !*line->effect)
            continue;
        text_add(text, told++ ? ", " : "; ");
        text_add_made(text, line->effect);
        text_add(text, " ");
        text_add_foreign(text, line->question, NULL);
        if (line->side != SIDE_UNKNOWN)
            text_addf(text, " %s", side_words(line->side));
    }
    text_add(text, told ? " (words: text report)" : "; nothing to heed");
}

int press_facts_has_presses(const struct result *result)
{
    return result->n_presses > 0;
}

int press_facts_has_screening(const struct result *result)
{
    return result->screening.was_asked || result->n_presses > 0;
}

/* --- What was seen --------------------------------------------------------------------------- */

int press_facts_has_signs(const struct result *result)
{
    return result->n_signs > 0;
}

void press_facts_observed(struct text *text, const struct result *result,
                          const struct report_options *options)
{
    (void)options;
    text_add(text, "supports an answer at most, flags nothing by itself: ");
    for (int i = 0; i < result->n_signs; i++) {
        const struct behaviour_sign *sign = &result->signs[i];
        int allowed = words_are_allowed(text, sign->text);

        text_add(text, i ? "; " : "");
        text_add_made(text, allowed ? sign->text : "words that are not printed");
    }
}

static int shifts_of(const struct result *result)
{
    int n = 0;

    for (size_t i = 0; result->track && i < result->track->n; i++)
        n += result->track->spans[i].moved;
    return n;
}

static int given_of(const struct foot_result *foot)
{
    int n = 0;

    for (int i = 0; i < LANDMARK_COUNT; i++)
        n += foot->landmarks.of[i].given != 0;
    return n;
}

int press_facts_has_feet(const struct result *result)
{
    int n = shifts_of(result);

    for (int i = 0; i < result->n_feet; i++)
        n += given_of(&result->feet[i]) + result->feet[i].axis_given;
    return n > 0;
}

static void add_shifts(struct text *text, const struct result *result)
{
    for (size_t i = 0; result->track && i < result->track->n; i++) {
        const struct track_span *span = &result->track->spans[i];
        double at_s = ((double)span->to_us - (double)result->frames.first_us) * 1e-6;

        if (!span->moved)
            continue;
        text_add(text, text->n ? "; " : "");
        text_add_made(text, *span->ended_by ? span->ended_by : "a foot moved");
        text_addf(text, " at %.1f s", at_s);
    }
    if (shifts_of(result) && isfinite(result->load_from_s))
        text_addf(text, "; the load is that from %.1f s to %.1f s", result->load_from_s,
                  result->load_to_s);
}

static void add_given(struct text *text, const struct foot_result *foot)
{
    int n = given_of(foot), told = 0;

    if (!n && !foot->axis_given)
        return;
    text_add(text, text->n ? "; " : "");
    text_addf(text, "set by hand, %s: ", side_words(foot->side));
    if (foot->axis_given && ++told)
        text_add(text, "axis");
    for (int i = 0; i < LANDMARK_COUNT; i++)
        if (foot->landmarks.of[i].given)
            text_addf(text, "%s%s", words_tr(told++ ? ", " : "landmark "),
                      landmark_name((enum landmark_id)i));
}

void press_facts_feet(struct text *text, const struct result *result,
                      const struct report_options *options)
{
    (void)options;
    add_shifts(text, result);
    for (int i = 0; i < result->n_feet; i++)
        add_given(text, &result->feet[i]);
}
