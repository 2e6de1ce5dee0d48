/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result as files for other software: CSV tables or one JSON document.
 *
 * Files are made in memory; whoever calls writes them. The same result gives the same bytes.
 * Keys and headers carry units; README.txt, which is one of the files, says what each holds.
 * One thread a call; the result is only read. */
#ifndef TENDERFOOT_ANALYSIS_EXPORT_EXPORT_H
#define TENDERFOOT_ANALYSIS_EXPORT_EXPORT_H

#include "analysis/report/text.h"
#include "analysis/result.h"
#include "firmware/wire/problem.h"

#define EXPORT_FILES_MAX 24

struct export_file {
    const char *name; /* "frames.csv"; constant */
    struct text bytes;
};

struct export_files {
    struct export_file of[EXPORT_FILES_MAX];
    int n;
};

/* 0, or -1 (out of memory) with nothing to free. `software_version` goes into the metadata. */
int export_csv(const struct result *result, const char *software_version,
               struct export_files *files, struct problem *why);
int export_json(const struct result *result, const char *software_version,
                struct export_files *files, struct problem *why);
void export_files_free(struct export_files *files);

#endif
