/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guided press test with scripted people: every safety rule in the state in which it matters,
 * and random events, which must never get a ramp without a limit. */
#include "analysis/press/press_force.h"
#include "analysis/press/protocol.h"
#include "analysis/press/press_ramp.h"
#include "analysis/wording.h"
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

#include "tests/support/drawn.h"

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
    const char *const complaint[] = {"P07", "P12", "P17"};
    struct problem why = {0};

    (void)state;
    seed = drawn_seed();
    atlas = atlas_load(NULL, &why);
    assert_non_null(atlas);
    assert_int_equal(tool_load(NULL, NULL, &tool, &why), 0);
    struct route_options options = {.atlas = atlas, .tool = &tool, .pitch_mm = 5};
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        options.feet[side] = (struct route_foot){
            1,
            foot_frame_template((enum side)side, (struct point){120, 30}, 0, 250),
            landmarks_template(),
            {0}};
    assert_int_equal(route_make(&full_route, &options, &why), 0);
    options.kind = ROUTE_SHORT;
    options.chosen = complaint;
    options.n_chosen = 3;
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

/* --- A person, an operator and a plate ---------------------------------------------------------
 */

struct made {
    int number, place, is_catch, is_tap, answered, scale, is_void;
    int looks; /* at the skin, before it */
    uint64_t begin_us;
    double ceiling_kpa, peak_kpa;
    char id[ROUTE_PLACE_ID_MAX];
    enum side side;
};

