/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading and checking a chart. The parsed JSON lives as long as the atlas: strings point into it.
 */
#include "analysis/atlas/atlas.h"
#include "analysis/atlas/atlas_builtin.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "tenderfoot/atlas/1"
#define FILE_BYTES_MAX (4 << 20)
#define LIST_MAX 1000
#define ID_LENGTH_MAX 15
/* Places of a foot: a little beyond its tangents, heel and toe tip. */
#define PLACE_MIN (-0.1)
#define PLACE_MAX 1.1
#define HALF_MAX 0.6
#define HALF_WIDTH_MAX_MM 40.0
/* Where a path turns by more than this, its strip would cut through itself. */
#define TURN_COS_MIN (-0.5)
#define OFFSET_NORM_TOLERANCE 0.0006

struct atlas {
    json_t *root;
    struct atlas_zone *zones;
    int n_zones;
    struct atlas_source *sources; /* of all zones, one after the other */
    int n_sources;
    struct atlas_conflict *conflicts;
    int n_conflicts;
    const char **conflict_zones;
    int n_conflict_zones;
    struct atlas_unlocated *unlocated;
    int n_unlocated;
    struct atlas_overlap *overlaps;
    int n_overlaps;
    struct atlas_seed *seeds;
    int n_seeds;
};

/* Where we are, for messages: the file's name and the part of it. */
struct place {
    const char *name;
    char part[64]; /* "zone P07", "conflicts" */
    struct problem *why;
};

