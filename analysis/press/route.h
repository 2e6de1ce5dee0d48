/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The route of a press test: which places of the sole are pressed, and in which order.
 *
 * A place is where one stud goes; it stands for every zone of the atlas that it lies in. The
 * default route has one merged place per testable zone: zones whose middles one tip cannot tell
 * apart share a place (P16, P17, P18; P07 and P08 where the tip or the cells are too coarse), so
 * that a first round of both feet takes half of the presses of a session. Other routes: strips
 * (each of the ten longitudinal strips at 20 mm steps, there and back), the spine line, chosen
 * zones, a short route for complaints. A choice (C): the spine line, which article 002 strokes from
 * heel to big toe (002:9; reflexology R20), is pressed at points 20 mm apart from heel to toe,
 * named by segment and mm. A stroke's answer, given a reaction time late under a moving stud, would
 * have no place and no ramp, so no threshold that compares with those of other places. Excluded
 * zones (screening, notes of warts and joints) are left out, and a place that would lie in one is
 * moved or dropped, and told. Deterministic. Any thread. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_ROUTE_H
#define TENDERFOOT_ANALYSIS_PRESS_ROUTE_H

#include "analysis/atlas/atlas.h"
#include "analysis/foot/foot_reach.h"
#include "analysis/press/tool.h"
#include "firmware/wire/problem.h"

#define ROUTE_PLACE_ID_MAX 16
#define ROUTE_ZONES_MAX 12

struct route_place {
    char id[ROUTE_PLACE_ID_MAX];    /* the zone it is aimed at ("P07"), "L3:120" of a strip: side,
                                       strip,    mm from the heel; "P21:140" of the spine line */
    struct uv at;                   /* on this foot, its landmarks used */
    enum region_class region_class; /* of the place itself, by this foot's guide lines */
    enum region_class beyond;       /* the nearest other one, and how far its border is */
    double border_mm;
    const struct atlas_zone *zones[ROUTE_ZONES_MAX]; /* that it lies in, the aimed one first */
    int n_zones;
    int pair; /* index of the same place of the other foot, or -1 */
    enum side side;
};

enum route_kind { ROUTE_ZONES, ROUTE_STRIPS, ROUTE_SPINE, ROUTE_CHOSEN, ROUTE_SHORT };

/* What excluded zones, sex or the number of presses made of a place. */
struct route_left_out {
    enum side side;
    char id[ROUTE_PLACE_ID_MAX];
    int moved; /* 1: it is pressed, beside the excluded part; 0: not pressed */
    char why[96];
};

struct route {
    enum route_kind kind;
    struct route_place *places; /* owned; left foot first, in the order of the first pass */
    int n;
    int there_and_back;              /* the route is gone twice, the second time backwards */
    struct route_left_out *left_out; /* owned */
    int n_left_out;
};

/* A foot as the route needs it: measured, or the template of a length. */
struct route_foot {
    int present;
    struct foot_frame frame;
    struct landmarks landmarks;
    struct foot_reach reach; /* beyond it no place is pressed; zeros: the whole foot */
};

/* Places not to be pressed: a zone by id, or a circle on the sole. */
struct route_ban {
    enum side side; /* SIDE_UNKNOWN = both */
    char zone[16];  /* "" = the circle */
    struct uv at;
    double radius_mm;
    char why[96];
};

struct route_options {
    const struct atlas *atlas;
    const struct tool *tool;
    enum route_kind kind;
    struct route_foot feet[3]; /* by enum side */
    const char *const *chosen; /* zone ids or organs (complaints), for CHOSEN and SHORT */
    int n_chosen;
    const struct route_ban *bans;
    int n_bans;
    int is_female;   /* zones for women only are shown */
    double pitch_mm; /* of the plate: what it cannot separate is one place */
};

/* Refused: no foot, no tip (a flat plate has no places), unknown names in `chosen`, nothing left.
 */
int route_make(struct route *route, const struct route_options *options, struct problem *why);
void route_free(struct route *route);

/* A route for complaints keeps to so many pairs of places: 24 presses with a repeat of each. */
#define ROUTE_SHORT_PAIRS 6

/* Only the spelling of `chosen` against options->atlas, before anything is opened. */
int route_check_chosen(const struct route_options *options, struct problem *why);

const char *route_kind_name(enum route_kind kind); /* "zones", "strips" ... */

/* "kidneys" or "P06" -> plantar zones; for complaints. Upper and lower case are the same, an organ
 * may be a part of its name ("kidney"). A zone comes with its parts. Number found, at most cap. */
int route_zones_of(const struct atlas *atlas, const char *organ_or_zone,
                   const struct atlas_zone **zones, int cap);

#endif
