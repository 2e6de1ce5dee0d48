/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/change/load_change.h"

#include "analysis/condition.h"
#include "firmware/wire/problem_code.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LENGTH_SHARE 0.05 /* of a foot: two cells and more, so another foot */
#define WEIGHT_SHARE 0.05 /* of body weight: more is another load or another person */
#define REPEATS_MOST 64
#define REPEATS_ENOUGH 10 /* with fewer, Student's t is well above 1.96 */

static int differ(const char *one, const char *other)
{
    return one && other && strcmp(one, other) != 0;
}

int load_change_check(const struct result *before, const struct result *after, struct problem *why)
{
    const struct grid *a = &before->grid, *b = &after->grid;
    if (before->threshold_kpa != after->threshold_kpa)
        return problem_coded(
            why, PROBLEM_CODE_NOT_COMPARABLE, PROBLEM_REFUSED,
            "contact thresholds of %g and %g kPa: areas at different thresholds do not "
            "compare; analyse both at one",
            before->threshold_kpa, after->threshold_kpa);
    if (a->rows != b->rows || a->cols != b->cols || a->pitch_x_mm != b->pitch_x_mm ||
        a->pitch_y_mm != b->pitch_y_mm)
        return problem_coded(
            why, PROBLEM_CODE_DIFFERENT_PLATES, PROBLEM_REFUSED,
            "%d x %d cells of %g x %g mm before and %d x %d of %g x %g mm after: numbers "
            "of different plates do not compare",
            a->rows, a->cols, a->pitch_x_mm, a->pitch_y_mm, b->rows, b->cols, b->pitch_x_mm,
            b->pitch_y_mm);
    if (differ(before->facts.device_serial, after->facts.device_serial))
        return problem_coded(
            why, PROBLEM_CODE_DIFFERENT_PLATES, PROBLEM_REFUSED,
            "plate %.60s before and plate %.60s after: numbers of different plates do "
            "not compare",
            before->facts.device_serial, after->facts.device_serial);
    return 0;
}

/* --- Changes -------------------------------------------------------------------------------- */

/* SD over the visits of the state before, each having the number; NAN with fewer than two. */
static double repeat_sem(const struct measured *first, const struct measured *const *more, size_t n)
{
    double values[REPEATS_MOST + 1] = {first->value};
    struct repeats found;
    for (size_t i = 0; i < n; i++)
        values[i + 1] = more[i]->value;
    repeats_of(values, n + 1, &found);
    return found.sem;
}

static struct change change_of(const struct measured *before, const struct measured *after,
                               double sem_of_repeats, double freedom)
{
    struct change c = {.before = before->value, .after = after->value};
    c.from_repeats = isfinite(sem_of_repeats);
    c.sem = c.from_repeats ? sem_of_repeats : common_sem(before->sem, after->sem);
    c.freedom = c.from_repeats ? freedom : SEM_IS_KNOWN;
    c.verdict = judge_change(c.before, c.after, c.sem, c.freedom);
    if (c.verdict == CHANGE_UNKNOWN)
        snprintf(c.reason, sizeof c.reason, "%s",
                 before->reason[0]  ? before->reason
                 : after->reason[0] ? after->reason
                                    : "the measuring error is not known");
    return c;
}

/* No number of either side: what differs is the condition. */
static struct change other_condition(const struct visit *before)
{
    struct change c = {.before = NAN, .after = NAN, .sem = NAN, .freedom = SEM_IS_KNOWN};
    snprintf(c.reason, sizeof c.reason, "%s",
             strcmp(condition_of(before->protocol), "eyes_open")
                 ? "the eyes were closed before and open after; sway is compared within one of them"
                 : "the eyes were open before and closed after; sway is compared within one of "
                   "them");
    return c;
}

