/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/landmarks.h"
#include "analysis/contact.h"
#include "analysis/print_reader.h"

#include <math.h>

#define HEEL_U 0.30
#define HEEL_FRONT_LOW_U 0.22
#define HEEL_FRONT_HIGH_U 0.33
/* The heel print ends where less than this share of its peak is left. */
#define HEEL_EDGE 0.35
#define CREASE_SHARE 0.3    /* of the way from the ball's front edge to the toe's rear edge */
#define QUALITY_DERIVED 0.5 /* from a measured neighbour and the template's difference */

struct reader {
    const struct foot_print *print;
    const struct foot_frame *frame;
    struct landmarks landmarks;
};

static void set(struct reader *r, enum landmark_id id, struct uv at, double quality)
{
    r->landmarks.of[id] = (struct landmark){at, 1, fmin(fmax(quality, 0.05), 1)};
}

static double kpa_at(const struct reader *r, struct uv place)
{
    return print_kpa(r->print, r->frame, place);
}

static double smooth_kpa(const struct reader *r, struct uv place)
{
    return print_smooth_kpa(r->print, r->frame, place);
}

static double peak_in(const struct reader *r, double u0, double u1, double v0, double v1)
{
    double peak = 0;

    for (double u = u0; u <= u1; u += 0.01)
        for (double v = v0; v <= v1; v += 0.02)
            peak = fmax(peak, smooth_kpa(r, (struct uv){u, v}));
    return peak;
}

/* Heel centre: the pressure's centre over the part of the heel that carries half its peak or more.
 */
static void find_heel(struct reader *r)
{
    double peak = peak_in(r, 0.02, HEEL_U, 0.1, 0.9), sum = 0, u_sum = 0, v_sum = 0;
    double front = 0;
    int n = 0;

    for (double u = 0; u <= HEEL_U; u += 0.01)
        for (double v = 0; v <= 1; v += 0.02) {
            double p = smooth_kpa(r, (struct uv){u, v});

            if (p <= 0 || p < peak / 2)
                continue;
            sum += p;
            u_sum += p * u;
            v_sum += p * v;
        }
    if (sum <= 0 || peak < r->print->threshold_kpa)
        return;
    set(r, LANDMARK_HB, (struct uv){0, 0.5}, 0.9);
    set(r, LANDMARK_HC, (struct uv){u_sum / sum, v_sum / sum}, 0.8);
    for (double v = 0.3; v <= 0.701; v += 0.05) {
        double u = u_sum / sum;

        while (u < 0.5 && smooth_kpa(r, (struct uv){u, v}) >= peak * HEEL_EDGE)
            u += 0.005;
        front += u;
        n++;
    }
    front /= n;
    if (front >= HEEL_FRONT_LOW_U && front <= HEEL_FRONT_HIGH_U)
        set(r, LANDMARK_HF, (struct uv){front, 0.5}, 0.7);
}

/* Higher than the eight places about it, so that a slanting ridge is no peak. */
static int is_peak(const struct reader *r, struct uv at, double p)
{
    for (int i = -1; i <= 1; i++)
        for (int j = -1; j <= 1; j++)
            if ((i || j) && smooth_kpa(r, (struct uv){at.u + i * 0.014, at.v + j * 0.03}) > p)
                return 0;
    return 1;
}

/* The highest local maximum in a window about the template's place; nearer ones count more. 0, or
 * -1 when the pressure only rises towards the window's rim. */
static int find_peak(const struct reader *r, struct uv expected, double half_u, double half_v,
                     struct uv *found)
{
    double best = 0;

    for (double u = expected.u - half_u; u <= expected.u + half_u; u += 0.006)
        for (double v = expected.v - half_v; v <= expected.v + half_v; v += 0.012) {
            struct uv at = {u, v};
            double p = smooth_kpa(r, at);
            double far_u = (u - expected.u) / half_u, far_v = (v - expected.v) / half_v;
            double weighed = p * exp(-(far_u * far_u + far_v * far_v) / 2);

            if (p < r->print->threshold_kpa || weighed <= best || !is_peak(r, at, p))
                continue;
            best = weighed;
            *found = at;
        }
    return best > 0 ? 0 : -1;
}

