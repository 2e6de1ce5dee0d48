/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/result_json.h"
#include "analysis/quality.h"
#include "analysis/press/tested.h"
#include "analysis/press/zone_place.h"
#include "analysis/press/press_json.h"
#include "analysis/press/tender_next.h"
#include "analysis/json_writer.h"
#include "analysis/foot/track_json.h"
#include "analysis/load/load_json.h"
#include "analysis/patterns_json.h"
#include "analysis/print/print_of_foot.h"
#include "analysis/foot/regions.h"
#include "analysis/walk/walk_json.h"
#include "analysis/condition.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *side_json(enum side side)
{
    return side == SIDE_UNKNOWN ? json_null() : json_string(side_name(side));
}

static void put_side(struct json_writer *w, json_t *object, enum side side)
{
    put(w, object, "side", side_json(side));
}

/* Why the error of the numbers is not known. */
static const char *no_error(const struct recording_facts *facts)
{
    return !facts->calibration_id          ? "no calibration was used: the kPa are the file's own"
           : facts->calibration_is_nominal ? "a nominal calibration has no measured error"
                                           : "the calibration's file does not state it";
}

static void put_errors(struct json_writer *w, json_t *recording,
                       const struct recording_facts *facts)
{
    double pressure = facts->pressure_error_percent, force = facts->force_error_percent;

    put_number(w, recording, "pressure_error_percent", pressure > 0 ? pressure : NAN,
               no_error(facts));
    put_number(w, recording, "force_error_percent", force > 0 ? force : NAN, no_error(facts));
}

static void put_continued(struct json_writer *w, json_t *recording,
                          const struct continued *continued)
{
    json_t *object = *continued->recording ? json_object() : json_null();

    if (*continued->recording) {
        put_text(w, object, "recording", continued->recording);
        put_count(w, object, "segment", (uint64_t)continued->segment);
        put_number(w, object, "gap_s", continued->gap_s, "");
    } else {
        put_text(w, recording, "continues_reason", "it began by itself");
    }
    put(w, recording, "continues", object);
}

static json_t *recording_json(struct json_writer *w, const struct result *result)
{
    const struct recording_facts *facts = &result->facts;
    const char *silent = "the recording does not say";
    json_t *recording = json_object();

    put_count(w, recording, "rows", (uint64_t)result->grid.rows);
    put_count(w, recording, "cols", (uint64_t)result->grid.cols);
    put_number(w, recording, "pitch_x_mm", result->grid.pitch_x_mm, "");
    put_number(w, recording, "pitch_y_mm", result->grid.pitch_y_mm, "");
    put_number(w, recording, "rate_hz", result->rate_hz, "");
    put_count(w, recording, "frames", result->frames.n);
    put_count(w, recording, "lost_frames", facts->lost_frames);
    put_count(w, recording, "bad_frames", facts->bad_frames);
    put_count(w, recording, "repeated_frames", facts->repeated_frames);
    put_count(w, recording, "saturated_frames", facts->saturated_frames);
    put_number(w, recording, "duration_s", result->duration_s, "");
    put(w, recording, "closed_cleanly", json_boolean(facts->closed_cleanly));
    put_text_or(w, recording, "client", facts->client, silent);
    put_text_or(w, recording, "protocol", protocol_of(facts->protocol), silent);
    put_text_or(w, recording, "condition", condition_of(facts->protocol), silent);
    put_text_or(w, recording, "started_utc", facts->started_utc, silent);
    put_text_or(w, recording, "source", facts->source, silent);
    put_text_or(w, recording, "software", facts->software, silent);
    put_text_or(w, recording, "device_serial", facts->device_serial, silent);
    put_text_or(w, recording, "device_model", facts->device_model, silent);
    put_text_or(w, recording, "device_firmware", facts->firmware, silent);
    put_text_or(w, recording, "calibration_id", facts->calibration_id, silent);
    put_text_or(w, recording, "calibration_date", facts->calibration_date, silent);
    put(w, recording, "calibration_is_nominal", json_boolean(facts->calibration_is_nominal));
    put_count(w, recording, "masked_cells", facts->masked_cells);
    put_count(w, recording, "no_sensor_cells", facts->no_sensor_cells);
    put_count(w, recording, "stated_frames", facts->stated_frames);
    put_number(w, recording, "stated_max_force_n",
               facts->stated_frames ? facts->stated_max_force_n : NAN,
               "the recording does not say what its device states");
    put_errors(w, recording, facts);
    put_continued(w, recording, &result->continued);
    return recording;
}