void load_change(const struct visit *before, const struct visit *after, const struct visit *repeats,
                 size_t n_repeats, struct load_change *out)
{
    const struct measured *same[REPEATS_MOST];
    size_t n = n_repeats < REPEATS_MOST ? n_repeats : REPEATS_MOST;
    *out = (struct load_change){.repeats = n ? n + 1 : 0};
    for (int k = 0; k < 2; k++) {
        out->has_foot[k] = before->has_foot[k] && after->has_foot[k];
        if (!out->has_foot[k])
            snprintf(out->foot_reason[k], sizeof out->foot_reason[k], "it was not found %s",
                     before->has_foot[k]  ? "in the recording after"
                     : after->has_foot[k] ? "in the recording before"
                                          : "in either recording");
        for (int key = 0; key < CHANGE_KEYS && out->has_foot[k]; key++) {
            for (size_t i = 0; i < n; i++)
                same[i] = &repeats[i].foot[k][key];
            out->foot[k][key] = change_of(&before->foot[k][key], &after->foot[k][key],
                                          repeat_sem(&before->foot[k][key], same, n), (double)n);
            out->compared += out->foot[k][key].verdict != CHANGE_UNKNOWN;
        }
    }
    for (int key = 0; key < SWAY_HEADLINES; key++) {
        if (conditions_differ(before->protocol, after->protocol)) {
            out->sway[key] = other_condition(before);
            continue;
        }
        for (size_t i = 0; i < n; i++)
            same[i] = &repeats[i].sway[key];
        out->sway[key] = change_of(&before->sway[key], &after->sway[key],
                                   repeat_sem(&before->sway[key], same, n), (double)n);
        out->compared += out->sway[key].verdict != CHANGE_UNKNOWN;
    }
}

static int feet_of(const struct visit *v)
{
    return v->has_foot[0] + 2 * v->has_foot[1];
}

int load_change_is_empty(const struct visit *before, const struct visit *after,
                         const struct load_change *change, struct problem *why)
{
    static const char *const which[] = {"no foot", "the left foot", "the right foot", "both feet"};
    int a = feet_of(before), b = feet_of(after), sway = 0;
    for (int key = 0; key < SWAY_HEADLINES; key++)
        sway += isfinite(change->sway[key].after - change->sway[key].before);
    if ((a & b) || (sway && !(a && b)))
        return 0;
    return problem_coded(
        why, PROBLEM_CODE_NOT_COMPARABLE, PROBLEM_REFUSED,
        "nothing can be compared: %s was found before and %s after%s%s; record the "
        "same feet standing still in both",
        which[a], which[b], sway || !change->sway[0].reason[0] ? "" : "; no sway, as ",
        sway ? "" : change->sway[0].reason);
}

/* --- Warnings ------------------------------------------------------------------------------- */

