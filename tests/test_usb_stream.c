/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plate streams over USB, and hosts do as they please: read or not, leave, come back, halt,
 * suspend, reset, pull the cable, give up requests half way, talk nonsense. Every frame is
 * delivered whole, or its number is missing in the book that a host keeps; nothing comes twice and
 * nothing of one session in another; in a session that nobody harmed, each frame that is missing
 * was counted as dropped by the plate itself. */
#include "firmware/core/usb_links.h"
#include "firmware/wire/sequence.h"
#include "tests/support/usb_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SEED UINT64_C(40961)
#define ROWS 11u
#define COLS 9u
#define CELLS (ROWS * COLS)
#define STREAM_BYTES 16384u

/* The program of a host on one of the links. */
struct listener {
    struct wire_stream in;
    uint8_t buffer[STREAM_BYTES];
    uint8_t pending[256]; /* of a command that the device has not taken yet */
    size_t n_pending;
    uint32_t closings; /* of the device's link, when this session began */
    int is_harmed;     /* an endpoint was halted, or rubbish was sent */
    uint32_t next_seq; /* frames come in order */
    int acks, last_ack;
    uint32_t dropped_told; /* by STATUS */
};

struct world {
    struct usb_host *usb;
    struct plate plate;
    struct plate_config config;
    uint64_t now_us, random;
    uint16_t counts[CELLS], zero[CELLS], floor[CELLS], next_zero[CELLS];
    uint32_t work[CELLS];
    uint8_t out[PLATE_OUT_BYTES(ROWS, COLS)];
    struct listener listeners[USB_LINKS];
    struct sequence_book book;
    uint32_t request;
    uint64_t loader_us; /* when the loader was entered, 0 = never */
    unsigned signals;   /* as the board was told last */
    unsigned sessions, harms, good_ends;
    uint64_t frames_of_good_ends;
};

static uint32_t draw(struct world *w, uint32_t below)
{
    w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((w->random >> 33) % below);
}

/* --- The board ------------------------------------------------------------------------------- */

static uint64_t now_us(void *context)
{
    return ((struct world *)context)->now_us;
}

/* What the scan at this time sees: the host knows it too. */
static uint16_t count_at(uint64_t time_us, unsigned row, unsigned col)
{
    uint64_t x = (time_us / 1000 * CELLS + row * COLS + col) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint16_t)(x >> 52);
}

static int scan_row(void *context, unsigned row, uint16_t *counts)
{
    const struct world *w = context;
    for (unsigned col = 0; col < COLS; col++)
        counts[col] = count_at(w->now_us, row, col);
    return 0;
}

static size_t send(void *context, unsigned link, const uint8_t *bytes, size_t n)
{
    struct world *w = context;
    return usb_link_send(&w->usb->device, (enum usb_link)link, bytes, n);
}

static void begin_session(struct world *w, enum usb_link link)
{
    struct listener *l = &w->listeners[link];
    memset(l, 0, offsetof(struct listener, buffer));
    wire_stream_init(&l->in, l->buffer, sizeof l->buffer);
    l->n_pending = 0;
    l->closings = w->usb->device.links[link].closings;
    l->is_harmed = 0;
    l->next_seq = 0;
    l->acks = 0;
    w->sessions++;
}

static struct world *make_world(uint64_t seed)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->usb = usb_host_make();
    w->random = seed;
    w->now_us = 1000;
    w->config = (struct plate_config){
        .context = w,
        .now_us = now_us,
        .scan_row = scan_row,
        .send = send,
        .rows = ROWS,
        .cols = COLS,
        .pitch_x_um = 5000,
        .pitch_y_um = 5000,
        .bits = 12,
        .rate_min_hz = 10,
        .rate_max_hz = 500,
        .rate_hz = 100,
        .boot_id = 0xB007,
        .serial = "RIG-0001",
        .firmware = PLATE_CORE_VERSION,
        .model = "rig",
        .links = USB_LINKS,
        .counts = w->counts,
        .zero = w->zero,
        .floor = w->floor,
        .work = w->work,
        .next_zero = w->next_zero,
        .out = w->out,
        .out_bytes = sizeof w->out,
    };
    assert_null(plate_init(&w->plate, &w->config));
    usb_host_plug(w->usb);
    usb_host_enumerate(w->usb);
    sequence_init(&w->book);
    for (enum usb_link link = 0; link < USB_LINKS; link++)
        begin_session(w, link);
    return w;
}

