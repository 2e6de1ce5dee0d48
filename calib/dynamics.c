/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/dynamics.h"

#include <math.h>

double dynamics_gain(const struct calibration_dynamics *d, double temperature_c)
{
    double gain = 1 + d->gain_percent_per_c / 100 * (temperature_c - d->reference_c);
    return isnan(gain) ? 1 : fmin(fmax(gain, 0.5), 2);
}

struct creep_step dynamics_creep_step(double tau_s, double dt_s)
{
    double x = dt_s / tau_s, keep = exp(-x);
    double mean = x > 0 ? -expm1(-x) / x : 1; /* of exp(-t / tau) over the step */
    return (struct creep_step){keep, mean - keep, 1 - mean};
}

/* --- Creep ------------------------------------------------------------------------------------ */

/* y = offset + factor p of this step; the memories as they will be without p. */
static double creep_offset(const struct calibration_dynamics *d, const struct cell_memory *memory,
                           double dt_s, double *factor)
{
    double offset = 0;
    *factor = 1;
    for (int k = 0; k < d->n_creep; k++) {
        struct creep_step step = dynamics_creep_step(d->creep_tau_s[k], dt_s);
        offset +=
            d->creep_share[k] * (step.keep * memory->creep[k] + step.before * memory->pressure);
        *factor += d->creep_share[k] * step.now;
    }
    return offset;
}

static void creep_remember(const struct calibration_dynamics *d, struct cell_memory *memory,
                           double dt_s, double kpa)
{
    for (int k = 0; k < d->n_creep; k++) {
        struct creep_step step = dynamics_creep_step(d->creep_tau_s[k], dt_s);
        memory->creep[k] =
            step.keep * memory->creep[k] + step.before * memory->pressure + step.now * kpa;
    }
    memory->pressure = kpa;
}

/* --- Hysteresis ------------------------------------------------------------------------------- */

/* e of y below the peak. */
static double excess_of(double h, const struct cell_memory *m, double y)
{
    if (y >= m->turn)
        return m->excess * (m->peak - y) / (m->peak - m->turn);
    double part = y / m->turn;
    double missing = h * m->turn * (1 - m->turn / m->peak) - m->excess;
    return h * y * (1 - y / m->peak) - missing * part * part;
}

/* y of x = y + e below the peak: the lines and the parabola of excess_of, solved. */
static double without_excess(double h, const struct cell_memory *m, double x)
{
    if (x >= m->turn + m->excess) {
        double slope = m->excess / (m->peak - m->turn);
        return (x - slope * m->peak) / (1 - slope);
    }
    double missing = h * (1 - m->turn / m->peak) - m->excess / m->turn;
    double square = h * x / m->peak + missing * x / m->turn;
    return 2 * x / (1 + h + sqrt(fmax((1 + h) * (1 + h) - 4 * square, 0)));
}

/* The excess is kept within 0 .. E(y), where it is but for rounding: next to the peak that could
 * make a steep line of excess_of. */
static void hysteresis_remember(double h, struct cell_memory *m, double y, double excess)
{
    if (!(y > 0)) {
        m->peak = m->turn = m->excess = 0;
    } else if (y >= (1 - DYNAMICS_CLOSED) * m->peak) {
        m->peak = m->turn = fmax(y, m->peak);
        m->excess = 0;
    } else if (fabs(y - m->turn) > DYNAMICS_TURN * m->peak) {
        m->turn = y;
        m->excess = fmin(fmax(excess, 0), h * y * (1 - y / m->peak));
    }
}

/* --- All three -------------------------------------------------------------------------------- */

double dynamics_forward(const struct calibration_dynamics *d, struct cell_memory *memory,
                        double dt_s, double temperature_c, double kpa)
{
    double factor, y = creep_offset(d, memory, dt_s, &factor);
    y += factor * kpa;
    creep_remember(d, memory, dt_s, kpa);
    double excess = y < memory->peak ? excess_of(d->hysteresis, memory, y) : 0;
    hysteresis_remember(d->hysteresis, memory, y, excess);
    return (y + excess) * dynamics_gain(d, temperature_c);
}

double dynamics_inverse(const struct calibration_dynamics *d, struct cell_memory *memory,
                        double dt_s, double temperature_c, double reading_kpa)
{
    double factor, offset = creep_offset(d, memory, dt_s, &factor);
    double x = reading_kpa / dynamics_gain(d, temperature_c);
    double y = x < memory->peak ? without_excess(d->hysteresis, memory, x) : x;
    hysteresis_remember(d->hysteresis, memory, y, x - y);
    double kpa = fmax((y - offset) / factor, 0);
    creep_remember(d, memory, dt_s, kpa);
    return kpa;
}

const char *dynamics_fault(const struct calibration_dynamics *d)
{
    double shares = 0;
    if (d->n_creep < 0 || d->n_creep > CALIBRATION_CREEP_MAX)
        return "has more than 4 terms of creep";
    for (int k = 0; k < d->n_creep; k++) {
        if (!(d->creep_tau_s[k] >= 0.01) || !(d->creep_tau_s[k] <= 1e6))
            return "has a time of creep that is not within 0.01 s to 1000000 s";
        if (!(d->creep_share[k] >= 0) || !(d->creep_share[k] <= 1))
            return "has a share of creep that is not within 0 to 1";
        shares += d->creep_share[k];
    }
    if (!(shares <= 2))
        return "has shares of creep that sum to more than 2";
    if (!(d->hysteresis >= 0) || !(d->hysteresis <= 0.9))
        return "has a hysteresis that is not within 0 to 0.9";
    if (!(fabs(d->gain_percent_per_c) <= 10))
        return "has a gain that is not within 10 % per degree";
    return d->reference_c < -40 || d->reference_c > 125
               ? "has a reference temperature that is not within -40 to 125 degrees"
               : NULL;
}
