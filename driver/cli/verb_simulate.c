/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot simulate: a virtual person recorded, with the truth beside it. */
#include "calib/calibration.h"
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"
#include "samples/simulate.h"
#include "samples/virtual_calibration.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPTION_SEED = 256, OPTION_TRUTH, OPTION_CALIBRATION, OPTION_CREATED, OPTION_JSON };

struct wishes {
    const char *subject, *out, *truth, *calibration, *created;
    uint64_t seed;
    int json;
};

static const struct argp_option options[] = {
    {"subject", 's', "FILE", 0, "the virtual subject (tenderfoot-subject(5))", 0},
    {"seed", OPTION_SEED, "N", 0, "of this run: sway, noise, answers (1)", 0},
    {"output", 'o', "REC", 0,
     "the recording to make; must not exist; without it only the calibration is written", 0},
    {"truth", OPTION_TRUTH, "FILE", 0, "also write what an analysis should find", 0},
    {"calibration", OPTION_CALIBRATION, "FILE", 0,
     "also write this plate's own calibration, and put its copy into the recording "
     "(tenderfoot-calibration(5))",
     0},
    {"created", OPTION_CREATED, "UTC", 0,
     "date in the recording (2026-01-01T00:00:00Z: the same input gives the same bytes)", 0},
    {"json", OPTION_JSON, NULL, 0, "print the result as JSON", 0},
    {0}};

