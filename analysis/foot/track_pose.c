/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is it still the pose that the span began with? */
#include "analysis/contact.h"
#include "analysis/foot/track_private.h"

#include <math.h>

/* Below this share of what it carried at first, a foot is off the plate. */
#define OFF_SHARE 0.04
/* More of the force outside the feet known is a new foot. */
#define NEW_SHARE 0.1
/* Two pictures after each other that differ by less of their sum are quiet. */
#define QUIET_SHARE 0.12
#define ROUNDS_LIVE 2 /* of the registration of a picture with the span's first */

void track_take_reference(struct foot_track *track, const uint8_t *label, int k)
{
    struct reference *foot = &track->reference[k];
    double sum = 0;

    stood_foot_take(&foot->stood, &track->grid, track->mean, label, k, foot->stood.root,
                    track->use);
    for (size_t i = 0; i < grid_cells(&track->grid); i++)
        sum += label[i] == k + 1 ? (double)track->mean[i] : 0;
    foot->newton = sum * grid_newton_per_kpa(&track->grid);
}

/* Force on the cells of foot 0, of foot 1, and of any foot followed. */
struct newtons {
    double foot[2], all;
};

static struct newtons newtons_on(const struct foot_track *track)
{
    size_t cells = grid_cells(&track->grid);
    double newton = grid_newton_per_kpa(&track->grid);
    uint8_t all = track->n_reference == 2 ? 3 : 1;
    struct newtons sum = {0};

    for (size_t i = contact_next(track->mean, 0, cells); i < cells;
         i = contact_next(track->mean, i + 1, cells)) {
        double kpa = (double)track->mean[i];

        sum.foot[0] += track->use[i] & 1 ? kpa : 0;
        sum.foot[1] += track->use[i] & 2 ? kpa : 0;
        sum.all += track->use[i] & all ? kpa : 0;
    }
    return (struct newtons){{sum.foot[0] * newton, sum.foot[1] * newton}, sum.all * newton};
}

static int foot_is_same(const struct foot_track *track, int k, double newton)
{
    const struct reference *foot = &track->reference[k];

    if (newton < OFF_SHARE * foot->newton)
        return 0;
    if (newton < STOOD_LIGHT_SHARE * foot->newton)
        return 1;
    struct foot_shift shift =
        stood_foot_shift(&foot->stood, &track->grid, track->root, track->use, k, ROUNDS_LIVE);
    return shift.likeness > STOOD_LIKENESS_MIN && hypot(shift.dx_mm, shift.dy_mm) < MOVED_MM &&
           fabs(shift.turn_deg) < TURNED_DEG;
}

int track_pose_is_same(const struct foot_track *track, double newton)
{
    struct newtons on = newtons_on(track);

    if (newton - on.all > NEW_SHARE * newton)
        return 0;
    for (int k = 0; k < track->n_reference; k++)
        if (!foot_is_same(track, k, on.foot[k]))
            return 0;
    return 1;
}

int track_is_quiet(const struct foot_track *track)
{
    const float *now = track->root, *before = track->root_before;
    size_t cells = grid_cells(&track->grid);
    double differ = 0, sum = 0;

    for (size_t i = 0, next = 0; i < cells; i = next) {
        size_t in_now = contact_next(now, i, cells), in_before = contact_next(before, i, cells);

        i = in_now < in_before ? in_now : in_before;
        next = i + 1;
        if (i == cells)
            break;
        differ += fabs((double)now[i] - (double)before[i]);
        sum += (double)now[i];
    }
    return track->has_before && differ < QUIET_SHARE * sum;
}
