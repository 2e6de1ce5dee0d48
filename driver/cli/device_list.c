/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/device_list.h"

#include "driver/host_link.h"
#include "driver/transport/transport.h"
#include "firmware/wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_place(void *context, const char *uri, const char *description, const char *obstacle)
{
    struct device_places *places = context;
    if (places->n == places->room) {
        size_t room = places->room ? 2 * places->room : 16;
        struct device_place *more = realloc(places->place, room * sizeof *more);
        if (!more) {
            places->has_failed = 1;
            return;
        }
        places->place = more;
        places->room = room;
    }
    struct device_place *place = &places->place[places->n++];
    snprintf(place->uri, sizeof place->uri, "%s", uri);
    snprintf(place->description, sizeof place->description, "%s", description);
    snprintf(place->obstacle, sizeof place->obstacle, "%s", obstacle);
    place->is_plate = transport_is_plate(uri);
}

int device_places_find(struct device_places *places, struct problem *why)
{
    *places = (struct device_places){0};
    if (transport_list(add_place, places, why))
        return -1;
    return places->has_failed ? problem_no_memory(why, "the list of places") : 0;
}

void device_places_free(struct device_places *places)
{
    free(places->place);
    *places = (struct device_places){0};
}

int device_ask(const char *uri, int patience_ms, struct wire_hello *hello, struct problem *why)
{
    struct host_link *link = host_link_open(uri, why);
    if (!link)
        return -1;
    struct host_link_item item;
    int own_ms = host_link_patience_ms(link);
    int is_slow_kind = own_ms > 5000; /* it has to start first: a virtual plate */
    int bad = host_link_hello(link, is_slow_kind ? own_ms : patience_ms, -1, &item, hello, why);
    host_link_close(link);
    return bad;
}

const char *device_advice(const struct wire_hello *hello)
{
    if (hello->protocol_max < (WIRE_VERSION << 8 | 1))
        return "its firmware does not tell its zeros, so a recording cannot go on over a power "
               "cut; "
               "'make flash' writes a newer one";
    return "";
}

static json_t *plate_json(const char *uri, const struct wire_hello *h)
{
    const char *advice = device_advice(h);
    json_t *plate =
        json_pack("{s:s, s:[s], s:s, s:s, s:s, s:i, s:i, s:f, s:f, s:i, s:i, s:i, s:i, s:b, s:s?}",
                  "uri", uri, "ways", uri, "model", h->model, "serial", h->serial, "firmware",
                  h->firmware, "rows", h->rows, "cols", h->cols, "pitch_x_mm", h->pitch_x_um * 1e-3,
                  "pitch_y_mm", h->pitch_y_um * 1e-3, "bits", h->bits, "rate_min_hz",
                  h->rate_min_hz, "rate_max_hz", h->rate_max_hz, "rate_hz", h->rate_hz, "virtual",
                  (h->features & WIRE_IS_VIRTUAL) != 0, "advice", *advice ? advice : NULL);
    if (h->temperature_cdeg != WIRE_NO_TEMPERATURE)
        json_object_set_new(plate, "temperature_c", json_real(h->temperature_cdeg * 0.01));
    return plate;
}

json_t *device_json(const char *uri, const struct wire_hello *hello, const struct problem *absence)
{
    if (absence->kind == PROBLEM_NONE)
        return plate_json(uri, hello);
    return json_pack("{s:s, s:[s], s:s, s:i}", "uri", uri, "ways", uri, "problem", absence->text,
                     "exit", (int)absence->kind);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static int number_of(const json_t *object, const char *key)
{
    return (int)json_integer_value(json_object_get(object, key));
}

void device_print_plate(const char *indent, const json_t *plate)
{
    const json_t *ways = json_object_get(plate, "ways");
    printf("%s%s", indent, text_of(plate, "uri"));
    for (size_t i = 1; i < json_array_size(ways); i++)
        printf("%s%s", i > 1 ? ", " : " (also ", json_string_value(json_array_get(ways, i)));
    puts(json_array_size(ways) > 1 ? ")" : "");
    if (*text_of(plate, "problem")) {
        printf("%s  %s\n", indent, text_of(plate, "problem"));
        return;
    }
    printf("%s  %s, serial %s, firmware %s, %d x %d cells\n", indent, text_of(plate, "model"),
           text_of(plate, "serial"), text_of(plate, "firmware"), number_of(plate, "rows"),
           number_of(plate, "cols"));
    if (*text_of(plate, "advice"))
        printf("%s  %s\n", indent, text_of(plate, "advice"));
}

/* The plate with this serial number among those already asked, or NULL. */
static json_t *find_plate(const json_t *plates, const char *serial)
{
    for (size_t i = 0; i < json_array_size(plates); i++) {
        json_t *plate = json_array_get(plates, i);
        const char *its = json_string_value(json_object_get(plate, "serial"));
        if (its && !strcmp(its, serial))
            return plate;
    }
    return NULL;
}

json_t *device_plates(const struct device_places *places, int patience_ms)
{
    json_t *plates = json_array();
    for (size_t i = 0; i < places->n; i++) {
        const struct device_place *place = &places->place[i];
        struct wire_hello hello = {0};
        struct problem absence = {0};
        if (!place->is_plate)
            continue;
        if (*place->obstacle)
            problem(&absence, PROBLEM_FAILED, "%s", place->obstacle);
        else if (!device_ask(place->uri, patience_ms, &hello, &absence))
            absence.kind = PROBLEM_NONE;
        json_t *same = absence.kind ? NULL : find_plate(plates, hello.serial);
        if (same)
            json_array_append_new(json_object_get(same, "ways"), json_string(place->uri));
        else
            json_array_append_new(plates, device_json(place->uri, &hello, &absence));
    }
    return plates;
}
