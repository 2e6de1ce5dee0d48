/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plate on a USB cable as a virtual machine finds it: a real libusbredirparser in the host's
 * role enumerates it, streams with reads in flight, cancels, pulls the plug; every frame is
 * accounted for. And whatever comes on the socket, nothing breaks. */
#include "firmware/boards/host/host_plate.h"
#include "firmware/boards/host/usb_cable.h"
#include "firmware/boards/host/virtual_plate.h"
#include "firmware/core/usb_descriptors.h"
#include "firmware/wire/payloads.h"
#include "firmware/wire/sequence.h"
#include "firmware/wire/usb_id.h"
#include "firmware/wire/wire.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/little_world.h"
#include "tests/support/usb_guest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#define SEED UINT64_C(20261122)
#define ROWS 23
#define COLS 37
#define IN USB_ENDPOINT_STREAM_IN
#define OUT USB_ENDPOINT_STREAM_OUT
#define READS 8
#define READ_SIZE 16384
#define PATIENCE_MS 20000

/* --- A plate, a cable, a machine ---------------------------------------------------------------
 */

struct rig {
    struct usb_guest guest;
    struct usb_cable *cable;
    struct cable as;
    struct host_plate plate;
    uint32_t request;
    /* what the machine's program has got from the stream's endpoint */
    struct wire_stream in;
    uint8_t *buffer;
    struct sequence_book book;
    struct wire_hello hello;
    struct wire_status status;
    struct wire_ack ack;
    uint32_t acks, last_seq;
    size_t asked; /* reads of the stream's endpoint so far */
    FILE *log;
    char *log_text;
    size_t log_size;
};

static void take(void *context, uint8_t endpoint, const uint8_t *bytes, size_t n)
{
    struct rig *rig = context;
    struct wire_message message;
    enum wire_verdict verdict;
    size_t room;
    uint8_t *into = wire_stream_room(&rig->in, &room);
    assert_true(endpoint == IN || endpoint == USB_ENDPOINT_SERIAL_IN);
    assert_true(n <= room);
    memcpy(into, bytes, n);
    wire_stream_filled(&rig->in, n);
    while ((verdict = wire_stream_next(&rig->in, &message, 0)) != WIRE_NEED_MORE) {
        if (verdict == WIRE_BAD_PAYLOAD && message.type == WIRE_FRAME)
            sequence_bad_frame(&rig->book, message.seq);
        if (verdict != WIRE_MESSAGE_WHOLE)
            continue;
        if (message.type == WIRE_FRAME) {
            sequence_frame(&rig->book, message.seq);
            rig->last_seq = message.seq;
        } else if (message.type == WIRE_HELLO) {
            assert_int_equal(wire_get_hello(message.payload, message.payload_len, &rig->hello), 0);
            sequence_hello(&rig->book, rig->hello.boot_id, rig->hello.scans);
        } else if (message.type == WIRE_STATUS) {
            assert_int_equal(wire_get_status(message.payload, message.payload_len, &rig->status),
                             0);
        } else if (message.type == WIRE_ACK) {
            assert_int_equal(wire_get_ack(message.payload, message.payload_len, &rig->ack), 0);
            rig->acks++;
        }
    }
}

static void heard(void *context, int link, const uint8_t *bytes, size_t n)
{
    struct rig *rig = context;
    if (n > 0)
        rig->plate.receive(rig->plate.own, link, bytes, n);
    else
        rig->plate.link_closed(rig->plate.own, link);
}

static void make_plate(struct rig *rig)
{
    struct problem why;
    struct virtual_plate_options options = {.source = little_world(ROWS, COLS, 1000),
                                            .seed = SEED,
                                            .sink = usb_cable_send,
                                            .context = rig->cable};
    struct virtual_plate *plate = virtual_plate_create_with(&options, &why);
    assert_non_null(plate);
    host_plate_of_virtual(&rig->plate, plate);
}

