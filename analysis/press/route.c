/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/regions.h"
#include "analysis/press/route_private.h"
#include "firmware/wire/problem_code.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHOSEN_MAX 128

static const char *const kind_names[] = {[ROUTE_ZONES] = "zones",
                                         [ROUTE_STRIPS] = "strips",
                                         [ROUTE_SPINE] = "spine",
                                         [ROUTE_CHOSEN] = "chosen",
                                         [ROUTE_SHORT] = "short"};

const char *route_kind_name(enum route_kind kind)
{
    return (unsigned)kind <= ROUTE_SHORT ? kind_names[kind] : "?";
}

/* --- Growing ---------------------------------------------------------------------------------- */

/* Room for one more; the array itself, or NULL. */
static void *grown(void *array, int n, int *cap, size_t size, struct problem *why)
{
    int wanted = *cap ? 2 * *cap : 32;

    if (n < *cap)
        return array;
    array = realloc(array, (size_t)wanted * size);
    if (array)
        *cap = wanted;
    else
        problem_no_memory(why, "a route");
    return array;
}

void route_add_zone(struct route_place *place, const struct atlas_zone *zone)
{
    for (int i = 0; i < place->n_zones; i++)
        if (place->zones[i] == zone)
            return;
    if (place->n_zones < ROUTE_ZONES_MAX)
        place->zones[place->n_zones++] = zone;
}

/* A zone and what it is a part of. */
static void add_with_parent(const struct route_builder *builder, struct route_place *place,
                            const struct atlas_zone *zone)
{
    route_add_zone(place, zone);
    if (zone->parent)
        route_add_zone(place, atlas_find(builder->options->atlas, zone->parent));
}

static void find_zones(const struct route_builder *builder, const struct sole *sole,
                       struct point at, struct route_place *place)
{
    double tip_radius_mm = tool_tip_radius_mm(builder->options->tool);

    for (int first = 1; first >= 0; first--)
        for (int z = 0; z < sole->n; z++) {
            const struct sole_zone *zone = &sole->zones[z];
            double depth_mm = sole_depth_mm(zone, at);
            if (strcmp(zone->zone->id, place->id) ? first : !first)
                continue;
            /* Another placing of a zone is pressed as soon as the tip reaches it. */
            if (depth_mm > 0 || (!zone->is_wanted && depth_mm > -tip_radius_mm))
                add_with_parent(builder, place, zone->zone);
        }
}

struct route_place *route_add(struct route_builder *builder, const struct sole *sole,
                              struct point at, const char *id)
{
    struct route *route = builder->route;
    void *array =
        grown(route->places, route->n, &builder->cap, sizeof *route->places, builder->why);

    if (!array)
        return NULL;
    route->places = array;
    struct route_place *place = &route->places[route->n++];
    *place = (struct route_place){.pair = -1, .side = sole->side};
    snprintf(place->id, sizeof place->id, "%s", id);
    place->at = foot_frame_to_uv(&sole->frame, at);
    place->region_class = region_class_at(&sole->lines, place->at);
    place->border_mm =
        region_border_mm(&sole->lines, sole->frame.length_mm, place->at, &place->beyond);
    find_zones(builder, sole, at, place);
    return place;
}

int route_leave_out(struct route_builder *builder, enum side side, const char *id, int moved,
                    const char *why)
{
    struct route *route = builder->route;
    void *array = grown(route->left_out, route->n_left_out, &builder->cap_left_out,
                        sizeof *route->left_out, builder->why);

    if (!array)
        return -1;
    route->left_out = array;
    struct route_left_out *one = &route->left_out[route->n_left_out++];
    *one = (struct route_left_out){.side = side, .moved = moved};
    snprintf(one->id, sizeof one->id, "%s", id);
    snprintf(one->why, sizeof one->why, "%s", why);
    return 0;
}

/* --- Complaints ------------------------------------------------------------------------------- */

