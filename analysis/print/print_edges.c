/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/print/print_edges.h"

#include <math.h>
#include <stdlib.h>

#define STEP_MM 1.0
#define SERIES 7
#define ROUNDING_MM 1e-7
#define TANGENT_ROUNDS 8

static size_t cell_count(const struct print_cells *cells)
{
    return (size_t)cells->rows * (size_t)cells->cols;
}

/* Half a cell along the axis: its sides by the squares of their direction, so that a square cell is
 * as long however it is turned (its corners stick out further, but a rim is not made of corners).
 */
static double half_cell(const struct print_cells *cells)
{
    double a = cells->half_t[0], b = cells->half_t[1], h = cells->half_s[0], k = cells->half_s[1];
    double x = a * a + h * h, y = b * b + k * k; /* squares of the half sides */

    return a * a / sqrt(x) + b * b / sqrt(y);
}

static void find_ends(const struct print_cells *cells, struct print_thirds *thirds)
{
    double rear = INFINITY, fore = -INFINITY, reach = half_cell(cells);

    thirds->tip = -INFINITY;
    for (size_t i = 0; i < cell_count(cells); i++) {
        const struct print_cell *cell = &cells->cell[i];

        if (!cells->contact[i] || print_cell_is_thin(cells, i))
            continue;
        thirds->tip = fmax(thirds->tip, cell->t + reach);
        if (cell->t - reach >= cell->toe_t)
            continue;
        rear = fmin(rear, cell->t - reach);
        fore = fmax(fore, fmin(cell->t + reach, cell->toe_t));
    }
    thirds->rear = rear < fore ? rear : NAN;
    thirds->fore = rear < fore ? fore : NAN;
}

void print_thirds_find(const struct print_cells *cells, struct print_thirds *thirds)
{
    *thirds = (struct print_thirds){0};
    find_ends(cells, thirds);
    if (isnan(thirds->rear))
        return;
    for (int i = 0; i < 2; i++)
        thirds->border[i] = thirds->rear + (i + 1) * (thirds->fore - thirds->rear) / 3;
    for (size_t i = 0; i < cell_count(cells); i++) {
        const struct print_cell *cell = &cells->cell[i];
        double rear, middle, all;

        if (!cells->contact[i])
            continue;
        rear = print_cell_below(cells, cell, fmin(thirds->border[0], cell->toe_t));
        middle = print_cell_below(cells, cell, fmin(thirds->border[1], cell->toe_t));
        all = print_cell_below(cells, cell, cell->toe_t);
        thirds->area_cm2[0] += rear * cells->cell_cm2;
        thirds->area_cm2[1] += (middle - rear) * cells->cell_cm2;
        thirds->area_cm2[2] += (all - middle) * cells->cell_cm2;
    }
}

int print_edges_make(struct print_edges *edges, const struct print_cells *cells,
                     struct problem *why)
{
    double t0 = INFINITY, t1 = -INFINITY;
    double *room;

    *edges = (struct print_edges){.step = STEP_MM};
    if (!cells->cell)
        return 0;
    for (size_t i = 0; i < cell_count(cells); i++) {
        t0 = fmin(t0, cells->cell[i].t - cells->along_mm);
        t1 = fmax(t1, cells->cell[i].t + cells->along_mm);
    }
    edges->t0 = floor(t0) + STEP_MM / 2; /* cells that begin at the heel end between bins */
    edges->n = (size_t)((t1 - edges->t0) / STEP_MM) + 2;
    room = malloc(SERIES * edges->n * sizeof *room);
    if (!room)
        return problem_no_memory(why, "the edges of a footprint");
    edges->inner = room;
    edges->outer = room + edges->n;
    edges->toe_inner = room + 2 * edges->n;
    edges->width = room + 3 * edges->n;
    edges->smooth_inner = room + 4 * edges->n;
    edges->smooth_outer = room + 5 * edges->n;
    edges->smooth_toe = room + 6 * edges->n;
    return 0;
}

void print_edges_free(struct print_edges *edges)
{
    free(edges->inner);
    *edges = (struct print_edges){0};
}

