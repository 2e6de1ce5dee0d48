/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/ridge.h"
#include "analysis/contact.h"
#include "analysis/print_reader.h"

#include <math.h>

#define RIDGE_U_MAX 0.765
/* A print that fades out towards the edge ends there; the finder's measure (foot_finder.c). */
#define CUT_SHARE 0.6

int print_touches_rim(const struct foot_print *print)
{
    int last_row = print->grid->rows - 1, last_col = print->grid->cols - 1;

    for (int row = 0; row <= last_row; row++)
        for (int col = 0; col <= last_col; col++)
            if ((row == 0 || col == 0 || row == last_row || col == last_col) &&
                print_cell_kpa(print, row, col) > (double)contact_above(print->threshold_kpa))
                return 1;
    return 0;
}

static int clamp(int i, int low, int high)
{
    return i < low ? low : i > high ? high : i;
}

struct rim_cut print_rim_cut(const struct foot_print *print, const struct foot_frame *frame)
{
    int last_row = print->grid->rows - 1, last_col = print->grid->cols - 1;
    struct rim_cut cut = {INFINITY, -INFINITY};

    for (int row = 0; row <= last_row; row++)
        for (int col = 0; col <= last_col; col++) {
            int in_row = clamp(row, 1, last_row - 1), in_col = clamp(col, 1, last_col - 1);
            double kpa = print_cell_kpa(print, row, col), u;

            if ((in_row == row && in_col == col) ||
                kpa <= (double)contact_above(print->threshold_kpa) ||
                kpa < CUT_SHARE * print_cell_kpa(print, in_row, in_col))
                continue;
            u = foot_frame_to_uv(frame, grid_centre(print->grid, row, col)).u;
            cut.from_u = fmin(cut.from_u, u);
            cut.to_u = fmax(cut.to_u, u);
        }
    return cut;
}

double ridge_u(const struct sole_lattice *fine)
{
    double most = 0, at = 0;

    for (double u = 0.55; u < 0.98; u += 0.005) {
        double sum = 0;

        for (double v = 0.2; v < 0.71; v += 0.05)
            sum += sole_lattice_at(fine, (struct uv){u, v});
        if (sum > most) {
            most = sum;
            at = u;
        }
    }
    return at;
}

int ridge_is_cut_short(const struct foot_print *print, const struct sole_lattice *fine)
{
    return ridge_u(fine) > RIDGE_U_MAX && !print_touches_rim(print);
}

int print_is_cut_short(const struct foot_print *print, const struct foot_frame *frame, double *u)
{
    struct sole_lattice raw, fine;

    sole_lattice_read(&raw, print, frame);
    sole_lattice_blur(&fine, &raw, frame, RIDGE_FINE_MM * frame->length_mm / 250);
    *u = ridge_u(&fine);
    return ridge_is_cut_short(print, &fine);
}
