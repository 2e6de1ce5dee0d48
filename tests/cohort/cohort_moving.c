/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/cohort_moving.h"
#include "analysis/analyzer.h"
#include "analysis/foot/foot_track.h"
#include "analysis/second_pass.h"
#include "analysis/walk/walk.h"
#include "samples/dice.h"
#include "samples/foot_picture.h"
#include "samples/things.h"
#include "samples/visit.h"
#include "tests/cohort/cohort_plate.h"
#include "tests/support/walking_person.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THRESHOLD_KPA 5.0
#define STAND_S 12.0
#define FRAME_US 50000 /* 20 Hz */
#define STILL_EVERY 5
#define SHIFT_EVERY 10
#define WALK_EVERY 10
#define THING_EVERY 2
#define WEIGHT_AT_S 2.5
#define MOVE_AT_S 6.0
#define MOVE_S 1.0
#define SURE 0.9
#define MOVED_MM 4.0 /* more, or a turn of more, is told as a move (track_private.h) */
#define TURNED_DEG 2.5

static void begin_dice(struct dice *dice, uint64_t seed, const char *what, int index)
{
    char purpose[48];
    snprintf(purpose, sizeof purpose, "cohort %s %d", what, index);
    dice_begin(dice, seed, purpose);
}

static double between(struct dice *dice, double low, double high)
{
    return low + (high - low) * dice_uniform(dice);
}

/* --- Standing ------------------------------------------------------------------------------- */

struct stand {
    struct grid grid;
    size_t cells, n;
    float *frames; /* n pictures as the station gets them */
    uint8_t *masked;
};

static int watch_stand(const struct visit *visit, uint64_t seed, struct stand *stand,
                       struct problem *why)
{
    struct cohort_plate *plate = cohort_plate_begin(&visit->subject.plate, seed, why);
    if (!plate)
        return -1;
    stand->grid = cohort_plate_grid(&visit->subject.plate);
    stand->cells = grid_cells(&stand->grid);
    stand->n = (size_t)((visit->off_us - visit->stand_us) / FRAME_US);
    stand->frames = malloc((stand->n + 1) * stand->cells * sizeof *stand->frames);
    stand->masked = cohort_plate_masked(plate);
    int result = stand->frames && stand->masked ? 0 : problem_no_memory(why, "a stand's frames");
    for (size_t i = 0; !result && i < stand->n; i++) {
        float *kpa = stand->frames + i * stand->cells;
        uint64_t now_us = visit->stand_us + i * FRAME_US;
        visit_pressure(visit, now_us, kpa);
        cohort_plate_read(plate, now_us, kpa);
    }
    cohort_plate_free(plate);
    return result;
}

static int second_reading(struct result *result, const struct stand *stand, struct problem *why)
{
    struct second_pass *pass = second_pass_begin(result, why);
    int failed = !pass;
    for (size_t i = 0; !failed && i < stand->n; i++)
        failed = second_pass_frame(pass, i * FRAME_US, stand->frames + i * stand->cells, why);
    if (failed)
        second_pass_free(pass);
    return failed || second_pass_finish(pass, why) ? -1 : 0;
}

/* Both readings of the stand's frames; takes `masked` over. */
static struct result *analyse(const struct subject *subject, struct stand *stand,
                              struct problem *why)
{
    const struct analyzer_options options = {
        .threshold_kpa = THRESHOLD_KPA, .min_force_n = 20, .protocol = "stand"};
    struct recording_facts facts = {.masked = stand->masked,
                                    .pressure_error_percent =
                                        100 * subject->plate.calibration_residual};
    struct analyzer *analyzer = analyzer_begin(&stand->grid, 1e6 / FRAME_US, &options, why);
    int failed = !analyzer;
    for (size_t i = 0; !failed && i < stand->n; i++)
        failed = analyzer_frame(analyzer, i * FRAME_US, stand->frames + i * stand->cells, why);
    if (failed) {
        analyzer_free(analyzer);
        return NULL;
    }
    for (size_t i = 0; i < stand->cells; i++)
        facts.masked_cells += stand->masked[i];
    stand->masked = NULL;
    struct result *result = analyzer_finish(analyzer, &facts, why);
    if (result && second_reading(result, stand, why)) {
        result_free(result);
        result = NULL;
    }
    return result;
}

