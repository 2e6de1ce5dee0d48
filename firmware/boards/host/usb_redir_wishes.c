/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the machine wants: a callback of libusbredirparser for each thing. */
#include "firmware/boards/host/usb_redir_private.h"

#include <stdlib.h>
#include <string.h>
#include <usbredirfilter.h>

#define OUT_BYTES_MAX (4u << 20) /* from the machine, not yet taken by the device */

/* --- What the machine wants ------------------------------------------------------------------ */

static void hear_hello(void *context, struct usb_redir_hello_header *hello)
{
    struct usb_redir *redir = context;
    (void)hello;
    redir->has_hello = 1;
    usb_redir_attach(redir);
}

static void hear_reset(void *context)
{
    struct usb_redir *redir = context;
    if (!redir->is_attached)
        return;
    for (unsigned i = 0; i < USB_MAP_ENDPOINTS; i++)
        usb_redir_answer_all(redir, i, usb_redir_cancelled);
    usb_redir_reset_bus(redir);
}

/* The endpoints that are no more have no transfers. */
static void retell_map(struct usb_redir *redir)
{
    struct usb_redir_interface_info_header interfaces;
    struct usb_redir_ep_info_header endpoints;
    usb_map_tell(&redir->map, &interfaces, &endpoints);
    for (unsigned i = 0; i < USB_MAP_ENDPOINTS; i++)
        if (endpoints.type[i] == usb_redir_type_invalid)
            usb_redir_answer_all(redir, i, usb_redir_cancelled);
    usbredirparser_send_interface_info(redir->parser, &interfaces);
    usbredirparser_send_ep_info(redir->parser, &endpoints);
}

static void configuration_chosen(struct usb_redir *redir, uint8_t value)
{
    for (unsigned i = 0; i < USB_MAP_ENDPOINTS; i++)
        usb_redir_answer_all(redir, i, usb_redir_cancelled);
    usb_map_choose_configuration(&redir->map, value);
    retell_map(redir);
}

static void setting_chosen(struct usb_redir *redir, uint8_t interface, uint8_t setting)
{
    usb_map_choose_setting(&redir->map, interface, setting);
    retell_map(redir);
}

/* What the device has accepted changes what it has for endpoints. The protocol has messages of
 * their own for these two requests, but a machine may also send them plain. */
static int control_and_follow(struct usb_redir *redir, struct usb_redir_request ask, uint8_t *data)
{
    int n = usb_redir_control(redir, ask, data);
    if (n >= 0 && ask.type == 0 && ask.request == SET_CONFIGURATION)
        configuration_chosen(redir, (uint8_t)ask.value);
    else if (n >= 0 && ask.type == TO_INTERFACE && ask.request == SET_INTERFACE)
        setting_chosen(redir, (uint8_t)ask.index, (uint8_t)ask.value);
    return n;
}

static uint8_t set_configuration(struct usb_redir *redir, uint8_t value)
{
    uint8_t none[1];
    return usb_redir_status(control_and_follow(
        redir, (struct usb_redir_request){.request = SET_CONFIGURATION, .value = value}, none));
}

static void tell_configuration(struct usb_redir *redir, uint64_t id, uint8_t status)
{
    struct usb_redir_configuration_status_header told = {.status = status};
    if (status == usb_redir_success)
        status = usb_redir_status(
            usb_redir_control(redir,
                              (struct usb_redir_request){
                                  .type = FROM_DEVICE, .request = GET_CONFIGURATION, .length = 1},
                              &told.configuration));
    told.status = status;
    usbredirparser_send_configuration_status(redir->parser, id, &told);
}

static void hear_set_configuration(void *context, uint64_t id,
                                   struct usb_redir_set_configuration_header *wanted)
{
    struct usb_redir *redir = context;
    if (redir->is_attached)
        tell_configuration(redir, id, set_configuration(redir, wanted->configuration));
}

static void hear_get_configuration(void *context, uint64_t id)
{
    struct usb_redir *redir = context;
    if (redir->is_attached)
        tell_configuration(redir, id, usb_redir_success);
}

static uint8_t set_setting(struct usb_redir *redir, uint8_t interface, uint8_t setting)
{
    uint8_t none[1];
    return usb_redir_status(control_and_follow(
        redir,
        (struct usb_redir_request){
            .type = TO_INTERFACE, .request = SET_INTERFACE, .value = setting, .index = interface},
        none));
}

