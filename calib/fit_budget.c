/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/fit_budget.h"

#include "calib/fit_dynamics.h"
#include "calib/fit_history.h"
#include "calib/fit_stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Sums of squares on the way to a line of the budget. */
struct squares {
    double percent, kpa;
    size_t n_percent, n_kpa;
};

static void add(struct squares *sums, double off_kpa, double true_kpa)
{
    sums->kpa += off_kpa * off_kpa;
    sums->n_kpa++;
    if (true_kpa < FIT_PERCENT_FROM_KPA)
        return;
    double share = off_kpa / true_kpa;
    sums->percent += share * share;
    sums->n_percent++;
}

static struct calibration_error line_of(const struct squares *sums)
{
    return (struct calibration_error){
        .percent = sums->n_percent ? 100 * sqrt(sums->percent / (double)sums->n_percent) : NAN,
        .kpa = sums->n_kpa ? sqrt(sums->kpa / (double)sums->n_kpa) : NAN,
    };
}

/* Everything that the lines need. */
struct budget {
    const struct fit_data *data;
    const struct fit_plate *plate;
    const struct calibration_dynamics *dynamics;
    float *kpa; /* cells: of one hold */
};

static int is_healthy(const struct budget *b, size_t cell)
{
    return b->data->health[cell] == CELL_HEALTHY;
}

/* Compensated pressure of a cell in point i. */
static double pressure(const struct budget *b, size_t cell, size_t i)
{
    const struct fit_data *data = b->data;
    return fit_plate_read(b->plate, cell, (double)data->counts[cell * data->n + i]) /
           data->ratio[data->points[i].hold_index];
}

static int counts_for_budget(const struct fit_point *point)
{
    return point->in_curve && !point->is_wrong;
}

static struct calibration_error accuracy(const struct budget *b)
{
    struct squares sums = {0};
    for (size_t i = 0; i < b->data->n; i++) {
        const struct fit_point *p = &b->data->points[i];
        for (size_t cell = 0; cell < b->data->session->cells; cell++) {
            if (counts_for_budget(p) && p->is_rested && is_healthy(b, cell))
                add(&sums, pressure(b, cell, i) - p->kpa, p->kpa);
        }
    }
    struct calibration_error line = line_of(&sums);
    double own = b->data->session->accuracy_percent;
    if (isfinite(own)) {
        line.percent = hypot(line.percent, own);
        line.kpa = hypot(line.kpa, own / 100 * b->data->most_kpa / 2);
    }
    return line;
}

/* The holds like hold i in all but the cycle, i itself first; 0 when an earlier one is alike. */
static size_t repeats_of(const struct budget *b, size_t i, size_t like[], size_t most)
{
    const struct fit_point *points = b->data->points;
    size_t n = 0;
    for (size_t j = 0; j < b->data->n && n < most; j++) {
        if (!counts_for_budget(&points[j]) || points[j].level != points[i].level ||
            points[j].hold->note.direction != points[i].hold->note.direction)
            continue;
        if (j < i)
            return 0;
        like[n++] = j;
    }
    return n;
}

static double deviation(const double *values, size_t n)
{
    double mean = 0, square = 0;
    for (size_t k = 0; k < n; k++)
        mean += values[k] / (double)n;
    for (size_t k = 0; k < n; k++)
        square += (values[k] - mean) * (values[k] - mean);
    return n > 1 ? sqrt(square / (double)(n - 1)) : 0;
}

#define REPEATS_MOST 64

static struct calibration_error repeatability(const struct budget *b)
{
    struct squares sums = {0};
    size_t like[REPEATS_MOST];
    for (size_t i = 0; i < b->data->n; i++) {
        const struct fit_point *p = &b->data->points[i];
        size_t n = counts_for_budget(p) ? repeats_of(b, i, like, REPEATS_MOST) : 0;
        for (size_t cell = 0; cell < b->data->session->cells && n > 1; cell++) {
            double values[REPEATS_MOST];
            for (size_t k = 0; k < n && is_healthy(b, cell); k++)
                values[k] = pressure(b, cell, like[k]) * p->kpa / b->data->points[like[k]].kpa;
            if (is_healthy(b, cell))
                add(&sums, deviation(values, n), p->kpa);
        }
    }
    return line_of(&sums);
}

