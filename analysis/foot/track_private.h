/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The feet over time, inside: frames make pictures of BLOCK_S, quiet pictures of one pose make a
 * span, spans of one foot make a chain.
 *
 * Private to analysis/foot. One thread a handle. */
#ifndef TENDERFOOT_ANALYSIS_FOOT_TRACK_PRIVATE_H
#define TENDERFOOT_ANALYSIS_FOOT_TRACK_PRIVATE_H

#include "analysis/foot/foot_finder.h"
#include "analysis/foot/foot_track.h"
#include "analysis/foot/stood_foot.h"

/* Frames are looked at in pictures of this long. */
#define BLOCK_S 0.2
/* A foot has moved: further, or turned by more. */
#define MOVED_MM 4.0
#define TURNED_DEG 2.5

enum state { NOBODY, STANDING, CHANGING };

/* A foot as the span's first picture shows it: what later ones are compared with. */
struct reference {
    struct stood_foot stood; /* its root picture is the track's own */
    double newton;           /* on its cells */
};

/* What is remembered of a span beside the record that is given away. */
struct history {
    double log_odds[2]; /* of left over right, by the finder; 0: said nothing */
    int chain[2];       /* the same foot has the same number from span to span */
    int said[2];
    double seconds;
};

struct foot_track {
    struct grid grid;
    double threshold_kpa;
    float above;
    struct foot_hints hints;
    uint64_t block_us;
    struct pictures block, span, longest;
    uint64_t block_from_us, block_to_us, span_from_us, span_to_us;
    int any_block;
    double longest_s;
    size_t longest_index;
    float *mean, *root, *root_before, *span_mean, *last_mean;
    uint8_t *last_label, *use; /* use: bit k for the cells of foot k and their margin */
    int has_before, has_last;  /* root_before; last_mean and last_label */
    enum state state;
    int doubts;    /* pictures in a row that were unlike */
    size_t blocks; /* pictures in this span */
    struct reference reference[2];
    int n_reference;
    struct track_span *spans;
    struct history *history;
    size_t n_spans, capacity;
    int n_chains;
};

/* --- Pose (track_pose.c) --- */

/* Remembers foot k of a span's first picture (track->mean). */
void track_take_reference(struct foot_track *track, const uint8_t *label, int k);

/* 1 when the picture (mean, root) of `newton` shows each foot of the span where it was. */
int track_pose_is_same(const struct foot_track *track, double newton);

/* 1 when the picture is as the one before it. */
int track_is_quiet(const struct foot_track *track);

/* --- Spans (track_spans.c) --- */

/* The span that was being followed becomes a record, unless it was a mere passing. Uses the root
 * pictures as scratch; the root of the block is made again by whoever goes on with it. */
int track_close_span(struct foot_track *track, struct problem *why);

/* --- Sides and lengths (track_settle.c) --- */

/* Each foot gets the side and the length that all its spans together tell. */
void track_settle_sides(struct foot_track *track);

#endif
