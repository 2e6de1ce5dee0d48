/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/stm32_otg_host.h"

#include "firmware/core/usb_descriptors.h"
#include "tests/support/stm32_mmio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define PATIENCE 1000 /* NAKs of a control endpoint until a host gives up */
#define STORM 200     /* interrupts in a row until the line must have fallen */
#define SETTING_REQUEST 11u
#define LINE_STATE_REQUEST 0x22u

uint32_t otg_host_draw(struct otg_host *host, uint32_t below)
{
    host->random = host->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((host->random >> 33) % below);
}

static void bus(void *context)
{
    struct otg_host *host = context;
    if (!host->meanwhile)
        return;
    host->is_meanwhile = 1;
    host->meanwhile(host, host->context);
    host->is_meanwhile = 0;
}

struct otg_host *otg_host_make(uint64_t seed, int senses_vbus)
{
    struct otg_host *host = test_calloc(1, sizeof *host);
    stm32_mmio_reset();
    host->random = seed;
    host->ahb2enr = 1u << 7;
    host->core = stm32_otg_create(
        &(struct stm32_otg_config){.ahb2enr = &host->ahb2enr, .bus = bus, .context = host});
    assert_int_equal(otg_start(&host->otg, &host->device, senses_vbus), OTG_OK);
    host->config = (struct usb_device_config){.controller = &host->otg.controller,
                                              .manufacturer = "tenderfoot",
                                              .product = "test plate",
                                              .serial = "OTG-0001",
                                              .version_bcd = 0x0100,
                                              .out_ring = {host->rings[0], host->rings[1]},
                                              .out_ring_bytes = OTG_HOST_RING};
    assert_null(usb_device_init(&host->device, &host->config));
    assert_false(stm32_otg_is_connected(host->core));
    usb_device_connect(&host->device, 1);
    assert_true(stm32_otg_is_connected(host->core));
    return host;
}

void otg_host_free(struct otg_host *host)
{
    otg_host_interrupt(host);
    if (stm32_mmio_complaint())
        fail_msg("%u complaints, the first: %s", stm32_mmio_complaints(), stm32_mmio_complaint());
    stm32_otg_free(host->core);
    stm32_mmio_reset();
    test_free(host);
}

void otg_host_interrupt(struct otg_host *host)
{
    for (int i = 0; stm32_otg_interrupt(host->core); i++) {
        if (i == STORM)
            fail_msg("the interrupt stays up");
        otg_interrupt(&host->otg);
    }
}

void otg_host_time(struct otg_host *host)
{
    if (!host->is_meanwhile && otg_host_draw(host, 100) >= host->late)
        otg_host_interrupt(host);
}

void otg_host_poll(struct otg_host *host)
{
    otg_interrupt(&host->otg);
}

void otg_host_reset(struct otg_host *host)
{
    stm32_otg_reset_begin(host->core);
    otg_host_interrupt(host);
    stm32_otg_reset_end(host->core);
    otg_host_interrupt(host);
    host->address = 0;
}

/* --- Control transfers ----------------------------------------------------------------------- */

struct request {
    uint8_t setup[8];
    unsigned length;
    int is_in;
};

static struct request request_of(unsigned type, unsigned request, unsigned value, unsigned index,
                                 unsigned length)
{
    return (struct request){
        .setup = {(uint8_t)type, (uint8_t)request, (uint8_t)value, (uint8_t)(value >> 8),
                  (uint8_t)index, (uint8_t)(index >> 8), (uint8_t)length, (uint8_t)(length >> 8)},
        .length = length,
        .is_in = type & 0x80 && length > 0,
    };
}

/* A packet of endpoint 0, asked for until it is not NAK. The stages begin with DATA1. */
static int control_in(struct otg_host *host, int toggle, uint8_t *bytes)
{
    int n = STM32_OTG_NAK, got = -1;
    for (int i = 0; n == STM32_OTG_NAK; i++) {
        if (i == PATIENCE)
            fail_msg("control IN answers NAK for ever");
        n = stm32_otg_in(host->core, host->address, 0, &got, bytes);
        otg_host_time(host);
    }
    if (n >= 0)
        assert_int_equal(got, toggle);
    return n;
}

static int control_out(struct otg_host *host, int toggle, const uint8_t *bytes, size_t n)
{
    int sent = STM32_OTG_NAK;
    for (int i = 0; sent == STM32_OTG_NAK; i++) {
        if (i == PATIENCE)
            fail_msg("control OUT answers NAK for ever");
        sent = stm32_otg_out(host->core, host->address, 0, toggle, bytes, n);
        otg_host_time(host);
    }
    return sent;
}

/* Up to `packets` packets of the data stage. */
static int read_data(struct otg_host *host, const struct request *request, unsigned packets)
{
    unsigned done = 0;
    for (unsigned i = 0; i < packets && done < request->length; i++) {
        uint8_t packet[64];
        int n = control_in(host, (int)(i + 1) % 2, packet);
        if (n < 0)
            return n;
        assert_true(done + (unsigned)n <= request->length);
        assert_true(done + (unsigned)n <= OTG_HOST_DATA);
        memcpy(host->data + done, packet, (size_t)n);
        done += (unsigned)n;
        if (n < 64)
            break;
    }
    return (int)done;
}

