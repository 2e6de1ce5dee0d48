/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/sway_recording.h"

#include "analysis/load/load.h"
#include "driver/analyze_recording.h"
#include "firmware/wire/problem_code.h"

#include <stdio.h>
#include <string.h>

const char *const sway_part_names[SWAY_PARTS] = {"net", "left", "right"};

int sway_is_recording(const char *path)
{
    char start[4] = {0};
    FILE *file = fopen(path, "rb");
    size_t n = file ? fread(start, 1, sizeof start, file) : 0;
    if (file)
        fclose(file);
    return n == sizeof start && !memcmp(start, "TFT1", sizeof start);
}

static struct stand_frames net_frames(const struct result *result)
{
    const struct frame_series *f = &result->frames;
    return (struct stand_frames){.n = f->n,
                                 .time_s = f->time_s,
                                 .force_n = f->force_n,
                                 .x_mm = f->cop_x_mm,
                                 .y_mm = f->cop_y_mm,
                                 .rate_hz = result->rate_hz,
                                 .min_force_n = STAND_MIN_FORCE_N};
}

/* The foot of this side; NULL when none is. */
static const struct foot_result *find_foot(const struct result *result, enum sway_part part)
{
    enum side side = part == SWAY_PART_LEFT ? SIDE_LEFT : SIDE_RIGHT;
    for (int k = 0; k < result->n_feet; k++)
        if (result->feet[k].side == side && result->feet[k].has_load)
            return &result->feet[k];
    return NULL;
}

/* 0 where the foot was not followed over time. */
static int foot_frames(const struct result *result, enum sway_part part, struct stand_frames *f)
{
    const struct foot_result *foot = find_foot(result, part);
    if (!foot || !foot->load || foot->load->series.n != result->frames.n)
        return 0;
    *f = net_frames(result);
    f->force_n = foot->load->series.force_n;
    f->x_mm = foot->load->series.cop_x_mm;
    f->y_mm = foot->load->series.cop_y_mm;
    f->min_force_n = STAND_MIN_FOOT_FORCE_N;
    return 1;
}

static void say(struct sway_recording *out, enum sway_part part, const char *words)
{
    snprintf(out->reason[part], sizeof out->reason[part], "%s", words);
}

/* A path that cannot be had is told by its reason; -1 only without memory. */
static int take_path(const struct stand_frames *frames, enum sway_part part,
                     struct sway_recording *out, struct problem *why)
{
    if (!stand_path(frames, &out->stand, &out->path[part], &out->bridged[part], why))
        return 0;
    say(out, part, why->text);
    return why->kind == PROBLEM_REFUSED ? 0 : -1;
}

/* The shifts of the plate's path and of each foot's; a foot without a path shows none. */
static int settle_stand(const struct result *result, const struct stand_frames *net,
                        struct sway_recording *out, struct problem *why)
{
    struct stand_frames foot;
    if (stand_mark_shifts(net, &out->stand, why))
        return -1;
    for (int part = SWAY_PART_LEFT; part < SWAY_PARTS; part++)
        if (foot_frames(result, (enum sway_part)part, &foot) &&
            stand_mark_shifts(&foot, &out->stand, why) && why->kind != PROBLEM_REFUSED)
            return -1;
    if (!out->stand.stated)
        stand_cut_at_shifts(&out->stand);
    return 0;
}

static int take_feet(const struct result *result, struct sway_recording *out, struct problem *why)
{
    struct stand_frames frames;
    for (int part = SWAY_PART_LEFT; part < SWAY_PARTS; part++) {
        if (!foot_frames(result, (enum sway_part)part, &frames))
            say(out, (enum sway_part)part,
                result->no_foot_reason[0] ? result->no_foot_reason
                                          : "no foot of this side was found on the plate");
        else if (take_path(&frames, (enum sway_part)part, out, why))
            return -1;
    }
    return 0;
}

int sway_recording_of(const struct result *result, double from_s, double to_s,
                      struct sway_recording *out, struct problem *why)
{
    struct stand_frames net = net_frames(result);
    *out = (struct sway_recording){.rate_hz = result->rate_hz,
                                   .threshold_kpa = result->threshold_kpa,
                                   .lost_frames = result->facts.lost_frames};
    if (stand_find(&net, from_s, to_s, &out->stand, why) || settle_stand(result, &net, out, why) ||
        take_path(&net, SWAY_PART_NET, out, why) || take_feet(result, out, why))
        return -1;
    if (out->reason[SWAY_PART_NET][0])
        return problem_coded(why, PROBLEM_CODE_NOT_STILL, PROBLEM_REFUSED, "%s",
                             out->reason[SWAY_PART_NET]);
    return 0;
}

int sway_recording_read(const char *path, const struct analyzer_options *options, double from_s,
                        double to_s, struct sway_recording *out, struct problem *why)
{
    struct result *result = analyze_recording(path, options, why);
    *out = (struct sway_recording){0};
    if (!result)
        return -1;
    int bad = sway_recording_of(result, from_s, to_s, out, why);
    result_free(result);
    return bad;
}

void sway_recording_free(struct sway_recording *recording)
{
    for (int part = 0; part < SWAY_PARTS; part++)
        cop_series_free(&recording->path[part]);
    *recording = (struct sway_recording){0};
}
