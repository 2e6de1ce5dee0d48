/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chart's zones, read and checked. */
#include "analysis/atlas/atlas_private.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#define ID_LENGTH_MAX 15
#define OFFSET_NORM_TOLERANCE 0.0006

static int load_anchor(const struct chart_place *at, const json_t *object, struct atlas_zone *zone)
{
    const char *name;
    int id;

    if (!zone->is_plantar && !json_object_get(object, "anchor")) {
        zone->anchor_name = "none";
        zone->anchor = LANDMARK_COUNT;
        return 0;
    }
    if (chart_text(at, object, "anchor", &name) || chart_landmark(at, name, &id) ||
        chart_optional_text(at, object, "anchor_name", &zone->anchor_name))
        return -1;
    if (!zone->anchor_name)
        zone->anchor_name = name;
    zone->anchor = (enum landmark_id)id;
    return 0;
}

static int load_offset(const struct chart_place *at, const json_t *object, struct atlas_zone *zone)
{
    if (!json_object_get(object, "offset_mm") && !json_object_get(object, "offset_norm"))
        return 0;
    if (chart_number(at, object, "offset_mm", -250, 250, &zone->offset_mm) ||
        chart_number(at, object, "offset_norm", -1, 1, &zone->offset_norm))
        return -1;
    if (fabs(zone->offset_norm - zone->offset_mm / ATLAS_LENGTH_MM) > OFFSET_NORM_TOLERANCE)
        return chart_refuse_member(at, "offset_norm", "is not offset_mm / 250");
    return 0;
}

static int load_plantar(const struct chart_place *at, const json_t *object, struct atlas_zone *zone)
{
    static const char *const classes[] = {"toe", "ball", "arch", "heel"};
    int region_class;

    if (chart_word(at, object, "class", classes, 4, &region_class) ||
        chart_text(at, object, "contact", &zone->contact) ||
        chart_flag(at, object, "only_female", &zone->only_female) ||
        chart_optional_text(at, object, "merge_with", &zone->merge_with))
        return -1;
    if (zone->merge_with &&
        (chart_number(at, object, "merge_pitch_mm", 0, 100, &zone->merge_pitch_mm) ||
         chart_flag(at, object, "pressed_apart", &zone->pressed_apart)))
        return -1;
    if (json_object_get(object, "own_pitch_mm") &&
        chart_number(at, object, "own_pitch_mm", 0, 100, &zone->own_pitch_mm))
        return -1;
    zone->region_class = (enum region_class)region_class;
    if (chart_alternative(at, object, NULL, &zone->shape) < 0)
        return -1;
    return chart_load_shape(at, object, &zone->shape);
}

static int load_texts(const struct chart_place *at, const json_t *object, struct atlas_zone *zone)
{
    static const char *const levels[] = {"low", "medium", "high"};
    int level;

    if (chart_text(at, object, "name", &zone->name) ||
        chart_text(at, object, "surface", &zone->surface) ||
        chart_text(at, object, "side", &zone->side) ||
        chart_word(at, object, "confidence", levels, 3, &level) ||
        chart_optional_text(at, object, "note", &zone->note) ||
        chart_optional_text(at, object, "organ_note", &zone->organ_note) ||
        chart_optional_text(at, object, "parent", &zone->parent))
        return -1;
    zone->confidence = levels[level];
    return 0;
}

static int load_zone(struct atlas *atlas, const struct chart_place *at, const json_t *object,
                     struct atlas_zone *zone)
{
    if (!json_is_boolean(json_object_get(object, "plantar")))
        return chart_refuse_member(at, "plantar", "must be true or false");
    zone->is_plantar = json_is_true(json_object_get(object, "plantar"));
    if (load_texts(at, object, zone) || load_anchor(at, object, zone) ||
        load_offset(at, object, zone) ||
        chart_load_sources(atlas, at, json_object_get(object, "sources"), zone))
        return -1;
    if (zone->is_plantar)
        return load_plantar(at, object, zone);
    return chart_pair(at, json_object_get(object, "projection"), "projection", PLACE_MIN, PLACE_MAX,
                      &zone->shape.centre);
}

static int id_is_good(const char *id)
{
    for (const char *c = id; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr(".-_", *c))
            return 0;
    return strlen(id) <= ID_LENGTH_MAX;
}

