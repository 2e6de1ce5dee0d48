/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After-work on cairo's PDF: what PDF/A-2b (ISO 19005-2) wants besides. cairo embeds its fonts and
 * draws in device RGB; what it lacks is said here: which RGB is meant (an output intent with an
 * sRGB profile), the facts as XMP, an identifier made from the content, /CIDToGIDMap in fonts by
 * glyph number, and "D:" before dates. The objects are copied and their table written anew, so that
 * it stays one revision. tests/pdf_archive.py has the rules. Pure; one thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_PDF_FINISH_H
#define TENDERFOOT_ANALYSIS_REPORT_PDF_FINISH_H

#include "analysis/report/text.h"
#include "firmware/wire/problem.h"

/* What is written in place of a date that is none. */
#define PDF_NO_DATE "1970-01-01T00:00:00Z"

/* `date` when it is as "2026-11-23T17:45:00Z", else PDF_NO_DATE. NULL = none. */
const char *pdf_date(const char *date);

/* Replaces the bytes. `date` is one of pdf_date, and cairo was told both. A file whose table of
 * objects is not plain (cairo 1.18 packs it; 1.16 does not) stays as it is, and claims nothing. -1:
 * no memory, and `pdf` is as it was. */
int pdf_finish(struct text *pdf, const char *title, const char *date, struct problem *why);

#endif