/* Quality falls with the distance from where it was expected. */
static double peak_quality(const struct reader *r, struct uv expected, struct uv found)
{
    double along = (found.u - expected.u) * r->frame->length_mm;
    double across = (found.v - expected.v) * foot_frame_width_mm(r->frame, expected.u);

    return 0.95 * exp(-(along * along + across * across) / (2 * 15 * 15));
}

static void find_ball(struct reader *r)
{
    struct landmarks template = landmarks_template();

    for (int i = LANDMARK_MTH1; i <= LANDMARK_MTH5; i++) {
        struct uv expected = template.of[i].at, found;

        if (!find_peak(r, expected, 0.06, 0.09, &found))
            set(r, (enum landmark_id)i, found, peak_quality(r, expected, found));
    }
}

static void find_toes(struct reader *r)
{
    struct landmarks template = landmarks_template();

    for (int i = LANDMARK_T1; i <= LANDMARK_T5; i++) {
        struct uv expected = template.of[i].at, found;

        if (!find_peak(r, expected, 0.06, i == LANDMARK_T1 ? 0.11 : 0.07, &found))
            set(r, (enum landmark_id)i, found, peak_quality(r, expected, found));
    }
}

/* The crease lies in the lowest stretch between ball peak and toe peak, nearer to the ball. 0, or
 * -1 without a valley. */
static int find_valley(const struct reader *r, struct uv ball, struct uv toe, struct uv *found)
{
    enum { STEPS = 40 };
    double p[STEPS + 1], lowest = INFINITY, first = -1, last = -1;

    for (int i = 0; i <= STEPS; i++) {
        double t = (double)i / STEPS;

        p[i] = kpa_at(r, (struct uv){ball.u + t * (toe.u - ball.u), ball.v + t * (toe.v - ball.v)});
        lowest = fmin(lowest, p[i]);
    }
    if (lowest > 0.7 * fmin(p[0], p[STEPS]))
        return -1;
    for (int i = 0; i <= STEPS; i++)
        if (p[i] <= lowest + 0.05 * fmin(p[0], p[STEPS])) {
            first = first < 0 ? i : first;
            last = i;
        }
    first = (first + CREASE_SHARE * (last - first)) / STEPS;
    *found = (struct uv){ball.u + first * (toe.u - ball.u), ball.v + first * (toe.v - ball.v)};
    return 0;
}

static void find_toe_bases(struct reader *r)
{
    struct landmarks template = landmarks_template();

    for (int i = 0; i < 5; i++) {
        const struct landmark *ball = &r->landmarks.of[LANDMARK_MTH1 + i];
        const struct landmark *toe = &r->landmarks.of[LANDMARK_T1 + i];
        struct uv from = template.of[LANDMARK_MTH1 + i].at, to = template.of[LANDMARK_B1 + i].at;
        struct uv valley;

        if (!ball->measured)
            continue;
        if (toe->measured && !find_valley(r, ball->at, toe->at, &valley))
            set(r, (enum landmark_id)(LANDMARK_B1 + i), valley, fmin(ball->quality, toe->quality));
        else
            set(r, (enum landmark_id)(LANDMARK_B1 + i),
                (struct uv){ball->at.u + to.u - from.u, ball->at.v + to.v - from.v},
                QUALITY_DERIVED * ball->quality);
    }
}

/* A cleft lies between two toe bases, as far from their middle as on the template. */
static void find_cleft(struct reader *r, enum landmark_id id, int a, int b)
{
    struct landmarks template = landmarks_template();
    const struct landmark *one = &r->landmarks.of[a], *two = &r->landmarks.of[b];
    struct uv old_one = template.of[a].at, old_two = template.of[b].at, old = template.of[id].at;

    if (!one->measured || !two->measured)
        return;
    set(r, id,
        (struct uv){old.u + (one->at.u + two->at.u - old_one.u - old_two.u) / 2,
                    old.v + (one->at.v + two->at.v - old_one.v - old_two.v) / 2},
        QUALITY_DERIVED * fmin(one->quality, two->quality));
}

