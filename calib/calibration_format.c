/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing a calibration's text: JSON laid out for people, a plate's row a line, so that the lists
 * of cells and the health map can be read as pictures. Numbers have as many digits as it takes to
 * read them back as they are: those of cells as float, others as double. What parse would refuse is
 * refused here by asking it. */
#include "calib/calibration.h"

#include "calib/calibration_private.h"

#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- A text that grows ------------------------------------------------------------------------ */

struct text {
    char *bytes;
    size_t n, size;
    int no_memory, not_finite;
};

static int make_room(struct text *t, size_t more)
{
    if (t->no_memory || t->size - t->n > more)
        return t->no_memory;
    size_t size = t->size * 2 + more + 1;
    char *bytes = realloc(t->bytes, size);
    t->no_memory = !bytes;
    if (bytes) {
        t->bytes = bytes;
        t->size = size;
    }
    return t->no_memory;
}

static void put(struct text *t, const char *bytes, size_t n)
{
    if (make_room(t, n))
        return;
    memcpy(t->bytes + t->n, bytes, n);
    t->n += n;
    t->bytes[t->n] = 0;
}

static void put_text(struct text *t, const char *text)
{
    put(t, text, strlen(text));
}

/* A JSON string. UTF-8 goes as it is. */
static void put_string(struct text *t, const char *value)
{
    put_text(t, "\"");
    for (; *value; value++) {
        char escape[8];
        int special = (unsigned char)*value < 0x20 || *value == '"' || *value == '\\';
        snprintf(escape, sizeof escape, "\\u%04x", (unsigned)*value & 0xffu);
        put(t, special ? escape : value, special ? 6 : 1);
    }
    put_text(t, "\"");
}

/* The shortest of at most `digits` digits that reads back the same as double; NaN is null. */
static void put_number(struct text *t, double value, int digits)
{
    char number[40];
    if (isnan(value)) {
        put_text(t, "null");
        return;
    }
    t->not_finite |= isinf(value);
    for (int d = digits > 9 ? 9 : digits; d <= digits; d++) {
        snprintf(number, sizeof number, "%.*g", d, value);
        if (!(strtod(number, NULL) < value) && !(strtod(number, NULL) > value))
            break;
    }
    char *comma = strchr(number, *localeconv()->decimal_point);
    if (comma)
        *comma = '.';
    put_text(t, number);
}

static void put_key(struct text *t, const char *key)
{
    put_text(t, t->n > 1 ? ",\n" : "\n");
    put_string(t, key);
    put_text(t, ": ");
}

static void put_member(struct text *t, const char *key, const char *value)
{
    put_key(t, key);
    put_string(t, value ? value : "");
}

static void put_integer(struct text *t, const char *key, int value)
{
    put_key(t, key);
    put_number(t, value, 9);
}

/* One line: {"a": 1, "b": null}; the keys end with NULL. */
static void put_numbers(struct text *t, const char *const keys[], const double values[])
{
    for (int i = 0; keys[i]; i++) {
        put_text(t, i ? ", " : "");
        put_string(t, keys[i]);
        put_text(t, ": ");
        put_number(t, values[i], 17);
    }
}

/* --- Cells ------------------------------------------------------------------------------------ */

/* Between two numbers of a list of cells: a new line after each row of the plate. */
static void put_between(struct text *t, size_t i, int cols)
{
    put_text(t, i == 0 ? "" : i % (size_t)cols == 0 ? ",\n  " : ",");
}

static int is_masked(const struct calibration_spec *spec, size_t cell)
{
    return (spec->masked && spec->masked[cell]) || (spec->health && spec->health[cell]);
}

static void put_mask(struct text *t, const struct calibration_spec *spec, size_t cells)
{
    int any = 0;
    put_key(t, "masked");
    put_text(t, "[");
    for (size_t i = 0; i < cells; i++) {
        if (!is_masked(spec, i))
            continue;
        put_text(t, any ? "," : "");
        put_number(t, (double)i, 9);
        any = 1;
    }
    put_text(t, "]");
}

