/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/service.h"

#include "driver/clock.h"
#include "driver/daemon/log.h"
#include "driver/transport/transport.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_folder(const char *path, struct problem *why)
{
    struct stat found;
    if (!mkdir(path, 0700) || (errno == EEXIST && !stat(path, &found) && S_ISDIR(found.st_mode)))
        return 0;
    return problem(why, PROBLEM_FAILED, "the folder %s cannot be made: %s", path, strerror(errno));
}

static int make_folders(struct service *service, struct problem *why)
{
    int n = snprintf(service->recordings, sizeof service->recordings, "%s/inbox",
                     service->options.data);
    const char *given = service->options.calibrations;
    int m = snprintf(service->calibrations, sizeof service->calibrations, "%s%s",
                     given ? given : service->options.data, given ? "" : "/calibrations");
    if (n >= (int)sizeof service->recordings || m >= (int)sizeof service->calibrations)
        return problem(why, PROBLEM_USAGE, "the path of a folder is too long");
    return make_folder(service->options.data, why) || make_folder(service->recordings, why) ||
                   make_folder(service->calibrations, why) ||
                   store_remove_exports(service->options.data, why)
               ? -1
               : 0;
}

static void tell_outcome(void *context, const struct plate_outcome *outcome)
{
    (void)context;
    if (outcome->problem.kind)
        log_line(LOG_LEVEL_WARNING, "recording %s ended: %s", outcome->name, outcome->problem.text);
    else
        log_line(LOG_LEVEL_INFO, "recording %s: %llu frames, %llu lost%s", outcome->name,
                 (unsigned long long)outcome->session.frames.delivered,
                 (unsigned long long)outcome->session.frames.lost,
                 outcome->discarded ? ", discarded" : "");
}

/* "usb:TF-0042" becomes "usb-TF-0042", a file only its name; a number makes it unique. */
static void name_plate(struct service *service, const char *uri, char id[65])
{
    char plain[48];
    size_t n = 0;
    const char *colon = strchr(uri, ':'), *slash = strrchr(uri, '/');
    const char *from = slash ? slash + 1 : colon ? colon + 1 : uri;
    for (const char *c = uri; colon && c < colon && n < 12; c++)
        plain[n++] = *c;
    if (n && *from)
        plain[n++] = '-';
    for (const char *c = from; *c && *c != '.' && *c != '?' && n + 1 < sizeof plain; c++) {
        char one[2] = {*c, '\0'};
        plain[n++] = http_is_name(one) ? *c : '-';
    }
    plain[n] = '\0';
    snprintf(id, 65, "%s", n ? plain : "plate");
    for (int i = 2; service_plate(service, id); i++)
        snprintf(id, 65, "%s-%d", plain, i);
}

static int add_plate(struct service *service, const char *uri, struct problem *why)
{
    char id[65];
    const struct plate_options plate = {.uri = uri,
                                        .calibration = service->options.calibration,
                                        .calibrations = service->calibrations,
                                        .folder = service->recordings,
                                        .rate_hz = service->options.rate_hz,
                                        .wait_s = service->options.wait_s,
                                        .behind_bytes = service->options.behind_bytes,
                                        .atlas = service->atlas,
                                        .finished = tell_outcome,
                                        .context = service};
    if (service->n_plates == SERVICE_PLATES_MAX)
        return problem(why, PROBLEM_FAILED, "a station has at most %d plates", SERVICE_PLATES_MAX);
    name_plate(service, uri, id);
    struct plate_station *started = plate_station_start(id, &plate, why);
    if (!started)
        return -1;
    pthread_mutex_lock(&service->lock);
    service->plates[service->n_plates++] = started;
    pthread_mutex_unlock(&service->lock);
    log_line(LOG_LEVEL_INFO, "plate %s is looked for at %s", id, uri);
    return 0;
}

int service_open(struct service *service, const struct service_options *options,
                 struct problem *why)
{
    *service = (struct service){.options = *options, .started_us = host_clock_us()};
    pthread_mutex_init(&service->lock, NULL);
    pthread_mutex_init(&service->analysis, NULL);
    const struct store_options store = {.data = options->data, .key = options->key};
    if (make_folders(service, why) || store_unlock(&store, &service->keys, why))
        return -1;
    service->atlas = atlas_load(NULL, why);
    if (!service->atlas)
        return -1;
    service->questions = screening_questions_load(NULL, why);
    if (!service->questions)
        return -1;
    for (int i = 0; i < options->n_plates; i++)
        if (add_plate(service, options->plates[i], why))
            return -1;
    service_look(service);
    service->go_on = go_on_start(service);
    return 0;
}

void service_hush(struct service *service)
{
    for (int i = 0; i < service->n_plates; i++)
        live_board_close(plate_station_board(service->plates[i]));
}

