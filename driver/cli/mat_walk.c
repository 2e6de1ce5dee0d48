/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/mat_walk.h"
#include "driver/session.h"

#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int record_stand(const struct mat_walk *walk, const char *path, struct problem *why)
{
    struct session_result result;
    struct session_options options = {.uri = walk->device,
                                      .path = path,
                                      .protocol = "stand",
                                      .client = walk->client,
                                      .calibration = walk->calibration,
                                      .seconds = walk->stand_s,
                                      .wait_s = 30,
                                      .stop_fd = walk->timer->stop_fd};

    fprintf(walk->timer->out,
            "Step off the plate, and on again when it has been zeroed; stand "
            "still for %.0f s: %s\n",
            walk->stand_s, path);
    if (session_record(&options, &result, why))
        return -1;
    return result.interrupted
               ? problem(why, PROBLEM_FAILED, "interrupted; %s is kept as far as it goes", path)
               : 0;
}

int mat_walk_run(const struct mat_walk *walk, char *before, char *after, size_t cap,
                 struct problem *why)
{
    double seconds = isnan(walk->seconds) ? walk->rule->seconds_max : walk->seconds;
    char words[200];

    if (mkdir(walk->folder, 0700) && access(walk->folder, W_OK))
        return problem(why, PROBLEM_FAILED, "the folder %s cannot be made or written",
                       walk->folder);
    if ((size_t)snprintf(before, cap, "%s/before.tfr", walk->folder) >= cap ||
        (size_t)snprintf(after, cap, "%s/after.tfr", walk->folder) >= cap)
        return problem(why, PROBLEM_USAGE, "the name of the folder is too long");
    if (record_stand(walk, before, why))
        return -1;
    snprintf(words, sizeof words, "Now %s (Enter: done)", walk->rule->words);
    if (plan_timer_run(walk->timer, words, seconds) != TIMER_OVER)
        fprintf(walk->timer->out, "The walk ended early.\n");
    return record_stand(walk, after, why);
}
