/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/pictures.h"
#include "analysis/contact.h"

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

static void add_block(double *sum, float *maximum, const float *kpa, size_t n, float above)
{
    for (size_t i = 0; i < n; i++) {
        float p = kpa[i] > above ? kpa[i] : 0;

        sum[i] += (double)p;
        maximum[i] = p > maximum[i] ? p : maximum[i];
    }
}

void pictures_add(struct pictures *pictures, const float *kpa, double threshold_kpa)
{
    float above = contact_above(threshold_kpa);
    size_t cells = grid_cells(&pictures->grid), i = 0;

    for (; i + CONTACT_BLOCK <= cells; i += CONTACT_BLOCK)
        if (!contact_block_is_zero(kpa + i))
            add_block(pictures->sum + i, pictures->maximum + i, kpa + i, CONTACT_BLOCK, above);
    add_block(pictures->sum + i, pictures->maximum + i, kpa + i, cells - i, above);
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
