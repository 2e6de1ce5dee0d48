/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/group_json.h"

#include "analysis/change/measuring_error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* NAN for null and for what is not there. */
static double value_of(const json_t *trial, const char *group, const char *key)
{
    const json_t *value = json_object_get(json_object_get(trial, group), key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* --- Repeats -------------------------------------------------------------------------------- */

static json_t *repeats_json(const struct repeats *r)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "mean", number(r->mean), "sd", number(r->sd),
                     "low", number(r->low), "high", number(r->high), "sem", number(r->sem), "mdc95",
                     number(r->mdc95));
}

/* Every number of one group of the first trial; its twin in the others. */
static json_t *repeats_group(json_t *const *trials, size_t n, const char *group, double *values)
{
    json_t *made = json_object(), *first = json_object_get(trials[0], group), *value;
    const char *key;
    json_object_foreach(first, key, value)
    {
        struct repeats found;
        for (size_t i = 0; i < n; i++)
            values[i] = value_of(trials[i], group, key);
        repeats_of(values, n, &found);
        json_object_set_new(made, key, repeats_json(&found));
    }
    return made;
}

json_t *sway_repeats_json(json_t *const *trials, size_t n)
{
    static const char *const groups[] = {"ml", "ap", "rd", "area", "fractal"};
    double *values = calloc(n, sizeof *values);
    json_t *made = values ? json_pack("{s:I, s:n, s:s}", "n", (json_int_t)n, "icc", "icc_reason",
                                      "trials of one person tell nothing of the spread between "
                                      "people, which this coefficient needs")
                          : NULL;
    for (size_t k = 0; made && k < sizeof groups / sizeof groups[0]; k++)
        json_object_set_new(made, groups[k], repeats_group(trials, n, groups[k], values));
    free(values);
    return made;
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

static void put_quotient(json_t *made, const struct sides *s, const char *group, const char *key)
{
    char name[40], interval[64];
    double open = mean_value(s->open, s->n_open, group, key);
    double closed = mean_value(s->closed, s->n_closed, group, key);
    double error = hypot(relative_error(s->open_error, group, key, open),
                         relative_error(s->closed_error, group, key, closed));
    double quotient = open > 0 ? closed / open : NAN;
    quotient_name(key, name);
    json_object_set_new(made, name, number(quotient));
    if (!isfinite(error) || !isfinite(quotient))
        return;
    snprintf(interval, sizeof interval, "%s_interval95", name);
    json_object_set_new(
        made, interval,
        json_pack("[f, f]", quotient * exp(-1.96 * error), quotient * exp(1.96 * error)));
}

static json_t *axis_quotients(const struct sides *s, const char *axis)
{
    json_t *made = json_object();
    put_quotient(made, s, axis, "path_mm");
    put_quotient(made, s, axis, "mean_velocity_mm_s");
    put_quotient(made, s, axis, "mean_distance_mm");
    put_quotient(made, s, axis, "rms_distance_mm");
    put_quotient(made, s, axis, "range_mm");
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
    static const char *const areas[] = {"circle95_mm2",       "ellipse95_prieto_mm2",
                                        "ellipse95_f_mm2",    "ellipse95_prediction_mm2",
                                        "ellipse95_chi2_mm2", "hull_mm2",
                                        "sway_mm2_s"};
    struct sides s = {open, closed, n_open, n_closed, open_error, closed_error};
    json_t *made = json_pack("{s:s, s:I, s:I}", "quotient", "closed / open", "open_trials",
                             (json_int_t)n_open, "closed_trials", (json_int_t)n_closed);
    double one = mean_duration(open, n_open), other = mean_duration(closed, n_closed);
    for (int k = 0; k < 3; k++) {
        json_t *axis = axis_quotients(&s, axes[k]);
        if (!(fabs(one - other) <= 0.01 * one)) {
            json_object_set_new(axis, "path", json_null());
            json_object_set_new(axis, "path_reason",
                                json_string("the trials last differently long; see mean_velocity"));
        }
        json_object_set_new(made, axes[k], axis);
    }
    json_t *area = json_object();
    for (size_t k = 0; k < sizeof areas / sizeof areas[0]; k++)
        put_quotient(area, &s, "area", areas[k]);
    json_object_set_new(made, "area", area);
    return made;
}

/* --- Uncertainty ---------------------------------------------------------------------------- */

json_t *sway_uncertainty_json(const struct sway_uncertainty *u)
{
    json_t *made = json_pack(
        "{s:s, s:f, s:i, s:I, s:f, s:f, s:s}", "method", "stationary block bootstrap", "level",
        0.95, "replicates", u->replicates, "seed", (json_int_t)u->seed, "block_s", u->block_s,
        "blocks", u->blocks, "block_reason",
        "Politis & White's choice for the slowest of path, squared path and steps, x 1.5");
    for (int k = 0; k < SWAY_HEADLINES; k++) {
        const struct sway_headline_name *name = &sway_headline_names[k];
        json_t *group = json_object_get(made, name->group);
        if (!group && !json_object_set_new(made, name->group, json_object()))
            group = json_object_get(made, name->group);
        json_object_set_new(group, name->key,
                            json_pack("{s:o, s:o, s:o}", "low", number(u->of[k].low), "high",
                                      number(u->of[k].high), "standard_error",
                                      number(u->of[k].se)));
    }
    return made;
}
