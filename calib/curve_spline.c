/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spline: Steffen's monotone cubic through (0, 0) and each cell's kPa at the plate's knots.
 *
 * M. Steffen, A simple method for monotonic interpolation in one dimension, Astronomy and
 * Astrophysics 239, 443 (1990). Chosen among the monotone cubics because for rising values its
 * slope at a knot is min(2 s, 2 s', p), with the secants s, s' on both sides and the parabola's
 * slope p between them: no branch and no division, so that it need not be stored. Slopes at the
 * ends are the parabola's through three points, limited to 0 .. 2 s at count 0 and s / 2 .. 2 s at
 * the last knot, with s the end's own secant. Beyond the last knot the curve goes straight on with
 * its slope there. */
#include "calib/curve_private.h"

#include <math.h>

/* --- One cell, in double ---------------------------------------------------------------------- */

/* Knot k with the origin as knot 0. */
static double knot_at(const struct curve_shape *shape, int k)
{
    return k > 0 ? shape->knots[k - 1] : 0;
}

static double value_at(const double coefficients[], int k)
{
    return k > 0 ? coefficients[k - 1] : 0;
}

static double width(const struct curve_shape *shape, int segment)
{
    return knot_at(shape, segment + 1) - knot_at(shape, segment);
}

static double secant(const struct curve_shape *shape, const double coefficients[], int segment)
{
    return (value_at(coefficients, segment + 1) - value_at(coefficients, segment)) /
           width(shape, segment);
}

/* Slope of the parabola through three points at the end that segment `near` has to itself. */
static double end_parabola(const struct curve_shape *shape, const double coefficients[], int near,
                           int far)
{
    double weight = width(shape, near) / (width(shape, near) + width(shape, far));
    double s = secant(shape, coefficients, near);
    return s + weight * (s - secant(shape, coefficients, far));
}

/* Slope at knot k, origin = 0. */
static double slope_at(const struct curve_shape *shape, const double coefficients[], int k)
{
    int last = shape->n_knots;
    if (k == 0 || k == last) {
        int near = k ? last - 1 : 0, far = k ? last - 2 : 1;
        double s = secant(shape, coefficients, near);
        double p = end_parabola(shape, coefficients, near, far);
        return fmin(fmax(p, k ? 0.5 * s : 0), 2 * s);
    }
    double left = secant(shape, coefficients, k - 1), right = secant(shape, coefficients, k);
    double weight = width(shape, k) / (width(shape, k - 1) + width(shape, k));
    return fmin(2 * fmin(left, right), right + weight * (left - right));
}

/* Height above the segment's left knot at t counts right of it. */
static double climb(const struct curve_shape *shape, const double coefficients[], int segment,
                    double t)
{
    double h = width(shape, segment), s = secant(shape, coefficients, segment);
    double left = slope_at(shape, coefficients, segment);
    double right = slope_at(shape, coefficients, segment + 1);
    double square = (3 * s - 2 * left - right) / h, cube = (left + right - 2 * s) / (h * h);
    return t * (left + t * (square + t * cube));
}

static double spline_value(const struct curve_shape *shape, const double coefficients[],
                           double count)
{
    if (!(count > 0))
        return 0;
    for (int segment = 0; segment < shape->n_knots; segment++) {
        if (count < knot_at(shape, segment + 1))
            return value_at(coefficients, segment) +
                   climb(shape, coefficients, segment, count - knot_at(shape, segment));
    }
    return value_at(coefficients, shape->n_knots) +
           (count - knot_at(shape, shape->n_knots)) * slope_at(shape, coefficients, shape->n_knots);
}

/* Halving: the curve rises, and 60 halvings exhaust a double. */
static double count_in(const struct curve_shape *shape, const double coefficients[], int segment,
                       double height)
{
    double low = 0, high = width(shape, segment);
    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (low + high);
        if (climb(shape, coefficients, segment, middle) < height)
            low = middle;
        else
            high = middle;
    }
    return knot_at(shape, segment) + high;
}

static double spline_inverse(const struct curve_shape *shape, const double coefficients[],
                             double kpa)
{
    int last = shape->n_knots;
    for (int segment = 0; segment < last; segment++) {
        if (kpa <= value_at(coefficients, segment + 1))
            return count_in(shape, coefficients, segment, kpa - value_at(coefficients, segment));
    }
    return knot_at(shape, last) +
           (kpa - value_at(coefficients, last)) / slope_at(shape, coefficients, last);
}

static const char *spline_fault(const struct curve_shape *shape, const double coefficients[])
{
    for (int k = 1; k <= shape->n_knots; k++) {
        if (!(value_at(coefficients, k) > value_at(coefficients, k - 1)))
            return "does not rise from knot to knot";
    }
    return curve_fault_at_top(spline_value(shape, coefficients, shape->max_count));
}

/* --- All cells, as vector code ---------------------------------------------------------------- */

enum { BLOCK = 32 }; /* cells that are worked on at a time, in the innermost cache */

/* Of a block of cells while it climbs from segment to segment. */
struct climbers {
    float count[BLOCK], kpa[BLOCK];
    float secant[BLOCK], slope[BLOCK]; /* of this segment, and at its left knot */
    const float *values[CURVE_COEFFICIENTS_MAX];
};

/* What all cells share in a segment. */
struct segment {
    float start, h, inverse_h;
    float weight;         /* h / (h + the next segment's); at the last one: the one before's */
    float next_inverse_h; /* 0 at the last one */
};

