/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `devices` knows: the places where a plate may be, and of each plate who it is or what is
 * wrong with it. One thread. */
#ifndef TENDERFOOT_DRIVER_CLI_DEVICE_LIST_H
#define TENDERFOOT_DRIVER_CLI_DEVICE_LIST_H

#include "firmware/wire/payloads.h"
#include "firmware/wire/problem.h"

#include <jansson.h>
#include <stddef.h>

struct device_place {
    char uri[300], description[200], obstacle[400]; /* "" = nothing stands in the way */
    int is_plate;                                   /* by its ids: opening it disturbs nobody */
};

struct device_places {
    size_t n, room;
    struct device_place *place;
    int has_failed; /* no memory */
};

/* All places, nothing is opened. 0, or -1 and *why when a kind could not be looked for; the others
 * are there all the same. Free in either case. */
int device_places_find(struct device_places *places, struct problem *why);
void device_places_free(struct device_places *places);

/* Asks the plate there who it is, as patiently as its kind needs and at least so long. 0, or -1. */
int device_ask(const char *uri, int patience_ms, struct wire_hello *hello, struct problem *why);

/* {"uri", "ways", "model", ...} of a plate that answered, {"uri", "ways", "problem", "exit"} of one
 * that did not. A new reference, NULL without memory. */
json_t *device_json(const char *uri, const struct wire_hello *hello, const struct problem *absence);

/* What to do about a plate that works but is behind, or "" */
const char *device_advice(const struct wire_hello *hello);

/* Prints a device_json on stdout, each of its lines behind `indent`. */
void device_print_plate(const char *indent, const json_t *plate);

/* Asks each place that is a plate: an array of device_json. The same plate on several ways is one,
 * with all of them in "ways". */
json_t *device_plates(const struct device_places *places, int patience_ms);

#endif
