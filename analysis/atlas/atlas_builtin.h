/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of analysis/atlas/atlas.json inside the program, from _json up to _end. */
#ifndef TENDERFOOT_ANALYSIS_ATLAS_BUILTIN_H
#define TENDERFOOT_ANALYSIS_ATLAS_BUILTIN_H

extern const char atlas_builtin_json[], atlas_builtin_end[];

#endif
