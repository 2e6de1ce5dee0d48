/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/group_json.h"

#include "analysis/change/measuring_error.h"
#include "analysis/json_writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* NAN for null and for what is not there. */
static double value_of(const json_t *trial, const char *group, const char *key)
{
    const json_t *value = json_object_get(json_object_get(trial, group), key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* --- Repeats -------------------------------------------------------------------------------- */

static json_t *repeats_json(struct json_writer *w, const struct repeats *r)
{
    static const char few[] = "fewer than two trials have this number";
    json_t *made = json_object();
    put_number(w, made, "mean", r->mean, "a trial has no such number");
    put_number(w, made, "sd", r->sd, few);
    put_number(w, made, "low", r->low, few);
    put_number(w, made, "high", r->high, few);
    put_number(w, made, "sem", r->sem, few);
    put_number(w, made, "mdc95", r->mdc95, few);
    return made;
}

/* Every number of one group of the first trial; its twin in the others. */
static json_t *repeats_group(struct json_writer *w, json_t *const *trials, size_t n,
                             const char *group, double *values)
{
    json_t *made = json_object(), *first = json_object_get(trials[0], group), *value;
    const char *key;
    json_object_foreach(first, key, value)
    {
        struct repeats found;
        if (json_is_string(value)) /* why a number is null */
            continue;
        for (size_t i = 0; i < n; i++)
            values[i] = value_of(trials[i], group, key);
        repeats_of(values, n, &found);
        put(w, made, key, repeats_json(w, &found));
    }
    return made;
}

json_t *sway_repeats_json(json_t *const *trials, size_t n)
{
    static const char *const groups[] = {"ml", "ap", "rd", "area", "fractal"};
    struct json_writer w = {0};
    double *values = calloc(n, sizeof *values);
    if (!values)
        return NULL;
    json_t *made = json_object();
    put_count(&w, made, "n", n);
    put_text_or(&w, made, "icc", NULL,
                "trials of one person tell nothing of the spread between people, which this "
                "coefficient needs");
    for (size_t k = 0; k < sizeof groups / sizeof groups[0]; k++)
        put(&w, made, groups[k], repeats_group(&w, trials, n, groups[k], values));
    free(values);
    return json_whole(&w, made);
}

/* --- Romberg -------------------------------------------------------------------------------- */

static double mean_value(json_t *const *trials, size_t n, const char *group, const char *key)
{
    double mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += value_of(trials[i], group, key) / (double)n;
    return mean;
}

struct sides {
    json_t *const *open, *const *closed;
    size_t n_open, n_closed;
    const struct sway_uncertainty *open_error, *closed_error;
};

/* Relative standard error of a headline number; NAN when it is none. */
static double relative_error(const struct sway_uncertainty *u, const char *group, const char *key,
                             double value)
{
    for (int k = 0; u && k < SWAY_HEADLINES; k++)
        if (!strcmp(sway_headline_names[k].group, group) &&
            !strcmp(sway_headline_names[k].key, key))
            return u->of[k].se / value;
    return NAN;
}

/* The key without its unit: a quotient has none. */
static void quotient_name(const char *key, char name[40])
{
    static const char *const ends[] = {"_mm2_s", "_mm_s", "_mm2", "_mm"};
    snprintf(name, 40, "%s", key);
    for (size_t k = 0; k < sizeof ends / sizeof ends[0]; k++) {
        size_t n = strlen(name), end = strlen(ends[k]);
        if (n > end && !strcmp(name + n - end, ends[k])) {
            name[n - end] = 0;
            return;
        }
    }
}

static void put_quotient(struct json_writer *w, json_t *made, const struct sides *s,
                         const char *group, const char *key)
{
    char name[40], interval[64];
    double open = mean_value(s->open, s->n_open, group, key);
    double closed = mean_value(s->closed, s->n_closed, group, key);
    double error = hypot(relative_error(s->open_error, group, key, open),
                         relative_error(s->closed_error, group, key, closed));
    double quotient = open > 0 ? closed / open : NAN;
    quotient_name(key, name);
    put_number(w, made, name, quotient, "a trial has no such number, or it is 0 with open eyes");
    if (!isfinite(error) || !isfinite(quotient))
        return;
    snprintf(interval, sizeof interval, "%s_interval95", name);
    put(w, made, interval,
        json_pack("[f, f]", quotient * exp(-1.96 * error), quotient * exp(1.96 * error)));
}

/* Trials of different lengths have different paths by that alone. */
static json_t *axis_quotients(struct json_writer *w, const struct sides *s, const char *axis,
                              int alike)
{
    json_t *made = json_object();
    if (alike)
        put_quotient(w, made, s, axis, "path_mm");
    else
        put_text_or(w, made, "path", NULL, "the trials last differently long; see mean_velocity");
    put_quotient(w, made, s, axis, "mean_velocity_mm_s");
    put_quotient(w, made, s, axis, "mean_distance_mm");
    put_quotient(w, made, s, axis, "rms_distance_mm");
    put_quotient(w, made, s, axis, "range_mm");
    return made;
}

static json_t *area_quotients(struct json_writer *w, const struct sides *s)
{
    static const char *const areas[] = {"circle95_mm2",       "ellipse95_prieto_mm2",
                                        "ellipse95_f_mm2",    "ellipse95_prediction_mm2",
                                        "ellipse95_chi2_mm2", "hull_mm2",
                                        "sway_mm2_s"};
    json_t *made = json_object();
    for (size_t k = 0; k < sizeof areas / sizeof areas[0]; k++)
        put_quotient(w, made, s, "area", areas[k]);
    return made;
}

static double mean_duration(json_t *const *trials, size_t n)
{
    return mean_value(trials, n, "input", "duration_s");
}

json_t *sway_romberg_json(json_t *const *open, size_t n_open, json_t *const *closed,
                          size_t n_closed, const struct sway_uncertainty *open_error,
                          const struct sway_uncertainty *closed_error)
{
    static const char *const axes[] = {"ml", "ap", "rd"};
    struct sides s = {open, closed, n_open, n_closed, open_error, closed_error};
    struct json_writer w = {0};
    json_t *made = json_pack("{s:s, s:I, s:I}", "quotient", "closed / open", "open_trials",
                             (json_int_t)n_open, "closed_trials", (json_int_t)n_closed);
    double one = mean_duration(open, n_open), other = mean_duration(closed, n_closed);
    for (int k = 0; k < 3; k++)
        put(&w, made, axes[k], axis_quotients(&w, &s, axes[k], fabs(one - other) <= 0.01 * one));
    put(&w, made, "area", area_quotients(&w, &s));
    return json_whole(&w, made);
}

/* --- Uncertainty ---------------------------------------------------------------------------- */

static json_t *interval_json(struct json_writer *w, const struct sway_interval *of)
{
    static const char still[] = "nothing moves";
    json_t *made = json_object();
    put_number(w, made, "low", of->low, still);
    put_number(w, made, "high", of->high, still);
    put_number(w, made, "standard_error", of->se, still);
    return made;
}

json_t *sway_uncertainty_json(const struct sway_uncertainty *u)
{
    struct json_writer w = {0};
    json_t *made = json_pack(
        "{s:s, s:f, s:i, s:I, s:f, s:f, s:s}", "method", "stationary block bootstrap", "level",
        0.95, "replicates", u->replicates, "seed", (json_int_t)u->seed, "block_s", u->block_s,
        "blocks", u->blocks, "block_reason",
        "Politis & White's choice for the slowest of path, squared path and steps, x 1.5");
    for (int k = 0; k < SWAY_HEADLINES; k++) {
        const struct sway_headline_name *name = &sway_headline_names[k];
        if (!json_object_get(made, name->group))
            put(&w, made, name->group, json_object());
        put(&w, json_object_get(made, name->group), name->key, interval_json(&w, &u->of[k]));
    }
    return json_whole(&w, made);
}
