/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Three layers, from the socket down: the parser's callbacks, one for each thing the machine may
 * want; the transfers that wait, endpoint by endpoint; the bus. The machine does not send
 * SET_ADDRESS, so the device gets its address here, after each reset. */
#include "firmware/boards/host/usb_redir.h"

#include "firmware/boards/host/usb_map.h"
#include "firmware/boards/host/usb_requests.h"
#include "firmware/core/plate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <usbredirfilter.h>
#include <usbredirparser.h>

#define OUTPUT_MAX (64u << 10)    /* bytes queued for the machine, beyond which it is not served */
#define OUT_BYTES_MAX (4u << 20)  /* from the machine, not yet taken by the device */
#define READ_AT_ONCE (256u << 10) /* bytes, between two looks at the plate */
#define BAD_PACKETS_MAX 16        /* then it is no usbredir */
#define INTERRUPTS_AT_ONCE 16
#define PACKETS_AT_ONCE 4096 /* of an endpoint, between two looks at the plate */
#define LET_GO_NS (2 * INT64_C(1000000000))
#define ADDRESS 1u

/* USB 2.0, tables 9-2 to 9-6. */
enum { TO_INTERFACE = 0x01, FROM_INTERFACE = 0x81, TO_ENDPOINT = 0x02, FROM_DEVICE = 0x80 };
enum {
    SET_FEATURE = 3,
    SET_ADDRESS = 5,
    GET_DESCRIPTOR = 6,
    GET_CONFIGURATION = 8,
    SET_CONFIGURATION = 9,
    GET_INTERFACE = 10,
    SET_INTERFACE = 11
};
enum { DESCRIPTOR_DEVICE = 1, DESCRIPTOR_CONFIGURATION = 2, DEVICE_DESCRIPTOR_SIZE = 18 };

