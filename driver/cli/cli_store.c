/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/cli_store.h"

#include "driver/keep_recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_DATA = 0x700, OPT_STORE, OPT_STORE_KEY, OPT_STORE_PASSPHRASE };

static const struct argp_option options[] = {
    {"data", OPT_DATA, "DIR", 0,
     "the data folder; else $TENDERFOOT_DATA, $XDG_DATA_HOME/tenderfoot or "
     "~/.local/share/tenderfoot",
     8},
    {"store", OPT_STORE, "URI", 0,
     "the catalogue: postgresql://...; else $TENDERFOOT_STORE, or a file in the data folder", 8},
    {"store-key", OPT_STORE_KEY, "FILE", 0,
     "the key file of an encrypted store; else $TENDERFOOT_STORE_KEY", 8},
    {"store-passphrase", OPT_STORE_PASSPHRASE, "FILE", 0,
     "a file whose first line is its passphrase; else $TENDERFOOT_STORE_PASSPHRASE", 8},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct store_options *store = state->input;
    switch (key) {
    case OPT_DATA:
        store->data = arg;
        return 0;
    case OPT_STORE:
        store->catalogue = arg;
        return 0;
    case OPT_STORE_KEY:
        store->key.key_file = arg;
        return 0;
    case OPT_STORE_PASSPHRASE:
        store->key.passphrase_file = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cli_store_argp = {.options = options, .parser = parse};

/* --- Recording for a person ---------------------------------------------------------------- */

enum { OPT_PERSON = 0x710 };

static const struct argp_option keeper_options[] = {
    {"person", OPT_PERSON, "ID", 0,
     "put the recording into the store, as a session of this person ('tenderfoot clients'); it "
     "then "
     "needs no FILE",
     8},
    {0},
};

static error_t parse_keeper(int key, char *arg, struct argp_state *state)
{
    struct cli_keeper *keeper = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &keeper->options;
        return 0;
    case OPT_PERSON:
        keeper->person = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child keeper_children[] = {{&cli_store_argp, 0, NULL, 0}, {0}};
const struct argp cli_keeper_argp = {
    .options = keeper_options, .parser = parse_keeper, .children = keeper_children};

int cli_keeper_begin(struct cli_keeper *keeper, const char **path, const char **client,
                     struct problem *why)
{
    char *whole = keeper->whole;
    if (!keeper->person)
        return 0;
    keeper->options.must_exist = 1;
    keeper->store = store_open(&keeper->options, why);
    keeper->hold =
        keeper->store ? store_hold_client(keeper->store, keeper->person, whole, why) : NULL;
    if (!keeper->hold || keep_needs_consent(keeper->store, whole, "recording", whole, why) ||
        keep_needs_consent(keeper->store, whole, "storing", whole, why))
        return -1;
    keeper->path = store_arriving_path(keeper->store, whole, why);
    if (!keeper->path)
        return -1;
    if (!*path)
        *path = keeper->path;
    if (client && !*client)
        *client = whole;
    return 0;
}

int cli_keeper_keep(struct cli_keeper *keeper, const char **path, struct problem *why)
{
    struct problem at_keep;
    if (!keeper->person)
        return 0;
    if (keep_recording(keeper->store, keeper->person, *path, keeper->session, &at_keep)) {
        keeper->session[0] = '\0';
        return problem(why, at_keep.kind, "%s; the recording is at %s", at_keep.text, *path);
    }
    if (*path != keeper->path)
        return 0;
    char *kept = store_recording_path(keeper->store, keeper->session, why);
    if (!kept)
        return -1;
    if (store_is_encrypted(keeper->store)) { /* there is no file that could be told of */
        store_recording_close(kept);
        kept = NULL;
        if (asprintf(&kept, "session %s (encrypted)", keeper->session) < 0)
            return problem_no_memory(why, "a recording's name");
    }
    free(keeper->path);
    *path = keeper->path = kept;
    return 0;
}

void cli_keeper_tell(const struct cli_keeper *keeper, json_t *summary, const struct problem *why)
{
    if (!keeper->person || !summary)
        return;
    if (keeper->session[0]) {
        json_object_set_new(summary, "session", json_string(keeper->session));
        return;
    }
    json_object_set_new(summary, "session", json_null());
    json_object_set_new(summary, "session_reason", json_string(why->text));
}

void cli_keeper_end(struct cli_keeper *keeper)
{
    store_let_go(keeper->hold);
    store_close(keeper->store);
    free(keeper->path);
    keeper->hold = NULL;
    keeper->store = NULL;
    keeper->path = NULL;
}

/* --- Printing -------------------------------------------------------------------------------- */

void cli_print_safe(const char *text)
{
    const unsigned char *at = (const unsigned char *)(text ? text : "-");
    for (; *at; at++) {
        if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) { /* U+0080 to U+009F */
            putchar('?');
            at++;
        } else {
            putchar(*at < 0x20 || *at == 0x7f ? '?' : *at);
        }
    }
}

void cli_print_member(const json_t *object, const char *key, int digits)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_integer(value))
        printf("%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        printf("%.*f", digits, json_real_value(value));
    else
        cli_print_safe(json_string_value(value));
}

int cli_wrong_words(const char *verb, const char *action, const char *takes, struct problem *why)
{
    if (!*takes)
        return problem(why, PROBLEM_USAGE, "%s takes no word after it", action);
    if (!strstr(takes, "ID") && !strstr(takes, "SESSION"))
        return problem(why, PROBLEM_USAGE, "%s takes %s after it", action, takes);
    return problem(why, PROBLEM_USAGE, "%s takes %s after it; 'tenderfoot %s list' shows the ids",
                   action, takes, verb);
}
