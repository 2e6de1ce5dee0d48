/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which numbers of an analysis a session keeps, for lists and trends. SCHEMA.md lists them. */
#ifndef TENDERFOOT_DRIVER_STORE_SESSION_NUMBERS_H
#define TENDERFOOT_DRIVER_STORE_SESSION_NUMBERS_H

#include "firmware/wire/problem.h"

#include <jansson.h>

struct session_number {
    const char *name, *side; /* side: "", "left" or "right" */
    double value, low, high; /* 95 % interval, or value -+ error; NAN = none */
};
typedef int session_number_fn(void *context, const struct session_number *number,
                              struct problem *why);

/* Visits each number that could be had; what the documents do not hold is left out. Either may be
 * NULL. -1 when the visitor said so, or when a document is of another schema. */
int session_numbers(const json_t *analysis, const json_t *sway, session_number_fn *visit,
                    void *context, struct problem *why);

/* 1 when trends know a number of this name. */
int session_number_is_known(const char *name);
/* Their names, commas between, cut to the room. */
void session_number_names(char *text, size_t room);

#endif
