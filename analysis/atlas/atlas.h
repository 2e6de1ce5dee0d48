/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The atlas: every reflex zone that the five articles describe, as data
 * (analysis/atlas/atlas.json).
 *
 * 25 plantar zones (some with numbered parts or variants), 9 points outside the plate, organs named
 * without a place, conflicts between the sources. The program knows no zone by itself: another
 * chart can be loaded in its place. Organ names are annotation of tradition, never a finding.
 * Zones are bound to landmarks: an anchor and an offset, so that a measured landmark moves them.
 * Read-only after loading; any thread. */
#ifndef TENDERFOOT_ANALYSIS_ATLAS_H
#define TENDERFOOT_ANALYSIS_ATLAS_H

#include "analysis/foot/foot_frame.h"
#include "firmware/wire/problem.h"

#include <stdio.h>

enum zone_kind {
    ZONE_ELLIPSE,
    ZONE_STRIP,
    ZONE_PARTS
}; /* PARTS: the union of its parts, no more */
enum region_class { CLASS_TOE, CLASS_BALL, CLASS_ARCH, CLASS_HEEL };

#define ZONE_PATH_MAX 12

struct zone_shape {
    enum zone_kind kind;
    struct uv centre, half; /* ellipse: centre and half-axes in u and v of the template */
    double half_width_mm;   /* strip: on a 250 mm foot */
    struct uv path[ZONE_PATH_MAX];
    int path_anchor[ZONE_PATH_MAX];   /* a landmark_id that moves this point, or -1: between its
                                         neighbours */
    int path_anchor_b[ZONE_PATH_MAX]; /* with path_blend > 0: a second one, and its share */
    double path_blend[ZONE_PATH_MAX];
    int n_path;
    int is_straight, line_from, line_to; /* strip: on the straight line between two landmarks; the
                                            path then gives u only */
    int clip_to_sole;                    /* cut off at the tangents, v = 0 and v = 1 */
};

struct atlas_source {
    const char *organ, *seed, *quote, *cite; /* cite: "003:271"; organ may be "no organ stated" */
};

struct atlas_zone {
    const char *id, *parent, *name; /* parent: "P04" of "P04.1", "P13" of "P13a"; else NULL */
    int is_plantar;
    const char *surface, *side, *note, *anchor_name, *confidence; /* low | medium | high */
    enum landmark_id anchor;
    double offset_mm, offset_norm; /* towards the heel; the sources' centimetres, and / 250 */
    int offset_is_literal; /* cm_mode: 0 scaled (offset_norm x length), 1 literal (offset_mm) */
    enum region_class region_class;
    int only_female;
    const char *contact;     /* plantar: "low", "part", "high" on the template foot */
    const char *organ_note;  /* what several sources say apart; NULL */
    struct zone_shape shape; /* plantar: geometry; else shape.centre is a projection */
    const struct atlas_source *sources;
    int n_sources;
    const char *merge_with; /* a zone that cells wider than this cannot tell apart; NULL */
    double merge_pitch_mm;
    int pressed_apart;   /* ... by load; a press is aimed at each of the two */
    double own_pitch_mm; /* cells wider than this hold more than the zone: half of its width; 0 */
    const struct atlas_zone *parts; /* its parts or variants follow it in the atlas; NULL */
    int n_parts;
};

#define ATLAS_PARTS_MAX 12
#define ATLAS_LENGTH_MM 250.0 /* of the template foot: mm in a chart are on it */

/* Two sources, or one and itself, that do not agree, and what was made of it. */
struct atlas_conflict {
    const char *id, *topic, *versions, *resolution; /* "C1" */
    const char *const *zones;                       /* ids of the zones it is about */
    int n_zones;
};

/* An organ that an article ties to the foot without a place. */
struct atlas_unlocated {
    const char *organ, *quote, *cite, *note;
};

/* Stated overlap on the template foot: the shared area as a share of the smaller zone; a zone
 * with parts stands for the union of them. Check data. */
struct atlas_overlap {
    const char *a, *b;
    double percent;
};

/* An article: "000" and the file it is. */
struct atlas_seed {
    const char *id, *file, *title;
};

/* What a chart leaves open (reflexology.md 1.2, 2.4). The zeroed struct is the chart as it is. */
enum cm_mode { CM_AS_CHART, CM_SCALED, CM_LITERAL };
enum spine_line { SPINE_EDGE, SPINE_STRAIGHT }; /* along the inner sole; heel to toe pad */
enum spine_cuts { SPINE_BY_LANDMARKS, SPINE_BY_VERTEBRAE }; /* of its four segments */
struct atlas_settings {
    enum cm_mode cm_mode;
    enum spine_line spine_line;
    enum spine_cuts spine_cuts;
};

struct atlas;

