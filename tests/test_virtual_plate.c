/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtual plate: each fault on demand costs exactly what its log says; the same seed gives the
 * same bytes. */
#include "firmware/boards/host/virtual_plate.h"
#include "firmware/wire/frame_codec.h"
#include "firmware/wire/payloads.h"
#include "firmware/wire/sequence.h"
#include "firmware/wire/wire.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/little_world.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SEED UINT64_C(1848)
#define ROWS 12
#define COLS 9
#define CELLS (ROWS * COLS)

/* --- A host that keeps all it gets --------------------------------------------------------- */

struct host {
    uint8_t *bytes;
    size_t n, capacity;
    size_t most; /* taken in one call */
    struct virtual_plate *plate;
    FILE *log;
    char *log_text;
    size_t log_size;
    uint32_t request;
};

static size_t take(void *context, int link, const uint8_t *bytes, size_t n)
{
    struct host *host = context;
    if (link != 0)
        return n;
    if (n > host->most)
        n = host->most;
    if (host->n + n > host->capacity) {
        host->capacity = 2 * (host->n + n) + 4096;
        host->bytes = realloc(host->bytes, host->capacity);
        assert_non_null(host->bytes);
    }
    memcpy(host->bytes + host->n, bytes, n);
    host->n += n;
    return n;
}

static void open_host(struct host *host, const char *faults, uint64_t seed, double seconds)
{
    struct problem why;
    *host = (struct host){.most = SIZE_MAX};
    host->log = open_memstream(&host->log_text, &host->log_size);
    struct virtual_plate_options options = {.source = little_world(ROWS, COLS, seconds),
                                            .faults = faults,
                                            .seed = seed,
                                            .fault_log = host->log,
                                            .sink = take,
                                            .context = host};
    host->plate = virtual_plate_create_with(&options, &why);
    if (!host->plate)
        fail_msg("%s", why.text);
}

static void close_host(struct host *host)
{
    virtual_plate_free(host->plate);
    fclose(host->log);
    free(host->log_text);
    free(host->bytes);
}

static void send_chunked(struct host *host, const uint8_t *bytes, size_t n, size_t chunk)
{
    for (size_t at = 0; at < n; at += chunk)
        virtual_plate_receive(host->plate, 0, bytes + at, chunk < n - at ? chunk : n - at);
}

static void ask_chunked(struct host *host, uint8_t type, struct wire_command command, size_t chunk)
{
    uint8_t payload[64], bytes[128];
    command.request = ++host->request;
    size_t n = wire_put_command(payload, sizeof payload, type, &command);
    struct wire_message message = {.type = type, .payload = payload, .payload_len = (uint32_t)n};
    n = wire_encode(bytes, sizeof bytes, &message);
    send_chunked(host, bytes, n, chunk);
}

static void ask(struct host *host, uint8_t type, struct wire_command command)
{
    ask_chunked(host, type, command, SIZE_MAX / 2);
}

static const struct wire_command nothing;
static const struct wire_command hello = {.as.hello = {0x0100, 0x0100}};

static void steps(struct host *host, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(virtual_plate_step(host->plate), 1);
}

/* HELLO, tare, START: what a recording begins with. */
static void begin(struct host *host, uint16_t flags)
{
    ask(host, WIRE_CMD_HELLO, hello);
    ask(host, WIRE_CMD_TARE, nothing);
    while (virtual_plate_is_scanning(host->plate))
        steps(host, 1);
    ask(host, WIRE_CMD_START, (struct wire_command){.as.start = {0, flags}});
}

/* --- What arrived, through the wire and the book ------------------------------------------- */

struct arrived {
    struct sequence_book book;
    unsigned frames, events, annotations, hellos;
    struct wire_status status;
    uint16_t last[CELLS];
    uint64_t last_us, longest_gap_us;
};

static void note_frame(struct arrived *a, const struct wire_message *message)
{
    struct frame_shape shape;
    sequence_frame(&a->book, message->seq);
    assert_int_equal(frame_decode(message->payload, message->payload_len, &shape, a->last, CELLS),
                     0);
    if (a->frames++ && message->device_time_us > a->last_us &&
        message->device_time_us - a->last_us > a->longest_gap_us)
        a->longest_gap_us = message->device_time_us - a->last_us;
    a->last_us = message->device_time_us;
}

