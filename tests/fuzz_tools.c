/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as tools: refused with a sentence, or a tool whose numbers can be divided by. */
#include "analysis/press/tool.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct problem why = {0};
    struct tool tool;

    if (tool_parse(bytes, n, "fuzz", NULL, &tool, &why)) {
        if (!why.kind || !why.text[0])
            abort();
        return 0;
    }
    if (!tool.name[0] || strlen(tool.name) >= sizeof tool.name)
        abort();
    if (tool.kind == TOOL_FLAT)
        return 0;
    double back = tool_tip_kpa(&tool, tool_force_n(&tool, 250));
    if (!(fabs(back - 250) < 1e-6) || !(tool_tip_radius_mm(&tool) > 0))
        abort();
    if ((tool.kind == TOOL_MAT) != (tool.pitch_mm > 0))
        abort();
    return 0;
}
