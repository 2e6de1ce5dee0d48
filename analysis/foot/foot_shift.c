/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/foot_shift.h"

#include <math.h>
#include <string.h>

#define DEGREE (M_PI / 180)
/* Places about the middle of a print are counted in this, so that all unknowns are alike in size.
 */
#define UNIT_MM 100.0
#define STEP_MIN_MM 0.02
/* Farther from where it began the search has lost its way. */
#define ASTRAY_MM 60.0

enum { GAIN, TILT_X, TILT_Y, MOVE_X, MOVE_Y, TURN, UNKNOWNS };

static float cell_of(const struct grid *grid, const float *kpa, const uint8_t *label, uint8_t value,
                     int row, int col)
{
    size_t i;

    if (row < 0 || col < 0 || row >= grid->rows || col >= grid->cols)
        return 0;
    i = (size_t)row * (size_t)grid->cols + (size_t)col;
    return (!label || label[i] == value) && kpa[i] > 0 ? kpa[i] : 0;
}

void foot_shift_prepare(const struct grid *grid, const float *kpa, const uint8_t *label,
                        uint8_t value, float *out)
{
    static const float weight[3] = {0.25F, 0.5F, 0.25F};

    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            float sum = 0;

            for (int r = -1; r <= 1; r++)
                for (int c = -1; c <= 1; c++)
                    sum += weight[r + 1] * weight[c + 1] *
                           cell_of(grid, kpa, label, value, row + r, col + c);
            out[(size_t)row * (size_t)grid->cols + (size_t)col] = sqrtf(sum);
        }
}

static double at_cell(const struct shift_input *in, int row, int col)
{
    if (row < 0 || col < 0 || row >= in->grid->rows || col >= in->grid->cols)
        return 0;
    return (double)in->before[(size_t)row * (size_t)in->grid->cols + (size_t)col];
}

/* The old picture between its cells, and its slopes in 1/mm. */
static double old_at(const struct shift_input *in, struct point at, double *slope_x,
                     double *slope_y)
{
    double x = at.x_mm / in->grid->pitch_x_mm - 0.5, y = at.y_mm / in->grid->pitch_y_mm - 0.5;
    double fx = x - floor(x), fy = y - floor(y);
    int col, row;
    double a, b, c, d;

    *slope_x = *slope_y = 0;
    if (!(x > -2 && y > -2 && x < in->grid->cols + 1 && y < in->grid->rows + 1))
        return 0;
    col = (int)floor(x);
    row = (int)floor(y);
    a = at_cell(in, row, col);
    b = at_cell(in, row, col + 1);
    c = at_cell(in, row + 1, col);
    d = at_cell(in, row + 1, col + 1);
    *slope_x = ((b - a) * (1 - fy) + (d - c) * fy) / in->grid->pitch_x_mm;
    *slope_y = ((c - a) * (1 - fx) + (d - b) * fx) / in->grid->pitch_y_mm;
    return (a * (1 - fx) + b * fx) * (1 - fy) + (c * (1 - fx) + d * fx) * fy;
}

/* Solves m x = right by Gauss with pivots; 0, or -1 when it is singular. */
static int solve(double m[UNKNOWNS][UNKNOWNS + 1], double x[UNKNOWNS])
{
    for (int k = 0; k < UNKNOWNS; k++) {
        int pivot = k;

        for (int r = k + 1; r < UNKNOWNS; r++)
            pivot = fabs(m[r][k]) > fabs(m[pivot][k]) ? r : pivot;
        if (fabs(m[pivot][k]) < 1e-9)
            return -1;
        for (int c = 0; c <= UNKNOWNS; c++) {
            double kept = m[k][c];

            m[k][c] = m[pivot][c];
            m[pivot][c] = kept;
        }
        for (int r = 0; r < UNKNOWNS; r++) {
            double by = r == k ? 0 : m[r][k] / m[k][k];

            for (int c = k; c <= UNKNOWNS; c++)
                m[r][c] -= by * m[k][c];
        }
    }
    for (int k = 0; k < UNKNOWNS; k++)
        x[k] = m[k][UNKNOWNS] / m[k][k];
    return 0;
}

