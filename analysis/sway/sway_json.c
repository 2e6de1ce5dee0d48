/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/sway_json.h"

#include "analysis/json_writer.h"

#include <stdio.h>

static const char *const axis_names[SWAY_AXES] = {"ml", "ap", "rd"};

/* One key and its number. */
struct field {
    const char *key;
    double value;
};

static json_t *object(struct json_writer *w, const char *reason, const struct field *fields,
                      size_t n)
{
    json_t *made = json_object();
    for (size_t i = 0; i < n; i++)
        put_number(w, made, fields[i].key, fields[i].value, reason);
    return made;
}

/* The object of {key, number} pairs; `reason` stands beside each that is null. */
#define OBJECT(w, reason, ...)                                                                     \
    object(w, reason, (const struct field[]){__VA_ARGS__},                                         \
           sizeof((const struct field[]){__VA_ARGS__}) / sizeof(struct field))

static const char too_long[] =
    "not counted of more than 200000 samples, as the time for it grows with "
    "their square; cut the trial or resample it";
static const char too_still[] = "nothing moves along this axis";
static const char too_little[] = "the trial is too short for it, or too still";
static const char no_plane[] = "the path does not spread over a plane";
static const char no_band[] = "no power in the band";
static const char no_peak[] = "the trial has no peak, or too few of them";

static json_t *axis(struct json_writer *w, const struct sway_result *r, enum sway_axis k)
{
    const struct sway_distances *d = &r->distances[k];
    json_t *made = OBJECT(w, too_still, {"mean_distance_mm", d->mean_distance_mm},
                          {"rms_distance_mm", d->rms_distance_mm}, {"path_mm", d->path_mm},
                          {"mean_velocity_mm_s", d->mean_velocity_mm_s}, {"range_mm", d->range_mm},
                          {"max_distance_mm", d->max_distance_mm},
                          {"mean_frequency_hz", d->mean_frequency_hz});
    if (k == SWAY_RD)
        return made;
    const struct sample_entropy *e = &r->axis[k].entropy;
    put_number(w, made, "mean_position_mm", r->mean_mm[k], "");
    put(w, made, "zero_crossings", json_integer(d->zero_crossings));
    put_number(w, made, "sample_entropy", e->entropy,
               r->n > SWAY_SQUARE_MOST ? too_long : "no three samples in a row come back");
    put_count(w, made, "sample_entropy_a", e->a);
    put_count(w, made, "sample_entropy_b", e->b);
    put_number(w, made, "sample_entropy_r_mm", e->r_mm, too_long);
    put_number(w, made, "dfa_alpha", r->axis[k].dfa_alpha, too_little);
    return made;
}

static json_t *area(struct json_writer *w, const struct sway_areas *a)
{
    return OBJECT(w, no_plane, {"circle95_mm2", a->circle95_mm2},
                  {"ellipse95_prieto_mm2", a->ellipse95_prieto_mm2},
                  {"ellipse95_f_mm2", a->ellipse95_f_mm2},
                  {"ellipse95_prediction_mm2", a->ellipse95_prediction_mm2},
                  {"ellipse95_chi2_mm2", a->ellipse95_chi2_mm2}, {"hull_mm2", a->hull_mm2},
                  {"sway_mm2_s", a->sway_mm2_s}, {"angle_deg", a->angle_deg});
}

static json_t *fractal(struct json_writer *w, const struct sway_fractal *f)
{
    return OBJECT(w, no_plane, {"circle", f->circle}, {"ellipse", f->ellipse},
                  {"planar", f->planar}, {"lfs_per_mm", f->lfs_per_mm});
}

static json_t *spectrum_axis(struct json_writer *w, const struct spectrum_numbers *s,
                             const char *reason)
{
    return OBJECT(w, reason, {"power_mm2", s->power_mm2}, {"f50_hz", s->f50_hz},
                  {"f80_hz", s->f80_hz}, {"f95_hz", s->f95_hz}, {"mean_hz", s->mean_hz},
                  {"centroidal_hz", s->centroidal_hz}, {"dispersion", s->dispersion},
                  {"mode_hz", s->mode_hz});
}

static json_t *spectrum(struct json_writer *w, const struct sway_result *r)
{
    json_t *made =
        json_pack("{s:[f,f]}", "band_hz", r->options.band.low_hz, r->options.band.high_hz);
    int is_short = (double)r->n < SPECTRUM_SEGMENT_S * r->rate_hz;
    for (int kind = 0; kind < SPECTRUM_KINDS; kind++) {
        const char *reason = kind == SPECTRUM_WELCH10 && is_short
                                 ? "the trial is shorter than one segment of 10 s"
                                 : no_band;
        json_t *axes = json_object();
        for (int k = 0; k < SWAY_AXES; k++)
            put(w, axes, axis_names[k], spectrum_axis(w, &r->spectrum[kind][k], reason));
        put(w, made, spectrum_names[kind], axes);
    }
    return made;
}

static json_t *linear(struct json_writer *w, const struct diffusion_linear *d)
{
    return OBJECT(w, too_little, {"ds_mm2_s", d->short_mm2_s}, {"dl_mm2_s", d->long_mm2_s},
                  {"hs", d->short_h}, {"hl", d->long_h}, {"critical_time_s", d->critical_time_s},
                  {"critical_msd_mm2", d->critical_mm2}, {"break_lag_s", d->break_s});
}

