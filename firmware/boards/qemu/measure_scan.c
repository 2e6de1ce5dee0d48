/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The core and its USB device as the reference board runs them, but for the sensors, which are a
 * slot of the mailbox, and the controller, which is a word in memory that every packet is written
 * to. Its host fetches everything at once. */
#include "firmware/boards/qemu/measure.h"

#include "firmware/boards/qemu/an385.h"
#include "firmware/boards/qemu/board.h"
#include "firmware/core/plate.h"
#include "firmware/core/usb_descriptors.h"
#include "firmware/core/usb_device.h"
#include "firmware/core/usb_links.h"
#include "firmware/wire/payloads.h"
#include "firmware/wire/usb_id.h"

#include <string.h>

enum { SCANS = 16, RING_BYTES = 16384, ENDPOINTS = 4 };

static struct {
    struct plate_config config;
    struct plate plate;
    struct usb_device_config usb_config;
    struct usb_device usb;
    uint8_t rings[USB_LINKS][RING_BYTES];
    int has_person; /* else an empty plate */
    uint64_t now_us;
    uint32_t fetched;
    /* What the controller has to send, by IN endpoint; NULL = nothing. */
    struct {
        const uint8_t *bytes;
        size_t n;
    } sending[ENDPOINTS];
} bench;

static volatile uint32_t fifo;

/* --- The controller -----------------------------------------------------------------------------
 */

static void begin_send(void *context, uint8_t endpoint, const uint8_t *bytes, size_t n)
{
    (void)context;
    bench.sending[endpoint & 0x0Fu].bytes = bytes;
    bench.sending[endpoint & 0x0Fu].n = n;
}

static void write_packet(const uint8_t *bytes, size_t n)
{
    for (size_t at = 0; at < n; at += 4) {
        uint32_t word;
        memcpy(&word, bytes + at, sizeof word);
        fifo = word;
    }
}

/* The host takes all there is; what is sent on goes too. */
static void fetch_all(void)
{
    for (unsigned i = 0; i < ENDPOINTS; i++)
        while (bench.sending[i].bytes) {
            const uint8_t *bytes = bench.sending[i].bytes;
            size_t n = bench.sending[i].n;
            for (size_t at = 0; at < n; at += USB_PACKET_MAX)
                write_packet(bytes + at, n - at < USB_PACKET_MAX ? n - at : USB_PACKET_MAX);
            bench.fetched += (uint32_t)n;
            bench.sending[i].bytes = NULL;
            usb_device_sent(&bench.usb, (uint8_t)(0x80u | i));
        }
}

static void set_nothing(void *context, int on)
{
    (void)context;
    (void)on;
}

static void set_address(void *context, uint8_t address)
{
    (void)context;
    (void)address;
}

static void open_endpoint(void *context, uint8_t endpoint, enum usb_transfer type,
                          uint16_t max_packet)
{
    (void)context;
    (void)endpoint;
    (void)type;
    (void)max_packet;
}

static void touch_endpoint(void *context, uint8_t endpoint)
{
    (void)context;
    (void)endpoint;
}

static void halt_endpoint(void *context, uint8_t endpoint, int on)
{
    (void)context;
    (void)endpoint;
    (void)on;
}

static const struct usb_controller controller = {.connect = set_nothing,
                                                 .set_address = set_address,
                                                 .open = open_endpoint,
                                                 .close = touch_endpoint,
                                                 .halt = halt_endpoint,
                                                 .send = begin_send,
                                                 .cancel = touch_endpoint,
                                                 .receive = touch_endpoint};

/* --- The plate's board --------------------------------------------------------------------------
 */

static uint64_t now_us(void *context)
{
    (void)context;
    return bench.now_us;
}

static int scan_row(void *context, unsigned row, uint16_t *counts)
{
    (void)context;
    size_t cols = bench.config.cols;
    if (bench.has_person)
        memcpy(counts, board_slot_counts(0) + row * cols, cols * sizeof *counts);
    else
        memset(counts, 0, cols * sizeof *counts);
    return 0;
}

