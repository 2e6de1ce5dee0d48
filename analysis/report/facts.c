/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/tender_next.h"
#include "analysis/report/facts.h"
#include "analysis/report/pattern_words.h"
#include "analysis/report/press_facts.h"
#include "analysis/report/words.h"
#include "analysis/report/words_made.h"

#include "analysis/report/findings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOT_STATED "not stated"

int facts_is_walk(const struct result *result)
{
    if (result->mean_picture)
        return result->walked;
    return result->facts.protocol && !strcmp(result->facts.protocol, "walk");
}

const float *facts_picture(const struct result *result)
{
    return result_contact_picture(result);
}

double report_scale_kpa(const struct result *result, const struct report_options *options)
{
    if (options->scale_max_kpa > 0)
        return options->scale_max_kpa;
    return facts_is_walk(result) ? 400 : 120;
}

void facts_add_client(struct text *text, const struct result *result,
                      const struct report_options *options)
{
    text_add_foreign(text, options->person ? options->person : result->facts.client,
                     "client " NOT_STATED);
}

/* German and Russian: day, month, year. */
static void day_words(const char *utc, char words[11])
{
    if (words_used() == WORDS_ENGLISH)
        snprintf(words, 11, "%.10s", utc);
    else
        snprintf(words, 11, "%.2s.%.2s.%.4s", utc + 8, utc + 5, utc);
}

void facts_add_utc(struct text *text, const char *utc, const char *when_missing)
{
    size_t n = utc ? strlen(utc) : 0;
    int is_day = n >= 10 && utc[4] == '-' && utc[7] == '-';
    char day[11], shown[24];

    if (!is_day || (n > 10 && (n < 20 || utc[10] != 'T' || utc[n - 1] != 'Z'))) {
        text_add_foreign(text, utc, when_missing);
        return;
    }
    day_words(utc, day);
    snprintf(shown, sizeof shown, n > 10 ? "%s %.5s" : "%s%.0s", day, utc + (n > 10 ? 11 : 10));
    text_add_foreign(text, shown, NULL);
    text_add(text, n > 10 ? " UTC" : "");
}

void facts_add_date(struct text *text, const struct result *result)
{
    facts_add_utc(text, result->facts.started_utc, "date " NOT_STATED);
}

void facts_add_protocol(struct text *text, const struct result *result)
{
    static const struct {
        const char *protocol, *words;
    } known[] = {{"stand", "standing"},
                 {"sway", "standing for sway"},
                 {"sway_eyes_open", "standing, eyes open"},
                 {"sway_eyes_closed", "standing, eyes closed"},
                 {"walk", "walking"},
                 {"press", "press test"}};
    const char *protocol = result->facts.protocol ? result->facts.protocol : "";
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!strcmp(protocol, known[i].protocol)) {
            text_add(text, known[i].words);
            return;
        }
    text_add_foreign(text, protocol, "protocol " NOT_STATED);
}

void facts_add_picture(struct text *text, const struct result *result)
{
    if (!facts_picture(result))
        text_add(text, "No standing or walking in this recording: no load picture.");
    else if (facts_is_walk(result))
        text_add(text, "Largest pressure of each cell over all steps, raw cells.");
    else
        text_add(text, "Mean pressure of each cell while standing, raw cells.");
}

const char *facts_nothing_flagged(const struct result *result)
{
    return tender_nothing_flagged(result);
}

/* "371 N", or "not measured" where the number cannot be had. */
static void add_number(struct text *text, double value, int decimals, const char *unit)
{
    if (isfinite(value))
        text_addf(text, "%.*f %s", decimals, value, words_tr(unit));
    else
        text_add(text, "not measured");
}

/* Outward is away from the other foot: to the left for a left foot. */
static void add_angle(struct text *text, const struct foot_result *foot)
{
    double outward_deg = foot->side == SIDE_LEFT ? -foot->angle_deg : foot->angle_deg;
    const char *way = outward_deg < 0 ? "inward" : "outward";
    if (foot->side == SIDE_UNKNOWN)
        way = foot->angle_deg < 0 ? "to the left" : "to the right";
    text_addf(text, "%sturned %.0f° %s", foot->length_is_measured ? ", " : "\n", fabs(outward_deg),
              words_tr(way));
}

/* "length 264 mm (stated, not measured)": where it is not measured, where it is from. What the
 * reason adds in numbers ("; the contact is 253 mm long") is for the analysis. */
