/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/export/tables.h"

#include "analysis/condition.h"
#include "analysis/export/table.h"
#include "analysis/export/walk_tables.h"
#include "analysis/load/load.h"
#include "analysis/foot/regions.h"
#include "analysis/foot/foot_track.h"
#include "analysis/press/zone_place.h"
#include "analysis/report/findings.h"
#include "analysis/wording.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NO_LOAD "this foot did not stand on the plate"

#define FRAMES_HEADER "time_s,force_n,cop_x_mm,cop_y_mm,area_cm2,peak_kpa,reason"
static void write_frames(struct table_sink *out, const struct result *result, const char *version)
{
    (void)version;
    const struct frame_series *frames = &result->frames;
    char why[80];
    struct table table;
    snprintf(why, sizeof why, "less than %g N on the plate", result->min_force_n);
    table_begin(&table, out, FRAMES_HEADER);
    for (size_t i = 0; i < frames->n; i++) {
        table_number(&table, frames->time_s[i], "not stated");
        table_number(&table, frames->force_n[i], "not measured");
        table_number(&table, frames->cop_x_mm[i], why);
        table_number(&table, frames->cop_y_mm[i], why);
        table_number(&table, frames->area_cm2[i], "not measured");
        table_number(&table, frames->peak_kpa[i], "not measured");
        table_end_row(&table);
    }
    table_end(&table);
}

#define FOOT_FRAMES_HEADER "time_s,side,force_n,cop_x_mm,cop_y_mm,area_cm2,peak_kpa,reason"
static void write_foot_frames(struct table_sink *out, const struct result *result,
                              const char *version)
{
    (void)version;
    char why[80];
    struct table table;
    snprintf(why, sizeof why, "less than %g N on this foot", result->min_force_n);
    table_begin(&table, out, FOOT_FRAMES_HEADER);
    for (int f = 0; f < result->n_feet; f++) {
        const struct foot_result *foot = &result->feet[f];
        for (size_t i = 0; foot->load && i < foot->load->series.n; i++) {
            const struct foot_series *series = &foot->load->series;
            table_number(&table, result->frames.time_s[i], "not stated");
            table_text(&table, side_words(foot->side));
            table_number(&table, series->force_n[i], "not measured");
            table_number(&table, series->cop_x_mm[i], why);
            table_number(&table, series->cop_y_mm[i], why);
            table_number(&table, series->area_cm2[i], "not measured");
            table_number(&table, series->peak_kpa[i], "not measured");
            table_end_row(&table);
        }
    }
    table_end(&table);
}

#define FEET_HEADER                                                                                \
    "side,confidence,length_mm,length_is_measured,angle_deg,force_n,load_percent,area_cm2,"        \
    "peak_kpa,cop_x_mm,cop_y_mm,reason"
static void write_feet(struct table_sink *out, const struct result *result, const char *version)
{
    (void)version;
    struct table table;
    table_begin(&table, out, FEET_HEADER);
    for (int i = 0; i < result->n_feet; i++) {
        const struct foot_result *foot = &result->feet[i];
        table_text(&table, side_words(foot->side));
        table_number(&table, foot->side_confidence, "not known");
        table_number(&table, foot->length_mm, foot->length_reason);
        table_flag(&table, foot->length_is_measured);
        table_number(&table, foot->angle_deg, NO_LOAD);
        table_number(&table, foot->force_n, NO_LOAD);
        table_number(&table, foot->load_percent, NO_LOAD);
        table_number(&table, foot->area_cm2, NO_LOAD);
        table_number(&table, foot->peak_kpa, NO_LOAD);
        table_number(&table, foot->cop.x_mm, NO_LOAD);
        table_number(&table, foot->cop.y_mm, NO_LOAD);
        table_end_row(&table);
    }
    table_end(&table);
}

