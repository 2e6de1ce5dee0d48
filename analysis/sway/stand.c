/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/stand.h"

#include "firmware/wire/problem_code.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define STEADY_SHARE 0.2
#define HEAVY_SHARE 0.98 /* of all frames: what lies above is a jump or a stamp */
#define LEAST_S 2.0
#define ODD_SHARE 0.25 /* of a period: frames further from their place come at odd times */

/* A run of frames, first and last of them. */
struct stretch {
    size_t first, last;
    int any;
};

static int is_loaded(const struct stand_frames *f, size_t i)
{
    return f->force_n[i] >= f->min_force_n && isfinite(f->x_mm[i]) && isfinite(f->y_mm[i]);
}

/* NAN when nobody ever stood there. `sorted` holds n. */
static double body_weight(const struct stand_frames *f, double *sorted)
{
    size_t many = 0, light = 0;
    for (size_t i = 0; i < f->n; i++)
        if (is_loaded(f, i))
            sorted[many++] = f->force_n[i];
    if (!many)
        return NAN;
    gsl_sort(sorted, 1, many);
    double half = sorted[(size_t)(HEAVY_SHARE * (double)(many - 1))] / 2;
    while (sorted[light] < half)
        light++;
    return sorted[light + (many - light) / 2];
}

static double span_s(const struct stand_frames *f, struct stretch s)
{
    return s.any ? f->time_s[s.last] - f->time_s[s.first] : -1;
}

/* The longest run of steady frames no further apart than can be bridged. */
static struct stretch longest(const struct stand_frames *f, double weight_n)
{
    struct stretch best = {0}, now = {0};
    for (size_t i = 0; i < f->n; i++) {
        if (!is_loaded(f, i))
            continue;
        int steady = fabs(f->force_n[i] - weight_n) <= STEADY_SHARE * weight_n;
        double pause = now.any ? f->time_s[i] - f->time_s[now.last] : 0;
        if (!steady || pause > STAND_BRIDGE_S + 1 / f->rate_hz)
            now.any = 0;
        if (!steady)
            continue;
        now = now.any ? (struct stretch){now.first, i, 1} : (struct stretch){i, i, 1};
        if (span_s(f, now) > span_s(f, best))
            best = now;
    }
    return best;
}

/* Cuts stepping on and off, which is there when the recording goes on beyond the stretch. */
static void cut_steps(const struct stand_frames *f, struct stretch s, struct stand *out)
{
    double margin = STAND_BRIDGE_S + 1 / f->rate_hz;
    out->from_s = f->time_s[s.first];
    out->to_s = f->time_s[s.last];
    if (out->from_s - f->time_s[0] > margin)
        out->from_s += STAND_SETTLE_S;
    if (f->time_s[f->n - 1] - out->to_s > margin)
        out->to_s -= STAND_SETTLE_S;
}

/* What was cut for stepping on and off is told too: else 3 s would be less than 2 s. */
static int too_short(const struct stand_frames *f, struct stretch s, const struct stand *out,
                     struct problem *why)
{
    double steady = fmax(0, span_s(f, s)), cut = s.any ? steady - (out->to_s - out->from_s) : 0;
    char steps[80] = "";
    if (cut > 0)
        snprintf(steps, sizeof steps, ", %.1f s of it are left out as stepping on and off", cut);
    return problem_coded(
        why, PROBLEM_CODE_NOT_STILL, PROBLEM_REFUSED,
        "nobody stood still for %g s in this recording: the longest stretch of steady "
        "force lasts %.1f s%s; say which part to take by --from and --to",
        LEAST_S, steady, steps);
}

static int find_quiet(const struct stand_frames *frames, struct stand *out, struct problem *why)
{
    double *sorted = calloc(frames->n + 1, sizeof *sorted);
    if (!sorted)
        return problem_no_memory(why, "the search for a quiet stand");
    struct stretch s = longest(frames, body_weight(frames, sorted));
    free(sorted);
    if (s.any)
        cut_steps(frames, s, out);
    return !s.any || out->to_s - out->from_s < LEAST_S ? too_short(frames, s, out, why) : 0;
}

