/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chart while it is loaded: atlas.c owns it, chart_*.c fill it. The parsed JSON lives as long as
 * the atlas: strings point into it. Private to analysis/atlas. */
#ifndef TENDERFOOT_ANALYSIS_ATLAS_PRIVATE_H
#define TENDERFOOT_ANALYSIS_ATLAS_PRIVATE_H

#include "analysis/atlas/atlas.h"
#include "analysis/atlas/chart_reader.h"

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

/* All return 0, or -1 with the problem said. */

/* Lists beside the zones (chart_lists.c); sources need the articles, the others the zones. */
int chart_load_seeds(struct atlas *atlas, struct chart_place *at);
int chart_load_conflicts(struct atlas *atlas, struct chart_place *at);
int chart_load_unlocated(struct atlas *atlas, struct chart_place *at);
int chart_load_overlaps(struct atlas *atlas, struct chart_place *at);
/* The zone's sources, put behind those of the zones before it. */
int chart_load_sources(struct atlas *atlas, const struct chart_place *at, const json_t *array,
                       struct atlas_zone *zone);

/* Zones and their parts (chart_zones.c). */
int chart_load_zones(struct atlas *atlas, struct chart_place *at);

/* Geometry (chart_shapes.c). */
int chart_load_shape(const struct chart_place *at, const json_t *object, struct zone_shape *shape);
/* A zone's other geometry for a spine setting into *shape: 1, 0 when it has none, -1 when it is
 * damaged. `settings` NULL reads all of them, to check them. */
int chart_alternative(const struct chart_place *at, const json_t *object,
                      const struct atlas_settings *settings, struct zone_shape *shape);

#endif