static void free_world(struct world *w)
{
    usb_host_free(w->usb);
    free(w);
}

/* The main loop of the plate, for so long. */
static void run_plate(struct world *w, unsigned ms)
{
    for (unsigned i = 0; i < ms; i++) {
        w->now_us += 1000;
        usb_links_serve_plate(&w->usb->device, &w->plate);
        plate_step(&w->plate);
    }
}

/* --- The hosts' programs --------------------------------------------------------------------- */

/* A frame is the scan of its own time, whatever happened between that scan and the host. */
static void check_frame(const struct wire_message *message)
{
    struct frame_shape shape;
    uint16_t counts[CELLS];
    assert_int_equal(frame_decode(message->payload, message->payload_len, &shape, counts, CELLS),
                     0);
    for (unsigned i = 0; i < CELLS; i++)
        assert_int_equal(counts[i], count_at(message->device_time_us, i / COLS, i % COLS));
}

static void hear(struct world *w, struct listener *l, const struct wire_message *message)
{
    struct wire_hello hello;
    struct wire_status status;
    struct wire_ack ack;
    if (message->type == WIRE_FRAME) {
        check_frame(message);
        assert_true(message->seq >= l->next_seq);
        l->next_seq = message->seq + 1;
        assert_int_not_equal(sequence_frame(&w->book, message->seq), SEQUENCE_REPEAT);
    } else if (message->type == WIRE_HELLO) {
        assert_int_equal(wire_get_hello(message->payload, message->payload_len, &hello), 0);
        sequence_hello(&w->book, hello.boot_id, hello.scans);
    } else if (message->type == WIRE_STATUS) {
        assert_int_equal(wire_get_status(message->payload, message->payload_len, &status), 0);
        sequence_status(&w->book, status.boot_id, status.scans);
        l->dropped_told = status.dropped;
    } else if (message->type == WIRE_ACK) {
        assert_int_equal(wire_get_ack(message->payload, message->payload_len, &ack), 0);
        l->acks++;
        l->last_ack = ack.command << 8 | ack.status;
    }
}

/* Reads at most so many packets of a link. */
static void listen(struct world *w, enum usb_link link, unsigned packets)
{
    struct listener *l = &w->listeners[link];
    struct wire_message message;
    enum wire_verdict verdict;
    if (l->closings != w->usb->device.links[link].closings)
        begin_session(w, link);
    for (unsigned i = 0; i < packets; i++) {
        size_t room, n;
        uint8_t *to = wire_stream_room(&l->in, &room);
        n = usb_host_read(w->usb, link, to, USB_PACKET_MAX);
        if (n == 0)
            break;
        wire_stream_filled(&l->in, n);
        while ((verdict = wire_stream_next(&l->in, &message, 0)) != WIRE_NEED_MORE)
            if (verdict == WIRE_MESSAGE_WHOLE)
                hear(w, l, &message);
    }
    if (!l->is_harmed)
        assert_int_equal(l->in.damaged_bytes, 0);
}

static void write_pending(struct world *w, enum usb_link link)
{
    struct listener *l = &w->listeners[link];
    if (l->closings != w->usb->device.links[link].closings)
        begin_session(w, link);
    size_t n = usb_host_write(w->usb, link, l->pending, l->n_pending);
    memmove(l->pending, l->pending + n, l->n_pending - n);
    l->n_pending -= n;
}

