/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/bench_check.h"

#include "driver/pressure_reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define GRAVITY_M_S2 9.80665
#define HEAD_S 3.0
#define TAIL_S 1.0
#define BEFORE_S 1.0   /* stepping on takes so long */
#define BARE_SHARE 0.1 /* of the weight: under it the plate is bare or nearly so */

struct course {
    double *time_s, *force_n;
    size_t n, cap;
};

static int add(struct course *course, double time_s, double force_n, struct problem *why)
{
    if (course->n == course->cap) {
        size_t cap = course->cap ? 2 * course->cap : 1024;
        double *grown = realloc(course->time_s, cap * sizeof *grown);
        if (!grown)
            return problem_no_memory(why, "a stand");
        course->time_s = grown;
        grown = realloc(course->force_n, cap * sizeof *grown);
        if (!grown)
            return problem_no_memory(why, "a stand");
        course->force_n = grown;
        course->cap = cap;
    }
    course->time_s[course->n] = time_s;
    course->force_n[course->n++] = force_n;
    return 0;
}

static int read_course(struct pressure_reader *reader, struct course *course, struct problem *why)
{
    const struct recording_header *h = pressure_reader_header(reader);
    double cell_n_per_kpa = h->pitch_x_mm * h->pitch_y_mm / 1000, sum;
    struct pressure_item item;
    int more;
    while ((more = pressure_reader_next(reader, &item, why)) > 0) {
        if (item.kind != PRESSURE_FRAME || item.late || item.untared)
            continue;
        sum = 0;
        for (int i = 0; i < h->rows * h->cols; i++)
            sum += (double)item.kpa[i];
        if (add(course, (double)item.time_us * 1e-6, sum * cell_n_per_kpa, why))
            return -1;
    }
    return more;
}

/* The longest stretch over half of the weight: [*from, *to). */
static void find_stand(const struct course *c, double wanted_n, size_t *from, size_t *to)
{
    size_t begin = 0;
    *from = *to = 0;
    for (size_t i = 0; i <= c->n; i++) {
        if (i < c->n && c->force_n[i] > wanted_n / 2)
            continue;
        if (i > begin && (*to == *from || c->time_s[i - 1] - c->time_s[begin] >
                                              c->time_s[*to - 1] - c->time_s[*from])) {
            *from = begin;
            *to = i;
        }
        begin = i + 1;
    }
}

/* Mean, spread, and slope over log10 of the time since the stand began. */
static void measure(const struct course *c, size_t from, size_t to, struct bench_check *check)
{
    double begin_s = c->time_s[from], end_s = c->time_s[to - 1] - TAIL_S;
    double n = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
    for (size_t i = from; i < to; i++) {
        double since_s = c->time_s[i] - begin_s, decades;
        if (since_s < HEAD_S || c->time_s[i] > end_s)
            continue;
        decades = log10(since_s);
        n++;
        x += decades;
        y += c->force_n[i];
        xx += decades * decades;
        xy += decades * c->force_n[i];
        yy += c->force_n[i] * c->force_n[i];
    }
    check->seconds = end_s - begin_s - HEAD_S;
    if (n < 2)
        return;
    double spread = xx - x * x / n;
    check->force_n = y / n;
    check->sd_percent = 100 * sqrt(fmax(0, yy / n - y * y / n / n)) / check->force_n;
    check->creep_percent_per_decade =
        spread > 0 ? 100 * (xy - x * y / n) / spread / check->force_n : NAN;
}

/* Mean force of the bare plate from one time to another; NAN when it was not seen bare then. */
static double bare(const struct course *c, double from_s, double to_s, double wanted_n)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        if (c->time_s[i] >= from_s && c->time_s[i] <= to_s &&
            c->force_n[i] < BARE_SHARE * wanted_n) {
            sum += c->force_n[i];
            n++;
        }
    return n ? sum / (double)n : NAN;
}

static int judge(const char *path, const struct course *c, double kg, struct bench_check *check,
                 struct problem *why)
{
    size_t from, to;
    check->wanted_n = kg * GRAVITY_M_S2;
    find_stand(c, check->wanted_n, &from, &to);
    if (to > from)
        measure(c, from, to, check);
    if (!(to > from && check->seconds >= BENCH_CHECK_LEAST_S && check->force_n > 0))
        return problem(why, PROBLEM_REFUSED,
                       "%s: nobody of about %g kg stands still in it for %g s; step on after the "
                       "tare, stand still for 30 s, and step off",
                       path, kg, BENCH_CHECK_LEAST_S + HEAD_S + TAIL_S);
    check->error_percent = 100 * (check->force_n / check->wanted_n - 1);
    check->bare_before_n = bare(c, 0, c->time_s[from] - BEFORE_S, check->wanted_n);
    check->bare_after_n =
        bare(c, c->time_s[to - 1] + BENCH_CHECK_REST_S, INFINITY, check->wanted_n);
    check->zero_drift_n = check->bare_after_n - check->bare_before_n;
    check->weight_holds = fabs(check->error_percent) <= BENCH_CHECK_WITHIN_PERCENT;
    check->zero_holds =
        !(fabs(check->zero_drift_n) > BENCH_CHECK_WITHIN_PERCENT / 300 * check->wanted_n);
    check->holds = check->weight_holds && check->zero_holds;
    return 0;
}

/* The stated full scale is nobody's calibration: there is nothing that could hold. */
static int name_calibration(const struct pressure_reader *reader, const char *path,
                            struct bench_check *check, struct problem *why)
{
    const struct calibration *calibration = pressure_reader_calibration(reader);
    struct calibration_facts facts;
    if (!calibration)
        return 0; /* imported kPa: the maker's own calibration */
    calibration_facts(calibration, &facts);
    if (facts.is_nominal)
        return problem(why, PROBLEM_REFUSED,
                       "%s has no calibration in it, only the plate's stated full scale: name the "
                       "one to check with --calibration",
                       path);
    snprintf(check->calibration_id, sizeof check->calibration_id, "%s", facts.id);
    snprintf(check->calibration_date, sizeof check->calibration_date, "%s",
             facts.date ? facts.date : "");
    return 0;
}

int bench_check_file(const char *path, const char *calibration, double kg,
                     struct bench_check *check, struct problem *why)
{
    struct course course = {0};
    *check = (struct bench_check){.force_n = 0, .creep_percent_per_decade = NAN};
    struct pressure_reader *reader = pressure_reader_open(path, calibration, why);
    if (!reader)
        return -1;
    int bad = name_calibration(reader, path, check, why) || read_course(reader, &course, why) ||
              judge(path, &course, kg, check, why);
    pressure_reader_close(reader);
    free(course.time_s);
    free(course.force_n);
    return bad ? -1 : 0;
}
