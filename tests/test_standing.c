/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guided test of whole feet: weight shifts on the bare plate, standing, and a mat of studs,
 * seated, with scripted people, through the same engine as the single stud's. */
#include "analysis/frame_numbers.h"
#include "analysis/press/mat_lattice.h"
#include "analysis/press/press_force.h"
#include "analysis/press/protocol.h"
#include "analysis/wording.h"
#include "tests/support/failing_malloc.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS 96
#define COLS 96
#define FRAME_US 40000
#define REST_FRAME_US 200000 /* nothing happens then */
#define LOG_MAX 60
#define WEIGHT_N 640.0
#define SHIFT_S 2.0
#define SHIFT_MORE_SHARE 0.15
#define MAT_MOST_N 300.0 /* protocol.h says so */

static const struct grid grid = {ROWS, COLS, 5, 5};
/* The cells under each foot, once: places are asked for at every frame. */
static struct under {
    int cell;
    enum side side;
    struct uv at;
    double even;  /* its share of the pressure when nothing is shifted */
    int is_of;    /* a bit for each region that has it */
    double press; /* of the picture that is drawn */
} under[4000];
static int n_under;
static struct tool plate, mat;
static unsigned long seed;

static void find_under(void);

static int set_up(void **state)
{
    const char *text = getenv("TEST_SEED");
    struct problem why;

    (void)state;
    seed = text ? strtoul(text, NULL, 10) : 20261122ul;
    print_message("seed %lu (TEST_SEED)\n", seed);
    assert_int_equal(tool_load(NULL, "plate", &plate, &why), 0);
    assert_int_equal(tool_load(NULL, "mat", &mat, &why), 0);
    find_under();
    return 0;
}

/* --- A person, an operator and a plate -------------------------------------------------------- */

struct made {
    int number, pass, region, placing, scale, is_void, reached, button;
    enum side side;
    char end[16];
};

/* What this person does differently; 0 = an easy one. */
struct script {
    double hurts_n;    /* bare plate: this much on the left heel hurts; 0 = nothing does */
    double stud_kpa;   /* mat: hurts there; 0 = 1e9 */
    double rate_kpa_s; /* mat: 0 = 40 */
    int half_is_blind; /* mat: of each stud's base, one cell of two sees nothing */
    double reaches;    /* share of the whole shift; 0 = all */
    int scale;         /* said after a button; 0 = 3 */
    int scale_always;  /* said after everything, 1 + n; 0 = not asked */
    int one_answer;    /* answers only once */
    int drops_frames, moves_feet, steps_off, holds_button, never_comes_back, key_at, key;
    int skip_left; /* the left sole is not whole */
};

struct world {
    struct press_protocol *protocol;
    const struct script *script;
    enum tool_kind kind;
    uint64_t now_us, turn_us, back_us;
    float kpa[ROWS * COLS];
    struct made made[LOG_MAX];
    int n_made, ended, signals, limits, steps_press, answers, is_shifting, button_sent;
    double shift, even, highest, highest_n; /* mat: kPa at the hardest stud; N on all */
    char last_say[sizeof((struct press_cue *)0)->say];
    unsigned long long random;
};

static const struct foot_frame *stood(enum side side)
{
    static struct foot_frame feet[3];
    struct point heel[3] = {{0, 0}, {170, 110}, {310, 112}};

    feet[side] = foot_frame_template(side, heel[side], side == SIDE_LEFT ? -5 : 7, 250);
    return &feet[side];
}

static struct made *now_made(struct world *w)
{
    return w->n_made ? &w->made[w->n_made - 1] : NULL;
}

