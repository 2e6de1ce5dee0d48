/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What encoding one frame costs on this processor. */
#ifndef TENDERFOOT_BOARDS_QEMU_MEASURE_H
#define TENDERFOOT_BOARDS_QEMU_MEASURE_H

/* Encodes slot 0 of the mailbox over and over and writes rows `name<TAB>value` to the file of link
 * 0: cells, frame_bytes, encode_ns and seal_ns (header and CRCs), each for one frame. Under
 * `-icount shift=5` an instruction takes 32 ns. NULL, or what is wrong. */
const char *measure_encoder(void);

#endif
