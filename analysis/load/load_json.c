/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/load/load_json.h"

#include "analysis/load/symmetry.h"
#include "analysis/foot/regions.h"

#include <math.h>
#include <stdio.h>

static const char no_contact[] = "nothing of it was ever in contact";
static const char too_short[] = "the load lasts no longer than the window of the rate";
static const char never_read[] = "the frames were not read a second time";

static void put_times(struct json_writer *w, json_t *object, const struct load_summary *s,
                      const char *missing)
{
    const char *untouched = missing ? missing : no_contact;

    put_number(w, object, "force_max_s", s->force_max_s, untouched);
    put_number(w, object, "peak_s", s->peak_s, untouched);
    put_number(w, object, "contact_s", s->contact_s, untouched);
    put_number(w, object, "loading_rate_n_s", s->loading_rate_n_s, missing ? missing : too_short);
    put_number(w, object, "loading_rate_at_s", s->loading_rate_at_s, missing ? missing : too_short);
}

/* What a foot, a region and a zone have in common; `missing` when all of it is. */
static void put_summary(struct json_writer *w, json_t *object, const struct load_summary *s,
                        const char *missing)
{
    const char *untouched = missing ? missing : no_contact;
    const char *unloaded = missing ? missing : "no frame had enough force on the plate";

    put_number(w, object, "weight_percent", s->weight_percent, unloaded);
    put_number(w, object, "force_max_n", s->force_max_n, unloaded);
    put_number(w, object, "area_mean_cm2", s->area_mean_cm2, unloaded);
    put_number(w, object, "area_max_cm2", s->area_max_cm2, unloaded);
    put_number(w, object, "area_ever_cm2", s->area_ever_cm2, unloaded);
    put_number(w, object, "mean_pressure_kpa", s->mean_kpa, untouched);
    put_number(w, object, "region_peak_kpa", s->region_peak_kpa, untouched);
    put_number(w, object, "fti_n_s", s->fti_n_s, unloaded);
    put_number(w, object, "pti_peak_kpa_s", s->pti_peak_kpa_s, unloaded);
    put_number(w, object, "pti_region_kpa_s", s->pti_region_kpa_s, untouched);
    put_times(w, object, s, missing);
}

static const char *missing_of(const struct foot_result *foot)
{
    if (!foot->has_load)
        return "this foot did not stand on the plate";
    return foot->load ? NULL : never_read;
}

/* --- Over time -------------------------------------------------------------------------------- */

static void put_part_frames(struct json_writer *w, json_t *object, const struct part_series *series,
                            size_t n)
{
    json_t *frames;

    if (!series || !series->force_n)
        return;
    frames = json_object();
    put(w, frames, "force_n", floats_json(w, series->force_n, n));
    put(w, frames, "area_cm2", floats_json(w, series->area_cm2, n));
    put(w, frames, "peak_kpa", floats_json(w, series->peak_kpa, n));
    put(w, object, "frames", frames);
}

static void put_foot_frames(struct json_writer *w, json_t *object, const struct foot_series *series,
                            double min_force_n)
{
    json_t *frames = json_object();
    char reason[80];

    put(w, frames, "force_n", numbers_json(w, series->force_n, series->n));
    put(w, frames, "cop_x_mm", numbers_json(w, series->cop_x_mm, series->n));
    put(w, frames, "cop_y_mm", numbers_json(w, series->cop_y_mm, series->n));
    snprintf(reason, sizeof reason, "null in frames with less than %g N on this foot", min_force_n);
    put_text(w, frames, "cop_x_mm_reason", reason);
    put_text(w, frames, "cop_y_mm_reason", reason);
    put(w, frames, "area_cm2", numbers_json(w, series->area_cm2, series->n));
    put(w, frames, "peak_kpa", numbers_json(w, series->peak_kpa, series->n));
    put(w, object, "frames", frames);
}

/* --- A foot ----------------------------------------------------------------------------------- */

static json_t *sense_json(struct json_writer *w, const struct load_sensitivity *s, int t)
{
    json_t *object = json_object(), *regions = json_object();

    put_number(w, object, "threshold_kpa", s->threshold_kpa[t], "");
    put_number(w, object, "area_cm2", s->area_cm2[t], "no loaded frame was looked at");
    put_number(w, object, "load_percent", s->load_percent[t], "no cell reaches this threshold");
    for (int i = 0; i < REGION_COUNT; i++)
        put_number(w, regions, region_name((enum region_id)i), s->region_percent[t][i],
                   "no cell reaches this threshold");
    put(w, object, "region_percent", regions);
    return object;
}

