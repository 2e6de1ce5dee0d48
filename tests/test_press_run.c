/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guided press test without a plate: keys, commands and their acknowledgements, who may be led,
 * and how a session is led from the plate's first frame to the engine's last word, with a little
 * world that says what a plate says. */
#include "analysis/result.h"
#include "calib/calibration.h"
#include "driver/press_commands.h"
#include "driver/press_keys.h"
#include "driver/press_lead.h"
#include "driver/press_run.h"
#include "firmware/wire/frame_codec.h"
#include "tests/support/failing_malloc.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* --- Keys ------------------------------------------------------------------------------------ */

static int keys[2];

static void type(const char *text)
{
    assert_int_equal(write(keys[1], text, strlen(text)), strlen(text));
}

static void each_key_has_its_meaning(void **state)
{
    (void)state;
    assert_int_equal(pipe(keys), 0);
    assert_int_equal(press_keys_read(keys[0]), PRESS_KEYS_NONE);
    type("x \nsSkKqQ04\r5~");
    static const int wanted[] = {PRESS_KEY_GO,          PRESS_KEY_GO,   PRESS_KEY_STOP,
                                 PRESS_KEY_STOP,        PRESS_KEY_SKIP, PRESS_KEY_SKIP,
                                 PRESS_KEY_END,         PRESS_KEY_END,  PRESS_KEY_SCALE_0,
                                 PRESS_KEY_SCALE_0 + 4, PRESS_KEY_GO,   PRESS_KEYS_NONE};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        assert_int_equal(press_keys_read(keys[0]), wanted[i]);
}

/* Delete sends ESC [ 3 ~: that is no pain of 3. */
static void an_arrow_is_no_answer_and_escape_stops(void **state)
{
    (void)state;
    type("\033[3~");
    assert_int_equal(press_keys_read(keys[0]), PRESS_KEYS_NONE);
    type("\033");
    assert_int_equal(press_keys_read(keys[0]), PRESS_KEY_STOP);
    close(keys[1]);
    assert_int_equal(press_keys_read(keys[0]), PRESS_KEYS_GONE);
    assert_int_equal(press_keys_read(-1), PRESS_KEYS_GONE);
    close(keys[0]);
}

/* --- Commands -------------------------------------------------------------------------------- */

enum { ROWS = 40, COLS = 30 };
static const struct tool stud = {
    .name = "stud", .tip_cm2 = 1, .footprint_cm2 = 4, .factor = 1, .has_heel_cup = 1};
static struct calibration *straight;

static int set_up(void **state)
{
    struct problem why;
    (void)state;
    straight = calibration_nominal(ROWS, COLS, 12, 600, &why);
    return straight ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    calibration_free(straight);
    return 0;
}

static struct wire_hello plate_hello(unsigned features)
{
    return (struct wire_hello){.rows = ROWS,
                               .cols = COLS,
                               .pitch_x_um = 10000,
                               .pitch_y_um = 10000,
                               .bits = 12,
                               .rate_min_hz = 10,
                               .rate_max_hz = 100,
                               .rate_hz = 100,
                               .full_scale_kpa = 600,
                               .features = features,
                               .serial = "P-1"};
}

#define ALL (WIRE_HAS_BUTTON | WIRE_HAS_LIGHT | WIRE_HAS_BUZZER | WIRE_HAS_LIMIT | WIRE_IS_VIRTUAL)

static const struct press_action ceiling = {.kind = PRESS_ACTION_SET_LIMIT,
                                            .row0 = 10,
                                            .col0 = 10,
                                            .rows = 4,
                                            .cols = 4,
                                            .force_n = 25,
                                            .expiry_ms = 60000};

static int hear_ack(struct press_commands *c, uint32_t request, uint8_t status)
{
    uint8_t payload[32];
    struct wire_ack ack = {.request = request, .command = WIRE_CMD_SET_LIMIT, .status = status};
    struct wire_message message = {.type = WIRE_ACK, .payload = payload};
    message.payload_len = (uint32_t)wire_put_ack(payload, sizeof payload, &ack);
    return press_commands_hear(c, &message);
}

