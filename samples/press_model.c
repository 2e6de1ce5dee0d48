/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/press_model.h"

#include <math.h>
#include <stdlib.h>

#define TOUCH_KPA 5.0 /* tip pressure of a foot that only lies on the stud */
#define LIFT_DELAY_S 0.12
#define LIFT_S 0.25
#define HEEL_ON_STUD_U 0.42 /* places behind it have the forefoot on a support, no heel rest */
#define TAP_KPA 30.0        /* a quick light touch, */
#define SEAT_RISE_S 0.4     /* of a foot laid flat, and lifted */
#define SEAT_SHARE 0.10     /* of the weight: the lower leg and some of the thigh */
#define SEAT_FORE 0.42      /* of it on the front half */
#define TAP_RISE_S 0.12     /* there within so long, */
#define SHIFT_S 2.0         /* weight goes over to where it is wanted, */
#define SHIFT_HOLD_S 1.5    /* stays there, */
#define SHIFT_BACK_S 0.8    /* and comes back */
#define SITTING_SHARE 0.9   /* of the error's deviation: the same for a whole sitting */
#define TAP_LASTS_S 1.5     /* and given up when it was not felt */

static uint64_t us(double seconds)
{
    return (uint64_t)llround(seconds * 1e6);
}

/* --- Pressure over time
 * --------------------------------------------------------------------------- */

/* Nobody lowers a leg evenly: the rate swings by `wobble`, but never turns. */
static double ramp_kpa(const struct planned_press *press, double t)
{
    double w = 2 * M_PI * press->wobble_hz;
    double swing = sin(w * t + press->wobble_phase) - sin(press->wobble_phase);
    return TOUCH_KPA + press->ramp_kpa_s * (t + press->wobble * swing / w);
}

/* Weight goes over within SHIFT_S, and stays; in a catch trial it does not. */
static double shift_by(const struct planned_press *press, double seconds)
{
    double t = press->is_catch ? 0 : fmax(0, fmin(1, seconds / SHIFT_S));
    return t * t * (3 - 2 * t);
}

static double seconds_of_ramp(const struct planned_press *press, uint64_t time_us)
{
    return ((double)time_us - (double)press->ramp_us) * 1e-6;
}

double press_shift_share(const struct planned_press *press, uint64_t time_us)
{
    if (!press->is_flat || time_us < press->touch_us || time_us >= press->end_us)
        return 0;
    if (time_us < press->release_us)
        return shift_by(press, seconds_of_ramp(press, time_us));
    double t = (double)(time_us - press->release_us) * 1e-6 / SHIFT_BACK_S;
    return shift_by(press, seconds_of_ramp(press, press->release_us)) * (1 + cos(M_PI * t)) / 2;
}

static double shifted_kpa(const struct planned_press *press, double share)
{
    return press->rest_kpa + share * (press->full_kpa - press->rest_kpa);
}

static double loaded_kpa(const struct planned_press *press, uint64_t time_us)
{
    if (press->is_flat)
        return shifted_kpa(press, shift_by(press, seconds_of_ramp(press, time_us)));
    if (press->is_tap)
        return TAP_KPA * fmin(1, (double)(time_us - press->touch_us) * 1e-6 / TAP_RISE_S);
    if (time_us < press->ramp_us || press->is_catch) {
        double t = (double)(time_us - press->touch_us) * 1e-6 / PRESS_SETTLE_S;
        return TOUCH_KPA * fmin(1, t);
    }
    return ramp_kpa(press, (double)(time_us - press->ramp_us) * 1e-6);
}

/* A sprung stud gives way: what is over lies on its frame, beside the cells. */
static double after_sink(const struct planned_press *press, double kpa)
{
    double most = press->tool.sink_n / (press->tool.tip_cm2 * 0.1);
    return press->tool.sink_n > 0 && kpa > most ? most : kpa;
}