static int write_data(struct otg_host *host, const struct request *request, unsigned packets)
{
    unsigned done = 0;
    for (unsigned i = 0; i < packets && done < request->length; i++) {
        unsigned n = request->length - done < 64 ? request->length - done : 64;
        int sent = control_out(host, (int)(i + 1) % 2, host->data + done, n);
        if (sent < 0)
            return sent;
        done += n;
    }
    return (int)done;
}

static int stages_after_setup(struct otg_host *host, const struct request *asked)
{
    int done =
        asked->is_in ? read_data(host, asked, UINT32_MAX) : write_data(host, asked, UINT32_MAX);
    if (done < 0)
        return done;
    uint8_t packet[64];
    int status = asked->is_in ? control_out(host, 1, NULL, 0) : control_in(host, 1, packet);
    otg_host_interrupt(host);
    return status < 0 ? status : done;
}

int otg_host_ask(struct otg_host *host, unsigned type, unsigned request, unsigned value,
                 unsigned index, unsigned length)
{
    struct request asked = request_of(type, request, value, index, length);
    if (stm32_otg_setup(host->core, host->address, asked.setup) < 0)
        return STM32_OTG_SILENT;
    otg_host_time(host);
    return stages_after_setup(host, &asked);
}

/* The SETUP of an interruption, at the access whose turn it is. */
struct late_setup {
    struct request asked;
    unsigned accesses;
};

static void setup_meanwhile(struct otg_host *host, void *context)
{
    struct late_setup *late = context;
    if (late->accesses-- > 0)
        return;
    host->meanwhile = NULL;
    stm32_otg_setup(host->core, host->address, late->asked.setup);
}

int otg_host_ask_meanwhile(struct otg_host *host, unsigned accesses, unsigned type,
                           unsigned request, unsigned value, unsigned index, unsigned length)
{
    struct late_setup late = {.asked = request_of(type, request, value, index, length),
                              .accesses = accesses};
    host->context = &late;
    host->meanwhile = setup_meanwhile;
    otg_host_interrupt(host);
    late.accesses = 0;
    if (host->meanwhile)
        setup_meanwhile(host, &late);
    otg_host_interrupt(host);
    return stages_after_setup(host, &late.asked);
}

void otg_host_ask_partly(struct otg_host *host, unsigned type, unsigned request, unsigned value,
                         unsigned index, unsigned length, unsigned packets)
{
    struct request asked = request_of(type, request, value, index, length);
    stm32_otg_setup(host->core, host->address, asked.setup);
    otg_host_time(host);
    if (asked.is_in)
        read_data(host, &asked, packets);
    else
        write_data(host, &asked, packets);
}

static void forget_toggles(struct otg_host *host, unsigned endpoint)
{
    host->in_toggle[endpoint] = host->out_toggle[endpoint] = 0;
}

void otg_host_enumerate(struct otg_host *host)
{
    otg_host_reset(host);
    assert_int_equal(otg_host_ask(host, 0x80, 6, 0x0100, 0, 64), 18);
    otg_host_reset(host);
    assert_int_equal(otg_host_ask(host, 0x00, 5, 7, 0, 0), 0);
    host->address = 7;
    assert_int_equal(otg_host_ask(host, 0x00, 9, USB_CONFIGURATION_VALUE, 0, 0), 0);
    for (unsigned n = 1; n < OTG_ENDPOINTS; n++)
        forget_toggles(host, n);
}

void otg_host_open(struct otg_host *host, enum usb_link link, int on)
{
    if (link == USB_LINK_SERIAL) {
        assert_int_equal(otg_host_ask(host, 0x21, LINE_STATE_REQUEST, (unsigned)on,
                                      USB_INTERFACE_SERIAL_CONTROL, 0),
                         0);
        return;
    }
    assert_int_equal(
        otg_host_ask(host, 0x01, SETTING_REQUEST, (unsigned)on, USB_INTERFACE_STREAM, 0), 0);
    forget_toggles(host, USB_ENDPOINT_STREAM_OUT);
}

/* --- Bulk ------------------------------------------------------------------------------------ */

int otg_host_in(struct otg_host *host, unsigned endpoint, uint8_t bytes[64])
{
    int toggle = -1;
    int n = stm32_otg_in(host->core, host->address, endpoint & 15u, &toggle, bytes);
    if (n >= 0) {
        assert_int_equal(toggle, host->in_toggle[endpoint & 15u]);
        host->in_toggle[endpoint & 15u] = !toggle;
    }
    otg_host_time(host);
    return n;
}

int otg_host_out(struct otg_host *host, unsigned endpoint, const uint8_t *bytes, size_t n)
{
    int *toggle = &host->out_toggle[endpoint & 15u];
    int sent = stm32_otg_out(host->core, host->address, endpoint & 15u, *toggle, bytes, n);
    if (sent >= 0)
        *toggle = !*toggle;
    otg_host_time(host);
    return sent;
}
