/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/foot_finder.h"
#include "analysis/contact.h"
#include "analysis/foot/foot_fit.h"
#include "analysis/foot/foot_split.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More contact than two large feet can make, cm2. */
#define TWO_FEET_MAX_CM2 620.0
/* A print is a foot when the model lies on it: shares of contact inside the outline, and of heel
 * and ball that touch. Lenient: no foot is refused for its shape. */
#define INSIDE_MIN 0.72
#define COVERED_MIN 0.52
#define FOOT_SCORE_PER_CM2 1.5 /* feet lie at 0.5 to 1.25, a hand or paws at 1.7 and more */
/* A part of a foot (the forefoot of a step's end, what the border left of it) and a lightly loaded
 * foot lie worse. They are one piece, where a hand has fingers and a dog paws, and have no worse
 * length and width than this. */
#define PART_SCORE_PER_CM2 2.4
#define PART_UNLIKE 5.5
#define SHORT_MM 165.0 /* so short, a forefoot may be as broad as any print */
#define CUT_UNLIKE 1.0 /* cut by the border, and else like a foot: may be in pieces */
#define PART_ONE_PIECE 0.8
/* A foot so short may be a forefoot. */
#define SHORT_FOOT_MM 150.0
/* A part says its side with no more confidence: alone, and beside another foot. */
#define PART_ALONE_CONFIDENCE 0.84
#define PART_BESIDE_CONFIDENCE 0.89
/* A model that lies worse than this on a print makes one try its halves; they must be better by
 * more than what any second model gains by its freedom. */
#define POOR_SCORE_PER_CM2 1.1
#define HALVES_GAIN 25.0
/* Nor is half a hand, a box or a paw a foot: both halves must lie as well as whole feet do. */
#define HALF_SCORE_PER_CM2 1.25
#define HALVES_LENGTH_RATIO 1.25
/* Neighbouring cells say nearly the same: so many cm2 of log likelihood make one unit of evidence.
 */
#define EVIDENCE_PER_SCORE (1 / 10.0)
/* A print that speaks against the operator this clearly is worth a warning. */
#define CONTRADICTS 0.97
/* Unlabelled load this near to a foot belongs to it: lightly loaded toes, the print's soft edge. */
#define REACH_MM 30.0
#define REACH_CELLS 24 /* so that very fine cells cost no more */
#define FAR 0.75       /* widths from the axis */
/* Of the threshold, tried in turn where a foot seems to be missing. */
static const double lower_thresholds[] = {0.5, 0.25};
/* Bits of a label picture while islands are looked at; the low ones are a print, a foot or STRAY.
 */
#define VISITED 0x80
#define UNSETTLED 0x40
#define STRAY 3
#define LABELS 0x80

enum { TOES_ALONG, TOES_AGAINST, DIRECTIONS };

struct reading {
    int direction;
    enum side side;
};

struct candidate {
    struct print print;
    int is_part;                        /* taken for a foot, but not shaped as a whole one */
    struct foot_fit fit[DIRECTIONS][3]; /* by direction and enum side */
};

struct finder {
    const struct grid *grid;
    const float *picture;
    float above; /* contact is more than this */
    const struct foot_hints *hints;
    struct foot_model *model;
    struct contact_cell *cells;
    size_t n_cells;
    struct fit_cell *fit_cells;
    size_t *island; /* scratch */
    struct print prints[PRINTS_MAX];
    int n_prints;
    struct candidate candidates[PRINTS_MAX]; /* of each print, when it may be a foot */
    struct candidate feet[2];
    struct reading readings[2]; /* of the feet, as decided */
    int n_feet;
};

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

/* label: 1 + print for each cell of a print. */
static void label_prints(const struct finder *f, uint8_t *label)
{
    memset(label, 0, grid_cells(f->grid));
    for (int p = 0; p < f->n_prints; p++)
        for (size_t i = 0; i < f->prints[p].n; i++) {
            const struct contact_cell *cell = &f->cells[f->prints[p].first + i];

            label[(size_t)cell->row * (size_t)f->grid->cols + (size_t)cell->col] = (uint8_t)(p + 1);
        }
}