static void a_ceiling_is_asked_for_until_it_is_acknowledged(void **state)
{
    (void)state;
    struct wire_hello hello = plate_hello(ALL);
    struct press_commands c = press_commands_for(&hello, straight, &stud);
    struct session_wish wish = {0};
    struct problem why;
    assert_int_equal(press_commands_next(&c, 1000000, &wish), 0);
    assert_int_equal(press_commands_limit(&c, &ceiling, &why), PRESS_LIMIT_ASKED);
    assert_int_equal(press_commands_next(&c, 1000000, &wish), 1);
    uint32_t request = wish.command.request;
    assert_int_equal(wish.command_type, WIRE_CMD_SET_LIMIT);
    assert_true(request >= SESSION_REQUESTS);
    assert_int_equal(wish.command.as.limit.rows, 4);
    /* 25 N on cells of 1 cm2 at 600 kPa in 4095 counts: at most 25 / 0.0147 of them */
    assert_true(wish.command.as.limit.sum_counts <= 1706 &&
                wish.command.as.limit.sum_counts > 1500);
    assert_int_equal(press_commands_next(&c, 1400000, &wish), 0);
    assert_int_equal(press_commands_next(&c, 1500000, &wish), 1);
    assert_int_equal(wish.command.request, request);
    assert_int_equal(hear_ack(&c, request + 7, WIRE_OK), -1);
    assert_int_equal(hear_ack(&c, request, WIRE_OK), 1);
    assert_int_equal(hear_ack(&c, request, WIRE_OK), -1);
    assert_int_equal(press_commands_next(&c, 9000000, &wish), 0);
    assert_int_equal(press_commands_limit(&c, &ceiling, &why), PRESS_LIMIT_ASKED);
    assert_int_equal(press_commands_next(&c, 9000000, &wish), 1);
    assert_int_not_equal(wish.command.request, request);
    assert_int_equal(hear_ack(&c, wish.command.request, WIRE_REFUSED), 0);
}

static void a_plate_is_not_asked_for_what_it_has_not(void **state)
{
    (void)state;
    struct wire_hello hello = plate_hello(WIRE_HAS_BUZZER);
    struct press_commands c = press_commands_for(&hello, straight, &stud);
    struct session_wish wish = {0};
    struct problem why;
    assert_int_equal(press_commands_limit(&c, &ceiling, &why), PRESS_LIMIT_IN_SOFTWARE);
    press_commands_clear(&c);
    assert_int_equal(press_commands_next(&c, 5000000, &wish), 0);
    press_commands_signal(&c, 800);
    assert_int_equal(press_commands_next(&c, 5000000, &wish), 1);
    assert_int_equal(wish.command_type, WIRE_CMD_SIGNAL);
    assert_int_equal(wish.command.as.signal.signals, WIRE_SIGNAL_BUZZER);
    hello = plate_hello(0);
    c = press_commands_for(&hello, straight, &stud);
    press_commands_signal(&c, 800);
    assert_int_equal(press_commands_next(&c, 5000000, &wish), 0);
}

static void the_newest_words_are_kept(void **state)
{
    (void)state;
    struct wire_hello hello = plate_hello(ALL);
    struct press_commands c = press_commands_for(&hello, straight, &stud);
    struct session_wish wish = {0};
    int n = 0;
    for (unsigned i = 1; i <= 40; i++)
        press_commands_signal(&c, i);
    while (press_commands_next(&c, 1, &wish))
        n++;
    assert_int_equal(n, PRESS_COMMANDS_MAX);
    assert_int_equal(wish.command.as.signal.duration_ms, 40);
}

/* --- Led ------------------------------------------------------------------------------------- */

static char told[8000];

static void tell(void *context, const char *sentence)
{
    (void)context;
    strncat(told, sentence, sizeof told - strlen(told) - 2);
    strcat(told, "\n");
}

static void show(void *context, const struct press_view *view)
{
    (void)context;
    assert_true(view->grid.rows == ROWS);
    assert_true(view->phase < PRESS_PHASE_TEST || view->cue);
}

static const struct press_screen screen = {.tell = tell, .show = show};

static struct press_run_options led(int keyboard_fd)
{
    return (struct press_run_options){.uri = "test:",
                                      .tool = &stud,
                                      .client = "T. Foot",
                                      .length_mm = {0, 250, 252},
                                      .keyboard_fd = keyboard_fd,
                                      .stop_fd = -1,
                                      .today = "2026-11-22",
                                      .seed = 4,
                                      .screen = &screen};
}

