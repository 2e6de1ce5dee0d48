/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/sway_json.h"

#include <math.h>
#include <stdio.h>

static const char *const axis_names[SWAY_AXES] = {"ml", "ap", "rd"};

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* One key and its number. */
struct field {
    const char *key;
    double value;
};

static json_t *object(const struct field *fields, size_t n)
{
    json_t *made = json_object();
    int bad = !made;
    for (size_t i = 0; i < n && !bad; i++)
        bad = json_object_set_new(made, fields[i].key, number(fields[i].value));
    if (!bad)
        return made;
    json_decref(made);
    return NULL;
}

/* The object of {key, number} pairs. */
#define OBJECT(...)                                                                                \
    object((const struct field[]){__VA_ARGS__},                                                    \
           sizeof((const struct field[]){__VA_ARGS__}) / sizeof(struct field))

static const char too_long[] =
    "not counted of more than 200000 samples, as the time for it grows with "
    "their square; cut the trial or resample it";

static json_t *axis(const struct sway_result *r, enum sway_axis k)
{
    const struct sway_distances *d = &r->distances[k];
    json_t *made =
        OBJECT({"mean_distance_mm", d->mean_distance_mm}, {"rms_distance_mm", d->rms_distance_mm},
               {"path_mm", d->path_mm}, {"mean_velocity_mm_s", d->mean_velocity_mm_s},
               {"range_mm", d->range_mm}, {"max_distance_mm", d->max_distance_mm},
               {"mean_frequency_hz", d->mean_frequency_hz});
    if (k == SWAY_RD || !made)
        return made;
    const struct sample_entropy *e = &r->axis[k].entropy;
    json_object_set_new(made, "mean_position_mm", number(r->mean_mm[k]));
    json_object_set_new(made, "zero_crossings", json_integer(d->zero_crossings));
    json_object_set_new(made, "sample_entropy", number(e->entropy));
    if (r->n > SWAY_SQUARE_MOST)
        json_object_set_new(made, "sample_entropy_reason", json_string(too_long));
    json_object_set_new(made, "sample_entropy_a", json_integer((json_int_t)e->a));
    json_object_set_new(made, "sample_entropy_b", json_integer((json_int_t)e->b));
    json_object_set_new(made, "sample_entropy_r_mm", number(e->r_mm));
    json_object_set_new(made, "dfa_alpha", number(r->axis[k].dfa_alpha));
    return made;
}

static json_t *area(const struct sway_areas *a)
{
    return OBJECT({"circle95_mm2", a->circle95_mm2},
                  {"ellipse95_prieto_mm2", a->ellipse95_prieto_mm2},
                  {"ellipse95_f_mm2", a->ellipse95_f_mm2},
                  {"ellipse95_prediction_mm2", a->ellipse95_prediction_mm2},
                  {"ellipse95_chi2_mm2", a->ellipse95_chi2_mm2}, {"hull_mm2", a->hull_mm2},
                  {"sway_mm2_s", a->sway_mm2_s}, {"angle_deg", a->angle_deg});
}

static json_t *fractal(const struct sway_fractal *f)
{
    return OBJECT({"circle", f->circle}, {"ellipse", f->ellipse}, {"planar", f->planar},
                  {"lfs_per_mm", f->lfs_per_mm});
}

static json_t *spectrum_axis(const struct spectrum_numbers *s)
{
    return OBJECT({"power_mm2", s->power_mm2}, {"f50_hz", s->f50_hz}, {"f80_hz", s->f80_hz},
                  {"f95_hz", s->f95_hz}, {"mean_hz", s->mean_hz},
                  {"centroidal_hz", s->centroidal_hz}, {"dispersion", s->dispersion},
                  {"mode_hz", s->mode_hz});
}

static json_t *spectrum(const struct sway_result *r)
{
    json_t *made =
        json_pack("{s:[f,f]}", "band_hz", r->options.band.low_hz, r->options.band.high_hz);
    for (int kind = 0; kind < SPECTRUM_KINDS; kind++) {
        json_t *axes = json_object();
        for (int k = 0; k < SWAY_AXES; k++)
            json_object_set_new(axes, axis_names[k], spectrum_axis(&r->spectrum[kind][k]));
        json_object_set_new(made, spectrum_names[kind], axes);
    }
    return made;
}

