/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever a host asks of the plate's USB device, and whatever it says on its links: the device
 * breaks no rule of the bus, tells no more than was asked for, and a host that begins anew is
 * answered.
 *
 * The input is a list of deeds of a host: deed u8 | bytes as the deed says. */
#include "firmware/boards/host/usb_bus.h"
#include "firmware/core/usb_links.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 6u
#define COLS 5u
#define WORK_ROWS 4u /* two bands, the second one smaller */
#define RING_BYTES 512u
#define LONGEST_US 1500000u

enum deed {
    REQUEST,  /* setup[8], then the data of an OUT data stage */
    GIVEN_UP, /* packets u8, setup[8]; the data as it lies */
    EARLY,    /* packets u8, setup[8]: then the status stage at once */
    OUT,      /* endpoint u8, length u8, bytes */
    IN,       /* endpoint u8, packets u8 */
    STEPS,    /* ms u8 */
    RESET,
    SUSPEND,
    RESUME,
    UNPLUG,
    COMMAND, /* link u8, type u8, length u8, payload: a whole message, as far as it is taken */
    DEEDS
};

struct world {
    struct usb_bus *bus;
    struct usb_device device;
    struct usb_device_config usb;
    struct plate plate;
    struct plate_config config;
    uint64_t now_us, end_us;
    uint8_t rings[USB_LINKS][RING_BYTES];
    uint16_t counts[ROWS * COLS], zero[ROWS * COLS], floor[ROWS * COLS];
    uint16_t next_zero[WORK_ROWS * COLS];
    uint32_t work[WORK_ROWS * COLS];
    uint8_t out[PLATE_OUT_BYTES(ROWS, COLS)];
};

/* What is left of the input; beyond it are zeros. */
struct input {
    const uint8_t *bytes;
    size_t n;
};

static uint8_t next(struct input *input)
{
    if (input->n == 0)
        return 0;
    input->n--;
    return *input->bytes++;
}

static uint64_t now_us(void *context)
{
    return ((struct world *)context)->now_us;
}

static int scan_row(void *context, unsigned row, uint16_t *counts)
{
    const struct world *w = context;
    for (unsigned col = 0; col < COLS; col++)
        counts[col] = (uint16_t)(40 + (w->now_us / 100 * 2654435761u >> (row + col)) % 7);
    return 0;
}

static size_t send(void *context, unsigned link, const uint8_t *bytes, size_t n)
{
    struct world *w = context;
    return usb_link_send(&w->device, (enum usb_link)link, bytes, n);
}

static void enter_loader(void *context)
{
    (void)context;
}

static void check(const struct world *w)
{
    if (usb_bus_complaint(w->bus)) {
        fprintf(stderr, "the bus complains: %s\n", usb_bus_complaint(w->bus));
        abort();
    }
}

static void begin(struct world *w)
{
    memset(w, 0, sizeof *w);
    w->end_us = LONGEST_US;
    w->bus = usb_bus_create();
    if (!w->bus)
        abort();
    w->usb = (struct usb_device_config){.controller = usb_bus_controller(w->bus),
                                        .manufacturer = "tenderfoot",
                                        .product = "a product of thirty-one letters",
                                        .serial = "FUZZ",
                                        .landing_page = "https://plate.example/",
                                        .version_bcd = 0x0100,
                                        .out_ring = {w->rings[0], w->rings[1]},
                                        .out_ring_bytes = RING_BYTES};
    w->config = (struct plate_config){.context = w,
                                      .now_us = now_us,
                                      .scan_row = scan_row,
                                      .send = send,
                                      .enter_loader = enter_loader,
                                      .rows = ROWS,
                                      .cols = COLS,
                                      .pitch_x_um = 5000,
                                      .pitch_y_um = 5000,
                                      .bits = 12,
                                      .rate_min_hz = 10,
                                      .rate_max_hz = 500,
                                      .rate_hz = 100,
                                      .boot_id = 1,
                                      .serial = "FUZZ",
                                      .firmware = "0",
                                      .model = "fuzz",
                                      .links = USB_LINKS,
                                      .work_rows = WORK_ROWS,
                                      .counts = w->counts,
                                      .zero = w->zero,
                                      .floor = w->floor,
                                      .work = w->work,
                                      .next_zero = w->next_zero,
                                      .out = w->out,
                                      .out_bytes = sizeof w->out};
    if (usb_device_init(&w->device, &w->usb) || plate_init(&w->plate, &w->config))
        abort();
    usb_bus_attach(w->bus, &w->device);
    usb_device_connect(&w->device, 1);
    usb_bus_reset(w->bus);
}

/* Time is dear here: an input has so much of it and no more. */
static void steps(struct world *w, unsigned ms)
{
    for (unsigned i = 0; i < ms && w->now_us < w->end_us; i++) {
        w->now_us += 1000;
        usb_links_serve_plate(&w->device, &w->plate);
        plate_step(&w->plate);
    }
}