static void hear_press(struct world *w, const json_t *press)
{
    const json_t *shift = json_object_get(press, "shift");
    const char *kind = json_string_value(json_object_get(json_object_get(press, "tool"), "kind"));

    assert_true(w->n_made < LOG_MAX);
    struct made *made = &w->made[w->n_made++];
    *made = (struct made){.scale = -1};
    made->number = (int)json_integer_value(json_object_get(press, "number"));
    made->pass = (int)json_integer_value(json_object_get(press, "pass"));
    made->placing = (int)json_integer_value(json_object_get(press, "placing"));
    made->side =
        !strcmp(json_string_value(json_object_get(press, "side")), "left") ? SIDE_LEFT : SIDE_RIGHT;
    made->region = shift_region_from_name(json_string_value(json_object_get(shift, "region")));
    assert_int_equal(made->number, w->n_made);
    assert_string_equal(kind, w->kind == TOOL_MAT ? "mat" : "flat");
    assert_true((made->region >= 0) == (w->kind == TOOL_FLAT));
    /* A mat is pressed by somebody who sits. */
    assert_null(json_object_get(press, "standing"));
    w->is_shifting = 1;
    w->button_sent = 0;
    w->turn_us = w->now_us;
}

static void hear_answer(struct world *w, const json_t *answer)
{
    struct made *made = now_made(w);

    assert_non_null(made);
    assert_int_equal(json_integer_value(json_object_get(answer, "number")), made->number);
    if (json_is_integer(json_object_get(answer, "scale")))
        made->scale = (int)json_integer_value(json_object_get(answer, "scale"));
    made->is_void = json_is_string(json_object_get(answer, "void"));
    made->reached = json_is_true(json_object_get(answer, "reached"));
    snprintf(made->end, sizeof made->end, "%s", json_string_value(json_object_get(answer, "end")));
    w->answers++;
}

static void hear(struct world *w, const char *text)
{
    json_t *note = json_loads(text, 0, NULL);

    assert_non_null(note);
    assert_string_equal(json_string_value(json_object_get(note, "schema")),
                        "tenderfoot/annotation/1");
    if (json_object_get(note, "press"))
        hear_press(w, json_object_get(note, "press"));
    if (json_object_get(note, "answer"))
        hear_answer(w, json_object_get(note, "answer"));
    json_decref(note);
}

static void come_back(struct world *w)
{
    if (w->is_shifting == 1)
        w->back_us = w->now_us + 200000; /* one hears it first */
    w->is_shifting = 2;
}

static void do_actions(struct world *w)
{
    struct press_action action;

    while (press_protocol_action(w->protocol, &action)) {
        if (action.kind == PRESS_ACTION_ANNOTATE)
            hear(w, action.json);
        else if (action.kind == PRESS_ACTION_SIGNAL) {
            w->signals++;
            if (!w->script->never_comes_back)
                come_back(w);
        } else if (action.kind == PRESS_ACTION_SET_LIMIT)
            w->limits++;
        else if (action.kind == PRESS_ACTION_END)
            w->ended = 1;
    }
}

/* --- The bare plate: even on both feet, then onto a region -------------------------------------
 */

/* Of the foot that is meant: the region's share of it when all weight is there. */
static double press_of(const struct world *w, const struct made *made, const struct under *cell)
{
    if (!made || made->side != cell->side || made->region < 0)
        return cell->even * (1 - (made ? 0.9 * w->shift : 0));
    double there = cell->is_of >> made->region & 1 ? 3.0 : 0.4;
    return cell->even * (1 + w->shift * (there - 1));
}

static struct under cell_under(int cell, enum side side, struct uv at)
{
    struct under made = {.cell = cell, .side = side, .at = at};

    made.even = at.u > 0.3 && at.u < 0.5 ? 0.4 : at.u <= 0.3 ? 1.6 : 0.8;
    for (int r = 0; r < SHIFT_REGIONS; r++)
        made.is_of |= shift_region_has((enum shift_region)r, at) << r;
    return made;
}

static void find_under(void)
{
    for (int i = 0; i < ROWS * COLS; i++)
        for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
            struct uv on =
                foot_frame_to_uv(stood((enum side)side), grid_centre(&grid, i / COLS, i % COLS));
            if (on.u >= 0 && on.u <= 0.95 && on.v >= 0.05 && on.v <= 0.95)
                under[n_under++] = cell_under(i, (enum side)side, on);
        }
}