static void add_length(struct text *text, const struct foot_result *foot)
{
    const char *reason = foot->length_reason;
    text_addf(text, "\nlength %.0f mm", foot->length_mm);
    if (foot->length_is_measured)
        return;
    text_add(text, " (");
    char told[sizeof foot->length_reason];
    snprintf(told, sizeof told, "%.*s", (int)strcspn(reason, ";:"), reason);
    text_add_made(text, *told ? told : "not measured");
    text_add(text, ")");
}

void facts_add_foot(struct text *text, const struct foot_result *foot)
{
    if (isfinite(foot->force_n))
        text_addf(text, "%.0f N, %.0f cm² in contact", foot->force_n, foot->area_cm2);
    else
        text_add(text, "load not measured");
    if (isfinite(foot->length_mm))
        add_length(text, foot);
    if (foot->has_load && isfinite(foot->angle_deg))
        add_angle(text, foot);
    if (foot->side == SIDE_UNKNOWN || foot->side_confidence < 0.75)
        text_add(text, "\nleft or right is uncertain");
}

/* As printed with one decimal, so that a reader who subtracts printed shares gets the same. */
static double tenths(double percent)
{
    char printed[32];
    snprintf(printed, sizeof printed, "%.1f", percent);
    return strtod(printed, NULL);
}

static void add_left_right(struct text *text, const struct result *result,
                           const struct report_options *options)
{
    (void)options;
    const struct foot_result *left = foot_of_side(result, SIDE_LEFT);
    const struct foot_result *right = foot_of_side(result, SIDE_RIGHT);
    if (!left || !right || !isfinite(left->load_percent) || !isfinite(right->load_percent)) {
        text_add(text, "not compared: needs two loaded feet");
        return;
    }
    text_addf(text, "%.1f percentage points",
              tenths(left->load_percent) - tenths(right->load_percent) + 0.0);
}

static void add_force(struct text *text, const struct result *result,
                      const struct report_options *options)
{
    (void)options;
    add_number(text, result->mean_force_n, 0, "N mean");
    if (isfinite(result->max_force_n))
        text_addf(text, ", %.0f N largest", result->max_force_n);
}

static void add_area(struct text *text, const struct result *result,
                     const struct report_options *options)
{
    (void)options;
    add_number(text, result->mean_area_cm2, 1, "cm² mean");
    text_addf(text, ", from %g kPa", result->threshold_kpa);
}

static void add_peak(struct text *text, const struct result *result,
                     const struct report_options *options)
{
    (void)options;
    add_number(text, result->peak_pressure_kpa, 0, "kPa");
    if (isfinite(result->peak_pressure_kpa))
        text_add(text, result->n_presses
                           ? ", highest cell, presses included (spread over cells: less than at "
                             "the stud's tip)"
                           : ", highest cell of the whole recording");
}

int fact_line_is_shown(const struct fact_line *line, const struct result *result)
{
    if (line->is_said && !line->is_said(result))
        return 0;
    return !line->of_feet || result->n_feet || !facts_is_walk(result);
}

const struct fact_line load_lines[] = {
    {"Left minus right", add_left_right, 1, NULL},
    {"Force on the plate", add_force, 0, NULL},
    {"Contact area", add_area, 0, NULL},
    {"Peak pressure", add_peak, 0, NULL},
    {"Arch index", pattern_words_arch, 1, NULL},
    {"Load patterns", pattern_words_short, 0, NULL},
    {NULL, NULL, 0, NULL},
};

static void add_continued(struct text *text, const struct continued *continued)
{
    struct text name = {0};

    if (!*continued->recording)
        return;
    text_add_foreign(&name, continued->recording, NULL);
    text_addf(text,
              "; part %d: goes on with %s, in which the station stopped, %.1f s missing between",
              continued->segment, text_string(&name), continued->gap_s);
    text->failed |= name.failed;
    text_free(&name);
}

static void add_recording(struct text *text, const struct result *result,
                          const struct report_options *options)
{
    (void)options;
    text_addf(text, "%zu frames in %.1f s at %g frames/s, ", result->frames.n, result->duration_s,
              result->rate_hz);
    facts_add_protocol(text, result);
    text_add(text, result->facts.closed_cleanly ? "; closed cleanly" : "; not closed cleanly");
    add_continued(text, &result->continued);
}