static void note_message(struct arrived *a, const struct wire_message *message)
{
    struct wire_hello h;
    switch (message->type) {
    case WIRE_FRAME:
        note_frame(a, message);
        break;
    case WIRE_STATUS:
        assert_int_equal(wire_get_status(message->payload, message->payload_len, &a->status), 0);
        sequence_status(&a->book, a->status.boot_id, a->status.scans);
        break;
    case WIRE_HELLO:
        assert_int_equal(wire_get_hello(message->payload, message->payload_len, &h), 0);
        assert_true(h.features & WIRE_IS_VIRTUAL);
        sequence_hello(&a->book, h.boot_id, h.scans);
        a->hellos++;
        break;
    case WIRE_EVENT:
        a->events++;
        break;
    case WIRE_ANNOTATION:
        a->annotations++;
        break;
    default:
        break;
    }
}

static void read_all(const struct host *host, struct arrived *a)
{
    static uint8_t buffer[65536];
    struct wire_stream stream;
    struct wire_message message;
    enum wire_verdict verdict = WIRE_NEED_MORE;
    memset(a, 0, sizeof *a);
    sequence_init(&a->book);
    wire_stream_init(&stream, buffer, sizeof buffer);
    for (size_t at = 0; at < host->n || verdict != WIRE_NEED_MORE;) {
        size_t room;
        uint8_t *to = wire_stream_room(&stream, &room);
        size_t n = host->n - at < room ? host->n - at : room;
        if (n)
            memcpy(to, host->bytes + at, n);
        wire_stream_filled(&stream, n);
        at += n;
        while ((verdict = wire_stream_next(&stream, &message, at == host->n)) != WIRE_NEED_MORE)
            if (verdict == WIRE_MESSAGE_WHOLE)
                note_message(a, &message);
            else if (verdict == WIRE_BAD_PAYLOAD && message.type == WIRE_FRAME)
                sequence_bad_frame(&a->book, message.seq);
    }
}

/* Sums over the fault log. */
struct costs {
    unsigned lines;
    uint64_t lost, bad, repeats;
};

static struct costs costs_of(struct host *host)
{
    struct costs costs = {0};
    fflush(host->log);
    char *copy = strdup(host->log_text);
    assert_non_null(copy);
    for (char *rest = copy, *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        if (!*line)
            continue;
        json_error_t error;
        json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);
        if (!object)
            fail_msg("%s: %s", error.text, line);
        costs.lines++;
        costs.lost += (uint64_t)json_integer_value(json_object_get(object, "lost"));
        costs.bad += (uint64_t)json_integer_value(json_object_get(object, "bad"));
        costs.repeats += (uint64_t)json_integer_value(json_object_get(object, "repeats"));
        json_decref(object);
    }
    free(copy);
    return costs;
}

/* n frames under these faults; the book must say what the log says. */
static struct costs exact(const char *faults, uint64_t seed, unsigned n)
{
    struct host host;
    struct arrived a;
    open_host(&host, faults, seed, 600);
    begin(&host, WIRE_START_UNGATED);
    steps(&host, n);
    ask(&host, WIRE_CMD_STOP, nothing);
    read_all(&host, &a);
    struct costs costs = costs_of(&host);
    assert_int_equal(a.book.delivered + a.book.lost, n);
    assert_int_equal(a.book.lost, costs.lost);
    assert_int_equal(a.book.bad, costs.bad);
    assert_int_equal(a.book.repeats, costs.repeats);
    assert_int_equal(a.book.joined_late, 0);
    close_host(&host);
    return costs;
}

/* --- Cable ------------------------------------------------------------------------------------ */

static void without_faults_nothing_is_lost(void **state)
{
    (void)state;
    struct costs costs = exact("", SEED, 500);
    assert_int_equal(costs.lines, 0);
    costs = exact(NULL, SEED, 500);
    assert_int_equal(costs.lines, 0);
}

