/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who this plate is (from the chip's unique id) and which boot of it this is. */
#ifndef TENDERFOOT_STM32F405_IDENTITY_H
#define TENDERFOOT_STM32F405_IDENTITY_H

#include <stdint.h>

#define IDENTITY_SERIAL_BYTES 16u /* "TF-" and 12 digits, NUL */

/* The chip's 96 bits (RM0090, 39.1), least first. */
void identity_read(uint32_t id[3]);

/* "TF-" and the twelve hexadecimal digits by which the chip's own DFU loader goes: so a plate in
 * its loader is known for the plate it was. The digits add X of the chip on its wafer to the lot's
 * letters, and the wafer's number and lot follow. */
void identity_serial(const uint32_t id[3], char serial[IDENTITY_SERIAL_BYTES]);

/* A number unlike those of other boots: from the random number generator; if that does not give
 * one in time (it needs the 48 MHz), mixed from the id and `boots`, which counts up over resets.
 * Bounded, 1 ms. */
uint32_t identity_boot(const uint32_t id[3], uint32_t boots);

#endif
