/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which prints are feet: the model of a print laid on each, by both ends and sides. */
#include "analysis/foot/finder_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A print is a foot when the model lies on it: shares of contact inside the outline, and of heel
 * and ball that touch. Lenient: no foot is refused for its shape. */
#define INSIDE_MIN 0.72
#define COVERED_MIN 0.52
/* A part of a foot (the forefoot of a step's end, what the border left of it) and a lightly loaded
 * foot lie worse. They are one piece, where a hand has fingers and a dog paws, and have no worse
 * length and width than this. */
#define PART_SCORE_PER_CM2 2.4
#define PART_UNLIKE 5.5
#define SHORT_MM 165.0 /* so short, a forefoot may be as broad as any print */
#define CUT_UNLIKE 1.0 /* cut by the border, and else like a foot: may be in pieces */
#define PART_ONE_PIECE 0.8
/* The halves of a print must be better than the whole by more than what any second model gains by
 * its freedom. */
#define HALVES_GAIN 25.0
/* Nor is half a hand, a box or a paw a foot: both halves must lie as well as whole feet do. */
#define HALF_SCORE_PER_CM2 1.25
#define HALVES_LENGTH_RATIO 1.25

/* The cells in and around print p; those of other prints are left out. Returns how many. */
static size_t surroundings(const struct finder *f, int p, const uint8_t *label)
{
    int margin_rows = (int)(25 / f->grid->pitch_y_mm) + 1;
    int margin_cols = (int)(25 / f->grid->pitch_x_mm) + 1;
    int row0 = f->grid->rows, row1 = 0, col0 = f->grid->cols, col1 = 0;
    size_t n = 0;

    for (size_t i = 0; i < f->prints[p].n; i++) {
        const struct contact_cell *cell = &f->cells[f->prints[p].first + i];

        row0 = cell->row < row0 ? cell->row : row0;
        row1 = cell->row > row1 ? cell->row : row1;
        col0 = cell->col < col0 ? cell->col : col0;
        col1 = cell->col > col1 ? cell->col : col1;
    }
    for (int row = row0 - margin_rows; row <= row1 + margin_rows; row++)
        for (int col = col0 - margin_cols; col <= col1 + margin_cols; col++) {
            struct point at = grid_centre(f->grid, row, col);
            uint8_t of;

            if (row < 0 || col < 0 || row >= f->grid->rows || col >= f->grid->cols)
                continue;
            of = label[(size_t)row * (size_t)f->grid->cols + (size_t)col];
            if (of == 0 || of == p + 1)
                f->fit_cells[n++] = (struct fit_cell){(float)at.x_mm, (float)at.y_mm, of != 0};
        }
    return n;
}

const struct foot_fit *finder_best_fit(const struct candidate *foot)
{
    const struct foot_fit *best = &foot->fit[0][SIDE_LEFT];

    for (int d = 0; d < DIRECTIONS; d++)
        for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
            if (foot->fit[d][side].score > best->score)
                best = &foot->fit[d][side];
    return best;
}

void finder_fit_print(const struct finder *f, int p, const uint8_t *label, struct candidate *foot)
{
    size_t n = surroundings(f, p, label);

    foot->print = f->prints[p];
    foot->is_part = 0;
    for (int d = 0; d < DIRECTIONS; d++)
        for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
            foot->fit[d][side] =
                foot_fit(f->model, f->grid, f->fit_cells, n, &foot->print, (enum side)side,
                         foot->print.angle_deg + (d == TOES_ALONG ? 0 : 180));
}

static int is_foot_shaped(const struct foot_fit *fit, double area_cm2)
{
    return fit->inside >= INSIDE_MIN && fit->covered >= COVERED_MIN &&
           fit->score >= -FOOT_SCORE_PER_CM2 * area_cm2;
}

int finder_is_foot_shaped(const struct candidate *foot)
{
    return is_foot_shaped(finder_best_fit(foot), foot->print.area_cm2);
}

