/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot store: the whole of people, sessions and recordings: copies, checks, other stores. */
#include "driver/argument.h"
#include "driver/cli/cli.h"
#include "driver/cli/cli_actions.h"
#include "driver/cli/cli_store.h"
#include "driver/cli/verbs.h"
#include "driver/store/seal.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_REPAIR = 256, OPT_LIMIT, OPT_JSON, OPT_KEY, OPT_PASSPHRASE };

static const struct argp_option options[] = {
    {"repair", OPT_REPAIR, 0, 0, "check: remove files that nothing speaks of", 1},
    {"limit", OPT_LIMIT, "N", 0, "log: so many lines (100)", 1},
    {"key-file", OPT_KEY, "FILE", 0,
     "seal, unseal, encrypt, decrypt: by the 32 bytes of this file; merge: that of FOLDER", 1},
    {"passphrase-file", OPT_PASSPHRASE, "FILE", 0,
     "the same, by a passphrase, the file's first line", 1},
    {"json", OPT_JSON, 0, 0, "one JSON document (tenderfoot-store(5))", 7},
    {0},
};

static const char doc[] =
    "The store as a whole.\v"
    "  backup [FOLDER]   a whole copy; without FOLDER in the data folder's backups/\n"
    "  restore BACKUP    makes the data folder from a backup; it must hold no store yet\n"
    "  merge FOLDER      adds what another store has: a backup, another station's data folder\n"
    "  check             reads everything, each recording against its hash\n"
    "  log               who did what, as codes\n"
    "  new-key FILE      a random key file for seal and encrypt\n"
    "  seal FOLDER FILE  encrypts a backup or an export into one file (libsodium)\n"
    "  unseal FILE FOLDER  the folder again; a changed or cut file is refused\n"
    "  encrypt           encrypts the data folder itself, in use from then on with its key\n"
    "  decrypt           the reverse\n\n"
    "Without encrypt nothing in the data folder is encrypted. With it (libsodium) these are: the "
    "catalogue of people with its write-ahead log, the recordings that are kept, the copies in "
    "backups/. These are not: recordings in inbox/ and arriving/ (being made, or not kept yet), "
    "calibrations, the station's token, backups and exports elsewhere, how many files there are "
    "and their sizes and times; blocks of erased or overwritten files that a disk keeps, memory "
    "that is swapped out. An encrypted file system covers those too. With --store postgresql://... "
    "the recordings here are encrypted, the server's tables are its administrator's. Afterwards "
    "every verb wants --store-key FILE or --store-passphrase FILE (or the environment); who loses "
    "the key has lost the store. Keep it elsewhere than the data. encrypt and decrypt want nobody "
    "else to have the store open; cut short, the same again ends it.\n\n"
    "Erasing a "
    "person does not reach sealed files: seal anew and delete the old ones. Seal a backup or an "
    "export: a data folder that somebody has open is refused.\n"
    "A backup is a data folder: every verb works on it with --data BACKUP.\n\n"
    "Exit: 0 done; 1 failed; 2 wrong usage; 3 refused, or (check) something is not whole.";

