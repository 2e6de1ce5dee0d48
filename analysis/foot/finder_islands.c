/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/finder_private.h"

#include <string.h>

/* label: 1 + print for each cell of a print. */
void finder_label_prints(const struct finder *f, uint8_t *label)
{
    memset(label, 0, grid_cells(f->grid));
    for (int p = 0; p < f->n_prints; p++)
        for (size_t i = 0; i < f->prints[p].n; i++) {
            const struct contact_cell *cell = &f->cells[f->prints[p].first + i];

            label[(size_t)cell->row * (size_t)f->grid->cols + (size_t)cell->col] = (uint8_t)(p + 1);
        }
}

/* One island of touching labelled cells from `start`; its cells go to `island`, counts to by_label.
 * Visited cells are marked with the high bit. Returns how many. */
size_t finder_flood(const struct finder *f, uint8_t *label, size_t start, size_t *island,
                    size_t by_label[LABELS])
{
    size_t n = 0, cols = (size_t)f->grid->cols;

    memset(by_label, 0, LABELS * sizeof *by_label);
    by_label[label[start]]++;
    label[start] |= VISITED;
    island[n++] = start;
    for (size_t i = 0; i < n; i++) {
        int row = (int)(island[i] / cols), col = (int)(island[i] % cols);

        for (int r = row - 1; r <= row + 1; r++)
            for (int c = col - 1; c <= col + 1; c++) {
                size_t at = (size_t)r * cols + (size_t)c;

                if (r < 0 || c < 0 || r >= f->grid->rows || c >= f->grid->cols || !label[at] ||
                    label[at] & VISITED)
                    continue;
                by_label[label[at]]++;
                label[at] |= VISITED;
                island[n++] = at;
            }
    }
    return n;
}

/* A straight cut may shave a few cells off a foot: an island that lies mostly in one print belongs
 * to it as a whole. Touching feet are one island with two large parts, and stay cut. */
void finder_heal_islands(const struct finder *f, uint8_t *label, size_t *island)
{
    for (size_t start = 0; start < grid_cells(f->grid); start++) {
        size_t by_print[LABELS], n, most = 0;

        if (!label[start] || label[start] & VISITED)
            continue;
        n = finder_flood(f, label, start, island, by_print);
        for (size_t p = 1; p <= PRINTS_MAX; p++)
            most = by_print[p] > by_print[most] ? p : most;
        for (size_t i = 0; (n - by_print[most]) * 5 < n && i < n; i++)
            label[island[i]] = (uint8_t)(most | VISITED);
    }
    for (size_t i = 0; i < grid_cells(f->grid); i++)
        label[i] &= VISITED - 1;
}

/* Share of a print's cells that its largest island has. */
double finder_one_piece(const struct finder *f, int p, uint8_t *label)
{
    size_t largest = 0, by_print[LABELS];

    for (size_t start = 0; start < grid_cells(f->grid); start++)
        if (label[start] && !(label[start] & VISITED)) {
            finder_flood(f, label, start, f->island, by_print);
            largest = by_print[p + 1] > largest ? by_print[p + 1] : largest;
        }
    for (size_t i = 0; i < grid_cells(f->grid); i++)
        label[i] &= VISITED - 1;
    return (double)largest / (double)f->prints[p].n;
}
