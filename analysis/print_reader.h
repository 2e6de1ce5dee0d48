/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pressure of one foot's print at places of its foot frame. Cells of other feet read 0. Pure
 * functions; any thread. */
#ifndef TENDERFOOT_ANALYSIS_PRINT_READER_H
#define TENDERFOOT_ANALYSIS_PRINT_READER_H

#include "analysis/foot/landmarks.h"

/* kPa of a cell; 0 off the plate. */
double print_cell_kpa(const struct foot_print *print, int row, int col);

/* kPa at a place, linear between the centres of cells. */
double print_kpa(const struct foot_print *print, const struct foot_frame *frame, struct uv place);

/* A mean over a few mm about it, so that one odd cell makes no landmark. */
double print_smooth_kpa(const struct foot_print *print, const struct foot_frame *frame,
                        struct uv place);

#endif