static json_t *loglog(struct json_writer *w, const struct diffusion_loglog *d)
{
    return OBJECT(w, too_little, {"short_time_diffusion_mm2", d->short_time_diffusion_mm2},
                  {"long_time_diffusion_mm2", d->long_time_diffusion_mm2},
                  {"short_time_scaling", d->short_time_scaling},
                  {"long_time_scaling", d->long_time_scaling},
                  {"critical_time_s", d->critical_time_s},
                  {"critical_displacement_mm2", d->critical_displacement_mm2});
}

static json_t *diffusion(struct json_writer *w, const struct sway_result *r)
{
    return json_pack("{s:{s:o, s:o, s:o}, s:{s:o, s:o}}", "linear", "ml",
                     linear(w, &r->diffusion[0]), "ap", linear(w, &r->diffusion[1]), "planar",
                     linear(w, &r->diffusion[2]), "loglog", "ml", loglog(w, &r->axis[0].loglog),
                     "ap", loglog(w, &r->axis[1].loglog));
}

static json_t *density(struct json_writer *w, const struct sway_result *r)
{
    return OBJECT(w, r->n > SWAY_SQUARE_MOST ? too_long : no_peak,
                  {"mean_peak_s", r->density.mean_peak_s},
                  {"mean_distance_peak_mm", r->density.mean_distance_peak_mm});
}

static json_t *velocity(struct json_writer *w, const struct velocity_peaks *v)
{
    json_t *made = OBJECT(w, no_peak, {"peak_velocity_pos_mm_s", v->peak_positive_mm_s},
                          {"peak_velocity_neg_mm_s", v->peak_negative_mm_s},
                          {"peak_velocity_all_mm_s", v->peak_all_mm_s});
    put(w, made, "zero_crossing", json_integer(v->zero_crossings));
    return made;
}

static json_t *phase_plane_json(struct json_writer *w, const struct sway_result *r)
{
    return json_pack(
        "{s:o, s:o}", "ml",
        OBJECT(w, too_still, {"phase_plane_parameter", r->axis[0].phase_plane_parameter}), "ap",
        OBJECT(w, too_still, {"phase_plane_parameter", r->axis[1].phase_plane_parameter}));
}

static json_t *rambling_part_json(struct json_writer *w, const struct rambling_part *part)
{
    return OBJECT(w, "fewer than 5 points without horizontal force",
                  {"rms_distance_mm", part->rms_distance_mm}, {"path_mm", part->path_mm},
                  {"mean_velocity_mm_s", part->mean_velocity_mm_s}, {"range_mm", part->range_mm});
}

static json_t *rambling_axis(struct json_writer *w, const struct rambling *r)
{
    json_t *made = OBJECT(w, "fewer than 5 points without horizontal force", {"from_s", r->from_s},
                          {"to_s", r->to_s});
    put(w, made, "zero_force_points", json_integer(r->zero_force_points));
    put(w, made, "rambling", rambling_part_json(w, &r->rambling));
    put(w, made, "trembling", rambling_part_json(w, &r->trembling));
    return made;
}

/* Null with the reason beside it where nobody measured the horizontal forces. */
static void put_rambling(struct json_writer *w, json_t *made, const struct sway_result *r)
{
    if (r->has_forces) {
        put(w, made, "rambling",
            json_pack("{s:o, s:o}", "ml", rambling_axis(w, &r->axis[0].rambling), "ap",
                      rambling_axis(w, &r->axis[1].rambling)));
        return;
    }
    put_text_or(w, made, "rambling", NULL,
                "the horizontal forces were not measured (--columns ...,fx=COL,fy=COL)");
}

void sway_filter_name(const struct sway_pipeline *pipeline, char name[40])
{
    if (pipeline->order)
        snprintf(name, 40, "butter:%d:%g", pipeline->order, pipeline->cut_hz);
    else
        snprintf(name, 40, "none");
}

static json_t *pipeline(const struct sway_result *r)
{
    const struct sway_pipeline *p = &r->options.pipeline;
    char filter[40];
    sway_filter_name(p, filter);
    return json_pack("{s:s, s:s, s:o, s:i, s:I, s:f}", "name", p->name, "filter", filter,
                     "resample_hz", p->resample_hz > 0 ? json_real(p->resample_hz) : json_null(),
                     "padding", sway_pipeline_padding(p), "n", (json_int_t)r->n, "rate_hz",
                     r->rate_hz);
}

static json_t *input(const struct sway_result *r, const char *units)
{
    return json_pack("{s:I, s:o, s:f, s:s}", "n", (json_int_t)r->input_n, "rate_hz",
                     r->input_rate_hz > 0 ? json_real(r->input_rate_hz) : json_null(), "duration_s",
                     r->input_duration_s, "units", units);
}

json_t *sway_json(const struct sway_result *r, const char *units)
{
    struct json_writer w = {0};
    json_t *made = json_pack("{s:s, s:o, s:o}", "schema", "tenderfoot/sway/1", "input",
                             input(r, units), "pipeline", pipeline(r));
    for (int k = 0; k < SWAY_AXES; k++)
        put(&w, made, axis_names[k], axis(&w, r, (enum sway_axis)k));
    put(&w, made, "area", area(&w, &r->area));
    put(&w, made, "fractal", fractal(&w, &r->fractal));
    put(&w, made, "spectrum", spectrum(&w, r));
    put(&w, made, "diffusion", diffusion(&w, r));
    put(&w, made, "sway_density", density(&w, r));
    put(&w, made, "velocity_peaks",
        json_pack("{s:o, s:o}", "ml", velocity(&w, &r->axis[0].velocity), "ap",
                  velocity(&w, &r->axis[1].velocity)));
    put(&w, made, "phase_plane", phase_plane_json(&w, r));
    put_rambling(&w, made, r);
    return json_whole(&w, made);
}
