/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/print/print_cells.h"
#include "analysis/contact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How many cells a lower threshold may let the foot grow by: a skirt, not its neighbour. */
#define GROW_CELLS 2
#define MARGIN (GROW_CELLS + 2)
/* A toe is one cell wide on cells wider than this. */
#define THIN_PITCH_MM 6.0
#define THIN_CELLS 3
/* A place on the border of two cells belongs to both, however it is rounded. */
#define ROUNDING 1e-7

struct window {
    int row0, col0, row1, col1; /* inclusive */
};

/* The mask's bounds; 0 when it is empty. */
static int find_window(const struct print_input *input, struct window *w)
{
    const struct grid *grid = input->grid;

    *w = (struct window){grid->rows, grid->cols, -1, -1};
    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            if (!(input->mask[(size_t)row * (size_t)grid->cols + (size_t)col] > 0))
                continue;
            w->row0 = row < w->row0 ? row : w->row0;
            w->row1 = row;
            w->col0 = col < w->col0 ? col : w->col0;
            w->col1 = col > w->col1 ? col : w->col1;
        }
    w->row0 -= MARGIN;
    w->col0 -= MARGIN;
    w->row1 += MARGIN;
    w->col1 += MARGIN;
    return w->row1 > w->row0 + 2 * MARGIN - 1;
}

static void set_frame(struct print_cells *cells, const struct print_input *input)
{
    const struct grid *grid = input->grid;
    double angle = input->frame->angle_deg * M_PI / 180;
    double sign = input->frame->side == SIDE_LEFT ? -1 : 1;

    cells->half_t[0] = sin(angle) * grid->pitch_x_mm / 2;
    cells->half_t[1] = cos(angle) * grid->pitch_y_mm / 2;
    cells->half_s[0] = sign * cos(angle) * grid->pitch_x_mm / 2;
    cells->half_s[1] = -sign * sin(angle) * grid->pitch_y_mm / 2;
    cells->along_mm = 2 * (fabs(cells->half_t[0]) + fabs(cells->half_t[1]));
    cells->across_mm = 2 * (fabs(cells->half_s[0]) + fabs(cells->half_s[1]));
    cells->cell_cm2 = grid_cell_cm2(grid);
    cells->length_mm = input->frame->length_mm;
    cells->has_thin = grid->pitch_x_mm <= THIN_PITCH_MM && grid->pitch_y_mm <= THIN_PITCH_MM;
}

static void set_cell(struct print_cells *cells, const struct print_input *input,
                     const struct guide_lines *lines, int row, int col, struct print_cell *cell)
{
    const struct grid *grid = input->grid;
    struct point at = grid_centre(grid, row, col);
    struct uv place = foot_frame_to_uv(input->frame, at);
    double dx = at.x_mm - input->frame->heel.x_mm, dy = at.y_mm - input->frame->heel.y_mm;
    size_t i = (size_t)row * (size_t)grid->cols + (size_t)col;

    /* In half cells: the same two vectors as the cell's own sides. */
    dx /= grid->pitch_x_mm / 2;
    dy /= grid->pitch_y_mm / 2;
    cell->t = dx * cells->half_t[0] + dy * cells->half_t[1];
    cell->s = dx * cells->half_s[0] + dy * cells->half_s[1];
    cell->toe_t = guide_toe_u(lines, place.v) * input->frame->length_mm;
    if (row < 0 || col < 0 || row >= grid->rows || col >= grid->cols)
        return;
    cell->kpa = input->picture[i] > 0 ? input->picture[i] : 0;
    cell->of_foot = input->mask[i] > 0;
}

/* A lower threshold lets the print grow into cells about it, unless they are in contact already:
 * those are another foot's or nobody's. */
static void grow(struct print_cells *cells, double threshold_kpa)
{
    float above = contact_above(threshold_kpa);
    size_t n = (size_t)cells->rows * (size_t)cells->cols;

    for (int step = 0; step < GROW_CELLS; step++) {
        for (size_t i = 0; i < n; i++)
            cells->contact[i] = cells->cell[i].of_foot;
        for (int row = 1; row < cells->rows - 1; row++)
            for (int col = 1; col < cells->cols - 1; col++) {
                size_t i = (size_t)row * (size_t)cells->cols + (size_t)col;
                int near = 0;

                for (int r = -1; r <= 1; r++)
                    for (int c = -1; c <= 1; c++)
                        near |= cells->contact[i + (size_t)(r * cells->cols + c)];
                if (near && cells->cell[i].kpa > 0 && !(cells->cell[i].kpa > above))
                    cells->cell[i].of_foot = 1;
            }
    }
}

