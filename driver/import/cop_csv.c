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
#define HEADER_MOST 64 /* lines that may stand above the numbers */

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
    double factor[COP_CSV_ROLES]; /* the file's units to mm, s, N, N m; 0 = not told */
    double time_step_s, origin_m;
    int ap_is_x;
    size_t capacity;
};

/* What a unit measures, so that "m" in a moment's name is not taken for a length. */
enum measure { LENGTH, TIME, FORCE, MOMENT };
static const struct unit {
    const char *name;
    enum measure measure;
    double factor; /* to mm, s, N, N m */
} units[] = {
    {"mm", LENGTH, 1},      {"cm", LENGTH, 10},     {"m", LENGTH, 1000},    {"s", TIME, 1},
    {"sec", TIME, 1},       {"ms", TIME, 1e-3},     {"us", TIME, 1e-6},     {"N", FORCE, 1},
    {"kN", FORCE, 1e3},     {"Nm", MOMENT, 1},      {"N m", MOMENT, 1},     {"N.m", MOMENT, 1},
    {"N*m", MOMENT, 1},     {"N-m", MOMENT, 1},     {"Nmm", MOMENT, 1e-3},  {"N mm", MOMENT, 1e-3},
    {"N.mm", MOMENT, 1e-3}, {"N*mm", MOMENT, 1e-3}, {"N-mm", MOMENT, 1e-3}, {"Ncm", MOMENT, 1e-2},
    {"N.cm", MOMENT, 1e-2},
};
#define UNITS (sizeof units / sizeof units[0])

static enum measure measure_of(enum cop_csv_role role)
{
    return role == COP_CSV_TIME                       ? TIME
           : role == COP_CSV_ML || role == COP_CSV_AP ? LENGTH
           : role == COP_CSV_MX || role == COP_CSV_MY ? MOMENT
                                                      : FORCE;
}

/* 0 for a word that is no unit of this measure. Seconds and newtons are written in any case. */
static double find_unit(const char *name, enum measure measure)
{
    for (size_t i = 0; i < UNITS; i++)
        if (units[i].measure == measure &&
            !(measure == LENGTH ? strcmp : strcasecmp)(name, units[i].name))
            return units[i].factor;
    return 0;
}

double cop_csv_unit(const char *name)
{
    return find_unit(name, LENGTH);
}

