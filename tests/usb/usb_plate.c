/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/usb/usb_plate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

uint64_t usb_plate_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* A third of the cells is loaded, each scan another third. */
unsigned usb_plate_truth(uint32_t seq, unsigned row, unsigned col)
{
    uint32_t mixed = (seq * 2654435761u) ^ (row * 40503u + col * 9973u + 77u);
    mixed ^= mixed >> 15;
    mixed *= 2246822519u;
    mixed ^= mixed >> 13;
    return mixed % 3u ? 0 : 400u + (mixed >> 8) % 3000u;
}

/* --- The board ------------------------------------------------------------------------------- */

static uint64_t device_us(void *context)
{
    return usb_plate_now_us() - ((struct usb_plate *)context)->power_us;
}

static int scan_row(void *context, unsigned row, uint16_t *counts)
{
    struct usb_plate *p = context;
    for (unsigned col = 0; col < p->config.cols; col++) {
        unsigned rest = USB_PLATE_REST - USB_PLATE_NOISE;
        unsigned noise = (unsigned)rand() % (2u * USB_PLATE_NOISE + 1u);
        unsigned load = p->plate.streaming ? usb_plate_truth(p->plate.scans, row, col) : 0;
        counts[col] = (uint16_t)(rest + noise + load);
    }
    return 0;
}

static size_t send_bytes(void *context, unsigned link, const uint8_t *bytes, size_t n)
{
    struct usb_plate *p = context;
    size_t taken = usb_link_send(&p->device, (enum usb_link)link, bytes, n);
    usb_device_poll(&p->device);
    return taken;
}

static int has_left(void *context, unsigned link)
{
    return usb_link_has_left(&((struct usb_plate *)context)->device, (enum usb_link)link);
}

/* What runs then is no plate any more. */
static void enter_loader(void *context)
{
    struct usb_plate *p = context;
    p->is_frozen = p->is_in_loader = 1;
}

/* --- Made and freed -------------------------------------------------------------------------- */

static void *zeroed(size_t n, size_t size)
{
    void *p = calloc(n, size);
    assert_non_null(p);
    return p;
}

static void fill_config(struct usb_plate *p, unsigned rows, unsigned cols, unsigned rate_hz)
{
    size_t n = PLATE_CELLS(rows, cols);
    p->config = (struct plate_config){
        .context = p,
        .now_us = device_us,
        .scan_row = scan_row,
        .send = send_bytes,
        .has_left = has_left,
        .enter_loader = enter_loader,
        .rows = (uint16_t)rows,
        .cols = (uint16_t)cols,
        .pitch_x_um = 5000,
        .pitch_y_um = 5000,
        .bits = 12,
        .full_scale_kpa = 600,
        .rate_min_hz = 10,
        .rate_max_hz = 500,
        .rate_hz = (uint16_t)rate_hz,
        .serial = p->serial,
        .firmware = PLATE_CORE_VERSION,
        .model = "mock",
        .links = USB_LINKS,
        .tare_scans = 16,
        .counts = zeroed(n, sizeof(uint16_t)),
        .zero = zeroed(n, sizeof(uint16_t)),
        .floor = zeroed(n, sizeof(uint16_t)),
        .work = zeroed(n, sizeof(uint32_t)),
        .next_zero = zeroed(n, sizeof(uint16_t)),
        .out = zeroed(PLATE_OUT_BYTES(rows, cols), 1),
        .out_bytes = PLATE_OUT_BYTES(rows, cols),
    };
}

void usb_plate_make(struct usb_plate *p, const char *serial, unsigned rows, unsigned cols,
                    unsigned rate_hz)
{
    memset(p, 0, sizeof *p);
    snprintf(p->serial, sizeof p->serial, "%s", serial);
    fill_config(p, rows, cols, rate_hz);
    for (int link = 0; link < USB_LINKS; link++)
        p->rings[link] = zeroed(USB_PLATE_RING, 1);
}

void usb_plate_free(struct usb_plate *p)
{
    usb_plate_power(p, 0);
    for (int link = 0; link < USB_LINKS; link++)
        free(p->rings[link]);
    free(p->config.counts);
    free(p->config.zero);
    free(p->config.floor);
    free(p->config.work);
    free(p->config.next_zero);
    free(p->config.out);
}

/* --- Its life -------------------------------------------------------------------------------- */

static void power_off(struct usb_plate *p)
{
    if (!p->is_on)
        return;
    p->is_on = 0;
    p->scans_of_past_boots += p->plate.scans;
    p->dropped_in_past_boots += p->plate.dropped;
    const char *complaint = usb_bus_complaint(p->bus);
    if (complaint)
        fail_msg("plate %s broke a rule of the bus: %s", p->serial, complaint);
    usb_bus_free(p->bus);
    p->bus = NULL;
}

static void power_on(struct usb_plate *p)
{
    p->bus = usb_bus_create();
    assert_non_null(p->bus);
    p->usb = (struct usb_device_config){
        .controller = usb_bus_controller(p->bus),
        .manufacturer = "tenderfoot",
        .product = "plate on a test bench",
        .serial = p->serial,
        .version_bcd = 0x0100,
        .out_ring = {p->rings[USB_LINK_VENDOR], p->rings[USB_LINK_SERIAL]},
        .out_ring_bytes = USB_PLATE_RING,
    };
    const char *wrong = usb_device_init(&p->device, &p->usb);
    if (wrong)
        fail_msg("usb_device_init: %s", wrong);
    usb_bus_attach(p->bus, &p->device);
    p->power_us = usb_plate_now_us();
    p->config.boot_id = 0xB0070000u + ++p->boots;
    wrong = plate_init(&p->plate, &p->config);
    if (wrong)
        fail_msg("plate_init: %s", wrong);
    usb_device_connect(&p->device, 1);
    p->is_on = 1;
}

void usb_plate_power(struct usb_plate *p, int on)
{
    power_off(p);
    if (on)
        power_on(p);
}

static void listen_to(struct usb_plate *p, enum usb_link link)
{
    uint8_t bytes[256];
    if (usb_link_has_closed(&p->device, link))
        plate_link_closed(&p->plate, link);
    for (size_t n; (n = usb_link_receive(&p->device, link, bytes, sizeof bytes)) > 0;)
        plate_receive(&p->plate, link, bytes, n);
    usb_device_poll(&p->device);
}

void usb_plate_step(struct usb_plate *p)
{
    if (!p->is_on || p->is_frozen)
        return;
    for (int link = 0; link < USB_LINKS; link++)
        listen_to(p, (enum usb_link)link);
    plate_step(&p->plate);
    usb_device_poll(&p->device);
}

uint64_t usb_plate_scans(const struct usb_plate *p)
{
    return p->scans_of_past_boots + (p->is_on ? p->plate.scans : 0);
}

uint64_t usb_plate_dropped(const struct usb_plate *p)
{
    return p->dropped_in_past_boots + (p->is_on ? p->plate.dropped : 0);
}
