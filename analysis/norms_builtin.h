/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of analysis/norms.json inside the program, from _json up to _end. */
#ifndef TENDERFOOT_ANALYSIS_NORMS_BUILTIN_H
#define TENDERFOOT_ANALYSIS_NORMS_BUILTIN_H

extern const char norms_builtin_json[], norms_builtin_end[];

#endif
