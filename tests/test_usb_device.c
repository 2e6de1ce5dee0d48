/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plate as a USB device, asked everything that chapter 9 of USB 2.0 knows, in each state, and
 * interrupted wherever a host may interrupt it. The bus complains about any rule it breaks. */
#include "firmware/core/usb_descriptors.h"
#include "tests/support/usb_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define SEED UINT64_C(20261122)

static uint64_t random_state = SEED;

static uint32_t draw(uint32_t below)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((random_state >> 33) % below);
}

/* --- Chapter 9, request by request ----------------------------------------------------------- */

enum { NO = USB_BUS_STALL };

/* What is expected without an address, with one, configured, and streaming (setting 1). */
struct question {
    const char *what;
    unsigned type, request, value, index, length;
    int early, addressed, configured, streaming;
};

static const struct question questions[] = {
    {"GET_STATUS of the device", 0x80, 0, 0, 0, 2, NO, 2, 2, 2},
    {"GET_STATUS of an interface", 0x81, 0, 0, 0, 2, NO, NO, 2, 2},
    {"GET_STATUS of the last interface", 0x81, 0, 0, 2, 2, NO, NO, 2, 2},
    {"GET_STATUS of no interface", 0x81, 0, 0, 3, 2, NO, NO, NO, NO},
    {"GET_STATUS of endpoint 0", 0x82, 0, 0, 0, 2, NO, 2, 2, 2},
    {"GET_STATUS of endpoint 0 IN", 0x82, 0, 0, 0x80, 2, NO, 2, 2, 2},
    {"GET_STATUS of the stream IN", 0x82, 0, 0, 0x81, 2, NO, NO, NO, 2},
    {"GET_STATUS of the stream OUT", 0x82, 0, 0, 0x01, 2, NO, NO, NO, 2},
    {"GET_STATUS of the notices", 0x82, 0, 0, 0x82, 2, NO, NO, 2, 2},
    {"GET_STATUS of no endpoint", 0x82, 0, 0, 0x02, 2, NO, NO, NO, NO},
    {"GET_STATUS of endpoint 9, like 1", 0x82, 0, 0, 0x09, 2, NO, NO, NO, NO},
    {"GET_STATUS of endpoint 0x11, like 1", 0x82, 0, 0, 0x11, 2, NO, NO, NO, NO},
    {"GET_STATUS of an endpoint over 255", 0x82, 0, 0, 0x0182, 2, NO, NO, NO, NO},
    {"GET_STATUS of something else", 0x83, 0, 0, 0, 2, NO, NO, NO, NO},
    {"GET_STATUS with a value", 0x80, 0, 1, 0, 2, NO, NO, NO, NO},
    {"GET_STATUS with an index", 0x80, 0, 0, 1, 2, NO, NO, NO, NO},
    {"GET_STATUS of 3 bytes", 0x80, 0, 0, 0, 3, NO, NO, NO, NO},
    {"GET_STATUS to the device", 0x00, 0, 0, 0, 0, NO, NO, NO, NO},

    {"SET_FEATURE remote wakeup", 0x00, 3, 1, 0, 0, NO, NO, NO, NO},
    {"CLEAR_FEATURE remote wakeup", 0x00, 1, 1, 0, 0, NO, NO, NO, NO},
    {"SET_FEATURE test mode", 0x00, 3, 2, 0x0100, 0, NO, NO, NO, NO},
    {"SET_FEATURE halt of an interface", 0x01, 3, 0, 0, 0, NO, NO, NO, NO},
    {"SET_FEATURE halt of endpoint 0", 0x02, 3, 0, 0, 0, NO, NO, NO, NO},
    {"CLEAR_FEATURE halt of endpoint 0", 0x02, 1, 0, 0x80, 0, NO, 0, 0, 0},
    {"SET_FEATURE halt of the notices", 0x02, 3, 0, 0x82, 0, NO, NO, 0, 0},
    {"CLEAR_FEATURE halt of the notices", 0x02, 1, 0, 0x82, 0, NO, NO, 0, 0},
    {"CLEAR_FEATURE halt of the stream", 0x02, 1, 0, 0x81, 0, NO, NO, NO, 0},
    {"CLEAR_FEATURE halt of no endpoint", 0x02, 1, 0, 0x84, 0, NO, NO, NO, NO},
    {"CLEAR_FEATURE halt with data", 0x02, 1, 0, 0x82, 1, NO, NO, NO, NO},
    {"CLEAR_FEATURE halt the wrong way", 0x82, 1, 0, 0x82, 1, NO, NO, NO, NO},

    {"SET_ADDRESS over 127", 0x00, 5, 128, 0, 0, NO, NO, NO, NO},
    {"SET_ADDRESS with an index", 0x00, 5, 5, 1, 0, NO, NO, NO, NO},
    {"SET_ADDRESS with data", 0x00, 5, 5, 0, 1, NO, NO, NO, NO},
    {"SET_ADDRESS of an interface", 0x01, 5, 5, 0, 0, NO, NO, NO, NO},

    {"GET_DESCRIPTOR device", 0x80, 6, 0x0100, 0, 18, 18, 18, 18, 18},
    {"GET_DESCRIPTOR device, the first 8", 0x80, 6, 0x0100, 0, 8, 8, 8, 8, 8},
    {"GET_DESCRIPTOR device, of 64", 0x80, 6, 0x0100, 0, 64, 18, 18, 18, 18},
    {"GET_DESCRIPTOR device 1", 0x80, 6, 0x0101, 0, 18, NO, NO, NO, NO},
    {"GET_DESCRIPTOR device, in a language", 0x80, 6, 0x0100, 0x0409, 18, NO, NO, NO, NO},
    {"GET_DESCRIPTOR configuration, the first 9", 0x80, 6, 0x0200, 0, 9, 9, 9, 9, 9},
    {"GET_DESCRIPTOR configuration 1", 0x80, 6, 0x0201, 0, 9, NO, NO, NO, NO},
    {"GET_DESCRIPTOR languages", 0x80, 6, 0x0300, 0, 255, 4, 4, 4, 4},
    {"GET_DESCRIPTOR serial", 0x80, 6, 0x0303, 0x0409, 255, 18, 18, 18, 18},
    {"GET_DESCRIPTOR serial, the first 2", 0x80, 6, 0x0303, 0x0409, 2, 2, 2, 2, 2},
    {"GET_DESCRIPTOR interface", 0x80, 6, 0x0400, 0, 9, NO, NO, NO, NO},
    {"GET_DESCRIPTOR endpoint", 0x80, 6, 0x0500, 0, 7, NO, NO, NO, NO},
    {"GET_DESCRIPTOR device qualifier", 0x80, 6, 0x0600, 0, 10, NO, NO, NO, NO},
    {"GET_DESCRIPTOR other speed", 0x80, 6, 0x0700, 0, 9, NO, NO, NO, NO},
    {"GET_DESCRIPTOR debug", 0x80, 6, 0x0A00, 0, 4, NO, NO, NO, NO},
    {"GET_DESCRIPTOR BOS", 0x80, 6, 0x0F00, 0, 5, 5, 5, 5, 5},
    {"GET_DESCRIPTOR of an interface", 0x81, 6, 0x2200, 0, 64, NO, NO, NO, NO},
    {"GET_DESCRIPTOR the wrong way", 0x00, 6, 0x0100, 0, 18, NO, NO, NO, NO},
    {"GET_DESCRIPTOR of nothing", 0x80, 6, 0x0100, 0, 0, 0, 0, 0, 0},
    {"SET_DESCRIPTOR", 0x00, 7, 0x0100, 0, 18, NO, NO, NO, NO},

    {"GET_CONFIGURATION", 0x80, 8, 0, 0, 1, NO, 1, 1, 1},
    {"GET_CONFIGURATION of 2 bytes", 0x80, 8, 0, 0, 2, NO, NO, NO, NO},
    {"GET_CONFIGURATION of an interface", 0x81, 8, 0, 0, 1, NO, NO, NO, NO},
    {"SET_CONFIGURATION 2", 0x00, 9, 2, 0, 0, NO, NO, NO, NO},
    {"SET_CONFIGURATION 257", 0x00, 9, 257, 0, 0, NO, NO, NO, NO},
    {"SET_CONFIGURATION with an index", 0x00, 9, 1, 1, 0, NO, NO, NO, NO},

    {"GET_INTERFACE of the stream", 0x81, 10, 0, 0, 1, NO, NO, 1, 1},
    {"GET_INTERFACE of the serial port", 0x81, 10, 0, 2, 1, NO, NO, 1, 1},
    {"GET_INTERFACE of none", 0x81, 10, 0, 3, 1, NO, NO, NO, NO},
    {"GET_INTERFACE with a value", 0x81, 10, 1, 0, 1, NO, NO, NO, NO},
    {"GET_INTERFACE of the device", 0x80, 10, 0, 0, 1, NO, NO, NO, NO},
    {"SET_INTERFACE of the stream to 2", 0x01, 11, 2, 0, 0, NO, NO, NO, NO},
    {"SET_INTERFACE of the serial port to 0", 0x01, 11, 0, 1, 0, NO, NO, 0, 0},
    {"SET_INTERFACE of the serial port to 1", 0x01, 11, 1, 2, 0, NO, NO, NO, NO},
    {"SET_INTERFACE of none", 0x01, 11, 0, 3, 0, NO, NO, NO, NO},
    {"SET_INTERFACE of 256, like 0", 0x01, 11, 0, 256, 0, NO, NO, NO, NO},
    {"SYNCH_FRAME", 0x82, 12, 0, 0x81, 2, NO, NO, NO, NO},
    {"request 2", 0x00, 2, 0, 0, 0, NO, NO, NO, NO},
    {"request 255", 0x80, 255, 0, 0, 8, NO, NO, NO, NO},

    {"GET_LINE_CODING", 0xA1, 0x21, 0, 1, 7, NO, NO, 7, 7},
    {"GET_LINE_CODING of the data interface", 0xA1, 0x21, 0, 2, 7, NO, NO, NO, NO},
    {"GET_LINE_CODING of an endpoint", 0xA2, 0x21, 0, 1, 7, NO, NO, NO, NO},
    {"SET_LINE_CODING of 6 bytes", 0x21, 0x20, 0, 1, 6, NO, NO, NO, NO},
    {"SET_LINE_CODING of 8 bytes", 0x21, 0x20, 0, 1, 8, NO, NO, NO, NO},
    {"SET_CONTROL_LINE_STATE", 0x21, 0x22, 0, 1, 0, NO, NO, 0, 0},
    {"SET_CONTROL_LINE_STATE with data", 0x21, 0x22, 0, 1, 2, NO, NO, NO, NO},
    {"SEND_BREAK", 0x21, 0x23, 0xFFFF, 1, 0, NO, NO, 0, 0},
    {"SEND_ENCAPSULATED_COMMAND", 0x21, 0x00, 0, 1, 4, NO, NO, NO, NO},
    {"a class request of the stream", 0x21, 0x22, 0, 0, 0, NO, NO, NO, NO},
    {"Microsoft OS 2.0 descriptors", 0xC0, USB_REQUEST_MICROSOFT, 0, 7, 178, NO, 178, 178, 178},
    {"WebUSB's landing page, its head", 0xC0, USB_REQUEST_WEBUSB, 1, 2, 3, NO, 3, 3, 3},
    {"a vendor request of nobody's", 0xC0, 0x01, 0, 7, 64, NO, NO, NO, NO},
    {"a request of the reserved kind", 0x60, 0x00, 0, 0, 0, NO, NO, NO, NO},
};