static struct calibration_error hysteresis(const struct budget *b)
{
    struct squares sums = {0};
    const struct fit_point *points = b->data->points;
    for (size_t i = 0; i < b->data->n; i++) {
        for (size_t j = 0; j < b->data->n; j++) {
            if (!counts_for_budget(&points[i]) || !counts_for_budget(&points[j]) ||
                points[i].level != points[j].level || points[i].hold->note.direction != 1 ||
                points[j].hold->note.direction != -1 ||
                points[i].hold->note.cycle != points[j].hold->note.cycle)
                continue;
            for (size_t cell = 0; cell < b->data->session->cells; cell++) {
                double rising = pressure(b, cell, i) / points[i].kpa;
                double falling = pressure(b, cell, j) / points[j].kpa;
                if (is_healthy(b, cell))
                    add(&sums, (falling - rising) * points[i].kpa, points[i].kpa);
            }
        }
    }
    return line_of(&sums);
}

static void creep_of(const struct budget *b, size_t h, struct squares *sums)
{
    const struct fit_hold *hold = &b->data->session->holds[h];
    double ratio[FIT_COURSE], values[FIT_COURSE];
    for (int j = 0; j < hold->n_course; j++)
        ratio[j] = 1;
    if (b->dynamics)
        fit_history_course(b->data->session, b->dynamics, h, ratio);
    for (size_t cell = 0; cell < b->data->session->cells; cell++) {
        size_t n = 0;
        for (int j = 0; j < hold->n_course && is_healthy(b, cell); j++) {
            size_t at = (size_t)j * b->data->session->cells + cell;
            if (hold->course_s[j] >= 1)
                values[n++] = fit_plate_read(b->plate, cell, (double)hold->course[at]) / ratio[j];
        }
        if (n > 2)
            add(sums, deviation(values, n), hold->note.kpa);
    }
}

static struct calibration_error creep(const struct budget *b)
{
    struct squares sums = {0};
    for (size_t h = 0; h < b->data->session->n_holds; h++) {
        if (b->data->session->holds[h].note.stage == BENCH_CREEP &&
            b->data->session->holds[h].note.kpa > 0)
            creep_of(b, h, &sums);
    }
    return line_of(&sums);
}

/* --- Noise of the empty plate ------------------------------------------------------------------
 */

/* Of a plate whose gate hides the noise, from the floors: 4 standard deviations, rounded up. */
static double noise_counts(const struct budget *b, double *work)
{
    const struct bench_session *s = b->data->session;
    for (size_t h = 0; h < s->n_holds; h++) {
        const struct fit_hold *hold = &s->holds[h];
        size_t n = 0;
        for (size_t cell = 0; cell < s->cells && hold->note.stage == BENCH_EMPTY; cell++) {
            if (is_healthy(b, cell))
                work[n++] = (double)hold->scatter[cell];
        }
        double noise = n && hold->frames > 1 ? fit_median(work, n) : 0;
        if (noise > 0)
            return noise;
    }
    size_t n = 0;
    for (size_t cell = 0; cell < s->cells && s->floors; cell++) {
        if (is_healthy(b, cell))
            work[n++] = fmax(s->floors[cell] - 0.5, 0.5) / 4;
    }
    return fit_median(work, n);
}

/* --- Masses and studs ---------------------------------------------------------------------------
 */

/* What lies on the plate in hold h. */
struct contact {
    double force_n, x_mm, y_mm;
    int on_faulty; /* a masked cell lies under it */
};

/* Half width and height of a known footprint; 0 when it is not known. */
static int footprint(const struct fit_note *note, double *half_x, double *half_y)
{
    *half_x = (isnan(note->diameter_mm) ? note->width_mm : note->diameter_mm) / 2;
    *half_y = (isnan(note->diameter_mm) ? note->height_mm : note->diameter_mm) / 2;
    return isfinite(*half_x) && isfinite(*half_y) && isfinite(note->x_mm) && isfinite(note->y_mm);
}

/* How far a cell's middle lies outside a footprint in x and y, in cells; below 0 = inside. */
static void outside(const struct bench_session *s, const struct fit_note *note, double half_x,
                    double half_y, size_t cell, double *dx, double *dy)
{
    size_t row = cell / (size_t)s->cols, col = cell % (size_t)s->cols;
    double x_mm = ((double)col + 0.5) * s->pitch_x_mm, y_mm = ((double)row + 0.5) * s->pitch_y_mm;
    *dx = (fabs(x_mm - note->x_mm) - half_x) / s->pitch_x_mm;
    *dy = (fabs(y_mm - note->y_mm) - half_y) / s->pitch_y_mm;
}

