/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Feet with things beside them: a bag, the legs of a chair, a stick.
 *
 * Straight cuts weigh two parts at a time, and of three bodies the first cut leaves one part that
 * is no foot whatever the cut. Here air decides: contact within AIR_MM is one clump, each clump
 * that is unlike a foot is cut by straight lines (feet pressed together), and each clump and each
 * pair of them (heel and ball of a high arch) is asked for a foot. What is left is things. */
#include "analysis/foot/finder_private.h"

#include <math.h>
#include <string.h>

#define AIR_MM 10.0
/* A smaller clump is a toe or a crumb, and goes with the nearest one within TOE_MM: behind a toe
 * there is no contact for 0.05 of the foot's length (reflexology.md 1.1). */
#define CLUMP_MIN_CM2 6.0
#define TOE_MM 18.0
#define CUT_UNLIKENESS 4.0
#define PART_UNLIKENESS 6.0
/* The two feet of one person are alike, and nobody stands with one right across the other. */
#define LENGTH_RATIO 1.25
#define AREA_RATIO 2.0
#define TURN_DEG 60.0
/* Of a foot on which the model lies poorly: such a one may only be the second foot. */
#define POOR_WORTH 1e-3
/* So much better must they be than what straight cuts gave. */
#define WORTH_GAIN 1.05
#define PARTS_MAX 12 /* so many get a model laid on them, the likest first */

enum { CLUMPS_MAX = 8, REST = 0xfe, UNSEEN = 0xff };

struct part {
    unsigned clumps; /* one bit each */
    double unlikeness, worth;
    struct candidate candidate;
};

struct clumps {
    struct finder *f;
    uint8_t *of; /* by cell of the plate: 1 + clump, REST, 0 without contact */
    int n;
    struct part part[PARTS_MAX];
    int n_parts;
};

static size_t index_of(const struct finder *f, const struct contact_cell *cell)
{
    return (size_t)cell->row * (size_t)f->grid->cols + (size_t)cell->col;
}

/* Gives `mark` to all unseen contact that hangs together with `start`; returns how many cells, in
 * f->island. */
static size_t mark_clump(struct clumps *c, size_t start, uint8_t mark)
{
    const struct finder *f = c->f;
    int rows = (int)fmax(1, AIR_MM / f->grid->pitch_y_mm);
    int cols = (int)fmax(1, AIR_MM / f->grid->pitch_x_mm);
    size_t n = 0, width = (size_t)f->grid->cols;

    c->of[start] = mark;
    f->island[n++] = start;
    for (size_t i = 0; i < n; i++) {
        int row = (int)(f->island[i] / width), col = (int)(f->island[i] % width);

        for (int r = row - rows; r <= row + rows; r++)
            for (int k = col - cols; k <= col + cols; k++)
                if (finder_label_at(f, c->of, r, k) == UNSEEN) {
                    f->island[n] = (size_t)r * width + (size_t)k;
                    c->of[f->island[n++]] = mark;
                }
    }
    return n;
}

static void mark_clumps(struct clumps *c)
{
    const struct finder *f = c->f;
    double cell_cm2 = grid_cell_cm2(f->grid);

    memset(c->of, 0, grid_cells(f->grid));
    for (size_t i = 0; i < f->n_cells; i++)
        c->of[index_of(f, &f->cells[i])] = UNSEEN;
    for (size_t i = 0; i < f->n_cells; i++) {
        size_t start = index_of(f, &f->cells[i]), n;

        if (c->of[start] != UNSEEN)
            continue;
        n = mark_clump(c, start, (uint8_t)(c->n + 1));
        if ((double)n * cell_cm2 >= CLUMP_MIN_CM2 && c->n < CLUMPS_MAX) {
            c->n++;
            continue;
        }
        for (size_t k = 0; k < n; k++)
            c->of[f->island[k]] = REST;
    }
}

/* The clump that has the nearest cell within TOE_MM, or REST. */
static uint8_t nearest_clump(const struct clumps *c, const struct contact_cell *cell, double *mm)
{
    const struct grid *grid = c->f->grid;
    int rows = (int)(TOE_MM / grid->pitch_y_mm), cols = (int)(TOE_MM / grid->pitch_x_mm);
    uint8_t nearest = REST;

    for (int row = -rows; row <= rows; row++)
        for (int col = -cols; col <= cols; col++) {
            uint8_t of = finder_label_at(c->f, c->of, cell->row + row, cell->col + col);
            double far = hypot(row * grid->pitch_y_mm, col * grid->pitch_x_mm);

            if (of == 0 || of > CLUMPS_MAX || far >= *mm)
                continue;
            *mm = far;
            nearest = of;
        }
    return nearest;
}

