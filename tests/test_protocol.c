/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guided press test with scripted people: every safety rule in the state in which it matters, and
 * random events, which must never get a ramp without a limit. */
#include "analysis/press/press_force.h"
#include "analysis/press/protocol.h"
#include "analysis/press/press_ramp.h"
#include "tests/support/failing_malloc.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define ROWS 64
#define COLS 48
#define FRAME_US 20000
#define LOG_MAX 400

static const struct grid grid = {ROWS, COLS, 5, 5};
static struct atlas *atlas;
static struct tool tool;
static struct route full_route, short_route;
static unsigned long seed;

static int set_up(void **state)
{
    const char *text = getenv("TEST_SEED");
    const char *const complaint[] = {"P07"};
    struct problem why = {0};

    (void)state;
    seed = text ? strtoul(text, NULL, 10) : (unsigned long)time(NULL);
    print_message("seed %lu (TEST_SEED)\n", seed);
    atlas = atlas_load(NULL, &why);
    assert_non_null(atlas);
    assert_int_equal(tool_load(NULL, NULL, &tool, &why), 0);
    struct route_options options = {.atlas = atlas, .tool = &tool, .pitch_mm = 5};
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        options.feet[side] = (struct route_foot){
            1, foot_frame_template((enum side)side, (struct point){120, 30}, 0, 250),
            landmarks_template()};
    assert_int_equal(route_make(&full_route, &options, &why), 0);
    options.kind = ROUTE_SHORT;
    options.chosen = complaint;
    options.n_chosen = 1;
    assert_int_equal(route_make(&short_route, &options, &why), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    route_free(&full_route);
    route_free(&short_route);
    atlas_free(atlas);
    return 0;
}

/* --- A person, an operator and a plate --------------------------------------------------------- */

struct made {
    int number, place, is_catch, is_tap, answered, scale, is_void;
    uint64_t begin_us;
    double ceiling_kpa, peak_kpa;
    char id[ROUTE_PLACE_ID_MAX];
    enum side side;
};

/* What this person does differently; 0 = an easy one. */
struct script {
    double threshold_kpa;           /* of all places; 0 = 200 */
    const char *tender;             /* this place of the left foot hurts at ... */
    double tender_kpa;
    double rate_kpa_s;              /* 0 = 40 */
    double reaction_s;              /* 0 = 0.2 */
    int scale;                      /* 0 = 3 */
    int never_answers, answers_catches, presses_in_catches, never_lifts;
    int refuses_limit, no_ack, holds_button, drops_frames, slips, no_go, silent_scale;
    int key_at_press, key;          /* at the ramp of this press */
    int limit_event_at;             /* ... the plate says its limit is reached */
    int end_at;                     /* END at this press */
    double noise_kpa;
};

struct world {
    struct press_protocol *protocol;
    const struct script *script;
    const struct route *route;
    uint64_t now_us;
    float kpa[ROWS * COLS];
    struct made made[LOG_MAX];
    int n_made, has_limit, limit_row0, limit_col0, limit_rows, limit_cols;
    double limit_n;
    int signals, ended, stopped_said, feet_changes, has_protocol, has_step_end;
    /* the person */
    int is_down, is_lifting, has_answered;
    double tip_kpa, crossed_s;
    uint64_t touch_us, lift_us, answer_us;
    unsigned long long random;
    enum press_step last_step;
    enum side last_side;
};

static double rate_of(const struct script *script)
{
    return script->rate_kpa_s > 0 ? script->rate_kpa_s : 40;
}

static double chance(struct world *w)
{
    w->random = w->random * 6364136223846793005u + 1442695040888963407u;
    return (double)(w->random >> 11) * 0x1p-53;
}

static struct made *now_made(struct world *w)
{
    return w->n_made ? &w->made[w->n_made - 1] : NULL;
}

static void hear_press(struct world *w, const json_t *press)
{
    assert_true(w->n_made < LOG_MAX);
    struct made *made = &w->made[w->n_made++];
    /* The rule of rules: no press is announced without a limit that was acknowledged. */
    assert_true(w->has_limit);
    *made = (struct made){.scale = -1, .begin_us = w->now_us};
    made->number = (int)json_integer_value(json_object_get(press, "number"));
    made->is_catch = json_is_true(json_object_get(press, "catch"));
    made->is_tap = json_is_true(json_object_get(press, "tap"));
    made->ceiling_kpa = json_number_value(json_object_get(press, "ceiling_kpa"));
    snprintf(made->id, sizeof made->id, "%s",
             json_string_value(json_object_get(press, "place")));
    made->side = strcmp(json_string_value(json_object_get(press, "side")), "left") ? SIDE_RIGHT
                                                                                   : SIDE_LEFT;
    assert_true(made->ceiling_kpa <= 500);
    assert_true(fabs(w->limit_n - tool_force_n(&tool, made->ceiling_kpa)) < 1e-9);
    for (int i = 0; i < w->route->n; i++)
        if (!strcmp(w->route->places[i].id, made->id) && w->route->places[i].side == made->side)
            made->place = i;
    w->is_down = 1;
    w->is_lifting = w->has_answered = 0;
    w->crossed_s = NAN;
    w->touch_us = w->now_us + 300000;
}

static void hear(struct world *w, const char *text)
{
    json_error_t error;
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &error);

    assert_non_null(object);
    assert_string_equal(json_string_value(json_object_get(object, "schema")),
                        "tenderfoot/annotation/1");
    const json_t *press = json_object_get(object, "press"), *answer = json_object_get(object, "answer");
    const char *step = json_string_value(json_object_get(object, "step"));
    if (press)
        hear_press(w, press);
    if (answer && now_made(w)) {
        const json_t *scale = json_object_get(answer, "scale");
        assert_int_equal(json_integer_value(json_object_get(answer, "number")), now_made(w)->number);
        now_made(w)->scale = json_is_integer(scale) ? (int)json_integer_value(scale) : -1;
        now_made(w)->is_void = json_is_string(json_object_get(answer, "void"));
    }
    w->has_protocol |= json_is_object(json_object_get(object, "protocol"));
    w->stopped_said |= json_is_object(json_object_get(object, "stopped"));
    w->has_step_end |= step && !strcmp(step, "end");
    json_decref(object);
}