static void draw_feet(struct world *w)
{
    int rows_back = w->script->moves_feet && w->shift > 0.2 ? 20 : 0;
    const struct made *made = now_made(w);
    double sum = 0;

    memset(w->kpa, 0, sizeof w->kpa);
    for (int i = 0; i < n_under; i++)
        sum += under[i].press = press_of(w, made, &under[i]);
    double scale = WEIGHT_N / grid_newton_per_kpa(&grid) / sum;
    if (w->script->steps_off && w->shift > 0.5)
        scale = 0;
    for (int i = 0; i < n_under; i++) {
        int cell = under[i].cell - rows_back * COLS;
        if (cell >= 0)
            w->kpa[cell] += (float)(scale * under[i].press);
    }
}

static double region_n(const struct world *w, enum side side, enum shift_region region)
{
    double sum = 0;

    for (int i = 0; i < n_under; i++)
        if (under[i].side == side && under[i].is_of >> region & 1)
            sum += (double)w->kpa[under[i].cell] * grid_newton_per_kpa(&grid);
    return sum;
}

/* --- The mat: every stud under the foot by its own share ---------------------------------------
 */

static struct point mat_origin(int placing)
{
    double half = placing > 1 ? mat.pitch_mm / 2 : 0;

    return (struct point){240 + half, 240 + half};
}

static void draw_mat(struct world *w)
{
    const struct made *made = now_made(w);
    double hardest_kpa = w->shift;

    memset(w->kpa, 0, sizeof w->kpa);
    if (!made || !(hardest_kpa > 0))
        return;
    struct foot_frame foot = foot_frame_template(made->side, (struct point){240, 115}, 0, 250);
    struct mat_lattice lattice = mat_lattice_of(&grid, mat_origin(made->placing), mat.pitch_mm);
    for (int i = 0; i < lattice.nx * lattice.ny; i++) {
        struct point at = mat_lattice_point(&lattice, i);
        struct uv on = foot_frame_to_uv(&foot, at);
        if (on.u < 0.02 || on.u > 0.95 || on.v < 0.08 || on.v > 0.92)
            continue;
        double share = on.u < 0.25 ? 1 : 0.5; /* the heel hardest */
        double newton = tool_force_n(&mat, hardest_kpa * share);
        int row = (int)(at.y_mm / 5), col = (int)(at.x_mm / 5);
        for (int k = 0; k < 4; k++) /* a base of 10 x 10 mm lies on the corner of four cells */
            if (!w->script->half_is_blind || k % 2)
                w->kpa[(row - k / 2) * COLS + col - k % 2] +=
                    (float)(newton / 4 / grid_newton_per_kpa(&grid));
    }
}

/* --- Time ---------------------------------------------------------------------------------------
 */

static double whole_shift(const struct script *script)
{
    return script->reaches > 0 ? script->reaches : 1;
}

static void move(struct world *w)
{
    double step_s = FRAME_US * 1e-6, rate = w->script->rate_kpa_s > 0 ? w->script->rate_kpa_s : 40;
    double speed = w->kind == TOOL_MAT ? rate : 1 / SHIFT_S;
    double most = w->kind == TOOL_MAT ? 1e9 : whole_shift(w->script);

    if (w->is_shifting == 1 && w->now_us >= w->turn_us + 500000)
        w->shift = fmin(most, w->shift + speed * step_s);
    else if (w->is_shifting == 2 && w->now_us >= w->back_us)
        w->shift = fmax(0, w->shift - (w->kind == TOOL_MAT ? 1500 : 1.5) * step_s);
}

static int hurts(const struct world *w)
{
    const struct made *made = &w->made[w->n_made - 1];
    const struct script *script = w->script;
    int before = 0;

    for (int i = 0; i + 1 < w->n_made; i++)
        before += w->made[i].button;
    if (script->one_answer && before)
        return 0;
    if (w->kind == TOOL_MAT)
        return script->stud_kpa > 0 && w->shift >= script->stud_kpa;
    return script->hurts_n > 0 && made->side == SIDE_LEFT && made->region == SHIFT_HEEL &&
           region_n(w, SIDE_LEFT, SHIFT_HEEL) >= script->hurts_n;
}

/* Presses as soon as it hurts: what reaction there is belongs to other tests. */
static void answer(struct world *w)
{
    if (w->is_shifting != 1 || w->button_sent || !hurts(w))
        return;
    w->button_sent = now_made(w)->button = 1;
    press_protocol_button(w->protocol, w->now_us, 1);
    press_protocol_button(w->protocol, w->now_us, 0);
}

