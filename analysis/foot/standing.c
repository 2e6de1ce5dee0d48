/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the feet over time mean for a recording's load: from which frames it is taken, and which
 * side a foot is whose own picture leaves it open. */
#include "analysis/analyzer_private.h"
#include "analysis/warnings.h"

#include <math.h>
#include <stdlib.h>

/* Frames of one still foot differ by less from span to span. */
#define SAME_PLACE_MM 8.0
#define SAME_ANGLE_DEG 5.0

static struct point middle_of(const struct foot_frame *frame)
{
    return foot_frame_to_plate(frame, (struct uv){0.5, 0.5});
}

static double apart_mm(const struct foot_frame *a, const struct foot_frame *b)
{
    struct point from = middle_of(a), to = middle_of(b);

    return hypot(to.x_mm - from.x_mm, to.y_mm - from.y_mm);
}

/* 1 when another foot found is of that side. */
static int has_side(const struct found_feet *found, enum side side)
{
    for (int i = 0; i < found->n; i++)
        if (found->foot[i].side == side)
            return 1;
    return 0;
}

/* 1 when the foot lies as one of the span's does. */
static int lies_in(const struct tracked_foot *foot, const struct track_span *span)
{
    for (int k = 0; k < span->n_feet; k++) {
        const struct foot_frame *other = &span->foot[k].frame;

        if (apart_mm(&foot->frame, other) < SAME_PLACE_MM &&
            fabs(remainder(foot->frame.angle_deg - other->angle_deg, 360)) < SAME_ANGLE_DEG)
            return 1;
    }
    return 0;
}

/* 1 when a foot lay elsewhere in some span than in the longest, so that a mean over all is smeared.
 */
static int is_smeared(const struct track *track)
{
    const struct track_span *longest = &track->spans[track->longest];

    for (size_t s = 0; s < track->n; s++) {
        if (track->spans[s].moved)
            return 1;
        for (int k = 0; k < track->spans[s].n_feet; k++)
            if (!lies_in(&track->spans[s].foot[k], longest))
                return 1;
    }
    return 0;
}

/* The longest span's pictures, and time and area of its frames, in place of the whole stand's. */
static void take_longest(struct result *result, struct step_load *load)
{
    const struct track_span *span = &result->track->spans[result->track->longest];
    const struct frame_series *frames = &result->frames;
    double first_s = (double)frames->first_us / 1e6;
    struct pictures all = load->pictures;

    result->load_from_s = (double)span->from_us / 1e6 - first_s;
    result->load_to_s = (double)span->to_us / 1e6 - first_s;
    load->pictures = result->track->load;
    result->track->load = all;
    load->loaded_s = result->load_to_s - result->load_from_s + 1 / result->rate_hz;
    load->area_sum_cm2 = 0;
    for (size_t i = 0, n = 0; i < frames->n && n < load->pictures.frames; i++)
        if (frames->step[i] == STEP_STAND && frames->time_s[i] >= result->load_from_s) {
            load->area_sum_cm2 += frames->area_cm2[i];
            n++;
        }
}

static int warn_of_longest(struct result *result, struct problem *why)
{
    const struct track *track = result->track;

    return result_warn(result, why,
                       "The feet moved while standing (%zu times or more): load and feet are those "
                       "of the longest quiet time, %.1f to %.1f s of the recording.",
                       track->n - 1, result->load_from_s, result->load_to_s);
}

int standing_finish(struct analyzer *analyzer, struct step_load *load, struct problem *why)
{
    struct result *result = analyzer->result;
    struct foot_track *track = analyzer->track;

    analyzer->track = NULL;
    result->track = calloc(1, sizeof *result->track);
    if (!result->track) {
        foot_track_free(track);
        return problem_no_memory(why, "the feet over time");
    }
    if (foot_track_finish(track, result->track, why))
        return -1;
    if (!result->track->n || !is_smeared(result->track) || !result->track->load.frames)
        return 0;
    take_longest(result, load);
    return warn_of_longest(result, why);
}

void standing_tell_sides(const struct result *result, struct found_feet *found)
{
    const struct track_span *span;

    if (!result->track || !result->track->n || result->walked)
        return;
    span = &result->track->spans[result->track->longest];
    for (int i = 0; i < found->n; i++)
        for (int k = 0; k < span->n_feet && span->n_feet == found->n; k++) {
            struct found_foot *foot = &found->foot[i];
            const struct tracked_foot *tracked = &span->foot[k];
            struct foot_frame rough = {.heel = foot->rough_heel,
                                       .angle_deg = foot->rough_angle_deg,
                                       .length_mm =
                                           hypot(foot->rough_toe.x_mm - foot->rough_heel.x_mm,
                                                 foot->rough_toe.y_mm - foot->rough_heel.y_mm),
                                       .width_heel_mm = 50,
                                       .width_toe_mm = 100};

            if (foot->side == SIDE_UNKNOWN && tracked->side != SIDE_UNKNOWN &&
                !has_side(found, tracked->side) &&
                apart_mm(&rough, &tracked->frame) < 3 * SAME_PLACE_MM) {
                foot->side = foot->likely_side = tracked->side;
                foot->side_confidence = tracked->side_confidence;
            }
        }
}