static void each_cable_fault_costs_what_its_log_says(void **state)
{
    (void)state;
    struct {
        const char *faults;
        uint64_t lost, bad, repeats;
    } cases[] = {
        {"drop@n10:frames=7", 7, 0, 0},
        {"drop@n0", 1, 0, 0},
        {"repeat@n10:frames=5", 0, 0, 5},
        {"flip@n20:where=payload", 1, 1, 0},
        {"flip@n20:where=header:bits=2", 1, 0, 0},
        {"flip@n20:where=payload:bits=1000:frames=3", 3, 3, 0},
        {"lose@n30:where=payload:bytes=5", 1, 1, 0},
        {"lose@n30:where=header:bytes=32", 1, 0, 0},
        {"lose@n30:where=any:bytes=100000:frames=4", 4, 0, 0},
        {"drop@2s:frames=2,flip@n20:where=payload,repeat@n90", 3, 1, 1},
        {"drop@n40,flip@n40:where=payload", 2, 1, 0}, /* the flip takes the next frame */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct costs costs = exact(cases[i].faults, SEED + i, 300);
        if (costs.lost != cases[i].lost || costs.bad != cases[i].bad ||
            costs.repeats != cases[i].repeats)
            fail_msg("%s", cases[i].faults);
    }
}

static void chance_hits_as_often_as_it_says(void **state)
{
    (void)state;
    struct costs costs = exact("drop:chance=0.1", SEED, 4000);
    assert_true(costs.lost > 400 - 5 * 19 && costs.lost < 400 + 5 * 19); /* 5 sigma */
    costs = exact("drop:chance=1:frames=17", SEED, 400);
    assert_int_equal(costs.lost, 17);
    costs = exact("drop:chance=0", SEED, 400);
    assert_int_equal(costs.lines, 0);
}

/* Everything at once, drawn anew each time: the sums are exact every time. */
static void any_mixture_is_exact(void **state)
{
    (void)state;
    char faults[400];
    uint64_t lost = 0, bad = 0;
    for (uint64_t seed = SEED; seed < SEED + 30; seed++) {
        unsigned k = (unsigned)(seed % 7 + 1);
        snprintf(faults, sizeof faults,
                 "lose:bytes=%u:chance=0.03,flip:bits=%u:chance=0.05,drop:chance=0.0%u,"
                 "repeat:chance=0.04,stall@1.7s:ms=%u,stuck@1s:cells=%u",
                 k * 9, k, k, k * 130, k * 3);
        struct costs costs = exact(faults, seed, 600);
        lost += costs.lost;
        bad += costs.bad;
    }
    printf("seeds %llu to %llu: %llu lost, %llu of them bad, each accounted for\n",
           (unsigned long long)SEED, (unsigned long long)SEED + 29, (unsigned long long)lost,
           (unsigned long long)bad);
    assert_true(bad > 300 && lost > bad);
}

/* --- Cells ------------------------------------------------------------------------------------ */

static void a_dead_row_reads_zero_from_its_moment_on(void **state)
{
    (void)state;
    struct host host;
    struct arrived a;
    open_host(&host, "dead-row@1s:row=4", SEED, 60);
    begin(&host, WIRE_START_RAW); /* 0.56 s of tare are over */
    steps(&host, 30);
    read_all(&host, &a);
    assert_true(a.last[4 * COLS] >= 38);
    steps(&host, 100);
    read_all(&host, &a);
    for (int i = 0; i < CELLS; i++)
        assert_true(i / COLS == 4 ? a.last[i] == 0 : a.last[i] >= 38);
    close_host(&host);
}

static unsigned cells_that_read(const struct arrived *a, uint16_t count)
{
    unsigned n = 0;
    for (int i = 0; i < CELLS; i++)
        n += a->last[i] == count;
    return n;
}

static void stuck_and_saturated_cells_are_as_many_as_asked(void **state)
{
    (void)state;
    struct host host;
    struct arrived a;
    open_host(&host, "stuck@1s:cells=13:value=777,saturate@n10:cells=5", SEED, 60);
    begin(&host, WIRE_START_RAW);
    steps(&host, 9);
    read_all(&host, &a);
    assert_int_equal(cells_that_read(&a, 4095), 0);
    steps(&host, 200);
    read_all(&host, &a);
    unsigned saturated = cells_that_read(&a, 4095), stuck = cells_that_read(&a, 777);
    assert_int_equal(saturated, 5);
    assert_true(stuck >= 13 - 5 && stuck <= 13); /* a cell may have both */
    close_host(&host);
}

