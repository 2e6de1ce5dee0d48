/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places that the guided test gave up or did not come to: told where no list of zones is read. */
#include "analysis/press/tenderness_private.h"
#include "analysis/warnings.h"

#include <stdio.h>
#include <string.h>

/* A zone that is named takes its parts with it. */
const struct zone_exclusion *tender_find_zone(const struct zone_exclusion *list, int n,
                                              enum side side, const struct atlas_zone *zone)
{
    for (int i = 0; i < n; i++)
        if ((list[i].side == SIDE_UNKNOWN || list[i].side == side) &&
            (!strcmp(list[i].zone_id, zone->id) ||
             (zone->parent && !strcmp(list[i].zone_id, zone->parent))))
            return &list[i];
    return NULL;
}

static const struct zone_exclusion *reason_of(const struct result *result,
                                              const struct not_tested *entry)
{
    for (int f = 0; f < result->n_feet; f++)
        for (int z = 0; z < result->feet[f].n_zones; z++)
            if (result->feet[f].side == entry->side &&
                result->feet[f].zones[z].zone->id == entry->zone_id &&
                !zone_state_is_excluded(entry->state))
                return tender_find_zone(result->left_out, result->n_left_out, entry->side,
                                        result->feet[f].zones[z].zone);
    return NULL;
}

static int has_reason(const struct result *result, int entry, const char *why)
{
    const struct zone_exclusion *out = reason_of(result, &result->not_tested[entry]);

    return out && !strcmp(out->why, why);
}

static int is_said_before(const struct result *result, int entry, const char *why)
{
    for (int i = 0; i < entry; i++)
        if (has_reason(result, i, why))
            return 1;
    return 0;
}

/* A zone "P05.1" whose whole is in the same list. */
static int is_told_by_whole(const struct result *result, int entry, const char *why)
{
    const struct not_tested *part = &result->not_tested[entry];
    const char *dot = strchr(part->zone_id, '.');

    for (int i = 0; dot && i < result->n_not_tested; i++) {
        const char *id = result->not_tested[i].zone_id;
        size_t n = (size_t)(dot - part->zone_id);
        if (result->not_tested[i].side == part->side && !strncmp(id, part->zone_id, n) && !id[n] &&
            has_reason(result, i, why))
            return 1;
    }
    return 0;
}

/* "left P07, right P12 and 3 more" */
static void list_zones(const struct result *result, int first, const char *why, char *list,
                       size_t cap)
{
    size_t n = 0, room = strlen("right P24.12, ") + strlen(" and 1000 more");
    int more = 0;

    for (int i = first; i < result->n_not_tested; i++) {
        const struct not_tested *entry = &result->not_tested[i];
        if (!has_reason(result, i, why) || is_told_by_whole(result, i, why))
            continue;
        if (n + room + strlen(entry->zone_id) >= cap)
            more++;
        else
            n += (size_t)snprintf(list + n, cap - n, "%s%s %s", n ? ", " : "",
                                  side_name(entry->side), entry->zone_id);
    }
    if (more)
        snprintf(list + n, cap - n, " and %d more", more);
}

/* One sentence for each reason why the guided test left places out: a reader who sees no list of
 * zones is told, too. Zones of several parts stand for them. */
int tender_warn_left_out(struct tender *tender)
{
    struct result *result = tender->result;
    char list[180], reason[140];

    for (int i = 0; result->n_left_out && i < result->n_not_tested; i++) {
        const struct not_tested *first = &result->not_tested[i];
        const struct zone_exclusion *out = reason_of(result, first);
        if (!out || is_said_before(result, i, out->why))
            continue;
        list_zones(result, i, out->why, list, sizeof list);
        if (result_warn(result, tender->why, "not tested: %s%s", list,
                        tender_reason(out->why, reason, sizeof reason)))
            return -1;
    }
    return 0;
}
