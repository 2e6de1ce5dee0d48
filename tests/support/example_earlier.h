/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sway and an earlier recording for an example result, so that a report has all its sections. */
#ifndef TENDERFOOT_TESTS_SUPPORT_EXAMPLE_EARLIER_H
#define TENDERFOOT_TESTS_SUPPORT_EXAMPLE_EARLIER_H

#include "analysis/change/comparison.h"
#include "tests/support/example_result.h"

struct example_earlier {
    struct result *before;
    struct visit_sway sway; /* of the reported recording */
    struct comparison comparison;
};

/* NULL when memory ran out, or when the two cannot be compared. `after` outlives it. */
struct example_earlier *example_earlier(const struct result *after, enum example before);
void example_earlier_free(struct example_earlier *earlier);

#endif
