/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `tenderfoot sway` measures: trials, each a table of a path or a recording with up to three
 * paths. Used by the verb's own thread alone; sway_trials_measure runs on all cores. */
#ifndef TENDERFOOT_DRIVER_SWAY_TRIAL_H
#define TENDERFOOT_DRIVER_SWAY_TRIAL_H

#include "analysis/sway/group_json.h"
#include "driver/import/cop_csv.h"
#include "driver/sway_recording.h"

#include <jansson.h>

struct sway_words {
    struct sway_options options;
    struct cop_csv_layout layout;
    double from_s, to_s, threshold_kpa; /* NAN: not stated */
    unsigned long seed;
    int has_foot;
    enum sway_part foot; /* with has_foot: this part alone */
};

struct sway_trial {
    const char *file, *units;
    int is_recording;
    struct sway_recording recording; /* of a table: path[SWAY_PART_NET] and the stand's shifts */
    int measured[SWAY_PARTS];
    struct sway_result result[SWAY_PARTS];
    struct sway_uncertainty error[SWAY_PARTS];
};

/* Reads trial->file. 0 or -1; sway_trial_free in any case. */
int sway_trial_read(struct sway_trial *trial, const struct sway_words *words, struct problem *why);
void sway_trial_free(struct sway_trial *trial);

/* Measures what was read of all trials. -1 with the file's name when a trial has nothing to show;
 * a foot that cannot be measured is told by its reason. */
int sway_trials_measure(struct sway_trial *trials, size_t n, const struct sway_words *words,
                        struct problem *why);

/* The part whose numbers stand on top: --foot, or the whole plate. */
enum sway_part sway_trial_top(const struct sway_words *words);

/* One document of tenderfoot/sway/1. */
json_t *sway_trial_json(const struct sway_trial *trial, const struct sway_words *words);

#endif