static void operate(struct world *w, const struct press_cue *cue)
{
    const struct script *script = w->script;

    if (cue->step == PRESS_STEP_SCALE) {
        int said = now_made(w)->button ? (script->scale ? script->scale : 3) : -1;
        if (script->scale_always)
            said = script->scale_always - 1;
        press_protocol_key(w->protocol, w->now_us,
                           said < 0 ? PRESS_KEY_SKIP : PRESS_KEY_SCALE_0 + said);
    } else if (script->skip_left && cue->step == PRESS_STEP_SKIN && cue->side == SIDE_LEFT) {
        press_protocol_key(w->protocol, w->now_us, PRESS_KEY_SKIP);
    } else if (script->key_at && cue->number == script->key_at && cue->step == PRESS_STEP_RAMP &&
               w->shift > 0.3) {
        press_protocol_key(w->protocol, w->now_us, script->key);
    } else if (cue->step == PRESS_STEP_SKIN || cue->step == PRESS_STEP_PLACE ||
               (cue->step == PRESS_STEP_REST && w->is_shifting == 2)) {
        press_protocol_key(w->protocol, w->now_us, PRESS_KEY_GO);
    }
}

static void check_words(struct world *w, const struct press_cue *cue)
{
    assert_true(cue->say[0]);
    if (strcmp(cue->say, w->last_say) &&
        (wording_check(cue->say, NULL) || wording_check(cue->tell, NULL) ||
         wording_check(cue->ended, NULL) || strlen(cue->say) + 1 == sizeof cue->say))
        fail_msg("may not be said: %s | %s | %s", cue->say, cue->tell, cue->ended);
    memcpy(w->last_say, cue->say, sizeof w->last_say);
}

static void step(struct world *w)
{
    struct press_cue cue;
    struct problem why;

    move(w);
    if (w->kind == TOOL_MAT)
        draw_mat(w);
    else
        draw_feet(w);
    w->highest = fmax(w->highest, w->shift);
    w->highest_n = fmax(w->highest_n, frame_numbers(&grid, w->kpa, 0, 0).force_n);
    if (w->script->drops_frames && w->is_shifting == 1 && w->shift > 0.3)
        press_protocol_tick(w->protocol, w->now_us);
    else
        assert_int_equal(press_protocol_frame(w->protocol, w->now_us, w->kpa, &why), 0);
    do_actions(w);
    answer(w);
    do_actions(w);
    press_protocol_cue(w->protocol, &cue);
    check_words(w, &cue);
    operate(w, &cue);
    do_actions(w);
    w->now_us += cue.step == PRESS_STEP_REST ? REST_FRAME_US : FRAME_US;
}

static struct press_protocol_options options_for(const struct tool *tool)
{
    struct press_protocol_options options = {.tool = tool, .grid = grid, .seed = seed};

    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        options.frame[side] = *stood((enum side)side);
        options.cup[side] = (struct point){240, 115};
    }
    return options;
}

static void run_with(struct world *w, const struct press_protocol_options *options,
                     const struct script *script, double minutes)
{
    struct problem why;

    memset(w, 0, sizeof *w);
    w->script = script;
    w->kind = options->tool->kind;
    w->now_us = 1000000;
    w->protocol = press_protocol_begin(options, &why);
    if (!w->protocol)
        fail_msg("%s", why.text);
    do_actions(w);
    while (!w->ended && (double)w->now_us < minutes * 60e6)
        step(w);
}

static void run(struct world *w, const struct tool *tool, const struct script *script)
{
    struct press_protocol_options options = options_for(tool);

    run_with(w, &options, script, 20);
}

/* --- Weight shifts ------------------------------------------------------------------------------
 */

static struct world w;