static json_t *frames_json(struct json_writer *w, const struct result *result)
{
    const struct frame_series *frames = &result->frames;
    json_t *object = json_object();
    char reason[100];

    put(w, object, "time_s", numbers_json(w, frames->time_s, frames->n));
    put(w, object, "force_n", numbers_json(w, frames->force_n, frames->n));
    put(w, object, "cop_x_mm", numbers_json(w, frames->cop_x_mm, frames->n));
    put(w, object, "cop_y_mm", numbers_json(w, frames->cop_y_mm, frames->n));
    snprintf(reason, sizeof reason,
             "null in frames with less than %g N: no place of next to nothing",
             result->min_force_n);
    put_text(w, object, "cop_x_mm_reason", reason);
    put_text(w, object, "cop_y_mm_reason", reason);
    put(w, object, "area_cm2", numbers_json(w, frames->area_cm2, frames->n));
    put(w, object, "peak_kpa", numbers_json(w, frames->peak_kpa, frames->n));
    return object;
}

static json_t *region_json(struct json_writer *w, const struct foot_result *foot, int id,
                           int with_frames)
{
    const struct region_result *region = &foot->regions[id];
    const char *no_load = "this foot did not stand on the plate";
    const char *none = foot->has_load ? "no cell of the region is in contact" : no_load;
    json_t *object = json_object();

    put_text(w, object, "id", region_name((enum region_id)id));
    put_number(w, object, "load_percent", region->load_percent, no_load);
    put_number(w, object, "force_n", region->force_n, no_load);
    put_number(w, object, "peak_kpa", region->peak_kpa, no_load);
    put_number(w, object, "mean_kpa", region->mean_kpa, none);
    put_number(w, object, "area_cm2", region->area_cm2, no_load);
    put_number(w, object, "pti_kpa_s", region->pti_kpa_s, none);
    load_json_region(w, object, foot, (enum region_id)id, with_frames);
    return object;
}

static json_t *evidence_json(struct json_writer *w, const struct zone_result *zone)
{
    json_t *array = json_array();

    for (int i = 0; i < zone->n_evidence; i++)
        append(w, array, json_string(zone->evidence[i].text));
    return array;
}

static const char *threshold_reason(enum zone_state state)
{
    switch (state) {
    case STATE_NO_CONTACT:
        return "nothing touched the plate here, and it was not pressed";
    case STATE_EXCLUDED:
        return "excluded by the screening";
    case STATE_EXCLUDED_BY_HAND:
        return "not pressed: a wart or joint was noted here by hand";
    case STATE_STOPPED:
        return "the subject wished to stop before it was pressed";
    case STATE_UNCERTAIN:
        return "pressed, but place or answers do not carry a threshold";
    case STATE_OUTSIDE_PLATE:
        return "outside the plate: not measured";
    case STATE_NO_PAIN_TO_CEILING:
        return "no pain was answered: threshold_kpa is a lower bound";
    default:
        return "not pressed";
    }
}

static void put_flag(struct json_writer *w, json_t *object, const struct zone_result *zone)
{
    int is_pressed = zone->state == STATE_MEASURED || zone->state == STATE_NO_PAIN_TO_CEILING ||
                     zone->state == STATE_UNCERTAIN;

    put_text_or(w, object, "flag", zone->flag == FLAG_NONE ? NULL : flag_level_name(zone->flag),
                zone->by_shifts_only ? "weight shifts flag nothing: not tested with a stud"
                : is_pressed         ? "what was answered meets no rule of a flag"
                                     : threshold_reason(zone->state));
}

