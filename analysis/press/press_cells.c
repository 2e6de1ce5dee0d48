/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells under a stud that see nothing: masked by the calibration, or dead while it pressed. */
#include "analysis/press/press_finder_private.h"

#include <math.h>
#include <stdlib.h>

/* A cell that the base covers whole is dead when it reads less than this share of the others. */
#define DEAD_SHARE 0.2
#define LIST_CELLS_MAX 64
/* The base is stiff and presses evenly; what a missing cell had of it is off by this share of it,
 * mostly by tilt (project choice). */
#define FILLED_ERROR 0.3

struct cell_list {
    uint32_t cell[LIST_CELLS_MAX];
    double kpa[LIST_CELLS_MAX];
    int n;
};

static void add(struct cell_list *list, uint32_t cell, double kpa)
{
    if (list->n == LIST_CELLS_MAX)
        return;
    list->cell[list->n] = cell;
    list->kpa[list->n++] = kpa;
}

static double read_of(const struct trial *trial, uint32_t cell)
{
    for (int i = 0; i < trial->beside.n; i++)
        if (trial->beside.index[i] == cell)
            return (double)trial->beside.kpa[i];
    return 0;
}

static int is_covered(const struct grid *grid, const struct trial *trial, int row, int col)
{
    double half_mm = 5 * sqrt(trial->said.footprint_cm2);
    struct point centre = grid_centre(grid, row, col);

    return fabs(centre.x_mm - trial->said.stud.x_mm) + grid->pitch_x_mm / 2 <= half_mm &&
           fabs(centre.y_mm - trial->said.stud.y_mm) + grid->pitch_y_mm / 2 <= half_mm;
}

/* Those that are masked, and those others that the base covers whole. */
static void list_cells(const struct grid *grid, const struct trial *trial, const uint8_t *masked,
                       struct cell_list *blind, struct cell_list *whole)
{
    for (int row = trial->window.row0; row <= trial->window.row1; row++)
        for (int col = trial->window.col0; col <= trial->window.col1; col++) {
            uint32_t cell = (uint32_t)row * (uint32_t)grid->cols + (uint32_t)col;
            if (masked && masked[cell])
                add(blind, cell, 0);
            else if (is_covered(grid, trial, row, col))
                add(whole, cell, read_of(trial, cell));
        }
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Whole cells read alike; those that read nothing are dead. */
static int add_dead(const struct cell_list *whole, struct cell_list *blind)
{
    double reads[LIST_CELLS_MAX];
    int dead = 0;

    if (whole->n < 3)
        return 0;
    for (int i = 0; i < whole->n; i++)
        reads[i] = whole->kpa[i];
    qsort(reads, (size_t)whole->n, sizeof *reads, compare_doubles);
    for (int i = 0; i < whole->n; i++)
        if (whole->kpa[i] < DEAD_SHARE * reads[whole->n / 2]) {
            add(blind, whole->cell[i], 0);
            dead++;
        }
    return dead;
}

struct blind_cells press_cells_blind(const struct grid *grid, const struct trial *trial,
                                     const uint8_t *masked)
{
    const struct press_annotation *said = &trial->said;
    struct cell_list blind = {0}, whole = {0};
    struct blind_cells cells = {0};

    if (!said->stud_known || said->tool_kind != TOOL_SINGLE)
        return cells;
    list_cells(grid, trial, masked, &blind, &whole);
    cells.dead = trial->beside.n ? add_dead(&whole, &blind) : 0;
    cells.of_base = stud_share_on(grid, said->stud, said->footprint_cm2, blind.cell, blind.n);
    cells.of_tip = stud_share_on(grid, said->stud, said->tip_cm2, blind.cell, blind.n);
    cells.beyond = stud_unseen_share(grid, said->stud, said->footprint_cm2, NULL);
    return cells;
}

int press_cells_can_fill(const struct blind_cells *cells)
{
    return cells->of_base <= BLIND_BASE_MOST && cells->of_tip <= BLIND_TIP_MOST;
}

double press_cells_error(const struct blind_cells *cells)
{
    return FILLED_ERROR * cells->of_base / (1 - fmin(cells->of_base, 0.99));
}

void press_cells_fill(const struct grid *grid, struct trial *trial, const uint8_t *masked)
{
    struct blind_cells cells = press_cells_blind(grid, trial, masked);

    if (!(cells.of_base > 0) || !press_cells_can_fill(&cells))
        return;
    for (size_t i = 0; i < trial->series.n; i++)
        trial->series.samples[i].kpa /= 1 - cells.of_base;
}