struct arguments {
    struct store_options store;
    struct seal_key key;
    const char *words[CLI_WORDS_MAX];
    int n_words, repair, limit, json;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->store;
        return 0;
    case OPT_REPAIR:
        a->repair = 1;
        return 0;
    case OPT_LIMIT:
        a->limit = (int)argument_whole(state, "limit", arg, 1, 1000000);
        return 0;
    case OPT_KEY:
        a->key.key_file = arg;
        return 0;
    case OPT_PASSPHRASE:
        a->key.passphrase_file = arg;
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

/* --- Printing: each member of the document in its line --------------------------------------- */

static void print_row(const json_t *row)
{
    const char *key;
    json_t *value;
    fputs(" ", stdout);
    if (!json_is_object(row)) {
        fputs(" ", stdout);
        cli_print_safe(json_string_value(row));
    }
    json_object_foreach((json_t *)row, key, value)
    {
        fputs(" ", stdout);
        cli_print_member(row, key, 1);
    }
    puts("");
}

static void print_document(const json_t *told)
{
    const char *key;
    json_t *value, *row;
    size_t i;
    json_object_foreach((json_t *)told, key, value)
    {
        if (!strcmp(key, "schema"))
            continue;
        printf("%-23s ", key);
        if (json_is_boolean(value))
            puts(json_is_true(value) ? "yes" : "no");
        else if (json_is_array(value)) {
            printf("%zu\n", json_array_size(value));
        } else {
            cli_print_member(told, key, 1);
            puts("");
        }
        json_array_foreach(value, i, row)
        {
            print_row(row);
        }
    }
    if (json_is_true(json_object_get(told, "encrypted_before")))
        puts("It was encrypted already, by this key, which stays.");
    const char *action = json_string_value(json_object_get(told, "action"));
    if (action && !strcmp(action, "new-key"))
        puts(
            "Without this file nobody reads again what is encrypted or sealed by it: keep a second "
            "copy elsewhere, not beside the data.");
}

/* --- Actions --------------------------------------------------------------------------------- */

static json_t *restore(const struct arguments *a, struct problem *why)
{
    if (store_restore(a->words[1], &a->store, why))
        return NULL;
    json_t *told =
        json_pack("{s:s, s:s}", "schema", "tenderfoot/store-restore/1", "from", a->words[1]);
    if (!told)
        problem(why, PROBLEM_FAILED, "restored, but it cannot be told: a name is not UTF-8");
    return told;
}

/* new-key, seal, unseal: files alone, no store is opened. */
static json_t *with_files(const struct arguments *a, struct problem *why)
{
    const char *what = a->words[0], *from = a->words[1], *to = a->n_words > 2 ? a->words[2] : from;
    if (!strcmp(what, "new-key") ? seal_new_key(from, why)
        : !strcmp(what, "seal")  ? seal_folder(from, to, &a->key, why)
                                 : seal_open(from, to, &a->key, why))
        return NULL;
    json_t *told = json_pack("{s:s, s:s, s:s}", "schema", "tenderfoot/store-seal/1", "action", what,
                             "made", to);
    if (!told)
        problem(why, PROBLEM_FAILED, "done, but it cannot be told: a name is not UTF-8");
    return told;
}

/* encrypt, decrypt: their own key before that of the other verbs. */
static json_t *turn(struct arguments *a, struct problem *why)
{
    if (a->key.key_file || a->key.passphrase_file)
        a->store.key = a->key;
    return !strcmp(a->words[0], "encrypt") ? store_encrypt(&a->store, why)
                                           : store_decrypt(&a->store, why);
}

static json_t *with_store(struct arguments *a, struct problem *why)
{
    a->store.must_exist = strcmp(a->words[0], "merge") != 0;
    struct store *store = store_open(&a->store, why);
    json_t *told = !store                           ? NULL
                   : !strcmp(a->words[0], "backup") ? store_backup(store, a->words[1], why)
                   : !strcmp(a->words[0], "merge")
                       ? store_merge_by(store, a->words[1], &a->key, why)
                   : !strcmp(a->words[0], "check") ? store_check(store, a->repair, why)
                                                   : store_access_log(store, a->limit, why);
    store_close(store);
    return told;
}

static int check_words(const struct arguments *a, struct problem *why)
{
    static const struct {
        const char *name;
        int least, most;
    } known[] = {{"backup", 1, 2},  {"restore", 2, 2}, {"merge", 2, 2}, {"check", 1, 1},
                 {"log", 1, 1},     {"new-key", 2, 2}, {"seal", 3, 3},  {"unseal", 3, 3},
                 {"encrypt", 1, 1}, {"decrypt", 1, 1}};
    for (size_t i = 0; a->n_words && i < sizeof known / sizeof known[0]; i++)
        if (!strcmp(known[i].name, a->words[0]))
            return a->n_words >= known[i].least && a->n_words <= known[i].most
                       ? 0
                       : problem(why, PROBLEM_USAGE, "%s takes %s; --help tells which", a->words[0],
                                 known[i].most == 1   ? "no word"
                                 : known[i].most == 2 ? "one name"
                                                      : "two names");
    return problem(why, PROBLEM_USAGE,
                   "which? backup, restore, merge, check, log, new-key, seal, unseal, encrypt "
                   "or decrypt");
}

static int act(struct arguments *a, struct problem *why)
{
    if (check_words(a, why))
        return -1;
    static const char *const of_files[] = {"new-key", "seal", "unseal"};
    int needs_no_store = 0;
    for (size_t i = 0; i < sizeof of_files / sizeof of_files[0]; i++)
        needs_no_store |= !strcmp(a->words[0], of_files[i]);
    int turns = !strcmp(a->words[0], "encrypt") || !strcmp(a->words[0], "decrypt");
    json_t *told = needs_no_store                   ? with_files(a, why)
                   : turns                          ? turn(a, why)
                   : strcmp(a->words[0], "restore") ? with_store(a, why)
                                                    : restore(a, why);
    int bad = !told || cli_tell(told, a->json, print_document, why);
    if (!bad && json_is_false(json_object_get(told, "whole")))
        bad = problem(why, PROBLEM_REFUSED, "the store is not whole: see its problems");
    json_decref(told);
    return bad;
}

int verb_store(int argc, char **argv)
{
    struct arguments a = {0};
    struct problem why = {0};
    static const struct argp_child children[] = {{&cli_store_argp, 0, "Where:", 8}, {0}};
    static const struct argp argp = {.options = options,
                                     .parser = parse,
                                     .args_doc = "ACTION [NAME ...]",
                                     .doc = doc,
                                     .children = children};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    return act(&a, &why) ? cli_fail(argv[0], &why) : 0;
}