int print_cells_make(struct print_cells *cells, const struct print_input *input,
                     struct problem *why)
{
    struct guide_lines template_lines;
    const struct guide_lines *lines = input->lines;
    struct landmarks landmarks;
    struct window w;
    size_t n;

    *cells = (struct print_cells){0};
    if (!find_window(input, &w))
        return 0;
    if (!lines) {
        landmarks = landmarks_template();
        template_lines = guide_lines_from(&landmarks);
        lines = &template_lines;
    }
    n = (size_t)(w.row1 - w.row0 + 1) * (size_t)(w.col1 - w.col0 + 1);
    cells->cell = calloc(n, sizeof *cells->cell);
    cells->contact = calloc(n, 1);
    if (!cells->cell || !cells->contact) {
        print_cells_free(cells);
        return problem_no_memory(why, "the cells of a footprint");
    }
    cells->rows = w.row1 - w.row0 + 1;
    cells->cols = w.col1 - w.col0 + 1;
    set_frame(cells, input);
    for (int row = 0; row < cells->rows; row++)
        for (int col = 0; col < cells->cols; col++)
            set_cell(cells, input, lines, w.row0 + row, w.col0 + col,
                     &cells->cell[(size_t)row * (size_t)cells->cols + (size_t)col]);
    grow(cells, input->threshold_kpa);
    print_cells_touch(cells, input->threshold_kpa);
    return 0;
}

void print_cells_free(struct print_cells *cells)
{
    free(cells->cell);
    free(cells->contact);
    *cells = (struct print_cells){0};
}

void print_cells_touch(struct print_cells *cells, double threshold_kpa)
{
    float above = contact_above(threshold_kpa);

    for (size_t i = 0; i < (size_t)cells->rows * (size_t)cells->cols; i++)
        cells->contact[i] = cells->cell[i].of_foot && cells->cell[i].kpa > above;
}

/* A turned rectangle's area over t is a trapezoid: flat in the middle, with ramps as wide as the
 * shorter of its two extents. */
double print_cell_below(const struct print_cells *cells, const struct print_cell *cell,
                        double border)
{
    double a = fabs(cells->half_t[0]), b = fabs(cells->half_t[1]);
    double low = a < b ? a : b, high = a < b ? b : a, d = border - cell->t, rest;

    if (fabs(d) >= low + high)
        return d > 0;
    if (fabs(d) <= high - low)
        return 0.5 + d / (2 * high);
    rest = low + high - fabs(d);
    rest = rest * rest / (8 * low * high); /* the corner beyond |d| */
    return d > 0 ? 1 - rest : rest;
}

int print_cell_is_thin(const struct print_cells *cells, size_t i)
{
    int n = 0;

    if (!cells->has_thin)
        return 0;
    for (int r = -1; r <= 1; r++)
        for (int c = -1; c <= 1; c++)
            n += cells->contact[i + (size_t)(r * cells->cols + c)];
    return n <= THIN_CELLS;
}

/* The cell is all centre + a h0 + b h1 with |a|, |b| <= 1; at t one of them follows from the
 * other, and s is linear in what is left. */
int print_cell_chord(const struct print_cells *cells, const struct print_cell *cell, double t,
                     double *s0, double *s1)
{
    int solved = fabs(cells->half_t[1]) >= fabs(cells->half_t[0]); /* the side more along t */
    double free_t = cells->half_t[!solved], free_s = cells->half_s[!solved];
    double solved_t = cells->half_t[solved], solved_s = cells->half_s[solved];
    double d = t - cell->t, low = -1, high = 1, slope, at_zero;

    if (fabs(free_t) > 1e-12) {
        double p = (d - solved_t) / free_t, q = (d + solved_t) / free_t;

        low = fmax(low, fmin(p, q));
        high = fmin(high, fmax(p, q));
    } else if (fabs(d) > fabs(solved_t) + ROUNDING) {
        return 0;
    }
    if (low > high + ROUNDING)
        return 0;
    at_zero = cell->s + d / solved_t * solved_s;
    slope = free_s - free_t / solved_t * solved_s;
    *s0 = at_zero + fmin(low * slope, high * slope);
    *s1 = at_zero + fmax(low * slope, high * slope);
    return 1;
}