static void command(struct world *w, enum usb_link link, uint8_t type)
{
    struct listener *l = &w->listeners[link];
    struct wire_command c = {.request = ++w->request};
    uint8_t payload[32];
    write_pending(w, link);
    if (l->n_pending > sizeof l->pending / 2)
        return;
    if (type == WIRE_CMD_HELLO)
        c.as.hello.protocol_min = c.as.hello.protocol_max = 0x0100;
    else if (type == WIRE_CMD_START)
        c.as.start.flags = WIRE_START_RAW | WIRE_START_UNGATED;
    struct wire_message message = {
        .type = type,
        .payload = payload,
        .payload_len = (uint32_t)wire_put_command(payload, sizeof payload, type, &c)};
    l->n_pending +=
        wire_encode(l->pending + l->n_pending, sizeof l->pending - l->n_pending, &message);
    write_pending(w, link);
}

/* --- What happens ---------------------------------------------------------------------------- */

static void halt_something(struct world *w)
{
    static const uint8_t endpoints[] = {0x81, 0x01, 0x83, 0x03, 0x82};
    unsigned which = draw(w, 5);
    if (draw(w, 2))
        usb_host_ask(w->usb, 0x02, 3, 0, endpoints[which], 0);
    if (which < 4)
        w->listeners[which / 2].is_harmed = 1;
    run_plate(w, draw(w, 30));
    usb_host_ask(w->usb, 0x02, 1, 0, endpoints[which], 0);
    w->harms++;
}

/* A request that may be anything but is often nearly right; whole, or given up. */
static void odd_request(struct world *w)
{
    static const uint8_t types[] = {0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x21, 0xA1, 0xC0};
    unsigned type = draw(w, 8) ? types[draw(w, sizeof types)] : draw(w, 256);
    unsigned request = draw(w, 8) ? draw(w, 13) : draw(w, 256);
    unsigned value = draw(w, 2) ? draw(w, 3) : draw(w, 65536);
    unsigned index = draw(w, 4) ? draw(w, 4) + draw(w, 2) * 0x80 : draw(w, 65536);
    unsigned length = draw(w, 2) ? 0 : draw(w, 2) ? draw(w, 300) : draw(w, 65536);
    if (draw(w, 2))
        usb_host_ask_part(w->usb, type, request, value, index, length, draw(w, 4));
    else
        usb_host_ask(w->usb, type, request, value, index, length);
    if (type == 0x02)
        for (enum usb_link link = 0; link < USB_LINKS; link++)
            w->listeners[link].is_harmed = 1;
}

static void rubbish(struct world *w, enum usb_link link)
{
    uint8_t bytes[100];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)draw(w, 256);
    usb_host_write(w->usb, link, bytes, draw(w, sizeof bytes));
}

static void pull_the_cable(struct world *w)
{
    usb_device_connect(&w->usb->device, 0);
    run_plate(w, draw(w, 50));
    usb_device_connect(&w->usb->device, 1);
    usb_bus_reset(w->usb->bus);
}

static void suspend(struct world *w)
{
    usb_bus_suspend(w->usb->bus);
    run_plate(w, draw(w, 300));
    usb_bus_resume(w->usb->bus);
}

/* The host as it should be: from any state to a configured device with this link open. */
static void put_in_order(struct world *w, enum usb_link link)
{
    usb_bus_resume(w->usb->bus);
    if (usb_host_ask(w->usb, 0x80, 8, 0, 0, 1) != 1 || w->usb->data[0] != 1) {
        usb_bus_reset(w->usb->bus);
        usb_host_enumerate(w->usb);
    }
    if (!usb_link_is_open(&w->usb->device, link))
        usb_host_open(w->usb, link, 1);
}

/* Asks and listens until the answer is there. */
static int ask(struct world *w, enum usb_link link, uint8_t type)
{
    struct listener *l = &w->listeners[link];
    command(w, link, type);
    for (int i = 0; i < 1000; i++) {
        write_pending(w, link);
        run_plate(w, 1);
        listen(w, link, 1000);
        if (l->acks > 0 && l->last_ack >> 8 == type && l->n_pending == 0)
            return l->last_ack & 0xFF;
    }
    fail_msg("command %u is not answered on link %d", type, link);
    return -1;
}