static void ask_all(struct usb_host *host, const char *state, size_t offset)
{
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        const struct question *q = &questions[i];
        int wanted = *(const int *)((const char *)q + offset);
        memset(host->data, 0x55, 64);
        int n = usb_host_ask(host, q->type, q->request, q->value, q->index, q->length);
        if (n != wanted)
            fail_msg("%s, %s: %d instead of %d", q->what, state, n, wanted);
    }
}

static void each_request_in_each_state(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    usb_host_plug(host);
    ask_all(host, "without an address", offsetof(struct question, early));
    assert_int_equal(usb_host_ask(host, 0x00, 5, 77, 0, 0), 0);
    ask_all(host, "addressed", offsetof(struct question, addressed));
    usb_host_plug(host);
    usb_host_enumerate(host);
    ask_all(host, "configured", offsetof(struct question, configured));
    usb_host_open(host, USB_LINK_VENDOR, 1);
    ask_all(host, "streaming", offsetof(struct question, streaming));
    assert_int_equal(usb_host_ask(host, 0x00, 5, 6, 0, 0), NO); /* an address while configured */
    assert_int_equal(usb_host_ask(host, 0x00, 9, 0, 0, 0), 0);
    ask_all(host, "unconfigured again", offsetof(struct question, addressed));
    assert_int_equal(usb_host_ask(host, 0x00, 5, 0, 0, 0), 0); /* address 0: as after a reset */
    ask_all(host, "without an address again", offsetof(struct question, early));
    usb_host_free(host);
}

