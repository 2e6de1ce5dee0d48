/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text files of other makers, line by line and number by number, in any locale: what the text
 * importers share.
 *
 * Lines may end in LF, CR LF or CR; a byte order mark is passed over, blanks at a line's end are
 * cut. Memory: one line of at most `most` bytes. One thread a handle. */
#ifndef TENDERFOOT_DRIVER_IMPORT_TEXT_FILE_H
#define TENDERFOOT_DRIVER_IMPORT_TEXT_FILE_H

#include "firmware/wire/problem.h"

#include <stddef.h>
#include <stdio.h>

struct text_file {
    FILE *file;
    const char *name; /* for messages */
    struct problem *why;
    size_t most;   /* longest line that can belong to such a file */
    char *line;    /* NUL-terminated; valid until the next call; "" at the end */
    size_t length; /* of it */
    long number;   /* of the line, from 1 */
    size_t room;
};

/* 1 with a line, 0 at the end of the file, -1 (too long, holds a NUL, cannot be read). */
int lines_next(struct text_file *text);

/* The same, lines that hold nothing passed over. */
int lines_next_filled(struct text_file *text);
void lines_free(struct text_file *text);

/* Refuses with the file, the line and what was expected there. Always -1. */
int lines_refuse(const struct text_file *text, const char *expected);

/* What parts the cells of a line: ';', a tab, ',' or ' ' (any run of blanks), in this order of
 * preference. */
char text_separator(const char *line);

enum text_cell { TEXT_NUMBER, TEXT_EMPTY, TEXT_NO_SENSOR, TEXT_BAD, TEXT_END };

/* The next cell of a line and where the text goes on after it (*at). A decimal comma is taken where
 * the comma does not part cells. Of a number, *decimals (may be NULL) gets the digits behind its
 * point. TEXT_NO_SENSOR is Tekscan's 'B'. An empty cell behind the last separator is TEXT_END. */
enum text_cell text_cell(const char **at, char separator, double *value, int *decimals);

/* A number with point or comma and perhaps an exponent: where the text goes on, or NULL. The double
 * nearest to what is printed. */
const char *text_number(const char *at, int takes_comma, double *value, int *decimals);

#endif