/* The visit of this stand and what the analysis made of it: visit_free, result_free. */
static struct result *stand_and_tell(struct subject *subject, uint64_t seed, struct visit **visit,
                                     struct problem *why)
{
    struct stand stand = {0};
    struct result *result = NULL;
    subject->protocol.stand_s = STAND_S;
    subject->protocol.press.present = 0;
    *visit = visit_plan(subject, seed, why);
    if (*visit && !watch_stand(*visit, seed, &stand, why))
        result = analyse(subject, &stand, why);
    free(stand.frames);
    free(stand.masked);
    return result;
}

static int stand_still(const struct subject *person, uint64_t seed, struct moving_score *score,
                       struct problem *why)
{
    struct subject *subject = malloc(sizeof *subject);
    struct visit *visit = NULL;
    if (!subject)
        return problem_no_memory(why, "a person");
    *subject = *person;
    struct result *result = stand_and_tell(subject, seed, &visit, why);
    score->stood = result != NULL;
    for (int i = 0; result && i < result->n_signs; i++) {
        score->guards += result->signs[i].kind == SIGN_GUARDING;
        score->withdraws += result->signs[i].kind == SIGN_WITHDRAWAL;
    }
    result_free(result);
    visit_free(visit);
    free(subject);
    return score->stood ? 0 : -1;
}

/* --- Shifting ------------------------------------------------------------------------------- */

/* Along its own length, forward or back, so that it stays clear of the other foot. */
static struct stand_event draw_move(const struct subject *subject, int moved, struct dice *dice)
{
    const struct subject_foot *foot = &subject->feet[moved];
    double way = between(dice, 15, 50) * (dice_uniform(dice) < 0.5 ? -1 : 1);
    struct stand_event move = {.at_s = MOVE_AT_S,
                               .over_s = MOVE_S,
                               .left_share = NAN,
                               .side = foot->side,
                               .turn_deg = between(dice, -6, 6)};
    for (int tries = 0; tries < 2; tries++, way = -way) {
        struct subject_foot there = *foot;
        move.dx_mm = way * sin(foot->angle_deg * M_PI / 180);
        move.dy_mm = way * cos(foot->angle_deg * M_PI / 180);
        there.heel.x_mm += move.dx_mm;
        there.heel.y_mm += move.dy_mm;
        there.angle_deg += move.turn_deg;
        if (subject->n_feet < 2 || cohort_gap_mm(&there, &subject->feet[1 - moved]) >= 3)
            return move;
        move.turn_deg = 0;
    }
    return move;
}

static void set_events(struct subject *subject, const struct stand_event *move, struct dice *dice)
{
    double share = dice_uniform(dice) < 0.5 ? 0.3 : 0.7;
    subject->n_events = 0;
    if (subject->n_feet == 0)
        subject->events[subject->n_events++] =
            (struct stand_event){.at_s = WEIGHT_AT_S, .over_s = 1.5, .left_share = share};
    subject->events[subject->n_events++] = *move;
}

static double true_way_mm(const struct subject_foot *foot, const struct stand_event *move)
{
    struct uv middle = {0.5, 0.5};
    struct point heel = {foot->heel.x_mm + move->dx_mm, foot->heel.y_mm + move->dy_mm};
    struct foot_frame before = foot_picture_frame(foot, foot->heel, foot->angle_deg);
    struct foot_frame after = foot_picture_frame(foot, heel, foot->angle_deg + move->turn_deg);
    struct point a = foot_frame_to_plate(&before, middle), b = foot_frame_to_plate(&after, middle);
    return hypot(a.x_mm - b.x_mm, a.y_mm - b.y_mm);
}

