/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/cohort_session.h"
#include "analysis/foot/guide_lines.h"
#include "analysis/press/press_finder.h"
#include "firmware/wire/payloads.h"
#include "samples/dice.h"
#include "samples/led_person.h"
#include "samples/visit.h"
#include "tests/cohort/cohort_plate.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_US 20000 /* 50 Hz */
#define BARE_FRAMES 4  /* of which one is scanned while nothing touches */
#define PLACE_US 8000000
#define SKIN_US 10000000
#define SCALE_US 2000000
#define HEEL_Y_MM 35.0
#define SIT_SCANS 8
#define SEATED_SHARE 0.06 /* of the body weight lies on the flat foot of somebody who sits */
#define CONTACT_KPA 5.0
#define STEPS_MAX 400000

struct loop {
    const struct session_wishes *wishes;
    struct session *session;
    struct subject subject; /* on the small plate */
    struct grid grid;
    struct cohort_plate *plate;
    struct led_person *person;
    struct press_protocol *protocol;
    struct press_finder *finder;
    float *kpa;
    uint8_t *masked;
    struct point cup;
    uint64_t now_us, signal_until_us;
    int has_limit, has_said_limit, row0, col0, rows, cols, ended, last_answered;
    double limit_n;
};

/* --- The plate and the cup ------------------------------------------------------------------ */

static double longest_mm(const struct subject *subject)
{
    double longest = 0;
    for (int i = 0; i < subject->n_feet; i++)
        longest = fmax(longest, subject->feet[i].length_mm);
    return longest;
}

static void crop(struct loop *loop)
{
    struct plate_setting *plate = &loop->subject.plate;
    double whole = plate->rows * plate->cols, pitch = plate->pitch_x_mm;
    double length = longest_mm(&loop->subject);
    plate->rows = (int)ceil((length + HEEL_Y_MM + 25) / pitch);
    plate->cols = (int)ceil((0.6 * length + 30) / pitch);
    plate->rate_hz = 1e6 / FRAME_US;
    plate->random_dead = (int)(plate->random_dead * plate->rows * plate->cols / whole);
    size_t n = strlen(plate->serial);
    snprintf(plate->serial + n, sizeof plate->serial - n, "-P");
    loop->grid = cohort_plate_grid(plate);
    loop->cup = (struct point){plate->cols * pitch / 2, HEEL_Y_MM};
}

/* --- Words ---------------------------------------------------------------------------------- */

static double number(const json_t *object, const char *key, double fallback)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : fallback;
}

static struct led_press read_press(const json_t *object)
{
    struct led_press press = led_press_nothing();
    const json_t *tool = json_object_get(object, "tool"),
                 *cup = json_object_get(object, "heel_cup");
    const json_t *stud = json_object_get(object, "stud"), *aim = json_object_get(object, "aim");
    const char *side = json_string_value(json_object_get(object, "side"));
    press.number = (int)number(object, "number", 0);
    press.pass = (int)number(object, "pass", 1);
    press.is_catch = json_is_true(json_object_get(object, "catch"));
    press.is_tap = json_is_true(json_object_get(object, "tap"));
    press.side = side && !strcmp(side, "right") ? SIDE_RIGHT : SIDE_LEFT;
    press.tool.tip_cm2 = number(tool, "tip_cm2", 1);
    press.tool.footprint_cm2 = number(tool, "footprint_cm2", 4);
    press.tool.footprint_factor = number(tool, "footprint_factor", 1);
    press.stud = (struct point){number(stud, "x_mm", 0), number(stud, "y_mm", 0)};
    press.has_cup = json_is_object(cup);
    press.heel = (struct point){number(cup, "x_mm", 0), number(cup, "y_mm", 0)};
    press.angle_deg = number(cup, "angle_deg", 0);
    press.aim = (struct uv){number(aim, "u", NAN), number(aim, "v", NAN)};
    press.ceiling_kpa = number(object, "ceiling_kpa", NAN);
    press.ramp_kpa_s = 40; /* the middle of what the protocol wants */
    return press;
}

static int place_index(const struct route *route, enum side side, const char *id)
{
    for (int i = 0; id && i < route->n; i++)
        if (route->places[i].side == side && !strcmp(route->places[i].id, id))
            return i;
    return -1;
}