static void put_health(struct text *t, const struct calibration_spec *spec, size_t cells)
{
    static const char letters[] = CALIBRATION_HEALTH_LETTERS;
    put_key(t, "health");
    put_text(t, spec->health ? "[\n  \"" : "null");
    for (size_t i = 0; spec->health && i < cells; i++) {
        uint8_t health = spec->health[i];
        if (i > 0 && i % (size_t)spec->cols == 0)
            put_text(t, "\",\n  \"");
        put(t, health < CELL_HEALTHS ? letters + health : "?", 1);
    }
    put_text(t, spec->health ? "\"]" : "");
}

static void put_residuals(struct text *t, const struct calibration_spec *spec, size_t cells)
{
    const float *values = spec->cell_residual_percent;
    put_key(t, "cell_residual_percent");
    put_text(t, values ? "[" : "null");
    for (size_t i = 0; values && i < cells; i++) {
        put_between(t, i, spec->cols);
        put_number(t, (double)values[i], 9);
    }
    put_text(t, values ? "]" : "");
}

/* A masked cell's coefficients are never looked at: 0. */
static void put_coefficient(struct text *t, const struct calibration_spec *spec, const char *key,
                            const double *values, size_t cells)
{
    put_text(t, "\n ");
    put_string(t, key);
    put_text(t, ": [");
    for (size_t i = 0; i < cells; i++) {
        double value = values && !is_masked(spec, i) ? (double)(float)values[i] : 0;
        put_between(t, i, spec->cols);
        put_number(t, value, 9);
    }
    put_text(t, "]");
}

static void put_coefficients(struct text *t, const struct calibration_spec *spec,
                             const struct curve *curve, size_t cells)
{
    struct curve_shape shape = {.n_knots = spec->n_knots};
    put_key(t, "coefficients");
    put_text(t, "{");
    for (int k = 0; k < curve_coefficients(curve, &shape); k++) {
        put_text(t, k ? "," : "");
        put_coefficient(t, spec, curve->coefficient[k], spec->coefficients[k], cells);
    }
    put_text(t, "}");
}

/* --- The plate as a whole --------------------------------------------------------------------- */

static void put_knots(struct text *t, const struct calibration_spec *spec)
{
    put_key(t, "knots_counts");
    put_text(t, spec->n_knots > 0 ? "[" : "null");
    for (int k = 0; k < spec->n_knots; k++) {
        put_text(t, k ? ", " : "");
        put_number(t, spec->knots[k], 17);
    }
    put_text(t, spec->n_knots > 0 ? "]" : "");
}

static void put_dynamics(struct text *t, const struct calibration_spec *spec)
{
    static const char *const keys[] = {"hysteresis", "reference_c", "gain_percent_per_c", NULL};
    static const char *const term[] = {"tau_s", "share", NULL};
    const struct calibration_dynamics *d = &spec->dynamics;
    put_key(t, "dynamics");
    if (!spec->has_dynamics) {
        put_text(t, "null");
        return;
    }
    put_text(t, "{\"creep\": [");
    for (int k = 0; k < d->n_creep; k++) {
        put_text(t, k ? ", {" : "{");
        put_numbers(t, term, (const double[]){d->creep_tau_s[k], d->creep_share[k]});
        put_text(t, "}");
    }
    put_text(t, "],\n  ");
    put_numbers(t, keys, (const double[]){d->hysteresis, d->reference_c, d->gain_percent_per_c});
    put_text(t, "}");
}

static void put_error(struct text *t, const char *key, const struct calibration_error *error)
{
    static const char *const keys[] = {"percent", "kpa", NULL};
    put_string(t, key);
    put_text(t, ": {");
    put_numbers(t, keys, (const double[]){error->percent, error->kpa});
    put_text(t, "},\n  ");
}

static void put_budget(struct text *t, const struct calibration_spec *spec)
{
    static const char *const keys[] = {"force_percent", "creep_percent_per_decade", "noise_counts",
                                       NULL};
    const struct calibration_budget *b = &spec->budget;
    put_key(t, "budget");
    if (!spec->has_budget) {
        put_text(t, "null");
        return;
    }
    put_text(t, "{");
    put_error(t, "accuracy", &b->accuracy);
    put_error(t, "repeatability", &b->repeatability);
    put_error(t, "hysteresis", &b->hysteresis);
    put_error(t, "creep", &b->creep);
    put_error(t, "crosstalk", &b->crosstalk);
    put_numbers(t, keys,
                (const double[]){b->force_percent, b->creep_percent_per_decade, b->noise_counts});
    put_text(t, "}");
}