static unsigned status_of(struct usb_host *host, unsigned type, unsigned index)
{
    assert_int_equal(usb_host_ask(host, type, 0, 0, index, 2), 2);
    return host->data[0] | (unsigned)host->data[1] << 8;
}

static unsigned byte_of(struct usb_host *host, unsigned type, unsigned request, unsigned index)
{
    assert_int_equal(usb_host_ask(host, type, request, 0, index, 1), 1);
    return host->data[0];
}

/* What is told is what was set. */
static void it_tells_its_state(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    usb_host_plug(host);
    assert_int_equal(usb_host_ask(host, 0x00, 5, 1, 0, 0), 0);
    assert_int_equal(status_of(host, 0x80, 0), 0); /* from the bus, no remote wakeup */
    assert_int_equal(byte_of(host, 0x80, 8, 0), 0);
    usb_host_enumerate(host);
    assert_int_equal(status_of(host, 0x80, 0), 0);
    assert_int_equal(byte_of(host, 0x80, 8, 0), 1);
    assert_int_equal(byte_of(host, 0x81, 10, 0), 0);
    usb_host_open(host, USB_LINK_VENDOR, 1);
    assert_int_equal(byte_of(host, 0x81, 10, 0), 1);
    assert_int_equal(byte_of(host, 0x81, 10, 2), 0);
    assert_true(usb_link_is_open(&host->device, USB_LINK_VENDOR));
    assert_int_equal(usb_host_ask(host, 0x00, 9, 1, 0, 0), 0); /* the same one: begins anew */
    assert_int_equal(byte_of(host, 0x81, 10, 0), 0);
    assert_false(usb_link_is_open(&host->device, USB_LINK_VENDOR));
    usb_host_free(host);
}

/* --- Data stages ----------------------------------------------------------------------------- */

/* A name of 31 characters is a descriptor of exactly one packet. Asked for more, the host is told
 * by an empty packet that there is no more; asked for 64, it is not. The bus hangs otherwise. */