static void put_zone_load(struct json_writer *w, json_t *object, const struct foot_result *foot,
                          const struct zone_result *zone)
{
    const char *missing = zone->state == STATE_OUTSIDE_PLATE ? "outside the plate: not measured"
                          : foot->has_load                   ? "nothing touched the plate here"
                                           : "this foot did not stand on the plate";

    put_number(w, object, "contact_cm2", zone->contact_cm2, missing);
    put_number(w, object, "contact_share", zone->contact_share, missing);
    put_number(w, object, "mean_kpa", zone->mean_kpa, missing);
    put_number(w, object, "peak_kpa", zone->peak_kpa, missing);
    put_number(w, object, "load_percent", zone->load_percent, missing);
    put_number(w, object, "pti_kpa_s", zone->pti_kpa_s, missing);
}

static void put_uncertain(struct json_writer *w, json_t *object, enum uncertain why)
{
    json_t *uncertain = json_object();

    put_text(w, uncertain, "code", uncertain_name(why));
    put_text(w, uncertain, "why", uncertain_words(why));
    put(w, object, "uncertain", uncertain);
}

static json_t *zone_json(struct json_writer *w, const struct result *result,
                         const struct foot_result *foot, int index, int with_frames)
{
    char where[ZONE_WHERE_MAX];
    const struct zone_result *zone = &foot->zones[index];
    const char *no_threshold = threshold_reason(zone->state);
    const char *no_ratio = "not measured on both feet";
    json_t *object = json_object();

    put_text(w, object, "id", zone->zone->id);
    put_text(w, object, "name", zone->zone->name);
    put_text(w, object, "state", zone_state_name(zone->state));
    if (zone->uncertain)
        put_uncertain(w, object, zone->uncertain);
    put(w, object, "approximate", json_boolean(zone->approximate));
    put_number(w, object, "place_quality", zone->place_quality, "it lies outside the plate");
    put_zone_load(w, object, foot, zone);
    load_json_zone(w, object, foot, index, with_frames);
    put_number(w, object, "threshold_kpa", zone->threshold_kpa, no_threshold);
    put_number(w, object, "threshold_low_kpa", zone->threshold_low_kpa, no_threshold);
    put_number(w, object, "threshold_high_kpa", zone->threshold_high_kpa,
               zone->threshold_is_beyond ? "above all that was pressed here" : no_threshold);
    put_number(w, object, "ratio", zone->ratio, no_ratio);
    put_number(w, object, "ratio_low", zone->ratio_low, no_ratio);
    put_number(w, object, "ratio_high", zone->ratio_high, no_ratio);
    put(w, object, "ratio_is_upper_bound", json_boolean(zone->ratio_is_bound));
    put_number(w, object, "expected_kpa", zone->expected_kpa, no_threshold);
    put(w, object, "threshold_is_lower_bound", json_boolean(zone_threshold_is_bound(zone)));
    put_count(w, object, "repeats", (uint64_t)zone->repeats);
    put_count(w, object, "answers", (uint64_t)zone->answers);
    put_count(w, object, "sessions", (uint64_t)zone_sessions(result, zone));
    zone_where(result, zone, where, sizeof where);
    put_text_or(w, object, "place", *where ? where : NULL, "it has no place on the sole");
    put_flag(w, object, zone);
    put(w, object, "evidence", evidence_json(w, zone));
    return object;
}

static json_t *landmarks_json(struct json_writer *w, const struct foot_result *foot)
{
    json_t *array = json_array();

    for (int i = 0; i < LANDMARK_COUNT; i++) {
        const struct landmark *landmark = &foot->landmarks.of[i];
        struct point at = foot_frame_to_plate(&foot->frame, landmark->at);
        json_t *object = json_object();

        put_text(w, object, "id", landmark_name((enum landmark_id)i));
        put_number(w, object, "u", landmark->at.u, "");
        put_number(w, object, "v", landmark->at.v, "");
        put_number(w, object, "x_mm", at.x_mm, "");
        put_number(w, object, "y_mm", at.y_mm, "");
        put_text(w, object, "found",
                 landmark->given      ? "operator"
                 : landmark->measured ? "measured"
                                      : "fallback");
        put_number(w, object, "quality", landmark->quality, "");
        append(w, array, object);
    }
    return array;
}