static struct rig *make_rig(const char *faults, int send_buffer)
{
    struct rig *rig = calloc(1, sizeof *rig);
    struct problem why;
    int pair[2];
    assert_non_null(rig);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    if (send_buffer)
        assert_int_equal(
            setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer), 0);
    rig->log = open_memstream(&rig->log_text, &rig->log_size);
    rig->buffer = malloc(WIRE_MESSAGE_MAX);
    wire_stream_init(&rig->in, rig->buffer, WIRE_MESSAGE_MAX);
    sequence_init(&rig->book);
    struct usb_cable_options options = {
        .fd = pair[0], .faults = faults, .seed = SEED, .log = rig->log};
    rig->cable = usb_cable_create(&options, &why);
    if (!rig->cable)
        fail_msg("%s", why.text);
    make_plate(rig);
    assert_int_equal(usb_cable_begin(rig->cable, rig->plate.serial, &why), 0);
    rig->as = cable_of_usb(rig->cable);
    usb_guest_begin(&rig->guest, pair[1]);
    rig->guest.context = rig;
    rig->guest.take = take;
    return rig;
}

/* The cable is freed first, so that its log is whole; its text is the caller's. */
static char *free_rig(struct rig *rig)
{
    usb_cable_free(rig->cable);
    rig->plate.close(rig->plate.own);
    usb_guest_end(&rig->guest);
    fclose(rig->log);
    char *text = rig->log_text;
    free(rig->buffer);
    free(rig);
    return text;
}

/* One round of the plate's loop and of the machine's. */
static void turn(struct rig *rig)
{
    rig->as.serve(rig->as.own, heard, rig);
    if (rig->as.was_power_cut(rig->as.own))
        rig->plate.power_cycle(rig->plate.own);
    rig->plate.flush(rig->plate.own);
    usb_guest_serve(&rig->guest);
}