static void add_frames(struct text *text, const struct result *result,
                       const struct report_options *options)
{
    (void)options;
    const struct recording_facts *facts = &result->facts;
    text_addf(
        text,
        words_plural("%lu frame lost, ", "%lu frames lost, ", (unsigned long)facts->lost_frames),
        (unsigned long)facts->lost_frames);
    text_addf(text,
              words_plural("%lu frame of them damaged; ", "%lu frames of them damaged; ",
                           (unsigned long)facts->bad_frames),
              (unsigned long)facts->bad_frames);
    text_addf(text,
              words_plural("%lu frame repeated, ", "%lu frames repeated, ",
                           (unsigned long)facts->repeated_frames),
              (unsigned long)facts->repeated_frames);
    text_addf(text,
              words_plural("%lu frame saturated", "%lu frames saturated",
                           (unsigned long)facts->saturated_frames),
              (unsigned long)facts->saturated_frames);
}

static void add_plate(struct text *text, const struct result *result,
                      const struct report_options *options)
{
    (void)options;
    const struct grid *grid = &result->grid;
    text_add_foreign(text, result->facts.device_model, "model " NOT_STATED);
    text_add(text, ", serial ");
    text_add_foreign(text, result->facts.device_serial, NOT_STATED);
    text_add(text, ", firmware ");
    text_add_foreign(text, result->facts.firmware, NOT_STATED);
    text_addf(text, "; %d x %d cells of %g mm x %g mm", grid->rows, grid->cols, grid->pitch_x_mm,
              grid->pitch_y_mm);
    if (result->facts.source && *result->facts.source) {
        text_add(text, "; source: ");
        text_add_foreign(text, result->facts.source, NULL);
    }
}

static void add_calibration(struct text *text, const struct result *result,
                            const struct report_options *options)
{
    (void)options;
    if (result->facts.calibration_is_nominal) {
        text_add(text, "NOMINAL: no calibration of this plate, all kPa are nominal");
        return;
    }
    const char *id = result->facts.calibration_id;
    if ((!id || !*id) && result->facts.source && !strncmp(result->facts.source, "import", 6)) {
        text_add(text, "pressures as imported, calibrated by their maker");
        return;
    }
    text_add_foreign(text, id, "id " NOT_STATED);
    text_add(text, ", ");
    facts_add_utc(text, result->facts.calibration_date, "date " NOT_STATED);
}

static void add_software(struct text *text, const struct result *result,
                         const struct report_options *options)
{
    text_addf(text, "tenderfoot %s", options->software_version ? options->software_version : "");
    text_add(text, "; recorded by ");
    text_add_foreign(text, result->facts.software, NOT_STATED);
    if (result->atlas)
        text_addf(text, "; atlas %s", atlas_version(result->atlas));
}

static void add_unreliable(struct text *text, const struct result *result)
{
    struct text why = {0};

    text_add_made(&why, result->unreliable_why);
    text->failed |= why.failed;
    text_addf(text, "Answers unreliable: %s; no zone is flagged.", text_string(&why));
    text_free(&why);
}

static void add_warnings(struct text *text, const struct result *result,
                         const struct report_options *options)
{
    (void)options;
    if (!result->n_warnings && !result->answers_unreliable)
        text_add(text, "none");
    if (result->answers_unreliable)
        add_unreliable(text, result);
    for (int i = 0; i < result->n_warnings; i++) {
        text_add(text, text->n ? " " : ""); /* they are sentences */
        text_add_made(text, result->warnings[i]);
    }
}

const struct fact_line press_lines[] = {
    {"Press test", press_facts_count, 0, NULL},
    {"Method", press_facts_method, 0, press_facts_has_presses},
    {"Answers", press_facts_answers, 0, NULL},
    {"Observed beside", press_facts_observed, 0, press_facts_has_signs},
    {NULL, NULL, 0, NULL},
};

const struct fact_line fact_lines[] = {
    {"Recording", add_recording, 0, NULL},
    {"Frames", add_frames, 0, NULL},
    {"Screening", press_facts_screening, 0, press_facts_has_screening},
    {"Feet", press_facts_feet, 0, press_facts_has_feet},
    {"Plate", add_plate, 0, NULL},
    {"Calibration", add_calibration, 0, NULL},
    {"Software", add_software, 0, NULL},
    {"Warnings", add_warnings, 0, NULL},
    {NULL, NULL, 0, NULL},
};
