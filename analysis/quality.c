/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/quality.h"

#include "analysis/foot/foot_track.h"
#include "analysis/press/tool.h"

#include <math.h>

/* Bounds (this project's choice). Percent, but for the counts. */
#define MISSING_B 0.1
#define MISSING_C 5.0
#define SATURATED_C 5.0
#define MASKED_C 5.0
#define CATCHES_LEAST 3
#define PRESSES_WITH_CATCHES 10
#define HELD_B 25.0
#define ZERO_B 10.0
#define ZERO_C 50.0
#define ZERO_OFF_N 1.0 /* force under the stud before a press that counts as a drifted zero */
#define RAMPS_B 25.0
#define DOUBTFUL_B 10.0
#define DOUBTFUL_C 50.0
#define SIDE_SURE 0.75

static const struct {
    const char *name, *words;
    int has_value;
} kinds[QUALITY_KINDS] = {
    [QUALITY_UNRELIABLE] = {"answers_unreliable", "the answers were unreliable", 0},
    [QUALITY_NO_FOOT] = {"no_foot", "no foot was found", 0},
    [QUALITY_NOMINAL] = {"nominal_calibration",
                         "the plate has no calibration of its own: compare its pressures "
                         "within this recording only",
                         0},
    [QUALITY_NOT_CLOSED] = {"not_closed", "the recording was not closed cleanly", 0},
    [QUALITY_DAMAGED_FILE] = {"damaged_file", "the recording's file is damaged", 0},
    [QUALITY_FRAMES_MISSING] = {"frames_missing", "%.2g %% of the frames are missing or damaged",
                                1},
    [QUALITY_SATURATED] = {"saturated", "cells were saturated in %.2g %% of the frames", 1},
    [QUALITY_UNTARED] = {"untared", "the plate restarted: %.0f frames without a zero", 1},
    [QUALITY_MASKED] = {"masked_cells", "faulty cells lie under %.2g %% of the contact area", 1},
    [QUALITY_FEW_CATCHES] = {"few_catch_trials", "answers were checked by few catch trials (%.0f)",
                             1},
    [QUALITY_HELD] = {"held_poses",
                      "%.0f %% of the presses were placed by where the foot stood before", 1},
    [QUALITY_ZERO] = {"zero_drift",
                      "before %.0f %% of the presses the plate already read a force there", 1},
    [QUALITY_RAMPS] = {"ramps_outside", "%.0f %% of the presses rose faster or slower than wanted",
                       1},
    [QUALITY_DOUBTFUL] = {"doubtful_presses", "%.0f %% of the presses were not counted in full", 1},
    [QUALITY_MOVED] = {"feet_moved", "the feet moved while standing", 0},
    [QUALITY_EDGE] = {"plate_edge", "a foot reaches the edge of the plate", 0},
    [QUALITY_SIDE] = {"side_uncertain", "left and right foot are not certain", 0},
    [QUALITY_WARNED] = {"other_warnings", "further warnings of the recording: %.0f", 1},
};

const char *quality_words(enum quality_reason_kind kind)
{
    return kinds[kind].words;
}

const char *quality_name(enum quality_reason_kind kind)
{
    return kinds[kind].name;
}

int quality_has_value(enum quality_reason_kind kind)
{
    return kinds[kind].has_value;
}

static void add(struct quality *quality, enum quality_reason_kind kind, char grade, double value)
{
    quality->reasons[quality->n++] = (struct quality_reason){kind, grade, value};
    if (grade > quality->grade)
        quality->grade = grade;
}

/* B from the first bound on, C from the second. */
static void add_share(struct quality *quality, enum quality_reason_kind kind, double percent,
                      double from_b, double from_c)
{
    if (percent > 0 && percent >= from_b)
        add(quality, kind, percent >= from_c ? 'C' : 'B', percent);
}

static void judge_frames(const struct result *result, struct quality *quality)
{
    const struct recording_facts *facts = &result->facts;
    double lost = (double)facts->lost_frames, all = lost + (double)result->frames.n;

    if (facts->calibration_is_nominal)
        add(quality, QUALITY_NOMINAL, 'B', NAN);
    if (!facts->closed_cleanly)
        add(quality, QUALITY_NOT_CLOSED, 'B', NAN);
    if (facts->damaged_places)
        add(quality, QUALITY_DAMAGED_FILE, 'B', NAN);
    if (!(all > 0))
        return;
    add_share(quality, QUALITY_FRAMES_MISSING, 100 * lost / all, MISSING_B, MISSING_C);
    add_share(quality, QUALITY_SATURATED, 100 * (double)facts->saturated_frames / all, 0,
              SATURATED_C);
    if (facts->untared_frames)
        add(quality, QUALITY_UNTARED, 'B', (double)facts->untared_frames);
}