static void do_actions(struct world *w)
{
    struct press_action action;

    while (press_protocol_action(w->protocol, &action)) {
        if (action.kind == PRESS_ACTION_ANNOTATE) {
            hear(w, action.json);
        } else if (action.kind == PRESS_ACTION_SET_LIMIT) {
            assert_true(action.rows > 0 && action.cols > 0 && action.row0 >= 0 && action.col0 >= 0);
            assert_true(action.row0 + action.rows <= ROWS && action.col0 + action.cols <= COLS);
            assert_true(action.expiry_ms > 0 && action.expiry_ms <= 600000);
            assert_true(action.force_n > 0);
            if (w->script->no_ack)
                continue;
            w->has_limit = !w->script->refuses_limit;
            w->limit_n = action.force_n;
            press_protocol_limit_set(w->protocol, w->has_limit);
        } else if (action.kind == PRESS_ACTION_CLEAR_LIMIT) {
            w->has_limit = 0;
        } else if (action.kind == PRESS_ACTION_SIGNAL) {
            w->signals++;
            if (w->is_down && !w->is_lifting && !w->script->never_lifts) {
                w->is_lifting = 1;
                w->lift_us = w->now_us + 200000;
            }
        } else {
            w->ended = 1;
        }
    }
}

static double threshold_of(const struct world *w, const struct made *made)
{
    const struct script *script = w->script;

    if (script->tender && made->side == SIDE_LEFT && !strcmp(script->tender, made->id))
        return script->tender_kpa;
    return script->threshold_kpa > 0 ? script->threshold_kpa : 200;
}

