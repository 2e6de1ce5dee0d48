/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/print/print_edges.h"

#include <math.h>
#include <stdlib.h>

#define STEP_MM 1.0
#define STEPS_A_CELL 20 /* at most, for cells so large that 1 mm says nothing of them */
#define SERIES 7
#define ROUNDING_MM 1e-7
#define TANGENT_ROUNDS 8

static size_t cell_count(const struct print_cells *cells)
{
    return (size_t)cells->rows * (size_t)cells->cols;
}

/* fmin is a call into the library, and these loops run once a cell of every reading. */
static double lesser(double a, double b)
{
    return a < b ? a : b;
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

        if (!cells->contact[i])
            continue;
        int is_toe = cell->t - reach >= cell->toe_t;
        double front = lesser(cell->t + reach, cell->toe_t);

        /* Few cells stick out of those before; only these are looked at with their neighbours. */
        if (cell->t + reach <= thirds->tip &&
            (is_toe || (cell->t - reach >= rear && front <= fore)))
            continue;
        if (print_cell_is_thin(cells, i))
            continue;
        thirds->tip = -lesser(-thirds->tip, -(cell->t + reach));
        if (is_toe)
            continue;
        rear = lesser(rear, cell->t - reach);
        fore = -lesser(-fore, -front);
    }
    thirds->rear = rear < fore ? rear : NAN;
    thirds->fore = rear < fore ? fore : NAN;
}

/* print_cell_below, at once for a cell that lies before or behind the border as a whole. */
static double below(const struct print_cells *cells, const struct print_cell *cell, double border)
{
    double d = border - cell->t, reach = cells->along_mm / 2;

    if (d >= reach || d <= -reach)
        return d > 0;
    return print_cell_below(cells, cell, border);
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
        rear = below(cells, cell, lesser(thirds->border[0], cell->toe_t));
        middle = below(cells, cell, lesser(thirds->border[1], cell->toe_t));
        all = below(cells, cell, cell->toe_t);
        thirds->area_cm2[0] += rear * cells->cell_cm2;
        thirds->area_cm2[1] += (middle - rear) * cells->cell_cm2;
        thirds->area_cm2[2] += (all - middle) * cells->cell_cm2;
    }
}

/* A cell's chords, bin by bin; behind the last one stands one that is empty. */
static void set_chords(struct print_edges *edges, const struct print_cells *cells, size_t i)
{
    const struct print_cell *cell = &cells->cell[i];
    struct print_chord *chord = edges->chords + i * edges->per_cell, *begin = chord;
    double from = cell->t - cells->along_mm / 2 - edges->t0 - ROUNDING_MM;
    size_t bin = from > 0 ? (size_t)ceil(from / edges->step) : 0;

    edges->first_bin[i] = bin;
    for (; bin < edges->n && chord < begin + edges->per_cell - 1; bin++) {
        double t = edges->t0 + (double)bin * edges->step;

        if (t > cell->t + cells->along_mm / 2 + ROUNDING_MM)
            break;
        if (print_cell_chord(cells, cell, t, &chord->s0, &chord->s1))
            chord++;
        else if (chord == begin)
            edges->first_bin[i] = bin + 1;
        else
            break; /* a cell is convex: it ends here */
    }
    *chord = (struct print_chord){1, 0};
}

static int make_chords(struct print_edges *edges, const struct print_cells *cells,
                       struct problem *why)
{
    size_t n = cell_count(cells);

    edges->per_cell = (size_t)(cells->along_mm / edges->step) + 3;
    edges->first_bin = malloc(n * sizeof *edges->first_bin);
    edges->chords = malloc(n * edges->per_cell * sizeof *edges->chords);
    if (!edges->first_bin || !edges->chords)
        return problem_no_memory(why, "the edges of a footprint");
    for (size_t i = 0; i < n; i++)
        set_chords(edges, cells, i);
    return 0;
}

int print_edges_make(struct print_edges *edges, const struct print_cells *cells,
                     struct problem *why)
{
    double t0 = INFINITY, t1 = -INFINITY;
    double *room;

