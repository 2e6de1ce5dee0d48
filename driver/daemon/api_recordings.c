/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/stand_sway.h"
#include "driver/daemon/api.h"
#include "driver/daemon/http_words.h"

#include "analysis/condition.h"
#include "analysis/report/report.h"
#include "analysis/result_json.h"
#include "driver/analyze_recording.h"
#include "driver/keep_recording.h"
#include "driver/recording.h"
#include "driver/version.h"
#include "firmware/wire/problem_code.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- Which file ------------------------------------------------------------------------------ */

/* An inbox that cannot be looked into is not an empty one. */
static void reply_no_inbox(struct http_reply *reply)
{
    char text[200];
    snprintf(text, sizeof text, "the inbox of the data folder cannot be read: %s", strerror(errno));
    http_reply_problem(reply, 500, text);
}

/* No path of a client reaches a file: the name (http_is_name already) is looked for among those
 * that are there, and the path is made of what the folder says. */
int api_recording_path(const struct service *service, const char *name, char *path, size_t cap,
                       int status, struct http_reply *reply)
{
    char wanted[80];
    int found = 0;
    DIR *folder = opendir(service->recordings);
    if (!folder) {
        reply_no_inbox(reply);
        return 0;
    }
    snprintf(wanted, sizeof wanted, "%s.tfr", name);
    for (struct dirent *entry; !found && (entry = readdir(folder));)
        if (!strcmp(entry->d_name, wanted)) {
            snprintf(path, cap, "%s/%.68s", service->recordings, entry->d_name);
            found = 1;
        }
    closedir(folder);
    if (!found)
        http_reply_coded(reply, status, PROBLEM_CODE_RECORDING_UNKNOWN,
                         "there is no recording of this name; /api/v1/recordings lists them");
    return found;
}

static int is_of_session(const struct http_request *request)
{
    return !strncmp(request->path, "/api/v1/sessions/", 17);
}

/* Of the inbox, or of a session: the same routes hang on both. */
int api_find(struct service *service, const struct http_request *request, struct http_reply *reply,
             char path[API_PATH])
{
    if (is_of_session(request))
        return api_session_path(service, request->name[0], path, 600, reply);
    return api_recording_path(service, request->name[0], path, 600, 404, reply);
}

/* --- Lists ----------------------------------------------------------------------------------- */

static const char cut_short[] =
    "the station ended while it recorded (it was killed, hung and was started anew, or lost its "
    "power): what is in the file until then is whole and can be kept as it is";

/* What is told of a file of the inbox. */
struct inbox_facts {
    json_t *header; /* NULL: it cannot be read, and why */
    int ended_early, is_being_written;
    struct problem why;
    struct go_on_told went_on;
};

/* Why it ended early, and why it is not gone on with. */
static void tell_end(const struct inbox_facts *facts, char *text, size_t n)
{
    const char *protocol = json_string_value(json_object_get(facts->header, "protocol"));
    const char *why = protocol && !strcmp(protocol, "press")
                          ? "a press test is never gone on with by itself"
                          : facts->went_on.why;
    snprintf(text, n, "%s%s%s", cut_short, *why ? ". It is not gone on with: " : "", why);
}

/* The file says where the plate's own file lay: nothing for who asks over HTTP. */
static void shorten_source(json_t *header)
{
    json_t *device = json_object_get(header, "device");
    const char *uri = json_string_value(json_object_get(device, "uri"));
    char shown[HTTP_SOURCE_SIZE];
    if (!uri)
        return;
    http_source(uri, shown);
    json_object_set_new(device, "uri", json_string(shown));
}

static void look_into(const char *path, struct inbox_facts *facts)
{
    struct problem ignored;
    struct recording *recording = recording_open(path, &facts->why);
    const char *header = recording ? recording_header(recording) : NULL;
    facts->header = header ? json_loads(header, 0, NULL) : NULL;
    shorten_source(facts->header);
    facts->ended_early =
        recording && !facts->is_being_written && !recording_is_closed(recording, &ignored);
    recording_close(recording);
}

