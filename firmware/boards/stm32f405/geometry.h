/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plate that hangs on this board. Another size is a change here and nowhere else: 64 x 64, 32 x
 * 32, anything up to 96 columns in steps of 8 (a multiplexer's inputs) and up to 256 rows in steps
 * of 4 (half a DMA ring). */
#ifndef TENDERFOOT_STM32F405_GEOMETRY_H
#define TENDERFOOT_STM32F405_GEOMETRY_H

#define GEOMETRY_MODEL "tenderfoot 96x96" /* up to 24 characters, told to hosts */
#define GEOMETRY_ROWS 96u
#define GEOMETRY_COLS 96u
#define GEOMETRY_PITCH_UM 5000u
#define GEOMETRY_FULL_SCALE_KPA 660u /* nominal, of 4095 counts above zero (feedback resistors) */
#define GEOMETRY_RATE_HZ 100u        /* the default */
#define GEOMETRY_RATE_MIN_HZ 1u
#define GEOMETRY_RATE_MAX_HZ 100u /* what the scan's time and the processor allow: schedule.h */

#endif
