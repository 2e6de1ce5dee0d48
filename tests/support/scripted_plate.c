/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/scripted_plate.h"

#include "driver/clock.h"
#include "firmware/wire/frame_codec.h"
#include "firmware/wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

enum { CELLS_MAX = 65536, OUT_MAX = 300000 };

struct scripted_plate {
    struct plate_script script;
    int fd;
    pthread_t thread;
    atomic_int end;
    pthread_mutex_t lock;
    struct plate_deeds deeds;
    int is_reset, has_stalled, said_annotation, has_left, was_extra;
    uint32_t next_frame; /* of this boot */
    uint32_t last_start, last_tare, last_stop;
    uint64_t frame_due_us, status_due_us, born_us;
    struct wire_stream in;
    uint8_t inbox[4096], out[OUT_MAX];
};

struct wire_hello scripted_plate_hello(void)
{
    return (struct wire_hello){
        .protocol_min = WIRE_VERSION << 8,
        .protocol_max = WIRE_VERSION << 8,
        .rows = 12,
        .cols = 10,
        .pitch_x_um = 5000,
        .pitch_y_um = 5000,
        .bits = 12,
        .rate_min_hz = 10,
        .rate_max_hz = 1000,
        .rate_hz = 100,
        .full_scale_kpa = 600,
        .temperature_cdeg = WIRE_NO_TEMPERATURE,
        .boot_id = 0x1234,
        .serial = "SCRIPTED-1",
        .firmware = "9.9",
        .model = "scripted plate",
    };
}

size_t scripted_plate_frame(const struct plate_script *script, uint32_t n, uint8_t *out, size_t cap)
{
    static _Thread_local uint16_t counts[CELLS_MAX];
    const struct wire_hello *h = &script->hello;
    struct frame_shape shape = {.flags = script->untared ? 0 : FRAME_TARED | FRAME_GATED,
                                .bits = h->bits,
                                .rows = h->rows,
                                .cols = h->cols};
    size_t cells = (size_t)h->rows * h->cols, most = script->bare ? 8 : 4000;
    for (size_t i = 0; i < cells; i++)
        counts[i] = (uint16_t)(i % 3 ? (n * 7 + i * 13) % most : 0);
    struct wire_message message = {.version = script->version,
                                   .type = WIRE_FRAME,
                                   .seq = n,
                                   .device_time_us =
                                       script->first_time_us + (uint64_t)n * 1000000u / h->rate_hz,
                                   .payload = out + WIRE_HEADER_SIZE};
    message.payload_len =
        (uint32_t)frame_encode(out + WIRE_HEADER_SIZE, cap - WIRE_HEADER_SIZE, &shape, counts);
    return wire_encode(out, cap, &message);
}

/* --- Out ------------------------------------------------------------------------------------- */

