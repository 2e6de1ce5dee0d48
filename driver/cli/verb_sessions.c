/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot sessions: recordings of people, their numbers, and how these went over time. */
#include "driver/argument.h"
#include "driver/cli/cli.h"
#include "driver/cli/cli_actions.h"
#include "driver/cli/cli_store.h"
#include "driver/cli/verbs.h"
#include "driver/keep_recording.h"

#include <argp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_PERSON = 256, OPT_PROTOCOL, OPT_FROM, OPT_TO, OPT_LIMIT, OPT_OFFSET, OPT_JSON };

static const struct argp_option options[] = {
    {"person", OPT_PERSON, "ID", 0, "whose (add, trend; list: only of this person)", 1},
    {"protocol", OPT_PROTOCOL, "NAME", 0, "list: stand, sway, press or walk", 1},
    {"from", OPT_FROM, "DAY", 0, "list: from this day on", 1},
    {"to", OPT_TO, "DAY", 0, "list: until this day, itself included", 1},
    {"limit", OPT_LIMIT, "N", 0, "list: at most so many (100; up to 1000)", 1},
    {"offset", OPT_OFFSET, "N", 0, "list: after so many", 1},
    {"json", OPT_JSON, 0, 0, "one JSON document (tenderfoot-store(5))", 7},
    {0},
};

static const char doc[] =
    "The sessions of the store.\v"
    "  list                            newest first\n"
    "  add FILE --person ID            analyses a recording and keeps a copy of it\n"
    "  show SESSION                    facts, numbers, pressed zones, notes\n"
    "  trend NUMBER --person ID        one number over time: arch_index, sway_velocity_mm_s, "
    "\"threshold_kpa P07\";\n"
    "                                  \"sway_velocity_mm_s eyes_open\" (eyes_closed, unstated): "
    "of one condition\n"
    "  note SESSION TEXT --person ID   a note with its time\n"
    "  path SESSION                    where its recording lies; its bytes are checked first\n"
    "  copy SESSION FILE               its recording as a new file, in the clear: also of an "
    "encrypted store\n\n"
    "Exit: 0 done; 1 failed; 2 wrong usage; 3 refused: no such person or session, a recording that "
    "is damaged or somebody else's, a store of a newer program.";