static void turns(struct rig *rig, int n)
{
    for (int i = 0; i < n; i++)
        turn(rig);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* Turns until the condition holds; the test fails when it never does. */
#define UNTIL(rig, condition)                                                                      \
    do {                                                                                           \
        int64_t end = now_ms() + PATIENCE_MS;                                                      \
        while (!(condition)) {                                                                     \
            turn(rig);                                                                             \
            if (now_ms() > end)                                                                    \
                fail_msg("in vain: %s", #condition);                                               \
        }                                                                                          \
    } while (0)

/* --- What a driver does ------------------------------------------------------------------------
 */

static void open_stream(struct rig *rig)
{
    UNTIL(rig, rig->guest.attached);
    int statuses = rig->guest.statuses;
    usb_guest_configure(&rig->guest, 1);
    usb_guest_choose(&rig->guest, USB_INTERFACE_STREAM, USB_ID_SETTING_STREAM);
    UNTIL(rig, rig->guest.statuses == statuses + 2);
    assert_int_equal(rig->guest.setting.status, usb_redir_success);
    rig->in.start = rig->in.end = 0;
}

static size_t answered(const struct rig *rig, uint8_t endpoint)
{
    size_t n = 0;
    assert_true(rig->guest.n_answers < GUEST_ANSWERS);
    for (size_t i = 0; i < rig->guest.n_answers; i++)
        n += rig->guest.answers[i].endpoint == endpoint;
    return n;
}

static void keep_reading(struct rig *rig)
{
    for (size_t n = answered(rig, IN); rig->asked < n + READS; rig->asked++)
        usb_guest_read(&rig->guest, IN, READ_SIZE);
}

static void say(struct rig *rig, uint8_t endpoint, uint8_t type, struct wire_command command)
{
    uint8_t payload[64], bytes[128];
    command.request = ++rig->request;
    size_t n = wire_put_command(payload, sizeof payload, type, &command);
    struct wire_message message = {.type = type, .payload = payload, .payload_len = (uint32_t)n};
    usb_guest_write(&rig->guest, endpoint, bytes, wire_encode(bytes, sizeof bytes, &message));
}

static const struct wire_command hello = {.as.hello = {0x0100, 0x0100}};
static const struct wire_command nothing;

static void start(struct rig *rig)
{
    uint32_t acks = rig->acks, boot_id = rig->hello.boot_id = 0;
    keep_reading(rig);
    say(rig, OUT, WIRE_CMD_HELLO, hello);
    UNTIL(rig, rig->hello.boot_id != boot_id);
    say(rig, OUT, WIRE_CMD_START, nothing);
    UNTIL(rig, rig->acks > acks && rig->ack.request == rig->request);
    assert_int_equal(rig->ack.status, WIRE_OK);
}

static void scan(struct rig *rig, int n)
{
    for (int i = 0; i < n; i++) {
        assert_int_equal(rig->plate.step(rig->plate.own), 1);
        turn(rig);
        if (rig->guest.attached)
            keep_reading(rig);
    }
}

/* --- Enumeration -------------------------------------------------------------------------------
 */

static void assert_string(struct rig *rig, uint8_t index, const char *text)
{
    int controls = rig->guest.controls;
    usb_guest_control(&rig->guest, 0x80, 6, 0x0300 | index, 0x0409, 255, NULL);
    UNTIL(rig, rig->guest.controls == controls + 1);
    assert_int_equal(rig->guest.control.status, usb_redir_success);
    assert_int_equal(rig->guest.control.length, 2 + 2 * strlen(text));
    for (size_t i = 0; i < strlen(text); i++)
        assert_int_equal(rig->guest.control_data[2 + 2 * i], text[i]);
}

static void the_machine_sees_what_the_firmware_says(void **state)
{
    (void)state;
    struct rig *rig = make_rig(NULL, 0);
    const struct usb_guest *guest = &rig->guest;
    UNTIL(rig, guest->attached);
    assert_int_equal(guest->device.vendor_id, USB_ID_VENDOR);
    assert_int_equal(guest->device.product_id, USB_ID_PRODUCT);
    assert_int_equal(guest->device.speed, usb_redir_speed_full);
    assert_int_equal(guest->interfaces.interface_count, USB_INTERFACE_COUNT);
    assert_int_equal(guest->interfaces.interface_class[0], USB_ID_INTERFACE_CLASS);
    assert_int_equal(guest->interfaces.interface_subclass[0], USB_ID_INTERFACE_SUBCLASS);
    assert_int_equal(guest->interfaces.interface_protocol[0], USB_ID_INTERFACE_PROTOCOL);
    usb_guest_control(&rig->guest, 0x80, 6, 0x0100, 0, 64, NULL);
    UNTIL(rig, guest->controls == 1);
    assert_int_equal(guest->control.length, 18);
    uint8_t serial = guest->control_data[16];
    assert_string(rig, serial, rig->plate.serial);
    free(free_rig(rig));
}

static void endpoints_come_and_go_with_their_settings(void **state)
{
    (void)state;
    struct rig *rig = make_rig(NULL, 0);
    const struct usb_guest *guest = &rig->guest;
    const unsigned in = 16 + (IN & 15u), out = OUT, notice = 16 + (USB_ENDPOINT_NOTICE_IN & 15u);
    UNTIL(rig, guest->attached);
    usb_guest_configure(&rig->guest, 1);
    UNTIL(rig, guest->statuses == 1);
    assert_int_equal(guest->configuration.status, usb_redir_success);
    assert_int_equal(guest->configuration.configuration, 1);
    assert_int_equal(guest->endpoints.type[in], usb_redir_type_invalid);
    assert_int_equal(guest->endpoints.type[notice], usb_redir_type_interrupt);
    assert_true(guest->endpoints.interval[notice] > 0);
    usb_guest_choose(&rig->guest, USB_INTERFACE_STREAM, 1);
    UNTIL(rig, guest->statuses == 2);
    assert_int_equal(guest->setting.alt, 1);
    assert_int_equal(guest->endpoints.type[in], usb_redir_type_bulk);
    assert_int_equal(guest->endpoints.type[out], usb_redir_type_bulk);
    assert_int_equal(guest->endpoints.max_packet_size[in], USB_PACKET_MAX);
    usb_guest_read(&rig->guest, IN, 512);
    turns(rig, 3);
    assert_int_equal(guest->n_answers, 0);
    usb_guest_choose(&rig->guest, USB_INTERFACE_STREAM, 0);
    UNTIL(rig, guest->statuses == 3);
    assert_int_equal(guest->endpoints.type[in], usb_redir_type_invalid);
    assert_int_equal(guest->n_answers, 1);
    assert_int_equal(guest->answers[0].status, usb_redir_cancelled);
    usb_guest_choose(&rig->guest, USB_INTERFACE_STREAM, 2); /* there is none */
    UNTIL(rig, guest->statuses == 4);
    assert_int_equal(guest->setting.status, usb_redir_stall);
    usb_guest_configure(&rig->guest, 3);
    UNTIL(rig, guest->statuses == 5);
    assert_int_equal(guest->configuration.status, usb_redir_stall);
    free(free_rig(rig));
}

/* Some machines ask for configurations and settings as plain control transfers; then the device
 * itself judges all 16 bits of their numbers. */
static void settings_chosen_plainly(void **state)
{
    (void)state;
    struct rig *rig = make_rig(NULL, 0);
    const struct usb_guest *guest = &rig->guest;
    const struct {
        uint8_t type, request;
        uint16_t value, index;
        uint8_t status, in_type;
    } asked[] = {
        {0x00, 9, 1, 0, usb_redir_success, usb_redir_type_invalid},
        {0x01, 11, 0x0101, 0, usb_redir_stall, usb_redir_type_invalid},
        {0x01, 11, 1, 0x0100, usb_redir_stall, usb_redir_type_invalid},
        {0x01, 11, 1, 0, usb_redir_success, usb_redir_type_bulk},
        {0x00, 9, 0x0101, 0, usb_redir_stall, usb_redir_type_bulk},
        {0x00, 9, 1, 1, usb_redir_stall, usb_redir_type_bulk},
        {0x00, 9, 0, 0, usb_redir_success, usb_redir_type_invalid},
    };
    UNTIL(rig, guest->attached);
    for (int i = 0; i < (int)(sizeof asked / sizeof asked[0]); i++) {
        usb_guest_control(&rig->guest, asked[i].type, asked[i].request, asked[i].value,
                          asked[i].index, 0, NULL);
        UNTIL(rig, guest->controls == i + 1);
        assert_int_equal(guest->control.status, asked[i].status);
        assert_int_equal(guest->endpoints.type[16 + (IN & 15u)], asked[i].in_type);
    }
    free(free_rig(rig));
}

/* --- The stream --------------------------------------------------------------------------------
 */

static void assert_in_order(const struct rig *rig, uint8_t endpoint)
{
    uint64_t last = 0;
    for (size_t i = 0; i < rig->guest.n_answers; i++) {
        const struct guest_answer *answer = &rig->guest.answers[i];
        if (answer->endpoint != endpoint)
            continue;
        assert_true(answer->id > last);
        last = answer->id;
    }
}

static void reads_in_flight_are_answered_in_order_and_lose_nothing(void **state)
{
    (void)state;
    struct rig *rig = make_rig(NULL, 0);
    open_stream(rig);
    start(rig);
    scan(rig, 700);
    turns(rig, 5);
    assert_int_equal(rig->book.delivered, 700);
    assert_int_equal(rig->book.lost, 0);
    assert_int_equal(rig->in.damaged_bytes, 0);
    assert_in_order(rig, IN);
    char *log = free_rig(rig);
    assert_non_null(strstr(log, "{\"usb\":\"attached\""));
    assert_non_null(strstr(log, "\"frames\":700,\"lost\":0,\"bad\":0"));
    free(log);
}

/* What the device holds for a host that does not read is known, so that a plate whose source has
 * ended does not leave too early. */
static void what_is_still_to_be_fetched_is_known(void **state)
{
    (void)state;
    struct rig *rig = make_rig(NULL, 0);
    open_stream(rig);
    assert_false(rig->as.has_unsent(rig->as.own));
    start(rig);
    scan(rig, 10);
    turns(rig, 3);
    assert_false(rig->as.has_unsent(rig->as.own));
    for (int i = 0; i < 60; i++) { /* the reads in flight are used up */
        assert_int_equal(rig->plate.step(rig->plate.own), 1);
        turn(rig);
    }
    assert_true(rig->as.has_unsent(rig->as.own));
    keep_reading(rig);
    turns(rig, 5);
    assert_false(rig->as.has_unsent(rig->as.own));
    assert_int_equal(rig->book.delivered, 70);
    usb_guest_choose(&rig->guest, USB_INTERFACE_STREAM, USB_ID_SETTING_REST);
    turns(rig, 3);
    assert_false(rig->as.has_unsent(rig->as.own));
    free(free_rig(rig));
}

/* A read in the middle is taken back: the others keep their order and miss nothing. */
static void a_read_can_be_taken_back(void **state)
{
    (void)state;
    struct rig *rig = make_rig(NULL, 0);
    uint64_t ids[READS];
    open_stream(rig);
    start(rig);
    turns(rig, 3);
    size_t before = rig->guest.n_answers;
    for (int i = 0; i < 3; i++)
        ids[i] = usb_guest_read(&rig->guest, IN, READ_SIZE);
    rig->asked += 3;
    usbredirparser_send_cancel_data_packet(rig->guest.parser, ids[1]);
    usbredirparser_send_cancel_data_packet(rig->guest.parser, UINT64_C(1) << 40); /* unknown */
    turns(rig, 3);
    assert_int_equal(rig->guest.n_answers, before + 1);
    assert_int_equal(rig->guest.answers[before].id, ids[1]);
    assert_int_equal(rig->guest.answers[before].status, usb_redir_cancelled);
    scan(rig, 100);
    turns(rig, 3);
    assert_int_equal(rig->book.delivered, 100);
    assert_int_equal(rig->book.lost, 0);
    free(free_rig(rig));
}

/* The machine reads nothing for a while: the plate goes on scanning, drops whole frames and says
 * how many; nothing of it waits. */
static void a_slow_reader_loses_whole_frames_and_is_told(void **state)
{
    (void)state;
    struct rig *rig = make_rig(NULL, 4608);
    open_stream(rig);
    start(rig);
    scan(rig, 50);
    rig->guest.is_deaf = 1;
    int64_t begin = now_ms();
    scan(rig, 900);
    assert_true(now_ms() - begin < 9000); /* it never waited */
    rig->guest.is_deaf = 0;
    turns(rig, 50);
    scan(rig, 250); /* a STATUS comes each second */
    turns(rig, 50);
    printf("a slow reader got %llu of 1200 frames\n", (unsigned long long)rig->book.delivered);
    assert_int_equal(rig->in.damaged_bytes, 0);
    assert_true(rig->book.lost > 100);
    assert_int_equal(rig->book.delivered + rig->book.lost, 1200);
    assert_int_equal(rig->book.lost, rig->status.dropped);
    free(free_rig(rig));
}

/* --- The serial function -----------------------------------------------------------------------
 */

static void the_serial_port_is_a_link_of_its_own(void **state)
{
    (void)state;
    struct rig *rig = make_rig(NULL, 0);
    struct usb_guest *guest = &rig->guest;
    open_stream(rig);
    struct usb_redir_start_interrupt_receiving_header wanted = {.endpoint = USB_ENDPOINT_NOTICE_IN};
    usbredirparser_send_start_interrupt_receiving(guest->parser, 1, &wanted);
    UNTIL(rig, guest->statuses == 3);
    assert_int_equal(guest->interrupt_status, usb_redir_success);
    usb_guest_control(guest, 0x21, 0x22, 1, USB_INTERFACE_SERIAL_CONTROL, 0, NULL); /* DTR */
    UNTIL(rig, guest->interrupts == 1);
    assert_int_equal(guest->interrupt_n, 10); /* SERIAL_STATE */
    start(rig);                               /* on the vendor interface */
    for (int i = 0; i < READS; i++)
        usb_guest_read(guest, USB_ENDPOINT_SERIAL_IN, 512);
    say(rig, USB_ENDPOINT_SERIAL_OUT, WIRE_CMD_START, nothing);
    UNTIL(rig, rig->ack.request == rig->request);
    assert_int_equal(rig->ack.status, WIRE_BUSY);
    usb_guest_choose(guest, USB_INTERFACE_STREAM, USB_ID_SETTING_REST); /* frees the plate */
    UNTIL(rig, guest->statuses == 4);
    say(rig, USB_ENDPOINT_SERIAL_OUT, WIRE_CMD_START, nothing);
    UNTIL(rig, rig->ack.request == rig->request);
    assert_int_equal(rig->ack.status, WIRE_OK);
    struct usb_redir_stop_interrupt_receiving_header enough = {.endpoint = USB_ENDPOINT_NOTICE_IN};
    usbredirparser_send_stop_interrupt_receiving(guest->parser, 2, &enough);
    UNTIL(rig, guest->statuses == 5);
    free(free_rig(rig));
}

/* --- Faults ------------------------------------------------------------------------------------
 */

/* Streams until the plug is pulled, and until it is in again. */
static void ride_out(struct rig *rig)
{
    int arrivals = rig->guest.arrivals;
    for (int i = 0; i < 500 && rig->guest.attached; i++)
        scan(rig, 1);
    assert_false(rig->guest.attached);
    assert_int_equal(rig->guest.departures, arrivals);
    rig->asked = answered(rig, IN); /* those in flight get no answer any more */
    UNTIL(rig, rig->guest.attached);
    assert_int_equal(rig->guest.arrivals, arrivals + 1);
}

static void a_pulled_plug_comes_back_with_the_same_boot(void **state)
{
    (void)state;
    struct rig *rig = make_rig("usb-unplug@n60:ms=120,usb-unplug@n150:ms=1", 0);
    open_stream(rig);
    start(rig);
    uint32_t boot_id = rig->hello.boot_id;
    for (int i = 0; i < 2; i++) {
        int64_t begin = now_ms();
        ride_out(rig);
        assert_true(i > 0 || now_ms() - begin >= 120);
        open_stream(rig);
        start(rig);
        assert_int_equal(rig->hello.boot_id, boot_id);
    }
    scan(rig, 100);
    turns(rig, 3);
    uint64_t delivered = rig->book.delivered, lost = rig->book.lost;
    uint32_t scans = rig->last_seq + 1;
    printf("two pulls: %llu delivered, %llu lost of %u\n", (unsigned long long)delivered,
           (unsigned long long)lost, scans);
    assert_int_equal(rig->book.boots, 1);
    assert_int_equal(delivered + lost, scans);
    assert_true(lost >= 1 && lost <= 4);
    char *log = free_rig(rig), end[80];
    snprintf(end, sizeof end, "\"frames\":%llu,\"lost\":%llu", (unsigned long long)delivered,
             (unsigned long long)lost);
    assert_non_null(strstr(strstr(log, "{\"usb\":\"end\""), end));
    free(log);
}

static void a_plate_without_power_of_its_own_boots(void **state)
{
    (void)state;
    struct rig *rig = make_rig("usb-power@n60:ms=20", 0);
    open_stream(rig);
    start(rig);
    uint32_t boot_id = rig->hello.boot_id;
    ride_out(rig);
    open_stream(rig);
    start(rig);
    assert_int_not_equal(rig->hello.boot_id, boot_id);
    assert_int_equal(rig->hello.scans, 0);
    scan(rig, 40);
    turns(rig, 3);
    assert_int_equal(rig->book.boots, 2);
    assert_int_equal(rig->last_seq, 39);
    free(free_rig(rig));
}

static size_t count_of(const struct rig *rig, uint8_t status)
{
    size_t n = 0;
    for (size_t i = 0; i < rig->guest.n_answers; i++)
        n += rig->guest.answers[i].status == status;
    return n;
}

/* As a driver does on a stall: CLEAR_FEATURE(ENDPOINT_HALT), and reads again. */
static void clear_halt(struct rig *rig)
{
    int controls = rig->guest.controls;
    usb_guest_control(&rig->guest, 0x02, 1, 0, IN, 0, NULL);
    UNTIL(rig, rig->guest.controls == controls + 1);
    assert_int_equal(rig->guest.control.status, usb_redir_success);
}

static void a_halted_endpoint_stalls_until_it_is_cleared(void **state)
{
    (void)state;
    struct rig *rig = make_rig("usb-halt@n30", 0);
    open_stream(rig);
    start(rig);
    for (int i = 0; i < 100 && count_of(rig, usb_redir_stall) == 0; i++) {
        assert_int_equal(rig->plate.step(rig->plate.own), 1);
        turn(rig);
        if (count_of(rig, usb_redir_stall) == 0)
            keep_reading(rig);
    }
    UNTIL(rig, count_of(rig, usb_redir_stall) == READS); /* all that were in flight */
    clear_halt(rig);
    scan(rig, 50);
    turns(rig, 3);
    assert_int_equal(count_of(rig, usb_redir_stall), READS);
    assert_int_equal(rig->book.delivered + rig->book.lost, rig->last_seq + 1);
    assert_true(rig->book.lost <= 2);
    free(free_rig(rig));
}

static void transfers_that_fail_cost_what_they_held(void **state)
{
    (void)state;
    struct rig *rig = make_rig("usb-error@n40,usb-babble@n80,usb-lose@n120", 0);
    open_stream(rig);
    start(rig);
    scan(rig, 200);
    turns(rig, 3);
    assert_int_equal(count_of(rig, usb_redir_ioerror), 1);
    assert_int_equal(count_of(rig, usb_redir_babble), 1);
    assert_int_equal(rig->book.delivered + rig->book.lost, 200);
    assert_true(rig->book.lost >= 3 && rig->book.lost <= 6);
    uint64_t lost = rig->book.lost;
    char *log = free_rig(rig), end[80];
    assert_non_null(strstr(log, "{\"usb\":\"usb-lose\""));
    snprintf(end, sizeof end, "\"frames\":%llu,\"lost\":%llu", 200ull - lost,
             (unsigned long long)lost);
    assert_non_null(strstr(strstr(log, "{\"usb\":\"end\""), end));
    free(log);
}

static void a_silent_plate_speaks_again(void **state)
{
    (void)state;
    struct rig *rig = make_rig("usb-silence@n20:ms=300", 0);
    open_stream(rig);
    start(rig);
    scan(rig, 24);
    uint64_t before = rig->book.delivered;
    int64_t begin = now_ms();
    assert_in_range(before, 20, 22);
    turns(rig, 20);
    assert_int_equal(rig->book.delivered, before);
    assert_in_range(rig->as.patience_ms(rig->as.own), 0, 301);
    UNTIL(rig, rig->book.delivered == 24);
    assert_true(now_ms() - begin >= 250);
    assert_int_equal(rig->book.lost, 0);
    free(free_rig(rig));
}

/* --- Misbehaviour ------------------------------------------------------------------------------
 */

static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 33) % below;
}

