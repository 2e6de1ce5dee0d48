/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of analysis/press/tools.json inside the program, from _json up to _end. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_TOOLS_BUILTIN_H
#define TENDERFOOT_ANALYSIS_PRESS_TOOLS_BUILTIN_H

extern const char tools_builtin_json[], tools_builtin_end[];

#endif