double press_tip_kpa(const struct planned_press *press, uint64_t time_us)
{
    if (time_us < press->touch_us || time_us >= press->end_us)
        return 0;
    if (press->is_flat)
        return shifted_kpa(press, press_shift_share(press, time_us));
    if (time_us < press->release_us)
        return after_sink(press, loaded_kpa(press, time_us));
    double t = (double)(time_us - press->release_us) * 1e-6 / LIFT_S;
    return t >= 1 ? 0 : press->peak_kpa * (1 + cos(M_PI * t)) / 2;
}

double press_heel_share(const struct planned_press *press, uint64_t time_us)
{
    if (time_us < press->touch_us || time_us >= press->end_us)
        return 0;
    double in = (double)(time_us - press->touch_us) * 1e-6 / PRESS_SETTLE_S;
    double out = (double)(press->end_us - time_us) * 1e-6 / LIFT_S;
    return fmin(1, fmin(in, out));
}

static double risen_kpa(const struct planned_press *press, double seconds)
{
    return press->is_flat ? shifted_kpa(press, shift_by(press, seconds)) : ramp_kpa(press, seconds);
}

/* Seconds of ramp until the tip has this pressure; INFINITY for more than body weight can give. The
 * ramp only rises, so halving finds it. */
static double time_to_kpa(const struct planned_press *press, double kpa)
{
    double low = 0, high = 1;
    if (press->is_flat && kpa > risen_kpa(press, SHIFT_S))
        return INFINITY;
    if (kpa <= TOUCH_KPA)
        return 0;
    while (risen_kpa(press, high) < kpa)
        high *= 2;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        *(risen_kpa(press, middle) < kpa ? &low : &high) = middle;
    }
    return high;
}

/* How long a press lasts at most: to the own limit; a weight shift, held for a while. */
static double limit_s_of(const struct planned_press *press)
{
    double hold_s = press->hold_s > 0 ? press->hold_s : SHIFT_HOLD_S;
    return press->is_flat ? SHIFT_S + hold_s : time_to_kpa(press, press->lift_kpa);
}

static double back_s(const struct planned_press *press)
{
    return press->is_flat ? SHIFT_BACK_S : LIFT_S;
}

/* --- Place ----------------------------------------------------------------------------------- */

struct placing press_placing_draw(struct placing *sitting, struct dice *dice)
{
    struct placing off = {.is_drawn = 1};
    double anew = sitting ? sqrt(1 - SITTING_SHARE * SITTING_SHARE) : 1;
    if (sitting && !sitting->is_drawn)
        *sitting = press_placing_draw(NULL, dice);
    off.dx = dice_normal(dice, anew);
    off.dy = dice_normal(dice, anew);
    off.turn = dice_normal(dice, anew);
    if (sitting) {
        off.dx += SITTING_SHARE * sitting->dx;
        off.dy += SITTING_SHARE * sitting->dy;
        off.turn += SITTING_SHARE * sitting->turn;
    }
    return off;
}

static struct foot_frame laid(const struct subject_foot *foot, const struct foot_frame *cup,
                              double error_mm, double error_deg, struct placing *sitting,
                              struct dice *dice)
{
    struct placing off = press_placing_draw(sitting, dice);
    struct point heel = {cup->heel.x_mm + error_mm * off.dx, cup->heel.y_mm + error_mm * off.dy};
    return foot_picture_frame(foot, heel, cup->angle_deg + error_deg * off.turn);
}

void press_lay(struct planned_press *press, const struct subject_foot *foot, double error_mm,
               double error_deg, struct placing *placing, struct dice *dice)
{
    press->foot = laid(foot, &press->cup, error_mm, error_deg, placing, dice);
    press->place = foot_frame_to_uv(&press->foot, press->stud);
}

/* --- Threshold ------------------------------------------------------------------------------- */

static void set_mat(struct planned_press *press)
{
    double pitch = press->tool.pitch_mm;
    press->mat[press->n_mat++] = (struct mat_stud){press->stud, 1};
    for (int i = -1; i <= 1; i++) {
        for (int j = -1; j <= 1; j++) {
            struct point at = {press->stud.x_mm + j * pitch, press->stud.y_mm + i * pitch};
            struct uv on = foot_frame_to_uv(&press->foot, at);
            if ((i || j) && on.u > 0.02 && on.u < 0.98 && on.v > 0.05 && on.v < 0.95)
                press->mat[press->n_mat++] = (struct mat_stud){at, exp(-0.8 * (i * i + j * j))};
        }
    }
}