/* Pressure under which a cell is bare: a tenth of what the mass or stud presses with, which is the
 * mean of the picture weighed by itself. What earlier loads left behind in other cells is less. */
static double bare_kpa(const struct budget *b)
{
    double sum = 0, square = 0;
    for (size_t cell = 0; cell < b->data->session->cells; cell++) {
        sum += (double)b->kpa[cell];
        square += (double)b->kpa[cell] * (double)b->kpa[cell];
    }
    return sum > 0 ? 0.1 * square / sum : 0;
}

/* Calibrated picture of a hold: cells that say no more than noise are bare; with a known footprint,
 * those two cells or more beyond it too, else those under a tenth of its pressure. */
static void picture(const struct budget *b, size_t h, double noise)
{
    const struct bench_session *s = b->data->session;
    const struct fit_hold *hold = &s->holds[h];
    double bare = fmax(2, 3 * (isnan(noise) ? 1 : noise)), half_x, half_y, dx, dy;
    int is_known = footprint(&hold->note, &half_x, &half_y);
    for (size_t cell = 0; cell < s->cells; cell++) {
        double count = (double)hold->mean[cell];
        b->kpa[cell] = 0;
        if (!is_healthy(b, cell) || count <= bare)
            continue;
        outside(s, &hold->note, half_x, half_y, cell, &dx, &dy);
        if (!is_known || (dx < 1.5 && dy < 1.5))
            b->kpa[cell] = (float)(fit_plate_read(b->plate, cell, count) / b->data->ratio[h]);
    }
    double limit = is_known ? 0 : bare_kpa(b);
    for (size_t cell = 0; cell < s->cells; cell++)
        b->kpa[cell] = (double)b->kpa[cell] < limit ? 0 : b->kpa[cell];
}

static int is_loaded_beside(const struct budget *b, int row, int col)
{
    const struct bench_session *s = b->data->session;
    int loaded = 0;
    for (int r = row - 1; r <= row + 1; r++) {
        for (int c = col - 1; c <= col + 1; c++)
            loaded += r >= 0 && r < s->rows && c >= 0 && c < s->cols && b->kpa[r * s->cols + c] > 0;
    }
    return loaded >= 3;
}

static struct contact contact_of(const struct budget *b)
{
    const struct bench_session *s = b->data->session;
    struct contact contact = {0};
    for (int row = 0; row < s->rows; row++) {
        for (int col = 0; col < s->cols; col++) {
            size_t cell = (size_t)(row * s->cols + col);
            double force = (double)b->kpa[cell] * s->pitch_x_mm * s->pitch_y_mm / 1000;
            contact.force_n += force;
            contact.x_mm += force * (col + 0.5) * s->pitch_x_mm;
            contact.y_mm += force * (row + 0.5) * s->pitch_y_mm;
            contact.on_faulty |= !is_healthy(b, cell) && is_loaded_beside(b, row, col);
        }
    }
    contact.x_mm /= contact.force_n;
    contact.y_mm /= contact.force_n;
    return contact;
}

/* The bare cells whose own edge is beyond the footprint's, by at most one cell more. */
static void crosstalk_of(const struct budget *b, const struct fit_note *note, double force_n,
                         struct squares *sums)
{
    const struct bench_session *s = b->data->session;
    double half_x, half_y;
    if (!footprint(note, &half_x, &half_y))
        return;
    double area_mm2 = isnan(note->diameter_mm) ? 4 * half_x * half_y : M_PI * half_x * half_x;
    double inside_kpa = 1000 * force_n / area_mm2;
    for (int row = 0; row < s->rows; row++) {
        for (int col = 0; col < s->cols; col++) {
            double dx, dy;
            outside(s, note, half_x, half_y, (size_t)(row * s->cols + col), &dx, &dy);
            int beside =
                (dx >= 0.5 && dx < 1.5 && dy < -0.5) || (dy >= 0.5 && dy < 1.5 && dx < -0.5);
            if (!beside || !is_healthy(b, (size_t)(row * s->cols + col)))
                continue;
            double share = (double)b->kpa[row * s->cols + col] / inside_kpa;
            sums->percent += share * share;
            sums->n_percent++;
            sums->kpa += share * inside_kpa * share * inside_kpa;
            sums->n_kpa++;
        }
    }
}

