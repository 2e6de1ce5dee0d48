/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The board's USB driver under firmware/core's device, over a model of the chip's core that was
 * written from the reference manual alone: what the software bus is asked is asked here through
 * registers, with the interrupt as late as it may come, and the model must have nothing to complain
 * about. (The model itself is held to account in test_stm32_otg_model.c.) */
#include "firmware/boards/stm32f405/mmio.h"
#include "firmware/core/usb_descriptors.h"
#include "tests/support/stm32_mmio.h"
#include "tests/support/stm32_otg_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define SEED UINT64_C(405)

/* --- Streams --------------------------------------------------------------------------------- */

/* Bytes of which each one tells where it stands, the plate's and the host's apart. */
struct stream {
    uint32_t salt, sent, got;
    int may_jump; /* a halt took what was under way: some bytes are missing at the next look */
};

struct traffic {
    enum usb_link link;
    uint8_t in, out;
    struct stream to_host, to_plate;
    unsigned greed; /* of 100 looks, how often the host reads or writes */
};

static uint8_t byte_at(uint32_t salt, uint32_t i)
{
    uint32_t x = (i + salt) * 2654435761u;
    return (uint8_t)(x >> 24 ^ x >> 11);
}

static void fill(const struct stream *stream, uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = byte_at(stream->salt, stream->sent + (uint32_t)i);
}

static int matches(const struct stream *stream, uint32_t at, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != byte_at(stream->salt, at + (uint32_t)i))
            return 0;
    return 1;
}

/* In order and without a gap, but for the one that a halt leaves. */
static void check(struct stream *stream, const uint8_t *bytes, size_t n)
{
    uint32_t at = stream->got;
    while (stream->may_jump && n >= 8 && at < stream->sent && !matches(stream, at, bytes, n))
        at++;
    if (stream->may_jump && n < 8) {
        stream->got += (uint32_t)n; /* too short to tell where */
        return;
    }
    stream->may_jump = n ? 0 : stream->may_jump;
    if (!matches(stream, at, bytes, n) || at + n > stream->sent)
        fail_msg("bytes of the stream are not those that follow byte %u", stream->got);
    stream->got = at + (uint32_t)n;
}

static struct traffic traffic_on(enum usb_link link, uint32_t salt)
{
    return (struct traffic){
        .link = link,
        .in = link == USB_LINK_VENDOR ? USB_ENDPOINT_STREAM_IN : USB_ENDPOINT_SERIAL_IN,
        .out = link == USB_LINK_VENDOR ? USB_ENDPOINT_STREAM_OUT : USB_ENDPOINT_SERIAL_OUT,
        .to_host = {.salt = salt},
        .to_plate = {.salt = salt + 77777},
        .greed = 60,
    };
}

static void plate_turn(struct otg_host *host, struct traffic *traffic)
{
    uint8_t bytes[700];
    size_t n = otg_host_draw(host, 3) ? otg_host_draw(host, 700) : 64u * otg_host_draw(host, 10);
    usb_link_has_closed(&host->device, traffic->link);
    fill(&traffic->to_host, bytes, n);
    traffic->to_host.sent += (uint32_t)usb_link_send(&host->device, traffic->link, bytes, n);
    n = usb_link_receive(&host->device, traffic->link, bytes, otg_host_draw(host, sizeof bytes));
    check(&traffic->to_plate, bytes, n);
    otg_host_poll(host);
}

static void host_turn(struct otg_host *host, struct traffic *traffic)
{
    uint8_t bytes[64];
    int n = otg_host_in(host, traffic->in, bytes);
    if (n >= 0)
        check(&traffic->to_host, bytes, (size_t)n);
    else
        assert_int_equal(n, STM32_OTG_NAK);
    if (otg_host_draw(host, 2))
        return;
    size_t size = otg_host_draw(host, 3) ? otg_host_draw(host, 65) : 64;
    fill(&traffic->to_plate, bytes, size);
    n = otg_host_out(host, traffic->out, bytes, size);
    if (n >= 0)
        traffic->to_plate.sent += (uint32_t)size;
    else
        assert_int_equal(n, STM32_OTG_NAK);
}

