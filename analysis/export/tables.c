/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/export/tables.h"

#include "analysis/export/csv.h"
#include "analysis/export/walk_tables.h"
#include "analysis/load/load.h"
#include "analysis/foot/regions.h"
#include "analysis/report/findings.h"
#include "analysis/wording.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NO_LOAD "this foot did not stand on the plate"

#define FRAMES_HEADER "time_s,force_n,cop_x_mm,cop_y_mm,area_cm2,peak_kpa,reason"
static void write_frames(struct text *out, const struct result *result, const char *version)
{
    (void)version;
    const struct frame_series *frames = &result->frames;
    char why[80];
    struct csv csv;
    snprintf(why, sizeof why, "less than %g N on the plate", result->min_force_n);
    csv_begin(&csv, out, FRAMES_HEADER);
    for (size_t i = 0; i < frames->n; i++) {
        csv_number(&csv, frames->time_s[i], "not stated");
        csv_number(&csv, frames->force_n[i], "not measured");
        csv_number(&csv, frames->cop_x_mm[i], why);
        csv_number(&csv, frames->cop_y_mm[i], why);
        csv_number(&csv, frames->area_cm2[i], "not measured");
        csv_number(&csv, frames->peak_kpa[i], "not measured");
        csv_end_row(&csv);
    }
    csv_end(&csv);
}

#define FOOT_FRAMES_HEADER "time_s,side,force_n,cop_x_mm,cop_y_mm,area_cm2,peak_kpa,reason"
static void write_foot_frames(struct text *out, const struct result *result, const char *version)
{
    (void)version;
    char why[80];
    struct csv csv;
    snprintf(why, sizeof why, "less than %g N on this foot", result->min_force_n);
    csv_begin(&csv, out, FOOT_FRAMES_HEADER);
    for (int f = 0; f < result->n_feet; f++) {
        const struct foot_result *foot = &result->feet[f];
        for (size_t i = 0; foot->load && i < foot->load->series.n; i++) {
            const struct foot_series *series = &foot->load->series;
            csv_number(&csv, result->frames.time_s[i], "not stated");
            csv_text(&csv, side_words(foot->side));
            csv_number(&csv, series->force_n[i], "not measured");
            csv_number(&csv, series->cop_x_mm[i], why);
            csv_number(&csv, series->cop_y_mm[i], why);
            csv_number(&csv, series->area_cm2[i], "not measured");
            csv_number(&csv, series->peak_kpa[i], "not measured");
            csv_end_row(&csv);
        }
    }
    csv_end(&csv);
}

#define FEET_HEADER                                                                                \
    "side,confidence,length_mm,length_is_measured,angle_deg,force_n,load_percent,area_cm2,"        \
    "peak_kpa,cop_x_mm,cop_y_mm,reason"
static void write_feet(struct text *out, const struct result *result, const char *version)
{
    (void)version;
    struct csv csv;
    csv_begin(&csv, out, FEET_HEADER);
    for (int i = 0; i < result->n_feet; i++) {
        const struct foot_result *foot = &result->feet[i];
        csv_text(&csv, side_words(foot->side));
        csv_number(&csv, foot->side_confidence, "not known");
        csv_number(&csv, foot->length_mm, foot->length_reason);
        csv_flag(&csv, foot->length_is_measured);
        csv_number(&csv, foot->angle_deg, NO_LOAD);
        csv_number(&csv, foot->force_n, NO_LOAD);
        csv_number(&csv, foot->load_percent, NO_LOAD);
        csv_number(&csv, foot->area_cm2, NO_LOAD);
        csv_number(&csv, foot->peak_kpa, NO_LOAD);
        csv_number(&csv, foot->cop.x_mm, NO_LOAD);
        csv_number(&csv, foot->cop.y_mm, NO_LOAD);
        csv_end_row(&csv);
    }
    csv_end(&csv);
}

#define PRINTS_HEADER                                                                              \
    "side,number,name,value,unit,at_half_threshold,at_double_threshold,per_20_percent,one_cell,"   \
    "error,definition,reason"
