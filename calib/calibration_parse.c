/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a calibration file's text. Each sentence of refusal names file and member, and the cell
 * or entry where there is one. README.md has the members and their bounds. */
#include "calib/calibration.h"

#include "calib/calibration_private.h"
#include "calib/dynamics.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `name` of the file goes before every sentence. */
struct parser {
    const char *name;
    json_t *root;
    struct problem *why;
    int version; /* 1 or 2 */
};

static int refuse(const struct parser *p, const char *key, const char *what)
{
    return problem(p->why, PROBLEM_REFUSED, "%s: calibration member '%s' %s", p->name, key, what);
}

static int get_text(const struct parser *p, const char *key, char *text, size_t size, size_t least)
{
    const char *value = json_string_value(json_object_get(p->root, key));
    if (!value)
        return refuse(p, key, "is missing or not a text");
    size_t n = strlen(value);
    if (n < least || n >= size)
        return refuse(p, key, n < least ? "is empty" : "is too long");
    for (size_t i = 0; i < n; i++) {
        if (iscntrl((unsigned char)value[i]))
            return refuse(p, key, "holds a control character");
    }
    memcpy(text, value, n + 1);
    return 0;
}

static int get_integer(const struct parser *p, const char *key, int least, int most, int *value)
{
    json_t *member = json_object_get(p->root, key);
    json_int_t number = json_integer_value(member);
    if (!json_is_integer(member))
        return refuse(p, key, "is missing or not a whole number");
    if (number < least || number > most)
        return problem(p->why, PROBLEM_REFUSED,
                       "%s: calibration member '%s' is %lld, not within %d to %d", p->name, key,
                       (long long)number, least, most);
    *value = (int)number;
    return 0;
}

static int is_date(const char *text)
{
    static const char shape[] = "0000-00-00";
    if (strlen(text) != sizeof shape - 1)
        return 0;
    for (size_t i = 0; shape[i]; i++) {
        if (shape[i] == '-' ? text[i] != '-' : !isdigit((unsigned char)text[i]))
            return 0;
    }
    int month = (int)strtol(text + 5, NULL, 10), day = (int)strtol(text + 8, NULL, 10);
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static int get_knots(const struct parser *p, struct curve_shape *shape)
{
    json_t *list = json_object_get(p->root, "knots_counts");
    size_t n = json_array_size(list);
    if (!list || json_is_null(list))
        return 0;
    if (!json_is_array(list) || n > CURVE_COEFFICIENTS_MAX)
        return refuse(p, "knots_counts", "is not a list of at most 12 counts");
    for (size_t k = 0; k < n; k++)
        shape->knots[k] = json_number_value(json_array_get(list, k)); /* 0 if none: refused */
    shape->n_knots = (int)n;
    return 0;
}

/* The curve and what its cells share. */
static const struct curve *get_curve(const struct parser *p, int bits, struct curve_shape *shape)
{
    char name[32];
    if (get_text(p, "curve", name, sizeof name, 1))
        return NULL;
    const struct curve *curve = curve_find(name);
    if (!curve) {
        refuse(p, "curve", "names a curve that this program does not know");
        return NULL;
    }
    *shape = (struct curve_shape){.max_count = (double)((1u << bits) - 1u)};
    if (p->version > 1 && get_knots(p, shape))
        return NULL;
    const char *fault = curve_shape_fault(curve, shape);
    if (fault)
        refuse(p, "knots_counts", fault);
    return fault ? NULL : curve;
}

/* Everything but the arrays: makes the calibration that the arrays go into. */
static struct calibration *get_facts(const struct parser *p)
{
    struct calibration facts = {0};
    struct curve_shape shape;
    if (get_text(p, "id", facts.id, sizeof facts.id, 1) ||
        get_text(p, "date", facts.date, sizeof facts.date, 1) ||
        get_text(p, "operator", facts.operator_name, sizeof facts.operator_name, 0) ||
        get_text(p, "serial", facts.serial, sizeof facts.serial, 1) ||
        get_integer(p, "rows", 1, 256, &facts.rows) ||
        get_integer(p, "columns", 1, 256, &facts.cols) ||
        get_integer(p, "bits", 8, 16, &facts.bits))
        return NULL;
    if (!is_date(facts.date) || !strcmp(facts.id, CALIBRATION_NOMINAL)) {
        if (!is_date(facts.date))
            refuse(p, "date", "is not a day such as 2026-03-01");
        else
            refuse(p, "id", "must not be 'nominal': that means there is no calibration");
        return NULL;
    }
    const struct curve *curve = get_curve(p, facts.bits, &shape);
    if (!curve)
        return NULL;
    struct calibration *c = calibration_new(facts.rows, facts.cols, facts.bits, curve, &shape);
    if (!c) {
        problem_no_memory(p->why, "a calibration");
        return NULL;
    }
    memcpy(c->id, facts.id, sizeof c->id);
    memcpy(c->date, facts.date, sizeof c->date);
    memcpy(c->operator_name, facts.operator_name, sizeof c->operator_name);
    memcpy(c->serial, facts.serial, sizeof c->serial);
    return c;
}

static int get_residual(const struct parser *p, struct calibration *c)
{
    json_t *member = json_object_get(p->root, "residual_percent");
    if (json_is_null(member))
        return 0; /* stays NaN: unknown */
    double value = json_number_value(member);
    if (!json_is_number(member) || !(value >= 0 && value <= 100))
        return refuse(p, "residual_percent", "is not a number from 0 to 100, nor null");
    c->residual_percent = value;
    return 0;
}

static int get_mask(const struct parser *p, struct calibration *c)
{
    json_t *list = json_object_get(p->root, "masked");
    if (!json_is_array(list) || json_array_size(list) > calibration_cells(c))
        return refuse(p, "masked", "is missing or not a list of cells");
    json_int_t last = -1;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *entry = json_array_get(list, i);
        json_int_t cell = json_integer_value(entry);
        if (!json_is_integer(entry) || cell <= last || cell >= (json_int_t)calibration_cells(c))
            return problem(p->why, PROBLEM_REFUSED,
                           "%s: calibration member 'masked' must be rising cell numbers below %zu; "
                           "entry %zu is not",
                           p->name, calibration_cells(c), i);
        c->masked[cell] = 1;
        c->n_masked++;
        last = cell;
    }
    return 0;
}