/* Share of the load on the inner half (v < 0.5) of the foot, %; NAN without load. */
static double medial_percent(const struct result *result, const struct foot_result *foot)
{
    const struct grid *grid = &result->grid;
    double medial = 0, all = 0;

    if (!foot->has_load || foot->side == SIDE_UNKNOWN)
        return NAN;
    if (foot->load)
        return foot->load->medial_percent;
    for (size_t i = 0; i < grid_cells(grid); i++) {
        struct point at =
            grid_centre(grid, (int)(i / (size_t)grid->cols), (int)(i % (size_t)grid->cols));
        double mean = foot->mask[i] > 0 ? (double)result->mean_picture[i] : 0;

        all += mean;
        if (mean > 0 && foot_frame_to_uv(&foot->frame, at).v < 0.5)
            medial += mean;
    }
    return all > 0 ? 100 * medial / all : NAN;
}

static json_t *frame_json(struct json_writer *w, const struct foot_result *foot)
{
    json_t *object = json_object();

    put_number(w, object, "heel_x_mm", foot->frame.heel.x_mm, "");
    put_number(w, object, "heel_y_mm", foot->frame.heel.y_mm, "");
    put_number(w, object, "angle_deg", foot->frame.angle_deg, "");
    put_number(w, object, "length_mm", foot->frame.length_mm, "");
    put_number(w, object, "width_heel_mm", foot->frame.width_heel_mm, "");
    put_number(w, object, "width_toe_mm", foot->frame.width_toe_mm, "");
    return object;
}

static void put_foot_load(struct json_writer *w, json_t *object, const struct result *result,
                          const struct foot_result *foot)
{
    const char *missing =
        foot->has_load ? "no load on this foot" : "this foot did not stand on the plate";
    double medial = medial_percent(result, foot);
    const char *no_medial = foot->has_load ? "the side is not known" : missing;

    put_number(w, object, "force_n", foot->force_n, missing);
    put_number(w, object, "load_percent", foot->load_percent, missing);
    put_number(w, object, "area_cm2", foot->area_cm2, missing);
    put_number(w, object, "masked_area_cm2", foot->has_load ? foot->masked_area_cm2 : NAN, missing);
    put_number(w, object, "peak_kpa", foot->peak_kpa, missing);
    put_number(w, object, "cop_x_mm", foot->cop.x_mm, missing);
    put_number(w, object, "cop_y_mm", foot->cop.y_mm, missing);
    put_number(w, object, "medial_percent", medial, no_medial);
    put_number(w, object, "lateral_percent", 100 - medial, no_medial);
}

static json_t *foot_json(struct json_writer *w, const struct result *result,
                         const struct foot_result *foot, int with_frames)
{
    json_t *object = json_object(), *regions = json_array(), *zones = json_array();

    put_side(w, object, foot->side);
    if (foot->side == SIDE_UNKNOWN)
        put_text(w, object, "side_reason", foot->side_reason);
    put_number(w, object, "confidence", foot->side_confidence, "");
    put_text(w, object, "side_evidence", foot->side_reason);
    put_number(w, object, "length_mm", foot->length_mm, foot->length_reason);
    put(w, object, "length_is_measured", json_boolean(foot->length_is_measured));
    put_text(w, object, "length_source", foot->length_reason);
    put(w, object, "length_given", json_boolean(foot->length_given));
    put_number(w, object, "angle_deg", foot->angle_deg, "this foot never stood on the plate");
    put(w, object, "axis_given", json_boolean(foot->axis_given));
    put(w, object, "zones_are_limited", json_boolean(foot->reach.is_limited));
    put_number(w, object, "zones_proven_percent",
               foot->reach.is_limited && isfinite(foot->reach.u) ? 100 * foot->reach.u : NAN,
               foot->reach.is_limited ? foot->reach.why : "the whole foot");
    put_foot_load(w, object, result, foot);
    load_json_foot(w, object, result, foot, with_frames);
    put(w, object, "frame", frame_json(w, foot));
    for (int i = 0; i < REGION_COUNT; i++)
        append(w, regions, region_json(w, foot, i, with_frames));
    put(w, object, "regions", regions);
    for (int i = 0; i < foot->n_zones; i++)
        append(w, zones, zone_json(w, result, foot, i, with_frames));
    put(w, object, "zones", zones);
    put(w, object, "landmarks", landmarks_json(w, foot));
    if (foot->print)
        put(w, object, "print", print_json(w, foot->print));
    else
        put_text_or(w, object, "print", NULL, "this foot did not stand on the plate");
    return object;
}

