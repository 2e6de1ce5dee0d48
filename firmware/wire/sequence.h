/* SPDX-License-Identifier: MIT */
/* The book of frames: which scans arrived, which are missing, which came twice; exactly.
 *
 * seq numbers the scans of one boot from 0. After a HELLO (boot id, next seq) the book knows where
 * a stream begins; STATUS tells how far the plate has come even when the frames are missing.
 *   lost      = numbers between the beginning and the last FRAME or STATUS that never arrived
 *   bad       = lost numbers of which a damaged FRAME with a good header was seen (part of lost)
 *   sent      = delivered + lost, exactly
 *   repeats   = FRAMEs whose number had already arrived (or lies before the beginning); in none of
 *               the above
 * Late frames are taken off the lost ones. A new boot id closes one count and begins the next at
 * scan 0 of the new boot (what it scanned unseen is lost); the totals run over all boots. Without
 * HELLO the first FRAME's own number begins the count if no boot is known (a stream joined in the
 * middle says so: joined_late). Fixed memory: up to SEQUENCE_GAPS_MAX open gaps are remembered for
 * late frames; older gaps stay lost, and a frame of them counts as a repeat. Numbers are compared
 * modulo 2^32: the nearest one to the number expected is meant. No allocation; any thread. */
#ifndef TENDERFOOT_WIRE_SEQUENCE_H
#define TENDERFOOT_WIRE_SEQUENCE_H

#include <stdint.h>

#define SEQUENCE_GAPS_MAX 256

struct sequence_book {
    uint64_t delivered, lost, bad, repeats, boots;
    int joined_late;
    /* the rest is the book's own */
    int has_boot, has_start;
    uint32_t boot_id;
    uint64_t next; /* extended to 64 bit: the number expected next */
    struct {
        uint64_t from, to; /* numbers from..to-1 are missing */
        int bad;           /* single numbers known to be damaged are kept as gaps of length 1 */
    } gaps[SEQUENCE_GAPS_MAX];
    int n_gaps;
};

enum sequence_verdict { SEQUENCE_NEW, SEQUENCE_LATE, SEQUENCE_REPEAT };

void sequence_init(struct sequence_book *book);
void sequence_hello(struct sequence_book *book, uint32_t boot_id, uint32_t scans);
void sequence_status(struct sequence_book *book, uint32_t boot_id, uint32_t scans);
enum sequence_verdict sequence_frame(struct sequence_book *book, uint32_t seq);
void sequence_bad_frame(struct sequence_book *book, uint32_t seq);

#endif
