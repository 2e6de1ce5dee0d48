/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"
#include "driver/recalibrate_recording.h"

#include <argp.h>
#include <stdio.h>

enum { OPTION_JSON = 256 };

struct arguments {
    const char *recording, *calibration, *out;
    int json;
};

static const struct argp_option options[] = {
    {"output", 'o', "NEW", 0, "the recording to write; it must not exist", 0},
    {"json", OPTION_JSON, NULL, 0, "print one JSON document", 0},
    {0},
};

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'o':
        a->out = value;
        return 0;
    case OPTION_JSON:
        a->json = 1;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            argp_error(state, "one recording and one calibration at a time");
        *(state->arg_num ? &a->calibration : &a->recording) = value;
        return 0;
    case ARGP_KEY_END:
        if (!a->recording || !a->calibration || !a->out)
            argp_error(state, "name the recording, the calibration and the new recording (-o)");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    options,
    parse,
    "RECORDING CALIBRATION",
    "Copy a recording with another calibration in it: what the plate sent stays as it is, byte for "
    "byte; only the kPa that are made of it change.\v"
    "The calibration must be of the recording's own plate. The original is only read.\n\n"
    "Exit: 0 done; 1 failed; 2 wrong usage; 3 another plate's calibration, a recording in kPa, or "
    "a file that is none.\n\n"
    "  tenderfoot recalibrate session.tfr plate-2026-03.json -o session-new.tfr",
    NULL,
    NULL,
    NULL};

static void warn_of_damage(const struct arguments *a, const struct recording_summary *s)
{
    if (s->damaged_places || s->torn_tail_bytes)
        fprintf(stderr,
                "%s is damaged; the copy holds all that is whole in it (tenderfoot verify %s)\n",
                a->recording, a->recording);
}

static void put_error(json_t *document, const char *key, double percent)
{
    char reason[64];
    json_object_set_new(document, key, percent > 0 ? json_real(percent) : json_null());
    if (percent > 0)
        return;
    snprintf(reason, sizeof reason, "%s_reason", key);
    json_object_set_new(document, reason, json_string("the calibration's file does not state it"));
}

static int print_json(const struct arguments *a, const struct recalibration *r, struct problem *why)
{
    json_t *document =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "schema", "tenderfoot/recalibrate/1",
                  "recording", a->out, "original", a->recording, "calibration_id", r->id,
                  "calibration_date", r->date, "original_calibration_id", r->before_id, "frames",
                  (json_int_t)r->original.frames.delivered);
    if (document) {
        put_error(document, "pressure_error_percent", r->pressure_error_percent);
        put_error(document, "force_error_percent", r->force_error_percent);
    }
    return cli_print_json(document, why);
}

static int print_facts(const struct arguments *a, const struct recalibration *r,
                       struct problem *why)
{
    if (!a->json) {
        printf("%s: %llu frames of %s, calibration '%s' in place of '%s'\n", a->out,
               (unsigned long long)r->original.frames.delivered, a->recording, r->id, r->before_id);
        return cli_flush_stdout(why);
    }
    return print_json(a, r, why);
}

int verb_recalibrate(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct recalibration facts;
    struct problem why = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    if (recalibrate_recording(arguments.recording, arguments.calibration, arguments.out, &facts,
                              &why))
        return cli_fail(argv[0], &why);
    warn_of_damage(&arguments, &facts.original);
    return print_facts(&arguments, &facts, &why) ? cli_fail(argv[0], &why) : 0;
}