static void strange_wishes_are_refused(void **state)
{
    (void)state;
    struct rig *rig = make_rig(NULL, 0);
    struct usb_guest *guest = &rig->guest;
    uint8_t bytes[200] = {0};
    open_stream(rig);
    usb_guest_read(guest, 0x8A, 512);          /* no such endpoint */
    usb_guest_read(guest, IN, (2u << 20) + 1); /* more than a transfer may hold */
    usb_guest_write(guest, 0x0A, bytes, sizeof bytes);
    UNTIL(rig, guest->n_answers == 3);
    assert_int_equal(guest->answers[0].status, usb_redir_inval);
    assert_int_equal(guest->answers[0].n, 0);
    for (int i = 1; i < 3; i++)
        assert_int_equal(guest->answers[i].status, usb_redir_ioerror);
    for (int i = 0; i < 300; i++) /* more than may wait */
        usb_guest_read(guest, IN, 64);
    turns(rig, 5);
    assert_int_equal(count_of(rig, usb_redir_inval), 1 + 300 - 256);
    struct usb_redir_start_iso_stream_header iso = {.endpoint = 0x84, .pkts_per_urb = 8};
    usbredirparser_send_start_iso_stream(guest->parser, 7, &iso);
    UNTIL(rig, guest->statuses == 3);
    assert_int_equal(guest->interrupt_status, usb_redir_inval);
    usb_guest_control(guest, 0xC0, 0xEE, 1, 2, 100, NULL); /* no request of ours */
    UNTIL(rig, guest->controls == 1);
    assert_int_equal(guest->control.status, usb_redir_stall);
    free(free_rig(rig));
}

