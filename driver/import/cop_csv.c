/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/import/cop_csv.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_MOST 65536
#define NONE SIZE_MAX
#define LEAST_FORCE_N 20
#define MM_PER_M 1000

char *const cop_csv_roles[COP_CSV_ROLES + 1] = {"time", "ml", "ap", "fx", "fy",
                                                "fz",   "mx", "my", NULL};

struct reader {
    FILE *in;
    const char *name;
    char *line;
    size_t room, line_number;
    char separator;
    size_t column[COP_CSV_ROLES]; /* from 0, or NONE */
    int wanted;                   /* how many are not NONE */
    double mm_per_unit, time_step_s, origin_m;
    int ap_is_x;
    size_t capacity;
};

static const struct unit {
    const char *name;
    double mm;
} units[] = {{"mm", 1}, {"cm", 10}, {"m", 1000}};

double cop_csv_unit(const char *name)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (!strcmp(name, units[i].name))
            return units[i].mm;
    return 0;
}

const char *cop_csv_unit_name(double mm_per_unit)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (mm_per_unit == units[i].mm)
            return units[i].name;
    return "custom";
}

/* The next line that says something, without its end; 1, 0 at the end of the file, or -1. */
static int next_line(struct reader *r, struct problem *why)
{
    ssize_t length;
    while ((length = getline(&r->line, &r->room, r->in)) >= 0) {
        r->line_number++;
        if (length > LINE_MOST || memchr(r->line, 0, (size_t)length))
            return problem(why, PROBLEM_REFUSED, "%s line %zu is no line of text", r->name,
                           r->line_number);
        while (length > 0 && isspace((unsigned char)r->line[length - 1]))
            r->line[--length] = 0;
        if (r->line_number == 1 && !strncmp(r->line, "\xef\xbb\xbf", 3))
            memmove(r->line, r->line + 3, (size_t)length - 2);
        if (r->line[0] && r->line[0] != '#')
            return 1;
    }
    if (ferror(r->in))
        return problem(why, PROBLEM_FAILED, "%s cannot be read after line %zu", r->name,
                       r->line_number);
    return 0;
}

static char find_separator(const char *line)
{
    return strchr(line, ';') ? ';' : strchr(line, '\t') ? '\t' : ',';
}

/* The cell's text without quotes and blanks around it, cut at `size`; the next cell, or NULL after
 * the last one. */
static const char *take_cell(const char *at, char separator, char *cell, size_t size)
{
    const char *end = strchr(at, separator), *after = end ? end + 1 : NULL;
    if (!end)
        end = at + strlen(at);
    while (at < end && (isspace((unsigned char)*at) || *at == '"'))
        at++;
    while (end > at && (isspace((unsigned char)end[-1]) || end[-1] == '"'))
        end--;
    size_t n = (size_t)(end - at) < size - 1 ? (size_t)(end - at) : size - 1;
    memcpy(cell, at, n);
    cell[n] = 0;
    return after;
}

/* Which column of the header is called so; -1 if none is. */
static long find_name(const struct reader *r, const char *wanted)
{
    char cell[COP_CSV_NAME];
    long column = 0;
    for (const char *at = r->line; at; column++) {
        at = take_cell(at, r->separator, cell, sizeof cell);
        if (!strcmp(cell, wanted))
            return column;
    }
    return -1;
}

static int find_column(struct reader *r, const char *wanted, size_t *column, struct problem *why)
{
    long found = find_name(r, wanted);
    char *end;
    if (found < 0 && isdigit((unsigned char)wanted[0])) {
        found = strtol(wanted, &end, 10) - 1;
        if (*end || found >= LINE_MOST)
            found = -1;
    }
    if (found < 0)
        return problem(why, PROBLEM_REFUSED,
                       "%s line %zu has no column '%s'; expected a header time_s,ml_mm,ap_mm, or "
                       "name the columns: --columns time=COL,ml=COL,ap=COL",
                       r->name, r->line_number, wanted);
    *column = (size_t)found;
    return 0;
}

