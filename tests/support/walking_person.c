/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/walking_person.h"

#include "analysis/walk/outline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Places roll on from heel to toes, the outer side a little ahead. */
static double t_on(struct uv at)
{
    return at.u < 0.28 ? 0.1 * at.u / 0.28 * 0.3 : 0.03 + 0.2 * (at.u - 0.28) - 0.08 * (at.v - 0.5);
}

static double t_off(struct uv at)
{
    return at.u < 0.28 ? 0.55 + 0.1 * at.u / 0.28 : 0.65 + 0.35 * fmin((at.u - 0.28) / 0.6, 1);
}

/* Raw pressure at a time of the stance, 0..1. */
static double raw(const struct walking *w, struct uv at, double tau)
{
    if (tau < t_on(at) || tau > t_off(at))
        return 0;
    return sole_pressure(&w->sole, at);
}

/* Two humps; it begins and ends low. */
static double force_n(const struct walking *w, double tau)
{
    double dip = (tau - 0.5) / 0.14;

    return w->newton * pow(sin(M_PI * fmin(fmax(tau, 0.004), 0.996)), 0.4) *
           (1.1 - 0.3 * exp(-dip * dip));
}

struct walking walking_usual(struct grid grid, double rate_hz, int steps)
{
    return (struct walking){
        .grid = grid,
        .rate_hz = rate_hz,
        .newton = 700,
        .noise_kpa = 1,
        .steps = steps,
        .first = SIDE_LEFT,
        .pause_s = 0.213,
        .stance_s = 0.68,
        .step_s = 0.55,
        .step_mm = 610,
        .width_mm = 95,
        .toes_out_deg = 6,
        .length_mm = 252,
        .start = {grid.cols * grid.pitch_x_mm / 2, 60},
        .arch = 0.5,
        .toe_contact = 1,
    };
}

static struct foot_frame template_of(const struct walking *w, enum side side)
{
    return foot_frame_template(side, (struct point){0, 0}, 0, w->length_mm);
}

/* Sums over the sole on a raster of 1 mm at every time of the table. */
void walking_begin(struct walking *w)
{
    const struct subject_foot foot = {.arch = w->arch, .toe_contact = w->toe_contact};
    struct foot_frame frame = template_of(w, SIDE_RIGHT);

    sole_make(&w->sole, &foot);
    memset(w->weight, 0, sizeof w->weight);
    memset(w->cop_u_mm, 0, sizeof w->cop_u_mm);
    memset(w->cop_v_mm, 0, sizeof w->cop_v_mm);
    for (double y = 0.5; y < w->length_mm; y++)
        for (double x = -65.5; x < 66; x++) {
            struct uv at = foot_frame_to_uv(&frame, (struct point){x, y});
            double p = sole_pressure(&w->sole, at);

            for (int k = 0; p > 0 && k < WALKING_TABLE; k++) {
                double tau = (double)k / (WALKING_TABLE - 1);

                if (tau < t_on(at) || tau > t_off(at))
                    continue;
                w->weight[k] += p;
                w->cop_u_mm[k] += p * y;
                w->cop_v_mm[k] += p * x;
            }
        }
    for (int k = 0; k < WALKING_TABLE; k++)
        if (w->weight[k] > 0) {
            w->cop_u_mm[k] /= w->weight[k];
            w->cop_v_mm[k] /= w->weight[k];
        }
}

static double table(const double *values, double tau)
{
    double at = fmin(fmax(tau, 0), 1) * (WALKING_TABLE - 1);
    int k = (int)fmin(at, WALKING_TABLE - 2);

    return values[k] + (at - k) * (values[k + 1] - values[k]);
}

size_t walking_frames(const struct walking *w)
{
    return (size_t)((2 * w->pause_s + (w->steps - 1) * w->step_s + w->stance_s) * w->rate_hz) + 1;
}

enum side walking_side(const struct walking *w, int k)
{
    return k % 2 == 0 ? w->first : w->first == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT;
}

double walking_start_s(const struct walking *w, int k)
{
    return w->pause_s + k * w->step_s;
}

struct foot_frame walking_foot(const struct walking *w, int k)
{
    double s = sin(w->heading_deg * M_PI / 180), c = cos(w->heading_deg * M_PI / 180);
    double right = walking_side(w, k) == SIDE_RIGHT ? 1 : -1, ahead = k * w->step_mm;
    double across = right * w->width_mm / 2;
    struct foot_frame frame = template_of(w, walking_side(w, k));

    frame.angle_deg = w->heading_deg + right * w->toes_out_deg;
    frame.heel = (struct point){w->start.x_mm + ahead * s + across * c,
                                w->start.y_mm + ahead * c - across * s};
    return frame;
}

