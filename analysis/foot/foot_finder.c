/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/foot_finder.h"
#include "analysis/contact.h"
#include "analysis/foot/finder_private.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More contact than two large feet can make, cm2. */
#define TWO_FEET_MAX_CM2 620.0
/* More contact beside the feet may be a thing that was taken for a part of one. */
#define STRAY_THING_CM2 3.0
/* Of the threshold, tried in turn where a foot seems to be missing. */
static const double lower_thresholds[] = {0.5, 0.25};

static int in_contact(const struct finder *f, int row, int col)
{
    if (row < 0 || col < 0 || row >= f->grid->rows || col >= f->grid->cols)
        return 0;
    return f->picture[(size_t)row * (size_t)f->grid->cols + (size_t)col] > f->above;
}

static double mean_contact_kpa(const struct finder *f)
{
    double sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < grid_cells(f->grid); i++)
        if (f->picture[i] > f->above) {
            sum += (double)f->picture[i];
            n++;
        }
    return n ? sum / (double)n : 0;
}

static double kpa_at(const struct finder *f, int row, int col)
{
    return (double)f->picture[(size_t)row * (size_t)f->grid->cols + (size_t)col];
}

/* Does the border cut the print here? A print that merely ends at the border (or a window laid
 * about it) fades out there; one that is cut is as strong as a cell further in. */
static int is_cut(const struct finder *f, int row, int col)
{
    int in_row = row == 0 ? 1 : row == f->grid->rows - 1 ? row - 1 : row;
    int in_col = col == 0 ? 1 : col == f->grid->cols - 1 ? col - 1 : col;

    if ((in_row == row && in_col == col) || f->grid->rows < 2 || f->grid->cols < 2)
        return 0;
    return kpa_at(f, row, col) >= 0.6 * kpa_at(f, in_row, in_col);
}

static void collect(struct finder *f)
{
    double mean = mean_contact_kpa(f);

    for (int row = 0; row < f->grid->rows; row++)
        for (int col = 0; col < f->grid->cols; col++) {
            struct point at = grid_centre(f->grid, row, col);
            size_t i = (size_t)row * (size_t)f->grid->cols + (size_t)col;

            if (!in_contact(f, row, col) ||
                contact_is_thin(f->grid, f->picture, f->above, row, col))
                continue;
            f->cells[f->n_cells++] = (struct contact_cell){
                .x_mm = at.x_mm,
                .y_mm = at.y_mm,
                .weight = fmin(1, (double)f->picture[i] / mean),
                .row = row,
                .col = col,
                .on_border = is_cut(f, row, col),
            };
        }
}

/* No foot, and why. Always 0. */
__attribute__((format(printf, 2, 3))) int finder_refuse(struct found_feet *found,
                                                        const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(found->no_foot_reason, sizeof found->no_foot_reason, format, args);
    va_end(args);
    found->n = 0;
    return 0;
}

static size_t contact_cells(const struct finder *f)
{
    size_t n = 0;

    for (size_t i = 0; i < grid_cells(f->grid); i++)
        n += f->picture[i] > f->above;
    return n;
}

/* Contact that cannot be feet whatever its shape. 1 = go on. */
static int check_amount(const struct finder *f, double threshold_kpa, struct found_feet *found)
{
    double cm2 = (double)contact_cells(f) * grid_cell_cm2(f->grid);

    if (cm2 <= 0)
        return finder_refuse(found, "nothing touches the plate with %g kPa or more", threshold_kpa);
    if (f->n_cells * 10 >= grid_cells(f->grid) * 8)
        return finder_refuse(found,
                             "nearly the whole plate is loaded: there is no outline to find");
    if (cm2 > TWO_FEET_MAX_CM2)
        return finder_refuse(found, "%.0f cm2 are in contact, more than two feet have", cm2);
    if (cm2 < PRINT_AREA_MIN_CM2 || !f->n_cells)
        return finder_refuse(found, "%.1f cm2 are in contact, a foot has %g cm2 or more", cm2,
                             PRINT_AREA_MIN_CM2);
    return 1;
}

static void order_by_x(struct finder *f)
{
    if (f->n_feet == 2 && f->feet[0].print.centre.x_mm > f->feet[1].print.centre.x_mm) {
        struct candidate first = f->feet[0];

        f->feet[0] = f->feet[1];
        f->feet[1] = first;
    }
}

/* Contact beside the feet that is no hard thing, cm2. */
static double unexplained_cm2(const struct finder *f, const struct found_feet *found)
{
    return ((double)found->stray_cells - (double)f->hard_cells) * grid_cell_cm2(f->grid);
}

