/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/foot_split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DIRECTIONS 48
#define BINS 512

/* Costs are squared deviations in units of what is usual, so that about 10 is "hardly". */
#define COST_OF_PARTING 2.0
#define CUT_USUAL_MM 15.0

struct moments {
    double n, x, y, xx, xy, yy, border;
};

struct bin {
    struct moments moments;
    double weight;
};

struct splitter {
    const struct grid *grid;
    double cell_cm2;
    struct bin *bins; /* BINS */
};

struct cut {
    double cost, nx, ny, offset; /* cells with nx x + ny y < offset are the first part */
};

static void add_moments(struct moments *to, const struct moments *from, double sign)
{
    to->n += sign * from->n;
    to->x += sign * from->x;
    to->y += sign * from->y;
    to->xx += sign * from->xx;
    to->xy += sign * from->xy;
    to->yy += sign * from->yy;
    to->border += sign * from->border;
}

static void add_cell(struct moments *to, const struct contact_cell *cell)
{
    const struct moments one = {1,
                                cell->x_mm,
                                cell->y_mm,
                                cell->x_mm * cell->x_mm,
                                cell->x_mm * cell->y_mm,
                                cell->y_mm * cell->y_mm,
                                cell->on_border};

    add_moments(to, &one, 1);
}

static double square(double x)
{
    return x * x;
}

/* How far x lies outside low..high, in units of `usual`, squared. */
static double outside(double x, double low, double high, double usual)
{
    return x < low ? square((low - x) / usual) : x > high ? square((x - high) / usual) : 0;
}

/* The rectangle with the same area moments; the cell's own extent is part of it. */
static void measure(const struct splitter *s, const struct moments *m, struct print *print)
{
    double mx = m->x / m->n, my = m->y / m->n;
    double xx = m->xx / m->n - mx * mx + square(s->grid->pitch_x_mm) / 12;
    double yy = m->yy / m->n - my * my + square(s->grid->pitch_y_mm) / 12;
    double xy = m->xy / m->n - mx * my;
    double mean = (xx + yy) / 2, spread = hypot((xx - yy) / 2, xy);

    print->centre = (struct point){mx, my};
    print->area_cm2 = m->n * s->cell_cm2;
    print->length_mm = sqrt(12 * (mean + spread));
    print->width_mm = sqrt(12 * fmax(mean - spread, 0));
    print->angle_deg = 0.5 * atan2(2 * xy, yy - xx) * 180 / M_PI;
    print->on_border = (int)m->border;
}

/* How unlike a foot: length, width, their ratio and how well the rectangle is filled (a foot's ends
 * and waist leave corners free: 0.6 to 0.95; a box fills it, an ellipse more than fills it). A
 * print cut by the border may be a part of a foot, of any ratio. */
static double unlikeness(const struct print *print)
{
    double ratio = print->length_mm / fmax(print->width_mm, 1);
    double fill = print->area_cm2 * 100 / fmax(print->length_mm * print->width_mm, 1);
    double low_ratio = print->on_border >= PRINT_CUT_CELLS ? 1.0 : 2.3;
    double cost = outside(print->length_mm, 110, 300, 15) + outside(print->width_mm, 38, 112, 9) +
                  outside(log(ratio), log(low_ratio), log(3.9), 0.12) +
                  outside(fill, 0.4, INFINITY, 0.1) + outside(fill, 0, 0.97, 0.008);

    return print->area_cm2 < PRINT_AREA_MIN_CM2 ? cost + PRINT_UNLIKE : cost;
}

/* A part may also be left as a thing that is no foot, at a price. */
static double part_cost(const struct print *print)
{
    double as_thing = print->area_cm2 < PRINT_AREA_MIN_CM2 ? PRINT_UNLIKE : 2 * PRINT_UNLIKE;

    return fmin(print->unlikeness, as_thing);
}

static void describe(const struct splitter *s, const struct moments *m, struct print *print)
{
    measure(s, m, print);
    print->unlikeness = unlikeness(print);
}

/* Two feet of one person are alike and point about the same way. */
static double difference_cost(const struct print *a, const struct print *b)
{
    double turn = fabs(a->angle_deg - b->angle_deg);

    if (a->unlikeness > PRINT_UNLIKE || b->unlikeness > PRINT_UNLIKE)
        return 0;
    turn = fmin(turn, 180 - turn);
    return fmin(square(log(a->length_mm / b->length_mm) / 0.15), 6) +
           fmin(square(log(a->area_cm2 / b->area_cm2) / 0.5), 6) + fmin(square(turn / 45), 4);
}

static void fill_bins(const struct splitter *s, const struct contact_cell *cells, size_t n,
                      const struct cut *direction, double low, double width)
{
    memset(s->bins, 0, BINS * sizeof *s->bins);
    for (size_t i = 0; i < n; i++) {
        double at = direction->nx * cells[i].x_mm + direction->ny * cells[i].y_mm;
        struct bin *bin = &s->bins[(int)((at - low) / width)];

        add_cell(&bin->moments, &cells[i]);
        bin->weight += cells[i].weight;
    }
}

/* Length of contact that a cut at the lower edge of bin k runs through, mm, weighed by pressure. */
static double cut_length_mm(const struct splitter *s, int k, int reach, double width)
{
    double weight = 0;

    for (int i = k - reach; i < k + reach; i++)
        if (i >= 0 && i < BINS)
            weight += s->bins[i].weight;
    return weight * s->cell_cm2 * 100 / (2 * reach * width);
}

