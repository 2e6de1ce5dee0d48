/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/foot_reach.h"
#include "analysis/contact.h"
#include "analysis/foot/landmarks.h"
#include "analysis/print_reader.h"

#include <math.h>
#include <stdio.h>

#define HEEL_U 0.30
#define HEEL_END_U 0.08
#define HEADS_MIN 3
/* Heel width (u = 0.16) over length: 0.26 on the template, 0.21 to 0.31 on narrow and wide feet,
 * up to 0.40 where the frame is as short as the contact of a foot without its front third. */
#define SLIMMEST 0.19
#define STOUTEST 0.42
#define STRAY_CM2 3.0
/* Histogram of the contact along the foot. */
#define FIRST_U -0.3
#define STEP_U 0.005
#define BINS 340

static int is_contact(const struct foot_print *print, int row, int col)
{
    return print_cell_kpa(print, row, col) > (double)contact_above(print->threshold_kpa);
}

static double cell_u(const struct foot_reach_input *in, int row, int col)
{
    return foot_frame_to_uv(in->frame, grid_centre(in->print->grid, row, col)).u;
}

static double contact_end_u(const struct foot_reach_input *in)
{
    const struct grid *grid = in->print->grid;
    int cells[BINS] = {0}, bin = BINS;
    double ahead_cm2 = 0;

    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++)
            if (is_contact(in->print, row, col)) {
                double at = (cell_u(in, row, col) - FIRST_U) / STEP_U;
                cells[(int)fmin(fmax(at, 0), BINS - 1)]++;
            }
    while (bin > 0 && ahead_cm2 <= STRAY_CM2)
        ahead_cm2 += cells[--bin] * grid_cell_cm2(grid);
    return FIRST_U + (bin + 1) * STEP_U;
}

/* 1 when the rear end of the contact lies on the plate's rim. */
static int heel_is_cut(const struct foot_reach_input *in)
{
    const struct grid *grid = in->print->grid;

    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++)
            if ((row == 0 || col == 0 || row == grid->rows - 1 || col == grid->cols - 1) &&
                is_contact(in->print, row, col) && cell_u(in, row, col) < HEEL_END_U)
                return 1;
    return 0;
}

static int heads_measured(const struct landmarks *landmarks)
{
    int heads = 0;

    for (int i = LANDMARK_MTH1; i <= LANDMARK_MTH5; i++)
        heads += landmarks->of[i].measured != 0;
    return heads;
}

static int is_shaped_as_a_foot(const struct foot_frame *frame)
{
    double heel = foot_frame_width_mm(frame, 0.16) / frame->length_mm;

    return heel > SLIMMEST && heel < STOUTEST;
}

static struct foot_reach up_to(double u, const char *why)
{
    struct foot_reach reach = {.is_limited = 1, .u = u};

    snprintf(reach.why, sizeof reach.why, "%s", why);
    return reach;
}

struct foot_reach foot_reach_of(const struct foot_reach_input *in)
{
    int heads = heads_measured(in->landmarks);

    if (in->off_edge && heel_is_cut(in))
        return up_to(-INFINITY, "the heel lies over the plate's edge: where this is, is not known");
    if (in->is_part)
        return up_to(-INFINITY, "only a part of the foot was seen: where this is, is not known");
    if (in->length_given)
        return heads ? (struct foot_reach){0}
                     : up_to(contact_end_u(in), "the print of this foot ends before it");
    if (heads >= HEADS_MIN && in->length_is_measured && in->toes_touch)
        return (struct foot_reach){0};
    if (heads >= HEADS_MIN)
        return up_to(contact_end_u(in),
                     "the toes were not seen and the foot's length is not known: enter it");
    if (!is_shaped_as_a_foot(in->frame))
        return up_to(-INFINITY, "the foot's length is not known: enter it");
    return up_to(HEEL_U, "the foot's length is not known: enter it");
}

int foot_reach_covers(const struct foot_reach *reach, double u)
{
    return !reach->is_limited || u <= reach->u;
}