static void every_region_is_loaded_twice(void **state)
{
    const struct script script = {0};

    (void)state;
    run(&w, &plate, &script);
    assert_true(w.ended);
    assert_int_equal(w.n_made, 16);
    assert_int_equal(w.answers, 16);
    assert_int_equal(w.limits, 0);
    int seen[3][SHIFT_REGIONS] = {{0}};
    for (int i = 0; i < 16; i++) {
        seen[w.made[i].side][w.made[i].region]++;
        assert_true(w.made[i].reached && !w.made[i].is_void);
        assert_string_equal(w.made[i].end, "held");
    }
    for (int r = 0; r < SHIFT_REGIONS; r++)
        assert_true(seen[SIDE_LEFT][r] == 2 && seen[SIDE_RIGHT][r] == 2);
    press_protocol_free(w.protocol);
}

/* Told at the load that was there, within what the reaction's lag leaves of a shift of 2 s. */
static void what_hurts_ends_the_shift(void **state)
{
    const struct script script = {.hurts_n = 200};
    struct press_cue cue;

    (void)state;
    run(&w, &plate, &script);
    for (int i = 0; i < w.n_made; i++) {
        int is_sore = w.made[i].side == SIDE_LEFT && w.made[i].region == SHIFT_HEEL;
        assert_int_equal(w.made[i].button, is_sore);
        assert_string_equal(w.made[i].end, is_sore ? "answer" : "held");
        assert_int_equal(w.made[i].scale, is_sore ? 3 : -1);
    }
    press_protocol_cue(w.protocol, &cue);
    assert_int_equal(cue.presses_done, 16);
    press_protocol_free(w.protocol);
}

static void one_answer_of_two_is_asked_again(void **state)
{
    const struct script script = {.hurts_n = 200, .one_answer = 1};

    (void)state;
    run(&w, &plate, &script);
    assert_int_equal(w.n_made, 17);
    assert_true(w.made[16].region == SHIFT_HEEL && w.made[16].side == SIDE_LEFT &&
                w.made[16].pass == 3);
    press_protocol_free(w.protocol);
}

static void pain_that_stays_leaves_the_region_alone(void **state)
{
    const struct script script = {.hurts_n = 200, .scale = 4};

    (void)state;
    run(&w, &plate, &script);
    assert_int_equal(w.n_made, 15);
    press_protocol_free(w.protocol);
}

static void weight_that_does_not_come_is_said(void **state)
{
    const struct script script = {.reaches = 0.05};

    (void)state;
    run(&w, &plate, &script);
    assert_int_equal(w.n_made, 16);
    for (int i = 0; i < w.n_made; i++)
        assert_true(!w.made[i].reached && !strcmp(w.made[i].end, "not_reached") &&
                    !w.made[i].is_void);
    press_protocol_free(w.protocol);
}

/* Each ends what is under way, does not count, is tried once more, and then left. */
static void what_cannot_be_trusted_does_not_count(void **state)
{
    const struct script scripts[] = {{.drops_frames = 1}, {.moves_feet = 1}, {.steps_off = 1}};

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct press_cue cue;
        run(&w, &plate, &scripts[i]);
        assert_true(w.n_made > 2 && w.signals >= w.n_made);
        for (int k = 0; k < w.n_made; k++)
            if (!w.made[k].is_void)
                fail_msg("script %d, turn %d of %d: it counted, end %s", i, k, w.n_made,
                         w.made[k].end);
        press_protocol_cue(w.protocol, &cue);
        assert_int_equal(cue.presses_done, 0);
        press_protocol_free(w.protocol);
    }
}

static void keys_stop_skip_and_end(void **state)
{
    const struct script stop = {.key_at = 2, .key = PRESS_KEY_STOP};
    const struct script end = {.key_at = 3, .key = PRESS_KEY_END};
    const struct script pain = {.key_at = 2, .key = PRESS_KEY_SCALE_0 + 3};

    (void)state;
    run(&w, &plate, &stop);
    assert_true(w.ended && w.made[1].is_void && w.n_made == 17);
    press_protocol_free(w.protocol);
    run(&w, &plate, &end);
    assert_true(w.ended && w.n_made == 3);
    press_protocol_free(w.protocol);
    run(&w, &plate, &pain);
    assert_true(w.made[1].scale == 3 && !w.made[1].is_void && !strcmp(w.made[1].end, "answer"));
    press_protocol_free(w.protocol);
}

