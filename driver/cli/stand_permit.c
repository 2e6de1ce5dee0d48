/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/stand_permit.h"

#include <string.h>
#include <time.h>

static void write_today(char today[11])
{
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(today, 11, "%Y-%m-%d", &local);
}

int stand_permit_begin(struct stand_permit *permit, const char *path, struct problem *why)
{
    *permit = (struct stand_permit){.questions = screening_questions_load(NULL, why)};
    return permit->questions && !screening_load(permit->questions, path, &permit->screening, why)
               ? 0
               : -1;
}

void stand_permit_end(struct stand_permit *permit)
{
    screening_questions_free(permit->questions);
    permit->questions = NULL;
}

static void tell_hold(const struct stand_permit *permit, FILE *out)
{
    if (permit->screening.with_support)
        fprintf(out, "The screening asks for a firm hold while the person stands (Q34).\n");
}

/* One foot at least may stand; the other, if it may not, is told. */
static int check_one_foot(const struct stand_permit *permit, const char *today, const char *person,
                          FILE *out, struct problem *why)
{
    struct problem of[3];
    int bad[3];
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        bad[side] = screening_permits_stand(&permit->screening, today, person, (enum side)side,
                                            &of[side]) != 0;
    if (bad[SIDE_LEFT] && bad[SIDE_RIGHT])
        return screening_permits_stand(&permit->screening, today, person, SIDE_UNKNOWN, why);
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        if (bad[side])
            fprintf(out, "Only the %s foot goes on the plate: %s\n",
                    side_name(side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT), of[side].text);
    return 0;
}

int stand_permit_check(const struct stand_permit *permit, const char *protocol, const char *person,
                       FILE *out, struct problem *why)
{
    const struct screening *screening = &permit->screening;
    char today[11];
    write_today(today);
    int bad;
    if (!strcmp(protocol, "walk"))
        bad = screening_permits_stand(screening, today, person, SIDE_UNKNOWN, why);
    else
        bad = (!strcmp(protocol, "press") &&
               screening_permits_press(screening, today, person, SIDE_UNKNOWN, why)) ||
              check_one_foot(permit, today, person, out, why);
    if (bad)
        return -1;
    tell_hold(permit, out);
    return 0;
}

int stand_permit_mat(const struct stand_permit *permit, FILE *out, struct problem *why)
{
    const struct screening *screening = &permit->screening;
    char words[300];
    if (stand_permit_check(permit, "walk", NULL, out, why))
        return -1;
    if (screening->plan_allowed[SIDE_LEFT] && screening->plan_allowed[SIDE_RIGHT])
        return 0;
    return problem(why, PROBLEM_REFUSED, "no walk on a mat: %s",
                   screening_lock_words(screening, words, sizeof words));
}
