/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/tested.h"

#include "analysis/press/tool.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

int zone_is_tested(const struct zone_result *zone)
{
    return zone->repeats > 0 && !zone->by_shifts_only && !zone_state_is_excluded(zone->state) &&
           (zone->answers > 0 || isfinite(zone->threshold_kpa));
}

int zone_is_shown(const struct result *result, const struct atlas_zone *zone)
{
    return !zone->only_female || result->subject_sex == STATED_FEMALE;
}

/* The whole that a part belongs to stands before it. */
static int whole_is_tested(const struct foot_result *foot, int part)
{
    for (int k = part - 1; k >= 0; k--)
        if (!strcmp(foot->zones[k].zone->id, foot->zones[part].zone->parent))
            return zone_is_tested(&foot->zones[k]);
    return 0;
}

static void count_foot(const struct result *result, const struct foot_result *foot, int *tested,
                       int *parts)
{
    for (int z = 0; z < foot->n_zones; z++) {
        const struct zone_result *zone = &foot->zones[z];
        if (!zone->zone->is_plantar || !zone_is_shown(result, zone->zone))
            continue;
        if (!zone->zone->parent)
            *tested += zone_is_tested(zone);
        else
            *parts += !zone_is_tested(zone) && whole_is_tested(foot, z);
    }
}

static int zones_of_a_foot(const struct result *result)
{
    int n = 0;

    for (int z = 0; result->atlas && z < atlas_count(result->atlas); z++) {
        const struct atlas_zone *zone = atlas_zone(result->atlas, z);
        n += zone->is_plantar && !zone->parent && zone_is_shown(result, zone);
    }
    return n;
}

struct tested_count tested_count_of(const struct result *result)
{
    struct tested_count count = {.zones = 2 * zones_of_a_foot(result)};
    int tested = 0;

    for (int i = 0; i < result->n_presses; i++) {
        const struct press *press = &result->presses[i];
        count.presses += press->tool_kind == TOOL_SINGLE && !press->is_catch && !press->is_tap;
    }
    for (int f = 0; f < result->n_feet; f++)
        count_foot(result, &result->feet[f], &tested, &count.parts);
    count.not_tested = count.zones - tested;
    return count;
}

const struct screening_line *foot_left_out_by(const struct result *result, enum side side)
{
    for (int i = 0; i < result->screening.n_lines; i++) {
        const struct screening_line *line = &result->screening.lines[i];
        if (!strncmp(line->effect, "STOP", 4) && (line->side == side || line->side == SIDE_UNKNOWN))
            return line;
    }
    return NULL;
}

const char *tested_words(const struct result *result, char *text, size_t cap)
{
    struct tested_count count = tested_count_of(result);
    int tested = count.zones - count.not_tested;

    if (!count.zones)
        snprintf(text, cap, "no chart, so no zone was tested");
    else if (!tested)
        snprintf(text, cap, "%d press%s, none of the %d zones of the soles tested", count.presses,
                 count.presses == 1 ? "" : "es", count.zones);
    else
        snprintf(text, cap, "%d press%s, %d of %d zones of the soles tested, %d not tested",
                 count.presses, count.presses == 1 ? "" : "es", tested, count.zones,
                 count.not_tested);
    return text;
}