/* A program that comes, streams, reads as it can and says goodbye: the sums must be exact. */
static void a_good_program(struct world *w, enum usb_link link)
{
    struct listener *l = &w->listeners[link];
    put_in_order(w, USB_LINKS - 1 - link);
    usb_host_open(w->usb, USB_LINKS - 1 - link, 0); /* the other one has left */
    usb_host_open(w->usb, link, 0);
    put_in_order(w, link);
    begin_session(w, link);
    assert_int_equal(ask(w, link, WIRE_CMD_HELLO), WIRE_OK);
    uint32_t scans = w->plate.scans, dropped = w->plate.dropped;
    uint64_t delivered = w->book.delivered;
    assert_int_equal(ask(w, link, WIRE_CMD_START), WIRE_OK);
    for (unsigned i = draw(w, 60); i > 0; i--) {
        run_plate(w, draw(w, 100));
        listen(w, link, draw(w, 2) ? 0 : draw(w, 200));
        if (draw(w, 20) == 0)
            suspend(w);
    }
    assert_int_equal(ask(w, link, WIRE_CMD_STOP), WIRE_OK);
    assert_int_equal(l->is_harmed, 0);
    assert_int_equal(l->dropped_told, w->plate.dropped);
    assert_int_equal(w->book.delivered - delivered + w->plate.dropped - dropped,
                     w->plate.scans - scans);
    assert_int_equal(w->book.delivered + w->book.lost, w->plate.scans);
    w->good_ends++;
    w->frames_of_good_ends += w->book.delivered - delivered;
}

static void do_something(struct world *w)
{
    enum usb_link link = (enum usb_link)draw(w, USB_LINKS);
    static const uint8_t commands[] = {WIRE_CMD_HELLO, WIRE_CMD_START, WIRE_CMD_START,
                                       WIRE_CMD_STOP, WIRE_CMD_IDENTIFY};
    unsigned chance = draw(w, 1000);
    if (chance < 400)
        listen(w, link, draw(w, 100));
    else if (chance < 700)
        run_plate(w, draw(w, 40));
    else if (chance < 820)
        command(w, link, commands[draw(w, sizeof commands)]);
    else if (chance < 850)
        odd_request(w);
    else if (chance < 880)
        put_in_order(w, link);
    else if (chance < 910)
        usb_host_ask(w->usb, link ? 0x21 : 0x01, link ? 0x22 : 11, draw(w, 2), link ? 1 : 0, 0);
    else if (chance < 930)
        halt_something(w);
    else if (chance < 950)
        suspend(w);
    else if (chance < 960)
        rubbish(w, link);
    else if (chance < 970)
        usb_bus_reset(w->usb->bus);
    else if (chance < 980)
        usb_host_ask(w->usb, 0x00, 9, draw(w, 2), 0, 0);
    else if (chance < 985)
        pull_the_cable(w);
    else
        a_good_program(w, link);
    usb_host_check(w->usb);
}

static void hosts_do_as_they_please(void **state)
{
    (void)state;
    uint64_t frames = 0, lost = 0, dropped = 0;
    unsigned sessions = 0, good_ends = 0, harms = 0;
    for (uint64_t seed = SEED; seed < SEED + 6; seed++) {
        struct world *w = make_world(seed);
        for (int step = 0; step < 6000; step++)
            do_something(w);
        a_good_program(w, USB_LINK_VENDOR);
        assert_int_equal(w->book.repeats, 0);
        assert_true(w->book.lost >= w->plate.dropped);
        assert_int_equal(w->book.delivered + w->book.lost, w->plate.scans);
        frames += w->book.delivered;
        lost += w->book.lost;
        dropped += w->plate.dropped;
        sessions += w->sessions;
        good_ends += w->good_ends;
        harms += w->harms;
        free_world(w);
    }
    print_message(
        "%llu frames, %llu lost of which the plate dropped %llu; %u sessions, %u ended in "
        "order, %u halts\n",
        (unsigned long long)frames, (unsigned long long)lost, (unsigned long long)dropped, sessions,
        good_ends, harms);
    assert_true(frames > 10000 && dropped > 1000 && lost > dropped);
    assert_true(sessions > 1000 && good_ends > 200 && harms > 200);
}

