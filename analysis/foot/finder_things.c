/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Things beside a foot. Hard ones (a box, a table's or a chair's leg, a stick) are taken out of the
 * picture before it is parted, so that none is a second foot nor a part of one; soft ones (a bag)
 * are told by how little they bear, and where. */
#include "analysis/foot/finder_private.h"

#include <math.h>
#include <string.h>

/* Smaller islands are toes, as may be. */
#define THING_MIN_CM2 6.0
/* A sole is soft and round at its edge: the outermost cells of real and drawn prints bear 0.25 to
 * 0.85 of the mean of the cells further in. A hard thing bears as much at its edge, or more. */
#define HARD_RIM 0.92
#define RIM_CELLS_MIN 8
/* What is stiff and level presses evenly: standard deviation of its cells over their mean, of those
 * further in where its edge only touches a part of the cells. Of heels and balls it is 0.2 and
 * more.
 */
#define EVEN_CV 0.1
#define INNER_CELLS_MIN 16

/* A bag has no heel, or is broader than the other foot (drawn pairs of feet 0.83 to 1.06, of which
 * one is lightly loaded, swollen or shorter; bags 0.7 to 2). Beside a whole foot it is what bears
 * so much less per cell, touches on so little of where its heel would lie (or that lies off the
 * plate), and is not shaped as feet are that stand on the border so: score per cm2 0.65 to 0.95, of
 * bags 0.85 to 1.6. */
#define FAINT 0.35
#define HEEL_TOUCHES 0.5
#define BROADER 1.1
#define BAG_SCORE_PER_CM2 0.8

struct pressures {
    double n, sum, sum2;
};

static void add(struct pressures *to, double kpa)
{
    to->n++;
    to->sum += kpa;
    to->sum2 += kpa * kpa;
}

static double mean(const struct pressures *of)
{
    return of->sum / of->n;
}

static double variation(const struct pressures *of)
{
    double middle = mean(of);

    return sqrt(fmax(of->sum2 / of->n - middle * middle, 0)) / middle;
}

/* Be it below the threshold, so that a thing is taken out as a whole. */
static uint8_t bears(const struct finder *f, size_t cell)
{
    return f->picture[cell] > f->above * (float)FINDER_LIGHT_SHARE;
}

/* A cell beside one that bears nothing; what lies beyond the plate is not known. */
static int is_rim(const struct finder *f, int row, int col)
{
    for (int r = row > 0 ? row - 1 : 0; r <= row + 1 && r < f->grid->rows; r++)
        for (int c = col > 0 ? col - 1 : 0; c <= col + 1 && c < f->grid->cols; c++)
            if (!bears(f, (size_t)r * (size_t)f->grid->cols + (size_t)c))
                return 1;
    return 0;
}

/* Of the island of n cells in f->island. */
static int is_hard(const struct finder *f, size_t n)
{
    struct pressures rim = {0}, inner = {0}, all = {0};

    for (size_t i = 0; i < n; i++) {
        double kpa = (double)f->picture[f->island[i]];

        add(&all, kpa);
        add(is_rim(f, (int)(f->island[i] / (size_t)f->grid->cols),
                   (int)(f->island[i] % (size_t)f->grid->cols))
                ? &rim
                : &inner,
            kpa);
    }
    return variation(&all) < EVEN_CV ||
           (inner.n >= INNER_CELLS_MIN &&
            (variation(&inner) < EVEN_CV ||
             (rim.n >= RIM_CELLS_MIN && mean(&rim) >= HARD_RIM * mean(&inner))));
}

void finder_take_out_things(struct finder *f, float *without, uint8_t *label)
{
    size_t cells = grid_cells(f->grid), taken = 0, soft = 0, by_label[LABELS];

    memcpy(without, f->picture, cells * sizeof *without);
    for (size_t i = 0; i < cells; i++)
        label[i] = bears(f, i);
    for (size_t start = 0; start < cells; start++) {
        size_t n;

        if (label[start] != 1)
            continue;
        n = finder_flood(f, label, start, f->island, by_label);
        if ((double)n * grid_cell_cm2(f->grid) < THING_MIN_CM2)
            continue;
        if (!is_hard(f, n)) {
            soft += n;
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            taken += f->picture[f->island[i]] > f->above;
            without[f->island[i]] = 0;
        }
    }
    if (taken && (double)soft * grid_cell_cm2(f->grid) >= PRINT_AREA_MIN_CM2)
        f->picture = without;
    f->hard_cells = f->picture == without ? taken : 0;
}

static double mean_kpa(const struct finder *f, const struct print *print)
{
    struct pressures all = {0};

    for (size_t i = 0; i < print->n; i++) {
        const struct contact_cell *cell = &f->cells[print->first + i];

        add(&all, (double)f->picture[cell->row * f->grid->cols + cell->col]);
    }
    return mean(&all);
}

/* Share of the cells under the heel that are in contact; 0 when it lies off the plate. */
static double heel_touches(const struct finder *f, const struct foot_frame *frame)
{
    double cells = 0, touching = 0;

    for (int row = 0; row < f->grid->rows; row++)
        for (int col = 0; col < f->grid->cols; col++) {
            struct uv at = foot_frame_to_uv(frame, grid_centre(f->grid, row, col));

            if (at.u < 0.06 || at.u > 0.24 || at.v < 0.15 || at.v > 0.85)
                continue;
            cells++;
            touching += f->picture[row * f->grid->cols + col] > f->above;
        }
    return cells > 0 ? touching / cells : 0;
}

static double breadth_mm(const struct candidate *foot)
{
    const struct foot_frame *frame = &finder_best_fit(foot)->frame;

    return frame->width_heel_mm + frame->width_toe_mm;
}

int finder_is_bag(const struct finder *f, const struct candidate *foot,
                  const struct candidate *other)
{
    return finder_is_whole_foot(other) && !other->is_part &&
           finder_score(foot) < -BAG_SCORE_PER_CM2 * foot->print.area_cm2 &&
           mean_kpa(f, &foot->print) < FAINT * mean_kpa(f, &other->print) &&
           (breadth_mm(foot) > BROADER * breadth_mm(other) ||
            heel_touches(f, &finder_best_fit(foot)->frame) < HEEL_TOUCHES);
}