static void a_full_last_packet_is_followed_by_an_empty_one(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    host->config.product = "a product of thirty-one letters";
    usb_host_plug(host);
    usb_host_enumerate(host);
    assert_int_equal(usb_host_ask(host, 0x80, 6, 0x0302, 0x0409, 255), 64);
    assert_int_equal(usb_host_ask(host, 0x80, 6, 0x0302, 0x0409, 65), 64);
    assert_int_equal(usb_host_ask(host, 0x80, 6, 0x0302, 0x0409, 64), 64);
    assert_int_equal(usb_host_ask(host, 0x80, 6, 0x0302, 0x0409, 63), 63);
    for (unsigned length = 0; length < 300; length++) {
        int most = 10 + 8 + 8 + 20 + 132;
        assert_int_equal(usb_host_ask(host, 0xC0, USB_REQUEST_MICROSOFT, 0, 7, length),
                         (int)length < most ? (int)length : most);
    }
    assert_int_equal(usb_host_ask(host, 0xC0, USB_REQUEST_MICROSOFT, 0, 7, 65535), 178);
    usb_host_free(host);
}

/* The next request is answered wherever the last one was given up, also by an early status. */
static void a_transfer_may_end_anywhere(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    usb_host_plug(host);
    usb_host_enumerate(host);
    const uint8_t setup[8] = {0xC0, USB_REQUEST_MICROSOFT, 0, 0, 7, 0, 200, 0};
    for (unsigned packets = 0; packets <= 3; packets++) {
        usb_host_ask_part(host, 0xC0, USB_REQUEST_MICROSOFT, 0, 7, 200, packets);
        assert_int_equal(usb_host_ask(host, 0x80, 6, 0x0100, 0, 64), 18);
        usb_host_ask_part(host, 0xC0, USB_REQUEST_MICROSOFT, 0, 7, 200, packets);
        assert_int_equal(usb_bus_control_status(host->bus, setup), 0);
        assert_int_equal(usb_host_ask(host, 0x80, 8, 0, 0, 1), 1);
        usb_host_ask_part(host, 0xC0, USB_REQUEST_MICROSOFT, 0, 7, 200, packets);
        assert_int_equal(usb_host_ask(host, 0x00, 9, 1, 0, 0), 0);
        usb_host_ask_part(host, 0xC0, USB_REQUEST_MICROSOFT, 0, 7, 200, packets);
        usb_bus_reset(host->bus);
        usb_host_enumerate(host);
    }
    usb_host_free(host);
}

static int set_coding(struct usb_host *host, uint32_t baud, unsigned stop, unsigned parity,
                      unsigned bits)
{
    for (int i = 0; i < 4; i++)
        host->data[i] = (uint8_t)(baud >> 8 * i);
    host->data[4] = (uint8_t)stop;
    host->data[5] = (uint8_t)parity;
    host->data[6] = (uint8_t)bits;
    return usb_host_ask(host, 0x21, 0x20, 0, 1, 7);
}

static void line_coding_is_kept_if_it_is_one(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    usb_host_plug(host);
    usb_host_enumerate(host);
    assert_int_equal(usb_host_ask(host, 0xA1, 0x21, 0, 1, 7), 7);
    assert_memory_equal(host->data, "\0\302\1\0\0\0\10", 7); /* 115200 8N1 */
    assert_int_equal(set_coding(host, 3000000, 2, 4, 16), 7);
    assert_int_equal(set_coding(host, 9600, 3, 0, 8), NO);
    assert_int_equal(set_coding(host, 9600, 0, 5, 8), NO);
    assert_int_equal(set_coding(host, 9600, 0, 0, 4), NO);
    assert_int_equal(set_coding(host, 9600, 0, 0, 9), NO);
    set_coding(host, 0, 0, 0, 8);
    usb_host_ask_part(host, 0x21, 0x20, 0, 1, 7, 0); /* its data never comes */
    assert_int_equal(set_coding(host, 3000000, 2, 4, 16), 7);
    usb_host_ask_part(host, 0x21, 0x20, 0, 1, 7, 0);
    assert_int_equal(usb_host_ask(host, 0xA1, 0x21, 0, 1, 7), 7);
    assert_memory_equal(host->data, "\300\306\55\0\2\4\20", 7);
    usb_bus_reset(host->bus);
    usb_host_enumerate(host);
    assert_int_equal(usb_host_ask(host, 0xA1, 0x21, 0, 1, 7), 7);
    assert_memory_equal(host->data, "\0\302\1\0\0\0\10", 7);
    usb_host_free(host);
}

/* A host that sends more or less than it said, up to a whole packet into a few bytes of room, or
 * data where none belongs, is stalled; the coding stays as it was, and the next request is
 * answered. */
static void wrong_data_stages_are_stalled(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    const uint8_t setup[8] = {0x21, 0x20};
    uint8_t coding[USB_PACKET_MAX] = {0x80, 0x25, 0, 0, 0, 0, 8, 0};
    memset(coding + 8, 0x55, sizeof coding - 8);
    usb_host_plug(host);
    usb_host_enumerate(host);
    for (size_t n = 0; n <= sizeof coding; n++) {
        if (n == 7)
            continue;
        usb_host_ask_part(host, 0x21, 0x20, 0, 1, 7, 0);
        usb_device_received(&host->device, 0x00, coding, n);
        assert_int_equal(usb_bus_control_status(host->bus, setup), USB_BUS_STALL);
        assert_int_equal(usb_host_ask(host, 0xA1, 0x21, 0, 1, 7), 7);
        assert_memory_equal(host->data, "\0\302\1\0\0\0\10", 7);
    }
    usb_host_ask_part(host, 0x80, 6, 0x0100, 0, 18, 0);
    usb_device_received(&host->device, 0x00, coding, 8);
    assert_int_equal(usb_bus_control_status(host->bus, setup), USB_BUS_STALL);
    assert_int_equal(usb_host_ask(host, 0x80, 8, 0, 0, 1), 1);
    usb_host_free(host);
}