/* Each foot a whole one on which the model lies well, and hardly any contact beside them. */
static int is_sound(const struct finder *f, const struct found_feet *found)
{
    for (int k = 0; k < f->n_feet; k++)
        if (f->feet[k].is_part || !finder_is_whole_foot(&f->feet[k]))
            return 0;
    return found->n > 0 && unexplained_cm2(f, found) <= STRAY_THING_CM2;
}

static void settle(struct finder *f, uint8_t *label, struct found_feet *found)
{
    order_by_x(f);
    finder_decide_sides(f, found);
    finder_settle_cells(f, label, found);
}

static int find_at(struct finder *f, double threshold_kpa, uint8_t *scratch,
                   struct found_feet *found, struct problem *why)
{
    uint8_t *label = found->label;
    int in_air;

    f->above = contact_above(threshold_kpa);
    f->n_cells = 0;
    f->n_prints = f->n_feet = 0;
    *found = (struct found_feet){.label = label};
    memset(label, 0, grid_cells(f->grid));
    collect(f);
    if (!check_amount(f, threshold_kpa, found))
        return 0;
    f->n_prints = foot_split(f->grid, f->cells, f->n_cells, f->prints, why);
    if (f->n_prints < 0)
        return -1;
    finder_label_prints(f, scratch);
    finder_heal_islands(f, scratch, f->island);
    if (finder_fit_prints(f, scratch, why))
        return -1;
    if (finder_pick_feet(f, scratch, found))
        settle(f, scratch, found);
    if (is_sound(f, found))
        return 0;
    in_air = finder_feet_in_air(f, scratch, scratch + grid_cells(f->grid), why);
    if (in_air <= 0)
        return in_air;
    *found = (struct found_feet){.label = label};
    memset(label, 0, grid_cells(f->grid));
    settle(f, scratch, found);
    return 0;
}

/* A print under little load is in patches, and is whole at a lower threshold. Worth a look when
 * there is no foot, or contact enough for another one beside the only foot. */
static int may_have_more(const struct finder *f, const struct found_feet *found)
{
    return found->n == 0 || (found->n == 1 && unexplained_cm2(f, found) > PRINT_AREA_MIN_CM2 / 2);
}

static int find(struct finder *f, double threshold_kpa, uint8_t *scratch, struct found_feet *found,
                struct problem *why)
{
    int before;

    if (find_at(f, threshold_kpa, scratch, found, why))
        return -1;
    before = found->n;
    for (int i = 0; i < 2 && threshold_kpa > 0 && may_have_more(f, found); i++)
        if (find_at(f, threshold_kpa * lower_thresholds[i], scratch, found, why))
            return -1;
    if (found->n > before || !(f->above < contact_above(threshold_kpa)))
        return 0;
    return find_at(f, threshold_kpa, scratch, found, why);
}

/* What is refused beside a foot has a reason as what is refused alone. */
static void tell_beside(const struct finder *f, struct found_feet *found)
{
    const char *thing =
        f->hard_cells ? "what lies beside the foot is hard or level, as a box or a table's leg"
        : unexplained_cm2(f, found) >= PRINT_AREA_MIN_CM2
            ? "what else touches the plate has not the shape of a foot"
            : "";

    if (!found->n)
        *found->beside_reason = 0;
    else if (!*found->beside_reason)
        snprintf(found->beside_reason, sizeof found->beside_reason, "%s", thing);
}

int foot_finder(const struct grid *grid, const float *picture, double threshold_kpa,
                const struct foot_hints *hints, struct found_feet *found, struct problem *why)
{
    size_t cells = grid_cells(grid);
    struct finder f = {.grid = grid,
                       .picture = picture,
                       .whole = picture,
                       .above = contact_above(threshold_kpa),
                       .hints = hints};
    uint8_t *scratch = malloc(2 * cells);
    float *without = malloc(cells * sizeof *without);
    int done = -1;

    *found = (struct found_feet){.label = calloc(cells, 1)};
    f.cells = malloc(cells * sizeof *f.cells);
    f.spare = malloc(cells * sizeof *f.spare);
    f.fit_cells = malloc(cells * sizeof *f.fit_cells);
    f.island = malloc(cells * sizeof *f.island);
    f.model = foot_model_new(why);
    if (!f.island || !scratch || !without || !found->label || !f.cells || !f.spare ||
        !f.fit_cells || !f.model)
        problem_no_memory(why, "the foot finder");
    else {
        finder_take_out_things(&f, without, scratch);
        done = find(&f, threshold_kpa, scratch, found, why);
        tell_beside(&f, found);
    }
    foot_model_free(f.model);
    free(f.island);
    free(f.fit_cells);
    free(f.spare);
    free(f.cells);
    free(without);
    free(scratch);
    if (done)
        found_feet_free(found);
    return done;
}

void found_feet_free(struct found_feet *found)
{
    free(found->label);
    *found = (struct found_feet){0};
}
