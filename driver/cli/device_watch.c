/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/device_watch.h"

#include "driver/cli/cli.h"
#include "driver/cli/device_list.h"
#include "driver/clock.h"
#include "driver/stop_signals.h"
#include "driver/transport/transport.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETTLE_US 2000000u /* udevd's permissions, and the plate's first word, may take so long */
enum { PAUSE_MS = 100, ASK_MS = 1000 };

/* A place as it was told, or is about to be. */
struct known {
    struct device_place place;
    uint64_t since_us;
    int is_there;
    int is_told;     /* as it is now */
    int has_arrived; /* that has been told, so that its leaving is, whatever came between */
};

struct watch {
    struct known *known;
    size_t n, room;
    int as_json;
};

/* --- Telling --------------------------------------------------------------------------------- */

static int print_line(json_t *document, struct problem *why)
{
    char *text = document ? json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(document);
    if (!text)
        return problem_no_memory(why, "a line of JSON");
    puts(text);
    free(text);
    return cli_flush_stdout(why);
}

static int tell(const struct watch *watch, const char *event, const struct device_place *place,
                json_t *plate, struct problem *why)
{
    if (watch->as_json)
        return print_line(json_pack("{s:s, s:s, s:s, s:s, s:s?, s:o?}", "schema",
                                    "tenderfoot/devices-watch/1", "event", event, "uri", place->uri,
                                    "description", place->description, "obstacle",
                                    *place->obstacle ? place->obstacle : NULL, "plate", plate),
                          why);
    printf("%s %s", event, place->uri);
    if (json_object_get(plate, "serial"))
        printf(": %s, serial %s, firmware %s, %d x %d cells",
               json_string_value(json_object_get(plate, "model")),
               json_string_value(json_object_get(plate, "serial")),
               json_string_value(json_object_get(plate, "firmware")),
               (int)json_integer_value(json_object_get(plate, "rows")),
               (int)json_integer_value(json_object_get(plate, "cols")));
    else if (plate)
        printf(": %s", json_string_value(json_object_get(plate, "problem")));
    else if (*place->description || *place->obstacle)
        printf(": %s%s%s", place->description, *place->obstacle ? ", " : "", place->obstacle);
    puts("");
    json_decref(plate);
    return cli_flush_stdout(why);
}

/* Asks a plate who it is; what fails is tried again until it has had its time. */
static int tell_arrival(const struct watch *watch, struct known *known, struct problem *why)
{
    struct wire_hello hello = {0};
    struct problem absence = {0};
    const struct device_place *place = &known->place;
    int is_settled = host_clock_us() - known->since_us >= SETTLE_US;
    if (*place->obstacle && place->is_plate)
        problem(&absence, PROBLEM_FAILED, "%s", place->obstacle);
    else if (place->is_plate && !device_ask(place->uri, ASK_MS, &hello, &absence))
        absence.kind = PROBLEM_NONE;
    if (absence.kind && !is_settled)
        return 0;
    known->is_told = known->has_arrived = 1;
    return tell(watch, "arrived", place,
                place->is_plate ? device_json(place->uri, &hello, &absence) : NULL, why);
}

/* --- Looking --------------------------------------------------------------------------------- */

static struct known *find(struct watch *watch, const char *uri)
{
    for (size_t i = 0; i < watch->n; i++)
        if (!strcmp(watch->known[i].place.uri, uri))
            return &watch->known[i];
    return NULL;
}

static struct known *add(struct watch *watch, const struct device_place *place)
{
    if (watch->n == watch->room) {
        size_t room = watch->room ? 2 * watch->room : 16;
        struct known *more = realloc(watch->known, room * sizeof *more);
        if (!more)
            return NULL;
        watch->known = more;
        watch->room = room;
    }
    struct known *known = &watch->known[watch->n++];
    *known = (struct known){.place = *place, .since_us = host_clock_us()};
    return known;
}

static int look_at(struct watch *watch, const struct device_place *place, struct problem *why)
{
    struct known *known = find(watch, place->uri);
    if (!known)
        known = add(watch, place);
    if (!known)
        return problem_no_memory(why, "a list of places");
    if (strcmp(known->place.obstacle, place->obstacle)) {
        known->is_told = 0;
        known->since_us = host_clock_us();
    }
    known->place = *place;
    known->is_there = 1;
    return known->is_told ? 0 : tell_arrival(watch, known, why);
}

static int tell_departures(struct watch *watch, struct problem *why)
{
    for (size_t i = 0; i < watch->n;) {
        struct known *known = &watch->known[i];
        if (known->is_there) {
            i++;
            continue;
        }
        known->place.obstacle[0] = '\0';
        if (known->has_arrived && tell(watch, "left", &known->place, NULL, why))
            return -1;
        *known = watch->known[--watch->n];
    }
    return 0;
}

/* What can neither be plugged in nor pulled is no news. */
static int is_on_a_cable(const struct device_place *place)
{
    return strncmp(place->uri, "virtual:", 8) != 0;
}

static int look(struct watch *watch, struct problem *why)
{
    struct device_places places;
    struct problem ignored;
    int is_whole = !device_places_find(&places, &ignored), bad = 0;
    for (size_t i = 0; i < watch->n; i++)
        watch->known[i].is_there = !is_whole; /* of half a list nothing has left */
    for (size_t i = 0; i < places.n && !bad; i++)
        bad = is_on_a_cable(&places.place[i]) && look_at(watch, &places.place[i], why);
    device_places_free(&places);
    return bad ? -1 : tell_departures(watch, why);
}

/* --- The loop -------------------------------------------------------------------------------- */

/* Waits until it is worth looking anew: 0, or 1 when it is time to stop. */
static int wait_for_news(struct transport_watch *news, int stop_fd)
{
    struct pollfd watched[2] = {{.fd = stop_fd, .events = POLLIN},
                                {.fd = transport_watch_fd(news), .events = POLLIN}};
    do
        poll(watched, 2, -1);
    while (!watched[0].revents && watched[1].revents && !transport_watch_has_news(news));
    if (!watched[0].revents)
        poll(watched, 1, PAUSE_MS); /* one plug makes many changes */
    return watched[0].revents != 0;
}

int device_watch(int as_json, struct problem *why)
{
    struct watch watch = {.as_json = as_json};
    int stop_fd = stop_signals_fd(), bad = 0;
    struct transport_watch *news = transport_watch_open(why);
    if (stop_fd < 0 || !news)
        bad = news ? problem(why, PROBLEM_FAILED, "no descriptor for signals can be had") : -1;
    do
        bad = bad || look(&watch, why);
    while (!bad && !wait_for_news(news, stop_fd));
    transport_watch_close(news);
    if (stop_fd >= 0)
        close(stop_fd);
    free(watch.known);
    return bad ? -1 : 0;
}
