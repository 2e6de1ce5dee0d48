/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A step's print as a little plate of its own. */
#include "analysis/walk/walk_private.h"

#include <math.h>
#include <stdlib.h>

#define MARGIN_MM 25.0 /* cells about the print say where nothing touched */

void step_print_free(struct step_print *print)
{
    free(print->picture);
    free(print->mask);
    free(print->label);
    free(print->cells);
    *print = (struct step_print){0};
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* The window with its margin, in ground cells; where no belt moves it ends at the plate's rim,
 * because what lies beyond is not known. */
static void place(const struct grid *plate, const struct walk_step *step, int fixed,
                  struct step_print *print, int *row0, int *col0)
{
    const struct contact_window *w = &step->picture;
    int rows = (int)(MARGIN_MM / plate->pitch_y_mm) + 1;
    int cols = (int)(MARGIN_MM / plate->pitch_x_mm) + 1;
    int row1 = w->row0 + w->rows + rows, col1 = w->col0 + w->cols + cols;

    *row0 = w->row0 - rows;
    *col0 = w->col0 - cols;
    if (fixed) {
        *row0 = clamp(*row0, 0, plate->rows);
        *col0 = clamp(*col0, 0, plate->cols);
        row1 = clamp(row1, 0, plate->rows);
        col1 = clamp(col1, 0, plate->cols);
    }
    print->grid = (struct grid){row1 - *row0, col1 - *col0, plate->pitch_x_mm, plate->pitch_y_mm};
    print->origin = (struct point){*col0 * plate->pitch_x_mm, *row0 * plate->pitch_y_mm};
}

/* The rectangle with the same second moments. */
static void shape_of(struct step_print *print)
{
    double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0, middle, spread;
    double px = print->grid.pitch_x_mm, py = print->grid.pitch_y_mm;

    for (size_t i = 0; i < print->n_cells; i++) {
        const struct fit_cell *cell = &print->cells[i];

        if (!cell->contact)
            continue;
        n++;
        x += (double)cell->x_mm;
        y += (double)cell->y_mm;
        xx += (double)cell->x_mm * (double)cell->x_mm;
        yy += (double)cell->y_mm * (double)cell->y_mm;
        xy += (double)cell->x_mm * (double)cell->y_mm;
    }
    x /= n;
    y /= n;
    xx = xx / n - x * x + px * px / 12;
    yy = yy / n - y * y + py * py / 12;
    xy = xy / n - x * y;
    middle = (xx + yy) / 2;
    spread = hypot((xx - yy) / 2, xy);
    print->shape = (struct print){
        .n = (size_t)n,
        .area_cm2 = n * grid_cell_cm2(&print->grid),
        .length_mm = sqrt(12 * (middle + spread)),
        .width_mm = sqrt(12 * fmax(middle - spread, px * py / 12)),
        .angle_deg = 90 / M_PI * atan2(2 * xy, yy - xx),
        .centre = {x, y},
    };
}

static void fill(struct step_print *print, const struct contact_window *w, int row0, int col0)
{
    for (int row = 0; row < print->grid.rows; row++)
        for (int col = 0; col < print->grid.cols; col++) {
            struct point at = grid_centre(&print->grid, row, col);
            int r = row + row0 - w->row0, c = col + col0 - w->col0;
            int inside = r >= 0 && c >= 0 && r < w->rows && c < w->cols;
            float kpa = inside ? w->maximum[(size_t)r * (size_t)w->cols + (size_t)c] : 0;
            size_t i = (size_t)row * (size_t)print->grid.cols + (size_t)col;

            print->picture[i] = kpa;
            print->label[i] = kpa > 0;
            print->mask[i] = kpa > 0;
            print->cells[print->n_cells++] =
                (struct fit_cell){(float)at.x_mm, (float)at.y_mm, kpa > 0};
        }
}

int step_print_make(const struct grid *plate, int fixed, const struct walk_step *step,
                    struct step_print *print, struct problem *why)
{
    int row0, col0;
    size_t cells;

    *print = (struct step_print){0};
    place(plate, step, fixed, print, &row0, &col0);
    cells = grid_cells(&print->grid);
    print->picture = malloc(cells * sizeof *print->picture);
    print->mask = malloc(cells * sizeof *print->mask);
    print->label = malloc(cells);
    print->cells = malloc(cells * sizeof *print->cells);
    if (!print->picture || !print->mask || !print->label || !print->cells) {
        step_print_free(print);
        return problem_no_memory(why, "a step's print");
    }
    fill(print, &step->picture, row0, col0);
    shape_of(print);
    return 0;
}