static void flow(struct otg_host *host, struct traffic *traffic, unsigned turns)
{
    for (unsigned i = 0; i < turns; i++)
        if (otg_host_draw(host, 100) < traffic->greed)
            host_turn(host, traffic);
        else
            plate_turn(host, traffic);
}

static void read_all(struct otg_host *host, struct traffic *traffic)
{
    uint8_t bytes[USB_INBOX_BYTES];
    size_t n = usb_link_receive(&host->device, traffic->link, bytes, sizeof bytes);
    check(&traffic->to_plate, bytes, n);
}

/* All that was taken arrives. */
static void drain(struct otg_host *host, struct traffic *traffic)
{
    uint8_t bytes[64];
    for (int i = 0; i < 2000 && (traffic->to_host.got != traffic->to_host.sent ||
                                 traffic->to_plate.got != traffic->to_plate.sent);
         i++) {
        int n = otg_host_in(host, traffic->in, bytes);
        if (n >= 0)
            check(&traffic->to_host, bytes, (size_t)n);
        read_all(host, traffic);
        otg_host_poll(host);
    }
    assert_int_equal(traffic->to_host.got, traffic->to_host.sent);
    assert_int_equal(traffic->to_plate.got, traffic->to_plate.sent);
    assert_true(traffic->to_host.sent > 0);
}

static struct otg_host *streaming_host(uint64_t seed, struct traffic *traffic)
{
    struct otg_host *host = otg_host_make(seed, 0);
    host->late = 50;
    otg_host_enumerate(host);
    otg_host_open(host, traffic->link, 1);
    return host;
}

/* --- Stories --------------------------------------------------------------------------------- */

static void check_descriptor(struct otg_host *host, unsigned what, unsigned language,
                             const uint8_t *wanted, size_t n)
{
    uint8_t copy[USB_REPLY_BYTES];
    memcpy(copy, wanted, n);
    assert_int_equal(otg_host_ask(host, 0x80, 6, what, language, 255), (int)n);
    assert_memory_equal(host->data, copy, n);
}

static void it_is_enumerated(void **state)
{
    (void)state;
    for (unsigned late = 0; late <= 90; late += 30) {
        struct otg_host *host = otg_host_make(SEED + late, 0);
        uint8_t made[USB_REPLY_BYTES];
        size_t n;
        host->late = late;
        assert_int_equal(otg_host_ask(host, 0x80, 6, 0x0100, 0, 18), STM32_OTG_SILENT);
        otg_host_enumerate(host);
        const uint8_t *wanted = usb_descriptor_device(&host->config, made, &n);
        check_descriptor(host, 0x0100, 0, wanted, n);
        wanted = usb_descriptor_configuration(&n);
        check_descriptor(host, 0x0200, 0, wanted, n);
        wanted = usb_descriptor_bos(&host->config, made, &n);
        check_descriptor(host, 0x0F00, 0, wanted, n);
        for (unsigned i = 0; i <= 3; i++) {
            wanted = usb_descriptor_string(&host->config, i, 0x0409, made, &n);
            check_descriptor(host, 0x0300 + i, i ? 0x0409 : 0, wanted, n);
        }
        host->address = 8; /* somebody else's packets */
        assert_int_equal(otg_host_ask(host, 0x80, 8, 0, 0, 1), STM32_OTG_SILENT);
        otg_host_free(host);
    }
}

/* Of a descriptor of several packets each length that a host may ask for; what is told to the
 * device, and what is refused; each followed by a request that must go well. */
static void control_transfers_of_each_length(void **state)
{
    (void)state;
    struct otg_host *host = otg_host_make(SEED, 0);
    size_t n;
    const uint8_t *wanted = usb_descriptor_microsoft(&n);
    assert_true(n > 128);
    otg_host_enumerate(host);
    host->late = 40;
    for (unsigned length = 0; length <= n + 70; length++) {
        size_t told = length < n ? length : n;
        memset(host->data, 0xAA, sizeof host->data);
        assert_int_equal(otg_host_ask(host, 0xC0, USB_REQUEST_MICROSOFT, 0, 7, length), told);
        assert_memory_equal(host->data, wanted, told);
    }
    for (unsigned i = 0; i < 60; i++) {
        const uint8_t coding[7] = {(uint8_t)i, 0xC2, 1, 0, (uint8_t)(i % 3), (uint8_t)(i % 5), 8};
        memcpy(host->data, coding, 7);
        assert_int_equal(otg_host_ask(host, 0x21, 0x20, 0, 1, 7), 7);
        assert_int_equal(otg_host_ask(host, 0x80, 7, 0, 0, 18), STM32_OTG_STALL);
        assert_int_equal(otg_host_ask(host, 0x21, 0x20, 0, 1, 300), STM32_OTG_STALL);
        assert_int_equal(otg_host_ask(host, 0x40, 1, 2, 3, 0), STM32_OTG_STALL);
        assert_int_equal(otg_host_ask(host, 0xA1, 0x21, 0, 1, 7), 7);
        assert_memory_equal(host->data, coding, 7);
    }
    otg_host_free(host);
}

