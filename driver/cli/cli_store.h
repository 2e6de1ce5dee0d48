/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the verbs on people, sessions and the store share. */
#ifndef TENDERFOOT_DRIVER_CLI_CLI_STORE_H
#define TENDERFOOT_DRIVER_CLI_CLI_STORE_H

#include "driver/store/store.h"

#include <argp.h>

/* --data, --store: a child parser whose input is a struct store_options. */
extern const struct argp cli_store_argp;

/* A verb that records for a person of the store: --person ID. With `person` NULL each of these does
 * nothing. */
struct cli_keeper {
    struct store_options options;
    const char *person;
    struct store *store;
    struct store_hold *hold;     /* nobody erases the person meanwhile */
    char *path;                  /* the keeper's own */
    char whole[STORE_ID_SIZE];   /* `person` may be a beginning */
    char session[STORE_ID_SIZE]; /* "" until it is kept */
};

/* --person, --data, --store: a child parser whose input is a struct cli_keeper. */
extern const struct argp cli_keeper_argp;

/* Before the recording: the person must be there, and have agreed to being recorded and to
 * recordings being stored. *path NULL becomes a place in the data folder;
 * *client NULL (client NULL: not wanted) the id. Both are the keeper's. */
int cli_keeper_begin(struct cli_keeper *keeper, const char **path, const char **client,
                     struct problem *why);
/* After it: puts the recording at *path into the store. *path becomes the place in the store where
 * it was the keeper's, for telling; of an encrypted one words that name the session. On failure the
 * recording stays where it is, and *why says where. */
int cli_keeper_keep(struct cli_keeper *keeper, const char **path, struct problem *why);
/* Adds "session" to a summary: its id, or null with a reason. */
void cli_keeper_tell(const struct cli_keeper *keeper, json_t *summary, const struct problem *why);
void cli_keeper_end(struct cli_keeper *keeper);

/* Prints a text of the store on one line: what could steer a terminal becomes '?'. NULL: "-". */
void cli_print_safe(const char *text);
/* The member of this name, printed so; numbers with `digits` after the point. */
void cli_print_member(const json_t *object, const char *key, int digits);

/* An action was given too few or too many words: what it takes after it ("ID FOLDER", "" = none),
 * and where ids come from. -1. */
int cli_wrong_words(const char *verb, const char *action, const char *takes, struct problem *why);

#endif
