/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which foot made each step: what its print says (foot_fit.h: hollow, ball, toes), and where it
 * lies among its neighbours (feet alternate, and the left one steps left of the right one). Both
 * are log odds; over a row of steps the posterior of each is that of a chain (forward, backward).
 */
#include "analysis/walk/walk_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define EVIDENCE_PER_SCORE (1 / 10.0) /* neighbouring cells say nearly the same */
#define POOR_PER_CM2 1.5              /* log likelihood: a print on which the model lies badly */
#define PRINT_ODDS_MAX 5.0            /* no print alone is surer than 0.993 */
#define ALTERNATE_ODDS 2.0
#define ACROSS_MM 25.0 /* sd of the place across, as in standing; and its most */
#define ACROSS_ODDS_MAX 4.0
#define NEIGHBOUR_S 1.6 /* from step to step */
#define SIDE_STATED 0.85
#define TRAVEL_SHARE 0.2 /* of the print's length: less way of the COP tells no direction */

/* The COP's way from 15 % to 85 % of the stance's frames. */
static struct point travel(const struct walk_step *step)
{
    size_t n = step->n_samples, a = n * 15 / 100, b = n * 85 / 100;
    struct point p = sample_cop(&step->samples[a]), q = sample_cop(&step->samples[b]);

    return (struct point){q.x_mm - p.x_mm, q.y_mm - p.y_mm};
}

static double along(struct point way, double angle_deg)
{
    return way.x_mm * sin(angle_deg * M_PI / 180) + way.y_mm * cos(angle_deg * M_PI / 180);
}

static void fit_both(const struct foot_model *model, const struct step_print *print,
                     double toes_deg, struct foot_fit fit[3])
{
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        fit[side] = foot_fit(model, &print->grid, print->cells, print->n_cells, &print->shape,
                             (enum side)side, toes_deg);
}

static double better(const struct foot_fit fit[3])
{
    return fmax(fit[SIDE_LEFT].score, fit[SIDE_RIGHT].score);
}

/* Heel to toes: as the COP went; where it did not go far, as the model lies better. */
static void pose(const struct foot_model *model, const struct step_print *print,
                 struct walk_step *step, struct foot_fit fit[3])
{
    double angle = print->shape.angle_deg, went = along(travel(step), angle);

    step->toes_by_cop = fabs(went) > TRAVEL_SHARE * print->shape.length_mm;
    step->toes_deg = remainder(step->toes_by_cop && went < 0 ? angle + 180 : angle, 360);
    fit_both(model, print, step->toes_deg, fit);
    if (!step->toes_by_cop) {
        struct foot_fit other[3] = {0};

        fit_both(model, print, step->toes_deg + 180, other);
        if (better(other) > better(fit)) {
            fit[SIDE_LEFT] = other[SIDE_LEFT];
            fit[SIDE_RIGHT] = other[SIDE_RIGHT];
            step->toes_deg = remainder(step->toes_deg + 180, 360);
        }
    }
    step->centre = (struct point){print->shape.centre.x_mm + print->origin.x_mm,
                                  print->shape.centre.y_mm + print->origin.y_mm};
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        fit[side].frame.heel.x_mm += print->origin.x_mm;
        fit[side].frame.heel.y_mm += print->origin.y_mm;
    }
}

/* Log odds of right against left by the print alone. */
static double print_odds(const struct walk_step *step, const struct foot_fit fit[3])
{
    double per_cm2 = -better(fit) / step->print_area_cm2;
    double trust = fmin(fmax((POOR_PER_CM2 - per_cm2) / 0.5, 0.1), 1);
    double odds = (fit[SIDE_RIGHT].score - fit[SIDE_LEFT].score) * EVIDENCE_PER_SCORE * trust;

    return fmax(fmin(odds, PRINT_ODDS_MAX), -PRINT_ODDS_MAX);
}

/* Log weight of "b is right and a left" against "b is left and a right", for neighbours. */
static double across_odds(const struct walk_step *a, const struct walk_step *b, double heading_deg)
{
    double dx = b->centre.x_mm - a->centre.x_mm, dy = b->centre.y_mm - a->centre.y_mm;
    double angle = heading_deg * M_PI / 180, right = dx * cos(angle) - dy * sin(angle);

    return fmax(fmin(2 * right / ACROSS_MM, ACROSS_ODDS_MAX), -ACROSS_ODDS_MAX);
}

static int are_neighbours(const struct walk_step *a, const struct walk_step *b)
{
    return b->start_s - a->start_s < NEIGHBOUR_S &&
           cos((a->toes_deg - b->toes_deg) * M_PI / 180) > 0.5;
}

