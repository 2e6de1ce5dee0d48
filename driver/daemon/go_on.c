/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/go_on.h"

#include "driver/daemon/api.h"
#include "driver/daemon/broken_off.h"
#include "driver/daemon/log.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { LOOK_AGAIN_MS = 200 };

struct one {
    char name[65];
    struct broken_off found;
    struct go_on_told told; /* under the lock, as this: */
    int is_read;            /* `found` stays as it is from now on */
};

struct go_on {
    struct service *service;
    pthread_t thread;
    int end_fd; /* eventfd */
    pthread_mutex_t lock;
    int n;
    struct one of[SERVICE_PLATES_MAX]; /* a plate makes one recording at a time */
};

static void decide(struct go_on *go_on, struct one *one, const struct go_on_told *told)
{
    broken_off_unmark(go_on->service->recordings, one->name);
    pthread_mutex_lock(&go_on->lock);
    one->told = *told;
    pthread_mutex_unlock(&go_on->lock);
}

static void give_up(struct go_on *go_on, struct one *one, const struct problem *why)
{
    struct go_on_told told = {.fate = GO_ON_NOT};
    snprintf(told.why, sizeof told.why, "%.239s", why->text);
    log_line(LOG_LEVEL_WARNING,
             "the recording %s, which a station left when it died, ends there: %s", one->name,
             told.why);
    decide(go_on, one, &told);
}

static struct plate_recording wanted_of(const struct one *one)
{
    const struct broken_off *found = &one->found;
    struct plate_recording wanted = {.seconds = found->seconds_left,
                                     .keep_zero = 1,
                                     .notes_carried = &found->notes,
                                     .continues = {.segment = found->segment + 1,
                                                   .boot_id = found->boot_id,
                                                   .last_scan = found->last_scan,
                                                   .last_frame_us = found->last_frame_us}};
    snprintf(wanted.protocol, sizeof wanted.protocol, "%s", found->header.protocol);
    snprintf(wanted.condition, sizeof wanted.condition, "%s", found->header.condition);
    snprintf(wanted.client, sizeof wanted.client, "%s", found->header.client);
    snprintf(wanted.continues.recording, sizeof wanted.continues.recording, "%s", one->name);
    snprintf(wanted.continues.serial, sizeof wanted.continues.serial, "%s",
             found->header.device.serial);
    return wanted;
}

/* As whoever commands one is asked (api_plates.c). */
static int begin(struct go_on *go_on, struct plate_station *plate, struct one *one,
                 struct plate_recording *wanted, struct problem *why)
{
    struct service *service = go_on->service;
    struct go_on_told told = {.fate = GO_ON_GOES};
    if (api_check_standing(service, wanted->client, wanted->heel_pain_walking, why) ||
        api_hold_consenting(service, wanted->client, sizeof wanted->client, "recording",
                            &wanted->hold, why))
        return -1;
    /* Before it begins: one that dies in it at once is not begun again and again. */
    broken_off_unmark(service->recordings, one->name);
    if (plate_station_record(plate, wanted, told.in, why)) {
        store_let_go(wanted->hold);
        return -1;
    }
    log_line(LOG_LEVEL_WARNING,
             "the recording %s, which a station left when it died, goes on as %s (segment %d)",
             one->name, told.in, wanted->continues.segment);
    decide(go_on, one, &told);
    return 0;
}

static int is_there(const struct go_on *go_on, const struct one *one)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s.tfr", go_on->service->recordings, one->name);
    return !access(path, F_OK);
}

/* -1 and *why: never; 0: it is decided, or waits. */
static int try(struct go_on *go_on, struct one *one, struct problem *why)
{
    struct plate_station *plates[SERVICE_PLATES_MAX];
    struct plate_recording wanted = wanted_of(one);
    int n = service_plates(go_on->service, plates), can = 0, i;
    if (!is_there(go_on, one))
        return problem(why, PROBLEM_REFUSED, "it was kept or discarded meanwhile");
    if (broken_off_age_s(&one->found) > BROKEN_OFF_FRESH_S)
        return problem(why, PROBLEM_REFUSED, "its plate was not there again within %.0f s",
                       BROKEN_OFF_FRESH_S);
    for (i = 0; i < n && !can; i++)
        can = plate_station_can_go_on(plates[i], &wanted.continues, why);
    return can > 0 ? begin(go_on, plates[i - 1], one, &wanted, why) : can;
}