#define PRINTS_HEADER                                                                              \
    "side,number,name,value,unit,at_half_threshold,at_double_threshold,per_20_percent,one_cell,"   \
    "error,definition,reason"
static void write_prints(struct table_sink *out, const struct result *result, const char *version)
{
    (void)version;
    const char *none = "the print does not allow it";
    struct table table;
    table_begin(&table, out, PRINTS_HEADER);
    for (int i = 0; i < result->n_feet; i++)
        for (int id = 0; result->feet[i].print && id < PRINT_NUMBERS; id++) {
            const struct print_number_facts *facts = print_number_facts((enum print_number_id)id);
            const struct print_number *number = &result->feet[i].print->of[id];
            table_text(&table, side_words(result->feet[i].side));
            table_text(&table, facts->key);
            table_text(&table, facts->words);
            table_number(&table, number->value, number->reason);
            table_text(&table, facts->unit);
            table_number(&table, number->at_half, none);
            table_number(&table, number->at_double, none);
            table_number(&table, number->per_20_percent, none);
            table_number(&table, number->one_cell, none);
            table_number(&table, number->error, none);
            table_text(&table, facts->source);
            table_end_row(&table);
        }
    table_end(&table);
}

static const char *both_words(enum side side)
{
    return side == SIDE_UNKNOWN ? "both" : side_words(side);
}

#define PATTERNS_HEADER                                                                            \
    "pattern,side,words,value,error,beyond_error,evidence,norm,norm_basis,norm_source,reason"
static void write_patterns(struct table_sink *out, const struct result *result, const char *version)
{
    (void)version;
    const struct patterns *patterns = &result->patterns;
    struct table table;
    table_begin(&table, out, PATTERNS_HEADER);
    for (int i = 0; i < patterns->n; i++) {
        const struct pattern *pattern = &patterns->list[i];
        table_text(&table, pattern_name(pattern->id));
        table_text(&table, side_words(pattern->side));
        table_text(&table, pattern->words);
        table_number(&table, pattern->value, "not measured");
        table_number(&table, pattern->error, "the print does not tell its error");
        table_flag(&table, pattern->beyond_error);
        table_text(&table, pattern->evidence);
        table_text(&table, pattern->norm->id);
        table_text(&table, pattern->norm->is_published ? "published" : "project");
        table_text(&table, pattern->norm->source);
        table_end_row(&table);
    }
    for (int i = 0; i < patterns->n_not_told; i++) {
        const struct pattern_gap *gap = &patterns->not_told[i];
        table_text(&table, pattern_name(gap->id));
        table_text(&table,
                   gap->id == PATTERN_LEFT_RIGHT ? both_words(gap->side) : side_words(gap->side));
        table_text(&table, "not judged");
        table_number(&table, NAN, gap->why);
        table_number(&table, NAN, gap->why);
        for (int k = 0; k < 5; k++)
            table_text(&table, "");
        table_end_row(&table);
    }
    table_end(&table);
}

#define REGIONS_HEADER                                                                             \
    "side,region,name,load_percent,force_n,peak_kpa,mean_kpa,area_cm2,pti_kpa_s,reason"
static void write_regions(struct table_sink *out, const struct result *result, const char *version)
{
    (void)version;
    struct table table;
    table_begin(&table, out, REGIONS_HEADER);
    for (int i = 0; i < result->n_feet; i++)
        for (int id = 0; id < REGION_COUNT; id++) {
            const struct foot_result *foot = &result->feet[i];
            const struct region_result *region = &foot->regions[id];
            table_text(&table, side_words(foot->side));
            table_text(&table, region_name((enum region_id)id));
            table_text(&table, region_words((enum region_id)id));
            table_number(&table, region->load_percent, NO_LOAD);
            table_number(&table, region->force_n, NO_LOAD);
            table_number(&table, region->peak_kpa, NO_LOAD);
            table_number(&table, region->mean_kpa,
                         foot->has_load ? "no cell of the region is in contact" : NO_LOAD);
            table_number(&table, region->area_cm2, NO_LOAD);
            table_number(&table, region->pti_kpa_s,
                         foot->has_load ? "no cell of the region is in contact" : NO_LOAD);
            table_end_row(&table);
        }
    table_end(&table);
}

