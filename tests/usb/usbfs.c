/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/usb/usbfs.h"

#include "firmware/wire/usb_id.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/usbdevice_fs.h>
#include <termios.h>
#include <unistd.h>

enum { PACKET = USB_PACKET_MAX, URB_BYTES_MAX = 1 << 20 };

struct usbfs_client {
    struct usbfs_client *next;
    struct usbfs *fs;
    UMockdevIoctlClient *mock;
};

struct usbfs_urb {
    struct usbfs_urb *next;
    struct usbfs_client *client;
    UMockdevIoctlData *data, *buffer; /* the program's struct usbdevfs_urb and its buffer */
    gulong address;                   /* of the former in the program */
    uint8_t type, endpoint;
    int flags;
    uint8_t *bytes;
    size_t cap, done;
    int is_over, status;
};

static void need(const void *memory)
{
    if (!memory) {
        fprintf(stderr, "usbfs: no memory\n");
        abort();
    }
}

/* --- The node -------------------------------------------------------------------------------- */

void usbfs_open_node(struct usbfs *fs)
{
    struct termios raw;
    if (openpty(&fs->master, &fs->slave, fs->node, NULL, NULL)) {
        perror("usbfs: openpty");
        abort();
    }
    fcntl(fs->master, F_SETFD, FD_CLOEXEC);
    fcntl(fs->slave, F_SETFD, FD_CLOEXEC);
    tcgetattr(fs->slave, &raw);
    cfmakeraw(&raw);
    tcsetattr(fs->slave, TCSANOW, &raw);
    tcflow(fs->slave, TCOOFF);
    fs->is_readable = 0;
}

/* POLLOUT for all programs that have the node open, as long as one of them can reap. */
static void tell_poll(struct usbfs *fs)
{
    int can_reap = 0;
    if (fs->is_gone)
        return;
    for (struct usbfs_urb *urb = fs->urbs; urb && !can_reap; urb = urb->next)
        can_reap = urb->is_over;
    if (can_reap == fs->is_readable)
        return;
    fs->is_readable = can_reap;
    tcflow(fs->slave, can_reap ? TCOON : TCOOFF);
}

/* --- Descriptors ----------------------------------------------------------------------------- */

static int control(struct usbfs *fs, uint8_t type, uint8_t request, unsigned value, unsigned index,
                   void *data, unsigned n)
{
    uint8_t setup[8] = {type,           request,
                        (uint8_t)value, (uint8_t)(value >> 8),
                        (uint8_t)index, (uint8_t)(index >> 8),
                        (uint8_t)n,     (uint8_t)(n >> 8)};
    return usb_bus_control(fs->plate->bus, setup, data);
}

static void read_string(struct usbfs *fs, unsigned slot, uint8_t index)
{
    uint8_t text[255];
    fs->strings[slot][0] = '\0';
    if (!index)
        return;
    int n = control(fs, 0x80, 6, 0x300u | index, 0x0409, text, sizeof text);
    size_t used = 0;
    for (int i = 2; i + 1 < n && used + 1 < sizeof fs->strings[slot]; i += 2)
        fs->strings[slot][used++] = text[i + 1] ? '?' : (char)text[i];
    fs->strings[slot][used] = '\0';
}

static int read_configuration(struct usbfs *fs)
{
    uint8_t head[9];
    if (control(fs, 0x80, 6, 0x200, 0, head, sizeof head) != (int)sizeof head)
        return -1;
    size_t total = (size_t)(head[2] | head[3] << 8);
    free(fs->configuration);
    need(fs->configuration = calloc(1, total));
    fs->n_configuration = total;
    return control(fs, 0x80, 6, 0x200, 0, fs->configuration, (unsigned)total) == (int)total ? 0
                                                                                            : -1;
}

/* Which interfaces the kernel's own drivers take: those of a CDC-ACM function. */
static void bind_drivers(struct usbfs *fs)
{
    memset(fs->is_kernels, 0, sizeof fs->is_kernels);
    memset(fs->setting, 0, sizeof fs->setting);
    for (size_t at = 0; at + 9 <= fs->n_configuration && fs->configuration[at];
         at += fs->configuration[at]) {
        const uint8_t *d = fs->configuration + at;
        if (d[1] == 4 && d[2] < USBFS_INTERFACES && (d[5] == 2 || d[5] == 10))
            fs->is_kernels[d[2]] = 1;
    }
}

