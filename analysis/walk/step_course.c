/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A step over time: the force curve with its peaks, loading rate, areas, and the COP's velocity. */
#include "analysis/load/load.h"
#include "analysis/walk/walk_private.h"

#include <math.h>
#include <stdio.h>

#define DIP_SHARE 0.98 /* a valley less deep than this is none */

struct point sample_cop(const struct contact_sample *sample)
{
    if (!(sample->force_n > 0))
        return (struct point){NAN, NAN};
    return (struct point){sample->x_sum / sample->force_n, sample->y_sum / sample->force_n};
}

/* Trapezoid from the first frame to the last; the contact's ends carry nothing beyond. */
static double integral(const struct walk_step *step, size_t offset)
{
    double sum = 0;

    for (size_t i = 1; i < step->n_samples; i++) {
        const struct contact_sample *a = &step->samples[i - 1], *b = &step->samples[i];
        double before = *(const double *)((const char *)a + offset);
        double after = *(const double *)((const char *)b + offset);

        sum += (before + after) / 2 * (b->time_s - a->time_s);
    }
    return sum;
}

/* Largest slope of force over the window, N/s. */
static double loading_rate(const struct walk_step *step, double rate_hz)
{
    size_t window = (size_t)fmax(1, round(LOAD_RATE_WINDOW_S * rate_hz));
    double most = NAN;

    for (size_t i = window; i < step->n_samples; i++) {
        const struct contact_sample *a = &step->samples[i - window], *b = &step->samples[i];
        double slope = (b->force_n - a->force_n) / (b->time_s - a->time_s);

        if (b->time_s > a->time_s && !(slope <= most))
            most = slope;
    }
    return most;
}

static size_t highest(const struct walk_step *step, size_t from, size_t to)
{
    size_t best = from;

    for (size_t i = from; i < to; i++)
        if (step->samples[i].force_n > step->samples[best].force_n)
            best = i;
    return best;
}

/* The two peaks of walking: the largest force of each half of the stance, where a valley lies
 * between them. */
static void force_peaks(struct walk_step *step)
{
    double half = step->start_s + step->stance_s / 2;
    size_t middle = 0, first, second, valley;
    const struct contact_sample *s = step->samples;

    while (middle < step->n_samples && s[middle].time_s < half)
        middle++;
    step->first_peak_n = step->first_peak_s = step->valley_n = step->valley_s =
        step->second_peak_n = step->second_peak_s = NAN;
    if (middle < 2 || step->n_samples - middle < 2) {
        snprintf(step->peaks_reason, sizeof step->peaks_reason, "too few frames");
        return;
    }
    first = highest(step, 0, middle);
    second = highest(step, middle, step->n_samples);
    valley = first;
    for (size_t i = first; i <= second; i++)
        if (s[i].force_n < s[valley].force_n)
            valley = i;
    if (s[valley].force_n > DIP_SHARE * fmin(s[first].force_n, s[second].force_n)) {
        snprintf(step->peaks_reason, sizeof step->peaks_reason,
                 "the force has one peak: there is no valley between two");
        return;
    }
    step->first_peak_n = s[first].force_n;
    step->first_peak_s = s[first].time_s - step->start_s;
    step->valley_n = s[valley].force_n;
    step->valley_s = s[valley].time_s - step->start_s;
    step->second_peak_n = s[second].force_n;
    step->second_peak_s = s[second].time_s - step->start_s;
}

void step_course(const struct walk_input *input, struct walk_step *step)
{
    const struct contact_sample *s = step->samples;
    size_t cells = (size_t)step->picture.rows * (size_t)step->picture.cols;

    step->start_s = s[0].time_s;
    step->end_s = s[step->n_samples - 1].time_s + 1 / input->rate_hz;
    step->stance_s = step->end_s - step->start_s;
    for (size_t i = 0; i < step->n_samples; i++) {
        step->max_force_n = fmax(step->max_force_n, s[i].force_n);
        step->mean_force_n += s[i].force_n / (double)step->n_samples;
        step->max_area_cm2 = fmax(step->max_area_cm2, s[i].area_cm2);
        step->peak_kpa = fmax(step->peak_kpa, s[i].peak_kpa);
        step->pti_peak_kpa_s += s[i].peak_kpa / input->rate_hz;
    }
    for (size_t i = 0; i < cells; i++)
        step->print_area_cm2 += step->picture.maximum[i] > 0 ? grid_cell_cm2(&input->grid) : 0;
    step->impulse_n_s = integral(step, offsetof(struct contact_sample, force_n));
    step->loading_rate_n_s = loading_rate(step, input->rate_hz);
    force_peaks(step);
}

/* --- The COP's velocity ----------------------------------------------------------------------- */

struct way {
    double ml, ap, all, seconds;
};

/* The COP's way between two moments, over frames that both carry the minimum force. */
static struct way way_between(const struct walk_input *input, const struct walk_step *step,
                              double from_s, double to_s)
{
    double angle = step->frame.angle_deg * M_PI / 180;
    struct way way = {0};

    for (size_t i = 1; i < step->n_samples; i++) {
        const struct contact_sample *a = &step->samples[i - 1], *b = &step->samples[i];
        struct point p = sample_cop(a), q = sample_cop(b);
        double dx = q.x_mm - p.x_mm, dy = q.y_mm - p.y_mm, middle = (a->time_s + b->time_s) / 2;

        if (middle < from_s || middle >= to_s || a->force_n < input->min_force_n ||
            b->force_n < input->min_force_n || b->frame != a->frame + 1)
            continue;
        way.ml += fabs(dx * cos(angle) - dy * sin(angle));
        way.ap += fabs(dx * sin(angle) + dy * cos(angle));
        way.all += hypot(dx, dy);
        way.seconds += b->time_s - a->time_s;
    }
    return way;
}

static struct step_velocity velocity_of(const struct way *way)
{
    if (!(way->seconds > 0))
        return (struct step_velocity){NAN, NAN, NAN};
    return (struct step_velocity){way->ml / way->seconds, way->ap / way->seconds,
                                  way->all / way->seconds};
}

void step_velocities(const struct walk_input *input, struct walk_step *step)
{
    struct way all = way_between(input, step, -INFINITY, INFINITY);
    const struct step_velocity none = {NAN, NAN, NAN};

    step->cop_path_mm = all.seconds > 0 ? all.all : NAN;
    step->velocity = velocity_of(&all);
    if (!step->has_frame)
        step->velocity.ml_mm_s = step->velocity.ap_mm_s = NAN;
    for (int i = 0; i < PHASES; i++) {
        struct way way = way_between(input, step, step->at_s[i], step->at_s[i + 1]);

        step->phase_velocity[i] =
            isnan(step->at_s[i]) || isnan(step->at_s[i + 1]) ? none : velocity_of(&way);
    }
}
