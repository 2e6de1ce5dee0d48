/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs on a store that take an action as their first word ('clients list', 'sessions show ID'). */
#ifndef TENDERFOOT_DRIVER_CLI_CLI_ACTIONS_H
#define TENDERFOOT_DRIVER_CLI_CLI_ACTIONS_H

#include "driver/store/store.h"

#include <jansson.h>

#define CLI_WORDS_MAX 3 /* the action, and what follows it */

struct cli_action {
    const char *name, *takes; /* the words after it, as --help names them; "" = none */
    int n_words;              /* its own among them */
    int makes;                /* a store that is not there yet */
    /* `asked`: the verb's own arguments. A new document, or NULL with why. */
    json_t *(*run)(struct store *store, const void *asked, struct problem *why);
    void (*print)(const json_t *told);
};

struct cli_call {
    const char *verb;
    const struct cli_action *actions; /* the last one has no name */
    const char *const *words;
    int n_words, json;
    struct store_options *store; /* must_exist is set here */
    const void *asked;
};

/* Runs the action that the words name, and tells of it on stdout. What it told becomes the
 * caller's (json_decref), NULL on failure with why: no such action, wrong words, no store. */
json_t *cli_act(const struct cli_call *call, struct problem *why);

#endif