int usbfs_enumerate(struct usbfs *fs)
{
    uint8_t first[64];
    usb_bus_reset(fs->plate->bus);
    if (control(fs, 0x80, 6, 0x100, 0, first, sizeof first) < 8)
        return -1;
    usb_bus_reset(fs->plate->bus);
    if (control(fs, 0, 5, 7, 0, NULL, 0) ||
        control(fs, 0x80, 6, 0x100, 0, fs->device, sizeof fs->device) != sizeof fs->device ||
        read_configuration(fs))
        return -1;
    for (unsigned i = 1; i <= 3; i++)
        read_string(fs, i, fs->device[13 + i]);
    if (control(fs, 0, 9, fs->configuration[5], 0, NULL, 0))
        return -1;
    bind_drivers(fs);
    return 0;
}

/* The interface an endpoint belongs to in its present setting; -1 = none. */
static int interface_of(const struct usbfs *fs, uint8_t endpoint)
{
    int interface = -1;
    for (size_t at = 0; at + 3 <= fs->n_configuration && fs->configuration[at];
         at += fs->configuration[at]) {
        const uint8_t *d = fs->configuration + at;
        if (d[1] == 4)
            interface = d[2] < USBFS_INTERFACES && fs->setting[d[2]] == d[3] ? d[2] : -1;
        if (d[1] == 5 && d[2] == endpoint && interface >= 0)
            return interface;
    }
    return -1;
}

static int has_setting(const struct usbfs *fs, unsigned interface, unsigned setting)
{
    for (size_t at = 0; at + 4 <= fs->n_configuration && fs->configuration[at];
         at += fs->configuration[at]) {
        const uint8_t *d = fs->configuration + at;
        if (d[1] == 4 && d[2] == interface && d[3] == setting)
            return 1;
    }
    return 0;
}

/* --- URBs ------------------------------------------------------------------------------------ */

static void end_urb(struct usbfs_urb *urb, int status)
{
    urb->is_over = 1;
    urb->status = status;
}

static void free_urb(struct usbfs *fs, struct usbfs_urb *urb)
{
    struct usbfs_urb **at = &fs->urbs;
    while (*at != urb)
        at = &(*at)->next;
    *at = urb->next;
    fs->n_urbs--;
    g_object_unref(urb->data);
    free(urb->bytes);
    free(urb);
}

/* Ends what is under way on the endpoints of an interface (-1: on all), of one client or of all. */
static void end_all(struct usbfs *fs, int interface, const struct usbfs_client *client, int status)
{
    for (struct usbfs_urb *urb = fs->urbs; urb; urb = urb->next)
        if (!urb->is_over && (!client || urb->client == client) &&
            (interface < 0 ||
             (urb->type == USBDEVFS_URB_TYPE_BULK && interface_of(fs, urb->endpoint) == interface)))
            end_urb(urb, status);
}

static void do_control(struct usbfs *fs, struct usbfs_urb *urb)
{
    int n = usb_bus_control(fs->plate->bus, urb->bytes, urb->bytes + 8);
    if (n >= 0)
        urb->done = (size_t)n;
    end_urb(urb, n >= 0 ? 0 : n == USB_BUS_STALL ? -EPIPE : n == USB_BUS_NAK ? -ENOENT : -EPROTO);
}

/* A fault that was asked for comes in the place of what is there. */
static int is_spoilt(struct usbfs *fs, struct usbfs_urb *urb)
{
    uint8_t packet[PACKET];
    if (!fs->spoil || !(urb->endpoint & 0x80u))
        return 0;
    if (fs->spoil_eats && !fs->hostile)
        usb_bus_in(fs->plate->bus, urb->endpoint, packet);
    fs->spoil--;
    fs->counts.spoilt++;
    end_urb(urb, fs->spoil_status);
    return 1;
}

