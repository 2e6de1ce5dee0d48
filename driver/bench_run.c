/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/bench_run.h"

#include "driver/bench_feed.h"
#include "samples/bench.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCHEME "virtual:"
#define ASIDE_MAX 1000

/* --- Names ----------------------------------------------------------------------------------- */

char *bench_run_path(const char *folder, enum bench_stage stage, struct problem *why)
{
    char *path;
    if (asprintf(&path, "%s/%s.tfr", folder, bench_stage_name(stage)) >= 0)
        return path;
    problem_no_memory(why, "a stage's name");
    return NULL;
}

/* The length of the file's name in virtual:FILE[#STAGE][?options]. */
static int file_length(const char *uri)
{
    return (int)strcspn(uri + strlen(SCHEME), "#?");
}

/* Whether a file means to be a virtual bench, also where it is a wrong one. */
static int means_bench(const char *path)
{
    struct stat facts;
    if (stat(path, &facts) || !S_ISREG(facts.st_mode))
        return 0;
    json_t *root = json_load_file(path, 0, NULL);
    const char *schema = json_string_value(json_object_get(root, "schema"));
    int means = schema && !strcmp(schema, "tenderfoot/bench/1");
    json_decref(root);
    return means;
}

static int look_at_bench(const char *uri, const char *path, struct bench_script *script,
                         int has[BENCH_STAGES], struct problem *why)
{
    int is_any = 0;
    if (bench_script_load(path, script, why))
        return why->kind == PROBLEM_FAILED || means_bench(path) ? -1 : 0;
    if (uri[strlen(SCHEME) + strlen(path)] == '#')
        return problem(why, PROBLEM_USAGE,
                       "%s: all stages of a virtual bench are gone through in their order; name it "
                       "without '#', and single stages by --stages",
                       uri);
    for (int stage = 0; stage < BENCH_STAGES; stage++)
        is_any |= has[stage] = script->has[stage];
    if (is_any)
        return 1;
    return problem(why, PROBLEM_REFUSED,
                   "the virtual bench %s has nothing to calibrate by: none of the stages empty, "
                   "bladder, creep, mass, warm, stud is in it",
                   path);
}

int bench_run_is_virtual(const char *uri, int has[BENCH_STAGES], struct problem *why)
{
    if (strncmp(uri, SCHEME, strlen(SCHEME)))
        return 0;
    char *path = strndup(uri + strlen(SCHEME), (size_t)file_length(uri));
    struct bench_script *script = malloc(sizeof *script);
    int is_bench = path && script ? look_at_bench(uri, path, script, has, why)
                                  : problem_no_memory(why, "a virtual bench");
    free(path);
    free(script);
    return is_bench;
}

char *bench_run_stage_uri(const char *uri, enum bench_stage stage, struct problem *why)
{
    int n = (int)strlen(SCHEME) + file_length(uri);
    const char *options = uri[n] ? uri + n + 1 : "";
    const char *pace = strstr(options, "pace=") ? "" : *options ? "&pace=fast" : "pace=fast";
    char *named;
    if (asprintf(&named, "%.*s#%s?%s%s", n, uri, bench_stage_name(stage), options, pace) >= 0)
        return named;
    problem_no_memory(why, "a stage's name");
    return NULL;
}

/* Moves DIR/bladder.tfr to DIR/bladder.half-1.tfr, or the first number that is free. */
static int put_aside(const char *path, const char *what, char *aside, size_t cap,
                     struct problem *why)
{
    struct stat there;
    int stem = (int)(strlen(path) - strlen(".tfr"));
    for (int n = 1; n < ASIDE_MAX; n++) {
        snprintf(aside, cap, "%.*s.%s-%d.tfr", stem, path, what, n);
        if (!lstat(aside, &there))
            continue;
        if (!rename(path, aside))
            return 0;
        break;
    }
    return problem(why, PROBLEM_FAILED, "%s cannot be kept aside as %s: %s", path, aside,
                   strerror(errno));
}

/* --- What is there already ------------------------------------------------------------------- */

static void tell(const struct bench_run_options *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void tell(const struct bench_run_options *o, const char *format, ...)
{
    char sentence[600];
    va_list list;
    va_start(list, format);
    vsnprintf(sentence, sizeof sentence, format, list);
    va_end(list);
    o->tell(o->context, sentence);
}

/* 1 = the stage is there; 0 = it is to be recorded, and nothing is in the way. */
static int look(const struct bench_run_options *o, const char *path, struct problem *why)
{
    struct bench_feed feed = {0};
    struct bench_feed_facts facts;
    struct stat there;
    struct problem wrong = {0};
    char aside[4096];
    if (lstat(path, &there))
        return 0;
    int bad = bench_feed_file(&feed, path, &facts, &wrong);
    bench_feed_free(&feed);
    if (!bad && facts.is_complete)
        return 1;
    if (bad && wrong.kind != PROBLEM_REFUSED) { /* nothing is said against the recording itself */
        *why = wrong;
        return -1;
    }
    if (put_aside(path, "half", aside, sizeof aside, why))
        return -1;
    tell(o, "%s %s; it is kept as %s and recorded anew.", path,
         bad                ? "cannot be used"
         : !facts.is_closed ? "was not closed (the program or the computer was stopped)"
                            : "was broken off",
         aside);
    return 0;
}

/* --- Recording ------------------------------------------------------------------------------- */

/* Where the places of masses are: told by the stage that comes first. */
static void plate_size(const struct bench_run_options *o, double *width_mm, double *height_mm)
{
    struct problem ignored;
    struct bench_feed feed = {0};
    struct bench_feed_facts facts;
    char *path = bench_run_path(o->folder, BENCH_EMPTY, &ignored);
    if (path && !access(path, R_OK) && !bench_feed_file(&feed, path, &facts, &ignored)) {
        *width_mm = feed.header.cols * feed.header.pitch_x_mm;
        *height_mm = feed.header.rows * feed.header.pitch_y_mm;
    }
    bench_feed_free(&feed);
    free(path);
}

static void see_progress(void *context, const struct session_progress *progress)
{
    if (progress->has_numbers)
        bench_operator_see(context, progress->elapsed_s, progress->force_n);
}

/* 1 = Enter; 0 = "q", no keyboard, or the user has stopped. */
static int await_enter(const struct bench_run_options *o)
{
    struct pollfd fds[2] = {{.fd = o->keyboard_fd, .events = POLLIN},
                            {.fd = o->stop_fd, .events = POLLIN}};
    char c = 0, first = 0;
    while (c != '\n') {
        if (poll(fds, 2, -1) < 0 && errno == EINTR)
            continue;
        if (fds[1].revents || (fds[0].revents & (POLLERR | POLLNVAL)))
            return 0;
        ssize_t n = read(o->keyboard_fd, &c, 1);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0) {
            tell(o, "There is no keyboard to say when the plate is ready.");
            return 0;
        }
        first = first ? first : c;
    }
    return first != 'q';
}