/* Weight of the sides of two steps in a row; [0] left, [1] right. */
static void link(const struct walk_result *walk, size_t a, double weight[2][2])
{
    const struct walk_step *one = &walk->steps[a], *next = &walk->steps[a + 1];
    double heading = gait_heading_deg(walk, a + 1), across;

    weight[0][0] = weight[1][1] = weight[0][1] = weight[1][0] = 1;
    if (!are_neighbours(one, next))
        return;
    if (isnan(heading))
        heading = one->toes_deg + remainder(next->toes_deg - one->toes_deg, 360) / 2;
    across = across_odds(one, next, heading);
    weight[0][1] = exp(ALTERNATE_ODDS + across / 2);
    weight[1][0] = exp(ALTERNATE_ODDS - across / 2);
}

/* forward and backward hold the share of "right" seen from either end; odds become posteriors. */
static void chain(const struct walk_result *walk, const double *odds, double *forward,
                  double *backward)
{
    size_t n = walk->n_steps;
    double w[2][2];

    for (size_t i = 0; i < n; i++) {
        double left = 0.5, right = 0.5, own = 1 / (1 + exp(-odds[i]));

        if (i > 0) {
            link(walk, i - 1, w);
            left = (1 - forward[i - 1]) * w[0][0] + forward[i - 1] * w[1][0];
            right = (1 - forward[i - 1]) * w[0][1] + forward[i - 1] * w[1][1];
        }
        forward[i] = right * own / (right * own + left * (1 - own));
    }
    for (size_t i = n; i-- > 0;) {
        double left = 0.5, right = 0.5;

        if (i + 1 < n) {
            double own = 1 / (1 + exp(-odds[i + 1]));
            double r = backward[i + 1] * own, l = (1 - backward[i + 1]) * (1 - own);

            link(walk, i, w);
            left = w[0][0] * l + w[0][1] * r;
            right = w[1][0] * l + w[1][1] * r;
        }
        backward[i] = right / (right + left);
    }
}

static void say_side(struct walk_step *step, double right, double by_print, const char *among)
{
    enum side side = right >= 0.5 ? SIDE_RIGHT : SIDE_LEFT;
    double sure = side == SIDE_RIGHT ? by_print : 1 - by_print;

    step->side_confidence = fmin(fmax(right, 1 - right), 0.99);
    step->side = step->side_confidence >= SIDE_STATED ? side : SIDE_UNKNOWN;
    snprintf(step->side_reason, sizeof step->side_reason, "its print %s%s",
             sure > 0.9    ? "speaks for it"
             : sure > 0.6  ? "speaks weakly for it"
             : sure >= 0.4 ? "does not tell"
                           : "speaks against it",
             among);
}

/* One foot's grid: one side for all, by all prints. */
static void one_side(const struct walk_input *input, struct walk_result *walk, const double *odds)
{
    double sum = 0;

    for (size_t i = 0; i < walk->n_steps; i++)
        sum += odds[i] / sqrt((double)walk->n_steps); /* the same foot again is little news */
    for (size_t i = 0; i < walk->n_steps; i++) {
        struct walk_step *step = &walk->steps[i];

        say_side(step, 1 / (1 + exp(-sum)), 1 / (1 + exp(-odds[i])),
                 walk->n_steps > 1 ? "; all steps on this grid are of one foot" : "");
        if (input->said) {
            step->side = input->said;
            step->side_confidence = 1;
            snprintf(step->side_reason, sizeof step->side_reason, "stated, not found");
        }
    }
}

static void decide(const struct walk_input *input, struct walk_result *walk, const double *odds,
                   double *forward, double *backward)
{
    if (walk->one_foot || (input->said && walk->n_steps == 1)) {
        one_side(input, walk, odds);
        return;
    }
    chain(walk, odds, forward, backward);
    for (size_t i = 0; i < walk->n_steps; i++) {
        double r = forward[i] * backward[i], l = (1 - forward[i]) * (1 - backward[i]);
        int alone =
            (i == 0 || !are_neighbours(&walk->steps[i - 1], &walk->steps[i])) &&
            (i + 1 == walk->n_steps || !are_neighbours(&walk->steps[i], &walk->steps[i + 1]));

        say_side(&walk->steps[i], r / (r + l), 1 / (1 + exp(-odds[i])),
                 alone ? "; no other step is near"
                       : "; its place among the other steps was weighed");
    }
}

int steps_sides(const struct walk_input *input, struct walk_result *walk, struct foot_fit fit[][3],
                struct problem *why)
{
    size_t n = walk->n_steps;
    double *odds = calloc(3 * n + 1, sizeof *odds);
    struct foot_model *model = foot_model_new(why);
    int failed = !odds || !model;

    if (!odds)
        problem_no_memory(why, "the sides of the steps");
    for (size_t i = 0; !failed && i < n; i++) {
        struct step_print print;

        failed = step_print_make(&input->grid, !walk->belt.moves, &walk->steps[i], &print, why);
        if (failed)
            break;
        pose(model, &print, &walk->steps[i], fit[i]);
        odds[i] = walk->steps[i].cut & STEP_NOT_PARTED ? 0 : print_odds(&walk->steps[i], fit[i]);
        step_print_free(&print);
    }
    if (!failed)
        decide(input, walk, odds, odds + n, odds + 2 * n);
    foot_model_free(model);
    free(odds);
    return failed ? -1 : 0;
}
