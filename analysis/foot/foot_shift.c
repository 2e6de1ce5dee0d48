/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/foot_shift.h"
#include "analysis/contact.h"

#include <math.h>
#include <string.h>

#define DEGREE (M_PI / 180)
/* Places about the middle of a print are counted in this, so that all unknowns are alike in size.
 */
#define UNIT_MM 100.0
#define STEP_MIN_MM 0.02
/* Farther from where it began the search has lost its way. */
#define ASTRAY_MM 60.0
#define STRETCH 32 /* cells of a row that are smoothed at once */

enum { GAIN, TILT_X, TILT_Y, MOVE_X, MOVE_Y, TURN, UNKNOWNS };

/* Cells that count of a stretch of a row, from one before col0 to one beyond col0 + STRETCH; 0
 * beyond the plate. */
static void take_line(const struct grid *grid, const float *kpa, const uint8_t *label,
                      uint8_t value, int row, int col0, float line[STRETCH + 2])
{
    int from = col0 > 0 ? col0 - 1 : 0;
    int to = col0 + STRETCH + 1 < grid->cols ? col0 + STRETCH + 1 : grid->cols;
    float *out = line + (from - (col0 - 1));

    memset(line, 0, (STRETCH + 2) * sizeof *line);
    if (row < 0 || row >= grid->rows)
        return;
    kpa += (size_t)row * (size_t)grid->cols + (size_t)from;
    if (label)
        label += (size_t)row * (size_t)grid->cols + (size_t)from;
    for (int i = 0; !label && i < to - from; i++) /* vectorised */
        out[i] = kpa[i] > 0 ? kpa[i] : 0;
    for (int i = 0; label && i < to - from; i++)
        out[i] = label[i] == value && kpa[i] > 0 ? kpa[i] : 0;
}

static void smooth_stretch(const float *restrict above, const float *restrict here,
                           const float *restrict below, float *restrict out)
{
    for (int i = 0; i < STRETCH; i++) { /* vectorised */
        float sum = 0.0625F * above[i];

        sum += 0.125F * above[i + 1];
        sum += 0.0625F * above[i + 2];
        sum += 0.125F * here[i];
        sum += 0.25F * here[i + 1];
        sum += 0.125F * here[i + 2];
        sum += 0.0625F * below[i];
        sum += 0.125F * below[i + 1];
        sum += 0.0625F * below[i + 2];
        out[i] = sum;
    }
}

/* 1 when this row and those about it are all +0. */
static int is_bare(const struct grid *grid, const float *kpa, int row)
{
    size_t cols = (size_t)grid->cols, from = (size_t)(row > 0 ? row - 1 : 0) * cols;
    size_t to = (size_t)(row + 2 < grid->rows ? row + 2 : grid->rows) * cols;

    for (; from + CONTACT_BLOCK <= to; from += CONTACT_BLOCK)
        if (!contact_block_is_zero(kpa + from))
            return 0;
    for (; from < to; from++)
        if (kpa[from] > 0)
            return 0;
    return 1;
}

static void smooth_row(const struct grid *grid, const float *kpa, const uint8_t *label,
                       uint8_t value, int row, float *out)
{
    float line[3][STRETCH + 2], smooth[STRETCH];

    for (int col = 0; col < grid->cols; col += STRETCH) {
        int n = grid->cols - col < STRETCH ? grid->cols - col : STRETCH;

        for (int r = 0; r < 3; r++)
            take_line(grid, kpa, label, value, row + r - 1, col, line[r]);
        smooth_stretch(line[0], line[1], line[2], smooth);
        for (int i = 0; i < n; i++)
            out[col + i] = smooth[i] > 0 ? sqrtf(smooth[i]) : 0;
    }
}

void foot_shift_prepare(const struct grid *grid, const float *kpa, const uint8_t *label,
                        uint8_t value, float *out)
{
    for (int row = 0; row < grid->rows; row++) {
        float *line = out + (size_t)row * (size_t)grid->cols;

        if (is_bare(grid, kpa, row))
            memset(line, 0, (size_t)grid->cols * sizeof *line);
        else
            smooth_row(grid, kpa, label, value, row, line);
    }
}

