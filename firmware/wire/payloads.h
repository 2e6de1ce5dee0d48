/* SPDX-License-Identifier: MIT */
/* The small payloads, each as a struct with one put and one get; PROTOCOL.md has the bytes.
 *
 * put returns the size written, 0 if cap is too small. get returns 0, or -1 when the payload is
 * shorter than version 1 of it or a field is out of bounds; longer payloads are accepted (a newer
 * minor version appends). Strings are printable ASCII, NUL-terminated in the structs, NUL-padded on
 * the wire. No allocation; any thread. */
#ifndef TENDERFOOT_WIRE_PAYLOADS_H
#define TENDERFOOT_WIRE_PAYLOADS_H

#include <stddef.h>
#include <stdint.h>

#define WIRE_NO_TEMPERATURE INT16_MIN

enum wire_feature {
    WIRE_HAS_BUTTON = 1,
    WIRE_HAS_LIGHT = 2,
    WIRE_HAS_BUZZER = 4,
    WIRE_HAS_TEMPERATURE = 8,
    WIRE_HAS_SELF_TEST = 16,
    WIRE_HAS_LIMIT = 32,
    WIRE_IS_VIRTUAL = 64,  /* no sensor: a virtual plate, and it says so */
    WIRE_HAS_LOADER = 128, /* CMD_LOADER: it can be updated over its cable */
};

struct wire_hello {
    uint16_t protocol_min, protocol_max;        /* major << 8 | minor */
    uint16_t rows, cols;                        /* 1..256 */
    uint32_t pitch_x_um, pitch_y_um;            /* 500..50000 */
    uint8_t bits;                               /* 8..16 */
    uint16_t rate_min_hz, rate_max_hz, rate_hz; /* limits, and the present or default rate */
    uint16_t full_scale_kpa;  /* nominal pressure of the largest count; 0 = not stated */
    uint32_t features;        /* enum wire_feature */
    int16_t temperature_cdeg; /* 0.01 degree Celsius, or WIRE_NO_TEMPERATURE */
    uint32_t boot_id;         /* drawn at each boot: a restart is not a gap */
    uint32_t scans;           /* scans since boot: the seq of the next FRAME */
    char serial[25], firmware[17], model[25];
};

enum wire_event_kind {
    WIRE_BUTTON_DOWN = 1,
    WIRE_BUTTON_UP = 2,
    WIRE_LIMIT_REACHED = 3, /* value = sum of counts in the rectangle */
    WIRE_LIMIT_EXPIRED = 4,
    WIRE_TARED = 5, /* value = cells masked as faulty */
};

struct wire_event {
    uint8_t kind; /* the moment itself is the header's device_time_us */
    uint32_t value;
};

struct wire_status {
    uint32_t boot_id;
    uint32_t scans;    /* scans since boot: last sequence + 1 */
    uint32_t dropped;  /* whole frames the device itself could not send */
    uint32_t overruns; /* scans that began late */
    uint32_t command_crc_errors;
    int16_t temperature_cdeg;
    uint32_t tick_rate_mhz; /* measured frames per second x 1000 */
    uint8_t streaming, tared;
};

enum wire_log_level { WIRE_LOG_INFO = 1, WIRE_LOG_WARNING = 2, WIRE_LOG_ERROR = 3 };
/* LOG: level u8, then UTF-8 text to the end of the payload. */

/* Each command payload begins with a request id of the host's choice; the ACK repeats it. The same
 * request again is answered again and does nothing twice. */
enum wire_ack_status {
    WIRE_OK = 0,
    WIRE_RUNNING = 1, /* accepted; a second ACK follows when it is done (TARE, SELF_TEST) */
    WIRE_BUSY = 2,    /* another host has the plate */
    WIRE_REFUSED = 3, /* a field is out of bounds or the feature is missing */
    WIRE_FAILED = 4,
    WIRE_UNKNOWN = 5, /* no such command */
};

struct wire_ack {
    uint32_t request;
    uint8_t command; /* the command's wire_type */
    uint8_t status;
    uint32_t detail; /* START: rate in Hz; TARE: cells masked; SELF_TEST: faulty cells; else 0 */
};

enum wire_start_flag {
    WIRE_START_UNGATED = 1, /* noise below the floor is sent too */
    WIRE_START_RAW = 2,     /* the zero is not subtracted either */
};

enum wire_signal { WIRE_SIGNAL_OFF = 0, WIRE_SIGNAL_LIGHT = 1, WIRE_SIGNAL_BUZZER = 2 };

struct wire_command {
    uint32_t request;
    union {
        struct {
            uint16_t protocol_min, protocol_max;
        } hello;
        struct {
            uint16_t rate_hz; /* 0 = the plate's default */
            uint16_t flags;
        } start;
        struct {
            uint8_t signals;      /* WIRE_SIGNAL_* together */
            uint16_t duration_ms; /* 0 = until changed */
        } signal;
        struct {
            uint16_t row0, col0, rows, cols; /* rows = 0 clears the limit */
            uint32_t sum_counts;             /* tared counts */
            uint32_t expiry_ms;              /* 1..600000; the limit forgets itself */
        } limit;
    } as;
};

enum wire_cell_fault { WIRE_CELL_DEAD = 1, WIRE_CELL_STUCK = 2, WIRE_ROW_SHORTED = 3 };

struct wire_fault {
    uint16_t row, col; /* col = 0xFFFF for a whole row */
    uint8_t kind;
};

size_t wire_put_hello(uint8_t *out, size_t cap, const struct wire_hello *hello);
int wire_get_hello(const uint8_t *payload, size_t n, struct wire_hello *hello);
size_t wire_put_event(uint8_t *out, size_t cap, const struct wire_event *event);
int wire_get_event(const uint8_t *payload, size_t n, struct wire_event *event);
size_t wire_put_status(uint8_t *out, size_t cap, const struct wire_status *status);
int wire_get_status(const uint8_t *payload, size_t n, struct wire_status *status);
size_t wire_put_ack(uint8_t *out, size_t cap, const struct wire_ack *ack);
int wire_get_ack(const uint8_t *payload, size_t n, struct wire_ack *ack);

/* Commands: `type` is the message's type and selects the union's member. When get says -1 the
 * request id is filled all the same (0 if not even that is there), so that a refusal can name it.
 */
size_t wire_put_command(uint8_t *out, size_t cap, uint8_t type, const struct wire_command *command);
int wire_get_command(const uint8_t *payload, size_t n, uint8_t type, struct wire_command *command);

/* SELF_TEST_RESULT: count u32, then up to that many faults of 5 bytes; a long list is cut and the
 * count still tells all. get fills at most cap faults and gives the number filled. */
size_t wire_put_faults(uint8_t *out, size_t cap, const struct wire_fault *faults, size_t n,
                       uint32_t total);
int wire_get_faults(const uint8_t *payload, size_t n, struct wire_fault *faults, size_t cap,
                    size_t *filled, uint32_t *total);

#endif