static int ends(const struct go_on *go_on, int wait_ms)
{
    struct pollfd end = {.fd = go_on->end_fd, .events = POLLIN};
    return poll(&end, 1, wait_ms) > 0;
}

static void read_all(struct go_on *go_on)
{
    struct problem why = {0};
    for (int i = 0; i < go_on->n; i++) {
        struct one *one = &go_on->of[i];
        if (broken_off_read(go_on->service->recordings, one->name, &one->found, &why)) {
            give_up(go_on, one, &why);
            continue;
        }
        pthread_mutex_lock(&go_on->lock);
        one->is_read = 1;
        pthread_mutex_unlock(&go_on->lock);
    }
}

static void *run(void *context)
{
    struct go_on *go_on = context;
    struct problem why = {0};
    pthread_setname_np(pthread_self(), "go-on");
    read_all(go_on);
    for (int waits = 1; waits && !ends(go_on, LOOK_AGAIN_MS);) {
        waits = 0;
        for (int i = 0; i < go_on->n; i++) {
            struct one *one = &go_on->of[i];
            if (one->told.fate == GO_ON_WAITS && try(go_on, one, &why)) /* only this thread */
                give_up(go_on, one, &why);
            waits |= one->told.fate == GO_ON_WAITS;
        }
    }
    return NULL;
}

struct go_on *go_on_start(struct service *service)
{
    char names[SERVICE_PLATES_MAX][65];
    int n = broken_off_names(service->recordings, names, SERVICE_PLATES_MAX);
    struct go_on *go_on = n ? calloc(1, sizeof *go_on) : NULL;
    if (!go_on)
        return NULL;
    go_on->service = service;
    go_on->n = n;
    for (int i = 0; i < n && i < SERVICE_PLATES_MAX; i++) {
        memcpy(go_on->of[i].name, names[i], sizeof names[i]);
        go_on->of[i].told.fate = GO_ON_WAITS;
    }
    pthread_mutex_init(&go_on->lock, NULL);
    go_on->end_fd = eventfd(0, EFD_CLOEXEC);
    if (go_on->end_fd >= 0 && !pthread_create(&go_on->thread, NULL, run, go_on))
        return go_on;
    log_line(LOG_LEVEL_WARNING, "what a station left when it died is not gone on with: no thread");
    go_on_free(go_on);
    return NULL;
}

void go_on_end(struct go_on *go_on)
{
    if (!go_on)
        return;
    eventfd_write(go_on->end_fd, 1);
    pthread_join(go_on->thread, NULL);
}

void go_on_free(struct go_on *go_on)
{
    if (!go_on)
        return;
    for (int i = 0; i < go_on->n; i++)
        broken_off_free(&go_on->of[i].found);
    if (go_on->end_fd >= 0)
        close(go_on->end_fd);
    pthread_mutex_destroy(&go_on->lock);
    free(go_on);
}

static double waits_s(const struct one *one)
{
    if (!one->is_read)
        return NAN;
    return fmax(0, BROKEN_OFF_FRESH_S - broken_off_age_s(&one->found));
}

void go_on_tell(struct go_on *go_on, const char *name, struct go_on_told *told)
{
    *told = (struct go_on_told){.fate = GO_ON_NOT};
    if (!go_on)
        return;
    pthread_mutex_lock(&go_on->lock);
    for (int i = 0; i < go_on->n; i++)
        if (!strcmp(go_on->of[i].name, name)) {
            *told = go_on->of[i].told;
            told->waits_s = waits_s(&go_on->of[i]);
        }
    pthread_mutex_unlock(&go_on->lock);
}