/* What this person does differently; 0 = an easy one. */
struct script {
    double threshold_kpa; /* of all places; 0 = 200 */
    const char *tender;   /* this place of the left foot hurts at ... */
    double tender_kpa;
    double rate_kpa_s; /* 0 = 40 */
    double reaction_s; /* 0 = 0.2 */
    int scale;         /* 0 = 3 */
    int never_answers, answers_catches, presses_in_catches, never_lifts;
    int refuses_limit, no_ack, holds_button, drops_frames, slips, no_go, silent_scale;
    int key_at_press, key; /* at the ramp of this press */
    int limit_event_at;    /* ... the plate says its limit is reached */
    int end_at;            /* END at this press */
    double noise_kpa;
    int has_masked; /* cells that read nothing, as the calibration says */
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
    int left_out_said; /* entries of `left_out` in annotations */
    char left_out_why[4][160];
    int signals, ended, stopped_said, feet_changes, has_protocol, has_step_end;
    /* the person */
    int is_down, is_lifting, has_answered;
    double tip_kpa, crossed_s;
    uint64_t touch_us, lift_us, answer_us;
    unsigned long long random;
    enum press_step last_step;
    enum side last_side;
    char last_say[sizeof((struct press_cue *)0)->say];
    int has_left, left, left_at_round_end, most_min; /* most_min: 0 = 45 */
    int looks;                                       /* at the skin */
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
    *made = (struct made){.scale = -1, .begin_us = w->now_us, .looks = w->looks};
    made->number = (int)json_integer_value(json_object_get(press, "number"));
    made->is_catch = json_is_true(json_object_get(press, "catch"));
    made->is_tap = json_is_true(json_object_get(press, "tap"));
    made->ceiling_kpa = json_number_value(json_object_get(press, "ceiling_kpa"));
    snprintf(made->id, sizeof made->id, "%s", json_string_value(json_object_get(press, "place")));
    made->side =
        strcmp(json_string_value(json_object_get(press, "side")), "left") ? SIDE_RIGHT : SIDE_LEFT;
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
    const json_t *press = json_object_get(object, "press"),
                 *answer = json_object_get(object, "answer");
    const char *step = json_string_value(json_object_get(object, "step"));
    if (press)
        hear_press(w, press);
    if (answer && now_made(w)) {
        const json_t *scale = json_object_get(answer, "scale");
        assert_int_equal(json_integer_value(json_object_get(answer, "number")),
                         now_made(w)->number);
        now_made(w)->scale = json_is_integer(scale) ? (int)json_integer_value(scale) : -1;
        now_made(w)->is_void = json_is_string(json_object_get(answer, "void"));
    }
    size_t i;
    json_t *out;
    json_array_foreach(json_object_get(json_object_get(object, "protocol"), "left_out"), i, out)
    {
        const char *why = json_string_value(json_object_get(out, "why"));
        assert_non_null(json_string_value(json_object_get(out, "place")));
        assert_true(json_array_size(json_object_get(out, "zones")) > 0);
        assert_true(why && *why && !wording_check(why, NULL));
        snprintf(w->left_out_why[w->left_out_said % 4], sizeof w->left_out_why[0], "%s", why);
        w->left_out_said++;
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

/* One cell of each four by four: of any stud's base a sixteenth. */
static int is_masked(int row, int col)
{
    return row % 4 == 1 && col % 4 == 2;
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
            if (r >= 0 && r < ROWS && c >= 0 && c < COLS &&
                !(w->script->has_masked && is_masked(r, c)))
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
    if (script->end_at && real == script->end_at && cue->step == PRESS_STEP_RAMP && w->tip_kpa > 30)
        press_protocol_key(w->protocol, w->now_us, PRESS_KEY_END);
    w->looks += cue->step == PRESS_STEP_SKIN && !script->no_go;
    if ((cue->step == PRESS_STEP_PLACE || cue->step == PRESS_STEP_SKIN) && !script->no_go)
        press_protocol_key(w->protocol, w->now_us, PRESS_KEY_GO);
    if (cue->step == PRESS_STEP_SCALE && !script->silent_scale)
        press_protocol_key(w->protocol, w->now_us,
                           PRESS_KEY_SCALE_0 +
                               (now_made(w)->answered ? script->scale ? script->scale : 3 : 1));
}

/* What is told to be left never rises, whatever happens, and keeps within the minutes. */
static void note_left(struct world *w, const struct press_cue *cue)
{
    double most_min = w->most_min ? w->most_min : 45;

    if (w->has_left && cue->presses_left > w->left)
        fail_msg("%d left after %d (%d done)", cue->presses_left, w->left, cue->presses_done);
    assert_true(cue->presses_left >= 0 && cue->minutes_left >= 0);
    assert_true(cue->minutes_left <= most_min);
    if (cue->step == PRESS_STEP_DONE)
        assert_int_equal(cue->presses_left, 0);
    w->left = cue->presses_left;
    w->has_left = 1;
    if (cue->presses_done == w->route->n)
        w->left_at_round_end = w->left;
}

static void note_cue(struct world *w, const struct press_cue *cue)
{
    note_left(w, cue);
    w->feet_changes += cue->step == PRESS_STEP_SKIN && w->last_step != PRESS_STEP_SKIN;
    w->last_step = cue->step;
    w->last_side = cue->side;
    /* A ramp is only ever shown with the plate's limit acknowledged. */
    if (cue->step == PRESS_STEP_RAMP || cue->step == PRESS_STEP_READY)
        assert_true(w->has_limit);
    assert_true(cue->say[0]);
    if (strcmp(cue->say, w->last_say) &&
        (wording_check(cue->say, NULL) || wording_check(cue->tell, NULL) ||
         wording_check(cue->ended, NULL)))
        fail_msg("may not be said: %s | %s | %s", cue->say, cue->tell, cue->ended);
    memcpy(w->last_say, cue->say, sizeof w->last_say);
}

static struct press_protocol_options options_for(const struct route *route)
{
    struct press_protocol_options options = {
        .route = route, .tool = &tool, .grid = grid, .cup_known = 1, .seed = seed};
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
    note_cue(w, &cue);
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

/* --- The whole of it ---------------------------------------------------------------------------
 */

static void check_60_seconds(const struct world *w)
{
    for (int i = 0; i < w->n_made; i++)
        for (int k = 0; k < i; k++)
            if (!w->made[i].is_catch && !w->made[k].is_catch &&
                w->made[i].place == w->made[k].place)
                assert_true(w->made[i].begin_us >= w->made[k].begin_us + 60000000u);
}

/* Between two presses at one place the skin was looked at. */
static void check_looks(const struct world *w)
{
    for (int i = 0; i < w->n_made; i++)
        for (int k = 0; k < i; k++)
            if (!w->made[i].is_catch && !w->made[k].is_catch && !w->made[i].is_tap &&
                !w->made[k].is_tap && w->made[i].place == w->made[k].place)
                assert_true(w->made[i].looks > w->made[k].looks);
}

/* Masked cells under the stud: the live pressure is what presses, not what they leave of it; an
 * engine that knows nothing of them reads a sixteenth too little. */
static void masked_cells_are_filled_live(void **state)
{
    static struct world w;
    static uint8_t masked[ROWS * COLS];
    struct script script = {.never_answers = 1, .has_masked = 1};
    struct press_cue cue;

    (void)state;
    for (int i = 0; i < ROWS * COLS; i++)
        masked[i] = (uint8_t)is_masked(i / COLS, i % COLS);
    for (int knows = 0; knows < 2; knows++) {
        struct press_protocol_options options = options_for(&full_route);
        options.masked = knows ? masked : NULL;
        options.taps = options.catch_trials = -1;
        begin(&w, &options, &script);
        do {
            step(&w);
            press_protocol_cue(w.protocol, &cue);
        } while (!w.ended && !(cue.step == PRESS_STEP_RAMP && w.tip_kpa > 100));
        print_message("%.1f of %.1f kPa\n", cue.tip_kpa, w.tip_kpa);
        assert_true(cue.step == PRESS_STEP_RAMP);
        assert_true(fabs(cue.tip_kpa / w.tip_kpa - (knows ? 1 : 15.0 / 16)) < 0.02);
        press_protocol_free(w.protocol);
    }
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
        of_tender +=
            !strcmp(w.made[i].id, "P07") && w.made[i].side == SIDE_LEFT && !w.made[i].is_catch;
    assert_true(of_tender >= 2);
    assert_true(fabs(cue.reaction_s - 0.2) < 0.03);
    check_looks(&w);
    press_protocol_free(w.protocol);
}

/* Two places of the route whose tips overlap are one skin: it rests as long. */
static void skin_under_two_places_rests_too(void **state)
{
    static struct world w;
    struct script script = {.never_answers = 1};
    struct route route = short_route;
    struct route_place places[40];
    int pairs = 0;

    (void)state;
    assert_true(route.n >= 2 && route.n <= 40 && route.places[0].side == route.places[1].side);
    memcpy(places, short_route.places, (size_t)route.n * sizeof *places);
    route.places = places;
    places[1].at = places[0].at;
    places[1].at.u += 0.03; /* 7.5 mm of 250; a tip of 1 cm2 is 11.3 mm wide */
    struct press_protocol_options options = options_for(&route);
    options.catch_trials = options.taps = -1;
    begin(&w, &options, &script);
    run(&w, 60);
    for (int i = 0; i < w.n_made; i++)
        for (int k = 0; k < i; k++)
            if (w.made[i].place < 2 && w.made[k].place < 2) {
                pairs++;
                assert_true(w.made[i].begin_us >= w.made[k].begin_us + 60000000u);
            }
    assert_true(pairs > 0);
    press_protocol_free(w.protocol);
}

/* One foot alone never changes, and its skin is looked at all the same: once a round of repeats. */
static void the_skin_of_one_foot_is_looked_at_between(void **state)
{
    static struct world w;
    struct script script = {.tender = "P07", .tender_kpa = 100};
    struct route_options wanted = {.atlas = atlas, .tool = &tool, .pitch_mm = 5};
    struct route route;
    struct problem why = {0};

    (void)state;
    wanted.feet[SIDE_LEFT] =
        (struct route_foot){1,
                            foot_frame_template(SIDE_LEFT, (struct point){120, 30}, 0, 250),
                            landmarks_template(),
                            {0}};
    assert_int_equal(route_make(&route, &wanted, &why), 0);
    struct press_protocol_options options = options_for(&route);
    options.presses_max = 40;
    options.catch_trials = 3;
    begin(&w, &options, &script);
    run(&w, 60);
    assert_true(w.ended);
    print_message("one foot: %d presses at %d places, %d looks at the skin\n", count(&w, 0, 0),
                  route.n, w.looks);
    assert_true(count(&w, 0, 0) > route.n); /* some place was pressed again */
    assert_int_equal(count(&w, 1, 0), 3);   /* no catch trial is lost to a look */
    check_looks(&w);
    assert_true(w.looks >= 2 && w.looks <= 2 + count(&w, 0, 0) - route.n);
    press_protocol_free(w.protocol);
    route_free(&route);
}

/* What the thresholds refuse is told as it is, not as a want of memory. */
static void why_no_place_can_be_chosen_is_told(void **state)
{
    static struct world w;
    struct script script = {0};
    struct threshold_press wrong = {.place = 0, .kpa = -1};
    struct press_protocol_options options = options_for(&short_route);
    struct press_cue cue;

    (void)state;
    options.catch_trials = options.taps = -1;
    options.earlier = &wrong;
    options.n_earlier = 1;
    begin(&w, &options, &script);
    run(&w, 60);
    assert_true(w.ended);
    press_protocol_cue(w.protocol, &cue);
    assert_non_null(strstr(cue.ended, "press 0 has a pressure"));
    press_protocol_free(w.protocol);
}

/* --- What ends a ramp --------------------------------------------------------------------------
 */

static int voids(const struct world *w)
{
    int n = 0;

    for (int i = 0; i < w->n_made; i++)
        n += w->made[i].is_void;
    return n;
}

static double highest_over_ceiling(const struct world *w)
{
    double over = -INFINITY;

    for (int i = 0; i < w->n_made; i++)
        if (!w->made[i].is_tap)
            over = fmax(over, w->made[i].peak_kpa - w->made[i].ceiling_kpa);
    return over;
}

/* Who feels nothing is told to lift at the ceiling: above it the force gets as far as a reaction
 * takes, no more. */
static void nobody_goes_above_the_ceiling(void **state)
{
    static struct world w;
    struct script script = {.never_answers = 1, .rate_kpa_s = 50};
    struct press_protocol_options options = options_for(&full_route);

    (void)state;
    options.presses_max = 30;
    begin(&w, &options, &script);
    run(&w, 60);
    assert_true(w.ended);
    assert_true(highest_over_ceiling(&w) >= 0);
    /* 50 kPa/s x (0.2 s of the person + two frames) */
    assert_true(highest_over_ceiling(&w) <= 50 * 0.24 + 1e-6);
    for (int i = 0; i < w.n_made; i++)
        assert_true(w.made[i].peak_kpa <= 500);
    check_60_seconds(&w);
    press_protocol_free(w.protocol);
}

static void a_ramp_is_ended_by_a_key(void **state)
{
    static struct world w;
    struct script script = {.key_at_press = 8, .key = PRESS_KEY_STOP};
    struct press_protocol_options options = options_for(&short_route);
    struct press_cue cue;

    (void)state;
    options.catch_trials = -1;
    begin(&w, &options, &script);
    run(&w, 3);
    assert_false(w.ended);
    assert_true(w.made[7].is_void);
    assert_true(w.made[7].peak_kpa < 40); /* at the first frames of the ramp */
    press_protocol_cue(w.protocol, &cue);
    assert_int_equal(cue.step, PRESS_STEP_REST); /* waits for GO, however long */
    press_protocol_key(w.protocol, w.now_us, PRESS_KEY_GO);
    run(&w, 30);
    assert_true(w.ended && w.n_made > 8);
    press_protocol_free(w.protocol);
}

static void pain_typed_during_the_ramp_ends_it(void **state)
{
    static struct world w;
    struct script script = {.key_at_press = 7, .key = PRESS_KEY_SCALE_0 + 4, .never_answers = 1};
    struct press_protocol_options options = options_for(&short_route);
    int after = 0;

    (void)state;
    options.catch_trials = -1;
    begin(&w, &options, &script);
    run(&w, 30);
    assert_int_equal(w.made[6].scale, 4);
    assert_true(w.made[6].peak_kpa < 60);
    /* Pain that stays: a rest of 2 to 3 minutes, and never that place again. */
    for (int i = 7; i < w.n_made; i++)
        after += w.made[i].place == w.made[6].place && !w.made[i].is_tap;
    assert_int_equal(after, 0);
    assert_true(w.n_made <= 7 || w.made[7].begin_us - w.made[6].begin_us > 120000000u);
    press_protocol_free(w.protocol);
}

static void the_plates_own_limit_ends_it(void **state)
{
    static struct world w;
    struct script script = {.limit_event_at = 8};
    struct press_protocol_options options = options_for(&short_route);

    (void)state;
    options.catch_trials = -1;
    begin(&w, &options, &script);
    run(&w, 30);
    assert_true(w.ended);
    assert_true(w.made[7].peak_kpa < 70 && !w.made[7].is_void);
    press_protocol_free(w.protocol);
}

/* Each of these presses is void, and the test ends all the same. */
static void what_cannot_be_trusted_does_not_count(void **state)
{
    static struct world w;
    const struct script scripts[] = {{.rate_kpa_s = 300},
                                     {.slips = 1},
                                     {.drops_frames = 1},
                                     {.noise_kpa = 0, .rate_kpa_s = 1e-3}};
    const double highest[] = {250, 90, 130, 10};
    struct press_protocol_options options = options_for(&short_route);

    (void)state;
    options.catch_trials = -1;
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        begin(&w, &options, &scripts[i]);
        run(&w, 60);
        assert_true(w.ended);
        assert_true(voids(&w) >= 2);
        struct press_cue cue;
        press_protocol_cue(w.protocol, &cue);
        assert_int_equal(cue.presses_done, 0);
        for (int k = 0; k < w.n_made; k++)
            assert_true(w.made[k].is_tap || w.made[k].peak_kpa <= highest[i]);
        press_protocol_free(w.protocol);
    }
}

/* How many presses of a place were made, all of them without taps and catch trials. */
static int made_at(const struct world *w, int place)
{
    int n = 0;

    for (int i = 0; i < w->n_made; i++)
        n += w->made[i].place == place && !w->made[i].is_tap && !w->made[i].is_catch;
    return n;
}

/* A place is tried three times, not twice; that it is given up is said aloud, kept in the
 * recording, and known to whoever shows the test. */
static void a_place_given_up_is_told(void **state)
{
    static struct world w;
    const struct script script = {.slips = 1};
    struct press_protocol_options options = options_for(&short_route);
    struct press_left_out out;
    int said_live = 0;

    (void)state;
    options.catch_trials = options.taps = -1;
    begin(&w, &options, &script);
    while (!w.ended && w.now_us < 3600000000u) {
        step(&w);
        said_live |= strstr(w.last_say, "The place is given up.") != NULL;
    }
    assert_true(w.ended && said_live);
    assert_int_equal(w.left_out_said, short_route.n);
    assert_non_null(strstr(w.left_out_why[0], "given up after 3 presses"));
    assert_non_null(strstr(w.left_out_why[0], "slipped"));
    for (int i = 0; i < short_route.n; i++) {
        assert_int_equal(made_at(&w, i), 3);
        assert_int_equal(press_protocol_left_out(w.protocol, i, &out), 1);
        assert_true(!out.presses && !out.is_unreached);
    }
    assert_int_equal(press_protocol_left_out(w.protocol, short_route.n, &out), 0);
    assert_int_equal(press_protocol_left_out(w.protocol, -1, &out), 0);
    press_protocol_free(w.protocol);
}

/* Two that do not count and then a good one: the place is not given up. */
static void two_void_presses_are_not_three(void **state)
{
    static struct world w;
    struct script script = {.slips = 1};
    struct press_protocol_options options = options_for(&short_route);
    struct press_left_out out;

    (void)state;
    options.catch_trials = options.taps = -1;
    begin(&w, &options, &script);
    while (!w.ended && w.now_us < 3600000000u) {
        int place = w.n_made ? w.made[w.n_made - 1].place : -1;
        script.slips = place < 0 || made_at(&w, place) < 3;
        step(&w);
    }
    assert_true(w.ended);
    assert_true(count(&w, 0, 0) > 3 * short_route.n);
    assert_int_equal(press_protocol_left_out(w.protocol, 0, &out), 0);
    assert_int_equal(w.left_out_said, 0);
    press_protocol_free(w.protocol);
}

/* Places that the test does not come to are said, too; not where the person wished to stop, which
 * says it. */
static void what_is_not_reached_is_told(void **state)
{
    static struct world w;
    const struct script easy = {0}, stops = {.end_at = 3};
    struct press_protocol_options options = options_for(&full_route);
    struct press_left_out out;

    (void)state;
    options.catch_trials = options.taps = -1;
    options.presses_max = 4;
    begin(&w, &options, &easy);
    run(&w, 60);
    assert_true(w.ended);
    assert_int_equal(w.left_out_said, full_route.n - 4);
    assert_int_equal(press_protocol_left_out(w.protocol, 0, &out), 1);
    assert_true(out.is_unreached);
    press_protocol_free(w.protocol);
    begin(&w, &options, &stops);
    run(&w, 60);
    assert_true(w.ended && w.stopped_said);
    assert_int_equal(w.left_out_said, 0);
    press_protocol_free(w.protocol);
}

/* A quick touch has words of its own, and no cry when it is over. */
static void a_quick_touch_is_not_shouted_at(void **state)
{
    static struct world w;
    const struct script easy = {0};
    struct press_protocol_options options = options_for(&short_route);
    struct press_cue cue;
    int lifts = 0;

    (void)state;
    options.catch_trials = -1;
    begin(&w, &options, &easy);
    while (!w.ended && count(&w, 0, 0) == 0) {
        step(&w);
        press_protocol_cue(w.protocol, &cue);
        if (!cue.is_tap || (cue.step != PRESS_STEP_RAMP && cue.step != PRESS_STEP_LIFT))
            continue;
        lifts += cue.step == PRESS_STEP_LIFT;
        assert_false(cue.alarm);
        assert_null(strstr(cue.say, "lower"));
        assert_null(strstr(cue.say, "faster"));
        assert_non_null(strstr(cue.say, "ouch"));
    }
    assert_true(lifts > 0);
    assert_int_equal(w.signals, 0);
    press_protocol_free(w.protocol);
}

static void nothing_begins_without_the_plates_limit(void **state)
{
    static struct world w;
    const struct script refusing = {.refuses_limit = 1}, silent = {.no_ack = 1};
    struct press_protocol_options options = options_for(&full_route);

    (void)state;
    begin(&w, &options, &refusing);
    run(&w, 2);
    assert_int_equal(w.n_made, 0);
    press_protocol_key(w.protocol, w.now_us, PRESS_KEY_END);
    do_actions(&w);
    assert_true(w.ended && w.stopped_said);
    press_protocol_free(w.protocol);
    begin(&w, &options, &silent);
    run(&w, 2);
    assert_int_equal(w.n_made, 0);
    press_protocol_free(w.protocol);
}

static void a_held_button_starts_nothing(void **state)
{
    static struct world w;
    struct script script = {0};
    struct press_protocol_options options = options_for(&short_route);
    struct press_cue cue;

    (void)state;
    begin(&w, &options, &script);
    press_protocol_button(w.protocol, w.now_us, 1);
    run(&w, 1);
    assert_int_equal(w.n_made, 0);
    press_protocol_cue(w.protocol, &cue);
    assert_non_null(strstr(cue.say, "button"));
    press_protocol_button(w.protocol, w.now_us, 0);
    run(&w, 1);
    assert_true(w.n_made > 0);
    press_protocol_free(w.protocol);
}

static void silence_ends_the_test(void **state)
{
    static struct world w;
    const struct script scripts[] = {{.no_go = 1}, {.silent_scale = 1, .scale = 2}};
    struct press_protocol_options options = options_for(&short_route);

    (void)state;
    options.catch_trials = -1;
    for (size_t i = 0; i < 2; i++) {
        begin(&w, &options, &scripts[i]);
        run(&w, 11.5);
        assert_true(w.ended && w.has_step_end && !w.stopped_said);
        press_protocol_free(w.protocol);
    }
}

static void frames_that_stop_for_good_end_it(void **state)
{
    static struct world w;
    struct script script = {0};
    struct press_protocol_options options = options_for(&short_route);

    (void)state;
    begin(&w, &options, &script);
    run(&w, 0.5);
    int signals = w.signals;
    for (int i = 0; i < 700 && !w.ended; i++) {
        w.now_us += 100000;
        press_protocol_tick(w.protocol, w.now_us);
        do_actions(&w);
    }
    assert_true(w.ended);
    assert_true(w.signals > signals || w.last_step == PRESS_STEP_REST ||
                w.last_step == PRESS_STEP_SCALE);
    press_protocol_free(w.protocol);
}

static void who_has_had_enough_is_let_go(void **state)
{
    static struct world w;
    struct script script = {.end_at = 9};
    struct press_protocol_options options = options_for(&short_route);

    (void)state;
    options.catch_trials = -1;
    begin(&w, &options, &script);
    run(&w, 30);
    assert_true(w.ended && w.stopped_said && w.has_step_end);
    assert_int_equal(w.n_made, 9);
    assert_true(w.signals >= 1);
    press_protocol_free(w.protocol);
}

/* --- Answers -----------------------------------------------------------------------------------
 */

static void ache_is_no_pain(void **state)
{
    static struct world w;
    struct script script = {.scale = 2, .tender = "P07", .tender_kpa = 90};
    struct press_protocol_options options = options_for(&short_route);

    (void)state;
    begin(&w, &options, &script);
    run(&w, 60);
    assert_true(w.ended);
    for (int i = 0; i < w.n_made; i++)
        assert_true(w.made[i].is_tap || w.made[i].is_catch || w.made[i].scale == 2);
    press_protocol_free(w.protocol);
}

static void catch_trials_are_seeded_and_see_false_answers(void **state)
{
    static struct world a, b;
    struct script script = {.answers_catches = 1};
    struct press_protocol_options options = options_for(&full_route);
    int false_answers = 0, differ = 0;

    (void)state;
    begin(&a, &options, &script);
    run(&a, 90);
    begin(&b, &options, &script);
    run(&b, 90);
    assert_int_equal(a.n_made, b.n_made);
    for (int i = 0; i < a.n_made; i++) {
        assert_int_equal(a.made[i].is_catch, b.made[i].is_catch);
        assert_int_equal(a.made[i].place, b.made[i].place);
        assert_true(a.made[i].begin_us == b.made[i].begin_us);
        false_answers += a.made[i].is_catch && a.made[i].answered;
    }
    assert_int_equal(false_answers, 5);
    press_protocol_free(b.protocol);
    /* Of three other seeds at least one differs. */
    for (int k = 1; k <= 3; k++) {
        options.seed = seed + (unsigned)k;
        begin(&b, &options, &script);
        run(&b, 90);
        for (int i = 0; i < a.n_made && i < b.n_made; i++)
            differ |= a.made[i].is_catch != b.made[i].is_catch;
        press_protocol_free(b.protocol);
    }
    assert_true(differ);
    press_protocol_free(a.protocol);
}

/* Repeats are where a person knows what hurts: some catch trial comes among them. With few presses
 * there are few, and no more presses than were asked for. */
static void catch_trials_come_among_repeats_too(void **state)
{
    static struct world w;
    struct script script = {.tender = "P07", .tender_kpa = 100};
    int among_repeats = 0;

    (void)state;
    for (unsigned k = 0; k < 3; k++) {
        struct press_protocol_options options = options_for(&full_route);
        options.seed = seed + k;
        begin(&w, &options, &script);
        run(&w, 90);
        assert_int_equal(count(&w, 1, 0), 5);
        for (int i = 0, presses = 0; i < w.n_made; i++) {
            presses += !w.made[i].is_catch && !w.made[i].is_tap;
            among_repeats += w.made[i].is_catch && presses > full_route.n;
        }
        press_protocol_free(w.protocol);
    }
    assert_true(among_repeats >= 2);
    for (int most = 1; most <= 3; most++) {
        struct press_protocol_options options = options_for(&full_route);
        options.presses_max = most;
        begin(&w, &options, &script);
        run(&w, 90);
        assert_int_equal(count(&w, 0, 0), most);
        assert_int_equal(count(&w, 1, 0), (most + 1) / 2);
        press_protocol_free(w.protocol);
    }
}

static void force_in_a_catch_trial_voids_it(void **state)
{
    static struct world w;
    struct script script = {.presses_in_catches = 1};
    struct press_protocol_options options = options_for(&short_route);

    (void)state;
    begin(&w, &options, &script);
    run(&w, 60);
    for (int i = 0; i < w.n_made; i++)
        if (w.made[i].is_catch) {
            assert_true(w.made[i].is_void);
            assert_true(w.made[i].peak_kpa < 40);
        }
    assert_true(w.ended && voids(&w) >= 1);
    press_protocol_free(w.protocol);
}

/* A second session takes up where the first one stopped. */
static void a_route_may_be_spread_over_sessions(void **state)
{
    static struct world w;
    struct script script = {0};
    struct press_protocol_options options = options_for(&full_route);
    struct threshold_press earlier[LOG_MAX];
    char pressed[LOG_MAX] = {0};
    int n = 0, again = 0;

    (void)state;
    options.presses_max = 20;
    begin(&w, &options, &script);
    run(&w, 60);
    assert_int_equal(count(&w, 0, 0), 20);
    for (int i = 0; i < w.n_made; i++)
        if (!w.made[i].is_tap && !w.made[i].is_catch) {
            earlier[n++] = (struct threshold_press){
                .place = w.made[i].place, .answered = 1, .kpa = 200, .own_sd = 0.05, .session = 1};
            pressed[w.made[i].place] = 1;
        }
    press_protocol_free(w.protocol);
    options.earlier = earlier;
    options.n_earlier = n;
    options.take_up = 1;
    options.presses_max = 22;
    begin(&w, &options, &script);
    run(&w, 60);
    for (int i = 0; i < w.n_made; i++)
        again += !w.made[i].is_tap && !w.made[i].is_catch && pressed[w.made[i].place];
    assert_int_equal(count(&w, 0, 0), full_route.n - 20);
    assert_int_equal(again, 0);
    press_protocol_free(w.protocol);
}

static void options_are_checked(void **state)
{
    struct press_protocol_options options = options_for(&full_route);
    struct route none = {0};
    struct problem why = {0};

    (void)state;
    options.ceiling_kpa[CLASS_HEEL] = 501;
    assert_null(press_protocol_begin(&options, &why));
    assert_non_null(strstr(why.text, "500"));
    options.ceiling_kpa[CLASS_HEEL] = NAN; /* the default */
    struct press_protocol *protocol = press_protocol_begin(&options, &why);
    assert_non_null(protocol);
    press_protocol_free(protocol);
    options.route = &none;
    assert_null(press_protocol_begin(&options, &why));
    press_protocol_free(NULL);
}

/* --- Anything, in any order --------------------------------------------------------------------
 */

static void random_event(struct world *w, double *kpa)
{
    struct problem why = {0};
    double dice = chance(w);

    w->now_us += (uint64_t)(chance(w) * chance(w) * 300000);
    if (dice < 0.01)
        w->now_us += 5000000;
    *kpa = dice < 0.3 ? chance(w) * 600 : *kpa + 20 * chance(w) - 4;
    if (dice > 0.9)
        *kpa = 0;
    if (chance(w) < 0.03)
        *kpa = NAN;
    for (int i = 0; i < ROWS * COLS; i++)
        w->kpa[i] = 0;
    for (int row = 0; row < ROWS; row += 3)
        w->kpa[row * COLS + COLS / 2] = (float)*kpa;
    if (dice < 0.75)
        assert_int_equal(press_protocol_frame(w->protocol, w->now_us, w->kpa, &why), 0);
    else if (dice < 0.8)
        press_protocol_button(w->protocol, w->now_us, chance(w) < 0.5);
    else if (dice < 0.82)
        press_protocol_limit(w->protocol, w->now_us - 5);
    else if (dice < 0.84)
        press_protocol_limit_set(w->protocol, chance(w) < 0.7);
    else if (dice < 0.86)
        press_protocol_tick(w->protocol, w->now_us);
    else
        press_protocol_key(w->protocol, w->now_us, (int)(chance(w) * 12) - 1);
}

/* The property: nothing that anybody does gets a press announced without a limit, or a ramp above
 * what was allowed; and an END always ends. */
static void random_events_break_no_rule(void **state)
{
    static struct world w;
    const struct script script = {0};

    (void)state;
    for (int round = 0; round < 60; round++) {
        struct press_protocol_options options = options_for(round % 2 ? &short_route : &full_route);
        struct press_cue cue;
        double kpa = 0;
        begin(&w, &options, &script);
        w.random += (unsigned)round;
        for (int i = 0; i < 800 && !w.ended; i++) {
            random_event(&w, &kpa);
            w.n_made = w.n_made > LOG_MAX - 10 ? 0 : w.n_made;
            /* Not every time: the queue may fill. */
            if (chance(&w) < 0.8)
                do_actions(&w);
            press_protocol_cue(w.protocol, &cue);
            assert_true(cue.presses_done >= 0 && cue.presses_left >= 0);
            assert_true(!(cue.ceiling_kpa > 500));
        }
        press_protocol_key(w.protocol, w.now_us, PRESS_KEY_END);
        do_actions(&w);
        assert_true(w.ended);
        press_protocol_cue(w.protocol, &cue);
        assert_int_equal(cue.step, PRESS_STEP_DONE);
        press_protocol_free(w.protocol);
    }
}

static void memory_may_run_out(void **state)
{
    static struct world w;
    const struct script script = {0};
    struct press_protocol_options options = options_for(&short_route);

    (void)state;
    for (long n = 1;; n++) {
        struct problem why = {0};
        failing_malloc_at(n);
        struct press_protocol *protocol = press_protocol_begin(&options, &why);
        int failed = failing_malloc_off();
        assert_int_equal(!protocol, failed);
        press_protocol_free(protocol);
        if (!failed)
            break;
        assert_true(why.kind == PROBLEM_FAILED);
    }
    /* In the middle of a press: it ends, and the foot is told to lift. */
    begin(&w, &options, &script);
    while (!(w.last_step == PRESS_STEP_RAMP))
        step(&w);
    int status = 0;
    for (int i = 0; i < 2000 && !status && !w.ended; i++) {
        struct problem why = {0};
        failing_malloc_at(1);
        live(&w);
        status = press_protocol_frame(w.protocol, w.now_us, w.kpa, &why);
        failing_malloc_off();
        do_actions(&w);
        w.now_us += FRAME_US;
    }
    assert_true(w.ended || !status);
    press_protocol_free(w.protocol);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_easy_person_is_led_through),
        cmocka_unit_test(the_skin_of_one_foot_is_looked_at_between),
        cmocka_unit_test(why_no_place_can_be_chosen_is_told),
        cmocka_unit_test(masked_cells_are_filled_live),
        cmocka_unit_test(nobody_goes_above_the_ceiling),
        cmocka_unit_test(a_ramp_is_ended_by_a_key),
        cmocka_unit_test(pain_typed_during_the_ramp_ends_it),
        cmocka_unit_test(the_plates_own_limit_ends_it),
        cmocka_unit_test(what_cannot_be_trusted_does_not_count),
        cmocka_unit_test(a_place_given_up_is_told),
        cmocka_unit_test(two_void_presses_are_not_three),
        cmocka_unit_test(what_is_not_reached_is_told),
        cmocka_unit_test(a_quick_touch_is_not_shouted_at),
        cmocka_unit_test(nothing_begins_without_the_plates_limit),
        cmocka_unit_test(a_held_button_starts_nothing),
        cmocka_unit_test(silence_ends_the_test),
        cmocka_unit_test(frames_that_stop_for_good_end_it),
        cmocka_unit_test(who_has_had_enough_is_let_go),
        cmocka_unit_test(ache_is_no_pain),
        cmocka_unit_test(catch_trials_are_seeded_and_see_false_answers),
        cmocka_unit_test(skin_under_two_places_rests_too),
        cmocka_unit_test(catch_trials_come_among_repeats_too),
        cmocka_unit_test(force_in_a_catch_trial_voids_it),
        cmocka_unit_test(a_route_may_be_spread_over_sessions),
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(random_events_break_no_rule),
        cmocka_unit_test(memory_may_run_out),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
