/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two recordings of one person compared: the numbers of the stand, the difference map of each sole,
 * the tender zones, and published errors beside them. SCHEMA.md beside this header has the document
 * (tenderfoot/compare/1). Results are read only. One thread a handle. */
#ifndef TENDERFOOT_ANALYSIS_CHANGE_COMPARISON_H
#define TENDERFOOT_ANALYSIS_CHANGE_COMPARISON_H

#include "analysis/change/load_change.h"
#include "analysis/change/pressure_change.h"
#include "analysis/change/tender_change.h"

struct comparison {
    const struct result *before, *after; /* the caller's; outlive the comparison */
    struct load_change load;
    struct tender_change tender;
    struct pressure_change maps[2]; /* left, right */
};

/* Refused: another threshold, grid or plate; nothing that is in both. Repeats are further visits in
 * the state before, of n_repeats (may be 0). Over whatever is returned: comparison_free. */
int comparison_make(struct comparison *c, const struct result *before,
                    const struct visit *of_before, const struct result *after,
                    const struct visit *of_after, const struct visit *repeats, size_t n_repeats,
                    struct problem *why);
void comparison_free(struct comparison *c);

/* With published errors from a file, NULL = built in. NULL and *why. */
json_t *comparison_json(const struct comparison *c, const char *published, struct problem *why);

#endif
