/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sessions compared, from their recordings: the document of the verb `compare`, and its page.
 */
#include "driver/daemon/api.h"

#include "analysis/report/change_picture.h"
#include "driver/compare_recordings.h"
#include "driver/store/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPEATS_HERE = 16, PATH_CAP = 600 };

struct asked {
    char before[PATH_CAP], after[PATH_CAP], repeats[REPEATS_HERE][PATH_CAP];
    char ids[REPEATS_HERE][65];
    const char *repeat[REPEATS_HERE];
    size_t n_repeats;
};

/* ?repeat=s1,s2: further sessions in the state before. 1, or 0 and the reply says why. */
static int find_repeats(struct service *service, const char *list, struct asked *asked,
                        struct http_reply *reply)
{
    while (list && *list) {
        size_t n = strcspn(list, ",");
        if (n >= sizeof asked->ids[0] || asked->n_repeats == REPEATS_HERE) {
            http_reply_problem(reply, 400, "repeat: at most 16 sessions, commas between them");
            return 0;
        }
        char *id = asked->ids[asked->n_repeats];
        snprintf(id, sizeof asked->ids[0], "%.*s", (int)n, list);
        asked->repeat[asked->n_repeats] = asked->repeats[asked->n_repeats];
        if (!api_session_path(service, id, asked->repeats[asked->n_repeats++], PATH_CAP, reply))
            return 0;
        list += n + (list[n] == ',');
    }
    return 1;
}

/* What the store knows of each: before, after, repeats. 1, or 0 and the reply says why. */
struct which {
    char session[STORE_ID_SIZE], client[STORE_ID_SIZE], started_utc[32];
};

static int look_up(struct service *service, const char *id, struct which *which,
                   struct http_reply *reply)
{
    struct problem why;
    struct store *store = api_open_store(service, reply);
    json_t *found = store ? store_session(store, id, &why) : NULL;
    const char *const of[] = {json_string_value(json_object_get(found, "session")),
                              json_string_value(json_object_get(found, "client")),
                              json_string_value(json_object_get(found, "started_utc"))};
    snprintf(which->session, sizeof which->session, "%s", of[0] ? of[0] : "");
    snprintf(which->client, sizeof which->client, "%s", of[1] ? of[1] : "");
    snprintf(which->started_utc, sizeof which->started_utc, "%s", of[2] ? of[2] : "");
    if (store && !found)
        http_reply_why(reply, &why);
    int is_found = found != NULL;
    json_decref(found);
    store_close(store);
    return is_found;
}

/* 0, or the code of what is wrong with them, and *says. */
static int wrong_with(const struct which *of, size_t n, const char **says)
{
    for (size_t i = 1; i < n; i++)
        if (strcmp(of[i].client, of[0].client)) {
            *says = "these sessions are of different clients: what differs between two people is "
                    "no change";
            return PROBLEM_CODE_DIFFERENT_PEOPLE;
        }
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (!strcmp(of[i].session, of[k].session)) {
                *says = "a session stands twice: one that is compared with itself, or is its own "
                        "repeat, has changed nothing; name each once";
                return PROBLEM_CODE_SAME_SESSION;
            }
    if (strcmp(of[0].started_utc, of[1].started_utc) > 0) {
        *says = "the session given as the later one is the earlier: what became better would read "
                "as worse; give them the other way round";
        return PROBLEM_CODE_SESSIONS_BACKWARDS;
    }
    return 0;
}

/* One person's only, each once, the earlier first. */
static int can_be_compared(struct service *service, const char *const of[2],
                           const struct asked *asked, struct http_reply *reply)
{
    struct which which[2 + REPEATS_HERE];
    const char *says;
    size_t n = 2 + asked->n_repeats;
    for (size_t i = 0; i < n; i++)
        if (!look_up(service, i < 2 ? of[i] : asked->ids[i - 2], &which[i], reply))
            return 0;
    int wrong = wrong_with(which, n, &says);
    if (wrong)
        http_reply_coded(reply, 409, wrong, says);
    return !wrong;
}

static struct compared *compare_asked(struct service *service, const char *const of[2],
                                      const char *repeats, struct asked *asked,
                                      struct http_reply *reply)
{
    struct problem why = {0};
    if (!api_session_path(service, of[0], asked->before, PATH_CAP, reply) ||
        !api_session_path(service, of[1], asked->after, PATH_CAP, reply) ||
        !find_repeats(service, repeats, asked, reply) ||
        !can_be_compared(service, of, asked, reply))
        return NULL;
    const struct compare_options options = {.before = asked->before,
                                            .after = asked->after,
                                            .repeats = asked->repeat,
                                            .n_repeats = asked->n_repeats,
                                            .threshold_kpa = NAN,
                                            .sway = sway_defaults(),
                                            .turn = &service->analysis};
    struct compared *compared = compare_recordings(&options, &why);
    if (!compared)
        http_reply_why(reply, &why);
    return compared;
}

static void end_asked(struct asked *asked)
{
    store_recording_done(asked->before);
    store_recording_done(asked->after);
    for (size_t i = 0; i < asked->n_repeats; i++)
        store_recording_done(asked->repeats[i]);
}

struct compared *api_compared(struct service *service, const char *before, const char *after,
                              const char *repeats, struct http_reply *reply)
{
    const char *const of[2] = {before, after};
    struct asked *asked = calloc(1, sizeof *asked);
    struct compared *compared = asked ? compare_asked(service, of, repeats, asked, reply) : NULL;
    if (asked)
        end_asked(asked);
    else
        http_reply_no_memory(reply);
    free(asked);
    return compared;
}

static struct compared *compare(struct service *service, const struct http_request *request,
                                struct http_reply *reply)
{
    return api_compared(service, request->name[0], request->name[1], http_query(request, "repeat"),
                        reply);
}

void api_compare(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct problem why = {0};
    enum words_language language;
    if (!api_language(request, &language, reply))
        return;
    struct compared *compared = compare(station, request, reply);
    if (!compared)
        return;
    json_t *document = comparison_json(&compared->comparison, NULL, &why);
    compared_free(compared);
    if (document)
        api_reply_said(reply, document, language);
    else
        http_reply_why(reply, &why);
}

void api_compare_picture(void *station, const struct http_request *request,
                         struct http_reply *reply)
{
    struct service *service = station;
    const char *as = http_query(request, "as");
    enum report_format format;
    struct text page = {0};
    struct problem why = {0};
    const char *type = api_page_type(as ? as : "svg", &format);
    if (!type || format == REPORT_HTML) {
        http_reply_problem(reply, 400, "as: pdf, png or svg is meant");
        return;
    }
    struct compared *compared = compare(service, request, reply);
    if (!compared)
        return;
    pthread_mutex_lock(&service->analysis);
    int bad = change_picture_render(&compared->comparison, format, &page, NULL, &why);
    pthread_mutex_unlock(&service->analysis);
    compared_free(compared);
    size_t n = page.n;
    char *bytes = bad ? NULL : text_take(&page);
    if (bytes)
        http_reply_owned(reply, type, bytes, n);
    else if (bad)
        http_reply_why(reply, &why);
    else
        http_reply_no_memory(reply);
}