/* Force at the tip now; answers by the button. */
static void live(struct world *w)
{
    struct made *made = now_made(w);
    const struct script *script = w->script;
    double t = ((double)w->now_us - (double)w->touch_us) * 1e-6;

    w->tip_kpa = 0;
    if (!w->is_down || !made || t < 0)
        return;
    if (w->is_lifting && w->now_us >= w->lift_us) {
        w->is_down = 0;
        return;
    }
    if (made->is_catch && !script->presses_in_catches)
        w->tip_kpa = 5;
    else if (made->is_tap)
        w->tip_kpa = fmin(40, 400 * t);
    else
        w->tip_kpa = 5 + rate_of(script) * t;
    w->tip_kpa += script->noise_kpa * (2 * chance(w) - 1);
    made->peak_kpa = fmax(made->peak_kpa, w->tip_kpa);
    double hurts = made->is_tap ? 5 : made->is_catch ? 4 : threshold_of(w, made);
    if (isnan(w->crossed_s) && w->tip_kpa >= hurts)
        w->crossed_s = t;
    if (script->never_answers || w->has_answered || isnan(w->crossed_s) ||
        (made->is_catch && !script->answers_catches))
        return;
    if (t >= w->crossed_s + (script->reaction_s > 0 ? script->reaction_s : 0.2)) {
        w->has_answered = made->answered = 1;
        press_protocol_button(w->protocol, w->now_us, 1);
        do_actions(w);
        if (!script->holds_button)
            press_protocol_button(w->protocol, w->now_us + 1000, 0);
        if (!script->never_lifts && !w->is_lifting) {
            w->is_lifting = 1;
            w->lift_us = w->now_us + 150000;
        }
    }
}

/* The stud's 20 x 20 mm base on 5 mm cells; slipped: 25 mm beside it. */
static void draw(struct world *w, const struct press_cue *cue)
{
    memset(w->kpa, 0, sizeof w->kpa);
    if (!(w->tip_kpa > 0) || !cue->place)
        return;
    int off = w->script->slips && w->tip_kpa > 60 ? 5 : 0;
    int col = (int)(cue->stud.x_mm / 5) + off, row = (int)(cue->stud.y_mm / 5);
    double cell_kpa = tool_force_n(&tool, w->tip_kpa) / 16 / grid_newton_per_kpa(&grid);
    for (int r = row - 2; r < row + 2; r++)
        for (int c = col - 2; c < col + 2; c++)
            if (r >= 0 && r < ROWS && c >= 0 && c < COLS)
                w->kpa[r * COLS + c] = (float)cell_kpa;
}

/* The operator follows the cue. */
static void operate(struct world *w, const struct press_cue *cue)
{
    const struct script *script = w->script;
    int real = now_made(w) ? now_made(w)->number : 0;

    if (cue->step == PRESS_STEP_RAMP && script->key_at_press && real == script->key_at_press)
        press_protocol_key(w->protocol, w->now_us, script->key);
    if (cue->step == PRESS_STEP_RAMP && script->limit_event_at && real == script->limit_event_at &&
        w->tip_kpa > 50)
        press_protocol_limit(w->protocol, w->now_us);
    if (script->end_at && real == script->end_at && cue->step == PRESS_STEP_RAMP &&
        w->tip_kpa > 30)
        press_protocol_key(w->protocol, w->now_us, PRESS_KEY_END);
    if ((cue->step == PRESS_STEP_PLACE || cue->step == PRESS_STEP_SKIN) && !script->no_go)
        press_protocol_key(w->protocol, w->now_us, PRESS_KEY_GO);
    if (cue->step == PRESS_STEP_SCALE && !script->silent_scale)
        press_protocol_key(w->protocol, w->now_us,
                           PRESS_KEY_SCALE_0 + (now_made(w)->answered
                                                    ? script->scale ? script->scale : 3
                                                    : 1));
}

