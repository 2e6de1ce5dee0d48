/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/load/part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t block_start(size_t i, size_t cells)
{
    return i + PART_LANES <= cells ? i : cells - PART_LANES;
}

static int has_share(const double *share, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (share[i] > 0)
            return 1;
    return 0;
}

int part_make(struct part *part, const double *share, size_t cells, struct problem *why)
{
    size_t n = 0;

    *part = (struct part){0};
    for (size_t i = 0; i < cells; i += PART_LANES)
        n += (size_t)has_share(share, i, i + PART_LANES <= cells ? i + PART_LANES : cells);
    part->blocks = calloc(n ? n : 1, sizeof *part->blocks);
    if (!part->blocks)
        return problem_no_memory(why, "a part of a foot");
    for (size_t i = 0; i < cells; i += PART_LANES) {
        size_t end = i + PART_LANES <= cells ? i + PART_LANES : cells;

        if (!has_share(share, i, end))
            continue;
        struct part_block *block = &part->blocks[part->n++];
        block->at = (uint32_t)block_start(i, cells);
        for (size_t k = i; k < end; k++)
            block->share[k - block->at] = share[k];
    }
    return 0;
}

void part_free(struct part *part)
{
    free(part->blocks);
    *part = (struct part){0};
}

struct lanes {
    double kpa[PART_LANES], cells[PART_LANES], peak[PART_LANES];
};

static void add_block(struct lanes *sums, const float *kpa, const double *share, float above)
{
    for (int i = 0; i < PART_LANES; i++) { /* vectorised */
        double p = kpa[i] > above ? (double)kpa[i] : 0;
        double here = p > 0 ? share[i] : 0;
        double in = here > 0 ? p : 0;

        sums->kpa[i] += here * p;
        sums->cells[i] += here;
        sums->peak[i] = in > sums->peak[i] ? in : sums->peak[i];
    }
}

/* Lanes are added in one fixed order, so that the same frame gives the same bits. */
static struct part_row sum_lanes(const struct lanes *sums)
{
    struct part_row row = {0};

    for (int i = 0; i < PART_LANES; i++) {
        row.kpa += sums->kpa[i];
        row.cells += sums->cells[i];
        row.peak_kpa = fmax(row.peak_kpa, sums->peak[i]);
    }
    return row;
}

struct part_row part_sum(const struct part *part, const float *kpa, float above)
{
    struct lanes sums = {0};

    for (size_t b = 0; b < part->n; b++)
        if (!contact_block_is_zero(kpa + part->blocks[b].at))
            add_block(&sums, kpa + part->blocks[b].at, part->blocks[b].share, above);
    return sum_lanes(&sums);
}

double part_cells_ever(const struct part *part, const float *ever)
{
    return part_sum(part, ever, 0).cells;
}

static void add_moment(double *x, double *y, const struct part_place *place, const float *kpa,
                       const double *share, float above)
{
    for (int i = 0; i < PART_LANES; i++) { /* vectorised */
        double p = kpa[i] > above ? share[i] * (double)kpa[i] : 0;

        x[i] += p * place->x[i];
        y[i] += p * place->y[i];
    }
}

static void raise_ever(float *ever, const float *kpa, float above)
{
    for (int i = 0; i < PART_LANES; i++) { /* vectorised */
        float p = kpa[i] > above ? kpa[i] : 0;

        ever[i] = p > ever[i] ? p : ever[i];
    }
}

struct part_moment part_sum_moment(const struct part *part, const struct part_place *places,
                                   const float *kpa, float above, float *ever)
{
    double x[PART_LANES] = {0}, y[PART_LANES] = {0};
    struct part_moment moment = {0};
    struct lanes sums = {0};

    for (size_t b = 0; b < part->n; b++) {
        const struct part_block *block = &part->blocks[b];

        if (contact_block_is_zero(kpa + block->at))
            continue;
        add_block(&sums, kpa + block->at, block->share, above);
        add_moment(x, y, &places[b], kpa + block->at, block->share, above);
        raise_ever(ever + block->at, kpa + block->at, above);
    }
    moment.row = sum_lanes(&sums);
    for (int i = 0; i < PART_LANES; i++) {
        moment.x += x[i];
        moment.y += y[i];
    }
    return moment;
}

void part_places(const struct part *part, int cols, struct part_place *places)
{
    for (size_t b = 0; b < part->n; b++)
        for (uint32_t i = 0; i < PART_LANES; i++) {
            places[b].x[i] = (part->blocks[b].at + i) % (uint32_t)cols + 0.5;
            places[b].y[i] = (part->blocks[b].at + i) / (uint32_t)cols + 0.5;
        }
}