/* Writes all of it unless the host is gone, or the test wants an end. */
static void write_all(struct scripted_plate *p, const uint8_t *bytes, size_t n)
{
    while (n > 0 && !p->end && !p->has_left) {
        size_t part = p->script.chunk && p->script.chunk < n ? p->script.chunk : n;
        ssize_t taken = send(p->fd, bytes, part, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (taken < 0 && errno == ENOTSOCK)
            taken = write(p->fd, bytes, part);
        if (taken > 0) {
            bytes += taken;
            n -= (size_t)taken;
        } else if (taken < 0 && errno != EAGAIN && errno != EINTR) {
            p->has_left = 1;
        } else {
            struct pollfd room = {.fd = p->fd, .events = POLLOUT};
            poll(&room, 1, 10);
        }
    }
}

static uint64_t device_time(const struct scripted_plate *p)
{
    return p->script.first_time_us + (uint64_t)p->next_frame * 1000000u / p->script.hello.rate_hz;
}

static void say(struct scripted_plate *p, uint8_t type, const void *payload, size_t n)
{
    struct wire_message message = {.version = p->script.version,
                                   .type = type,
                                   .device_time_us = device_time(p),
                                   .payload = payload,
                                   .payload_len = (uint32_t)n};
    uint8_t bytes[1024];
    write_all(p, bytes, wire_encode(bytes, sizeof bytes, &message));
}

static void say_hello(struct scripted_plate *p)
{
    uint8_t payload[256];
    p->script.hello.scans = p->next_frame;
    say(p, WIRE_HELLO, payload, wire_put_hello(payload, sizeof payload, &p->script.hello));
}

static void say_ack(struct scripted_plate *p, uint32_t request, uint8_t command, uint8_t status,
                    uint32_t detail)
{
    struct wire_ack ack = {request, command, status, detail};
    uint8_t payload[64];
    say(p, WIRE_ACK, payload, wire_put_ack(payload, sizeof payload, &ack));
}

static void say_status(struct scripted_plate *p)
{
    struct wire_status status = {.boot_id = p->script.hello.boot_id,
                                 .scans = p->next_frame,
                                 .temperature_cdeg = WIRE_NO_TEMPERATURE,
                                 .streaming = (uint8_t)p->deeds.streaming,
                                 .tared = !p->script.untared};
    uint8_t payload[64];
    say(p, WIRE_STATUS, payload, wire_put_status(payload, sizeof payload, &status));
}

/* --- In -------------------------------------------------------------------------------------- */

static int is_new(uint32_t *last, uint32_t request)
{
    int answer = *last != request;
    *last = request;
    return answer;
}

static void do_start(struct scripted_plate *p, const struct wire_command *command)
{
    if (command->as.start.rate_hz)
        p->script.hello.rate_hz = command->as.start.rate_hz;
    p->deeds.starts += is_new(&p->last_start, command->request);
    if (!(p->has_stalled && p->script.stalls_for_good)) {
        p->deeds.streaming = 1;
        p->frame_due_us = host_clock_us();
    }
    say_ack(p, command->request, WIRE_CMD_START, WIRE_OK, p->script.hello.rate_hz);
}

static void do_tare(struct scripted_plate *p, const struct wire_command *command)
{
    p->deeds.tares += is_new(&p->last_tare, command->request);
    say_ack(p, command->request, WIRE_CMD_TARE, WIRE_RUNNING, 0);
    if (p->script.annotation && !p->said_annotation)
        say(p, WIRE_ANNOTATION, p->script.annotation, strlen(p->script.annotation));
    p->said_annotation = 1;
    p->script.untared = 0;
    say_ack(p, command->request, WIRE_CMD_TARE, WIRE_OK, 2);
}

static void obey(struct scripted_plate *p, const struct wire_message *message)
{
    struct wire_command command = {0};
    if (wire_get_command(message->payload, message->payload_len, message->type, &command))
        return;
    if (message->type == WIRE_CMD_HELLO) {
        p->deeds.hellos++;
        say_hello(p);
        say_ack(p, command.request, message->type, WIRE_OK, 0);
    } else if (p->script.busy) {
        say_ack(p, command.request, message->type, WIRE_BUSY, 0);
    } else if (message->type == WIRE_CMD_START) {
        do_start(p, &command);
    } else if (message->type == WIRE_CMD_TARE) {
        do_tare(p, &command);
    } else if (message->type == WIRE_CMD_STOP) {
        p->deeds.stops += is_new(&p->last_stop, command.request);
        p->deeds.streaming = 0;
        say_status(p);
        say_ack(p, command.request, message->type, WIRE_OK, 0);
    }
}

static void hear(struct scripted_plate *p)
{
    size_t room;
    uint8_t *at = wire_stream_room(&p->in, &room);
    ssize_t n = read(p->fd, at, room);
    /* EIO: no host has the pty open at the moment; another may come. */
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR && errno != EIO))
        p->has_left = 1;
    if (n <= 0) {
        usleep(1000);
        return;
    }
    if (p->script.echo)
        write_all(p, at, (size_t)n);
    wire_stream_filled(&p->in, (size_t)n);
    struct wire_message message;
    while (wire_stream_next(&p->in, &message, 0) == WIRE_MESSAGE_WHOLE)
        if (host_clock_us() < p->born_us + (uint64_t)p->script.deaf_ms * 1000u)
            p->deeds.unheard++;
        else if (!p->script.mute && !p->script.echo && !p->script.babble)
            obey(p, &message);
}

/* --- Frames ---------------------------------------------------------------------------------- */

static void reset(struct scripted_plate *p)
{
    p->is_reset = 1;
    p->script.hello.boot_id++;
    p->next_frame = 0;
    p->deeds.streaming = p->script.one_way;
    if (p->script.reset_serial)
        snprintf(p->script.hello.serial, sizeof p->script.hello.serial, "%s",
                 p->script.reset_serial);
    if (!p->script.resets_silently)
        say_hello(p);
}

