/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `tenderfoot devices` as people and programs see it, and what is said, with which exit code, when
 * a plate cannot be had. */
#include "firmware/wire/payloads.h"
#include "firmware/wire/wire.h"
#include "tests/support/scratch.h"
#include "tests/usb/story.h"

#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { PATIENCE_MS = 15000 };

/* Waits until the words stand behind the first `from` bytes of the file; where they end. */
static size_t await_words(const struct program *program, size_t from, const char *words)
{
    for (unsigned waited = 0; waited < PATIENCE_MS; waited += 10) {
        const char *said = program_said(program->out);
        const char *at = strlen(said) > from ? strstr(said + from, words) : NULL;
        if (at)
            return (size_t)(at - said) + strlen(words);
        story_sleep_ms(10);
    }
    printf("%s", program_said(program->err));
    fail_msg("'%s' is not said, but: %s", words, program_said(program->out));
    return 0;
}

/* Ended by a signal, a watch has done what it should. */
static void stop_well(struct program *watch, int signal)
{
    int code = program_stop(watch, signal);
    if (code)
        fail_msg("exit %d: %s", code, program_said(watch->err));
}

static unsigned count_words(const char *file, const char *words)
{
    unsigned n = 0;
    for (const char *at = program_said(file); (at = strstr(at, words)); at += strlen(words))
        n++;
    return n;
}

/* --- Watching -------------------------------------------------------------------------------- */