static int bus_in(struct usbfs *fs, struct usbfs_urb *urb, size_t budget)
{
    int done = 0;
    size_t room = urb->cap - urb->done;
    if (fs->is_mute)
        return 0;
    if (fs->hostile) {
        size_t n = fs->hostile(fs->hostile_context, urb->bytes + urb->done, room);
        urb->done += n;
        if (n)
            end_urb(urb, 0);
        return (int)n;
    }
    if (fs->plate->is_frozen)
        return 0;
    size_t cap = (budget + PACKET - 1) / PACKET * PACKET;
    if (cap > room)
        cap = room;
    int n = usb_bus_read(fs->plate->bus, urb->endpoint, urb->bytes + urb->done, cap, &done);
    if (n < USB_BUS_NAK) {
        end_urb(urb, n == USB_BUS_STALL ? -EPIPE : -EPROTO);
        return 0;
    }
    if (n > 0)
        urb->done += (size_t)n;
    if (urb->done == urb->cap || (done && (n < 0 || (size_t)n < cap)))
        end_urb(urb, 0);
    return n > 0 ? n : 0;
}

static int bus_out(struct usbfs *fs, struct usbfs_urb *urb)
{
    size_t n = urb->cap - urb->done < PACKET ? urb->cap - urb->done : PACKET;
    if (fs->is_mute || fs->hostile) { /* swallowed */
        urb->done = urb->cap;
        end_urb(urb, 0);
        return 0;
    }
    int sent = fs->plate->is_frozen
                   ? USB_BUS_NAK
                   : usb_bus_out(fs->plate->bus, urb->endpoint, urb->bytes + urb->done, n);
    if (sent < USB_BUS_NAK)
        end_urb(urb, sent == USB_BUS_STALL ? -EPIPE : -EPROTO);
    else if (sent >= 0)
        urb->done += n;
    if (sent >= 0 && urb->done == urb->cap)
        end_urb(urb, 0);
    return sent;
}

/* Serves the bulk endpoints: the oldest URB of each, then the next. */
void usbfs_round(struct usbfs *fs, unsigned ms)
{
    size_t budget = fs->bytes_per_ms ? fs->bytes_per_ms * ms : SIZE_MAX / 2;
    uint32_t waits = 0; /* endpoints whose oldest URB is not through: the later ones wait */
    if (fs->is_gone)
        return;
    for (struct usbfs_urb *urb = fs->urbs; urb; urb = urb->next) {
        uint32_t bit = 1u << ((urb->endpoint & 15u) | (urb->endpoint & 0x80u ? 16u : 0u));
        if (urb->is_over || urb->type != USBDEVFS_URB_TYPE_BULK || waits & bit)
            continue;
        if (is_spoilt(fs, urb))
            continue;
        while (!urb->is_over && budget) {
            int n = urb->endpoint & 0x80u ? bus_in(fs, urb, budget) : bus_out(fs, urb);
            if (n <= 0 && !urb->is_over)
                break;
            budget -= n <= 0 ? 0 : (size_t)n < budget ? (size_t)n : budget;
        }
        if (!urb->is_over)
            waits |= bit;
    }
    tell_poll(fs);
}

/* --- Requests -------------------------------------------------------------------------------- */

/* Each gives 0 or more as the ioctl's value, or -errno. */

static int claim(struct usbfs *fs, struct usbfs_client *client, unsigned interface)
{
    if (interface >= USBFS_INTERFACES || !has_setting(fs, interface, 0))
        return -ENOENT;
    if (fs->owner[interface] == client)
        return 0;
    if (fs->owner[interface] || fs->is_kernels[interface])
        return -EBUSY;
    fs->owner[interface] = client;
    fs->counts.claims++;
    return 0;
}

static int choose_setting(struct usbfs *fs, unsigned interface, unsigned setting)
{
    if (!has_setting(fs, interface, setting))
        return -EINVAL;
    end_all(fs, (int)interface, NULL, -ESHUTDOWN);
    int answer = control(fs, 1, 11, setting, interface, NULL, 0);
    if (answer)
        return answer == USB_BUS_STALL ? -EPIPE : -EPROTO;
    fs->setting[interface] = (uint8_t)setting;
    fs->counts.set_interfaces++;
    return 0;
}

static int release(struct usbfs *fs, const struct usbfs_client *client, unsigned interface)
{
    if (interface >= USBFS_INTERFACES || fs->owner[interface] != client)
        return -EINVAL;
    end_all(fs, (int)interface, NULL, -ENOENT);
    fs->owner[interface] = NULL;
    if (fs->setting[interface] && !fs->is_gone)
        choose_setting(fs, interface, 0);
    return 0;
}

static void heal(struct usbfs *fs, enum usbfs_remedy how)
{
    if (fs->is_mute && fs->remedy == how)
        fs->is_mute = 0;
}

