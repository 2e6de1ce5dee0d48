/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One fault as asked for, between its parser (faults_parse.c) and its deeds (faults.c). */
#ifndef TENDERFOOT_BOARDS_HOST_FAULTS_PRIVATE_H
#define TENDERFOOT_BOARDS_HOST_FAULTS_PRIVATE_H

#include "firmware/boards/host/faults.h"

enum fault_kind {
    FAULT_DEAD_ROW,
    FAULT_STUCK,
    FAULT_SATURATE,
    FAULT_LOSE,
    FAULT_FLIP,
    FAULT_DROP,
    FAULT_REPEAT,
    FAULT_STALL,
    FAULT_RESET,
    FAULT_USB_UNPLUG, /* from here on as enum faults_usb, in its order */
    FAULT_USB_POWER,
    FAULT_USB_HALT,
    FAULT_USB_ERROR,
    FAULT_USB_BABBLE,
    FAULT_USB_LOSE,
    FAULT_USB_SILENCE,
    FAULT_KINDS
};

enum fault_where { FAULT_ANY, FAULT_HEADER, FAULT_PAYLOAD };

struct fault {
    enum fault_kind kind;
    int by_scan; /* `at` is the number of a scan, else us since power-up */
    uint64_t at;
    long row, cells, value; /* -1: not given */
    long bytes, bits, frames, ms;
    double chance; /* below 0: not given */
    enum fault_where where;
    /* what has become of it */
    int begun;
    long frames_left;
    size_t *cell_list; /* owned; cells_hit of them */
    uint16_t *held;    /* owned; the count each of them stays at */
    size_t cells_hit;
};

/* The words of one list element, "flip@n200:bits=3"; `text` is cut into pieces. */
int fault_parse(char *text, struct fault *fault, struct problem *why);
const char *fault_name(enum fault_kind kind);

#endif