/* Resets, pulls and requests at any moment, by a seed. */
static void a_machine_may_change_its_mind(void **state)
{
    (void)state;
    random_state = SEED;
    struct rig *rig = make_rig("usb-unplug:chance=0.02:ms=1,usb-error:chance=0.05", 0);
    UNTIL(rig, rig->guest.attached);
    for (int i = 0; i < 400; i++) {
        struct usb_guest *guest = &rig->guest;
        if (guest->n_answers > GUEST_ANSWERS / 2)
            guest->n_answers = 0;
        switch (draw(9)) {
        case 0:
            usbredirparser_send_reset(guest->parser);
            break;
        case 1:
            usb_guest_configure(guest, (uint8_t)draw(3));
            break;
        case 2:
            usb_guest_choose(guest, (uint8_t)draw(4), (uint8_t)draw(3));
            break;
        case 3:
            say(rig, draw(2) ? OUT : USB_ENDPOINT_SERIAL_OUT, WIRE_CMD_START, nothing);
            break;
        case 4:
            usbredirparser_send_cancel_data_packet(guest->parser, guest->next_id - draw(20));
            break;
        case 5:
            usb_guest_control(guest, 0x21, 0x22, (uint16_t)draw(2), 1, 0, NULL);
            break;
        default:
            usb_guest_read(guest, draw(2) ? IN : USB_ENDPOINT_SERIAL_IN, draw(5000));
        }
        if (draw(3) == 0 && rig->plate.is_scanning(rig->plate.own))
            rig->plate.step(rig->plate.own);
        turn(rig);
    }
    UNTIL(rig, rig->guest.attached);
    rig->guest.n_answers = rig->asked = 0;
    usbredirparser_send_reset(rig->guest.parser);
    turns(rig, 5);
    rig->guest.n_answers = 0;
    open_stream(rig);
    start(rig); /* it is a plate as ever */
    free(free_rig(rig));
}

