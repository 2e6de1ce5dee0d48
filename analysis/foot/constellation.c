/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/constellation.h"

#include <math.h>
#include <string.h>

#define RAYS 5
#define COMMON 6
#define FACTORS (COMMON + 2 * RAYS)

/* Loadings of one landmark on the common factors, and its own standard deviation in mm; by axis
 * along, then across. `ray` counts from 1, 0 = none; clefts lie on two rays, half on each. */
struct row {
    double along[COMMON], across[COMMON];
    double own_along, own_across;
    int ray, ray_b;
    double on_ray, on_toe; /* the share of the ray's and of the toe's own deviation it takes */
};

/* Standard deviations of the common factors, mm on a foot of 250 mm: along: ball ahead, oblique
 * (per v from the middle of the ball), toes long, heel long, bulge, arch; across: forefoot to the
 * side, splay, -, heel to the side, bulge, arch. */
static const double sd_along[COMMON] = {4.0, 6.0, 2.5, 3.5, 5.0, 2.0};
static const double sd_across[COMMON] = {2.5, 5.0, 0, 2.0, 1.5, 1.0};
#define SD_RAY_ALONG 1.8
#define SD_RAY_ACROSS 2.0
#define SD_TOE_ALONG 2.5
#define SD_TOE_ACROSS 2.5
#define OWN_MIN_MM 0.3 /* keeps the matrix well conditioned */

#define BALL_V 0.5

static struct row ray_row(enum landmark_id id, int ray, double toes, double on_toe, double own)
{
    double v = landmarks_template().of[id].at.v - BALL_V;

    return (struct row){.along = {1, v, toes},
                        .across = {1, v},
                        .own_along = own,
                        .own_across = own,
                        .ray = ray,
                        .on_ray = 1,
                        .on_toe = on_toe};
}

static struct row cleft_row(enum landmark_id id, int ray)
{
    struct row row = ray_row(id, ray, 0.5, 0.35, 1.2);

    row.ray_b = ray + 1;
    row.on_ray = 0.5;
    row.on_toe = 0.18;
    return row;
}

static struct row row_of(enum landmark_id id)
{
    if (id >= LANDMARK_MTH1 && id <= LANDMARK_MTH5)
        return ray_row(id, 1 + (int)(id - LANDMARK_MTH1), 0, 0, 1.2);
    if (id >= LANDMARK_B1 && id <= LANDMARK_B5)
        return ray_row(id, 1 + (int)(id - LANDMARK_B1), 0.5, 0.35, 1.3);
    if (id >= LANDMARK_T1 && id <= LANDMARK_T5)
        return ray_row(id, 1 + (int)(id - LANDMARK_T1), 1, 1, 1.0);
    switch ((int)id) {
    case LANDMARK_W12:
        return cleft_row(id, 1);
    case LANDMARK_W23:
        return cleft_row(id, 2);
    case LANDMARK_HC:
        return (struct row){
            .along = {0, 0, 0, 0.6}, .across = {0, 0, 0, 1}, .own_along = 1.5, .own_across = 1};
    case LANDMARK_HF:
        return (struct row){.along = {0, 0, 0, 1}, .own_along = 2.0};
    case LANDMARK_LB_APEX:
    case LANDMARK_LB_LOW:
        return (struct row){.along = {0.3, 0.1, 0, 0, 1},
                            .across = {0, 0, 0, 0, 1},
                            .own_along = 1.0,
                            .own_across = 0.5};
    case LANDMARK_AC:
        return (struct row){.along = {0.5, -0.06, 0, 0.5, 0, 1}, .across = {0, 0, 0, 0, 0, 1}};
    case LANDMARK_TT: /* at u = 1 by definition; across it goes with the big toe */
        return (struct row){.across = {1, -0.27}, .own_across = 2, .ray = 1, .on_toe = 1};
    default: /* HB is u = 0, v = 0.5 by definition */
        return (struct row){.own_along = 0};
    }
}

/* All loadings of a landmark, each in mm. */
static void loadings(enum landmark_id id, int axis, double out[FACTORS], double *own)
{
    struct row row = row_of(id);
    const double *common = axis ? row.across : row.along, *sd = axis ? sd_across : sd_along;
    const int rays[2] = {row.ray, row.ray_b};

    memset(out, 0, FACTORS * sizeof *out);
    for (int f = 0; f < COMMON; f++)
        out[f] = common[f] * sd[f];
    for (int i = 0; i < 2; i++)
        if (rays[i]) {
            double on_ray = axis || id != LANDMARK_TT ? row.on_ray : 0;
            double on_toe = axis || id != LANDMARK_TT ? row.on_toe : 0;

            out[COMMON + rays[i] - 1] = on_ray * (axis ? SD_RAY_ACROSS : SD_RAY_ALONG);
            out[COMMON + RAYS + rays[i] - 1] = on_toe * (axis ? SD_TOE_ACROSS : SD_TOE_ALONG);
        }
    *own = fmax(axis ? row.own_across : row.own_along, OWN_MIN_MM);
}

