/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which side each foot is and which end are its toes: all readings weighed against each other. */
#include "analysis/foot/finder_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A foot so short may be a forefoot. */
#define SHORT_FOOT_MM 150.0
/* A part says its side with no more confidence: alone (under SIDE_STATED), and beside another foot.
 */
#define PART_ALONE_CONFIDENCE 0.84
#define PART_BESIDE_CONFIDENCE 0.89
/* Neighbouring cells say nearly the same: so many cm2 of log likelihood make one unit of evidence.
 */
#define EVIDENCE_PER_SCORE (1 / 10.0)
/* The model lies better than this on each of 60 whole feet drawn any way round (0.64 in the
 * median, 0.91 at most), and worse on forefeet that are cut off and lie better end for end than as
 * they are (1.03 and more of those that were sure of the wrong side). */
#define WHOLE_SCORE_PER_CM2 0.95
/* Both of two prints lie worse than this where the sides of stumps were told wrong, and the shorter
 * is no longer than this many of its widths. */
#define STUMP_SCORE_PER_CM2 1.0
#define STUMP_SLIMNESS 2.5
/* So sure, a toe end is known from the print. */
#define TOES_BY_PRINT 0.9
/* A print that speaks against the operator this clearly is worth a warning. */
#define CONTRADICTS 0.97

/* A model that lies badly even at its best (half a foot, rolling off) says little by its being
 * better than another. */