/* Under a rounded tip the pressure falls from the middle to the rim as Hertz has it, by
 * sqrt(1 - (r/a)^2); so a tender spot that only the tip's side reaches hurts later than one under
 * its middle, and one beyond the rim does not. What hurts first is felt. */
static void feel_under_tip(struct planned_press *press, const struct threshold_field *field)
{
    static const double rings[] = {0.3, 0.55, 0.75, 0.88};
    double a_mm = 10 * sqrt(press->tool.tip_cm2 / M_PI);

    for (int k = 0; k < 4; k++)
        for (int i = 0; i < 8; i++) {
            double r = rings[k] * a_mm, angle = M_PI * (i + 0.5 * (k % 2)) / 4;
            struct point at = {press->stud.x_mm + r * cos(angle),
                               press->stud.y_mm + r * sin(angle)};
            struct uv on = foot_frame_to_uv(&press->foot, at);
            double kpa = threshold_at(field, press->side, on) / sqrt(1 - rings[k] * rings[k]);
            if (kpa >= press->threshold_kpa)
                continue;
            press->threshold_kpa = kpa;
            press->hurts = on;
        }
}

void press_set_threshold(struct planned_press *press, const struct threshold_field *field)
{
    press->hurts = press->place;
    press->threshold_kpa = threshold_at(field, press->side, press->place);
    feel_under_tip(press, field);
    if (press->tool.pitch_mm <= 0)
        return;
    if (!press->is_on_mat) {
        press->n_mat = 0;
        set_mat(press);
    }
    for (int i = 1; i < press->n_mat; i++) {
        struct uv at = foot_frame_to_uv(&press->foot, press->mat[i].at);
        double kpa = threshold_at(field, press->side, at) / press->mat[i].share;
        if (kpa >= press->threshold_kpa)
            continue;
        press->threshold_kpa = kpa;
        press->hurts = at;
    }
}

/* --- A foot on a mat -------------------------------------------------------------------------- */

/* Studs on the pitch through the one that is known; those under a foot lie within so many of it. */
#define MAT_REACH 24
#define MAT_SIDE (2 * MAT_REACH + 1)

/* Which stud of the lattice a point is nearest to; -1 = beyond its reach. */
static int nearest_stud(const struct planned_press *press, double x_mm, double y_mm)
{
    double col = round((x_mm - press->stud.x_mm) / press->tool.pitch_mm) + MAT_REACH;
    double row = round((y_mm - press->stud.y_mm) / press->tool.pitch_mm) + MAT_REACH;
    if (col < 0 || row < 0 || col >= MAT_SIDE || row >= MAT_SIDE)
        return -1;
    return (int)row * MAT_SIDE + (int)col;
}

static int hardest_of(const double *newton)
{
    int hardest = 0;
    for (int i = 1; i < MAT_SIDE * MAT_SIDE; i++)
        if (newton[i] > newton[hardest])
            hardest = i;
    return hardest;
}

/* The hardest first, one after another; what is left over beyond PRESS_MAT_STUDS is nearly nothing.
 * Returns the sum of the shares. */
static double take_studs(struct planned_press *press, double *newton)
{
    struct point known = press->stud;
    double most = newton[hardest_of(newton)], sum = 0;
    press->n_mat = 0;
    while (press->n_mat < PRESS_MAT_STUDS) {
        int i = hardest_of(newton);
        if (!(newton[i] > 0.01 * most))
            break;
        double x = (i % MAT_SIDE - MAT_REACH) * press->tool.pitch_mm;
        double y = (i / MAT_SIDE - MAT_REACH) * press->tool.pitch_mm;
        press->mat[press->n_mat++] =
            (struct mat_stud){{known.x_mm + x, known.y_mm + y}, newton[i] / most};
        sum += newton[i] / most;
        newton[i] = 0;
    }
    return sum;
}