static const char *no_zone_load(const struct foot_result *foot, const struct zone_result *zone)
{
    if (zone->state == STATE_OUTSIDE_PLATE)
        return "outside the plate: not measured";
    return foot->has_load ? "nothing touched the plate here" : NO_LOAD;
}

static const char *no_threshold(const struct zone_result *zone)
{
    switch (zone->state) {
    case STATE_OUTSIDE_PLATE:
        return "outside the plate: not measured";
    case STATE_NO_CONTACT:
        return "no contact, and not pressed";
    case STATE_EXCLUDED:
        return "excluded by the screening";
    case STATE_EXCLUDED_BY_HAND:
        return "not pressed: a wart or joint was noted here by hand";
    case STATE_STOPPED:
        return "the person wished to stop before it was pressed";
    case STATE_UNCERTAIN:
        return "place or answers do not carry a threshold";
    case STATE_NO_PAIN_TO_CEILING:
        return "no answer of pain, so no range";
    default:
        return "not pressed";
    }
}

static void write_evidence(struct table *table, const struct zone_result *zone)
{
    struct text all = {0};
    for (int i = 0; i < zone->n_evidence; i++)
        text_addf(&all, "%s%s", i ? "; " : "", zone->evidence[i].text);
    table->to->failed |= all.failed;
    table_text(table, text_string(&all));
    text_free(&all);
}

static void write_tradition(struct table *table, const struct zone_result *zone)
{
    struct text words = {0};
    tradition_add(&words, zone->zone);
    table->to->failed |= words.failed;
    table_text(table, text_string(&words));
    text_free(&words);
}

static void write_zone_load(struct table *table, const struct foot_result *foot,
                            const struct zone_result *zone)
{
    const char *why = no_zone_load(foot, zone);
    table_number(table, zone->contact_cm2, why);
    table_number(table, zone->contact_share, why);
    table_number(table, zone->mean_kpa, why);
    table_number(table, zone->peak_kpa, why);
    table_number(table, zone->load_percent, why);
    table_number(table, zone->pti_kpa_s, why);
}

/* A zeroed ratio, as of a result made without comparison, is none. */
static double or_none(double value)
{
    return value > 0 ? value : NAN;
}

/* Columns that were added after `reason`. */
static void write_zone_comparison(struct table *table, const struct result *result,
                                  const struct zone_result *zone)
{
    const char *no_ratio = "not measured on both feet";
    struct text conflicts = {0};
    char where[ZONE_WHERE_MAX];

    table_reason(table);
    table_number(table, or_none(zone->ratio), no_ratio);
    table_number(table, or_none(zone->ratio_low), no_ratio);
    table_number(table, or_none(zone->ratio_high), no_ratio);
    table_flag(table, zone->ratio_is_bound);
    table_number(table, or_none(zone->expected_kpa), no_threshold(zone));
    table_count(table, (uint64_t)zone_sessions(result, zone));
    table_text(table, zone_where(result, zone, where, sizeof where));
    zone_conflicts(&conflicts, result->atlas, zone->zone, 1);
    table->to->failed |= conflicts.failed;
    table_text(table, text_string(&conflicts));
    text_free(&conflicts);
}

