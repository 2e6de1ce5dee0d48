/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/load/membership.h"

#include "analysis/polygon.h"
#include "analysis/foot/regions.h"

#include <math.h>
#include <string.h>

#define SAMPLES 16

static struct box cell_box(const struct grid *grid, int row, int col)
{
    return (struct box){col * grid->pitch_x_mm, row * grid->pitch_y_mm,
                        (col + 1) * grid->pitch_x_mm, (row + 1) * grid->pitch_y_mm};
}

static double share_in_polygon(const struct box *cell, const struct box *around,
                               const struct point *points, int n)
{
    double whole_mm2 = (cell->x1 - cell->x0) * (cell->y1 - cell->y0);

    if (cell->x1 <= around->x0 || cell->x0 >= around->x1 || cell->y1 <= around->y0 ||
        cell->y0 >= around->y1)
        return 0;
    return fmin(polygon_area_in_box_mm2(points, n, cell) / whole_mm2, 1);
}

void membership_of_polygon(const struct grid *grid, const struct point *points, int n,
                           enum membership membership, double *share)
{
    struct box around = polygon_box(points, n);

    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            struct box cell = cell_box(grid, row, col);
            double inside = share_in_polygon(&cell, &around, points, n);

            if (membership == MEMBERSHIP_WHOLE && inside < MEMBERSHIP_WHOLE_SHARE)
                inside = 0;
            share[(size_t)row * (size_t)grid->cols + (size_t)col] = inside;
        }
}

/* Region at a place of the cell, x and y from 0 to 1 across it. */
static enum region_id region_in_cell(const struct grid *grid, const struct foot_frame *frame,
                                     const struct guide_lines *lines, int row, int col, double x,
                                     double y)
{
    struct point at = {(col + x) * grid->pitch_x_mm, (row + y) * grid->pitch_y_mm};

    return region_at(lines, foot_frame_to_uv(frame, at));
}

/* The lines bend little within a cell: nine places in one region are the whole cell in it. */
static int is_in_one_region(const struct grid *grid, const struct foot_frame *frame,
                            const struct guide_lines *lines, int row, int col,
                            enum region_id region)
{
    for (int i = 0; i < 9; i++)
        if (region_in_cell(grid, frame, lines, row, col, i % 3 / 2.0, i / 3 / 2.0) != region)
            return 0;
    return 1;
}

void membership_of_cell(const struct grid *grid, const struct foot_frame *frame,
                        const struct guide_lines *lines, int row, int col,
                        double share[REGION_COUNT])
{
    enum region_id middle = region_in_cell(grid, frame, lines, row, col, 0.5, 0.5);

    memset(share, 0, REGION_COUNT * sizeof *share);
    if (is_in_one_region(grid, frame, lines, row, col, middle)) {
        share[middle] = 1;
        return;
    }
    for (int i = 0; i < SAMPLES; i++)
        for (int k = 0; k < SAMPLES; k++)
            share[region_in_cell(grid, frame, lines, row, col, (k + 0.5) / SAMPLES,
                                 (i + 0.5) / SAMPLES)] += 1.0 / (SAMPLES * SAMPLES);
}

void membership_of_regions(const struct grid *grid, const struct foot_result *foot, double *share)
{
    size_t cells = grid_cells(grid);
    double of_cell[REGION_COUNT];

    memset(share, 0, REGION_COUNT * cells * sizeof *share);
    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            size_t cell = (size_t)row * (size_t)grid->cols + (size_t)col;

            if (!(foot->mask[cell] > 0))
                continue;
            membership_of_cell(grid, &foot->frame, &foot->lines, row, col, of_cell);
            for (size_t i = 0; i < REGION_COUNT; i++)
                share[i * cells + cell] = of_cell[i];
        }
}

/* Shares of the foot's cells on the side a x + b y <= c of a straight line. */
static void half_plane(const struct grid *grid, const struct foot_result *foot, double a, double b,
                       double c, double *share)
{
    double whole_mm2 = grid->pitch_x_mm * grid->pitch_y_mm;

    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            size_t cell = (size_t)row * (size_t)grid->cols + (size_t)col;
            struct box box = cell_box(grid, row, col);
            const struct point square[4] = {
                {box.x0, box.y0}, {box.x1, box.y0}, {box.x1, box.y1}, {box.x0, box.y1}};
            struct point cut[8];
            int n;

            share[cell] = 0;
            if (!(foot->mask[cell] > 0))
                continue;
            n = polygon_clip(square, 4, a, b, c, cut);
            share[cell] = n >= 3 ? fmin(polygon_area_mm2(cut, n) / whole_mm2, 1) : 0;
        }
}

void membership_of_fore(const struct grid *grid, const struct foot_result *foot, double *share)
{
    const struct foot_frame *frame = &foot->frame;
    double angle = frame->angle_deg * (M_PI / 180);
    double along_x = sin(angle), along_y = cos(angle);
    double middle = frame->heel.x_mm * along_x + frame->heel.y_mm * along_y + frame->length_mm / 2;

    half_plane(grid, foot, -along_x, -along_y, -middle, share);
}

void membership_of_medial(const struct grid *grid, const struct foot_result *foot, double *share)
{
    const struct foot_frame *frame = &foot->frame;
    double angle = frame->angle_deg * (M_PI / 180);
    /* v grows to the right on a right foot, to the left on a left one. */
    double sign = frame->side == SIDE_LEFT ? -1 : 1;
    double x = sign * cos(angle), y = -sign * sin(angle);

    half_plane(grid, foot, x, y, frame->heel.x_mm * x + frame->heel.y_mm * y, share);
}
