/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zones that a screening names beside those that a chart has. */
#include "analysis/screen/screening.h"

#include "analysis/atlas/atlas.h"
#include "firmware/wire/problem_code.h"

static int has_zones(const struct route_ban *bans, int n, const struct atlas *atlas,
                     struct problem *why)
{
    for (int i = 0; i < n; i++)
        if (bans[i].zone[0] && !atlas_find(atlas, bans[i].zone))
            return problem_coded(
                why, PROBLEM_CODE_ZONE_UNKNOWN, PROBLEM_REFUSED,
                "screening, %s: the chart has no zone '%s', so nothing would be spared; "
                "zones are named like P07 ('tenderfoot atlas' lists them)",
                bans[i].why, bans[i].zone);
    return 0;
}

int screening_fits(const struct screening *screening, const struct atlas *atlas,
                   struct problem *why)
{
    return has_zones(screening->bans, screening->n_bans, atlas, why) ||
                   has_zones(screening->thick_skin, screening->n_thick_skin, atlas, why)
               ? -1
               : 0;
}
