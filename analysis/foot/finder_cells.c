/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every loaded cell to its foot, or to none. */
#include "analysis/foot/finder_private.h"

#include <math.h>

/* Unlabelled load this near to a foot belongs to it: lightly loaded toes, the print's soft edge. */
#define REACH_MM 30.0
#define REACH_CELLS 24 /* so that very fine cells cost no more */
#define FAR 0.75       /* widths from the axis */
#define BEYOND 3.0     /* widths that a length beyond the ends counts */
/* A cell that lies alone is noise, a crumb, or a toe's tip; a tip lies about where the model has
 * it: at most 15 mm ahead on a foot of 250 mm. (On cells too coarse for contact_is_thin it would
 * else make the foot longer.) */
#define SPECK_FAR 0.6
#define SPECK_BEYOND 10.0

#define UNSETTLED 0x40 /* while islands are looked at; below it: a foot or STRAY */
#define STRAY 3

static double distance2(const struct grid *grid, int rows, int cols)
{
    double dx = cols * grid->pitch_x_mm, dy = rows * grid->pitch_y_mm;

    return dx * dx + dy * dy;
}

/* The foot of the nearest labelled cell within reach of a cell; 0 when there is none. */
static uint8_t nearest_foot(const struct finder *f, const uint8_t *label, int row, int col,
                            double reach_mm)
{
    int rows = (int)fmin(reach_mm / f->grid->pitch_y_mm, REACH_CELLS);
    int cols = (int)fmin(reach_mm / f->grid->pitch_x_mm, REACH_CELLS);
    double nearest = reach_mm * reach_mm;
    uint8_t of = 0;

    for (int r = row - rows; r <= row + rows; r++)
        for (int c = col - cols; c <= col + cols; c++) {
            uint8_t here;

            if (r < 0 || c < 0 || r >= f->grid->rows || c >= f->grid->cols)
                continue;
            here = label[(size_t)r * (size_t)f->grid->cols + (size_t)c];
            if (!here || distance2(f->grid, r - row, c - col) >= nearest)
                continue;
            nearest = distance2(f->grid, r - row, c - col);
            of = here;
        }
    return of;
}

static const struct foot_frame *frame_of(const struct finder *f, int k)
{
    return &f->feet[k].fit[f->readings[k].direction][f->readings[k].side].frame;
}

/* From labels of prints to labels of feet, 0 for contact in no foot. */
static void label_feet(const struct finder *f, uint8_t *label)
{
    for (size_t i = 0; i < grid_cells(f->grid); i++) {
        uint8_t print = label[i];

        label[i] = 0;
        for (int k = 0; print && k < f->n_feet; k++)
            if (f->prints[print - 1].first == f->feet[k].print.first)
                label[i] = (uint8_t)(k + 1);
    }
}

/* How far from a foot's axis a place lies, in widths, what is ahead of or behind the foot counting
 * besides. Up to FAR it may belong to the foot, the model being a little wrong. */
static double farness(const struct foot_frame *frame, struct point at, double beyond)
{
    struct uv place = foot_frame_to_uv(frame, at);

    return fabs(place.v - 0.5) + beyond * fmax(fmax(place.u - 1, -place.u), 0);
}

/* The foot that an island is nearest to, 1 or 2, or STRAY when it is far from both. */
static uint8_t owner_of(const struct finder *f, const size_t *island, size_t n)
{
    int is_speck = n == 1;
    double nearest = is_speck ? SPECK_FAR : FAR;
    uint8_t owner = STRAY;

    for (int k = 0; k < f->n_feet; k++) {
        double sum = 0;

        for (size_t i = 0; i < n; i++)
            sum += farness(frame_of(f, k),
                           grid_centre(f->grid, (int)(island[i] / (size_t)f->grid->cols),
                                       (int)(island[i] % (size_t)f->grid->cols)),
                           is_speck ? SPECK_BEYOND : BEYOND);
        if (sum / (double)n < nearest) {
            nearest = sum / (double)n;
            owner = (uint8_t)(k + 1);
        }
    }
    return owner;
}

/* Each island of contact to the foot that it is nearest to: toes that the cut gave to the other
 * foot come back, a stick between or beside the feet is a stray. Islands that reach into both feet
 * (touching feet) stay as they were cut. */
static void settle_islands(const struct finder *f, uint8_t *label)
{
    size_t cells = grid_cells(f->grid);

    for (size_t i = 0; i < cells; i++)
        label[i] = f->picture[i] > f->above ? (uint8_t)(label[i] | UNSETTLED) : 0;
    for (size_t start = 0; start < cells; start++) {
        size_t by_label[LABELS], n;
        uint8_t owner;

        if (!label[start] || label[start] & VISITED)
            continue;
        n = finder_flood(f, label, start, f->island, by_label);
        if (by_label[1 | UNSETTLED] && by_label[2 | UNSETTLED])
            continue;
        owner = owner_of(f, f->island, n);
        for (size_t i = 0; i < n; i++)
            label[f->island[i]] = (uint8_t)(owner | VISITED);
    }
    for (size_t i = 0; i < cells; i++)
        label[i] &= STRAY;
}

/* Loaded cells below the threshold go to the nearest contact, whatever it belongs to. */
static void grow(const struct finder *f, const uint8_t *from, uint8_t *label)
{
    for (int row = 0; row < f->grid->rows; row++)
        for (int col = 0; col < f->grid->cols; col++) {
            size_t i = (size_t)row * (size_t)f->grid->cols + (size_t)col;
            uint8_t of = from[i];

            if (!of && f->picture[i] > 0)
                of = nearest_foot(f, from, row, col, REACH_MM);
            label[i] = of == STRAY ? 0 : of;
        }
}

static void count_strays(const struct finder *f, struct found_feet *found)
{
    double stray = 0, all = 0;

    for (size_t i = 0; i < grid_cells(f->grid); i++) {
        double p = (double)f->whole[i];

        if (!(p > 0))
            continue;
        all += p;
        if (!found->label[i]) {
            stray += p;
            found->stray_cells += f->whole[i] > f->above;
        }
    }
    found->stray_share = all > 0 ? stray / all : 0;
}

void finder_settle_cells(const struct finder *f, uint8_t *label, struct found_feet *found)
{
    label_feet(f, label);
    settle_islands(f, label);
    grow(f, label, found->label);
    count_strays(f, found);
}