static void masses(const struct budget *b, double noise, struct fit_loads *loads)
{
    const struct bench_session *s = b->data->session;
    struct squares force = {0}, cop = {0}, crosstalk = {0};
    for (size_t h = 0; h < s->n_holds; h++) {
        const struct fit_note *note = &s->holds[h].note;
        if (note->stage != BENCH_MASS || !(note->kg > 0) || !s->holds[h].settled)
            continue;
        picture(b, h, noise);
        struct contact contact = contact_of(b);
        loads->n_masses++;
        loads->n_masses_on_faulty += contact.on_faulty;
        double true_n = note->kg * FIT_GRAVITY;
        crosstalk_of(b, note, true_n, &crosstalk);
        if (contact.on_faulty)
            continue; /* what lies on a masked cell is not read: no error of the others */
        add(&force, contact.force_n - true_n, fmax(true_n, FIT_PERCENT_FROM_KPA));
        if (isfinite(note->x_mm) && isfinite(note->y_mm))
            add(&cop, hypot(contact.x_mm - note->x_mm, contact.y_mm - note->y_mm), 0);
    }
    loads->budget.force_percent = line_of(&force).percent;
    loads->cop_error_mm = line_of(&cop).kpa;
    loads->budget.crosstalk = line_of(&crosstalk);
}

static struct calibration_stud *stud_of(struct fit_loads *loads, const struct fit_note *note)
{
    for (int k = 0; k < loads->n_studs; k++) {
        if (!strcmp(loads->studs[k].name, note->stud))
            return &loads->studs[k];
    }
    if (loads->n_studs == CALIBRATION_STUDS_MAX)
        return NULL;
    struct calibration_stud *stud = &loads->studs[loads->n_studs++];
    *stud = (struct calibration_stud){.tip_cm2 = note->tip_cm2};
    memcpy(stud->name, note->stud, sizeof stud->name);
    return stud;
}

/* Mean of the places' factors, and their standard deviation in per cent of it; Welford's way, with
 * the sum of squares in spread_percent until the end. */
static void studs(const struct budget *b, double noise, struct fit_loads *loads)
{
    const struct bench_session *s = b->data->session;
    for (size_t h = 0; h < s->n_holds; h++) {
        const struct fit_note *note = &s->holds[h].note;
        if (note->stage != BENCH_STUD || !s->holds[h].settled)
            continue;
        picture(b, h, noise);
        struct contact contact = contact_of(b);
        struct calibration_stud *stud = stud_of(loads, note);
        if (!stud || contact.on_faulty || !(contact.force_n > 0))
            continue;
        double factor = note->kg * FIT_GRAVITY / contact.force_n, off = factor - stud->factor;
        stud->n++;
        stud->factor += off / stud->n;
        stud->spread_percent += off * (factor - stud->factor);
    }
    int kept = 0;
    for (int k = 0; k < loads->n_studs; k++) {
        struct calibration_stud stud = loads->studs[k];
        if (!stud.n)
            continue;
        if (!(stud.factor >= FIT_STUD_LEAST && stud.factor <= FIT_STUD_MOST)) {
            loads->n_studs_odd++;
            continue;
        }
        stud.spread_percent =
            stud.n > 1 ? 100 * sqrt(stud.spread_percent / (stud.n - 1)) / stud.factor : NAN;
        loads->studs[kept++] = stud;
    }
    loads->n_studs = kept;
}

int fit_budget(const struct fit_data *data, const struct fit_plate *plate,
               const struct calibration_dynamics *dynamics, struct fit_loads *loads,
               struct problem *why)
{
    size_t cells = data->session->cells;
    struct budget b = {.data = data, .plate = plate, .dynamics = dynamics};
    *loads = (struct fit_loads){0};
    b.kpa = calloc(cells, sizeof *b.kpa);
    double *work = calloc(cells, sizeof *work);
    int result = -1;
    if (!b.kpa || !work) {
        problem_no_memory(why, "an error budget");
        goto out;
    }
    loads->budget.accuracy = accuracy(&b);
    loads->budget.repeatability = repeatability(&b);
    loads->budget.hysteresis = hysteresis(&b);
    loads->budget.creep = creep(&b);
    loads->budget.noise_counts = noise_counts(&b, work);
    masses(&b, loads->budget.noise_counts, loads);
    studs(&b, loads->budget.noise_counts, loads);
    result =
        fit_dynamics_creep_rate(data, &plate->model, &loads->budget.creep_percent_per_decade, why);
out:
    free(b.kpa);
    free(work);
    return result;
}