static double trust(const struct candidate *foot)
{
    double per_cm2 = -finder_best_fit(foot)->score / foot->print.area_cm2;

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

/* What readings are held to; zeroed: nothing. */
struct held {
    enum side side[2];    /* the operator's word, or SIDE_UNKNOWN */
    int has_direction[2]; /* the toe end is known ... */
    int direction[2];     /* ... and is this one */
};

static int is_held(const struct held *held, int i, struct reading reading)
{
    return (!held->side[i] || reading.side == held->side[i]) &&
           (!held->has_direction[i] || reading.direction == held->direction[i]);
}

/* Goes through all readings (side and end of each foot) that are `held` to twice: for the best,
 * then for the weights of all against it. */
static struct verdict judge(const struct finder *f, const struct held *held, int with_pair)
{
    struct verdict verdict = {.best_log = -INFINITY};
    int n = f->n_feet == 2 ? 16 : 4;
    double total = 0;

    for (int pass = 0; pass < 2; pass++)
        for (int code = 0; code < n; code++) {
            struct reading reading[2] = {reading_of(code & 3), reading_of(code >> 2)};
            double weight;

            if (!is_held(held, 0, reading[0]) || (f->n_feet == 2 && !is_held(held, 1, reading[1])))
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
    const char *name = side_name(side), *print;
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

/* May be a foot that is cut off, of which neither end is what the model expects there. */
static int may_be_cut_off(const struct candidate *foot)
{
    return finder_score(foot) < -WHOLE_SCORE_PER_CM2 * foot->print.area_cm2;
}

/* Two short stumps lie nearly as well end for end, and then as the other pair of sides. */
static int may_be_two_stumps(const struct finder *f)
{
    double stubbiest = INFINITY;

    for (int i = 0; i < f->n_feet; i++) {
        stubbiest = fmin(stubbiest, f->feet[i].print.length_mm / f->feet[i].print.width_mm);
        if (finder_score(&f->feet[i]) >= -STUMP_SCORE_PER_CM2 * f->feet[i].print.area_cm2)
            return 0;
    }
    return f->n_feet == 2 && stubbiest < STUMP_SLIMNESS;
}

static int knows_toes(const struct finder *f, int i, const struct verdict *verdict)
{
    return verdict->direction[i][verdict->best[i].direction] > TOES_BY_PRINT &&
           !may_be_cut_off(&f->feet[i]);
}

/* What lies poorly may be no foot at all, and then nor does its place beside another one tell that
 * one's side; and of two left feet one is no foot of that person. */
static double highest_confidence(const struct finder *f, const struct verdict *all, int i)
{
    const struct foot_frame *frame = &finder_best_fit(&f->feet[i])->frame;
    int poor = may_be_cut_off(&f->feet[i]) ||
               (f->n_feet == 2 &&
                (may_be_cut_off(&f->feet[1 - i]) || all->best[0].side == all->best[1].side));

    if (may_be_two_stumps(f))
        return PART_ALONE_CONFIDENCE;
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
        snprintf(foot->side_reason, sizeof foot->side_reason, "stated, not found%s",
                 foot->side_contradicts ? "; the print itself speaks for the other side" : "");
        return;
    }
    foot->side_confidence = fmin(all->side[i][side], highest_confidence(f, all, i));
    foot->likely_side = side;
    explain(f, i, side, prints->side[i][side], foot);
    foot->side = foot->side_confidence >= SIDE_STATED ? side : SIDE_UNKNOWN;
}

static void describe_foot(const struct finder *f, int i, const struct verdict *all,
                          struct found_foot *foot)
{
    const struct candidate *from = &f->feet[i];
    const struct foot_frame *frame = &from->fit[all->best[i].direction][all->best[i].side].frame;

    foot->toes_by_print = knows_toes(f, i, all);
    foot->is_part = from->is_part;
    foot->off_edge = from->print.on_border >= PRINT_CUT_CELLS;
    foot->rough_heel = frame->heel;
    foot->rough_toe = foot_frame_to_plate(frame, (struct uv){1, 0.5});
    foot->rough_angle_deg = remainder(frame->angle_deg, 360);
    foot->cells = from->print.n;
}

/* What the operator said of these feet, in their order; unknown where he said nothing that fits,
 * as two feet of one side do not. */
static void operator_words(const struct finder *f, enum side said[2])
{
    said[0] = said[1] = SIDE_UNKNOWN;
    if (f->hints && f->hints->n_feet == f->n_feet)
        memcpy(said, f->hints->feet, sizeof *said * (size_t)f->n_feet);
    if (said[0] == said[1])
        said[0] = said[1] = SIDE_UNKNOWN;
}

/* Nobody has two feet of one side: which of them is wrong is not known, but where one was told. */
static void leave_open(const enum side said[2], struct found_feet *found)
{
    if (found->n < 2 || found->foot[0].side == SIDE_UNKNOWN ||
        found->foot[0].side != found->foot[1].side)
        return;
    for (int i = 0; i < 2; i++) {
        struct found_foot *foot = &found->foot[i];

        if (said[i])
            continue;
        foot->side = SIDE_UNKNOWN;
        foot->side_confidence = fmin(foot->side_confidence, PART_ALONE_CONFIDENCE);
        snprintf(foot->side_reason, sizeof foot->side_reason,
                 "both prints look like feet of one side");
    }
}

/* The operator's word is about sides. Which end the toes are at is what the load says where it says
 * so: the mirrored foot lies better end for end, and a wrong word must not turn the foot. */
static struct held hold(const struct finder *f, const struct verdict *free)
{
    struct held held = {{SIDE_UNKNOWN, SIDE_UNKNOWN}, {0, 0}, {0, 0}};

    operator_words(f, held.side);
    for (int i = 0; i < f->n_feet; i++) {
        held.direction[i] = free->best[i].direction;
        held.has_direction[i] = knows_toes(f, i, free);
    }
    return held;
}

void finder_decide_sides(struct finder *f, struct found_feet *found)
{
    const struct held nothing = {{SIDE_UNKNOWN, SIDE_UNKNOWN}, {0, 0}, {0, 0}};
    struct verdict free = judge(f, &nothing, 1), prints = judge(f, &nothing, 0), all = free;
    struct held held = hold(f, &free);

    if (held.side[0] || held.side[1])
        all = judge(f, &held, 1);
    memcpy(f->readings, all.best, sizeof f->readings);
    found->n = f->n_feet;
    for (int i = 0; i < f->n_feet; i++) {
        describe_foot(f, i, &all, &found->foot[i]);
        state_side(f, i, held.side, &all, &prints, &found->foot[i]);
    }
    leave_open(held.side, found);
}
