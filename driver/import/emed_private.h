/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files of the emed importer: what is known while one export is read.
 * emed_lst.c has the format and reads pages and tables; emed_text.c lines and numbers; emed_head.c
 * the facts above a table; emed_sums.c the stated forces as checks. */
#ifndef TENDERFOOT_DRIVER_IMPORT_EMED_PRIVATE_H
#define TENDERFOOT_DRIVER_IMPORT_EMED_PRIVATE_H

#include "driver/import/frame_sink.h"

#define EMED_SIDE_MAX 256
#define EMED_LINE_MAX 16384
#define EMED_FORCE_LABEL -1

struct emed_facts {
    int cols, rows; /* of the whole plate; 0 = not stated */
    double area_cm2, pitch_x_mm, pitch_y_mm, picture_s;
};

struct emed {
    FILE *file;
    const char *name;
    const struct import_hints *hints;
    const struct frame_sink *sink;
    struct problem *why;

    char line[EMED_LINE_MAX];
    long line_number;
    int at_end;

    struct emed_facts facts;
    enum import_units units; /* AS_FILE until a loaded picture has told */
    struct import_shape shape;
    int begun;
    int row0, col0; /* labels of the cell at back left: row0 is the highest row label */
    long first_picture, last_picture;
    int warned_sums;

    /* The picture being read: */
    long picture;
    int is_summary;
    int n_cols, has_force; /* columns before 'Force', and whether that is there */
    int col_label[EMED_SIDE_MAX];
    int n_rows, row_label[EMED_SIDE_MAX];
    double values[EMED_SIDE_MAX * EMED_SIDE_MAX]; /* as printed, n_cols a row */
    double row_force[EMED_SIDE_MAX];
    double col_force[EMED_SIDE_MAX + 1];
    int n_col_force;
    long row_line[EMED_SIDE_MAX], force_line;
    int decimals, force_decimals; /* as printed: what rounding may have hidden */
    float kpa[EMED_SIDE_MAX * EMED_SIDE_MAX];
};

/* Refuses with the file, the line and what was expected there. Always -1. */
int emed_refuse(const struct emed *f, const char *expected);

/* The next line into f->line, without its end: 0 (also at the end: f->at_end), or -1 when it is too
 * long to be one of an export. */
int emed_next_line(struct emed *f);

/* What parts words in an export: tabs, but also what other programs make of them. */
static inline int emed_is_gap(char c)
{
    return c == ' ' || c == '\t' || c == ';' || c == '\f' || c == '\r';
}

const char *emed_skip_gap(const char *at);

/* A decimal number with point or comma: where the text goes on, or NULL. Up to 15 digits, so that
 * digits / 10^n is the double nearest to what is printed, whatever the locale. */
const char *emed_read_number(const char *at, double *value, int *decimals);

/* A cell of a table: the same after a gap, and nothing but a gap may follow. */
const char *emed_read_cell(const char *at, double *value, int *decimals);

/* A label: a whole number from 1 to 256, or EMED_FORCE_LABEL; 0 when it is neither. */
int emed_read_label(const char **at);

/* Where the value after a key begins, or NULL. */
const char *emed_after(const char *line, const char *key);

/* Keeps what f->line tells about the plate; 0 or -1. */
int emed_read_facts(struct emed *f);

/* kPa or N/cm2, from the first loaded picture's stated total. */
void emed_learn_units(struct emed *f);

/* Every stated force of the picture against its pressures; 0 or -1. */
int emed_check_sums(struct emed *f);

#endif
