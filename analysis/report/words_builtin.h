/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The catalogues compiled in, in this machine's byte order. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_WORDS_BUILTIN_H
#define TENDERFOOT_ANALYSIS_REPORT_WORDS_BUILTIN_H

#include <stdint.h>

extern const uint32_t words_de[], words_ru[];

#endif