struct arguments {
    struct store_options store;
    const char *words[CLI_WORDS_MAX], *person;
    int n_words, json;
    struct store_list list;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->store;
        return 0;
    case OPT_PERSON:
        a->person = a->list.client = arg;
        return 0;
    case OPT_PROTOCOL:
        a->list.protocol = arg;
        return 0;
    case OPT_FROM:
        a->list.from = arg;
        return 0;
    case OPT_TO:
        a->list.to = arg;
        return 0;
    case OPT_LIMIT:
        a->list.limit = (int)argument_whole(state, "limit", arg, 1, INT_MAX);
        return 0;
    case OPT_OFFSET:
        a->list.offset = (int)argument_whole(state, "offset", arg, 0, INT_MAX);
        return 0;
    case OPT_JSON:
        a->json = 1;
        return 0;
    case ARGP_KEY_ARG:
        argument_word(state, a->words, &a->n_words, CLI_WORDS_MAX, arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- Printing -------------------------------------------------------------------------------- */

static void print_members(const json_t *row, const char *const *members, int digits)
{
    for (size_t m = 0; members[m]; m++) {
        fputs(m ? "  " : "", stdout);
        cli_print_member(row, members[m], digits);
    }
    puts("");
}

static void print_list(const json_t *told)
{
    json_t *row;
    size_t i;
    json_array_foreach(json_object_get(told, "sessions"), i, row)
    {
        print_members(row,
                      (const char *const[]){"session", "started_utc", "protocol", "condition",
                                            "label", "client", NULL},
                      1);
    }
    long long all = json_integer_value(json_object_get(told, "matching"));
    if (!all)
        puts("No session is in this list; 'tenderfoot sessions add FILE --person ID' keeps a "
             "recording as one.");
    else if ((long long)i < all)
        printf("%zu of %lld sessions\n", i, all);
    else
        printf("%lld session%s\n", all, all == 1 ? "" : "s");
}

/* A value with its interval, where it has one. */
static void print_value(const json_t *row)
{
    const char *from = json_string_value(json_object_get(row, "error_from"));
    if (json_integer_value(json_object_get(row, "is_lower_bound")))
        fputs("no pain up to ", stdout);
    cli_print_member(row, "value", 3);
    if (json_is_number(json_object_get(row, "low"))) {
        fputs("  (", stdout);
        cli_print_member(row, "low", 3);
        fputs(" to ", stdout);
        cli_print_member(row, "high", 3);
        fputs(!strcmp(from ? from : "", "repeats") ? ", from repeats)" : ")", stdout);
    }
    puts("");
}

static void print_session(const json_t *told)
{
    static const char *const facts[] = {"session",    "client", "started_utc",  "protocol",
                                        "condition",  "source", "plate_serial", "calibration_id",
                                        "duration_s", "frames", "lost_frames",  "recording_sha256"};
    json_t *row;
    size_t i;
    for (i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        printf("%-17s ", facts[i]);
        cli_print_member(told, facts[i], 2);
        puts("");
    }
    json_array_foreach(json_object_get(told, "numbers"), i, row)
    {
        printf("%-24s%-7s", json_string_value(json_object_get(row, "name")),
               json_string_value(json_object_get(row, "side")));
        print_value(row);
    }
    json_array_foreach(json_object_get(told, "zones"), i, row)
    {
        print_members(row,
                      (const char *const[]){"zone", "side", "state", "threshold_kpa",
                                            "threshold_low_kpa", "threshold_high_kpa", "flag",
                                            NULL},
                      0);
    }
    json_array_foreach(json_object_get(told, "notes"), i, row)
    {
        print_members(row, (const char *const[]){"at_utc", "text", NULL}, 0);
    }
}

/* How repeatable this person's number is, where there were repeats. */
static void print_repeatability(const json_t *told)
{
    json_t *row;
    size_t i;
    json_array_foreach(json_object_get(told, "repeatability"), i, row)
    {
        fputs("Repeats on one day: ", stdout);
        cli_print_member(row, "protocol", 0);
        if (json_is_string(json_object_get(row, "condition"))) {
            fputs(" ", stdout);
            cli_print_member(row, "condition", 0);
        }
        printf("%s%s: SD ", *json_string_value(json_object_get(row, "side")) ? ", " : "",
               json_string_value(json_object_get(row, "side")));
        cli_print_member(row, "sd_within", 3);
        fputs(" (days: ", stdout);
        cli_print_member(row, "days", 0);
        fputs(", degrees of freedom: ", stdout);
        cli_print_member(row, "degrees_of_freedom", 0);
        fputs("); 95 of 100 pairs of such repeats differ by at most ", stdout);
        cli_print_member(row, "mdc95", 3);
        puts("");
    }
}

static void print_trend(const json_t *told)
{
    json_t *row;
    size_t i;
    json_array_foreach(json_object_get(told, "points"), i, row)
    {
        cli_print_member(row, "started_utc", 0);
        if (json_is_string(json_object_get(row, "condition"))) {
            fputs("  ", stdout);
            cli_print_member(row, "condition", 0);
        }
        printf("  %-6s", json_string_value(json_object_get(row, "side")));
        print_value(row);
    }
    if (!i)
        puts("No session of this person has this number.");
    print_repeatability(told);
}

static void print_path(const json_t *told)
{
    puts(json_string_value(json_object_get(told, "path")));
}

/* --- Actions --------------------------------------------------------------------------------- */

static int needs_person(const struct arguments *a, struct problem *why)
{
    return a->person
               ? 0
               : problem(why, PROBLEM_USAGE,
                         "%s: --person ID is missing; 'tenderfoot clients list' shows the ids",
                         a->words[0]);
}

static json_t *do_list(struct store *store, const void *asked, struct problem *why)
{
    const struct arguments *a = asked;
    return store_sessions(store, &a->list, why);
}

static json_t *do_add(struct store *store, const void *asked, struct problem *why)
{
    const struct arguments *a = asked;
    char id[STORE_ID_SIZE], whole[STORE_ID_SIZE];
    if (needs_person(a, why))
        return NULL;
    struct store_hold *hold = store_hold_client(store, a->person, whole, why);
    if (!hold)
        return NULL;
    int bad = keep_needs_consent(store, whole, "storing", whole, why) ||
              keep_needs_own(a->words[1], whole, why) ||
              keep_recording(store, whole, a->words[1], id, why);
    json_t *kept = bad ? NULL : store_session(store, id, why);
    store_let_go(hold);
    return kept;
}

static json_t *do_show(struct store *store, const void *asked, struct problem *why)
{
    const struct arguments *a = asked;
    return store_session(store, a->words[1], why);
}

static json_t *do_trend(struct store *store, const void *asked, struct problem *why)
{
    const struct arguments *a = asked;
    return needs_person(a, why) ? NULL : store_trend(store, a->person, a->words[1], why);
}

static json_t *do_note(struct store *store, const void *asked, struct problem *why)
{
    const struct arguments *a = asked;
    return needs_person(a, why) || store_note_add(store, a->person, a->words[1], a->words[2], why)
               ? NULL
               : do_show(store, asked, why);
}

static json_t *do_path(struct store *store, const void *asked, struct problem *why)
{
    const struct arguments *a = asked;
    char *path = store_recording_path(store, a->words[1], why);
    if (path && store_is_encrypted(store)) {
        store_recording_close(path);
        problem(why, PROBLEM_REFUSED,
                "the store is encrypted: no file that another program could read; 'tenderfoot "
                "sessions copy %s FILE' makes one, in the clear",
                a->words[1]);
        return NULL;
    }
    json_t *told =
        path ? json_pack("{s:s, s:s}", "schema", "tenderfoot/session-path/1", "path", path) : NULL;
    if (path && !told)
        problem_no_memory(why, "a path");
    free(path);
    return told;
}

static json_t *do_copy(struct store *store, const void *asked, struct problem *why)
{
    const struct arguments *a = asked;
    if (store_recording_copy(store, a->words[1], a->words[2], why))
        return NULL;
    json_t *told =
        json_pack("{s:s, s:s}", "schema", "tenderfoot/session-path/1", "path", a->words[2]);
    if (!told)
        problem(why, PROBLEM_FAILED, "done, but it cannot be told: a name is not UTF-8");
    return told;
}

static const struct cli_action actions[] = {
    {"list", "", 1, 1, do_list, print_list},
    {"add", "FILE", 2, 0, do_add, print_session},
    {"show", "SESSION", 2, 0, do_show, print_session},
    {"trend", "NUMBER", 2, 0, do_trend, print_trend},
    {"note", "SESSION TEXT", 3, 0, do_note, print_session},
    {"path", "SESSION", 2, 0, do_path, print_path},
    {"copy", "SESSION FILE", 3, 0, do_copy, print_path},
    {0},
};

static int act(struct arguments *a, struct problem *why)
{
    const struct cli_call call = {.verb = "sessions",
                                  .actions = actions,
                                  .words = a->words,
                                  .n_words = a->n_words,
                                  .json = a->json,
                                  .store = &a->store,
                                  .asked = a};
    json_t *told = cli_act(&call, why);
    int bad = !told;
    json_decref(told);
    return bad;
}

int verb_sessions(int argc, char **argv)
{
    struct arguments a = {0};
    struct problem why = {0};
    static const struct argp_child children[] = {{&cli_store_argp, 0, "Where:", 8}, {0}};
    static const struct argp argp = {.options = options,
                                     .parser = parse,
                                     .args_doc = "ACTION [WORD ...]",
                                     .doc = doc,
                                     .children = children};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    return act(&a, &why) ? cli_fail(argv[0], &why) : 0;
}
