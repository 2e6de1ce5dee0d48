/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/stand_sway.h"

#include "driver/sway_recording.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int measure_sway(const struct sway_recording *recording, const struct sway_options *how,
                        struct visit_sway *out, struct problem *why)
{
    const struct cop_series *path = &recording->path[SWAY_PART_NET];
    struct sway_work *work = sway_work_make(why);
    int bad = !work || sway_measure(work, path, how, &out->result, why) ||
              sway_uncertainty(path, &out->result, SWAY_SEED, &out->error, why);
    sway_work_free(work);
    out->from_s = recording->stand.from_s;
    out->to_s = recording->stand.to_s;
    return bad ? -1 : 0;
}

/* Advice on options that only `sway` has is of no use here. */
static void drop_advice(char *text)
{
    char *option = strstr(text, "--from"), *part = NULL;
    for (char *at = text; option && at < option; at++)
        if (*at == ';')
            part = at;
    if (part)
        *part = 0;
}

int stand_sway_of(const struct result *result, const struct sway_options *how,
                  struct visit_sway *out, struct problem *why)
{
    struct sway_recording recording;
    *out = (struct visit_sway){0};
    int bad = sway_recording_of(result, NAN, NAN, &recording, why) ||
              measure_sway(&recording, how, out, why);
    sway_recording_free(&recording);
    out->known = !bad;
    if (bad)
        snprintf(out->reason, sizeof out->reason, "%s", why->text);
    drop_advice(out->reason);
    return bad && why->kind != PROBLEM_REFUSED ? -1 : 0;
}

int stand_sway_told(const struct result *result, struct visit_sway **out, struct problem *why)
{
    const struct sway_options how = sway_defaults();
    struct visit_sway *sway = calloc(1, sizeof *sway);
    *out = NULL;
    if (!sway)
        return problem_no_memory(why, "sway");
    int bad = stand_sway_of(result, &how, sway, why);
    if (!bad && (sway->known || (result->mean_picture && !result->walked)))
        *out = sway;
    else
        free(sway);
    return bad;
}

int stand_report_render(const struct result *result, struct report_options how,
                        enum report_format format, struct text *page, struct problem *why)
{
    struct visit_sway *sway;
    if (stand_sway_told(result, &sway, why))
        return -1;
    how.sway = sway;
    int bad = report_render(result, &how, format, page, NULL, why);
    free(sway);
    return bad;
}