/* The maker's word holds from the next frame on. */
static int wants(void *op, double elapsed_s, struct session_wish *wish)
{
    wish->say = bench_operator_says(op, elapsed_s);
    return wish->say != NULL;
}

static int record_live(const struct bench_run_options *o, enum bench_stage stage, const char *path,
                       int *is_done, struct problem *why)
{
    struct bench_operator_options wanted = {.procedure = o->procedure,
                                            .stage = stage,
                                            .keyboard_fd = o->keyboard_fd,
                                            .tell = o->tell,
                                            .context = o->context};
    plate_size(o, &wanted.plate_width_mm, &wanted.plate_height_mm);
    struct bench_operator *op = bench_operator_make(&wanted, why);
    if (!op)
        return -1;
    const struct session_leader maker = {.context = op, .wants = wants};
    struct session_options session = {.uri = o->uri,
                                      .path = path,
                                      .protocol = "bench",
                                      .rate_hz = o->rate_hz,
                                      .wait_s = o->wait_s,
                                      .ungated = 1,
                                      .stop_fd = o->stop_fd,
                                      .progress = see_progress,
                                      .context = op,
                                      .leader = &maker};
    struct session_result result;
    tell(o,
         "Stage '%s': %d hold(s). Take everything off the plate and let it rest for a minute; on "
         "Enter it is tared.",
         bench_stage_name(stage), bench_operator_holds(op));
    int bad = 0;
    if (await_enter(o)) {
        bad = session_record(&session, &result, why);
        *is_done = !bad && bench_operator_is_done(op);
    }
    bench_operator_free(op);
    return bad;
}

static int record_virtual(const struct bench_run_options *o, enum bench_stage stage,
                          const char *path, int *is_done, struct problem *why)
{
    char *uri = bench_run_stage_uri(o->uri, stage, why);
    if (!uri)
        return -1;
    struct session_options session = {.uri = uri,
                                      .path = path,
                                      .protocol = "bench",
                                      .rate_hz = o->rate_hz,
                                      .ungated = 1,
                                      .stop_fd = o->stop_fd};
    struct session_result result;
    int bad = session_record(&session, &result, why);
    *is_done = !bad && !result.interrupted;
    free(uri);
    return bad;
}

/* --- What is there is checked ---------------------------------------------------------------- */

/* After the stage that came first, so that its zeros can be compared. */
static int read_both(const struct bench_run_options *o, enum bench_stage stage, const char *path,
                     struct bench_feed *feed, struct bench_feed_facts *facts, struct problem *why)
{
    struct problem ignored;
    char *first = stage == BENCH_EMPTY ? NULL : bench_run_path(o->folder, BENCH_EMPTY, &ignored);
    int bad = first && !access(first, R_OK) && bench_feed_file(feed, first, facts, why);
    free(first);
    return bad || bench_feed_file(feed, path, facts, why) ? -1 : 0;
}

static int check(const struct bench_run_options *o, enum bench_stage stage, const char *path,
                 struct problem *why)
{
    struct bench_feed feed = {0};
    struct bench_feed_facts facts;
    char aside[4096];
    struct problem at_aside;
    int bad =
        read_both(o, stage, path, &feed, &facts, why) || bench_feed_check(&feed, path, &facts, why);
    bench_feed_free(&feed);
    if (!bad)
        return 0;
    if (why->kind == PROBLEM_REFUSED && !put_aside(path, "refused", aside, sizeof aside, &at_aside))
        tell(o, "%s is kept as %s.", path, aside);
    return -1;
}

int bench_run_record(const struct bench_run_options *options, enum bench_stage stage,
                     enum bench_run_outcome *outcome, struct problem *why)
{
    char *path = bench_run_path(options->folder, stage, why);
    int there = path ? look(options, path, why) : -1, is_done = 0;
    *outcome = BENCH_RUN_WAS_THERE;
    int bad = there < 0;
    if (there == 0) {
        bad = (options->is_virtual ? record_virtual : record_live)(options, stage, path, &is_done,
                                                                   why);
        *outcome = is_done ? BENCH_RUN_RECORDED : BENCH_RUN_UNFINISHED;
    }
    /* Also what was there: the program may have been stopped before it was checked. */
    bad = bad || ((there || is_done) && check(options, stage, path, why));
    free(path);
    return bad ? -1 : 0;
}
