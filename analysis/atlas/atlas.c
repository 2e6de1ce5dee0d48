/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/atlas/atlas.h"
#include "analysis/atlas/atlas_builtin.h"
#include "analysis/atlas/atlas_private.h"
#include "analysis/json_file.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "tenderfoot/atlas/1"
#define FILE_BYTES_MAX (4 << 20)

/* cm_mode "literal" takes the articles' centimetres as they are, on any foot. */
static int apply_cm_mode(struct atlas *atlas, struct chart_place *at)
{
    static const char *const modes[] = {"scaled", "literal"};
    int mode;

    chart_name_part(at, "chart");
    if (chart_word(at, atlas->root, "cm_mode", modes, 2, &mode))
        return -1;
    for (int i = 0; i < atlas->n_zones; i++)
        atlas->zones[i].offset_is_literal = mode;
    return 0;
}

static int load_all(struct atlas *atlas, const char *name, struct problem *why)
{
    struct chart_place at = {name, "chart", why};
    const char *text;

    if (!json_is_object(atlas->root) || chart_text(&at, atlas->root, "schema", &text) ||
        strcmp(text, SCHEMA))
        return problem(why, PROBLEM_REFUSED,
                       "atlas %s: not a chart: \"schema\" must be \"" SCHEMA "\"", name);
    if (chart_text(&at, atlas->root, "name", &text) ||
        chart_text(&at, atlas->root, "version", &text))
        return -1;
    if (chart_load_seeds(atlas, &at) || chart_load_zones(atlas, &at) || apply_cm_mode(atlas, &at) ||
        chart_load_conflicts(atlas, &at) || chart_load_unlocated(atlas, &at) ||
        chart_load_overlaps(atlas, &at))
        return -1;
    return 0;
}

struct atlas *atlas_parse(const void *bytes, size_t n, const char *name, struct problem *why)
{
    struct atlas *atlas = calloc(1, sizeof *atlas);
    json_error_t error;

    if (!atlas) {
        problem_no_memory(why, "the atlas");
        return NULL;
    }
    atlas->root = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &error);
    if (!atlas->root)
        problem(why, PROBLEM_REFUSED, "atlas %s: not JSON: line %d, column %d: %.150s", name,
                error.line, error.column, error.text);
    if (!atlas->root || load_all(atlas, name, why)) {
        atlas_free(atlas);
        return NULL;
    }
    return atlas;
}

/* How many zones have a geometry for the settings; into the zones with `apply`. -1: damaged. */
static int spine_zones(struct atlas *atlas, struct chart_place *at,
                       const struct atlas_settings *settings, int apply)
{
    const json_t *array = json_object_get(atlas->root, "zones");
    int n = 0;

    for (int i = 0; i < atlas->n_zones; i++) {
        struct zone_shape shape;
        int found;

        chart_name_part(at, "zone %s", atlas->zones[i].id);
        found = chart_alternative(at, json_array_get(array, (size_t)i), settings, &shape);
        if (found < 0)
            return -1;
        if (found && apply)
            atlas->zones[i].shape = shape;
        n += found;
    }
    return n;
}

int atlas_apply_settings(struct atlas *atlas, const struct atlas_settings *settings,
                         struct problem *why)
{
    struct chart_place at = {.name = atlas_name(atlas), .why = why};

    if (settings->spine_line != SPINE_EDGE || settings->spine_cuts != SPINE_BY_LANDMARKS) {
        int n = spine_zones(atlas, &at, settings, 0);

        if (n < 0)
            return -1;
        if (n == 0)
            return problem(why, PROBLEM_REFUSED,
                           "atlas %s: it has no spine line \"%s\" with cuts by \"%s\"", at.name,
                           spine_line_name(settings->spine_line),
                           spine_cuts_name(settings->spine_cuts));
        spine_zones(atlas, &at, settings, 1);
    }
    for (int i = 0; settings->cm_mode != CM_AS_CHART && i < atlas->n_zones; i++)
        atlas->zones[i].offset_is_literal = settings->cm_mode == CM_LITERAL;
    return 0;
}

struct atlas *atlas_load(const char *path, struct problem *why)
{
    if (!path)
        return atlas_parse(atlas_builtin_json, (size_t)(atlas_builtin_end - atlas_builtin_json),
                           "(built in)", why);
    size_t n;
    char *bytes = json_file_bytes("atlas ", path, FILE_BYTES_MAX, &n, why);
    struct atlas *atlas = bytes ? atlas_parse(bytes, n, path, why) : NULL;
    free(bytes);
    return atlas;
}

void atlas_free(struct atlas *atlas)
{
    if (!atlas)
        return;
    free(atlas->zones);
    free(atlas->sources);
    free(atlas->conflicts);
    free(atlas->conflict_zones);
    free(atlas->unlocated);
    free(atlas->overlaps);
    free(atlas->seeds);
    json_decref(atlas->root);
    free(atlas);
}

const struct json_t *atlas_document(const struct atlas *atlas)
{
    return atlas->root;
}

const char *atlas_name(const struct atlas *atlas)
{
    return json_string_value(json_object_get(atlas->root, "name"));
}

const char *atlas_version(const struct atlas *atlas)
{
    return json_string_value(json_object_get(atlas->root, "version"));
}

int atlas_count(const struct atlas *atlas)
{
    return atlas->n_zones;
}

const struct atlas_zone *atlas_zone(const struct atlas *atlas, int index)
{
    return index >= 0 && index < atlas->n_zones ? &atlas->zones[index] : NULL;
}

const struct atlas_zone *atlas_find(const struct atlas *atlas, const char *id)
{
    for (int i = 0; i < atlas->n_zones; i++)
        if (!strcmp(atlas->zones[i].id, id))
            return &atlas->zones[i];
    return NULL;
}

int atlas_conflict_count(const struct atlas *atlas)
{
    return atlas->n_conflicts;
}

const struct atlas_conflict *atlas_conflict(const struct atlas *atlas, int index)
{
    return index >= 0 && index < atlas->n_conflicts ? &atlas->conflicts[index] : NULL;
}

int atlas_unlocated_count(const struct atlas *atlas)
{
    return atlas->n_unlocated;
}

const struct atlas_unlocated *atlas_unlocated(const struct atlas *atlas, int index)
{
    return index >= 0 && index < atlas->n_unlocated ? &atlas->unlocated[index] : NULL;
}

int atlas_overlap_count(const struct atlas *atlas)
{
    return atlas->n_overlaps;
}

const struct atlas_overlap *atlas_overlap(const struct atlas *atlas, int index)
{
    return index >= 0 && index < atlas->n_overlaps ? &atlas->overlaps[index] : NULL;
}

int atlas_seed_count(const struct atlas *atlas)
{
    return atlas->n_seeds;
}

const struct atlas_seed *atlas_seed(const struct atlas *atlas, int index)
{
    return index >= 0 && index < atlas->n_seeds ? &atlas->seeds[index] : NULL;
}