/* One cell more, reading just the threshold: what noise at the rim of a print does. */
static void put_one_cell(struct json_writer *w, json_t *object, const struct result *result,
                         const struct load_summary *foot)
{
    double cell_cm2 = grid_cell_cm2(&result->grid);
    double cell_n = result->threshold_kpa * grid_newton_per_kpa(&result->grid);
    json_t *cell = json_object();

    put_number(w, cell, "area_cm2", cell_cm2, "");
    put_number(w, cell, "area_percent",
               foot->area_mean_cm2 > 0 ? 100 * cell_cm2 / foot->area_mean_cm2 : NAN, no_contact);
    put_number(w, cell, "load_percent",
               result->mean_force_n > 0 ? 100 * cell_n / result->mean_force_n : NAN, no_contact);
    put(w, object, "one_cell", cell);
}

static json_t *sensitivity_json(struct json_writer *w, const struct result *result,
                                const struct load_numbers *load)
{
    json_t *object = json_object(), *thresholds = json_array();

    for (int t = 0; t < LOAD_THRESHOLDS; t++)
        append(w, thresholds, sense_json(w, &load->sensitivity, t));
    put_count(w, object, "frames", load->sensitivity.frames);
    put(w, object, "thresholds", thresholds);
    put_one_cell(w, object, result, &load->foot);
    return object;
}

void load_json_foot(struct json_writer *w, json_t *object, const struct result *result,
                    const struct foot_result *foot, int with_frames)
{
    const struct load_summary unknown = load_summary_unknown();
    const char *missing = missing_of(foot);
    const struct load_numbers *load = foot->load;
    double fore = load ? load->fore_percent : NAN;

    put_summary(w, object, load ? &load->foot : &unknown, missing);
    put_number(w, object, "fore_percent", fore, missing ? missing : no_contact);
    put_number(w, object, "rear_percent", 100 - fore, missing ? missing : no_contact);
    if (!load) {
        put_text_or(w, object, "sensitivity", NULL, missing);
        return;
    }
    put(w, object, "sensitivity", sensitivity_json(w, result, load));
    if (with_frames)
        put_foot_frames(w, object, &load->series, result->min_force_n);
}

void load_json_region(struct json_writer *w, json_t *object, const struct foot_result *foot,
                      enum region_id region, int with_frames)
{
    const struct load_summary unknown = load_summary_unknown();
    const struct load_numbers *load = foot->load;

    put_summary(w, object, load ? &load->regions[region] : &unknown, missing_of(foot));
    if (load && load->region_series && with_frames)
        put_part_frames(w, object, &load->region_series[region], load->series.n);
}

void load_json_zone(struct json_writer *w, json_t *object, const struct foot_result *foot, int zone,
                    int with_frames)
{
    const struct load_summary unknown = load_summary_unknown();
    const struct load_numbers *load = foot->load;
    const char *missing =
        foot->zones[zone].zone->is_plantar ? missing_of(foot) : "outside the plate: not measured";

    put_summary(w, object, load ? &load->zones[zone] : &unknown, missing);
    if (load && load->zone_series && with_frames)
        put_part_frames(w, object, &load->zone_series[zone], load->series.n);
}

/* --- Left against right ----------------------------------------------------------------------- */

enum error_kind { ERROR_FORCE, ERROR_PRESSURE, ERROR_NONE };

static void put_index(struct json_writer *w, json_t *object, const char *key, double left,
                      double right, enum error_kind kind, const struct recording_facts *facts)
{
    double error = kind == ERROR_FORCE      ? facts->force_error_percent
                   : kind == ERROR_PRESSURE ? facts->pressure_error_percent
                                            : 0;
    const char *unknown = kind == ERROR_NONE ? "a calibration states no error of areas and times"
                                             : "the calibration does not state its error";
    struct symmetry symmetry = symmetry_index(left, right, error);
    json_t *index = json_object();
    const char *none = "neither side has any of it, or one is not known";
    const char *larger = symmetry.index_percent > 0 ? "left" : "right";

    put_number(w, index, "index_percent", symmetry.index_percent, none);
    if (symmetry.index_percent == 0)
        larger = "neither";
    put_text_or(w, index, "larger", isnan(symmetry.index_percent) ? NULL : larger, none);
    put_number(w, index, "plate_error_percent", symmetry.error_percent,
               isnan(symmetry.index_percent) ? none : unknown);
    if (isnan(symmetry.error_percent))
        put_text_or(w, index, "is_beyond_plate_error", NULL,
                    isnan(symmetry.index_percent) ? none : unknown);
    else
        put(w, index, "is_beyond_plate_error", json_boolean(symmetry.is_beyond_error));
    put(w, object, key, index);
}

