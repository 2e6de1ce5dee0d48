/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What speaks against a print's being a foot, above all against one on which the model lies badly.
 * No foot is refused for its shape, but for what lies about it, or for being in pads. */
#include "analysis/foot/finder_private.h"

#include <math.h>
#include <string.h>

/* Contact of no foot so near, as a share of the print's own area: the other half of a hand or of a
 * box. Toes that were parted from their forefoot are less. The second share is for prints on which
 * the model lies well. */
#define NEAR_MM 30.0
#define NEAR_SHARE 0.3
#define NEAR_SHARE_LIKE 0.6
/* A heel is one piece, and so is the ball of a forefoot alone, on which the model may lie the other
 * way round; paws are several pads at either end. No forefoot is longer. */
#define END_U 0.45
#define END_PIECE 0.75
#define FOREFOOT_MM 170.0
/* A foot ends in the air, and between two feet there is none of their load, or but the light rims
 * of feet pressed together (up to 0.2 of the length, of 5000 drawn ones). A print that meets
 * another one, be that taken for a foot or not, along more than this is a part of one thing that
 * was cut: a box along its shorter side, a third of its length. Cells loaded below the threshold
 * (FINDER_LIGHT_SHARE) are part of the seam: a thing whose middle bears about the threshold is in
 * patches there, which else look like the hollows of feet. */
#define SEAM_SHARE 0.25

static int is_of_foot(const struct finder *f, int print)
{
    for (int k = 0; k < f->n_feet; k++)
        if (f->feet[k].print.first == f->prints[print].first)
            return 1;
    return 0;
}

/* 1 when a cell of that print lies within NEAR_MM. */
static int is_near(const struct finder *f, const uint8_t *label, int row, int col, uint8_t print)
{
    int rows = (int)(NEAR_MM / f->grid->pitch_y_mm), cols = (int)(NEAR_MM / f->grid->pitch_x_mm);

    for (int r = row - rows; r <= row + rows; r++)
        for (int c = col - cols; c <= col + cols; c++)
            if (finder_label_at(f, label, r, c) == print)
                return 1;
    return 0;
}

static double near_share(const struct finder *f, const uint8_t *label, int print)
{
    size_t near = 0;

    for (int p = 0; p < f->n_prints; p++)
        for (size_t i = 0; i < f->prints[p].n && p != print && !is_of_foot(f, p); i++) {
            const struct contact_cell *cell = &f->cells[f->prints[p].first + i];

            near += (size_t)is_near(f, label, cell->row, cell->col, (uint8_t)(print + 1));
        }
    return (double)near / (double)f->prints[print].n;
}

/* Share that the largest island has of the print's cells behind u = END_U or, toe_end, as far from
 * the other end; `end` is scratch. */
static double end_piece(const struct finder *f, const struct candidate *foot, int print,
                        int toe_end, uint8_t *end)
{
    const struct foot_frame *frame = &finder_best_fit(foot)->frame;
    size_t cells = grid_cells(f->grid), all = 0, largest = 0, by_label[LABELS];

    memset(end, 0, cells);
    for (size_t i = 0; i < f->prints[print].n; i++) {
        const struct contact_cell *cell = &f->cells[f->prints[print].first + i];
        double u = foot_frame_to_uv(frame, (struct point){cell->x_mm, cell->y_mm}).u;

        if ((toe_end ? 1 - u : u) > END_U)
            continue;
        end[(size_t)cell->row * (size_t)f->grid->cols + (size_t)cell->col] = 1;
        all++;
    }
    for (size_t start = 0; start < cells; start++)
        if (end[start] == 1) {
            size_t n = finder_flood(f, end, start, f->island, by_label);

            largest = n > largest ? n : largest;
        }
    return all ? (double)largest / (double)all : 1;
}