static json_t *linear(const struct diffusion_linear *d)
{
    return OBJECT({"ds_mm2_s", d->short_mm2_s}, {"dl_mm2_s", d->long_mm2_s}, {"hs", d->short_h},
                  {"hl", d->long_h}, {"critical_time_s", d->critical_time_s},
                  {"critical_msd_mm2", d->critical_mm2}, {"break_lag_s", d->break_s});
}

static json_t *loglog(const struct diffusion_loglog *d)
{
    return OBJECT({"short_time_diffusion_mm2", d->short_time_diffusion_mm2},
                  {"long_time_diffusion_mm2", d->long_time_diffusion_mm2},
                  {"short_time_scaling", d->short_time_scaling},
                  {"long_time_scaling", d->long_time_scaling},
                  {"critical_time_s", d->critical_time_s},
                  {"critical_displacement_mm2", d->critical_displacement_mm2});
}

static json_t *diffusion(const struct sway_result *r)
{
    return json_pack("{s:{s:o, s:o, s:o}, s:{s:o, s:o}}", "linear", "ml", linear(&r->diffusion[0]),
                     "ap", linear(&r->diffusion[1]), "planar", linear(&r->diffusion[2]), "loglog",
                     "ml", loglog(&r->axis[0].loglog), "ap", loglog(&r->axis[1].loglog));
}

static json_t *velocity(const struct velocity_peaks *v)
{
    json_t *made = OBJECT({"peak_velocity_pos_mm_s", v->peak_positive_mm_s},
                          {"peak_velocity_neg_mm_s", v->peak_negative_mm_s},
                          {"peak_velocity_all_mm_s", v->peak_all_mm_s});
    json_object_set_new(made, "zero_crossing", json_integer(v->zero_crossings));
    return made;
}

static void put_part(json_t *made, const char *name, const struct rambling_part *part)
{
    json_object_set_new(
        made, name,
        OBJECT({"rms_distance_mm", part->rms_distance_mm}, {"path_mm", part->path_mm},
               {"mean_velocity_mm_s", part->mean_velocity_mm_s}, {"range_mm", part->range_mm}));
}

static json_t *rambling_axis(const struct rambling *r)
{
    json_t *made = OBJECT({"from_s", r->from_s}, {"to_s", r->to_s});
    json_object_set_new(made, "zero_force_points", json_integer(r->zero_force_points));
    put_part(made, "rambling", &r->rambling);
    put_part(made, "trembling", &r->trembling);
    return made;
}

/* Null with the reason beside it where nobody measured the horizontal forces. */
static void put_rambling(json_t *made, const struct sway_result *r)
{
    json_object_set_new(made, "rambling",
                        r->has_forces
                            ? json_pack("{s:o, s:o}", "ml", rambling_axis(&r->axis[0].rambling),
                                        "ap", rambling_axis(&r->axis[1].rambling))
                            : json_null());
    if (!r->has_forces)
        json_object_set_new(made, "rambling_reason",
                            json_string("the horizontal forces were not measured (--columns "
                                        "...,fx=COL,fy=COL)"));
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
    json_t *made = json_pack("{s:s, s:o, s:o}", "schema", "tenderfoot/sway/1", "input",
                             input(r, units), "pipeline", pipeline(r));
    for (int k = 0; k < SWAY_AXES; k++)
        json_object_set_new(made, axis_names[k], axis(r, (enum sway_axis)k));
    json_object_set_new(made, "area", area(&r->area));
    json_object_set_new(made, "fractal", fractal(&r->fractal));
    json_object_set_new(made, "spectrum", spectrum(r));
    json_object_set_new(made, "diffusion", diffusion(r));
    json_object_set_new(made, "sway_density",
                        OBJECT({"mean_peak_s", r->density.mean_peak_s},
                               {"mean_distance_peak_mm", r->density.mean_distance_peak_mm}));
    if (r->n > SWAY_SQUARE_MOST)
        json_object_set_new(made, "sway_density_reason", json_string(too_long));
    json_object_set_new(made, "velocity_peaks",
                        json_pack("{s:o, s:o}", "ml", velocity(&r->axis[0].velocity), "ap",
                                  velocity(&r->axis[1].velocity)));
    json_object_set_new(made, "phase_plane",
                        json_pack("{s:{s:o}, s:{s:o}}", "ml", "phase_plane_parameter",
                                  number(r->axis[0].phase_plane_parameter), "ap",
                                  "phase_plane_parameter",
                                  number(r->axis[1].phase_plane_parameter)));
    put_rambling(made, r);
    return made;
}
