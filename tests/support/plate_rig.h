/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plate's core on a test bench: a made-up board whose clock, cells, button and links the test
 * holds in its hands. */
#ifndef TENDERFOOT_TESTS_PLATE_RIG_H
#define TENDERFOOT_TESTS_PLATE_RIG_H

#include "firmware/core/plate.h"

#define RIG_RECEIVED_MAX (4u << 20)
#define RIG_EDGES_MAX 4096

struct rig {
    struct plate plate;
    struct plate_config config;
    uint64_t now_us;
    uint64_t random; /* state of rig_random */
    /* The world: fills one row at the present scan. NULL = rest_count with rest_noise. */
    void (*world)(struct rig *rig, unsigned row, uint16_t *counts);
    uint16_t rest_count, rest_noise; /* resting count, and the most it strays to either side */
    uint16_t *cells;                 /* per cell, for the test's world */
    int failing_row;                 /* -1: none */

    struct plate_edge edges[RIG_EDGES_MAX];
    size_t n_edges, next_edge;

    unsigned signals, signal_changes;
    uint64_t signal_us; /* when they last changed */
    unsigned kicks, scans, rows_read, sends;

    /* What the host takes: at most so many bytes in one call, and so many in all. */
    size_t take_at_once[PLATE_LINKS_MAX], take_in_all[PLATE_LINKS_MAX];
    uint8_t *received[PLATE_LINKS_MAX];
    size_t n_received[PLATE_LINKS_MAX], read_to[PLATE_LINKS_MAX];
    uint32_t next_request;
};

/* A plate of this size at 100 Hz and 12 bits, resting at count 40 with noise of +-2, that takes
 * everything. rig_begin must follow, after the test has changed the config to its liking. */
struct rig *rig_make(unsigned rows, unsigned cols, uint64_t seed);
void rig_begin(struct rig *rig);
void rig_free(struct rig *rig);
/* Before rig_begin: a tare and a self-test work in bands of so many rows, in memory of just that
 * size. */
void rig_use_bands(struct rig *rig, unsigned work_rows);
/* How many there are, and how many scans a tare takes in each. */
unsigned rig_bands(const struct rig *rig);
unsigned rig_band_scans(const struct rig *rig);

uint32_t rig_random(struct rig *rig, uint32_t below);

/* Time passes to the next scan and it is made, n times; or time passes with a step each millisecond
 * (scans as they are due). */
void rig_scans(struct rig *rig, unsigned n);
void rig_wait_ms(struct rig *rig, unsigned ms);

void rig_edge(struct rig *rig, uint64_t time_us, int down);

/* Sends a command with a fresh request (returned) or with a given one. */
uint32_t rig_command(struct rig *rig, unsigned link, uint8_t type, struct wire_command command);
void rig_command_as(struct rig *rig, unsigned link, uint8_t type, struct wire_command command,
                    uint32_t request);
void rig_bytes(struct rig *rig, unsigned link, uint8_t version, uint8_t type, const void *payload,
               size_t n);

/* The next message the host of a link has not looked at yet; 0 when there is none. Fails the test
 * on bytes that are no message. */
int rig_next(struct rig *rig, unsigned link, struct wire_message *message);
/* The next one of this type; those before it are skipped. */
int rig_next_of(struct rig *rig, unsigned link, enum wire_type type, struct wire_message *message);
void rig_skip_all(struct rig *rig, unsigned link);

/* The next ACK: its status, -1 when there is none; *ack may be NULL. */
int rig_ack(struct rig *rig, unsigned link, struct wire_ack *ack);
/* The next event; 0 when there is none. */
int rig_event(struct rig *rig, unsigned link, struct wire_event *event, uint64_t *time_us);

/* Sends a command and gives the status of its ACK. */
int rig_ask(struct rig *rig, unsigned link, uint8_t type, struct wire_command command);
/* Tares on link 0 to the end; cells masked. */
uint32_t rig_tare(struct rig *rig);
/* SET_LIMIT's command. */
struct wire_command rig_limit(unsigned row0, unsigned col0, unsigned rows, unsigned cols,
                              uint32_t sum_counts, uint32_t expiry_ms);

#endif
