/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both ways through a chart: a place -> the zones under it; an organ -> its zones.
 *
 * A place is known to some mm (the stud, the heel in its cup). So each zone has a confidence: the
 * probability that a place drawn from a round normal error about the stated one lies in the zone.
 * Without error it is 1 inside and 0 outside. Computed over a fixed spiral of points (within 0.02);
 * no allocation; any thread. */
#ifndef TENDERFOOT_ANALYSIS_ATLAS_ATLAS_QUERY_H
#define TENDERFOOT_ANALYSIS_ATLAS_ATLAS_QUERY_H

#include "analysis/atlas/atlas.h"

/* `error_mm` is the standard deviation along each axis. Zones that are unions count by their
 * parts. Points outside the plate: 0. */
double atlas_confidence(const struct atlas_zone *zone, const struct foot_frame *frame,
                        const struct landmarks *landmarks, struct uv place, double error_mm);

struct atlas_hit {
    const struct atlas_zone *zone;
    double confidence;
    int is_inside; /* the place itself lies in it */
};

/* Zones with a confidence of at least `least`, the surest first, then by the chart's order; their
 * number, at most cap. */
int atlas_hits(const struct atlas *atlas, const struct foot_frame *frame,
               const struct landmarks *landmarks, struct uv place, double error_mm, double least,
               struct atlas_hit *hits, int cap);

/* 1 when the word is the zone's id, its parent's, or part of the name of one of its organs (any
 * case). */
int atlas_zone_matches(const struct atlas_zone *zone, const char *word);

#endif
