/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The exchange folder of a practice system (GDT 2.1, exchange by files): requests come in, answers
 * go out.
 *
 * A request is a file OURSTHEM.GDT (or .001 to .999, any case) with our four letters first. Record
 * 6302 selects the person, in the store as "Family, Given (number)", added when there is none: a
 * number is to be unique in the store, and one whose owner has another year of birth or sex there
 * is refused. A copy then waits in the hidden folder .tenderfoot-pending until a session of that
 * person comes into the store, or is answered at once by the newest one. The answer, record 6310,
 * appears whole as THEMOURS.GDT, or with the next free number while the former one was not fetched;
 * only then the request goes. What is no request is renamed to NAME.refused; what cannot be
 * answered stays in the hidden folder as NAME.failed, each with its reason in NAME.refused.txt or
 * NAME.failed.txt: erasing a person does not reach these.
 * What fails for now is told, kept and tried again, after 2 s and each time twice as long, up to 5
 * min. Links, pipes and large files are not opened or read. Files of ours have mode 0600 unless
 * told otherwise. One thread a handle. */
#ifndef TENDERFOOT_DRIVER_GDT_DESK_H
#define TENDERFOOT_DRIVER_GDT_DESK_H

#include "driver/store/store.h"

#include <sys/types.h>

struct gdt_desk_options {
    const char *folder;
    const char *ours;   /* four letters or digits: TEFO */
    mode_t answer_mode; /* of answers: the practice system may be another user */
    int latest;         /* 1: the newest session answers, whenever it was made */
};

struct gdt_desk;

/* NULL and *why: the folder is not there, cannot be written, the letters are not four. */
struct gdt_desk *gdt_desk_open(const struct gdt_desk_options *options, struct store *store,
                               struct problem *why);
void gdt_desk_close(struct gdt_desk *desk); /* NULL is fine */

/* Readable when a file may have come; a look each second is due all the same, as folders of other
 * machines do not tell. */
int gdt_desk_fd(const struct gdt_desk *desk);

/* One look: takes requests and answers what can be. Each thing done is told as a sentence with
 * our own ids only, no name and no number of theirs: it ends in a journal. The number of requests
 * that wait, or -1: the folder cannot be read. */
int gdt_desk_look(struct gdt_desk *desk, void (*say)(void *to, const char *sentence), void *to,
                  struct problem *why);

#endif