/* Reads the id first, so that each message can name the zone. */
static int load_named_zone(struct atlas *atlas, struct chart_place *at, const json_t *object, int i)
{
    struct atlas_zone *zone = &atlas->zones[i];

    chart_name_part(at, "zone number %d", i + 1);
    if (chart_text(at, object, "id", &zone->id))
        return -1;
    if (!id_is_good(zone->id))
        return chart_refuse_member(at, "id", "must be at most 15 letters, digits, '.', '-' or '_'");
    chart_name_part(at, "zone %s", zone->id);
    for (int j = 0; j < i; j++)
        if (!strcmp(atlas->zones[j].id, zone->id))
            return chart_refuse(at, "there are two zones of this id");
    return load_zone(atlas, at, object, zone);
}

/* Parts follow their parent at once; plantar zones come before the others. */
static int link_parts(struct atlas *atlas, struct chart_place *at)
{
    struct atlas_zone *parent = NULL;
    for (int i = 0; i < atlas->n_zones; i++) {
        struct atlas_zone *zone = &atlas->zones[i];
        chart_name_part(at, "zone %s", zone->id);
        if (i && zone->is_plantar && !zone[-1].is_plantar)
            return chart_refuse(at, "plantar zones must come before those outside the plate");
        if (!zone->parent) {
            parent = zone;
            continue;
        }
        if (!parent || strcmp(parent->id, zone->parent))
            return chart_refuse_member(at, "parent",
                                       "must be the zone listed just before its parts");
        if (!zone->is_plantar || zone->shape.kind == ZONE_PARTS)
            return chart_refuse(at, "a part must be plantar and have a shape of its own");
        if (++parent->n_parts > ATLAS_PARTS_MAX)
            return chart_refuse(at, "its parent has more than 12 parts");
        parent->parts = parent + 1;
    }
    return 0;
}

static int check_unions(const struct atlas *atlas, struct chart_place *at)
{
    for (int i = 0; i < atlas->n_zones; i++)
        if (atlas->zones[i].is_plantar && atlas->zones[i].shape.kind == ZONE_PARTS &&
            !atlas->zones[i].n_parts) {
            chart_name_part(at, "zone %s", atlas->zones[i].id);
            return chart_refuse(at, "its geometry is that of its parts, and it has none");
        }
    return 0;
}

/* "counts" states how many plantar zones (parts not counted) and points outside there are. */
static int check_counts(const struct atlas *atlas, struct chart_place *at)
{
    const json_t *counts = json_object_get(atlas->root, "counts");
    double plantar, outside;
    int found_plantar = 0, found_outside = 0;

    chart_name_part(at, "counts");
    if (chart_number(at, counts, "plantar", 0, CHART_LIST_MAX, &plantar) ||
        chart_number(at, counts, "outside", 0, CHART_LIST_MAX, &outside))
        return -1;
    for (int i = 0; i < atlas->n_zones; i++) {
        found_plantar += atlas->zones[i].is_plantar && !atlas->zones[i].parent;
        found_outside += !atlas->zones[i].is_plantar;
    }
    if (found_plantar == (int)plantar && found_outside == (int)outside)
        return 0;
    return problem(at->why, PROBLEM_REFUSED,
                   "atlas %s: counts: %g plantar zones and %g outside the plate are stated, but %d "
                   "and %d are there",
                   at->name, plantar, outside, found_plantar, found_outside);
}

int chart_load_zones(struct atlas *atlas, struct chart_place *at)
{
    const json_t *array;
    int n;

    if (chart_list(at, atlas->root, "zones", &array, &n))
        return -1;
    if (!n)
        return chart_refuse_member(at, "zones", "must list at least one zone");
    size_t n_sources = chart_count_members(array, "sources");
    atlas->zones = chart_make_list(at, n, sizeof *atlas->zones, "the atlas's zones");
    atlas->sources =
        n_sources > 100 * CHART_LIST_MAX
            ? NULL
            : chart_make_list(at, (int)n_sources, sizeof *atlas->sources, "the atlas's sources");
    if (n_sources > 100 * CHART_LIST_MAX)
        return chart_refuse(at, "it lists more than 100000 sources");
    if (!atlas->zones || !atlas->sources)
        return -1;
    atlas->n_zones = n;
    for (int i = 0; i < n; i++)
        if (load_named_zone(atlas, at, json_array_get(array, (size_t)i), i))
            return -1;
    return link_parts(atlas, at) || check_unions(atlas, at) || check_counts(atlas, at) ? -1 : 0;
}
