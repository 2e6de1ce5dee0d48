/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole recording sessions with a scripted plate: the good one first, then each way in which a
 * plate, a cable, a file or a person can spoil it. After every one of them the file is read back.
 */
#include "driver/clock.h"
#include "driver/recording.h"
#include "driver/recording_header.h"
#include "driver/session.h"
#include "driver/host_link.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/plug.h"
#include "tests/support/scratch.h"
#include "tests/support/scripted_plate.h"

#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

/* A session with a plate on a pty. Fill in script and options, then run it. */
struct play {
    struct plate_script script;
    struct session_options options;
    struct session_result result;
    struct plate_deeds deeds;
    struct problem why;
    char uri[300];
    double took_s;
};

static struct play new_play(double seconds)
{
    struct play play = {.script = {.hello = scripted_plate_hello(), .first_time_us = 777000}};
    play.options = (struct session_options){.path = scratch_new("session.tfr"),
                                            .protocol = "stand",
                                            .client = "T. Foot",
                                            .seconds = seconds,
                                            .stop_fd = -1};
    return play;
}

static int run(struct play *play)
{
    strcpy(play->uri, "stream:");
    int fd = scripted_plate_pty(play->uri + 7, sizeof play->uri - 7);
    struct scripted_plate *plate = scripted_plate_start(&play->script, fd);
    play->options.uri = play->uri;
    uint64_t begin_us = host_clock_us();
    int bad = session_record(&play->options, &play->result, &play->why);
    play->took_s = (double)(host_clock_us() - begin_us) * 1e-6;
    play->deeds = scripted_plate_stop(plate);
    return bad;
}

static void run_well(struct play *play)
{
    if (run(play))
        fail_msg("%s", play->why.text);
}

static void run_badly(struct play *play, enum problem_kind kind, const char *word)
{
    assert_int_equal(run(play), -1);
    if (play->why.kind != kind || !strstr(play->why.text, word))
        fail_msg("kind %d, wanted %d with '%s': %s", play->why.kind, kind, word, play->why.text);
}

static struct recording *reopen(const struct play *play)
{
    struct problem why = {0};
    struct recording *recording = recording_open(play->options.path, &why);
    if (!recording)
        fail_msg("%s", why.text);
    return recording;
}

/* The file is whole, and counts as the session did. */
static struct recording_summary check_file(const struct play *play)
{
    struct recording_item item;
    struct problem why;
    struct recording_summary summary;
    struct recording *recording = reopen(play);
    int more;
    while ((more = recording_next(recording, &item, &why)) > 0)
        ;
    assert_int_equal(more, 0);
    recording_summary(recording, &summary);
    recording_close(recording);
    assert_true(summary.closed_cleanly);
    assert_int_equal(summary.index_matches, 1);
    assert_int_equal(summary.damaged_bytes, 0);
    assert_int_equal(summary.frames.delivered, play->result.frames.delivered);
    assert_int_equal(summary.frames.lost, play->result.frames.lost);
    assert_int_equal(summary.frames.bad, play->result.frames.bad);
    assert_int_equal(summary.frames.repeats, play->result.frames.repeats);
    return summary;
}

static void no_file(const struct play *play)
{
    assert_false(play->result.has_file);
    assert_int_not_equal(access(play->options.path, F_OK), 0);
}

/* --- As it should be ------------------------------------------------------------------------- */

static void what_the_plate_sent_is_in_the_file_byte_by_byte(void **state)
{
    (void)state;
    struct play play = new_play(0.5);
    play.script.chunk = 97;
    run_well(&play);
    assert_int_equal(play.result.frames.delivered, 50);
    assert_int_equal(play.result.frames.lost, 0);
    assert_int_equal(play.result.rate_hz, 100);
    assert_int_equal(play.result.masked_cells, 2);
    assert_true(fabs(play.result.duration_s - 0.49) < 1e-9);
    assert_int_equal(play.deeds.tares, 1);
    assert_int_equal(play.deeds.starts, 1);
    assert_int_equal(play.deeds.stops, 2); /* what an earlier host left running; our own end */
    assert_false(play.deeds.streaming);
    check_file(&play);
    struct recording *recording = reopen(&play);
    struct recording_item item;
    struct problem why;
    uint32_t next = 0;
    uint64_t last_host_us = 0;
    while (recording_next(recording, &item, &why) > 0) {
        assert_true(item.host_time_us >= last_host_us);
        last_host_us = item.host_time_us;
        if (item.message.type != WIRE_FRAME)
            continue;
        uint8_t want[2000];
        assert_int_equal(item.size, scripted_plate_frame(&play.script, next++, want, sizeof want));
        assert_memory_equal(item.bytes, want, item.size);
    }
    assert_int_equal(next, 50);
    recording_close(recording);
}

struct heard {
    int plates, frames;
    uint32_t last;
};

static void meet(void *context, const struct session_plate *plate)
{
    struct heard *heard = context;
    assert_int_equal(plate->hello->rows, 12);
    heard->plates++;
}

static void overhear(void *context, const struct wire_message *message)
{
    struct heard *heard = context;
    if (message->type != WIRE_FRAME)
        return;
    heard->frames++;
    heard->last = message->seq;
}

/* As the station records: written behind, listened to, the zero kept, the link handed back; and
 * over the same link once more. */
static void a_station_records_twice_over_one_link(void **state)
{
    (void)state;
    struct heard heard = {0};
    const struct session_ear ear = {.context = &heard, .meet = meet, .hear = overhear};
    struct play play = new_play(0.5);
    struct host_link *link = NULL;
    struct problem why;
    strcpy(play.uri, "stream:");
    int fd = scripted_plate_pty(play.uri + 7, sizeof play.uri - 7);
    struct scripted_plate *plate = scripted_plate_start(&play.script, fd);
    play.options.uri = play.uri;
    play.options.ear = &ear;
    play.options.behind_bytes = 1 << 20;
    play.options.link_back = &link;
    if (session_record(&play.options, &play.result, &why))
        fail_msg("%s", why.text);
    assert_non_null(link);
    assert_int_equal(check_file(&play).frames.delivered, 50);
    assert_int_equal(heard.plates, 1);
    assert_int_equal(heard.frames, 50);
    play.options.path = scratch_new("again.tfr");
    play.options.link = link;
    play.options.link_back = NULL;
    play.options.keep_zero = 1;
    if (session_record(&play.options, &play.result, &why))
        fail_msg("%s", why.text);
    assert_int_equal(check_file(&play).frames.delivered, 50);
    assert_int_equal(heard.frames, 100);
    struct plate_deeds deeds = scripted_plate_stop(plate);
    assert_int_equal(deeds.tares, 1);
    assert_int_equal(deeds.starts, 2);
    assert_int_equal(play.result.frames_skipped, 0);
}