int stand_find(const struct stand_frames *frames, double from_s, double to_s, struct stand *out,
               struct problem *why)
{
    *out = (struct stand){.stated = isfinite(from_s) || isfinite(to_s)};
    if (frames->n < 2)
        return problem_coded(why, PROBLEM_CODE_NOT_STILL, PROBLEM_REFUSED,
                             "there are no frames in this recording");
    if (out->stated) {
        out->from_s = isfinite(from_s) ? from_s : frames->time_s[0];
        out->to_s = isfinite(to_s) ? to_s : frames->time_s[frames->n - 1];
    } else if (find_quiet(frames, out, why)) {
        return -1;
    }
    return 0;
}

/* --- The path of a stand ------------------------------------------------------------------- */

static double median_step(const struct cop_series *s, double *scratch)
{
    for (size_t i = 1; i < s->n; i++)
        scratch[i - 1] = s->time_s[i] - s->time_s[i - 1];
    gsl_sort(scratch, 1, s->n - 1);
    return scratch[(s->n - 1) / 2];
}

/* How many samples there would be without a loss; 0 where a frame is off its place. */
static size_t whole_count(const struct cop_series *s, double period)
{
    size_t n = 1;
    for (size_t i = 1; i < s->n; i++) {
        double steps = (s->time_s[i] - s->time_s[i - 1]) / period, whole = fmax(1, round(steps));
        if (!(fabs(steps - whole) <= ODD_SHARE) || whole > (double)COP_SERIES_MOST)
            return 0;
        n += (size_t)whole;
    }
    return n;
}

static void lay_lines(const struct cop_series *in, double period, struct cop_series *out)
{
    size_t at = 0;
    out->ml_mm[0] = in->ml_mm[0];
    out->ap_mm[0] = in->ap_mm[0];
    for (size_t i = 1; i < in->n; i++) {
        double steps = fmax(1, round((in->time_s[i] - in->time_s[i - 1]) / period));
        for (double k = 1; k <= steps; k++) {
            at++;
            out->ml_mm[at] = in->ml_mm[i - 1] + k / steps * (in->ml_mm[i] - in->ml_mm[i - 1]);
            out->ap_mm[at] = in->ap_mm[i - 1] + k / steps * (in->ap_mm[i] - in->ap_mm[i - 1]);
        }
    }
}

/* Replaces the path by one without holes; leaves it where its times are odd. */
static int bridge(struct cop_series *path, size_t *bridged, struct problem *why)
{
    struct cop_series whole;
    double *scratch = calloc(path->n, sizeof *scratch);
    if (!scratch)
        return problem_no_memory(why, "a path without holes");
    double period = median_step(path, scratch);
    size_t n = whole_count(path, period);
    free(scratch);
    *bridged = 0;
    if (!n)
        return 0;
    if (cop_series_make(&whole, n, why))
        return -1;
    lay_lines(path, period, &whole);
    whole.rate_hz = (double)(n - 1) / path->time_s[path->n - 1];
    if (fabs(whole.rate_hz - round(whole.rate_hz)) < 1e-4 * whole.rate_hz)
        whole.rate_hz = round(whole.rate_hz); /* a clock of whole microseconds */
    for (size_t i = 0; i < n; i++)
        whole.time_s[i] = (double)i / whole.rate_hz;
    *bridged = n - path->n;
    cop_series_free(path);
    *path = whole;
    return 0;
}

static int is_inside(const struct stand_frames *f, const struct stand *stand, size_t i)
{
    return f->time_s[i] >= stand->from_s - 1e-9 && f->time_s[i] <= stand->to_s + 1e-9 &&
           is_loaded(f, i);
}

