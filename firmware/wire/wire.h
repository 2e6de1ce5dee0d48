/* SPDX-License-Identifier: MIT */
/* The wire: one message format for USB, serial, socket and file. PROTOCOL.md has every byte.
 *
 * A message is a 32-byte header and a payload, little-endian:
 *   magic u32 | version u8 | type u8 | flags u16 | payload_len u32 | seq u32 |
 *   device_time_us u64 | payload_crc u32 | header_crc u32
 * Both CRCs are CRC-32C; header_crc covers the 28 bytes before it, so length, sequence and time
 * cannot be forged by a flipped bit. Used unchanged by firmware and host: no allocation, no I/O,
 * no global state; any thread. */
#ifndef TENDERFOOT_WIRE_WIRE_H
#define TENDERFOOT_WIRE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define WIRE_MAGIC 0x31544654u /* the bytes 'T' 'F' 'T' '1' */
#define WIRE_VERSION 1u        /* major; a newer major is refused, a newer minor only adds */
#define WIRE_VERSION_MINOR 1u
#define WIRE_HEADER_SIZE 32u
#define WIRE_CELLS_MAX_PER_SIDE 256u
#define WIRE_PAYLOAD_MAX 262400u /* 256 x 256 floats and a frame head, rounded up */
#define WIRE_MESSAGE_MAX (WIRE_HEADER_SIZE + WIRE_PAYLOAD_MAX)

/* 1..63 from the plate, 64..127 commands from the host, 128..191 written by a host into a file. */
enum wire_type {
    WIRE_HELLO = 1,
    WIRE_FRAME = 2,
    WIRE_EVENT = 3,
    WIRE_STATUS = 4,
    WIRE_LOG = 5,
    WIRE_ACK = 6,
    WIRE_SELF_TEST_RESULT = 7,
    WIRE_ZERO = 8, /* what a tare found, so that a host can go on after the plate lost its power */

    WIRE_CMD_HELLO = 64, /* asks for HELLO */
    WIRE_CMD_START = 65,
    WIRE_CMD_STOP = 66,
    WIRE_CMD_TARE = 67,
    WIRE_CMD_IDENTIFY = 68, /* blink and beep, so that one finds the plate */
    WIRE_CMD_SELF_TEST = 69,
    WIRE_CMD_SIGNAL = 70,
    WIRE_CMD_SET_LIMIT = 71,
    WIRE_CMD_LOADER = 72, /* reboot into the chip's firmware loader (DFU) */

    WIRE_ANNOTATION = 128,      /* JSON, UTF-8: what the host knows (PROTOCOL.md, Annotations) */
    WIRE_FRAME_F32 = 129,       /* rows u16, cols u16, f32 kPa row-major: imported recordings */
    WIRE_REC_HEADER = 130,      /* JSON, first message of a file (driver/RECORDING.md) */
    WIRE_REC_ARRIVAL = 131,     /* host times of the messages that follow */
    WIRE_REC_DAMAGE = 132,      /* bytes of the plate that were not a message */
    WIRE_REC_CALIBRATION = 133, /* part of the calibration file's copy */
    WIRE_REC_INDEX = 134,
    WIRE_REC_END = 135, /* a clean close */
};

struct wire_message {
    uint8_t version; /* major; 0 when encoding means WIRE_VERSION */
    uint8_t type;    /* enum wire_type, or one we do not know */
    uint16_t flags;
    uint32_t seq; /* FRAME and FRAME_F32: number of the scan since boot, from 0; else 0 */
    uint64_t device_time_us; /* when the thing happened, not when it was sent */
    uint32_t payload_len;
    const uint8_t *payload; /* borrowed: points into the caller's bytes */
};

/* Writes one message to out; returns its size, or 0 if it does not fit into cap or the payload is
 * over WIRE_PAYLOAD_MAX. payload may already lie in place at out + WIRE_HEADER_SIZE. */
size_t wire_encode(uint8_t *out, size_t cap, const struct wire_message *message);

enum wire_verdict {
    WIRE_MESSAGE_WHOLE, /* *message is filled, *used is its whole size */
    WIRE_NEED_MORE,     /* a message may begin at bytes[0]: come again with more; *used = 0 */
    WIRE_NOISE,         /* *used >= 1 bytes that are no message (scanned to the next magic) */
    WIRE_BAD_HEADER,    /* a magic, but the header's CRC is wrong; *used = 1 */
    WIRE_BAD_PAYLOAD,   /* header good, payload damaged; *message has the header; *used = 1 */
    WIRE_TOO_LONG,      /* header good, payload_len over WIRE_PAYLOAD_MAX; *used = 1 */
    WIRE_TOO_NEW,       /* header good, a newer major version; *message filled; *used = whole size
                           when it is there, else NEED_MORE is given first */
};

/* Looks at the front of n bytes: a pure function of them. After anything but WHOLE the caller
 * drops *used bytes and looks again, so that damage costs no neighbour. At most
 * WIRE_PAYLOAD_MAX + WIRE_HEADER_SIZE bytes are looked at in one call. */
enum wire_verdict wire_decode(const uint8_t *bytes, size_t n, struct wire_message *message,
                              size_t *used);

/* A stream: bytes in any chunks in, messages out. The buffer is the caller's (capacity at least
 * the largest message expected; WIRE_MESSAGE_MAX takes all). A message too large for the buffer is
 * damage. Results do not depend on the chunking. */
struct wire_stream {
    uint8_t *buffer;
    size_t capacity, start, end;
    uint64_t damaged_bytes;    /* bytes dropped so far */
    uint64_t damaged_places;   /* runs of dropped bytes */
    uint64_t bad_payload_seen; /* FRAMEs whose header was good and payload was not */
    int in_damage;
};

void wire_stream_init(struct wire_stream *stream, uint8_t *buffer, size_t capacity);

/* Where up to *room bytes may be written next (a read target); then tell how many came. */
uint8_t *wire_stream_room(struct wire_stream *stream, size_t *room);
void wire_stream_filled(struct wire_stream *stream, size_t n);

/* The next message, WIRE_BAD_PAYLOAD or WIRE_TOO_NEW (header filled), or WIRE_NEED_MORE. Other
 * damage is skipped and counted. message->payload is valid until the next call on this stream.
 * After the last byte of a file, `at_end` = 1 makes the rest be rescanned instead of awaited. */
enum wire_verdict wire_stream_next(struct wire_stream *stream, struct wire_message *message,
                                   int at_end);

#endif