static void write_zone(struct table *table, const struct result *result,
                       const struct foot_result *foot, const struct zone_result *zone)
{
    table_text(table, side_words(foot->side));
    table_text(table, zone->zone->id);
    table_text(table, zone->zone->name);
    table_text(table, zone_state_name(zone->state));
    table_flag(table, zone->approximate);
    write_zone_load(table, foot, zone);
    table_number(table, zone->threshold_kpa, no_threshold(zone));
    table_number(table, zone->threshold_low_kpa, no_threshold(zone));
    table_number(table, zone->threshold_high_kpa, no_threshold(zone));
    table_flag(table, zone_threshold_is_bound(zone));
    table_count(table, (uint64_t)zone->repeats);
    table_count(table, (uint64_t)zone->answers);
    table_text(table, zone->flag == FLAG_NONE ? "" : flag_level_name(zone->flag));
    write_tradition(table, zone);
    write_evidence(table, zone);
    write_zone_comparison(table, result, zone);
    table_end_row(table);
}

#define ZONES_HEADER                                                                               \
    "side,zone,name,state,approximate,contact_cm2,contact_share,mean_kpa,peak_kpa,load_percent,"   \
    "pti_kpa_s,threshold_kpa,threshold_low_kpa,threshold_high_kpa,threshold_is_lower_bound,"       \
    "presses,answers,flag,tradition,evidence,reason,ratio,ratio_low,ratio_high,"                   \
    "ratio_is_upper_bound,expected_kpa,sessions,place,conflicts"
static void write_zones(struct table_sink *out, const struct result *result, const char *version)
{
    (void)version;
    struct table table;
    table_begin(&table, out, ZONES_HEADER);
    for (int i = 0; i < result->n_feet; i++)
        for (int k = 0; k < result->feet[i].n_zones; k++)
            write_zone(&table, result, &result->feet[i], &result->feet[i].zones[k]);
    table_end(&table);
}

static void write_answer(struct table *table, const struct press *press)
{
    const char *no_place = "no stud or heel-cup place was annotated";
    const char *no_rise = "no rise of pressure was found";
    const char *no_answer = press->answered ? "its pressure cannot be told" : "no answer came";
    table_count(table, (uint64_t)press->number);
    table_count(table, (uint64_t)press->pass);
    table_text(table, side_words(press->side));
    table_flag(table, press->is_catch);
    table_number(table, press->stud.x_mm, no_place);
    table_number(table, press->stud.y_mm, no_place);
    table_number(table, press->place_known ? press->place.u : NAN, no_place);
    table_number(table, press->place_known ? press->place.v : NAN, no_place);
    table_number(table, press->start_s, no_rise);
    table_number(table, press->end_s, no_rise);
    table_number(table, press->peak_kpa, no_rise);
    table_number(table, press->ramp_kpa_s, no_rise);
    table_flag(table, press->answered);
    table_number(table, press->answered ? press->answer_s : NAN, no_answer);
    table_number(table, press->answered ? press->answer_kpa : NAN, no_answer);
    table_flag(table, press->reached_ceiling);
    table_flag(table, press->stopped);
    table_number(table, press->ceiling_kpa, "not annotated");
    table_number(table, press->tip_cm2, "not annotated");
    table_text(table, press->doubtful ? press->doubt : "");
    table_flag(table, press->is_tap);
    table_reason(table);
    table_count(table, (uint64_t)press->session);
    table_number(table, press->scale < 0 ? (double)NAN : (double)press->scale, "not asked");
    table_flag(table, press->held);
    table_number(table, press->place_known ? press->place_sd_mm : NAN, no_place);
    table_flag(table, press->rate_is_odd);
    table_number(table, press->lift_s, "no lift was seen");
    table_end_row(table);
}

#define ANSWERS_HEADER                                                                             \
    "press,pass,side,is_catch,stud_x_mm,stud_y_mm,place_u,place_v,start_s,end_s,peak_kpa,"         \
    "ramp_kpa_s,answered,answer_s,answer_kpa,reached_ceiling,stopped,ceiling_kpa,tip_cm2,doubt,"   \
    "is_tap,reason,session,scale,place_is_held,place_sd_mm,ramp_is_outside,lift_s"