/* Without regard to case; a needle is a part of the text from the beginning of a word on. */
static int has_word(const char *text, const char *needle)
{
    size_t n = strlen(needle);

    for (size_t i = 0; n >= 3 && text[i]; i++)
        if ((!i || !isalnum((unsigned char)text[i - 1])) && !strncasecmp(text + i, needle, n))
            return 1;
    return 0;
}

static int is_meant(const struct atlas_zone *zone, const char *organ_or_zone)
{
    if (!strcasecmp(zone->id, organ_or_zone) ||
        (zone->parent && !strcasecmp(zone->parent, organ_or_zone)))
        return 1;
    for (int i = 0; i < zone->n_sources; i++)
        if (zone->sources[i].organ && has_word(zone->sources[i].organ, organ_or_zone))
            return 1;
    return 0;
}

int route_zones_of(const struct atlas *atlas, const char *organ_or_zone,
                   const struct atlas_zone **zones, int cap)
{
    int n = 0;

    for (int i = 0; i < atlas_count(atlas) && n < cap; i++) {
        const struct atlas_zone *zone = atlas_zone(atlas, i);
        if (zone->is_plantar && is_meant(zone, organ_or_zone))
            zones[n++] = zone;
    }
    return n;
}

/* The first of the choices that a place serves; lower is more wanted, -1 = none. */
static int rank_of(const struct route_options *options, const struct route_place *place)
{
    for (int c = 0; c < options->n_chosen; c++)
        for (int i = 0; i < place->n_zones; i++)
            if (is_meant(place->zones[i], options->chosen[c]))
                return 2 * c + (i > 0);
    return -1;
}

/* At most so many places of a foot, the most wanted. */
static int is_among_first(const struct route *route, const int *ranks, int i, int cap)
{
    int before = 0;

    for (int k = 0; k < route->n; k++)
        before += ranks[k] >= 0 && route->places[k].side == route->places[i].side &&
                  (ranks[k] < ranks[i] || (ranks[k] == ranks[i] && k < i));
    return before < cap;
}

static int keep_chosen(struct route_builder *builder)
{
    const struct route_options *options = builder->options;
    struct route *route = builder->route;
    int *ranks = malloc(((size_t)route->n + 1) * sizeof *ranks), kept = 0, status = 0;

    if (!ranks)
        return problem_no_memory(builder->why, "a route");
    for (int i = 0; i < route->n; i++)
        ranks[i] = rank_of(options, &route->places[i]);
    char *keep = (char *)calloc((size_t)route->n + 1, 1);
    if (!keep) {
        free(ranks);
        return problem_no_memory(builder->why, "a route");
    }
    for (int i = 0; i < route->n; i++)
        keep[i] = ranks[i] >= 0 && (options->kind != ROUTE_SHORT ||
                                    is_among_first(route, ranks, i, ROUTE_SHORT_PAIRS));
    for (int i = 0; i < route->n && !status; i++) {
        if (!keep[i] && ranks[i] >= 0)
            status = route_leave_out(builder, route->places[i].side, route->places[i].id, 0,
                                     "left for the next session: a short one has 24 presses");
        if (keep[i])
            route->places[kept++] = route->places[i];
    }
    route->n = kept;
    free(keep);
    free(ranks);
    return status;
}

/* Each choice must name something, or a slip of the pen would go unnoticed. */
int route_check_chosen(const struct route_options *options, struct problem *why)
{
    const struct atlas_zone *zones[CHOSEN_MAX];

    if (options->kind != ROUTE_CHOSEN && options->kind != ROUTE_SHORT)
        return 0;
    if (!options->n_chosen)
        return problem(why, PROBLEM_USAGE,
                       "the route \"%s\" needs zones or organs: name at least one",
                       route_kind_name(options->kind));
    for (int c = 0; c < options->n_chosen; c++)
        if (!route_zones_of(options->atlas, options->chosen[c], zones, CHOSEN_MAX))
            return problem_coded(
                why, PROBLEM_CODE_ZONE_UNKNOWN, PROBLEM_USAGE,
                "\"%.60s\" is neither a zone nor an organ that the chart has on the sole; "
                "`tenderfoot atlas` lists them",
                options->chosen[c]);
    return 0;
}

