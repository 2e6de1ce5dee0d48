/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of JSON that somebody hands in (chart, norms, tools, rules, questions): it may be any size
 * and hold anything. Any thread. */
#ifndef TENDERFOOT_ANALYSIS_JSON_FILE_H
#define TENDERFOOT_ANALYSIS_JSON_FILE_H

#include "firmware/wire/problem.h"

#include <jansson.h>
#include <stddef.h>

/* The whole file, *n bytes, malloc'ed. NULL and *why, which begins with `what` ("norms ", or "")
 * and the path: PROBLEM_FAILED where it cannot be opened or read, PROBLEM_REFUSED where it is
 * longer than `most` bytes. */
char *json_file_bytes(const char *what, const char *path, size_t most, size_t *n,
                      struct problem *why);

/* The document of a file of at most 4 MiB, a new reference. NULL and *why: as above, and
 * PROBLEM_REFUSED with the line where it is no JSON, or an object has a member twice. */
json_t *json_file_load(const char *path, struct problem *why);

/* The parser failed for want of memory: jansson has a code for it, and at times no words at all. */
int json_error_is_memory(const json_error_t *error);

#endif