void service_close(struct service *service)
{
    go_on_end(service->go_on);
    for (int i = 0; i < service->n_plates; i++)
        plate_station_stop(service->plates[i]);
    for (int i = 0; i < service->n_retired; i++)
        plate_station_stop(service->retired[i]);
    free(service->retired);
    go_on_free(service->go_on);
    screening_questions_free(service->questions);
    atlas_free(service->atlas);
    store_forget_keys(service->keys);
    pthread_mutex_destroy(&service->lock);
    pthread_mutex_destroy(&service->analysis);
}

/* --- Plates ---------------------------------------------------------------------------------- */

int service_plates(struct service *service, struct plate_station *plates[SERVICE_PLATES_MAX])
{
    pthread_mutex_lock(&service->lock);
    int n = service->n_plates;
    memcpy(plates, service->plates, (size_t)n * sizeof plates[0]);
    pthread_mutex_unlock(&service->lock);
    return n;
}

struct plate_station *service_plate(struct service *service, const char *id)
{
    struct plate_station *plates[SERVICE_PLATES_MAX];
    int n = service_plates(service, plates);
    for (int i = 0; i < n; i++)
        if (!strcmp(plate_station_id(plates[i]), id))
            return plates[i];
    return NULL;
}

static int has_uri(const struct service *service, const char *uri)
{
    for (int i = 0; i < service->n_plates; i++)
        if (!strcmp(plate_station_uri(service->plates[i]), uri))
            return 1;
    return 0;
}

/* Only what is known to be a plate without opening it: a service disturbs nobody's modem. */
static void look_at_place(void *context, const char *uri, const char *description,
                          const char *obstacle)
{
    struct service_seen *seen = context;
    (void)description;
    if (*obstacle || strncmp(uri, "usb:", 4) || !uri[4] || !transport_is_plate(uri) ||
        seen->n == (int)(sizeof seen->uri / sizeof seen->uri[0]) ||
        strlen(uri) >= sizeof seen->uri[0])
        return;
    strcpy(seen->uri[seen->n++], uri);
}

static int is_seen(const struct service_seen *seen, const char *uri)
{
    for (int i = 0; i < seen->n; i++)
        if (!strcmp(seen->uri[i], uri))
            return 1;
    return 0;
}

/* Out of the list, and kept aside. */
static void drop_plate(struct service *service, int i)
{
    log_line(LOG_LEVEL_INFO, "plate %s was unplugged: its place is another's now",
             plate_station_id(service->plates[i]));
    service->retired[service->n_retired++] = service->plates[i];
    pthread_mutex_lock(&service->lock);
    memmove(&service->plates[i], &service->plates[i + 1],
            (size_t)(--service->n_plates - i) * sizeof service->plates[0]);
    pthread_mutex_unlock(&service->lock);
}

/* Behind the named ones, which are looked for always, the oldest first. */
static void make_room(struct service *service, const struct service_seen *seen)
{
    size_t n = (size_t)service->n_retired + 1;
    struct plate_station **retired = realloc(service->retired, n * sizeof *retired);
    if (!retired)
        return;
    service->retired = retired;
    for (int i = service->options.n_plates; i < service->n_plates; i++)
        if (!is_seen(seen, plate_station_uri(service->plates[i])) &&
            plate_station_retire(service->plates[i])) {
            drop_plate(service, i);
            return;
        }
}

void service_see(struct service *service, const struct service_seen *seen)
{
    struct problem why;
    for (int i = 0; i < seen->n; i++) {
        if (has_uri(service, seen->uri[i]))
            continue;
        if (service->n_plates == SERVICE_PLATES_MAX)
            make_room(service, seen);
        if (add_plate(service, seen->uri[i], &why))
            log_line(LOG_LEVEL_WARNING, "%s", why.text);
    }
}

/* Told when it changes, not each second. */
static void tell_look(struct service *service, const char *text)
{
    if (!strncmp(service->look_problem, text, sizeof service->look_problem - 1))
        return;
    snprintf(service->look_problem, sizeof service->look_problem, "%s", text);
    if (*text)
        log_line(LOG_LEVEL_WARNING, "not every kind of plate can be looked for: %s", text);
    else
        log_line(LOG_LEVEL_INFO, "every kind of plate can be looked for again");
}

void service_look(struct service *service)
{
    struct problem why = {0};
    if (service->options.discovers) {
        struct service_seen seen = {.n = 0};
        int bad = transport_list(look_at_place, &seen, &why);
        tell_look(service, bad ? why.text : "");
        service_see(service, &seen);
    }
    for (int i = 0; i < service->n_plates; i++)
        plate_station_look(service->plates[i]);
}

int service_hangs(struct service *service, double *silent_s)
{
    int hangs = 0;
    for (int i = 0; i < service->n_plates; i++) { /* each is looked at */
        double s;
        if (!plate_station_hangs(service->plates[i], &s))
            continue;
        *silent_s = s;
        hangs = 1;
    }
    return hangs;
}
