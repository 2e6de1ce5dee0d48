/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/http_server.h"

#include "driver/daemon/http_words.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of the memory that a connection costs, most is its pool: the head that the gate let pass (8 KiB),
 * what is made of it, and half for what is being sent. */
enum { IDLE_S = 30, STREAM_BLOCK = 4096, STREAM_BACKLOG = 65536, POOL = 32768 };

struct http_server {
    struct MHD_Daemon *daemon;
    struct http_gate *gate;
    const struct http_route *routes;
    void *station;
};

/* What a POST brings, gathered. */
struct body {
    char bytes[HTTP_BODY_MAX];
    size_t n;
};

/* --- Replies --------------------------------------------------------------------------------- */

void http_reply_owned(struct http_reply *reply, const char *type, char *bytes, size_t n)
{
    *reply = (struct http_reply){.status = 200, .type = type, .bytes = bytes, .n = n, .fd = -1};
}

void http_reply_bytes(struct http_reply *reply, const char *type, const void *bytes, size_t n)
{
    http_reply_owned(reply, type, (char *)(uintptr_t)bytes, n);
    reply->is_borrowed = 1;
}

void http_reply_json(struct http_reply *reply, int status, json_t *document)
{
    char *text = document ? json_dumps(document, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(document);
    if (!text) {
        static const char memory[] = "{\"schema\": \"tenderfoot/problem/1\", \"problem\": "
                                     "\"there is not enough memory for the answer\", "
                                     "\"code\": \"no_memory\"}";
        http_reply_bytes(reply, "application/json", memory, sizeof memory - 1);
        reply->status = 500;
        return;
    }
    http_reply_owned(reply, "application/json", text, strlen(text));
    reply->status = status;
}

static void reply_problem(struct http_reply *reply, int status, int code, const char *name,
                          const char *text)
{
    char said[HTTP_WORDS_SIZE];
    http_words(text, code, said);
    http_reply_json(reply, status,
                    json_pack("{s:s, s:s, s:s?}", "schema", "tenderfoot/problem/1", "problem", said,
                              "code", name));
    reply->code = code;
}

void http_reply_coded(struct http_reply *reply, int status, int code, const char *text)
{
    reply_problem(reply, status, code, problem_code_name(code), text);
}

void http_reply_problem(struct http_reply *reply, int status, const char *text)
{
    reply_problem(reply, status, PROBLEM_CODE_NONE, NULL, text);
}

void http_reply_no_memory(struct http_reply *reply)
{
    http_reply_coded(reply, 500, PROBLEM_CODE_NO_MEMORY, "there is not enough memory");
}

void http_reply_why(struct http_reply *reply, const struct problem *why)
{
    int is_bad = why->kind == PROBLEM_USAGE || why->code == PROBLEM_CODE_NOTE_EMPTY ||
                 why->code == PROBLEM_CODE_PERSON_NAMELESS;
    int status = is_bad ? 400 : why->kind == PROBLEM_REFUSED ? 409 : 500;
    reply_problem(reply, status, why->code, problem_code_of(why), why->text);
}

void http_reply_file(struct http_reply *reply, const char *type, int fd, const char *download)
{
    struct stat file;
    if (fstat(fd, &file)) {
        close(fd);
        http_reply_problem(reply, 500, "the file cannot be read");
        return;
    }
    *reply = (struct http_reply){.status = 200, .type = type, .fd = fd, .n_file = file.st_size};
    snprintf(reply->download, sizeof reply->download, "%s", download);
}

void http_reply_stream(struct http_reply *reply, ssize_t (*read)(void *, char *, size_t),
                       void (*end)(void *), void *context)
{
    *reply = (struct http_reply){.status = 200,
                                 .type = "text/event-stream",
                                 .fd = -1,
                                 .read = read,
                                 .end = end,
                                 .context = context};
}

const char *http_query(const struct http_request *request, const char *key)
{
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, key);
}

/* --- Into the library ------------------------------------------------------------------------ */

static ssize_t read_stream(void *context, uint64_t position, char *out, size_t cap)
{
    struct http_reply *reply = context;
    (void)position;
    ssize_t n = reply->read(reply->context, out, cap);
    return n >= 0    ? n
           : n == -1 ? MHD_CONTENT_READER_END_OF_STREAM
                     : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void end_stream(void *context)
{
    struct http_reply *reply = context;
    if (reply->end)
        reply->end(reply->context);
    free(reply);
}

static struct MHD_Response *stream_response(const struct http_reply *reply)
{
    struct http_reply *kept = malloc(sizeof *kept);
    struct MHD_Response *response = NULL;
    if (kept) {
        *kept = *reply;
        response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_stream,
                                                     kept, end_stream);
    }
    if (response)
        return response;
    if (reply->end)
        reply->end(reply->context);
    free(kept);
    return NULL;
}