static int get_array(const struct parser *p, struct calibration *c, int k, json_t **array)
{
    const char *key = c->curve->coefficient[k];
    *array = json_object_get(json_object_get(p->root, "coefficients"), key);
    if (!json_is_array(*array) || json_array_size(*array) != calibration_cells(c))
        return problem(
            p->why, PROBLEM_REFUSED,
            "%s: calibration member 'coefficients' needs '%s' with %zu numbers, one a cell",
            p->name, key, calibration_cells(c));
    return 0;
}

/* One cell's coefficients, checked one by one and as a curve. */
static int get_cell(const struct parser *p, struct calibration *c, json_t *const arrays[],
                    size_t cell)
{
    double values[CURVE_COEFFICIENTS_MAX] = {0};
    for (int k = 0; k < curve_coefficients(c->curve, &c->shape); k++) {
        json_t *number = json_array_get(arrays[k], cell);
        values[k] = json_number_value(number);
        if (!json_is_number(number) || !(values[k] >= c->curve->least[k]) ||
            !(values[k] <= c->curve->most[k]))
            return problem(
                p->why, PROBLEM_REFUSED,
                "%s: calibration coefficient '%s' of cell %zu is not a number from %g to %g",
                p->name, c->curve->coefficient[k], cell, c->curve->least[k], c->curve->most[k]);
        c->coefficients[k][cell] = (float)values[k];
        values[k] = (double)c->coefficients[k][cell]; /* what will be used is what is checked */
    }
    const char *fault = c->curve->fault(&c->shape, values);
    if (!fault)
        return 0;
    return problem(p->why, PROBLEM_REFUSED, "%s: the calibration curve of cell %zu %s", p->name,
                   cell, fault);
}

static int get_coefficients(const struct parser *p, struct calibration *c)
{
    json_t *arrays[CURVE_COEFFICIENTS_MAX] = {0};
    for (int k = 0; k < curve_coefficients(c->curve, &c->shape); k++) {
        if (get_array(p, c, k, &arrays[k]))
            return -1;
    }
    for (size_t cell = 0; cell < calibration_cells(c); cell++) {
        if (!c->masked[cell] && get_cell(p, c, arrays, cell))
            return -1;
    }
    return 0;
}

/* --- Since version 2 ---------------------------------------------------------------------------
 */

/* A number of a structure and where it belongs. */
struct number_member {
    const char *key;
    size_t offset; /* of a double */
    double least, most;
    int may_be_null; /* null or absent: NaN */
};

