/* SPDX-License-Identifier: GPL-3.0-or-later */
/* README.txt of an export: what each file and column is, for someone who has only the folder. */
#ifndef TENDERFOOT_ANALYSIS_EXPORT_EXPORT_README_H
#define TENDERFOOT_ANALYSIS_EXPORT_EXPORT_README_H

#include "analysis/report/text.h"

void export_readme_csv(struct text *out);
void export_readme_json(struct text *out);

#endif