/* What is no usbredir ends the connection, and nothing else; so does a machine that leaves. */
static void garbage_ends_the_connection(void **state)
{
    (void)state;
    unsigned strangers = 0;
    random_state = SEED;
    for (int round = 0; round < 60; round++) {
        struct rig *rig = make_rig(NULL, 0);
        uint8_t bytes[3000];
        if (round % 3) /* behind a good beginning */
            open_stream(rig);
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(round % 2 ? draw(256) : draw(4) ? 0 : draw(8));
        for (int i = 0; i < 400 && rig->as.alive(rig->as.own); i++) {
            ssize_t sent = send(rig->guest.fd, bytes, sizeof bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
            (void)sent;
            rig->as.serve(rig->as.own, heard, rig);
        }
        usb_guest_end(&rig->guest);
        for (int i = 0; i < 100 && rig->as.alive(rig->as.own); i++)
            rig->as.serve(rig->as.own, heard, rig);
        assert_false(rig->as.alive(rig->as.own));
        char *log = free_rig(rig);
        strangers += strstr(log, "{\"usb\":\"stranger\"") != NULL;
        free(log);
    }
    printf("%u of 60 were told from a machine that hangs up\n", strangers);
    assert_true(strangers > 0);
}

/* --- No memory ---------------------------------------------------------------------------------
 */

static void scarce_memory_is_told_or_costs_a_transfer(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        int pair[2];
        struct problem why;
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        struct usb_cable_options options = {.fd = pair[0], .faults = "usb-error@n5"};
        failing_malloc_at(n);
        struct usb_cable *cable = usb_cable_create(&options, &why);
        int failed = failing_malloc_off();
        assert_true(failed ? !cable && why.kind == PROBLEM_FAILED : cable != NULL);
        usb_cable_free(cable);
        close(pair[1]);
        if (!failed)
            break;
    }
    for (long n = 1; n < 40; n++) {
        struct rig *rig = make_rig(NULL, 0);
        failing_malloc_at(n); /* of the parser's own too */
        turns(rig, 3);
        failing_malloc_off();
        if (!rig->as.alive(rig->as.own)) {
            free(free_rig(rig));
            continue;
        }
        open_stream(rig);
        failing_malloc_at(n);
        for (int i = 0; i < READS; i++)
            usb_guest_read(&rig->guest, IN, READ_SIZE);
        usb_guest_control(&rig->guest, 0x80, 6, 0x0100, 0, 18, NULL);
        turns(rig, 5);
        failing_malloc_off();
        rig->asked = rig->guest.n_answers + READS;
        start(rig);
        scan(rig, 5);
        turns(rig, 5);
        assert_int_equal(rig->book.delivered, 5);
        free(free_rig(rig));
    }
}