/* One island of touching labelled cells from `start`; its cells go to `island`, counts to by_label.
 * Visited cells are marked with the high bit. Returns how many. */
static size_t flood(const struct finder *f, uint8_t *label, size_t start, size_t *island,
                    size_t by_label[LABELS])
{
    size_t n = 0, cols = (size_t)f->grid->cols;

    memset(by_label, 0, LABELS * sizeof *by_label);
    by_label[label[start]]++;
    label[start] |= VISITED;
    island[n++] = start;
    for (size_t i = 0; i < n; i++) {
        int row = (int)(island[i] / cols), col = (int)(island[i] % cols);

        for (int r = row - 1; r <= row + 1; r++)
            for (int c = col - 1; c <= col + 1; c++) {
                size_t at = (size_t)r * cols + (size_t)c;

                if (r < 0 || c < 0 || r >= f->grid->rows || c >= f->grid->cols || !label[at] ||
                    label[at] & VISITED)
                    continue;
                by_label[label[at]]++;
                label[at] |= VISITED;
                island[n++] = at;
            }
    }
    return n;
}

/* A straight cut may shave a few cells off a foot: an island that lies mostly in one print belongs
 * to it as a whole. Touching feet are one island with two large parts, and stay cut. */
static void heal_islands(const struct finder *f, uint8_t *label, size_t *island)
{
    for (size_t start = 0; start < grid_cells(f->grid); start++) {
        size_t by_print[LABELS], n, most = 0;

        if (!label[start] || label[start] & VISITED)
            continue;
        n = flood(f, label, start, island, by_print);
        for (size_t p = 1; p <= PRINTS_MAX; p++)
            most = by_print[p] > by_print[most] ? p : most;
        for (size_t i = 0; (n - by_print[most]) * 5 < n && i < n; i++)
            label[island[i]] = (uint8_t)(most | VISITED);
    }
    for (size_t i = 0; i < grid_cells(f->grid); i++)
        label[i] &= VISITED - 1;
}

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

static const struct foot_fit *best_fit(const struct candidate *foot)
{
    const struct foot_fit *best = &foot->fit[0][SIDE_LEFT];

    for (int d = 0; d < DIRECTIONS; d++)
        for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
            if (foot->fit[d][side].score > best->score)
                best = &foot->fit[d][side];
    return best;
}

static void fit_print(const struct finder *f, int p, const uint8_t *label, struct candidate *foot)
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

/* No foot, and why. Always 0. */
__attribute__((format(printf, 2, 3))) static int refuse(struct found_feet *found,
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
        return refuse(found, "nothing touches the plate with %g kPa or more", threshold_kpa);
    if (f->n_cells * 10 >= grid_cells(f->grid) * 8)
        return refuse(found, "nearly the whole plate is loaded: there is no outline to find");
    if (cm2 > TWO_FEET_MAX_CM2)
        return refuse(found, "%.0f cm2 are in contact, more than two feet have", cm2);
    if (cm2 < PRINT_AREA_MIN_CM2 || !f->n_cells)
        return refuse(found, "%.1f cm2 are in contact, a foot has %g cm2 or more", cm2,
                      PRINT_AREA_MIN_CM2);
    return 1;
}

static const struct print *largest_print(const struct finder *f)
{
    const struct print *largest = &f->prints[0];

    for (int p = 1; p < f->n_prints; p++)
        if (f->prints[p].area_cm2 > largest->area_cm2)
            largest = &f->prints[p];
    return largest;
}

static int is_foot_shaped(const struct foot_fit *fit, double area_cm2)
{
    return fit->inside >= INSIDE_MIN && fit->covered >= COVERED_MIN &&
           fit->score >= -FOOT_SCORE_PER_CM2 * area_cm2;
}

