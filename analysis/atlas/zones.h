/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zones on this foot: the load that each zone of the atlas carries.
 *
 * Each cell counts with the share of its area that lies inside the zone's outline (exact polygon
 * clipping, atlas_cell_shares); cells of the other foot do not count. With p the mean picture
 * (kPa), a the area of a cell, s its share and c = 1 where the cell is in contact (a standing foot:
 * p at or above the threshold; a walking one: the maximum picture there, so what was ever touched):
 *   contact_cm2   = sum of s c a
 *   contact_share = sum of s c a / area of the zone (0..1; area off the plate counts as no contact)
 *   mean_kpa      = sum of s c p a / sum of s c a; NAN without contact
 *   peak_kpa      = the highest cell of the maximum picture with s > 0 and c = 1, as regions and
 * feet have it; 0 without contact load_percent  = 100 x sum of s c p a / the total mean force on
 * the plate pti_kpa_s     = sum of s c q a / sum of s c a, q the pressure-time picture (kPa s)
 * Zones of a foot overlap, so that their loads do not sum to the foot's.
 * Pure functions beside the allocation of foot->zones; any thread. */
#ifndef TENDERFOOT_ANALYSIS_ZONES_H
#define TENDERFOOT_ANALYSIS_ZONES_H

#include "analysis/result.h"
#include "firmware/wire/problem.h"

/* Less contact than this share of its area: STATE_NO_CONTACT (project choice). */
#define ZONE_CONTACT_SHARE_MIN 0.05

/* Allocates foot->zones (all zones of the atlas, in its order) and fills the load numbers from the
 * pictures, grid and threshold of `result`. Points outside the plate get STATE_OUTSIDE_PLATE and
 * NAN; plantar ones STATE_NO_CONTACT or STATE_NOT_TESTED. A result without mean picture (press
 * only) gives NAN loads and STATE_NOT_TESTED. total_mean_force_n: N on the whole plate, time mean.
 */
int zones_load(const struct atlas *atlas, const struct result *result, double total_mean_force_n,
               struct foot_result *foot, struct problem *why);

#endif
