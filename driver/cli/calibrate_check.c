/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/calibrate_check.h"

#include "driver/bench_check.h"
#include "driver/cli/calibrate_words.h"
#include "driver/cli/cli.h"
#include "driver/export/temporary.h"
#include "driver/session.h"
#include "driver/work_folder.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STAND_S 50.0 /* step on, 30 s of standing, step off, and time to read the screen */

/* A name with a scheme ("usb:", "virtual:FILE") that is no file. */
static int is_uri(const char *what)
{
    return strchr(what, ':') && access(what, F_OK);
}

static void show(void *context, const struct session_progress *p)
{
    (void)context;
    if (p->has_numbers)
        fprintf(stderr, "\r%.0f of %.0f s  force %.0f N\033[K", p->elapsed_s, p->seconds,
                p->force_n);
}

/* Records the stand; a virtual one ends by itself. */
static int record_stand(const struct calibrate_check_options *o, const char *path,
                        struct problem *why)
{
    int has_bar = isatty(STDERR_FILENO), stop_fd = cli_stop_fd(why);
    if (stop_fd < 0)
        return -1;
    struct session_options session = {.uri = o->what,
                                      .path = path,
                                      .protocol = "stand",
                                      .calibration = o->calibration,
                                      .seconds = STAND_S,
                                      .stop_fd = stop_fd,
                                      .progress = has_bar ? show : NULL};
    struct session_result result;
    fprintf(stderr,
            "The plate is tared first: stay off until frames come. Then step on, stand still "
            "for 30 s, step off, and wait.\n");
    int bad = session_record(&session, &result, why);
    if (has_bar)
        fputs("\r\033[K", stderr);
    close(stop_fd);
    return bad;
}

static int check_live(const struct calibrate_check_options *o, struct bench_check *check,
                      struct problem *why)
{
    struct work_folder folder;
    char path[WORK_FOLDER_PATH + 16];
    if (o->keep)
        return record_stand(o, o->keep, why) ||
                       bench_check_file(o->keep, o->calibration, o->kg, check, why)
                   ? -1
                   : 0;
    work_folders_sweep(temporary_folder());
    if (work_folder_make(&folder, why))
        return -1;
    snprintf(path, sizeof path, "%s/stand.tfr", folder.path);
    int bad =
        record_stand(o, path, why) || bench_check_file(path, o->calibration, o->kg, check, why);
    work_folder_end(&folder);
    return bad ? -1 : 0;
}

static json_t *check_json(const struct calibrate_check_options *o, const struct bench_check *c)
{
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:b, s:b, s:b}", "schema",
                  "tenderfoot/calibrate/1", "check", o->what, "calibration_id", c->calibration_id,
                  "scale_kg", o->kg, "weight_n", c->wanted_n, "force_n", c->force_n,
                  "error_percent", c->error_percent, "limit_percent", BENCH_CHECK_WITHIN_PERCENT,
                  "stand_s", c->seconds, "force_sd_percent", c->sd_percent, "weight_holds",
                  c->weight_holds, "zero_holds", c->zero_holds, "holds", c->holds);
    if (!object)
        return NULL;
    if (isnan(c->zero_drift_n)) {
        json_object_set_new(object, "zero_holds", json_null());
        json_object_set_new(object, "zero_holds_reason",
                            json_string("the plate was not bare both before and afterwards"));
    }
    calibrate_put(object, "creep_percent_per_decade", c->creep_percent_per_decade,
                  "the stand is too short");
    calibrate_put(object, "bare_before_n", c->bare_before_n, "the plate was never bare before");
    calibrate_put(object, "bare_after_n", c->bare_after_n,
                  "the plate was not seen bare from 5 s after stepping off on");
    calibrate_put(object, "zero_drift_n", c->zero_drift_n,
                  "the plate was not bare both before and afterwards");
    return object;
}

static void print_check(const struct calibrate_check_options *o, const struct bench_check *c)
{
    printf("Calibration %s%s%s\n", c->calibration_id[0] ? c->calibration_id : "(kPa)",
           c->calibration_date[0] ? " of " : "", c->calibration_date);
    printf("Scale %.1f kg = %.1f N; the plate reads %.1f N: %+.1f %% (limit %g %%)\n", o->kg,
           c->wanted_n, c->force_n, c->error_percent, BENCH_CHECK_WITHIN_PERCENT);
    if (isfinite(c->creep_percent_per_decade))
        printf("Creep over the %.0f s that count: %+.1f %% per factor 10 of time\n", c->seconds,
               c->creep_percent_per_decade);
    if (isfinite(c->zero_drift_n))
        printf("Bare plate: %.1f N before, %.1f N after\n", c->bare_before_n, c->bare_after_n);
    else
        printf("Bare plate: not seen both before and after, so its drift is not known (after "
               "stepping off let it record for 10 s more)\n");
    printf("%s\n", c->holds          ? "The calibration holds."
                   : c->weight_holds ? "The zero has drifted: let the plate rest, tare and check "
                                       "again; if it stays so, calibrate anew."
                                     : "The calibration does not hold: check the scale and the "
                                       "empty plate, then calibrate anew.");
}

int calibrate_check(const struct calibrate_check_options *options, int *holds, struct problem *why)
{
    struct bench_check check;
    if (is_uri(options->what)
            ? check_live(options, &check, why)
            : bench_check_file(options->what, options->calibration, options->kg, &check, why))
        return -1;
    *holds = check.holds;
    if (options->json)
        return cli_print_json(check_json(options, &check), why);
    print_check(options, &check);
    return cli_flush_stdout(why);
}
