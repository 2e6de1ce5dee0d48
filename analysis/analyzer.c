/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/analyzer.h"
#include "analysis/analyzer_private.h"
#include "analysis/contact.h"
#include "analysis/masked_cells.h"
#include "analysis/press/press_sessions.h"
#include "analysis/press/tenderness.h"
#include "analysis/walk/walk.h"
#include "analysis/warnings.h"
#include "analysis/atlas/zones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A longer pause than this many frame periods is a gap, and its time is nobody's load. */
#define GAP_PERIODS 10

enum step step_from_name(const char *name)
{
    if (!name || !strcmp(name, "stand") || !strcmp(name, "sway"))
        return STEP_STAND;
    if (!strcmp(name, "walk"))
        return STEP_WALK;
    return strcmp(name, "press") ? STEP_OTHER : STEP_PRESS;
}

static int check_begin(const struct grid *grid, double rate_hz,
                       const struct analyzer_options *options, struct problem *why)
{
    if (grid->rows < 1 || grid->rows > 256 || grid->cols < 1 || grid->cols > 256)
        return problem(why, PROBLEM_REFUSED,
                       "geometry %d x %d: 1 to 256 rows and columns are "
                       "supported",
                       grid->rows, grid->cols);
    if (!(grid->pitch_x_mm > 0 && grid->pitch_x_mm <= 100) ||
        !(grid->pitch_y_mm > 0 && grid->pitch_y_mm <= 100))
        return problem(why, PROBLEM_REFUSED, "cell pitch %g x %g mm: over 0 and at most 100 mm",
                       grid->pitch_x_mm, grid->pitch_y_mm);
    if (!(rate_hz > 0 && rate_hz <= 1e5))
        return problem(why, PROBLEM_REFUSED, "frame rate %g Hz: over 0 and at most 100000 Hz",
                       rate_hz);
    if (!(options->threshold_kpa >= 0 && options->threshold_kpa <= 1e6))
        return problem(why, PROBLEM_USAGE, "contact threshold %g kPa: 0 or more",
                       options->threshold_kpa);
    if (!(options->min_force_n >= 0 && options->min_force_n <= 1e6))
        return problem(why, PROBLEM_USAGE, "minimum force %g N: 0 or more", options->min_force_n);
    if (!(options->body_mass_kg >= 0 && options->body_mass_kg <= 1000))
        return problem(why, PROBLEM_USAGE, "body mass %g kg: up to 1000", options->body_mass_kg);
    return 0;
}

void analyzer_free(struct analyzer *analyzer)
{
    if (!analyzer)
        return;
    for (int i = 0; i < LOAD_STEPS; i++)
        pictures_free(&analyzer->load[i].pictures);
    series_free(&analyzer->series);
    press_finder_free(analyzer->presses);
    belt_watch_free(analyzer->belt);
    foot_track_free(analyzer->track);
    result_free(analyzer->result);
    usable_frame_free(&analyzer->usable);
    json_decref(analyzer->correct_lines);
    free(analyzer);
}

static struct result *new_result(const struct grid *grid, double rate_hz,
                                 const struct analyzer_options *options, struct problem *why)
{
    struct result *result = calloc(1, sizeof *result);

    if (!result) {
        problem_no_memory(why, "the result");
        return NULL;
    }
    result->grid = *grid;
    result->rate_hz = rate_hz;
    result->threshold_kpa = options->threshold_kpa;
    result->min_force_n = options->min_force_n;
    result->mean_force_n = result->mean_area_cm2 = result->outside_feet_percent = NAN;
    result->reaction_s = result->age_years = NAN;
    result->load_from_s = result->load_to_s = NAN;
    result->repeatability_percent = result->side_bias_percent = NAN;
    result->body_mass_kg = options->body_mass_kg > 0 ? options->body_mass_kg : NAN;
    result->with_part_series = options->with_part_series;
    result->atlas = atlas_load(options->atlas_path, why);
    result->norms = result->atlas ? norms_load(options->norms_path, why) : NULL;
    result->chart = options->chart;
    if (!result->norms || atlas_apply_settings(result->atlas, &options->chart, why)) {
        result_free(result);
        return NULL;
    }
    return result;
}

