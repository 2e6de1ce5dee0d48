/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People and sessions: the store's own documents, asked over HTTP. A handle belongs to one thread
 * and lives for one request. */
#include "driver/daemon/api.h"

#include "analysis/report/words_json.h"
#include "driver/daemon/log.h"
#include "driver/keep_recording.h"
#include "driver/recording.h"
#include "driver/recording_header.h"
#include "driver/store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct store_options api_store_options(const struct service *service)
{
    return (struct store_options){.data = service->options.data,
                                  .catalogue = service->options.store,
                                  .who = "station",
                                  .key = service->options.key,
                                  .keys = service->keys};
}

struct store *api_open_store(const struct service *service, struct http_reply *reply)
{
    const struct store_options options = api_store_options(service);
    struct problem why;
    struct store *store = store_open(&options, &why);
    if (!store)
        http_reply_why(reply, &why);
    return store;
}

/* The document, or why there is none. */
static void reply_document(struct http_reply *reply, json_t *document, const struct problem *why)
{
    if (document)
        http_reply_json(reply, 200, document);
    else
        http_reply_why(reply, why);
}

static void reply_id(struct http_reply *reply, int bad, const struct problem *why, const char *id)
{
    if (bad)
        http_reply_why(reply, why);
    else
        http_reply_json(reply, 200,
                        json_pack("{s:s, s:s?}", "schema", "tenderfoot/station-kept/1", "id", id));
}

/* --- People ---------------------------------------------------------------------------------- */

/* By POST although nothing changes: a name stands in no address and no log. */
void api_clients(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct api_body body = {.object = request->body};
    struct problem why;
    char search[128];
    struct store_list list = {.search = search};
    api_text(&body, "search", search, sizeof search);
    list.due = api_flag(&body, "due", 0);
    list.limit = (int)api_number(&body, "limit", 1, 1000, 100);
    list.offset = (int)api_number(&body, "offset", 0, 1e9, 0);
    if (api_body_end(&body)) {
        http_reply_why(reply, &body.why);
        return;
    }
    struct store *store = api_open_store(station, reply);
    if (!store)
        return;
    if (!*search)
        list.search = NULL;
    reply_document(reply, store_clients(store, &list, &why), &why);
    store_close(store);
}

void api_client_add(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct problem why;
    char id[STORE_ID_SIZE] = "";
    struct store *store = api_open_store(station, reply);
    if (store)
        reply_id(reply, store_client_add(store, request->body, id, &why), &why, id);
    store_close(store);
}

void api_client(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct problem why;
    struct store *store = api_open_store(station, reply);
    if (store)
        reply_document(reply, store_client(store, request->name[0], &why), &why);
    store_close(store);
}

void api_client_edit(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct problem why;
    struct store *store = api_open_store(station, reply);
    if (store)
        reply_id(reply, store_client_edit(store, request->name[0], request->body, &why), &why,
                 request->name[0]);
    store_close(store);
}

void api_client_consent(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct api_body body = {.object = request->body};
    struct problem why;
    char purpose[32], words[2000];
    api_text(&body, "purpose", purpose, sizeof purpose);
    api_text(&body, "words", words, sizeof words);
    int withdraws = api_flag(&body, "withdraw", 0);
    if (api_body_end(&body)) {
        http_reply_why(reply, &body.why);
        return;
    }
    struct store *store = api_open_store(station, reply);
    const char *id = request->name[0];
    if (store)
        reply_id(reply,
                 withdraws ? store_consent_withdraw(store, id, purpose, &why)
                           : store_consent_give(store, id, purpose, *words ? words : NULL, &why),
                 &why, id);
    store_close(store);
}

/* What answers mean, in the language that is asked for, as a document of the caller's; NULL when
 * the reply says why not. */
static json_t *judged(const struct service *service, const struct http_request *request,
                      struct http_reply *reply)
{
    struct problem why;
    enum words_language language;
    if (!api_language(request, &language, reply))
        return NULL;
    struct screening *screening = calloc(1, sizeof *screening);
    if (!screening) {
        http_reply_no_memory(reply);
        return NULL;
    }
    json_t *document = NULL;
    if (screening_judge(service->questions, request->body, screening, &why) ||
        screening_fits(screening, service->atlas, &why))
        http_reply_why(reply, &why);
    else if (!(document = screening_json(screening)) || words_json_say(document, language)) {
        http_reply_no_memory(reply);
        json_decref(document);
        document = NULL;
    }
    free(screening);
    return document;
}

/* What answers mean, of nobody: nothing is kept. */
void api_screening(void *station, const struct http_request *request, struct http_reply *reply)
{
    json_t *document = judged(station, request, reply);
    if (document)
        http_reply_json(reply, 200, document);
}

