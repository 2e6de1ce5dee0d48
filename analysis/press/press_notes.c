/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes of the operator and of the screening that name a zone instead of a place: what they are of
 * becomes the zone's middle on this foot, of a union the middle of each of its parts. */
#include "analysis/press/press_finder_private.h"
#include "analysis/warnings.h"

#include <math.h>
#include <string.h>

int press_note_zone(struct press_finder *finder, const json_t *zone, struct problem *why)
{
    const char *id = json_string_value(zone);

    if (!id || !*id)
        return 0;
    if (press_make_room(&finder->named, finder->n_named, &finder->cap_named, sizeof *finder->named,
                        why))
        return -1;
    struct named_note *named = &finder->named[finder->n_named++];
    named->note = finder->n_notes - 1;
    text_from_json(zone, named->zone_id, sizeof named->zone_id);
    return 0;
}

static const struct foot_result *foot_of(const struct result *result, enum side side)
{
    for (int f = 0; f < result->n_feet; f++)
        if (side == SIDE_UNKNOWN || result->feet[f].side == side)
            return &result->feet[f];
    return NULL;
}

/* Of a curved strip the mean of the outline may lie beside it: there the points of both its edges
 * half way along, which the outline lists there and back. */
static int middle_of(const struct atlas_zone *zone, const struct foot_result *foot, struct uv *at)
{
    struct point outline[ATLAS_OUTLINE_MAX], mean = {0, 0};
    int n = atlas_outline(zone, &foot->frame, &foot->landmarks, outline, ATLAS_OUTLINE_MAX);

    if (n < 3)
        return -1;
    for (int i = 0; i < n; i++) {
        mean.x_mm += outline[i].x_mm / n;
        mean.y_mm += outline[i].y_mm / n;
    }
    *at = foot_frame_to_uv(&foot->frame, mean);
    if (atlas_contains(zone, &foot->frame, &foot->landmarks, *at))
        return 0;
    const struct point *there = &outline[n / 4], *back = &outline[n - 1 - n / 4];
    *at = foot_frame_to_uv(&foot->frame, (struct point){(there->x_mm + back->x_mm) / 2,
                                                        (there->y_mm + back->y_mm) / 2});
    return isfinite(at->u) && isfinite(at->v) ? 0 : -1;
}

/* The first middle is the note's own, each further one a note more. */
static int add_place(struct press_finder *finder, int note, struct uv at, struct problem *why)
{
    struct operator_note *own = &finder->notes[note];

    if (!isfinite(own->place.u) || !isfinite(own->place.v)) {
        own->place = at;
        return 0;
    }
    if (press_make_room(&finder->notes, finder->n_notes, &finder->cap_notes, sizeof *finder->notes,
                        why))
        return -1;
    finder->notes[finder->n_notes] = finder->notes[note];
    finder->notes[finder->n_notes++].place = at;
    return 0;
}

static int place_note(struct press_finder *finder, const struct named_note *named,
                      struct result *result, struct problem *why)
{
    const struct operator_note *note = &finder->notes[named->note];
    const struct foot_result *foot = foot_of(result, note->side);
    const struct atlas_zone *zone =
        result->atlas ? atlas_find(result->atlas, named->zone_id) : NULL;
    int is_placed = 0;
    struct uv at;

    if (isfinite(note->place.u) && isfinite(note->place.v)) /* said more exactly */
        return 0;
    for (int i = 0; foot && zone && i <= zone->n_parts; i++) {
        if (middle_of(&zone[i], foot, &at))
            continue;
        if (add_place(finder, named->note, at, why))
            return -1;
        is_placed = 1;
    }
    return is_placed ? 0
                     : result_warn(result, why,
                                   "A note names the zone %s, which this chart has not on the sole "
                                   "of a foot in this recording: it is of no zone.",
                                   named->zone_id);
}

int press_notes_place(struct press_finder *finder, struct result *result, struct problem *why)
{
    for (int i = 0; i < finder->n_named; i++)
        if (place_note(finder, &finder->named[i], result, why))
            return -1;
    return 0;
}
