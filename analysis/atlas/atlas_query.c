/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/atlas/atlas_query.h"

#include <math.h>
#include <string.h>

#define SPIRAL_POINTS 400
#define GOLDEN_ANGLE 2.39996322972865332 /* pi (3 - sqrt 5): spreads points evenly over a disc */

double atlas_confidence(const struct atlas_zone *zone, const struct foot_frame *frame,
                        const struct landmarks *landmarks, struct uv place, double error_mm)
{
    struct point middle = foot_frame_to_plate(frame, place);
    int inside = 0;

    if (!zone->is_plantar)
        return 0;
    if (!(error_mm > 0))
        return atlas_contains(zone, frame, landmarks, place);
    for (int i = 0; i < SPIRAL_POINTS; i++) {
        /* Equal shares of a round normal: radius by its quantile, r = s sqrt(-2 ln(1 - q)). */
        double r = error_mm * sqrt(-2 * log1p(-(i + 0.5) / SPIRAL_POINTS)), a = i * GOLDEN_ANGLE;
        struct point at = {middle.x_mm + r * cos(a), middle.y_mm + r * sin(a)};
        inside += atlas_contains(zone, frame, landmarks, foot_frame_to_uv(frame, at));
    }
    return (double)inside / SPIRAL_POINTS;
}

/* Keeps the list sorted; a list that is full loses its least sure one. */
static int insert(struct atlas_hit *hits, int n, int cap, struct atlas_hit hit)
{
    int i = n;

    for (; i > 0 && hits[i - 1].confidence < hit.confidence; i--)
        if (i < cap)
            hits[i] = hits[i - 1];
    if (i < cap)
        hits[i] = hit;
    return n < cap ? n + 1 : cap;
}

int atlas_hits(const struct atlas *atlas, const struct foot_frame *frame,
               const struct landmarks *landmarks, struct uv place, double error_mm, double least,
               struct atlas_hit *hits, int cap)
{
    int n = 0;

    for (int z = 0; z < atlas_count(atlas); z++) {
        const struct atlas_zone *zone = atlas_zone(atlas, z);
        double confidence = atlas_confidence(zone, frame, landmarks, place, error_mm);

        if (confidence > 0 && confidence >= least)
            n = insert(hits, n, cap,
                       (struct atlas_hit){zone, confidence,
                                          atlas_contains(zone, frame, landmarks, place)});
    }
    return n;
}

int atlas_zone_matches(const struct atlas_zone *zone, const char *word)
{
    if (!strcasecmp(zone->id, word) || (zone->parent && !strcasecmp(zone->parent, word)))
        return 1;
    for (int i = 0; i < zone->n_sources; i++)
        if (strcasestr(zone->sources[i].organ, word))
            return 1;
    return 0;
}