static void the_header_says_who_what_and_when(void **state)
{
    (void)state;
    struct play play = new_play(0.1);
    struct problem why;
    struct recording_header header;
    play.options.protocol = "walk";
    play.options.rate_hz = 250;
    run_well(&play);
    struct recording *recording = reopen(&play);
    assert_int_equal(recording_header_parse(recording_header(recording), &header, &why), 0);
    recording_close(recording);
    assert_string_equal(header.client, "T. Foot");
    assert_string_equal(header.protocol, "walk");
    assert_string_equal(header.source, "plate");
    assert_string_equal(header.device.serial, "SCRIPTED-1");
    assert_string_equal(header.device.uri, play.uri);
    assert_string_equal(header.units, "counts");
    assert_string_equal(header.calibration_id, "nominal");
    assert_int_equal(header.rows, 12);
    assert_int_equal(header.cols, 10);
    assert_true(header.pitch_x_mm == 5 && header.rate_hz == 250 && header.full_scale_kpa == 600);
    assert_int_equal(play.result.frames.delivered, 25);
}

static void look_at(void *context, const struct session_progress *progress)
{
    struct session_progress *seen = context;
    assert_true(progress->elapsed_s >= seen->elapsed_s);
    assert_true(progress->frames >= seen->frames);
    *seen = *progress;
}

static void progress_tells_force_and_place(void **state)
{
    (void)state;
    struct play play = new_play(2); /* told ten times a second, seldom by a busy computer */
    struct session_progress seen = {0};
    play.options.progress = look_at;
    play.options.context = &seen;
    run_well(&play);
    assert_true(seen.frames >= 20 && seen.has_numbers);
    assert_true(seen.force_n > 20 && seen.force_n < 600 * 0.025 * 120);
    assert_true(seen.cop_x_mm > 0 && seen.cop_x_mm < 50 && seen.cop_y_mm > 0 && seen.cop_y_mm < 60);
    assert_true(seen.seconds == 2);
}

/* --- Annotations ----------------------------------------------------------------------------- */

/* "time:json" of each annotation and "time:frame" of the frame after it, one a line. */
static void story_of(const struct play *play, char *story, size_t cap)
{
    struct recording *recording = reopen(play);
    struct recording_item item;
    struct problem why;
    size_t n = 0;
    int is_told = 0;
    story[0] = '\0';
    while (recording_next(recording, &item, &why) > 0) {
        unsigned long at = (unsigned long)(item.message.device_time_us - 777000);
        if (item.message.type == WIRE_ANNOTATION)
            n +=
                (size_t)snprintf(story + n, cap - n, "%lu:%.*s\n", at,
                                 (int)item.message.payload_len, (const char *)item.message.payload);
        else if (item.message.type == WIRE_FRAME && is_told)
            n += (size_t)snprintf(story + n, cap - n, "%lu:frame\n", at);
        if (item.message.type == WIRE_ANNOTATION || item.message.type == WIRE_FRAME)
            is_told = item.message.type == WIRE_ANNOTATION;
    }
    recording_close(recording);
}

static void the_protocol_is_the_step_of_a_real_plate(void **state)
{
    (void)state;
    char story[2000];
    struct play play = new_play(0.05);
    run_well(&play);
    story_of(&play, story, sizeof story);
    assert_string_equal(story, "0:{\"schema\":\"tenderfoot/annotation/1\",\"step\":\"stand\"}\n"
                               "0:frame\n");
}

static void a_press_recording_gets_no_step_of_its_own(void **state)
{
    (void)state;
    char story[2000];
    struct play play = new_play(0.05);
    play.options.protocol = "press";
    run_well(&play);
    story_of(&play, story, sizeof story);
    assert_string_equal(story, "");
}

static void a_plate_that_plays_the_operator_knows_better(void **state)
{
    (void)state;
    char story[2000];
    struct play play = new_play(0.05);
    play.script.annotation = "{\"schema\":\"tenderfoot/annotation/1\",\"step\":\"empty\"}";
    run_well(&play);
    story_of(&play, story, sizeof story);
    assert_string_equal(story, "0:{\"schema\":\"tenderfoot/annotation/1\",\"step\":\"empty\"}\n"
                               "0:frame\n");
}

/* --- Led ------------------------------------------------------------------------------------- */

struct little_leader {
    int refuses, met, frames, acked, said, asked;
};

static int little_meet(void *context, const struct session_plate *plate, struct problem *why)
{
    struct little_leader *leader = context;
    leader->met++;
    assert_string_equal(plate->hello->serial, "SCRIPTED-1");
    assert_null(plate->calibration);
    assert_false(plate->is_one_way);
    return leader->refuses ? problem(why, PROBLEM_REFUSED, "not with this plate") : 0;
}

static int little_hear(void *context, const struct wire_message *message, struct problem *why)
{
    struct little_leader *leader = context;
    struct wire_ack ack;
    (void)why;
    leader->frames += message->type == WIRE_FRAME;
    leader->acked += message->type == WIRE_ACK &&
                     !wire_get_ack(message->payload, message->payload_len, &ack) &&
                     ack.request == SESSION_REQUESTS + 5;
    return 0;
}

/* After the tenth frame a word and a command, after the twentieth the end. */
static int little_wants(void *context, double elapsed_s, struct session_wish *wish)
{
    struct little_leader *leader = context;
    assert_true(elapsed_s >= 0);
    if (leader->frames >= 10 && !leader->asked++) {
        wish->say = "{\"step\":\"sit\"}";
        wish->command_type = WIRE_CMD_START;
        wish->command.request = SESSION_REQUESTS + 5;
        return 1;
    }
    if (leader->frames < 20 || leader->said++)
        return 0;
    wish->say = "{\"step\":\"end\"}";
    return 1;
}

static struct session_leader lead_by(struct little_leader *leader)
{
    return (struct session_leader){
        .context = leader, .meet = little_meet, .hear = little_hear, .wants = little_wants};
}