static int hear_press(struct loop *loop, const json_t *press, struct problem *why)
{
    struct led_press told = read_press(press);
    struct session *session = loop->session;
    const char *id = json_string_value(json_object_get(press, "place"));
    if (session->n_presses >= SESSION_PRESSES_MAX)
        return problem(why, PROBLEM_FAILED, "a test of more than %d presses", SESSION_PRESSES_MAX);
    if (led_person_hear(loop->person, loop->now_us, &told, why) < 0)
        return -1;
    int n;
    const struct planned_press *made = led_person_presses(loop->person, &n);
    session->presses[session->n_presses++] =
        (struct session_press){.number = told.number,
                               .place = place_index(loop->wishes->route, told.side, id),
                               .is_catch = told.is_catch,
                               .is_tap = told.is_tap,
                               .truth_kpa = n ? made[n - 1].threshold_kpa : NAN,
                               .truth_place = n ? made[n - 1].place : (struct uv){NAN, NAN},
                               .hurts_at = n ? made[n - 1].hurts : (struct uv){NAN, NAN}};
    session->n_real += !told.is_catch && !told.is_tap;
    loop->last_answered = 0;
    return 0;
}

static int hear(struct loop *loop, const char *text, struct problem *why)
{
    json_t *object = json_loads(text, 0, NULL);
    int result;
    if (!object)
        return problem(why, PROBLEM_FAILED, "no JSON: %.80s", text);
    const json_t *press = json_object_get(object, "press");
    result = press_finder_annotation(loop->finder, loop->now_us, object, why);
    if (!result && press)
        result = hear_press(loop, press, why);
    if (!result && json_object_get(object, "stopped"))
        led_person_lift(loop->person, loop->now_us);
    json_decref(object);
    return result;
}

static void signal_lift(struct loop *loop, unsigned duration_ms)
{
    led_person_see(loop->person, loop->now_us, WIRE_SIGNAL_BUZZER);
    loop->signal_until_us = loop->now_us + 1000 * (uint64_t)duration_ms;
}

static int do_actions(struct loop *loop, struct problem *why)
{
    struct press_action action;
    while (press_protocol_action(loop->protocol, &action)) {
        switch (action.kind) {
        case PRESS_ACTION_ANNOTATE:
            if (hear(loop, action.json, why))
                return -1;
            break;
        case PRESS_ACTION_SET_LIMIT:
            loop->has_limit = 1;
            loop->has_said_limit = 0;
            loop->row0 = action.row0;
            loop->col0 = action.col0;
            loop->rows = action.rows;
            loop->cols = action.cols;
            loop->limit_n = action.force_n;
            press_protocol_limit_set(loop->protocol, 1);
            break;
        case PRESS_ACTION_CLEAR_LIMIT:
            loop->has_limit = 0;
            break;
        case PRESS_ACTION_SIGNAL:
            signal_lift(loop, action.duration_ms);
            break;
        case PRESS_ACTION_END:
            loop->ended = 1;
        }
    }
    return 0;
}

/* --- A frame -------------------------------------------------------------------------------- */

static int edges(struct loop *loop, struct problem *why)
{
    struct button_edge edge;
    while (led_person_next_edge(loop->person, loop->now_us, &edge)) {
        loop->last_answered |= edge.down;
        press_protocol_button(loop->protocol, edge.time_us, edge.down);
        if (press_finder_button(loop->finder, edge.time_us, edge.down, why) ||
            do_actions(loop, why))
            return -1;
    }
    return 0;
}

/* The plate's own ceiling: told once, with tone and light. */
static int watch_limit(struct loop *loop, struct problem *why)
{
    double force = 0;
    for (int r = loop->row0; r < loop->row0 + loop->rows; r++)
        for (int c = loop->col0; c < loop->col0 + loop->cols; c++)
            force += (double)loop->kpa[r * loop->grid.cols + c];
    force *= grid_newton_per_kpa(&loop->grid);
    if (force < loop->limit_n || loop->has_said_limit)
        return 0;
    loop->has_said_limit = 1;
    signal_lift(loop, 800);
    press_protocol_limit(loop->protocol, loop->now_us);
    return press_finder_limit(loop->finder, loop->now_us, why) ? -1 : do_actions(loop, why);
}

/* Nothing presses up to there: a bare plate's frames in between tell nothing, and of a touch each
 * is scanned. */
static uint64_t next_frame_us(const struct loop *loop)
{
    for (uint64_t ahead = 1; ahead <= BARE_FRAMES; ahead++)
        if (led_person_touches(loop->person, loop->now_us + ahead * FRAME_US))
            return loop->now_us + FRAME_US * (ahead > 1 ? ahead - 1 : 1);
    return loop->now_us + BARE_FRAMES * FRAME_US;
}

