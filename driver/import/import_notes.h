/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What another maker's file says besides its frames, as the annotations that a recording keeps it
 * in, and back again:
 *
 *   {"import":"file","KEY":"VALUE"}                         a line of its head, UTF-8
 *   {"import":"mask","no_sensor":[[row,first,last],...]}    cells that are none: runs of columns
 *   {"import":"stated","force_n":...,"left_force_n":...}    of the frame of the same device time
 *
 * Pure functions; texts are malloc'ed and the caller's to free. */
#ifndef TENDERFOOT_DRIVER_IMPORT_IMPORT_NOTES_H
#define TENDERFOOT_DRIVER_IMPORT_IMPORT_NOTES_H

#include "driver/import/frame_sink.h"

#include <stddef.h>

/* NULL and *why when memory runs out. A value in Latin-1 becomes UTF-8; control characters become
 * blanks. */
char *import_note_fact(const char *key, const char *value, struct problem *why);
char *import_note_mask(int rows, int cols, const uint8_t *no_sensor, struct problem *why);
/* NULL with why->kind PROBLEM_NONE when nothing is stated. */
char *import_note_stated(const struct import_stated *stated, struct problem *why);

/* Reads an annotation of n bytes: 1 and the mask (rows * cols bytes, filled whole) or the statement
 * when it is one, else 0. */
int import_note_read_mask(const char *json, size_t n, int rows, int cols, uint8_t *no_sensor);
int import_note_read_stated(const char *json, size_t n, struct import_stated *stated);

#endif