static void a_leader_is_heard_obeyed_and_ends_it(void **state)
{
    (void)state;
    char story[4000];
    struct play play = new_play(0);
    struct little_leader little = {0};
    struct session_leader leader = lead_by(&little);
    play.options.leader = &leader;
    play.options.protocol = "press";
    run_well(&play);
    assert_int_equal(little.met, 1);
    assert_true(little.frames >= 20 && little.acked >= 1);
    story_of(&play, story, sizeof story);
    /* said with the tenth and the twentieth frame, the one that was heard last */
    assert_non_null(strstr(story, "90000:{\"step\":\"sit\"}\n100000:frame\n"));
    assert_non_null(strstr(story, "190000:{\"step\":\"end\"}\n"));
    check_file(&play);
}

static void a_plate_that_the_leader_refuses_is_not_even_tared(void **state)
{
    (void)state;
    struct play play = new_play(0);
    struct little_leader little = {.refuses = 1};
    struct session_leader leader = lead_by(&little);
    play.options.leader = &leader;
    run_badly(&play, PROBLEM_REFUSED, "not with this plate");
    assert_int_equal(play.deeds.tares, 0);
    no_file(&play);
}

static void load_notes(struct notes *notes, const char *text)
{
    struct problem why = {0};
    const char *path = scratch_new("notes.jsonl");
    scratch_write(path, text, strlen(text));
    if (notes_load(notes, path, &why))
        fail_msg("%s", why.text);
}

/* What was typed keeps its order, also when it is carried over to a file that goes on. */
static void notes_that_are_added_keep_their_order(void **state)
{
    (void)state;
    struct notes notes = {0};
    struct problem why = {0};
    load_notes(&notes, "{\"step\": \"sit\"}\n{\"at_s\": 3, \"step\": \"end\"}\n");
    assert_int_equal(notes_add(&notes, "{\"first\": 1}", &why), 0);
    assert_int_equal(notes_add(&notes, "{\"second\": 2}", &why), 0);
    assert_int_equal(notes.n, 4);
    const char *words[] = {"sit", "first", "second", "end"};
    for (size_t i = 0; i < 4; i++)
        assert_non_null(strstr(notes.notes[i].json, words[i]));
    notes_free(&notes);
}

static void notes_are_put_in_before_the_frame_they_begin_with(void **state)
{
    (void)state;
    char story[4000];
    struct play play = new_play(0.3);
    struct notes notes = {0};
    load_notes(&notes, "# a comment, then an empty line\n\n"
                       "{\"at_s\": 0.105, \"step\": \"end\"}\n"
                       "{\"at_s\": 99, \"note\": {\"kind\": \"text\", \"text\": \"never\"}}\n"
                       "{\"step\": \"sit\"}\n"
                       "{\"at_s\": 0.1, \"step\": \"press\", \"press\": {\"number\": 1, \"side\": "
                       "\"left\", \"stud\": {\"x_mm\": 3.5, \"y_mm\": 4}}}\n");
    play.options.notes = &notes;
    run_well(&play);
    story_of(&play, story, sizeof story);
    assert_string_equal(
        story, "0:{\"step\":\"sit\",\"schema\":\"tenderfoot/annotation/1\"}\n"
               "0:frame\n"
               "100000:{\"step\":\"press\",\"press\":{\"number\":1,\"side\":\"left\","
               "\"stud\":{\"x_mm\":3.5,\"y_mm\":4}},\"schema\":\"tenderfoot/annotation/1\"}\n"
               "100000:frame\n"
               "105000:{\"step\":\"end\",\"schema\":\"tenderfoot/annotation/1\"}\n"
               "110000:frame\n");
    assert_int_equal(play.result.notes_unused, 1);
    notes_free(&notes);
}

static void a_note_that_is_none_is_refused_by_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *word;
    } bad[] = {
        {"{\"step\":\"sit\"}\n{\"step\":\"dance\"}", "line 2: \"step\""},
        {"{\"stpe\":\"sit\"}", "\"stpe\" is no member"},
        {"[1]", "no JSON object"},
        {"{\"step\":\"sit\"", "no JSON"},
        {"{\"at_s\":-1}", "at_s"},
        {"{\"at_s\":\"1\"}", "at_s"},
        {"{\"schema\":\"tenderfoot/annotation/2\"}", "schema"},
        {"{\"press\":{\"number\":1}}", "\"side\""},
        {"{\"press\":{\"side\":\"left\",\"stud\":{\"x_mm\":1}}}", "stud"},
        {"{\"press\":{\"side\":\"left\",\"tool\":{\"tip_cm2\":-1}}}", "tool"},
        {"{\"feet\":[{\"side\":\"port\"}]}", "feet"},
        {"{\"subject\":{\"foot_length_mm\":{\"left\":2500}}}", "foot_length_mm"},
        {"{\"note\":3}", "note"},
        {"{\"note\":{\"kind\":\"calus\",\"side\":\"left\"}}", "kind"},
        {"{\"note\":{\"kind\":\"wart\",\"radius_mm\":500}}", "radius_mm"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct notes notes = {0};
        struct problem why = {0};
        const char *path = scratch_new("bad.jsonl");
        scratch_write(path, bad[i].text, strlen(bad[i].text));
        assert_int_equal(notes_load(&notes, path, &why), -1);
        if (why.kind != PROBLEM_REFUSED || !strstr(why.text, bad[i].word))
            fail_msg("%s: %s", bad[i].text, why.text);
        assert_null(notes.notes);
    }
}

/* A label that no header can hold is told before the plate is tared, and never cut. */
static void a_label_that_cannot_be_kept_is_told_at_once(void **state)
{
    (void)state;
    char label[200];
    memset(label, 'x', sizeof label - 1);
    label[sizeof label - 1] = '\0';
    struct play play = new_play(0.1);
    play.options.client = label;
    run_badly(&play, PROBLEM_USAGE, "label");
    assert_int_equal(play.deeds.hellos, 0);
    play = new_play(0.1);
    play.options.client = "M\xfcller";
    run_badly(&play, PROBLEM_REFUSED, "client is not UTF-8");
    assert_int_equal(play.deeds.tares, 0);
    assert_false(play.result.has_file);
}

/* A line without an end must not be gathered until the memory is full. */
static void notes_that_are_no_text_are_refused_in_bounded_memory(void **state)
{
    (void)state;
    static char line[70000];
    struct notes notes = {0};
    struct problem why = {0};
    const char *path = scratch_new("long.jsonl");
    memset(line, ' ', sizeof line);
    scratch_write(path, line, sizeof line);
    assert_int_equal(notes_load(&notes, path, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "line 1: longer than 64 KiB"));
    assert_int_equal(notes_load(&notes, "/dev/zero", &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "zero byte"));
    assert_int_equal(notes_load(&notes, scratch_path("."), &why), -1);
    assert_int_equal(why.kind, PROBLEM_FAILED);
}

