/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chart's lists beside its zones: articles, sources, conflicts, organs without a place, overlaps.
 */
#include "analysis/atlas/atlas_private.h"

#include <jansson.h>
#include <string.h>

int chart_load_seeds(struct atlas *atlas, struct chart_place *at)
{
    const json_t *array;

    if (chart_list(at, atlas->root, "seeds", &array, &atlas->n_seeds))
        return -1;
    atlas->seeds =
        chart_make_list(at, atlas->n_seeds, sizeof *atlas->seeds, "the atlas's articles");
    if (!atlas->seeds)
        return -1;
    chart_name_part(at, "seeds");
    for (int i = 0; i < atlas->n_seeds; i++) {
        const json_t *object = json_array_get(array, (size_t)i);
        struct atlas_seed *seed = &atlas->seeds[i];
        if (chart_text(at, object, "id", &seed->id) ||
            chart_text(at, object, "file", &seed->file) ||
            chart_text(at, object, "title", &seed->title))
            return -1;
        for (int j = 0; j < i; j++)
            if (!strcmp(atlas->seeds[j].id, seed->id))
                return chart_refuse_member(at, "id", "is there twice");
    }
    return 0;
}

/* "003:271": an article of the list, a colon, a line from 1. */
static int cite_is_known(const struct atlas *atlas, const char *cite)
{
    for (int i = 0; i < atlas->n_seeds; i++) {
        size_t n = strlen(atlas->seeds[i].id);
        if (strncmp(cite, atlas->seeds[i].id, n) || cite[n] != ':')
            continue;
        const char *line = cite + n + 1;
        return *line >= '1' && *line <= '9' && strspn(line, "0123456789") == strlen(line) &&
               strlen(line) <= 6;
    }
    return 0;
}

static int check_cite(const struct atlas *atlas, const struct chart_place *at, const char *cite)
{
    if (cite_is_known(atlas, cite))
        return 0;
    return problem(
        at->why, PROBLEM_REFUSED,
        "atlas %s: %s: \"cite\" is '%.40s'; it must be a listed article and a line, like "
        "\"003:271\"",
        at->name, at->part, cite);
}

static int load_source(const struct atlas *atlas, const struct chart_place *at,
                       const json_t *object, struct atlas_source *source)
{
    if (chart_text(at, object, "organ", &source->organ) ||
        chart_text(at, object, "seed", &source->seed) ||
        chart_text(at, object, "quote", &source->quote) ||
        chart_text(at, object, "cite", &source->cite) || check_cite(atlas, at, source->cite))
        return -1;
    size_t n = strlen(source->seed);
    if (strncmp(source->cite, source->seed, n) || source->cite[n] != ':')
        return chart_refuse_member(at, "cite", "is of another article than \"seed\"");
    return 0;
}

/* The zone's sources, put behind those of the zones before it. */
int chart_load_sources(struct atlas *atlas, const struct chart_place *at, const json_t *array,
                       struct atlas_zone *zone)
{
    struct atlas_source *list = &atlas->sources[atlas->n_sources];

    if (!json_is_array(array) || !json_array_size(array))
        return chart_refuse_member(at, "sources", "must list at least one source");
    for (size_t i = 0; i < json_array_size(array); i++)
        if (load_source(atlas, at, json_array_get(array, i), &list[i]))
            return -1;
    zone->sources = list;
    zone->n_sources = (int)json_array_size(array);
    atlas->n_sources += zone->n_sources;
    return 0;
}

/* A conflict may name zones; each must be there. */
static int load_conflict_zones(struct atlas *atlas, const struct chart_place *at,
                               const json_t *array, struct atlas_conflict *conflict)
{
    const char **list = &atlas->conflict_zones[atlas->n_conflict_zones];
    size_t i;
    json_t *id;

    json_array_foreach(array, i, id)
    {
        if (!json_is_string(id) || !atlas_find(atlas, json_string_value(id)))
            return chart_refuse_member(at, "zones", "names a zone that is not in the chart");
        list[i] = json_string_value(id);
    }
    conflict->zones = list;
    conflict->n_zones = (int)json_array_size(array);
    atlas->n_conflict_zones += conflict->n_zones;
    return 0;
}

int chart_load_conflicts(struct atlas *atlas, struct chart_place *at)
{
    const json_t *array;

    chart_name_part(at, "conflicts");
    if (chart_list(at, atlas->root, "conflicts", &array, &atlas->n_conflicts))
        return -1;
    size_t n_zones = chart_count_members(array, "zones");
    if (n_zones > 100 * CHART_LIST_MAX)
        return chart_refuse(at, "they name more than 100000 zones");
    atlas->conflicts =
        chart_make_list(at, atlas->n_conflicts, sizeof *atlas->conflicts, "the atlas's conflicts");
    atlas->conflict_zones =
        chart_make_list(at, (int)n_zones, sizeof *atlas->conflict_zones, "the conflicts' zones");
    if (!atlas->conflicts || !atlas->conflict_zones)
        return -1;
    for (int i = 0; i < atlas->n_conflicts; i++) {
        const json_t *object = json_array_get(array, (size_t)i);
        struct atlas_conflict *conflict = &atlas->conflicts[i];
        if (chart_text(at, object, "id", &conflict->id) ||
            chart_text(at, object, "topic", &conflict->topic) ||
            chart_text(at, object, "versions", &conflict->versions) ||
            chart_text(at, object, "resolution", &conflict->resolution) ||
            load_conflict_zones(atlas, at, json_object_get(object, "zones"), conflict))
            return -1;
    }
    return 0;
}

int chart_load_unlocated(struct atlas *atlas, struct chart_place *at)
{
    const json_t *array;

    chart_name_part(at, "unlocated");
    if (chart_list(at, atlas->root, "unlocated", &array, &atlas->n_unlocated))
        return -1;
    atlas->unlocated = chart_make_list(at, atlas->n_unlocated, sizeof *atlas->unlocated,
                                       "the atlas's organs without a place");
    if (!atlas->unlocated)
        return -1;
    for (int i = 0; i < atlas->n_unlocated; i++) {
        const json_t *object = json_array_get(array, (size_t)i);
        struct atlas_unlocated *entry = &atlas->unlocated[i];
        if (chart_text(at, object, "organ", &entry->organ) ||
            chart_text(at, object, "quote", &entry->quote) ||
            chart_text(at, object, "cite", &entry->cite) || check_cite(atlas, at, entry->cite) ||
            chart_text(at, object, "note", &entry->note))
            return -1;
    }
    return 0;
}

int chart_load_overlaps(struct atlas *atlas, struct chart_place *at)
{
    const json_t *array;

    chart_name_part(at, "overlaps");
    if (chart_list(at, atlas->root, "overlaps", &array, &atlas->n_overlaps))
        return -1;
    atlas->overlaps =
        chart_make_list(at, atlas->n_overlaps, sizeof *atlas->overlaps, "the atlas's overlaps");
    if (!atlas->overlaps)
        return -1;
    for (int i = 0; i < atlas->n_overlaps; i++) {
        const json_t *object = json_array_get(array, (size_t)i);
        struct atlas_overlap *overlap = &atlas->overlaps[i];
        if (chart_text(at, object, "a", &overlap->a) || chart_text(at, object, "b", &overlap->b) ||
            chart_number(at, object, "percent", 0, 100, &overlap->percent))
            return -1;
        if (!atlas_find(atlas, overlap->a) || !atlas_find(atlas, overlap->b))
            return chart_refuse(at, "a pair names a zone that is not in the chart");
    }
    return 0;
}
