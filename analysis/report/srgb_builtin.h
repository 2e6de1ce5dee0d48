/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ICC profile of sRGB from Debian's package icc-profiles-free (zlib's licence), byte by byte.
 */
#ifndef TENDERFOOT_ANALYSIS_REPORT_SRGB_BUILTIN_H
#define TENDERFOOT_ANALYSIS_REPORT_SRGB_BUILTIN_H

extern const unsigned char srgb_builtin_icc[], srgb_builtin_end[];

#endif