/* Bytes where the empty status packet of a control read belongs: the core itself stalls them. */
static void a_status_with_bytes_is_stalled(void **state)
{
    (void)state;
    struct otg_host *host = otg_host_make(SEED, 0);
    const uint8_t packet[64] = {0};
    otg_host_enumerate(host);
    for (size_t n = 1; n <= sizeof packet; n++) {
        otg_host_ask_partly(host, 0x80, 6, 0x0100, 0, 18, 1);
        assert_int_equal(stm32_otg_out(host->core, host->address, 0, 1, packet, n),
                         STM32_OTG_STALL);
        otg_host_interrupt(host);
        assert_int_equal(otg_host_ask(host, 0x80, 8, 0, 0, 1), 1);
    }
    otg_host_free(host);
}

/* A host that changes its mind after any number of packets, and at once asks something else. */
static void abandoned_requests_leave_nothing(void **state)
{
    (void)state;
    struct otg_host *host = otg_host_make(SEED, 0);
    uint8_t packet[64];
    otg_host_enumerate(host);
    for (unsigned i = 0; i < 600; i++) {
        host->late = otg_host_draw(host, 100);
        unsigned packets = otg_host_draw(host, 4), what = otg_host_draw(host, 4);
        if (what == 0)
            otg_host_ask_partly(host, 0x21, 0x20, 0, 1, 7, 0);
        else if (what == 1) /* refused, and not even asked for the stall */
            otg_host_ask_partly(host, 0xC0, 0x33, 0, 0, 64, 0);
        else
            otg_host_ask_partly(host, 0xC0, USB_REQUEST_MICROSOFT, 0, 7, 400, packets);
        if (what == 3) /* an early status ends it properly */
            for (int n = STM32_OTG_NAK; n == STM32_OTG_NAK; otg_host_interrupt(host))
                n = stm32_otg_out(host->core, host->address, 0, 1, packet, 0);
        assert_int_equal(otg_host_ask(host, 0x80, 8, 0, 0, 1), 1);
        assert_int_equal(host->data[0], USB_CONFIGURATION_VALUE);
        assert_int_equal(otg_host_ask(host, 0x80, 6, 0x0100, 0, 18), 18);
    }
    otg_host_free(host);
}

static void streams_at_any_pace(void **state)
{
    (void)state;
    for (enum usb_link link = 0; link < USB_LINKS; link++)
        for (unsigned late = 0; late < 100; late += 33) {
            struct traffic traffic = traffic_on(link, 1000 * late);
            struct otg_host *host = streaming_host(SEED + late, &traffic);
            host->late = late;
            for (traffic.greed = 5; traffic.greed < 100; traffic.greed += 15)
                flow(host, &traffic, 1500);
            drain(host, &traffic);
            printf("link %d: %u bytes to the host, %u to the plate\n", (int)link,
                   traffic.to_host.got, traffic.to_plate.got);
            otg_host_free(host);
        }
}

/* Both links and questions on endpoint 0 together. */
static void everything_at_once(void **state)
{
    (void)state;
    struct traffic vendor = traffic_on(USB_LINK_VENDOR, 5), serial = traffic_on(USB_LINK_SERIAL, 9);
    struct otg_host *host = streaming_host(SEED, &vendor);
    otg_host_open(host, USB_LINK_SERIAL, 1);
    for (unsigned i = 0; i < 1500; i++) {
        host->late = otg_host_draw(host, 95);
        flow(host, &vendor, otg_host_draw(host, 8));
        flow(host, &serial, otg_host_draw(host, 8));
        if (otg_host_draw(host, 4) == 0)
            assert_int_equal(otg_host_ask(host, 0x80, 6, 0x0300, 0, 255), 4);
        if (otg_host_draw(host, 3) == 0)
            stm32_otg_frame(host->core);
    }
    drain(host, &vendor);
    drain(host, &serial);
    otg_host_free(host);
}