/* --- Damage, exactly counted ----------------------------------------------------------------- */

static void each_frame_is_accounted_for(void **state)
{
    (void)state;
    struct play play = new_play(0.5);
    play.script.flips_at = 10;
    play.script.drops_at = 20;
    play.script.repeats_at = 30;
    play.script.extra_at = 40;
    play.script.extra = "TFT1 noise that begins like a message and is none";
    play.script.n_extra = 49;
    run_well(&play);
    assert_int_equal(play.result.frames.delivered, 48);
    assert_int_equal(play.result.frames.lost, 2);
    assert_int_equal(play.result.frames.bad, 1);
    assert_int_equal(play.result.frames.repeats, 1);
    uint8_t frame[2000];
    size_t damaged = 49 + scripted_plate_frame(&play.script, 10, frame, sizeof frame);
    assert_int_equal(play.result.damaged_bytes, damaged);
    struct recording_summary summary = check_file(&play);
    assert_int_equal(summary.wire_damaged_bytes, damaged);
    assert_int_equal(summary.wire_damaged_places, 2);
}

/* A hostile plate writes records that only a file may hold; the file must not believe them. */
static void records_of_a_file_are_not_taken_from_a_plate(void **state)
{
    (void)state;
    uint8_t bytes[600];
    size_t n = 0;
    static const uint8_t types[] = {
        WIRE_REC_HEADER, WIRE_REC_END, WIRE_REC_INDEX, WIRE_FRAME_F32, WIRE_REC_ARRIVAL,
        WIRE_CMD_STOP,   255};
    for (size_t i = 0; i < sizeof types; i++) {
        struct wire_message message = {.type = types[i],
                                       .payload =
                                           (const uint8_t *)"{\"a\":1}.........................",
                                       .payload_len = 32};
        n += wire_encode(bytes + n, sizeof bytes - n, &message);
    }
    struct play play = new_play(0.3);
    play.script.extra_at = 5;
    play.script.extra = bytes;
    play.script.n_extra = n;
    run_well(&play);
    assert_int_equal(play.result.frames.delivered, 30);
    assert_int_equal(play.result.damaged_bytes, n);
    check_file(&play);
}

/* --- The plate leaves, stalls, restarts ------------------------------------------------------ */

static void a_plate_that_leaves_in_the_middle_of_a_frame(void **state)
{
    (void)state;
    struct play play = new_play(10);
    play.script.leaves_after = 33;
    play.script.leaves_mid_frame = 1;
    run_badly(&play, PROBLEM_DEVICE_LOST, "has left");
    assert_true(play.result.has_file);
    assert_true(play.took_s < 3);
    /* What a pty still held when its other end closed is the kernel's to keep or drop. */
    assert_in_range(play.result.frames.delivered, 30, 33);
    check_file(&play);
}