static void write_answers(struct table_sink *out, const struct result *result, const char *version)
{
    (void)version;
    struct table table;
    table_begin(&table, out, ANSWERS_HEADER);
    for (int i = 0; i < result->n_presses; i++)
        write_answer(&table, &result->presses[i]);
    table_end(&table);
}

#define FLAGS_HEADER "zone,side,level,why,reason,as_one_with"
static void write_flags(struct table_sink *out, const struct result *result, const char *version)
{
    (void)version;
    struct table table;
    table_begin(&table, out, FLAGS_HEADER);
    for (int i = 0; i < result->n_flags; i++) {
        table_text(&table, result->flags[i].zone_id);
        table_text(&table, side_words(result->flags[i].side));
        table_text(&table, flag_level_name(result->flags[i].level));
        table_text(&table, result->flags[i].why);
        table_reason(&table);
        table_text(&table, result->flags[i].as_one_with ? result->flags[i].as_one_with : "");
        table_end_row(&table);
    }
    table_end(&table);
}

static const char *sign_words(enum sign_kind kind)
{
    static const char *const words[] = {[SIGN_GUARDING] = "guarding",
                                        [SIGN_WITHDRAWAL] = "withdrawal",
                                        [SIGN_REDUCED_HEEL] = "reduced heel loading"};

    return words[kind];
}

/* Of value, expected and sd. */
static const char *sign_unit(const struct behaviour_sign *sign)
{
    if (sign->kind != SIGN_WITHDRAWAL)
        return "ln of the share of the foot's force";
    return sign->press < 0 ? "share of the zone's mean force" : "1/s";
}

#define SIGNS_HEADER "sign,side,zone,press,time_s,value,expected,sd,z,why,reason,unit"
static void write_signs(struct table_sink *out, const struct result *result, const char *version)
{
    const char *none = "nothing it could be held against";
    struct table table;

    (void)version;
    table_begin(&table, out, SIGNS_HEADER);
    for (int i = 0; i < result->n_signs; i++) {
        const struct behaviour_sign *sign = &result->signs[i];
        double press = sign->press < 0 ? (double)NAN : result->presses[sign->press].number;
        table_text(&table, sign_words(sign->kind));
        table_text(&table, side_words(sign->side));
        table_text(&table, sign->zone ? sign->zone->id : "");
        table_number(&table, press, "standing or walking");
        table_number(&table, sign->time_s, "over the whole step");
        table_number(&table, sign->value, none);
        table_number(&table, sign->expected, none);
        table_number(&table, sign->sd, none);
        table_number(&table, sign->z, none);
        table_text(&table, sign->text);
        table_reason(&table);
        table_text(&table, sign_unit(sign));
        table_end_row(&table);
    }
    table_end(&table);
}

#define SCREENING_HEADER "question,effect,side,words,zone,reason"
static void write_screening(struct table_sink *out, const struct result *result,
                            const char *version)
{
    struct table table;

    (void)version;
    table_begin(&table, out, SCREENING_HEADER);
    for (int i = 0; i < result->screening.n_lines; i++) {
        const struct screening_line *line = &result->screening.lines[i];
        table_text(&table, line->question);
        table_text(&table, line->effect);
        table_text(&table, both_words(line->side));
        table_text(&table, wording_check(line->words, NULL) ? "" : line->words);
        table_text(&table, "");
        table_end_row(&table);
    }
    for (int i = 0; i < result->n_exclusions; i++) {
        const struct zone_exclusion *exclusion = &result->exclusions[i];
        table_text(&table, "");
        table_text(&table, "excluded");
        table_text(&table, both_words(exclusion->side));
        table_text(&table, wording_check(exclusion->why, NULL) ? "" : exclusion->why);
        table_text(&table, exclusion->zone_id);
        table_end_row(&table);
    }
    table_end(&table);
}

