/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands beside a session of the store: the press test before it, whose answers count too, and
 * the stand of the same test with the other eyes. */
#include "driver/daemon/api.h"

#include "analysis/change/romberg.h"
#include "driver/analyze_recording.h"
#include "driver/stand_sway.h"
#include "driver/store/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static struct store *open_here(const struct service *service, struct problem *why)
{
    struct store_options options = api_store_options(service);
    options.must_exist = 1;
    return store_open(&options, why);
}

/* Where the recording of a session can be read (store_recording_done): 1, or 0 (it is not in this
 * folder). */
static int path_of(struct store *store, const json_t *session, char path[API_PATH])
{
    struct problem ignored = {0};
    char *found = store_recording_path(store, text_of(session, "session"), &ignored);
    if (found)
        snprintf(path, API_PATH, "%s", found);
    free(found);
    return found != NULL;
}

/* The newest of a person's sessions (newest first) that fits. */
typedef int fits_fn(const json_t *session, const json_t *other);

static int find_beside(struct store *store, const json_t *session, const char *protocol,
                       fits_fn *fits, char id[STORE_ID_SIZE], char path[API_PATH])
{
    const struct store_list list = {
        .client = text_of(session, "client"), .protocol = protocol, .limit = 1000};
    struct problem ignored = {0};
    json_t *all = store_sessions(store, &list, &ignored), *other;
    size_t i;
    int found = 0;
    json_array_foreach(json_object_get(all, "sessions"), i, other)
    {
        if (!fits(session, other) || !path_of(store, other, path))
            continue;
        snprintf(id, STORE_ID_SIZE, "%s", text_of(other, "session"));
        found = 1;
        break;
    }
    json_decref(all);
    return found;
}

/* --- The press test before ------------------------------------------------------------------- */

/* Times are ISO 8601 in UTC: they sort as text. Without a time every one is before. */
static int is_before(const json_t *session, const json_t *other)
{
    const char *started = text_of(session, "started_utc");
    return !*started || strcmp(text_of(other, "started_utc"), started) < 0;
}

int api_earlier_press(struct service *service, const char *client, char path[API_PATH])
{
    struct problem ignored = {0};
    char id[STORE_ID_SIZE];
    struct store *store = *client ? open_here(service, &ignored) : NULL;
    json_t *any = store ? json_pack("{s:s}", "client", client) : NULL;
    int found = any && find_beside(store, any, "press", is_before, id, path);
    json_decref(any);
    store_close(store);
    return found;
}

int api_press_before(struct service *service, const char *session, char path[API_PATH])
{
    struct problem ignored = {0};
    char id[STORE_ID_SIZE];
    struct store *store = open_here(service, &ignored);
    json_t *this = store ? store_session(store, session, &ignored) : NULL;
    int found = this && !strcmp(text_of(this, "protocol"), "press") &&
                find_beside(store, this, "press", is_before, id, path);
    json_decref(this);
    store_close(store);
    return found;
}

/* --- The stand with the other eyes ----------------------------------------------------------- */

/* Seconds since 1970; 0 for what is no time. */
static time_t seconds_of(const char *utc)
{
    struct tm at = {0};
    if (sscanf(utc, "%4d-%2d-%2dT%2d:%2d:%2dZ", &at.tm_year, &at.tm_mon, &at.tm_mday, &at.tm_hour,
               &at.tm_min, &at.tm_sec) != 6)
        return 0;
    at.tm_year -= 1900;
    at.tm_mon -= 1;
    return timegm(&at);
}

static int is_other_eyes(const json_t *session, const json_t *other)
{
    const char *a = text_of(session, "condition"), *b = text_of(other, "condition");
    double apart_s = difftime(seconds_of(text_of(session, "started_utc")),
                              seconds_of(text_of(other, "started_utc")));
    return *a && *b && strcmp(a, b) && apart_s <= ROMBERG_WITHIN_S &&
           apart_s >= -ROMBERG_WITHIN_S &&
           !strcmp(text_of(session, "plate_serial"), text_of(other, "plate_serial"));
}