int press_lower_on_mat(struct planned_press *press, const struct subject_foot *foot,
                       double fore_share, double weight_n, const struct grid *grid,
                       struct problem *why)
{
    struct foot_picture picture = {0};
    double *newton = calloc(MAT_SIDE * MAT_SIDE, sizeof *newton);
    int bad =
        newton ? foot_picture_stand(&picture, foot, &press->foot, grid, fore_share, NULL, NULL, why)
               : problem_no_memory(why, "a foot on a mat");
    for (size_t i = 0; !bad && i < picture.n; i++) {
        const struct loaded_cell *cell = &picture.cells[i];
        int stud = nearest_stud(press, (double)cell->x_mm, (double)cell->y_mm);
        if (stud >= 0)
            newton[stud] += (double)cell->newton;
    }
    double shares = bad ? 0 : take_studs(press, newton);
    press->is_on_mat = press->n_mat > 0;
    if (press->is_on_mat) {
        press->stud = press->mat[0].at;
        press->place = foot_frame_to_uv(&press->foot, press->stud);
        press->lift_kpa = weight_n / shares / press_stud_newton(&press->tool, 1);
    }
    foot_picture_free(&picture);
    free(newton);
    return bad ? -1 : 0;
}

/* --- Answer ---------------------------------------------------------------------------------- */

static double peak_at(const struct planned_press *press, uint64_t time_us)
{
    if (press->is_catch && !press->is_flat)
        return TOUCH_KPA;
    return time_us > press->touch_us || press->is_flat ? loaded_kpa(press, time_us) : 0;
}

static void release_at(struct planned_press *press, double seconds)
{
    press->release_us = press->ramp_us + us(seconds);
    press->peak_kpa = press->is_catch || press->is_tap ? peak_at(press, press->release_us)
                                                       : risen_kpa(press, seconds);
    press->peak_kpa = after_sink(press, press->peak_kpa);
    press->end_us = press->release_us + us(back_s(press));
}

static void press_button(struct planned_press *press, double seconds, struct dice *dice)
{
    press->answered = 1;
    press->down_us = press->ramp_us + us(seconds);
    press->up_us = press->down_us + us(0.15 + 0.2 * dice_uniform(dice));
}

/* Without such a habit nothing is drawn, so that other people's luck stays what it was. */
static int happens(double rate, struct dice *dice)
{
    return rate > 0 && dice_uniform(dice) < rate;
}

/* The button at any time of a press that could last so long; the leg is lifted after it. */
static void answer_at_random(struct planned_press *press, double lasts_s, struct dice *dice)
{
    double answer_s = lasts_s * (0.05 + 0.9 * dice_uniform(dice));
    press->is_random = press->is_false = 1;
    press_button(press, answer_s, dice);
    release_at(press, fmin(lasts_s, answer_s + LIFT_DELAY_S));
}

void press_feel(struct planned_press *press, const struct answer_setting *answers, int order,
                struct dice *dice)
{
    press->felt_kpa = press->threshold_kpa * exp(answers->drift_per_100 * order / 100) *
                      dice_lognormal(dice, answers->test_retest);
}

/* No force rises here: whoever presses the button has not been asked. */
static void answer_catch(struct planned_press *press, const struct answer_setting *answers,
                         double lasts_s, struct dice *dice)
{
    double when = dice_uniform(dice);
    release_at(press, lasts_s);
    if (dice_uniform(dice) >= answers->false_rate)
        return;
    press->is_false = 1;
    press_button(press, lasts_s * (0.1 + 0.8 * when), dice);
    release_at(press, (double)(press->down_us - press->ramp_us) * 1e-6 + LIFT_DELAY_S);
}