struct fit_now {
    struct foot_shift shift;
    double tilt_x, tilt_y; /* of the gain, per UNIT_MM */
    double s, c;           /* of the turn */
};

/* What one cell says: its slopes by the unknowns, and what is left of it. The old picture is taken
 * where the cell was: about + R(-turn) (x - about - d). */
static double look_at(const struct shift_input *in, const struct fit_now *fit, int row, int col,
                      double slope[UNKNOWNS])
{
    struct point cell = grid_centre(in->grid, row, col), was;
    double px = cell.x_mm - in->about.x_mm, py = cell.y_mm - in->about.y_mm;
    double qx = px - fit->shift.dx_mm, qy = py - fit->shift.dy_mm;
    double gain = fit->shift.gain + (fit->tilt_x * px + fit->tilt_y * py) / UNIT_MM;
    double old, sx, sy, rx = qx * fit->c - qy * fit->s, ry = qx * fit->s + qy * fit->c;

    was = (struct point){in->about.x_mm + rx, in->about.y_mm + ry};
    old = old_at(in, was, &sx, &sy);
    slope[GAIN] = old;
    slope[TILT_X] = old * px / UNIT_MM;
    slope[TILT_Y] = old * py / UNIT_MM;
    slope[MOVE_X] = -gain * (sx * fit->c + sy * fit->s);
    slope[MOVE_Y] = -gain * (sy * fit->c - sx * fit->s);
    slope[TURN] = gain * (sy * rx - sx * ry) * 0.1; /* in tenths of a radian */
    return (double)in->now[(size_t)row * (size_t)in->grid->cols + (size_t)col] - gain * old;
}

/* One round; *left and *all: squares of what is left and of the picture. 0, -1 when singular. */
static int improve(const struct shift_input *in, struct fit_now *fit, double *left, double *all)
{
    double m[UNKNOWNS][UNKNOWNS + 1] = {{0}}, x[UNKNOWNS];

    *left = *all = 0;
    for (int row = in->row0; row < in->row1; row++)
        for (int col = in->col0; col < in->col1; col++) {
            size_t i = (size_t)row * (size_t)in->grid->cols + (size_t)col;
            double slope[UNKNOWNS], rest;

            if (!(in->use[i] & in->mask))
                continue;
            rest = look_at(in, fit, row, col, slope);
            *left += rest * rest;
            *all += (double)in->now[i] * (double)in->now[i];
            for (int r = 0; r < UNKNOWNS; r++) {
                for (int c = 0; c < UNKNOWNS; c++)
                    m[r][c] += slope[r] * slope[c];
                m[r][UNKNOWNS] += slope[r] * rest;
            }
        }
    if (solve(m, x))
        return -1;
    fit->shift.gain += x[GAIN];
    fit->tilt_x += x[TILT_X];
    fit->tilt_y += x[TILT_Y];
    fit->shift.dx_mm += x[MOVE_X];
    fit->shift.dy_mm += x[MOVE_Y];
    fit->shift.turn_deg += x[TURN] * 0.1 / DEGREE;
    return hypot(x[MOVE_X], x[MOVE_Y]) < STEP_MIN_MM && fabs(x[TURN]) < 0.002;
}

struct foot_shift foot_shift_find(const struct shift_input *input, const struct foot_shift *guess,
                                  int rounds)
{
    struct fit_now fit = {.shift = *guess};
    double left = 1, all = 0;

    for (int round = 0; round <= rounds; round++) {
        struct fit_now before = fit;
        int done;

        fit.s = before.s = sin(fit.shift.turn_deg * DEGREE);
        fit.c = before.c = cos(fit.shift.turn_deg * DEGREE);
        done = improve(input, &fit, &left, &all);
        if (done < 0 ||
            !(hypot(fit.shift.dx_mm - guess->dx_mm, fit.shift.dy_mm - guess->dy_mm) < ASTRAY_MM)) {
            before.shift.likeness = -1;
            return before.shift;
        }
        if (round == rounds)
            fit = before; /* the last look only measures what is left */
        if (done)
            break;
    }
    fit.shift.likeness = all > 0 ? 1 - left / all : -1;
    return fit.shift;
}