/* What the script says about this moment; 1 when the frame is not to be sent. */
static int misbehave(struct scripted_plate *p, size_t n)
{
    const struct plate_script *s = &p->script;
    int number = (int)p->next_frame;
    if (s->leaves_after && p->deeds.frames >= s->leaves_after) {
        if (s->leaves_mid_frame)
            write_all(p, p->out, n / 2);
        p->has_left = 1;
        return 1;
    }
    if (s->stalls_after && !p->has_stalled && number >= s->stalls_after) {
        p->has_stalled = 1;
        p->deeds.streaming = 0;
        return 1;
    }
    if (s->resets_after && !p->is_reset && number >= s->resets_after) {
        reset(p);
        return 1;
    }
    if (s->extra && number == s->extra_at && !p->was_extra) {
        p->was_extra = 1;
        write_all(p, s->extra, s->n_extra);
    }
    if (s->flips_at && number == s->flips_at)
        p->out[n - 3] ^= 0x10;
    return 0;
}

static void send_frame(struct scripted_plate *p)
{
    size_t n = scripted_plate_frame(&p->script, p->next_frame, p->out, sizeof p->out);
    if (misbehave(p, n))
        return;
    int number = (int)p->next_frame;
    p->next_frame++;
    p->frame_due_us += 1000000u / p->script.hello.rate_hz;
    p->deeds.frames++;
    if (!p->script.drops_at || number != p->script.drops_at)
        write_all(p, p->out, n);
    if (p->script.repeats_at && number == p->script.repeats_at)
        write_all(p, p->out, n);
}

/* What is due at this moment. */
static void act(struct scripted_plate *p)
{
    uint64_t now = host_clock_us();
    if (p->script.babble)
        write_all(p, p->script.babble, p->script.n_babble);
    else if (p->deeds.streaming && now >= p->frame_due_us)
        send_frame(p);
    int is_wedged = p->script.stalls_silently && p->has_stalled && !p->deeds.streaming;
    if (!p->script.mute && !p->script.babble && !p->script.echo && !p->script.one_way &&
        !is_wedged && !p->has_left && now >= p->status_due_us && p->deeds.hellos) {
        say_status(p);
        p->status_due_us = now + 1000000u;
    }
}

static void *play(void *context)
{
    struct scripted_plate *p = context;
    if (p->script.one_way) {
        say_hello(p);
        p->deeds.streaming = 1;
        p->frame_due_us = host_clock_us();
    }
    while (!p->end && !p->has_left) {
        struct pollfd in = {.fd = p->fd, .events = p->script.one_way ? 0 : POLLIN};
        int ready = poll(&in, 1, 1);
        pthread_mutex_lock(&p->lock);
        if (ready > 0 && !p->script.one_way)
            hear(p);
        act(p);
        pthread_mutex_unlock(&p->lock);
    }
    close(p->fd);
    return NULL;
}

struct scripted_plate *scripted_plate_start(const struct plate_script *script, int fd)
{
    struct scripted_plate *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->script = *script;
    p->fd = fd;
    p->next_frame = script->begins_at;
    p->born_us = host_clock_us();
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    wire_stream_init(&p->in, p->inbox, sizeof p->inbox);
    pthread_mutex_init(&p->lock, NULL);
    if (pthread_create(&p->thread, NULL, play, p))
        abort();
    return p;
}

struct plate_deeds scripted_plate_deeds(struct scripted_plate *p)
{
    pthread_mutex_lock(&p->lock);
    struct plate_deeds deeds = p->deeds;
    deeds.has_left = p->has_left;
    pthread_mutex_unlock(&p->lock);
    return deeds;
}

struct plate_deeds scripted_plate_stop(struct scripted_plate *p)
{
    p->end = 1;
    pthread_join(p->thread, NULL);
    struct plate_deeds deeds = p->deeds;
    pthread_mutex_destroy(&p->lock);
    free(p);
    return deeds;
}

int scripted_plate_pty(char *path, size_t cap)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || grantpt(fd) || unlockpt(fd) || ptsname_r(fd, path, cap))
        abort();
    struct termios raw;
    if (tcgetattr(fd, &raw))
        abort();
    cfmakeraw(&raw); /* no echo before the host has opened its end */
    tcsetattr(fd, TCSANOW, &raw);
    return fd;
}
