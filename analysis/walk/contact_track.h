/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contacts in space and time: pieces of contact, followed from frame to frame.
 *
 * A piece is a set of touching contact cells that lives on from frame to frame: a cell that was a
 * piece's a moment ago (50 ms, two frames at least) and is in contact is still its; other contact
 * cells belong to the piece that they touch (8 neighbours, gaps of one cell are bridged); what
 * touches none begins a new piece. So pieces that grow together (a heel and a ball when the middle
 * of the foot comes down, or two feet) stay apart, and how often they touched is counted: the
 * joiner (contact_join.h) decides later, when all is known. Places are belt cells: plate cells less
 * the belt's way so far, the same as plate cells where no belt moves; samples' COP are in mm of
 * that frame (and exact, not rounded to cells).
 *
 * On a grid no larger than one foot (an insole, a window cut about one step) there is nothing to
 * part: all contact is one piece as long as the force is `one_foot_min_n` or more.
 *
 * Memory: numbers per frame and piece, and a window of three pictures per piece; at most PIECES_MAX
 * pieces are kept and SLOTS live at a time (what comes above counts as stray). One thread a handle.
 */
#ifndef TENDERFOOT_ANALYSIS_WALK_CONTACT_TRACK_H
#define TENDERFOOT_ANALYSIS_WALK_CONTACT_TRACK_H

#include "analysis/grid.h"
#include "analysis/walk/belt.h"
#include "firmware/wire/problem.h"

#include <stdint.h>

#define SLOTS 64
#define PIECES_MAX 20000
#define RIM_MM 15.0

struct contact_sample {
    int32_t frame; /* index of the frame as given */
    double time_s;
    double force_n, area_cm2, peak_kpa;
    double x_sum, y_sum; /* N mm: COP = sum / force */
};

/* Pictures of a piece or a step in its own window of belt cells; row-major, rows * cols. */
struct contact_window {
    int row0, col0, rows, cols;
    float *maximum;        /* kPa; 0 = never in contact */
    int32_t *first, *last; /* frames of contact; meaningless where maximum is 0 */
};

struct piece {
    struct contact_window window;
    struct contact_sample *samples; /* in order of time */
    size_t n, capacity;
    int32_t first_frame, last_frame;
    double impulse; /* sum of forces, N frames */
    int rim_frames; /* frames in which the plate's rim cuts RIM_MM or more of it off */
};

/* Two pieces were in contact with each other: in so many frames, over so many pairs of cells. */
struct touch {
    uint32_t a, b; /* indices of pieces, a < b */
    uint32_t frames, pairs;
};

struct contact_tracks {
    struct piece *pieces; /* in the order in which they ended */
    size_t n;
    struct touch *touches;
    size_t n_touches;
    double stray_impulse, impulse; /* N frames: load of no piece; all load */
    int32_t frames;
    int too_many; /* more pieces than PIECES_MAX: the rest was left out */
};

struct contact_options {
    struct grid grid;
    double rate_hz, threshold_kpa;
    struct belt belt;
    int one_foot; /* see above */
    double one_foot_min_n;
};

struct contact_tracker;

struct contact_tracker *contact_track_begin(const struct contact_options *options,
                                            struct problem *why);
/* One frame in order of time. */
int contact_track_frame(struct contact_tracker *tracker, double time_s, const float *kpa,
                        struct problem *why);
/* Gives the pieces away (contact_tracks_free) and frees the tracker, whatever it returns. */
int contact_track_finish(struct contact_tracker *tracker, struct contact_tracks *tracks,
                         struct problem *why);
void contact_track_free(struct contact_tracker *tracker);
void contact_tracks_free(struct contact_tracks *tracks);
void contact_window_free(struct contact_window *window);

#endif
