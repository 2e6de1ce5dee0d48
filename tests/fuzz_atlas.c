/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a chart: refused with a sentence, or a chart whose geometry keeps its promises. */
#include "analysis/atlas/atlas.h"
#include "analysis/wording.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void use_zone(const struct atlas_zone *zone, const struct foot_frame *frame)
{
    const struct grid grid = {24, 24, 12.5, 12.5};
    float share[24 * 24];
    struct point outline[ATLAS_OUTLINE_MAX];
    char text[200];

    if (atlas_outline(zone, frame, NULL, outline, ATLAS_OUTLINE_MAX) > ATLAS_OUTLINE_MAX)
        abort();
    atlas_cell_shares(zone, frame, NULL, &grid, share);
    for (int i = 0; i < 24 * 24; i++)
        if (!(share[i] >= 0 && share[i] <= 1))
            abort();
    atlas_contains(zone, frame, NULL, (struct uv){0.4, 0.3});
    wording_check(atlas_tradition(zone, text, sizeof text), NULL);
    if (strlen(text) >= sizeof text)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct problem why = {0};
    struct atlas *atlas = atlas_parse(bytes, n, "fuzz", &why);
    struct foot_frame frame = foot_frame_template(SIDE_LEFT, (struct point){150, 20}, 9, 254);

    if (!atlas) {
        if (!why.kind || !why.text[0])
            abort();
        return 0;
    }
    for (int i = 0; i < atlas_count(atlas) && i < 60; i++)
        use_zone(atlas_zone(atlas, i), &frame);
    atlas_free(atlas);
    return 0;
}