static void try_cuts(const struct splitter *s, const struct moments *all, struct cut here,
                     double low, double width, struct cut *best)
{
    double cell_mm = fabs(here.nx) * s->grid->pitch_x_mm + fabs(here.ny) * s->grid->pitch_y_mm;
    int reach = (int)fmax(1, cell_mm / 2 / width + 0.5);
    struct moments first = {0};

    for (int k = 1; k < BINS; k++) {
        struct moments rest = *all;
        struct print a, b;

        add_moments(&first, &s->bins[k - 1].moments, 1);
        add_moments(&rest, &first, -1);
        if (first.n < 1)
            continue;
        if (rest.n < 1)
            return;
        describe(s, &first, &a);
        describe(s, &rest, &b);
        here.cost = part_cost(&a) + part_cost(&b) + COST_OF_PARTING + difference_cost(&a, &b);
        if (here.cost >= best->cost)
            continue;
        here.cost += square(cut_length_mm(s, k, reach, width) / CUT_USUAL_MM);
        if (here.cost < best->cost) {
            *best = here;
            best->offset = low + k * width;
        }
    }
}

static struct cut best_cut(const struct splitter *s, const struct contact_cell *cells, size_t n,
                           const struct moments *all, double limit)
{
    struct cut best = {.cost = limit};

    for (int d = 0; d < DIRECTIONS; d++) {
        double angle = M_PI * d / DIRECTIONS;
        struct cut here = {INFINITY, cos(angle), sin(angle), 0};
        double low = INFINITY, high = -INFINITY, width;

        for (size_t i = 0; i < n; i++) {
            double at = here.nx * cells[i].x_mm + here.ny * cells[i].y_mm;

            low = fmin(low, at);
            high = fmax(high, at);
        }
        width = fmax((high - low) / (BINS - 1), fmin(s->grid->pitch_x_mm, s->grid->pitch_y_mm) / 2);
        low -= width / 4; /* so that no cell lies on the edge of a bin */
        fill_bins(s, cells, n, &here, low, width);
        try_cuts(s, all, here, low, width, &best);
    }
    return best;
}

/* Moves the cells of the first part to the front; returns how many. */
static size_t part(struct contact_cell *cells, size_t n, const struct cut *cut)
{
    size_t first = 0;

    for (size_t i = 0; i < n; i++) {
        struct contact_cell cell = cells[i];

        if (cut->nx * cell.x_mm + cut->ny * cell.y_mm < cut->offset) {
            cells[i] = cells[first];
            cells[first++] = cell;
        }
    }
    return first;
}

/* The print of cells[first ... first + n) with its moments. */
static struct moments describe_range(const struct splitter *s, const struct contact_cell *cells,
                                     size_t first, size_t n, struct print *print)
{
    struct moments all = {0};

    *print = (struct print){.first = first, .n = n};
    for (size_t i = 0; i < n; i++)
        add_cell(&all, &cells[first + i]);
    describe(s, &all, print);
    return all;
}

static int split(const struct splitter *s, struct contact_cell *cells, size_t first, size_t n,
                 struct print prints[PRINTS_MAX], int count)
{
    struct print whole;
    struct moments all = describe_range(s, cells, first, n, &whole);
    struct cut cut = best_cut(s, cells + first, n, &all, part_cost(&whole));
    size_t n_a;

    if (cut.cost >= part_cost(&whole) || count + 1 >= PRINTS_MAX) {
        prints[count] = whole;
        return count + 1;
    }
    n_a = part(cells + first, n, &cut);
    count = split(s, cells, first, n_a, prints, count);
    if (count == PRINTS_MAX)
        return count;
    return split(s, cells, first + n_a, n - n_a, prints, count);
}

void foot_split_describe(const struct grid *grid, const struct contact_cell *cells, size_t first,
                         size_t n, struct print *print)
{
    const struct splitter s = {grid, grid_cell_cm2(grid), NULL};

    describe_range(&s, cells, first, n, print);
}

static int splitter_begin(struct splitter *s, const struct grid *grid, struct problem *why)
{
    *s = (struct splitter){grid, grid_cell_cm2(grid), malloc(BINS * sizeof *s->bins)};
    return s->bins ? 0 : problem_no_memory(why, "the parting of feet");
}

int foot_split(const struct grid *grid, struct contact_cell *cells, size_t n,
               struct print prints[PRINTS_MAX], struct problem *why)
{
    struct splitter s;
    int count;

    if (splitter_begin(&s, grid, why))
        return -1;
    count = n ? split(&s, cells, 0, n, prints, 0) : 0;
    free(s.bins);
    return count;
}

int foot_split_in_two(const struct grid *grid, struct contact_cell *cells,
                      const struct print *print, struct print *a, struct print *b,
                      struct problem *why)
{
    struct splitter s;
    struct moments all;
    struct cut cut;
    size_t first = print->first, n = print->n, n_a;

    if (splitter_begin(&s, grid, why))
        return -1;
    all = describe_range(&s, cells, first, n, a);
    cut = best_cut(&s, cells + first, n, &all, INFINITY);
    n_a = isfinite(cut.cost) ? part(cells + first, n, &cut) : 0;
    if (n_a) {
        describe_range(&s, cells, first, n_a, a);
        describe_range(&s, cells, first + n_a, n - n_a, b);
    }
    free(s.bins);
    return n_a ? 0 : 1;
}
