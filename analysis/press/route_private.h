/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the route share: a sole laid out flat, with every zone's outline and depth.
 *
 * Laid out: heel at (0, 0), long axis along y, v to the right, whatever the side, so that both feet
 * are treated alike to the last bit. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_ROUTE_PRIVATE_H
#define TENDERFOOT_ANALYSIS_PRESS_ROUTE_PRIVATE_H

#include "analysis/foot/guide_lines.h"
#include "analysis/polygon.h"
#include "analysis/press/route.h"

/* Zones of a chart that can be pressed (P01...), more than any has. */
#define ROUTE_TARGETS_MAX 96
#define ROUTE_GROUPS_MAX ROUTE_TARGETS_MAX

struct sole_zone {
    const struct atlas_zone *zone;
    struct point outline[ATLAS_OUTLINE_MAX];
    int n;
    struct box box;
    struct point middle; /* centroid of the outline */
    double inner_mm;     /* radius of the largest circle in it, about */
    double area_mm2;
    int is_wanted; /* needs a place: no variant, and shown to this person */
    int partner;   /* a zone that tip or cells cannot tell from it, or -1 */
};

struct sole {
    enum side side; /* of the foot it is; the layout is always the right foot's */
    struct foot_frame frame;
    struct landmarks landmarks;
    struct foot_reach reach;
    struct guide_lines lines;
    struct sole_zone *zones; /* owned; plantar, with a shape of their own */
    int n;
};

/* The sole of a foot, or the template's with foot NULL. */
int sole_begin(struct sole *sole, const struct route_options *options,
               const struct route_foot *foot, enum side side, struct problem *why);
void sole_free(struct sole *sole);

/* How deep a place lies in a zone, mm; negative outside. */
double sole_depth_mm(const struct sole_zone *zone, struct point at);
/* The same as a share of the deepest there is; merged zones are deepest between them. */
double sole_share(const struct sole *sole, int z, struct point at, double tip_radius_mm);

/* Zones that share one place, by index into sole->zones. */
struct route_group {
    int zones[ROUTE_TARGETS_MAX];
    int n;
    int main; /* the smallest of them: what the place is aimed at */
};

/* Which zones share a place, decided on the template so that it is the same for everybody. Number
 * of groups, or -1 without memory. */
int route_groups_find(const struct sole *sole, double tip_radius_mm, struct route_group *groups);

/* The reason why this place may not be pressed, or NULL. */
const char *route_ban_at(const struct route_options *options, const struct sole *sole,
                         struct point at);
/* ... or why a zone may not. */
const char *route_ban_of(const struct route_options *options, enum side side,
                         const struct atlas_zone *zone);

/* The list under construction. */
struct route_builder {
    struct route *route;
    const struct route_options *options;
    struct problem *why;
    int cap, cap_left_out;
};

struct route_place *route_add(struct route_builder *builder, const struct sole *sole,
                              struct point at, const char *id);
void route_add_zone(struct route_place *place, const struct atlas_zone *zone);
int route_leave_out(struct route_builder *builder, enum side side, const char *id, int moved,
                    const char *why);

int route_zones_make(struct route_builder *builder, const struct sole soles[3]);
int route_strips_make(struct route_builder *builder, const struct sole soles[3]);
int route_spine_make(struct route_builder *builder, const struct sole soles[3]);

#endif