/* What is loaded, be it below the threshold, goes to the print that it hangs together with. */
static void grow_prints(const struct finder *f, const uint8_t *label, uint8_t *grown)
{
    size_t cells = grid_cells(f->grid), cols = (size_t)f->grid->cols, n = 0;

    memcpy(grown, label, cells);
    for (size_t i = 0; i < cells; i++)
        if (grown[i])
            f->island[n++] = i;
    for (size_t k = 0; k < n; k++) {
        static const int beside[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
        int row = (int)(f->island[k] / cols), col = (int)(f->island[k] % cols);

        for (int i = 0; i < 4; i++) {
            int r = row + beside[i][0], c = col + beside[i][1];
            size_t at = (size_t)r * cols + (size_t)c;

            if (r < 0 || c < 0 || r >= f->grid->rows || c >= f->grid->cols || grown[at] ||
                !(f->picture[at] > f->above * (float)FINDER_LIGHT_SHARE))
                continue;
            grown[at] = grown[f->island[k]];
            f->island[n++] = at;
        }
    }
}

/* Of two prints together. */
static double mean_kpa(const struct finder *f, const struct print *a, const struct print *b)
{
    double sum = 0;

    for (size_t i = 0; i < a->n + b->n; i++) {
        const struct contact_cell *cell = &f->cells[i < a->n ? a->first + i : b->first + i - a->n];

        sum += (double)f->picture[cell->row * f->grid->cols + cell->col];
    }
    return sum / (double)(a->n + b->n);
}

/* How long the rim of print `a` that meets print `b` is, mm, cells that are lightly loaded
 * for these two counting less. Labels are 1 + print. */
static double rim_mm(const struct finder *f, const uint8_t *label, uint8_t a, uint8_t b)
{
    double length = 0, mean = mean_kpa(f, &f->prints[a - 1], &f->prints[b - 1]);

    for (int row = 0; row < f->grid->rows; row++)
        for (int col = 0; col < f->grid->cols; col++) {
            size_t i = (size_t)row * (size_t)f->grid->cols + (size_t)col;

            if (label[i] == a && (finder_label_at(f, label, row - 1, col) == b ||
                                  finder_label_at(f, label, row + 1, col) == b ||
                                  finder_label_at(f, label, row, col - 1) == b ||
                                  finder_label_at(f, label, row, col + 1) == b))
                length += fmin(1, (double)f->picture[i] / mean);
        }
    return length * sqrt(f->grid->pitch_x_mm * f->grid->pitch_y_mm);
}

/* How long a print meets another one at most. One thing that is cut in two bears load on both
 * sides of the cut; a foot may also be pressed against the light rim of the other. */
static double seam_mm(const struct finder *f, const uint8_t *label, int print, uint8_t *grown)
{
    double longest = 0;

    grow_prints(f, label, grown);
    for (int p = 0; p < f->n_prints; p++)
        if (p != print)
            longest = fmax(longest, fmin(rim_mm(f, grown, (uint8_t)(print + 1), (uint8_t)(p + 1)),
                                         rim_mm(f, grown, (uint8_t)(p + 1), (uint8_t)(print + 1))));
    return longest;
}

static int is_odd(const struct candidate *foot)
{
    return foot->is_part || finder_score(foot) < -POOR_SCORE_PER_CM2 * foot->print.area_cm2;
}

static int is_in_pads(const struct finder *f, const struct candidate *foot, int print,
                      uint8_t *scratch)
{
    return end_piece(f, foot, print, 0, scratch) < END_PIECE &&
           (foot->print.length_mm > FOREFOOT_MM ||
            end_piece(f, foot, print, 1, scratch) < END_PIECE);
}

const char *finder_doubt(const struct finder *f, int k, const int print[2], const uint8_t *label,
                         uint8_t *scratch)
{
    const struct candidate *foot = &f->feet[k];
    int odd = is_odd(foot);

    if (near_share(f, label, print[k]) > (odd ? NEAR_SHARE : NEAR_SHARE_LIKE) ||
        (odd && finder_has_fingers(f, label, print[k], scratch)))
        return "more contact lies close about what might be a foot, as about a part of a hand";
    if (odd && is_in_pads(f, foot, print[k], scratch))
        return "what might be heel and ball is in several pieces, as paws or fingers are";
    if (seam_mm(f, label, print[k], scratch) > SEAM_SHARE * foot->print.length_mm)
        return "two parts that meet along a seam might be feet, but more likely are one thing";
    if (f->n_feet == 2 && finder_is_bag(f, foot, &f->feet[1 - k]))
        return "what lies beside the foot bears little and is broad or has no heel, as a bag";
    return NULL;
}
