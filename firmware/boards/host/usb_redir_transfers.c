/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine's transfers become packets on the bus; those that the device has nothing for wait.
 * The machine does not send SET_ADDRESS, so the device gets its address here, after each reset. */
#include "firmware/boards/host/usb_redir_private.h"

#include <stdlib.h>
#include <string.h>

#define INTERRUPTS_AT_ONCE 16
#define PACKETS_AT_ONCE 4096 /* of an endpoint, between two looks at the plate */
#define ADDRESS 1u

/* --- The bus --------------------------------------------------------------------------------- */

uint8_t usb_redir_status(int answer)
{
    if (answer >= 0)
        return usb_redir_success;
    return answer == USB_BUS_STALL ? usb_redir_stall : usb_redir_ioerror;
}

int usb_redir_control(struct usb_redir *redir, struct usb_redir_request ask, uint8_t *data)
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

void usb_redir_reset_bus(struct usb_redir *redir)
{
    uint8_t none[1];
    usb_bus_reset(redir->bus);
    usb_redir_control(redir, (struct usb_redir_request){.request = SET_ADDRESS, .value = ADDRESS},
                      none);
    usb_map_choose_configuration(&redir->map, 0);
}

/* --- Answers to transfers -------------------------------------------------------------------- */

static uint8_t endpoint_at(unsigned index)
{
    return (uint8_t)((index & 0x10u) << 3 | (index & 0x0Fu));
}

/* The head of the endpoint's requests, or any other of this id, is over. */
void usb_redir_answer(struct usb_redir *redir, unsigned index, uint64_t id, uint8_t status)
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

void usb_redir_answer_all(struct usb_redir *redir, unsigned index, uint8_t status)
{
    const struct usb_request *head;
    while ((head = usb_requests_head(&redir->requests[index])) != NULL)
        usb_redir_answer(redir, index, head->id, status);
}

void usb_redir_forget_requests(struct usb_redir *redir)
{
    for (unsigned i = 0; i < USB_MAP_ENDPOINTS; i++)
        usb_redir_answer_all(redir, i, usb_redir_cancelled);
    memset(redir->receives_interrupts, 0, sizeof redir->receives_interrupts);
}

/* --- Transfers go on -------------------------------------------------------------------------- */

static void halt_endpoint(struct usb_redir *redir, uint8_t endpoint)
{
    uint8_t none[1];
    usb_redir_control(
        redir,
        (struct usb_redir_request){.type = TO_ENDPOINT, .request = SET_FEATURE, .index = endpoint},
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
        usb_redir_answer(redir, index, head->id, usb_redir_ioerror);
        return 1;
    }
    int n = usb_bus_in(redir->bus, endpoint, packet);
    if (n == USB_BUS_NAK)
        return 0;
    uint8_t status = usb_redir_status(n);
    if (n >= 0)
        status = take_packet(redir, head, endpoint, packet, (size_t)n, &is_lost);
    int is_last = !is_lost && (n < (int)USB_PACKET_MAX || head->done == head->size);
    if (status != usb_redir_success || is_last)
        usb_redir_answer(redir, index, head->id, status);
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
        usb_redir_answer(redir, index, head->id, usb_redir_status(taken));
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
         i < PACKETS_AT_ONCE && !redir->is_stopped && !usb_redir_is_full(redir) &&
         !is_silent(redir) && (head = usb_requests_head(&redir->requests[index])) != NULL;
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
    for (int i = 0; i < INTERRUPTS_AT_ONCE && !usb_redir_is_full(redir); i++) {
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

void usb_redir_move(struct usb_redir *redir)
{
    for (unsigned i = 0; i < USB_MAP_ENDPOINTS; i++)
        pump_endpoint(redir, i);
    for (uint8_t i = 1; i < 16; i++)
        if (redir->receives_interrupts[i] && !redir->is_stopped && !is_silent(redir))
            pump_interrupts(redir, 0x80u | i);
}
