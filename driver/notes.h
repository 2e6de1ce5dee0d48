/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes: what an operator knows beforehand and a real plate cannot (side, foot length, where the
 * stud lies for each press), as a file of JSON lines. Each line is an annotation (PROTOCOL.md,
 * Annotations) and may say when it begins to hold: "at_s", seconds of the plate's clock after the
 * recording's first frame (0 when missing). Lines that are empty or begin with '#' are skipped. */
#ifndef TENDERFOOT_DRIVER_NOTES_H
#define TENDERFOOT_DRIVER_NOTES_H

#include "firmware/wire/problem.h"

#include <stddef.h>

struct note {
    double at_s;
    char *json; /* one annotation, without at_s, with its schema; NUL-terminated */
    int has_step;
};

struct notes {
    struct note *notes; /* by at_s, equal times in the order of the file */
    size_t n;
};

/* Reads and checks the file: a line that is no annotation is refused with its number and what is
 * wrong with it. Zero-initialise before; the notes are the caller's to free. */
int notes_load(struct notes *notes, const char *path, struct problem *why);
/* Adds one that holds from the first frame on, behind those that do already: a whole annotation,
 * copied. */
int notes_add(struct notes *notes, const char *json, struct problem *why);
void notes_free(struct notes *notes);

#endif
