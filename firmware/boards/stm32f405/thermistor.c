/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/stm32f405/thermistor.h"

#include "firmware/wire/payloads.h"

#include <stddef.h>

#define FIRST_CDEG (-2000)
#define STEP_CDEG 500
#define POINTS (sizeof points / sizeof *points)

/* Counts from -20 to 70 degree Celsius in steps of 5: 4095 R / (R + 10 kilohm) with R = 10 kilohm
 * exp(3435 (1/T - 1/298.15)). A straight line between two of them is 0.06 K off at most. */
static const uint16_t points[] = {3627, 3507, 3368, 3210, 3037, 2850, 2654, 2451, 2248, 2048,
                                  1854, 1669, 1496, 1337, 1191, 1059, 940,  834,  740};

int16_t thermistor_cdeg(unsigned counts)
{
    if (counts > points[0] || counts < points[POINTS - 1])
        return WIRE_NO_TEMPERATURE;
    size_t i = 0;
    while (counts < points[i + 1])
        i++;
    int span = points[i] - points[i + 1], below = points[i] - (int)counts;
    return (int16_t)(FIRST_CDEG + (int)i * STEP_CDEG + (below * STEP_CDEG + span / 2) / span);
}
