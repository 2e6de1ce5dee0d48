/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The foot finder's rooms: what they share while one picture is looked at. The picture's contact is
 * parted into prints (foot_split.h), the prints that are feet become candidates, their sides and
 * ends are decided together, and every loaded cell is given to its foot.
 *
 * Private to analysis/foot. One thread a finder; nothing is owned but by foot_finder(). */
#ifndef TENDERFOOT_ANALYSIS_FOOT_FINDER_PRIVATE_H
#define TENDERFOOT_ANALYSIS_FOOT_FINDER_PRIVATE_H

#include "analysis/foot/foot_finder.h"
#include "analysis/foot/foot_fit.h"
#include "analysis/foot/foot_split.h"

#define FOOT_SCORE_PER_CM2 1.5 /* feet lie at 0.5 to 1.25, a hand or paws at 1.7 and more */
/* A model that lies worse than this on a print makes one try its halves, and caps the confidence.
 */
#define POOR_SCORE_PER_CM2 1.1
/* Of the threshold: what bears so much is load, though no contact. */
#define FINDER_LIGHT_SHARE 0.25
/* The high bit of a label picture while islands are looked at. */
#define VISITED 0x80
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
    const float *picture; /* without the hard things of ... */
    const float *whole;   /* ... the picture as it is, ... */
    size_t hard_cells;    /* ... of which so many are in contact */
    float above;          /* contact is more than this */
    const struct foot_hints *hints;
    struct foot_model *model;
    struct contact_cell *cells, *spare; /* of all cells of the plate, each */
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

/* The label of a cell, 0 off the plate. */
static inline uint8_t finder_label_at(const struct finder *f, const uint8_t *label, int row,
                                      int col)
{
    if (row < 0 || col < 0 || row >= f->grid->rows || col >= f->grid->cols)
        return 0;
    return label[(size_t)row * (size_t)f->grid->cols + (size_t)col];
}

/* --- Islands of touching cells (finder_islands.c) --- */

/* label: 1 + print for each cell of a print. */
void finder_label_prints(const struct finder *f, uint8_t *label);

/* One island of touching labelled cells from `start`; its cells go to `island`, counts to by_label.
 * Visited cells are marked with the high bit. Returns how many. */
size_t finder_flood(const struct finder *f, uint8_t *label, size_t start, size_t *island,
                    size_t by_label[LABELS]);

/* A straight cut may shave a few cells off a foot: an island that lies mostly in one print belongs
 * to it as a whole. Touching feet are one island with two large parts, and stay cut. */
void finder_heal_islands(const struct finder *f, uint8_t *label, size_t *island);

/* Share of a print's cells that its largest island has. */
double finder_one_piece(const struct finder *f, int p, uint8_t *label);

/* --- Which prints are feet (finder_candidates.c) --- */

/* The best of all ends and sides, and its score. */
const struct foot_fit *finder_best_fit(const struct candidate *foot);
double finder_score(const struct candidate *candidate);

/* Fits the model to each print that may be a foot; parts what lies badly. 0, or -1 with `why`. */
int finder_fit_prints(struct finder *f, uint8_t *label, struct problem *why);

/* Fills f->feet; 1, or 0 with the reason in `found` when what was found makes no sense. */
int finder_pick_feet(struct finder *f, uint8_t *label, struct found_feet *found);

/* Takes feet out of f->feet that are doubted; the last doubt, or NULL. */
const char *finder_drop_doubted(struct finder *f, const uint8_t *label, uint8_t *scratch);

/* --- What speaks against a print (finder_doubts.c) --- */

/* A sentence when f->feet[k] (of the prints print[0..n_feet)) is more likely no foot, else NULL.
 * `scratch` has room for the picture's labels. */
const char *finder_doubt(const struct finder *f, int k, const int print[2], const uint8_t *label,
                         uint8_t *scratch);

/* 1 when fingers lie about a print; f->island and `mark` are scratch (finder_fingers.c). */
int finder_has_fingers(const struct finder *f, const uint8_t *label, int print, uint8_t *mark);

/* How the model lies on a print, either way round and as either foot. */
void finder_fit_print(const struct finder *f, int p, const uint8_t *label, struct candidate *foot);

/* 1 when a print may be a whole foot; 1 when the model lies well on it besides; how much better it
 * lies than on a poor print. */
int finder_is_foot_shaped(const struct candidate *foot);
int finder_is_whole_foot(const struct candidate *foot);
double finder_worth(const struct candidate *foot);

/* --- Things beside a foot (finder_things.c) --- */

/* Where a sole is on the plate, what is hard leaves f->picture, which is `without` then: with as
 * many cells. All else stays as it is, and hard contact alone is judged by its shape. */
void finder_take_out_things(struct finder *f, float *without, uint8_t *label);

/* 1 when beside the `other` foot this one is rather a bag. */
int finder_is_bag(const struct finder *f, const struct candidate *foot,
                  const struct candidate *other);

/* --- Feet beside things (finder_clumps.c) --- */

/* Looks for one or two whole feet among the contact that air parts. 1 when these are better than
 * f->feet: then they are, with their prints, candidates and `label`, and f->cells in their order;
 * 0 with f as it was; -1 with `why`. */
int finder_feet_in_air(struct finder *f, uint8_t *label, uint8_t *scratch, struct problem *why);

/* --- Sides and ends (finder_sides.c) --- */

/* Fills found->foot and f->readings from f->feet, by x from the left. */
void finder_decide_sides(struct finder *f, struct found_feet *found);

/* --- Cells (finder_cells.c) --- */

/* label: 1 + print of each cell, as finder_label_prints leaves it; scratch afterwards. Fills
 * found->label and what is in no foot. */
void finder_settle_cells(const struct finder *f, uint8_t *label, struct found_feet *found);

/* --- Refusing (foot_finder.c) --- */

/* No foot, and why. Always 0. */
int finder_refuse(struct found_feet *found, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