static void host_turn_meanwhile(struct otg_host *host, void *context)
{
    if (otg_host_draw(host, 40) == 0)
        host_turn(host, context);
}

/* Packets come and go between any two registers that the driver touches. */
static void the_bus_does_not_wait(void **state)
{
    (void)state;
    for (enum usb_link link = 0; link < USB_LINKS; link++) {
        struct traffic traffic = traffic_on(link, 21);
        struct otg_host *host = streaming_host(SEED, &traffic);
        host->context = &traffic;
        for (unsigned i = 0; i < 4000; i++) {
            host->meanwhile = host_turn_meanwhile;
            plate_turn(host, &traffic);
            host->meanwhile = NULL;
            if (otg_host_draw(host, 3) == 0)
                host_turn(host, &traffic);
        }
        drain(host, &traffic);
        printf("link %d: %u bytes to the host, %u to the plate\n", (int)link, traffic.to_host.got,
               traffic.to_plate.got);
        otg_host_free(host);
    }
}

/* A request given up in any stage, and the next one's SETUP at each moment of what the driver does
 * about it: the answer is that to the next. */
static void a_setup_at_any_moment(void **state)
{
    (void)state;
    struct otg_host *host = otg_host_make(SEED, 0);
    otg_host_enumerate(host);
    for (unsigned i = 0; i < 1200; i++) {
        unsigned packets = i % 4;
        host->late = 100;
        if (i % 3)
            otg_host_ask_partly(host, 0xC0, USB_REQUEST_MICROSOFT, 0, 7, 400, 0);
        else
            otg_host_ask_partly(host, 0x21, 0x20, 0, 1, 7, 0);
        uint8_t packet[64];
        int toggle;
        for (unsigned j = 0; j < packets; j++) { /* tokens, served or not */
            stm32_otg_in(host->core, host->address, 0, &toggle, packet);
            if (otg_host_draw(host, 2))
                otg_host_interrupt(host);
        }
        host->late = 0;
        unsigned accesses = otg_host_draw(host, 120);
        if (i & 4) {
            assert_int_equal(otg_host_ask_meanwhile(host, accesses, 0x80, 6, 0x0100, 0, 18), 18);
            assert_memory_equal(host->data, "\22\1", 2);
            continue;
        }
        const uint8_t coding[7] = {(uint8_t)i, (uint8_t)(i >> 8), 1, 0, 0, 0, 8};
        memcpy(host->data, coding, 7);
        assert_int_equal(otg_host_ask_meanwhile(host, accesses, 0x21, 0x20, 0, 1, 7), 7);
        assert_int_equal(otg_host_ask(host, 0xA1, 0x21, 0, 1, 7), 7);
        assert_memory_equal(host->data, coding, 7);
    }
    otg_host_free(host);
}

/* The same while the request before takes its endpoints down and up again, for which the driver has
 * to look into the receive FIFO (34.17.6, "OUT endpoint disable"): what it has begun for that
 * request must not answer the SETUP that it finds there. */
static void a_setup_while_endpoints_change(void **state)
{
    (void)state;
    struct otg_host *host = otg_host_make(SEED, 0);
    otg_host_enumerate(host);
    otg_host_open(host, USB_LINK_VENDOR, 1);
    for (unsigned accesses = 0; accesses < 400; accesses++)
        for (unsigned what = 0; what < 3; what++) {
            static const struct {
                uint8_t type, request, value, index;
            } asked[] = {{1, 11, 1, 0}, {2, 3, 0, 1}, {2, 1, 0, 1}, {0, 9, 7, 0}};
            host->late = 100;
            otg_host_ask_partly(host, asked[what].type, asked[what].request, asked[what].value,
                                asked[what].index, 0, 0);
            uint8_t packet[64];
            int toggle;
            assert_int_equal(stm32_otg_in(host->core, host->address, 0, &toggle, packet),
                             STM32_OTG_NAK);
            host->late = 0;
            assert_int_equal(otg_host_ask_meanwhile(host, accesses, 0x80, 6, 0x0100, 0, 18), 18);
            assert_memory_equal(host->data, "\22\1", 2);
        }
    otg_host_free(host);
}

