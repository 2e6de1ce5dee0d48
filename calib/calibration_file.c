/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/calibration.h"

#include "calib/calibration_private.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- Reading ---------------------------------------------------------------------------------- */

/* `name` of the file goes before every sentence. */
struct parser {
    const char *name;
    json_t *root;
    struct problem *why;
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
    return 1;
}

/* Everything but the arrays: makes the calibration that the arrays go into. */
static struct calibration *get_facts(const struct parser *p)
{
    struct calibration facts = {0};
    char curve_name[32];
    if (get_text(p, "id", facts.id, sizeof facts.id, 1) ||
        get_text(p, "date", facts.date, sizeof facts.date, 1) ||
        get_text(p, "operator", facts.operator_name, sizeof facts.operator_name, 0) ||
        get_text(p, "serial", facts.serial, sizeof facts.serial, 1) ||
        get_text(p, "curve", curve_name, sizeof curve_name, 1) ||
        get_integer(p, "rows", 1, 256, &facts.rows) ||
        get_integer(p, "columns", 1, 256, &facts.cols) ||
        get_integer(p, "bits", 8, 16, &facts.bits))
        return NULL;
    const struct curve *curve = curve_find(curve_name);
    if (!curve || !is_date(facts.date) || !strcmp(facts.id, CALIBRATION_NOMINAL)) {
        refuse(p,
               !curve                 ? "curve"
               : !is_date(facts.date) ? "date"
                                      : "id",
               !curve ? "names a curve that this program does not know"
               : !is_date(facts.date)
                   ? "is not a day such as 2026-03-01"
                   : "must not be 'nominal': that means there is no calibration");
        return NULL;
    }
    struct curve_shape shape = {.max_count = (double)((1u << facts.bits) - 1u)};
    const char *fault = curve_shape_fault(curve, &shape);
    if (fault) {
        refuse(p, "knots", fault);
        return NULL;
    }
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

static int check_schema(const struct parser *p)
{
    const char *schema = json_string_value(json_object_get(p->root, "schema"));
    if (schema && !strcmp(schema, CALIBRATION_SCHEMA))
        return 0;
    return problem(p->why, PROBLEM_REFUSED,
                   "%s is not a calibration that this program reads: its schema is '%.40s', not "
                   "'" CALIBRATION_SCHEMA "'",
                   p->name, schema ? schema : "");
}

static struct calibration *parse_root(const struct parser *p)
{
    if (check_schema(p))
        return NULL;
    struct calibration *c = get_facts(p);
    if (c && (get_residual(p, c) || get_mask(p, c) || get_coefficients(p, c))) {
        calibration_free(c);
        return NULL;
    }
    return c;
}

struct calibration *calibration_parse(const void *bytes, size_t n, const char *name,
                                      struct problem *why)
{
    struct parser p = {name, NULL, why};
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

/* A regular file. Not blocking, so that a FIFO of that name cannot hold us. */
static FILE *open_file(const char *path, struct stat *st, struct problem *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    FILE *file = fd < 0 || fstat(fd, st) ? NULL : fdopen(fd, "rb");
    if (!file) {
        problem(why, PROBLEM_FAILED, "%s cannot be opened: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    if (S_ISREG(st->st_mode))
        return file;
    problem(why, PROBLEM_REFUSED, "%s is not a regular file", path);
    fclose(file);
    return NULL;
}

/* Reads at most CALIBRATION_FILE_MAX + 1 bytes; parse refuses when it is more than the most. */
static void *read_file(const char *path, size_t *n, struct problem *why)
{
    struct stat st;
    FILE *file = open_file(path, &st, why);
    if (!file)
        return NULL;
    size_t cap = st.st_size < (off_t)CALIBRATION_FILE_MAX ? (size_t)st.st_size + 1
                                                          : CALIBRATION_FILE_MAX + 1;
    void *bytes = malloc(cap);
    if (!bytes) {
        problem_no_memory(why, "a calibration");
    } else {
        *n = fread(bytes, 1, cap, file);
        if (ferror(file)) {
            problem(why, PROBLEM_FAILED, "%s cannot be read: %s", path, strerror(errno));
            free(bytes);
            bytes = NULL;
        }
    }
    fclose(file);
    return bytes;
}

struct calibration *calibration_load(const char *path, void **bytes, size_t *n_bytes,
                                     struct problem *why)
{
    size_t n = 0;
    void *text = read_file(path, &n, why);
    struct calibration *c = text ? calibration_parse(text, n, path, why) : NULL;
    if (bytes)
        *bytes = NULL;
    if (c && bytes) {
        *bytes = text;
        *n_bytes = n;
        return c;
    }
    free(text);
    return c;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static json_t *masked_list(const struct calibration_spec *spec, size_t cells)
{
    json_t *list = json_array();
    for (size_t i = 0; spec->masked && i < cells; i++) {
        if (spec->masked[i] && json_array_append_new(list, json_integer((json_int_t)i))) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *number_list(const double *values, size_t cells)
{
    json_t *list = json_array();
    for (size_t i = 0; i < cells; i++) {
        if (json_array_append_new(list, json_real(values ? values[i] : 0))) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *coefficient_lists(const struct calibration_spec *spec, const struct curve *curve,
                                 size_t cells)
{
    json_t *object = json_object();
    for (int k = 0; k < curve->n_coefficients; k++) {
        if (json_object_set_new(object, curve->coefficient[k],
                                number_list(spec->coefficients[k], cells))) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *document(const struct calibration_spec *spec, const struct curve *curve)
{
    size_t cells = (size_t)spec->rows * (size_t)spec->cols;
    json_t *residual =
        isnan(spec->residual_percent) ? json_null() : json_real(spec->residual_percent);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:o, s:o, s:o}", "schema",
                     CALIBRATION_SCHEMA, "id", spec->id, "date", spec->date, "operator",
                     spec->operator_name ? spec->operator_name : "", "serial", spec->serial, "rows",
                     spec->rows, "columns", spec->cols, "bits", spec->bits, "curve", curve->name,
                     "residual_percent", residual, "masked", masked_list(spec, cells),
                     "coefficients", coefficient_lists(spec, curve, cells));
}

char *calibration_format(const struct calibration_spec *spec, size_t *n, struct problem *why)
{
    const struct curve *curve = curve_find(spec->curve);
    if (!curve || spec->rows < 1 || spec->rows > 256 || spec->cols < 1 || spec->cols > 256) {
        problem(why, PROBLEM_REFUSED, "no calibration with curve '%s' for %d x %d cells",
                spec->curve, spec->rows, spec->cols);
        return NULL;
    }
    json_t *root = document(spec, curve);
    char *text = root ? json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(root);
    if (!text) {
        problem(why, PROBLEM_FAILED,
                "the calibration could not be put into JSON: a text in it is "
                "not UTF-8, a number not finite, or memory ran out");
        return NULL;
    }
    struct calibration *check = calibration_parse(text, strlen(text), "the calibration", why);
    if (!check) {
        free(text);
        return NULL;
    }
    calibration_free(check);
    *n = strlen(text);
    return text;
}

static int write_and_sync(int fd, const char *text, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t done = write(fd, text + at, n - at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return -1;
        at += (size_t)done;
    }
    return fsync(fd);
}

static void sync_folder_of(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash)
        slash[1] = 0;
    int fd = open(slash ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

/* Under a name of its own beside `path` first: what carries the name is always whole. */
static int write_file(const char *path, const char *text, size_t n, struct problem *why)
{
    size_t size = strlen(path) + 40;
    char *temporary = malloc(size);
    if (!temporary)
        return problem_no_memory(why, "a file name");
    snprintf(temporary, size, "%s.partial-%ld", path, (long)getpid());
    unlink(temporary);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    int bad = fd < 0 || write_and_sync(fd, text, n), error = errno;
    if (fd >= 0 && close(fd) && !bad) {
        bad = 1;
        error = errno;
    }
    if (!bad && rename(temporary, path)) {
        bad = 1;
        error = errno;
    }
    if (bad) {
        unlink(temporary);
        problem(why, PROBLEM_FAILED, "%s cannot be written: %s", path, strerror(error));
    } else {
        sync_folder_of(temporary);
    }
    free(temporary);
    return bad ? -1 : 0;
}

int calibration_write(const char *path, const struct calibration_spec *spec, struct problem *why)
{
    size_t n;
    char *text = calibration_format(spec, &n, why);
    if (!text)
        return -1;
    int result = write_file(path, text, n, why);
    free(text);
    return result;
}
