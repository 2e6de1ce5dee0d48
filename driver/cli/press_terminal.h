/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guided press test on a terminal: what is told scrolls by above, below it a few lines that are
 * drawn anew (which place, where the stud goes, the meter, rests, progress). Where standard error
 * is no terminal each step is one plain line and nothing is drawn.
 *
 * The keyboard's raw mode is left again whatever ends the program: press_terminal_close, exit(), or
 * a signal that kills (the signals that end a recording are a descriptor by then, cli_stop_fd). One
 * at a time in a process. */
#ifndef TENDERFOOT_DRIVER_CLI_PRESS_TERMINAL_H
#define TENDERFOOT_DRIVER_CLI_PRESS_TERMINAL_H

#include "driver/press_run.h"

#include <stdint.h>
#include <stdio.h>

struct press_terminal {
    FILE *out;
    int has_screen;
    int width;       /* of the screen, characters */
    int drawn_lines; /* of the last drawing */
    uint64_t drawn_us;
    enum press_phase phase; /* of the last plain line */
    int step, number, alarm;
};

/* `keyboard_fd` -1 = no keys are read; else it is set to raw mode if it is a terminal. */
void press_terminal_open(struct press_terminal *terminal, FILE *out, int keyboard_fd);
void press_terminal_close(struct press_terminal *terminal);

/* struct press_screen's two; the context is the terminal. */
void press_terminal_tell(void *context, const char *sentence);
void press_terminal_show(void *context, const struct press_view *view);

/* Where on the foot a place is, in plain words: "right foot, ball, on the line of the 2nd toe, 64 %
 * of the way from heel to toes". Returns text. */
const char *press_place_words(const struct route_place *place, char *text, size_t cap);

/* The cell of a point, counted from 0: row from the back, column from the left. */
void press_cell_of(const struct grid *grid, struct point at, int *row, int *col);

#endif