static void close_the_other_reader(void *context, const struct session_progress *progress)
{
    int *fd = context;
    (void)progress;
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* A FIFO keeps what was written: every frame is there, and the torn one is told as damage. */
static void a_one_way_plate_is_listened_to_until_it_leaves(void **state)
{
    (void)state;
    struct play play = new_play(0);
    const char *path = scratch_new("one-way");
    play.script.one_way = 1;
    play.script.leaves_after = 33;
    play.script.leaves_mid_frame = 1;
    assert_int_equal(mkfifo(path, 0600), 0);
    int keep = open(path, O_RDWR); /* a reader, so that the plate can begin: its bytes wait */
    struct scripted_plate *plate = scripted_plate_start(&play.script, open(path, O_WRONLY));
    snprintf(play.uri, sizeof play.uri, "stream:%s", path);
    play.options.uri = play.uri;
    play.options.progress = close_the_other_reader;
    play.options.context = &keep;
    assert_int_equal(session_record(&play.options, &play.result, &play.why), -1);
    scripted_plate_stop(plate);
    assert_int_equal(play.why.kind, PROBLEM_DEVICE_LOST);
    assert_int_equal(play.result.frames.delivered, 33);
    assert_true(play.result.damaged_bytes > 50);
    check_file(&play);
}

static void a_stalled_plate_is_started_again(void **state)
{
    (void)state;
    struct play play = new_play(0.6);
    play.script.stalls_after = 30;
    run_well(&play);
    /* STATUS says that it does not stream, or 2.5 s of silence do: whichever is first. */
    assert_int_equal(play.deeds.starts, 2);
    assert_int_equal(play.result.stalls, 1); /* told, whichever it was */
    assert_true(play.took_s < 4.5);
    assert_int_equal(play.result.frames.delivered, 60);
    assert_int_equal(play.result.frames.lost, 0);
    check_file(&play);
}

static void silence_alone_starts_a_plate_again(void **state)
{
    (void)state;
    struct play play = new_play(0.6);
    play.script.stalls_after = 30;
    play.script.stalls_silently = 1;
    run_well(&play);
    assert_int_equal(play.deeds.starts, 2);
    assert_int_equal(play.result.stalls, 1);
    assert_true(play.took_s > 2.5 && play.took_s < 4.8);
    assert_int_equal(play.result.frames.delivered, 60);
    check_file(&play);
}

static void a_plate_that_stays_silent_is_lost_and_the_file_is_not(void **state)
{
    (void)state;
    struct play play = new_play(10);
    play.script.stalls_after = 30;
    play.script.stalls_for_good = 1;
    run_badly(&play, PROBLEM_DEVICE_LOST, "no frame for 5");
    assert_true(play.took_s > 5 && play.took_s < 8);
    assert_true(play.deeds.starts >= 2);
    assert_int_equal(play.result.frames.delivered, 30);
    check_file(&play);
}

static void restart_and_go_on(int silently)
{
    struct play play = new_play(0.8);
    play.script.resets_after = 30;
    play.script.resets_silently = silently;
    run_well(&play);
    assert_int_equal(play.result.restarts, 1);
    assert_int_equal(play.result.stalls, 0); /* a restart is told as one */
    assert_int_equal(play.deeds.starts, 2);
    assert_int_equal(play.deeds.tares, 1); /* not again: somebody stands on it */
    assert_int_equal(play.result.frames.boots, 2);
    assert_int_equal(play.result.frames.lost, 0);
    /* The first frame after a boot has no distance to the one before it. */
    assert_int_equal(play.result.frames.delivered, 81);
    check_file(&play);
}

static void a_plate_that_restarts_is_started_again_and_counted(void **state)
{
    (void)state;
    restart_and_go_on(0);
}

static void a_restart_is_noticed_without_a_hello(void **state)
{
    (void)state;
    restart_and_go_on(1);
}

static void another_plate_in_its_place_is_not_recorded(void **state)
{
    (void)state;
    struct play play = new_play(5);
    play.script.resets_after = 30;
    play.script.reset_serial = "SCRIPTED-2";
    run_badly(&play, PROBLEM_DEVICE_LOST, "another plate (SCRIPTED-2)");
    assert_int_equal(play.result.frames.delivered, 30);
    check_file(&play);
}

/* --- The plate leaves and comes back -----------------------------------------------------------
 */

enum { TURNS_MAX = 40 };

/* A cable that is plugged in and pulled by a hand of its own: one script a turn. */
struct hand {
    struct plug *plug;
    struct plate_script turns[TURNS_MAX];
    int pause_ms[TURNS_MAX]; /* before that turn */
    int n_turns;
    struct plate_deeds deeds; /* of all turns together */
    atomic_int is_over;
    pthread_t thread;
};

static void play_turn(struct hand *hand, int turn)
{
    usleep((useconds_t)hand->pause_ms[turn] * 1000u);
    struct scripted_plate *plate = scripted_plate_start(&hand->turns[turn], plug_in(hand->plug));
    while (!hand->is_over && !scripted_plate_deeds(plate).has_left)
        usleep(1000);
    struct plate_deeds deeds = scripted_plate_stop(plate);
    hand->deeds.tares += deeds.tares;
    hand->deeds.starts += deeds.starts;
    hand->deeds.unheard += deeds.unheard;
    hand->deeds.frames += deeds.frames;
    hand->deeds.streaming = deeds.streaming;
}

static void *move_hand(void *context)
{
    struct hand *hand = context;
    for (int turn = 0; turn < hand->n_turns && !hand->is_over; turn++)
        play_turn(hand, turn);
    return NULL;
}

/* Two turns: it leaves after 30 frames and half of one, and is back 0.2 s later. */
static struct hand new_hand(const struct play *play)
{
    struct hand hand = {.plug = plug_make(), .n_turns = 2, .pause_ms = {0, 200}};
    for (int turn = 0; turn < TURNS_MAX; turn++)
        hand.turns[turn] = play->script;
    hand.turns[0].leaves_after = 30;
    hand.turns[0].leaves_mid_frame = 1;
    return hand;
}

static struct host_link *link_over(struct plug *plug)
{
    struct problem why = {0};
    struct transport *transport = NULL;
    for (int i = 0; i < 1000 && !transport; i++) {
        transport = plug_open(plug, &why);
        usleep(1000);
    }
    return transport ? host_link_over(transport, &why) : NULL;
}

static int run_over(struct play *play, struct hand *hand)
{
    assert_int_equal(pthread_create(&hand->thread, NULL, move_hand, hand), 0);
    play->options.uri = "plug:";
    play->options.link = link_over(hand->plug);
    assert_non_null(play->options.link);
    uint64_t begin_us = host_clock_us();
    int bad = session_record(&play->options, &play->result, &play->why);
    play->took_s = (double)(host_clock_us() - begin_us) * 1e-6;
    hand->is_over = 1;
    pthread_join(hand->thread, NULL);
    plug_free(hand->plug);
    return bad;
}

static void run_over_well(struct play *play, struct hand *hand)
{
    if (run_over(play, hand))
        fail_msg("%s", play->why.text);
}

static void run_over_badly(struct play *play, struct hand *hand, const char *word)
{
    assert_int_equal(run_over(play, hand), -1);
    if (play->why.kind != PROBLEM_DEVICE_LOST || !strstr(play->why.text, word))
        fail_msg("kind %d, wanted '%s': %s", play->why.kind, word, play->why.text);
    check_file(play);
}

static struct play new_long_play(double seconds, double wait_s)
{
    struct play play = new_play(seconds);
    play.options.wait_s = wait_s;
    return play;
}

static void after_a_replug_the_same_file_goes_on_and_the_gap_is_counted(void **state)
{
    (void)state;
    struct play play = new_long_play(1, 5);
    struct hand hand = new_hand(&play);
    hand.turns[1].begins_at = 42; /* of the same boot: it was off the bus, not off its power */
    run_over_well(&play, &hand);
    assert_int_equal(play.result.frames.delivered, 30 + 58);
    assert_int_equal(play.result.frames.lost, 12);
    assert_int_equal(play.result.frames.boots, 1);
    assert_int_equal(play.result.replugs, 1);
    assert_int_equal(play.result.restarts, 0);
    assert_int_equal(play.result.stalls, 0);
    assert_true(play.result.longest_gap_s > 0.19 && play.result.longest_gap_s < play.took_s);
    assert_int_equal(hand.deeds.tares, 1); /* not again: somebody stands on it */
    assert_int_equal(hand.deeds.starts, 2);
    assert_false(hand.deeds.streaming);
    uint8_t frame[2000]; /* the half of one that came before the end */
    assert_int_equal(play.result.damaged_bytes,
                     scripted_plate_frame(&play.script, 30, frame, sizeof frame) / 2);
    check_file(&play);
}

static void a_plate_that_lost_its_power_is_a_restart(void **state)
{
    (void)state;
    struct play play = new_long_play(0.8, 5);
    struct hand hand = new_hand(&play);
    hand.turns[1].hello.boot_id++;
    run_over_well(&play, &hand);
    assert_int_equal(play.result.restarts, 1);
    assert_int_equal(play.result.replugs, 1);
    assert_int_equal(play.result.frames.boots, 2);
    assert_int_equal(play.result.frames.lost, 1); /* the half one */
    assert_int_equal(play.result.frames.bad, 1);
    /* The first frame after a boot has no distance to the one before it. */
    assert_int_equal(play.result.frames.delivered, 81);
    assert_int_equal(hand.deeds.tares, 1);
    check_file(&play);
}

/* Plugs are pulled whenever it happens: in HELLO, in START, in a frame, again and again. */
static void each_frame_of_many_replugs_is_accounted_for(void **state)
{
    (void)state;
    unsigned seed = 20261;
    struct play play = new_long_play(4, 5);
    struct hand hand = new_hand(&play);
    uint32_t at = 0;
    int boots = 1, lost = 0;
    hand.n_turns = TURNS_MAX;
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        struct plate_script *script = &hand.turns[turn];
        int is_new_boot = turn && rand_r(&seed) % 3 == 0;
        script->hello.boot_id += (uint32_t)turn * (uint32_t)is_new_boot;
        script->hello.rate_hz = 500;
        script->hello.rate_max_hz = 1000;
        hand.pause_ms[turn] = turn ? rand_r(&seed) % 40 : 0;
        script->chunk = 1 + (size_t)rand_r(&seed) % 300;
        script->leaves_after = turn == TURNS_MAX - 1 ? 0 : 1 + rand_r(&seed) % 60;
        script->leaves_mid_frame = rand_r(&seed) % 2;
        if (turn && !is_new_boot)
            script->hello.boot_id = hand.turns[turn - 1].hello.boot_id;
        boots += is_new_boot;
        script->begins_at = is_new_boot ? 0 : at + (uint32_t)rand_r(&seed) % 9;
        /* What passed unseen; or the half frame, whose header told its number, of a boot's end. */
        if (turn)
            lost +=
                is_new_boot ? hand.turns[turn - 1].leaves_mid_frame : (int)(script->begins_at - at);
        at = script->begins_at + (uint32_t)script->leaves_after;
    }
    run_over_well(&play, &hand);
    struct sequence_book *frames = &play.result.frames;
    printf("seed 20261: %d boots, %u replugs, %llu delivered, %llu lost, gap %.3f s\n", boots,
           play.result.replugs, (unsigned long long)frames->delivered,
           (unsigned long long)frames->lost, play.result.longest_gap_s);
    assert_true(play.result.replugs >= 30);
    assert_int_equal(frames->repeats, 0);
    assert_int_equal(frames->lost, lost);
    /* A socket loses nothing, so what was sent whole has arrived, but for the end after the end. */
    assert_in_range(frames->delivered, hand.deeds.frames - 60, hand.deeds.frames);
    assert_int_equal(frames->boots, boots);
    assert_true(play.result.longest_gap_s < play.took_s);
    check_file(&play);
}