/* --- Links ----------------------------------------------------------------------------------- */

static struct usb_host *open_host(enum usb_link link)
{
    struct usb_host *host = usb_host_make();
    usb_host_plug(host);
    usb_host_enumerate(host);
    usb_host_open(host, link, 1);
    return host;
}

static void fill(uint8_t *bytes, size_t n, unsigned from)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)((from + i) * 2654435761u >> 11);
}

/* Any number of bytes comes as it was given, in packets that are full but for the last, and a
 * host's big read ends with them. */
static void bytes_come_whole_and_a_read_ends(void **state)
{
    (void)state;
    uint8_t given[USB_HOST_RING_BYTES], got[USB_HOST_RING_BYTES + 64];
    unsigned from = 0;
    for (enum usb_link link = 0; link < USB_LINKS; link++) {
        struct usb_host *host = open_host(link);
        for (int i = 0; i < 600; i++) {
            size_t n = i < 200 ? (size_t)i + 1 : 1 + draw(USB_HOST_RING_BYTES);
            int done = 0;
            fill(given, n, from);
            assert_int_equal(usb_link_send(&host->device, link, given, n), n);
            size_t total = (n + 64) / 64 * 64; /* just enough for a short or empty last packet */
            int read = usb_bus_read(host->bus, (uint8_t)(link ? 0x83 : 0x81), got, total, &done);
            usb_host_check(host);
            assert_int_equal(read, n);
            assert_true(done);
            assert_memory_equal(got, given, n);
            assert_int_equal(usb_host_read(host, link, got, 64), 0); /* and no more */
            from += (unsigned)n;
        }
        usb_host_free(host);
    }
}

/* Both ways at once, in pieces of all sizes, the rings full and empty. */
static void both_directions_keep_their_order(void **state)
{
    (void)state;
    uint8_t bytes[512];
    for (enum usb_link link = 0; link < USB_LINKS; link++) {
        struct usb_host *host = open_host(link);
        unsigned said = 0, read = 0, written = 0, heard = 0;
        for (int i = 0; i < 6000; i++) {
            uint8_t wanted[512];
            size_t n = 1 + draw(sizeof bytes);
            fill(bytes, n, said);
            said += (unsigned)usb_link_send(&host->device, link, bytes, n);
            n = usb_host_read(host, link, bytes, draw(9) * 64u);
            fill(wanted, n, read);
            assert_memory_equal(bytes, wanted, n);
            read += (unsigned)n;
            n = draw(200);
            fill(bytes, n, written);
            written += (unsigned)usb_host_write(host, link, bytes, n);
            n = usb_link_receive(&host->device, link, bytes, draw(200));
            fill(wanted, n, heard);
            assert_memory_equal(bytes, wanted, n);
            heard += (unsigned)n;
        }
        assert_true(read > 500000 && heard > 300000);
        assert_true(written - heard <= USB_INBOX_BYTES);
        assert_true(said - read <= USB_HOST_RING_BYTES);
        usb_host_free(host);
    }
}

/* A host that does not read: the plate is told at once that there is no room, and loses nothing
 * that was taken. One that writes more than is read gets NAKs. */
static void a_slow_side_holds_nobody_up(void **state)
{
    (void)state;
    struct usb_host *host = open_host(USB_LINK_VENDOR);
    uint8_t bytes[USB_HOST_RING_BYTES + 64], got[USB_HOST_RING_BYTES + 64];
    fill(bytes, sizeof bytes, 0);
    assert_int_equal(usb_link_send(&host->device, USB_LINK_VENDOR, bytes, sizeof bytes),
                     USB_HOST_RING_BYTES);
    assert_false(usb_link_has_left(&host->device, USB_LINK_VENDOR));
    assert_int_equal(usb_link_send(&host->device, USB_LINK_VENDOR, bytes, 1), 0);
    assert_int_equal(usb_host_read(host, USB_LINK_VENDOR, got, sizeof got), USB_HOST_RING_BYTES);
    assert_memory_equal(got, bytes, USB_HOST_RING_BYTES);
    assert_true(usb_link_has_left(&host->device, USB_LINK_VENDOR));
    assert_int_equal(usb_host_write(host, USB_LINK_VENDOR, bytes, 4096), USB_INBOX_BYTES);
    assert_int_equal(usb_link_receive(&host->device, USB_LINK_VENDOR, got, sizeof got),
                     USB_INBOX_BYTES);
    assert_int_equal(usb_host_write(host, USB_LINK_VENDOR, bytes, 64), 64);
    usb_host_free(host);
}

/* --- Sessions -------------------------------------------------------------------------------- */

enum ending { BY_THE_HOST, BY_CONFIGURATION, BY_NO_CONFIGURATION, BY_RESET, BY_UNPLUG, ENDINGS };