static int is_inside(const struct print_cells *cells, size_t i)
{
    size_t row = (size_t)cells->cols;

    return cells->contact[i - 1] && cells->contact[i + 1] && cells->contact[i - row] &&
           cells->contact[i + row];
}

static void extend(double *edge, double s, int outward)
{
    if (isnan(*edge) || (outward ? s > *edge : s < *edge))
        *edge = s;
}

static void trace_cell(struct print_edges *edges, const struct print_cells *cells, size_t i)
{
    const struct print_cell *cell = &cells->cell[i];
    double s0, s1;
    double from = cell->t - cells->along_mm / 2 - edges->t0 - ROUNDING_MM;
    size_t bin = from > 0 ? (size_t)ceil(from / edges->step) : 0;

    for (; bin < edges->n; bin++) {
        double t = edges->t0 + (double)bin * edges->step;

        if (t > cell->t + cells->along_mm / 2 + ROUNDING_MM)
            break;
        if (!print_cell_chord(cells, cell, t, &s0, &s1))
            continue;
        if (t > cell->toe_t) {
            extend(&edges->toe_inner[bin], s0, 0);
        } else {
            extend(&edges->inner[bin], s0, 0);
            extend(&edges->outer[bin], s1, 1);
        }
    }
}

/* Mean of the values within half a cell of each bin; NAN where there are none. */
static void smooth(const double *from, size_t n, size_t half, double *to)
{
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        int count = 0;

        for (size_t k = i > half ? i - half : 0; k <= i + half && k < n; k++)
            if (!isnan(from[k])) {
                sum += from[k];
                count++;
            }
        to[i] = count && !isnan(from[i]) ? sum / count : NAN;
    }
}

static void set_width(struct print_edges *edges)
{
    for (size_t i = 0; i < edges->n; i++) {
        double width = edges->smooth_outer[i] - edges->smooth_inner[i];

        edges->width[i] = width > 0 ? width : 0;
    }
}

void print_edges_trace(struct print_edges *edges, const struct print_cells *cells,
                       const struct print_thirds *thirds)
{
    size_t half = (size_t)(cells->along_mm / edges->step / 2 + 0.5);

    for (size_t i = 0; i < edges->n; i++)
        edges->inner[i] = edges->outer[i] = edges->toe_inner[i] = NAN;
    for (size_t i = 0; i < cell_count(cells); i++) {
        /* A seam sticks out of heel or ball; in the middle a line of cells is the foot's outer rim.
         */
        int in_middle =
            cells->cell[i].t > thirds->border[0] && cells->cell[i].t < thirds->border[1];

        if (cells->contact[i] && !is_inside(cells, i) &&
            (in_middle || !print_cell_is_thin(cells, i)))
            trace_cell(edges, cells, i);
    }
    smooth(edges->inner, edges->n, half, edges->smooth_inner);
    smooth(edges->outer, edges->n, half, edges->smooth_outer);
    smooth(edges->toe_inner, edges->n, half, edges->smooth_toe);
    set_width(edges);
}

/* The edge's outermost place in [t0, t1] against a slope; side +1 looks for the least s. */
static int outermost(const struct print_edges *edges, int side, double t0, double t1, double slope,
                     struct edge_place *place)
{
    const double *edge = side > 0 ? edges->smooth_inner : edges->smooth_outer;
    double best = INFINITY;

    for (size_t i = 0; i < edges->n; i++) {
        double t = edges->t0 + (double)i * edges->step;
        double out = side * (edge[i] - slope * t);

        if (t < t0 || t > t1 || isnan(edge[i]) || out >= best)
            continue;
        best = out;
        *place = (struct edge_place){t, edge[i]};
    }
    return isfinite(best);
}

int print_edges_tangent(const struct print_edges *edges, const struct print_thirds *thirds,
                        int side, struct edge_place *heel, struct edge_place *ball)
{
    double slope = 0;

    for (int round = 0; round < TANGENT_ROUNDS; round++) {
        if (!outermost(edges, side, thirds->rear, thirds->border[0], slope, heel) ||
            !outermost(edges, side, thirds->border[1], thirds->fore, slope, ball))
            return 0;
        slope = (ball->s - heel->s) / (ball->t - heel->t);
    }
    return 1;
}