static void one_that_is_slow_to_start_is_asked_again_soon(void **state)
{
    (void)state;
    struct play play = new_long_play(0.6, 5);
    struct hand hand = new_hand(&play);
    hand.turns[1].deaf_ms = 1300;
    run_over_well(&play, &hand);
    printf("asked %d times while it was deaf\n", hand.deeds.unheard);
    assert_true(hand.deeds.unheard >= 4); /* asked each 500 ms it would be 3 */
    assert_true(play.result.longest_gap_s > 1.3 && play.result.longest_gap_s < play.took_s);
    assert_int_equal(play.result.frames.lost, 0);
}

static void one_that_does_not_come_back_in_time_is_lost(void **state)
{
    (void)state;
    struct play play = new_long_play(5, 0.7);
    struct hand hand = new_hand(&play);
    hand.n_turns = 1;
    run_over_badly(&play, &hand, "is not back after 0.7 s");
    assert_true(play.took_s > 0.9 && play.took_s < 2.5);
    assert_int_equal(play.result.frames.delivered, 30);
    assert_int_equal(play.result.replugs, 0);
}

static void without_patience_the_end_comes_at_once(void **state)
{
    (void)state;
    struct play play = new_long_play(5, 0);
    struct hand hand = new_hand(&play);
    hand.pause_ms[1] = 0;
    run_over_badly(&play, &hand, "has left");
    assert_int_equal(play.result.frames.delivered, 30);
    assert_true(play.took_s < 2);
}

static void one_that_will_never_come_is_not_waited_for(void **state)
{
    (void)state;
    struct play play = new_long_play(5, 20);
    struct hand hand = new_hand(&play);
    plug_refuse(hand.plug, 1);
    run_over_badly(&play, &hand, "has come off");
    assert_true(play.took_s < 2);
}

static void another_plate_on_the_same_cable_is_not_recorded(void **state)
{
    (void)state;
    struct play play = new_long_play(5, 5);
    struct hand hand = new_hand(&play);
    snprintf(hand.turns[1].hello.serial, sizeof hand.turns[1].hello.serial, "SCRIPTED-2");
    run_over_badly(&play, &hand, "another plate (SCRIPTED-2)");
    assert_int_equal(play.result.frames.delivered, 30);
    play = new_long_play(5, 5);
    hand = new_hand(&play);
    hand.turns[1].hello.rows = 13;
    run_over_badly(&play, &hand, "other cells than before (13 x 10");
    play = new_long_play(5, 5);
    hand = new_hand(&play);
    hand.turns[1].version = 2;
    assert_int_equal(run_over(&play, &hand), -1);
    assert_int_equal(play.why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(play.why.text, "version 2"));
    check_file(&play);
}

static void one_that_another_program_took_meanwhile_is_told_so(void **state)
{
    (void)state;
    struct play play = new_long_play(5, 1.2);
    struct hand hand = new_hand(&play);
    hand.turns[1].busy = 1;
    run_over_badly(&play, &hand, "another program has the plate");
    assert_int_equal(play.result.frames.delivered, 30);
}

/* Silence without an end of the line: START and nudges first, then the line is opened anew. */
static void a_silent_line_is_nudged_and_then_opened_anew(void **state)
{
    (void)state;
    struct play play = new_long_play(0.6, 5);
    struct hand hand = new_hand(&play);
    hand.turns[0].leaves_after = 0;
    hand.turns[0].stalls_after = 30;
    hand.turns[0].stalls_for_good = hand.turns[0].stalls_silently = 1;
    hand.turns[1].begins_at = 35;
    struct plug *plug = hand.plug;
    assert_int_equal(pthread_create(&hand.thread, NULL, move_hand, &hand), 0);
    play.options.link = link_over(plug);
    play.options.uri = "plug:";
    if (session_record(&play.options, &play.result, &play.why))
        fail_msg("%s", play.why.text);
    hand.is_over = 1;
    pthread_join(hand.thread, NULL);
    assert_in_range(plug_nudges(plug), 2, 4);
    plug_free(plug);
    assert_int_equal(play.result.replugs, 1);
    assert_int_equal(play.result.stalls, 1);
    assert_int_equal(play.result.frames.lost, 5);
    assert_int_equal(play.result.frames.delivered, 55);
    assert_true(play.result.longest_gap_s > 5);
    check_file(&play);
}

