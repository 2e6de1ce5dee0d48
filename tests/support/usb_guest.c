/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/usb_guest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int read_some(void *context, uint8_t *bytes, int n)
{
    struct usb_guest *guest = context;
    ssize_t got = recv(guest->fd, bytes, (size_t)n, 0);
    if (got < 0 && errno == EAGAIN)
        return 0;
    return got > 0 ? (int)got : -1;
}

static int write_some(void *context, uint8_t *bytes, int n)
{
    struct usb_guest *guest = context;
    ssize_t taken = send(guest->fd, bytes, (size_t)n, MSG_NOSIGNAL);
    if (taken < 0 && errno == EAGAIN)
        return 0;
    return taken >= 0 ? (int)taken : -1;
}

static void hear_log(void *context, int level, const char *text)
{
    (void)context;
    (void)level;
    (void)text;
}

static void hear_hello(void *context, struct usb_redir_hello_header *hello)
{
    struct usb_guest *guest = context;
    (void)hello;
    guest->has_hello = 1;
}

static void hear_connect(void *context, struct usb_redir_device_connect_header *device)
{
    struct usb_guest *guest = context;
    guest->device = *device;
    guest->attached = 1;
    guest->arrivals++;
}

static void hear_disconnect(void *context)
{
    struct usb_guest *guest = context;
    guest->attached = 0;
    guest->departures++;
}

static void hear_interfaces(void *context, struct usb_redir_interface_info_header *interfaces)
{
    ((struct usb_guest *)context)->interfaces = *interfaces;
}

static void hear_endpoints(void *context, struct usb_redir_ep_info_header *endpoints)
{
    ((struct usb_guest *)context)->endpoints = *endpoints;
}

static void hear_configuration(void *context, uint64_t id,
                               struct usb_redir_configuration_status_header *status)
{
    struct usb_guest *guest = context;
    (void)id;
    guest->configuration = *status;
    guest->statuses++;
}

static void hear_setting(void *context, uint64_t id,
                         struct usb_redir_alt_setting_status_header *status)
{
    struct usb_guest *guest = context;
    (void)id;
    guest->setting = *status;
    guest->statuses++;
}

static void hear_interrupt_status(void *context, uint64_t id,
                                  struct usb_redir_interrupt_receiving_status_header *status)
{
    struct usb_guest *guest = context;
    (void)id;
    guest->interrupt_status = status->status;
    guest->statuses++;
}

static void hear_iso_status(void *context, uint64_t id,
                            struct usb_redir_iso_stream_status_header *status)
{
    struct usb_guest *guest = context;
    (void)id;
    guest->interrupt_status = status->status;
    guest->statuses++;
}

static void hear_control(void *context, uint64_t id,
                         struct usb_redir_control_packet_header *control, uint8_t *data, int n)
{
    struct usb_guest *guest = context;
    (void)id;
    guest->control = *control;
    guest->controls++;
    memset(guest->control_data, 0, sizeof guest->control_data);
    if (n > 0)
        memcpy(guest->control_data, data,
               (size_t)n < sizeof guest->control_data ? (size_t)n : sizeof guest->control_data);
    usbredirparser_free_packet_data(guest->parser, data);
}

static void hear_bulk(void *context, uint64_t id, struct usb_redir_bulk_packet_header *bulk,
                      uint8_t *data, int n)
{
    struct usb_guest *guest = context;
    size_t length = (size_t)bulk->length_high << 16 | bulk->length;
    guest->answers[guest->n_answers++ % GUEST_ANSWERS] = (struct guest_answer){
        .id = id, .endpoint = bulk->endpoint, .status = bulk->status, .n = length};
    if (guest->take && bulk->endpoint & 0x80 && bulk->status == usb_redir_success && n > 0)
        guest->take(guest->context, bulk->endpoint, data, (size_t)n);
    usbredirparser_free_packet_data(guest->parser, data);
}

static void hear_interrupt(void *context, uint64_t id,
                           struct usb_redir_interrupt_packet_header *header, uint8_t *data, int n)
{
    struct usb_guest *guest = context;
    (void)id;
    (void)header;
    guest->interrupts++;
    guest->interrupt_n = n > 64 ? 64 : (size_t)n;
    if (n > 0)
        memcpy(guest->interrupt, data, guest->interrupt_n);
    usbredirparser_free_packet_data(guest->parser, data);
}