static void tell_setting(struct usb_redir *redir, uint64_t id, uint8_t interface, uint8_t status)
{
    struct usb_redir_alt_setting_status_header told = {.interface = interface};
    if (status == usb_redir_success)
        status = usb_redir_status(usb_redir_control(
            redir,
            (struct usb_redir_request){
                .type = FROM_INTERFACE, .request = GET_INTERFACE, .index = interface, .length = 1},
            &told.alt));
    told.status = status;
    usbredirparser_send_alt_setting_status(redir->parser, id, &told);
}

static void hear_set_setting(void *context, uint64_t id,
                             struct usb_redir_set_alt_setting_header *wanted)
{
    struct usb_redir *redir = context;
    if (redir->is_attached)
        tell_setting(redir, id, wanted->interface,
                     set_setting(redir, wanted->interface, wanted->alt));
}

static void hear_get_setting(void *context, uint64_t id,
                             struct usb_redir_get_alt_setting_header *wanted)
{
    struct usb_redir *redir = context;
    if (redir->is_attached)
        tell_setting(redir, id, wanted->interface, usb_redir_success);
}

static void do_control(struct usb_redir *redir, uint64_t id,
                       struct usb_redir_control_packet_header *asked, uint8_t *data)
{
    const struct usb_redir_request ask = {.type = asked->requesttype,
                                          .request = asked->request,
                                          .value = asked->value,
                                          .index = asked->index,
                                          .length = asked->length};
    int is_in = asked->requesttype >> 7, n = 0;
    uint8_t *reply = is_in ? malloc((size_t)asked->length + 1) : NULL, none[1] = {0};
    asked->status = usb_redir_ioerror;
    if (!is_in || reply) {
        n = control_and_follow(redir, ask, is_in ? reply : data ? data : none);
        asked->status = usb_redir_status(n);
    }
    asked->length = (uint16_t)(n > 0 ? n : 0);
    usbredirparser_send_control_packet(redir->parser, id, asked, reply, is_in ? asked->length : 0);
    free(reply);
}

static void hear_control(void *context, uint64_t id, struct usb_redir_control_packet_header *asked,
                         uint8_t *data, int n)
{
    struct usb_redir *redir = context;
    int is_whole = asked->requesttype >> 7 || n == asked->length;
    if (redir->is_attached && is_whole && (asked->endpoint & 0x7F) == 0) {
        do_control(redir, id, asked, data);
    } else if (redir->is_attached) {
        asked->status = usb_redir_inval;
        asked->length = 0;
        usbredirparser_send_control_packet(redir->parser, id, asked, NULL, 0);
    }
    usbredirparser_free_packet_data(redir->parser, data);
}

static void refuse_bulk(struct usb_redir *redir, uint64_t id,
                        struct usb_redir_bulk_packet_header *asked, uint8_t *data)
{
    asked->status = usb_redir_inval;
    asked->length = asked->length_high = 0;
    if (redir->is_attached)
        usbredirparser_send_bulk_packet(redir->parser, id, asked, NULL, 0);
    usbredirparser_free_packet_data(redir->parser, data);
}

static void hear_bulk(void *context, uint64_t id, struct usb_redir_bulk_packet_header *asked,
                      uint8_t *data, int n)
{
    struct usb_redir *redir = context;
    uint32_t size = (uint32_t)asked->length_high << 16 | asked->length;
    int is_in = asked->endpoint >> 7, is_stranger = asked->endpoint & 0x70;
    struct usb_request request = {
        .id = id, .stream_id = asked->stream_id, .bytes = data, .size = size};
    int fits = is_in ? size <= USB_REQUEST_BYTES_MAX && !data
                     : (uint32_t)n == size && redir->out_bytes + size <= OUT_BYTES_MAX;
    if (!redir->is_attached || is_stranger || !fits ||
        usb_requests_add(&redir->requests[USB_MAP_INDEX(asked->endpoint)], &request)) {
        refuse_bulk(redir, id, asked, data);
        return;
    }
    if (!is_in)
        redir->out_bytes += size;
}

/* The machine is told that its read is over unless the answer is on its way already. */
static void hear_cancel(void *context, uint64_t id)
{
    struct usb_redir *redir = context;
    for (unsigned i = 0; i < USB_MAP_ENDPOINTS; i++)
        usb_redir_answer(redir, i, id, usb_redir_cancelled);
}

static void hear_start_interrupts(void *context, uint64_t id,
                                  struct usb_redir_start_interrupt_receiving_header *wanted)
{
    struct usb_redir *redir = context;
    struct usb_redir_interface_info_header interfaces;
    struct usb_redir_ep_info_header endpoints;
    struct usb_redir_interrupt_receiving_status_header told = {.endpoint = wanted->endpoint,
                                                               .status = usb_redir_inval};
    usb_map_tell(&redir->map, &interfaces, &endpoints);
    int is_in = (wanted->endpoint & 0xF0) == 0x80;
    if (is_in && endpoints.type[USB_MAP_INDEX(wanted->endpoint)] == usb_redir_type_interrupt) {
        redir->receives_interrupts[wanted->endpoint & 0x0F] = 1;
        told.status = usb_redir_success;
    }
    if (redir->is_attached)
        usbredirparser_send_interrupt_receiving_status(redir->parser, id, &told);
}