static int meet(const struct press_run_options *options, const struct wire_hello *hello,
                int is_one_way, struct problem *why)
{
    struct press_run_result result = {0};
    struct press_earlier earlier = {0};
    struct press_lead *lead = press_lead_make(options, NULL, &earlier, &result, why);
    assert_non_null(lead);
    struct session_leader leader = press_lead_leader(lead);
    struct session_plate plate = {.hello = hello, .is_one_way = is_one_way};
    told[0] = '\0';
    int bad = leader.meet(leader.context, &plate, why);
    press_lead_free(lead);
    return bad;
}

static void refused(unsigned features, int is_one_way, int keyboard_fd, const char *word)
{
    struct press_run_options options = led(keyboard_fd);
    struct wire_hello hello = plate_hello(features);
    struct problem why = {0};
    assert_int_equal(meet(&options, &hello, is_one_way, &why), -1);
    if (why.kind != PROBLEM_REFUSED || !strstr(why.text, word))
        fail_msg("wanted '%s': %s", word, why.text);
}

static void nobody_of_flesh_is_pressed_without_a_screening_and_a_keyboard(void **state)
{
    (void)state;
    unsigned metal = ALL & ~(unsigned)WIRE_IS_VIRTUAL;
    refused(metal, 0, -1, "keyboard");
    refused(metal, 0, 0, "screening");
    refused(ALL, 1, -1, "no commands");
    struct press_run_options options = led(-1);
    struct wire_hello hello = plate_hello(ALL);
    struct problem why = {0};
    assert_int_equal(meet(&options, &hello, 0, &why), 0);
    assert_non_null(strstr(told, "nobody is pressed"));
    hello.full_scale_kpa = 0;
    assert_int_equal(meet(&options, &hello, 0, &why), -1);
    assert_non_null(strstr(why.text, "--calibration"));
}

static void what_a_plate_lacks_is_told(void **state)
{
    (void)state;
    struct press_run_options options = led(-1);
    struct wire_hello hello = plate_hello(WIRE_IS_VIRTUAL);
    struct problem why = {0};
    assert_int_equal(meet(&options, &hello, 0, &why), 0);
    assert_non_null(strstr(told, "no limit of its own"));
    assert_non_null(strstr(told, "20 % lower"));
    assert_non_null(strstr(told, "no button"));
}

/* A world that only gives empty frames: nobody ever comes to the stud. */
struct silent_world {
    struct session_leader leader;
    uint64_t time_us;
    int presses, limits, ended;
    char words[4000];
};

static void hear_empty_frame(struct silent_world *world)
{
    static uint16_t counts[ROWS * COLS];
    uint8_t payload[4000];
    struct frame_shape shape = {
        .rows = ROWS, .cols = COLS, .bits = 12, .flags = FRAME_TARED | FRAME_GATED};
    struct problem why = {0};
    struct wire_message message = {.type = WIRE_FRAME, .payload = payload};
    message.device_time_us = world->time_us += 10000;
    message.payload_len = (uint32_t)frame_encode(payload, sizeof payload, &shape, counts);
    assert_true(message.payload_len > 0);
    if (world->leader.hear(world->leader.context, &message, &why))
        fail_msg("%s", why.text);
}

static void obey(struct silent_world *world)
{
    struct session_wish wish = {0};
    while (!world->ended && world->leader.wants(world->leader.context, 0, &wish)) {
        if (wish.say) {
            json_t *note = json_loads(wish.say, 0, NULL);
            assert_string_equal(json_string_value(json_object_get(note, "schema")),
                                "tenderfoot/annotation/1");
            const char *step = json_string_value(json_object_get(note, "step"));
            world->presses += json_is_object(json_object_get(note, "press"));
            world->ended = step && !strcmp(step, "end");
            if (step)
                strcat(strcat(world->words, step), " ");
            json_decref(note);
        }
        world->limits += wish.command_type == WIRE_CMD_SET_LIMIT && wish.command.as.limit.rows > 0;
        wish = (struct session_wish){0};
    }
}

static struct press_lead *begin(struct silent_world *world, const struct press_run_options *options,
                                struct press_earlier *earlier, struct press_run_result *result,
                                const struct wire_hello *hello)
{
    struct problem why = {0};
    struct session_plate plate = {.hello = hello};
    struct press_lead *lead = press_lead_make(options, NULL, earlier, result, &why);
    assert_non_null(lead);
    *world = (struct silent_world){.leader = press_lead_leader(lead)};
    told[0] = '\0';
    if (world->leader.meet(lead, &plate, &why))
        fail_msg("%s", why.text);
    return lead;
}