static void listen_to_parser(struct usb_guest *guest)
{
    struct usbredirparser *parser = guest->parser;
    parser->priv = guest;
    parser->log_func = hear_log;
    parser->read_func = read_some;
    parser->write_func = write_some;
    parser->hello_func = hear_hello;
    parser->device_connect_func = hear_connect;
    parser->device_disconnect_func = hear_disconnect;
    parser->interface_info_func = hear_interfaces;
    parser->ep_info_func = hear_endpoints;
    parser->configuration_status_func = hear_configuration;
    parser->alt_setting_status_func = hear_setting;
    parser->interrupt_receiving_status_func = hear_interrupt_status;
    parser->iso_stream_status_func = hear_iso_status;
    parser->control_packet_func = hear_control;
    parser->bulk_packet_func = hear_bulk;
    parser->interrupt_packet_func = hear_interrupt;
}

/* The capabilities of QEMU 7.2. */
void usb_guest_begin(struct usb_guest *guest, int fd)
{
    uint32_t caps[USB_REDIR_CAPS_SIZE] = {0};
    *guest = (struct usb_guest){.parser = usbredirparser_create(), .fd = fd, .next_id = 1000};
    fcntl(fd, F_SETFL, O_NONBLOCK);
    listen_to_parser(guest);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_connect_device_version);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_filter);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_device_disconnect_ack);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_ep_info_max_packet_size);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_64bits_ids);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_32bits_bulk_length);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_bulk_receiving);
    usbredirparser_init(guest->parser, "a guest", caps, USB_REDIR_CAPS_SIZE, 0);
}

void usb_guest_end(struct usb_guest *guest)
{
    if (guest->parser)
        usbredirparser_destroy(guest->parser);
    if (guest->fd >= 0)
        close(guest->fd);
    guest->parser = NULL;
    guest->fd = -1;
}

int usb_guest_serve(struct usb_guest *guest)
{
    if (usbredirparser_has_data_to_write(guest->parser))
        usbredirparser_do_write(guest->parser);
    if (guest->is_deaf)
        return 0;
    int read = usbredirparser_do_read(guest->parser);
    if (usbredirparser_has_data_to_write(guest->parser))
        usbredirparser_do_write(guest->parser);
    return read;
}

uint64_t usb_guest_control(struct usb_guest *guest, uint8_t type, uint8_t request, uint16_t value,
                           uint16_t index, uint16_t length, const uint8_t *data)
{
    int is_out = !(type & 0x80);
    struct usb_redir_control_packet_header header = {.endpoint = type & 0x80,
                                                     .request = request,
                                                     .requesttype = type,
                                                     .value = value,
                                                     .index = index,
                                                     .length = length};
    usbredirparser_send_control_packet(guest->parser, guest->next_id, &header,
                                       is_out ? (uint8_t *)(uintptr_t)data : NULL,
                                       is_out ? length : 0);
    return guest->next_id++;
}

static uint64_t bulk(struct usb_guest *guest, uint8_t endpoint, const uint8_t *bytes, size_t n)
{
    int is_out = !(endpoint & 0x80);
    struct usb_redir_bulk_packet_header header = {
        .endpoint = endpoint, .length = (uint16_t)n, .length_high = (uint16_t)(n >> 16)};
    usbredirparser_send_bulk_packet(guest->parser, guest->next_id, &header,
                                    (uint8_t *)(uintptr_t)bytes, is_out ? (int)n : 0);
    return guest->next_id++;
}

uint64_t usb_guest_read(struct usb_guest *guest, uint8_t endpoint, uint32_t n)
{
    return bulk(guest, endpoint, NULL, n);
}

uint64_t usb_guest_write(struct usb_guest *guest, uint8_t endpoint, const uint8_t *bytes, size_t n)
{
    return bulk(guest, endpoint, bytes, n);
}

void usb_guest_configure(struct usb_guest *guest, uint8_t configuration)
{
    struct usb_redir_set_configuration_header header = {.configuration = configuration};
    usbredirparser_send_set_configuration(guest->parser, guest->next_id++, &header);
}

void usb_guest_choose(struct usb_guest *guest, uint8_t interface, uint8_t setting)
{
    struct usb_redir_set_alt_setting_header header = {.interface = interface, .alt = setting};
    usbredirparser_send_set_alt_setting(guest->parser, guest->next_id++, &header);
}
