/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of tender zones between two press tests of one person: gained, lost, unchanged, or
 * not comparable, with the reason in words.
 *
 * A zone is tender when it is flagged for attention or as sensitive on both sides (tenderness.h); a
 * zone on the watch list is not yet. Listed is each zone that is tender in either recording, and
 * each whose threshold moved beyond the measuring error (press_way.h) without a flag. Two
 * recordings do not compare when one has no press test, was made under a painkiller or with answers
 * that cannot be relied on; nor when tool, ramp rate or calibration differ (a zone's threshold is
 * in kPa of that calibration). A zone does not compare when one of them did not test it, or did not
 * settle it, or when the place that tells it was not pressed in both. Plain memory but for `of`;
 * any thread. */
#ifndef TENDERFOOT_ANALYSIS_CHANGE_TENDER_CHANGE_H
#define TENDERFOOT_ANALYSIS_CHANGE_TENDER_CHANGE_H

#include "analysis/press/press_way.h"
#include "analysis/result.h"

#include <jansson.h>

enum tender_became {
    TENDER_GAINED,
    TENDER_LOST,
    TENDER_UNCHANGED,   /* tender in both */
    TENDER_NEVER,       /* in neither: its threshold moved */
    TENDER_UNCOMPARABLE /* `reason` says why */
};
const char *tender_became_name(enum tender_became became); /* "gained" ... "not_comparable" */

struct tender_zone {
    const struct atlas_zone *zone; /* of the atlas of the recording after, or before */
    enum side side;
    enum tender_became became;
    const struct zone_result *before, *after; /* of the results; NULL: that one has no such foot */
    struct threshold_change threshold;        /* NAN where one has none, or it does not compare */
    char reason[200];                         /* TENDER_UNCOMPARABLE */
};

struct tender_change {
    int was_pressed[2];     /* before, after */
    char reason[200];       /* why nothing of the two compares; "" */
    struct tender_zone *of; /* owned; left foot first, then as the chart has them */
    int n, gained, lost, unchanged, not_comparable;
};

/* The results stay the caller's and must outlive `out`. 0, or -1 without memory. */
int tender_change(const struct result *before, const struct result *after,
                  struct tender_change *out, struct problem *why);
void tender_change_free(struct tender_change *change);

/* "P07, left foot: for attention now, not before; its threshold is 0.62 of what it was (0.50 to
 * 0.77): beyond the measuring error." */
void tender_sentence(const struct tender_zone *zone, char text[400]);

/* The member `tenderness` of a comparison (SCHEMA.md); NULL without memory. */
json_t *tender_change_json(const struct tender_change *change);

#endif