/* The touch itself is what is answered: the ramp's time is the touch's. */
static void answer_tap(struct planned_press *press, const struct answer_setting *answers,
                       struct dice *dice)
{
    double reaction_s =
        dice_reaction(dice, answers->reaction_median_ms, answers->reaction_sd_ms) * 1e-3;
    press->ramp_us = press->touch_us;
    press->felt_kpa = TOUCH_KPA;
    press->is_missed = dice_uniform(dice) < answers->miss_rate;
    if (press->is_missed) {
        release_at(press, TAP_LASTS_S);
        return;
    }
    press->reaction_s = reaction_s;
    press_button(press, TAP_RISE_S * TOUCH_KPA / TAP_KPA + reaction_s, dice);
    release_at(press, (double)(press->down_us - press->ramp_us) * 1e-6 + LIFT_DELAY_S);
}

static void answer_ramp(struct planned_press *press, const struct answer_setting *answers,
                        struct dice *dice)
{
    double limit_s = limit_s_of(press);
    double crossing_s = time_to_kpa(press, press->felt_kpa);
    double reaction_s =
        dice_reaction(dice, answers->reaction_median_ms, answers->reaction_sd_ms) * 1e-3;
    double miss = dice_uniform(dice), lapse = dice_uniform(dice), when = dice_uniform(dice);
    release_at(press, limit_s);
    double answer_s;
    if (lapse < answers->false_rate) { /* answers before anything hurts */
        answer_s = (0.1 + 0.8 * when) * fmin(crossing_s, limit_s);
        press->is_false = 1;
    } else if (crossing_s >= limit_s || after_sink(press, press->felt_kpa) < press->felt_kpa) {
        press->reached_ceiling = !press->is_flat;
        return;
    } else if (miss < answers->miss_rate) {
        press->is_missed = 1;
        press->reached_ceiling = !press->is_flat;
        return;
    } else {
        press->is_late = happens(answers->late_rate, dice);
        press->reaction_s = reaction_s + (press->is_late ? answers->late_s : 0);
        answer_s = crossing_s + press->reaction_s;
    }
    press_button(press, answer_s, dice);
    /* At the limit the leg is lifted, answer or not. */
    press->reached_ceiling = !press->is_flat && answer_s + LIFT_DELAY_S >= limit_s;
    release_at(press, fmin(limit_s, answer_s + LIFT_DELAY_S));
}

void press_answer(struct planned_press *press, const struct answer_setting *answers, double catch_s,
                  struct dice *dice)
{
    press->reaction_s = NAN;
    if (happens(answers->random_rate, dice)) {
        double lasts_s = press->is_tap     ? TAP_LASTS_S
                         : press->is_catch ? catch_s
                                           : limit_s_of(press);
        if (press->is_tap)
            press->ramp_us = press->touch_us;
        answer_at_random(press, lasts_s, dice);
        return;
    }
    if (press->is_tap)
        answer_tap(press, answers, dice);
    else if (press->is_catch)
        answer_catch(press, answers, catch_s, dice);
    else
        answer_ramp(press, answers, dice);
}

/* When what is answered was felt; a false answer is decided at its own time. */
static uint64_t felt_us(const struct planned_press *press)
{
    return isnan(press->reaction_s) ? press->down_us : press->down_us - us(press->reaction_s);
}

void press_lift(struct planned_press *press, uint64_t time_us)
{
    if (time_us >= press->release_us)
        return;
    press->was_told = 1;
    press->release_us = time_us > press->touch_us ? time_us : press->touch_us;
    press->peak_kpa = after_sink(press, peak_at(press, press->release_us));
    press->end_us = press->release_us + us(back_s(press));
    if (press->answered && felt_us(press) >= time_us) {
        press->answered = press->is_false = 0;
        press->down_us = press->up_us = 0;
        press->reaction_s = NAN;
    }
    press->reached_ceiling = 0;
}

/* --- Pictures -------------------------------------------------------------------------------- */