#define SPANS_HEADER "span,from_s,to_s,feet,moved,ended_by,reason"
static void write_spans(struct table_sink *out, const struct result *result, const char *version)
{
    const struct track *track = result->track;
    struct table table;

    (void)version;
    table_begin(&table, out, SPANS_HEADER);
    for (size_t i = 0; track && i < track->n; i++) {
        const struct track_span *span = &track->spans[i];
        double zero_us = (double)result->frames.first_us;
        table_count(&table, i + 1);
        table_number(&table, ((double)span->from_us - zero_us) * 1e-6, "not stated");
        table_number(&table, ((double)span->to_us - zero_us) * 1e-6, "not stated");
        table_count(&table, (uint64_t)span->n_feet);
        table_flag(&table, span->moved);
        table_text(&table, span->ended_by);
        table_end_row(&table);
    }
    table_end(&table);
}

#define NOT_TESTED_HEADER "zone,side,state,why,reason"
static void write_not_tested(struct table_sink *out, const struct result *result,
                             const char *version)
{
    (void)version;
    struct table table;
    table_begin(&table, out, NOT_TESTED_HEADER);
    for (int i = 0; i < result->n_not_tested; i++) {
        table_text(&table, result->not_tested[i].zone_id);
        table_text(&table, side_words(result->not_tested[i].side));
        table_text(&table, zone_state_name(result->not_tested[i].state));
        table_text(&table, result->not_tested[i].why);
        table_end_row(&table);
    }
    table_end(&table);
}

#define NOTES_HEADER "kind,side,place_u,place_v,text,reason"
static void write_notes(struct table_sink *out, const struct result *result, const char *version)
{
    (void)version;
    static const char *const kinds[] = {"text", "callus", "nodule", "wart", "joint"};
    struct table table;
    table_begin(&table, out, NOTES_HEADER);
    for (int i = 0; i < result->n_notes; i++) {
        const struct operator_note *note = &result->notes[i];
        table_text(&table, kinds[note->kind]);
        table_text(&table, side_words(note->side));
        table_number(&table, note->place.u, "no place was stated");
        table_number(&table, note->place.v, "no place was stated");
        table_text(&table, note->text);
        table_end_row(&table);
    }
    table_end(&table);
}

/* A plain grid: one line a row of cells from the back to the front, left to right. */
static void write_grid(struct table_sink *out, const struct result *result, const float *picture)
{
    struct table table;
    table_begin(&table, out, NULL);
    for (int row = 0; picture && row < result->grid.rows; row++) {
        for (int col = 0; col < result->grid.cols; col++)
            table_float(&table, picture[(size_t)row * (size_t)result->grid.cols + (size_t)col]);
        table_end_row(&table);
    }
    table_end(&table);
}

static void write_mean(struct table_sink *out, const struct result *result, const char *version)
{
    (void)version;
    write_grid(out, result, result->mean_picture);
}

static void write_max(struct table_sink *out, const struct result *result, const char *version)
{
    (void)version;
    write_grid(out, result, result->max_picture);
}

static void write_pti(struct table_sink *out, const struct result *result, const char *version)
{
    (void)version;
    write_grid(out, result, result->pti_picture);
}

static void meta_text(struct table *table, const char *key, const char *value)
{
    table_text(table, key);
    table_text(table, value);
    table_text(table, "");
    table_end_row(table);
}

static void meta_number(struct table *table, const char *key, double value, const char *unit)
{
    table_text(table, key);
    table_number(table, value, "not measured");
    table_text(table, unit);
    table_end_row(table);
}

