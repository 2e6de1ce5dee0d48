/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flood SOCKET: what usbredir can do at most, for `make bench` to compare with. A USB device of one
 * bulk IN endpoint that answers each read in full, at once, with constant bytes; no packets, no
 * protocol behind it. Connects to QEMU's usb-redir as tenderfoot-plate --usbredir does, and ends
 * when the machine hangs up. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <usbredirfilter.h>
#include <usbredirparser.h>

#define READ_MAX (1u << 20)
#define OUTPUT_MAX (4u << 20)
#define TRIES 200
#define TRY_AGAIN_US 50000
#define VENDOR 0x1209
#define PRODUCT 0x0002
#define IN 0x81u

enum { GET_STATUS = 0, GET_DESCRIPTOR = 6 };

static const uint8_t device_descriptor[18] = {
    18,           1, 0x00, 0x02, 0, 0, 0, 64, VENDOR & 0xFF, VENDOR >> 8, PRODUCT & 0xFF,
    PRODUCT >> 8, 0, 1,    0,    0, 0, 1,
};
static const uint8_t configuration_descriptor[25] = {
    9, 2, 25, 0, 1,  1,    0, 0x80, 50, /* configuration */
    9, 4, 0,  0, 1,  0xFF, 0, 0,    0,  /* interface */
    7, 5, IN, 2, 64, 0,    0,
};

struct flood {
    int fd, is_over;
    struct usbredirparser *parser;
    uint8_t configuration;
    uint8_t bytes[READ_MAX];
};