static void make_prior(double prior[][LANDMARK_COUNT], int axis, double scale)
{
    double load[LANDMARK_COUNT][FACTORS], own[LANDMARK_COUNT];

    for (int i = 0; i < LANDMARK_COUNT; i++)
        loadings((enum landmark_id)i, axis, load[i], &own[i]);
    for (int i = 0; i < LANDMARK_COUNT; i++)
        for (int j = 0; j < LANDMARK_COUNT; j++) {
            double sum = i == j ? own[i] * own[i] : 0;

            for (int f = 0; f < FACTORS; f++)
                sum += load[i][f] * load[j][f];
            prior[i][j] = sum * scale * scale;
        }
}

void constellation_begin(struct constellation *c, const struct foot_frame *frame)
{
    *c = (struct constellation){.frame = *frame};
    for (int axis = 0; axis < 2; axis++)
        make_prior(c->prior[axis], axis, frame->length_mm / 250);
}

/* Across is measured at the template's u, so that both directions of the conversion agree. */
static double width_at(const struct constellation *c, enum landmark_id id)
{
    return foot_frame_width_mm(&c->frame, landmarks_template().of[id].at.u);
}

void constellation_see(struct constellation *c, enum landmark_id id, struct uv at,
                       double error_along_mm, double error_across_mm)
{
    struct uv from = landmarks_template().of[id].at;

    c->seen[id] = 1;
    c->deviation_mm[0][id] = (at.u - from.u) * c->frame.length_mm;
    c->deviation_mm[1][id] = (at.v - from.v) * width_at(c, id);
    c->error_mm[0][id] = error_along_mm;
    c->error_mm[1][id] = error_across_mm;
}

void constellation_forget(struct constellation *c, enum landmark_id id)
{
    c->seen[id] = 0;
}

/* Cholesky: a (n x n, lower part) becomes its factor. Positive definite by its diagonal. */
static void factor(double a[][LANDMARK_COUNT], int n)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j <= i; j++) {
            double sum = a[i][j];

            for (int k = 0; k < j; k++)
                sum -= a[i][k] * a[j][k];
            a[i][j] = i == j ? sqrt(fmax(sum, 1e-9)) : sum / a[j][j];
        }
}

static void forward(double a[][LANDMARK_COUNT], int n, double *x)
{
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++)
            x[i] -= a[i][k] * x[k];
        x[i] /= a[i][i];
    }
}

/* Mean and standard deviation of one landmark's deviation given the observations in `list`:
 * with K = L L^T the covariance of the observations and k that with the landmark,
 * mean = (L^-1 k) . (L^-1 d), variance = K_ii - |L^-1 k|^2. */
static void condition(const struct constellation *c, int axis, int id, const int *list, int n,
                      double *mean, double *sd)
{
    const double(*prior)[LANDMARK_COUNT] = c->prior[axis];
    double a[LANDMARK_COUNT][LANDMARK_COUNT], k[LANDMARK_COUNT], d[LANDMARK_COUNT];
    double variance = prior[id][id];

    for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++)
            a[i][j] = prior[list[i]][list[j]];
        a[i][i] += c->error_mm[axis][list[i]] * c->error_mm[axis][list[i]];
        k[i] = prior[id][list[i]];
        d[i] = c->deviation_mm[axis][list[i]];
    }
    factor(a, n);
    forward(a, n, k);
    forward(a, n, d);
    *mean = 0;
    for (int i = 0; i < n; i++) {
        *mean += k[i] * d[i];
        variance -= k[i] * k[i];
    }
    *sd = sqrt(fmax(variance, 0));
}

static void expect_on(const struct constellation *c, int axis, enum landmark_id id, int own,
                      double *mean, double *sd)
{
    int list[LANDMARK_COUNT], n = 0;

    for (int i = 0; i < LANDMARK_COUNT; i++)
        if (c->seen[i] && isfinite(c->error_mm[axis][i]) && (own || i != (int)id))
            list[n++] = i;
    condition(c, axis, (int)id, list, n, mean, sd);
}

struct expected_landmark constellation_expect(const struct constellation *c, enum landmark_id id,
                                              int own)
{
    struct expected_landmark expected = {.at = landmarks_template().of[id].at};
    double along, across;

    expect_on(c, 0, id, own, &along, &expected.sd_along_mm);
    expect_on(c, 1, id, own, &across, &expected.sd_across_mm);
    expected.at.u += along / c->frame.length_mm;
    expected.at.v += across / width_at(c, id);
    return expected;
}