static void write_meta_facts(struct table *table, const struct recording_facts *facts)
{
    meta_text(table, "client", facts->client);
    meta_text(table, "protocol", protocol_of(facts->protocol));
    meta_text(table, "condition", condition_of(facts->protocol));
    meta_text(table, "started_utc", facts->started_utc);
    meta_text(table, "source", facts->source);
    meta_text(table, "recorded_by", facts->software);
    meta_text(table, "device_serial", facts->device_serial);
    meta_text(table, "device_model", facts->device_model);
    meta_text(table, "device_firmware", facts->firmware);
    meta_text(table, "calibration_id", facts->calibration_id);
    meta_text(table, "calibration_date", facts->calibration_date);
    meta_text(table, "calibration_is_nominal", facts->calibration_is_nominal ? "yes" : "no");
    meta_text(table, "closed_cleanly", facts->closed_cleanly ? "yes" : "no");
    meta_number(table, "lost_frames", (double)facts->lost_frames, "frames");
    meta_number(table, "bad_frames", (double)facts->bad_frames, "frames");
    meta_number(table, "repeated_frames", (double)facts->repeated_frames, "frames");
    meta_number(table, "saturated_frames", (double)facts->saturated_frames, "frames");
    meta_number(table, "masked_cells", (double)facts->masked_cells, "cells");
}

static void write_meta_numbers(struct table *table, const struct result *result)
{
    meta_number(table, "rows", result->grid.rows, "cells");
    meta_number(table, "cols", result->grid.cols, "cells");
    meta_number(table, "pitch_x_mm", result->grid.pitch_x_mm, "mm");
    meta_number(table, "pitch_y_mm", result->grid.pitch_y_mm, "mm");
    meta_number(table, "rate_hz", result->rate_hz, "Hz");
    meta_number(table, "frames", (double)result->frames.n, "frames");
    meta_number(table, "duration_s", result->duration_s, "s");
    meta_number(table, "contact_threshold_kpa", result->threshold_kpa, "kPa");
    meta_number(table, "peak_pressure_kpa", result->peak_pressure_kpa, "kPa");
    meta_number(table, "max_force_n", result->max_force_n, "N");
    meta_number(table, "mean_force_n", result->mean_force_n, "N");
    meta_number(table, "mean_area_cm2", result->mean_area_cm2, "cm2");
    meta_number(table, "reaction_s", result->reaction_s, "s");
    meta_number(table, "reaction_sd_s", result->n_presses ? result->reaction_sd_s : NAN, "s");
    meta_number(table, "reaction_touches", result->reaction_taps, "touches");
    meta_number(table, "repeatability_percent", or_none(result->repeatability_percent), "%");
    meta_number(table, "side_bias_percent", result->n_presses ? result->side_bias_percent : NAN,
                "%");
    meta_number(table, "earlier_sessions", result->n_sessions, "sessions");
    meta_text(table, "tool", result->tool_name);
    meta_text(table, "screening_date", result->screening.date);
    meta_text(table, "not_comparable", result->not_comparable ? "yes" : "no");
}

#define METADATA_HEADER "key,value,unit,reason"
static void write_metadata(struct table_sink *out, const struct result *result, const char *version)
{
    struct table table;
    table_begin(&table, out, METADATA_HEADER);
    meta_text(&table, "software", "tenderfoot");
    meta_text(&table, "software_version", version);
    write_meta_facts(&table, &result->facts);
    write_meta_numbers(&table, result);
    meta_text(&table, "no_foot_reason", result->no_foot_reason);
    meta_text(&table, "answers_unreliable", result->answers_unreliable ? "yes" : "no");
    meta_text(&table, "answers_unreliable_why",
              result->answers_unreliable ? result->unreliable_why : "");
    meta_text(&table, "atlas", atlas_name(result->atlas));
    meta_text(&table, "atlas_version", atlas_version(result->atlas));
    for (int i = 0; i < result->n_warnings; i++)
        meta_text(&table, "warning", result->warnings[i]);
    meta_text(&table, "disclaimer", wording_disclaimer);
    table_end(&table);
}

