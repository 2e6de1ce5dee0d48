/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/api.h"

#include "analysis/atlas/atlas_query.h"
#include "analysis/screen/screening_builtin.h"
#include "driver/clock.h"
#include "driver/daemon/web_files.h"
#include "driver/version.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

/* Every route of a file of the page, and of the description of the API, ends here. */
void api_page(void *station, const struct http_request *request, struct http_reply *reply)
{
    const struct web_file *file = web_files;
    (void)station;
    while (file->path && strcmp(file->path, request->path))
        file++;
    if (file->path)
        http_reply_bytes(reply, file->type, file->from, (size_t)(file->end - file->from));
    else
        http_reply_problem(reply, 404, "the page has no such file");
}

/* The gate has seen the token already; from now on the browser brings it as a cookie that no script
 * can read and no other site's page makes it send. */
void api_login(void *station, const struct http_request *request, struct http_reply *reply)
{
    const struct service *service = station;
    struct api_body body = {.object = request->body};
    if (api_body_end(&body)) {
        http_reply_why(reply, &body.why);
        return;
    }
    http_reply_json(reply, 200, json_pack("{s:s}", "schema", "tenderfoot/station-login/1"));
    snprintf(reply->cookie, sizeof reply->cookie,
             HTTP_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict%s", service->token,
             service->is_secure ? "; Secure" : "");
}

void api_atlas(void *station, const struct http_request *request, struct http_reply *reply)
{
    const struct service *service = station;
    enum words_language language;
    if (!api_language(request, &language, reply))
        return;
    json_t *document = json_deep_copy((const json_t *)atlas_document(service->atlas));
    if (document)
        api_name_in(document, language);
    http_reply_json(reply, 200, document);
}

#define ATLAS_HITS_MAX 48

static int read_place(const struct http_request *request, enum side *side, struct uv *at)
{
    const char *foot = http_query(request, "side"), *place = http_query(request, "place");
    int used = 0;
    *side = foot && !strcmp(foot, "left")    ? SIDE_LEFT
            : foot && !strcmp(foot, "right") ? SIDE_RIGHT
                                             : SIDE_UNKNOWN;
    return *side && place && sscanf(place, "%8lf,%8lf%n", &at->u, &at->v, &used) == 2 &&
           !place[used] && at->u >= 0 && at->u <= 1 && at->v >= -0.1 && at->v <= 1.1;
}

/* As `tenderfoot atlas --at` has it: on the template's foot, the place known exactly. */
void api_atlas_at(void *station, const struct http_request *request, struct http_reply *reply)
{
    const struct service *service = station;
    struct landmarks landmarks = landmarks_template();
    struct atlas_hit hits[ATLAS_HITS_MAX];
    struct uv at;
    enum side side;
    if (!read_place(request, &side, &at)) {
        http_reply_problem(
            reply, 400,
            "side=left or right and place=u,v are meant: u 0 at the heel to 1 at the "
            "toes, v -0.1 to 1.1 from the inner edge to the outer");
        return;
    }
    struct foot_frame frame = foot_frame_template(side, (struct point){0, 0}, 0, ATLAS_LENGTH_MM);
    int n = atlas_hits(service->atlas, &frame, &landmarks, at, 0, 0.5, hits, ATLAS_HITS_MAX);
    json_t *zones = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(zones, json_string(hits[i].zone->id));
    http_reply_json(reply, 200,
                    json_pack("{s:s, s:s, s:f, s:f, s:o}", "schema", "tenderfoot/atlas-at/1",
                              "side", side_name(side), "u", at.u, "v", at.v, "zones", zones));
}

/* What is asked before a press test, as `tenderfoot screen` asks it. */
void api_questions(void *station, const struct http_request *request, struct http_reply *reply)
{
    (void)station;
    (void)request;
    http_reply_bytes(reply, "application/json", screening_builtin_json,
                     (size_t)(screening_builtin_end - screening_builtin_json));
}

static json_t *disk_json(const struct service *service)
{
    struct statvfs disk;
    if (statvfs(service->recordings, &disk))
        return json_pack("{s:n, s:s}", "free_bytes", "free_bytes_reason",
                         "the data folder cannot be asked");
    return json_pack("{s:I}", "free_bytes", (json_int_t)disk.f_bavail * (json_int_t)disk.f_frsize);
}

static json_t *gate_json(const struct service *service)
{
    struct http_gate_numbers n = http_gate_numbers(service->gate);
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:i}", "accepted", (json_int_t)n.accepted, "passed",
                     (json_int_t)n.passed, "refused", (json_int_t)n.refused, "dripped",
                     (json_int_t)n.dripped, "crowded_out", (json_int_t)n.crowded_out, "open",
                     n.open);
}

void api_station(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct service *service = station;
    struct plate_station *plates[SERVICE_PLATES_MAX];
    (void)request;
    double up_s = (double)(host_clock_us() - service->started_us) * 1e-6;
    http_reply_json(reply, 200,
                    json_pack("{s:s, s:s, s:f, s:i, s:o, s:o}", "schema", "tenderfoot/station/1",
                              "version", TENDERFOOT_VERSION, "up_s", up_s, "plates",
                              service_plates(service, plates), "disk", disk_json(service),
                              "connections", gate_json(service)));
}