int finder_is_whole_foot(const struct candidate *foot)
{
    return finder_is_foot_shaped(foot) &&
           finder_score(foot) >= -POOR_SCORE_PER_CM2 * foot->print.area_cm2;
}

/* Less sure than is_foot_shaped, so that no foot is refused for its shape. */
static int is_part_of_foot(const struct finder *f, int p, uint8_t *label)
{
    const struct print *print = &f->prints[p];
    const struct foot_fit *fit = finder_best_fit(&f->candidates[p]);

    if ((print->unlikeness > PART_UNLIKE && print->length_mm > SHORT_MM) ||
        fit->inside < INSIDE_MIN || fit->covered < COVERED_MIN ||
        fit->score < -PART_SCORE_PER_CM2 * print->area_cm2)
        return 0;
    return (print->on_border >= PRINT_CUT_CELLS && print->unlikeness < CUT_UNLIKE) ||
           finder_one_piece(f, p, label) >= PART_ONE_PIECE;
}

static int may_be_foot(const struct print *print)
{
    return print->unlikeness <= PRINT_UNLIKE;
}

double finder_score(const struct candidate *candidate)
{
    return finder_best_fit(candidate)->score;
}

/* A child's two feet, and not what a cut through any other thing leaves. */
static int are_two_feet(const struct candidate *a, const struct candidate *b,
                        const struct candidate *one)
{
    double length_a = finder_best_fit(a)->frame.length_mm,
           length_b = finder_best_fit(b)->frame.length_mm;

    return finder_score(a) + finder_score(b) > finder_score(one) + HALVES_GAIN &&
           finder_score(a) >= -HALF_SCORE_PER_CM2 * a->print.area_cm2 &&
           finder_score(b) >= -HALF_SCORE_PER_CM2 * b->print.area_cm2 &&
           fmax(length_a, length_b) <= HALVES_LENGTH_RATIO * fmin(length_a, length_b);
}

/* Small feet set close together can have the moments of one foot. When the model lies badly on a
 * print, its two halves are tried, and kept where the model lies better on them. */
static int try_halves(struct finder *f, int p, uint8_t *label, struct problem *why)
{
    struct print whole = f->prints[p], *b = &f->prints[f->n_prints];
    struct candidate one = f->candidates[p];
    int done = foot_split_in_two(f->grid, f->cells, &whole, &f->prints[p], b, why);

    if (done < 0)
        return -1;
    if (done == 0 && may_be_foot(&f->prints[p]) && may_be_foot(b)) {
        int q = f->n_prints++;

        finder_label_prints(f, label);
        finder_heal_islands(f, label, f->island);
        finder_fit_print(f, p, label, &f->candidates[p]);
        finder_fit_print(f, q, label, &f->candidates[q]);
        if (are_two_feet(&f->candidates[p], &f->candidates[q], &one))
            return 0;
        f->n_prints--;
    }
    f->prints[p] = whole;
    f->candidates[p] = one;
    finder_label_prints(f, label);
    finder_heal_islands(f, label, f->island);
    return 0;
}

int finder_fit_prints(struct finder *f, uint8_t *label, struct problem *why)
{
    int n = f->n_prints;

    for (int p = 0; p < n; p++) {
        if (!may_be_foot(&f->prints[p]))
            continue;
        finder_fit_print(f, p, label, &f->candidates[p]);
        if (finder_score(&f->candidates[p]) < -POOR_SCORE_PER_CM2 * f->prints[p].area_cm2 &&
            f->n_prints < PRINTS_MAX && try_halves(f, p, label, why))
            return -1;
    }
    return 0;
}

/* Fills f->feet with the prints that are feet, then with those that may be parts of one; returns
 * how many prints are like whole feet. */
