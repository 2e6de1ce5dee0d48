/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/pictures.h"
#include "analysis/contact.h"
#include "analysis/lanes.h"
#include "calib/vector_clones.h"

#include <stdlib.h>

int pictures_begin(struct pictures *pictures, const struct grid *grid, struct problem *why)
{
    size_t cells = grid_cells(grid);

    *pictures = (struct pictures){.grid = *grid};
    pictures->sum = calloc(cells, sizeof *pictures->sum);
    pictures->maximum = calloc(cells, sizeof *pictures->maximum);
    if (!pictures->sum || !pictures->maximum)
        return problem_no_memory(why, "pressure pictures");
    return 0;
}

void pictures_free(struct pictures *pictures)
{
    free(pictures->sum);
    free(pictures->maximum);
    *pictures = (struct pictures){0};
}

static VECTOR_INLINE float contact_kpa(float kpa, float above)
{
    return kpa > above ? kpa : 0;
}

static VECTOR_INLINE void add_block(double *restrict sum, float *restrict maximum,
                                    const float *restrict kpa, float above)
{
    float p[CONTACT_BLOCK];

    LANES_LOOP
    for (int i = 0; i < CONTACT_BLOCK; i++) /* vectorised */
        p[i] = contact_kpa(kpa[i], above);
    LANES_LOOP
    for (int i = 0; i < CONTACT_BLOCK; i++) /* vectorised */
        sum[i] += (double)p[i];
    LANES_LOOP
    for (int i = 0; i < CONTACT_BLOCK; i++) /* vectorised */
        maximum[i] = p[i] > maximum[i] ? p[i] : maximum[i];
}

VECTOR_CLONES
void pictures_add(struct pictures *pictures, const float *kpa, double threshold_kpa)
{
    float above = contact_above(threshold_kpa);
    size_t cells = grid_cells(&pictures->grid), i = 0;

    for (; i + CONTACT_BLOCK <= cells; i += CONTACT_BLOCK)
        if (!contact_block_is_zero(kpa + i))
            add_block(pictures->sum + i, pictures->maximum + i, kpa + i, above);
    for (; i < cells; i++) {
        float p = contact_kpa(kpa[i], above);

        pictures->sum[i] += (double)p;
        pictures->maximum[i] = p > pictures->maximum[i] ? p : pictures->maximum[i];
    }
    pictures->frames++;
}

void pictures_mean(const struct pictures *pictures, float *mean)
{
    double scale = pictures->frames ? 1.0 / (double)pictures->frames : 0;

    for (size_t i = 0; i < grid_cells(&pictures->grid); i++)
        mean[i] = (float)(pictures->sum[i] * scale);
}

void pictures_pti(const struct pictures *pictures, double loaded_s, float *pti)
{
    double scale = pictures->frames ? loaded_s / (double)pictures->frames : 0;

    for (size_t i = 0; i < grid_cells(&pictures->grid); i++)
        pti[i] = (float)(pictures->sum[i] * scale);
}
