/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/load/part.h"

#include "analysis/lanes.h"
#include "calib/vector_clones.h"

#include <stdlib.h>
#include <string.h>

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
            block->has[k - at] = share[k] > 0 ? -1 : 0;
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
    int32_t peak[PART_LANES]; /* bits of floats: not negative, so in the order of the floats */
};

static VECTOR_INLINE void add_block(struct lanes *sums, const float *kpa,
                                    const struct part_block *block, float above)
{
    float p[PART_LANES], in[PART_LANES];
    int32_t bits[PART_LANES];

    LANES_LOOP
    for (int i = 0; i < PART_LANES; i++) { /* vectorised */
        in[i] = kpa[i] > above ? 1 : 0;
        p[i] = kpa[i] > above ? kpa[i] : 0;
    }
    memcpy(bits, p, sizeof bits);
    LANES_LOOP
    for (int i = 0; i < PART_LANES; i++) /* vectorised */
        sums->kpa[i] += block->share[i] * (double)p[i];
    LANES_LOOP
    for (int i = 0; i < PART_LANES; i++) /* vectorised */
        sums->cells[i] += block->share[i] * (double)in[i];
    LANES_LOOP
    for (int i = 0; i < PART_LANES; i++) { /* vectorised */
        int32_t here = bits[i] & block->has[i];

        sums->peak[i] = here > sums->peak[i] ? here : sums->peak[i];
    }
}

/* Lanes are added in one fixed order, so that the same frame gives the same bits. */
static VECTOR_INLINE struct part_row sum_lanes(const struct lanes *sums)
{
    struct part_row row = {0};
    int32_t bits = 0;
    float peak;

    for (int i = 0; i < PART_LANES; i++) {
        row.kpa += sums->kpa[i];
        row.cells += sums->cells[i];
        bits = sums->peak[i] > bits ? sums->peak[i] : bits;
    }
    memcpy(&peak, &bits, sizeof peak);
    row.peak_kpa = (double)peak;
    return row;
}

VECTOR_CLONES
struct part_row part_sum(const struct part *part, const float *kpa, float above)
{
    struct lanes sums = {0};

    for (size_t b = 0; b < part->n; b++)
        if (!contact_block_is_zero(kpa + part->blocks[b].at))
            add_block(&sums, kpa + part->blocks[b].at, &part->blocks[b], above);
    return sum_lanes(&sums);
}

int part_contact_make(struct part_contact *contact, size_t cells, struct problem *why)
{
    contact->kpa = calloc(cells, sizeof *contact->kpa);
    contact->in = calloc(cells, sizeof *contact->in);
    contact->peak_kpa = calloc(cells, sizeof *contact->peak_kpa);
    if (contact->kpa && contact->in && contact->peak_kpa)
        return 0;
    part_contact_free(contact);
    return problem_no_memory(why, "the contact of a frame");
}

void part_contact_free(struct part_contact *contact)
{
    free(contact->kpa);
    free(contact->in);
    free(contact->peak_kpa);
    *contact = (struct part_contact){0};
}

static VECTOR_INLINE void set_block(double *restrict kpa, double *restrict in, float *restrict peak,
                                    const float *restrict from, float above)
{
    LANES_LOOP
    for (int i = 0; i < PART_LANES; i++) /* vectorised */
        peak[i] = from[i] > above ? from[i] : 0;
    LANES_LOOP
    for (int i = 0; i < PART_LANES; i++) /* vectorised */
        kpa[i] = (double)peak[i];
    LANES_LOOP
    for (int i = 0; i < PART_LANES; i++) /* vectorised */
        in[i] = peak[i] > 0 ? 1 : 0;
}

VECTOR_CLONES
void part_contact_set(struct part_contact *contact, const struct part *whole, const float *kpa,
                      float above)
{
    for (size_t b = 0; b < whole->n; b++) {
        size_t at = whole->blocks[b].at;

        set_block(contact->kpa + at, contact->in + at, contact->peak_kpa + at, kpa + at, above);
    }
}