/* The bar says that the plate is waited for, and the user may end it. */
struct onlooker {
    int stop_fd, has_seen;
};

static void stop_while_waiting(void *context, const struct session_progress *progress)
{
    struct onlooker *onlooker = context;
    uint64_t one = 1;
    if (!progress->is_waiting)
        return;
    onlooker->has_seen = 1;
    assert_true(progress->waiting_s >= 0 && progress->waiting_s < 3);
    assert_true(progress->wait_s == 20);
    assert_int_equal(write(onlooker->stop_fd, &one, sizeof one), sizeof one);
}

static void a_stop_while_the_plate_is_away_is_a_good_end(void **state)
{
    (void)state;
    struct play play = new_long_play(0, 20);
    struct hand hand = new_hand(&play);
    struct onlooker onlooker = {.stop_fd = eventfd(0, EFD_CLOEXEC)};
    hand.n_turns = 1;
    play.options.stop_fd = onlooker.stop_fd;
    play.options.progress = stop_while_waiting;
    play.options.context = &onlooker;
    run_over_well(&play, &hand);
    assert_true(onlooker.has_seen && play.result.interrupted);
    assert_int_equal(play.result.frames.delivered, 30);
    assert_true(play.took_s < 3);
    check_file(&play);
    close(onlooker.stop_fd);
}

/* --- Refusals: no file, and the plate is left at rest ------------------------------------------
 */

static void a_plate_that_another_host_has(void **state)
{
    (void)state;
    struct play play = new_play(1);
    play.script.busy = 1;
    run_badly(&play, PROBLEM_FAILED, "another program has the plate");
    no_file(&play);
}

static void an_existing_file_is_never_touched(void **state)
{
    (void)state;
    struct play play = new_play(1);
    scratch_write(play.options.path, "precious", 8);
    run_badly(&play, PROBLEM_FAILED, "exists already");
    assert_int_equal(play.deeds.hellos, 0);
    size_t n;
    uint8_t *bytes = scratch_read(play.options.path, &n);
    assert_int_equal(n, 8);
    free(bytes);
}

static void a_folder_that_is_not_there(void **state)
{
    (void)state;
    struct play play = new_play(1);
    play.options.path = "/nowhere/at/all.tfr";
    run_badly(&play, PROBLEM_FAILED, "/nowhere/at/all.tfr");
    no_file(&play);
    assert_false(play.deeds.streaming);
}

static void a_rate_that_the_plate_has_not(void **state)
{
    (void)state;
    struct play play = new_play(1);
    play.options.rate_hz = 5000;
    run_badly(&play, PROBLEM_USAGE, "makes 10 to 1000 frames a second, not 5000");
    no_file(&play);
}

/* A straight-line calibration of 12 x 10 cells for a plate of this serial number. */
static const char *write_calibration(const char *serial)
{
    const char *path = scratch_new("calibration.json");
    json_t *gain = json_array(), *offset = json_array();
    for (int i = 0; i < 120; i++) {
        json_array_append_new(gain, json_real(0.2 + i * 1e-4));
        json_array_append_new(offset, json_real(0));
    }
    json_t *file = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:{s:o, s:o}, s:f, s:[]}", "schema",
        "tenderfoot/calibration/1", "id", "bench-7", "date", "2026-03-01", "operator", "", "serial",
        serial, "rows", 12, "columns", 10, "bits", 12, "curve", "line", "coefficients",
        "gain_kpa_per_count", gain, "offset_kpa", offset, "residual_percent", 1.5, "masked");
    assert_int_equal(json_dump_file(file, path, 0), 0);
    json_decref(file);
    return path;
}

static void the_plates_own_calibration_goes_into_the_file(void **state)
{
    (void)state;
    struct play play = new_play(0.05);
    size_t n, n_want;
    play.options.calibration = write_calibration("SCRIPTED-1");
    run_well(&play);
    struct recording *recording = reopen(&play);
    const void *copy = recording_calibration(recording, &n);
    uint8_t *want = scratch_read(play.options.calibration, &n_want);
    assert_int_equal(n, n_want);
    assert_memory_equal(copy, want, n);
    assert_non_null(strstr(recording_header(recording), "bench-7"));
    free(want);
    recording_close(recording);
}

static void another_plates_calibration_is_refused_before_anything_is_recorded(void **state)
{
    (void)state;
    struct play play = new_play(1);
    play.options.calibration = write_calibration("SCRIPTED-2");
    run_badly(&play, PROBLEM_REFUSED, "SCRIPTED-2");
    no_file(&play);
    assert_int_equal(play.deeds.tares + play.deeds.starts, 0);
    play.options.calibration = scratch_new("no-calibration");
    assert_int_equal(run(&play), -1);
    assert_int_equal(play.deeds.hellos, 0);
}

/* --- The person ------------------------------------------------------------------------------ */

static void stop_at_20(void *context, const struct session_progress *progress)
{
    uint64_t one = 1;
    if (progress->frames >= 20)
        assert_int_equal(write(*(int *)context, &one, sizeof one), sizeof one);
}

static void a_stop_by_the_user_is_a_good_end(void **state)
{
    (void)state;
    struct play play = new_play(0);
    int stop_fd = eventfd(0, EFD_CLOEXEC);
    play.options.stop_fd = stop_fd;
    play.options.progress = stop_at_20;
    play.options.context = &stop_fd;
    run_well(&play);
    assert_true(play.result.interrupted);
    assert_true(play.result.frames.delivered >= 20);
    assert_int_equal(play.result.frames.lost, 0);
    assert_int_equal(play.result.frames.delivered, play.deeds.frames); /* to the very last one */
    assert_false(play.deeds.streaming);
    check_file(&play);
    close(stop_fd);
}

static void a_stop_before_the_first_frame_leaves_nothing(void **state)
{
    (void)state;
    struct play play = new_play(0);
    play.options.stop_fd = eventfd(1, EFD_CLOEXEC);
    run_badly(&play, PROBLEM_FAILED, "interrupted");
    no_file(&play);
    close(play.options.stop_fd);
}

/* --- Memory ---------------------------------------------------------------------------------- */