struct analyzer *analyzer_begin(const struct grid *grid, double rate_hz,
                                const struct analyzer_options *options, struct problem *why)
{
    struct analyzer *analyzer;

    if (check_begin(grid, rate_hz, options, why))
        return NULL;
    analyzer = calloc(1, sizeof *analyzer);
    if (!analyzer) {
        problem_no_memory(why, "the analyzer");
        return NULL;
    }
    analyzer->options = *options;
    analyzer->step = step_from_name(options->protocol);
    analyzer->result = new_result(grid, rate_hz, options, why);
    if (!analyzer->result)
        goto failed;
    for (int i = 0; i < LOAD_STEPS; i++)
        if (pictures_begin(&analyzer->load[i].pictures, grid, why))
            goto failed;
    if (options->correct_path && analyzer_read_corrections(analyzer, options->correct_path, why))
        goto failed;
    analyzer->presses = press_finder_begin(grid, options->threshold_kpa, why);
    if (!analyzer->presses)
        goto failed;
    press_finder_protocol(analyzer->presses, options->protocol);
    analyzer->track = foot_track_begin(grid, options->threshold_kpa, rate_hz, NULL, why);
    if (!analyzer->track)
        goto failed;
    return analyzer;
failed:
    analyzer_free(analyzer);
    return NULL;
}

/* The time that this frame stands for: since the one before, a gap not counted. */
static double frame_time_s(struct analyzer *analyzer, uint64_t time_us)
{
    double period_s = 1 / analyzer->result->rate_hz, since_s = period_s;

    if (analyzer->any_frame && time_us > analyzer->last_us)
        since_s = (double)(time_us - analyzer->last_us) / 1e6;
    if (since_s > GAP_PERIODS * period_s) {
        analyzer->gaps++;
        analyzer->longest_gap_s = fmax(analyzer->longest_gap_s, since_s);
        since_s = period_s;
    }
    if (!analyzer->any_frame || time_us > analyzer->last_us)
        analyzer->last_us = time_us;
    analyzer->any_frame = 1;
    return since_s;
}

static void add_load(struct analyzer *analyzer, const float *kpa,
                     const struct frame_numbers *numbers, double time_s)
{
    struct step_load *load;

    if (analyzer->step >= LOAD_STEPS || numbers->force_n <= 0 ||
        numbers->force_n < analyzer->options.min_force_n)
        return;
    load = &analyzer->load[analyzer->step];
    pictures_add(&load->pictures, kpa, analyzer->options.threshold_kpa);
    load->loaded_s += time_s;
    load->area_sum_cm2 += numbers->area_cm2;
}

/* Walking: does the ground move under the person? */
static int watch_belt(struct analyzer *analyzer, const float *kpa, struct problem *why)
{
    struct result *result = analyzer->result;

    if (analyzer->step != STEP_WALK)
        return 0;
    if (!analyzer->belt)
        analyzer->belt = belt_watch_begin(&result->grid, result->rate_hz, why);
    if (!analyzer->belt)
        return -1;
    belt_watch_frame(analyzer->belt, kpa, contact_above(analyzer->options.threshold_kpa));
    return 0;
}

/* Standing: does a foot move? */
static int follow_feet(struct analyzer *analyzer, uint64_t time_us, const float *kpa,
                       struct problem *why)
{
    if (analyzer->step != STEP_STAND)
        return 0;
    foot_track_hints(analyzer->track, &analyzer->hints);
    return foot_track_frame(analyzer->track, time_us, kpa, why);
}

static int take_belt(struct analyzer *analyzer, struct problem *why)
{
    struct belt belt;

    if (!analyzer->belt)
        return 0;
    belt = belt_watch_result(analyzer->belt);
    analyzer->result->walk = walk_result_new(&belt, why);
    return analyzer->result->walk ? 0 : -1;
}

int analyzer_frame(struct analyzer *analyzer, uint64_t time_us, const float *kpa,
                   struct problem *why)
{
    const struct analyzer_options *options = &analyzer->options;
    struct frame_numbers numbers;

    kpa = usable_frame(&analyzer->usable, kpa, grid_cells(&analyzer->result->grid));
    if (!kpa)
        return problem_no_memory(why, "a frame without its bad cells");
    numbers =
        frame_numbers(&analyzer->result->grid, kpa, options->threshold_kpa, options->min_force_n);
    switch (series_add(&analyzer->series, time_us, &numbers, analyzer->step)) {
    case SERIES_NO_MEMORY:
        return problem_no_memory(why, "the numbers of the frames");
    case SERIES_REPEATED:
        analyzer->repeated++;
        return 0;
    case SERIES_TOO_LATE:
        analyzer->too_late++;
        return 0;
    case SERIES_ADDED:
        if (watch_belt(analyzer, kpa, why) || follow_feet(analyzer, time_us, kpa, why))
            return -1;
        break;
    case SERIES_LATE:
        break;
    }
    add_load(analyzer, kpa, &numbers, frame_time_s(analyzer, time_us));
    return press_finder_frame(analyzer->presses, time_us, kpa, why);
}