static void hear_stop_interrupts(void *context, uint64_t id,
                                 struct usb_redir_stop_interrupt_receiving_header *wanted)
{
    struct usb_redir *redir = context;
    struct usb_redir_interrupt_receiving_status_header told = {.endpoint = wanted->endpoint};
    redir->receives_interrupts[wanted->endpoint & 0x0F] = 0;
    if (redir->is_attached)
        usbredirparser_send_interrupt_receiving_status(redir->parser, id, &told);
}

static void hear_let_go(void *context)
{
    struct usb_redir *redir = context;
    redir->is_letting_go = 0;
    usb_redir_attach(redir);
}

/* The machine does not want the device: it stays plugged in and nobody asks it anything. */
static void hear_reject(void *context)
{
    (void)context;
}

static void hear_filter(void *context, struct usbredirfilter_rule *rules, int n)
{
    (void)context;
    (void)n;
    free(rules);
}

/* --- What no plate has: isochronous endpoints, interrupt OUT, streams ------------------------ */

static void refuse_start_iso(void *context, uint64_t id,
                             struct usb_redir_start_iso_stream_header *wanted)
{
    struct usb_redir *redir = context;
    struct usb_redir_iso_stream_status_header told = {.status = usb_redir_inval,
                                                      .endpoint = wanted->endpoint};
    usbredirparser_send_iso_stream_status(redir->parser, id, &told);
}

static void refuse_stop_iso(void *context, uint64_t id,
                            struct usb_redir_stop_iso_stream_header *wanted)
{
    struct usb_redir *redir = context;
    struct usb_redir_iso_stream_status_header told = {.status = usb_redir_inval,
                                                      .endpoint = wanted->endpoint};
    usbredirparser_send_iso_stream_status(redir->parser, id, &told);
}

static void refuse_iso(void *context, uint64_t id, struct usb_redir_iso_packet_header *asked,
                       uint8_t *data, int n)
{
    struct usb_redir *redir = context;
    (void)id;
    (void)asked;
    (void)n;
    usbredirparser_free_packet_data(redir->parser, data);
}

static void refuse_interrupt(void *context, uint64_t id,
                             struct usb_redir_interrupt_packet_header *asked, uint8_t *data, int n)
{
    struct usb_redir *redir = context;
    (void)n;
    asked->status = usb_redir_inval;
    asked->length = 0;
    if (redir->is_attached)
        usbredirparser_send_interrupt_packet(redir->parser, id, asked, NULL, 0);
    usbredirparser_free_packet_data(redir->parser, data);
}

static void refuse_alloc_streams(void *context, uint64_t id,
                                 struct usb_redir_alloc_bulk_streams_header *wanted)
{
    (void)context;
    (void)id;
    (void)wanted;
}

static void refuse_free_streams(void *context, uint64_t id,
                                struct usb_redir_free_bulk_streams_header *wanted)
{
    (void)context;
    (void)id;
    (void)wanted;
}

/* --- Told to the parser ------------------------------------------------------------------------
 */

void usb_redir_listen(struct usb_redir *redir)
{
    struct usbredirparser *parser = redir->parser;
    parser->hello_func = hear_hello;
    parser->reset_func = hear_reset;
    parser->set_configuration_func = hear_set_configuration;
    parser->get_configuration_func = hear_get_configuration;
    parser->set_alt_setting_func = hear_set_setting;
    parser->get_alt_setting_func = hear_get_setting;
    parser->start_iso_stream_func = refuse_start_iso;
    parser->stop_iso_stream_func = refuse_stop_iso;
    parser->start_interrupt_receiving_func = hear_start_interrupts;
    parser->stop_interrupt_receiving_func = hear_stop_interrupts;
    parser->alloc_bulk_streams_func = refuse_alloc_streams;
    parser->free_bulk_streams_func = refuse_free_streams;
    parser->cancel_data_packet_func = hear_cancel;
    parser->filter_reject_func = hear_reject;
    parser->filter_filter_func = hear_filter;
    parser->device_disconnect_ack_func = hear_let_go;
    parser->control_packet_func = hear_control;
    parser->bulk_packet_func = hear_bulk;
    parser->iso_packet_func = refuse_iso;
    parser->interrupt_packet_func = refuse_interrupt;
}