static void fail(const char *what)
{
    fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int read_some(void *context, uint8_t *bytes, int n)
{
    struct flood *flood = context;
    ssize_t got = recv(flood->fd, bytes, (size_t)n, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    flood->is_over |= got <= 0;
    return got > 0 ? (int)got : -1;
}

static int write_some(void *context, uint8_t *bytes, int n)
{
    struct flood *flood = context;
    ssize_t taken = send(flood->fd, bytes, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    flood->is_over |= taken < 0;
    return taken >= 0 ? (int)taken : -1;
}

static void hear_log(void *context, int level, const char *text)
{
    (void)context;
    if (level <= usbredirparser_warning)
        fprintf(stderr, "flood: %s\n", text);
}

/* --- What the machine wants --------------------------------------------------------------------
 */

static void hear_hello(void *context, struct usb_redir_hello_header *hello)
{
    struct flood *flood = context;
    struct usb_redir_interface_info_header interfaces = {.interface_count = 1,
                                                         .interface_class = {0xFF}};
    struct usb_redir_ep_info_header endpoints;
    struct usb_redir_device_connect_header device = {
        .speed = usb_redir_speed_full, .vendor_id = VENDOR, .product_id = PRODUCT};
    (void)hello;
    memset(&endpoints, 0, sizeof endpoints);
    memset(endpoints.type, usb_redir_type_invalid, sizeof endpoints.type);
    endpoints.type[0] = endpoints.type[16] = usb_redir_type_control;
    endpoints.type[17] = usb_redir_type_bulk;
    endpoints.max_packet_size[17] = 64;
    usbredirparser_send_interface_info(flood->parser, &interfaces);
    usbredirparser_send_ep_info(flood->parser, &endpoints);
    usbredirparser_send_device_connect(flood->parser, &device);
}

static void tell_configuration(struct flood *flood, uint64_t id)
{
    struct usb_redir_configuration_status_header told = {.configuration = flood->configuration};
    usbredirparser_send_configuration_status(flood->parser, id, &told);
}

static void hear_set_configuration(void *context, uint64_t id,
                                   struct usb_redir_set_configuration_header *wanted)
{
    struct flood *flood = context;
    flood->configuration = wanted->configuration;
    tell_configuration(flood, id);
}

static void hear_get_configuration(void *context, uint64_t id)
{
    tell_configuration(context, id);
}

static void hear_set_setting(void *context, uint64_t id,
                             struct usb_redir_set_alt_setting_header *wanted)
{
    struct flood *flood = context;
    struct usb_redir_alt_setting_status_header told = {.interface = wanted->interface};
    told.status = wanted->alt ? usb_redir_stall : usb_redir_success;
    usbredirparser_send_alt_setting_status(flood->parser, id, &told);
}

static void hear_get_setting(void *context, uint64_t id,
                             struct usb_redir_get_alt_setting_header *wanted)
{
    struct flood *flood = context;
    struct usb_redir_alt_setting_status_header told = {.interface = wanted->interface};
    usbredirparser_send_alt_setting_status(flood->parser, id, &told);
}

static const uint8_t *descriptor(uint16_t value, size_t *n)
{
    *n = 0;
    if (value >> 8 == 1)
        *n = sizeof device_descriptor;
    else if (value >> 8 == 2)
        *n = sizeof configuration_descriptor;
    return value >> 8 == 1 ? device_descriptor : configuration_descriptor;
}

static void hear_control(void *context, uint64_t id, struct usb_redir_control_packet_header *asked,
                         uint8_t *data, int data_n)
{
    struct flood *flood = context;
    static const uint8_t zeros[2];
    const uint8_t *reply = zeros;
    size_t n = 0;
    (void)data_n;
    if (asked->request == GET_DESCRIPTOR)
        reply = descriptor(asked->value, &n);
    else if (asked->request == GET_STATUS)
        n = sizeof zeros;
    if (n > asked->length)
        n = asked->length;
    int is_in = asked->requesttype >> 7;
    asked->status = is_in && n == 0 ? usb_redir_stall : usb_redir_success;
    asked->length = (uint16_t)n;
    usbredirparser_send_control_packet(flood->parser, id, asked, (uint8_t *)(uintptr_t)reply,
                                       is_in ? (int)n : 0);
    usbredirparser_free_packet_data(flood->parser, data);
}

static void hear_bulk(void *context, uint64_t id, struct usb_redir_bulk_packet_header *asked,
                      uint8_t *data, int data_n)
{
    struct flood *flood = context;
    uint32_t n = (uint32_t)asked->length_high << 16 | asked->length;
    (void)data_n;
    asked->status = asked->endpoint == IN && n <= READ_MAX ? usb_redir_success : usb_redir_inval;
    if (asked->status != usb_redir_success)
        asked->length = asked->length_high = 0, n = 0;
    usbredirparser_send_bulk_packet(flood->parser, id, asked, flood->bytes, (int)n);
    usbredirparser_free_packet_data(flood->parser, data);
}

/* All reads are answered at once: there is nothing to take back. */
static void hear_cancel(void *context, uint64_t id)
{
    (void)context;
    (void)id;
}

static void hear_nothing(void *context)
{
    (void)context;
}

static void hear_filter(void *context, struct usbredirfilter_rule *rules, int n)
{
    (void)context;
    (void)n;
    free(rules);
}

/* --- The connection ----------------------------------------------------------------------------
 */

static void begin_parser(struct flood *flood)
{
    uint32_t caps[USB_REDIR_CAPS_SIZE] = {0};
    struct usbredirparser *parser = flood->parser = usbredirparser_create();
    if (!parser)
        fail("no parser");
    parser->priv = flood;
    parser->log_func = hear_log;
    parser->read_func = read_some;
    parser->write_func = write_some;
    parser->hello_func = hear_hello;
    parser->reset_func = hear_nothing;
    parser->set_configuration_func = hear_set_configuration;
    parser->get_configuration_func = hear_get_configuration;
    parser->set_alt_setting_func = hear_set_setting;
    parser->get_alt_setting_func = hear_get_setting;
    parser->control_packet_func = hear_control;
    parser->bulk_packet_func = hear_bulk;
    parser->cancel_data_packet_func = hear_cancel;
    parser->filter_reject_func = hear_nothing;
    parser->filter_filter_func = hear_filter;
    parser->device_disconnect_ack_func = hear_nothing;
    usbredirparser_caps_set_cap(caps, usb_redir_cap_connect_device_version);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_filter);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_ep_info_max_packet_size);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_64bits_ids);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_32bits_bulk_length);
    usbredirparser_init(parser, "flood", caps, USB_REDIR_CAPS_SIZE, usbredirparser_fl_usb_host);
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    for (int i = 0; i < TRIES; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && !connect(fd, (const struct sockaddr *)&address, sizeof address))
            return fd;
        close(fd);
        usleep(TRY_AGAIN_US);
    }
    fail(path);
    return -1;
}

static void serve(struct flood *flood)
{
    struct usbredirparser *parser = flood->parser;
    while (!flood->is_over) {
        int is_full = usbredirparser_get_bufferered_output_size(parser) > OUTPUT_MAX;
        int wants_write = usbredirparser_has_data_to_write(parser) > 0;
        struct pollfd entry = {.fd = flood->fd,
                               .events =
                                   (short)((is_full ? 0 : POLLIN) | (wants_write ? POLLOUT : 0))};
        if (poll(&entry, 1, -1) < 0 && errno != EINTR)
            fail("poll");
        if (!is_full)
            usbredirparser_do_read(parser);
        if (usbredirparser_has_data_to_write(parser))
            usbredirparser_do_write(parser);
    }
}

int main(int argc, char **argv)
{
    static struct flood flood;
    if (argc != 2) {
        fprintf(stderr, "usage: flood SOCKET\n");
        return 2;
    }
    memset(flood.bytes, 0xA5, sizeof flood.bytes);
    flood.fd = connect_to(argv[1]);
    begin_parser(&flood);
    serve(&flood);
    usbredirparser_destroy(flood.parser);
    close(flood.fd);
    return 0;
}