/* Frames of the stand that are loaded, in the order of time. */
static size_t pick(const struct stand_frames *f, const struct stand *stand, struct cop_series *out)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++) {
        if (!is_inside(f, stand, i))
            continue;
        if (out) {
            out->time_s[n] = f->time_s[i];
            out->ml_mm[n] = f->x_mm[i];
            out->ap_mm[n] = f->y_mm[i];
        }
        n++;
    }
    return n;
}

/* -1 where force was away for longer than can be bridged. */
static int check_holes(const struct stand_frames *f, const struct cop_series *path,
                       struct problem *why)
{
    for (size_t i = 1; i < path->n; i++)
        if (path->time_s[i] - path->time_s[i - 1] > STAND_BRIDGE_S + 1 / f->rate_hz)
            return problem_coded(
                why, PROBLEM_CODE_NOT_STILL, PROBLEM_REFUSED,
                "there is no force of %g N or more from %.2f s to %.2f s (or its frames "
                "were lost); take a part without that by --from and --to",
                f->min_force_n, path->time_s[i - 1], path->time_s[i]);
    return 0;
}

int stand_path(const struct stand_frames *frames, const struct stand *stand, struct cop_series *out,
               size_t *bridged, struct problem *why)
{
    size_t n = pick(frames, stand, NULL);
    *bridged = 0;
    *out = (struct cop_series){0};
    if (n < COP_SERIES_LEAST)
        return problem_coded(
            why, PROBLEM_CODE_NOT_STILL, PROBLEM_REFUSED,
            "from %.2f s to %.2f s only %zu frames bear %g N or more; sway needs at "
            "least %d",
            stand->from_s, stand->to_s, n, frames->min_force_n, COP_SERIES_LEAST);
    if (cop_series_make(out, n, why))
        return -1;
    pick(frames, stand, out);
    int bad = check_holes(frames, out, why);
    if (!bad) {
        cop_series_find_rate(out, 1e-6);
        bad = out->rate_hz > 0 ? 0 : bridge(out, bridged, why);
    }
    if (bad)
        cop_series_free(out);
    return bad;
}

/* --- Shifts --------------------------------------------------------------------------------- */

static void add_shift(struct stand *stand, struct stand_shift shift)
{
    int at = stand->n_shifts;
    for (int k = 0; k < stand->n_shifts; k++)
        if (fabs(stand->shifts[k].time_s - shift.time_s) < STAND_SETTLE_S)
            return;
    if (at == STAND_SHIFTS_MOST)
        return;
    for (; at > 0 && stand->shifts[at - 1].time_s > shift.time_s; at--)
        stand->shifts[at] = stand->shifts[at - 1];
    stand->shifts[at] = shift;
    stand->n_shifts++;
}

int stand_mark_shifts(const struct stand_frames *frames, struct stand *stand, struct problem *why)
{
    struct stand_shift found[STAND_SHIFTS_MOST];
    struct cop_series path;
    size_t bridged, first = 0;
    if (stand_path(frames, stand, &path, &bridged, why))
        return -1;
    while (!is_inside(frames, stand, first))
        first++;
    int n = stand_shifts(&path, found, STAND_SHIFTS_MOST, why);
    cop_series_free(&path);
    for (int k = 0; k < n; k++) {
        found[k].time_s += frames->time_s[first];
        add_shift(stand, found[k]);
    }
    return n < 0 ? -1 : 0;
}

void stand_cut_at_shifts(struct stand *stand)
{
    double from = stand->from_s, best_from = from, best_to = from;
    for (int k = 0; k <= stand->n_shifts; k++) {
        double to = k < stand->n_shifts ? stand->shifts[k].time_s - STAND_SETTLE_S : stand->to_s;
        if (to - from > best_to - best_from) {
            best_from = from;
            best_to = to;
        }
        if (k < stand->n_shifts)
            from = stand->shifts[k].time_s + STAND_SETTLE_S;
    }
    stand->from_s = best_from;
    stand->to_s = best_to;
}
