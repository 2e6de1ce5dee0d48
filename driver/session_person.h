/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom a person of the store is for the outside: what a report and a record system's document say
 * of them.
 *
 * A label is taken as the station and the exchange folder (gdt_desk.h) write it: "Family, Given
 * (number)", comma and number where they are. Without a comma all of it is the family name: a name
 * is not guessed apart, and a practice's own code stays whole. The day of birth is that of the
 * newest screening that states one (question Q01), where its year is the store's; else the year
 * alone is known. Plain memory; any thread. */
#ifndef TENDERFOOT_DRIVER_SESSION_PERSON_H
#define TENDERFOOT_DRIVER_SESSION_PERSON_H

#include "analysis/export/document.h"

#include <jansson.h>

#define SESSION_PERSON_TEXT 401 /* a label of the store and its NUL */

struct session_person {
    char label[SESSION_PERSON_TEXT]; /* as it was typed */
    char family_name[SESSION_PERSON_TEXT], given_name[SESSION_PERSON_TEXT];
    char number[41]; /* "" = none is in the label */
    char born[11];   /* "1970-03-31", "1970", "" */
    char sex[8];     /* female, male, other, "" */
    /* Of documents that do not tell who it is: document.h's, then `number` is a code and all else
     * is ""; "" = they do. */
    char disguise[41];
};

/* Out of a tenderfoot/client/1 document. */
void session_person_of(const json_t *client, struct session_person *out);

/* The same for documents; its texts are those of `person`, `number` is NULL where none is known. */
struct document_person session_person_document(const struct session_person *person);

#endif
