/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plate's temperature, from a thermistor under its sheet: 10 kilohm at 25 degree Celsius, B
 * (25/85) = 3435 K, to ground, with 10 kilohm of 0.1 % to the ADC's own reference, so that the
 * reference falls out.
 *
 * Why not the chip's own sensor, which would cost nothing: it measures the die, which a processor
 * at 168 MHz warms by some 10 to 15 K over the room; its factory words (TS_CAL1, TS_CAL2) make it
 * good to about 1.5 K, but of the wrong thing. What the temperature is told for is the sheet: its
 * resistance drifts with it, and a calibration is good near the temperature it was made at. */
#ifndef TENDERFOOT_STM32F405_THERMISTOR_H
#define TENDERFOOT_STM32F405_THERMISTOR_H

#include <stdint.h>

/* 0.01 degree Celsius of a 12-bit reading, within 0.3 K of the thermistor's formula from -20 to 70;
 * WIRE_NO_TEMPERATURE outside, which is also how a missing or shorted thermistor reads. A pure
 * function; any thread. */
int16_t thermistor_cdeg(unsigned counts);

#endif