/* Loads and checks a file (unique ids, shapes inside bounds, anchors known, sources with quote and
 * cite); the built-in chart is `path` = NULL. */
struct atlas *atlas_load(const char *path, struct problem *why);
/* The same from n bytes; `name` is for messages. */
struct atlas *atlas_parse(const void *bytes, size_t n, const char *name, struct problem *why);
void atlas_free(struct atlas *atlas);

/* Sets a chart up before it is read by others: centimetres scaled with the foot or literal, and
 * the geometry that its zones list under "alternatives" for this spine line. A spine setting that
 * the chart has no geometry for is refused (-1), the chart then unchanged. */
int atlas_apply_settings(struct atlas *atlas, const struct atlas_settings *settings,
                         struct problem *why);
const char *cm_mode_name(enum cm_mode mode);       /* "chart", "scaled", "literal" */
const char *spine_line_name(enum spine_line line); /* "edge", "straight" */
const char *spine_cuts_name(enum spine_cuts cuts); /* "landmarks", "vertebrae" */

/* The parsed file, borrowed: a jansson object. */
const struct json_t *atlas_document(const struct atlas *atlas);

const char *atlas_name(const struct atlas *atlas);
const char *atlas_version(const struct atlas *atlas);
int atlas_count(const struct atlas *atlas); /* plantar, each before its parts, then the others */
const struct atlas_zone *atlas_zone(const struct atlas *atlas, int index);
const struct atlas_zone *atlas_find(const struct atlas *atlas, const char *id);

int atlas_conflict_count(const struct atlas *atlas);
const struct atlas_conflict *atlas_conflict(const struct atlas *atlas, int index);
int atlas_unlocated_count(const struct atlas *atlas);
const struct atlas_unlocated *atlas_unlocated(const struct atlas *atlas, int index);
int atlas_overlap_count(const struct atlas *atlas);
const struct atlas_overlap *atlas_overlap(const struct atlas *atlas, int index);
int atlas_seed_count(const struct atlas *atlas);
const struct atlas_seed *atlas_seed(const struct atlas *atlas, int index);

/* "traditionally associated with: liver (articles 001, 003)", cut at cap; the only form in which
 * an organ may be named. Returns text. */
const char *atlas_tradition(const struct atlas_zone *zone, char *text, size_t cap);

/* Geometry (atlas_geometry.c). `landmarks` NULL = the template's. A zone's centre, or each point of
 * a strip, lies as far from its landmark on this foot as on the template: in u and v, but in u only
 * for landmarks that are lines across the foot (HB, HF, LB). Half-axes keep their size in u and v,
 * so they scale with length and width; a strip's half-width scales with length / 250 mm. The
 * polygon is the zone: containment and shares agree with it. */

/* Points that atlas_outline may need: a caller with this room always gets all of them. */
#define ATLAS_OUTLINE_MAX 96

/* The outline of a zone on this foot as a polygon in the plate frame; returns the number of points,
 * at most cap (fewer points are spread evenly). An ellipse has 64 points. 0 for a zone that is only
 * the union of its parts (draw those) and for points outside the plate. */
int atlas_outline(const struct atlas_zone *zone, const struct foot_frame *frame,
                  const struct landmarks *landmarks, struct point *out, int cap);

/* 1 when a place lies in the zone on this foot, else 0. */
int atlas_contains(const struct atlas_zone *zone, const struct foot_frame *frame,
                   const struct landmarks *landmarks, struct uv place);

/* Shares (0..1) of each cell's area inside the zone, written to share[rows * cols]: exact clipping;
 * only where parts of a union meet in one cell, 16 x 16 samples (within 0.03). */
void atlas_cell_shares(const struct atlas_zone *zone, const struct foot_frame *frame,
                       const struct landmarks *landmarks, const struct grid *grid, float *share);

/* The zone's whole area, also where it lies off the plate, cm2 (a union: within 1 %). */
double atlas_area_cm2(const struct atlas_zone *zone, const struct foot_frame *frame,
                      const struct landmarks *landmarks);

/* 1 when a landmark that places the zone is a fallback. */
int atlas_is_approximate(const struct atlas_zone *zone, const struct landmarks *landmarks);

/* The worst quality (0..1) of the landmarks that place the zone; a union has its worst part's. NAN
 * outside the plate, 1 for a zone that hangs on none. */
double atlas_place_quality(const struct atlas_zone *zone, const struct landmarks *landmarks);

/* Area that two zones share on the template foot, % of the smaller one (atlas_overlap.c). */
int atlas_measure_overlap(const struct atlas_zone *a, const struct atlas_zone *b, double *percent,
                          struct problem *why);

/* The stated overlaps against the geometry: refused (-1) beyond this many percentage points. */
#define ATLAS_OVERLAP_TOLERANCE 2.0
int atlas_check_overlaps(const struct atlas *atlas, struct problem *why);

#endif