int analyzer_button(struct analyzer *analyzer, uint64_t time_us, int down, struct problem *why)
{
    return press_finder_button(analyzer->presses, time_us, down, why);
}

int analyzer_limit(struct analyzer *analyzer, uint64_t time_us, struct problem *why)
{
    return press_finder_limit(analyzer->presses, time_us, why);
}

int analyzer_annotation(struct analyzer *analyzer, uint64_t time_us, const char *json, size_t n,
                        struct problem *why)
{
    return analyzer_take_annotation(analyzer, time_us, json, n, why);
}

void analyzer_earlier(struct analyzer *analyzer, const struct result *const *earlier, int n)
{
    analyzer->earlier = earlier;
    analyzer->n_earlier = n;
}

static void take_series(struct analyzer *analyzer)
{
    struct result *result = analyzer->result;

    result->frames = series_finish(&analyzer->series);
    if (result->frames.n)
        result->duration_s = result->frames.time_s[result->frames.n - 1] + 1 / result->rate_hz;
    for (size_t i = 0; i < result->frames.n; i++) {
        result->peak_pressure_kpa = fmax(result->peak_pressure_kpa, result->frames.peak_kpa[i]);
        result->max_force_n = fmax(result->max_force_n, result->frames.force_n[i]);
    }
}

/* Pictures and means of a step with loaded frames into the result. */
static int take_pictures(struct result *result, const struct step_load *load, struct problem *why)
{
    size_t cells = grid_cells(&result->grid);
    double n = (double)load->pictures.frames, sum = 0;

    result->mean_picture = malloc(cells * sizeof(float));
    result->max_picture = malloc(cells * sizeof(float));
    result->pti_picture = malloc(cells * sizeof(float));
    if (!result->mean_picture || !result->max_picture || !result->pti_picture)
        return problem_no_memory(why, "the pictures of the result");
    pictures_mean(&load->pictures, result->mean_picture);
    pictures_pti(&load->pictures, load->loaded_s, result->pti_picture);
    memcpy(result->max_picture, load->pictures.maximum, cells * sizeof(float));
    result->loaded_frames = load->pictures.frames;
    result->loaded_s = load->loaded_s;
    /* From the rounded picture, so that the parts of it sum to 100 %. */
    for (size_t i = 0; i < cells; i++)
        sum += (double)result->mean_picture[i];
    result->mean_force_n = sum * grid_newton_per_kpa(&result->grid);
    result->mean_area_cm2 = load->area_sum_cm2 / n;
    return 0;
}

static int has_load_step(const struct frame_series *frames)
{
    for (size_t i = 0; i < frames->n; i++)
        if (frames->step[i] == STEP_STAND || frames->step[i] == STEP_WALK)
            return 1;
    return 0;
}

/* Standing comes before walking: quiet load says more of a foot than a roll over it. */
static int take_feet(struct analyzer *analyzer, struct problem *why)
{
    struct result *result = analyzer->result;

    for (int step = 0; step < LOAD_STEPS; step++) {
        struct step_load *load = &analyzer->load[step];

        if (!load->pictures.frames)
            continue;
        result->walked = step == STEP_WALK;
        if (step == STEP_STAND && standing_finish(analyzer, load, why))
            return -1;
        if (take_pictures(result, load, why))
            return -1;
        return feet_measure(result, &analyzer->hints, &analyzer->corrections, why);
    }
    if (result->frames.n && !has_load_step(&result->frames)) {
        snprintf(result->no_foot_reason, sizeof result->no_foot_reason,
                 "nobody stood or walked in this recording: it has no such step");
        return 0;
    }
    snprintf(result->no_foot_reason, sizeof result->no_foot_reason,
             result->frames.n ? "nothing of %g N or more stood on the plate in a stand or walk step"
                              : "the recording has no frame (%g N would be needed)",
             result->min_force_n);
    return 0;
}

