/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The geometry of a chart's zones, read and checked. */
#include "analysis/atlas/atlas_private.h"

#include <math.h>
#include <string.h>

#define HALF_MAX 0.6
#define HALF_WIDTH_MAX_MM 40.0
/* Where a path turns by more than this, its strip would cut through itself. */
#define TURN_COS_MIN (-0.5)

static int load_ellipse(const struct chart_place *at, const json_t *geometry,
                        struct zone_shape *shape)
{
    return chart_pair(at, json_object_get(geometry, "centre"), "centre", PLACE_MIN, PLACE_MAX,
                      &shape->centre) ||
                   chart_pair(at, json_object_get(geometry, "half"), "half", 0.001, HALF_MAX,
                              &shape->half)
               ? -1
               : 0;
}

static int load_blend(const struct chart_place *at, const json_t *object, struct zone_shape *shape,
                      int i)
{
    const json_t *names = json_object_get(object, "between");
    const char *a = json_string_value(json_array_get(names, 0));
    const char *b = json_string_value(json_array_get(names, 1));

    if (!a || !b)
        return chart_refuse_member(at, "path_anchors", "has a \"between\" without two landmarks");
    return chart_landmark(at, a, &shape->path_anchor[i]) ||
                   chart_landmark(at, b, &shape->path_anchor_b[i]) ||
                   chart_number(at, object, "t", 0, 1, &shape->path_blend[i])
               ? -1
               : 0;
}

static int load_path_anchors(const struct chart_place *at, const json_t *array,
                             struct zone_shape *shape)
{
    if (array && json_array_size(array) != (size_t)shape->n_path)
        return chart_refuse_member(at, "path_anchors",
                                   "must have one entry for each point of the path");
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
            return chart_refuse_member(at, "path_anchors",
                                       "must hold landmarks, blends of two or null");
        if (chart_landmark(at, json_string_value(name), &shape->path_anchor[i]))
            return -1;
    }
    return 0;
}

/* "straight": two landmarks, the path between which is one line on the plate. */
static int load_straight(const struct chart_place *at, const json_t *names,
                         struct zone_shape *shape)
{
    const char *from = json_string_value(json_array_get(names, 0));
    const char *to = json_string_value(json_array_get(names, 1));

    shape->is_straight = names != NULL;
    if (!names)
        return 0;
    if (!from || !to || !strcmp(from, to))
        return chart_refuse_member(at, "straight", "must name two landmarks");
    return chart_landmark(at, from, &shape->line_from) || chart_landmark(at, to, &shape->line_to)
               ? -1
               : 0;
}

/* Points of the path in mm on the template foot: far enough apart, no sharp turns. */
static int check_path(const struct chart_place *at, const struct zone_shape *shape)
{
    struct foot_frame frame =
        foot_frame_template(SIDE_RIGHT, (struct point){0, 0}, 0, ATLAS_LENGTH_MM);
    double last_x = 0, last_y = 0;

    for (int i = 1; i < shape->n_path; i++) {
        struct point a = foot_frame_to_plate(&frame, shape->path[i - 1]);
        struct point b = foot_frame_to_plate(&frame, shape->path[i]);
        double x = b.x_mm - a.x_mm, y = b.y_mm - a.y_mm, length = hypot(x, y);
        if (length < 1)
            return chart_refuse_member(at, "path", "has two points less than 1 mm apart");
        if (i > 1 && (x * last_x + y * last_y) / (length * hypot(last_x, last_y)) < TURN_COS_MIN)
            return chart_refuse_member(at, "path", "turns back on itself");
        last_x = x;
        last_y = y;
    }
    return 0;
}

static int load_strip(const struct chart_place *at, const json_t *geometry,
                      struct zone_shape *shape)
{
    const json_t *path = json_object_get(geometry, "path");

    if (chart_number(at, geometry, "half_width_mm", 0.5, HALF_WIDTH_MAX_MM, &shape->half_width_mm))
        return -1;
    if (json_array_size(path) < 2 || json_array_size(path) > ZONE_PATH_MAX)
        return chart_refuse_member(at, "path", "must have 2 to 12 points");
    shape->n_path = (int)json_array_size(path);
    for (int i = 0; i < shape->n_path; i++)
        if (chart_pair(at, json_array_get(path, (size_t)i), "path", PLACE_MIN, PLACE_MAX,
                       &shape->path[i]))
            return -1;
    if (check_path(at, shape))
        return -1;
    return load_path_anchors(at, json_object_get(geometry, "path_anchors"), shape) ||
                   load_straight(at, json_object_get(geometry, "straight"), shape)
               ? -1
               : 0;
}

int chart_load_shape(const struct chart_place *at, const json_t *object, struct zone_shape *shape)
{
    static const char *const kinds[] = {"ellipse", "strip", "parts"};
    const json_t *geometry = json_object_get(object, "geometry");
    int kind;

    if (!json_is_object(geometry))
        return chart_refuse_member(at, "geometry", "is missing");
    if (chart_word(at, geometry, "kind", kinds, 3, &kind) ||
        chart_flag(at, object, "clip_to_sole", &shape->clip_to_sole))
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
int chart_alternative(const struct chart_place *at, const json_t *object,
                      const struct atlas_settings *settings, struct zone_shape *shape)
{
    const json_t *array = json_object_get(object, "alternatives");
    int found = 0;

    if (array && !json_is_array(array))
        return chart_refuse_member(at, "alternatives", "must be a list");
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *one = json_array_get(array, i);
        struct zone_shape read = {0};
        int line, cuts;

        if (chart_word(at, one, "spine_line", line_words, 2, &line) ||
            chart_word(at, one, "spine_cuts", cut_words, 2, &cuts) ||
            chart_load_shape(at, one, &read))
            return -1;
        if (read.kind != ZONE_STRIP)
            return chart_refuse_member(at, "alternatives", "must be strips");
        if (!settings || line != (int)settings->spine_line || cuts != (int)settings->spine_cuts)
            continue;
        *shape = read;
        found = 1;
    }
    return found;
}