/* --- Order and pairs -------------------------------------------------------------------------- */

/* Left foot first; zones from heel to toes [002:9], the heel being least sensitive. */
static int compare_places(const void *a, const void *b)
{
    const struct route_place *x = a, *y = b;

    if (x->side != y->side)
        return x->side < y->side ? -1 : 1;
    if (x->at.u != y->at.u)
        return x->at.u < y->at.u ? -1 : 1;
    return (x->at.v > y->at.v) - (x->at.v < y->at.v);
}

/* Ids of strips begin with their side. */
static int is_same_place(const struct route *route, const struct route_place *a,
                         const struct route_place *b)
{
    int skip = route->kind == ROUTE_STRIPS;

    return a->side != b->side && !strcmp(a->id + skip, b->id + skip);
}

static void find_pairs(struct route *route)
{
    for (int i = 0; i < route->n; i++)
        for (int k = 0; k < route->n; k++)
            if (is_same_place(route, &route->places[i], &route->places[k]))
                route->places[i].pair = k;
}

/* --- Making ----------------------------------------------------------------------------------- */

static int check_options(const struct route_options *options, struct problem *why)
{
    if (options->tool->kind == TOOL_FLAT)
        return problem(why, PROBLEM_USAGE,
                       "tool %s has no tip: a bare plate has no places to press; choose a stud",
                       options->tool->name);
    if (!options->feet[SIDE_LEFT].present && !options->feet[SIDE_RIGHT].present)
        return problem(why, PROBLEM_USAGE, "no foot is there to be pressed: state one");
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        const struct foot_frame *frame = &options->feet[side].frame;
        if (options->feet[side].present &&
            !(frame->length_mm >= 80 && frame->length_mm <= 400 && frame->width_heel_mm > 5 &&
              frame->width_toe_mm > 5 && frame->width_heel_mm < 300 && frame->width_toe_mm < 300))
            return problem(
                why, PROBLEM_REFUSED,
                "a foot of %g mm is not one that can be pressed: state its length, 80 to "
                "400 mm",
                frame->length_mm);
    }
    return route_check_chosen(options, why);
}

static int make_places(struct route_builder *builder, const struct sole soles[3])
{
    struct route *route = builder->route;

    switch (builder->options->kind) {
    case ROUTE_STRIPS:
        return route_strips_make(builder, soles);
    case ROUTE_SPINE:
        return route_spine_make(builder, soles);
    default:
        if (route_zones_make(builder, soles))
            return -1;
    }
    if (route->n)
        qsort(route->places, (size_t)route->n, sizeof *route->places, compare_places);
    return builder->options->kind == ROUTE_ZONES ? 0 : keep_chosen(builder);
}

int route_make(struct route *route, const struct route_options *options, struct problem *why)
{
    struct route_builder builder = {.route = route, .options = options, .why = why};
    struct sole soles[3] = {0};
    int status = -1;

    *route = (struct route){.kind = options->kind,
                            .there_and_back =
                                options->kind == ROUTE_STRIPS || options->kind == ROUTE_SPINE};
    if (check_options(options, why))
        return -1;
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        if (options->feet[side].present &&
            sole_begin(&soles[side], options, &options->feet[side], (enum side)side, why))
            goto done;
    if (make_places(&builder, soles))
        goto done;
    if (!route->n) {
        problem_coded(why, PROBLEM_CODE_NO_PLACE_LEFT, PROBLEM_REFUSED,
                      "no place is left to be pressed: all of the route is excluded%s%s",
                      route->n_left_out ? ", first because " : "",
                      route->n_left_out ? route->left_out[0].why : "");
        goto done;
    }
    find_pairs(route);
    status = 0;
done:
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        sole_free(&soles[side]);
    if (status)
        route_free(route);
    return status;
}

void route_free(struct route *route)
{
    free(route->places);
    free(route->left_out);
    *route = (struct route){0};
}