/* Without an acknowledged ceiling no press is announced, however often "placed" is said. */
static void no_press_without_its_ceiling(void **state)
{
    (void)state;
    struct press_run_options options = led(-1);
    struct press_run_result result = {0};
    struct press_earlier earlier = {0};
    struct wire_hello hello = plate_hello(ALL);
    struct silent_world world;
    struct press_lead *lead = begin(&world, &options, &earlier, &result, &hello);
    for (int i = 0; i < 1500; i++) {
        hear_empty_frame(&world);
        obey(&world);
    }
    assert_string_equal(world.words, "sit press ");
    assert_true(world.limits > 0);
    assert_int_equal(world.presses, 0);
    assert_non_null(strstr(told, "Route 'zones'"));
    assert_non_null(strstr(told, "Heel cup"));
    press_lead_result(lead);
    assert_int_equal(result.presses, 0);
    press_lead_free(lead);
    press_earlier_free(&earlier);
}

/* q before the first press: the recording ends in good order, and says so. */
static void the_operator_may_end_it_at_once(void **state)
{
    (void)state;
    int pipe_of_keys[2];
    assert_int_equal(pipe(pipe_of_keys), 0);
    struct press_run_options options = led(pipe_of_keys[0]);
    struct press_run_result result = {0};
    struct press_earlier earlier = {0};
    struct wire_hello hello = plate_hello(ALL);
    struct silent_world world;
    options.stand_s = 10;
    struct press_lead *lead = begin(&world, &options, &earlier, &result, &hello);
    for (int i = 0; i < 500 && !world.ended; i++) {
        hear_empty_frame(&world);
        if (i == 100)
            assert_int_equal(write(pipe_of_keys[1], "q", 1), 1);
        obey(&world);
    }
    assert_true(world.ended);
    assert_string_equal(world.words, "stand empty end ");
    assert_string_equal(result.ended, "before the first press");
    press_lead_free(lead);
    press_earlier_free(&earlier);
    close(pipe_of_keys[0]);
    close(pipe_of_keys[1]);
}

/* Who does not stand is not seen: a virtual person without legs to stand on is given the template.
 */
static void nobody_stands_and_the_template_stands_in(void **state)
{
    (void)state;
    struct press_run_options options = led(-1);
    struct press_run_result result = {0};
    struct press_earlier earlier = {0};
    struct wire_hello hello = plate_hello(ALL);
    struct silent_world world;
    options.stand_s = 10;
    struct press_lead *lead = begin(&world, &options, &earlier, &result, &hello);
    for (int i = 0; i < 3300; i++) {
        hear_empty_frame(&world);
        obey(&world);
    }
    assert_string_equal(world.words, "stand empty sit press ");
    assert_non_null(strstr(told, "template of 250 mm"));
    assert_non_null(strstr(told, "template of 252 mm"));
    press_lead_free(lead);
    press_earlier_free(&earlier);
}

/* Well but for one answer. */
static void judge_answer(const struct screening_questions *questions, const char *id,
                         const char *entry, struct screening *screening)
{
    struct problem why = {0};
    json_t *answers = json_object();
    for (int i = 0; i < screening_question_count(questions); i++) {
        const struct screening_question *question = screening_question(questions, i);
        const char *well = "1980-02-11";
        for (int k = 0; !question->is_date && k < question->n_options; k++)
            if (!question->options[k].effect)
                well = question->options[k].answer;
        json_object_set_new(answers, question->id, json_string(well));
    }
    json_object_set_new(answers, id, json_loads(entry, JSON_DECODE_ANY, NULL));
    json_t *file =
        json_pack("{s:s, s:s, s:s, s:s, s:o}", "schema", "tenderfoot/screening/1", "person",
                  "T. Foot", "operator", "B", "date", "2026-11-22T09:00:00Z", "answers", answers);
    if (screening_judge(questions, file, screening, &why))
        fail_msg("%s", why.text);
    json_decref(file);
}

/* What is told at the first frame of a test with this answer; the steps it begins with. */
static void hear_first_words(const struct screening *screening, char *words, size_t cap)
{
    struct press_run_options options = led(-1);
    struct press_run_result result = {0};
    struct press_earlier earlier = {0};
    struct wire_hello hello = plate_hello(ALL);
    struct silent_world world;
    options.stand_s = 10;
    options.screening = screening;
    struct press_lead *lead = begin(&world, &options, &earlier, &result, &hello);
    hear_empty_frame(&world);
    obey(&world);
    snprintf(words, cap, "%s", world.words);
    press_lead_free(lead);
    press_earlier_free(&earlier);
}