static uint64_t seed_of(const char *text, struct argp_state *state)
{
    char *end;
    errno = 0;
    unsigned long long seed = strtoull(text, &end, 10);
    if (errno || !*text || *end || *text == '-' || seed > 9007199254740991u)
        argp_error(state, "--seed wants a whole number from 0 to 2^53 - 1, not '%s'", text);
    return seed;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct wishes *wishes = state->input;
    switch (key) {
    case 's':
        wishes->subject = text;
        return 0;
    case 'o':
        wishes->out = text;
        return 0;
    case OPTION_SEED:
        wishes->seed = seed_of(text, state);
        return 0;
    case OPTION_TRUTH:
        wishes->truth = text;
        return 0;
    case OPTION_CALIBRATION:
        wishes->calibration = text;
        return 0;
    case OPTION_CREATED:
        wishes->created = text;
        return 0;
    case OPTION_JSON:
        wishes->json = 1;
        return 0;
    case ARGP_KEY_END:
        if (!wishes->subject)
            argp_error(state, "--subject FILE is needed");
        if (!wishes->out && (!wishes->calibration || wishes->truth || wishes->json))
            argp_error(state, "-o REC is needed; only --calibration can be written without it");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .doc = "Records a virtual subject on a virtual plate, as fast as it goes.\vThe firmware's own "
           "core scans the subject; the recording is like any other. Same subject and seed, same "
           "bytes. Exit: 0 done, 1 failed, 2 wrong usage, 3 subject refused."};

/* A bar of 40 on a terminal, redrawn when it grows. */
static void show_progress(void *context, double done)
{
    int *drawn = context, now = (int)(40 * done);
    if (now <= *drawn)
        return;
    *drawn = now;
    fprintf(stderr, "\r[%.*s%.*s]", now, "########################################", 40 - now,
            "                                        ");
    if (now >= 40)
        fputc('\n', stderr);
}

static int print_facts(const struct wishes *wishes, const struct simulation_facts *facts,
                       struct problem *why)
{
    if (!wishes->json) {
        printf("%s: %llu frames, %.2f s, %d presses, %d answers\n", wishes->out,
               (unsigned long long)facts->frames, facts->duration_s, facts->presses,
               facts->answers);
        return cli_flush_stdout(why);
    }
    return cli_print_json(
        json_pack("{s:s, s:s, s:s, s:I, s:s?, s:s?, s:I, s:f, s:i, s:i}", "schema",
                  "tenderfoot/simulate/1", "recording", wishes->out, "subject", wishes->subject,
                  "seed", (json_int_t)wishes->seed, "truth", wishes->truth, "calibration",
                  wishes->calibration, "frames", (json_int_t)facts->frames, "duration_s",
                  facts->duration_s, "presses", facts->presses, "answers", facts->answers),
        why);
}

/* The id that the recording's header names must be the file's own. */
static int read_id(const char *text, size_t n, const char *name, char *id, size_t cap,
                   struct problem *why)
{
    struct calibration *calibration = calibration_parse(text, n, name, why);
    if (!calibration)
        return -1;
    struct calibration_facts facts;
    calibration_facts(calibration, &facts);
    snprintf(id, cap, "%s", facts.id);
    calibration_free(calibration);
    return 0;
}

/* What a bench would know of this plate; its id is the one the recording's header names. */
static int make_calibration(const struct wishes *wishes, struct simulation *simulation, char *id,
                            size_t cap, struct problem *why)
{
    char *text = virtual_calibration(&simulation->subject->plate, &simulation->n_calibration, why);
    simulation->calibration = text;
    return !text || read_id(text, simulation->n_calibration, wishes->calibration, id, cap, why) ? -1
                                                                                                : 0;
}

static int write_whole(const char *path, const char *text, size_t n, struct problem *why)
{
    struct cli_output out;
    if (cli_output_begin(&out, path, why))
        return -1;
    fwrite(text, 1, n, out.stream); /* finish looks at ferror */
    return cli_output_finish(&out, why);
}

static int same_file(const char *a, const char *b)
{
    struct stat one, other;
    return a && b && !stat(a, &one) && !stat(b, &other) && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/* No output may take the place of the subject, nor of another output. */
static int check_outputs(const struct wishes *wishes, struct problem *why)
{
    const char *clash =
        same_file(wishes->truth, wishes->subject)         ? wishes->truth
        : same_file(wishes->calibration, wishes->subject) ? wishes->calibration
        : wishes->truth && wishes->calibration && !strcmp(wishes->truth, wishes->calibration)
            ? wishes->truth
            : NULL;
    return clash ? problem(why, PROBLEM_USAGE, "%s is named twice; each file needs its own name",
                           clash)
                 : 0;
}

/* Everything is made before anything gets its name; the recording last of what can fail. */
static int run(const struct wishes *wishes, struct simulation *simulation, struct problem *why)
{
    if (!wishes->out)
        return write_whole(wishes->calibration, simulation->calibration, simulation->n_calibration,
                           why);
    struct cli_output truth = {0};
    struct simulation_facts facts;
    int drawn = 0;
    if (isatty(STDERR_FILENO)) {
        simulation->progress = show_progress;
        simulation->context = &drawn;
    }
    if (wishes->truth && cli_output_begin(&truth, wishes->truth, why))
        return -1;
    simulation->truth = truth.stream;
    if (simulate(simulation, &facts, why)) {
        cli_output_abort(&truth);
        return -1;
    }
    if (wishes->truth && cli_output_finish(&truth, why))
        return -1;
    if (wishes->calibration &&
        write_whole(wishes->calibration, simulation->calibration, simulation->n_calibration, why))
        return -1;
    return print_facts(wishes, &facts, why);
}

int verb_simulate(int argc, char **argv)
{
    struct wishes wishes = {.seed = 1, .created = "2026-01-01T00:00:00Z"};
    struct problem why = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &wishes);
    char id[64] = "nominal";
    struct simulation simulation = {.seed = wishes.seed,
                                    .path = wishes.out,
                                    .created_utc = wishes.created,
                                    .calibration_id = id};
    struct subject *subject = malloc(sizeof *subject);
    int result = -1;
    if (!subject) {
        problem_no_memory(&why, "a virtual subject");
        goto out;
    }
    if (check_outputs(&wishes, &why) || subject_load(wishes.subject, subject, &why))
        goto out;
    simulation.subject = subject;
    if (wishes.calibration && make_calibration(&wishes, &simulation, id, sizeof id, &why))
        goto out;
    result = run(&wishes, &simulation, &why);
out:
    free((void *)simulation.calibration);
    free(subject);
    return result ? cli_fail(argv[0], &why) : 0;
}