static void name_part(struct place *at, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void name_part(struct place *at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(at->part, sizeof at->part, format, args);
    va_end(args);
}

static int refuse(const struct place *at, const char *sentence)
{
    return problem(at->why, PROBLEM_REFUSED, "atlas %s: %s: %s", at->name, at->part, sentence);
}

static int refuse_member(const struct place *at, const char *member, const char *sentence)
{
    return problem(at->why, PROBLEM_REFUSED, "atlas %s: %s: \"%s\" %s", at->name, at->part, member,
                   sentence);
}

/* --- Members -----------------------------------------------------------------------------------
 */

static int read_text(const struct place *at, const json_t *object, const char *member,
                     const char **text)
{
    const char *found = json_string_value(json_object_get(object, member));

    *text = found ? found : "";
    return **text ? 0 : refuse_member(at, member, "must be a text that is not empty");
}

/* NULL when it is missing; anything but a text is refused. */
static int read_optional_text(const struct place *at, const json_t *object, const char *member,
                              const char **text)
{
    *text = NULL;
    return json_object_get(object, member) ? read_text(at, object, member, text) : 0;
}

static int read_number(const struct place *at, const json_t *object, const char *member, double low,
                       double high, double *number)
{
    const json_t *found = json_object_get(object, member);

    *number = json_number_value(found);
    if (!json_is_number(found) || !(*number >= low && *number <= high))
        return problem(at->why, PROBLEM_REFUSED,
                       "atlas %s: %s: \"%s\" must be a number from %g to %g", at->name, at->part,
                       member, low, high);
    return 0;
}

static int read_pair(const struct place *at, const json_t *array, const char *member, double low,
                     double high, struct uv *pair)
{
    double u = json_number_value(json_array_get(array, 0));
    double v = json_number_value(json_array_get(array, 1));

    if (json_array_size(array) != 2 || !json_is_number(json_array_get(array, 0)) ||
        !json_is_number(json_array_get(array, 1)) || u < low || u > high || v < low || v > high)
        return problem(at->why, PROBLEM_REFUSED,
                       "atlas %s: %s: \"%s\" must be [u, v], both from %g to %g", at->name,
                       at->part, member, low, high);
    *pair = (struct uv){u, v};
    return 0;
}

static int read_flag(const struct place *at, const json_t *object, const char *member, int *flag)
{
    const json_t *found = json_object_get(object, member);

    if (found && !json_is_boolean(found))
        return refuse_member(at, member, "must be true or false");
    *flag = json_is_true(found);
    return 0;
}

/* One of the words, as its index in *value. */
static int read_word(const struct place *at, const json_t *object, const char *member,
                     const char *const *words, int n, int *value)
{
    const char *text;

    if (read_text(at, object, member, &text))
        return -1;
    for (*value = 0; *value < n; ++*value)
        if (!strcmp(words[*value], text))
            return 0;
    return problem(at->why, PROBLEM_REFUSED, "atlas %s: %s: \"%s\" is '%.40s', which is unknown",
                   at->name, at->part, member, text);
}

static int find_landmark(const struct place *at, const char *name, int *id)
{
    for (*id = 0; *id < LANDMARK_COUNT; ++*id)
        if (!strcmp(landmark_name((enum landmark_id) * id), name))
            return 0;
    return problem(at->why, PROBLEM_REFUSED, "atlas %s: %s: no landmark is called '%.40s'",
                   at->name, at->part, name);
}

/* The array `member` of the root, n <= LIST_MAX; a missing one is empty. */
static int read_list(const struct place *at, const json_t *root, const char *member,
                     const json_t **array, int *n)
{
    *array = json_object_get(root, member);
    if (*array && !json_is_array(*array))
        return refuse_member(at, member, "must be a list");
    if (json_array_size(*array) > LIST_MAX)
        return refuse_member(at, member, "has more than 1000 entries");
    *n = (int)json_array_size(*array);
    return 0;
}

static void *make_list(struct place *at, int n, size_t size, const char *what)
{
    void *list = calloc((size_t)(n ? n : 1), size);

    if (!list)
        problem_no_memory(at->why, what);
    return list;
}

/* --- Articles, sources --------------------------------------------------------------------- */

static int load_seeds(struct atlas *atlas, struct place *at)
{
    const json_t *array;

    if (read_list(at, atlas->root, "seeds", &array, &atlas->n_seeds))
        return -1;
    atlas->seeds = make_list(at, atlas->n_seeds, sizeof *atlas->seeds, "the atlas's articles");
    if (!atlas->seeds)
        return -1;
    name_part(at, "seeds");
    for (int i = 0; i < atlas->n_seeds; i++) {
        const json_t *object = json_array_get(array, (size_t)i);
        struct atlas_seed *seed = &atlas->seeds[i];
        if (read_text(at, object, "id", &seed->id) || read_text(at, object, "file", &seed->file) ||
            read_text(at, object, "title", &seed->title))
            return -1;
        for (int j = 0; j < i; j++)
            if (!strcmp(atlas->seeds[j].id, seed->id))
                return refuse_member(at, "id", "is there twice");
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

static int check_cite(const struct atlas *atlas, const struct place *at, const char *cite)
{
    if (cite_is_known(atlas, cite))
        return 0;
    return problem(
        at->why, PROBLEM_REFUSED,
        "atlas %s: %s: \"cite\" is '%.40s'; it must be a listed article and a line, like "
        "\"003:271\"",
        at->name, at->part, cite);
}

static int load_source(const struct atlas *atlas, const struct place *at, const json_t *object,
                       struct atlas_source *source)
{
    if (read_text(at, object, "organ", &source->organ) ||
        read_text(at, object, "seed", &source->seed) ||
        read_text(at, object, "quote", &source->quote) ||
        read_text(at, object, "cite", &source->cite) || check_cite(atlas, at, source->cite))
        return -1;
    size_t n = strlen(source->seed);
    if (strncmp(source->cite, source->seed, n) || source->cite[n] != ':')
        return refuse_member(at, "cite", "is of another article than \"seed\"");
    return 0;
}

/* The zone's sources, put behind those of the zones before it. */
static int load_sources(struct atlas *atlas, const struct place *at, const json_t *array,
                        struct atlas_zone *zone)
{
    struct atlas_source *list = &atlas->sources[atlas->n_sources];

    if (!json_is_array(array) || !json_array_size(array))
        return refuse_member(at, "sources", "must list at least one source");
    for (size_t i = 0; i < json_array_size(array); i++)
        if (load_source(atlas, at, json_array_get(array, i), &list[i]))
            return -1;
    zone->sources = list;
    zone->n_sources = (int)json_array_size(array);
    atlas->n_sources += zone->n_sources;
    return 0;
}

/* --- Shapes -------------------------------------------------------------------------------- */

static int load_ellipse(const struct place *at, const json_t *geometry, struct zone_shape *shape)
{
    return read_pair(at, json_object_get(geometry, "centre"), "centre", PLACE_MIN, PLACE_MAX,
                     &shape->centre) ||
                   read_pair(at, json_object_get(geometry, "half"), "half", 0.001, HALF_MAX,
                             &shape->half)
               ? -1
               : 0;
}

static int load_blend(const struct place *at, const json_t *object, struct zone_shape *shape, int i)
{
    const json_t *names = json_object_get(object, "between");
    const char *a = json_string_value(json_array_get(names, 0));
    const char *b = json_string_value(json_array_get(names, 1));

    if (!a || !b)
        return refuse_member(at, "path_anchors", "has a \"between\" without two landmarks");
    return find_landmark(at, a, &shape->path_anchor[i]) ||
                   find_landmark(at, b, &shape->path_anchor_b[i]) ||
                   read_number(at, object, "t", 0, 1, &shape->path_blend[i])
               ? -1
               : 0;
}

static int load_path_anchors(const struct place *at, const json_t *array, struct zone_shape *shape)
{
    if (array && json_array_size(array) != (size_t)shape->n_path)
        return refuse_member(at, "path_anchors", "must have one entry for each point of the path");
    for (int i = 0; i < shape->n_path; i++) {
        const json_t *name = json_array_get(array, (size_t)i);
        shape->path_anchor[i] = -1;
        shape->path_blend[i] = 0;
        if (!name || json_is_null(name))
            continue;
        if (json_is_object(name)) {
            if (load_blend(at, name, shape, i))
                return -1;
            continue;
        }
        if (!json_is_string(name))
            return refuse_member(at, "path_anchors", "must hold landmarks, blends of two or null");
        if (find_landmark(at, json_string_value(name), &shape->path_anchor[i]))
            return -1;
    }
    return 0;
}

/* "straight": two landmarks, the path between which is one line on the plate. */
static int load_straight(const struct place *at, const json_t *names, struct zone_shape *shape)
{
    const char *from = json_string_value(json_array_get(names, 0));
    const char *to = json_string_value(json_array_get(names, 1));

    shape->is_straight = names != NULL;
    if (!names)
        return 0;
    if (!from || !to || !strcmp(from, to))
        return refuse_member(at, "straight", "must name two landmarks");
    return find_landmark(at, from, &shape->line_from) || find_landmark(at, to, &shape->line_to) ? -1
                                                                                                : 0;
}

/* Points of the path in mm on the template foot: far enough apart, no sharp turns. */
static int check_path(const struct place *at, const struct zone_shape *shape)
{
    struct foot_frame frame =
        foot_frame_template(SIDE_RIGHT, (struct point){0, 0}, 0, ATLAS_LENGTH_MM);
    double last_x = 0, last_y = 0;

    for (int i = 1; i < shape->n_path; i++) {
        struct point a = foot_frame_to_plate(&frame, shape->path[i - 1]);
        struct point b = foot_frame_to_plate(&frame, shape->path[i]);
        double x = b.x_mm - a.x_mm, y = b.y_mm - a.y_mm, length = hypot(x, y);
        if (length < 1)
            return refuse_member(at, "path", "has two points less than 1 mm apart");
        if (i > 1 && (x * last_x + y * last_y) / (length * hypot(last_x, last_y)) < TURN_COS_MIN)
            return refuse_member(at, "path", "turns back on itself");
        last_x = x;
        last_y = y;
    }
    return 0;
}

static int load_strip(const struct place *at, const json_t *geometry, struct zone_shape *shape)
{
    const json_t *path = json_object_get(geometry, "path");

    if (read_number(at, geometry, "half_width_mm", 0.5, HALF_WIDTH_MAX_MM, &shape->half_width_mm))
        return -1;
    if (json_array_size(path) < 2 || json_array_size(path) > ZONE_PATH_MAX)
        return refuse_member(at, "path", "must have 2 to 12 points");
    shape->n_path = (int)json_array_size(path);
    for (int i = 0; i < shape->n_path; i++)
        if (read_pair(at, json_array_get(path, (size_t)i), "path", PLACE_MIN, PLACE_MAX,
                      &shape->path[i]))
            return -1;
    if (check_path(at, shape))
        return -1;
    return load_path_anchors(at, json_object_get(geometry, "path_anchors"), shape) ||
                   load_straight(at, json_object_get(geometry, "straight"), shape)
               ? -1
               : 0;
}

static int load_shape(const struct place *at, const json_t *object, struct zone_shape *shape)
{
    static const char *const kinds[] = {"ellipse", "strip", "parts"};
    const json_t *geometry = json_object_get(object, "geometry");
    int kind;

    if (!json_is_object(geometry))
        return refuse_member(at, "geometry", "is missing");
    if (read_word(at, geometry, "kind", kinds, 3, &kind) ||
        read_flag(at, object, "clip_to_sole", &shape->clip_to_sole))
        return -1;
    shape->kind = (enum zone_kind)kind;
    if (shape->kind == ZONE_ELLIPSE)
        return load_ellipse(at, geometry, shape);
    return shape->kind == ZONE_STRIP ? load_strip(at, geometry, shape) : 0;
}

static const char *const cm_words[] = {"chart", "scaled", "literal"};
static const char *const line_words[] = {"edge", "straight"};
static const char *const cut_words[] = {"landmarks", "vertebrae"};

const char *cm_mode_name(enum cm_mode mode)
{
    return (unsigned)mode < 3 ? cm_words[mode] : "?";
}

const char *spine_line_name(enum spine_line line)
{
    return (unsigned)line < 2 ? line_words[line] : "?";
}

const char *spine_cuts_name(enum spine_cuts cuts)
{
    return (unsigned)cuts < 2 ? cut_words[cuts] : "?";
}

/* A zone's other geometry for a spine setting into *shape: 1, 0 when it has none, -1 when it is
 * damaged. `settings` NULL reads all of them, to check them. */
static int read_alternative(const struct place *at, const json_t *object,
                            const struct atlas_settings *settings, struct zone_shape *shape)
{
    const json_t *array = json_object_get(object, "alternatives");
    int found = 0;

    if (array && !json_is_array(array))
        return refuse_member(at, "alternatives", "must be a list");
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *one = json_array_get(array, i);
        struct zone_shape read = {0};
        int line, cuts;

        if (read_word(at, one, "spine_line", line_words, 2, &line) ||
            read_word(at, one, "spine_cuts", cut_words, 2, &cuts) || load_shape(at, one, &read))
            return -1;
        if (read.kind != ZONE_STRIP)
            return refuse_member(at, "alternatives", "must be strips");
        if (!settings || line != (int)settings->spine_line || cuts != (int)settings->spine_cuts)
            continue;
        *shape = read;
        found = 1;
    }
    return found;
}

/* --- Zones --------------------------------------------------------------------------------- */

static int load_anchor(const struct place *at, const json_t *object, struct atlas_zone *zone)
{
    const char *name;
    int id;

    if (!zone->is_plantar && !json_object_get(object, "anchor")) {
        zone->anchor_name = "none";
        zone->anchor = LANDMARK_COUNT;
        return 0;
    }
    if (read_text(at, object, "anchor", &name) || find_landmark(at, name, &id) ||
        read_optional_text(at, object, "anchor_name", &zone->anchor_name))
        return -1;
    if (!zone->anchor_name)
        zone->anchor_name = name;
    zone->anchor = (enum landmark_id)id;
    return 0;
}

static int load_offset(const struct place *at, const json_t *object, struct atlas_zone *zone)
{
    if (!json_object_get(object, "offset_mm") && !json_object_get(object, "offset_norm"))
        return 0;
    if (read_number(at, object, "offset_mm", -250, 250, &zone->offset_mm) ||
        read_number(at, object, "offset_norm", -1, 1, &zone->offset_norm))
        return -1;
    if (fabs(zone->offset_norm - zone->offset_mm / ATLAS_LENGTH_MM) > OFFSET_NORM_TOLERANCE)
        return refuse_member(at, "offset_norm", "is not offset_mm / 250");
    return 0;
}

static int load_plantar(const struct place *at, const json_t *object, struct atlas_zone *zone)
{
    static const char *const classes[] = {"toe", "ball", "arch", "heel"};
    int region_class;

    if (read_word(at, object, "class", classes, 4, &region_class) ||
        read_text(at, object, "contact", &zone->contact) ||
        read_flag(at, object, "only_female", &zone->only_female) ||
        read_optional_text(at, object, "merge_with", &zone->merge_with))
        return -1;
    if (zone->merge_with &&
        read_number(at, object, "merge_pitch_mm", 0, 100, &zone->merge_pitch_mm))
        return -1;
    zone->region_class = (enum region_class)region_class;
    if (read_alternative(at, object, NULL, &zone->shape) < 0)
        return -1;
    return load_shape(at, object, &zone->shape);
}

static int load_texts(const struct place *at, const json_t *object, struct atlas_zone *zone)
{
    static const char *const levels[] = {"low", "medium", "high"};
    int level;

    if (read_text(at, object, "name", &zone->name) ||
        read_text(at, object, "surface", &zone->surface) ||
        read_text(at, object, "side", &zone->side) ||
        read_word(at, object, "confidence", levels, 3, &level) ||
        read_optional_text(at, object, "note", &zone->note) ||
        read_optional_text(at, object, "organ_note", &zone->organ_note) ||
        read_optional_text(at, object, "parent", &zone->parent))
        return -1;
    zone->confidence = levels[level];
    return 0;
}

static int load_zone(struct atlas *atlas, const struct place *at, const json_t *object,
                     struct atlas_zone *zone)
{
    if (!json_is_boolean(json_object_get(object, "plantar")))
        return refuse_member(at, "plantar", "must be true or false");
    zone->is_plantar = json_is_true(json_object_get(object, "plantar"));
    if (load_texts(at, object, zone) || load_anchor(at, object, zone) ||
        load_offset(at, object, zone) ||
        load_sources(atlas, at, json_object_get(object, "sources"), zone))
        return -1;
    if (zone->is_plantar)
        return load_plantar(at, object, zone);
    return read_pair(at, json_object_get(object, "projection"), "projection", PLACE_MIN, PLACE_MAX,
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
static int load_named_zone(struct atlas *atlas, struct place *at, const json_t *object, int i)
{
    struct atlas_zone *zone = &atlas->zones[i];

    name_part(at, "zone number %d", i + 1);
    if (read_text(at, object, "id", &zone->id))
        return -1;
    if (!id_is_good(zone->id))
        return refuse_member(at, "id", "must be at most 15 letters, digits, '.', '-' or '_'");
    name_part(at, "zone %s", zone->id);
    for (int j = 0; j < i; j++)
        if (!strcmp(atlas->zones[j].id, zone->id))
            return refuse(at, "there are two zones of this id");
    return load_zone(atlas, at, object, zone);
}

/* Parts follow their parent at once; plantar zones come before the others. */
static int link_parts(struct atlas *atlas, struct place *at)
{
    struct atlas_zone *parent = NULL;
    for (int i = 0; i < atlas->n_zones; i++) {
        struct atlas_zone *zone = &atlas->zones[i];
        name_part(at, "zone %s", zone->id);
        if (i && zone->is_plantar && !zone[-1].is_plantar)
            return refuse(at, "plantar zones must come before those outside the plate");
        if (!zone->parent) {
            parent = zone;
            continue;
        }
        if (!parent || strcmp(parent->id, zone->parent))
            return refuse_member(at, "parent", "must be the zone listed just before its parts");
        if (!zone->is_plantar || zone->shape.kind == ZONE_PARTS)
            return refuse(at, "a part must be plantar and have a shape of its own");
        if (++parent->n_parts > ATLAS_PARTS_MAX)
            return refuse(at, "its parent has more than 12 parts");
        parent->parts = parent + 1;
    }
    return 0;
}

static int check_unions(const struct atlas *atlas, struct place *at)
{
    for (int i = 0; i < atlas->n_zones; i++)
        if (atlas->zones[i].is_plantar && atlas->zones[i].shape.kind == ZONE_PARTS &&
            !atlas->zones[i].n_parts) {
            name_part(at, "zone %s", atlas->zones[i].id);
            return refuse(at, "its geometry is that of its parts, and it has none");
        }
    return 0;
}

/* "counts" states how many plantar zones (parts not counted) and points outside there are. */
static int check_counts(const struct atlas *atlas, struct place *at)
{
    const json_t *counts = json_object_get(atlas->root, "counts");
    double plantar, outside;
    int found_plantar = 0, found_outside = 0;

    name_part(at, "counts");
    if (read_number(at, counts, "plantar", 0, LIST_MAX, &plantar) ||
        read_number(at, counts, "outside", 0, LIST_MAX, &outside))
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

static size_t count_members(const json_t *array, const char *member)
{
    size_t n = 0, i;
    json_t *object;

    json_array_foreach(array, i, object) n += json_array_size(json_object_get(object, member));
    return n;
}

static int load_zones(struct atlas *atlas, struct place *at)
{
    const json_t *array;
    int n;

    if (read_list(at, atlas->root, "zones", &array, &n))
        return -1;
    if (!n)
        return refuse_member(at, "zones", "must list at least one zone");
    size_t n_sources = count_members(array, "sources");
    atlas->zones = make_list(at, n, sizeof *atlas->zones, "the atlas's zones");
    atlas->sources =
        n_sources > 100 * LIST_MAX
            ? NULL
            : make_list(at, (int)n_sources, sizeof *atlas->sources, "the atlas's sources");
    if (n_sources > 100 * LIST_MAX)
        return refuse(at, "it lists more than 100000 sources");
    if (!atlas->zones || !atlas->sources)
        return -1;
    atlas->n_zones = n;
    for (int i = 0; i < n; i++)
        if (load_named_zone(atlas, at, json_array_get(array, (size_t)i), i))
            return -1;
    return link_parts(atlas, at) || check_unions(atlas, at) || check_counts(atlas, at) ? -1 : 0;
}

/* cm_mode "literal" takes the articles' centimetres as they are, on any foot. */
static int apply_cm_mode(struct atlas *atlas, struct place *at)
{
    static const char *const modes[] = {"scaled", "literal"};
    int mode;

    name_part(at, "chart");
    if (read_word(at, atlas->root, "cm_mode", modes, 2, &mode))
        return -1;
    for (int i = 0; i < atlas->n_zones; i++)
        atlas->zones[i].offset_is_literal = mode;
    return 0;
}

/* --- Conflicts, organs without a place, overlaps -------------------------------------------------
 */

/* A conflict may name zones; each must be there. */
static int load_conflict_zones(struct atlas *atlas, const struct place *at, const json_t *array,
                               struct atlas_conflict *conflict)
{
    const char **list = &atlas->conflict_zones[atlas->n_conflict_zones];
    size_t i;
    json_t *id;

    json_array_foreach(array, i, id)
    {
        if (!json_is_string(id) || !atlas_find(atlas, json_string_value(id)))
            return refuse_member(at, "zones", "names a zone that is not in the chart");
        list[i] = json_string_value(id);
    }
    conflict->zones = list;
    conflict->n_zones = (int)json_array_size(array);
    atlas->n_conflict_zones += conflict->n_zones;
    return 0;
}

static int load_conflicts(struct atlas *atlas, struct place *at)
{
    const json_t *array;

    name_part(at, "conflicts");
    if (read_list(at, atlas->root, "conflicts", &array, &atlas->n_conflicts))
        return -1;
    size_t n_zones = count_members(array, "zones");
    if (n_zones > 100 * LIST_MAX)
        return refuse(at, "they name more than 100000 zones");
    atlas->conflicts =
        make_list(at, atlas->n_conflicts, sizeof *atlas->conflicts, "the atlas's conflicts");
    atlas->conflict_zones =
        make_list(at, (int)n_zones, sizeof *atlas->conflict_zones, "the conflicts' zones");
    if (!atlas->conflicts || !atlas->conflict_zones)
        return -1;
    for (int i = 0; i < atlas->n_conflicts; i++) {
        const json_t *object = json_array_get(array, (size_t)i);
        struct atlas_conflict *conflict = &atlas->conflicts[i];
        if (read_text(at, object, "id", &conflict->id) ||
            read_text(at, object, "topic", &conflict->topic) ||
            read_text(at, object, "versions", &conflict->versions) ||
            read_text(at, object, "resolution", &conflict->resolution) ||
            load_conflict_zones(atlas, at, json_object_get(object, "zones"), conflict))
            return -1;
    }
    return 0;
}

static int load_unlocated(struct atlas *atlas, struct place *at)
{
    const json_t *array;

    name_part(at, "unlocated");
    if (read_list(at, atlas->root, "unlocated", &array, &atlas->n_unlocated))
        return -1;
    atlas->unlocated = make_list(at, atlas->n_unlocated, sizeof *atlas->unlocated,
                                 "the atlas's organs without a place");
    if (!atlas->unlocated)
        return -1;
    for (int i = 0; i < atlas->n_unlocated; i++) {
        const json_t *object = json_array_get(array, (size_t)i);
        struct atlas_unlocated *entry = &atlas->unlocated[i];
        if (read_text(at, object, "organ", &entry->organ) ||
            read_text(at, object, "quote", &entry->quote) ||
            read_text(at, object, "cite", &entry->cite) || check_cite(atlas, at, entry->cite) ||
            read_text(at, object, "note", &entry->note))
            return -1;
    }
    return 0;
}

static int load_overlaps(struct atlas *atlas, struct place *at)
{
    const json_t *array;

    name_part(at, "overlaps");
    if (read_list(at, atlas->root, "overlaps", &array, &atlas->n_overlaps))
        return -1;
    atlas->overlaps =
        make_list(at, atlas->n_overlaps, sizeof *atlas->overlaps, "the atlas's overlaps");
    if (!atlas->overlaps)
        return -1;
    for (int i = 0; i < atlas->n_overlaps; i++) {
        const json_t *object = json_array_get(array, (size_t)i);
        struct atlas_overlap *overlap = &atlas->overlaps[i];
        if (read_text(at, object, "a", &overlap->a) || read_text(at, object, "b", &overlap->b) ||
            read_number(at, object, "percent", 0, 100, &overlap->percent))
            return -1;
        if (!atlas_find(atlas, overlap->a) || !atlas_find(atlas, overlap->b))
            return refuse(at, "a pair names a zone that is not in the chart");
    }
    return 0;
}

/* --- The whole ---------------------------------------------------------------------------------
 */

static int load_all(struct atlas *atlas, const char *name, struct problem *why)
{
    struct place at = {name, "chart", why};
    const char *text;

    if (!json_is_object(atlas->root) || read_text(&at, atlas->root, "schema", &text) ||
        strcmp(text, SCHEMA))
        return problem(why, PROBLEM_REFUSED,
                       "atlas %s: not a chart: \"schema\" must be \"" SCHEMA "\"", name);
    if (read_text(&at, atlas->root, "name", &text) || read_text(&at, atlas->root, "version", &text))
        return -1;
    if (load_seeds(atlas, &at) || load_zones(atlas, &at) || apply_cm_mode(atlas, &at) ||
        load_conflicts(atlas, &at) || load_unlocated(atlas, &at) || load_overlaps(atlas, &at))
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
static int spine_zones(struct atlas *atlas, struct place *at, const struct atlas_settings *settings,
                       int apply)
{
    const json_t *array = json_object_get(atlas->root, "zones");
    int n = 0;

    for (int i = 0; i < atlas->n_zones; i++) {
        struct zone_shape shape;
        int found;

        name_part(at, "zone %s", atlas->zones[i].id);
        found = read_alternative(at, json_array_get(array, (size_t)i), settings, &shape);
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
    struct place at = {.name = atlas_name(atlas), .why = why};

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

static struct atlas *load_file(FILE *file, const char *path, struct problem *why)
{
    char *bytes = malloc(FILE_BYTES_MAX + 1);
    struct atlas *atlas = NULL;

    if (!bytes) {
        problem_no_memory(why, "room for the atlas file");
        return NULL;
    }
    size_t n = fread(bytes, 1, FILE_BYTES_MAX + 1, file);
    if (ferror(file))
        problem(why, PROBLEM_FAILED, "atlas %s: cannot be read: %s", path, strerror(errno));
    else if (n > FILE_BYTES_MAX)
        problem(why, PROBLEM_REFUSED, "atlas %s: larger than 4 MiB, so not a chart", path);
    else
        atlas = atlas_parse(bytes, n, path, why);
    free(bytes);
    return atlas;
}

struct atlas *atlas_load(const char *path, struct problem *why)
{
    if (!path)
        return atlas_parse(atlas_builtin_json, (size_t)(atlas_builtin_end - atlas_builtin_json),
                           "(built in)", why);
    FILE *file = fopen(path, "rbe");
    if (!file) {
        problem(why, PROBLEM_REFUSED, "atlas %s: cannot be opened: %s", path, strerror(errno));
        return NULL;
    }
    struct atlas *atlas = load_file(file, path, why);
    fclose(file);
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

/* --- Words -------------------------------------------------------------------------------------
 */

/* Adds `word` after ", " unless it is there already (as a whole entry). */
static void add_once(char *list, size_t cap, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = strstr(list, word); at; at = strstr(at + 1, word))
        if ((at == list || !strncmp(at - 2, ", ", 2)) && (!at[n] || !strncmp(at + n, ", ", 2)))
            return;
    size_t used = strlen(list);
    snprintf(list + used, cap - used, "%s%s", used ? ", " : "", word);
}

/* The articles in their own order, whatever that of the sources. */
static void add_seeds(const struct atlas_zone *zone, char *list, size_t cap)
{
    const char *last = "";

    for (;;) {
        const char *next = NULL;
        for (int i = 0; i < zone->n_sources; i++) {
            const char *seed = zone->sources[i].seed;
            if (strcmp(seed, last) > 0 && (!next || strcmp(seed, next) < 0))
                next = seed;
        }
        if (!next)
            return;
        add_once(list, cap, next);
        last = next;
    }
}

const char *atlas_tradition(const struct atlas_zone *zone, char *text, size_t cap)
{
    char organs[200] = "", seeds[60] = "";

    for (int i = 0; i < zone->n_sources; i++)
        add_once(organs, sizeof organs, zone->sources[i].organ);
    add_seeds(zone, seeds, sizeof seeds);
    const char *articles = strchr(seeds, ',') ? "articles" : "article";
    if (!strcmp(organs, "no organ stated"))
        snprintf(text, cap, "no organ stated (%s %s)", articles, seeds);
    else
        snprintf(text, cap, "traditionally associated with: %s (%s %s)", organs, articles, seeds);
    return text;
}
