/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/compare_recordings.h"

#include "analysis/condition.h"
#include "driver/analyze_recording.h"
#include "driver/same_file.h"
#include "driver/stand_sway.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int visit_of_result(const struct result *result, const struct sway_options *how,
                    struct visit *visit, struct problem *why)
{
    struct visit_sway *sway = calloc(1, sizeof *sway);
    if (!sway)
        return problem_no_memory(why, "a recording's numbers");
    int bad = stand_sway_of(result, how, sway, why) || visit_measure(result, sway, visit, why);
    free(sway);
    return bad ? -1 : 0;
}

static struct result *analyze_visit(const struct compare_options *options, const char *file,
                                    struct visit *visit, struct problem *why)
{
    struct analyzer_options analysis = analyze_defaults();
    if (isfinite(options->threshold_kpa))
        analysis.threshold_kpa = options->threshold_kpa;
    struct result *result = analyze_recording(file, &analysis, why);
    if (!result || !visit_of_result(result, &options->sway, visit, why))
        return result;
    result_free(result);
    return NULL;
}

static struct result *read_visit(const struct compare_options *options, const char *file,
                                 struct visit *visit, struct problem *why)
{
    if (options->turn)
        pthread_mutex_lock(options->turn);
    struct result *result = analyze_visit(options, file, visit, why);
    if (options->turn)
        pthread_mutex_unlock(options->turn);
    return result;
}

/* Visits are too large for the stack. */
struct visits {
    struct visit before, after, repeats[COMPARE_REPEATS_MOST];
};

/* A repeat is of the state before, eyes and all. */
static int check_condition(const struct result *before, const struct result *repeat,
                           struct problem *why)
{
    if (!conditions_differ(before->facts.protocol, repeat->facts.protocol))
        return 0;
    return problem(why, PROBLEM_REFUSED,
                   "a repeat was recorded with %s eyes and the recording before with %s: they are "
                   "not of one state",
                   strcmp(condition_of(repeat->facts.protocol), "eyes_open") ? "closed" : "open",
                   strcmp(condition_of(before->facts.protocol), "eyes_open") ? "closed" : "open");
}

/* A recording repeats nothing that it is itself: the error between would be none. */
static int check_repeats(const struct compare_options *options, struct problem *why)
{
    for (size_t i = 0; i < options->n_repeats; i++) {
        const char *is = same_file(options->repeats[i], options->before)  ? options->before
                         : same_file(options->repeats[i], options->after) ? options->after
                                                                          : NULL;
        for (size_t k = 0; !is && k < i; k++)
            if (same_file(options->repeats[i], options->repeats[k]))
                is = options->repeats[k];
        if (is)
            return problem(why, PROBLEM_REFUSED,
                           "--repeat %.150s is the same recording as %.150s: a repeat is another "
                           "recording in the state before",
                           options->repeats[i], is);
    }
    return 0;
}

/* One recording given twice has changed nothing, which would read as "within the measuring error".
 * Naming it twice is a slip of the command line; two files of one content, of the files. */
static int check_two(const struct compare_options *options, struct problem *why)
{
    enum same_file same = same_file(options->before, options->after);

    if (same == FILES_DIFFER)
        return 0;
    return problem(why, same == FILES_ONE ? PROBLEM_USAGE : PROBLEM_REFUSED,
                   "%.200s is the same recording as %.200s: compared with itself, nothing has "
                   "changed; give two recordings",
                   options->after, options->before);
}

static int read_repeats(const struct compare_options *options, const struct result *before,
                        struct visit *visits, struct problem *why)
{
    for (size_t i = 0; i < options->n_repeats; i++) {
        struct result *result = read_visit(options, options->repeats[i], &visits[i], why);
        int bad = !result || load_change_check(before, result, why) ||
                  check_condition(before, result, why);
        result_free(result);
        if (bad)
            return -1;
    }
    return 0;
}

static int compare(const struct compare_options *options, struct visits *v, struct compared *out,
                   struct problem *why)
{
    if (check_two(options, why) || check_repeats(options, why))
        return -1;
    out->before = read_visit(options, options->before, &v->before, why);
    out->after = out->before ? read_visit(options, options->after, &v->after, why) : NULL;
    return !out->after || load_change_check(out->before, out->after, why) ||
                   read_repeats(options, out->before, v->repeats, why) ||
                   comparison_make(&out->comparison, out->before, &v->before, out->after, &v->after,
                                   v->repeats, options->n_repeats, why)
               ? -1
               : 0;
}

struct compared *compare_recordings(const struct compare_options *options, struct problem *why)
{
    struct visits *visits = calloc(1, sizeof *visits);
    struct compared *out = visits ? calloc(1, sizeof *out) : NULL;
    int bad = out ? compare(options, visits, out, why) : problem_no_memory(why, "a comparison");
    free(visits);
    if (!bad)
        return out;
    compared_free(out);
    return NULL;
}

void compared_free(struct compared *compared)
{
    if (!compared)
        return;
    comparison_free(&compared->comparison);
    result_free(compared->before);
    result_free(compared->after);
    free(compared);
}
