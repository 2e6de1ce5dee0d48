/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one cell's reading does besides its curve: the model, forwards and back, one step at a time.
 *
 * The true pressure p(t) becomes the reading r(t) = curve(counts) in three steps (README.md, "What
 * a cell remembers"):
 *
 *   creep        y = p + sum of share_k m_k,   tau_k dm_k/dt = p - m_k
 *                p linear between frames
 *   hysteresis   x = y + e
 *                y >= Y          e = 0 and Y = y
 *                y0 <= y < Y     e = e0 (Y - y) / (Y - y0)                 rising again
 *                y < y0          e = E(y) - (E(y0) - e0) (y / y0)^2        falling
 *   temperature  r = x (1 + gain_percent_per_c / 100 (T - reference_c))
 *                the factor limited to 0.5 .. 2; T unknown: the factor is 1
 *
 * with h = hysteresis, Y the peak of y since the cell was bare, (y0, e0) where y last turned, or
 * was last taken down, and E(y) = h y (1 - y / Y) the falling branch from the peak: an excess of h
 * / 4 of the peak at half of it. (y, e) is taken down as (y0, e0) when y has moved by more than
 * 0.02 Y: smaller turns, such as noise makes, go back the way they came.
 *
 * So r = p right after a bare cell was loaded at the reference temperature, and the counts of a
 * hold belong to the r that the model gives for the whole course up to there. A cell at y = 0
 * forgets the hysteresis, not the creep. Each step needs the state of the one before only, and both
 * directions keep the same state: inverse(forward(p)) = p. Nothing allocates; one thread a state.
 */
#ifndef TENDERFOOT_CALIB_DYNAMICS_H
#define TENDERFOOT_CALIB_DYNAMICS_H

#include "calib/calibration.h"

/* Of the peak: turns up to this are reversible; so near to it a loop is closed, its turns
 * forgotten. */
#define DYNAMICS_TURN 0.02
#define DYNAMICS_CLOSED 1e-5

/* One cell's memory; all 0 = a cell that was never loaded. */
struct cell_memory {
    double creep[CALIBRATION_CREEP_MAX]; /* m_k, kPa */
    double pressure;                     /* p one step before, kPa */
    double peak, turn, excess;           /* Y, y0, e0, kPa */
};

/* Reading of a pressure (kPa >= 0) dt_s >= 0 after the one before; and the pressure of a reading,
 * never below 0 and never above the reading at the reference temperature. */
double dynamics_forward(const struct calibration_dynamics *dynamics, struct cell_memory *memory,
                        double dt_s, double temperature_c, double kpa);
double dynamics_inverse(const struct calibration_dynamics *dynamics, struct cell_memory *memory,
                        double dt_s, double temperature_c, double reading_kpa);

/* The factor of temperature. */
double dynamics_gain(const struct calibration_dynamics *dynamics, double temperature_c);

/* m_k after dt_s = keep m_k + before p(then) + now p(now): exact for p linear in between. */
struct creep_step {
    double keep, before, now;
};
struct creep_step dynamics_creep_step(double tau_s, double dt_s);

/* NULL when the terms are fit for use, else what is wrong with them: each share 0 to 1, all
 * together at most 2, tau 0.01 s to 1e6 s, hysteresis 0 to 0.9, gain within 10 % per degree,
 * reference_c -40 to 125 or NaN. Within these the inverse is stable. */
const char *dynamics_fault(const struct calibration_dynamics *dynamics);

#endif
