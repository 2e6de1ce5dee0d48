/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A part of the plate: shares of cells, kept as blocks of eight so that a frame's sums over it are
 * vector code, and empty blocks cost one test.
 *
 * Shares are double: results agree with published ones to the last digit. Made once, read-only
 * after; any thread. */
#ifndef TENDERFOOT_ANALYSIS_LOAD_PART_H
#define TENDERFOOT_ANALYSIS_LOAD_PART_H

#include "analysis/contact.h"
#include "firmware/wire/problem.h"

#include <stddef.h>
#include <stdint.h>

#define PART_LANES CONTACT_BLOCK

struct part_block {
    uint32_t at;             /* first of eight cells, flat index */
    int32_t has[PART_LANES]; /* all bits set where share > 0, else 0 */
    double share[PART_LANES];
};

struct part {
    struct part_block *blocks;
    size_t n;
};

/* Sums of one frame over a part: kPa x cells, cells, kPa. */
struct part_row {
    double kpa, cells, peak_kpa;
};

/* From share[cells] (0..1) of a plate of `cells` cells (at least PART_LANES: pad a smaller one). */
int part_make(struct part *part, const double *share, size_t cells, struct problem *why);
void part_free(struct part *part);

/* Over the cells of kpa[cells] above `above` (contact_above); finite and not negative. */
struct part_row part_sum(const struct part *part, const float *kpa, float above);

/* A frame's contact, made once for all parts that lie inside of `whole`: pressure of the cells of
 * its blocks (0 where there is no contact) and 1 where there is contact, by flat index; other cells
 * stay 0. Owned by whoever made it; written by part_contact_set, so one thread at a time. */
struct part_contact {
    double *kpa, *in;
    float *peak_kpa;
};
int part_contact_make(struct part_contact *contact, size_t cells, struct problem *why);
void part_contact_free(struct part_contact *contact);
void part_contact_set(struct part_contact *contact, const struct part *whole, const float *kpa,
                      float above);
/* part_sum of that frame, to the bit. */
struct part_row part_contact_sum(const struct part *part, const struct part_contact *contact);

/* Cells that the part has in the picture ever[cells]: sum of shares where it is above 0. */
double part_cells_ever(const struct part *part, const float *ever);

/* Moments of one frame: sums of share x kPa x column + 0.5, and row + 0.5. */
struct part_moment {
    double x, y;
};
struct part_place {
    double x[PART_LANES], y[PART_LANES];
};
struct part_moment part_moment(const struct part *part, const struct part_place *places,
                               const struct part_contact *contact);

/* places[part->n] of a plate of `cols` columns. */
void part_places(const struct part *part, int cols, struct part_place *places);

#endif