/* Several SETUPs, with and without a token after each, before the interrupt is served even once:
 * only the last one is answered, and once. */
static void of_many_setups_the_last_counts(void **state)
{
    (void)state;
    struct otg_host *host = otg_host_make(SEED, 0);
    uint8_t packet[64];
    int toggle;
    otg_host_enumerate(host);
    for (unsigned tokens = 0; tokens < 32; tokens++)
        for (unsigned setups = 1; setups <= 5; setups++) {
            host->late = 100;
            for (unsigned i = 0; i < setups; i++) {
                otg_host_ask_partly(host, 0xC0, USB_REQUEST_MICROSOFT, 0, 7, 100 + i, 0);
                if (tokens >> i & 1)
                    assert_int_equal(stm32_otg_in(host->core, 7, 0, &toggle, packet),
                                     STM32_OTG_NAK);
            }
            host->late = 0;
            assert_int_equal(otg_host_ask_meanwhile(host, 0, 0x80, 6, 0x0100, 0, 18), 18);
            assert_memory_equal(host->data, "\22\1", 2);
            assert_int_equal(stm32_otg_in(host->core, 7, 0, &toggle, packet), STM32_OTG_NAK);
        }
    otg_host_free(host);
}

/* Nothing of the old session comes into the new one: its bytes have another salt. */
static void a_reset_in_the_midst(void **state)
{
    (void)state;
    struct traffic traffic = traffic_on(USB_LINK_VENDOR, 1);
    struct otg_host *host = streaming_host(SEED, &traffic);
    for (unsigned i = 1; i < 80; i++) {
        host->late = otg_host_draw(host, 100);
        flow(host, &traffic, otg_host_draw(host, 60));
        if (i % 3 == 0)
            otg_host_ask_partly(host, 0xC0, USB_REQUEST_MICROSOFT, 0, 7, 300, i % 4);
        if (i % 5 == 0)
            stm32_otg_suspend(host->core);
        otg_host_enumerate(host);
        assert_false(usb_link_is_open(&host->device, USB_LINK_VENDOR));
        assert_true(usb_link_has_closed(&host->device, USB_LINK_VENDOR));
        otg_host_open(host, USB_LINK_VENDOR, 1);
        traffic = traffic_on(USB_LINK_VENDOR, i * 100000);
    }
    flow(host, &traffic, 500);
    drain(host, &traffic);
    otg_host_free(host);
}

static void suspended_nothing_is_lost(void **state)
{
    (void)state;
    struct traffic traffic = traffic_on(USB_LINK_VENDOR, 3);
    struct otg_host *host = streaming_host(SEED, &traffic);
    uint8_t bytes[64] = {0};
    for (unsigned i = 0; i < 60; i++) {
        flow(host, &traffic, otg_host_draw(host, 100));
        stm32_otg_suspend(host->core);
        otg_host_time(host);
        assert_int_equal(otg_host_in(host, traffic.in, bytes), STM32_OTG_SILENT);
        otg_host_interrupt(host);
        assert_true(usb_device_is_suspended(&host->device));
        assert_int_equal(usb_link_send(&host->device, traffic.link, bytes, 64), 0);
        otg_host_poll(host);
        stm32_otg_resume(host->core);
        otg_host_interrupt(host);
        assert_false(usb_device_is_suspended(&host->device));
    }
    drain(host, &traffic);
    otg_host_free(host);
}