static void note_cue(struct world *w, const struct press_cue *cue)
{
    w->feet_changes += cue->step == PRESS_STEP_SKIN && w->last_step != PRESS_STEP_SKIN;
    w->last_step = cue->step;
    /* A ramp is only ever shown with the plate's limit acknowledged. */
    if (cue->step == PRESS_STEP_RAMP || cue->step == PRESS_STEP_READY)
        assert_true(w->has_limit);
    assert_true(cue->say[0] || cue->step == PRESS_STEP_REST);
}

static struct press_protocol_options options_for(const struct route *route)
{
    struct press_protocol_options options = {.route = route,
                                             .tool = &tool,
                                             .grid = grid,
                                             .cup_known = 1,
                                             .seed = seed};
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        options.cup[side] = (struct point){120, 30};
    return options;
}

static void begin(struct world *w, const struct press_protocol_options *options,
                  const struct script *script)
{
    struct problem why = {0};

    memset(w, 0, sizeof *w);
    w->script = script;
    w->route = options->route;
    w->now_us = 1000000;
    w->random = seed;
    w->protocol = press_protocol_begin(options, &why);
    if (!w->protocol)
        fail_msg("%s", why.text);
    do_actions(w);
}

/* One frame's time. */
static void step(struct world *w)
{
    struct press_cue cue;
    struct problem why = {0};

    press_protocol_cue(w->protocol, &cue);
    note_cue(w, &cue);
    live(w);
    do_actions(w);
    draw(w, &cue);
    int drops = w->script->drops_frames && w->tip_kpa > 100;
    if (drops)
        press_protocol_tick(w->protocol, w->now_us);
    else
        assert_int_equal(press_protocol_frame(w->protocol, w->now_us, w->kpa, &why), 0);
    do_actions(w);
    press_protocol_cue(w->protocol, &cue);
    operate(w, &cue);
    do_actions(w);
    w->now_us += FRAME_US;
}

static void run(struct world *w, double minutes)
{
    uint64_t end_us = w->now_us + (uint64_t)(minutes * 60e6);

    while (!w->ended && w->now_us < end_us)
        step(w);
}

static int count(const struct world *w, int catches, int taps)
{
    int n = 0;

    for (int i = 0; i < w->n_made; i++)
        n += w->made[i].is_catch == catches && w->made[i].is_tap == taps;
    return n;
}

/* --- The whole of it --------------------------------------------------------------------------- */

static void check_60_seconds(const struct world *w)
{
    for (int i = 0; i < w->n_made; i++)
        for (int k = 0; k < i; k++)
            if (!w->made[i].is_catch && !w->made[k].is_catch && w->made[i].place == w->made[k].place)
                assert_true(w->made[i].begin_us >= w->made[k].begin_us + 60000000u);
}

static void an_easy_person_is_led_through(void **state)
{
    static struct world w;
    struct script script = {.tender = "P07", .tender_kpa = 100};
    struct press_protocol_options options = options_for(&full_route);
    int of_tender = 0;

    (void)state;
    begin(&w, &options, &script);
    run(&w, 90);
    assert_true(w.ended && w.has_protocol && w.has_step_end);
    struct press_cue cue;
    press_protocol_cue(w.protocol, &cue);
    print_message("%d presses, %d catch trials, %d taps, %.1f min, %d looks at the skin; %s\n",
                  count(&w, 0, 0), count(&w, 1, 0), count(&w, 0, 1), (double)w.now_us / 60e6,
                  w.feet_changes, cue.ended);
    assert_int_equal(count(&w, 0, 1), 5);
    assert_true(count(&w, 0, 0) <= 80 && count(&w, 0, 0) >= full_route.n);
    check_60_seconds(&w);
    for (int i = 0; i < w.n_made; i++)
        of_tender += !strcmp(w.made[i].id, "P07") && w.made[i].side == SIDE_LEFT && !w.made[i].is_catch;
    assert_true(of_tender >= 2);
    assert_true(fabs(cue.reaction_s - 0.2) < 0.03);
    press_protocol_free(w.protocol);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_easy_person_is_led_through),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
