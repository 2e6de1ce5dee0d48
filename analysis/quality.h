/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a recording can be relied on: a grade with its reasons (SCHEMA.md, "quality").
 *
 * A: nothing is known against it. B: usable, with the reasons in mind. C: do not rely on its
 * numbers before the reasons are dealt with. The grade is the worst of the reasons; each is
 * computed from what the result holds already. The bounds are this project's choice. Plain data;
 * any thread. */
#ifndef TENDERFOOT_ANALYSIS_QUALITY_H
#define TENDERFOOT_ANALYSIS_QUALITY_H

#include "analysis/result.h"

/* Each reason is known by its kind, so that any language can say it. */
enum quality_reason_kind {
    QUALITY_UNRELIABLE,     /* answers */
    QUALITY_NO_FOOT,        /* nothing that is a foot */
    QUALITY_NOMINAL,        /* plate without calibration */
    QUALITY_NOT_CLOSED,     /* the recording ended without its end */
    QUALITY_DAMAGED_FILE,   /* damaged places in it */
    QUALITY_FRAMES_MISSING, /* value: % of the frames lost or damaged */
    QUALITY_SATURATED,      /* value: % of the frames */
    QUALITY_UNTARED,        /* value: frames */
    QUALITY_MASKED,         /* value: % of the contact area under feet */
    QUALITY_FEW_CATCHES,    /* value: catch trials */
    QUALITY_HELD,           /* value: % of the presses placed by a pose of earlier */
    QUALITY_ZERO,     /* value: % of the presses with force under the stud before they began */
    QUALITY_RAMPS,    /* value: % of the presses that rose faster or slower than wanted */
    QUALITY_DOUBTFUL, /* value: % of the presses, for other reasons */
    QUALITY_MOVED,    /* feet moved while standing */
    QUALITY_EDGE,     /* a foot reaches the plate's edge */
    QUALITY_SIDE,     /* left and right are not certain */
    QUALITY_WARNED,   /* value: warnings beside these */
    QUALITY_KINDS
};

struct quality_reason {
    enum quality_reason_kind kind;
    char grade;   /* 'B' or 'C' */
    double value; /* NAN where the kind has none */
};

struct quality {
    char grade; /* 'A' to 'C' */
    struct quality_reason reasons[QUALITY_KINDS];
    int n;
};

void quality_of(const struct result *result, struct quality *quality);

/* A printf format with one %.3g where the kind has a value, in English, and its key for JSON. */
const char *quality_words(enum quality_reason_kind kind);
const char *quality_name(enum quality_reason_kind kind);
int quality_has_value(enum quality_reason_kind kind);

#endif