/* The interrupt comes only when the next thing has happened as well; how things are then counts. */
static void suspend_and_its_end_at_once(void **state)
{
    (void)state;
    struct otg_host *host = otg_host_make(SEED, 0);
    otg_host_enumerate(host);
    otg_host_open(host, USB_LINK_VENDOR, 1);
    stm32_otg_suspend(host->core);
    stm32_otg_resume(host->core);
    otg_host_interrupt(host);
    assert_false(usb_device_is_suspended(&host->device));
    stm32_otg_suspend(host->core);
    otg_host_interrupt(host);
    assert_true(usb_device_is_suspended(&host->device));
    stm32_otg_resume(host->core);
    stm32_otg_suspend(host->core);
    otg_host_interrupt(host);
    assert_true(usb_device_is_suspended(&host->device));
    stm32_otg_resume(host->core);
    stm32_otg_suspend(host->core);
    stm32_otg_reset_begin(host->core);
    stm32_otg_reset_end(host->core);
    otg_host_interrupt(host);
    assert_false(usb_device_is_suspended(&host->device));
    host->address = 0;
    assert_int_equal(otg_host_ask(host, 0x80, 6, 0x0100, 0, 18), 18);
    otg_host_free(host);
}

/* Halted in full flow, either way; a halt takes at most what was under way. */
static void halts_hold_and_end(void **state)
{
    (void)state;
    for (enum usb_link link = 0; link < USB_LINKS; link++) {
        struct traffic traffic = traffic_on(link, 11);
        struct otg_host *host = streaming_host(SEED, &traffic);
        uint8_t bytes[64] = {0};
        for (unsigned i = 0; i < 120; i++) {
            int is_in = (int)otg_host_draw(host, 2);
            uint8_t endpoint = is_in ? traffic.in : traffic.out;
            struct stream *stream = is_in ? &traffic.to_host : &traffic.to_plate;
            host->late = otg_host_draw(host, 90);
            flow(host, &traffic, otg_host_draw(host, 40));
            assert_int_equal(otg_host_ask(host, 0x02, 3, 0, endpoint, 0), 0);
            read_all(host, &traffic); /* what came before the gap */
            if (is_in)
                stream->may_jump = 1;
            else
                stream->got = stream->sent; /* from the end of the halt on all must arrive */
            uint32_t before = stream->got;
            assert_int_equal(is_in ? otg_host_in(host, endpoint, bytes)
                                   : otg_host_out(host, endpoint, bytes, 9),
                             STM32_OTG_STALL);
            assert_int_equal(otg_host_ask(host, 0x82, 0, 0, endpoint, 2), 2);
            assert_int_equal(host->data[0], 1);
            assert_int_equal(otg_host_ask(host, 0x02, 1, 0, endpoint, 0), 0);
            *(is_in ? &host->in_toggle[endpoint & 15u] : &host->out_toggle[endpoint & 15u]) = 0;
            flow(host, &traffic, 200);
            assert_true(stream->got > before);
        }
        otg_host_free(host);
    }
}

/* Settings and DTR to and fro while bytes are under way: endpoints are closed in full flow. */
static void links_open_and_close(void **state)
{
    (void)state;
    for (enum usb_link link = 0; link < USB_LINKS; link++) {
        struct traffic traffic = traffic_on(link, 0);
        struct otg_host *host = streaming_host(SEED, &traffic);
        uint8_t bytes[64];
        for (unsigned i = 1; i < 120; i++) {
            host->late = otg_host_draw(host, 100);
            flow(host, &traffic, otg_host_draw(host, 50));
            otg_host_open(host, link, 0);
            assert_int_equal(otg_host_in(host, traffic.in, bytes),
                             link == USB_LINK_VENDOR ? STM32_OTG_SILENT : STM32_OTG_NAK);
            assert_true(usb_link_has_closed(&host->device, link));
            otg_host_interrupt(host);
            otg_host_open(host, link, 1);
            traffic = traffic_on(link, i * 100000);
        }
        flow(host, &traffic, 300);
        drain(host, &traffic);
        otg_host_free(host);
    }
}

/* A plate with its own supply notices that the cable is gone, and comes back on it. */
static void the_cable_is_pulled(void **state)
{
    (void)state;
    struct otg_host *host = otg_host_make(SEED, 1);
    struct traffic traffic = traffic_on(USB_LINK_VENDOR, 0);
    for (unsigned i = 1; i < 30; i++) {
        host->late = otg_host_draw(host, 100);
        otg_host_enumerate(host);
        otg_host_open(host, USB_LINK_VENDOR, 1);
        usb_link_has_closed(&host->device, USB_LINK_VENDOR);
        traffic = traffic_on(USB_LINK_VENDOR, i * 100000);
        flow(host, &traffic, otg_host_draw(host, 80));
        stm32_otg_cable(host->core, 0);
        otg_host_interrupt(host);
        assert_false(stm32_otg_is_connected(host->core));
        assert_false(usb_link_is_open(&host->device, USB_LINK_VENDOR));
        stm32_otg_cable(host->core, 1);
        otg_host_interrupt(host);
        assert_true(stm32_otg_is_connected(host->core));
    }
    otg_host_free(host);
}