    *edges = (struct print_edges){.step = fmax(STEP_MM, cells->along_mm / STEPS_A_CELL)};
    if (!cells->cell)
        return 0;
    for (size_t i = 0; i < cell_count(cells); i++) {
        t0 = fmin(t0, cells->cell[i].t - cells->along_mm);
        t1 = fmax(t1, cells->cell[i].t + cells->along_mm);
    }
    edges->t0 = (floor(t0 / edges->step) + 0.5) *
                edges->step; /* cells that begin at the heel end between bins */
    edges->n = (size_t)((t1 - edges->t0) / edges->step) + 2;
    edges->half = (size_t)(cells->along_mm / edges->step / 2 + 0.5);
    /* Zeros on both sides of what is smoothed stay there. */
    room = calloc((SERIES + 3) * edges->n + 4 * edges->half, sizeof *room);
    if (!room)
        return problem_no_memory(why, "the edges of a footprint");
    edges->inner = room;
    edges->outer = room + edges->n;
    edges->toe_inner = room + 2 * edges->n;
    edges->width = room + 3 * edges->n;
    edges->smooth_inner = room + 4 * edges->n;
    edges->smooth_outer = room + 5 * edges->n;
    edges->smooth_toe = room + 6 * edges->n;
    edges->padded = room + SERIES * edges->n;
    if (!make_chords(edges, cells, why))
        return 0;
    print_edges_free(edges);
    return -1;
}

void print_edges_free(struct print_edges *edges)
{
    free(edges->inner);
    free(edges->first_bin);
    free(edges->chords);
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
    const struct print_chord *chord = edges->chords + i * edges->per_cell;

    for (size_t bin = edges->first_bin[i]; chord->s0 <= chord->s1; bin++, chord++) {
        if (edges->t0 + (double)bin * edges->step > cell->toe_t) {
            extend(&edges->toe_inner[bin], chord->s0, 0);
        } else {
            extend(&edges->inner[bin], chord->s0, 0);
            extend(&edges->outer[bin], chord->s1, 1);
        }
    }
}

static void add_shifted(double *restrict to, const double *restrict from, size_t n)
{
    for (size_t i = 0; i < n; i++) /* vectorised */
        to[i] += from[i];
}

/* Mean of the values within half a cell of each bin; NAN where there are none. All bins at once,
 * one neighbour after the other: the sums are those of each bin on its own, in vector code. */
static void smooth(struct print_edges *edges, const double *from, double *to)
{
    size_t n = edges->n, half = edges->half;
    double *value = edges->padded, *is_there = value + n + 2 * half,
           *count = is_there + n + 2 * half;

    for (size_t i = 0; i < n; i++) {
        value[half + i] = isnan(from[i]) ? 0 : from[i];
        is_there[half + i] = !isnan(from[i]);
        to[i] = count[i] = 0;
    }
    for (size_t k = 0; k <= 2 * half; k++) {
        add_shifted(to, value + k, n);
        add_shifted(count, is_there + k, n);
    }
    for (size_t i = 0; i < n; i++)
        to[i] = isnan(from[i]) ? NAN : to[i] / count[i];
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
    smooth(edges, edges->inner, edges->smooth_inner);
    smooth(edges, edges->outer, edges->smooth_outer);
    smooth(edges, edges->toe_inner, edges->smooth_toe);
    set_width(edges);
}

/* The first bin at or after t, at most n. */
static size_t bin_from(const struct print_edges *edges, double t)
{
    double from = floor((t - edges->t0) / edges->step);
    size_t bin = from > 0 ? (size_t)from : 0;

    while (bin < edges->n && edges->t0 + (double)bin * edges->step < t)
        bin++;
    return bin;
}

/* The edge's outermost place in [t0, t1] against a slope; side +1 looks for the least s. */
static int outermost(const struct print_edges *edges, int side, double t0, double t1, double slope,
                     struct edge_place *place)
{
    const double *edge = side > 0 ? edges->smooth_inner : edges->smooth_outer;
    double best = INFINITY;

    for (size_t i = bin_from(edges, t0); i < edges->n; i++) {
        double t = edges->t0 + (double)i * edges->step;
        double out = side * (edge[i] - slope * t);

        if (t > t1)
            break;
        if (!(out < best)) /* so no NAN */
            continue;
        best = out;
        *place = (struct edge_place){t, edge[i]};
    }
    return isfinite(best);
}

int print_edges_tangent(const struct print_edges *edges, const struct print_thirds *thirds,
                        int side, struct edge_place *heel, struct edge_place *ball)
{
    double slope = 0, last;

    for (int round = 0; round < TANGENT_ROUNDS; round++) {
        if (!outermost(edges, side, thirds->rear, thirds->border[0], slope, heel) ||
            !outermost(edges, side, thirds->border[1], thirds->fore, slope, ball))
            return 0;
        last = slope;
        slope = (ball->s - heel->s) / (ball->t - heel->t);
        if (slope == last) /* every further round would find the same */
            break;
    }
    return 1;
}
