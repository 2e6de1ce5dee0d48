/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/host/usb_witness.h"

#include "firmware/boards/host/faults.h"
#include "firmware/wire/payloads.h"
#include "firmware/wire/sequence.h"
#include "firmware/wire/wire.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STREAMS 2u /* as many bulk IN endpoints as a plate has */
#define NS_PER_MS INT64_C(1000000)
#define ANY_CELLS 256 /* USB faults are of no cell */
#define ANY_BITS 16

struct stream {
    uint8_t endpoint; /* 0 = not seen yet */
    struct wire_stream in;
    uint8_t *buffer;
};

struct usb_witness {
    struct faults *faults;
    FILE *log;
    struct stream streams[STREAMS];
    struct sequence_book book;
    uint64_t bytes, fetched[16];  /* handed over; by IN endpoint */
    uint64_t earlier_us, last_us; /* before this boot; of this boot */
    uint32_t boot_id, scan;
    unsigned boot;
    int has_boot;
    struct faults_usb_deed deed;
    int is_due; /* the deed happens when packets_left more have gone by on deed_endpoint */
    uint8_t deed_endpoint;
    uint64_t packets_left;
    int will_pull;
    int64_t silent_until_ns;
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* --- The log --------------------------------------------------------------------------------- */

/* Flushed, so that the log is whole whenever the plate is ended. */
static void log_end(struct usb_witness *witness)
{
    const struct sequence_book *book = &witness->book;
    fprintf(witness->log,
            ",\"time_us\":%" PRIu64 ",\"boot\":%u,\"scan\":%" PRIu32 ",\"frames\":%" PRIu64
            ",\"lost\":%" PRIu64 ",\"bad\":%" PRIu64 ",\"bytes\":%" PRIu64 "}\n",
            witness->earlier_us + witness->last_us, witness->boot, witness->scan, book->delivered,
            book->lost, book->bad, witness->bytes);
    fflush(witness->log);
}

void usb_witness_note(struct usb_witness *witness, const char *what)
{
    if (!witness->log)
        return;
    fprintf(witness->log, "{\"usb\":\"%s\"", what);
    log_end(witness);
}

static void note_deed(struct usb_witness *witness)
{
    const struct faults_usb_deed *deed = &witness->deed;
    if (!witness->log)
        return;
    fprintf(witness->log, "{\"usb\":\"%s\"", deed->name);
    if (deed->kind == FAULTS_USB_UNPLUG || deed->kind == FAULTS_USB_POWER ||
        deed->kind == FAULTS_USB_SILENCE)
        fprintf(witness->log, ",\"ms\":%ld", deed->ms);
    log_end(witness);
}

/* --- The book -------------------------------------------------------------------------------- */

static void see_boot(struct usb_witness *witness, uint32_t boot_id)
{
    if (witness->has_boot && witness->boot_id != boot_id) {
        witness->boot++;
        witness->earlier_us += witness->last_us;
        witness->last_us = 0;
    }
    witness->has_boot = 1;
    witness->boot_id = boot_id;
}

/* A deed waits for some packets of the next frame, so that it falls into its middle. */
static void see_frame(struct usb_witness *witness, uint8_t endpoint,
                      const struct wire_message *message)
{
    witness->scan = message->seq;
    sequence_frame(&witness->book, message->seq);
    if (witness->is_due || witness->will_pull)
        return;
    faults_at(witness->faults, witness->earlier_us + witness->last_us, witness->boot, message->seq);
    if (!faults_usb(witness->faults, &witness->deed))
        return;
    uint64_t packets = (WIRE_HEADER_SIZE + message->payload_len) / USB_PACKET_MAX + 1;
    witness->is_due = 1;
    witness->deed_endpoint = endpoint;
    witness->packets_left = witness->deed.drawn % packets;
}

static void see_message(struct usb_witness *witness, uint8_t endpoint,
                        const struct wire_message *message)
{
    struct wire_hello hello;
    struct wire_status status;
    if (message->device_time_us > witness->last_us)
        witness->last_us = message->device_time_us;
    if (message->type == WIRE_HELLO &&
        !wire_get_hello(message->payload, message->payload_len, &hello)) {
        see_boot(witness, hello.boot_id);
        sequence_hello(&witness->book, hello.boot_id, hello.scans);
    } else if (message->type == WIRE_STATUS &&
               !wire_get_status(message->payload, message->payload_len, &status)) {
        sequence_status(&witness->book, status.boot_id, status.scans);
    } else if (message->type == WIRE_FRAME) {
        see_frame(witness, endpoint, message);
    }
}

static struct stream *stream_of(struct usb_witness *witness, uint8_t endpoint)
{
    for (unsigned i = 0; i < STREAMS; i++) {
        struct stream *stream = &witness->streams[i];
        if (stream->endpoint == 0)
            stream->endpoint = endpoint;
        if (stream->endpoint == endpoint)
            return stream;
    }
    return NULL;
}

static void read_messages(struct usb_witness *witness, struct stream *stream)
{
    struct wire_message message;
    for (;;)
        switch (wire_stream_next(&stream->in, &message, 0)) {
        case WIRE_MESSAGE_WHOLE:
            see_message(witness, stream->endpoint, &message);
            break;
        case WIRE_BAD_PAYLOAD:
            if (message.type == WIRE_FRAME)
                sequence_bad_frame(&witness->book, message.seq);
            break;
        case WIRE_NEED_MORE:
            return;
        default:
            break;
        }
}

static void see_handed(void *context, uint8_t endpoint, const uint8_t *bytes, size_t n)
{
    struct usb_witness *witness = context;
    struct stream *stream = stream_of(witness, endpoint);
    witness->bytes += n;
    while (stream && n > 0) {
        size_t room;
        uint8_t *into = wire_stream_room(&stream->in, &room);
        if (room > n)
            room = n;
        memcpy(into, bytes, room);
        wire_stream_filled(&stream->in, room);
        read_messages(witness, stream);
        bytes += room;
        n -= room;
    }
}

/* --- Deeds ----------------------------------------------------------------------------------- */

static enum usb_redir_fate do_deed(struct usb_witness *witness)
{
    static const enum usb_redir_fate fates[] = {
        [FAULTS_USB_UNPLUG] = USB_REDIR_STOP,   [FAULTS_USB_POWER] = USB_REDIR_STOP,
        [FAULTS_USB_HALT] = USB_REDIR_HALT,     [FAULTS_USB_ERROR] = USB_REDIR_FAIL,
        [FAULTS_USB_BABBLE] = USB_REDIR_BABBLE, [FAULTS_USB_LOSE] = USB_REDIR_LOSE,
        [FAULTS_USB_SILENCE] = USB_REDIR_PASS,
    };
    enum usb_redir_fate fate = fates[witness->deed.kind];
    witness->is_due = 0;
    witness->will_pull = fate == USB_REDIR_STOP;
    if (witness->deed.kind == FAULTS_USB_SILENCE)
        witness->silent_until_ns = now_ns() + witness->deed.ms * NS_PER_MS;
    note_deed(witness);
    return fate;
}

static enum usb_redir_fate see_packet(void *context, uint8_t endpoint, const uint8_t *bytes,
                                      size_t n)
{
    struct usb_witness *witness = context;
    (void)bytes;
    witness->fetched[endpoint & 0x0Fu] += n;
    if (!witness->is_due || endpoint != witness->deed_endpoint || n == 0)
        return USB_REDIR_PASS;
    if (witness->packets_left > 0) {
        witness->packets_left--;
        return USB_REDIR_PASS;
    }
    return do_deed(witness);
}

uint64_t usb_witness_fetched(const struct usb_witness *witness, uint8_t endpoint)
{
    return witness->fetched[endpoint & 0x0Fu];
}

static int is_silent(void *context)
{
    struct usb_witness *witness = context;
    if (witness->silent_until_ns && now_ns() >= witness->silent_until_ns)
        witness->silent_until_ns = 0;
    return witness->silent_until_ns != 0;
}

int usb_witness_will_pull(const struct usb_witness *witness)
{
    return witness->will_pull;
}

int usb_witness_pulls(struct usb_witness *witness, long *ms, int *with_power)
{
    if (!witness->will_pull)
        return 0;
    witness->will_pull = 0;
    *ms = witness->deed.ms;
    *with_power = witness->deed.kind == FAULTS_USB_POWER;
    return 1;
}

int64_t usb_witness_silent_until_ns(const struct usb_witness *witness)
{
    return witness->silent_until_ns;
}

/* --- Made ------------------------------------------------------------------------------------ */

struct usb_redir_witness usb_witness_eyes(struct usb_witness *witness)
{
    return (struct usb_redir_witness){
        .context = witness, .packet = see_packet, .handed = see_handed, .is_silent = is_silent};
}

static int make_parts(struct usb_witness *witness, const char *faults, uint64_t seed,
                      struct problem *why)
{
    witness->faults = faults_create(faults, seed, ANY_CELLS, ANY_CELLS, ANY_BITS, NULL, why);
    if (!witness->faults)
        return -1;
    for (unsigned i = 0; i < STREAMS; i++) {
        struct stream *stream = &witness->streams[i];
        stream->buffer = malloc(WIRE_MESSAGE_MAX);
        if (!stream->buffer)
            return problem_no_memory(why, "a USB cable's book");
        wire_stream_init(&stream->in, stream->buffer, WIRE_MESSAGE_MAX);
    }
    return 0;
}

static void free_parts(struct usb_witness *witness)
{
    for (unsigned i = 0; i < STREAMS; i++)
        free(witness->streams[i].buffer);
    faults_free(witness->faults);
    free(witness);
}

struct usb_witness *usb_witness_create(const char *faults, uint64_t seed, FILE *log,
                                       struct problem *why)
{
    struct usb_witness *witness = calloc(1, sizeof *witness);
    if (!witness) {
        problem_no_memory(why, "a USB cable");
        return NULL;
    }
    sequence_init(&witness->book);
    witness->log = log;
    if (make_parts(witness, faults, seed, why)) {
        free_parts(witness);
        return NULL;
    }
    return witness;
}

void usb_witness_free(struct usb_witness *witness)
{
    if (!witness)
        return;
    usb_witness_note(witness, "end");
    free_parts(witness);
}
