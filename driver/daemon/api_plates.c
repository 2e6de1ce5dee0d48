/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/api.h"

#include "analysis/norms.h"
#include "analysis/press/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static struct plate_station *plate_of(struct service *service, const struct http_request *request,
                                      struct http_reply *reply)
{
    struct plate_station *plate = service_plate(service, request->name[0]);
    if (!plate)
        http_reply_coded(reply, 404, PROBLEM_CODE_PLATE_UNKNOWN,
                         "there is no plate of this name; /api/v1/plates lists them");
    return plate;
}

void api_plates(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct plate_station *plates[SERVICE_PLATES_MAX];
    int n = service_plates(station, plates);
    json_t *list = json_array();
    (void)request;
    for (int i = 0; i < n; i++)
        json_array_append_new(list, plate_station_json(plates[i]));
    http_reply_json(
        reply, 200,
        json_pack("{s:s, s:o}", "schema", "tenderfoot/station-plates/1", "plates", list));
}

void api_plate(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct plate_station *plate = plate_of(station, request, reply);
    if (plate)
        http_reply_json(reply, 200, plate_station_json(plate));
}

/* --- The live stream ------------------------------------------------------------------------- */

/* A part of an event at a time: what is being sent is copied into the connection's own memory, and
 * stays there as long as a viewer does not read. */
enum { HEARTBEAT_MS = 1000, EVENT_HEAD = 48, PART = 4096 };

struct stream {
    struct live_board *board;
    struct live_viewer viewer;
    struct live_sheet *sheet; /* what is being sent; NULL: look for the next */
    char head[EVENT_HEAD];
    size_t n_head, sent; /* of head, sheet and the empty line after them */
};

static int next_event(struct stream *stream)
{
    enum live_channel channel;
    int closed = 0;
    stream->sheet =
        live_board_next(stream->board, &stream->viewer, HEARTBEAT_MS, &channel, &closed);
    if (closed)
        return -1;
    stream->sent = 0;
    if (stream->sheet)
        stream->n_head = (size_t)snprintf(stream->head, sizeof stream->head,
                                          "event: %s\ndata: ", live_channel_names[channel]);
    return stream->sheet != NULL;
}

static size_t copy_part(const char *from, size_t n, size_t *skip, char *out, size_t cap)
{
    if (*skip >= n) {
        *skip -= n;
        return 0;
    }
    size_t part = n - *skip < cap ? n - *skip : cap;
    memcpy(out, from + *skip, part);
    *skip = 0;
    return part;
}

static ssize_t read_events(void *context, char *out, size_t cap)
{
    static const char quiet[] = ": nothing new\n\n", end[] = "\n\n";
    struct stream *stream = context;
    size_t n_text, done = 0;
    if (!stream->sheet) {
        int more = next_event(stream);
        if (more < 0)
            return -1;
        if (!more) { /* a sign of life: a viewer that has gone is found out by it */
            memcpy(out, quiet, sizeof quiet - 1);
            return sizeof quiet - 1;
        }
    }
    cap = cap < PART ? cap : PART;
    const char *text = live_sheet_text(stream->sheet, &n_text);
    size_t skip = stream->sent;
    done += copy_part(stream->head, stream->n_head, &skip, out + done, cap - done);
    done += copy_part(text, n_text, &skip, out + done, cap - done);
    done += copy_part(end, 2, &skip, out + done, cap - done);
    stream->sent += done;
    if (stream->sent == stream->n_head + n_text + 2) {
        live_sheet_drop(stream->sheet);
        stream->sheet = NULL;
    }
    return (ssize_t)done;
}

static void end_events(void *context)
{
    struct stream *stream = context;
    live_sheet_drop(stream->sheet);
    live_board_leave(stream->board);
    free(stream);
}

void api_live(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct plate_station *plate = plate_of(station, request, reply);
    if (!plate)
        return;
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream || request->method == HTTP_HEAD) {
        free(stream);
        http_reply_problem(reply, stream ? 405 : 500, "a live stream is asked with GET");
        return;
    }
    stream->board = plate_station_board(plate);
    live_board_join(stream->board);
    http_reply_stream(reply, read_events, end_events, stream);
}

/* --- Commands -------------------------------------------------------------------------------- */

static void reply_done(struct http_reply *reply, int bad, const struct problem *why,
                       const char *name)
{
    if (bad)
        http_reply_why(reply, why);
    else
        http_reply_json(
            reply, 200,
            json_pack("{s:s, s:s?}", "schema", "tenderfoot/station-done/1", "recording", name));
}

/* Commands without members. */
static struct plate_station *
plain_command(struct service *service, const struct http_request *request, struct http_reply *reply)
{
    struct api_body body = {.object = request->body};
    struct plate_station *plate = plate_of(service, request, reply);
    if (plate && api_body_end(&body)) {
        http_reply_why(reply, &body.why);
        return NULL;
    }
    return plate;
}

