/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of analysis/screen/screening.json inside the program, from _json up to _end. */
#ifndef TENDERFOOT_ANALYSIS_SCREEN_SCREENING_BUILTIN_H
#define TENDERFOOT_ANALYSIS_SCREEN_SCREENING_BUILTIN_H

extern const char screening_builtin_json[], screening_builtin_end[];

#endif
