/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/host/usb_redir.h"

#include "firmware/boards/host/usb_redir_private.h"
#include "firmware/core/plate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_MAX (64u << 10)    /* bytes queued for the machine, beyond which it is not served */
#define READ_AT_ONCE (256u << 10) /* bytes, between two looks at the plate */
#define BAD_PACKETS_MAX 16u       /* then it is no usbredir */
#define LET_GO_NS (2 * INT64_C(1000000000))

enum { DESCRIPTOR_DEVICE = 1, DESCRIPTOR_CONFIGURATION = 2, DEVICE_DESCRIPTOR_SIZE = 18 };

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

int usb_redir_is_full(const struct usb_redir *redir)
{
    return usbredirparser_get_bufferered_output_size(redir->parser) > OUTPUT_MAX;
}

static void write_out(struct usb_redir *redir)
{
    if (!redir->is_dead && usbredirparser_has_data_to_write(redir->parser))
        usbredirparser_do_write(redir->parser);
}

/* --- Plugging -------------------------------------------------------------------------------- */

static int get_descriptor(struct usb_redir *redir, uint8_t type, uint8_t *bytes, size_t n)
{
    return usb_redir_control(redir,
                             (struct usb_redir_request){.type = FROM_DEVICE,
                                                        .request = GET_DESCRIPTOR,
                                                        .value = (uint16_t)(type << 8),
                                                        .length = (uint16_t)n},
                             bytes);
}

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
void usb_redir_attach(struct usb_redir *redir)
{
    uint8_t device[DEVICE_DESCRIPTOR_SIZE], configuration[USB_MAP_BYTES];
    if (redir->is_letting_go && now_ns() > redir->let_go_ns)
        redir->is_letting_go = 0;
    if (!redir->wants_plug || !redir->has_hello || redir->is_letting_go || redir->is_attached)
        return;
    usb_redir_reset_bus(redir);
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
    usb_redir_attach(redir);
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
    usb_redir_forget_requests(redir);
    redir->is_letting_go = can_say;
    usbredirparser_send_device_disconnect(redir->parser);
    write_out(redir);
}

int usb_redir_is_attached(const struct usb_redir *redir)
{
    return redir->is_attached;
}

/* --- Made ------------------------------------------------------------------------------------ */

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
    redir->parser->priv = redir;
    redir->parser->log_func = hear_log;
    redir->parser->read_func = read_some;
    redir->parser->write_func = write_some;
    usb_redir_listen(redir);
    begin_parser(redir);
    return redir;
}

void usb_redir_free(struct usb_redir *redir)
{
    if (!redir)
        return;
    redir->is_letting_go = 1; /* nobody is told any more */
    usb_redir_forget_requests(redir);
    usbredirparser_destroy(redir->parser);
    close(redir->fd);
    free(redir);
}

/* --- Served ---------------------------------------------------------------------------------- */

/* A machine that has said hello may be forgiven a few packets that make no sense (the parser skips
 * them); whoever begins with one is no machine. */
static int is_stranger(const struct usb_redir *redir)
{
    return redir->bad_packets > (redir->has_hello ? BAD_PACKETS_MAX : 0);
}

static void read_in(struct usb_redir *redir)
{
    redir->may_read = READ_AT_ONCE;
    while (!redir->is_dead && !usb_redir_is_full(redir) && !is_stranger(redir) &&
           usbredirparser_do_read(redir->parser) == usbredirparser_read_parse_error)
        redir->bad_packets++;
}

void usb_redir_pump(struct usb_redir *redir)
{
    if (redir->is_attached)
        usb_redir_move(redir);
    write_out(redir);
}

int usb_redir_serve(struct usb_redir *redir, struct problem *why)
{
    write_out(redir);
    if (!usb_redir_is_full(redir))
        read_in(redir);
    usb_redir_attach(redir);
    usb_redir_pump(redir);
    if (redir->is_dead)
        return problem(why, PROBLEM_FAILED, "the virtual machine has hung up");
    if (is_stranger(redir))
        return problem(why, PROBLEM_REFUSED,
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
    return (short)((usb_redir_is_full(redir) ? 0 : POLLIN) | (wants_write ? POLLOUT : 0));
}
