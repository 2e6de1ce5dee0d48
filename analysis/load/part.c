/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/load/part.h"

#include "analysis/lanes.h"

#include <stdlib.h>

/* The first cell from i on that has a share, or n. */
static size_t next_share(const double *share, size_t i, size_t n)
{
    while (i < n && !(share[i] > 0))
        i++;
    return i;
}

static size_t count_blocks(const double *share, size_t cells)
{
    size_t n = 0;

    for (size_t i = next_share(share, 0, cells); i < cells;
         i = next_share(share, i + PART_LANES, cells))
        n++;
    return n;
}

int part_make(struct part *part, const double *share, size_t cells, struct problem *why)
{
    *part = (struct part){0};
    part->blocks = calloc(count_blocks(share, cells) + 1, sizeof *part->blocks);
    if (!part->blocks)
        return problem_no_memory(why, "a part of a foot");
    for (size_t i = next_share(share, 0, cells); i < cells;
         i = next_share(share, i + PART_LANES, cells)) {
        struct part_block *block = &part->blocks[part->n++];
        /* The last block of the plate begins early, and counts no cell twice. */
        size_t at = i + PART_LANES <= cells ? i : cells - PART_LANES;

        block->at = (uint32_t)at;
        for (size_t k = i; k < at + PART_LANES; k++) {
            block->share[k - at] = share[k];
            block->has[k - at] = share[k] > 0;
        }
    }
    return 0;
}

void part_free(struct part *part)
{
    free(part->blocks);
    *part = (struct part){0};
}

struct lanes {
    double kpa[PART_LANES], cells[PART_LANES];
    float peak[PART_LANES];
};

static void add_block(struct lanes *sums, const float *kpa, const struct part_block *block,
                      float above)
{
    float p[PART_LANES], in[PART_LANES];

    LANES_LOOP
    for (int i = 0; i < PART_LANES; i++) { /* vectorised */
        in[i] = kpa[i] > above ? 1 : 0;
        p[i] = kpa[i] > above ? kpa[i] : 0;
    }
    LANES_LOOP
    for (int i = 0; i < PART_LANES; i++) /* vectorised */
        sums->kpa[i] += block->share[i] * (double)p[i];
    LANES_LOOP
    for (int i = 0; i < PART_LANES; i++) /* vectorised */
        sums->cells[i] += block->share[i] * (double)in[i];
    LANES_LOOP
    for (int i = 0; i < PART_LANES; i++) { /* vectorised */
        float here = p[i] * block->has[i];

        sums->peak[i] = here > sums->peak[i] ? here : sums->peak[i];
    }
}

/* Lanes are added in one fixed order, so that the same frame gives the same bits. */
static struct part_row sum_lanes(const struct lanes *sums)
{
    struct part_row row = {0};

    for (int i = 0; i < PART_LANES; i++) {
        row.kpa += sums->kpa[i];
        row.cells += sums->cells[i];
        row.peak_kpa = (double)sums->peak[i] > row.peak_kpa ? (double)sums->peak[i] : row.peak_kpa;
    }
    return row;
}

struct part_row part_sum(const struct part *part, const float *kpa, float above)
{
    struct lanes sums = {0};

    for (size_t b = 0; b < part->n; b++)
        if (!contact_block_is_zero(kpa + part->blocks[b].at))
            add_block(&sums, kpa + part->blocks[b].at, &part->blocks[b], above);
    return sum_lanes(&sums);
}

double part_cells_ever(const struct part *part, const float *ever)
{
    return part_sum(part, ever, 0).cells;
}

/* x and y in the lanes' two sums. */
static void add_moment(struct lanes *sums, const struct part_place *place, const float *kpa,
                       const double *share, float above)
{
    float p[PART_LANES];

    LANES_LOOP
    for (int i = 0; i < PART_LANES; i++) /* vectorised */
        p[i] = kpa[i] > above ? kpa[i] : 0;
    LANES_LOOP
    for (int i = 0; i < PART_LANES; i++) { /* vectorised */
        double weighed = share[i] * (double)p[i];

        sums->kpa[i] += weighed * place->x[i];
        sums->cells[i] += weighed * place->y[i];
    }
}

struct part_moment part_moment(const struct part *part, const struct part_place *places,
                               const float *kpa, float above)
{
    struct part_moment moment = {0};
    struct lanes sums = {0};

    for (size_t b = 0; b < part->n; b++) {
        const struct part_block *block = &part->blocks[b];

        if (!contact_block_is_zero(kpa + block->at))
            add_moment(&sums, &places[b], kpa + block->at, block->share, above);
    }
    for (int i = 0; i < PART_LANES; i++) {
        moment.x += sums.kpa[i];
        moment.y += sums.cells[i];
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