static double unit_of_name(const char *name)
{
    const char *last = strrchr(name, '_');
    return last ? cop_csv_unit(last + 1) : 0;
}

static int find_units(struct reader *r, const struct cop_csv_layout *layout, struct problem *why)
{
    const char *ml_name = layout->names[COP_CSV_ML], *ap_name = layout->names[COP_CSV_AP];
    double ml = unit_of_name(ml_name), ap = unit_of_name(ap_name);
    r->mm_per_unit = layout->mm_per_unit > 0 ? layout->mm_per_unit : ml > 0 ? ml : 1;
    if (layout->mm_per_unit <= 0 && ml != ap)
        return problem(why, PROBLEM_USAGE,
                       "columns '%s' and '%s' of %s are not in one unit; give --units mm, cm or m",
                       ml_name, ap_name, r->name);
    return 0;
}

/* Is the first line a sample already? Then the columns must be told by number. */
static int is_header(const struct reader *r)
{
    char cell[COP_CSV_NAME], *end;
    take_cell(r->line, r->separator, cell, sizeof cell);
    strtod(cell, &end);
    return end == cell || *end;
}

static const char *const default_names[] = {"time_s", "ml_mm", "ap_mm"};

static int is_unnamed(const struct cop_csv_layout *layout)
{
    for (int role = 0; role < COP_CSV_ROLES; role++)
        if (layout->names[role][0])
            return 0;
    return 1;
}

static int has(const struct reader *r, enum cop_csv_role role)
{
    return r->column[role] != NONE;
}

static int is_sufficient(const struct reader *r)
{
    int path = has(r, COP_CSV_ML) && has(r, COP_CSV_AP);
    int forces = has(r, COP_CSV_FZ) && has(r, COP_CSV_MX) && has(r, COP_CSV_MY);
    int shear = has(r, COP_CSV_FX) && has(r, COP_CSV_FY);
    int any = path || has(r, COP_CSV_ML) || has(r, COP_CSV_AP);
    return has(r, COP_CSV_TIME) &&
           (any ? path && !has(r, COP_CSV_FZ) : forces && (shear || r->origin_m == 0));
}

static int read_header(struct reader *r, const struct cop_csv_layout *said, struct problem *why)
{
    struct cop_csv_layout layout = *said;
    int got = next_line(r, why);
    if (got <= 0)
        return got ? -1 : problem(why, PROBLEM_REFUSED, "%s is empty", r->name);
    r->separator = find_separator(r->line);
    if (is_unnamed(&layout))
        for (int role = 0; role < COP_CSV_FX; role++)
            strcpy(layout.names[role], default_names[role]);
    for (int role = 0; role < COP_CSV_ROLES; role++) {
        r->column[role] = NONE;
        if (!layout.names[role][0])
            continue;
        r->wanted++;
        if (find_column(r, layout.names[role], &r->column[role], why))
            return -1;
    }
    if (!is_sufficient(r))
        return problem(
            why, PROBLEM_USAGE,
            "columns: name time, and ml and ap, or fz, mx and my (fx and fy too where the "
            "origin lies under the surface)");
    return find_units(r, &layout, why);
}

/* The step of the last digit that was written. */
static void note_step(struct reader *r, const char *cell)
{
    const char *point = strchr(cell, '.');
    double step = 1;
    for (const char *at = point ? point + 1 : ""; isdigit((unsigned char)*at); at++)
        step /= 10;
    if (strpbrk(cell, "eE"))
        step = 0;
    if (step < r->time_step_s)
        r->time_step_s = step;
}

static int is_missing(const char *cell)
{
    return !cell[0] || !strcasecmp(cell, "nan") || !strcasecmp(cell, "na");
}