/* Each small clump to the one that its nearest cell is nearest to. `rest` is scratch. */
static void give_toes(struct clumps *c, uint8_t *rest)
{
    const struct finder *f = c->f;
    size_t by_label[LABELS];

    for (size_t i = 0; i < grid_cells(f->grid); i++)
        rest[i] = c->of[i] == REST;
    for (size_t start = 0; start < grid_cells(f->grid); start++) {
        double mm = TOE_MM;
        uint8_t to = REST;
        size_t n;

        if (rest[start] != 1)
            continue;
        n = finder_flood(f, rest, start, f->island, by_label);
        for (size_t k = 0; k < n; k++) {
            const struct contact_cell cell = {.row = (int)(f->island[k] / (size_t)f->grid->cols),
                                              .col = (int)(f->island[k] % (size_t)f->grid->cols)};
            uint8_t of = nearest_clump(c, &cell, &mm);

            to = of == REST ? to : of;
        }
        for (size_t k = 0; k < n; k++)
            c->of[f->island[k]] = to;
    }
}

static int is_in(const struct clumps *c, unsigned clumps, const struct contact_cell *cell)
{
    uint8_t of = c->of[index_of(c->f, cell)];

    return of <= CLUMPS_MAX && (clumps >> (of - 1) & 1);
}

/* The prints of f: one of each set of clumps, in front, and all else as one that is no foot. */
static void set_prints(struct clumps *c, const unsigned *sets, int n_sets)
{
    struct finder *f = c->f;
    size_t n = 0;

    for (int k = 0; k < n_sets; k++) {
        size_t first = n;

        for (size_t i = n; i < f->n_cells; i++)
            if (is_in(c, sets[k], &f->cells[i])) {
                struct contact_cell cell = f->cells[i];

                f->cells[i] = f->cells[n];
                f->cells[n++] = cell;
            }
        foot_split_describe(f->grid, f->cells, first, n - first, &f->prints[k]);
    }
    f->n_prints = n_sets;
    if (n < f->n_cells)
        f->prints[f->n_prints++] =
            (struct print){.first = n, .n = f->n_cells - n, .area_cm2 = 0, .unlikeness = INFINITY};
}

/* Feet that touch are one clump. 0, or -1 with `why`. */
static int cut_clumps(struct clumps *c, struct problem *why)
{
    struct finder *f = c->f;

    for (int k = 0, n = c->n; k < n; k++) {
        unsigned set = 1u << k;
        struct print parts[PRINTS_MAX];
        int count;

        set_prints(c, &set, 1);
        if (f->prints[0].unlikeness < CUT_UNLIKENESS)
            continue;
        count = foot_split(f->grid, f->cells, f->prints[0].n, parts, why);
        if (count < 0)
            return -1;
        for (int p = 1; p < count && c->n < CLUMPS_MAX; p++) {
            c->n++;
            for (size_t i = 0; i < parts[p].n; i++)
                c->of[index_of(f, &f->cells[parts[p].first + i])] = (uint8_t)c->n;
        }
    }
    return 0;
}

/* Keeps the likest parts. */
static void keep_part(struct clumps *c, unsigned clumps)
{
    int at = c->n_parts;
    double unlikeness;

    set_prints(c, &clumps, 1);
    unlikeness = c->f->prints[0].unlikeness;
    while (at > 0 && c->part[at - 1].unlikeness > unlikeness)
        at--;
    if (unlikeness > PART_UNLIKENESS || at == PARTS_MAX)
        return;
    c->n_parts += c->n_parts < PARTS_MAX;
    memmove(&c->part[at + 1], &c->part[at], (size_t)(c->n_parts - 1 - at) * sizeof *c->part);
    c->part[at] = (struct part){.clumps = clumps, .unlikeness = unlikeness};
}

double finder_worth(const struct candidate *foot)
{
    return finder_score(foot) + POOR_SCORE_PER_CM2 * foot->print.area_cm2;
}

