/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot devices: what can be reached, and what it says of itself when asked. */
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"
#include "driver/host_link.h"
#include "driver/transport.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    char **uris;
    int n_uris, json;
};

enum { OPT_JSON = 256, PATIENCE_MS = 3000 };

static const struct argp_option options[] = {
    {"json", OPT_JSON, NULL, 0, "print JSON (tenderfoot/devices/1)", 0},
    {0},
};

static const char doc[] =
    "List where plates can be reached and the ways to name one. With URIs, ask each of them who it "
    "is.\v"
    "Without a URI nothing is opened: a serial port may belong to something else, and opening it "
    "could disturb that.\n\n"
    "Exit: 0 done; of the URIs asked: 1 no plate there, no permission or another program has it; "
    "2 wrong usage; 3 not a plate we can speak with.";

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    (void)arg;
    switch (key) {
    case OPT_JSON:
        a->json = 1;
        return 0;
    case ARGP_KEY_ARGS:
        a->uris = state->argv + state->next;
        a->n_uris = state->argc - state->next;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- What there is --------------------------------------------------------------------------- */

static void add_place(void *context, const char *uri, const char *description, const char *obstacle)
{
    json_array_append_new(context, json_pack("{s:s, s:s, s:s?}", "uri", uri, "description",
                                             description, "obstacle", *obstacle ? obstacle : NULL));
}

static json_t *ways_to_name_one(void)
{
    json_t *forms = json_array();
    struct transport_about about;
    for (size_t i = 0; transport_about(i, &about); i++)
        json_array_append_new(forms, json_pack("{s:s, s:s, s:s}", "scheme", about.scheme, "form",
                                               about.form, "summary", about.summary));
    return forms;
}

static void print_list(const json_t *places, const json_t *forms)
{
    puts("Places where a plate may be:");
    if (!json_array_size(places))
        puts("  none found");
    for (size_t i = 0; i < json_array_size(places); i++) {
        const json_t *place = json_array_get(places, i);
        const char *obstacle = json_string_value(json_object_get(place, "obstacle"));
        printf("  %-28s %s%s%s\n", json_string_value(json_object_get(place, "uri")),
               json_string_value(json_object_get(place, "description")), obstacle ? ": " : "",
               obstacle ? obstacle : "");
    }
    puts("\nWays to name one:");
    for (size_t i = 0; i < json_array_size(forms); i++) {
        const json_t *form = json_array_get(forms, i);
        printf("  %s\n      %s\n", json_string_value(json_object_get(form, "form")),
               json_string_value(json_object_get(form, "summary")));
    }
    puts("\n'tenderfoot devices URI' asks a plate who it is.");
}

static int list(int as_json, struct problem *why)
{
    json_t *places = json_array(), *forms = ways_to_name_one();
    struct problem trouble = {0};
    if (transport_list(add_place, places, &trouble))
        fprintf(stderr, "tenderfoot devices: %s\n", trouble.text);
    if (as_json)
        return cli_print_json(json_pack("{s:s, s:o, s:o}", "schema", "tenderfoot/devices/1",
                                        "places", places, "forms", forms),
                              why);
    print_list(places, forms);
    json_decref(places);
    json_decref(forms);
    return cli_flush_stdout(why);
}

/* --- Who is there ---------------------------------------------------------------------------- */

static int ask(const char *uri, struct wire_hello *hello, struct problem *why)
{
    struct host_link *link = host_link_open(uri, why);
    if (!link)
        return -1;
    struct host_link_item item;
    int own_ms = host_link_patience_ms(link);
    int bad =
        host_link_hello(link, own_ms > PATIENCE_MS ? own_ms : PATIENCE_MS, -1, &item, hello, why);
    host_link_close(link);
    return bad;
}

static json_t *plate_json(const char *uri, const struct wire_hello *h)
{
    json_t *plate = json_pack(
        "{s:s, s:s, s:s, s:s, s:i, s:i, s:f, s:f, s:i, s:i, s:i, s:i, s:b}", "uri", uri, "model",
        h->model, "serial", h->serial, "firmware", h->firmware, "rows", h->rows, "cols", h->cols,
        "pitch_x_mm", h->pitch_x_um * 1e-3, "pitch_y_mm", h->pitch_y_um * 1e-3, "bits", h->bits,
        "rate_min_hz", h->rate_min_hz, "rate_max_hz", h->rate_max_hz, "rate_hz", h->rate_hz,
        "virtual", (h->features & WIRE_IS_VIRTUAL) != 0);
    if (h->temperature_cdeg != WIRE_NO_TEMPERATURE)
        json_object_set_new(plate, "temperature_c", json_real(h->temperature_cdeg * 0.01));
    return plate;
}

static json_t *absence_json(const char *uri, const struct problem *why)
{
    return json_pack("{s:s, s:s, s:i}", "uri", uri, "problem", why->text, "exit", (int)why->kind);
}

static void print_plate(const char *uri, const struct wire_hello *h)
{
    printf("%s\n  %s, serial %s, firmware %s%s\n  %u x %u cells of %g x %g mm, %u bits, %u to %u "
           "frames/s\n",
           uri, h->model, h->serial, h->firmware,
           h->features & WIRE_IS_VIRTUAL ? " (virtual: no sensor)" : "", h->rows, h->cols,
           h->pitch_x_um * 1e-3, h->pitch_y_um * 1e-3, h->bits, h->rate_min_hz, h->rate_max_hz);
}

/* Asks all; the exit code is that of the first that is no plate. */
static int ask_all(const struct arguments *a, struct problem *why)
{
    json_t *plates = json_array();
    int code = 0;
    for (int i = 0; i < a->n_uris; i++) {
        struct wire_hello hello;
        struct problem absence = {0};
        int bad = ask(a->uris[i], &hello, &absence);
        if (bad)
            fprintf(stderr, "tenderfoot devices: %s\n", absence.text);
        else if (!a->json)
            print_plate(a->uris[i], &hello);
        json_array_append_new(plates, bad ? absence_json(a->uris[i], &absence)
                                          : plate_json(a->uris[i], &hello));
        if (bad && !code)
            code = absence.kind;
    }
    int bad = a->json ? cli_print_json(json_pack("{s:s, s:O}", "schema", "tenderfoot/devices/1",
                                                 "plates", plates),
                                       why)
                      : cli_flush_stdout(why);
    json_decref(plates);
    return bad ? -1 : code;
}

int verb_devices(int argc, char **argv)
{
    struct arguments a = {0};
    static const struct argp argp = {
        .options = options, .parser = parse, .args_doc = "[URI ...]", .doc = doc};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    struct problem why = {0};
    int code = a.n_uris ? ask_all(&a, &why) : list(a.json, &why);
    return code < 0 ? cli_fail(argv[0], &why) : code;
}
