/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording as a scan source: its pressures are what a virtual plate scans.
 *
 * The plate takes the recording's geometry, pitch and rate. Pressures go back to counts by the
 * calibration stored in the recording, or a nominal straight line when there is none (imported
 * files; then 12 bit to 600 kPa, or as far up as the recording goes). The source begins with 1.5 s
 * of an empty plate, so that a tare finds nothing on it; between frames the last one holds. Button
 * edges and annotations come with their own times; those from before the first frame come with it.
 * Frames that came late, after newer ones, are left out. Two frames are kept in memory, whatever
 * the recording's length. */
#ifndef TENDERFOOT_SAMPLES_RECORDING_SOURCE_H
#define TENDERFOOT_SAMPLES_RECORDING_SOURCE_H

#include "firmware/wire/problem.h"
#include "samples/scan_source.h"

#define RECORDING_SOURCE_EMPTY_US 1500000u

/* NULL and *why when it is no recording, holds no frame, or memory is short. */
struct scan_source *recording_source_open(const char *path, struct problem *why);

#endif