static void put_studs(struct text *t, const struct calibration_spec *spec)
{
    static const char *const keys[] = {"tip_cm2", "factor", "spread_percent", "places", NULL};
    put_key(t, "studs");
    put_text(t, "[");
    for (int i = 0; i < spec->n_studs; i++) {
        const struct calibration_stud *s = &spec->studs[i];
        put_text(t, i ? ",\n  {\"name\": " : "\n  {\"name\": ");
        put_string(t, s->name);
        put_text(t, ", ");
        put_numbers(t, keys, (const double[]){s->tip_cm2, s->factor, s->spread_percent, s->n});
        put_text(t, "}");
    }
    put_text(t, "]");
}

static void put_candidates(struct text *t, const struct calibration_spec *spec)
{
    static const char *const keys[] = {"error_percent", NULL};
    put_key(t, "candidates");
    put_text(t, "[");
    for (int i = 0; i < spec->n_candidates; i++) {
        put_text(t, i ? ",\n  {\"curve\": " : "\n  {\"curve\": ");
        put_string(t, spec->candidates[i].curve);
        put_text(t, ", ");
        put_numbers(t, keys, &spec->candidates[i].error_percent);
        put_text(t, "}");
    }
    put_text(t, "]");
}

static void put_document(struct text *t, const struct calibration_spec *spec,
                         const struct curve *curve)
{
    size_t cells = (size_t)spec->rows * (size_t)spec->cols;
    put_text(t, "{");
    put_member(t, "schema", CALIBRATION_SCHEMA);
    put_member(t, "id", spec->id);
    put_member(t, "date", spec->date);
    put_member(t, "operator", spec->operator_name);
    put_member(t, "reference_device", spec->reference_device);
    put_member(t, "serial", spec->serial);
    put_integer(t, "rows", spec->rows);
    put_integer(t, "columns", spec->cols);
    put_integer(t, "bits", spec->bits);
    put_member(t, "curve", curve->name);
    put_knots(t, spec);
    put_key(t, "residual_percent");
    put_number(t, spec->residual_percent, 17);
    put_candidates(t, spec);
    put_budget(t, spec);
    put_dynamics(t, spec);
    put_studs(t, spec);
    put_mask(t, spec, cells);
    put_health(t, spec, cells);
    put_coefficients(t, spec, curve, cells);
    put_residuals(t, spec, cells);
    put_text(t, "\n}\n");
}

/* --- The whole -------------------------------------------------------------------------------- */

static int check_counts(const struct calibration_spec *spec, struct problem *why)
{
    if (spec->rows < 1 || spec->rows > 256 || spec->cols < 1 || spec->cols > 256 ||
        !curve_find(spec->curve))
        return problem(why, PROBLEM_REFUSED, "no calibration with curve '%s' for %d x %d cells",
                       spec->curve, spec->rows, spec->cols);
    if (spec->n_knots < 0 || spec->n_knots > CURVE_COEFFICIENTS_MAX || spec->n_studs < 0 ||
        spec->n_studs > CALIBRATION_STUDS_MAX || spec->n_candidates < 0 ||
        spec->n_candidates > CALIBRATION_CANDIDATES_MAX || spec->dynamics.n_creep < 0 ||
        spec->dynamics.n_creep > CALIBRATION_CREEP_MAX)
        return problem(
            why, PROBLEM_REFUSED,
            "no calibration with %d knots, %d terms of creep, %d studs and %d candidates",
            spec->n_knots, spec->dynamics.n_creep, spec->n_studs, spec->n_candidates);
    return 0;
}

static int check_text(const struct text *t, struct problem *why)
{
    if (t->no_memory)
        return problem_no_memory(why, "a calibration");
    if (t->not_finite)
        return problem(why, PROBLEM_REFUSED, "a number of the calibration is not finite");
    struct calibration *check = calibration_parse(t->bytes, t->n, "the calibration", why);
    calibration_free(check);
    return check ? 0 : -1;
}

char *calibration_format(const struct calibration_spec *spec, size_t *n, struct problem *why)
{
    struct text t = {0};
    if (check_counts(spec, why))
        return NULL;
    put_document(&t, spec, curve_find(spec->curve));
    if (check_text(&t, why)) {
        free(t.bytes);
        return NULL;
    }
    *n = t.n;
    return t.bytes;
}