static void write_prints(struct text *out, const struct result *result, const char *version)
{
    (void)version;
    const char *none = "the print does not allow it";
    struct csv csv;
    csv_begin(&csv, out, PRINTS_HEADER);
    for (int i = 0; i < result->n_feet; i++)
        for (int id = 0; result->feet[i].print && id < PRINT_NUMBERS; id++) {
            const struct print_number_facts *facts = print_number_facts((enum print_number_id)id);
            const struct print_number *number = &result->feet[i].print->of[id];
            csv_text(&csv, side_words(result->feet[i].side));
            csv_text(&csv, facts->key);
            csv_text(&csv, facts->words);
            csv_number(&csv, number->value, number->reason);
            csv_text(&csv, facts->unit);
            csv_number(&csv, number->at_half, none);
            csv_number(&csv, number->at_double, none);
            csv_number(&csv, number->per_20_percent, none);
            csv_number(&csv, number->one_cell, none);
            csv_number(&csv, number->error, none);
            csv_text(&csv, facts->source);
            csv_end_row(&csv);
        }
    csv_end(&csv);
}

#define PATTERNS_HEADER                                                                            \
    "pattern,side,words,value,error,beyond_error,evidence,norm,norm_basis,norm_source,reason"
static void write_patterns(struct text *out, const struct result *result, const char *version)
{
    (void)version;
    const struct patterns *patterns = &result->patterns;
    struct csv csv;
    csv_begin(&csv, out, PATTERNS_HEADER);
    for (int i = 0; i < patterns->n; i++) {
        const struct pattern *pattern = &patterns->list[i];
        csv_text(&csv, pattern_name(pattern->id));
        csv_text(&csv, side_words(pattern->side));
        csv_text(&csv, pattern->words);
        csv_number(&csv, pattern->value, "not measured");
        csv_number(&csv, pattern->error, "the print does not tell its error");
        csv_flag(&csv, pattern->beyond_error);
        csv_text(&csv, pattern->evidence);
        csv_text(&csv, pattern->norm->id);
        csv_text(&csv, pattern->norm->is_published ? "published" : "project");
        csv_text(&csv, pattern->norm->source);
        csv_end_row(&csv);
    }
    for (int i = 0; i < patterns->n_not_told; i++) {
        const struct pattern_gap *gap = &patterns->not_told[i];
        csv_text(&csv, pattern_name(gap->id));
        csv_text(&csv, side_words(gap->side));
        csv_text(&csv, "not judged");
        csv_number(&csv, NAN, gap->why);
        csv_number(&csv, NAN, gap->why);
        for (int k = 0; k < 5; k++)
            csv_text(&csv, "");
        csv_end_row(&csv);
    }
    csv_end(&csv);
}

#define REGIONS_HEADER                                                                             \
    "side,region,name,load_percent,force_n,peak_kpa,mean_kpa,area_cm2,pti_kpa_s,reason"