static json_t *recording_json(struct service *service, const char *name, const char *path)
{
    struct inbox_facts facts = {.is_being_written = api_is_being_written(service, name)};
    struct stat file = {0};
    char said[HTTP_WORDS_SIZE];
    char end[600] = "";
    look_into(path, &facts);
    go_on_tell(service->go_on, name, &facts.went_on);
    tell_end(&facts, end, sizeof end);
    int goes_on = facts.went_on.fate == GO_ON_GOES, waits = facts.went_on.fate == GO_ON_WAITS;
    json_int_t bytes = stat(path, &file) ? 0 : (json_int_t)file.st_size;
    if (!facts.header && !facts.why.kind)
        problem_coded(&facts.why, PROBLEM_CODE_RECORDING_DAMAGED, PROBLEM_REFUSED,
                      "its header is damaged");
    http_words(facts.header ? "" : facts.why.text, facts.why.code, said);
    waits = waits && facts.ended_early;
    json_t *waits_s =
        waits && !isnan(facts.went_on.waits_s) ? json_real(facts.went_on.waits_s) : json_null();
    return json_pack("{s:s, s:I, s:o, s:s?, s:s?, s:b, s:b, s:s?, s:b, s:o, s:s?}", "name", name,
                     "bytes", bytes, "header", facts.header ? facts.header : json_null(),
                     "problem_code", facts.header ? NULL : problem_code_of(&facts.why), "problem",
                     facts.header ? NULL : said, "is_being_written", facts.is_being_written,
                     "ended_early", facts.ended_early, "ended_early_reason",
                     facts.ended_early ? end : NULL, "may_go_on", waits, "may_go_on_s", waits_s,
                     "continued_in", goes_on ? facts.went_on.in : NULL);
}

/* Of one that ended early nobody has told what is in it: it is counted. */
static int put_counts(json_t *document, const char *path, struct problem *why)
{
    struct recording_item item;
    struct recording_summary summary;
    int got;
    struct recording *recording = recording_open(path, why);
    if (!recording)
        return -1;
    while ((got = recording_next(recording, &item, why)) > 0)
        ;
    recording_summary(recording, &summary);
    recording_close(recording);
    double duration_s = (double)(summary.last_time_us - summary.first_time_us) * 1e-6;
    return got < 0 ||
                   json_object_set_new(document, "frames",
                                       json_integer((json_int_t)summary.frames.delivered)) ||
                   json_object_set_new(document, "lost_frames",
                                       json_integer((json_int_t)summary.frames.lost)) ||
                   json_object_set_new(document, "duration_s", json_real(duration_s))
               ? -1
               : 0;
}

/* The newest first: names begin with their time. */
static int newer_first(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*b)->d_name, (*a)->d_name);
}

static int is_recording(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 4 && n < 69 && !strcmp(entry->d_name + n - 4, ".tfr") && entry->d_name[0] != '.';
}

void api_recordings(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct service *service = station;
    struct dirent **entries = NULL;
    json_t *list = json_array();
    (void)request;
    int n = scandir(service->recordings, &entries, is_recording, newer_first);
    if (n < 0) {
        json_decref(list);
        reply_no_inbox(reply);
        return;
    }
    for (int i = 0; i < n; i++) {
        char path[800], name[65];
        snprintf(path, sizeof path, "%s/%s", service->recordings, entries[i]->d_name);
        snprintf(name, sizeof name, "%.*s", (int)strlen(entries[i]->d_name) - 4,
                 entries[i]->d_name);
        if (i < 1000 && http_is_name(name))
            json_array_append_new(list, recording_json(service, name, path));
        free(entries[i]);
    }
    free(entries);
    http_reply_json(reply, 200,
                    json_pack("{s:s, s:i, s:o}", "schema", "tenderfoot/station-recordings/1",
                              "count", n, "recordings", list));
}