static struct visit_sway *sway_of(struct service *service, const char *path, struct problem *why)
{
    const struct sway_options how = sway_defaults();
    const struct analyzer_options options = analyze_defaults();
    struct visit_sway *sway = calloc(1, sizeof *sway);
    if (!sway) {
        problem_no_memory(why, "sway");
        return NULL;
    }
    pthread_mutex_lock(&service->analysis);
    struct result *result = analyze_recording(path, &options, why);
    int bad = !result || stand_sway_of(result, &how, sway, why);
    pthread_mutex_unlock(&service->analysis);
    result_free(result);
    if (!bad)
        return sway;
    free(sway);
    return NULL;
}

/* A session and the one beside it. */
struct pair {
    json_t *session;
    char path[API_PATH], other_path[API_PATH];
    char other[STORE_ID_SIZE]; /* "" = there is none */
};

/* 0, or -1 and *why; the document is the caller's all the same. */
static int look_beside(struct service *service, const char *id, struct pair *pair,
                       struct problem *why)
{
    struct store *store = open_here(service, why);
    *pair = (struct pair){.session = store ? store_session(store, id, why) : NULL};
    char *path = pair->session ? store_recording_path(store, id, why) : NULL;
    if (path) {
        snprintf(pair->path, sizeof pair->path, "%s", path);
        find_beside(store, pair->session, "sway", is_other_eyes, pair->other, pair->other_path);
    }
    int bad = !path;
    free(path);
    store_close(store);
    return bad ? -1 : 0;
}

static void end_pair(struct pair *pair)
{
    store_recording_done(pair->path);
    store_recording_done(pair->other_path);
    json_decref(pair->session);
}

struct visit_sway *api_other_eyes(struct service *service, const struct http_request *request)
{
    struct problem ignored = {0};
    struct pair pair;
    struct visit_sway *sway = NULL;
    if (strncmp(request->path, "/api/v1/sessions/", 17))
        return NULL;
    if (!look_beside(service, request->name[0], &pair, &ignored) && *pair.other)
        sway = sway_of(service, pair.other_path, &ignored);
    end_pair(&pair);
    return sway;
}

/* --- Romberg's quotient ---------------------------------------------------------------------- */

static json_t *quotient_json(const char *open, const char *closed, const struct romberg *r)
{
    json_t *made = json_pack("{s:s, s:s, s:s, s:f, s:f, s:f}", "schema", "tenderfoot/romberg/1",
                             "open_session", open, "closed_session", closed,
                             "open_mean_velocity_mm_s", r->open_mm_s, "closed_mean_velocity_mm_s",
                             r->closed_mm_s, "mean_velocity_quotient", r->quotient);
    if (made && isfinite(r->low))
        json_object_set_new(made, "mean_velocity_quotient_interval95",
                            json_pack("[f, f]", r->low, r->high));
    return made;
}

static json_t *no_quotient(const char *why)
{
    return json_pack("{s:s, s:n, s:s}", "schema", "tenderfoot/romberg/1", "mean_velocity_quotient",
                     "mean_velocity_quotient_reason", why);
}

static json_t *quotient_of(struct service *service, const struct pair *pair, struct problem *why)
{
    const char *id = text_of(pair->session, "session");
    const char *condition = text_of(pair->session, "condition");
    int is_open = !strcmp(condition, "eyes_open");
    char word[40];
    struct romberg r;
    json_t *made = NULL;
    if (!*pair->other)
        return no_quotient("there is no stand with the other eyes within half an hour");
    struct visit_sway *mine = sway_of(service, pair->path, why);
    struct visit_sway *theirs = mine ? sway_of(service, pair->other_path, why) : NULL;
    snprintf(word, sizeof word, "sway_%s", condition);
    if (theirs && romberg_with_other(word, mine, theirs, &r))
        made = quotient_json(is_open ? id : pair->other, is_open ? pair->other : id, &r);
    else if (theirs)
        made = no_quotient("in one of the two recordings nobody stood still for long enough");
    free(mine);
    free(theirs);
    return made;
}

void api_romberg(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct service *service = station;
    struct problem why = {0};
    struct pair pair;
    json_t *made = look_beside(service, request->name[0], &pair, &why)
                       ? NULL
                       : quotient_of(service, &pair, &why);
    end_pair(&pair);
    if (made)
        http_reply_json(reply, 200, made);
    else if (why.kind)
        http_reply_why(reply, &why);
    else
        http_reply_no_memory(reply);
}
