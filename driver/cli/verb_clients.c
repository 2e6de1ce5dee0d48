/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot clients: the people of a store, and their rights. */
#include "driver/argument.h"
#include "analysis/json_file.h"
#include "driver/cli/cli.h"
#include "driver/cli/cli_actions.h"
#include "driver/cli/cli_store.h"
#include "driver/cli/verbs.h"

#include <argp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPT_LABEL = 256,
    OPT_BIRTH_YEAR,
    OPT_SEX,
    OPT_LANGUAGE,
    OPT_NOTES,
    OPT_KEEP_UNTIL,
    OPT_KEEP_YEARS,
    OPT_SEARCH,
    OPT_DUE,
    OPT_LIMIT,
    OPT_OFFSET,
    OPT_GIVE,
    OPT_WITHDRAW,
    OPT_WORDS,
    OPT_PSEUDONYMOUS,
    OPT_YES,
    OPT_JSON,
};

static const struct argp_option options[] = {
    {0, 0, 0, 0, "Facts (add, edit; an empty text takes one away):", 1},
    {"label", OPT_LABEL, "TEXT", 0, "name or label", 1},
    {"birth-year", OPT_BIRTH_YEAR, "YEAR", 0, "", 1},
    {"sex", OPT_SEX, "SEX", 0, "female, male or other, as stated", 1},
    {"language", OPT_LANGUAGE, "CODE", 0, "of what is handed over: en, de, ru", 1},
    {"notes", OPT_NOTES, "TEXT", 0, "", 1},
    {"keep-until", OPT_KEEP_UNTIL, "DAY", 0, "the day from which the records are due to go", 1},
    {"keep-years", OPT_KEEP_YEARS, "N", 0, "or so many years after the last session", 1},
    {0, 0, 0, 0, "list:", 2},
    {"search", OPT_SEARCH, "TEXT", 0, "a part of the label, whatever case", 2},
    {"due", OPT_DUE, 0, 0, "only people whose time to be kept is over", 2},
    {"limit", OPT_LIMIT, "N", 0, "at most so many (100; up to 1000)", 2},
    {"offset", OPT_OFFSET, "N", 0, "after so many", 2},
    {0, 0, 0, 0, "consent:", 3},
    {"give", OPT_GIVE, "PURPOSE", 0, "recording, storing, sharing or research", 3},
    {"withdraw", OPT_WITHDRAW, "PURPOSE", 0, "", 3},
    {"words", OPT_WORDS, "TEXT", 0, "what was agreed to", 3},
    {0, 0, 0, 0, "export, erase:", 4},
    {"pseudonymous", OPT_PSEUDONYMOUS, 0, 0, "export: without what tells who it is", 4},
    {"yes", OPT_YES, 0, 0, "erase: it is meant", 4},
    {0, 0, 0, 0, "All:", 7},
    {"json", OPT_JSON, 0, 0, "one JSON document (tenderfoot-store(5))", 7},
    {0},
};

static const char doc[] =
    "The people of the store.\v"
    "  list                     people by label\n"
    "  add --label TEXT ...     a new person; prints the id\n"
    "  show ID                  all of one person\n"
    "  edit ID ...              other facts\n"
    "  consent ID --give|--withdraw PURPOSE   recording, storing, sharing or research; without the "
    "first two nothing is recorded or kept of the person\n"
    "  note ID TEXT             a note with its time\n"
    "  screening ID FILE        answers of 'tenderfoot screen', kept with their day\n"
    "  export ID FOLDER         everything of the person into a new folder\n"
    "  erase ID --yes           the person leaves: rows, recordings, backups that can be "
    "reached\n\n"
    "An id may be cut after the first five signs while it fits only one person; not to erase.\n\n"
    "Exit: 0 done; 1 failed, or (erase) a backup could not be reached or a recording not be read; "
    "2 wrong usage; 3 refused: "
    "no "
    "such person, a value that can't be kept, a store of a newer program.";

struct arguments {
    struct store_options store;
    const char *words[CLI_WORDS_MAX]; /* action, and what follows it */
    int n_words;
    const char *give, *withdraw, *consent_words;
    struct store_list list;
    int pseudonymous, yes, json;
    json_t *facts;
};

/* --- Arguments ------------------------------------------------------------------------------- */

static void set_text(struct argp_state *state, struct arguments *a, const char *key,
                     const char *text)
{
    json_t *value = *text ? json_string(text) : json_null();
    if (!value || json_object_set_new(a->facts, key, value))
        argp_error(state, "--%s: a text in UTF-8 is meant", key);
}

static void set_number(struct argp_state *state, struct arguments *a, const char *key,
                       const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*end)
        argp_error(state, "%s '%s': a whole number is meant", key, text);
    json_object_set_new(a->facts, key, *text ? json_integer(value) : json_null());
}