static struct segment segment_of(const struct curve_shape *shape, int k)
{
    int is_last = k == shape->n_knots - 1;
    double h = width(shape, k), next = width(shape, is_last ? k - 1 : k + 1);
    return (struct segment){
        .start = (float)knot_at(shape, k),
        .h = (float)h,
        .inverse_h = (float)(1 / h),
        .weight = (float)((is_last ? h : next) / (h + next)),
        .next_inverse_h = is_last ? 0 : (float)(1 / next),
    };
}

static inline float least_of(float a, float b)
{
    return a < b ? a : b;
}

static inline float most_of(float a, float b)
{
    return a > b ? a : b;
}

/* The part of the climb that lies in this segment, once its right slope is known. */
static inline float part_of_climb(const struct segment *g, float count, float s, float left,
                                  float right)
{
    float t = least_of(most_of(count - g->start, 0.0F), g->h);
    float square = (3.0F * s - 2.0F * left - right) * g->inverse_h;
    float cube = (left + right - 2.0F * s) * g->inverse_h * g->inverse_h;
    return t * (left + t * (square + t * cube));
}

static void begin_climb(struct climbers *b, const struct segment *g, size_t n)
{
    float weight = 1.0F - g->weight;
    const float *restrict first = b->values[0], *restrict second = b->values[1];
    for (size_t i = 0; i < n; i++) { /* vectorised */
        float s = first[i] * g->inverse_h, next = (second[i] - first[i]) * g->next_inverse_h;
        b->kpa[i] = 0;
        b->secant[i] = s;
        b->slope[i] = least_of(most_of(s + weight * (s - next), 0.0F), 2.0F * s);
    }
}

static void climb_inner(struct climbers *b, const struct segment *g, int k, size_t n)
{
    const float *restrict here = b->values[k], *restrict next = b->values[k + 1];
    for (size_t i = 0; i < n; i++) { /* vectorised */
        float s = b->secant[i], s_next = (next[i] - here[i]) * g->next_inverse_h;
        float slope = least_of(2.0F * least_of(s, s_next), s_next + g->weight * (s - s_next));
        b->kpa[i] += part_of_climb(g, b->count[i], s, b->slope[i], slope);
        b->secant[i] = s_next;
        b->slope[i] = slope;
    }
}

/* The last segment, and straight on beyond it. */
static void climb_last(struct climbers *b, const struct segment *g, int k, size_t n)
{
    static const float zeros[BLOCK];
    const float *restrict here = b->values[k - 1];
    const float *restrict before = k > 1 ? b->values[k - 2] : zeros;
    float before_inverse_h = 1.0F / g[-1].h, end = g->start + g->h;
    for (size_t i = 0; i < n; i++) { /* vectorised */
        float s = b->secant[i], s_before = (here[i] - before[i]) * before_inverse_h;
        float slope = least_of(most_of(s + g->weight * (s - s_before), 0.5F * s), 2.0F * s);
        b->kpa[i] += part_of_climb(g, b->count[i], s, b->slope[i], slope) +
                     slope * most_of(b->count[i] - end, 0.0F);
    }
}

/* Counts as float; the largest of them. */
static int take_counts(struct climbers *b, const uint16_t *restrict counts, size_t n)
{
    int32_t most = 0;
    for (size_t i = 0; i < n; i++) { /* vectorised */
        most = counts[i] > most ? counts[i] : most;
        b->count[i] = (float)counts[i];
    }
    return most;
}

static void apply_block(const struct segment segments[], int last, struct climbers *b, int most,
                        size_t n)
{
    begin_climb(b, &segments[0], n);
    for (int k = 0; k < last; k++) {
        if ((float)most <= segments[k].start)
            return; /* no cell gets there */
        climb_inner(b, &segments[k], k, n);
    }
    climb_last(b, &segments[last], last, n);
}

/* Blocks of bare cells cost one look at their counts. Against `value` the result is within 1e-5 of
 * the reading (tests/test_curve.c). */
static void spline_apply(const struct curve_shape *shape, const float *const coefficients[],
                         const uint16_t *restrict counts, float *restrict kpa, size_t n)
{
    struct climbers b;
    struct segment segments[CURVE_COEFFICIENTS_MAX];
    for (int k = 0; k < shape->n_knots; k++)
        segments[k] = segment_of(shape, k);
    for (size_t at = 0; at < n; at += BLOCK) {
        size_t size = n - at < BLOCK ? n - at : BLOCK;
        int most = take_counts(&b, counts + at, size);
        for (int k = 0; k < shape->n_knots; k++) /* vectorised */
            b.values[k] = coefficients[k] + at;
        if (most)
            apply_block(segments, shape->n_knots - 1, &b, most, size);
        for (size_t i = 0; i < size; i++) /* vectorised */
            kpa[at + i] = most ? most_of(b.kpa[i], 0.0F) : 0.0F;
    }
}

#define EACH_KNOT(x)                                                                               \
    {                                                                                              \
        x, x, x, x, x, x, x, x, x, x, x, x                                                         \
    }

const struct curve curve_spline = {
    .name = "spline",
    .formula = "Steffen's monotone cubic through (0, 0) and the kPa at the knots",
    .n_coefficients = 0,
    .coefficient = {"kpa_at_knot_1", "kpa_at_knot_2", "kpa_at_knot_3", "kpa_at_knot_4",
                    "kpa_at_knot_5", "kpa_at_knot_6", "kpa_at_knot_7", "kpa_at_knot_8",
                    "kpa_at_knot_9", "kpa_at_knot_10", "kpa_at_knot_11", "kpa_at_knot_12"},
    .least = EACH_KNOT(0),
    .most = EACH_KNOT(CURVE_KPA_MAX),
    .apply = spline_apply,
    .value = spline_value,
    .inverse = spline_inverse,
    .fault = spline_fault,
};
