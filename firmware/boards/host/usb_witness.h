/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stands by a USB cable: keeps the book of what is handed to the host, brings the faults asked for
 * (faults.h, those of USB), and writes a log.
 *
 * The log is a line of JSON for each thing that happens: {"usb":WHAT,...,"time_us":T,"boot":B,
 * "scan":N,"frames":F,"lost":L,"bad":D,"bytes":Y}. WHAT is "attached", "detached", "stranger" (who
 * listens speaks no usbredir), "closed" (a host left a link), "end", or the name of a fault, with
 * its "ms" if it has a length. T is time since power-up by the plate's own clock, B the boots
 * before this one, N the last FRAME's number; F, L and D are counted since the beginning over all
 * boots as in firmware/wire/sequence.h: whole FRAMEs handed over in transfers that went well,
 * FRAMEs that were numbered but never handed over, and those of them of which a part was. So F + L
 * have been scanned, and a host that loses nothing by itself has F. One thread. */
#ifndef TENDERFOOT_BOARDS_HOST_USB_WITNESS_H
#define TENDERFOOT_BOARDS_HOST_USB_WITNESS_H

#include "firmware/boards/host/usb_redir.h"
#include "firmware/wire/problem.h"

#include <stdint.h>
#include <stdio.h>

struct usb_witness;

/* `faults` as in faults.h or NULL; `log` is borrowed or NULL. NULL and *why: no memory, or the list
 * is wrong. */
struct usb_witness *usb_witness_create(const char *faults, uint64_t seed, FILE *log,
                                       struct problem *why);
void usb_witness_free(struct usb_witness *witness); /* writes "end"; NULL is fine */

/* For usb_redir_create. */
struct usb_redir_witness usb_witness_eyes(struct usb_witness *witness);

/* Bytes that the host has fetched from an IN endpoint so far, whatever became of them. */
uint64_t usb_witness_fetched(const struct usb_witness *witness, uint8_t endpoint);

void usb_witness_note(struct usb_witness *witness, const char *what);

/* A pull of the plug that is due: 1 once, for how long, and whether the power goes with it. */
int usb_witness_pulls(struct usb_witness *witness, long *ms, int *with_power);
int usb_witness_will_pull(const struct usb_witness *witness);

/* When the silence ends, CLOCK_MONOTONIC ns; 0 = there is none. */
int64_t usb_witness_silent_until_ns(const struct usb_witness *witness);

#endif