/* How many of the cells that the log says were broken lie outside this row. */
static unsigned logged_cells_outside(struct host *host, int row)
{
    unsigned n = 0;
    fflush(host->log);
    const char *line = strstr(host->log_text, "{\"fault\":\"stuck\"");
    assert_non_null(line);
    json_t *object = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL);
    const json_t *cells = json_object_get(object, "cells");
    for (size_t i = 0; i < json_array_size(cells); i++)
        n += json_integer_value(json_array_get(json_array_get(cells, i), 0)) != row;
    json_decref(object);
    return n;
}

/* Cells stuck at what they read, and a dead row: the self-test finds them, no more and no less. */
static void the_self_test_finds_what_was_broken(void **state)
{
    (void)state;
    for (uint64_t seed = SEED; seed < SEED + 10; seed++) {
        struct host host;
        struct wire_message message;
        struct wire_fault faults[64];
        size_t filled = 0, used;
        uint32_t total = 0;
        open_host(&host, "stuck:cells=20,dead-row:row=11", seed, 60);
        ask(&host, WIRE_CMD_SELF_TEST, nothing);
        while (virtual_plate_is_scanning(host.plate))
            steps(&host, 1);
        for (size_t at = 0; at < host.n; at += used) {
            assert_int_equal(wire_decode(host.bytes + at, host.n - at, &message, &used),
                             WIRE_MESSAGE_WHOLE);
            if (message.type == WIRE_SELF_TEST_RESULT)
                wire_get_faults(message.payload, message.payload_len, faults, 64, &filled, &total);
        }
        assert_int_equal(total, 1 + logged_cells_outside(&host, 11));
        assert_int_equal(faults[total - 1].row, 11);
        assert_int_equal(faults[total - 1].col, 0xFFFF);
        assert_int_equal(faults[total - 1].kind, WIRE_CELL_DEAD);
        close_host(&host);
    }
}

/* --- Device ----------------------------------------------------------------------------------- */

static void a_stall_is_one_overrun_and_no_loss(void **state)
{
    (void)state;
    struct host host;
    struct arrived a;
    open_host(&host, "stall@n50:ms=730", SEED, 60);
    begin(&host, 0);
    steps(&host, 200);
    ask(&host, WIRE_CMD_STOP, nothing);
    read_all(&host, &a);
    assert_int_equal(a.book.delivered, 200);
    assert_int_equal(a.book.lost, 0);
    assert_int_equal(a.status.overruns, 1);
    assert_int_equal(a.longest_gap_us, 740000); /* a period and the stall */
    assert_non_null(strstr(host.log_text, "\"overruns\":1"));
    close_host(&host);
}

static void a_reset_is_a_new_boot(void **state)
{
    (void)state;
    struct host host;
    struct arrived a;
    open_host(&host, "reset@n123", SEED, 60);
    begin(&host, 0);
    steps(&host, 124);
    assert_false(virtual_plate_is_scanning(host.plate)); /* it waits for START */
    read_all(&host, &a);
    assert_int_equal(a.hellos, 2);
    ask(&host, WIRE_CMD_START, nothing);
    steps(&host, 77);
    ask(&host, WIRE_CMD_STOP, nothing);
    read_all(&host, &a);
    assert_int_equal(a.book.boots, 2);
    assert_int_equal(a.book.delivered, 123 + 77);
    assert_int_equal(a.book.lost, 0);
    assert_int_equal(a.status.scans, 77);
    assert_int_equal(a.last_us, 76 * 10000);                  /* device time began anew, */
    assert_true(virtual_plate_time_us(host.plate) > 2500000); /* the world's did not */
    close_host(&host);
}

/* --- The rest of the contract ----------------------------------------------------------------- */

