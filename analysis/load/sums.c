/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/load/sums.h"

#include <math.h>
#include <stdint.h>

/* A longer pause than this many frame periods is a gap, as in the analyzer. */
#define GAP_PERIODS 10
/* Device times are whole microseconds. */
#define CLOCK_STEP_S 1.01e-6

struct load_summary load_summary_unknown(void)
{
    return (struct load_summary){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN,
                                 NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
}

void sums_begin(struct sums *sums)
{
    *sums = (struct sums){0};
    sums->so_far.force_max_s = sums->so_far.peak_s = NAN;
    sums->so_far.loading_rate_n_s = sums->so_far.loading_rate_at_s = NAN;
}

static void add_rate(struct load_summary *s, const struct sums_frame *frame, double slope_n_s)
{
    if (slope_n_s <= s->loading_rate_n_s) /* false while it is NAN */
        return;
    s->loading_rate_n_s = slope_n_s;
    s->loading_rate_at_s = frame->time_s;
}

void sums_add(struct sums *sums, const struct sums_frame *frame, const struct sums_row *row,
              double earlier_force_n)
{
    struct load_summary *s = &sums->so_far;

    if (frame->is_loaded) {
        sums->loaded_force_n += row->force_n;
        sums->loaded_area_cm2 += row->area_cm2;
        sums->loaded++;
    }
    if (row->force_n > s->force_max_n) {
        s->force_max_n = row->force_n;
        s->force_max_s = frame->time_s;
    }
    if (row->peak_kpa > s->peak_kpa) {
        s->peak_kpa = row->peak_kpa;
        s->peak_s = frame->time_s;
    }
    if (row->area_cm2 > s->area_max_cm2)
        s->area_max_cm2 = row->area_cm2;
    s->pti_peak_kpa_s += row->peak_kpa * frame->dt_s;
    s->contact_s += row->area_cm2 > 0 ? frame->dt_s : 0;
    if (frame->follows)
        s->fti_n_s += 0.5 * (sums->last_force_n + row->force_n) * frame->dt_s;
    if (frame->rate_over_s > 0)
        add_rate(s, frame, (row->force_n - earlier_force_n) / frame->rate_over_s);
    sums->last_force_n = row->force_n;
}

struct load_summary sums_finish(const struct sums *sums, double area_ever_cm2, double body_weight_n)
{
    struct load_summary s = sums->so_far;
    double n = (double)sums->loaded;

    s.force_mean_n = n > 0 ? sums->loaded_force_n / n : NAN;
    s.area_mean_cm2 = n > 0 ? sums->loaded_area_cm2 / n : NAN;
    /* N / cm2 = 10 kPa */
    s.mean_kpa =
        sums->loaded_area_cm2 > 0 ? 10 * sums->loaded_force_n / sums->loaded_area_cm2 : NAN;
    s.weight_percent = body_weight_n > 0 ? 100 * s.force_mean_n / body_weight_n : NAN;
    s.area_ever_cm2 = area_ever_cm2;
    s.region_peak_kpa = area_ever_cm2 > 0 ? 10 * s.force_max_n / area_ever_cm2 : NAN;
    s.pti_region_kpa_s = area_ever_cm2 > 0 ? 10 * s.fti_n_s / area_ever_cm2 : NAN;
    return s;
}

double sums_dt_s(const double *time_s, size_t i, double rate_hz, int *is_after_gap)
{
    double period_s = 1 / rate_hz, since_s = i > 0 ? time_s[i] - time_s[i - 1] : period_s;

    *is_after_gap = since_s > GAP_PERIODS * period_s;
    if (*is_after_gap || fabs(since_s - period_s) <= CLOCK_STEP_S)
        return period_s;
    return since_s;
}

size_t sums_rate_from(const double *time_s, size_t i, double rate_hz, size_t *from)
{
    double until_s = time_s[i] - LOAD_RATE_WINDOW_S + 1e-9;
    double most_s = 2 * (LOAD_RATE_WINDOW_S + 1 / rate_hz);

    while (*from + 1 < i && time_s[*from + 1] <= until_s)
        ++*from;
    if (*from >= i || time_s[*from] > until_s || time_s[i] - time_s[*from] > most_s)
        return SIZE_MAX;
    return *from;
}