static int frame(struct loop *loop, struct problem *why)
{
    loop->now_us = next_frame_us(loop);
    if (loop->signal_until_us && loop->now_us >= loop->signal_until_us) {
        loop->signal_until_us = 0;
        led_person_see(loop->person, loop->now_us, 0);
    }
    if (edges(loop, why))
        return -1;
    led_person_pressure(loop->person, loop->now_us, NULL, loop->kpa);
    cohort_plate_read(loop->plate, loop->now_us, loop->kpa);
    if (press_finder_frame(loop->finder, loop->now_us, loop->kpa, why) ||
        press_protocol_frame(loop->protocol, loop->now_us, loop->kpa, why) || do_actions(loop, why))
        return -1;
    return loop->has_limit ? watch_limit(loop, why) : 0;
}

/* --- The seated print ----------------------------------------------------------------------- */

/* A free foot then is pressed near where it lay: the sitting's common error is the person's too. */
static int lay_flat(struct loop *loop, const struct subject_foot *foot, struct dice *dice,
                    struct problem *why)
{
    const struct press_setting *press = &loop->subject.protocol.press;
    struct placing sitting = {0};
    struct placing off = press_placing_draw(press->heel_cup ? NULL : &sitting, dice);
    struct point heel = {loop->cup.x_mm + press->error_mm * off.dx,
                         loop->cup.y_mm + press->error_mm * off.dy};
    struct foot_frame at = foot_picture_frame(foot, heel, press->error_deg * off.turn);
    struct foot_picture picture;
    char word[160];
    double newton = SEATED_SHARE * loop->subject.person.body_mass_kg * GRAVITY_M_S2;
    snprintf(word, sizeof word, "{\"step\":\"sit\",\"feet\":[{\"side\":\"%s\"}]}",
             subject_side_name(foot->side));
    if (sitting.is_drawn)
        led_person_sits(loop->person, foot->side, &sitting);
    if (hear(loop, word, why) ||
        foot_picture_lay(&picture, foot, &at, &loop->grid, &loop->wishes->seated[foot->side], why))
        return -1;
    int result = 0;
    for (int scan = 0; scan < SIT_SCANS && !result; scan++) {
        loop->now_us += FRAME_US;
        memset(loop->kpa, 0, grid_cells(&loop->grid) * sizeof *loop->kpa);
        for (size_t i = 0; i < picture.n; i++)
            loop->kpa[picture.cells[i].index] = (float)(newton * (double)picture.cells[i].newton /
                                                        grid_newton_per_kpa(&loop->grid));
        cohort_plate_read(loop->plate, loop->now_us, loop->kpa);
        result = press_finder_frame(loop->finder, loop->now_us, loop->kpa, why);
    }
    foot_picture_free(&picture);
    return result;
}

static int sit(struct loop *loop, struct problem *why)
{
    struct dice dice;
    dice_begin(&dice, loop->wishes->seed, "cohort sit");
    for (int i = 0; i < loop->subject.n_feet; i++)
        if (lay_flat(loop, &loop->subject.feet[i], &dice, why))
            return -1;
    return 0;
}

/* --- The operator --------------------------------------------------------------------------- */

static int wait_and_press_key(struct loop *loop, uint64_t wait_us, int key, struct problem *why)
{
    loop->now_us += wait_us;
    if (frame(loop, why)) /* of all that the plate scanned meanwhile, the last one */
        return -1;
    if (key >= 0)
        press_protocol_key(loop->protocol, loop->now_us, key);
    else
        press_protocol_tick(loop->protocol, loop->now_us);
    return do_actions(loop, why);
}

static int operate(struct loop *loop, struct problem *why)
{
    struct press_cue cue;
    press_protocol_cue(loop->protocol, &cue);
    switch (cue.step) {
    case PRESS_STEP_PLACE:
        return wait_and_press_key(loop, PLACE_US, PRESS_KEY_GO, why);
    case PRESS_STEP_SKIN:
        return wait_and_press_key(loop, SKIN_US, PRESS_KEY_GO, why);
    case PRESS_STEP_SCALE:
        return wait_and_press_key(loop, SCALE_US, PRESS_KEY_SCALE_0 + (loop->last_answered ? 3 : 1),
                                  why);
    case PRESS_STEP_REST:
        return wait_and_press_key(loop, (uint64_t)(1e6 * fmin(2, fmax(0.1, cue.rest_s))), -1, why);
    case PRESS_STEP_DONE:
        loop->ended = 1;
        return 0;
    default:
        return frame(loop, why);
    }
}

/* --- Begin and end -------------------------------------------------------------------------- */