static void time_stands_still_until_asked(void **state)
{
    (void)state;
    struct host host;
    open_host(&host, NULL, SEED, 60);
    assert_false(virtual_plate_is_scanning(host.plate));
    ask(&host, WIRE_CMD_HELLO, hello);
    steps(&host, 100);
    assert_int_equal(virtual_plate_time_us(host.plate), 0);
    close_host(&host);
}

static void button_and_annotations_come_with_their_times(void **state)
{
    (void)state;
    struct host host;
    struct wire_message message;
    size_t used;
    unsigned notes = 0, edges = 0;
    uint64_t frame_us = 0;
    open_host(&host, NULL, SEED, 60);
    begin(&host, 0);
    steps(&host, 400); /* to 4.55 s */
    for (size_t at = 0; at < host.n; at += used) {
        assert_int_equal(wire_decode(host.bytes + at, host.n - at, &message, &used),
                         WIRE_MESSAGE_WHOLE);
        if (message.type == WIRE_FRAME)
            frame_us = message.device_time_us;
        if (message.type == WIRE_ANNOTATION) {
            assert_int_equal(message.device_time_us, notes++ * 1000000);
            assert_true(message.device_time_us >= frame_us || notes == 1);
        }
        if (message.type == WIRE_EVENT && message.payload[0] != WIRE_TARED) {
            uint64_t wanted = (edges / 2 * 2 + 1) * UINT64_C(1000000) + 4321;
            assert_int_equal(message.device_time_us, wanted + (edges % 2 ? 200000 : 0));
            assert_int_equal(message.payload[0], edges % 2 ? WIRE_BUTTON_UP : WIRE_BUTTON_DOWN);
            edges++;
        }
    }
    assert_int_equal(notes, 5);
    assert_int_equal(edges, 4);
    close_host(&host);
}

static void the_plate_leaves_when_the_source_ends(void **state)
{
    (void)state;
    struct host host;
    struct arrived a;
    unsigned n = 0;
    open_host(&host, NULL, SEED, 3);
    begin(&host, 0);
    while (virtual_plate_step(host.plate))
        n++;
    read_all(&host, &a);
    assert_int_equal(a.frames, n);
    assert_true(a.last_us < 3000000 && a.last_us >= 2990000);
    assert_int_equal(virtual_plate_step(host.plate), 0);
    close_host(&host);
}

/* A host that takes little at once: whole frames are dropped and counted, no message is torn. */
static void a_slow_host_loses_whole_frames(void **state)
{
    (void)state;
    struct host host;
    struct arrived a;
    open_host(&host, "flip:chance=0.1,repeat:chance=0.1", SEED, 60);
    begin(&host, WIRE_START_UNGATED);
    for (unsigned i = 0; i < 1000; i++) {
        host.most = i % 3 ? 70 : 10;
        steps(&host, 1);
    }
    host.most = SIZE_MAX;
    virtual_plate_flush(host.plate);
    ask(&host, WIRE_CMD_STOP, nothing);
    virtual_plate_flush(host.plate);
    assert_false(virtual_plate_has_unsent(host.plate));
    read_all(&host, &a);
    struct costs costs = costs_of(&host);
    assert_int_equal(a.book.delivered + a.book.lost, 1000);
    assert_int_equal(a.book.lost, a.status.dropped + costs.lost);
    assert_int_equal(a.book.bad, costs.bad);
    assert_int_equal(a.book.repeats, costs.repeats);
    assert_true(a.status.dropped > 100 && costs.lost > 10);
    close_host(&host);
}

static void run_session(struct host *host, uint64_t seed, size_t chunk, size_t most)
{
    open_host(host, "flip:chance=0.02,lose:chance=0.02,stuck@1s:cells=9,reset@4s", seed, 60);
    host->most = most;
    ask_chunked(host, WIRE_CMD_HELLO, hello, chunk);
    ask_chunked(host, WIRE_CMD_TARE, nothing, chunk);
    steps(host, 56);
    ask_chunked(host, WIRE_CMD_START, (struct wire_command){.as.start = {200, 0}}, chunk);
    steps(host, 400);
    ask_chunked(host, WIRE_CMD_SELF_TEST, nothing, chunk);
    steps(host, 500);
    ask_chunked(host, WIRE_CMD_START, nothing, chunk);
    steps(host, 100);
    ask_chunked(host, WIRE_CMD_STOP, nothing, chunk);
}