static int warn_of_input(struct analyzer *analyzer, struct problem *why)
{
    struct result *result = analyzer->result;

    if (analyzer->usable.unusable_cells &&
        result_warn(result, why,
                    "%zu cells in %zu frames were negative or not a number and count as unloaded.",
                    analyzer->usable.unusable_cells, analyzer->usable.frames_with_unusable))
        return -1;
    if (analyzer->too_late + analyzer->repeated &&
        result_warn(result, why,
                    "%zu frames had the time of another frame or came far out of order and are "
                    "left out.",
                    analyzer->too_late + analyzer->repeated))
        return -1;
    if (analyzer->gaps &&
        result_warn(result, why,
                    "The recording has %zu gaps without frames; the longest lasts "
                    "%.3g s.",
                    analyzer->gaps, analyzer->longest_gap_s))
        return -1;
    return 0;
}

/* Many cells at exactly the highest value: a converter at its end, not a foot. */
static int warn_of_plateau(struct result *result, struct problem *why)
{
    size_t at_top = 0;
    float top = (float)result->peak_pressure_kpa;

    if (!result->max_picture || result->facts.saturated_frames)
        return 0;
    for (size_t i = 0; i < grid_cells(&result->grid); i++)
        at_top += result->max_picture[i] >= top;
    if (top < 100 || at_top < 8)
        return 0;
    return result_warn(result, why,
                       "%zu cells share the same highest pressure, %g kPa: the plate "
                       "was probably saturated, and peaks are higher than shown.",
                       at_top, (double)top);
}

static int warn_of_facts(struct result *result, struct problem *why)
{
    const struct recording_facts *facts = &result->facts;
    double sent = (double)facts->lost_frames + (double)result->frames.n;

    if (facts->lost_frames &&
        result_warn(result, why, "%.2g %% of the frames (%llu) are missing%s.",
                    100 * (double)facts->lost_frames / sent, (unsigned long long)facts->lost_frames,
                    facts->damaged_places ? "" : ": lost on the way from the plate"))
        return -1;
    if (facts->damaged_places &&
        result_warn(result, why,
                    "The recording's file is damaged in %llu places: only what is whole of it is "
                    "read.",
                    (unsigned long long)facts->damaged_places))
        return -1;
    if (facts->untared_frames &&
        result_warn(result, why,
                    "The plate restarted and %llu frames have no zero: they are left out.",
                    (unsigned long long)facts->untared_frames))
        return -1;
    if (facts->saturated_frames &&
        result_warn(result, why,
                    "Cells were saturated in %llu frames: forces and peaks are higher "
                    "than shown.",
                    (unsigned long long)facts->saturated_frames))
        return -1;
    if (facts->masked_cells &&
        result_warn(result, why, "%llu faulty cells are left out and read 0 kPa.",
                    (unsigned long long)facts->masked_cells))
        return -1;
    if (facts->calibration_is_nominal &&
        result_warn(result, why, "The plate has no calibration of its own: pressures are nominal."))
        return -1;
    return warn_of_plateau(result, why);
}

static int finish(struct analyzer *analyzer, struct problem *why)
{
    struct result *result = analyzer->result;
    struct press_finder *presses = analyzer->presses;

    take_series(analyzer);
    result->has_unusable_cells = analyzer->usable.frames_with_unusable > 0;
    if (take_belt(analyzer, why) || warn_of_input(analyzer, why) ||
        analyzer_take_corrections(analyzer, why) || take_feet(analyzer, why) ||
        feet_for_presses(result, analyzer->press_feet, &analyzer->hints, &analyzer->corrections,
                         why) ||
        warn_of_facts(result, why) || masked_cells_judge(result, why))
        return -1;
    analyzer->presses = NULL;
    if (press_finder_finish(presses, result, why))
        return -1;
    if (press_sessions_add(result, analyzer->earlier, analyzer->n_earlier, why))
        return -1;
    for (int i = 0; i < result->n_feet; i++)
        if (zones_load(result->atlas, result, result->mean_force_n, &result->feet[i], why))
            return -1;
    if (patterns_find(result, why))
        return -1;
    return tenderness_apply(result, why);
}

struct result *analyzer_finish(struct analyzer *analyzer, struct recording_facts *facts,
                               struct problem *why)
{
    struct result *result = NULL;

    if (facts) {
        analyzer->result->facts = *facts;
        *facts = (struct recording_facts){0};
    }
    if (!finish(analyzer, why)) {
        result = analyzer->result;
        analyzer->result = NULL;
    }
    analyzer_free(analyzer);
    return result;
}
