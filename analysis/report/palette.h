/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The palette of pressure pictures: from pale yellow (low) over green and blue to dark violet.
 *
 * The run of hues is that of viridis turned round (dark is more, which reads right on white paper).
 * The table is the project's own: a path through CIE L*a*b* (D65) cut into 32 steps of equal colour
 * difference (CIE 1976), its lightness falling from L* 93 to 18 all the way. So equal steps of
 * pressure look equally far apart, and a grey copy or an eye that lacks a cone keeps the order.
 * Pure functions; any thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_PALETTE_H
#define TENDERFOOT_ANALYSIS_REPORT_PALETTE_H

#define PALETTE_WORDS "Dark means more pressure."

struct rgb {
    double r, g, b; /* sRGB, 0..1 */
};

/* Colour of `share` of the scale, 0..1; outside it, the nearer end. NAN gives the low end. */
struct rgb palette_colour(double share);

#endif
