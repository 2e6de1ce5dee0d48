/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/print/print_of_foot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int print_of_foot(const struct result *result, struct foot_result *foot, struct problem *why)
{
    struct print_input input = {
        .grid = &result->grid,
        .picture = result_contact_picture(result),
        .mask = foot->mask,
        .threshold_kpa = result->threshold_kpa,
        .frame = &foot->frame,
        .lines = &foot->lines,
        .walking_deg = NAN,
        .cut_by_rim = foot->off_edge,
        .toes_touch = foot->toes_touch,
    };

    foot->print = malloc(sizeof *foot->print);
    if (!foot->print)
        return problem_no_memory(why, "the numbers of a footprint");
    return print_measure(&input, foot->print, why);
}