static json_t *feet_json(struct json_writer *w, const struct result *result, int with_frames)
{
    json_t *array = json_array();

    for (int i = 0; i < result->n_feet; i++)
        append(w, array, foot_json(w, result, &result->feet[i], with_frames));
    return array;
}

static json_t *flags_json(struct json_writer *w, const struct result *result)
{
    json_t *array = json_array();

    for (int i = 0; i < result->n_flags; i++) {
        const struct flag *flag = &result->flags[i];
        json_t *object = json_object();

        put_text(w, object, "zone", flag->zone_id);
        if (flag->as_one_with)
            put_text(w, object, "as_one_with", flag->as_one_with);
        put_side(w, object, flag->side);
        put_text(w, object, "level", flag_level_name(flag->level));
        put_text(w, object, "why", flag->why);
        append(w, array, object);
    }
    return array;
}

/* Zones that these cells cannot tell apart, each pair once. */
static json_t *as_one_json(struct json_writer *w, const struct result *result)
{
    json_t *array = json_array();
    char why[AS_ONE_WORDS_MAX];

    for (int i = 0; i < atlas_count(result->atlas); i++) {
        const struct atlas_zone *zone = atlas_zone(result->atlas, i);
        json_t *object;

        if (!zone_tells_as_one(result, zone))
            continue;
        object = json_object();
        put_text(w, object, "zone", zone->id);
        put_text(w, object, "as_one_with", zone_as_one_with(result, zone));
        put_text(w, object, "why", zone_as_one_words(result, zone, why, sizeof why));
        append(w, array, object);
    }
    return array;
}

static json_t *not_tested_json(struct json_writer *w, const struct result *result)
{
    json_t *array = json_array();

    for (int i = 0; i < result->n_not_tested; i++) {
        const struct not_tested *entry = &result->not_tested[i];
        json_t *object = json_object();

        put_text(w, object, "zone", entry->zone_id);
        put_side(w, object, entry->side);
        put_text(w, object, "state", zone_state_name(entry->state));
        put_text(w, object, "why", entry->why);
        append(w, array, object);
    }
    return array;
}

static json_t *warnings_json(struct json_writer *w, const struct result *result)
{
    json_t *array = json_array();

    for (int i = 0; i < result->n_warnings; i++) {
        json_t *text = json_string(result->warnings[i]);

        append(w, array, text ? text : json_string("(a warning that is not valid UTF-8)"));
    }
    return array;
}

static json_t *quality_json(struct json_writer *w, const struct result *result)
{
    json_t *object = json_object(), *reasons = json_array();
    struct quality quality;

    quality_of(result, &quality);
    put_text(w, object, "grade", (char[]){quality.grade, '\0'});
    for (int i = 0; i < quality.n; i++) {
        const struct quality_reason *reason = &quality.reasons[i];
        json_t *entry = json_object();

        put_text(w, entry, "reason", quality_name(reason->kind));
        put_text(w, entry, "grade", (char[]){reason->grade, '\0'});
        put_number(w, entry, "value", reason->value, "a reason without a number");
        append(w, reasons, entry);
    }
    put(w, object, "reasons", reasons);
    return object;
}