static int fill_feet(struct finder *f, uint8_t *label)
{
    int like_feet = 0, is_foot[PRINTS_MAX];

    f->n_feet = 0;
    for (int p = 0; p < f->n_prints; p++) {
        is_foot[p] = may_be_foot(&f->prints[p]) &&
                     is_foot_shaped(finder_best_fit(&f->candidates[p]), f->prints[p].area_cm2);
        if (is_foot[p] && like_feet++ < 2)
            f->feet[f->n_feet++] = f->candidates[p];
    }
    for (int p = 0; p < f->n_prints && f->n_feet < 2; p++)
        if (!is_foot[p] && may_be_foot(&f->prints[p]) && is_part_of_foot(f, p, label)) {
            f->feet[f->n_feet] = f->candidates[p];
            f->feet[f->n_feet++].is_part = 1;
        }
    return like_feet;
}

static int print_of(const struct finder *f, const struct candidate *foot)
{
    int p = 0;

    while (f->prints[p].first != foot->print.first)
        p++;
    return p;
}

/* Two parts of feet may be the two ends of one that the parting took apart: when they lie together
 * as one foot does, they are one again. */
static void join_parts(struct finder *f, uint8_t *label)
{
    int a, b;
    struct print one;

    if (f->n_feet < 2 || (!f->feet[0].is_part && !f->feet[1].is_part))
        return;
    a = print_of(f, &f->feet[0]);
    b = print_of(f, &f->feet[1]);
    if (f->prints[a].first > f->prints[b].first) {
        int later = a;

        a = b;
        b = later;
    }
    if (f->prints[a].first + f->prints[a].n != f->prints[b].first)
        return;
    foot_split_describe(f->grid, f->cells, f->prints[a].first, f->prints[a].n + f->prints[b].n,
                        &one);
    if (one.unlikeness > PART_UNLIKE)
        return;
    f->prints[a] = one;
    f->prints[b] = f->prints[--f->n_prints];
    f->candidates[b] = f->candidates[f->n_prints];
    finder_label_prints(f, label);
    finder_heal_islands(f, label, f->island);
    a = a == f->n_prints ? b : a;
    finder_fit_print(f, a, label, &f->candidates[a]);
    f->feet[0] = f->candidates[a];
    f->feet[0].is_part =
        !is_foot_shaped(finder_best_fit(&f->candidates[a]), f->candidates[a].print.area_cm2);
    f->n_feet = 1;
}

static const struct print *largest_print(const struct finder *f)
{
    const struct print *largest = &f->prints[0];

    for (int p = 1; p < f->n_prints; p++)
        if (f->prints[p].area_cm2 > largest->area_cm2)
            largest = &f->prints[p];
    return largest;
}

/* Takes out what is doubted, one at a time: what is left out speaks about the rest. Returns the
 * last doubt, or NULL. */
const char *finder_drop_doubted(struct finder *f, const uint8_t *label, uint8_t *scratch)
{
    const char *doubt = NULL;

    for (int k = 0; k < f->n_feet; k++) {
        int print[2] = {print_of(f, &f->feet[0]), f->n_feet == 2 ? print_of(f, &f->feet[1]) : 0};
        const char *here = finder_doubt(f, k, print, label, scratch);

        if (!here)
            continue;
        doubt = here;
        f->feet[k] = f->feet[--f->n_feet];
        k = -1;
    }
    return doubt;
}

/* 0 with the reason when what was found makes no sense. */
int finder_pick_feet(struct finder *f, uint8_t *label, struct found_feet *found)
{
    int like_feet = fill_feet(f, label);
    const char *doubt;

    join_parts(f, label);
    doubt = finder_drop_doubted(f, label, found->label);
    memset(found->label, 0, grid_cells(f->grid));
    if (like_feet > 2)
        return finder_refuse(
            found, "%d prints like feet are on the plate: one or two can be told apart", like_feet);
    if (!f->n_feet && doubt)
        return finder_refuse(found, "%s", doubt);
    if (!f->n_feet)
        return finder_refuse(
            found,
            "the contact has not the shape of a foot: %d parts, the largest %.0f cm2, "
            "about %.0f x %.0f mm",
            f->n_prints, largest_print(f)->area_cm2, largest_print(f)->length_mm,
            largest_print(f)->width_mm);
    snprintf(found->beside_reason, sizeof found->beside_reason, "%s", doubt ? doubt : "");
    return 1;
}