/* A host that stops reading for 2 s loses whole frames, and the plate keeps its rhythm: the frames
 * that come later have the times of their scans. */
static void a_host_that_sleeps_loses_whole_frames(void **state)
{
    (void)state;
    struct world *w = make_world(SEED);
    struct listener *l = &w->listeners[USB_LINK_VENDOR];
    put_in_order(w, USB_LINK_VENDOR);
    begin_session(w, USB_LINK_VENDOR);
    assert_int_equal(ask(w, USB_LINK_VENDOR, WIRE_CMD_HELLO), WIRE_OK);
    assert_int_equal(ask(w, USB_LINK_VENDOR, WIRE_CMD_START), WIRE_OK);
    for (int i = 0; i < 100; i++) {
        run_plate(w, 10);
        listen(w, USB_LINK_VENDOR, 1000);
    }
    assert_int_equal(w->plate.dropped, 0);
    run_plate(w, 2000);
    assert_in_range(w->plate.dropped, 170, 195);
    uint32_t overruns = w->plate.overruns;
    for (int i = 0; i < 50; i++) {
        listen(w, USB_LINK_VENDOR, 1000);
        run_plate(w, 10);
    }
    assert_int_equal(w->plate.overruns, overruns);
    assert_int_equal(ask(w, USB_LINK_VENDOR, WIRE_CMD_STOP), WIRE_OK);
    assert_int_equal(l->dropped_told, w->plate.dropped);
    assert_int_equal(w->book.lost, w->plate.dropped);
    assert_int_equal(w->book.delivered + w->book.lost, w->plate.scans);
    assert_in_range(w->plate.scans, 345, 360);
    free_world(w);
}

static int must_rest(void *context)
{
    const struct world *w = context;
    return usb_device_is_suspended(&w->usb->device);
}

static void switch_signals(void *context, unsigned signals)
{
    struct world *w = context;
    w->signals = signals;
}

/* A plate whose power comes from the bus scans nothing while that sleeps, and says nothing of
 * frames that were never made; light and stream go on afterwards, with the times as they are. */
static void a_suspended_plate_rests(void **state)
{
    (void)state;
    struct world *w = make_world(SEED);
    w->config.must_rest = must_rest;
    w->config.signal = switch_signals;
    w->config.features = WIRE_HAS_LIGHT | WIRE_HAS_BUZZER;
    put_in_order(w, USB_LINK_SERIAL);
    begin_session(w, USB_LINK_SERIAL);
    assert_int_equal(ask(w, USB_LINK_SERIAL, WIRE_CMD_HELLO), WIRE_OK);
    assert_int_equal(ask(w, USB_LINK_SERIAL, WIRE_CMD_START), WIRE_OK);
    run_plate(w, 95);
    assert_int_equal(ask(w, USB_LINK_SERIAL, WIRE_CMD_IDENTIFY), WIRE_OK);
    assert_int_not_equal(w->signals, WIRE_SIGNAL_OFF);
    uint32_t scans = w->plate.scans;
    assert_in_range(scans, 9, 12);
    usb_bus_suspend(w->usb->bus);
    run_plate(w, 1);
    assert_int_equal(w->signals, WIRE_SIGNAL_OFF);
    for (int i = 0; i < 730; i++) {
        run_plate(w, 1);
        assert_int_equal(w->signals, WIRE_SIGNAL_OFF);
        assert_false(plate_is_scanning(&w->plate));
    }
    assert_int_equal(w->plate.scans, scans);
    usb_bus_resume(w->usb->bus);
    unsigned lit_ms = 0; /* it still blinks: 150 ms on, 150 ms off */
    for (int i = 0; i < 150; i++) {
        run_plate(w, 1);
        lit_ms += w->signals != WIRE_SIGNAL_OFF;
    }
    assert_in_range(lit_ms, 1, 150);
    assert_int_equal(ask(w, USB_LINK_SERIAL, WIRE_CMD_STOP), WIRE_OK);
    assert_in_range(w->plate.scans, scans + 14, scans + 18);
    assert_int_equal(w->plate.dropped, 0);
    assert_int_equal(w->plate.overruns, 0);
    assert_int_equal(w->book.lost, 0);
    assert_int_equal(w->book.delivered, w->plate.scans);
    free_world(w);
}