void api_zero(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct api_body body = {.object = request->body};
    struct problem why;
    struct plate_station *plate = plate_of(station, request, reply);
    if (!plate)
        return;
    int tell_person = api_flag(&body, "tell_person", 0), anyway = api_flag(&body, "anyway", 0);
    if (api_body_end(&body))
        http_reply_why(reply, &body.why);
    else
        reply_done(reply, plate_station_zero(plate, tell_person, anyway, &why), &why, NULL);
}

void api_stop(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct problem why;
    struct plate_station *plate = plain_command(station, request, reply);
    if (plate)
        reply_done(reply, plate_station_stop_recording(plate, 0, &why), &why, NULL);
}

void api_discard(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct problem why;
    struct plate_station *plate = plain_command(station, request, reply);
    if (plate)
        reply_done(reply, plate_station_stop_recording(plate, 1, &why), &why, NULL);
}

void api_key(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct plate_station *plate = plate_of(station, request, reply);
    struct api_body body = {.object = request->body};
    struct problem why;
    char key[8];
    if (!plate)
        return;
    api_text(&body, "key", key, sizeof key);
    if (api_body_end(&body))
        http_reply_why(reply, &body.why);
    else
        reply_done(reply, plate_station_key(plate, key, &why), &why, NULL);
}

/* What was found by hand: the sentence of a wrong one comes back. */
static void read_notes(const struct service *service, struct api_body *body,
                       struct plate_notes *notes)
{
    const json_t *list = api_member(body, "notes");
    struct operator_notes checked = {0};
    if (list && (!json_is_array(list) || json_array_size(list) > OPERATOR_NOTES_MAX))
        problem(&body->why, PROBLEM_USAGE, "notes: a list of at most %d", OPERATOR_NOTES_MAX);
    for (size_t i = 0; !body->why.kind && i < json_array_size(list); i++) {
        const char *one = json_string_value(json_array_get(list, i));
        if (!one || strlen(one) >= sizeof notes->of[0])
            problem(&body->why, PROBLEM_USAGE, "notes: each is a text of at most %zu bytes",
                    sizeof notes->of[0] - 1);
        else if (!operator_notes_add(&checked, service->atlas, one, &body->why))
            snprintf(notes->of[notes->n++], sizeof notes->of[0], "%s", one);
    }
    operator_notes_free(&checked);
}

static void check_condition(struct api_body *body, const struct plate_recording *wanted)
{
    if (body->why.kind || !*wanted->condition)
        return;
    if (strcmp(wanted->protocol, "sway"))
        problem(&body->why, PROBLEM_USAGE, "condition: goes with protocol sway only");
    else if (strcmp(wanted->condition, "eyes_open") && strcmp(wanted->condition, "eyes_closed"))
        problem(&body->why, PROBLEM_USAGE, "condition: eyes_open or eyes_closed is meant");
}

void api_record(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct plate_station *plate = plate_of(station, request, reply);
    struct api_body body = {.object = request->body};
    struct plate_recording wanted = {0};
    struct problem why;
    char name[65];
    if (!plate)
        return;
    api_text(&body, "protocol", wanted.protocol, sizeof wanted.protocol);
    api_text(&body, "condition", wanted.condition, sizeof wanted.condition);
    api_text(&body, "client", wanted.client, sizeof wanted.client);
    wanted.seconds = api_number(&body, "seconds", 0, 7200, 0);
    wanted.keep_zero = api_flag(&body, "keep_zero", 0);
    wanted.tell_person = api_flag(&body, "tell_person", 0);
    read_notes(station, &body, &wanted.notes);
    if (!*wanted.protocol)
        snprintf(wanted.protocol, sizeof wanted.protocol, "stand");
    if (!body.why.kind && strcmp(wanted.protocol, "stand") && strcmp(wanted.protocol, "walk") &&
        strcmp(wanted.protocol, "sway"))
        problem(&body.why, PROBLEM_USAGE, "protocol: stand, sway or walk is meant");
    check_condition(&body, &wanted);
    if (api_body_end(&body))
        http_reply_why(reply, &body.why);
    else if (api_check_standing(station, wanted.client, wanted.heel_pain_walking, &why))
        http_reply_why(reply, &why);
    else if (api_consents(station, wanted.client, sizeof wanted.client, "recording", &wanted.hold,
                          reply)) {
        int refused = plate_station_record(plate, &wanted, name, &why);
        if (refused)
            store_let_go(wanted.hold);
        reply_done(reply, refused, &why, name);
    }
}

/* --- The press test -------------------------------------------------------------------------- */

