/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot devices: which plates there are, who each is, and what is wrong with it. */
#include "driver/cli/cli.h"
#include "driver/cli/device_list.h"
#include "driver/cli/device_watch.h"
#include "driver/cli/udev_rule.h"
#include "driver/cli/verbs.h"
#include "driver/clock.h"
#include "driver/host_link.h"
#include "driver/transport/transport.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    char **uris;
    int n_uris, json, watch, rule, loader;
};

enum { OPT_JSON = 256, OPT_WATCH, OPT_RULE, OPT_LOADER };
enum { PATIENCE_MS = 3000, LIST_PATIENCE_MS = 1500, LOADER_MS = 3000 };

static const struct argp_option options[] = {
    {"json", OPT_JSON, NULL, 0, "print JSON (tenderfoot/devices/1)", 0},
    {"watch", OPT_WATCH, NULL, 0,
     "tell arrivals and departures as they happen, until Ctrl-C; with --json one document a line "
     "(tenderfoot/devices-watch/1)",
     0},
    {"udev-rule", OPT_RULE, NULL, 0,
     "print the udev rule that lets people use plates without being root", 0},
    {"reboot-to-loader", OPT_LOADER, NULL, 0,
     "reboot the plate at URI into its chip's loader, for new firmware ('make flash')", 0},
    {0},
};

static const char doc[] =
    "List the plates that are plugged in, who each is and what is wrong with it, and the ways to "
    "name one. With URIs, ask each of them who it is.\v"
    "What is no plate by its USB ids is listed and never opened: a serial port may belong to "
    "something else, and opening it could disturb that.\n\n"
    "Exit: 0 done; of the URIs asked: 1 no plate there, no permission or another program has it; "
    "2 wrong usage; 3 not a plate we can speak with.";

