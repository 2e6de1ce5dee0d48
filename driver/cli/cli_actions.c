/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/cli_actions.h"
#include "driver/cli/cli.h"
#include "driver/cli/cli_store.h"

#include <stdio.h>
#include <string.h>

/* "which? list, add or show" */
static void ask_which(const struct cli_action *actions, struct problem *why)
{
    char names[200] = "";
    for (const struct cli_action *one = actions; one->name; one++) {
        size_t n = strlen(names);
        const char *between = one == actions ? "" : one[1].name ? ", " : " or ";
        snprintf(names + n, sizeof names - n, "%s%s", between, one->name);
    }
    problem(why, PROBLEM_USAGE, "which? %s", names);
}

static const struct cli_action *find(const struct cli_call *call, struct problem *why)
{
    const char *name = call->n_words ? call->words[0] : "";
    for (const struct cli_action *one = call->actions; one->name; one++) {
        if (strcmp(one->name, name))
            continue;
        if (one->n_words == call->n_words)
            return one;
        cli_wrong_words(call->verb, one->name, one->takes, why);
        return NULL;
    }
    ask_which(call->actions, why);
    return NULL;
}

json_t *cli_act(const struct cli_call *call, struct problem *why)
{
    const struct cli_action *action = find(call, why);
    if (!action)
        return NULL;
    call->store->must_exist = !action->makes;
    struct store *store = store_open(call->store, why);
    json_t *told = store ? action->run(store, call->asked, why) : NULL;
    if (told && cli_tell(told, call->json, action->print, why)) {
        json_decref(told);
        told = NULL;
    }
    store_close(store);
    return told;
}