static void read_chosen(struct api_body *body, struct plate_press *wanted)
{
    const json_t *list = api_member(body, "chosen");
    size_t most = sizeof wanted->chosen / sizeof wanted->chosen[0];
    if (!list)
        return;
    if (!json_is_array(list) || json_array_size(list) > most) {
        problem(&body->why, PROBLEM_USAGE, "chosen: a list of at most %zu zones or organs", most);
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *one = json_string_value(json_array_get(list, i));
        if (!one || strlen(one) >= sizeof wanted->chosen[0]) {
            problem(&body->why, PROBLEM_USAGE, "chosen: each is a zone or an organ by name");
            return;
        }
        snprintf(wanted->chosen[wanted->n_chosen++], sizeof wanted->chosen[0], "%s", one);
    }
}

static void read_route(struct api_body *body, struct plate_press *wanted)
{
    char name[16];
    api_text(body, "route", name, sizeof name);
    if (!*name)
        return;
    for (int kind = ROUTE_ZONES; kind <= ROUTE_SHORT; kind++)
        if (!strcmp(route_kind_name((enum route_kind)kind), name)) {
            wanted->route = (enum route_kind)kind;
            return;
        }
    if (!body->why.kind)
        problem(&body->why, PROBLEM_USAGE, "route: zones, strips, spine, chosen or short is meant");
}

/* Answers of 'tenderfoot screen', judged here and now. */
static void read_screening(struct service *service, struct api_body *body,
                           struct plate_press *wanted)
{
    const json_t *answers = api_member(body, "screening");
    if (!answers || body->why.kind)
        return;
    wanted->has_screening = 1;
    if (screening_judge(service->questions, answers, &wanted->screening, &body->why))
        body->why.kind = PROBLEM_USAGE;
}

static uint64_t draw_seed(void)
{
    uint32_t drawn = 1; /* short enough for every reader of JSON */
    if (getrandom(&drawn, sizeof drawn, 0) != (ssize_t)sizeof drawn)
        drawn = 1;
    return drawn;
}

static void read_press(struct service *service, struct api_body *body, struct plate_press *wanted)
{
    char tool[TOOL_NAME_MAX], sex[8];
    api_text(body, "client", wanted->client, sizeof wanted->client);
    api_text(body, "tool", tool, sizeof tool);
    api_text(body, "sex", sex, sizeof sex);
    read_route(body, wanted);
    read_chosen(body, wanted);
    wanted->presses_max = (int)api_number(body, "presses_max", 1, 500, 0);
    wanted->minutes_max = api_number(body, "minutes_max", 1, 120, 0);
    wanted->stand_s = api_number(body, "stand_s", 0, 60, 10);
    wanted->seed = (uint64_t)api_number(body, "seed", 1, 4294967295.0, (double)draw_seed());
    wanted->is_auto = api_flag(body, "auto", 0);
    read_notes(service, body, &wanted->notes);
    if (*sex && strcmp(sex, "female") && strcmp(sex, "male") && !body->why.kind)
        problem(&body->why, PROBLEM_USAGE, "sex: female or male is meant");
    wanted->sex = !strcmp(sex, "female") ? STATED_FEMALE
                  : !strcmp(sex, "male") ? STATED_MALE
                                         : STATED_SEX_UNKNOWN;
    if (!body->why.kind && tool_load(NULL, *tool ? tool : NULL, &wanted->tool, &body->why))
        body->why.kind = PROBLEM_USAGE;
    read_screening(service, body, wanted);
    if (!*wanted->client && wanted->has_screening) /* who is not named is whom it is of */
        snprintf(wanted->client, sizeof wanted->client, "%s", wanted->screening.person);
}

/* The person's test before is taken into account unless it is not wanted ("earlier": false). The
 * plate's thread reads it, which takes its seconds; one that cannot be gone on with (a painkiller,
 * another person's) is told there and left out. */
static void take_earlier(struct service *service, struct plate_press *wanted)
{
    char path[API_PATH];
    if (wanted->tool.kind == TOOL_SINGLE && api_earlier_press(service, wanted->client, path))
        snprintf(wanted->earlier, sizeof wanted->earlier, "%s", path);
}

void api_press(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct plate_station *plate = plate_of(station, request, reply);
    struct api_body body = {.object = request->body};
    struct problem why;
    char name[65];
    if (!plate)
        return;
    struct plate_press *wanted = calloc(1, sizeof *wanted);
    if (!wanted) {
        http_reply_no_memory(reply);
        return;
    }
    read_press(station, &body, wanted);
    int with_earlier = api_flag(&body, "earlier", 1);
    if (api_body_end(&body)) {
        http_reply_why(reply, &body.why);
        free(wanted);
        return;
    }
    if (api_consents(station, wanted->client, sizeof wanted->client, "recording", &wanted->hold,
                     reply)) {
        int refused = api_heed_newest(station, wanted, &why);
        if (!refused && with_earlier)
            take_earlier(station, wanted);
        refused = refused || plate_station_press(plate, wanted, name, &why);
        if (refused) {
            store_recording_done(wanted->earlier);
            store_let_go(wanted->hold);
        }
        reply_done(reply, refused, &why, name);
    }
    free(wanted);
}