static error_t parse_fact(int key, char *arg, struct argp_state *state, struct arguments *a)
{
    switch (key) {
    case OPT_LABEL:
        set_text(state, a, "label", arg);
        return 0;
    case OPT_BIRTH_YEAR:
        set_number(state, a, "birth_year", arg);
        return 0;
    case OPT_SEX:
        set_text(state, a, "sex", arg);
        return 0;
    case OPT_LANGUAGE:
        set_text(state, a, "language", arg);
        return 0;
    case OPT_NOTES:
        set_text(state, a, "notes", arg);
        return 0;
    case OPT_KEEP_UNTIL:
        set_text(state, a, "keep_until", arg);
        return 0;
    case OPT_KEEP_YEARS:
        set_number(state, a, "keep_years", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->store;
        return 0;
    case OPT_SEARCH:
        a->list.search = arg;
        return 0;
    case OPT_DUE:
        a->list.due = 1;
        return 0;
    case OPT_LIMIT:
        a->list.limit = (int)argument_whole(state, "limit", arg, 1, INT_MAX);
        return 0;
    case OPT_OFFSET:
        a->list.offset = (int)argument_whole(state, "offset", arg, 0, INT_MAX);
        return 0;
    case OPT_GIVE:
        a->give = arg;
        return 0;
    case OPT_WITHDRAW:
        a->withdraw = arg;
        return 0;
    case OPT_WORDS:
        a->consent_words = arg;
        return 0;
    case OPT_PSEUDONYMOUS:
        a->pseudonymous = 1;
        return 0;
    case OPT_YES:
        a->yes = 1;
        return 0;
    case OPT_JSON:
        a->json = 1;
        return 0;
    case ARGP_KEY_ARG:
        argument_word(state, a->words, &a->n_words, CLI_WORDS_MAX, arg);
        return 0;
    default:
        return parse_fact(key, arg, state, a);
    }
}

/* --- Printing -------------------------------------------------------------------------------- */

static void print_list(const json_t *told)
{
    json_t *row;
    size_t i;
    json_array_foreach(json_object_get(told, "clients"), i, row)
    {
        printf("%s  ", json_string_value(json_object_get(row, "client")));
        cli_print_member(row, "label", 0);
        fputs("  born ", stdout);
        cli_print_member(row, "birth_year", 0);
        fputs("  sessions ", stdout);
        cli_print_member(row, "sessions", 0);
        fputs("  last ", stdout);
        cli_print_member(row, "last_session_utc", 0);
        fputs("  due ", stdout);
        cli_print_member(row, "due_on", 0);
        puts("");
    }
    long long all = json_integer_value(json_object_get(told, "matching"));
    if (!all)
        puts("Nobody is in this list; 'tenderfoot clients add --label NAME' adds a person.");
    else if ((long long)i < all)
        printf("%zu of %lld people\n", i, all);
    else
        printf("%lld %s\n", all, all == 1 ? "person" : "people");
}

static void print_rows(const json_t *told, const char *key, const char *const *members)
{
    json_t *row;
    size_t i;
    json_array_foreach(json_object_get(told, key), i, row)
    {
        printf("%s:", key);
        for (size_t m = 0; members[m]; m++) {
            fputs("  ", stdout);
            cli_print_member(row, members[m], 1);
        }
        puts("");
    }
}

static void print_client(const json_t *told)
{
    static const char *const facts[] = {"client", "label",      "birth_year", "sex",   "language",
                                        "notes",  "keep_until", "keep_years", "due_on"};
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        printf("%-11s ", facts[i]);
        cli_print_member(told, facts[i], 0);
        puts("");
    }
    print_rows(told, "consents",
               (const char *const[]){"purpose", "given_utc", "withdrawn_utc", "words", NULL});
    print_rows(told, "screenings", (const char *const[]){"day", NULL});
    print_rows(told, "dated_notes", (const char *const[]){"at_utc", "text", NULL});
    print_rows(told, "sessions",
               (const char *const[]){"session", "started_utc", "protocol", "duration_s", NULL});
}

static void print_erased(const json_t *told)
{
    long long recordings = json_integer_value(json_object_get(told, "recordings"));
    printf("%s is erased: rows, %lld recording%s, the catalogue's free space.\n",
           json_string_value(json_object_get(told, "client")), recordings,
           recordings == 1 ? "" : "s");
    print_rows(told, "recordings_unreadable", (const char *const[]){"path", "why", NULL});
    print_rows(told, "backups_erased", (const char *const[]){"path", NULL});
    print_rows(told, "partial_backups_removed", (const char *const[]){"path", NULL});
    print_rows(told, "backups_out_of_reach", (const char *const[]){"path", "why", NULL});
    puts("Not reached: copies sealed by 'store seal', folders and archives of 'clients export', "
         "reports and exports that were handed out, a practice system's files: delete these by "
         "hand.");
}

/* --- Actions --------------------------------------------------------------------------------- */

