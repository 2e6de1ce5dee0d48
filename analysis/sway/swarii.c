/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/swarii.h"

#include <math.h>

#define SKIP_S 0.1
#define HALF_WINDOW_S ((0.08 - 1e-6) * 0.5)
#define ARTEFACT_UP_MM 20.0
#define ARTEFACT_DOWN_MM 5.0

static double apart(const struct cop_series *in, size_t i, const struct cop_series *kept)
{
    size_t last = kept->n - 1;
    return fabs(in->ml_mm[i] - kept->ml_mm[last]) + fabs(in->ap_mm[i] - kept->ap_mm[last]);
}

static int is_artefact(const struct cop_series *in, size_t i, const struct cop_series *kept)
{
    if (!kept->n || apart(in, i, kept) <= ARTEFACT_UP_MM)
        return 0;
    return apart(in, i + 1, kept) < ARTEFACT_DOWN_MM ||
           (i + 2 < in->n && apart(in, i + 2, kept) < ARTEFACT_DOWN_MM);
}

static void keep_good(const struct cop_series *in, struct cop_series *kept)
{
    kept->n = 0;
    for (size_t i = 1; i + 1 < in->n; i++) {
        if (in->time_s[i] < SKIP_S || is_artefact(in, i, kept))
            continue;
        kept->time_s[kept->n] = in->time_s[i];
        kept->ml_mm[kept->n] = in->ml_mm[i];
        kept->ap_mm[kept->n] = in->ap_mm[i];
        kept->n++;
    }
}

/* The time for which sample i stands within the window [first, last] around `now`. */
static double weight(const struct cop_series *s, size_t i, size_t first, size_t last, double now)
{
    double left = i == first || i == 0 ? fmax(s->time_s[0], now - HALF_WINDOW_S)
                                       : 0.5 * (s->time_s[i] + s->time_s[i - 1]);
    double right = i == last ? fmin(s->time_s[s->n - 1], now + HALF_WINDOW_S)
                             : 0.5 * (s->time_s[i + 1] + s->time_s[i]);
    return right - left;
}

static void average(const struct cop_series *s, size_t first, size_t last, double now, double at[2])
{
    double sum = 0;
    at[0] = s->ml_mm[first];
    at[1] = s->ap_mm[first];
    if (first == last)
        return;
    at[0] = at[1] = 0;
    for (size_t i = first; i <= last; i++) {
        double w = weight(s, i, first, last, now);
        at[0] += s->ml_mm[i] * w;
        at[1] += s->ap_mm[i] * w;
        sum += w;
    }
    at[0] /= sum;
    at[1] /= sum;
}

/* Averages at now, now + step, ...; returns how many windows held no sample. */
static size_t slide(const struct cop_series *s, double rate_hz, size_t room, struct cop_series *out)
{
    size_t first = 0, empty = 0;
    out->n = 0;
    /* The times are added up as the published code does: its last window hangs on the rounding. */
    for (double now = fmax(0, s->time_s[0]); now < s->time_s[s->n - 1] && out->n < room;
         now += 1 / rate_hz) {
        while (first < s->n && now - s->time_s[first] >= HALF_WINDOW_S)
            first++;
        size_t end = first;
        while (end < s->n && s->time_s[end] - now < HALF_WINDOW_S)
            end++;
        if (end == first) {
            empty++;
            continue;
        }
        double at[2];
        average(s, first, end - 1, now, at);
        out->time_s[out->n] = now;
        out->ml_mm[out->n] = at[0];
        out->ap_mm[out->n++] = at[1];
    }
    return empty;
}

/* Lines over the empty windows. */
static int bridge(const struct cop_series *s, double rate_hz, size_t room, struct cop_series *out,
                  struct problem *why)
{
    double start = s->time_s[0], span = s->time_s[s->n - 1] - start;
    size_t n = (size_t)ceil(span * rate_hz), k = 0;
    if (n > room || cop_series_make(out, n, why))
        return n > room ? problem(why, PROBLEM_REFUSED, "too many samples after resampling") : -1;
    for (size_t i = 0; i < n; i++) {
        double now = start + (double)i / rate_hz;
        while (k + 2 < s->n && s->time_s[k + 1] < now)
            k++;
        double share = (now - s->time_s[k]) / (s->time_s[k + 1] - s->time_s[k]);
        out->time_s[i] = now;
        out->ml_mm[i] = s->ml_mm[k] + share * (s->ml_mm[k + 1] - s->ml_mm[k]);
        out->ap_mm[i] = s->ap_mm[k] + share * (s->ap_mm[k + 1] - s->ap_mm[k]);
    }
    return 0;
}

int swarii_resample(const struct cop_series *in, double rate_hz, struct cop_series *out,
                    struct problem *why)
{
    struct cop_series kept = {0}, filled;
    double windows = (in->time_s[in->n - 1] - in->time_s[0]) * rate_hz + 2;
    *out = (struct cop_series){0};
    if (!(windows < (double)COP_SERIES_MOST))
        return problem(why, PROBLEM_REFUSED, "%.0f samples after resampling are too many", windows);
    if (cop_series_make(&kept, in->n, why))
        return -1;
    keep_good(in, &kept);
    int bad = kept.n < 2 ? problem(why, PROBLEM_REFUSED,
                                   "nothing is left to resample after the first %.1f s", SKIP_S)
                         : cop_series_make(out, (size_t)windows, why);
    if (!bad && slide(&kept, rate_hz, (size_t)windows, out) && out->n >= 2) {
        bad = bridge(out, rate_hz, (size_t)windows, &filled, why);
        cop_series_free(out);
        if (!bad)
            *out = filled;
    }
    cop_series_free(&kept);
    out->rate_hz = rate_hz;
    return bad;
}
