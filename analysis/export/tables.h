/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of an export, one function each; README.txt describes their columns. */
#ifndef TENDERFOOT_ANALYSIS_EXPORT_TABLES_H
#define TENDERFOOT_ANALYSIS_EXPORT_TABLES_H

#include "analysis/export/table.h"
#include "analysis/result.h"

struct export_table {
    const char *file;
    const char *header;      /* NULL: not a table with a reason column */
    const char *description; /* for README.txt */
    void (*write)(struct table_sink *, const struct result *, const char *software_version);
};

extern const struct export_table export_tables[]; /* the last has file NULL */

#endif