static struct MHD_Response *make_response(const struct http_reply *reply)
{
    if (reply->read)
        return stream_response(reply);
    if (reply->fd >= 0) {
        struct MHD_Response *response =
            MHD_create_response_from_fd64((uint64_t)reply->n_file, reply->fd);
        if (!response)
            close(reply->fd);
        return response;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(
        reply->n, reply->bytes,
        reply->is_borrowed ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_FREE);
    if (!response && !reply->is_borrowed)
        free(reply->bytes);
    return response;
}

static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
static const char alone_policy[] =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action "
    "'none'; frame-ancestors 'none'";

static void add_headers(struct MHD_Response *response, const struct http_reply *reply)
{
    static const char *const fixed[][2] = {{"Cache-Control", "no-store"},
                                           {"X-Content-Type-Options", "nosniff"},
                                           {"Referrer-Policy", "no-referrer"},
                                           {"Cross-Origin-Resource-Policy", "same-origin"},
                                           {"Cross-Origin-Opener-Policy", "same-origin"},
                                           {"X-Frame-Options", "DENY"},
                                           {"Connection", "close"}};
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        MHD_add_response_header(response, fixed[i][0], fixed[i][1]);
    MHD_add_response_header(response, "Content-Security-Policy",
                            reply->has_own_style ? alone_policy : page_policy);
    MHD_add_response_header(response, "Content-Type", reply->type);
    if (*reply->cookie)
        MHD_add_response_header(response, "Set-Cookie", reply->cookie);
    if (*reply->download) {
        char value[128];
        snprintf(value, sizeof value, "attachment; filename=\"%s\"", reply->download);
        MHD_add_response_header(response, "Content-Disposition", value);
    }
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, const struct http_reply *reply)
{
    struct MHD_Response *response = make_response(reply);
    if (!response)
        return MHD_NO;
    add_headers(response, reply);
    enum MHD_Result sent = MHD_queue_response(connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    return sent;
}

/* --- Requests -------------------------------------------------------------------------------- */

int http_route_fits(const char *route, char *room, const char *names[HTTP_NAMES_MAX])
{
    int n_names = 0;
    while (*route) {
        if (strncmp(route, "{}", 2)) {
            if (*route++ != *room++)
                return 0;
            continue;
        }
        size_t n = strcspn(room, "/");
        char end = room[n];
        if (n_names == HTTP_NAMES_MAX)
            return 0;
        names[n_names++] = room;
        room[n] = '\0';
        if (!http_is_name(names[n_names - 1]))
            return 0;
        route += 2;
        room += n;
        if (!end)
            return !*route;
        if (*route++ != end)
            return 0;
        room++;
    }
    return !*room;
}

static int method_fits(const char *route, enum http_method method)
{
    return method == HTTP_POST ? !strcmp(route, "POST") : !strcmp(route, "GET");
}

/* Who or what the address names is not there: 404. Named in the body it is a refusal like others.
 */
static int is_no_such_path(const char *path, int code)
{
    static const struct {
        int code;
        const char *under;
    } named[] = {{PROBLEM_CODE_PERSON_UNKNOWN, "/api/v1/clients/"},
                 {PROBLEM_CODE_SESSION_UNKNOWN, "/api/v1/sessions/"}};
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (code == named[i].code && !strncmp(path, named[i].under, strlen(named[i].under)))
            return 1;
    return 0;
}

static void find_and_answer(const struct http_server *server, struct http_request *request,
                            struct http_reply *reply)
{
    int path_is_known = 0;
    for (const struct http_route *route = server->routes; route->path; route++) {
        char room[HTTP_TARGET_MAX + 1];
        snprintf(room, sizeof room, "%s", request->path);
        memset(request->name, 0, sizeof request->name);
        if (!http_route_fits(route->path, room, request->name))
            continue;
        path_is_known = 1;
        if (!method_fits(route->method, request->method))
            continue;
        route->answer(server->station, request, reply);
        if (reply->status == 409 && is_no_such_path(request->path, reply->code))
            reply->status = 404;
        return;
    }
    http_reply_problem(reply, path_is_known ? 405 : 404,
                       path_is_known ? "this path is asked with another method"
                                     : "there is nothing under this path");
}

static int parse_body(const struct body *body, struct http_request *request,
                      struct http_reply *reply)
{
    json_error_t at;
    if (request->method != HTTP_POST)
        return 0;
    request->body = body && body->n ? json_loadb(body->bytes, body->n, JSON_REJECT_DUPLICATES, &at)
                                    : json_object();
    if (json_is_object(request->body))
        return 0;
    http_reply_problem(reply, 400, "the body is to be one JSON object");
    return -1;
}

static enum http_method method_of(const char *method)
{
    return !strcmp(method, "POST") ? HTTP_POST : !strcmp(method, "HEAD") ? HTTP_HEAD : HTTP_GET;
}

static int descriptor_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/* Left to itself the kernel keeps megabytes for a viewer that does not read, twenty of them 40 MiB,
 * and who reads on then sees what was ten seconds ago before what is. This is a quarter of a second
 * of the live picture. */
static void keep_backlog_short(int fd)
{
    int bytes = STREAM_BACKLOG;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

static enum MHD_Result answer(const struct http_server *server, struct MHD_Connection *connection,
                              const char *path, const char *method, const struct body *body)
{
    int fd = descriptor_of(connection);
    struct http_request request = {
        .method = method_of(method), .path = path, .connection = connection, .link = fd};
    struct http_reply reply = {.fd = -1};
    http_gate_request_is_whole(server->gate, fd);
    if (!parse_body(body, &request, &reply))
        find_and_answer(server, &request, &reply);
    json_decref(request.body);
    if (reply.read)
        keep_backlog_short(fd);
    else
        http_gate_answer_is_ready(server->gate, fd);
    return send_reply(connection, &reply);
}

static struct body no_body; /* never written: the gate lets only a POST bring one */

static struct body *make_body(void)
{
    struct body *body = malloc(sizeof *body);
    if (body)
        body->n = 0;
    return body;
}

/* Called first with the head, then with each piece of the body, then when all is there. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *data, size_t *n,
                              void **request)
{
    struct body *body = *request;
    (void)version;
    if (!body) {
        *request = body = method_of(method) == HTTP_POST ? make_body() : &no_body;
        return body ? MHD_YES : MHD_NO;
    }
    if (!*n)
        return answer(context, connection, path, method, body);
    if (body == &no_body || *n > sizeof body->bytes - body->n)
        return MHD_NO;
    memcpy(body->bytes + body->n, data, *n);
    body->n += *n;
    *n = 0;
    return MHD_YES;
}

static void request_is_over(void *context, struct MHD_Connection *connection, void **request,
                            enum MHD_RequestTerminationCode code)
{
    (void)context;
    if (code == MHD_REQUEST_TERMINATED_TIMEOUT_REACHED)
        http_gate_leave_nothing(descriptor_of(connection));
    if (*request != &no_body)
        free(*request);
    *request = NULL;
}

static void connection_changed(void *context, struct MHD_Connection *connection, void **own,
                               enum MHD_ConnectionNotificationCode code)
{
    const struct http_server *server = context;
    (void)own;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED)
        http_gate_closed(server->gate, descriptor_of(connection));
}

/* --- Beginning and end ----------------------------------------------------------------------- */

static int take_socket(void *context, int fd, const struct sockaddr *address, socklen_t n)
{
    const struct http_server *server = context;
    return MHD_add_connection(server->daemon, fd, address, n) == MHD_YES ? 0 : -1;
}

/* What the library would say of a client is the client's affair. */
static void say_nothing(void *context, const char *format, va_list list)
{
    (void)context;
    (void)format;
    (void)list;
}

struct http_server *http_server_start(struct http_gate *gate, const struct http_route *routes,
                                      void *station, struct problem *why)
{
    struct http_server *server = calloc(1, sizeof *server);
    if (!server) {
        problem_no_memory(why, "the HTTP server");
        return NULL;
    }
    *server = (struct http_server){.gate = gate, .routes = routes, .station = station};
    server->daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
            MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC | MHD_USE_ERROR_LOG,
        0, NULL, NULL, handle, server, MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_GATE_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)IDLE_S, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)POOL, MHD_OPTION_NOTIFY_COMPLETED, request_is_over, NULL,
        MHD_OPTION_NOTIFY_CONNECTION, connection_changed, server, MHD_OPTION_END);
    if (server->daemon && !http_gate_run(gate, take_socket, server, why))
        return server;
    if (!server->daemon)
        problem(why, PROBLEM_FAILED, "the HTTP library cannot be started: %s", strerror(errno));
    http_server_stop(server);
    return NULL;
}

void http_server_stop(struct http_server *server)
{
    if (!server)
        return;
    http_gate_stop(server->gate);
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    free(server);
}
