/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/clock.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define STEP_BACK_US 100000u
#define STEP_AHEAD_US 1e6
#define SETTLING_US_PER_S 200.0 /* a crystal's drift, with a margin */
#define BELIEVABLE_US_PER_S 1000.0

uint64_t host_clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

void device_clock_init(struct device_clock *clock)
{
    memset(clock, 0, sizeof *clock);
}

static double seconds_since_origin(const struct device_clock *clock, uint64_t device_us)
{
    return (double)(int64_t)(device_us - clock->origin_us) * 1e-6;
}

static double line_at(const struct device_clock *clock, double device_s)
{
    return clock->line_at_origin_us + clock->slope_us_per_s * device_s;
}

/* Slope from point a to point b. */
static double slope(const struct device_clock_point *a, const struct device_clock_point *b)
{
    return (b->delay_us - a->delay_us) / (b->device_s - a->device_s);
}

/* The slope of the lower convex hull's edge that spans `middle_s` (Andrew's monotone chain: points
 * are in the order of time already). */
static double hull_slope(const struct device_clock_point *points, int n, double middle_s)
{
    const struct device_clock_point *hull[DEVICE_CLOCK_SECONDS] = {NULL};
    int k = 0;
    for (int i = 0; i < n; i++) {
        while (k >= 2 && slope(hull[k - 2], &points[i]) <= slope(hull[k - 2], hull[k - 1]))
            k--;
        hull[k++] = &points[i];
    }
    int edge = 0;
    while (edge + 2 < k && hull[edge + 1]->device_s < middle_s)
        edge++;
    return slope(hull[edge], hull[edge + 1]);
}

/* Moves a line of the given slope up until it touches the lowest point. */
static double highest_under(const struct device_clock_point *points, int n, double slope_us_per_s)
{
    double at_origin = INFINITY;
    for (int i = 0; i < n; i++)
        at_origin = fmin(at_origin, points[i].delay_us - slope_us_per_s * points[i].device_s);
    return at_origin;
}

static void lay_line(struct device_clock *clock)
{
    const struct device_clock_point *points = clock->points;
    int n = clock->n_points;
    double sum_s = 0, slope_us_per_s = 0;
    for (int i = 0; i < n; i++)
        sum_s += points[i].device_s;
    if (n >= 2)
        slope_us_per_s = hull_slope(points, n, sum_s / n);
    if (points[n - 1].device_s - points[0].device_s < DEVICE_CLOCK_SETTLE_SECONDS)
        slope_us_per_s = fmax(-SETTLING_US_PER_S, fmin(SETTLING_US_PER_S, slope_us_per_s));
    clock->slope_us_per_s = slope_us_per_s;
    clock->line_at_origin_us = highest_under(points, n, slope_us_per_s);
}

static void begin(struct device_clock *clock, uint64_t device_us, uint64_t host_us)
{
    device_clock_init(clock);
    clock->has_origin = 1;
    clock->origin_us = clock->last_us = device_us;
    clock->offset_us = (int64_t)(host_us - device_us);
    clock->n_points = 1;
    clock->points[0] = (struct device_clock_point){0, 0};
    lay_line(clock);
}

/* The oldest second makes room for a new one. */
static void add_point(struct device_clock *clock, struct device_clock_point point)
{
    if (clock->n_points == DEVICE_CLOCK_SECONDS) {
        memmove(clock->points, clock->points + 1,
                (DEVICE_CLOCK_SECONDS - 1) * sizeof clock->points[0]);
        clock->n_points--;
    }
    clock->points[clock->n_points++] = point;
}

static int has_stepped(const struct device_clock *clock, uint64_t device_us, double delay_us)
{
    if (device_us < clock->last_us && clock->last_us - device_us > STEP_BACK_US)
        return 1;
    return delay_us < line_at(clock, seconds_since_origin(clock, device_us)) - STEP_AHEAD_US;
}

int device_clock_feed(struct device_clock *clock, uint64_t device_us, uint64_t host_us)
{
    double delay_us = (double)((int64_t)(host_us - device_us) - clock->offset_us);
    int stepped = clock->has_origin && has_stepped(clock, device_us, delay_us);
    if (!clock->has_origin || stepped) {
        begin(clock, device_us, host_us);
        return stepped;
    }
    if (device_us <= clock->last_us)
        return 0; /* late or doubled: it says nothing that its neighbours do not */
    clock->last_us = device_us;
    struct device_clock_point point = {seconds_since_origin(clock, device_us), delay_us};
    struct device_clock_point *newest = &clock->points[clock->n_points - 1];
    int is_new_second = floor(point.device_s) > floor(newest->device_s);
    if (is_new_second)
        add_point(clock, point);
    else if (point.delay_us < newest->delay_us)
        *newest = point;
    else
        return 0;
    lay_line(clock);
    return 0;
}

int device_clock_map(const struct device_clock *clock, uint64_t device_us, double *host_us)
{
    if (!clock->has_origin)
        return -1;
    *host_us = (double)device_us + (double)clock->offset_us +
               line_at(clock, seconds_since_origin(clock, device_us));
    return 0;
}

int device_clock_drift_ppm(const struct device_clock *clock, double *drift_ppm)
{
    int n = clock->n_points;
    if (n < 2 ||
        clock->points[n - 1].device_s - clock->points[0].device_s < DEVICE_CLOCK_SETTLE_SECONDS ||
        fabs(clock->slope_us_per_s) > BELIEVABLE_US_PER_S)
        return -1;
    *drift_ppm = -clock->slope_us_per_s; /* us per s is ppm; a fast plate's delays shrink */
    return 0;
}