static void end_session(struct usb_host *host, enum usb_link link, enum ending ending)
{
    switch (ending) {
    case BY_THE_HOST:
        usb_host_open(host, link, 0);
        break;
    case BY_CONFIGURATION:
        assert_int_equal(usb_host_ask(host, 0x00, 9, 1, 0, 0), 0);
        break;
    case BY_NO_CONFIGURATION:
        assert_int_equal(usb_host_ask(host, 0x00, 9, 0, 0, 0), 0);
        assert_int_equal(usb_host_ask(host, 0x00, 9, 1, 0, 0), 0);
        break;
    case BY_UNPLUG:
        usb_device_connect(&host->device, 0);
        usb_device_connect(&host->device, 1);
        usb_bus_reset(host->bus);
        usb_host_enumerate(host);
        break;
    default:
        usb_bus_reset(host->bus);
        usb_host_enumerate(host);
    }
    usb_host_check(host);
}

/* However a session ends, and with whatever on its way, nothing of it reaches the next one, in
 * either direction; and the plate side learns of it even if the link is open again by then. */
static void nothing_of_a_session_reaches_the_next(void **state)
{
    (void)state;
    uint8_t bytes[3000], got[USB_HOST_RING_BYTES];
    for (enum usb_link link = 0; link < USB_LINKS; link++)
        for (enum ending ending = 0; ending < ENDINGS; ending++)
            for (int fetched = 0; fetched < 4; fetched++) {
                struct usb_host *host = open_host(link);
                fill(bytes, sizeof bytes, 1);
                usb_link_send(&host->device, link, bytes, sizeof bytes);
                assert_int_equal(usb_host_read(host, link, got, (size_t)fetched * 64u),
                                 fetched * 64);
                usb_host_write(host, link, bytes, 300);
                end_session(host, link, ending);
                usb_host_open(host, link, 1);
                assert_true(usb_link_is_open(&host->device, link));
                assert_int_equal(usb_host_write(host, link, (const uint8_t *)"new", 3), 3);
                /* the main loop has not noticed yet, and goes on in its old message */
                assert_int_equal(usb_link_send(&host->device, link, bytes, 100), 0);
                assert_int_equal(usb_link_receive(&host->device, link, got, sizeof got), 0);
                assert_int_equal(usb_host_read(host, link, got, 64), 0);
                assert_true(usb_link_has_closed(&host->device, link));
                assert_false(usb_link_has_closed(&host->device, link));
                assert_int_equal(usb_link_send(&host->device, link, (const uint8_t *)"hello", 5),
                                 5);
                assert_int_equal(usb_host_read(host, link, got, sizeof got), 5);
                assert_memory_equal(got, "hello", 5);
                assert_int_equal(usb_link_receive(&host->device, link, got, sizeof got), 3);
                assert_memory_equal(got, "new", 3);
                usb_host_free(host);
            }
}

/* A full packet that a host has not fetched when it leaves owes the next one no empty one. */
static void no_empty_packet_is_left_over(void **state)
{
    (void)state;
    for (enum usb_link link = 0; link < USB_LINKS; link++) {
        struct usb_host *host = open_host(link);
        const uint8_t in =
            link == USB_LINK_VENDOR ? USB_ENDPOINT_STREAM_IN : USB_ENDPOINT_SERIAL_IN;
        uint8_t bytes[USB_PACKET_MAX] = {0};
        usb_link_send(&host->device, link, bytes, sizeof bytes);
        usb_device_poll(&host->device);
        usb_host_open(host, link, 0);
        usb_host_open(host, link, 1);
        assert_true(usb_link_has_closed(&host->device, link));
        assert_int_equal(usb_bus_in(host->bus, in, bytes), USB_BUS_NAK);
        usb_host_free(host);
    }
}

/* SET_INTERFACE 1 again, as a second program would: a new session. The serial data interface: as
 * DTR stays up, it is a new one at once. */
static void choosing_a_setting_again_is_a_new_session(void **state)
{
    (void)state;
    for (enum usb_link link = 0; link < USB_LINKS; link++) {
        struct usb_host *host = open_host(link);
        uint8_t got[64];
        usb_link_send(&host->device, link, (const uint8_t *)"old", 3);
        assert_int_equal(usb_host_ask(host, 0x01, 11, link ? 0 : 1, link ? 2 : 0, 0), 0);
        assert_true(usb_link_is_open(&host->device, link));
        assert_true(usb_link_has_closed(&host->device, link));
        usb_link_send(&host->device, link, (const uint8_t *)"new", 3);
        assert_int_equal(usb_host_read(host, link, got, 64), 3);
        assert_memory_equal(got, "new", 3);
        usb_host_free(host);
    }
}

/* The serial port's other interface does not touch the data. */
static void notices_do_not_touch_the_stream(void **state)
{
    (void)state;
    struct usb_host *host = open_host(USB_LINK_SERIAL);
    uint8_t got[64];
    usb_link_send(&host->device, USB_LINK_SERIAL, (const uint8_t *)"stay", 4);
    assert_int_equal(usb_host_ask(host, 0x01, 11, 0, 1, 0), 0);
    assert_false(usb_link_has_closed(&host->device, USB_LINK_SERIAL));
    assert_int_equal(usb_host_read(host, USB_LINK_SERIAL, got, 64), 4);
    usb_host_free(host);
}

