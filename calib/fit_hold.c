/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/fit_hold.h"

#include "calib/fit_stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COURSE_FIRST_S 0.1
#define COURSE_PER_DECADE 6
#define COURSE_FRAMES 64 /* of a moment; 64 x 65535 is exact in a float */

void fit_hold_free(struct fit_hold *hold)
{
    free(hold->mean);
    free(hold->scatter);
    free(hold->course);
}

int fit_tail_make(struct fit_tail *tail, size_t cells, struct problem *why)
{
    *tail = (struct fit_tail){.cells = cells};
    tail->sum = calloc(FIT_BLOCKS * cells, sizeof *tail->sum);
    tail->square = calloc(FIT_BLOCKS * cells, sizeof *tail->square);
    if (tail->sum && tail->square)
        return 0;
    fit_tail_free(tail);
    return problem_no_memory(why, "a bench session's holds");
}

void fit_tail_free(struct fit_tail *tail)
{
    free(tail->sum);
    free(tail->square);
    free(tail->course);
    *tail = (struct fit_tail){0};
}

static void begin_block(struct fit_tail *tail, int b)
{
    memset(tail->sum + (size_t)b * tail->cells, 0, tail->cells * sizeof *tail->sum);
    memset(tail->square + (size_t)b * tail->cells, 0, tail->cells * sizeof *tail->square);
    tail->frames[b] = tail->n_celsius[b] = 0;
    tail->celsius[b] = 0;
}

int fit_tail_begin(struct fit_tail *tail, uint64_t time_us, int with_course, struct problem *why)
{
    free(tail->course);
    tail->course = NULL;
    if (with_course) {
        tail->course = calloc(FIT_COURSE * tail->cells, sizeof *tail->course);
        if (!tail->course)
            return problem_no_memory(why, "a creep hold's course");
    }
    memset(tail->course_frames, 0, sizeof tail->course_frames);
    memset(tail->course_seconds, 0, sizeof tail->course_seconds);
    tail->per_block = 1;
    tail->n_blocks = 0;
    tail->begin_us = tail->last_us = time_us;
    return 0;
}

static void move_block(struct fit_tail *tail, int to, int from)
{
    size_t n = tail->cells;
    memmove(tail->sum + (size_t)to * n, tail->sum + (size_t)from * n, n * sizeof *tail->sum);
    memmove(tail->square + (size_t)to * n, tail->square + (size_t)from * n,
            n * sizeof *tail->square);
    tail->frames[to] = tail->frames[from];
    tail->first_s[to] = tail->first_s[from];
    tail->last_s[to] = tail->last_s[from];
    tail->celsius[to] = tail->celsius[from];
    tail->n_celsius[to] = tail->n_celsius[from];
}

static void join_blocks(struct fit_tail *tail)
{
    for (int b = 0; b < FIT_BLOCKS / 2; b++) {
        move_block(tail, b, 2 * b);
        uint64_t *sum = tail->sum + (size_t)b * tail->cells;
        uint64_t *square = tail->square + (size_t)b * tail->cells;
        const uint64_t *sum2 = tail->sum + (size_t)(2 * b + 1) * tail->cells;
        const uint64_t *square2 = tail->square + (size_t)(2 * b + 1) * tail->cells;
        for (size_t i = 0; i < tail->cells; i++) {
            sum[i] += sum2[i];
            square[i] += square2[i];
        }
        tail->frames[b] += tail->frames[2 * b + 1];
        tail->celsius[b] += tail->celsius[2 * b + 1];
        tail->n_celsius[b] += tail->n_celsius[2 * b + 1];
        tail->last_s[b] = tail->last_s[2 * b + 1];
    }
    tail->n_blocks = FIT_BLOCKS / 2;
    tail->per_block *= 2;
}

static void add_course(struct fit_tail *tail, double seconds, const uint16_t *counts)
{
    int j = seconds < COURSE_FIRST_S
                ? -1
                : (int)floor(COURSE_PER_DECADE * log10(seconds / COURSE_FIRST_S));
    if (j < 0 || j >= FIT_COURSE || tail->course_frames[j] >= COURSE_FRAMES)
        return;
    float *sum = tail->course + (size_t)j * tail->cells;
    for (size_t i = 0; i < tail->cells; i++)
        sum[i] += (float)counts[i];
    tail->course_frames[j]++;
    tail->course_seconds[j] += seconds;
}

void fit_tail_add(struct fit_tail *tail, uint64_t time_us, double celsius, const uint16_t *counts)
{
    double seconds = (double)(time_us - tail->begin_us) * 1e-6;
    int b = tail->n_blocks - 1;
    if (b < 0 || tail->frames[b] == tail->per_block) {
        if (tail->n_blocks == FIT_BLOCKS)
            join_blocks(tail);
        b = tail->n_blocks++;
        begin_block(tail, b);
        tail->first_s[b] = seconds;
    }
    uint64_t *restrict sum = tail->sum + (size_t)b * tail->cells;
    uint64_t *restrict square = tail->square + (size_t)b * tail->cells;
    for (size_t i = 0; i < tail->cells; i++) {
        uint64_t c = counts[i];
        sum[i] += c;
        square[i] += c * c;
    }
    tail->frames[b]++;
    tail->last_s[b] = seconds;
    if (isfinite(celsius)) {
        tail->celsius[b] += celsius;
        tail->n_celsius[b]++;
    }
    if (tail->course)
        add_course(tail, seconds, counts);
    tail->last_us = time_us;
}