static void arrivals_and_departures_are_told(void **state)
{
    (void)state;
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *plate = usb_rig_plate(rig, "TF-0042", 16, 12, 100);
    struct program watch = {.is_humble = 1};
    unsigned rounds = story_rounds(2);
    size_t at = 0;
    program_start(&watch, (const char *const[]){"devices", "--watch", NULL});
    for (unsigned i = 0; i < rounds; i++) {
        usb_rig_plug(rig, plate, 1 + i % 4, USB_RIG_TWICE);
        at = await_words(&watch, at, "arrived usb:TF-0042: mock, serial TF-0042, firmware ");
        at = await_words(&watch, at, ", 16 x 12 cells\n");
        usb_rig_unplug(rig, plate, USB_RIG_TWICE);
        at = await_words(&watch, at, "left usb:TF-0042");
    }
    usb_rig_plug(rig, plate, 1, 0);
    at = await_words(&watch, at, "arrived usb:TF-0042: mock");
    usb_rig_permit(rig, plate, 0);
    at = await_words(&watch, at, "arrived usb:TF-0042: no permission to open the plate");
    usb_rig_permit(rig, plate, 0600);
    await_words(&watch, at, "arrived usb:TF-0042: mock");
    stop_well(&watch, SIGTERM);
    printf("%s", program_said(watch.out));
    assert_int_equal(count_words(watch.out, " usb:TF-0042:"), 2 * rounds + 3); /* each once */
    assert_int_equal(count_words(watch.out, "virtual:"), 0); /* nothing that can be plugged in */
    usb_rig_free(rig);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

struct news {
    const char *event, *uri, *serial;
};

/* One line of the watch; 0 = it is not of a plate on USB. */
static int is_news(const char *line, const struct news *expected)
{
    json_error_t error;
    json_t *news = json_loads(line, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error);
    if (!news)
        fail_msg("%s: %s", error.text, line);
    assert_string_equal(text_of(news, "schema"), "tenderfoot/devices-watch/1");
    int is_usb = !strncmp(text_of(news, "uri"), "usb:", 4);
    if (is_usb) {
        assert_string_equal(text_of(news, "event"), expected->event);
        assert_string_equal(text_of(news, "uri"), expected->uri);
        assert_string_equal(text_of(json_object_get(news, "plate"), "serial"), expected->serial);
    }
    json_decref(news);
    return is_usb;
}

static void a_watch_for_programs_is_a_document_a_line(void **state)
{
    (void)state;
    static const struct news expected[] = {{"arrived", "usb:TF-0042", "TF-0042"},
                                           {"arrived", "usb:TF-0043", "TF-0043"},
                                           {"left", "usb:TF-0042", ""},
                                           {"left", "usb:TF-0043", ""},
                                           {"none", "", ""}};
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *first = usb_rig_plate(rig, "TF-0042", 16, 12, 100);
    struct usb_plate *second = usb_rig_plate(rig, "TF-0043", 8, 8, 100);
    struct program watch = {0};
    unsigned n = 0;
    usb_rig_plug(rig, first, 1, 0);
    program_start(&watch, (const char *const[]){"devices", "--watch", "--json", NULL});
    size_t at = await_words(&watch, 0, "\"serial\":\"TF-0042\"");
    usb_rig_plug(rig, second, 2, USB_RIG_UNNOTICED); /* found by looking */
    at = await_words(&watch, at, "\"serial\":\"TF-0043\"");
    usb_rig_unplug(rig, first, 0);
    at = await_words(&watch, at, "\"left\"");
    usb_rig_unplug(rig, second, 0);
    await_words(&watch, at, "\"left\"");
    stop_well(&watch, SIGINT);
    const char *line = program_said(watch.out);
    for (; *line; line = strchr(line, '\n') + 1)
        n += (unsigned)is_news(line, &expected[n]);
    assert_int_equal(n, 4);
    usb_rig_free(rig);
}

/* --- Other firmware -----------------------------------------------------------------------------
 */

/* A HELLO without end, and nothing else. */
struct other_firmware {
    uint8_t bytes[512];
    size_t n;
};

static size_t say_hello(void *context, uint8_t *bytes, size_t cap)
{
    const struct other_firmware *other = context;
    if (cap < other->n)
        return 0;
    memcpy(bytes, other->bytes, other->n);
    return other->n;
}

static void speaks(struct stage *stage, struct other_firmware *other, uint16_t protocol)
{
    uint8_t payload[256];
    struct wire_hello hello = {.protocol_min = protocol,
                               .protocol_max = protocol,
                               .rows = 8,
                               .cols = 8,
                               .pitch_x_um = 5000,
                               .pitch_y_um = 5000,
                               .bits = 12,
                               .rate_min_hz = 10,
                               .rate_max_hz = 100,
                               .rate_hz = 100,
                               .full_scale_kpa = 600,
                               .features = WIRE_HAS_LOADER,
                               .serial = "TF-0042",
                               .firmware = "0",
                               .model = "other"};
    struct wire_message message = {.type = WIRE_HELLO, .payload = payload};
    message.payload_len = (uint32_t)wire_put_hello(payload, sizeof payload, &hello);
    other->n = wire_encode(other->bytes, sizeof other->bytes, &message);
    usb_rig_lock(stage->rig);
    struct usbfs *fs = usb_rig_device(stage->rig, stage->plate);
    fs->hostile = say_hello;
    fs->hostile_context = other;
    fs->bytes_per_ms = (unsigned)other->n;
    usb_rig_unlock(stage->rig);
}

/* --- Listing --------------------------------------------------------------------------------- */

static void all_ways_to_one_plate_are_one_plate(void **state)
{
    (void)state;
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *plate = usb_rig_plate(rig, "TF-0042", 16, 12, 100);
    struct program list = {0};
    usb_rig_plug(rig, plate, 1, 0);
    usb_rig_show_tty(rig, plate);
    assert_int_equal(program_run(&list, (const char *const[]){"devices", NULL}), 0);
    program_assert_says(list.out,
                        "  usb:TF-0042 (also serial:/dev/ttyACM0)\n    mock, serial TF-0042, ");
    assert_int_equal(program_run(&list, (const char *const[]){"devices", "--json", NULL}), 0);
    json_t *document = json_loads(program_said(list.out), 0, NULL);
    json_t *plates = json_object_get(document, "plates");
    assert_int_equal(json_array_size(plates), 1);
    json_t *ways = json_object_get(json_array_get(plates, 0), "ways");
    assert_int_equal(json_array_size(ways), 2);
    assert_string_equal(json_string_value(json_array_get(ways, 0)), "usb:TF-0042");
    assert_string_equal(json_string_value(json_array_get(ways, 1)), "serial:/dev/ttyACM0");
    json_decref(document);
    usb_rig_hide_tty(rig);
    usb_rig_free(rig);
}

static void a_name_cannot_write_into_the_terminal(void **state)
{
    (void)state;
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *plate = usb_rig_plate(rig, "TF-0042", 16, 12, 100);
    struct program list = {0};
    usb_rig_plug(rig, plate, 1, 0);
    usb_rig_call(rig, plate, "evil \033[2J \302\233 plate\n");
    usb_rig_show_tty(rig, plate);
    static const char *const forms[] = {NULL, "--json"};
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(program_run(&list, (const char *const[]){"devices", forms[i], NULL}), 0);
        for (const char *c = program_said(list.out); *c; c++)
            assert_true(*c == '\n' || (*c >= 0x20 && *c <= 0x7E));
        if (i)
            assert_int_equal(count_words(list.out, "evil .[2J .. plate"), 2);
    }
    usb_rig_hide_tty(rig);
    usb_rig_free(rig);
}