/* Pairs and fours that every machine of today adds at once. The sums of a part stay in registers
 * only when they are said like this: in loops over eight lanes the compiler writes each of them to
 * memory and reads it back, a block at a time, and that waiting is most of the second reading. */
typedef double pair __attribute__((vector_size(16), aligned(8), may_alias));
typedef int32_t four __attribute__((vector_size(16), aligned(4), may_alias));
#define PAIRS 4
_Static_assert(PART_LANES == 2 * PAIRS, "a block is four pairs, or two fours");

/* The bits of floats that are not negative are in the order of the floats. */
static VECTOR_INLINE four larger(four a, four b)
{
    four is_more = a > b;

    return (a & is_more) | (b & ~is_more);
}

VECTOR_CLONES
struct part_row part_contact_sum(const struct part *part, const struct part_contact *contact)
{
    struct lanes sums = {0};
    pair kpa0 = {0}, kpa1 = {0}, kpa2 = {0}, kpa3 = {0};
    pair cells0 = {0}, cells1 = {0}, cells2 = {0}, cells3 = {0};
    four peak0 = {0}, peak1 = {0};

    for (size_t b = 0; b < part->n; b++) {
        const struct part_block *block = &part->blocks[b];
        const pair *share = (const pair *)block->share;
        const pair *p = (const pair *)(contact->kpa + block->at);
        const pair *in = (const pair *)(contact->in + block->at);
        const four *top = (const four *)(contact->peak_kpa + block->at);
        const four *has = (const four *)block->has;

        kpa0 += share[0] * p[0];
        kpa1 += share[1] * p[1];
        kpa2 += share[2] * p[2];
        kpa3 += share[3] * p[3];
        cells0 += share[0] * in[0];
        cells1 += share[1] * in[1];
        cells2 += share[2] * in[2];
        cells3 += share[3] * in[3];
        peak0 = larger(top[0] & has[0], peak0);
        peak1 = larger(top[1] & has[1], peak1);
    }
    const pair kpa[] = {kpa0, kpa1, kpa2, kpa3}, cells[] = {cells0, cells1, cells2, cells3};
    const four peak[] = {peak0, peak1};

    memcpy(sums.kpa, kpa, sizeof sums.kpa);
    memcpy(sums.cells, cells, sizeof sums.cells);
    memcpy(sums.peak, peak, sizeof sums.peak);
    return sum_lanes(&sums);
}

double part_cells_ever(const struct part *part, const float *ever)
{
    return part_sum(part, ever, 0).cells;
}

VECTOR_CLONES
struct part_moment part_moment(const struct part *part, const struct part_place *places,
                               const struct part_contact *contact)
{
    struct part_moment moment = {0};
    pair x0 = {0}, x1 = {0}, x2 = {0}, x3 = {0}, y0 = {0}, y1 = {0}, y2 = {0}, y3 = {0};

    for (size_t b = 0; b < part->n; b++) {
        const pair *share = (const pair *)part->blocks[b].share;
        const pair *p = (const pair *)(contact->kpa + part->blocks[b].at);
        const pair *x = (const pair *)places[b].x, *y = (const pair *)places[b].y;
        pair p0 = share[0] * p[0], p1 = share[1] * p[1];
        pair p2 = share[2] * p[2], p3 = share[3] * p[3];

        x0 += p0 * x[0];
        x1 += p1 * x[1];
        x2 += p2 * x[2];
        x3 += p3 * x[3];
        y0 += p0 * y[0];
        y1 += p1 * y[1];
        y2 += p2 * y[2];
        y3 += p3 * y[3];
    }
    const pair x[] = {x0, x1, x2, x3}, y[] = {y0, y1, y2, y3};

    for (int i = 0; i < PAIRS; i++) {
        moment.x += x[i][0];
        moment.x += x[i][1];
        moment.y += y[i][0];
        moment.y += y[i][1];
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
