/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result as an Excel workbook: the tables of the CSV export, one sheet each, and a first sheet
 * that says what each holds. A text of more than a cell holds (32767 characters) is cut and says
 * so. Written by libxlsxwriter through a temporary file. */
#ifndef TENDERFOOT_DRIVER_EXPORT_XLSX_EXPORT_H
#define TENDERFOOT_DRIVER_EXPORT_XLSX_EXPORT_H

#include "analysis/export/document.h"

/* 0, or -1 with `out` empty: more frames than a sheet has rows (refused), no memory, no room for
 * the temporary file. The same document gives the same bytes. One thread a call. */
int export_xlsx(const struct document *document, struct text *out, struct problem *why);

#endif