static int clear_halt(struct usbfs *fs, uint8_t endpoint)
{
    if (interface_of(fs, endpoint) < 0)
        return -ENOENT;
    fs->counts.clear_halts++;
    int answer = control(fs, 2, 1, 0, endpoint, NULL, 0);
    heal(fs, USBFS_BY_HALT);
    return answer ? -EPIPE : 0;
}

/* The claims of all programs are undone by it. */
static int reset_port(struct usbfs *fs)
{
    end_all(fs, -1, NULL, -ESHUTDOWN);
    for (int i = 0; i < USBFS_INTERFACES; i++)
        fs->owner[i] = NULL;
    return usbfs_enumerate(fs) ? -ENODEV : 0;
}

void usbfs_hub_reset(struct usbfs *fs)
{
    reset_port(fs);
    tell_poll(fs);
}

/* A program may only reset what no other program has claimed. */
static int reset(struct usbfs *fs, const struct usbfs_client *client)
{
    for (int i = 0; i < USBFS_INTERFACES; i++)
        if (fs->owner[i] && fs->owner[i] != client)
            return -EACCES;
    fs->counts.resets++;
    heal(fs, USBFS_BY_RESET);
    return reset_port(fs);
}

static int get_driver(const struct usbfs *fs, struct usbdevfs_getdriver *ask)
{
    if (ask->interface >= USBFS_INTERFACES)
        return -ENODATA;
    if (!fs->owner[ask->interface] && !fs->is_kernels[ask->interface])
        return -ENODATA;
    snprintf(ask->driver, sizeof ask->driver, "%s",
             fs->is_kernels[ask->interface] ? "cdc_acm" : "usbfs");
    return 0;
}

static int submit(struct usbfs *fs, struct usbfs_client *client, UMockdevIoctlData *data,
                  UMockdevIoctlData *buffer)
{
    const struct usbdevfs_urb *ask = (const struct usbdevfs_urb *)(const void *)data->data;
    int interface = -1;
    if (ask->type != USBDEVFS_URB_TYPE_BULK && ask->type != USBDEVFS_URB_TYPE_CONTROL)
        return -EINVAL;
    if (ask->buffer_length < 0 || ask->buffer_length > URB_BYTES_MAX ||
        (ask->buffer_length && !buffer))
        return -EINVAL;
    if (ask->type == USBDEVFS_URB_TYPE_BULK) {
        if ((interface = interface_of(fs, ask->endpoint)) < 0)
            return -ENOENT;
        int error = claim(fs, client, (unsigned)interface);
        if (error)
            return error;
        if (fs->refuse) {
            fs->refuse--;
            fs->counts.refused_submits++;
            return -fs->submit_error;
        }
    } else if (ask->buffer_length < 8) {
        return -EINVAL;
    }
    struct usbfs_urb *urb = calloc(1, sizeof *urb), **last = &fs->urbs;
    need(urb);
    *urb = (struct usbfs_urb){.client = client,
                              .data = g_object_ref(data),
                              .buffer = buffer,
                              .address = data->client_addr,
                              .type = ask->type,
                              .endpoint = ask->endpoint,
                              .cap = (size_t)ask->buffer_length};
    need(urb->bytes = malloc(urb->cap ? urb->cap : 1));
    if (urb->cap)
        memcpy(urb->bytes, buffer->data, urb->cap);
    while (*last)
        last = &(*last)->next;
    *last = urb;
    fs->counts.submits++;
    if (++fs->n_urbs > fs->most_urbs)
        fs->most_urbs = fs->n_urbs;
    if (urb->type == USBDEVFS_URB_TYPE_CONTROL) {
        size_t length = (size_t)(urb->bytes[6] | urb->bytes[7] << 8);
        if (length + 8 > urb->cap)
            end_urb(urb, -EINVAL);
        else
            do_control(fs, urb);
        tell_poll(fs);
    }
    return 0;
}

