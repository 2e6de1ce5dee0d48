/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_fit: the order of things from a session to a calibration. */
#include "calib/bench.h"

#include "calib/fit_budget.h"
#include "calib/fit_cross.h"
#include "calib/fit_dynamics.h"
#include "calib/fit_plate.h"
#include "calib/fit_wrong.h"
#include "calib/health.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEVELS_LEAST 3
#define WRONG_FIRST 0.15 /* of reading, while hysteresis is not known yet */
#define WRONG_THEN 0.06
#define SIMPLER 1.03 /* a curve with more coefficients must be better by this factor */

/* The result with the texts that its spec points to. */
struct fit_result {
    struct bench_fit fit;
    struct fit_plate plate;
    uint8_t *health, *masked;
    char id[64], date[16], operator_name[64], serial[25], device[64];
    size_t cap_notes;
};

/* Everything on the way. */
struct run {
    const struct bench_session *session;
    const struct bench_options *options;
    struct fit_data data;
    struct fit_work work;
    struct fit_result *result;
    struct calibration_dynamics dynamics;
    int has_dynamics;
    struct problem *why;
};

/* --- Notes ------------------------------------------------------------------------------------ */

static int note(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int note(struct run *run, const char *format, ...)
{
    struct bench_fit *fit = &run->result->fit;
    char text[320];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (fit->n_notes == run->result->cap_notes) {
        size_t cap = run->result->cap_notes ? 2 * run->result->cap_notes : 8;
        char **notes = realloc(fit->notes, cap * sizeof *notes);
        if (!notes)
            return problem_no_memory(run->why, "a calibration's notes");
        fit->notes = notes;
        run->result->cap_notes = cap;
    }
    char *copy = strdup(text);
    if (!copy)
        return problem_no_memory(run->why, "a calibration's notes");
    fit->notes[fit->n_notes++] = copy;
    return 0;
}

static const char *direction_word(const struct fit_note *hold)
{
    return hold->direction > 0 ? " up" : hold->direction < 0 ? " down" : "";
}

static int note_holds(struct run *run)
{
    for (size_t h = 0; h < run->session->n_holds; h++) {
        const struct fit_hold *hold = &run->session->holds[h];
        const struct fit_note *what = &hold->note;
        if (hold->settled || what->stage == BENCH_CREEP || what->stage == BENCH_EMPTY)
            continue;
        double amount = isnan(what->kpa) ? what->kg : what->kpa;
        int bad =
            hold->frames < FIT_FRAMES_LEAST
                ? note(run, "hold %zu (%s, %g %s%s): %zu frames of it are too few, left out", h + 1,
                       bench_stage_name(what->stage), amount, isnan(what->kpa) ? "kg" : "kPa",
                       direction_word(what), hold->frames)
                : note(run, "hold %zu (%s, %g %s%s) did not settle: its end moves by %.1f %%",
                       h + 1, bench_stage_name(what->stage), amount,
                       isnan(what->kpa) ? "kg" : "kPa", direction_word(what), hold->drift_percent);
        if (bad)
            return -1;
    }
    return 0;
}

static int note_wrong(struct run *run)
{
    for (size_t i = 0; i < run->data.n; i++) {
        const struct fit_point *p = &run->data.points[i];
        if (p->is_wrong &&
            note(run,
                 "hold %zu (bladder, %g kPa%s, cycle %d): all cells agree that this "
                 "is not the pressure told; left out",
                 p->hold_index + 1, p->kpa, direction_word(&p->hold->note), p->hold->note.cycle))
            return -1;
    }
    return 0;
}

static int note_missing(struct run *run)
{
    static const char *const lost[BENCH_STAGES] = {
        [BENCH_EMPTY] = "noise is told by the tare's floors or not at all",
        [BENCH_CREEP] = "creep is neither measured nor compensated",
        [BENCH_MASS] = "the total force was not checked",
        [BENCH_WARM] = "no temperature term",
        [BENCH_STUD] = "no stud factor",
    };
    int has[BENCH_STAGES] = {0};
    for (size_t h = 0; h < run->session->n_holds; h++)
        has[run->session->holds[h].note.stage] = 1;
    for (int s = 0; s < BENCH_STAGES; s++) {
        if (!has[s] && lost[s] &&
            note(run, "stage %s was not recorded: %s", bench_stage_name((enum bench_stage)s),
                 lost[s]))
            return -1;
    }
    return 0;
}

/* --- Steps ------------------------------------------------------------------------------------ */

static int check_enough(struct run *run)
{
    const struct fit_data *data = &run->data;
    size_t healthy = 0;
    if (data->n_levels < LEVELS_LEAST)
        return problem(run->why, PROBLEM_REFUSED,
                       "a calibration needs at least %d settled pressures of the bladder; this "
                       "session of plate '%s' has %d (%d holds): record stage 'bladder' with about "
                       "ten pressures, up and down",
                       LEVELS_LEAST, run->session->serial, data->n_levels, data->n_curve);
    if (health_by_answer(&run->data, run->why))
        return -1;
    for (size_t cell = 0; cell < run->session->cells; cell++)
        healthy += data->health[cell] == CELL_HEALTHY;
    if (!healthy)
        return problem(run->why, PROBLEM_REFUSED,
                       "no cell of plate '%s' answers to the bladder from %g to %g kPa: check that "
                       "it lies on the plate, and that the plate was tared before it was filled",
                       run->session->serial, data->least_kpa, data->most_kpa);
    return 0;
}

static int is_candidate(const struct run *run, const struct curve *curve)
{
    if (run->options->curve)
        return !strcmp(curve->name, run->options->curve);
    return strcmp(curve->name, "quadratic") != 0; /* kept for files of version 1 */
}

/* Errors of all candidates with data->felt as it is; the best one, or NULL. */
static const struct curve *choose(struct run *run)
{
    struct calibration_spec *spec = &run->result->fit.spec;
    const struct curve *best = NULL;
    double least = INFINITY;
    spec->n_candidates = 0;
    for (size_t k = 0; curve_at(k); k++) {
        const struct curve *curve = curve_at(k);
        if (!is_candidate(run, curve))
            continue;
        double error = fit_cross_error(&run->data, curve, &run->work);
        if (isnan(error))
            continue;
        struct calibration_candidate *c = &spec->candidates[spec->n_candidates++];
        snprintf(c->curve, sizeof c->curve, "%s", curve->name);
        c->error_percent = error;
        if (error * SIMPLER < least) {
            least = error;
            best = curve;
        }
    }
    return best;
}

static const struct curve *need_curve(struct run *run)
{
    if (run->options->curve &&
        (!curve_find(run->options->curve) || !strcmp(run->options->curve, "quadratic"))) {
        problem(run->why, PROBLEM_USAGE,
                "no curve '%.40s' can be fitted: there are line, power, saturating, spline",
                run->options->curve);
        return NULL;
    }
    const struct curve *curve = choose(run);
    if (!curve)
        problem(run->why, PROBLEM_REFUSED,
                "no curve fits the %d holds of the bladder at %d pressures from %g to %g kPa: "
                "record more pressures (ten, up and down)",
                run->data.n_curve, run->data.n_levels, run->data.least_kpa, run->data.most_kpa);
    return curve;
}

static int find_wrong(struct run *run, double limit)
{
    return fit_wrong_find(&run->data, limit, &run->work) < 0
               ? problem_no_memory(run->why, "a calibration's holds")
               : 0;
}

static int threads_of(const struct bench_options *options)
{
    long cores = options->threads > 0 ? options->threads : sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > 16 ? 16 : (int)cores;
}

/* Curve, dynamics, curve again: each is judged with the other in place. */
static int find_curve(struct run *run, const struct curve **curve)
{
    double error = NAN, plain = NAN;
    if (find_wrong(run, WRONG_FIRST))
        return -1;
    *curve = need_curve(run);
    if (!*curve)
        return -1;
    run->dynamics = (struct calibration_dynamics){.reference_c = NAN};
    if (!run->options->no_dynamics) {
        if (fit_dynamics_find(&run->data, *curve, &run->work, &run->dynamics, &error, &plain,
                              run->why) ||
            find_wrong(run, WRONG_THEN) ||
            fit_dynamics_find(&run->data, *curve, &run->work, &run->dynamics, &error, &plain,
                              run->why))
            return -1;
        *curve = need_curve(run);
        if (!*curve)
            return -1;
    }
    run->has_dynamics = run->dynamics.n_creep || run->dynamics.hysteresis > 0 ||
                        run->dynamics.gain_percent_per_c != 0;
    run->result->fit.dynamics_gain_percent = run->has_dynamics ? fmax(plain - error, 0) : 0;
    return 0;
}

/* All cells; those that the curves condemn are masked. */
static int fit_cells(struct run *run, const struct curve *curve)
{
    struct fit_plate *plate = &run->result->plate;
    if (fit_plate_make(plate, &run->data, curve, threads_of(run->options), run->why))
        return -1;
    return health_by_curve(&run->data, &plate->model, (const double *const *)plate->coefficients,
                           plate->residual_percent, run->why);
}

static void mask_cells(struct run *run)
{
    struct fit_result *result = run->result;
    double square = 0;
    size_t n = 0;
    for (size_t cell = 0; cell < run->session->cells; cell++) {
        enum cell_health health = (enum cell_health)run->data.health[cell];
        float *residual = &result->plate.residual_percent[cell];
        result->health[cell] = (uint8_t)health;
        result->masked[cell] = health != CELL_HEALTHY;
        result->fit.health_count[health]++;
        if (health != CELL_HEALTHY) {
            *residual = NAN;
            continue;
        }
        square += (double)*residual * (double)*residual;
        n++;
    }
    result->fit.spec.residual_percent = n ? sqrt(square / (double)n) : NAN;
}

/* --- The specification ------------------------------------------------------------------------ */

static void fill_texts(struct run *run)
{
    struct fit_result *r = run->result;
    const struct bench_options *o = run->options;
    const char *device = o->reference_device ? o->reference_device : run->session->device;
    snprintf(r->serial, sizeof r->serial, "%s", run->session->serial);
    snprintf(r->date, sizeof r->date, "%s", o->date ? o->date : "");
    snprintf(r->operator_name, sizeof r->operator_name, "%s",
             o->operator_name ? o->operator_name : "");
    snprintf(r->device, sizeof r->device, "%s", device);
    if (o->id)
        snprintf(r->id, sizeof r->id, "%s", o->id);
    else
        snprintf(r->id, sizeof r->id, "%s-%s", r->serial, r->date);
}

static void fill_spec(struct run *run, const struct fit_loads *loads)
{
    struct fit_result *r = run->result;
    struct calibration_spec *spec = &r->fit.spec;
    const struct fit_model *model = &r->plate.model;
    fill_texts(run);
    spec->id = r->id;
    spec->date = r->date;
    spec->operator_name = r->operator_name;
    spec->serial = r->serial;
    spec->rows = run->session->rows;
    spec->cols = run->session->cols;
    spec->bits = run->session->bits;
    spec->curve = model->curve->name;
    for (int k = 0; k < CURVE_COEFFICIENTS_MAX; k++)
        spec->coefficients[k] = r->plate.coefficients[k];
    spec->masked = r->masked;
    spec->reference_device = r->device[0] ? r->device : NULL;
    spec->n_knots = model->shape.n_knots;
    memcpy(spec->knots, model->shape.knots, sizeof spec->knots);
    spec->cell_residual_percent = r->plate.residual_percent;
    spec->health = r->health;
    spec->has_dynamics = run->has_dynamics;
    spec->dynamics = run->dynamics;
    spec->has_budget = 1;
    spec->budget = loads->budget;
    spec->n_studs = loads->n_studs;
    memcpy(spec->studs, loads->studs, sizeof spec->studs);
}

static void fill_facts(struct run *run, const struct fit_loads *loads)
{
    struct bench_fit *fit = &run->result->fit;
    fit->bladder_holds = run->data.n_curve;
    fit->cycles = run->data.n_cycles;
    fit->distinct_kpa = run->data.n_levels;
    fit->least_kpa = run->data.least_kpa;
    fit->most_kpa = run->data.most_kpa;
    fit->reference_accuracy_percent = run->session->accuracy_percent;
    fit->cop_error_mm = loads->cop_error_mm;
}

static int note_loads(struct run *run, const struct fit_loads *loads)
{
    if (loads->n_studs_odd &&
        note(
            run,
            "the factor of %d stud(s) is left out, for it is not within %g to %g: were they loaded "
            "with the masses told, on a plate that was bare elsewhere?",
            loads->n_studs_odd, FIT_STUD_LEAST, FIT_STUD_MOST))
        return -1;
    if (!loads->n_masses_on_faulty)
        return 0;
    return note(run,
                "%d of %d masses lay on masked cells, whose load is not read: left out of the "
                "force error",
                loads->n_masses_on_faulty, loads->n_masses);
}

static int run_steps(struct run *run)
{
    const struct curve *curve = NULL;
    struct fit_loads loads;
    if (check_enough(run))
        return -1;
    int bad = find_curve(run, &curve);
    if (fit_robust_starved(run->work.robust))
        return problem_no_memory(run->why, "a calibration's fit"); /* whatever came of it */
    if (bad || fit_cells(run, curve))
        return -1;
    if (fit_budget(&run->data, &run->result->plate, run->has_dynamics ? &run->dynamics : NULL,
                   &loads, run->why))
        return -1;
    mask_cells(run);
    fill_spec(run, &loads);
    fill_facts(run, &loads);
    return note_holds(run) || note_wrong(run) || note_loads(run, &loads) || note_missing(run) ? -1
                                                                                              : 0;
}

static struct fit_result *new_result(size_t cells, struct problem *why)
{
    struct fit_result *result = calloc(1, sizeof *result);
    if (result) {
        result->health = calloc(cells, 1);
        result->masked = calloc(cells, 1);
        if (result->health && result->masked)
            return result;
        bench_fit_free(&result->fit);
    }
    problem_no_memory(why, "a calibration");
    return NULL;
}

struct bench_fit *bench_fit(const struct bench_session *session,
                            const struct bench_options *options, struct problem *why)
{
    struct run run = {.session = session, .options = options, .why = why};
    run.result = new_result(session->cells, why);
    if (!run.result)
        return NULL;
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    int bad = fit_data_make(&run.data, session, why);
    if (!bad && fit_work_make(&run.work, run.data.n + 1))
        bad = problem_no_memory(why, "a calibration's fit");
    bad = bad || run_steps(&run);
    gsl_set_error_handler(handler);
    fit_data_free(&run.data);
    fit_work_free(&run.work);
    if (!bad)
        return &run.result->fit;
    bench_fit_free(&run.result->fit);
    return NULL;
}

void bench_fit_free(struct bench_fit *fit)
{
    if (!fit)
        return;
    struct fit_result *result = (struct fit_result *)fit; /* fit is its first member */
    for (size_t i = 0; i < fit->n_notes; i++)
        free(fit->notes[i]);
    free(fit->notes);
    fit_plate_free(&result->plate);
    free(result->health);
    free(result->masked);
    free(result);
}