/* Answers as 'tenderfoot screen' keeps them, judged here; what they mean comes back. */
void api_client_screening(void *station, const struct http_request *request,
                          struct http_reply *reply)
{
    struct problem why;
    json_t *document = judged(station, request, reply);
    struct store *store = document ? api_open_store(station, reply) : NULL;
    if (store && store_screening_add(store, request->name[0], request->body, &why))
        http_reply_why(reply, &why);
    else if (store)
        http_reply_json(reply, 200, json_incref(document));
    store_close(store);
    json_decref(document);
}

void api_client_note(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct api_body body = {.object = request->body};
    struct problem why;
    char text[2000], session[STORE_ID_SIZE];
    api_text(&body, "text", text, sizeof text);
    api_text(&body, "session", session, sizeof session);
    if (api_body_end(&body)) {
        http_reply_why(reply, &body.why);
        return;
    }
    struct store *store = api_open_store(station, reply);
    if (store)
        reply_id(reply,
                 store_note_add(store, request->name[0], *session ? session : NULL, text, &why),
                 &why, request->name[0]);
    store_close(store);
}

/* Where somebody is recorded now: whoever erases the person has to go there first. Only for the
 * words: that nobody is erased then is the store's to see to (store_hold_client). */
static int is_recorded_now(struct service *service, const char *client, struct http_reply *reply)
{
    char name[65], text[400];
    struct plate_station *plates[SERVICE_PLATES_MAX];
    int n = service_plates(service, plates);
    for (int i = 0; i < n; i++) {
        if (!plate_station_takes(plates[i], client, name))
            continue;
        snprintf(text, sizeof text,
                 "%.32s is not erased: the plate %s makes the recording %s of this person. Stop or "
                 "discard it there, then erase again",
                 client, plate_station_id(plates[i]), name);
        http_reply_coded(reply, 409, PROBLEM_CODE_PERSON_RECORDED, text);
        return 1;
    }
    return 0;
}

void api_client_erase(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct api_body body = {.object = request->body};
    struct problem why;
    if (api_body_end(&body)) {
        http_reply_why(reply, &body.why);
        return;
    }
    if (is_recorded_now(station, request->name[0], reply))
        return;
    struct store *store = api_open_store(station, reply);
    if (store)
        reply_document(reply, store_client_erase(store, request->name[0], &why), &why);
    store_close(store);
}

/* ?number=arch_index; a zone's is "threshold_kpa:P07". */
void api_client_trend(void *station, const struct http_request *request, struct http_reply *reply)
{
    const char *asked = http_query(request, "number");
    struct problem why;
    char number[80];
    snprintf(number, sizeof number, "%s", asked ? asked : "");
    char *colon = strchr(number, ':');
    if (colon)
        *colon = ' ';
    struct store *store = api_open_store(station, reply);
    if (store)
        reply_document(reply, store_trend(store, request->name[0], number, &why), &why);
    store_close(store);
}

int api_hold_consenting(const struct service *service, char *client, size_t cap,
                        const char *purpose, struct store_hold **hold, struct problem *why)
{
    const struct store_options options = api_store_options(service);
    char whole[STORE_ID_SIZE];
    *hold = NULL;
    if (!*client)
        return 0;
    struct store *store = store_open(&options, why);
    if (store)
        *hold = store_hold_client(store, client, whole, why);
    int agrees = *hold && !keep_needs_consent(store, whole, purpose, whole, why);
    store_close(store);
    if (agrees) {
        snprintf(client, cap, "%s", whole);
        return 0;
    }
    store_let_go(*hold);
    *hold = NULL;
    return -1;
}

int api_consents(struct service *service, char *client, size_t cap, const char *purpose,
                 struct store_hold **hold, struct http_reply *reply)
{
    struct problem why;
    if (!api_hold_consenting(service, client, cap, purpose, hold, &why))
        return 1;
    http_reply_why(reply, &why);
    return 0;
}

/* --- Sessions -------------------------------------------------------------------------------- */

void api_client_sessions(void *station, const struct http_request *request,
                         struct http_reply *reply)
{
    struct problem why;
    const struct store_list list = {.client = request->name[0], .limit = 1000};
    struct store *store = api_open_store(station, reply);
    if (store)
        reply_document(reply, store_sessions(store, &list, &why), &why);
    store_close(store);
}

void api_session(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct problem why;
    struct store *store = api_open_store(station, reply);
    if (store)
        reply_document(reply, store_session(store, request->name[0], &why), &why);
    store_close(store);
}

/* Tells also of a copy that could not be removed: erasing the person takes it along (store.h), but
 * until then it lies there. */
