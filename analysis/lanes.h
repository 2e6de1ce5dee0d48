/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loops that the compiler shall turn into vector code.
 *
 * A loop over a block of eight cells is short enough to be unrolled before the vectoriser sees it,
 * and what is left is scalar code: LANES_LOOP before such a loop keeps it a loop. A loop marked
 * with the comment "vectorised" on its first line is looked for in the compiler's report by
 * tests/e2e_vectorised.sh. */
#ifndef TENDERFOOT_ANALYSIS_LANES_H
#define TENDERFOOT_ANALYSIS_LANES_H

#define LANES_LOOP _Pragma("GCC unroll 1")

#endif