static struct point middle_of(const struct foot_frame *frame)
{
    return foot_frame_to_plate(frame, (struct uv){0.5, 0.5});
}

/* The true foot, as it stands at last, that lies nearest to a tracked one; -1: none within 80 mm.
 */
static int true_foot_of(const struct foot_frame *truth, int n, const struct tracked_foot *foot)
{
    int nearest = -1;
    double best = 80;
    struct point at = middle_of(&foot->frame);
    for (int i = 0; i < n; i++) {
        struct point there = middle_of(&truth[i]);
        double far = hypot(at.x_mm - there.x_mm, at.y_mm - there.y_mm);
        if (far < best) {
            best = far;
            nearest = i;
        }
    }
    return nearest;
}

static void score_moves(const struct track *track, const struct foot_frame *truth,
                        const struct subject *subject, int moved, double way_mm,
                        struct moving_score *score)
{
    for (size_t s = 0; s < track->n; s++) {
        const struct track_span *span = &track->spans[s];
        double from_s = (double)span->from_us / 1e6;
        for (int f = 0; f < span->n_feet; f++) {
            const struct tracked_foot *foot = &span->foot[f];
            if (!(foot->moved_mm > MOVED_MM || fabs(foot->turned_deg) > TURNED_DEG))
                continue;
            int is_it = true_foot_of(truth, subject->n_feet, foot) == moved &&
                        from_s >= MOVE_AT_S && from_s <= MOVE_AT_S + MOVE_S + 2;
            if (!is_it || score->is_followed) {
                score->false_moves++;
                continue;
            }
            score->is_followed = 1;
            score->way_error_mm = foot->moved_mm - way_mm;
        }
    }
}

static void score_last_span(const struct track *track, const struct foot_frame *truth,
                            const struct subject *subject, struct moving_score *score)
{
    const struct track_span *span = track->n ? &track->spans[track->n - 1] : NULL;
    score->feet = subject->n_feet;
    for (int f = 0; span && f < span->n_feet; f++) {
        const struct tracked_foot *foot = &span->foot[f];
        int i = true_foot_of(truth, subject->n_feet, foot);
        if (i < 0)
            continue;
        int right = foot->side == subject->feet[i].side;
        score->stated += foot->side != SIDE_UNKNOWN;
        score->right += right;
        score->sure_and_wrong +=
            foot->side != SIDE_UNKNOWN && !right && foot->side_confidence > SURE;
        score->axis_error_deg[i] = fabs(remainder(foot->frame.angle_deg - truth[i].angle_deg, 360));
    }
}

static int stand_and_shift(const struct subject *person, uint64_t seed, struct dice *dice,
                           struct moving_score *score, struct problem *why)
{
    struct subject *subject = malloc(sizeof *subject);
    struct visit *visit = NULL;
    if (!subject)
        return problem_no_memory(why, "a person");
    *subject = *person;
    int moved = subject->n_feet == 2 && dice_uniform(dice) < 0.5;
    struct stand_event move = draw_move(subject, moved, dice);
    set_events(subject, &move, dice);
    struct result *result = stand_and_tell(subject, seed, &visit, why);
    score->shifted = result != NULL;
    if (result && result->track) {
        const struct foot_frame *truth;
        const double *shares;
        double way_mm = true_way_mm(&subject->feet[moved], &move);
        visit_stance_at(visit, visit->off_us - 1, &truth, &shares);
        score_moves(result->track, truth, subject, moved, way_mm, score);
        score_last_span(result->track, truth, subject, score);
    }
    result_free(result);
    visit_free(visit);
    free(subject);
    return score->shifted ? 0 : -1;
}

/* --- Walking -------------------------------------------------------------------------------- */

#define WALK_CELLS (264 * 120)
#define STEPS 3

