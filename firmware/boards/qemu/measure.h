/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a frame and a whole scan cost on this processor. */
#ifndef TENDERFOOT_BOARDS_QEMU_MEASURE_H
#define TENDERFOOT_BOARDS_QEMU_MEASURE_H

#include <stdint.h>

/* Encodes slot 0 of the mailbox over and over, then scans it as a plate on a USB cable, and writes
 * rows `name<TAB>value` to the file of link 0: cells, frame_bytes, encode_ns and seal_ns (header
 * and CRCs), each for one frame; step_ns and usb_ns, each for one scan (measure_scan). Under
 * `-icount shift=5` an instruction takes 32 ns. NULL, or what is wrong. */
const char *measure_all(void);

struct measure_scan {
    uint32_t bytes;   /* over the bus, of one scan */
    uint32_t step_ns; /* plate_step: rows copied, gated, encoded, sealed, given to the USB link */
    uint32_t usb_ns;  /* its packets made, and each written into a FIFO word by word */
};

/* One scan of slot 0 by a plate whose host listens on the vendor interface, the mean of some. NULL,
 * or what is wrong. */
const char *measure_scan(struct measure_scan *result);

#endif