static size_t send(void *context, unsigned link, const uint8_t *bytes, size_t n)
{
    (void)context;
    return usb_link_send(&bench.usb, (enum usb_link)link, bytes, n);
}

static void move(void)
{
    usb_device_poll(&bench.usb);
    fetch_all();
}

static void step(void)
{
    bench.now_us = plate_next_scan_us(&bench.plate);
    plate_step(&bench.plate);
}

/* --- The host -----------------------------------------------------------------------------------
 */

static void ask(uint8_t type, uint8_t request, uint8_t value, uint8_t index)
{
    const uint8_t setup[8] = {type, request, value, 0, index};
    usb_device_setup(&bench.usb, setup);
    fetch_all();
}

static void command(uint8_t type)
{
    static uint32_t request;
    uint8_t payload[32], bytes[64];
    const struct wire_command wanted = {.request = ++request};
    const struct wire_message message = {
        .type = type,
        .payload = payload,
        .payload_len = (uint32_t)wire_put_command(payload, sizeof payload, type, &wanted)};
    usb_device_received(&bench.usb, USB_ENDPOINT_STREAM_OUT, bytes,
                        wire_encode(bytes, sizeof bytes, &message));
    usb_links_serve_plate(&bench.usb, &bench.plate);
    move();
}

static const char *begin_usb(void)
{
    bench.usb_config = (struct usb_device_config){.controller = &controller,
                                                  .manufacturer = "tenderfoot",
                                                  .product = "tenderfoot plate",
                                                  .serial = "MEASURED",
                                                  .out_ring = {bench.rings[0], bench.rings[1]},
                                                  .out_ring_bytes = RING_BYTES};
    const char *wrong = usb_device_init(&bench.usb, &bench.usb_config);
    if (wrong)
        return wrong;
    usb_device_connect(&bench.usb, 1);
    usb_device_reset(&bench.usb);
    ask(0x00, 5, 1, 0); /* SET_ADDRESS, SET_CONFIGURATION, SET_INTERFACE (USB 2.0, 9.4) */
    ask(0x00, 9, USB_CONFIGURATION_VALUE, 0);
    ask(0x01, 11, USB_ID_SETTING_STREAM, USB_INTERFACE_STREAM);
    return usb_link_is_open(&bench.usb, USB_LINK_VENDOR) ? NULL : "measure: no USB link";
}

static const char *begin_plate(void)
{
    struct plate_config *config = &bench.config;
    *config = (struct plate_config){.now_us = now_us,
                                    .scan_row = scan_row,
                                    .send = send,
                                    .rows = (uint16_t)MAILBOX->rows,
                                    .cols = (uint16_t)MAILBOX->cols,
                                    .bits = (uint8_t)MAILBOX->bits,
                                    .pitch_x_um = 5000,
                                    .pitch_y_um = 5000,
                                    .rate_min_hz = 10,
                                    .rate_max_hz = 100,
                                    .rate_hz = 100,
                                    .boot_id = 1,
                                    .serial = "MEASURED",
                                    .firmware = PLATE_CORE_VERSION,
                                    .model = "measured",
                                    .links = USB_LINKS};
    board_lend_buffers(config);
    return plate_init(&bench.plate, config);
}

const char *measure_scan(struct measure_scan *result)
{
    const char *wrong = begin_usb();
    if (!wrong)
        wrong = begin_plate();
    if (wrong)
        return wrong;
    command(WIRE_CMD_TARE);
    while (plate_is_scanning(&bench.plate)) {
        step();
        move();
    }
    bench.has_person = 1;
    command(WIRE_CMD_START);
    step(); /* the first is beside the mean: its STATUS */
    move();
    *result = (struct measure_scan){0};
    bench.fetched = 0;
    for (int i = 0; i < SCANS; i++) {
        uint32_t begin = an385_stopwatch_ns();
        step();
        uint32_t stepped = an385_stopwatch_ns();
        move();
        result->step_ns += (stepped - begin) / SCANS;
        result->usb_ns += (an385_stopwatch_ns() - stepped) / SCANS;
    }
    result->bytes = bench.fetched / SCANS;
    return bench.plate.dropped ? "measure: a frame was dropped" : NULL;
}