static void draw_walk(struct walking *walk, const struct subject *subject, struct dice *dice)
{
    const struct subject_foot *foot = &subject->feet[0];
    double aside = between(dice, -20, 20);
    *walk = walking_usual((struct grid){264, 120, 7.6, 7.1}, 50, STEPS);
    walk->newton = subject->person.body_mass_kg * GRAVITY_M_S2;
    walk->length_mm = foot->length_mm;
    walk->arch = foot->arch;
    walk->toe_contact = fmax(0.3, foot->toe_contact);
    walk->step_mm = foot->length_mm * between(dice, 2.1, 2.6);
    walk->width_mm = between(dice, 75, 130);
    walk->toes_out_deg = between(dice, -2, 14);
    walk->stance_s = between(dice, 0.6, 0.85);
    walk->step_s = 0.81 * walk->stance_s;
    walk->first = dice_uniform(dice) < 0.5 ? SIDE_LEFT : SIDE_RIGHT;
    walk->start = (struct point){426 - 12 * aside, 90};
    walk->heading_deg = aside;
    walking_begin(walk);
}

static int read_walk(const struct walking *w, const float *frames, size_t n,
                     struct walk_result **walk, struct problem *why)
{
    struct belt_watch *watch = belt_watch_begin(&w->grid, w->rate_hz, why);
    double *force = calloc(n + 1, sizeof *force);
    if (!watch || !force) {
        belt_watch_free(watch);
        free(force);
        return problem_no_memory(why, "a walk");
    }
    for (size_t i = 0; i < n; i++) {
        const float *kpa = frames + i * WALK_CELLS;
        belt_watch_frame(watch, kpa, 4.99F);
        for (size_t c = 0; c < WALK_CELLS; c++)
            force[i] += kpa[c] >= 5 ? (double)kpa[c] * grid_newton_per_kpa(&w->grid) : 0;
    }
    const struct walk_input input = {w->grid, w->rate_hz, THRESHOLD_KPA, 20,
                                     force,   n,          SIDE_UNKNOWN};
    struct belt belt = belt_watch_result(watch);
    *walk = walk_result_new(&belt, why);
    struct walker *walker = *walk ? walker_begin(&input, *walk, why) : NULL;
    int failed = !walker;
    for (size_t i = 0; !failed && i < n; i++)
        failed = walker_frame(walker, (double)i / w->rate_hz, frames + i * WALK_CELLS, why);
    if (failed)
        walker_free(walker);
    else
        failed = walker_finish(walker, why);
    belt_watch_free(watch);
    free(force);
    return failed ? -1 : 0;
}

static void score_steps(const struct walking *w, const struct walk_result *walk,
                        struct moving_score *score)
{
    for (int k = 0; k < w->steps; k++) {
        for (size_t i = 0; i < walk->n_steps; i++) {
            const struct walk_step *step = &walk->steps[i];
            if (fabs(step->start_s - walking_start_s(w, k)) > w->step_s / 2)
                continue;
            int right = step->side == walking_side(w, k), stated = step->side != SIDE_UNKNOWN;
            score->steps_found++;
            score->steps_stated += stated;
            score->steps_right += right;
            score->steps_sure_and_wrong += stated && !right && step->side_confidence > SURE;
            break;
        }
    }
}

static int walk_over(const struct subject *subject, struct dice *dice, struct moving_score *score,
                     struct problem *why)
{
    struct walking *w = malloc(sizeof *w);
    struct walk_result *walk = NULL;
    int failed = 0;
    if (!w)
        return problem_no_memory(why, "a walk");
    draw_walk(w, subject, dice);
    size_t n = walking_frames(w);
    float *frames = malloc(n * WALK_CELLS * sizeof *frames);
    if (!frames)
        failed = problem_no_memory(why, "a walk's frames");
    for (size_t i = 0; frames && i < n; i++)
        walking_frame(w, i, dice, frames + i * WALK_CELLS);
    if (!failed)
        failed = read_walk(w, frames, n, &walk, why);
    if (!failed) {
        score->walked = 1;
        score->steps = w->steps;
        score_steps(w, walk, score);
    }
    walk_result_free(walk);
    free(frames);
    free(w);
    return failed;
}