static void reply_kept(struct http_reply *reply, const char *id, const char *recording,
                       int unlinked)
{
    char text[240] = "";
    if (unlinked && unlinked != ENOENT) {
        snprintf(text, sizeof text,
                 "it is kept, but its copy %s cannot be removed from the inbox: %s", recording,
                 strerror(unlinked));
        log_line(LOG_LEVEL_WARNING, "session %s: %s", id, text);
    }
    http_reply_json(reply, 200,
                    json_pack("{s:s, s:s, s:s?}", "schema", "tenderfoot/station-kept-session/1",
                              "id", id, "inbox_problem", *text ? text : NULL));
}

static void keep_for(struct service *service, const char *client, const char *recording,
                     const char *path, struct http_reply *reply)
{
    struct problem why;
    char id[STORE_ID_SIZE] = "";
    if (api_is_being_written(service, recording)) {
        http_reply_coded(reply, 409, PROBLEM_CODE_STILL_RECORDED,
                         "it is still being recorded: stop it first");
        return;
    }
    struct store *store = api_open_store(service, reply);
    if (!store)
        return;
    pthread_mutex_lock(&service->analysis);
    int bad = keep_recording(store, client, path, id, &why);
    pthread_mutex_unlock(&service->analysis);
    if (bad)
        http_reply_why(reply, &why);
    else
        reply_kept(reply, id, recording, store_drop_file(store, path) ? errno : 0);
    store_close(store);
}

/* A recording of the inbox becomes somebody's: once the store has it whole, the inbox's copy goes,
 * so that erasing a person later leaves nothing; ended in between, erasing finds it by its bytes.
 */
void api_session_add(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct service *service = station;
    struct problem why;
    struct api_body body = {.object = request->body};
    struct store_hold *hold;
    char recording[65], path[600], client[65];
    api_text(&body, "recording", recording, sizeof recording);
    if (api_body_end(&body)) {
        http_reply_why(reply, &body.why);
        return;
    }
    snprintf(client, sizeof client, "%s", request->name[0]);
    if (!api_recording_path(service, recording, path, sizeof path, 409, reply) ||
        !api_consents(service, client, sizeof client, "storing", &hold, reply))
        return;
    if (keep_needs_own(path, client, &why))
        http_reply_why(reply, &why);
    else
        keep_for(service, client, recording, path, reply);
    store_let_go(hold);
}

int api_session_path(struct service *service, const char *session, char *path, size_t cap,
                     struct http_reply *reply)
{
    struct problem why;
    struct store *store = api_open_store(service, reply);
    char *found = store ? store_recording_path(store, session, &why) : NULL;
    int is_found = found != NULL;
    if (found)
        snprintf(path, cap, "%s", found);
    else if (store)
        http_reply_why(reply, &why);
    free(found);
    store_close(store);
    return is_found;
}

int api_session_client(struct service *service, const char *session, char *client, size_t cap,
                       struct http_reply *reply)
{
    struct problem why;
    struct store *store = api_open_store(service, reply);
    json_t *found = store ? store_session(store, session, &why) : NULL;
    const char *whose = json_string_value(json_object_get(found, "client"));
    snprintf(client, cap, "%s", whose ? whose : "");
    if (store && !found)
        http_reply_why(reply, &why);
    int is_found = found != NULL;
    json_decref(found);
    store_close(store);
    return is_found;
}

/* Who asks for a document that tells nobody, and cannot have one, gets none that does: a recording
 * of the inbox carries what was said of the person as it was made. */
static int may_hide(const char *hides, int is_session, struct http_reply *reply)
{
    if (hides && strcmp(hides, "1"))
        http_reply_problem(reply, 400, "pseudonymous: 1 is meant, or nothing");
    else if (hides && !is_session)
        http_reply_problem(reply, 400,
                           "pseudonymous: goes with sessions; keep the recording for its person "
                           "first");
    else
        return 1;
    return 0;
}

int api_person(struct service *service, const struct http_request *request,
               struct session_person *person, struct http_reply *reply)
{
    const char *hides = http_query(request, "pseudonymous");
    int is_session = !strncmp(request->path, "/api/v1/sessions/", 17);
    char client[STORE_ID_SIZE];
    struct problem why;
    *person = (struct session_person){0};
    if (!may_hide(hides, is_session, reply))
        return 0;
    if (!is_session)
        return 1;
    if (!api_session_client(service, request->name[0], client, sizeof client, reply))
        return 0;
    struct store *store = api_open_store(service, reply);
    if (store && hides) {
        char code[STORE_ID_SIZE], secret[STORE_SECRET_SIZE];
        store_client_disguise(store, client, code, secret);
        snprintf(person->number, sizeof person->number, "%s", code);
        snprintf(person->disguise, sizeof person->disguise, "%s", secret);
        store_close(store);
        return 1;
    }
    json_t *known = store ? store_client(store, client, &why) : NULL;
    if (known)
        session_person_of(known, person);
    else if (store)
        http_reply_why(reply, &why);
    int is_known = known != NULL;
    json_decref(known);
    store_close(store);
    return is_known;
}