static void request(struct world *w, enum deed deed, struct input *input)
{
    static uint8_t data[65536];
    uint8_t setup[8];
    unsigned packets = deed == REQUEST ? 0 : next(input) % 8u;
    for (int i = 0; i < 8; i++)
        setup[i] = next(input);
    unsigned length = setup[6] | (unsigned)setup[7] << 8;
    memset(data, 0, 64);
    for (unsigned i = 0; deed == REQUEST && !(setup[0] & 0x80) && i < length && i < 64; i++)
        data[i] = next(input);
    if (deed != REQUEST) {
        usb_bus_control_part(w->bus, setup, data, packets);
        if (deed == EARLY && setup[0] & 0x80 && length > 0)
            usb_bus_control_status(w->bus, setup);
    } else if (usb_bus_control(w->bus, setup, data) > (int)length) {
        abort();
    }
}

static void packets_out(struct world *w, struct input *input)
{
    uint8_t packet[USB_PACKET_MAX];
    uint8_t endpoint = next(input);
    size_t n = next(input) % (USB_PACKET_MAX + 1u);
    for (size_t i = 0; i < n; i++)
        packet[i] = next(input);
    usb_bus_out(w->bus, endpoint, packet, n);
}

static void command(struct world *w, struct input *input)
{
    uint8_t bytes[WIRE_HEADER_SIZE + 64], payload[64];
    uint8_t endpoint = next(input) % 2 ? 0x03 : 0x01;
    struct wire_message message = {.type = (uint8_t)(64 + next(input) % 10), .payload = payload};
    message.payload_len = next(input) % sizeof payload;
    for (size_t i = 0; i < message.payload_len; i++)
        payload[i] = next(input);
    size_t n = wire_encode(bytes, sizeof bytes, &message);
    for (size_t at = 0; at < n; at += USB_PACKET_MAX) {
        size_t part = n - at < USB_PACKET_MAX ? n - at : USB_PACKET_MAX;
        if (usb_bus_out(w->bus, endpoint, bytes + at, part) < 0)
            break;
    }
}

static void packets_in(struct world *w, struct input *input)
{
    uint8_t packet[USB_PACKET_MAX];
    uint8_t endpoint = next(input);
    for (unsigned packets = next(input); packets > 0; packets--)
        if (usb_bus_in(w->bus, endpoint, packet) < 0)
            break;
}

static void unplug(struct world *w)
{
    usb_device_connect(&w->device, 0);
    usb_device_connect(&w->device, 1);
    usb_bus_reset(w->bus);
}

static void do_deed(struct world *w, struct input *input)
{
    enum deed deed = (enum deed)(next(input) % DEEDS);
    switch (deed) {
    case REQUEST:
    case GIVEN_UP:
    case EARLY:
        request(w, deed, input);
        break;
    case OUT:
        packets_out(w, input);
        break;
    case IN:
        packets_in(w, input);
        break;
    case STEPS:
        steps(w, next(input));
        break;
    case COMMAND:
        command(w, input);
        break;
    case RESET:
        usb_bus_reset(w->bus);
        break;
    case SUSPEND:
        usb_bus_suspend(w->bus);
        break;
    case RESUME:
        usb_bus_resume(w->bus);
        break;
    default:
        unplug(w);
    }
}

static void must(struct world *w, const uint8_t setup[8], int wanted)
{
    uint8_t data[512];
    if (usb_bus_control(w->bus, setup, data) != wanted)
        abort();
}

/* The next host: enumerates, opens the stream, says HELLO, is answered. */
static void a_new_host_is_answered(struct world *w)
{
    uint8_t bytes[128], payload[8];
    w->end_us = UINT64_MAX;
    const struct wire_command hello = {.request = 7, .as.hello = {0x0100, 0x0100}};
    usb_bus_reset(w->bus);
    must(w, (const uint8_t[8]){0x00, 5, 9}, 0);
    must(w, (const uint8_t[8]){0x80, 6, 0, 2, 0, 0, 255, 0}, 107);
    must(w, (const uint8_t[8]){0x00, 9, 1}, 0);
    must(w, (const uint8_t[8]){0x01, 11, 1}, 0);
    steps(w, 1);
    struct wire_message message = {
        .type = WIRE_CMD_HELLO,
        .payload = payload,
        .payload_len = (uint32_t)wire_put_command(payload, sizeof payload, WIRE_CMD_HELLO, &hello)};
    size_t n = wire_encode(bytes, sizeof bytes, &message);
    if (usb_bus_out(w->bus, 0x01, bytes, n) != (int)n)
        abort();
    steps(w, 1);
    if (usb_bus_in(w->bus, 0x81, bytes) != (int)USB_PACKET_MAX || bytes[5] != WIRE_HELLO)
        abort();
    check(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct world w;
    struct input input = {data, n < 2048 ? n : 2048};
    begin(&w);
    while (input.n > 0) {
        do_deed(&w, &input);
        check(&w);
    }
    a_new_host_is_answered(&w);
    usb_bus_free(w.bus);
    return 0;
}
