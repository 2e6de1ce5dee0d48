/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report's PDF as a DICOM object (Encapsulated PDF Storage), for an archive of images.
 *
 * Written by pdf2dcm of dcmtk, which is run as a program. UIDs are made from the recording's own
 * facts (document_uuid under the root 2.25, DICOM PS3.5 B.2), so the same report sent twice is the
 * same object. One thread a call. */
#ifndef TENDERFOOT_DRIVER_EXPORT_DICOM_EXPORT_H
#define TENDERFOOT_DRIVER_EXPORT_DICOM_EXPORT_H

#include "analysis/export/document.h"

/* 0, or -1 with `out` empty: no PDF in the document, a date of birth that is none (usage), dcmtk is
 * not installed, or it refuses. What is worked with are files without a name on TMPDIR's disk. */
int export_dicom(const struct document *document, struct text *out, struct problem *why);

/* "2.25." and the 128 bits of a UUID as a decimal number; at most 44 characters. */
#define DICOM_UID 65
void dicom_uid(const char *uuid, char uid[DICOM_UID]);

#endif
