/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a word asked of a chart is: a whole name in it, or only a part of some. */
#ifndef TENDERFOOT_DRIVER_CLI_ATLAS_NAME_H
#define TENDERFOOT_DRIVER_CLI_ATLAS_NAME_H

#include "analysis/atlas/atlas.h"

/* 1 when a zone, a conflict or an organ has just this name (any case). */
int atlas_name_is_whole(const struct atlas *atlas, const char *word);

/* "ears, heart" of "ear": the organs whose names hold the word; "P10, P11" of "P1": the zones
 * whose ids begin so. Each once, in the chart's order, cut between names at cap. Returns text,
 * empty when there is none. */
const char *atlas_name_organs(const struct atlas *atlas, const char *word, char *text, size_t cap);
const char *atlas_name_zones(const struct atlas *atlas, const char *word, char *text, size_t cap);

#endif