/* Hands the oldest finished URB back, its bytes into the program's own buffer. */
static int reap(struct usbfs *fs, const struct usbfs_client *client, UMockdevIoctlData *pointer)
{
    struct usbfs_urb *urb = fs->urbs;
    while (urb && (urb->client != client || !urb->is_over))
        urb = urb->next;
    if (!urb)
        return fs->is_gone ? -ENODEV : -EAGAIN;
    struct usbdevfs_urb *answer = (struct usbdevfs_urb *)(void *)urb->data->data;
    size_t head = urb->type == USBDEVFS_URB_TYPE_CONTROL ? 8 : 0;
    answer->status = urb->status;
    answer->actual_length = (int)urb->done;
    if (urb->buffer && urb->endpoint & 0x80u && urb->done)
        memcpy(urb->buffer->data, urb->bytes, urb->done + head);
    else if (urb->buffer && head)
        memcpy(urb->buffer->data, urb->bytes, urb->cap);
    umockdev_ioctl_data_set_ptr(pointer, 0, urb->data);
    fs->counts.reaps++;
    free_urb(fs, urb);
    tell_poll(fs);
    return 0;
}

static int discard(struct usbfs *fs, const struct usbfs_client *client, gulong address)
{
    for (struct usbfs_urb *urb = fs->urbs; urb; urb = urb->next)
        if (urb->client == client && urb->address == address && !urb->is_over) {
            fs->counts.discards++;
            end_urb(urb, -ENOENT);
            tell_poll(fs);
            return 0;
        }
    return -EINVAL;
}

/* --- Programs -------------------------------------------------------------------------------- */

static struct usbfs_client *client_of(struct usbfs *fs, UMockdevIoctlClient *mock)
{
    struct usbfs_client *client = fs->clients;
    while (client && client->mock != mock)
        client = client->next;
    return client;
}

/* As the kernel does when the last descriptor of an open node is closed. */
static void leave(struct usbfs *fs, struct usbfs_client *client)
{
    struct usbfs_client **at = &fs->clients;
    for (unsigned i = 0; i < USBFS_INTERFACES; i++)
        if (fs->owner[i] == client)
            release(fs, client, i);
    for (struct usbfs_urb *urb = fs->urbs, *next; urb; urb = next) {
        next = urb->next;
        if (urb->client == client)
            free_urb(fs, urb);
    }
    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
    fs->counts.closes++;
    g_object_unref(client->mock);
    free(client);
    tell_poll(fs);
}

/* umockdev tells of a program that comes and not of one that goes. */
void usbfs_look_who_left(struct usbfs *fs)
{
    for (struct usbfs_client *client = fs->clients, *next; client; client = next) {
        next = client->next;
        if (!umockdev_ioctl_client_get_connected(client->mock))
            leave(fs, client);
    }
}

void usbfs_all_died(struct usbfs *fs)
{
    while (fs->clients)
        leave(fs, fs->clients);
}

void usbfs_connected(UMockdevIoctlBase *base, UMockdevIoctlClient *mock, gpointer context)
{
    struct usbfs *fs = context;
    struct usbfs_client *client = calloc(1, sizeof *client);
    (void)base;
    need(client);
    pthread_mutex_lock(fs->lock);
    *client = (struct usbfs_client){.next = fs->clients, .fs = fs, .mock = g_object_ref(mock)};
    fs->clients = client;
    fs->counts.opens++;
    heal(fs, USBFS_BY_OPEN);
    pthread_mutex_unlock(fs->lock);
}

/* --- The switchboard ------------------------------------------------------------------------- */

/* The argument's own memory, brought over before the lock is taken: a program that stands still
 * must not hold up the plates. NULL when the request has none. */
static UMockdevIoctlData *fetch(UMockdevIoctlClient *mock, gulong request,
                                UMockdevIoctlData **buffer)
{
    UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(mock), *data = NULL;
    size_t n = _IOC_SIZE(request);
    *buffer = NULL;
    if (request == USBDEVFS_DISCARDURB || request == USBDEVFS_RESET ||
        request == USBDEVFS_GET_SPEED)
        return NULL;
    if (request == USBDEVFS_REAPURBNDELAY || request == USBDEVFS_REAPURB)
        n = sizeof(void *);
    data = umockdev_ioctl_data_resolve(arg, 0, n, NULL);
    if (data && request == USBDEVFS_SUBMITURB) {
        struct usbdevfs_urb *ask = (struct usbdevfs_urb *)(void *)data->data;
        if (ask->buffer_length > 0 && ask->buffer_length <= URB_BYTES_MAX)
            *buffer = umockdev_ioctl_data_resolve(data, offsetof(struct usbdevfs_urb, buffer),
                                                  (size_t)ask->buffer_length, NULL);
    }
    return data;
}