/* --- Into the loader ------------------------------------------------------------------------- */

static int is_in_loader(struct usb_rig *rig, const struct usb_plate *plate)
{
    usb_rig_lock(rig);
    int is = plate->is_in_loader;
    usb_rig_unlock(rig);
    return is;
}

static void a_plate_goes_into_its_loader(void **state)
{
    (void)state;
    static const char *const words[] = {"devices", "--reboot-to-loader", "usb:TF-0042", NULL};
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *plate = usb_rig_plate(rig, "TF-0042", 16, 12, 100);
    struct recorder recorder;
    struct recording_summary summary;
    struct program program = {0};
    usb_rig_plug(rig, plate, 1, 0);
    recorder_start(&recorder, "usb:", "first.tfr");
    story_await_frames(&recorder, PATIENCE_MS);
    assert_int_equal(program_run(&program, words), 1); /* not out of a recording */
    program_assert_says(program.err, "another program has the plate");
    recorder_stop(&recorder, &summary);
    assert_false(is_in_loader(rig, plate));
    assert_int_equal(program_run(&program, words), 0);
    program_assert_says(program.out, "The plate TF-0042 reboots into its loader.\n");
    assert_true(is_in_loader(rig, plate));
    usb_rig_unplug(rig, plate, 0);
    usb_rig_lock(rig);
    plate->is_frozen = plate->is_in_loader = 0;
    plate->config.enter_loader = NULL;
    usb_rig_unlock(rig);
    usb_rig_plug(rig, plate, 1, 0);
    assert_int_equal(program_run(&program, words), 3);
    program_assert_says(program.err, "cannot reboot into a loader by itself; hold its button BOOT");
    usb_rig_free(rig);
}

/* It talks without a pause, and not of what it was asked for. */
static void the_answer_is_not_waited_for_without_end(void **state)
{
    (void)state;
    struct stage stage = {.rig = usb_rig_make()};
    struct other_firmware other;
    struct program program = {0};
    stage.plate = usb_rig_plate(stage.rig, "TF-0042", 16, 12, 100);
    usb_rig_plug(stage.rig, stage.plate, 1, 0);
    speaks(&stage, &other, WIRE_VERSION << 8);
    usb_rig_lock(stage.rig);
    usb_rig_device(stage.rig, stage.plate)->bytes_per_ms = 0; /* as fast as they are asked for */
    usb_rig_unlock(stage.rig);
    assert_int_equal(
        program_run(&program, (const char *const[]){"devices", "--reboot-to-loader", "usb:", NULL}),
        1);
    program_assert_says(program.err, "does not answer; bring it into its loader by hand");
    usb_rig_free(stage.rig);
}

/* --- Bad input and misuse -------------------------------------------------------------------- */

/* `record` with this plate as it is now: the exit code, and what has to be said. */
static void refuses(const char *what, int code, const char *words, int is_humble)
{
    struct program program = {.is_humble = is_humble};
    const char *path = scratch_new("refused.tfr");
    int got = program_run(&program, (const char *const[]){"record", "--device", "usb:", "--seconds",
                                                          "5", "-o", path, NULL});
    printf("%-18s exit %d: %s", what, got, program_said(program.err));
    assert_int_equal(got, code);
    program_assert_says(program.err, words);
    assert_int_equal(access(path, F_OK), -1);
}