static int has_left(void *context, unsigned link)
{
    const struct world *w = context;
    return usb_link_has_left(&w->usb->device, (enum usb_link)link);
}

static void enter_loader(void *context)
{
    struct world *w = context;
    w->loader_us = w->now_us;
}

/* The ACK crosses the cable before the plate leaves; a host that does not fetch it is waited for
 * 200 ms. */
static void the_loader_comes_after_its_ack(void **state)
{
    (void)state;
    for (unsigned fetched_ms = 20; fetched_ms <= 300; fetched_ms += 70) {
        struct world *w = make_world(SEED);
        struct listener *l = &w->listeners[USB_LINK_VENDOR];
        w->config.enter_loader = enter_loader;
        w->config.has_left = has_left;
        put_in_order(w, USB_LINK_VENDOR);
        begin_session(w, USB_LINK_VENDOR);
        assert_int_equal(ask(w, USB_LINK_VENDOR, WIRE_CMD_HELLO), WIRE_OK);
        uint64_t asked_us = w->now_us;
        command(w, USB_LINK_VENDOR, WIRE_CMD_LOADER);
        run_plate(w, fetched_ms);
        listen(w, USB_LINK_VENDOR, 1000);
        assert_int_equal(l->last_ack, WIRE_CMD_LOADER << 8 | WIRE_OK);
        run_plate(w, 1);
        unsigned wanted_ms = fetched_ms < 200 ? fetched_ms + 1 : 201;
        assert_int_equal((w->loader_us - asked_us) / 1000, wanted_ms);
        free_world(w);
    }
}

/* The first to start has the plate; the other is told BUSY until the first one's interface is given
 * back, as the kernel does for a program that died. */
static void one_host_at_a_time(void **state)
{
    (void)state;
    for (enum usb_link first = 0; first < USB_LINKS; first++) {
        struct world *w = make_world(SEED);
        enum usb_link second = 1 - first;
        for (enum usb_link link = 0; link < USB_LINKS; link++) {
            put_in_order(w, link);
            begin_session(w, link);
        }
        assert_int_equal(ask(w, first, WIRE_CMD_START), WIRE_OK);
        assert_int_equal(ask(w, second, WIRE_CMD_HELLO), WIRE_OK);
        assert_int_equal(ask(w, second, WIRE_CMD_START), WIRE_BUSY);
        run_plate(w, 100);
        usb_host_open(w->usb, first, 0);
        run_plate(w, 1);
        assert_false(plate_is_scanning(&w->plate));
        assert_int_equal(ask(w, second, WIRE_CMD_START), WIRE_OK);
        assert_true(plate_is_scanning(&w->plate));
        free_world(w);
    }
}

int main(void)
{
    printf("seed %llu\n", (unsigned long long)SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_do_as_they_please),
        cmocka_unit_test(a_host_that_sleeps_loses_whole_frames),
        cmocka_unit_test(a_suspended_plate_rests),
        cmocka_unit_test(the_loader_comes_after_its_ack),
        cmocka_unit_test(one_host_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
