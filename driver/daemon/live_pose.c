/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/live_pose.h"
#include "analysis/foot/stood_foot.h"

#include <math.h>
#include <stdlib.h>

#define ROUNDS 3

struct stood {
    struct stood_foot foot; /* its root picture is owned */
    double kpa;             /* sum over its cells and their margin */
};

struct live_pose {
    struct grid grid;
    struct stood foot[2];
    int n;
    uint8_t *use; /* bit k: cells of foot k and their margin */
    float *now;
};

static double sum_on(const struct live_pose *pose, int k, const float *kpa)
{
    double sum = 0;
    for (size_t i = 0; i < grid_cells(&pose->grid); i++)
        sum += pose->use[i] >> k & 1 ? (double)kpa[i] : 0;
    return sum;
}

static int take_foot(struct live_pose *pose, const float *kpa, const uint8_t *label, int k)
{
    float *root = malloc(grid_cells(&pose->grid) * sizeof *root);
    if (!root)
        return -1;
    stood_foot_take(&pose->foot[k].foot, &pose->grid, kpa, label, k, root, pose->use);
    pose->foot[k].kpa = sum_on(pose, k, kpa);
    return 0;
}

struct live_pose *live_pose_take(const struct grid *grid, const float *kpa, const uint8_t *label,
                                 int n)
{
    struct live_pose *pose = n > 0 ? calloc(1, sizeof *pose) : NULL;
    if (!pose)
        return NULL;
    pose->grid = *grid;
    pose->n = n < 2 ? n : 2;
    pose->use = calloc(grid_cells(grid), 1);
    pose->now = malloc(grid_cells(grid) * sizeof *pose->now);
    int failed = !pose->use || !pose->now;
    for (int k = 0; !failed && k < pose->n; k++)
        failed = take_foot(pose, kpa, label, k);
    if (!failed)
        return pose;
    live_pose_free(pose);
    return NULL;
}

void live_pose_free(struct live_pose *pose)
{
    if (!pose)
        return;
    for (int k = 0; k < 2; k++)
        free(pose->foot[k].foot.root);
    free(pose->use);
    free(pose->now);
    free(pose);
}

/* pose->now is the prepared picture. */
static int foot_has_moved(const struct live_pose *pose, int k, const float *kpa)
{
    const struct stood_foot *foot = &pose->foot[k].foot;
    if (foot->row1 <= foot->row0 || sum_on(pose, k, kpa) < STOOD_LIGHT_SHARE * pose->foot[k].kpa)
        return 0;
    struct foot_shift shift = stood_foot_shift(foot, &pose->grid, pose->now, pose->use, k, ROUNDS);
    return shift.likeness <= STOOD_LIKENESS_MIN ||
           hypot(shift.dx_mm, shift.dy_mm) > LIVE_MOVED_MM ||
           fabs(shift.turn_deg) > LIVE_TURNED_DEG;
}

int live_pose_has_moved(struct live_pose *pose, const float *kpa)
{
    if (!pose)
        return 0;
    foot_shift_prepare(&pose->grid, kpa, NULL, 0, pose->now);
    for (int k = 0; k < pose->n; k++)
        if (foot_has_moved(pose, k, kpa))
            return 1;
    return 0;
}