/* An open wound on one foot: that foot is not asked onto the plate, the other is pressed seated.
 * Who stands with a hold only is told so. Weight shifts are made standing, and refused. */
static void who_may_not_stand_is_not_asked_to(void **state)
{
    (void)state;
    struct problem why = {0};
    struct screening_questions *questions = screening_questions_load(NULL, &why);
    static struct screening screening;
    char words[200];
    assert_non_null(questions);
    judge_answer(questions, "Q15", "{\"answer\": \"open\", \"side\": \"left\"}", &screening);
    hear_first_words(&screening, words, sizeof words);
    assert_string_equal(words, "sit ");
    assert_null(strstr(told, "Stand on the plate"));
    assert_non_null(strstr(told, "Q15"));
    assert_non_null(strstr(told, "nobody stands"));

    struct press_run_options options = led(-1);
    struct press_run_result result;
    const struct tool bare = {.name = "plate", .kind = TOOL_FLAT};
    options.tool = &bare;
    options.stand_s = 10;
    options.screening = &screening;
    options.path = "/nowhere/x.tfr";
    assert_int_equal(press_run(&options, &result, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "weight shifts"));

    judge_answer(questions, "Q34", "\"supported\"", &screening);
    hear_first_words(&screening, words, sizeof words);
    assert_string_equal(words, "stand empty ");
    assert_non_null(strstr(told, "still for 10 s. Only with a firm hold"));
    judge_answer(questions, "Q21", "\"yes\"", &screening);
    hear_first_words(&screening, words, sizeof words);
    assert_non_null(strstr(told, "still for 10 s.\n"));
    screening_questions_free(questions);
}

static void short_memory_is_told(void **state)
{
    (void)state;
    struct press_run_options options = led(-1);
    struct press_run_result result = {0};
    struct press_earlier earlier = {0};
    for (long n = 1;; n++) {
        struct problem why = {0};
        failing_malloc_at(n);
        struct press_lead *lead = press_lead_make(&options, NULL, &earlier, &result, &why);
        int failed = failing_malloc_off();
        assert_true(failed ? !lead && why.kind == PROBLEM_FAILED : lead != NULL);
        press_lead_free(lead);
        if (!failed)
            break;
    }
}

static char heard[400];

static void hear_earlier(void *context, const struct problem *why)
{
    (void)context;
    snprintf(heard, sizeof heard, "%s", why ? why->text : "counts");
}

/* Told, and the test is led without it, where somebody hears of it; else it is refused. */
static void an_earlier_test_that_cannot_be_read_is_left_out(void **state)
{
    (void)state;
    struct press_run_options options = led(-1);
    struct press_run_result result;
    struct problem why;
    const char *const earlier[] = {"/nowhere/earlier.tfr"};
    options.path = "/nowhere/x.tfr";
    options.earlier = earlier;
    options.n_earlier = 1;
    assert_int_equal(press_run(&options, &result, &why), -1);
    assert_non_null(strstr(why.text, "/nowhere/earlier.tfr"));
    options.hear_earlier = hear_earlier;
    assert_int_equal(press_run(&options, &result, &why), -1); /* no plate, no folder */
    assert_null(strstr(why.text, "earlier.tfr"));
    assert_non_null(strstr(heard, "/nowhere/earlier.tfr"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_has_its_meaning),
        cmocka_unit_test(an_arrow_is_no_answer_and_escape_stops),
        cmocka_unit_test(a_ceiling_is_asked_for_until_it_is_acknowledged),
        cmocka_unit_test(a_plate_is_not_asked_for_what_it_has_not),
        cmocka_unit_test(the_newest_words_are_kept),
        cmocka_unit_test(nobody_of_flesh_is_pressed_without_a_screening_and_a_keyboard),
        cmocka_unit_test(what_a_plate_lacks_is_told),
        cmocka_unit_test(no_press_without_its_ceiling),
        cmocka_unit_test(the_operator_may_end_it_at_once),
        cmocka_unit_test(nobody_stands_and_the_template_stands_in),
        cmocka_unit_test(who_may_not_stand_is_not_asked_to),
        cmocka_unit_test(short_memory_is_told),
        cmocka_unit_test(an_earlier_test_that_cannot_be_read_is_left_out),
    };
    return cmocka_run_group_tests_name("a guided press test", tests, set_up, tear_down);
}