/* Share of a print's cells that its largest island has. */
static double one_piece(const struct finder *f, int p, uint8_t *label)
{
    size_t largest = 0, by_print[LABELS];

    for (size_t start = 0; start < grid_cells(f->grid); start++)
        if (label[start] && !(label[start] & VISITED)) {
            flood(f, label, start, f->island, by_print);
            largest = by_print[p + 1] > largest ? by_print[p + 1] : largest;
        }
    for (size_t i = 0; i < grid_cells(f->grid); i++)
        label[i] &= VISITED - 1;
    return (double)largest / (double)f->prints[p].n;
}

/* Less sure than is_foot_shaped, so that no foot is refused for its shape. */
static int is_part_of_foot(const struct finder *f, int p, uint8_t *label)
{
    const struct print *print = &f->prints[p];
    const struct foot_fit *fit = best_fit(&f->candidates[p]);

    if ((print->unlikeness > PART_UNLIKE && print->length_mm > SHORT_MM) ||
        fit->inside < INSIDE_MIN || fit->covered < COVERED_MIN ||
        fit->score < -PART_SCORE_PER_CM2 * print->area_cm2)
        return 0;
    return (print->on_border >= PRINT_CUT_CELLS && print->unlikeness < CUT_UNLIKE) ||
           one_piece(f, p, label) >= PART_ONE_PIECE;
}

static int may_be_foot(const struct print *print)
{
    return print->unlikeness <= PRINT_UNLIKE;
}

static double score_of(const struct candidate *candidate)
{
    return best_fit(candidate)->score;
}

/* A child's two feet, and not what a cut through any other thing leaves. */
static int are_two_feet(const struct candidate *a, const struct candidate *b,
                        const struct candidate *one)
{
    double length_a = best_fit(a)->frame.length_mm, length_b = best_fit(b)->frame.length_mm;

    return score_of(a) + score_of(b) > score_of(one) + HALVES_GAIN &&
           score_of(a) >= -HALF_SCORE_PER_CM2 * a->print.area_cm2 &&
           score_of(b) >= -HALF_SCORE_PER_CM2 * b->print.area_cm2 &&
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

        label_prints(f, label);
        heal_islands(f, label, f->island);
        fit_print(f, p, label, &f->candidates[p]);
        fit_print(f, q, label, &f->candidates[q]);
        if (are_two_feet(&f->candidates[p], &f->candidates[q], &one))
            return 0;
        f->n_prints--;
    }
    f->prints[p] = whole;
    f->candidates[p] = one;
    label_prints(f, label);
    heal_islands(f, label, f->island);
    return 0;
}