static void what_is_excluded_is_not_loaded(void **state)
{
    const struct script script = {0};
    struct press_protocol_options options = options_for(&plate);
    struct problem why;

    (void)state;
    options.leave_out[SIDE_LEFT] = 1;
    options.leave_out_region[SIDE_RIGHT][SHIFT_HEEL] = 1;
    run_with(&w, &options, &script, 20);
    assert_int_equal(w.n_made, 6);
    for (int i = 0; i < w.n_made; i++)
        assert_true(w.made[i].side == SIDE_RIGHT && w.made[i].region != SHIFT_HEEL);
    press_protocol_free(w.protocol);
    options.leave_out[SIDE_RIGHT] = 1;
    assert_null(press_protocol_begin(&options, &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
}

/* Weight sways: even standing is its mean, however fast the plate sends. */
static void even_standing_is_a_mean_at_any_rate(void **state)
{
    const struct script script = {0};
    struct problem why;
    struct press_protocol_options options = options_for(&plate);

    (void)state;
    memset(&w, 0, sizeof w);
    w.script = &script;
    w.kind = TOOL_FLAT;
    w.protocol = press_protocol_begin(&options, &why);
    assert_non_null(w.protocol);
    press_protocol_key(w.protocol, 0, PRESS_KEY_GO);
    for (int ms = 0; ms < 5000; ms += 2) { /* 500 frames/s, swaying at 5 Hz */
        draw_feet(&w);
        for (int i = 0; i < n_under; i++)
            w.kpa[under[i].cell] *= (ms / 100 % 2) == (under[i].side == SIDE_LEFT) ? 1.3F : 0.7F;
        assert_int_equal(press_protocol_frame(w.protocol, (uint64_t)ms * 1000, w.kpa, &why), 0);
    }
    draw_feet(&w);
    double even = region_n(&w, SIDE_LEFT, SHIFT_FOREFOOT) / WEIGHT_N;
    struct press_cue cue;
    press_protocol_cue(w.protocol, &cue);
    assert_true(fabs(cue.standing.wanted_share - SHIFT_MORE_SHARE - even) < 0.1 * even);
    press_protocol_free(w.protocol);
}

/* --- The mat ------------------------------------------------------------------------------------
 */

static void each_foot_stands_twice_on_the_mat_and_on_the_moved_mat(void **state)
{
    const struct script script = {.stud_kpa = 150};

    (void)state;
    run(&w, &mat, &script);
    assert_true(w.ended);
    assert_int_equal(w.n_made, 8);
    assert_int_equal(w.limits, 0);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(w.made[i].placing, i < 4 ? 1 : 2);
        assert_string_equal(w.made[i].end, "answer");
        assert_int_equal(w.made[i].scale, 3);
    }
    /* As a place under a stud, a foot rests 60 s between. */
    assert_true(w.now_us > 3 * 60000000u);
    press_protocol_free(w.protocol);
}

/* 80 % of 350 under the ball would be more than the arch's: every stud is held to its own region,
 * and the heel's bears most. */
static void no_stud_goes_above_its_ceiling(void **state)
{
    const struct script script = {0};
    struct press_protocol_options options = options_for(&mat);
    double highest = 0;

    (void)state;
    options.ceiling_kpa[CLASS_ARCH] = 90; /* reached when the heel has 180 */
    struct problem why;
    memset(&w, 0, sizeof w);
    w.script = &script;
    w.kind = TOOL_MAT;
    w.now_us = 1000000;
    w.protocol = press_protocol_begin(&options, &why);
    assert_non_null(w.protocol);
    do_actions(&w);
    while (!w.ended) {
        step(&w);
        highest = fmax(highest, w.shift);
    }
    assert_int_equal(w.n_made, 8);
    for (int i = 0; i < 8; i++)
        assert_string_equal(w.made[i].end, "ceiling");
    /* a reaction of 0.2 s at 40 kPa/s beyond it */
    assert_true(highest >= 178 && highest < 192);
    press_protocol_free(w.protocol);
}

/* Who stands up on the mat, or leans on it, brings more than a leg that is lowered. */
static void body_weight_never_rests_on_the_mat(void **state)
{
    const struct script script = {0};
    struct press_protocol_options options = options_for(&mat);
    struct press_cue cue;

    (void)state;
    for (int c = 0; c < 4; c++)
        options.ceiling_kpa[c] = 500;
    run_with(&w, &options, &script, 1);
    press_protocol_cue(w.protocol, &cue);
    assert_true(w.n_made > 0 && w.answers > 0);
    for (int i = 0; i < w.answers; i++) {
        assert_string_equal(w.made[i].end, "heavy");
        assert_false(w.made[i].is_void);
    }
    assert_true(w.highest_n > 0.95 * MAT_MOST_N);
    assert_true(w.highest_n < 1.1 * MAT_MOST_N);
    press_protocol_free(w.protocol);
}

/* Cells that see nothing had as much of a stud's force as the others; a stud of which hardly
 * anything is seen cannot be watched. */
static void blind_cells_hide_no_stud(void **state)
{
    static uint8_t masked[ROWS * COLS];
    const struct script script = {.half_is_blind = 1};
    struct press_protocol_options options = options_for(&mat);
    struct problem why;

    (void)state;
    for (int i = 0; i < ROWS * COLS; i++)
        masked[i] = i % COLS % 2 == 0;
    options.masked = masked;
    options.ceiling_kpa[CLASS_HEEL] = 120;
    run_with(&w, &options, &script, 20);
    assert_int_equal(w.n_made, 8);
    for (int i = 0; i < 8; i++)
        assert_string_equal(w.made[i].end, "ceiling");
    assert_true(w.highest >= 118 && w.highest < 132);
    press_protocol_free(w.protocol);
    masked[48 * COLS + 47] = masked[47 * COLS + 47] = 1;
    assert_null(press_protocol_begin(&options, &why));
    assert_non_null(strstr(why.text, "faulty"));
}

/* A sole that is not whole is not pressed: the operator leaves that foot out. */
static void skin_that_is_not_whole_leaves_the_foot_out(void **state)
{
    const struct script script = {.skip_left = 1, .stud_kpa = 150};

    (void)state;
    run(&w, &mat, &script);
    assert_true(w.ended);
    assert_int_equal(w.n_made, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(w.made[i].side, SIDE_RIGHT);
    struct press_cue cue;
    press_protocol_cue(w.protocol, &cue);
    assert_string_equal(cue.ended, "only the right foot was on the mat");
    press_protocol_free(w.protocol);
}

static void too_fast_is_void(void **state)
{
    const struct script script = {.rate_kpa_s = 400};

    (void)state;
    run(&w, &mat, &script);
    assert_true(w.n_made > 0);
    for (int i = 0; i < w.n_made; i++)
        assert_true(w.made[i].is_void);
    press_protocol_free(w.protocol);
}

static void pain_that_stays_leaves_the_foot_alone(void **state)
{
    const struct script script = {.stud_kpa = 150, .scale = 4};

    (void)state;
    run(&w, &mat, &script);
    assert_int_equal(w.n_made, 2);
    press_protocol_free(w.protocol);
}

/* --- Both
 * ----------------------------------------------------------------------------------------- */

static void tools_are_checked(void **state)
{
    struct press_protocol_options options = options_for(&mat);
    struct tool bad = mat;
    struct problem why;

    (void)state;
    bad.pitch_mm = 0;
    options.tool = &bad;
    assert_null(press_protocol_begin(&options, &why));
    options = options_for(&plate);
    options.frame[SIDE_LEFT].length_mm = 0;
    assert_null(press_protocol_begin(&options, &why));
    assert_non_null(strstr(why.text, "where each foot stands"));
}

static void silence_ends_it(void **state)
{
    for (int kind = 0; kind < 2; kind++) {
        struct press_protocol_options options = options_for(kind ? &mat : &plate);
        struct problem why;
        struct press_cue cue;
        struct press_protocol *protocol = press_protocol_begin(&options, &why);
        (void)state;
        assert_non_null(protocol);
        for (uint64_t us = 0; us < 700000000; us += 100000)
            press_protocol_tick(protocol, us);
        press_protocol_cue(protocol, &cue);
        assert_int_equal(cue.step, PRESS_STEP_DONE);
        press_protocol_free(protocol);
    }
}

/* Any event in any order: nothing breaks, and no press of the test lasts for ever. */
static void random_events_break_no_rule(void **state)
{
    const struct script script = {.never_comes_back = 1};

    (void)state;
    for (int round = 0; round < 12; round++) {
        struct press_protocol_options options = options_for(round % 2 ? &mat : &plate);
        struct problem why;
        memset(&w, 0, sizeof w);
        w.script = &script;
        w.kind = options.tool->kind;
        w.protocol = press_protocol_begin(&options, &why);
        assert_non_null(w.protocol);
        w.random = seed + (unsigned long long)round;
        for (int i = 0; i < 4000 && !w.ended; i++) {
            struct press_cue cue;
            w.random = w.random * 6364136223846793005u + 1442695040888963407u;
            int dice = (int)(w.random >> 60);
            w.now_us += (w.random >> 40) % 400000;
            w.shift = (double)((w.random >> 30) % 1000) * (w.kind == TOOL_MAT ? 0.5 : 0.001);
            if (dice < 8) {
                if (i % 7 == 0 && w.kind == TOOL_MAT)
                    draw_mat(&w);
                else if (i % 7 == 0)
                    draw_feet(&w);
                w.kpa[(w.random >> 20) % (ROWS * COLS)] = dice ? 3.0F : NAN;
                assert_int_equal(press_protocol_frame(w.protocol, w.now_us, w.kpa, &why), 0);
            } else if (dice < 11)
                press_protocol_key(w.protocol, w.now_us, (int)(w.random >> 33) % 11 - 1);
            else if (dice == 11)
                press_protocol_button(w.protocol, w.now_us, (int)(w.random >> 21) & 1);
            else if (dice == 12 && i % 50 == 0)
                press_protocol_limit(w.protocol, w.now_us);
            else
                press_protocol_key(w.protocol, w.now_us, PRESS_KEY_GO);
            w.is_shifting = 0;
            do_actions(&w);
            press_protocol_cue(w.protocol, &cue);
            check_words(&w, &cue);
            if (w.n_made >= LOG_MAX - 1)
                break;
        }
        press_protocol_free(w.protocol);
    }
}

static void memory_may_run_out(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++)
        for (long n = 1;; n++) {
            struct press_protocol_options options = options_for(kind ? &mat : &plate);
            struct problem why = {0};
            failing_malloc_at(n);
            struct press_protocol *protocol = press_protocol_begin(&options, &why);
            int failed = failing_malloc_off();
            assert_int_equal(!protocol, failed);
            press_protocol_free(protocol);
            if (!failed)
                break;
            assert_int_equal(why.kind, PROBLEM_FAILED);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_region_is_loaded_twice),
        cmocka_unit_test(what_hurts_ends_the_shift),
        cmocka_unit_test(one_answer_of_two_is_asked_again),
        cmocka_unit_test(pain_that_stays_leaves_the_region_alone),
        cmocka_unit_test(weight_that_does_not_come_is_said),
        cmocka_unit_test(what_cannot_be_trusted_does_not_count),
        cmocka_unit_test(keys_stop_skip_and_end),
        cmocka_unit_test(what_is_excluded_is_not_loaded),
        cmocka_unit_test(each_foot_stands_twice_on_the_mat_and_on_the_moved_mat),
        cmocka_unit_test(no_stud_goes_above_its_ceiling),
        cmocka_unit_test(body_weight_never_rests_on_the_mat),
        cmocka_unit_test(blind_cells_hide_no_stud),
        cmocka_unit_test(skin_that_is_not_whole_leaves_the_foot_out),
        cmocka_unit_test(even_standing_is_a_mean_at_any_rate),
        cmocka_unit_test(too_fast_is_void),
        cmocka_unit_test(pain_that_stays_leaves_the_foot_alone),
        cmocka_unit_test(tools_are_checked),
        cmocka_unit_test(silence_ends_it),
        cmocka_unit_test(random_events_break_no_rule),
        cmocka_unit_test(memory_may_run_out),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