/* The members of `object` into the structure at `base`; `where` is how messages name the object. */
static int get_numbers(const struct parser *p, json_t *object, const char *where,
                       const struct number_member *members, size_t n, void *base)
{
    if (!json_is_object(object))
        return refuse(p, where, "is missing or not an object");
    for (size_t i = 0; i < n; i++) {
        const struct number_member *m = &members[i];
        json_t *number = json_object_get(object, m->key);
        double value = json_number_value(number);
        int is_none = m->may_be_null && (!number || json_is_null(number));
        if (!is_none && (!json_is_number(number) || !(value >= m->least && value <= m->most)))
            return problem(p->why, PROBLEM_REFUSED,
                           "%s: calibration member '%s.%s' is not a number from %g to %g%s",
                           p->name, where, m->key, m->least, m->most,
                           m->may_be_null ? ", nor null" : "");
        value = is_none ? NAN : value;
        memcpy((char *)base + m->offset, &value, sizeof value);
    }
    return 0;
}

/* 1 when the optional member is there. */
static int has(const struct parser *p, const char *key, json_t **member)
{
    *member = json_object_get(p->root, key);
    return *member && !json_is_null(*member);
}

static int get_creep(const struct parser *p, json_t *list, struct calibration_dynamics *d)
{
    static const struct number_member members[] = {{"tau_s", 0, 0.01, 1e6, 0},
                                                   {"share", sizeof(double), 0, 1, 0}};
    if (!json_is_array(list) || json_array_size(list) > CALIBRATION_CREEP_MAX)
        return refuse(p, "dynamics.creep", "is missing or not a list of at most 4 terms");
    for (size_t i = 0; i < json_array_size(list); i++) {
        char where[40];
        double term[2];
        snprintf(where, sizeof where, "dynamics.creep[%zu]", i);
        if (get_numbers(p, json_array_get(list, i), where, members, 2, term))
            return -1;
        d->creep_tau_s[i] = term[0];
        d->creep_share[i] = term[1];
        d->n_creep++;
    }
    return 0;
}

static int get_dynamics(const struct parser *p, struct calibration *c)
{
    static const struct number_member members[] = {
        {"hysteresis", offsetof(struct calibration_dynamics, hysteresis), 0, 0.9, 0},
        {"reference_c", offsetof(struct calibration_dynamics, reference_c), -40, 125, 1},
        {"gain_percent_per_c", offsetof(struct calibration_dynamics, gain_percent_per_c), -10, 10,
         0},
    };
    json_t *object;
    if (!has(p, "dynamics", &object))
        return 0;
    struct calibration_dynamics *d = &c->dynamics;
    if (get_numbers(p, object, "dynamics", members, 3, d) ||
        get_creep(p, json_object_get(object, "creep"), d))
        return -1;
    const char *fault = dynamics_fault(d);
    c->has_dynamics = 1;
    return fault ? refuse(p, "dynamics", fault) : 0;
}

static int get_budget(const struct parser *p, struct calibration *c)
{
    static const struct number_member line[] = {
        {"percent", offsetof(struct calibration_error, percent), 0, 1e4, 1},
        {"kpa", offsetof(struct calibration_error, kpa), 0, CURVE_KPA_MAX, 1},
    };
    static const struct number_member sums[] = {
        {"force_percent", offsetof(struct calibration_budget, force_percent), 0, 1e4, 1},
        {"creep_percent_per_decade", offsetof(struct calibration_budget, creep_percent_per_decade),
         -1e4, 1e4, 1},
        {"noise_counts", offsetof(struct calibration_budget, noise_counts), 0, 65535, 1},
    };
    json_t *object;
    if (!has(p, "budget", &object))
        return 0;
    struct calibration_budget *b = &c->budget;
    struct {
        const char *key, *where;
        struct calibration_error *error;
    } lines[] = {
        {"accuracy", "budget.accuracy", &b->accuracy},
        {"repeatability", "budget.repeatability", &b->repeatability},
        {"hysteresis", "budget.hysteresis", &b->hysteresis},
        {"creep", "budget.creep", &b->creep},
        {"crosstalk", "budget.crosstalk", &b->crosstalk},
    };
    if (get_numbers(p, object, "budget", sums, 3, b))
        return -1;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (get_numbers(p, json_object_get(object, lines[i].key), lines[i].where, line, 2,
                        lines[i].error))
            return -1;
    }
    c->has_budget = 1;
    return 0;
}

