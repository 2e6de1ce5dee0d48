/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the core say to each other; plate.h is what a board sees. `now_us` is the
 * device clock of the step at work throughout. */
#ifndef TENDERFOOT_CORE_PLATE_PRIVATE_H
#define TENDERFOOT_CORE_PLATE_PRIVATE_H

#include "firmware/core/plate.h"

/* Largest messages of each kind, with their header. The payloads of version 1.0 are shorter. */
#define PLATE_ACK_ROOM 64u
#define PLATE_EVENT_ROOM 64u
#define PLATE_STATUS_ROOM 96u
#define PLATE_HELLO_ROOM 192u
#define PLATE_LOG_TEXT 96u
/* What the answer to any command may take: HELLO, or STATUS and the end of a job, and its ACK. */
#define PLATE_ANSWER_ROOM (PLATE_HELLO_ROOM + PLATE_STATUS_ROOM + 2u * PLATE_ACK_ROOM)

/* Minor versions only add: a host of any of this major one is served. */
#define PLATE_PROTOCOL_MIN ((uint16_t)(WIRE_VERSION << 8))
#define PLATE_PROTOCOL_MAX ((uint16_t)(WIRE_VERSION << 8 | WIRE_VERSION_MINOR))

#define PLATE_MASKED UINT16_MAX /* a noise floor that no count passes, = ZERO_MASKED */

static inline size_t plate_cells(const struct plate *plate)
{
    return PLATE_CELLS((size_t)plate->config->rows, plate->config->cols);
}

/* Largest count, and from where on an unloaded cell is no honest one. */
static inline uint16_t plate_full_scale(const struct plate *plate)
{
    return (uint16_t)((1u << plate->config->bits) - 1u);
}

static inline uint16_t plate_high(const struct plate *plate)
{
    return (uint16_t)(plate_full_scale(plate) - plate_full_scale(plate) / 8u);
}

/* A count less its zero; 0 below the cell's noise floor and for a masked cell. */
static inline uint16_t plate_gated(uint16_t count, uint16_t zero, uint16_t noise_floor)
{
    uint16_t tared = count > zero ? (uint16_t)(count - zero) : 0;
    return noise_floor == PLATE_MASKED || tared < noise_floor ? 0 : tared;
}

/* outbox.c: whole messages out, in order. put: 1, or 0 when there is no room. */
int plate_outbox_put(struct plate *plate, unsigned link, enum wire_type type, uint64_t time_us,
                     const uint8_t *payload, size_t n);
size_t plate_outbox_room(const struct plate *plate, unsigned link);
void plate_outbox_forget(struct plate *plate, unsigned link);
/* The frame lying in config->out after its header's place: sent, or dropped and counted. */
void plate_send_frame(struct plate *plate, uint32_t seq, uint64_t time_us, size_t payload_size);

/* status.c: what the plate says of itself. */
int plate_put_hello(struct plate *plate, unsigned link, uint64_t now_us);
void plate_put_ack(struct plate *plate, unsigned link, const struct wire_ack *ack, uint64_t now_us);
int plate_put_event(struct plate *plate, uint8_t kind, uint32_t value, uint64_t time_us);
void plate_put_log(struct plate *plate, enum wire_log_level level, const char *text,
                   uint64_t now_us);
void plate_status_begin(struct plate *plate, uint64_t now_us);
int plate_put_status(struct plate *plate, uint64_t now_us);
void plate_status_step(struct plate *plate, uint64_t now_us);

/* scan.c: when scans are due, and one scan. */
void plate_pace_update(struct plate *plate, uint64_t now_us);
int plate_scan_step(struct plate *plate, uint64_t now_us);

/* job.c: a tare or a self-test, with its two ACKs. The band at work is the plate's cells from
 * `first` on; they are cells 0..n - 1 of work and next_zero. */
struct plate_band {
    size_t first, n;
    unsigned row0, rows;
};
struct plate_band plate_job_band(const struct plate *plate);
unsigned plate_work_rows(const struct plate *plate);
void plate_job_begin(struct plate *plate, enum plate_job kind);
void plate_job_scan(struct plate *plate, uint64_t now_us);
void plate_job_report(struct plate *plate, uint64_t now_us);
void plate_job_cancel(struct plate *plate, uint64_t now_us);

/* tare.c and self_test.c: begin a band; one scan of counts, 1 when it was the band's last. */
void plate_tare_begin_band(struct plate *plate);
int plate_tare_scan(struct plate *plate);
/* Tells the owner what the tare has found so far, one part a call, when nothing else waits to be
 * sent; whether all of it is told. */
int plate_tare_tell(struct plate *plate, uint64_t now_us);
void plate_self_test_begin(struct plate *plate);
void plate_self_test_begin_band(struct plate *plate);
int plate_self_test_scan(struct plate *plate);
/* Puts SELF_TEST_RESULT for the owner and fills job.faulty; 0 when there is no room yet. */
int plate_self_test_report(struct plate *plate);

/* button.c, limit.c, signal.c */
void plate_button_step(struct plate *plate, uint64_t now_us);
void plate_limit_scan(struct plate *plate, uint64_t now_us);
void plate_limit_step(struct plate *plate, uint64_t now_us);
void plate_limit_clear(struct plate *plate);
void plate_signal_set(struct plate *plate, unsigned signals, uint32_t duration_ms, uint64_t now_us);
void plate_signal_alarm(struct plate *plate, uint64_t now_us);
void plate_signal_identify(struct plate *plate, uint64_t now_us);
void plate_signal_step(struct plate *plate, uint64_t now_us);
void plate_signal_rest(struct plate *plate, int is_resting);

/* loader.c */
void plate_loader_begin(struct plate *plate, unsigned link, uint64_t now_us);
void plate_loader_step(struct plate *plate, uint64_t now_us);

/* commands.c */
void plate_command(struct plate *plate, unsigned link, const struct wire_message *message);
void plate_remember(struct plate *plate, unsigned link, const struct wire_ack *ack);
int plate_claim(struct plate *plate, unsigned link, uint64_t now_us);
/* Ends all that the owner asked for. */
void plate_release(struct plate *plate, uint64_t now_us);

#endif