static void write_regions(struct text *out, const struct result *result, const char *version)
{
    (void)version;
    struct csv csv;
    csv_begin(&csv, out, REGIONS_HEADER);
    for (int i = 0; i < result->n_feet; i++)
        for (int id = 0; id < REGION_COUNT; id++) {
            const struct foot_result *foot = &result->feet[i];
            const struct region_result *region = &foot->regions[id];
            csv_text(&csv, side_words(foot->side));
            csv_text(&csv, region_name((enum region_id)id));
            csv_text(&csv, region_words((enum region_id)id));
            csv_number(&csv, region->load_percent, NO_LOAD);
            csv_number(&csv, region->force_n, NO_LOAD);
            csv_number(&csv, region->peak_kpa, NO_LOAD);
            csv_number(&csv, region->mean_kpa,
                       foot->has_load ? "no cell of the region is in contact" : NO_LOAD);
            csv_number(&csv, region->area_cm2, NO_LOAD);
            csv_number(&csv, region->pti_kpa_s,
                       foot->has_load ? "no cell of the region is in contact" : NO_LOAD);
            csv_end_row(&csv);
        }
    csv_end(&csv);
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
        return "excluded by screening";
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

static void write_evidence(struct csv *csv, const struct zone_result *zone)
{
    struct text all = {0};
    for (int i = 0; i < zone->n_evidence; i++)
        text_addf(&all, "%s%s", i ? "; " : "", zone->evidence[i].text);
    csv->out->failed |= all.failed;
    csv_text(csv, text_string(&all));
    text_free(&all);
}

static void write_tradition(struct csv *csv, const struct zone_result *zone)
{
    struct text words = {0};
    tradition_add(&words, zone->zone);
    csv->out->failed |= words.failed;
    csv_text(csv, text_string(&words));
    text_free(&words);
}

static void write_zone_load(struct csv *csv, const struct foot_result *foot,
                            const struct zone_result *zone)
{
    const char *why = no_zone_load(foot, zone);
    csv_number(csv, zone->contact_cm2, why);
    csv_number(csv, zone->contact_share, why);
    csv_number(csv, zone->mean_kpa, why);
    csv_number(csv, zone->peak_kpa, why);
    csv_number(csv, zone->load_percent, why);
    csv_number(csv, zone->pti_kpa_s, why);
}

static void write_zone(struct csv *csv, const struct foot_result *foot,
                       const struct zone_result *zone)
{
    csv_text(csv, side_words(foot->side));
    csv_text(csv, zone->zone->id);
    csv_text(csv, zone->zone->name);
    csv_text(csv, zone_state_name(zone->state));
    csv_flag(csv, zone->approximate);
    write_zone_load(csv, foot, zone);
    csv_number(csv, zone->threshold_kpa, no_threshold(zone));
    csv_number(csv, zone->threshold_low_kpa, no_threshold(zone));
    csv_number(csv, zone->threshold_high_kpa, no_threshold(zone));
    csv_flag(csv, zone_threshold_is_bound(zone));
    csv_count(csv, (uint64_t)zone->repeats);
    csv_count(csv, (uint64_t)zone->answers);
    csv_text(csv, zone->flag == FLAG_NONE ? "" : flag_level_name(zone->flag));
    write_tradition(csv, zone);
    write_evidence(csv, zone);
    csv_end_row(csv);
}

#define ZONES_HEADER                                                                               \
    "side,zone,name,state,approximate,contact_cm2,contact_share,mean_kpa,peak_kpa,load_percent,"   \
    "pti_kpa_s,threshold_kpa,threshold_low_kpa,threshold_high_kpa,threshold_is_lower_bound,"       \
    "presses,answers,flag,tradition,evidence,reason"
static void write_zones(struct text *out, const struct result *result, const char *version)
{
    (void)version;
    struct csv csv;
    csv_begin(&csv, out, ZONES_HEADER);
    for (int i = 0; i < result->n_feet; i++)
        for (int k = 0; k < result->feet[i].n_zones; k++)
            write_zone(&csv, &result->feet[i], &result->feet[i].zones[k]);
    csv_end(&csv);
}

static void write_answer(struct csv *csv, const struct press *press)
{
    const char *no_place = "no stud or heel-cup place was annotated";
    const char *no_rise = "no rise of pressure was found";
    const char *no_answer = press->answered ? "its pressure cannot be told" : "no answer came";
    csv_count(csv, (uint64_t)press->number);
    csv_count(csv, (uint64_t)press->pass);
    csv_text(csv, side_words(press->side));
    csv_flag(csv, press->is_catch);
    csv_number(csv, press->stud.x_mm, no_place);
    csv_number(csv, press->stud.y_mm, no_place);
    csv_number(csv, press->place_known ? press->place.u : NAN, no_place);
    csv_number(csv, press->place_known ? press->place.v : NAN, no_place);
    csv_number(csv, press->start_s, no_rise);
    csv_number(csv, press->end_s, no_rise);
    csv_number(csv, press->peak_kpa, no_rise);
    csv_number(csv, press->ramp_kpa_s, no_rise);
    csv_flag(csv, press->answered);
    csv_number(csv, press->answered ? press->answer_s : NAN, no_answer);
    csv_number(csv, press->answered ? press->answer_kpa : NAN, no_answer);
    csv_flag(csv, press->reached_ceiling);
    csv_flag(csv, press->stopped);
    csv_number(csv, press->ceiling_kpa, "not annotated");
    csv_number(csv, press->tip_cm2, "not annotated");
    csv_text(csv, press->doubtful ? press->doubt : "");
    csv_flag(csv, press->is_tap);
    csv_end_row(csv);
}

#define ANSWERS_HEADER                                                                             \
    "press,pass,side,is_catch,stud_x_mm,stud_y_mm,place_u,place_v,start_s,end_s,peak_kpa,"         \
    "ramp_kpa_s,answered,answer_s,answer_kpa,reached_ceiling,stopped,ceiling_kpa,tip_cm2,doubt,"   \
    "is_tap,reason"
static void write_answers(struct text *out, const struct result *result, const char *version)
{
    (void)version;
    struct csv csv;
    csv_begin(&csv, out, ANSWERS_HEADER);
    for (int i = 0; i < result->n_presses; i++)
        write_answer(&csv, &result->presses[i]);
    csv_end(&csv);
}

#define FLAGS_HEADER "zone,side,level,why,reason"
static void write_flags(struct text *out, const struct result *result, const char *version)
{
    (void)version;
    struct csv csv;
    csv_begin(&csv, out, FLAGS_HEADER);
    for (int i = 0; i < result->n_flags; i++) {
        csv_text(&csv, result->flags[i].zone_id);
        csv_text(&csv, side_words(result->flags[i].side));
        csv_text(&csv, flag_level_name(result->flags[i].level));
        csv_text(&csv, result->flags[i].why);
        csv_end_row(&csv);
    }
    csv_end(&csv);
}

#define NOT_TESTED_HEADER "zone,side,state,why,reason"
static void write_not_tested(struct text *out, const struct result *result, const char *version)
{
    (void)version;
    struct csv csv;
    csv_begin(&csv, out, NOT_TESTED_HEADER);
    for (int i = 0; i < result->n_not_tested; i++) {
        csv_text(&csv, result->not_tested[i].zone_id);
        csv_text(&csv, side_words(result->not_tested[i].side));
        csv_text(&csv, zone_state_name(result->not_tested[i].state));
        csv_text(&csv, result->not_tested[i].why);
        csv_end_row(&csv);
    }
    csv_end(&csv);
}

#define NOTES_HEADER "kind,side,place_u,place_v,text,reason"
static void write_notes(struct text *out, const struct result *result, const char *version)
{
    (void)version;
    static const char *const kinds[] = {"text", "callus", "nodule", "wart", "joint"};
    struct csv csv;
    csv_begin(&csv, out, NOTES_HEADER);
    for (int i = 0; i < result->n_notes; i++) {
        const struct operator_note *note = &result->notes[i];
        csv_text(&csv, kinds[note->kind]);
        csv_text(&csv, side_words(note->side));
        csv_number(&csv, note->place.u, "no place was stated");
        csv_number(&csv, note->place.v, "no place was stated");
        csv_text(&csv, note->text);
        csv_end_row(&csv);
    }
    csv_end(&csv);
}

/* A plain grid: one line a row of cells from the back to the front, left to right. */
static void write_grid(struct text *out, const struct result *result, const float *picture)
{
    for (int row = 0; picture && row < result->grid.rows; row++) {
        for (int col = 0; col < result->grid.cols; col++) {
            text_add(out, col ? "," : "");
            csv_add_float(out, picture[(size_t)row * (size_t)result->grid.cols + (size_t)col]);
        }
        text_add(out, "\r\n");
    }
}

static void write_mean(struct text *out, const struct result *result, const char *version)
{
    (void)version;
    write_grid(out, result, result->mean_picture);
}

static void write_max(struct text *out, const struct result *result, const char *version)
{
    (void)version;
    write_grid(out, result, result->max_picture);
}

static void write_pti(struct text *out, const struct result *result, const char *version)
{
    (void)version;
    write_grid(out, result, result->pti_picture);
}

static void meta_text(struct csv *csv, const char *key, const char *value)
{
    csv_text(csv, key);
    csv_text(csv, value);
    csv_text(csv, "");
    csv_end_row(csv);
}

static void meta_number(struct csv *csv, const char *key, double value, const char *unit)
{
    csv_text(csv, key);
    csv_number(csv, value, "not measured");
    csv_text(csv, unit);
    csv_end_row(csv);
}

static void write_meta_facts(struct csv *csv, const struct recording_facts *facts)
{
    meta_text(csv, "client", facts->client);
    meta_text(csv, "protocol", facts->protocol);
    meta_text(csv, "started_utc", facts->started_utc);
    meta_text(csv, "source", facts->source);
    meta_text(csv, "recorded_by", facts->software);
    meta_text(csv, "device_serial", facts->device_serial);
    meta_text(csv, "device_model", facts->device_model);
    meta_text(csv, "device_firmware", facts->firmware);
    meta_text(csv, "calibration_id", facts->calibration_id);
    meta_text(csv, "calibration_date", facts->calibration_date);
    meta_text(csv, "calibration_is_nominal", facts->calibration_is_nominal ? "yes" : "no");
    meta_text(csv, "closed_cleanly", facts->closed_cleanly ? "yes" : "no");
    meta_number(csv, "lost_frames", (double)facts->lost_frames, "frames");
    meta_number(csv, "bad_frames", (double)facts->bad_frames, "frames");
    meta_number(csv, "repeated_frames", (double)facts->repeated_frames, "frames");
    meta_number(csv, "saturated_frames", (double)facts->saturated_frames, "frames");
    meta_number(csv, "masked_cells", (double)facts->masked_cells, "cells");
}

static void write_meta_numbers(struct csv *csv, const struct result *result)
{
    meta_number(csv, "rows", result->grid.rows, "cells");
    meta_number(csv, "cols", result->grid.cols, "cells");
    meta_number(csv, "pitch_x_mm", result->grid.pitch_x_mm, "mm");
    meta_number(csv, "pitch_y_mm", result->grid.pitch_y_mm, "mm");
    meta_number(csv, "rate_hz", result->rate_hz, "Hz");
    meta_number(csv, "frames", (double)result->frames.n, "frames");
    meta_number(csv, "duration_s", result->duration_s, "s");
    meta_number(csv, "contact_threshold_kpa", result->threshold_kpa, "kPa");
    meta_number(csv, "peak_pressure_kpa", result->peak_pressure_kpa, "kPa");
    meta_number(csv, "max_force_n", result->max_force_n, "N");
    meta_number(csv, "mean_force_n", result->mean_force_n, "N");
    meta_number(csv, "mean_area_cm2", result->mean_area_cm2, "cm2");
    meta_number(csv, "reaction_s", result->reaction_s, "s");
}

#define METADATA_HEADER "key,value,unit,reason"
static void write_metadata(struct text *out, const struct result *result, const char *version)
{
    struct csv csv;
    csv_begin(&csv, out, METADATA_HEADER);
    meta_text(&csv, "software", "tenderfoot");
    meta_text(&csv, "software_version", version);
    write_meta_facts(&csv, &result->facts);
    write_meta_numbers(&csv, result);
    meta_text(&csv, "no_foot_reason", result->no_foot_reason);
    meta_text(&csv, "answers_unreliable", result->answers_unreliable ? "yes" : "no");
    meta_text(&csv, "answers_unreliable_why",
              result->answers_unreliable ? result->unreliable_why : "");
    meta_text(&csv, "atlas", atlas_name(result->atlas));
    meta_text(&csv, "atlas_version", atlas_version(result->atlas));
    for (int i = 0; i < result->n_warnings; i++)
        meta_text(&csv, "warning", result->warnings[i]);
    meta_text(&csv, "disclaimer", wording_disclaimer);
    csv_end(&csv);
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
     "place; it is no finding.",
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
