/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything of one person to take away, recordings included: a ZIP archive that is made while it
 * is fetched. A thread reads for it and writes into a pipe, the connection's thread takes from the
 * pipe what its client takes: in memory are a block and what the pipe holds, whatever was recorded.
 */
#include "driver/daemon/api.h"

#include "driver/daemon/log.h"
#include "driver/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* At most a tenth of what a usual disk gives: plates that record beside it do not feel it. At least
 * what the worst of links has: one export is fetched at a time, and the person is not erased
 * meanwhile. */
static const struct store_pace pace = {32.0 * 1048576.0, 16384.0, 60.0};

struct taking {
    struct service *service;
    struct store *store;
    struct store_hold *hold; /* until all is read */
    char id[STORE_ID_SIZE];
    int pipe[2];
    int link; /* the connection, as a descriptor of its own */
    pthread_t thread;
    int is_joined, bad;
    struct problem why;
};

static void *pour(void *context)
{
    struct taking *t = context;
    t->bad = store_client_archive(t->store, t->id, t->pipe[1], &pace, &t->why);
    store_let_go(t->hold);
    close(t->pipe[1]); /* the reader's end of it all, good or bad */
    if (t->bad) {      /* who drips would hold the place for hours still */
        http_gate_leave_nothing(t->link);
        shutdown(t->link, SHUT_RDWR);
    }
    return NULL;
}

static void join(struct taking *t)
{
    if (!t->is_joined)
        pthread_join(t->thread, NULL);
    t->is_joined = 1;
}

static ssize_t read_archive(void *context, char *out, size_t cap)
{
    struct taking *t = context;
    ssize_t n;
    do
        n = read(t->pipe[0], out, cap);
    while (n < 0 && errno == EINTR);
    if (n)
        return n < 0 ? -2 : n;
    join(t);
    return t->bad ? -2 : -1;
}

static void leave(struct service *service)
{
    pthread_mutex_lock(&service->lock);
    service->exports--;
    pthread_mutex_unlock(&service->lock);
}

/* Whoever fetched it may have gone before its end: the writer then finds the pipe closed. */
static void end_archive(void *context)
{
    struct taking *t = context;
    close(t->pipe[0]);
    join(t);
    if (t->bad)
        log_line(LOG_LEVEL_WARNING, "the export of %s broke off: %s", t->id, t->why.text);
    store_close(t->store);
    close(t->link);
    leave(t->service);
    free(t);
}

static int enter(struct service *service, struct http_reply *reply)
{
    pthread_mutex_lock(&service->lock);
    int is_free = !service->exports;
    service->exports += is_free;
    pthread_mutex_unlock(&service->lock);
    if (!is_free)
        http_reply_coded(reply, 409, PROBLEM_CODE_EXPORT_RUNS,
                         "another export is being fetched: wait for its end");
    return is_free;
}

static int open_ways(struct taking *t, int link)
{
    if (pipe2(t->pipe, O_CLOEXEC))
        return -1;
    t->link = fcntl(link, F_DUPFD_CLOEXEC, 0);
    if (t->link >= 0 && !fcntl(t->pipe[1], F_SETFL, O_NONBLOCK))
        return 0;
    if (t->link >= 0)
        close(t->link);
    close(t->pipe[0]);
    close(t->pipe[1]);
    return -1;
}

static int start(struct taking *t, int link, struct problem *why)
{
    if (open_ways(t, link))
        return problem(why, PROBLEM_FAILED, "no pipe for an export can be had: %s",
                       strerror(errno));
    if (!pthread_create(&t->thread, NULL, pour, t))
        return 0;
    close(t->link);
    close(t->pipe[0]);
    close(t->pipe[1]);
    return problem(why, PROBLEM_FAILED, "no thread for an export can be started");
}

/* By the person's whole id, whom nobody erases from here on. */
static int begin(struct taking *t, const struct http_request *request, struct problem *why)
{
    t->hold = store_hold_client(t->store, request->name[0], t->id, why);
    if (!t->hold)
        return -1;
    int bad = start(t, request->link, why);
    if (bad)
        store_let_go(t->hold);
    return bad;
}

static struct taking *take(struct service *service, const struct http_request *request,
                           struct http_reply *reply)
{
    struct problem why;
    struct taking *t = calloc(1, sizeof *t);
    if (!t) {
        http_reply_no_memory(reply);
        return NULL;
    }
    t->service = service;
    t->store = api_open_store(service, reply);
    if (t->store && !begin(t, request, &why))
        return t;
    if (t->store)
        http_reply_why(reply, &why);
    store_close(t->store);
    free(t);
    return NULL;
}

void api_client_export(void *station, const struct http_request *request, struct http_reply *reply)
{
    struct service *service = station;
    if (!enter(service, reply))
        return;
    struct taking *t = take(service, request, reply);
    if (!t) {
        leave(service);
        return;
    }
    http_reply_stream(reply, read_archive, end_archive, t);
    reply->type = "application/zip";
    snprintf(reply->download, sizeof reply->download, "%s.zip", t->id);
}
