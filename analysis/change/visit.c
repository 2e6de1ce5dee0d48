/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/change/load_change.h"

#include "analysis/change/mean_error.h"
#include "analysis/load/load.h"
#include "analysis/print/print_numbers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const struct change_facts facts[CHANGE_KEYS] = {
    [CHANGE_AREA] = {"area_cm2", "contact area", "cm2", 1},
    [CHANGE_SHARE] = {"load_percent", "share of the load", "%", 1},
    [CHANGE_PEAK] = {"peak_kpa", "peak pressure", "kPa", 1},
    [CHANGE_ARCH] = {"arch_index", "arch index", "", 3},
    [CHANGE_FORE] = {"fore_percent", "load on the front half", "%", 1},
    [CHANGE_MEDIAL] = {"medial_percent", "load on the inner half", "%", 1},
    [CHANGE_COP_ALONG] = {"cop_from_heel_mm", "distance of the centre of pressure from the heel",
                          "mm", 1},
    [CHANGE_COP_ACROSS] = {"cop_from_inner_edge_mm",
                           "distance of the centre of pressure from the inner edge", "mm", 1},
};

const struct change_facts *change_facts(enum change_key key)
{
    return &facts[key];
}

static void unknown(struct measured *m, const char *why)
{
    snprintf(m->reason, sizeof m->reason, "%.*s", (int)sizeof m->reason - 1, why);
}

static struct measured made(double value, double sem, const char *why)
{
    struct measured m = {.value = value, .sem = sem};
    if (isnan(value) || isnan(sem))
        unknown(&m, why);
    return m;
}

/* Of what the plate errs and of how the frames scatter; both are squared and added. */
static struct measured combined(double value, double plate, double scatter)
{
    return made(value, hypot(plate, scatter),
                isnan(value)   ? "it was not measured"
                : isnan(plate) ? "the calibration of a recording states no error"
                               : "nobody stood still for long enough");
}

/* The stand's frames of one number: how many. */
static size_t take_stand(const struct result *r, const struct visit_sway *sway,
                         const double *series, double *scratch)
{
    size_t n = 0;
    for (size_t i = 0; i < r->frames.n; i++)
        if (r->frames.time_s[i] >= sway->from_s && r->frames.time_s[i] <= sway->to_s &&
            isfinite(series[i]))
            scratch[n++] = series[i];
    return n;
}

/* Error of the mean over the stand. */
static double scatter(const struct result *r, const struct visit_sway *sway, const double *series,
                      double *scratch)
{
    return mean_error(scratch, take_stand(r, sway, series, scratch));
}

/* Standard deviation over the stand. */
static double spread(const struct result *r, const struct visit_sway *sway, const double *series,
                     double *scratch)
{
    struct repeats frames;
    repeats_of(scratch, take_stand(r, sway, series, scratch), &frames);
    return frames.sd;
}

/* Error in percent of reading, or NAN. */
static double stated(double percent)
{
    return percent > 0 ? percent : NAN;
}

/* Area moves with the threshold as dA / d ln(threshold), and a plate that reads p % too high is one
 * whose threshold is p % too low. */
static double area_error(const struct result *r, const struct foot_result *foot)
{
    const double *area = foot->load->sensitivity.area_cm2;
    double slope = (area[0] - area[LOAD_THRESHOLDS - 1]) / (2 * log(2));
    double cell = r->grid.pitch_x_mm * r->grid.pitch_y_mm / 100;
    return hypot(slope * stated(r->facts.pressure_error_percent) / 100, cell);
}

/* Error of a share s of two parts whose forces err each on its own: e sqrt(2) s (1 - s). */
static double share_error(const struct result *r, double percent)
{
    double s = percent / 100;
    return stated(r->facts.force_error_percent) * M_SQRT2 * s * (1 - s);
}

