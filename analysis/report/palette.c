/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/palette.h"

#define STEPS 32

static const unsigned char knots[STEPS + 1][3] = {
    {249, 237, 153}, {234, 231, 143}, {219, 226, 134}, {204, 222, 127}, {188, 218, 123},
    {172, 214, 121}, {157, 210, 121}, {142, 205, 123}, {127, 200, 125}, {112, 196, 127},
    {97, 191, 130},  {80, 185, 133},  {62, 180, 136},  {45, 174, 139},  {30, 168, 141},
    {21, 162, 143},  {19, 156, 144},  {19, 149, 144},  {18, 141, 143},  {17, 133, 142},
    {17, 125, 139},  {15, 116, 136},  {14, 108, 132},  {13, 99, 128},   {10, 90, 124},
    {8, 82, 121},    {6, 75, 119},    {5, 69, 118},    {8, 63, 117},    {19, 56, 114},
    {31, 49, 109},   {41, 41, 101},   {48, 34, 92},
};

static double between(unsigned char low, unsigned char high, double share)
{
    return (low + (high - low) * share) / 255;
}

struct rgb palette_colour(double share)
{
    if (!(share > 0)) /* NAN too */
        share = 0;
    if (share > 1)
        share = 1;
    int i = (int)(share * STEPS);
    if (i == STEPS)
        i--;
    double rest = share * STEPS - i;
    const unsigned char *low = knots[i], *high = knots[i + 1];
    return (struct rgb){between(low[0], high[0], rest), between(low[1], high[1], rest),
                        between(low[2], high[2], rest)};
}
