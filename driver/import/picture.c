/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/import/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1e6 /* of any unit: far above what a foot or a bench does */

struct picture *picture_create(struct problem *why)
{
    struct picture *picture = calloc(1, sizeof *picture);
    if (!picture)
        problem_no_memory(why, "a frame");
    else
        picture->is_first = 1;
    return picture;
}

void picture_begin(struct picture *picture)
{
    picture->n_rows = picture->n_no_sensor = 0;
}

static int is_pressure(const struct picture *p, enum text_cell kind, double value)
{
    return kind == TEXT_NUMBER && value <= MOST && value >= (p->takes_negative ? -MOST : 0);
}

static int refuse_cell(const struct picture *p, const struct text_file *text, int col)
{
    return problem(text->why, PROBLEM_REFUSED,
                   "%s: line %ld: expected a number from %g to %g in column %d", text->name,
                   text->number, p->takes_negative ? -MOST : 0, MOST, col + 1);
}

static int refuse_width(const struct picture *p, const struct text_file *text, int cols)
{
    if (p->cols == 0)
        return problem(text->why, PROBLEM_REFUSED,
                       "%s: line %ld: expected 1 to %d columns, found %d", text->name, text->number,
                       PICTURE_SIDE, cols);
    return problem(text->why, PROBLEM_REFUSED, "%s: line %ld: expected %d columns, found %s%d",
                   text->name, text->number, p->cols, cols > p->cols ? "at least " : "", cols);
}

/* The cells of one row: how many, or -1. One more than there may be ends it. */
static int read_cells(struct picture *p, const struct text_file *text, const char *at,
                      char separator, int most, double *values, uint8_t *no_sensor)
{
    int col = 0;
    for (;; col++) {
        double value = 0;
        enum text_cell kind = text_cell(&at, separator, &value, NULL);
        if (kind == TEXT_END && p->takes_empty && col > 0 && col + 1 == most && at[-1] == separator)
            kind = TEXT_EMPTY; /* the last of the cells that are known to be there */
        if (kind == TEXT_END || col >= most)
            return col + (kind != TEXT_END);
        int is_cell = kind != TEXT_NO_SENSOR && !(kind == TEXT_EMPTY && p->takes_empty);
        if (is_cell && !is_pressure(p, kind, value))
            return refuse_cell(p, text, col);
        p->n_negative += value < 0;
        values[col] = is_cell ? value : 0;
        no_sensor[col] = !is_cell;
        p->n_no_sensor += !is_cell;
    }
}

int picture_row(struct picture *p, const struct text_file *text, const char *at, char separator)
{
    int rows = p->rows ? p->rows : PICTURE_SIDE;
    if (p->n_rows >= rows)
        return problem(text->why, PROBLEM_REFUSED,
                       "%s: line %ld: expected the end of the frame after its %d rows", text->name,
                       text->number, rows);
    size_t from = (size_t)p->n_rows * (size_t)p->cols;
    int cols = read_cells(p, text, at, separator, p->cols ? p->cols : PICTURE_SIDE,
                          p->values + from, p->no_sensor + from);
    if (cols < 0)
        return -1;
    if (cols < 1 || (p->cols ? cols != p->cols : cols > PICTURE_SIDE))
        return refuse_width(p, text, cols);
    p->cols = cols;
    p->n_rows++;
    return 0;
}

int picture_cells(struct picture *p, const struct text_file *text, const char *at, char separator)
{
    int wanted = p->rows * p->cols;
    picture_begin(p);
    int n = read_cells(p, text, at, separator, wanted, p->values, p->no_sensor);
    if (n < 0)
        return -1;
    p->n_rows = p->rows;
    if (n == wanted)
        return 0;
    return problem(text->why, PROBLEM_REFUSED,
                   "%s: line %ld: expected the %d numbers of a frame, found %s%d", text->name,
                   text->number, wanted, n > wanted ? "at least " : "", n);
}

int picture_end(struct picture *p, const struct text_file *text)
{
    size_t cells = (size_t)p->n_rows * (size_t)p->cols;
    if (p->n_rows < 1 || (p->rows && p->n_rows != p->rows))
        return problem(text->why, PROBLEM_REFUSED,
                       "%s: line %ld: expected %d rows in the frame that ends here, found %d",
                       text->name, text->number, p->rows ? p->rows : 1, p->n_rows);
    p->rows = p->n_rows;
    if (p->is_first && (size_t)p->n_no_sensor == cells)
        return lines_refuse(text, "at least one cell that is a sensor in the frame that ends here");
    if (p->is_first)
        memcpy(p->first_mask, p->no_sensor, cells);
    p->is_first = 0;
    if (memcmp(p->first_mask, p->no_sensor, cells))
        return lines_refuse(text, "the frame that ends here to have 'B' (no sensor) in the same "
                                  "cells as the first frame");
    return 0;
}

/* Where cell (row, col) of what comes out stands in the file. */
static size_t place(const struct picture *p, int turn, int rows, int cols, int row, int col)
{
    int r = turn & PICTURE_ROWS ? rows - 1 - row : row;
    int c = turn & PICTURE_COLS ? cols - 1 - col : col;
    int file_row = turn & PICTURE_SWAP ? c : r, file_col = turn & PICTURE_SWAP ? r : c;
    return (size_t)file_row * (size_t)p->cols + (size_t)file_col;
}

void picture_kpa(struct picture *p, int turn, enum import_units units, double cell_mm2)
{
    int rows = turn & PICTURE_SWAP ? p->cols : p->rows;
    int cols = turn & PICTURE_SWAP ? p->rows : p->cols;
    float *to = p->kpa;
    for (int row = 0; row < rows; row++)
        for (int col = 0; col < cols; col++)
            *to++ =
                (float)import_kpa(units, p->values[place(p, turn, rows, cols, row, col)], cell_mm2);
}

void picture_mask(const struct picture *p, int turn, uint8_t *mask)
{
    int rows = turn & PICTURE_SWAP ? p->cols : p->rows;
    int cols = turn & PICTURE_SWAP ? p->rows : p->cols;
    for (int row = 0; row < rows; row++)
        for (int col = 0; col < cols; col++)
            *mask++ = p->first_mask[place(p, turn, rows, cols, row, col)];
}