static void the_same_seed_gives_the_same_bytes(void **state)
{
    (void)state;
    struct host one, other;
    size_t chunks[] = {1, 7, 33, 1000};
    run_session(&one, SEED, 1000, SIZE_MAX);
    for (int i = 0; i < 4; i++) {
        run_session(&other, SEED, chunks[i], SIZE_MAX);
        assert_int_equal(one.n, other.n);
        assert_memory_equal(one.bytes, other.bytes, one.n);
        close_host(&other);
    }
    run_session(&other, SEED + 1, 1000, SIZE_MAX);
    assert_true(one.n != other.n || memcmp(one.bytes, other.bytes, one.n) != 0);
    close_host(&other);
    close_host(&one);
}

static void a_wrong_list_is_refused_with_a_reason(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "melt",
        "flip@",
        "flip@2",
        "flip@-1s",
        "flip@nans",
        "flip@1e9s",
        "flip@n-1",
        "flip:bits=0",
        "flip:bits=x",
        "flip:chance=1.1",
        "flip:chance",
        "flip:where=up",
        "flip:row=1",
        "dead-row:row=12",
        "dead-row:row=-1",
        "stuck:cells=109",
        "stuck:value=4096",
        "drop,,drop",
        "drop,",
        ":",
        "drop:frames=1e9",
        "stall:ms=99999999999999999999",
        "reset:ms=3",
        "drop:chance=nan",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct problem why = {0};
        struct virtual_plate *plate =
            virtual_plate_create(little_world(ROWS, COLS, 1), wrong[i], 1, take, NULL, &why);
        if (plate || why.kind != PROBLEM_USAGE || !why.text[0])
            fail_msg("'%s' was accepted", wrong[i]);
    }
}

static void an_impossible_source_is_refused(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        struct problem why = {0};
        struct scan_source *source = little_world(ROWS, COLS, 1);
        source->rows = i == 0 ? 257 : i == 1 ? 0 : source->rows;
        source->bits = i == 2 ? 17 : source->bits;
        source->pitch_x_mm = i == 3 ? 0.0 / 1.0 : source->pitch_x_mm;
        source->rate_hz = i == 4 ? 0 : source->rate_hz;
        source->full_scale_kpa = i == 5 ? -1 : source->full_scale_kpa;
        assert_null(virtual_plate_create(source, NULL, 1, take, NULL, &why));
        assert_int_equal(why.kind, PROBLEM_REFUSED);
    }
}

static void memory_that_fails_is_told(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        struct problem why = {0};
        struct scan_source *source = little_world(ROWS, COLS, 1);
        failing_malloc_at(n);
        struct virtual_plate *plate =
            virtual_plate_create(source, "flip,drop", 1, take, NULL, &why);
        if (!failing_malloc_off()) {
            assert_non_null(plate);
            virtual_plate_free(plate);
            assert_true(n > 10);
            return;
        }
        assert_null(plate);
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
}

int main(void)
{
    printf("seed %llu\n", (unsigned long long)SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_faults_nothing_is_lost),
        cmocka_unit_test(each_cable_fault_costs_what_its_log_says),
        cmocka_unit_test(chance_hits_as_often_as_it_says),
        cmocka_unit_test(any_mixture_is_exact),
        cmocka_unit_test(a_dead_row_reads_zero_from_its_moment_on),
        cmocka_unit_test(stuck_and_saturated_cells_are_as_many_as_asked),
        cmocka_unit_test(the_self_test_finds_what_was_broken),
        cmocka_unit_test(a_stall_is_one_overrun_and_no_loss),
        cmocka_unit_test(a_reset_is_a_new_boot),
        cmocka_unit_test(time_stands_still_until_asked),
        cmocka_unit_test(button_and_annotations_come_with_their_times),
        cmocka_unit_test(the_plate_leaves_when_the_source_ends),
        cmocka_unit_test(a_slow_host_loses_whole_frames),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
        cmocka_unit_test(a_wrong_list_is_refused_with_a_reason),
        cmocka_unit_test(an_impossible_source_is_refused),
        cmocka_unit_test(memory_that_fails_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
