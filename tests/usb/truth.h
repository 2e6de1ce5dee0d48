/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording held against what the plate is known to have scanned (usb_plate_truth). */
#ifndef TENDERFOOT_TESTS_TRUTH_H
#define TENDERFOOT_TESTS_TRUTH_H

#include "driver/recording.h"

#include <stdint.h>

/* Reads the whole file and asserts: every frame is one that was scanned, cell by cell, in order and
 * none twice; nothing in the file is damaged. */
void truth_of_recording(const char *path, struct recording_summary *summary);

#endif
