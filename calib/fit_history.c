/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/fit_history.h"

#include "calib/dynamics.h"

#include <math.h>

#define NOMINAL_KPA 100.0
#define RAMP_S 0.2 /* a bladder is emptied, or a mass put down, in about this time */

struct course {
    const struct bench_session *session;
    const struct calibration_dynamics *dynamics;
    struct cell_memory memory;
    double celsius;
};

static double pressure_of(const struct fit_hold *hold)
{
    if (hold->note.stage == BENCH_EMPTY)
        return 0;
    return isnan(hold->note.kpa) ? NOMINAL_KPA : hold->note.kpa;
}

static double step(struct course *course, double dt_s, double kpa)
{
    return dynamics_forward(course->dynamics, &course->memory, fmax(dt_s, 0), course->celsius, kpa);
}

/* From the end of the hold before to the beginning of hold h, where its pressure is there. */
static void approach(struct course *course, size_t h)
{
    const struct fit_hold *hold = &course->session->holds[h];
    const struct fit_hold *last = h ? hold - 1 : NULL;
    double gap_s = RAMP_S;
    if (!last || last->recording != hold->recording)
        course->memory = (struct cell_memory){0};
    else
        gap_s = ((double)hold->begin_us - (double)last->end_us) * 1e-6;
    course->celsius = hold->temperature_c;
    if (last && last->recording == hold->recording && last->loading != hold->loading) {
        double ramp_s = fmin(RAMP_S, gap_s / 2);
        step(course, ramp_s, 0);
        step(course, gap_s - 2 * ramp_s, 0);
        gap_s = ramp_s;
    }
    step(course, gap_s, pressure_of(hold));
}

void fit_history(const struct bench_session *session, const struct calibration_dynamics *dynamics,
                 double *ratio)
{
    struct course course = {.session = session, .dynamics = dynamics};
    for (size_t h = 0; h < session->n_holds; h++) {
        const struct fit_hold *hold = &session->holds[h];
        double kpa = pressure_of(hold);
        ratio[h] = 1;
        if (!dynamics)
            continue;
        approach(&course, h);
        double middle_s = (hold->tail_begin_s + hold->tail_end_s) / 2;
        double felt = step(&course, middle_s, kpa);
        if (kpa > 0)
            ratio[h] = felt / kpa;
        step(&course, (double)(hold->end_us - hold->begin_us) * 1e-6 - middle_s, kpa);
    }
}

void fit_history_course(const struct bench_session *session,
                        const struct calibration_dynamics *dynamics, size_t which, double *ratio)
{
    struct course course = {.session = session, .dynamics = dynamics};
    const struct fit_hold *hold = &session->holds[which];
    for (size_t h = 0; h <= which; h++) {
        approach(&course, h);
        if (h < which)
            step(&course, (double)(session->holds[h].end_us - session->holds[h].begin_us) * 1e-6,
                 pressure_of(&session->holds[h]));
    }
    double at_s = 0, kpa = pressure_of(hold);
    for (int j = 0; j < hold->n_course; j++) {
        ratio[j] = step(&course, hold->course_s[j] - at_s, kpa) / kpa;
        at_s = hold->course_s[j];
    }
}
