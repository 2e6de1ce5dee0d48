/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults on demand: what a plate and its cable do wrong, at a stated moment, by a seed.
 *
 * A list is comma-separated, each fault NAME[@WHEN][:KEY=VALUE]...; WHEN is 2.5s (device time since
 * power-up) or n100 (number of a scan), the beginning when left out. FAULTS_HELP names them all.
 * What a fault does depends on the list, the seed and the scan alone, never on the pace or on how
 * bytes were cut into chunks. Of several faults on the cable the first in the list that hits a
 * frame has it.
 *
 * Each deed is written to the log as one JSON line, with what it costs: "lost" and "bad" frames
 * and "repeats", as firmware/wire/sequence.h counts them; the sums over the log are exact. */
#ifndef TENDERFOOT_BOARDS_HOST_FAULTS_H
#define TENDERFOOT_BOARDS_HOST_FAULTS_H

#include "firmware/wire/problem.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FAULTS_MAX 32
#define FAULTS_HELP                                                                                \
    "Cells, from WHEN on:\n"                                                                       \
    "  dead-row:row=R            row R (drawn if not given) reads 0\n"                             \
    "  stuck:cells=N:value=V     N cells (1) stay at V (what they read then)\n"                    \
    "  saturate:cells=N          N cells (1) read full scale\n"                                    \
    "Cable, for N frames from WHEN on (1), or each with a chance of P:\n"                          \
    "  lose:bytes=B:where=W:frames=N:chance=P   B bytes (1) are missing\n"                         \
    "  flip:bits=B:where=W:frames=N:chance=P    B bits (1) are turned\n"                           \
    "                            W: header, payload or any (any)\n"                                \
    "  drop:frames=N:chance=P    whole frames vanish\n"                                            \
    "  repeat:frames=N:chance=P  whole frames come twice\n"                                        \
    "Device, at WHEN:\n"                                                                           \
    "  stall:ms=N                no scans, no bytes for N ms (500)\n"                              \
    "  reset                     boots: new boot id, scans and time from 0;\n"                     \
    "                            says HELLO and waits for START\n"                                 \
    "USB, with --usbredir: in mid-frame behind frame WHEN, then behind N frames (1)\n"             \
    "in all, or behind each with a chance of P; each takes :frames=N:chance=P\n"                   \
    "  usb-unplug:ms=D           the cable is out for D ms (500), the plate stays\n"               \
    "                            on; a hub that resets is D = 1\n"                                 \
    "  usb-power:ms=D            the same, and the plate has no other power: it\n"                 \
    "                            boots\n"                                                          \
    "  usb-halt                  the stream's endpoint stalls until the host\n"                    \
    "                            clears it\n"                                                      \
    "  usb-error                 a transfer fails with what it held (broken\n"                     \
    "                            packets)\n"                                                       \
    "  usb-babble                the same, by a packet that was too long\n"                        \
    "  usb-lose                  a packet of 64 bytes vanishes\n"                                  \
    "  usb-silence:ms=D          the endpoints give nothing for D ms (500)\n"                      \
    "WHEN: @2.5s since power-up, or @n100: number of the scan.\n"                                  \
    "Example: dead-row@1s:row=7,flip@n200:bits=3,drop:chance=0.01\n"

struct faults;

/* `text` as above, NULL or "" for none; `log` is borrowed or NULL. */
struct faults *faults_create(const char *text, uint64_t seed, int rows, int cols, int bits,
                             FILE *log, struct problem *why);
void faults_free(struct faults *faults);

/* The moment of what follows: time since power-up, which boot (0, 1 ..), and the number of the scan
 * at work, or of the next one. */
void faults_at(struct faults *faults, uint64_t time_us, unsigned boot, uint32_t scan);

/* How long the device stalls now, us, each stall once; whether it resets now, each reset once. */
uint64_t faults_stall_us(struct faults *faults, uint64_t period_us);
int faults_reset(struct faults *faults);

/* Cell faults into the converter's counts. */
void faults_touch_counts(struct faults *faults, uint16_t *counts);

/* One whole message on its way out, n bytes in `bytes`, changed in place; the result is to be sent
 * `copies` times (0, 1, 2) with its new length. Only FRAMEs are touched. */
size_t faults_touch_message(struct faults *faults, uint8_t *bytes, size_t n, int *copies);

/* Whether the list names faults of the plate (its cells, messages, scans), and of a USB cable.
 */
void faults_concern(const char *text, int *plate, int *usb);

/* --- Of a USB cable (usb_witness.c); what they cost only the host can tell, so their log is the
 * witness's own. The functions above leave them alone, and this one all others. */
enum faults_usb {
    FAULTS_USB_UNPLUG,
    FAULTS_USB_POWER,
    FAULTS_USB_HALT,
    FAULTS_USB_ERROR,
    FAULTS_USB_BABBLE,
    FAULTS_USB_LOSE,
    FAULTS_USB_SILENCE,
};

struct faults_usb_deed {
    enum faults_usb kind;
    const char *name;
    long ms;
    uint64_t drawn; /* by the seed, for whatever has to be drawn */
};

/* Asked once for each frame, after faults_at: 1 = this is to happen now. */
int faults_usb(struct faults *faults, struct faults_usb_deed *deed);

#endif