/* 1 with the sample, 0 when a cell is missing, -1. */
static int parse_line(struct reader *r, double sample[COP_CSV_ROLES], struct problem *why)
{
    char cell[COP_CSV_NAME], *end;
    int found = 0, missing = 0;
    const char *at = r->line;
    for (size_t column = 0; at; column++) {
        at = take_cell(at, r->separator, cell, sizeof cell);
        for (int k = 0; k < COP_CSV_ROLES; k++) {
            if (r->column[k] != column)
                continue;
            sample[k] = strtod(cell, &end);
            found++;
            missing |= is_missing(cell);
            if (!is_missing(cell) && (*end || !isfinite(sample[k])))
                return problem(why, PROBLEM_REFUSED,
                               "%s line %zu column %zu: '%.20s' is not a number", r->name,
                               r->line_number, column + 1, cell);
            if (k == COP_CSV_TIME)
                note_step(r, cell);
        }
    }
    if (found < r->wanted)
        return problem(why, PROBLEM_REFUSED, "%s line %zu has too few columns", r->name,
                       r->line_number);
    return !missing;
}

static int grow(struct reader *r, struct cop_series *out, struct problem *why)
{
    struct cop_series larger;
    size_t n = out->n;
    if (n < r->capacity)
        return 0;
    if (n >= COP_SERIES_MOST)
        return problem(why, PROBLEM_REFUSED, "%s has more than %zu samples", r->name,
                       COP_SERIES_MOST);
    r->capacity = n ? 2 * n : 4096;
    if (cop_series_make(&larger, r->capacity, why))
        return -1;
    if (n) {
        memcpy(larger.time_s, out->time_s, n * sizeof(double));
        memcpy(larger.ml_mm, out->ml_mm, n * sizeof(double));
        memcpy(larger.ap_mm, out->ap_mm, n * sizeof(double));
    }
    cop_series_free(out);
    *out = larger;
    out->n = n;
    return 0;
}

/* Where the weight stands, in mm; 0 when nobody does. A platform that
 * tells what it bears as negative has the moments' signs turned too: the quotient is the same. */
static int from_forces(const struct reader *r, const double *s, double *ml, double *ap)
{
    double fz = s[COP_CSV_FZ], x, y;
    if (fabs(fz) < LEAST_FORCE_N)
        return 0;
    x = -(s[COP_CSV_MY] + r->origin_m * s[COP_CSV_FX]) / fz * MM_PER_M;
    y = (s[COP_CSV_MX] - r->origin_m * s[COP_CSV_FY]) / fz * MM_PER_M;
    *ml = r->ap_is_x ? y : x;
    *ap = r->ap_is_x ? x : y;
    return 1;
}

static int read_samples(struct reader *r, struct cop_series *out, struct problem *why)
{
    double sample[COP_CSV_ROLES] = {0};
    int got = is_header(r) ? next_line(r, why) : 1;
    for (; got > 0; got = next_line(r, why)) {
        int whole = parse_line(r, sample, why);
        if (whole < 0 || grow(r, out, why))
            return -1;
        double ml = sample[COP_CSV_ML] * r->mm_per_unit, ap = sample[COP_CSV_AP] * r->mm_per_unit;
        if (!whole || (has(r, COP_CSV_FZ) && !from_forces(r, sample, &ml, &ap)))
            continue;
        out->time_s[out->n] = sample[COP_CSV_TIME];
        out->ml_mm[out->n] = ml;
        out->ap_mm[out->n++] = ap;
    }
    return got;
}

int cop_csv_read(FILE *in, const char *name, const struct cop_csv_layout *layout,
                 struct cop_series *out, double *mm_per_unit, struct problem *why)
{
    struct reader r = {.in = in,
                       .name = name,
                       .time_step_s = 1,
                       .origin_m = layout->origin_mm / MM_PER_M,
                       .ap_is_x = layout->ap_is_x};
    *out = (struct cop_series){0};
    int bad = read_header(&r, layout, why) || read_samples(&r, out, why);
    free(r.line);
    if (!bad) {
        cop_series_find_rate(out, r.time_step_s);
        bad = cop_series_check(out, why);
    }
    if (bad)
        cop_series_free(out);
    else if (mm_per_unit)
        *mm_per_unit = r.mm_per_unit;
    return bad ? -1 : 0;
}
