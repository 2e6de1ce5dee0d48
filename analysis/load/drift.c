/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/load/drift.h"

#include "analysis/result.h"

#include <math.h>

/* Means of so long are fitted: shorter than sway would weigh the same push many times. */
#define CREEP_BLOCK_S 0.5
#define CREEP_MIDDLE_S 10.0

static int is_loaded(const struct result *result, size_t i)
{
    return result->frames.force_n[i] > 0 && result->frames.force_n[i] >= result->min_force_n;
}

static int is_load_step(const struct result *result, size_t i)
{
    enum step wanted = result->walked ? STEP_WALK : STEP_STAND;

    return !result->frames.step || result->frames.step[i] == wanted;
}

/* Leaves out what is within the margin of the load at either end. */
static size_t later(const struct frame_series *frames, size_t from, size_t to)
{
    size_t i = from;

    while (i < to && from > 0 && frames->time_s[i] < frames->time_s[from] + DRIFT_MARGIN_S)
        i++;
    return i;
}

static size_t earlier(const struct frame_series *frames, size_t from, size_t to)
{
    size_t i = to;

    while (i > from && to < frames->n &&
           frames->time_s[i - 1] > frames->time_s[to] - DRIFT_MARGIN_S)
        i--;
    return i;
}

struct drift_spans drift_spans(const struct result *result)
{
    const struct frame_series *frames = &result->frames;
    struct drift_spans spans = {0};
    size_t first = 0, on, off, from, to;

    while (first < frames->n && !(is_loaded(result, first) && is_load_step(result, first)))
        first++;
    if (first == frames->n)
        return spans;
    for (on = first; on > 0 && is_loaded(result, on - 1);)
        on--;
    for (off = first; off < frames->n && is_loaded(result, off);)
        off++;
    for (from = on; from > 0 && !is_loaded(result, from - 1);)
        from--;
    for (to = off; to < frames->n && !is_loaded(result, to);)
        to++;
    spans.load_from = on;
    spans.load_to = off;
    spans.before_from = later(frames, from, on);
    spans.before_to = earlier(frames, spans.before_from, on);
    spans.after_from = later(frames, off, to);
    spans.after_to = earlier(frames, spans.after_from, to);
    return spans;
}

/* Sums of a straight line's fit, y over x. */
struct line_sums {
    double n, x, y, xx, xy, yy;
};

static void add_block(struct line_sums *sums, double log_t, double force_n)
{
    sums->n++;
    sums->x += log_t;
    sums->y += force_n;
    sums->xx += log_t * log_t;
    sums->xy += log_t * force_n;
    sums->yy += force_n * force_n;
}

static void set_creep(const struct line_sums *sums, struct load_drift *drift)
{
    double dx = sums->xx - sums->x * sums->x / sums->n;
    double dxy = sums->xy - sums->x * sums->y / sums->n;
    double dy = sums->yy - sums->y * sums->y / sums->n;
    double slope = dxy / dx;
    double middle = (sums->y + slope * (sums->n * log10(CREEP_MIDDLE_S) - sums->x)) / sums->n;
    double scatter = sqrt(fmax(dy - slope * dxy, 0) / (sums->n - 2));

    drift->creep_percent_per_decade = 100 * slope / middle;
    drift->creep_error_percent = 100 * scatter / sqrt(dx) / middle;
}

void drift_creep(const struct result *result, const struct drift_spans *spans,
                 struct load_drift *drift)
{
    const struct frame_series *frames = &result->frames;
    struct line_sums sums = {0};
    double block_s = CREEP_FROM_S, force_n = 0, log_t = 0, n = 0, until_s;

    drift->creep_percent_per_decade = drift->creep_error_percent = NAN;
    drift->creep_from_s = drift->creep_to_s = NAN;
    if (result->walked || spans->load_from >= spans->load_to)
        return;
    /* Stepping off is no creep. */
    until_s = frames->time_s[spans->load_to - 1] - frames->time_s[spans->load_from];
    until_s -= spans->load_to < frames->n ? CREEP_FROM_S : 0;
    if (!(until_s >= CREEP_LEAST_S))
        return;
    for (size_t i = spans->load_from; i < spans->load_to; i++) {
        double t = frames->time_s[i] - frames->time_s[spans->load_from];

        if (t < CREEP_FROM_S || t > until_s || !is_load_step(result, i))
            continue;
        if (t >= block_s + CREEP_BLOCK_S) {
            if (n > 0)
                add_block(&sums, log_t / n, force_n / n);
            block_s += CREEP_BLOCK_S * floor((t - block_s) / CREEP_BLOCK_S);
            force_n = log_t = n = 0;
        }
        drift->creep_from_s = isnan(drift->creep_from_s) ? t : drift->creep_from_s;
        drift->creep_to_s = t;
        force_n += frames->force_n[i];
        log_t += log10(t);
        n++;
    }
    if (sums.n >= CREEP_LEAST_S && drift->creep_to_s - drift->creep_from_s >= CREEP_LEAST_S / 2)
        set_creep(&sums, drift);
}