static void try_parts(struct clumps *c, uint8_t *label)
{
    for (int a = 0; a < c->n; a++)
        for (int b = 0; b <= a; b++)
            keep_part(c, 1u << a | 1u << b);
    for (int i = 0; i < c->n_parts; i++) {
        set_prints(c, &c->part[i].clumps, 1);
        finder_label_prints(c->f, label);
        finder_fit_print(c->f, 0, label, &c->part[i].candidate);
        if (finder_is_foot_shaped(&c->part[i].candidate))
            c->part[i].worth = fmax(finder_worth(&c->part[i].candidate), POOR_WORTH);
    }
}

static double ratio(double a, double b)
{
    return fmax(a, b) / fmin(a, b);
}

static int are_a_pair(const struct part *a, const struct part *b)
{
    const struct foot_frame *frame_a = &finder_best_fit(&a->candidate)->frame;
    const struct foot_frame *frame_b = &finder_best_fit(&b->candidate)->frame;

    return fmin(a->worth, b->worth) > 0 && fmax(a->worth, b->worth) > POOR_WORTH &&
           !(a->clumps & b->clumps) &&
           ratio(frame_a->length_mm, frame_b->length_mm) <= LENGTH_RATIO &&
           ratio(a->candidate.print.area_cm2, b->candidate.print.area_cm2) <= AREA_RATIO &&
           fabs(remainder(frame_a->angle_deg - frame_b->angle_deg, 180)) <= TURN_DEG;
}

/* The one or two that the model lies best on, two before one. Returns how many. */
static int choose(const struct clumps *c, int best[2])
{
    double one = POOR_WORTH, two = 0;
    int n = 0;

    for (int i = 0; i < c->n_parts; i++)
        for (int k = 0; k <= i; k++) {
            double worth = c->part[i].worth + c->part[k].worth;

            if (k < i && are_a_pair(&c->part[i], &c->part[k]) && worth > two) {
                two = worth;
                best[0] = i;
                best[1] = k;
                n = 2;
            }
            if (k == i && n < 2 && worth > one) {
                one = worth;
                best[0] = i;
                n = 1;
            }
        }
    return n;
}

/* A third foot, that is of nobody's: then none is told. */
static int has_third(const struct clumps *c, const int best[2])
{
    const struct part *a = &c->part[best[0]], *b = &c->part[best[1]];

    for (int i = 0; i < c->n_parts; i++)
        if (are_a_pair(&c->part[i], a) && are_a_pair(&c->part[i], b))
            return 1;
    return 0;
}

static int parts_in_air(struct finder *f, uint8_t *label, uint8_t *scratch, struct problem *why)
{
    struct clumps c = {.f = f, .of = scratch};
    unsigned sets[2];
    int best[2], n;

    mark_clumps(&c);
    give_toes(&c, label);
    if (cut_clumps(&c, why))
        return -1;
    try_parts(&c, label);
    n = choose(&c, best);
    if (n == 2 && has_third(&c, best))
        return 0;
    for (int k = 0; k < n; k++)
        sets[k] = c.part[best[k]].clumps;
    if (n)
        set_prints(&c, sets, n);
    finder_label_prints(f, label);
    f->n_feet = 0;
    for (int k = 0; k < n; k++) {
        f->candidates[k] = c.part[best[k]].candidate;
        f->candidates[k].print = f->prints[k];
        f->feet[f->n_feet++] = f->candidates[k];
    }
    return n;
}

/* How many feet the model lies well on, and how well. */
static int well_found(const struct finder *f, double *worth)
{
    int n = 0;

    *worth = 0;
    for (int k = 0; k < f->n_feet; k++)
        if (!f->feet[k].is_part && finder_is_whole_foot(&f->feet[k])) {
            *worth += finder_worth(&f->feet[k]);
            n++;
        }
    return n;
}

int finder_feet_in_air(struct finder *f, uint8_t *label, uint8_t *scratch, struct problem *why)
{
    struct finder other = *f;
    double worth, worth_other;
    int n, n_other;

    other.cells = f->spare;
    other.spare = f->cells;
    memcpy(other.cells, f->cells, f->n_cells * sizeof *f->cells);
    n_other = parts_in_air(&other, label, scratch, why);
    if (n_other <= 0)
        return n_other;
    finder_drop_doubted(&other, label, scratch);
    n = well_found(f, &worth);
    n_other = well_found(&other, &worth_other);
    if (n_other < n || other.n_feet < f->n_feet ||
        (n_other == n && worth_other < WORTH_GAIN * worth) || n_other == 0)
        return 0;
    *f = other;
    return 1;
}