/* Outermost contact at u, as v; NAN without contact on the outer half. */
static double outer_edge_v(const struct reader *r, double u)
{
    for (double v = 1.1; v > 0.5; v -= 0.01)
        if (kpa_at(r, (struct uv){u, v}) >= fmax(r->print->threshold_kpa / 2, 1e-6))
            return v;
    return NAN;
}

/* The bulge of the outer edge over the chord from u 0.28 to 0.58: apex, and the heelward place
 * where it has half its height. */
static void find_bulge(struct reader *r)
{
    const double low = 0.28, high = 0.58, step = 0.01;
    const struct landmarks template = landmarks_template();
    double from = outer_edge_v(r, low), to = outer_edge_v(r, high), height = 0, apex = 0,
           half = low;

    for (double u = low; u <= high; u += step) {
        double over = outer_edge_v(r, u) - (from + (u - low) / (high - low) * (to - from));

        if (over > height) {
            height = over;
            apex = u;
        }
    }
    if (!(height > 0.05) || apex < 0.36 || apex > 0.47)
        return;
    for (double u = apex; u > low; u -= step)
        if (outer_edge_v(r, u) - (from + (u - low) / (high - low) * (to - from)) <= height / 2) {
            half = u;
            break;
        }
    if (fabs(half - template.of[LANDMARK_LB_LOW].at.u) > 0.04)
        return; /* a straight outer edge has no bulge: its highest point is anywhere */
    set(r, LANDMARK_LB_APEX, (struct uv){apex, outer_edge_v(r, apex)}, fmin(height / 0.1, 0.8));
    set(r, LANDMARK_LB_LOW, (struct uv){half, outer_edge_v(r, half)}, fmin(height / 0.1, 0.8));
}

/* Midway between the heel's front edge and the diaphragm line, when both are measured. */
static void find_arch(struct reader *r)
{
    struct guide_lines lines = guide_lines_from(&r->landmarks);
    const struct landmark *heel = &r->landmarks.of[LANDMARK_HF];
    const struct landmark *ball = &r->landmarks.of[LANDMARK_MTH2];

    if (!ball->measured)
        ball = &r->landmarks.of[LANDMARK_MTH3]; /* the line bends little between them */
    if (heel->measured && ball->measured)
        set(r, LANDMARK_AC, (struct uv){(heel->at.u + guide_diaphragm_u(&lines, 0.38)) / 2, 0.38},
            fmin(heel->quality, ball->quality));
}

/* Foremost contact ahead of the toe pads. */
static void find_tip(struct reader *r)
{
    const struct grid *grid = r->print->grid;
    struct uv tip = {-INFINITY, 0};

    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            struct uv at;

            if (print_cell_kpa(r->print, row, col) <=
                (double)contact_above(r->print->threshold_kpa))
                continue;
            at = foot_frame_to_uv(r->frame, grid_centre(grid, row, col));
            if (at.u > tip.u)
                tip = at;
        }
    if (tip.u > 0.9 && tip.u < 1.05)
        set(r, LANDMARK_TT, (struct uv){1, tip.v}, 0.7);
}

struct landmarks landmarks_from_print(const struct foot_print *print,
                                      const struct foot_frame *frame)
{
    struct reader reader = {print, frame, landmarks_template()};

    find_heel(&reader);
    find_ball(&reader);
    find_toes(&reader);
    find_toe_bases(&reader);
    find_cleft(&reader, LANDMARK_W12, LANDMARK_B1, LANDMARK_B2);
    find_cleft(&reader, LANDMARK_W23, LANDMARK_B2, LANDMARK_B3);
    find_bulge(&reader);
    find_arch(&reader);
    find_tip(&reader);
    return reader.landmarks;
}