static json_t *pair_json(struct json_writer *w, const char *id, const struct load_summary *left,
                         const struct load_summary *right, const struct recording_facts *facts)
{
    json_t *object = json_object();

    if (id)
        put_text(w, object, "id", id);
    put_index(w, object, "force", left->force_mean_n, right->force_mean_n, ERROR_FORCE, facts);
    put_index(w, object, "fti", left->fti_n_s, right->fti_n_s, ERROR_FORCE, facts);
    put_index(w, object, "peak", left->peak_kpa, right->peak_kpa, ERROR_PRESSURE, facts);
    put_index(w, object, "pti_peak", left->pti_peak_kpa_s, right->pti_peak_kpa_s, ERROR_PRESSURE,
              facts);
    put_index(w, object, "area", left->area_mean_cm2, right->area_mean_cm2, ERROR_NONE, facts);
    put_index(w, object, "contact_time", left->contact_s, right->contact_s, ERROR_NONE, facts);
    return object;
}

static json_t *symmetry_json(struct json_writer *w, const struct result *result,
                             const struct foot_result *left, const struct foot_result *right)
{
    json_t *object = json_object(), *regions = json_array(), *zones = json_array();
    const struct recording_facts *facts = &result->facts;

    put_text(w, object, "definition",
             "(left - right) / (left + right) x 100; more than 0: the left is larger");
    put(w, object, "foot", pair_json(w, NULL, &left->load->foot, &right->load->foot, facts));
    for (int i = 0; i < REGION_COUNT; i++)
        append(w, regions,
               pair_json(w, region_name((enum region_id)i), &left->load->regions[i],
                         &right->load->regions[i], facts));
    for (int i = 0; i < left->n_zones && i < right->n_zones; i++)
        if (left->zones[i].zone->is_plantar)
            append(w, zones,
                   pair_json(w, left->zones[i].zone->id, &left->load->zones[i],
                             &right->load->zones[i], facts));
    put(w, object, "regions", regions);
    put(w, object, "zones", zones);
    return object;
}

static void put_symmetry(struct json_writer *w, json_t *root, const struct result *result)
{
    const struct foot_result *feet = result->feet;

    if (result->n_feet == 2 && feet[0].side == SIDE_LEFT && feet[1].side == SIDE_RIGHT &&
        feet[0].load && feet[1].load)
        put(w, root, "symmetry", symmetry_json(w, result, &feet[0], &feet[1]));
    else
        put_text_or(w, root, "symmetry", NULL, "a left and a right foot on the plate are needed");
}

/* --- The plate -------------------------------------------------------------------------------- */

static void put_zero(struct json_writer *w, json_t *root, const char *key,
                     const struct load_zero *zero)
{
    const char *none = "no frames without load beside the load";
    json_t *object;

    if (!zero->frames) {
        put_text_or(w, root, key, NULL, none);
        return;
    }
    object = json_object();
    put_count(w, object, "frames", zero->frames);
    put_number(w, object, "force_n", zero->force_n, none);
    put_number(w, object, "mean_kpa", zero->kpa, none);
    put(w, root, key, object);
}

static void put_drift(struct json_writer *w, json_t *root, const struct load_drift *drift)
{
    const char *none = "the zero is not known both before and after the load";
    const char *no_creep = "no steady stand of 10 s and more; 30 s are advised";
    json_t *object = json_object();

    put_zero(w, root, "zero_before", &drift->before);
    put_zero(w, root, "zero_after", &drift->after);
    put_number(w, object, "force_n", drift->force_n, none);
    put_number(w, object, "mean_kpa", drift->kpa, none);
    put_number(w, object, "creep_percent_per_decade", drift->creep_percent_per_decade, no_creep);
    put_number(w, object, "creep_error_percent", drift->creep_error_percent, no_creep);
    put_number(w, object, "creep_from_s", drift->creep_from_s, no_creep);
    put_number(w, object, "creep_to_s", drift->creep_to_s, no_creep);
    put(w, root, "drift", object);
}

void load_json_plate(struct json_writer *w, json_t *root, const struct result *result)
{
    const struct load_whole *whole = result->load;

    if (!whole)
        return;
    put_number(w, root, "body_weight_n", whole->body_weight_n, "nobody stood on the plate");
    put_text(w, root, "body_weight_source",
             whole->mass_is_stated ? "stated mass x 9.80665 m/s2"
                                   : "no mass was stated: mean measured force");
    put_number(w, root, "loading_rate_window_s", whole->rate_window_s, "");
    put_summary(w, root, &whole->plate, NULL);
    put_drift(w, root, &whole->drift);
    put_symmetry(w, root, result);
}