/* Anything in any order, with the interrupt now prompt, now very late; then an orderly host. */
static void monkey_does(struct otg_host *host)
{
    uint8_t bytes[64] = {0};
    unsigned endpoint = otg_host_draw(host, 4);
    int toggle;
    switch (otg_host_draw(host, 12)) {
    case 0:
        otg_host_reset(host);
        break;
    case 1:
        otg_host_ask_partly(host, 0xC0, USB_REQUEST_MICROSOFT, 0, 7, otg_host_draw(host, 300),
                            otg_host_draw(host, 4));
        break;
    case 2:
        if (otg_host_ask(host, 0, 5, 9, 0, 0) == 0)
            host->address = 9;
        break;
    case 3:
        otg_host_ask(host, 0, 9, otg_host_draw(host, 2), 0, 0);
        break;
    case 4:
        otg_host_ask(host, 1, 11, otg_host_draw(host, 2), 0, 0);
        break;
    case 5:
        otg_host_ask(host, 2, otg_host_draw(host, 2) ? 3 : 1, 0,
                     endpoint | (otg_host_draw(host, 2) ? 0x80 : 0), 0);
        break;
    case 6:
        stm32_otg_suspend(host->core);
        otg_host_interrupt(host);
        stm32_otg_resume(host->core);
        break;
    case 7:
        stm32_otg_out(host->core, host->address, endpoint, (int)otg_host_draw(host, 2), bytes,
                      otg_host_draw(host, 65));
        break;
    default:
        stm32_otg_in(host->core, host->address, endpoint, &toggle, bytes);
        for (enum usb_link link = 0; link < USB_LINKS; link++) {
            usb_link_has_closed(&host->device, link);
            usb_link_send(&host->device, link, bytes, otg_host_draw(host, 64));
            usb_link_receive(&host->device, link, bytes, sizeof bytes);
        }
        otg_host_poll(host);
    }
    otg_host_time(host);
}

static void whatever_a_host_does(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 40; round++) {
        struct traffic traffic = traffic_on(USB_LINK_VENDOR, round * 100000);
        struct otg_host *host = otg_host_make(SEED + round, 0);
        otg_host_reset(host);
        for (unsigned i = 0; i < 600; i++) {
            host->late = otg_host_draw(host, 100);
            monkey_does(host);
        }
        otg_host_interrupt(host);
        otg_host_enumerate(host);
        otg_host_open(host, USB_LINK_VENDOR, 1);
        usb_link_has_closed(&host->device, USB_LINK_VENDOR);
        flow(host, &traffic, 200);
        drain(host, &traffic);
        otg_host_free(host);
    }
}

int main(void)
{
    printf("seed %llu\n", (unsigned long long)SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_enumerated),
        cmocka_unit_test(control_transfers_of_each_length),
        cmocka_unit_test(a_status_with_bytes_is_stalled),
        cmocka_unit_test(abandoned_requests_leave_nothing),
        cmocka_unit_test(streams_at_any_pace),
        cmocka_unit_test(everything_at_once),
        cmocka_unit_test(the_bus_does_not_wait),
        cmocka_unit_test(a_setup_at_any_moment),
        cmocka_unit_test(a_setup_while_endpoints_change),
        cmocka_unit_test(of_many_setups_the_last_counts),
        cmocka_unit_test(a_reset_in_the_midst),
        cmocka_unit_test(suspended_nothing_is_lost),
        cmocka_unit_test(suspend_and_its_end_at_once),
        cmocka_unit_test(halts_hold_and_end),
        cmocka_unit_test(links_open_and_close),
        cmocka_unit_test(the_cable_is_pulled),
        cmocka_unit_test(whatever_a_host_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