/* A printable text of 1 to size - 1 bytes inside an entry of a list. */
static int get_entry_text(const struct parser *p, json_t *text, const char *where, char *to,
                          size_t size)
{
    const char *value = json_string_value(text);
    size_t n = value ? strlen(value) : 0;
    if (n < 1 || n >= size)
        return refuse(p, where, "has no name, or one that is too long");
    for (size_t i = 0; i < n; i++) {
        if (iscntrl((unsigned char)value[i]))
            return refuse(p, where, "has a name with a control character");
    }
    memcpy(to, value, n + 1);
    return 0;
}

static int get_stud(const struct parser *p, json_t *object, const char *where,
                    struct calibration_stud *stud)
{
    static const struct number_member members[] = {
        {"tip_cm2", offsetof(struct calibration_stud, tip_cm2), 0.01, 100, 0},
        {"factor", offsetof(struct calibration_stud, factor), 0.1, 10, 0},
        {"spread_percent", offsetof(struct calibration_stud, spread_percent), 0, 1e4, 1},
    };
    json_t *places = json_object_get(object, "places");
    if (get_numbers(p, object, where, members, 3, stud) ||
        get_entry_text(p, json_object_get(object, "name"), where, stud->name, sizeof stud->name))
        return -1;
    if (!json_is_integer(places) || json_integer_value(places) < 1 ||
        json_integer_value(places) > 1000000)
        return refuse(p, where, "has no whole number of places, from 1 to 1000000");
    stud->n = (int)json_integer_value(places);
    return 0;
}

static int get_candidate(const struct parser *p, json_t *object, const char *where,
                         struct calibration_candidate *candidate)
{
    static const struct number_member members[] = {
        {"error_percent", offsetof(struct calibration_candidate, error_percent), 0, 1e6, 1}};
    return get_numbers(p, object, where, members, 1, candidate) ||
                   get_entry_text(p, json_object_get(object, "curve"), where, candidate->curve,
                                  sizeof candidate->curve)
               ? -1
               : 0;
}

/* The list's size, 0 when there is none, -1 (refused). */
static int get_list(const struct parser *p, const char *key, size_t most, json_t **list)
{
    if (!has(p, key, list))
        return 0;
    if (!json_is_array(*list) || json_array_size(*list) > most)
        return refuse(p, key, "is not a list, or has more than 8 entries");
    return (int)json_array_size(*list);
}

static int get_studs(const struct parser *p, struct calibration *c)
{
    json_t *list;
    char where[40];
    int n = get_list(p, "studs", CALIBRATION_STUDS_MAX, &list);
    for (int i = 0; i < n; i++) {
        snprintf(where, sizeof where, "studs[%d]", i);
        if (get_stud(p, json_array_get(list, (size_t)i), where, &c->studs[i]))
            return -1;
    }
    c->n_studs = n > 0 ? n : 0;
    return n < 0 ? -1 : 0;
}

static int get_candidates(const struct parser *p, struct calibration *c)
{
    json_t *list;
    char where[40];
    int n = get_list(p, "candidates", CALIBRATION_CANDIDATES_MAX, &list);
    for (int i = 0; i < n; i++) {
        snprintf(where, sizeof where, "candidates[%d]", i);
        if (get_candidate(p, json_array_get(list, (size_t)i), where, &c->candidates[i]))
            return -1;
    }
    c->n_candidates = n > 0 ? n : 0;
    return n < 0 ? -1 : 0;
}

static int get_cell_residuals(const struct parser *p, struct calibration *c)
{
    json_t *list;
    size_t cells = calibration_cells(c);
    if (!has(p, "cell_residual_percent", &list))
        return 0;
    if (!json_is_array(list) || json_array_size(list) != cells)
        return refuse(p, "cell_residual_percent", "is not a list of one number or null a cell");
    c->cell_residual = calloc(cells, sizeof *c->cell_residual);
    if (!c->cell_residual)
        return problem_no_memory(p->why, "a calibration");
    for (size_t i = 0; i < cells; i++) {
        json_t *number = json_array_get(list, i);
        double value = json_is_null(number) ? NAN : json_number_value(number);
        if (!json_is_null(number) && !(json_is_number(number) && value >= 0 && value <= 1e6))
            return problem(p->why, PROBLEM_REFUSED,
                           "%s: calibration member 'cell_residual_percent' of cell %zu is not a "
                           "number from 0 to 1e6, nor null",
                           p->name, i);
        c->cell_residual[i] = (float)value;
    }
    return 0;
}