/* Cells at the base's rim, which it covers in part, get less than their share. */
static void lose_at_edges(struct foot_picture *picture, const struct grid *grid, double side_mm,
                          double loss)
{
    double whole = grid->pitch_x_mm * grid->pitch_y_mm / (side_mm * side_mm), x = 0, y = 0;
    picture->newton = 0;
    for (size_t i = 0; i < picture->n; i++) {
        struct loaded_cell *cell = &picture->cells[i];
        cell->newton *= cell->newton < 0.999 * whole ? (float)(1 - loss) : 1;
        picture->newton += cell->newton;
        x += (double)cell->newton * cell->x_mm;
        y += (double)cell->newton * cell->y_mm;
    }
    if (picture->newton > 0)
        picture->cop = (struct point){x / picture->newton, y / picture->newton};
}

/* Adds `share` of a picture to another one. */
static int add_share(struct foot_picture *sum, const struct foot_picture *one, double share,
                     struct problem *why)
{
    struct loaded_cell *cells = realloc(sum->cells, (sum->n + one->n + 1) * sizeof *cells);
    if (!cells)
        return problem_no_memory(why, "a mat's pressure");
    sum->cells = cells;
    for (size_t i = 0; i < one->n; i++) {
        cells[sum->n] = one->cells[i];
        cells[sum->n++].newton *= (float)share;
    }
    double all = sum->newton + share * one->newton;
    if (all > 0) {
        double t = share * one->newton / all;
        sum->cop.x_mm += t * (one->cop.x_mm - sum->cop.x_mm);
        sum->cop.y_mm += t * (one->cop.y_mm - sum->cop.y_mm);
    }
    sum->newton = all;
    return 0;
}

/* The studs of a mat beside the one aimed at. */
static int add_mat(struct planned_press *press, const struct grid *grid, double side_mm,
                   struct problem *why)
{
    for (int i = 1; i < press->n_mat; i++) {
        struct foot_picture one = {0};
        int bad = foot_picture_square(&one, press->mat[i].at, side_mm, grid, why) ||
                  add_share(&press->stud_picture, &one, press->mat[i].share, why);
        foot_picture_free(&one);
        if (bad)
            return -1;
    }
    return 0;
}

int press_make_pictures(struct planned_press *press, const struct grid *grid, struct problem *why)
{
    double side_mm = 10 * sqrt(press->tool.footprint_cm2);
    if (foot_picture_square(&press->stud_picture, press->stud, side_mm, grid, why))
        return -1;
    if (add_mat(press, grid, side_mm, why))
        return -1;
    if (press->tool.edge_loss > 0 && !press->n_mat)
        lose_at_edges(&press->stud_picture, grid, side_mm, press->tool.edge_loss);
    if (press->place.u < HEEL_ON_STUD_U || press->is_on_mat)
        return 0;
    return foot_picture_heel_rest(&press->heel_picture, &press->foot, grid, why);
}

void press_free_pictures(struct planned_press *press)
{
    foot_picture_free(&press->stud_picture);
    foot_picture_free(&press->heel_picture);
    stance_free(&press->shifted);
}

double press_stud_newton(const struct press_tool *tool, double tip_kpa)
{
    return tip_kpa * tool->tip_cm2 * 0.1 / tool->footprint_factor;
}

/* --- The foot laid flat ---------------------------------------------------------------------- */

int press_seat_lay(struct planned_seat *seat, const struct subject_foot *foot, double error_mm,
                   double error_deg, struct placing *placing, const struct grid *grid,
                   struct dice *dice, struct problem *why)
{
    seat->foot = laid(foot, &seat->cup, error_mm, error_deg, placing, dice);
    return foot_picture_stand(&seat->picture, foot, &seat->foot, grid, SEAT_FORE, NULL, NULL, why);
}

double press_seat_newton(const struct planned_seat *seat, double weight_n, uint64_t time_us)
{
    if (time_us <= seat->from_us || time_us >= seat->to_us)
        return 0;
    double in = (double)(time_us - seat->from_us) * 1e-6 / SEAT_RISE_S;
    double out = (double)(seat->to_us - time_us) * 1e-6 / SEAT_RISE_S;
    return SEAT_SHARE * weight_n * fmin(1, fmin(in, out));
}