static void check_arguments(struct argp_state *state, const struct arguments *a)
{
    if (a->watch && (a->n_uris || a->loader))
        argp_error(state, "--watch is for all plates: no URI goes with it");
    if (a->rule && (a->n_uris || a->watch || a->loader || a->json))
        argp_error(state, "--udev-rule stands alone");
    if (a->loader && a->n_uris != 1)
        argp_error(state, "--reboot-to-loader needs the URI of one plate");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    (void)arg;
    switch (key) {
    case OPT_JSON:
        a->json = 1;
        return 0;
    case OPT_WATCH:
        a->watch = 1;
        return 0;
    case OPT_RULE:
        a->rule = 1;
        return 0;
    case OPT_LOADER:
        a->loader = 1;
        return 0;
    case ARGP_KEY_ARGS:
        a->uris = state->argv + state->next;
        a->n_uris = state->argc - state->next;
        return 0;
    case ARGP_KEY_END:
        check_arguments(state, a);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- What there is --------------------------------------------------------------------------- */

static json_t *places_json(const struct device_places *places)
{
    json_t *all = json_array();
    for (size_t i = 0; i < places->n; i++) {
        const struct device_place *place = &places->place[i];
        json_array_append_new(all, json_pack("{s:s, s:s, s:s?}", "uri", place->uri, "description",
                                             place->description, "obstacle",
                                             *place->obstacle ? place->obstacle : NULL));
    }
    return all;
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

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void print_plates(const json_t *plates)
{
    puts("Plates:");
    if (!json_array_size(plates))
        puts("  none found");
    for (size_t i = 0; i < json_array_size(plates); i++)
        device_print_plate("  ", json_array_get(plates, i));
    puts("");
}

/* Places that are no plates by their ids. */
static void print_places(const struct device_places *places)
{
    int n = 0;
    puts("Places where a plate may be:");
    for (size_t i = 0; i < places->n; i++) {
        const struct device_place *place = &places->place[i];
        if (place->is_plate)
            continue;
        printf("  %-28s %s%s%s\n", place->uri, place->description, *place->obstacle ? ": " : "",
               place->obstacle);
        n++;
    }
    if (!n)
        puts("  none found");
}

static void print_forms(const json_t *forms)
{
    puts("\nWays to name one:");
    for (size_t i = 0; i < json_array_size(forms); i++) {
        const json_t *form = json_array_get(forms, i);
        printf("  %s\n      %s\n", text_of(form, "form"), text_of(form, "summary"));
    }
    puts("\n'tenderfoot devices URI' asks a plate who it is.");
}

static int list(int as_json, struct problem *why)
{
    struct device_places places;
    struct problem trouble = {0};
    int bad;
    if (device_places_find(&places, &trouble))
        fprintf(stderr, "tenderfoot devices: %s\n", trouble.text);
    json_t *plates = device_plates(&places, LIST_PATIENCE_MS), *forms = ways_to_name_one();
    if (as_json) {
        bad = cli_print_json(json_pack("{s:s, s:o, s:O, s:O}", "schema", "tenderfoot/devices/1",
                                       "places", places_json(&places), "forms", forms, "plates",
                                       plates),
                             why);
    } else {
        print_plates(plates);
        print_places(&places);
        print_forms(forms);
        bad = cli_flush_stdout(why);
    }
    json_decref(plates);
    json_decref(forms);
    device_places_free(&places);
    return bad;
}

/* --- Who is there ---------------------------------------------------------------------------- */

static void print_plate(const char *uri, const struct wire_hello *h)
{
    printf("%s\n  %s, serial %s, firmware %s%s\n  %u x %u cells of %g x %g mm, %u bits, %u to %u "
           "frames/s\n",
           uri, h->model, h->serial, h->firmware,
           h->features & WIRE_IS_VIRTUAL ? " (virtual: no sensor)" : "", h->rows, h->cols,
           h->pitch_x_um * 1e-3, h->pitch_y_um * 1e-3, h->bits, h->rate_min_hz, h->rate_max_hz);
    if (*device_advice(h))
        printf("  %s\n", device_advice(h));
}

/* Asks all; the exit code is that of the first that is no plate. */
static int ask_all(const struct arguments *a, struct problem *why)
{
    json_t *plates = json_array();
    int code = 0;
    for (int i = 0; i < a->n_uris; i++) {
        struct wire_hello hello;
        struct problem absence = {0};
        int bad = device_ask(a->uris[i], PATIENCE_MS, &hello, &absence);
        if (bad)
            fprintf(stderr, "tenderfoot devices: %s\n", absence.text);
        else if (!a->json)
            print_plate(a->uris[i], &hello);
        if (!bad)
            absence.kind = PROBLEM_NONE;
        json_array_append_new(plates, device_json(a->uris[i], &hello, &absence));
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

/* --- Into the loader ------------------------------------------------------------------------- */

/* 0 once it has said yes, or is gone, which says so too. */
static int await_reboot(struct host_link *link, const struct wire_command *command,
                        struct problem *why)
{
    uint64_t end_us = host_clock_us() + LOADER_MS * 1000u;
    for (;;) {
        struct host_link_item item;
        struct wire_ack ack;
        enum host_link_news news = host_link_next(link, end_us, -1, &item, why);
        if (news == HOST_LINK_LEFT)
            return 0;
        if (news == HOST_LINK_QUIET || host_clock_us() >= end_us) /* it may talk without a pause */
            return problem(why, PROBLEM_FAILED,
                           "the plate does not answer; bring it into its loader by hand: hold its "
                           "button BOOT0 while it is plugged in");
        if (news != HOST_LINK_MESSAGE || item.message.type != WIRE_ACK ||
            wire_get_ack(item.message.payload, item.message.payload_len, &ack) ||
            ack.request != command->request || ack.command != WIRE_CMD_LOADER)
            continue;
        return ack.status == WIRE_OK ? 0 : host_link_ack_problem(link, &ack, "LOADER", why);
    }
}

static int reboot_to_loader(const char *uri, struct problem *why)
{
    struct wire_command command = {0};
    struct wire_hello hello;
    struct host_link_item item;
    struct host_link *link = host_link_open(uri, why);
    if (!link)
        return -1;
    int bad = host_link_hello(link, host_link_patience_ms(link), -1, &item, &hello, why);
    if (!bad && !(hello.features & WIRE_HAS_LOADER))
        bad = problem(why, PROBLEM_REFUSED,
                      "the plate at %s (%s, firmware %s) cannot reboot into a loader by itself; "
                      "hold its button BOOT0 while it is plugged in",
                      uri, hello.model, hello.firmware);
    if (!bad)
        bad = host_link_command(link, WIRE_CMD_LOADER, &command, why) ||
              await_reboot(link, &command, why);
    host_link_close(link);
    if (!bad)
        printf("The plate %s reboots into its loader.\n", hello.serial);
    return bad ? -1 : cli_flush_stdout(why);
}

int verb_devices(int argc, char **argv)
{
    struct arguments a = {0};
    static const struct argp argp = {
        .options = options, .parser = parse, .args_doc = "[URI ...]", .doc = doc};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    struct problem why = {0};
    int code;
    if (a.rule) {
        fputs(udev_rule_text, stdout); /* a failure is found at the flush */
        code = cli_flush_stdout(&why);
    } else if (a.watch)
        code = device_watch(a.json, &why);
    else if (a.loader)
        code = reboot_to_loader(a.uris[0], &why);
    else
        code = a.n_uris ? ask_all(&a, &why) : list(a.json, &why);
    return code < 0 ? cli_fail(argv[0], &why) : code;
}