static int moved_while_standing(const struct result *result)
{
    for (size_t i = 0; result->track && i < result->track->n; i++)
        if (result->track->spans[i].moved)
            return 1;
    return 0;
}

static void judge_feet(const struct result *result, struct quality *quality)
{
    double masked = 0, area = 0;
    int edge = 0, unsure = 0;

    for (int i = 0; i < result->n_feet; i++) {
        const struct foot_result *foot = &result->feet[i];
        masked += foot->masked_area_cm2 > 0 ? foot->masked_area_cm2 : 0;
        area += foot->has_load && foot->area_cm2 > 0 ? foot->area_cm2 : 0;
        edge |= foot->off_edge;
        unsure |= foot->side == SIDE_UNKNOWN || foot->side_confidence < SIDE_SURE;
    }
    if (!result->n_feet && !result->walked)
        add(quality, QUALITY_NO_FOOT, 'C', NAN);
    if (area > 0)
        add_share(quality, QUALITY_MASKED, 100 * masked / area, 0, MASKED_C);
    if (moved_while_standing(result))
        add(quality, QUALITY_MOVED, 'B', NAN);
    if (edge)
        add(quality, QUALITY_EDGE, 'B', NAN);
    if (unsure)
        add(quality, QUALITY_SIDE, 'B', NAN);
}

static void judge_presses(const struct result *result, struct quality *quality)
{
    int presses = 0, catches = 0, held = 0, drifted = 0, doubtful = 0, ramps = 0, odd = 0;

    for (int i = 0; i < result->n_presses; i++) {
        const struct press *press = &result->presses[i];
        catches += press->is_catch != 0;
        if (press->is_catch || press->is_tap)
            continue;
        presses++;
        if (press->tool_kind == TOOL_SINGLE && isfinite(press->ramp_kpa_s)) {
            ramps++;
            odd += press->rate_is_odd != 0;
        }
        held += press->held != 0;
        drifted += press->zero_n > ZERO_OFF_N;
        doubtful += press->doubtful != 0;
    }
    if (!result->n_presses)
        return;
    if (result->answers_unreliable)
        add(quality, QUALITY_UNRELIABLE, 'C', NAN);
    if (presses >= PRESSES_WITH_CATCHES && catches < CATCHES_LEAST)
        add(quality, QUALITY_FEW_CATCHES, 'B', catches);
    if (!presses)
        return;
    add_share(quality, QUALITY_HELD, 100.0 * held / presses, HELD_B, INFINITY);
    add_share(quality, QUALITY_ZERO, 100.0 * drifted / presses, ZERO_B, ZERO_C);
    if (ramps)
        add_share(quality, QUALITY_RAMPS, 100.0 * odd / ramps, RAMPS_B, INFINITY);
    add_share(quality, QUALITY_DOUBTFUL, 100.0 * doubtful / presses, DOUBTFUL_B, DOUBTFUL_C);
}

/* Each of these reasons comes with at most one warning of its own. */
static int reasons_with_warning(const struct quality *quality)
{
    int n = 0;

    for (int i = 0; i < quality->n; i++) {
        enum quality_reason_kind kind = quality->reasons[i].kind;
        n += kind == QUALITY_NOMINAL || kind == QUALITY_DAMAGED_FILE ||
             kind == QUALITY_FRAMES_MISSING || kind == QUALITY_SATURATED ||
             kind == QUALITY_UNTARED || kind == QUALITY_MASKED || kind == QUALITY_MOVED ||
             kind == QUALITY_EDGE;
    }
    return n;
}

void quality_of(const struct result *result, struct quality *quality)
{
    *quality = (struct quality){.grade = 'A'};
    judge_presses(result, quality);
    judge_feet(result, quality);
    judge_frames(result, quality);
    int further = result->n_warnings - reasons_with_warning(quality);
    if (further > 0)
        add(quality, QUALITY_WARNED, 'B', further);
}