static int get_health_row(const struct parser *p, struct calibration *c, int row, const char *line)
{
    static const char letters[] = CALIBRATION_HEALTH_LETTERS;
    for (int col = 0; col < c->cols; col++) {
        size_t cell = (size_t)row * (size_t)c->cols + (size_t)col;
        const char *letter =
            strchr(letters, line[col]); /* no line ends early: its length is right */
        if (!letter || (letter > letters && !c->masked[cell]))
            return problem(p->why, PROBLEM_REFUSED,
                           "%s: calibration member 'health', row %d, column %d: '%c' %s", p->name,
                           row, col, isprint((unsigned char)line[col]) ? line[col] : '?',
                           letter ? "is a fault, but the cell is not in 'masked'"
                                  : "is none of " CALIBRATION_HEALTH_LETTERS);
        c->health[cell] = (uint8_t)(letter - letters);
    }
    return 0;
}

static int get_health(const struct parser *p, struct calibration *c)
{
    json_t *map;
    if (!has(p, "health", &map))
        return 0;
    if (!json_is_array(map) || json_array_size(map) != (size_t)c->rows)
        return refuse(p, "health", "is not a list of one text a row");
    c->health = calloc(calibration_cells(c), sizeof *c->health);
    if (!c->health)
        return problem_no_memory(p->why, "a calibration");
    for (int row = 0; row < c->rows; row++) {
        const char *line = json_string_value(json_array_get(map, (size_t)row));
        if (!line || strlen(line) != (size_t)c->cols)
            return problem(p->why, PROBLEM_REFUSED,
                           "%s: calibration member 'health': row %d is not a text of %d letters",
                           p->name, row, c->cols);
        if (get_health_row(p, c, row, line))
            return -1;
    }
    return 0;
}

static int get_reference(const struct parser *p, struct calibration *c)
{
    json_t *text;
    return has(p, "reference_device", &text)
               ? get_text(p, "reference_device", c->reference_device, sizeof c->reference_device, 0)
               : 0;
}

static int get_version_2(const struct parser *p, struct calibration *c)
{
    return p->version < 2 ? 0
           : get_reference(p, c) || get_cell_residuals(p, c) || get_health(p, c) ||
                   get_dynamics(p, c) || get_budget(p, c) || get_studs(p, c) || get_candidates(p, c)
               ? -1
               : 0;
}

/* --- The whole -------------------------------------------------------------------------------- */

static int get_version(struct parser *p)
{
    const char *schema = json_string_value(json_object_get(p->root, "schema"));
    p->version = !schema                                 ? 0
                 : !strcmp(schema, CALIBRATION_SCHEMA)   ? 2
                 : !strcmp(schema, CALIBRATION_SCHEMA_1) ? 1
                                                         : 0;
    if (p->version)
        return 0;
    return problem(p->why, PROBLEM_REFUSED,
                   "%s is not a calibration that this program reads: its schema is '%.40s', not "
                   "'" CALIBRATION_SCHEMA "' nor '" CALIBRATION_SCHEMA_1 "'",
                   p->name, schema ? schema : "");
}

static struct calibration *parse_root(struct parser *p)
{
    if (get_version(p))
        return NULL;
    struct calibration *c = get_facts(p);
    if (c &&
        (get_residual(p, c) || get_mask(p, c) || get_coefficients(p, c) || get_version_2(p, c))) {
        calibration_free(c);
        return NULL;
    }
    return c;
}

struct calibration *calibration_parse(const void *bytes, size_t n, const char *name,
                                      struct problem *why)
{
    struct parser p = {name, NULL, why, 0};
    json_error_t error;
    if (n > CALIBRATION_FILE_MAX) {
        problem(why, PROBLEM_REFUSED, "%s: a calibration has at most %u bytes, this has %zu", name,
                CALIBRATION_FILE_MAX, n);
        return NULL;
    }
    p.root = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &error);
    if (!p.root) {
        problem(why, PROBLEM_REFUSED, "%s: line %d: not a calibration (JSON: %.160s)", name,
                error.line, error.text);
        return NULL;
    }
    struct calibration *c = parse_root(&p);
    json_decref(p.root);
    return c;
}
