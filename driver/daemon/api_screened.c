/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What today's screening of a person forbids, for whoever is about to ask that person for it. */
#include "driver/daemon/api.h"

#include "driver/store/store.h"
#include "firmware/wire/problem_code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void write_today(char day[11])
{
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(day, 11, "%Y-%m-%d", &local);
}

/* The document; JSON null of whom the store does not know, or who was not asked today. */
static json_t *newest_of(const struct service *service, const char *client, const char *today,
                         struct problem *why)
{
    const struct store_options options = api_store_options(service);
    struct store *store = store_open(&options, why);
    if (!store)
        return NULL;
    json_t *document = store_newest_screening(store, client, today, why);
    if (!document && why->kind == PROBLEM_REFUSED)
        document = json_null();
    store_close(store);
    return document;
}

static int check(const struct service *service, const json_t *document, const char *today,
                 char heel_pain_walking[8], struct problem *why)
{
    struct screening *screening = malloc(sizeof *screening); /* too large for a thread's stack */
    if (!screening)
        return problem_no_memory(why, "a screening");
    int bad = screening_judge(service->questions, document, screening, why) ||
              screening_permits_stand(screening, today, NULL, SIDE_UNKNOWN, why);
    if (!bad)
        memcpy(heel_pain_walking, screening->heel_pain_walking, 8);
    free(screening);
    return bad ? -1 : 0;
}

int api_check_standing(const struct service *service, const char *client, char heel_pain_walking[8],
                       struct problem *why)
{
    char today[11];
    *heel_pain_walking = '\0';
    if (!*client)
        return 0;
    write_today(today);
    json_t *document = newest_of(service, client, today, why);
    if (!document)
        return -1;
    int bad = json_is_null(document) ? 0 : check(service, document, today, heel_pain_walking, why);
    json_decref(document);
    return bad;
}

/* As the store tells the newest of a day (store_newest_screening). */
static int is_older(const struct screening *given, const struct screening *newest)
{
    return strcmp(given->date, newest->date) < 0;
}

static int heed(const struct screening *newest, const char *today, struct plate_press *wanted,
                struct problem *why)
{
    struct problem inner;
    if (screening_permits_press(newest, today, NULL, SIDE_UNKNOWN, &inner))
        return problem_coded(why, inner.code, PROBLEM_REFUSED,
                             "%.200s (the newest answers of today, of %.31s)", inner.text,
                             newest->date);
    if (wanted->has_screening && is_older(&wanted->screening, newest))
        return problem_coded(
            why, PROBLEM_CODE_SCREENING_NEWER, PROBLEM_REFUSED,
            "the answers given are of %.31s, and newer ones of %.31s are in the store: "
            "open the person anew, so that the newest hold",
            wanted->screening.date, newest->date);
    if (!wanted->has_screening) {
        wanted->screening = *newest;
        wanted->has_screening = 1;
        snprintf(wanted->screening.person, sizeof wanted->screening.person, "%.63s",
                 wanted->client); /* the store says whose it is */
    }
    return 0;
}

/* 1 and the newest of today as it is judged here, 0 when there is none. */
static int judge_newest(const struct service *service, const char *client, const char *today,
                        struct screening *newest, struct problem *why)
{
    json_t *document = *client ? newest_of(service, client, today, why) : json_null();
    if (!document)
        return -1;
    int bad =
        json_is_null(document) ? 0 : screening_judge(service->questions, document, newest, why);
    int found = bad ? -1 : !json_is_null(document);
    json_decref(document);
    return found;
}

int api_heed_newest(const struct service *service, struct plate_press *wanted, struct problem *why)
{
    char today[11];
    write_today(today);
    struct screening *newest = malloc(sizeof *newest); /* too large for a thread's stack */
    if (!newest)
        return problem_no_memory(why, "a screening");
    int found = judge_newest(service, wanted->client, today, newest, why);
    int bad = found < 0 || (found && heed(newest, today, wanted, why));
    free(newest);
    return bad ? -1 : 0;
}

int api_follow_newest(const struct service *service, const char *client, struct screening *given,
                      int *has_given, struct problem *why)
{
    char today[11];
    write_today(today);
    struct screening *newest = malloc(sizeof *newest);
    if (!newest)
        return problem_no_memory(why, "a screening");
    int found = judge_newest(service, client, today, newest, why);
    if (found > 0 &&
        (!*has_given || is_older(given, newest) || !newest->plan_allowed[SIDE_UNKNOWN])) {
        *given = *newest;
        *has_given = 1;
    }
    free(newest);
    return found < 0 ? -1 : 0;
}