static json_t *do_list(struct store *store, const void *asked, struct problem *why)
{
    const struct arguments *a = asked;
    return store_clients(store, &a->list, why);
}

static json_t *do_add(struct store *store, const void *asked, struct problem *why)
{
    const struct arguments *a = asked;
    char id[STORE_ID_SIZE];
    return store_client_add(store, a->facts, id, why) ? NULL : store_client(store, id, why);
}

static json_t *do_show(struct store *store, const void *asked, struct problem *why)
{
    const struct arguments *a = asked;
    return store_client(store, a->words[1], why);
}

static json_t *do_edit(struct store *store, const void *asked, struct problem *why)
{
    const struct arguments *a = asked;
    return store_client_edit(store, a->words[1], a->facts, why) ? NULL : do_show(store, asked, why);
}

static json_t *do_consent(struct store *store, const void *asked, struct problem *why)
{
    const struct arguments *a = asked;
    if (!a->give == !a->withdraw) {
        problem(why, PROBLEM_USAGE, "consent: --give PURPOSE or --withdraw PURPOSE is meant");
        return NULL;
    }
    int bad = a->give ? store_consent_give(store, a->words[1], a->give, a->consent_words, why)
                      : store_consent_withdraw(store, a->words[1], a->withdraw, why);
    return bad ? NULL : do_show(store, asked, why);
}

static json_t *do_note(struct store *store, const void *asked, struct problem *why)
{
    const struct arguments *a = asked;
    return store_note_add(store, a->words[1], NULL, a->words[2], why) ? NULL
                                                                      : do_show(store, asked, why);
}

static json_t *do_screening(struct store *store, const void *asked, struct problem *why)
{
    const struct arguments *a = asked;
    json_t *document = json_file_load(a->words[2], why);
    int bad = !document || store_screening_add(store, a->words[1], document, why);
    json_decref(document);
    return bad ? NULL : do_show(store, asked, why);
}

static json_t *do_export(struct store *store, const void *asked, struct problem *why)
{
    const struct arguments *a = asked;
    return store_client_export(store, a->words[1], a->words[2], a->pseudonymous, why);
}

static json_t *do_erase(struct store *store, const void *asked, struct problem *why)
{
    const struct arguments *a = asked;
    if (a->yes)
        return store_client_erase(store, a->words[1], why);
    problem(why, PROBLEM_USAGE, "erase cannot be taken back: --yes says that it is meant");
    return NULL;
}

static void print_export(const json_t *told)
{
    fputs("Everything is in ", stdout);
    cli_print_member(told, "folder", 0);
    puts(".");
    print_rows(told, "recordings_missing", (const char *const[]){"session", "why", NULL});
}

static const struct cli_action actions[] = {
    {"list", "", 1, 1, do_list, print_list},
    {"add", "", 1, 1, do_add, print_client},
    {"show", "ID", 2, 0, do_show, print_client},
    {"edit", "ID", 2, 0, do_edit, print_client},
    {"consent", "ID", 2, 0, do_consent, print_client},
    {"note", "ID TEXT", 3, 0, do_note, print_client},
    {"screening", "ID FILE", 3, 0, do_screening, print_client},
    {"export", "ID FOLDER", 3, 0, do_export, print_export},
    {"erase", "ID", 2, 0, do_erase, print_erased},
    {0},
};

/* Erased here, but not in a backup that is elsewhere, or perhaps not all: a script must see that.
 */
static int is_incomplete(const json_t *told, struct problem *why)
{
    if (json_array_size(json_object_get(told, "recordings_unreadable")))
        return problem(why, PROBLEM_FAILED,
                       "of a recording in the inbox nobody can tell whose it is: look at it "
                       "('tenderfoot verify'), and remove it if it may be this person's");
    if (!json_array_size(json_object_get(told, "backups_out_of_reach")))
        return 0;
    return problem(why, PROBLEM_FAILED,
                   "a backup could not be reached; erase again when it can be");
}

static int act(struct arguments *a, struct problem *why)
{
    const struct cli_call call = {.verb = "clients",
                                  .actions = actions,
                                  .words = a->words,
                                  .n_words = a->n_words,
                                  .json = a->json,
                                  .store = &a->store,
                                  .asked = a};
    json_t *told = cli_act(&call, why);
    int bad = !told || is_incomplete(told, why);
    json_decref(told);
    return bad;
}

int verb_clients(int argc, char **argv)
{
    struct arguments a = {.facts = json_object()};
    struct problem why = {0};
    static const struct argp_child children[] = {{&cli_store_argp, 0, "Where:", 8}, {0}};
    static const struct argp argp = {.options = options,
                                     .parser = parse,
                                     .args_doc = "ACTION [ID] [WORD]",
                                     .doc = doc,
                                     .children = children};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    int bad = a.facts ? act(&a, &why) : problem_no_memory(&why, "a person");
    json_decref(a.facts);
    return bad ? cli_fail(argv[0], &why) : 0;
}
