/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/print_reader.h"

#include <math.h>

double print_cell_kpa(const struct foot_print *print, int row, int col)
{
    size_t i = (size_t)row * (size_t)print->grid->cols + (size_t)col;

    if (row < 0 || col < 0 || row >= print->grid->rows || col >= print->grid->cols ||
        print->label[i] != print->value)
        return 0;
    return (double)print->picture[i];
}

double print_kpa(const struct foot_print *print, const struct foot_frame *frame, struct uv place)
{
    const struct grid *grid = print->grid;
    struct point at = foot_frame_to_plate(frame, place);
    double x = at.x_mm / grid->pitch_x_mm - 0.5, y = at.y_mm / grid->pitch_y_mm - 0.5;
    int col = (int)floor(x), row = (int)floor(y);
    double fx = x - col, fy = y - row;
    double rear =
        print_cell_kpa(print, row, col) * (1 - fx) + print_cell_kpa(print, row, col + 1) * fx;
    double front = print_cell_kpa(print, row + 1, col) * (1 - fx) +
                   print_cell_kpa(print, row + 1, col + 1) * fx;

    return rear * (1 - fy) + front * fy;
}

double print_smooth_kpa(const struct foot_print *print, const struct foot_frame *frame,
                        struct uv place)
{
    double du = 4 / frame->length_mm, dv = 4 / foot_frame_width_mm(frame, place.u);
    double sum = 0, weights = 0;

    for (int i = -1; i <= 1; i++)
        for (int j = -1; j <= 1; j++) {
            double weight = (i ? 0.5 : 1) * (j ? 0.5 : 1);

            sum +=
                weight * print_kpa(print, frame, (struct uv){place.u + i * du, place.v + j * dv});
            weights += weight;
        }
    return sum / weights;
}
