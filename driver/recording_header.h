/* SPDX-License-Identifier: MIT */
/* The header record of a recording: who, what, when, with which plate (JSON in REC_HEADER).
 *
 * {"schema": "tenderfoot/recording/1", "software", "created_utc", "client", "protocol", "source",
 *  ("condition",) "device": {"serial", "model", "firmware", "uri"}, "rows", "cols", "pitch_x_mm",
 * "pitch_y_mm", "rate_hz", "bits", "full_scale_kpa", "units", "calibration_id"}; RECORDING.md
 * explains each. Needs jansson; the reader in recording.h does not need this file. Any thread. */
#ifndef TENDERFOOT_DRIVER_RECORDING_HEADER_H
#define TENDERFOOT_DRIVER_RECORDING_HEADER_H

#include "firmware/wire/problem.h"

#define RECORDING_SCHEMA "tenderfoot/recording/1"

struct recording_header {
    char software[64];    /* "tenderfoot 0.1.0" */
    char created_utc[32]; /* ISO 8601, "2026-03-01T09:30:00Z"; a label, never used to reckon */
    char client[128];     /* the practitioner's label for the person; may be empty */
    char protocol[16];    /* stand | sway | press | walk | bench */
    char condition[16];   /* of a sway: eyes_open | eyes_closed; "" = not stated */
    char source[24];      /* plate | virtual | import:emed-lst ... */
    struct {
        char serial[25], model[25], firmware[17], uri[256]; /* empty when unknown */
    } device;
    int rows, cols;                /* 1..256 */
    double pitch_x_mm, pitch_y_mm; /* 0.5..50 */
    double rate_hz;                /* frames a second, nominal; over 0, at most 10000 */
    int bits;                      /* 1..16 of a count; 0 when units is kPa */
    double full_scale_kpa;         /* nominal pressure of the largest count; 0 = not stated */
    char units[8];                 /* counts (FRAME) | kPa (FRAME_F32) */
    char calibration_id[64];       /* "nominal" when the file holds no calibration; "" for kPa */
};

/* The header as one line of JSON, malloc'ed (the caller frees), or NULL and *why. Checks the same
 * bounds as parse, so that nothing is written which could not be read. */
char *recording_header_format(const struct recording_header *header, struct problem *why);

/* Reads `json` (NUL-terminated). Unknown members are ignored; missing ones, wrong types and values
 * out of bounds are refused by name. */
int recording_header_parse(const char *json, struct recording_header *header, struct problem *why);

/* The present wall-clock time as created_utc wants it (UTC, whole seconds). */
void recording_header_now(char *created_utc, unsigned long n);

#endif
