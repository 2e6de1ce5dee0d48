/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pressure pain threshold at every place of both feet, kPa at the tip of the tool.
 *
 * base of the region class (toe, ball, arch, heel; blended over 0.03 of u where two meet)
 *   x exp(spread g), g a smooth pattern of mean 0 and variance 1 over (u, v), half of it common to
 *     both feet and half of each foot's own; with side_spread s: x exp(spread g_common +
 *     s / sqrt(2) g_own), so that ln(left / right) has the sd s
 *   x scale x exp(+- side_bias / 2)
 *   x the planted factor, or the planted kPa in its place: inside the planted zone only; where
 *     planted zones overlap the lowest threshold holds.
 * Belongs to the person: the same under every seed of a run. Read-only after begin; any thread. */
#ifndef TENDERFOOT_SAMPLES_THRESHOLD_FIELD_H
#define TENDERFOOT_SAMPLES_THRESHOLD_FIELD_H

#include "samples/subject.h"

#define THRESHOLD_WAVES 6

struct threshold_field {
    const struct threshold_setting *setting;
    const struct atlas *atlas;
    struct foot_build build[3]; /* by enum side: the feet that the pattern lies on */
    struct {
        double a, b, phase;
    } waves[3][THRESHOLD_WAVES]; /* common, left, right */
};

/* Setting and atlas must live as long as the field. The feet are the template's until the caller
 * sets field->build. */
void threshold_field_begin(struct threshold_field *field, const struct threshold_setting *setting,
                           const struct atlas *atlas);

double threshold_at(const struct threshold_field *field, enum side side, struct uv at);

/* The region class of a place, by the template's lines (reflexology 2.2, 2.6). */
enum region_class sole_class(struct uv at);

/* 1 when `at` on a foot of this build lies in the place (a zone of the atlas, a class, never a bare
 * place). */
int place_contains(const struct subject_place *place, const struct atlas *atlas,
                   const struct foot_build *build, enum side side, struct uv at);

/* 0 for a zone that is only the union of its parts, and for points outside the plate. */
int zone_has_middle(const struct atlas_zone *zone);

/* Where one presses to hit a place: the centre of an ellipse, the middle of a strip, the place.
 * Never for a class. The zone must be in the atlas and have a middle. */
struct uv place_middle(const struct subject_place *place, const struct atlas *atlas);

/* The same on a foot of this build: in the zone as its own landmarks place it. */
struct uv place_middle_on(const struct subject_place *place, const struct atlas *atlas,
                          const struct foot_build *build, enum side side);

#endif