static void each_refusal_by_its_message_and_exit_code(void **state)
{
    (void)state;
    struct stage stage = {.rig = usb_rig_make()};
    struct other_firmware other;
    struct recording_summary summary;
    refuses("no plate", 1, "no plate is plugged in on USB; is its cable in", 0);
    stage.plate = usb_rig_plate(stage.rig, "TF-0042", 16, 12, 100);
    usb_rig_plug(stage.rig, stage.plate, 1, 0);
    usb_rig_permit(stage.rig, stage.plate, 0);
    refuses("no permission", 1, "tenderfoot devices --udev-rule | sudo tee", 1);
    usb_rig_permit(stage.rig, stage.plate, 0600);
    recorder_start(&stage.recorder, "usb:", "busy.tfr");
    story_await_frames(&stage.recorder, PATIENCE_MS);
    refuses("busy", 1, "another program has the plate at usb:TF-0042; end that program first", 0);
    recorder_stop(&stage.recorder, &summary);
    speaks(&stage, &other, 0 << 8 | 7);
    refuses("firmware too old", 3, "update the plate's firmware ('make flash')", 0);
    speaks(&stage, &other, (WIRE_VERSION + 1) << 8);
    refuses("firmware too new", 3, "update this program", 0);
    usb_rig_free(stage.rig);
}

static void the_cable_is_pulled(struct stage *stage, const char *wait_s, const char *words)
{
    struct recorder *recorder = &stage->recorder;
    struct recording_summary summary;
    snprintf(recorder->path, sizeof recorder->path, "%s", scratch_new("pulled.tfr"));
    usb_rig_plug(stage->rig, stage->plate, 1, 0);
    program_start(&recorder->program, (const char *const[]){"record", "--device", "usb:", "--wait",
                                                            wait_s, "-o", recorder->path, NULL});
    story_await_frames(recorder, PATIENCE_MS);
    usb_rig_unplug(stage->rig, stage->plate, 0);
    assert_true(program_ends(&recorder->program, PATIENCE_MS));
    printf("%-18s exit %d: %s", "cable pulled", recorder->program.code,
           program_said(recorder->program.err));
    assert_int_equal(recorder->program.code, 4);
    program_assert_says(recorder->program.err, "the plate has left: usb:TF-0042 (unplugged)");
    program_assert_says(recorder->program.err, words);
    truth_of_recording(recorder->path, &summary);
    assert_true(summary.frames.delivered > 0);
}

static void each_loss_by_its_message_and_exit_code(void **state)
{
    (void)state;
    struct stage stage;
    stage_set(&stage, "hub.tfr");
    usb_rig_lock(stage.rig);
    usbfs_hub_reset(usb_rig_device(stage.rig, stage.plate));
    usb_rig_unlock(stage.rig);
    for (unsigned i = 0; i < PATIENCE_MS && story_counts(stage.rig, stage.plate).claims < 2; i++)
        story_sleep_ms(1);
    story_await_frames(&stage.recorder, PATIENCE_MS);
    stage_clear(&stage); /* exit 0, all frames accounted for */
    printf("%-18s exit 0, %g replug\n", "hub reset",
           program_number(stage.recorder.program.out, "replugs"));
    assert_true(program_number(stage.recorder.program.out, "replugs") == 1);
    stage.rig = usb_rig_make();
    stage.plate = usb_rig_plate(stage.rig, "TF-0042", 16, 12, 100);
    the_cable_is_pulled(&stage, "0", "(unplugged)");
    the_cable_is_pulled(&stage, "1", "is not back after 1 s; what came before is in");
    usb_rig_free(stage.rig);
}

int main(int argc, char **argv)
{
    (void)argc;
    usb_rig_preload(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrivals_and_departures_are_told),
        cmocka_unit_test(a_watch_for_programs_is_a_document_a_line),
        cmocka_unit_test(all_ways_to_one_plate_are_one_plate),
        cmocka_unit_test(a_name_cannot_write_into_the_terminal),
        cmocka_unit_test(a_plate_goes_into_its_loader),
        cmocka_unit_test(the_answer_is_not_waited_for_without_end),
        cmocka_unit_test(each_refusal_by_its_message_and_exit_code),
        cmocka_unit_test(each_loss_by_its_message_and_exit_code),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