static void warn(struct load_change *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void warn(struct load_change *out, const char *format, ...)
{
    va_list list;
    if (out->n_warnings >= (int)(sizeof out->warnings / sizeof out->warnings[0]))
        return;
    va_start(list, format);
    vsnprintf(out->warnings[out->n_warnings++], sizeof out->warnings[0], format, list);
    va_end(list);
}

static int moved(double before, double after, double share)
{
    return fabs(after - before) > share * before; /* NAN: not known, so not moved */
}

/* One of another length before and now, or none. */
static int strange_foot(const struct visit *before, const struct visit *v, int k)
{
    return before->has_foot[k] && v->has_foot[k] &&
           moved(before->foot_length_mm[k], v->foot_length_mm[k], LENGTH_SHARE);
}

static void warn_of_foot(const struct visit *before, const struct visit *v, const char *when,
                         struct load_change *out)
{
    for (int k = 0; k < 2; k++)
        if (strange_foot(before, v, k)) {
            warn(out,
                 "The %s foot is %.0f mm long before and %.0f mm %s: that may be another person.",
                 k ? "right" : "left", before->foot_length_mm[k], v->foot_length_mm[k], when);
            return;
        }
}

static void warn_of_repeat(const struct visit *before, const struct visit *v, size_t number,
                           struct load_change *out)
{
    char when[40];
    snprintf(when, sizeof when, "in repeat %zu", number);
    if (before->client[0] && v->client[0] && differ(before->client, v->client))
        warn(out,
             "Repeat %zu names another person (%.60s, not %.60s): its differences are no "
             "measuring error.",
             number, v->client, before->client);
    if (moved(before->force_n, v->force_n, WEIGHT_SHARE))
        warn(out,
             "The force on the plate is %.0f N before and %.0f N %s: repeats are of one "
             "weight.",
             before->force_n, v->force_n, when);
    warn_of_foot(before, v, when, out);
    for (int k = 0; k < 2; k++)
        if (before->has_foot[k] && !v->has_foot[k])
            warn(out, "The %s foot was not found %s: its numbers have no error from repeats.",
                 k ? "right" : "left", when);
}

void load_change_warn_repeats(const struct visit *before, const struct visit *repeats, size_t n,
                              struct load_change *out)
{
    for (size_t i = 0; i < n; i++)
        warn_of_repeat(before, &repeats[i], i + 1, out);
}

void load_change_warn_length(const struct visit *before, const struct visit *after,
                             struct load_change *out)
{
    warn_of_foot(before, after, "after", out);
}

/* 0: unknown (analysis/result.h). */
static int states_error(const struct recording_facts *facts)
{
    return facts->pressure_error_percent > 0 && facts->force_error_percent > 0;
}

void load_change_warn(const struct result *before, const struct result *after,
                      struct load_change *out)
{
    const struct recording_facts *a = &before->facts, *b = &after->facts;
    out->threshold_kpa = before->threshold_kpa;
    out->plate_error_is_unknown = !states_error(a) || !states_error(b);
    if (differ(a->client, b->client))
        warn(out, "The recordings name different people (%.60s and %.60s).", a->client, b->client);
    else if (!a->client || !b->client)
        warn(out, "A recording names nobody: that both are of one person is taken on trust.");
    if (differ(a->calibration_id, b->calibration_id))
        warn(out, "The plate was calibrated anew in between: changes of force, pressure and area "
                  "hold that too.");
    if (!a->device_serial || !b->device_serial)
        warn(out, "A recording names no plate: that both are of one plate is taken on trust.");
    if (moved(before->mean_force_n, after->mean_force_n, WEIGHT_SHARE))
        warn(out,
             "The force on the plate is %.0f N before and %.0f N after: another weight moves "
             "area and pressure by itself.",
             before->mean_force_n, after->mean_force_n);
    if (!out->repeats)
        warn(out, "Without repeats the measuring error holds the plate and the scatter within each "
                  "stand, not how differently a person stands each time.");
    else if (out->repeats < REPEATS_ENOUGH)
        warn(out,
             "%zu recordings tell the measuring error: of fewer than %d it is itself uncertain, "
             "and only large changes can be told from chance.",
             out->repeats, REPEATS_ENOUGH);
}

/* --- Words ---------------------------------------------------------------------------------- */

static double rounded(double value, int decimals)
{
    double unit = pow(10, decimals);
    return fabs(value) < 1e15 / unit ? round(value * unit) / unit : value;
}

/* The change that is told is that of the two numbers as they are told: "0.1 larger (43.0 to 43.0)"
 * helps nobody. One beyond the error is never rounded away: more digits then, two at most. */
static int decimals_that_tell(const struct change *c, int decimals)
{
    int most = c->verdict == CHANGE_BEYOND ? decimals + 2 : decimals;
    while (decimals < most && rounded(c->before, decimals) == rounded(c->after, decimals))
        decimals++;
    return decimals;
}

void change_sentence(const struct change *c, const char *what, const char *unit, int decimals,
                     char text[240])
{
    static const char *const judged[] = {"whether beyond the measuring error is unknown",
                                         "within the measuring error",
                                         "beyond the measuring error"};
    const char *verdict = c->verdict == CHANGE_BEYOND && !c->from_repeats
                              ? "beyond what the plate errs and each stand scatters"
                              : judged[c->verdict];
    const char *space = unit[0] ? " " : "", *step = strcmp(unit, "%") ? unit : "points";
    decimals = decimals_that_tell(c, decimals);
    double by = rounded(c->after, decimals) - rounded(c->before, decimals);
    if (isnan(by))
        snprintf(text, 240, "%s: no change can be told: %s.", what, c->reason);
    else if (fabs(c->after - c->before) < 0.5 * pow(10, -decimals) ||
             fabs(by) < 0.5 * pow(10, -decimals))
        snprintf(text, 240, "%s is as before (%.*f%s%s).", what, decimals, c->after, space, unit);
    else
        snprintf(text, 240, "%s is %.*f%s%s %s than before (%.*f to %.*f%s%s): %s%s%.120s.", what,
                 decimals, fabs(by), space, step, by < 0 ? "smaller" : "larger", decimals,
                 c->before, decimals, c->after, space, unit, verdict, c->reason[0] ? ": " : "",
                 c->reason);
    text[0] = (char)toupper((unsigned char)text[0]);
}