/* Means of the frames of blocks [from, to) into mean (cells). */
static size_t mean_of(const struct fit_tail *tail, int from, int to, float *mean)
{
    size_t frames = 0;
    for (int b = from; b < to; b++)
        frames += tail->frames[b];
    for (size_t i = 0; i < tail->cells; i++) {
        uint64_t sum = 0;
        for (int b = from; b < to; b++)
            sum += tail->sum[(size_t)b * tail->cells + i];
        mean[i] = frames ? (float)((double)sum / (double)frames) : 0;
    }
    return frames;
}

static void scatter_of(const struct fit_tail *tail, int from, struct fit_hold *hold)
{
    double n = (double)hold->frames;
    for (size_t i = 0; i < tail->cells; i++) {
        uint64_t sum = 0, square = 0;
        for (int b = from; b < tail->n_blocks; b++) {
            sum += tail->sum[(size_t)b * tail->cells + i];
            square += tail->square[(size_t)b * tail->cells + i];
        }
        double mean = (double)sum / n, about = (double)square - mean * (double)sum;
        hold->scatter[i] = n > 1 && about > 0 ? (float)sqrt(about / (n - 1)) : 0;
    }
}

/* Percent by which the cells' answer changes from the first half of the tail to the second: the
 * median over the cells that answer, so that no broken cell decides. */
static double drift_percent(const struct fit_tail *tail, int from, const float *mean, double median,
                            float *first, float *second, double *work)
{
    int middle = (from + tail->n_blocks + 1) / 2;
    size_t n = 0;
    mean_of(tail, from, middle, first);
    mean_of(tail, middle, tail->n_blocks, second);
    for (size_t i = 0; i < tail->cells; i++) {
        if ((double)mean[i] > 0.25 * median && mean[i] > 0)
            work[n++] = 100 * (double)((second[i] - first[i]) / mean[i]);
    }
    return n ? fit_median(work, n) : 0;
}

static double median_answer(const float *mean, size_t cells, double *work)
{
    size_t n = 0;
    for (size_t i = 0; i < cells; i++) {
        if (mean[i] > 0)
            work[n++] = (double)mean[i];
    }
    return n ? fit_median(work, n) : 0;
}

/* First block of the last `share` of the hold's time. */
static int first_block(const struct fit_tail *tail, double share)
{
    double begin_s = tail->first_s[0], end_s = tail->last_s[tail->n_blocks - 1];
    double from_s = end_s - share * (end_s - begin_s);
    int from = tail->n_blocks - 1;
    while (from > 0 && tail->first_s[from] > from_s)
        from--;
    return tail->first_s[from] < from_s && from + 2 < tail->n_blocks ? from + 1 : from;
}

static void take_tail(const struct fit_tail *tail, struct fit_hold *hold, float *spare,
                      double *work)
{
    static const double shares[] = {1.0 / 3, 1.0 / 6};
    int from = 0;
    for (size_t s = 0; s < 2 && !hold->settled; s++) {
        from = first_block(tail, shares[s]);
        hold->frames = mean_of(tail, from, tail->n_blocks, hold->mean);
        hold->median = median_answer(hold->mean, tail->cells, work);
        hold->drift_percent =
            drift_percent(tail, from, hold->mean, hold->median, spare, spare + tail->cells, work);
        hold->settled = hold->frames >= FIT_FRAMES_LEAST &&
                        (fabs(hold->drift_percent) <= FIT_SETTLED_PERCENT || hold->median < 10);
    }
    double celsius = 0;
    size_t n = 0;
    for (int b = from; b < tail->n_blocks; b++) {
        celsius += tail->celsius[b];
        n += tail->n_celsius[b];
    }
    if (n && isnan(hold->temperature_c))
        hold->temperature_c = celsius / (double)n;
    hold->tail_begin_s = tail->first_s[from];
    hold->tail_end_s = tail->last_s[tail->n_blocks - 1];
    scatter_of(tail, from, hold);
}

static void take_course(struct fit_tail *tail, struct fit_hold *hold)
{
    hold->course = tail->course;
    tail->course = NULL;
    for (int j = 0; j < FIT_COURSE; j++) {
        size_t frames = tail->course_frames[j];
        if (!frames)
            continue;
        float *to = hold->course + (size_t)hold->n_course * tail->cells;
        const float *from = hold->course + (size_t)j * tail->cells;
        for (size_t i = 0; i < tail->cells; i++)
            to[i] = from[i] / (float)frames;
        hold->course_s[hold->n_course++] = tail->course_seconds[j] / (double)frames;
    }
}

int fit_tail_end(struct fit_tail *tail, struct fit_hold *hold, struct problem *why)
{
    size_t n = tail->cells;
    float *spare = malloc(2 * n * sizeof *spare);
    double *work = malloc(n * sizeof *work);
    hold->mean = calloc(n, sizeof *hold->mean);
    hold->scatter = calloc(n, sizeof *hold->scatter);
    int whole = spare && work && hold->mean && hold->scatter;
    hold->begin_us = tail->begin_us;
    hold->end_us = tail->last_us;
    hold->temperature_c = hold->note.temperature_c;
    if (whole && tail->n_blocks)
        take_tail(tail, hold, spare, work);
    if (whole && tail->course)
        take_course(tail, hold);
    free(spare);
    free(work);
    if (whole)
        return 0;
    fit_hold_free(hold);
    hold->mean = hold->scatter = hold->course = NULL;
    return problem_no_memory(why, "a bench session's hold");
}