static void put_whole(struct json_writer *w, json_t *root, const struct result *result)
{
    const char *no_load = "no frame of a stand or walk step had enough force";

    put_number(w, root, "contact_threshold_kpa", result->threshold_kpa, "");
    put_number(w, root, "min_force_n", result->min_force_n, "");
    put_number(w, root, "peak_pressure_kpa", result->peak_pressure_kpa, "");
    put_number(w, root, "max_force_n", result->max_force_n, "");
    put_count(w, root, "loaded_frames", result->loaded_frames);
    put_number(w, root, "loaded_s", result->loaded_s, "");
    put_number(w, root, "mean_force_n", result->mean_force_n, no_load);
    put_number(w, root, "mean_area_cm2", result->mean_area_cm2, no_load);
    if (*result->no_foot_reason)
        put_text(w, root, "no_foot_reason", result->no_foot_reason);
    put_number(w, root, "outside_feet_percent", result->outside_feet_percent, no_load);
    put_number(w, root, "age_years", result->age_years, "nobody said");
}

json_t *result_json(const struct result *result, int with_frames, struct problem *why)
{
    struct json_writer w = {0};
    json_t *root = json_object();

    put_text(&w, root, "schema", "tenderfoot/analyze/1");
    put(&w, root, "recording", recording_json(&w, result));
    put_whole(&w, root, result);
    load_json_plate(&w, root, result);
    if (with_frames) {
        put(&w, root, "frames", frames_json(&w, result));
    } else {
        put(&w, root, "frames", json_null());
        put_text(&w, root, "frames_reason", "not asked for: --frames");
    }
    put(&w, root, "feet", feet_json(&w, result, with_frames));
    track_json(&w, root, result);
    walk_json(&w, root, result, with_frames);
    patterns_json(&w, root, result);
    put(&w, root, "flags", flags_json(&w, result));
    if (!result->n_flags)
        put_text(&w, root, "no_flag_reason", tender_nothing_flagged(result));
    put(&w, root, "zones_as_one", as_one_json(&w, result));
    put(&w, root, "not_tested", not_tested_json(&w, result));
    put_count(&w, root, "zones_of_soles", (uint64_t)tested_count_of(result).zones);
    put_count(&w, root, "zones_not_tested", (uint64_t)tested_count_of(result).not_tested);
    press_json(&w, root, result);
    put(&w, root, "answers_unreliable", json_boolean(result->answers_unreliable));
    if (result->answers_unreliable)
        put_text(&w, root, "answers_unreliable_why", result->unreliable_why);
    put_number(&w, root, "repeatability_percent", result->repeatability_percent, "no presses");
    put_number(&w, root, "side_bias_percent", result->side_bias_percent, "no presses");
    put_text(&w, root, "atlas", atlas_name(result->atlas));
    put_text(&w, root, "atlas_version", atlas_version(result->atlas));
    put_text(&w, root, "cm_mode", cm_mode_name(result->chart.cm_mode));
    put_text(&w, root, "spine_line", spine_line_name(result->chart.spine_line));
    put_text(&w, root, "spine_cuts", spine_cuts_name(result->chart.spine_cuts));
    put(&w, root, "warnings", warnings_json(&w, result));
    put(&w, root, "quality", quality_json(&w, result));
    if (!w.failed)
        return root;
    json_decref(root);
    problem_no_memory(why, "the result as JSON");
    return NULL;
}

char *result_json_text(const struct result *result, int with_frames, struct problem *why)
{
    json_t *root = result_json(result, with_frames, why);
    char *text, *line = NULL;
    size_t n;

    if (!root)
        return NULL;
    text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    json_decref(root);
    n = text ? strlen(text) : 0;
    line = text ? realloc(text, n + 2) : NULL;
    if (!line) {
        free(text);
        problem_no_memory(why, "the result as JSON");
        return NULL;
    }
    memcpy(line + n, "\n", 2);
    return line;
}