/* Who opens the port is told once that there is a carrier; never that it is lost. */
static void an_opened_port_has_a_carrier(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    uint8_t packet[64];
    usb_host_plug(host);
    usb_host_enumerate(host);
    assert_int_equal(usb_bus_in(host->bus, 0x82, packet), USB_BUS_NAK);
    for (int i = 0; i < 3; i++) {
        usb_host_open(host, USB_LINK_SERIAL, 1);
        usb_host_open(host, USB_LINK_SERIAL, 1);
        if (i == 1) { /* not fetched, and the endpoint halted meanwhile: told all the same */
            assert_int_equal(usb_host_ask(host, 0x02, 3, 0, 0x82, 0), 0);
            assert_int_equal(usb_bus_in(host->bus, 0x82, packet), USB_BUS_STALL);
            assert_int_equal(usb_host_ask(host, 0x02, 1, 0, 0x82, 0), 0);
        }
        assert_int_equal(usb_bus_in(host->bus, 0x82, packet), 10);
        assert_memory_equal(packet, "\241\40\0\0\1\0\2\0\3\0", 10);
        usb_host_open(host, USB_LINK_SERIAL, 0);
        assert_int_equal(usb_bus_in(host->bus, 0x82, packet), USB_BUS_NAK);
    }
    usb_host_free(host);
}

/* What a port is sent without DTR is taken (the writer is not held up) and is for nobody. */
static void a_closed_port_swallows(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    uint8_t bytes[2000] = {0};
    usb_host_plug(host);
    usb_host_enumerate(host);
    assert_int_equal(usb_host_write(host, USB_LINK_SERIAL, bytes, sizeof bytes), sizeof bytes);
    assert_int_equal(usb_link_send(&host->device, USB_LINK_SERIAL, bytes, 10), 0);
    usb_host_open(host, USB_LINK_SERIAL, 1);
    assert_int_equal(usb_link_receive(&host->device, USB_LINK_SERIAL, bytes, sizeof bytes), 0);
    assert_int_equal(usb_host_write(host, USB_LINK_SERIAL, (const uint8_t *)"x", 1), 1);
    assert_int_equal(usb_link_receive(&host->device, USB_LINK_SERIAL, bytes, sizeof bytes), 1);
    usb_host_free(host);
}

/* --- Halts and suspend ----------------------------------------------------------------------- */

static void halts_hold_and_end(void **state)
{
    (void)state;
    static const uint8_t in[USB_LINKS] = {0x81, 0x83}, out[USB_LINKS] = {0x01, 0x03};
    uint8_t bytes[200], got[512];
    for (enum usb_link link = 0; link < USB_LINKS; link++) {
        struct usb_host *host = open_host(link);
        fill(bytes, sizeof bytes, 3);
        for (int odd = 0; odd < 3; odd++) { /* the toggle stands at either when the halt comes */
            usb_link_send(&host->device, link, bytes, 10 + (size_t)odd);
            assert_int_equal(usb_host_read(host, link, got, sizeof got), 10 + odd);
            assert_int_equal(usb_host_ask(host, 0x02, 3, 0, in[link], 0), 0);
            assert_int_equal(status_of(host, 0x82, in[link]), 1);
            assert_int_equal(status_of(host, 0x82, out[link]), 0);
            assert_int_equal(usb_link_send(&host->device, link, bytes, 150), 150);
            assert_int_equal(usb_bus_in(host->bus, in[link], got), USB_BUS_STALL);
            assert_int_equal(usb_host_ask(host, 0x02, 1, 0, in[link], 0), 0);
            assert_int_equal(status_of(host, 0x82, in[link]), 0);
            assert_int_equal(usb_host_read(host, link, got, sizeof got), 150);
            assert_memory_equal(got, bytes, 150);
            assert_int_equal(usb_host_write(host, link, bytes, 65), 65);
            assert_int_equal(usb_host_ask(host, 0x02, 3, 0, out[link], 0), 0);
            assert_int_equal(usb_bus_out(host->bus, out[link], bytes, 1), USB_BUS_STALL);
            assert_int_equal(usb_host_ask(host, 0x02, 1, 0, out[link], 0), 0);
            assert_int_equal(usb_host_write(host, link, bytes, 5), 5);
            assert_int_equal(usb_link_receive(&host->device, link, got, sizeof got), 70);
            assert_true(usb_link_is_open(&host->device, link));
            assert_false(usb_link_has_closed(&host->device, link));
        }
        /* a new setting or configuration ends halts as well */
        assert_int_equal(usb_host_ask(host, 0x02, 3, 0, in[link], 0), 0);
        assert_int_equal(usb_host_ask(host, 0x00, 9, 1, 0, 0), 0);
        usb_host_open(host, link, 1);
        assert_int_equal(status_of(host, 0x82, in[link]), 0);
        usb_host_free(host);
    }
}

/* What was in the controller's hands when the host halted it is lost, and no more than that: what
 * follows comes whole, nothing comes twice. */
