/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which zones share a place: as few presses as cover them all.
 *
 * Candidates are the points of a raster; a candidate serves the zones in which it lies deep enough.
 * The one that serves most zones that are not served yet is taken, until all are (the usual greedy
 * cover, Chvatal 1979: at most ln(n) + 1 times as many as needed; here it finds what one finds by
 * hand). Ties go to the deeper place, so that middles win. */
#include "analysis/press/route_private.h"

#include <math.h>
#include <stdlib.h>

#define RASTER_MM 2.0
/* Deep enough: so many percent of the depth of the deepest place of the zone. Less, and a foot that
 * lies a few millimetres off is pressed outside of it. */
#define DEEP_PERCENT 35
/* Depth beyond this share is no better: anywhere in the middle is the middle. */
#define DEEP_ENOUGH 0.9

struct cover {
    const struct sole *sole;
    struct box box;
    int nx, ny;
    unsigned char *percent; /* [(iy * nx + ix) * zones + zone]: how deep, at most DEEP_ENOUGH */
    char is_served[ROUTE_TARGETS_MAX];
};

static struct box bounds(const struct sole *sole)
{
    struct box all = {INFINITY, INFINITY, -INFINITY, -INFINITY};

    for (int z = 0; z < sole->n; z++) {
        const struct box *box = &sole->zones[z].box;
        all.x0 = fmin(all.x0, box->x0);
        all.y0 = fmin(all.y0, box->y0);
        all.x1 = fmax(all.x1, box->x1);
        all.y1 = fmax(all.y1, box->y1);
    }
    return all;
}

static size_t candidate(const struct cover *cover, int ix, int iy)
{
    return ((size_t)iy * (size_t)cover->nx + (size_t)ix) * (size_t)cover->sole->n;
}

/* 0, or -1 without memory. */
static int measure(struct cover *cover, double tip_radius_mm)
{
    const struct sole *sole = cover->sole;

    cover->box = bounds(sole);
    cover->nx = (int)((cover->box.x1 - cover->box.x0) / RASTER_MM) + 1;
    cover->ny = (int)((cover->box.y1 - cover->box.y0) / RASTER_MM) + 1;
    cover->percent = malloc(candidate(cover, 0, cover->ny));
    if (!cover->percent)
        return -1;
    for (int iy = 0; iy < cover->ny; iy++)
        for (int ix = 0; ix < cover->nx; ix++)
            for (int z = 0; z < sole->n; z++) {
                struct point at = {cover->box.x0 + ix * RASTER_MM, cover->box.y0 + iy * RASTER_MM};
                double share = sole_share(sole, z, at, tip_radius_mm);
                cover->percent[candidate(cover, ix, iy) + (size_t)z] =
                    (unsigned char)(100 * fmin(DEEP_ENOUGH, fmax(0, share)));
            }
    return 0;
}

/* How many waiting zones a place serves, and a little for how deep it lies in them. */
static int gain(const struct cover *cover, size_t at)
{
    int sum = 0;

    for (int z = 0; z < cover->sole->n; z++) {
        int percent = cover->percent[at + (size_t)z];
        if (percent >= DEEP_PERCENT && !cover->is_served[z] && cover->sole->zones[z].is_wanted)
            sum += 10000 + percent;
    }
    return sum;
}

static int best_place(const struct cover *cover, size_t *best)
{
    int most = 0;

    for (int iy = 0; iy < cover->ny; iy++)
        for (int ix = 0; ix < cover->nx; ix++) {
            int here = gain(cover, candidate(cover, ix, iy));
            if (here > most) {
                most = here;
                *best = candidate(cover, ix, iy);
            }
        }
    return most;
}

static void take(struct cover *cover, size_t at, struct route_group *group)
{
    *group = (struct route_group){.n = 0};
    for (int z = 0; z < cover->sole->n; z++) {
        const struct sole_zone *zone = &cover->sole->zones[z];
        if (cover->is_served[z] || !zone->is_wanted ||
            cover->percent[at + (size_t)z] < DEEP_PERCENT)
            continue;
        cover->is_served[z] = 1;
        if (!group->n || zone->area_mm2 < cover->sole->zones[group->main].area_mm2)
            group->main = z;
        group->zones[group->n++] = z;
    }
}

/* Zones smaller than the raster were missed by it. */
static int take_rest(struct cover *cover, struct route_group *groups, int n)
{
    for (int z = 0; z < cover->sole->n; z++)
        if (!cover->is_served[z] && cover->sole->zones[z].is_wanted) {
            cover->is_served[z] = 1;
            groups[n++] = (struct route_group){.zones = {z}, .n = 1, .main = z};
        }
    return n;
}

int route_groups_find(const struct sole *sole, double tip_radius_mm, struct route_group *groups)
{
    struct cover cover = {.sole = sole};
    size_t at = 0;
    int n = 0;

    if (!sole->n)
        return 0;
    if (measure(&cover, tip_radius_mm))
        return -1;
    while (n < ROUTE_GROUPS_MAX && best_place(&cover, &at) > 0)
        take(&cover, at, &groups[n++]);
    free(cover.percent);
    return take_rest(&cover, groups, n);
}