/* --- Things --------------------------------------------------------------------------------- */

static struct thing draw_thing(const struct grid *grid, struct dice *dice)
{
    static const double small[] = {130, 200, 150}, large[] = {220, 450, 400};
    static const double light[] = {15, 20, 20}, heavy[] = {150, 300, 500};
    struct thing thing = {.kind = (enum thing_kind)(int)(3 * dice_uniform(dice))};
    thing.at.x_mm = between(dice, 0.25, 0.75) * grid->cols * grid->pitch_x_mm;
    thing.at.y_mm = between(dice, 0.25, 0.75) * grid->rows * grid->pitch_y_mm;
    thing.angle_deg = between(dice, -180, 180);
    thing.size_mm = between(dice, small[thing.kind], large[thing.kind]);
    thing.newton = between(dice, light[thing.kind], heavy[thing.kind]);
    return thing;
}

static int look_at(const struct grid *grid, const float *kpa, struct moving_score *score,
                   struct problem *why)
{
    struct found_feet found;
    if (foot_finder(grid, kpa, THRESHOLD_KPA, NULL, &found, why))
        return -1;
    score->is_refused = found.n == 0 && found.no_foot_reason[0];
    for (int i = 0; i < found.n; i++) {
        score->is_sided |= found.foot[i].side != SIDE_UNKNOWN;
        score->is_surely_sided |=
            found.foot[i].side != SIDE_UNKNOWN && found.foot[i].side_confidence > SURE;
    }
    found_feet_free(&found);
    return 0;
}

static int lay_thing(const struct subject *subject, uint64_t seed, struct dice *dice,
                     struct moving_score *score, struct problem *why)
{
    struct grid grid = cohort_plate_grid(&subject->plate);
    struct cohort_plate *plate = cohort_plate_begin(&subject->plate, seed, why);
    float *kpa = calloc(grid_cells(&grid), sizeof *kpa);
    struct thing thing = draw_thing(&grid, dice);
    struct foot_picture picture = {0};
    int result = -1;
    if (!plate || !kpa || thing_picture(&picture, &thing, &grid, why))
        goto out;
    for (size_t i = 0; i < picture.n; i++)
        kpa[picture.cells[i].index] +=
            (float)((double)picture.cells[i].newton * thing.newton / grid_newton_per_kpa(&grid));
    cohort_plate_read(plate, 1000000, kpa);
    score->thing = 1 + (int)thing.kind;
    result = look_at(&grid, kpa, score, why);
out:
    foot_picture_free(&picture);
    cohort_plate_free(plate);
    free(kpa);
    return result;
}

int cohort_moving(const struct cohort_person *person, uint64_t seed, struct moving_score *score,
                  struct problem *why)
{
    const struct subject *subject = &person->subject;
    unsigned odd = COHORT_NO_TOES | COHORT_TOE_MISSING | COHORT_SWOLLEN | COHORT_AMPUTATED;
    int index = person->index, failed = 0;
    struct dice dice;
    *score = (struct moving_score){.way_error_mm = NAN, .axis_error_deg = {NAN, NAN}};
    score->is_alike = subject->n_feet == 2 && person->pose != COHORT_EDGE &&
                      !((person->traits[0] | person->traits[1]) & odd);
    if (index % STILL_EVERY == 0 && !person->is_planted)
        failed = stand_still(subject, seed, score, why);
    begin_dice(&dice, seed, "shifts", index);
    if (!failed && index % SHIFT_EVERY == 1)
        failed = stand_and_shift(subject, seed, &dice, score, why);
    begin_dice(&dice, seed, "walks", index);
    if (!failed && index % WALK_EVERY == 2)
        failed = walk_over(subject, &dice, score, why);
    begin_dice(&dice, seed, "things", index);
    if (!failed && index % THING_EVERY == 0)
        failed = lay_thing(subject, seed, &dice, score, why);
    return failed;
}
