/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the analyzer's files share: analyzer.c takes frames and events, annotations.c the operator's
 * words, feet.c turns pictures into feet at the end. Nobody else includes this. */
#ifndef TENDERFOOT_ANALYSIS_ANALYZER_PRIVATE_H
#define TENDERFOOT_ANALYSIS_ANALYZER_PRIVATE_H

#include "analysis/analyzer.h"
#include "analysis/foot/corrections.h"
#include "analysis/foot/foot_track.h"
#include "analysis/pictures.h"
#include "analysis/press/press_finder.h"
#include "analysis/series.h"
#include "analysis/walk/belt.h"
#include "analysis/usable_frame.h"

#include <jansson.h>

#define LOAD_STEPS 2 /* of enum step, from STEP_STAND on */

/* Load of one step: pictures, and sums over its loaded frames. */
struct step_load {
    struct pictures pictures;
    double loaded_s, area_sum_cm2;
};

/* A foot that the press test speaks of: a template is made when it never stood on the plate. */
struct press_foot {
    int pressed;
    int cup_known;
    struct point cup;
    double cup_angle_deg;
};

struct analyzer {
    struct analyzer_options options; /* strings are not used after begin */
    struct result *result;
    struct series series;
    struct press_finder *presses;
    struct belt_watch *belt; /* NULL until somebody walks */
    enum step step;
    struct step_load load[LOAD_STEPS];
    struct foot_track *track; /* of standing frames */
    struct foot_hints hints;
    struct corrections corrections;
    json_t *correct_lines;           /* of options.correct_path, an array; NULL without */
    struct press_foot press_feet[3]; /* by enum side */
    struct usable_frame usable;
    const struct result *const *earlier; /* borrowed */
    int n_earlier;
    uint64_t last_us;
    int any_frame;
    size_t repeated, too_late, gaps;
    double longest_gap_s;
};

enum step step_from_name(const char *name);

/* annotations.c */
int analyzer_take_annotation(struct analyzer *analyzer, uint64_t time_us, const char *json,
                             size_t n, struct problem *why);

/* The lines of a file of the operator's (analyzer.h, correct_path): read at the beginning, taken
 * at the end, when the recording's own words have been heard. */
int analyzer_read_corrections(struct analyzer *analyzer, const char *path, struct problem *why);
int analyzer_take_corrections(struct analyzer *analyzer, struct problem *why);

/* standing.c: ends the tracking; what it says goes into the result. Where a foot moved, `load`
 * becomes that of the longest span. */
int standing_finish(struct analyzer *analyzer, struct step_load *load, struct problem *why);
/* A foot that the picture leaves in doubt gets the side that all of its spans have. */
void standing_tell_sides(const struct result *result, struct found_feet *found);

/* feet.c: from the pictures of the result (mean, maximum) to result->feet with everything but
 * zones. `shape_picture` is where the outline is looked for. */
int feet_measure(struct result *result, const struct foot_hints *hints,
                 const struct corrections *corrections, struct problem *why);
/* Adds template feet for the press test. */
int feet_for_presses(struct result *result, const struct press_foot press_feet[3],
                     const struct foot_hints *hints, const struct corrections *corrections,
                     struct problem *why);

#endif
