/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small recording whose every frame is known from its number alone. */
#ifndef TENDERFOOT_TESTS_EXAMPLE_RECORDING_H
#define TENDERFOOT_TESTS_EXAMPLE_RECORDING_H

#include "driver/recording.h"
#include "driver/recording_header.h"

#include <stddef.h>
#include <stdint.h>

enum { EXAMPLE_ROWS = 5, EXAMPLE_COLS = 7, EXAMPLE_CELLS = 35 };

/* Counts, 12 bit, 700 kPa full scale, plate "T-0001", 5 mm, 100 Hz, stand. */
void example_header(struct recording_header *header);

/* Its JSON, malloc'ed. */
char *example_header_json(void);

/* The counts of scan `seq`. */
void example_counts(uint32_t seq, uint16_t *counts);

/* Device and host time of scan `seq`: 100 Hz; the host began at 5000000. */
uint64_t example_time_us(uint32_t seq);
uint64_t example_host_us(uint32_t seq);

/* Encodes FRAME `seq`; returns its size. */
size_t example_frame(uint32_t seq, uint8_t *out, size_t cap);

/* Appends HELLO (boot id, next scan) or one FRAME; asserts that it works. */
void example_append_hello(struct recording_writer *writer, uint32_t boot_id, uint32_t scans);
void example_append_frame(struct recording_writer *writer, uint32_t seq);

/* A whole file: HELLO of boot 77, frames 0 .. n-1, a STATUS after each 10th, closed cleanly. */
void example_write(const char *path, uint32_t n, const void *calibration, size_t n_calibration);

/* Asserts that this FRAME is scan message->seq and nothing else. */
void example_check_frame(const struct wire_message *message);

#endif
