/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/api.h"

#include "analysis/plan/massage_plan.h"
#include "driver/analyze_recording.h"
#include "firmware/wire/problem_code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COMPLAINTS_MAX 16
#define ZONES_OF_ONE_MAX 24

/* What a plan is made from; too large for the stack of a connection. */
struct making {
    struct massage_plan plan;
    struct screening screening;
    const struct atlas_zone *complaints[COMPLAINTS_MAX * ZONES_OF_ONE_MAX];
    struct plan_options how;
    const json_t *wanted; /* complaints, by name */
    int has_screening;
};

/* Zones by the chart that the result was made with. */
static int find_complaints(struct making *making, const struct atlas *atlas, struct problem *why)
{
    making->how.complaints = making->complaints;
    for (size_t i = 0; i < json_array_size(making->wanted); i++) {
        const char *one = json_string_value(json_array_get(making->wanted, i));
        int n = one ? route_zones_of(atlas, one, making->complaints + making->how.n_complaints,
                                     ZONES_OF_ONE_MAX)
                    : 0;
        if (!n)
            return problem_coded(why, PROBLEM_CODE_ZONE_UNKNOWN, PROBLEM_USAGE,
                                 "complaints: the atlas ties no zone of the sole to %.40s",
                                 one ? one : "what is no text");
        making->how.n_complaints += n;
    }
    return 0;
}

static void read_wishes(const struct service *service, struct api_body *body, struct making *making)
{
    const json_t *answers = api_member(body, "screening");
    char aim[16];
    making->how.short_form = api_flag(body, "short", 0);
    api_text(body, "aim", aim, sizeof aim);
    if (*aim && plan_aim_from_name(aim, &making->how.aim))
        problem(&body->why, PROBLEM_USAGE, "aim: relax or none");
    making->wanted = api_member(body, "complaints");
    if (making->wanted &&
        (!json_is_array(making->wanted) || json_array_size(making->wanted) > COMPLAINTS_MAX))
        problem(&body->why, PROBLEM_USAGE, "complaints: a list of at most %d zones or organs",
                COMPLAINTS_MAX);
    making->has_screening = answers != NULL;
    if (answers && !body->why.kind &&
        screening_judge(service->questions, answers, &making->screening, &body->why))
        body->why.kind = PROBLEM_USAGE;
}

/* The screening is of today and of whom the recording is. */
static int check_screening(const struct making *making, const struct result *result,
                           struct problem *why)
{
    const char *person = result->facts.client;
    time_t now = time(NULL);
    struct tm local;
    char day[11];
    if (!making->has_screening)
        return 0;
    localtime_r(&now, &local);
    strftime(day, sizeof day, "%Y-%m-%d", &local);
    return screening_holds(&making->screening, day, person && *person ? person : NULL, why);
}

/* Whom the store knows the session of, or the recording says that it is of; "" = nobody. 0: the
 * reply says why. */
static int whose(struct service *service, const struct http_request *request,
                 const struct result *result, char *client, size_t cap, struct http_reply *reply)
{
    const char *said = result->facts.client;
    if (!strncmp(request->path, "/api/v1/sessions/", 17))
        return api_session_client(service, request->name[0], client, cap, reply);
    snprintf(client, cap, "%s", said ? said : "");
    return 1;
}

/* Answers that were given are of today and of this person; then the newest hold. */
static json_t *plan_of(const struct service *service, const char *client,
                       const struct result *result, struct making *making, struct problem *why)
{
    struct plan_rules *rules = plan_rules_load(NULL, why);
    json_t *made = NULL;
    if (rules && !find_complaints(making, result->atlas, why) &&
        !check_screening(making, result, why) &&
        !api_follow_newest(service, client, &making->screening, &making->has_screening, why) &&
        !massage_plan_make(&making->plan, rules, result,
                           making->has_screening ? &making->screening : NULL, &making->how, why)) {
        made = massage_plan_json(&making->plan);
        if (!made)
            problem_no_memory(why, "a massage plan");
    }
    plan_rules_free(rules);
    return made;
}

/* As 'tenderfoot plan --json', of a session or of a recording of the inbox. */
void api_plan(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct service *service = station;
    struct api_body body = {.object = request->body};
    struct problem why;
    enum words_language language;
    char client[65];
    if (!api_language(request, &language, reply))
        return;
    struct making *making = calloc(1, sizeof *making);
    if (!making) {
        http_reply_no_memory(reply);
        return;
    }
    read_wishes(service, &body, making);
    struct result *result = NULL;
    if (api_body_end(&body))
        http_reply_why(reply, &body.why);
    else
        result = api_analyze(service, request, reply);
    if (result && whose(service, request, result, client, sizeof client, reply)) {
        json_t *made = plan_of(service, client, result, making, &why);
        if (made)
            api_reply_said(reply, made, language);
        else
            http_reply_why(reply, &why);
    }
    result_free(result);
    free(making);
}
