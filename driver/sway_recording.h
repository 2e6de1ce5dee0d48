/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The paths of the centre of pressure in a recording: of the whole plate and of each foot, over the
 * quiet stand (analysis/sway/stand.h), in the plate frame: ML = x, AP = y. One thread a call. */
#ifndef TENDERFOOT_DRIVER_SWAY_RECORDING_H
#define TENDERFOOT_DRIVER_SWAY_RECORDING_H

#include "analysis/analyzer.h"
#include "analysis/sway/stand.h"

enum sway_part { SWAY_PART_NET, SWAY_PART_LEFT, SWAY_PART_RIGHT, SWAY_PARTS };
extern const char *const sway_part_names[SWAY_PARTS];

struct sway_recording {
    struct stand stand;
    double rate_hz, threshold_kpa;
    uint64_t lost_frames;               /* of the whole recording */
    struct cop_series path[SWAY_PARTS]; /* no samples where `reason` says why */
    size_t bridged[SWAY_PARTS];         /* samples laid into the holes that lost frames left */
    char reason[SWAY_PARTS][360];       /* "" where there is a path */
};

/* From the paths of an analysed recording. from_s and to_s: NAN = found. 0, or -1 when nobody
 * stood; a foot that has no path is no failure. sway_recording_free in any case. */
int sway_recording_of(const struct result *result, double from_s, double to_s,
                      struct sway_recording *out, struct problem *why);

/* The same of a file, analysed by these options. */
int sway_recording_read(const char *path, const struct analyzer_options *options, double from_s,
                        double to_s, struct sway_recording *out, struct problem *why);

void sway_recording_free(struct sway_recording *recording);

/* 1 when the file begins as a recording does. */
int sway_is_recording(const char *path);

#endif