static void no_memory_is_a_problem_whenever_it_comes(void **state)
{
    (void)state;
    char *calibration =
        strdup(write_calibration("SCRIPTED-1")); /* scratch names are used in turn */
    struct notes notes = {0};
    load_notes(&notes, "{\"step\":\"sit\"}\n");
    long n = 1;
    for (;; n++) {
        struct play play = new_play(0.02);
        struct session_progress seen = {0};
        play.options.calibration = calibration;
        play.options.notes = &notes;
        play.options.progress = look_at;
        play.options.context = &seen;
        strcpy(play.uri, "stream:");
        int fd = scripted_plate_pty(play.uri + 7, sizeof play.uri - 7);
        struct scripted_plate *plate = scripted_plate_start(&play.script, fd);
        play.options.uri = play.uri;
        failing_malloc_at(n);
        int bad = session_record(&play.options, &play.result, &play.why);
        int failed = failing_malloc_off();
        scripted_plate_stop(plate);
        if (!failed && bad)
            fail_msg("%s", play.why.text);
        if (!failed)
            break;
        assert_int_equal(bad, -1);
        assert_int_equal(play.why.kind, PROBLEM_FAILED);
    }
    printf("each of %ld allocations failed once\n", n - 1);
    assert_true(n > 15);
    notes_free(&notes);
    free(calibration);
}

/* A plate that leaves and is back at once, the second end of the cable being ready before: no
 * thread but the plates' own, which ask for no memory. */
static int replug_without_memory(struct play *play, long n, int *has_failed)
{
    struct plate_script scripts[2] = {play->script, play->script};
    struct scripted_plate *plates[2];
    struct plug *plug = plug_make();
    scripts[0].leaves_after = 5;
    scripts[1].begins_at = 7;
    plates[0] = scripted_plate_start(&scripts[0], plug_in(plug));
    play->options.uri = "plug:";
    play->options.link = link_over(plug);
    plates[1] = scripted_plate_start(&scripts[1], plug_in(plug));
    failing_malloc_at(n);
    int bad = session_record(&play->options, &play->result, &play->why);
    *has_failed = failing_malloc_off();
    for (int i = 0; i < 2; i++)
        scripted_plate_stop(plates[i]);
    plug_free(plug);
    return bad;
}

static void no_memory_around_a_replug(void **state)
{
    (void)state;
    long n = 1;
    for (int has_failed = 1; has_failed; n++) {
        struct play play = new_long_play(0.15, 5);
        struct session_progress seen = {0};
        play.options.progress = look_at;
        play.options.context = &seen;
        int bad = replug_without_memory(&play, n, &has_failed);
        if (has_failed) {
            assert_int_equal(bad, -1);
            assert_int_equal(play.why.kind, PROBLEM_FAILED);
            continue;
        }
        if (bad)
            fail_msg("%s", play.why.text);
        assert_int_equal(play.result.replugs, 1);
        assert_int_equal(play.result.frames.lost, 2);
        check_file(&play);
    }
    printf("each of %ld allocations failed once\n", n - 2);
    assert_true(n > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_plate_sent_is_in_the_file_byte_by_byte),
        cmocka_unit_test(a_station_records_twice_over_one_link),
        cmocka_unit_test(the_header_says_who_what_and_when),
        cmocka_unit_test(progress_tells_force_and_place),
        cmocka_unit_test(the_protocol_is_the_step_of_a_real_plate),
        cmocka_unit_test(a_press_recording_gets_no_step_of_its_own),
        cmocka_unit_test(a_plate_that_plays_the_operator_knows_better),
        cmocka_unit_test(a_leader_is_heard_obeyed_and_ends_it),
        cmocka_unit_test(a_plate_that_the_leader_refuses_is_not_even_tared),
        cmocka_unit_test(notes_that_are_added_keep_their_order),
        cmocka_unit_test(notes_are_put_in_before_the_frame_they_begin_with),
        cmocka_unit_test(a_note_that_is_none_is_refused_by_its_line),
        cmocka_unit_test(a_label_that_cannot_be_kept_is_told_at_once),
        cmocka_unit_test(notes_that_are_no_text_are_refused_in_bounded_memory),
        cmocka_unit_test(each_frame_is_accounted_for),
        cmocka_unit_test(records_of_a_file_are_not_taken_from_a_plate),
        cmocka_unit_test(a_plate_that_leaves_in_the_middle_of_a_frame),
        cmocka_unit_test(a_one_way_plate_is_listened_to_until_it_leaves),
        cmocka_unit_test(a_stalled_plate_is_started_again),
        cmocka_unit_test(silence_alone_starts_a_plate_again),
        cmocka_unit_test(a_plate_that_stays_silent_is_lost_and_the_file_is_not),
        cmocka_unit_test(a_plate_that_restarts_is_started_again_and_counted),
        cmocka_unit_test(a_restart_is_noticed_without_a_hello),
        cmocka_unit_test(another_plate_in_its_place_is_not_recorded),
        cmocka_unit_test(after_a_replug_the_same_file_goes_on_and_the_gap_is_counted),
        cmocka_unit_test(a_plate_that_lost_its_power_is_a_restart),
        cmocka_unit_test(each_frame_of_many_replugs_is_accounted_for),
        cmocka_unit_test(one_that_is_slow_to_start_is_asked_again_soon),
        cmocka_unit_test(one_that_does_not_come_back_in_time_is_lost),
        cmocka_unit_test(without_patience_the_end_comes_at_once),
        cmocka_unit_test(one_that_will_never_come_is_not_waited_for),
        cmocka_unit_test(another_plate_on_the_same_cable_is_not_recorded),
        cmocka_unit_test(one_that_another_program_took_meanwhile_is_told_so),
        cmocka_unit_test(a_silent_line_is_nudged_and_then_opened_anew),
        cmocka_unit_test(a_stop_while_the_plate_is_away_is_a_good_end),
        cmocka_unit_test(a_plate_that_another_host_has),
        cmocka_unit_test(an_existing_file_is_never_touched),
        cmocka_unit_test(a_folder_that_is_not_there),
        cmocka_unit_test(a_rate_that_the_plate_has_not),
        cmocka_unit_test(the_plates_own_calibration_goes_into_the_file),
        cmocka_unit_test(another_plates_calibration_is_refused_before_anything_is_recorded),
        cmocka_unit_test(a_stop_by_the_user_is_a_good_end),
        cmocka_unit_test(a_stop_before_the_first_frame_leaves_nothing),
        cmocka_unit_test(no_memory_is_a_problem_whenever_it_comes),
        cmocka_unit_test(no_memory_around_a_replug),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