static void wrong_options_are_told(void **state)
{
    (void)state;
    struct problem why;
    char path[300];
    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = '\0';
    struct usb_cable_options options = {.path = path};
    assert_null(usb_cable_create(&options, &why));
    assert_int_equal(why.kind, PROBLEM_USAGE);
    options = (struct usb_cable_options){.path = "/tmp/x", .faults = "usb-unplug@n3:bytes=2"};
    assert_null(usb_cable_create(&options, &why));
    assert_int_equal(why.kind, PROBLEM_USAGE);
    assert_non_null(strstr(why.text, "usb-unplug"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_machine_sees_what_the_firmware_says),
        cmocka_unit_test(endpoints_come_and_go_with_their_settings),
        cmocka_unit_test(settings_chosen_plainly),
        cmocka_unit_test(reads_in_flight_are_answered_in_order_and_lose_nothing),
        cmocka_unit_test(what_is_still_to_be_fetched_is_known),
        cmocka_unit_test(a_read_can_be_taken_back),
        cmocka_unit_test(a_slow_reader_loses_whole_frames_and_is_told),
        cmocka_unit_test(the_serial_port_is_a_link_of_its_own),
        cmocka_unit_test(a_pulled_plug_comes_back_with_the_same_boot),
        cmocka_unit_test(a_plate_without_power_of_its_own_boots),
        cmocka_unit_test(a_halted_endpoint_stalls_until_it_is_cleared),
        cmocka_unit_test(transfers_that_fail_cost_what_they_held),
        cmocka_unit_test(a_silent_plate_speaks_again),
        cmocka_unit_test(strange_wishes_are_refused),
        cmocka_unit_test(a_machine_may_change_its_mind),
        cmocka_unit_test(garbage_ends_the_connection),
        cmocka_unit_test(scarce_memory_is_told_or_costs_a_transfer),
        cmocka_unit_test(wrong_options_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