static int begin_protocol(struct loop *loop, struct problem *why)
{
    const struct session_wishes *wishes = loop->wishes;
    struct press_protocol_options options = {.route = wishes->route,
                                             .tool = wishes->tool,
                                             .grid = loop->grid,
                                             .masked = loop->masked,
                                             .cup_known = wishes->has_cup,
                                             .seed = wishes->seed,
                                             .presses_max = wishes->presses_max,
                                             .earlier = wishes->earlier,
                                             .n_earlier = wishes->n_earlier,
                                             .take_up = wishes->n_earlier > 0};
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        options.frame[side] = wishes->feet[side].frame;
        options.frame[side].heel = loop->cup;
        options.frame[side].angle_deg = 0;
        options.cup[side] = loop->cup;
    }
    loop->protocol = press_protocol_begin(&options, why);
    return loop->protocol ? 0 : -1;
}

static struct result *make_result(const struct loop *loop, struct problem *why)
{
    const struct session_wishes *wishes = loop->wishes;
    struct result *result = calloc(1, sizeof *result);
    if (result)
        result->feet = calloc(2, sizeof *result->feet);
    if (!result || !result->feet) {
        free(result);
        problem_no_memory(why, "a result");
        return NULL;
    }
    result->grid = loop->grid;
    result->rate_hz = 1e6 / FRAME_US;
    result->facts.pressure_error_percent = 100 * loop->subject.plate.calibration_residual;
    result->facts.masked = cohort_plate_masked(loop->plate);
    result->threshold_kpa = CONTACT_KPA;
    result->n_feet = 2;
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        struct foot_result *foot = &result->feet[side - 1];
        foot->side = (enum side)side;
        foot->side_confidence = 1;
        foot->frame = wishes->feet[side].frame;
        foot->landmarks = wishes->feet[side].landmarks;
        foot->lines = guide_lines_from(&foot->landmarks);
        foot->reach = wishes->feet[side].reach;
        foot->length_mm = foot->frame.length_mm;
        foot->length_is_measured = 1;
    }
    return result;
}

static int begin(struct loop *loop, struct problem *why)
{
    struct press_setting *press = &loop->subject.protocol.press;
    crop(loop);
    press->heel_cup = loop->wishes->has_cup;
    if (!press->heel_cup) {
        press->error_mm = 5;
        press->error_deg = 3;
    }
    loop->plate = cohort_plate_begin(&loop->subject.plate, loop->wishes->seed, why);
    loop->kpa = calloc(grid_cells(&loop->grid), sizeof *loop->kpa);
    if (!loop->plate)
        return -1;
    loop->masked = cohort_plate_masked(loop->plate);
    if (!loop->kpa || !loop->masked)
        return problem_no_memory(why, "frames");
    loop->person = led_person_begin(&loop->subject, loop->wishes->atlas, loop->wishes->seed, why);
    loop->finder = loop->person ? press_finder_begin(&loop->grid, CONTACT_KPA, why) : NULL;
    loop->now_us = 1000000;
    return loop->finder && !begin_protocol(loop, why) ? 0 : -1;
}

static int finish(struct loop *loop, struct problem *why)
{
    struct session *session = loop->session;
    session->minutes = (double)loop->now_us / 60e6;
    session->result = make_result(loop, why);
    if (!session->result)
        return -1;
    int failed = press_finder_finish(loop->finder, session->result, why);
    loop->finder = NULL;
    return failed;
}

int session_run(const struct session_wishes *wishes, struct session *session, struct problem *why)
{
    struct loop *loop = calloc(1, sizeof *loop);
    int result = -1;
    *session = (struct session){0};
    if (!loop)
        return problem_no_memory(why, "a session");
    loop->wishes = wishes;
    loop->session = session;
    loop->subject = wishes->person->subject;
    if (begin(loop, why) || sit(loop, why) || do_actions(loop, why))
        goto out;
    for (int i = 0; !loop->ended; i++) {
        if (i > STEPS_MAX) {
            problem(why, PROBLEM_FAILED, "the protocol of person %d does not end",
                    wishes->person->index);
            goto out;
        }
        if (operate(loop, why))
            goto out;
    }
    result = finish(loop, why);
out:
    if (loop->finder)
        press_finder_free(loop->finder);
    press_protocol_free(loop->protocol);
    led_person_free(loop->person);
    cohort_plate_free(loop->plate);
    free(loop->kpa);
    free(loop->masked);
    free(loop);
    return result;
}

void session_free(struct session *session)
{
    if (session->result)
        result_free(session->result);
    session->result = NULL;
}