static int answer_small(struct usbfs *fs, struct usbfs_client *client, gulong request, void *memory)
{
    unsigned number = 0;
    if (memory)
        memcpy(&number, memory, sizeof number);
    switch (request) {
    case USBDEVFS_GET_CAPABILITIES:
        number = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_BULK_CONTINUATION |
                 USBDEVFS_CAP_NO_PACKET_SIZE_LIM | USBDEVFS_CAP_BULK_SCATTER_GATHER |
                 USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
        memcpy(memory, &number, sizeof number);
        return 0;
    case USBDEVFS_CLAIMINTERFACE:
        return claim(fs, client, number);
    case USBDEVFS_DISCONNECT_CLAIM:
        return claim(fs, client, ((struct usbdevfs_disconnect_claim *)memory)->interface);
    case USBDEVFS_RELEASEINTERFACE:
        return release(fs, client, number);
    case USBDEVFS_CLEAR_HALT:
        return clear_halt(fs, (uint8_t)number);
    case USBDEVFS_GETDRIVER:
        return get_driver(fs, memory);
    case USBDEVFS_SETCONFIGURATION:
        return number == fs->configuration[5] ? 0 : -EINVAL;
    case USBDEVFS_CONNECTINFO:
        ((struct usbdevfs_connectinfo *)memory)->slow = 0;
        return 0;
    case USBDEVFS_RESET:
        return reset(fs, client);
    case USBDEVFS_GET_SPEED:
        return 2; /* USB_SPEED_FULL */
    default:
        return -ENOTTY;
    }
}

static int set_interface(struct usbfs *fs, struct usbfs_client *client,
                         const struct usbdevfs_setinterface *ask)
{
    int error = claim(fs, client, ask->interface);
    return error ? error : choose_setting(fs, ask->interface, ask->altsetting);
}

static int answer(struct usbfs *fs, UMockdevIoctlClient *mock, gulong request,
                  UMockdevIoctlData *data, UMockdevIoctlData *buffer)
{
    struct usbfs_client *client = client_of(fs, mock);
    gulong address;
    if (!client)
        return -ENODEV;
    if (request == USBDEVFS_REAPURBNDELAY || request == USBDEVFS_REAPURB)
        return data ? reap(fs, client, data) : -EFAULT;
    memcpy(&address, umockdev_ioctl_client_get_arg(mock)->data, sizeof address);
    if (request == USBDEVFS_DISCARDURB)
        return discard(fs, client, address);
    if (fs->is_gone)
        return -ENODEV;
    if (!data && request != USBDEVFS_RESET && request != USBDEVFS_GET_SPEED)
        return -EFAULT;
    if (request == USBDEVFS_SUBMITURB)
        return submit(fs, client, data, buffer);
    if (request == USBDEVFS_SETINTERFACE)
        return set_interface(fs, client,
                             (const struct usbdevfs_setinterface *)(const void *)data->data);
    return answer_small(fs, client, request, data ? data->data : NULL);
}

gboolean usbfs_answer(UMockdevIoctlBase *base, UMockdevIoctlClient *mock, gpointer context)
{
    struct usbfs *fs = context;
    UMockdevIoctlData *buffer;
    gulong request = umockdev_ioctl_client_get_request(mock);
    (void)base;
    UMockdevIoctlData *data = fetch(mock, request, &buffer);
    pthread_mutex_lock(fs->lock);
    int result = answer(fs, mock, request, data, buffer);
    pthread_mutex_unlock(fs->lock);
    g_clear_object(&data);
    g_clear_object(&buffer);
    umockdev_ioctl_client_complete(mock, result < 0 ? -1 : result, result < 0 ? -result : 0);
    return TRUE;
}

/* --- The plug -------------------------------------------------------------------------------- */

void usbfs_pull(struct usbfs *fs)
{
    end_all(fs, -1, NULL, -ESHUTDOWN);
    fs->is_gone = 1;
    fs->gone_us = usb_plate_now_us();
    close(fs->master);
    close(fs->slave);
    fs->master = fs->slave = -1;
}

void usbfs_free(struct usbfs *fs)
{
    usbfs_all_died(fs);
    if (fs->master >= 0) {
        close(fs->master);
        close(fs->slave);
    }
    free(fs->configuration);
    fs->configuration = NULL;
}
