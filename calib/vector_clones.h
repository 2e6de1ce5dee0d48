/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TENDERFOOT_CALIB_VECTOR_CLONES_H
#define TENDERFOOT_CALIB_VECTOR_CLONES_H

/* A function marked VECTOR_CLONES is built twice, for any x86-64 and for AVX2, and the loader takes
 * what the machine has: twice the cells an instruction, the same results to the last bit (no fused
 * multiply-add in either). What it calls has to be VECTOR_INLINE, or that stays plain. Sanitizers
 * start too late for the loader's choice. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__linux__)
#define VECTOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define VECTOR_CLONES
#endif
#define VECTOR_INLINE inline __attribute__((always_inline))

#endif