static int fit_prints(struct finder *f, uint8_t *label, struct problem *why)
{
    int n = f->n_prints;

    for (int p = 0; p < n; p++) {
        if (!may_be_foot(&f->prints[p]))
            continue;
        fit_print(f, p, label, &f->candidates[p]);
        if (score_of(&f->candidates[p]) < -POOR_SCORE_PER_CM2 * f->prints[p].area_cm2 &&
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
                     is_foot_shaped(best_fit(&f->candidates[p]), f->prints[p].area_cm2);
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
    label_prints(f, label);
    heal_islands(f, label, f->island);
    a = a == f->n_prints ? b : a;
    fit_print(f, a, label, &f->candidates[a]);
    f->feet[0] = f->candidates[a];
    f->feet[0].is_part =
        !is_foot_shaped(best_fit(&f->candidates[a]), f->candidates[a].print.area_cm2);
    f->n_feet = 1;
}

/* 0 with the reason when what was found makes no sense. */
static int pick_feet(struct finder *f, uint8_t *label, struct found_feet *found)
{
    int like_feet = fill_feet(f, label);

    join_parts(f, label);
    if (like_feet > 2)
        return refuse(found, "%d prints like feet are on the plate: one or two can be told apart",
                      like_feet);
    if (!f->n_feet)
        return refuse(found,
                      "the contact has not the shape of a foot: %d parts, the largest %.0f cm2, "
                      "about %.0f x %.0f mm",
                      f->n_prints, largest_print(f)->area_cm2, largest_print(f)->length_mm,
                      largest_print(f)->width_mm);
    return 1;
}

/* --- Which side, which end -------------------------------------------------------------------- */

/* A model that lies badly even at its best (half a foot, rolling off) says little by its being
 * better than another. */
static double trust(const struct candidate *foot)
{
    double per_cm2 = -best_fit(foot)->score / foot->print.area_cm2;

    return fmin(fmax((FOOT_SCORE_PER_CM2 - per_cm2) / 0.5, 0.1), 1);
}

static double evidence(const struct candidate *foot, struct reading reading)
{
    return foot->fit[reading.direction][reading.side].score * EVIDENCE_PER_SCORE * trust(foot);
}

static double angle_of(const struct candidate *foot, struct reading reading)
{
    return foot->fit[reading.direction][reading.side].frame.angle_deg;
}

/* People face the front of the plate, mostly. */
static double front_evidence(double angle_deg)
{
    return 1.5 * cos(angle_deg * M_PI / 180);
}

/* Two feet are a left and a right one, point about the same way, and are not crossed. */
static double pair_evidence(const struct candidate feet[2], const struct reading reading[2])
{
    double a = angle_of(&feet[0], reading[0]), b = angle_of(&feet[1], reading[1]);
    double turn = fabs(remainder(a - b, 360)),
           middle = (b + remainder(a - b, 360) / 2) * M_PI / 180;
    double dx = feet[1].print.centre.x_mm - feet[0].print.centre.x_mm;
    double dy = feet[1].print.centre.y_mm - feet[0].print.centre.y_mm;
    double to_right = dx * cos(middle) - dy * sin(middle);
    double ahead = fabs(dx * sin(middle) + dy * cos(middle));
    /* The further one foot is ahead, the more an error of the direction moves it across. */
    double usual_mm = 25 + 0.3 * ahead;
    double sum = -fmin(turn * turn / (2 * 30 * 30), 8);

    if (reading[0].side == reading[1].side)
        return sum - 6;
    if (reading[0].side == SIDE_RIGHT)
        to_right = -to_right;
    return sum + fmax(fmin(to_right / usual_mm, 4), -4);
}

struct verdict {
    double side[2][3]; /* weight by foot and side, summing to 1 */
    double direction[2][DIRECTIONS];
    struct reading best[2];
    double best_log;
};

static struct reading reading_of(int code)
{
    return (struct reading){code & 1, code & 2 ? SIDE_RIGHT : SIDE_LEFT};
}

static double log_weight(const struct finder *f, const struct reading reading[2], int with_pair)
{
    double sum = 0;

    for (int i = 0; i < f->n_feet; i++)
        sum +=
            evidence(&f->feet[i], reading[i]) + front_evidence(angle_of(&f->feet[i], reading[i]));
    return f->n_feet == 2 && with_pair ? sum + pair_evidence(f->feet, reading) : sum;
}

/* Goes through all readings (side and end of each foot) twice: for the best, then for the weights
 * of all against it. `forced` sides (the operator's) leave only readings with them. */
static struct verdict judge(const struct finder *f, const enum side forced[2], int with_pair)
{
    struct verdict verdict = {.best_log = -INFINITY};
    int n = f->n_feet == 2 ? 16 : 4;
    double total = 0;

    for (int pass = 0; pass < 2; pass++)
        for (int code = 0; code < n; code++) {
            struct reading reading[2] = {reading_of(code & 3), reading_of(code >> 2)};
            double weight;

            if ((forced[0] && reading[0].side != forced[0]) ||
                (f->n_feet == 2 && forced[1] && reading[1].side != forced[1]))
                continue;
            weight = log_weight(f, reading, with_pair);
            if (pass == 0 && weight > verdict.best_log) {
                verdict.best_log = weight;
                memcpy(verdict.best, reading, sizeof reading);
            }
            if (pass == 0)
                continue;
            weight = exp(weight - verdict.best_log);
            total += weight;
            for (int i = 0; i < f->n_feet; i++) {
                verdict.side[i][reading[i].side] += weight;
                verdict.direction[i][reading[i].direction] += weight;
            }
        }
    for (int i = 0; i < f->n_feet; i++) {
        verdict.side[i][SIDE_LEFT] /= total;
        verdict.side[i][SIDE_RIGHT] /= total;
        verdict.direction[i][0] /= total;
        verdict.direction[i][1] /= total;
    }
    return verdict;
}

/* Why a side is what it is, in words. */
static void explain(const struct finder *f, int i, enum side side, double by_print,
                    struct found_foot *foot)
{
    const char *name = side == SIDE_LEFT ? "left" : "right", *print;
    const char *position = "";

    if (by_print > 0.95)
        print = "hollow, toes and ball are those of a";
    else if (by_print > 0.6)
        print = "hollow, toes and ball speak weakly for a";
    else
        print = "hollow, toes and ball say little or nothing for a";
    if (f->n_feet == 2)
        position =
            i == 0 ? "; it stands left of the other foot" : "; it stands right of the other foot";
    snprintf(foot->side_reason, sizeof foot->side_reason, "%s %s foot%s", print, name, position);
}

static int lies_poorly(const struct candidate *foot)
{
    return score_of(foot) < -POOR_SCORE_PER_CM2 * foot->print.area_cm2;
}

/* What lies poorly may be no foot at all, and then nor does its place beside another one tell that
 * one's side. */
static double highest_confidence(const struct finder *f, int i)
{
    const struct foot_frame *frame = &best_fit(&f->feet[i])->frame;
    int poor = lies_poorly(&f->feet[i]) || (f->n_feet == 2 && lies_poorly(&f->feet[1 - i]));

    if (!f->feet[i].is_part)
        return poor || frame->length_mm < SHORT_FOOT_MM ? PART_BESIDE_CONFIDENCE : 0.99;
    return f->n_feet == 2 && !f->feet[1 - i].is_part ? PART_BESIDE_CONFIDENCE
                                                     : PART_ALONE_CONFIDENCE;
}

static void state_side(const struct finder *f, int i, const enum side said[2],
                       const struct verdict *all, const struct verdict *prints,
                       struct found_foot *foot)
{
    enum side side = all->side[i][SIDE_LEFT] >= 0.5 ? SIDE_LEFT : SIDE_RIGHT;

    if (said[i]) {
        foot->side = foot->likely_side = said[i];
        foot->side_confidence = 1;
        foot->side_contradicts = prints->side[i][said[i]] < 1 - CONTRADICTS;
        snprintf(foot->side_reason, sizeof foot->side_reason, "said by the operator%s",
                 foot->side_contradicts ? "; the print itself speaks for the other side" : "");
        return;
    }
    foot->side_confidence = fmin(all->side[i][side], highest_confidence(f, i));
    foot->likely_side = side;
    explain(f, i, side, prints->side[i][side], foot);
    foot->side = foot->side_confidence >= SIDE_STATED ? side : SIDE_UNKNOWN;
}

static void describe_foot(const struct finder *f, int i, const struct verdict *all,
                          struct found_foot *foot)
{
    const struct candidate *from = &f->feet[i];
    const struct foot_frame *frame = &from->fit[all->best[i].direction][all->best[i].side].frame;

    foot->toes_by_print = all->direction[i][all->best[i].direction] > 0.9;
    foot->off_edge = from->print.on_border >= PRINT_CUT_CELLS;
    foot->rough_heel = frame->heel;
    foot->rough_toe = foot_frame_to_plate(frame, (struct uv){1, 0.5});
    foot->rough_angle_deg = remainder(frame->angle_deg, 360);
    foot->cells = from->print.n;
}

/* What the operator said of these feet, in their order; unknown where he said nothing that fits. */
static void operator_words(const struct finder *f, enum side said[2])
{
    said[0] = said[1] = SIDE_UNKNOWN;
    if (f->hints && f->hints->n_feet == f->n_feet)
        memcpy(said, f->hints->feet, sizeof *said * (size_t)f->n_feet);
}

static void decide(struct finder *f, struct found_feet *found)
{
    const enum side nobody[2] = {SIDE_UNKNOWN, SIDE_UNKNOWN};
    enum side said[2];
    struct verdict all, prints;

    operator_words(f, said);
    all = judge(f, said, 1);
    prints = judge(f, nobody, 0);
    memcpy(f->readings, all.best, sizeof f->readings);
    found->n = f->n_feet;
    for (int i = 0; i < f->n_feet; i++) {
        describe_foot(f, i, &all, &found->foot[i]);
        state_side(f, i, said, &all, &prints, &found->foot[i]);
    }
}

/* --- Every loaded cell to its foot ------------------------------------------------------------ */

static double distance2(const struct grid *grid, int rows, int cols)
{
    double dx = cols * grid->pitch_x_mm, dy = rows * grid->pitch_y_mm;

    return dx * dx + dy * dy;
}

/* The foot of the nearest labelled cell within reach of a cell; 0 when there is none. */
static uint8_t nearest_foot(const struct finder *f, const uint8_t *label, int row, int col,
                            double reach_mm)
{
    int rows = (int)fmin(reach_mm / f->grid->pitch_y_mm, REACH_CELLS);
    int cols = (int)fmin(reach_mm / f->grid->pitch_x_mm, REACH_CELLS);
    double nearest = reach_mm * reach_mm;
    uint8_t of = 0;

    for (int r = row - rows; r <= row + rows; r++)
        for (int c = col - cols; c <= col + cols; c++) {
            uint8_t here;

            if (r < 0 || c < 0 || r >= f->grid->rows || c >= f->grid->cols)
                continue;
            here = label[(size_t)r * (size_t)f->grid->cols + (size_t)c];
            if (!here || distance2(f->grid, r - row, c - col) >= nearest)
                continue;
            nearest = distance2(f->grid, r - row, c - col);
            of = here;
        }
    return of;
}

static const struct foot_frame *frame_of(const struct finder *f, int k)
{
    return &f->feet[k].fit[f->readings[k].direction][f->readings[k].side].frame;
}

/* From labels of prints to labels of feet, 0 for contact in no foot. */
static void label_feet(const struct finder *f, uint8_t *label)
{
    for (size_t i = 0; i < grid_cells(f->grid); i++) {
        uint8_t print = label[i];

        label[i] = 0;
        for (int k = 0; print && k < f->n_feet; k++)
            if (f->prints[print - 1].first == f->feet[k].print.first)
                label[i] = (uint8_t)(k + 1);
    }
}

/* How far from a foot's axis a place lies, in widths, what is ahead of or behind the foot counting
 * besides. Up to FAR it may belong to the foot, the model being a little wrong. */
static double farness(const struct foot_frame *frame, struct point at)
{
    struct uv place = foot_frame_to_uv(frame, at);

    return fabs(place.v - 0.5) + 3 * fmax(fmax(place.u - 1, -place.u), 0);
}

/* The foot that an island is nearest to, 1 or 2, or STRAY when it is far from both. */
static uint8_t owner_of(const struct finder *f, const size_t *island, size_t n)
{
    double nearest = FAR;
    uint8_t owner = STRAY;

    for (int k = 0; k < f->n_feet; k++) {
        double sum = 0;

        for (size_t i = 0; i < n; i++)
            sum += farness(frame_of(f, k),
                           grid_centre(f->grid, (int)(island[i] / (size_t)f->grid->cols),
                                       (int)(island[i] % (size_t)f->grid->cols)));
        if (sum / (double)n < nearest) {
            nearest = sum / (double)n;
            owner = (uint8_t)(k + 1);
        }
    }
    return owner;
}

/* Each island of contact to the foot that it is nearest to: toes that the cut gave to the other
 * foot come back, a stick between or beside the feet is a stray. Islands that reach into both feet
 * (touching feet) stay as they were cut. */
static void settle_islands(const struct finder *f, uint8_t *label)
{
    size_t cells = grid_cells(f->grid);

    for (size_t i = 0; i < cells; i++)
        label[i] = f->picture[i] > f->above ? (uint8_t)(label[i] | UNSETTLED) : 0;
    for (size_t start = 0; start < cells; start++) {
        size_t by_label[LABELS], n;
        uint8_t owner;

        if (!label[start] || label[start] & VISITED)
            continue;
        n = flood(f, label, start, f->island, by_label);
        if (by_label[1 | UNSETTLED] && by_label[2 | UNSETTLED])
            continue;
        owner = owner_of(f, f->island, n);
        for (size_t i = 0; i < n; i++)
            label[f->island[i]] = (uint8_t)(owner | VISITED);
    }
    for (size_t i = 0; i < cells; i++)
        label[i] &= STRAY;
}

/* Loaded cells below the threshold go to the nearest contact, whatever it belongs to. */
static void grow(const struct finder *f, const uint8_t *from, uint8_t *label)
{
    for (int row = 0; row < f->grid->rows; row++)
        for (int col = 0; col < f->grid->cols; col++) {
            size_t i = (size_t)row * (size_t)f->grid->cols + (size_t)col;
            uint8_t of = from[i];

            if (!of && f->picture[i] > 0)
                of = nearest_foot(f, from, row, col, REACH_MM);
            label[i] = of == STRAY ? 0 : of;
        }
}

static void count_strays(const struct finder *f, struct found_feet *found)
{
    double stray = 0, all = 0;

    for (size_t i = 0; i < grid_cells(f->grid); i++) {
        double p = (double)f->picture[i];

        if (!(p > 0))
            continue;
        all += p;
        if (!found->label[i]) {
            stray += p;
            found->stray_cells += f->picture[i] > f->above;
        }
    }
    found->stray_share = all > 0 ? stray / all : 0;
}

static void order_by_x(struct finder *f)
{
    if (f->n_feet == 2 && f->feet[0].print.centre.x_mm > f->feet[1].print.centre.x_mm) {
        struct candidate first = f->feet[0];

        f->feet[0] = f->feet[1];
        f->feet[1] = first;
    }
}

static int find_at(struct finder *f, double threshold_kpa, uint8_t *scratch,
                   struct found_feet *found, struct problem *why)
{
    uint8_t *label = found->label;

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
    label_prints(f, scratch);
    heal_islands(f, scratch, f->island);
    if (fit_prints(f, scratch, why))
        return -1;
    if (!pick_feet(f, scratch, found))
        return 0;
    order_by_x(f);
    decide(f, found);
    label_feet(f, scratch);
    settle_islands(f, scratch);
    grow(f, scratch, found->label);
    count_strays(f, found);
    return 0;
}

/* A print under little load is in patches, and is whole at a lower threshold. Worth a look when
 * there is no foot, or contact enough for another one beside the only foot. */
static int may_have_more(const struct finder *f, const struct found_feet *found)
{
    return found->n == 0 || (found->n == 1 && (double)found->stray_cells * grid_cell_cm2(f->grid) >
                                                  PRINT_AREA_MIN_CM2 / 2);
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

int foot_finder(const struct grid *grid, const float *picture, double threshold_kpa,
                const struct foot_hints *hints, struct found_feet *found, struct problem *why)
{
    size_t cells = grid_cells(grid);
    struct finder f = {.grid = grid, .picture = picture, .hints = hints};
    uint8_t *scratch = malloc(cells);
    int done = -1;

    *found = (struct found_feet){.label = calloc(cells, 1)};
    f.cells = malloc(cells * sizeof *f.cells);
    f.fit_cells = malloc(cells * sizeof *f.fit_cells);
    f.island = malloc(cells * sizeof *f.island);
    f.model = foot_model_new(why);
    if (!f.island || !scratch || !found->label || !f.cells || !f.fit_cells || !f.model)
        problem_no_memory(why, "the foot finder");
    else
        done = find(&f, threshold_kpa, scratch, found, why);
    foot_model_free(f.model);
    free(f.island);
    free(f.fit_cells);
    free(f.cells);
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