struct usb_redir {
    int fd;
    struct usb_bus *bus;
    struct usb_redir_witness witness;
    struct usbredirparser *parser;
    struct usb_map map;
    int has_hello, wants_plug, is_attached, is_stopped;
    int is_letting_go; /* told to let go; deaf until it has, or until let_go_ns */
    int64_t let_go_ns;
    int is_dead; /* the socket */
    unsigned bad_packets;
    size_t may_read, out_bytes;
    int receives_interrupts[16]; /* by IN endpoint */
    uint64_t interrupts;
    struct usb_requests requests[USB_MAP_ENDPOINTS];
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* --- The socket ------------------------------------------------------------------------------ */

static int read_some(void *context, uint8_t *bytes, int n)
{
    struct usb_redir *redir = context;
    size_t most = (size_t)n < redir->may_read ? (size_t)n : redir->may_read;
    if (most == 0)
        return 0;
    ssize_t got = recv(redir->fd, bytes, most, 0);
    if (got > 0) {
        redir->may_read -= (size_t)got;
        return (int)got;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    redir->is_dead = 1;
    return -1;
}

static int write_some(void *context, uint8_t *bytes, int n)
{
    struct usb_redir *redir = context;
    ssize_t taken = send(redir->fd, bytes, (size_t)n, MSG_NOSIGNAL);
    if (taken >= 0)
        return (int)taken;
    if (errno == EAGAIN || errno == EINTR)
        return 0;
    redir->is_dead = 1;
    return -1;
}

/* What the parser has to say follows from what it returns. */
static void hear_log(void *context, int level, const char *text)
{
    (void)context;
    (void)level;
    (void)text;
}

static int is_full(const struct usb_redir *redir)
{
    return usbredirparser_get_bufferered_output_size(redir->parser) > OUTPUT_MAX;
}

static void write_out(struct usb_redir *redir)
{
    if (!redir->is_dead && usbredirparser_has_data_to_write(redir->parser))
        usbredirparser_do_write(redir->parser);
}

/* --- The bus --------------------------------------------------------------------------------- */

static uint8_t status_of(int answer)
{
    if (answer >= 0)
        return usb_redir_success;
    return answer == USB_BUS_STALL ? usb_redir_stall : usb_redir_ioerror;
}

struct request {
    uint8_t type, request;
    uint16_t value, index, length;
};

static int control(struct usb_redir *redir, struct request ask, uint8_t *data)
{
    const uint8_t setup[8] = {ask.type,
                              ask.request,
                              (uint8_t)ask.value,
                              (uint8_t)(ask.value >> 8),
                              (uint8_t)ask.index,
                              (uint8_t)(ask.index >> 8),
                              (uint8_t)ask.length,
                              (uint8_t)(ask.length >> 8)};
    return usb_bus_control(redir->bus, setup, data);
}

static void reset_bus(struct usb_redir *redir)
{
    uint8_t none[1];
    usb_bus_reset(redir->bus);
    control(redir, (struct request){.request = SET_ADDRESS, .value = ADDRESS}, none);
    usb_map_choose_configuration(&redir->map, 0);
}

static int get_descriptor(struct usb_redir *redir, uint8_t type, uint8_t *bytes, size_t n)
{
    return control(redir,
                   (struct request){.type = FROM_DEVICE,
                                    .request = GET_DESCRIPTOR,
                                    .value = (uint16_t)(type << 8),
                                    .length = (uint16_t)n},
                   bytes);
}

/* --- Answers to transfers -------------------------------------------------------------------- */

static uint8_t endpoint_at(unsigned index)
{
    return (uint8_t)((index & 0x10u) << 3 | (index & 0x0Fu));
}

/* The head of the endpoint's requests, or any other of this id, is over. */
static void answer(struct usb_redir *redir, unsigned index, uint64_t id, uint8_t status)
{
    struct usb_request request;
    uint8_t endpoint = endpoint_at(index);
    if (!usb_requests_take(&redir->requests[index], id, &request))
        return;
    int is_in = endpoint >> 7;
    uint32_t n = status == usb_redir_success || status == usb_redir_cancelled ? request.done : 0;
    struct usb_redir_bulk_packet_header header = {.endpoint = endpoint,
                                                  .status = status,
                                                  .stream_id = request.stream_id,
                                                  .length = (uint16_t)n,
                                                  .length_high = (uint16_t)(n >> 16)};
    if (is_in && n > 0 && status == usb_redir_success && redir->witness.handed)
        redir->witness.handed(redir->witness.context, endpoint, request.bytes, n);
    if (!redir->is_letting_go)
        usbredirparser_send_bulk_packet(redir->parser, id, &header, is_in ? request.bytes : NULL,
                                        is_in ? (int)n : 0);
    if (!is_in) {
        redir->out_bytes -= request.size;
        usbredirparser_free_packet_data(redir->parser, request.bytes);
    } else {
        free(request.bytes);
    }
}

static void answer_all(struct usb_redir *redir, unsigned index, uint8_t status)
{
    const struct usb_request *head;
    while ((head = usb_requests_head(&redir->requests[index])) != NULL)
        answer(redir, index, head->id, status);
}

static void forget_requests(struct usb_redir *redir)
{
    for (unsigned i = 0; i < USB_MAP_ENDPOINTS; i++)
        answer_all(redir, i, usb_redir_cancelled);
    memset(redir->receives_interrupts, 0, sizeof redir->receives_interrupts);
}

/* --- Transfers go on -------------------------------------------------------------------------- */

static void halt_endpoint(struct usb_redir *redir, uint8_t endpoint)
{
    uint8_t none[1];
    control(redir, (struct request){.type = TO_ENDPOINT, .request = SET_FEATURE, .index = endpoint},
            none);
}

/* What the witness has in mind for the packet, done; a packet that is lost is taken off the bus and
 * not into the transfer. Returns the status of the transfer: anything but success ends it. */
static uint8_t take_packet(struct usb_redir *redir, struct usb_request *head, uint8_t endpoint,
                           const uint8_t *packet, size_t n, int *is_lost)
{
    enum usb_redir_fate fate = USB_REDIR_PASS;
    if (redir->witness.packet)
        fate = redir->witness.packet(redir->witness.context, endpoint, packet, n);
    *is_lost = fate == USB_REDIR_LOSE;
    if (fate == USB_REDIR_FAIL)
        return usb_redir_ioerror;
    if (fate == USB_REDIR_BABBLE || n > head->size - head->done)
        return usb_redir_babble;
    if (fate == USB_REDIR_HALT)
        halt_endpoint(redir, endpoint);
    redir->is_stopped |= fate == USB_REDIR_STOP;
    if (!*is_lost && n > 0)
        memcpy(head->bytes + head->done, packet, n);
    head->done += *is_lost ? 0 : (uint32_t)n;
    return usb_redir_success;
}

/* One packet of the oldest read. 0 = nothing more at the moment. */
static int read_packet(struct usb_redir *redir, unsigned index, struct usb_request *head)
{
    uint8_t endpoint = endpoint_at(index), packet[USB_PACKET_MAX];
    int is_lost = 0;
    if (!head->bytes && !(head->bytes = malloc(head->size ? head->size : 1))) {
        answer(redir, index, head->id, usb_redir_ioerror);
        return 1;
    }
    int n = usb_bus_in(redir->bus, endpoint, packet);
    if (n == USB_BUS_NAK)
        return 0;
    uint8_t status = status_of(n);
    if (n >= 0)
        status = take_packet(redir, head, endpoint, packet, (size_t)n, &is_lost);
    int is_last = !is_lost && (n < (int)USB_PACKET_MAX || head->done == head->size);
    if (status != usb_redir_success || is_last)
        answer(redir, index, head->id, status);
    return 1;
}

/* One packet of the oldest write; a transfer of no bytes is one empty packet. */
static int write_packet(struct usb_redir *redir, unsigned index, struct usb_request *head)
{
    size_t n = head->size - head->done;
    if (n > USB_PACKET_MAX)
        n = USB_PACKET_MAX;
    const uint8_t *bytes = head->bytes ? head->bytes + head->done : (const uint8_t *)"";
    int taken = usb_bus_out(redir->bus, endpoint_at(index), bytes, n);
    if (taken == USB_BUS_NAK)
        return 0;
    if (taken >= 0)
        head->done += (uint32_t)n;
    if (taken < 0 || head->done == head->size)
        answer(redir, index, head->id, status_of(taken));
    return 1;
}

static int is_silent(const struct usb_redir *redir)
{
    return redir->witness.is_silent && redir->witness.is_silent(redir->witness.context);
}

static void pump_endpoint(struct usb_redir *redir, unsigned index)
{
    struct usb_request *head;
    for (int i = 0;
         i < PACKETS_AT_ONCE && !redir->is_stopped && !is_full(redir) && !is_silent(redir) &&
         (head = usb_requests_head(&redir->requests[index])) != NULL;
         i++)
        if (!(index & 0x10u ? read_packet : write_packet)(redir, index, head))
            return;
}

static void stop_interrupts(struct usb_redir *redir, uint8_t endpoint, uint8_t status)
{
    struct usb_redir_interrupt_receiving_status_header told = {.status = status,
                                                               .endpoint = endpoint};
    redir->receives_interrupts[endpoint & 0x0F] = 0;
    usbredirparser_send_interrupt_receiving_status(redir->parser, 0, &told);
}

/* A closed endpoint is silent until the machine opens it again. */
static void pump_interrupts(struct usb_redir *redir, uint8_t endpoint)
{
    uint8_t packet[USB_PACKET_MAX];
    for (int i = 0; i < INTERRUPTS_AT_ONCE && !is_full(redir); i++) {
        int n = usb_bus_in(redir->bus, endpoint, packet);
        if (n == USB_BUS_STALL)
            stop_interrupts(redir, endpoint, usb_redir_stall);
        if (n < 0)
            return;
        struct usb_redir_interrupt_packet_header header = {.endpoint = endpoint,
                                                           .length = (uint16_t)n};
        usbredirparser_send_interrupt_packet(redir->parser, redir->interrupts++, &header, packet,
                                             n);
    }
}

void usb_redir_pump(struct usb_redir *redir)
{
    if (redir->is_attached) {
        for (unsigned i = 0; i < USB_MAP_ENDPOINTS; i++)
            pump_endpoint(redir, i);
        for (uint8_t i = 1; i < 16; i++)
            if (redir->receives_interrupts[i] && !redir->is_stopped && !is_silent(redir))
                pump_interrupts(redir, 0x80u | i);
    }
    write_out(redir);
}

/* --- Plugging -------------------------------------------------------------------------------- */

static void tell_map(struct usb_redir *redir)
{
    struct usb_redir_interface_info_header interfaces;
    struct usb_redir_ep_info_header endpoints;
    usb_map_tell(&redir->map, &interfaces, &endpoints);
    usbredirparser_send_interface_info(redir->parser, &interfaces);
    usbredirparser_send_ep_info(redir->parser, &endpoints);
}

static void tell_device(struct usb_redir *redir, const uint8_t *device)
{
    struct usb_redir_device_connect_header header = {
        .speed = usb_redir_speed_full,
        .device_class = device[4],
        .device_subclass = device[5],
        .device_protocol = device[6],
        .vendor_id = (uint16_t)(device[8] | device[9] << 8),
        .product_id = (uint16_t)(device[10] | device[11] << 8),
        .device_version_bcd = (uint16_t)(device[12] | device[13] << 8),
    };
    usbredirparser_send_device_connect(redir->parser, &header);
}

/* A device that cannot describe itself is not told of, as a hub gives one up. */
static void attach_when_possible(struct usb_redir *redir)
{
    uint8_t device[DEVICE_DESCRIPTOR_SIZE], configuration[USB_MAP_BYTES];
    if (redir->is_letting_go && now_ns() > redir->let_go_ns)
        redir->is_letting_go = 0;
    if (!redir->wants_plug || !redir->has_hello || redir->is_letting_go || redir->is_attached)
        return;
    reset_bus(redir);
    int n = get_descriptor(redir, DESCRIPTOR_DEVICE, device, sizeof device);
    int m = get_descriptor(redir, DESCRIPTOR_CONFIGURATION, configuration, sizeof configuration);
    if (n != DEVICE_DESCRIPTOR_SIZE || m < 0 || usb_map_take(&redir->map, configuration, (size_t)m))
        return;
    redir->is_attached = 1;
    tell_map(redir);
    tell_device(redir, device);
}

void usb_redir_plug(struct usb_redir *redir)
{
    redir->wants_plug = 1;
    attach_when_possible(redir);
    write_out(redir);
}

void usb_redir_unplug(struct usb_redir *redir)
{
    int can_say = redir->has_hello &&
                  usbredirparser_peer_has_cap(redir->parser, usb_redir_cap_device_disconnect_ack);
    redir->wants_plug = 0;
    redir->is_stopped = 0;
    if (!redir->is_attached)
        return;
    redir->is_attached = 0;
    redir->is_letting_go = 1; /* before: those that wait get no answer any more */
    redir->let_go_ns = now_ns() + LET_GO_NS;
    forget_requests(redir);
    redir->is_letting_go = can_say;
    usbredirparser_send_device_disconnect(redir->parser);
    write_out(redir);
}

int usb_redir_is_attached(const struct usb_redir *redir)
{
    return redir->is_attached;
}

/* --- What the machine wants ------------------------------------------------------------------ */

static void hear_hello(void *context, struct usb_redir_hello_header *hello)
{
    struct usb_redir *redir = context;
    (void)hello;
    redir->has_hello = 1;
    attach_when_possible(redir);
}

static void hear_reset(void *context)
{
    struct usb_redir *redir = context;
    if (!redir->is_attached)
        return;
    for (unsigned i = 0; i < USB_MAP_ENDPOINTS; i++)
        answer_all(redir, i, usb_redir_cancelled);
    reset_bus(redir);
}

/* The endpoints that are no more have no transfers. */
static void retell_map(struct usb_redir *redir)
{
    struct usb_redir_interface_info_header interfaces;
    struct usb_redir_ep_info_header endpoints;
    usb_map_tell(&redir->map, &interfaces, &endpoints);
    for (unsigned i = 0; i < USB_MAP_ENDPOINTS; i++)
        if (endpoints.type[i] == usb_redir_type_invalid)
            answer_all(redir, i, usb_redir_cancelled);
    usbredirparser_send_interface_info(redir->parser, &interfaces);
    usbredirparser_send_ep_info(redir->parser, &endpoints);
}

static uint8_t set_configuration(struct usb_redir *redir, uint8_t value)
{
    uint8_t none[1];
    int done = control(redir, (struct request){.request = SET_CONFIGURATION, .value = value}, none);
    if (done < 0)
        return status_of(done);
    for (unsigned i = 0; i < USB_MAP_ENDPOINTS; i++)
        answer_all(redir, i, usb_redir_cancelled);
    usb_map_choose_configuration(&redir->map, value);
    retell_map(redir);
    return usb_redir_success;
}

static void tell_configuration(struct usb_redir *redir, uint64_t id, uint8_t status)
{
    struct usb_redir_configuration_status_header told = {.status = status};
    if (status == usb_redir_success)
        status = status_of(control(
            redir, (struct request){.type = FROM_DEVICE, .request = GET_CONFIGURATION, .length = 1},
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
    int done = control(
        redir,
        (struct request){
            .type = TO_INTERFACE, .request = SET_INTERFACE, .value = setting, .index = interface},
        none);
    if (done < 0)
        return status_of(done);
    usb_map_choose_setting(&redir->map, interface, setting);
    retell_map(redir);
    return usb_redir_success;
}

static void tell_setting(struct usb_redir *redir, uint64_t id, uint8_t interface, uint8_t status)
{
    struct usb_redir_alt_setting_status_header told = {.interface = interface};
    if (status == usb_redir_success)
        status = status_of(control(
            redir,
            (struct request){
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

/* The protocol has messages of their own for these two, but a machine may also send them plain. */
static int control_as_asked(struct usb_redir *redir, struct request ask, uint8_t *data)
{
    uint8_t status = usb_redir_success;
    if (ask.type == 0 && ask.request == SET_CONFIGURATION)
        status = set_configuration(redir, (uint8_t)ask.value);
    else if (ask.type == TO_INTERFACE && ask.request == SET_INTERFACE)
        status = set_setting(redir, (uint8_t)ask.index, (uint8_t)ask.value);
    else
        return control(redir, ask, data);
    return status == usb_redir_success ? 0 : USB_BUS_STALL;
}

static void do_control(struct usb_redir *redir, uint64_t id,
                       struct usb_redir_control_packet_header *asked, uint8_t *data)
{
    const struct request ask = {.type = asked->requesttype,
                                .request = asked->request,
                                .value = asked->value,
                                .index = asked->index,
                                .length = asked->length};
    int is_in = asked->requesttype >> 7, n = 0;
    uint8_t *reply = is_in ? malloc((size_t)asked->length + 1) : NULL, none[1] = {0};
    asked->status = usb_redir_ioerror;
    if (!is_in || reply) {
        n = control_as_asked(redir, ask, is_in ? reply : data ? data : none);
        asked->status = status_of(n);
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
        answer(redir, i, id, usb_redir_cancelled);
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
    attach_when_possible(redir);
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

/* --- Made ------------------------------------------------------------------------------------ */

static void listen_to_parser(struct usb_redir *redir)
{
    struct usbredirparser *parser = redir->parser;
    parser->priv = redir;
    parser->log_func = hear_log;
    parser->read_func = read_some;
    parser->write_func = write_some;
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

static void begin_parser(struct usb_redir *redir)
{
    uint32_t caps[USB_REDIR_CAPS_SIZE] = {0};
    char version[] = "tenderfoot-plate " PLATE_CORE_VERSION;
    usbredirparser_caps_set_cap(caps, usb_redir_cap_connect_device_version);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_filter);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_device_disconnect_ack);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_ep_info_max_packet_size);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_64bits_ids);
    usbredirparser_caps_set_cap(caps, usb_redir_cap_32bits_bulk_length);
    usbredirparser_init(redir->parser, version, caps, USB_REDIR_CAPS_SIZE,
                        usbredirparser_fl_usb_host);
}

static int set_flags(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
           fcntl(fd, F_SETFD, FD_CLOEXEC) < 0;
}

struct usb_redir *usb_redir_create(int fd, struct usb_bus *bus,
                                   const struct usb_redir_witness *witness, struct problem *why)
{
    struct usb_redir *redir = calloc(1, sizeof *redir);
    if (!redir || set_flags(fd) || !(redir->parser = usbredirparser_create())) {
        problem(why, PROBLEM_FAILED, "no USB redirection on descriptor %d: %s", fd,
                strerror(errno));
        close(fd);
        free(redir);
        return NULL;
    }
    redir->fd = fd;
    redir->bus = bus;
    if (witness)
        redir->witness = *witness;
    listen_to_parser(redir);
    begin_parser(redir);
    return redir;
}

void usb_redir_free(struct usb_redir *redir)
{
    if (!redir)
        return;
    redir->is_letting_go = 1; /* nobody is told any more */
    forget_requests(redir);
    usbredirparser_destroy(redir->parser);
    close(redir->fd);
    free(redir);
}

/* --- Served ---------------------------------------------------------------------------------- */

/* A packet that makes no sense is skipped by the parser; many of them are somebody else. */
static void read_in(struct usb_redir *redir)
{
    redir->may_read = READ_AT_ONCE;
    while (!redir->is_dead && !is_full(redir) &&
           usbredirparser_do_read(redir->parser) == usbredirparser_read_parse_error &&
           ++redir->bad_packets <= BAD_PACKETS_MAX)
        ;
}

int usb_redir_serve(struct usb_redir *redir, struct problem *why)
{
    write_out(redir);
    if (!is_full(redir))
        read_in(redir);
    attach_when_possible(redir);
    usb_redir_pump(redir);
    if (redir->is_dead)
        return problem(why, PROBLEM_FAILED, "the virtual machine has hung up");
    if (redir->bad_packets > BAD_PACKETS_MAX)
        return problem(why, PROBLEM_FAILED,
                       "what comes on the socket is not usbredir: is a -device usb-redir behind "
                       "it?");
    return 0;
}

int usb_redir_fd(const struct usb_redir *redir)
{
    return redir->fd;
}

short usb_redir_events(const struct usb_redir *redir)
{
    int wants_write = usbredirparser_has_data_to_write(redir->parser) > 0;
    return (short)((is_full(redir) ? 0 : POLLIN) | (wants_write ? POLLOUT : 0));
}
