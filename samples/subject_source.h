/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A virtual subject as a scan source: the person's visit on their plate.
 *
 * The same file and seed give the same counts at the same times. The seed belongs to the run: sway,
 * noise, placement errors, reactions and lapses. The person (thresholds) and the plate (gains, dead
 * cells, offsets) stay the same under every seed. */
#ifndef TENDERFOOT_SAMPLES_SUBJECT_SOURCE_H
#define TENDERFOOT_SAMPLES_SUBJECT_SOURCE_H

#include "firmware/wire/problem.h"
#include "samples/scan_source.h"

struct visit;
struct subject;

/* NULL and *why when the file is refused or memory is short; else close it by its own close. */
struct scan_source *subject_source_open(const char *path, uint64_t seed, struct problem *why);

/* The same from a parsed subject, which is copied. */
struct scan_source *subject_source_create(const struct subject *subject, uint64_t seed,
                                          struct problem *why);

/* The visit being played (truth and all); lives as long as the source. Only for a source that
 * one of the functions above made. */
const struct visit *subject_source_visit(const struct scan_source *source);

#endif