const char *cop_csv_unit_name(double mm_per_unit)
{
    for (size_t i = 0; i < UNITS; i++)
        if (units[i].measure == LENGTH && mm_per_unit == units[i].factor)
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

/* Blanks part columns where nothing else does. */
static char find_separator(const char *line)
{
    static const char marks[] = ";\t,";
    for (const char *mark = marks; *mark; mark++)
        if (strchr(line, *mark))
            return *mark;
    return ' ';
}

/* Where the cell ends: a separator between quotes is text. */
static const char *end_of_cell(const char *at, char separator)
{
    const char *start = at + strspn(at, " "),
               *quote = *start == '"' ? strchr(start + 1, '"') : NULL;
    const char *end = strchr(quote ? quote : at, separator);
    return end ? end : at + strlen(at);
}

/* The cell's text without quotes and blanks around it, cut at `size`; the next cell, or NULL after
 * the last one. */
static const char *take_cell(const char *at, char separator, char *cell, size_t size)
{
    at += separator == ' ' ? strspn(at, " ") : 0;
    const char *end = end_of_cell(at, separator), *after = *end ? end + 1 : NULL;
    while (at < end && (isspace((unsigned char)*at) || *at == '"'))
        at++;
    while (end > at && (isspace((unsigned char)end[-1]) || end[-1] == '"'))
        end--;
    size_t n = (size_t)(end - at) < size - 1 ? (size_t)(end - at) : size - 1;
    memcpy(cell, at, n);
    cell[n] = 0;
    return after;
}

/* "COPx [mm]", "COPx (mm)", "copx_mm": where the unit begins and what it is; "" without one. */
static size_t part_name(const char *name, char unit[COP_CSV_NAME])
{
    size_t n = strlen(name), at = strcspn(name, "[(");
    unit[0] = 0;
    if (at < n) {
        strcpy(unit, name + at + 1);
        unit[strcspn(unit, "])")] = 0;
    } else {
        const char *last = strrchr(name, '_');
        if (last) {
            strcpy(unit, last + 1);
            at = (size_t)(last - name);
        }
    }
    while (at > 0 && isspace((unsigned char)name[at - 1]))
        at--;
    return at;
}

/* How well a column's name fits: 3 letter by letter, 2 in any case, 1 but for its unit, 0. */
static int fit(const char *cell, const char *wanted)
{
    char unit[COP_CSV_NAME];
    size_t bare = part_name(cell, unit);
    if (!strcmp(cell, wanted))
        return 3;
    if (!strcasecmp(cell, wanted))
        return 2;
    return unit[0] && bare == strlen(wanted) && !strncasecmp(cell, wanted, bare);
}

/* Which column of the header is called so; -1 if none is. */
static long find_name(const struct reader *r, const char *wanted)
{
    char cell[COP_CSV_NAME];
    long column = 0, found = -1;
    int best = 0;
    for (const char *at = r->line; at; column++) {
        at = take_cell(at, r->separator, cell, sizeof cell);
        int how = fit(cell, wanted);
        if (how > best) {
            best = how;
            found = column;
        }
    }
    return found;
}

static long find_column(const struct reader *r, const char *wanted)
{
    long found = find_name(r, wanted);
    char *end;
    if (found < 0 && isdigit((unsigned char)wanted[0])) {
        found = strtol(wanted, &end, 10) - 1;
        if (*end || found >= LINE_MOST)
            found = -1;
    }
    return found;
}

static void copy_cell(const struct reader *r, size_t column, char cell[COP_CSV_NAME])
{
    const char *at = r->line;
    cell[0] = 0;
    for (size_t k = 0; at && k <= column; k++)
        at = take_cell(at, r->separator, cell, COP_CSV_NAME);
}

/* The units that this line tells, in names or alone; what an earlier line told stays. */
static void note_units(struct reader *r)
{
    char cell[COP_CSV_NAME], unit[COP_CSV_NAME];
    for (int role = 0; role < COP_CSV_ROLES; role++) {
        if (r->column[role] == NONE || r->factor[role] > 0)
            continue;
        enum measure measure = measure_of((enum cop_csv_role)role);
        copy_cell(r, r->column[role], cell);
        part_name(cell, unit);
        r->factor[role] = find_unit(unit, measure);
        if (!(r->factor[role] > 0))
            r->factor[role] = find_unit(cell, measure);
    }
}

static int settle_units(struct reader *r, const struct cop_csv_layout *layout, struct problem *why)
{
    double *ml = &r->factor[COP_CSV_ML], *ap = &r->factor[COP_CSV_AP];
    if (layout->mm_per_unit > 0)
        *ml = *ap = layout->mm_per_unit;
    if (*ml != *ap)
        return problem(why, PROBLEM_USAGE,
                       "columns '%s' and '%s' of %s are not in one unit; give --units mm, cm or m",
                       layout->names[COP_CSV_ML], layout->names[COP_CSV_AP], r->name);
    for (int role = 0; role < COP_CSV_ROLES; role++)
        if (!(r->factor[role] > 0))
            r->factor[role] = 1;
    return 0;
}

/* "12.5", or "12,5" where the comma does not part columns. 0, or -1. */
static int parse_number(const struct reader *r, char *cell, double *value)
{
    char *comma = r->separator == ',' ? NULL : strchr(cell, ','), *end;
    if (comma && !strchr(cell, '.'))
        *comma = '.';
    *value = strtod(cell, &end);
    return end == cell || *end ? -1 : 0;
}

/* Is this line a sample already? Then the columns must be told by number. */
static int is_sample(const struct reader *r)
{
    char cell[COP_CSV_NAME];
    double value;
    take_cell(r->line, r->separator, cell, sizeof cell);
    return !parse_number(r, cell, &value);
}

static const char *const path_names[COP_CSV_ROLES] = {"time_s", "ml_mm", "ap_mm"};
/* A platform's usual names, in any case and with any unit. */
static const char *const platform_names[COP_CSV_ROLES] = {"time", NULL, NULL, "fx",
                                                          "fy",   "fz", "mx", "my"};

static int is_unnamed(const struct cop_csv_layout *layout)
{
    for (int role = 0; role < COP_CSV_ROLES; role++)
        if (layout->names[role][0])
            return 0;
    return 1;
}

static void take_names(struct cop_csv_layout *layout, const char *const names[COP_CSV_ROLES])
{
    for (int role = 0; role < COP_CSV_ROLES; role++)
        if (names[role])
            strcpy(layout->names[role], names[role]);
}

/* Nobody named columns: a path under the documented names, or else a platform. */
static void guess_names(const struct reader *r, struct cop_csv_layout *layout)
{
    int platform = find_name(r, "ml_mm") < 0 && find_name(r, "fz") >= 0 && find_name(r, "mx") >= 0;
    take_names(layout, platform ? platform_names : path_names);
    for (int role = COP_CSV_FX; role <= COP_CSV_FY; role++)
        if (find_name(r, platform_names[role]) < 0)
            layout->names[role][0] = 0;
        else
            strcpy(layout->names[role], platform_names[role]);
    if (platform && find_name(r, "time") < 0)
        strcpy(layout->names[COP_CSV_TIME], "t");
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

/* All wanted columns on this line? Else `missing` is the first that is not. */
static int find_columns(struct reader *r, const struct cop_csv_layout *layout, const char **missing)
{
    r->wanted = 0;
    for (int role = 0; role < COP_CSV_ROLES; role++) {
        r->column[role] = NONE;
        if (!layout->names[role][0])
            continue;
        long column = find_column(r, layout->names[role]);
        if (column < 0) {
            *missing = layout->names[role];
            return 0;
        }
        r->column[role] = (size_t)column;
        r->wanted++;
    }
    return 1;
}

/* The header may stand under some lines about the trial. */
static int read_header(struct reader *r, const struct cop_csv_layout *said, struct problem *why)
{
    struct cop_csv_layout layout;
    const char *missing = "time_s", *later; /* of the first line, which the message names */
    size_t first_line = 0;
    int found = 0, got;
    for (int line = 0; line < HEADER_MOST && !found && (got = next_line(r, why)) != 0; line++) {
        if (got < 0)
            return -1;
        first_line = first_line ? first_line : r->line_number;
        layout = *said;
        r->separator = find_separator(r->line);
        if (is_unnamed(&layout))
            guess_names(r, &layout);
        found = find_columns(r, &layout, line ? &later : &missing);
        if (is_sample(r))
            break;
    }
    if (!first_line)
        return problem(why, PROBLEM_REFUSED, "%s is empty", r->name);
    if (!found)
        return problem(why, PROBLEM_REFUSED,
                       "%s line %zu has no column '%s'; expected a header time_s,ml_mm,ap_mm, or "
                       "name the columns: --columns time=COL,ml=COL,ap=COL",
                       r->name, first_line, missing);
    if (!is_sufficient(r))
        return problem(
            why, PROBLEM_USAGE,
            "columns: name time, and ml and ap, or fz, mx and my (fx and fy too where the "
            "origin lies under the surface)");
    note_units(r);
    return 0;
}

/* A line of units, or of nothing but words, between names and numbers. */
static int is_unit_line(const struct reader *r)
{
    char cell[COP_CSV_NAME];
    double value;
    int words = 0;
    for (int role = 0; role < COP_CSV_ROLES; role++) {
        if (r->column[role] == NONE)
            continue;
        copy_cell(r, r->column[role], cell);
        if (!parse_number(r, cell, &value))
            return 0;
        words += cell[0] && strspn(cell, "[(") < strlen(cell);
    }
    return words == r->wanted;
}

/* The first sample into r->line: 1, 0 when there is none, -1. */
static int find_first_sample(struct reader *r, struct problem *why)
{
    int got = is_sample(r) ? 1 : next_line(r, why);
    if (got > 0 && is_unit_line(r)) {
        note_units(r);
        got = next_line(r, why);
    }
    return got;
}

/* The step of the last digit that was written. */
static void note_step(struct reader *r, const char *cell)
{
    const char *point = strchr(cell, '.'); /* a comma has become one */
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
    char cell[COP_CSV_NAME];
    int found = 0, missing = 0;
    const char *at = r->line;
    for (size_t column = 0; at; column++) {
        at = take_cell(at, r->separator, cell, sizeof cell);
        for (int k = 0; k < COP_CSV_ROLES; k++) {
            if (r->column[k] != column)
                continue;
            int bad = parse_number(r, cell, &sample[k]);
            found++;
            missing |= is_missing(cell);
            if (!is_missing(cell) && (bad || !isfinite(sample[k])))
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
    if (has(r, COP_CSV_FX) && has(r, COP_CSV_FY) && cop_series_make_forces(&larger, why)) {
        cop_series_free(&larger);
        return -1;
    }
    if (n) {
        memcpy(larger.time_s, out->time_s, n * sizeof(double));
        memcpy(larger.ml_mm, out->ml_mm, n * sizeof(double));
        memcpy(larger.ap_mm, out->ap_mm, n * sizeof(double));
        if (out->force_ml_n) {
            memcpy(larger.force_ml_n, out->force_ml_n, n * sizeof(double));
            memcpy(larger.force_ap_n, out->force_ap_n, n * sizeof(double));
        }
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

static void add_sample(const struct reader *r, const double *sample, double ml, double ap,
                       struct cop_series *out)
{
    size_t n = out->n++;
    out->time_s[n] = sample[COP_CSV_TIME];
    out->ml_mm[n] = ml;
    out->ap_mm[n] = ap;
    if (out->force_ml_n) {
        out->force_ml_n[n] = sample[r->ap_is_x ? COP_CSV_FY : COP_CSV_FX];
        out->force_ap_n[n] = sample[r->ap_is_x ? COP_CSV_FX : COP_CSV_FY];
    }
}

static int read_samples(struct reader *r, const struct cop_csv_layout *layout,
                        struct cop_series *out, struct problem *why)
{
    double sample[COP_CSV_ROLES] = {0};
    int got = find_first_sample(r, why);
    if (got < 0 || settle_units(r, layout, why))
        return -1;
    for (; got > 0; got = next_line(r, why)) {
        int whole = parse_line(r, sample, why);
        if (whole < 0 || grow(r, out, why))
            return -1;
        for (int role = 0; role < COP_CSV_ROLES; role++)
            sample[role] *= r->factor[role];
        double ml = sample[COP_CSV_ML], ap = sample[COP_CSV_AP];
        if (whole && (!has(r, COP_CSV_FZ) || from_forces(r, sample, &ml, &ap)))
            add_sample(r, sample, ml, ap, out);
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
    int bad = read_header(&r, layout, why) || read_samples(&r, layout, out, why);
    free(r.line);
    if (!bad) {
        cop_series_find_rate(out, r.time_step_s * r.factor[COP_CSV_TIME]);
        bad = cop_series_check(out, why);
    }
    if (bad)
        cop_series_free(out);
    else if (mm_per_unit)
        *mm_per_unit = r.factor[COP_CSV_ML];
    return bad ? -1 : 0;
}