/* A foot's cells, each sampled at nine places. */
static void add_foot(const struct walking *w, const struct foot_frame *frame, double tau,
                     float *kpa)
{
    const struct grid *g = &w->grid;
    double scale = force_n(w, tau) / (table(w->weight, tau) * 1e-3); /* 1 mm2 a place */
    struct point middle = foot_frame_to_plate(frame, (struct uv){0.5, 0.5});
    double reach = 0.6 * w->length_mm;
    int row0 = (int)fmax(0, (middle.y_mm - reach) / g->pitch_y_mm);
    int row1 = (int)fmin(g->rows, (middle.y_mm + reach) / g->pitch_y_mm + 1);
    int col0 = (int)fmax(0, (middle.x_mm - reach) / g->pitch_x_mm);
    int col1 = (int)fmin(g->cols, (middle.x_mm + reach) / g->pitch_x_mm + 1);

    for (int row = row0; row < row1; row++)
        for (int col = col0; col < col1; col++) {
            double sum = 0;

            for (int k = 0; k < 9; k++) {
                struct point at = {(col + (k % 3 + 0.5) / 3) * g->pitch_x_mm,
                                   (row + (k / 3 + 0.5) / 3) * g->pitch_y_mm};

                sum += raw(w, foot_frame_to_uv(frame, at), tau);
            }
            kpa[row * g->cols + col] += (float)(sum / 9 * scale);
        }
}

void walking_frame(const struct walking *w, size_t i, struct dice *dice, float *kpa)
{
    double time_s = (double)i / w->rate_hz;

    memset(kpa, 0, grid_cells(&w->grid) * sizeof *kpa);
    for (int k = 0; k < w->steps; k++) {
        double tau = (time_s - walking_start_s(w, k)) / w->stance_s;
        struct foot_frame frame = walking_foot(w, k);

        frame.heel.y_mm += w->belt_y_mm_s * time_s;
        if (tau >= 0 && tau <= 1)
            add_foot(w, &frame, tau, kpa);
    }
    for (size_t c = 0; w->noise_kpa > 0 && c < grid_cells(&w->grid); c++) {
        kpa[c] += (float)dice_normal(dice, w->noise_kpa);
        if (kpa[c] < (float)(3 * w->noise_kpa))
            kpa[c] = 0;
    }
}

/* --- What is true ----------------------------------------------------------------------------- */

double walking_instant(const struct walking *w, int instant)
{
    static const struct uv heads[5] = {
        {0.730, 0.18}, {0.745, 0.39}, {0.725, 0.55}, {0.690, 0.71}, {0.640, 0.88}};
    double first = 1, last = 0;

    (void)w;
    for (int i = 0; i < 5; i++) {
        first = fmin(first, t_on(heads[i]));
        last = fmax(last, t_on(heads[i]));
    }
    switch (instant) {
    case AT_FOREFOOT_CONTACT:
        return first;
    case AT_FOREFOOT_FLAT:
        return last;
    case AT_HEEL_OFF:
        return t_off((struct uv){0.2799, 0.5});
    case AT_LAST_CONTACT:
        return 1;
    default:
        return 0;
    }
}

struct point walking_cop(const struct walking *w, double tau)
{
    return (struct point){table(w->cop_v_mm, tau), table(w->cop_u_mm, tau)};
}

double walking_cpei(const struct walking *w)
{
    struct foot_frame frame = template_of(w, SIDE_RIGHT);
    struct point *points = malloc(280 * 140 * sizeof *points);
    struct point *hull = malloc((280 * 140 + 1) * sizeof *hull);
    struct point cop[WALKING_TABLE];
    size_t n = 0, n_cop = 0, corners;
    double percent = NAN;

    for (double y = 0.5; points && hull && y < w->length_mm; y++)
        for (double x = -65.5; x < 66; x++)
            if (sole_pressure(&w->sole, foot_frame_to_uv(&frame, (struct point){x, y})) > 0.02)
                points[n++] = (struct point){x, y};
    if (n) {
        corners = outline_hull(points, n, hull);
        for (int k = 0; k < WALKING_TABLE; k++)
            if (k * w->stance_s / (WALKING_TABLE - 1) >= CPEI_FROM_S)
                cop[n_cop++] = (struct point){w->cop_v_mm[k], w->cop_u_mm[k]};
        percent = cpei_measure(hull, corners, cop, n_cop, &frame, CPEI_DISTAL_SHARE).percent;
    }
    free(points);
    free(hull);
    return percent;
}