static int measure_arch(const struct result *r, const struct foot_result *foot, struct measured *m,
                        struct problem *why)
{
    struct print_input input = {.grid = &r->grid,
                                .picture = result_contact_picture(r),
                                .mask = foot->mask,
                                .threshold_kpa = r->threshold_kpa,
                                .frame = &foot->frame,
                                .lines = &foot->lines,
                                .walking_deg = NAN,
                                .toes_touch = foot->length_is_measured};
    struct print_numbers numbers;
    if (print_measure(&input, &numbers, why))
        return -1;
    const struct print_number *arch = &numbers.of[PRINT_ARCH_INDEX];
    *m = made(arch->value, arch->error,
              arch->reason[0] ? arch->reason : "how far it hangs on the threshold is not known");
    return 0;
}

static int measure_foot(const struct result *r, const struct foot_result *foot,
                        const struct visit_sway *sway, double *scratch, struct measured *m,
                        struct problem *why)
{
    const struct load_numbers *load = foot->load;
    const struct foot_series *s = &load->series;
    struct uv cop = foot_frame_to_uv(&foot->frame, foot->cop);
    double half_cell = (r->grid.pitch_x_mm + r->grid.pitch_y_mm) / 4;
    double along = scatter(r, sway, s->cop_y_mm, scratch);
    double across = scatter(r, sway, s->cop_x_mm, scratch);
    double area = scatter(r, sway, s->area_cm2, scratch);
    double share = 100 * scatter(r, sway, s->force_n, scratch) / r->mean_force_n;
    double pressure = stated(r->facts.pressure_error_percent) / 100;
    m[CHANGE_AREA] = combined(foot->area_cm2, area_error(r, foot), area);
    m[CHANGE_SHARE] = combined(foot->load_percent, share_error(r, foot->load_percent), share);
    m[CHANGE_PEAK] =
        combined(foot->peak_kpa, foot->peak_kpa * pressure, spread(r, sway, s->peak_kpa, scratch));
    m[CHANGE_FORE] = combined(load->fore_percent, share_error(r, load->fore_percent), 0);
    m[CHANGE_MEDIAL] = combined(load->medial_percent, share_error(r, load->medial_percent), 0);
    m[CHANGE_COP_ALONG] = combined(cop.u * foot->frame.length_mm, half_cell, along);
    m[CHANGE_COP_ACROSS] =
        combined(cop.v * foot_frame_width_mm(&foot->frame, cop.u), half_cell, across);
    return measure_arch(r, foot, &m[CHANGE_ARCH], why);
}

/* A foot that is not there has no number, not 0: an SD over visits must not take one for it. */
static void miss_foot(struct measured *m)
{
    for (int key = 0; key < CHANGE_KEYS; key++)
        m[key] = made(NAN, NAN, "this foot was not found");
}

static void measure_sway(const struct visit_sway *sway, struct measured *m)
{
    for (int k = 0; k < SWAY_HEADLINES; k++) {
        m[k] = sway->known ? made(sway_headline(&sway->result, (enum sway_headline)k),
                                  sway->error.of[k].se, "nothing moved")
                           : made(NAN, NAN, sway->reason);
    }
}

static const struct foot_result *foot_of(const struct result *r, enum side side)
{
    for (int k = 0; k < r->n_feet; k++)
        if (r->feet[k].side == side && r->feet[k].has_load && r->feet[k].load)
            return &r->feet[k];
    return NULL;
}

int visit_measure(const struct result *result, const struct visit_sway *sway, struct visit *out,
                  struct problem *why)
{
    double *scratch = calloc(result->frames.n + 1, sizeof *scratch);
    int bad = 0;
    *out = (struct visit){.force_n = result->mean_force_n};
    snprintf(out->client, sizeof out->client, "%.60s",
             result->facts.client ? result->facts.client : "");
    snprintf(out->protocol, sizeof out->protocol, "%s",
             result->facts.protocol ? result->facts.protocol : "");
    if (!scratch)
        return problem_no_memory(why, "a comparison");
    for (int k = 0; k < 2 && !bad; k++) {
        const struct foot_result *foot = foot_of(result, k ? SIDE_RIGHT : SIDE_LEFT);
        out->has_foot[k] = foot != NULL;
        out->foot_length_mm[k] = foot && foot->length_is_measured ? foot->length_mm : NAN;
        if (!foot)
            miss_foot(out->foot[k]);
        bad = foot && measure_foot(result, foot, sway, scratch, out->foot[k], why);
    }
    measure_sway(sway, out->sway);
    free(scratch);
    return bad;
}
