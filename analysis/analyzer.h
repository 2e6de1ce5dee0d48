/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The analyzer: pressure frames, button events and annotations in, in the order of time; a result
 * out.
 *
 * Knows no device and no file. Memory grows with the number of frames by a few numbers each, never
 * by whole frames. Allocates at begin and when series grow, none per frame otherwise. One thread a
 * handle; the same input gives the same result. */
#ifndef TENDERFOOT_ANALYSIS_ANALYZER_H
#define TENDERFOOT_ANALYSIS_ANALYZER_H

#include "analysis/result.h"
#include "firmware/wire/problem.h"

struct analyzer;

struct analyzer_options {
    double threshold_kpa;   /* contact: at or above it and above 0 */
    double min_force_n;     /* below it COP is not stated; 20 */
    const char *atlas_path; /* NULL = built in */
    /* NULL, or a file of annotations, one a line, of which `correct`, `feet` and `subject` are
     * taken after all of the recording's own: corrections made afterwards. */
    const char *correct_path;
    struct atlas_settings chart; /* zeroed: the chart as it is */
    const char *norms_path;      /* NULL = built in; what patterns are named by */
    const char *protocol; /* of the header: stand, press, walk; the step until an annotation */
    double body_mass_kg;  /* 0 = as an annotation's `subject` says, if one does */
    int with_part_series; /* regions and zones over time are kept too (second_pass.h) */
};

struct analyzer *analyzer_begin(const struct grid *grid, double rate_hz,
                                const struct analyzer_options *options, struct problem *why);

/* One frame of rows * cols kPa at device time (us). */
int analyzer_frame(struct analyzer *analyzer, uint64_t time_us, const float *kpa,
                   struct problem *why);

/* A button edge (down = 1) or a limit reached, at its own exact time. */
int analyzer_button(struct analyzer *analyzer, uint64_t time_us, int down, struct problem *why);
int analyzer_limit(struct analyzer *analyzer, uint64_t time_us, struct problem *why);

/* One ANNOTATION (JSON, not NUL-terminated) at device time. Unknown keys are ignored; damaged JSON
 * becomes a warning in the result. */
int analyzer_annotation(struct analyzer *analyzer, uint64_t time_us, const char *json, size_t n,
                        struct problem *why);

/* Presses of earlier recordings of the same person count beside those of this one
 * (press/press_sessions.h). Borrowed until finish, which refuses what cannot be compared. */
void analyzer_earlier(struct analyzer *analyzer, const struct result *const *earlier, int n);

/* Ends it and gives the result; the analyzer is freed in any case. `facts` may be NULL; what it
 * points to is taken over. */
struct result *analyzer_finish(struct analyzer *analyzer, struct recording_facts *facts,
                               struct problem *why);

/* For a caller that gives up; NULL is fine. */
void analyzer_free(struct analyzer *analyzer);

#endif