static void a_halt_in_the_middle_loses_what_was_under_way(void **state)
{
    (void)state;
    uint8_t bytes[3000], got[4096];
    for (unsigned fetched = 0; fetched < 20; fetched++) {
        struct usb_host *host = open_host(USB_LINK_VENDOR);
        fill(bytes, sizeof bytes, 9);
        usb_link_send(&host->device, USB_LINK_VENDOR, bytes, sizeof bytes);
        size_t n = usb_host_read(host, USB_LINK_VENDOR, got, fetched * 64u);
        if (fetched % 2)
            assert_int_equal(usb_host_ask(host, 0x02, 3, 0, 0x81, 0), 0);
        assert_int_equal(usb_host_ask(host, 0x02, 1, 0, 0x81, 0), 0);
        size_t rest = usb_host_read(host, USB_LINK_VENDOR, got + n, sizeof got - n);
        size_t lost = sizeof bytes - n - rest;
        assert_true(lost <= 1024);
        assert_int_equal(lost > 0, fetched > 0); /* at first nothing is under way yet */
        assert_memory_equal(got, bytes, n);
        assert_memory_equal(got + n, bytes + sizeof bytes - rest, rest);
        usb_host_free(host);
    }
}

/* Suspended: the plate's words are not taken, the controller is not asked; what was on its way goes
 * on afterwards as if nothing had been. */
static void suspend_is_a_pause(void **state)
{
    (void)state;
    struct usb_host *host = open_host(USB_LINK_VENDOR);
    uint8_t bytes[2000], got[4096];
    fill(bytes, sizeof bytes, 5);
    usb_link_send(&host->device, USB_LINK_VENDOR, bytes, 1500);
    size_t n = usb_host_read(host, USB_LINK_VENDOR, got, 128);
    usb_bus_suspend(host->bus);
    assert_true(usb_device_is_suspended(&host->device));
    assert_true(usb_link_is_open(&host->device, USB_LINK_VENDOR));
    assert_int_equal(usb_link_send(&host->device, USB_LINK_VENDOR, bytes, 10), 0);
    assert_int_equal(usb_bus_in(host->bus, 0x81, got), USB_BUS_SILENT);
    usb_device_poll(&host->device);
    usb_host_check(host);
    usb_bus_resume(host->bus);
    assert_false(usb_device_is_suspended(&host->device));
    usb_link_send(&host->device, USB_LINK_VENDOR, bytes + 1500, 500);
    n += usb_host_read(host, USB_LINK_VENDOR, got + n, sizeof got - n);
    assert_int_equal(n, sizeof bytes);
    assert_memory_equal(got, bytes, n);
    usb_bus_suspend(host->bus);
    usb_bus_reset(host->bus); /* a reset wakes it */
    assert_false(usb_device_is_suspended(&host->device));
    usb_host_enumerate(host);
    usb_bus_suspend(host->bus);
    usb_device_connect(&host->device, 0); /* and so does the plate that leaves */
    assert_false(usb_device_is_suspended(&host->device));
    usb_host_free(host);
}

/* Nothing answers before the device is on the bus, or after it has left. */
static void off_the_bus_it_is_silent(void **state)
{
    (void)state;
    struct usb_host *host = open_host(USB_LINK_VENDOR);
    uint8_t byte = 1;
    usb_device_connect(&host->device, 0);
    assert_int_equal(usb_host_ask(host, 0x80, 6, 0x0100, 0, 18), USB_BUS_SILENT);
    assert_int_equal(usb_bus_in(host->bus, 0x81, host->data), USB_BUS_SILENT);
    assert_false(usb_link_is_open(&host->device, USB_LINK_VENDOR));
    assert_int_equal(usb_link_send(&host->device, USB_LINK_VENDOR, &byte, 1), 0);
    assert_true(usb_link_has_closed(&host->device, USB_LINK_VENDOR));
    usb_host_free(host);
}

int main(void)
{
    printf("seed %llu\n", (unsigned long long)SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_in_each_state),
        cmocka_unit_test(it_tells_its_state),
        cmocka_unit_test(a_full_last_packet_is_followed_by_an_empty_one),
        cmocka_unit_test(a_transfer_may_end_anywhere),
        cmocka_unit_test(line_coding_is_kept_if_it_is_one),
        cmocka_unit_test(wrong_data_stages_are_stalled),
        cmocka_unit_test(bytes_come_whole_and_a_read_ends),
        cmocka_unit_test(both_directions_keep_their_order),
        cmocka_unit_test(a_slow_side_holds_nobody_up),
        cmocka_unit_test(nothing_of_a_session_reaches_the_next),
        cmocka_unit_test(no_empty_packet_is_left_over),
        cmocka_unit_test(choosing_a_setting_again_is_a_new_session),
        cmocka_unit_test(notices_do_not_touch_the_stream),
        cmocka_unit_test(an_opened_port_has_a_carrier),
        cmocka_unit_test(a_closed_port_swallows),
        cmocka_unit_test(halts_hold_and_end),
        cmocka_unit_test(a_halt_in_the_middle_loses_what_was_under_way),
        cmocka_unit_test(suspend_is_a_pause),
        cmocka_unit_test(off_the_bus_it_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