void api_recording(void *station, const struct http_request *request, struct http_reply *reply)
{
    char path[600];
    struct problem why = {0};
    if (!api_find(station, request, reply, path))
        return;
    json_t *made = recording_json(station, request->name[0], path);
    int bad = json_is_true(json_object_get(made, "ended_early")) && put_counts(made, path, &why);
    store_recording_done(path);
    if (bad) {
        json_decref(made);
        http_reply_why(reply, &why);
        return;
    }
    json_object_set_new(made, "schema", json_string("tenderfoot/station-recording/1"));
    http_reply_json(reply, 200, made);
}

void api_recording_file(void *station, const struct http_request *request, struct http_reply *reply)
{
    char path[600], download[80];
    if (!api_find(station, request, reply, path))
        return;
    /* A session's may be in memory: its path is a link of the system's. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | (is_of_session(request) ? 0 : O_NOFOLLOW));
    store_recording_done(path);
    snprintf(download, sizeof download, "%s.tfr", request->name[0]);
    if (fd < 0)
        http_reply_problem(reply, 500, "the recording cannot be read");
    else
        http_reply_file(reply, "application/octet-stream", fd, download);
}

int api_is_being_written(struct service *service, const char *name)
{
    struct plate_station *plates[SERVICE_PLATES_MAX];
    int writes = 0, n = service_plates(service, plates);
    for (int i = 0; i < n; i++)
        writes |= plate_station_writes(plates[i], name);
    return writes;
}

/* A take that was no good goes from the inbox; a session in the store stays (a person is erased as
 * a whole). */
void api_recording_discard(void *station, const struct http_request *request,
                           struct http_reply *reply)
{
    struct service *service = station;
    struct api_body body = {.object = request->body};
    char path[600];
    if (api_body_end(&body)) {
        http_reply_why(reply, &body.why);
        return;
    }
    if (!api_find(service, request, reply, path))
        return;
    if (api_is_being_written(service, request->name[0])) {
        http_reply_coded(reply, 409, PROBLEM_CODE_STILL_RECORDED,
                         "it is still being recorded: stop it first, or discard it at its plate");
        return;
    }
    pthread_mutex_lock(&service->analysis); /* nobody reads it now */
    char text[200] = "";
    if (unlink(path))
        snprintf(text, sizeof text, "the recording cannot be removed from the data folder: %s",
                 strerror(errno));
    pthread_mutex_unlock(&service->analysis);
    if (*text)
        http_reply_coded(reply, 500, PROBLEM_CODE_FILE_STAYS, text);
    else
        http_reply_json(reply, 200,
                        json_pack("{s:s, s:s}", "schema", "tenderfoot/station-done/1", "recording",
                                  request->name[0]));
}

/* --- What is reckoned from it ---------------------------------------------------------------- */

/* With the answers of the press test before, where there is one that goes with this one (the same
 * person, stud and rate); else alone. */
static struct result *analyze_with_earlier(const char *path, const char *earlier,
                                           struct problem *why)
{
    const struct analyzer_options options = analyze_defaults();
    struct result *result =
        *earlier ? analyze_recording_after(path, NULL, &options, &earlier, 1, why) : NULL;
    if (result || (*earlier && why->kind != PROBLEM_REFUSED))
        return result;
    return analyze_recording(path, &options, why);
}

struct result *api_analyze(struct service *service, const struct http_request *request,
                           struct http_reply *reply)
{
    char path[API_PATH], earlier[API_PATH] = "";
    struct problem why = {0};
    if (!api_find(service, request, reply, path))
        return NULL;
    if (!is_of_session(request) || !api_press_before(service, request->name[0], earlier))
        earlier[0] = '\0';
    pthread_mutex_lock(&service->analysis);
    struct result *result = analyze_with_earlier(path, earlier, &why);
    pthread_mutex_unlock(&service->analysis);
    store_recording_done(path);
    store_recording_done(earlier);
    if (!result)
        http_reply_why(reply, &why);
    return result;
}

struct result *api_analyze_of(struct service *service, const struct http_request *request,
                              const struct session_person *person, struct http_reply *reply)
{
    struct result *result = api_analyze(service, request, reply);
    if (!result || !*person->disguise)
        return result;
    free(result->facts.client);
    result->facts.client = strdup(person->number);
    if (result->facts.client)
        return result;
    result_free(result);
    http_reply_no_memory(reply);
    return NULL;
}

int api_language(const struct http_request *request, enum words_language *language,
                 struct http_reply *reply)
{
    const char *code = http_query(request, "language");
    struct problem why;
    *language = WORDS_ENGLISH;
    if (!code || !words_language_of(code, language, &why))
        return 1;
    http_reply_why(reply, &why);
    return 0;
}

void api_analysis(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct problem why;
    enum words_language language;
    if (!api_language(request, &language, reply))
        return;
    struct result *result = api_analyze(station, request, reply);
    if (!result)
        return;
    json_t *document = result_json(result, 0, &why);
    result_free(result);
    if (document)
        api_reply_said(reply, document, language);
    else
        http_reply_why(reply, &why);
}

void api_sway(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct service *service = station;
    struct problem why;
    char path[600];
    if (!api_find(service, request, reply, path))
        return;
    pthread_mutex_lock(&service->analysis);
    json_t *document = recording_sway_json(path, &why);
    pthread_mutex_unlock(&service->analysis);
    store_recording_done(path);
    if (document)
        http_reply_json(reply, 200, document);
    else
        http_reply_why(reply, &why);
}

const char *api_page_type(const char *as, enum report_format *format)
{
    static const struct {
        const char *as, *type;
        enum report_format format;
    } kinds[] = {{"pdf", "application/pdf", REPORT_PDF},
                 {"png", "image/png", REPORT_PNG},
                 {"svg", "image/svg+xml", REPORT_SVG},
                 {"html", "text/html; charset=utf-8", REPORT_HTML}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (!strcmp(kinds[i].as, as)) {
            *format = kinds[i].format;
            return kinds[i].type;
        }
    return NULL;
}

/* Renders; what is asked for is in `how` already. */
static void reply_report(struct service *service, const struct result *result,
                         const struct report_options *how, enum report_format format,
                         const char *type, struct http_reply *reply)
{
    struct problem why;
    struct text page;
    pthread_mutex_lock(&service->analysis);
    int bad = stand_report_render(result, *how, format, &page, &why);
    pthread_mutex_unlock(&service->analysis);
    if (bad) {
        http_reply_why(reply, &why);
        return;
    }
    size_t n = page.n;
    char *bytes = text_take(&page);
    if (bytes)
        http_reply_owned(reply, type, bytes, n);
    else
        http_reply_no_memory(reply);
    reply->has_own_style = bytes && format == REPORT_HTML;
}

/* ?compare_with=SESSION: 1, also where it is not asked; 0 and the reply says why not. */
static int compare_with(struct service *service, const struct http_request *request,
                        struct compared **compared, struct http_reply *reply)
{
    const char *before = http_query(request, "compare_with");
    *compared = NULL;
    if (!before)
        return 1;
    if (!is_of_session(request) || !http_is_name(before))
        http_reply_problem(reply, 400, "compare_with: a session goes with a session");
    else
        *compared = api_compared(service, before, request->name[0], NULL, reply);
    return *compared != NULL;
}

void api_report(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct service *service = station;
    struct report_options how = {.software_version = TENDERFOOT_VERSION};
    const char *as = http_query(request, "as");
    enum report_format format;
    const char *type = api_page_type(as ? as : "pdf", &format);
    struct session_person person;
    struct compared *compared = NULL;
    if (!type) {
        http_reply_problem(reply, 400, "as: pdf, png, svg or html is meant");
        return;
    }
    if (!api_language(request, &how.language, reply) ||
        !api_person(service, request, &person, reply) ||
        !compare_with(service, request, &compared, reply))
        return;
    struct result *result = api_analyze_of(station, request, &person, reply);
    struct visit_sway *other = NULL;
    if (result) {
        how.person = *person.label ? person.label : NULL;
        how.earlier = compared ? &compared->comparison : NULL;
        how.other_eyes = other =
            condition_of(result->facts.protocol) ? api_other_eyes(service, request) : NULL;
        reply_report(service, result, &how, format, type, reply);
    }
    free(other);
    result_free(result);
    compared_free(compared);
}