const struct export_table export_tables[] = {
    {"frames.csv", FRAMES_HEADER,
     "One line a frame. Time from the first frame; force over all contact cells; centre of "
     "pressure "
     "(COP) in the plate frame; contact area and peak at the contact threshold of metadata.csv.",
     write_frames},
    {"foot_frames.csv", FOOT_FRAMES_HEADER,
     "One line a frame and foot, the feet one after the other: as frames.csv, of the cells of that "
     "foot alone. 0 outside of the step that the load is of.",
     write_foot_frames},
    {"feet.csv", FEET_HEADER,
     "One line a foot: side with confidence (0.5 undecided to 1), length and angle of the long "
     "axis "
     "(more than 0: turned clockwise, seen from above), load as a share of the total force (time "
     "mean).",
     write_feet},
    {"regions.csv", REGIONS_HEADER,
     "G1 toes, G2 ball, G3a upper middle, G3b lower middle, G4 heel of each foot. pti: "
     "pressure-time integral.",
     write_regions},
    {"prints.csv", PRINTS_HEADER,
     "One line a number of a footprint, with its sensitivity: its value at half and at double the "
     "contact threshold, its largest change when the threshold is 20 % off, its RMS change when "
     "one "
     "cell of the rim is flipped, and the error that these two make.",
     write_prints},
    {"patterns.csv", PATTERNS_HEADER,
     "Load patterns with their evidence and norm; then those that could not be judged, and why.",
     write_patterns},
    {"zones.csv", ZONES_HEADER,
     "Each zone of the atlas on each foot: its state, the load on it, the press test's threshold "
     "with its 95 % interval (where threshold_is_lower_bound is yes, no pain was reported up to "
     "it), flag, evidence. The column tradition repeats what the articles associate with the "
     "place, with article and line; it is no finding. ratio: to the same place of the other foot, "
     "with its 95 % interval.",
     write_zones},
    {"steps.csv", STEPS_HEADER,
     "Each step of a walk: side, times, force, pressure, way and velocity of the centre of "
     "pressure, "
     "its excursion index (cpei), the phases of stance and the footprint. Empty when nobody "
     "walked.",
     walk_table_steps},
    {"walk_averages.csv", WALK_AVERAGES_HEADER,
     "Mean, standard deviation and number of the whole steps that have a quantity: all, left, "
     "right.",
     walk_table_averages},
    {"answers.csv", ANSWERS_HEADER,
     "Each press with its place (stud in the plate frame; u, v in the foot frame), pressure and "
     "answer, corrected for the reaction time of metadata.csv. is_tap: a quick touch that told the "
     "reaction time, no press of the test.",
     write_answers},
    {"flags.csv", FLAGS_HEADER, "Zones with a flag, and why.", write_flags},
    {"not_tested.csv", NOT_TESTED_HEADER, "Zones without a result, and why.", write_not_tested},
    {"signs.csv", SIGNS_HEADER,
     "Signs of behaviour: observations that support an answer at most, and flag nothing by "
     "themselves.",
     write_signs},
    {"screening.csv", SCREENING_HEADER,
     "What the screening before the press test asks to heed, and the zones that it excludes.",
     write_screening},
    {"spans.csv", SPANS_HEADER,
     "Times in which the same feet lay in the same place; moved: a foot lies elsewhere after it.",
     write_spans},
    {"notes.csv", NOTES_HEADER, "What the operator noted.", write_notes},
    {"mean_pressure_kpa.csv", NULL,
     "Mean pressure of each cell over the loaded frames, kPa. A plain grid without header: the "
     "first "
     "line is the row of cells at the back of the plate, the first number the cell at the left. "
     "Empty when nobody stood.",
     write_mean},
    {"max_pressure_kpa.csv", NULL, "Largest pressure of each cell, kPa; the same grid.", write_max},
    {"pti_kpa_s.csv", NULL, "Pressure-time integral of each cell, kPa s; the same grid.",
     write_pti},
    {"metadata.csv", METADATA_HEADER,
     "Recording, plate, calibration, software, thresholds, warnings: one line a key.",
     write_metadata},
    {NULL, NULL, NULL, NULL},
};