static double at_cell(const struct shift_input *in, int row, int col)
{
    if (row < 0 || col < 0 || row >= in->grid->rows || col >= in->grid->cols)
        return 0;
    return (double)in->before[(size_t)row * (size_t)in->grid->cols + (size_t)col];
}

/* floor is a call into the library; of a small number. */
static int floor_of(double x)
{
    int whole = (int)x;

    return whole - (x < whole);
}

/* The old picture between its cells, and its slopes in 1/mm. */
static double old_at(const struct shift_input *in, struct point at, double *slope_x,
                     double *slope_y)
{
    double x = at.x_mm / in->grid->pitch_x_mm - 0.5, y = at.y_mm / in->grid->pitch_y_mm - 0.5;
    double fx, fy, a, b, c, d;
    int col, row;

    *slope_x = *slope_y = 0;
    if (!(x > -2 && y > -2 && x < in->grid->cols + 1 && y < in->grid->rows + 1))
        return 0;
    col = floor_of(x);
    row = floor_of(y);
    fx = x - col;
    fy = y - row;
    if (row >= 0 && col >= 0 && row + 1 < in->grid->rows && col + 1 < in->grid->cols) {
        const float *at_row = in->before + (size_t)row * (size_t)in->grid->cols + (size_t)col;

        a = (double)at_row[0];
        b = (double)at_row[1];
        c = (double)at_row[in->grid->cols];
        d = (double)at_row[in->grid->cols + 1];
    } else {
        a = at_cell(in, row, col);
        b = at_cell(in, row, col + 1);
        c = at_cell(in, row + 1, col);
        d = at_cell(in, row + 1, col + 1);
    }
    if (a == 0 && b == 0 && c == 0 && d == 0)
        return 0;
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
 * where the cell was: about + R(-turn) (x - about - d). 0: nothing was there, all slopes are 0. */
static int look_at(const struct shift_input *in, const struct fit_now *fit, int row, int col,
                   double slope[UNKNOWNS], double *rest)
{
    double now = (double)in->now[(size_t)row * (size_t)in->grid->cols + (size_t)col];
    struct point cell = grid_centre(in->grid, row, col), was;
    double px = cell.x_mm - in->about.x_mm, py = cell.y_mm - in->about.y_mm;
    double qx = px - fit->shift.dx_mm, qy = py - fit->shift.dy_mm;
    double gain, old, sx, sy, rx = qx * fit->c - qy * fit->s, ry = qx * fit->s + qy * fit->c;

    was = (struct point){in->about.x_mm + rx, in->about.y_mm + ry};
    old = old_at(in, was, &sx, &sy);
    *rest = now;
    if (old == 0 && sx == 0 && sy == 0)
        return 0;
    gain = fit->shift.gain + (fit->tilt_x * px + fit->tilt_y * py) / UNIT_MM;
    slope[GAIN] = old;
    slope[TILT_X] = old * px / UNIT_MM;
    slope[TILT_Y] = old * py / UNIT_MM;
    slope[MOVE_X] = -gain * (sx * fit->c + sy * fit->s);
    slope[MOVE_Y] = -gain * (sy * fit->c - sx * fit->s);
    slope[TURN] = gain * (sy * rx - sx * ry) * 0.1; /* in tenths of a radian */
    *rest = now - gain * old;
    return 1;
}

/* The upper half; the lower one is the same. */
static inline void add_equations(double m[UNKNOWNS][UNKNOWNS + 1], const double slope[UNKNOWNS],
                                 double rest)
{
    for (int r = 0; r < UNKNOWNS; r++) {
        for (int c = r; c < UNKNOWNS; c++)
            m[r][c] += slope[r] * slope[c];
        m[r][UNKNOWNS] += slope[r] * rest;
    }
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
            if (look_at(in, fit, row, col, slope, &rest))
                add_equations(m, slope, rest);
            *left += rest * rest;
            *all += (double)in->now[i] * (double)in->now[i];
        }
    for (int r = 1; r < UNKNOWNS; r++)
        for (int c = 0; c < r; c++)
            m[r][c] = m[c][r];
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
