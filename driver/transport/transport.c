/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/transport/transport.h"
#include "driver/transport/transport_private.h"

#include <stdlib.h>
#include <string.h>

static const struct transport_kind *const kinds[] = {
    &transport_usb, &transport_serial, &transport_stream, &transport_virtual, &transport_replay,
};
enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

static const struct transport_kind *find_kind(const char *uri)
{
    for (size_t i = 0; i < N_KINDS; i++) {
        size_t n = strlen(kinds[i]->about.scheme);
        if (!strncmp(uri, kinds[i]->about.scheme, n) && uri[n] == ':')
            return kinds[i];
    }
    return NULL;
}

static int unknown_scheme(const char *uri, struct problem *why)
{
    char forms[200] = "";
    for (size_t i = 0; i < N_KINDS; i++) {
        strncat(forms, i ? ", " : "", sizeof forms - strlen(forms) - 1);
        strncat(forms, kinds[i]->about.form, sizeof forms - strlen(forms) - 1);
    }
    if (!strncmp(uri, "/dev/", 5))
        return problem(why, PROBLEM_USAGE, "'%.80s' is a device file; did you mean serial:%.80s?",
                       uri, uri);
    return problem(why, PROBLEM_USAGE, "'%.80s' does not name a plate; the forms are %s", uri,
                   forms);
}

struct transport *transport_open_as(const struct transport_kind *kind, const char *uri,
                                    const char *address, struct problem *why)
{
    struct transport *transport = calloc(1, sizeof *transport);
    char *name = strdup(uri);
    if (!transport || !name) {
        problem_no_memory(why, "a transport");
        free(transport);
        free(name);
        return NULL;
    }
    *transport = (struct transport){
        .kind = kind, .name = name, .fd = -1, .patience_ms = TRANSPORT_PATIENCE_MS};
    if (kind->open(transport, address, why)) {
        transport_close(transport);
        return NULL;
    }
    return transport;
}

static const char *address_of(const struct transport_kind *kind, const char *uri)
{
    return uri + strlen(kind->about.scheme) + 1;
}

struct transport *transport_open(const char *uri, struct problem *why)
{
    const struct transport_kind *kind = find_kind(uri);
    if (kind)
        return transport_open_as(kind, uri, address_of(kind, uri), why);
    unknown_scheme(uri, why);
    return NULL;
}

int transport_check(const char *uri, struct problem *why)
{
    return find_kind(uri) ? 0 : unknown_scheme(uri, why);
}

void transport_close(struct transport *transport)
{
    if (!transport)
        return;
    transport->kind->close(transport);
    free(transport->name);
    free(transport);
}

int transport_fd(const struct transport *transport)
{
    return transport->fd;
}

ssize_t transport_read(struct transport *transport, uint8_t *bytes, size_t cap, struct problem *why)
{
    return transport->kind->read(transport, bytes, cap, why);
}

ssize_t transport_write(struct transport *transport, const uint8_t *bytes, size_t n,
                        struct problem *why)
{
    return transport->one_way ? (ssize_t)n : transport->kind->write(transport, bytes, n, why);
}

int transport_can_rejoin(const struct transport *transport)
{
    return transport->kind->rejoin != NULL;
}

int transport_is_plate(const char *uri)
{
    const struct transport_kind *kind = find_kind(uri);
    return kind && kind->is_plate && kind->is_plate(address_of(kind, uri));
}

int transport_rejoin(struct transport *transport, struct problem *why)
{
    if (transport->kind->rejoin)
        return transport->kind->rejoin(transport, why);
    return problem(why, PROBLEM_DEVICE_LOST, "the plate at %s has left for good", transport->name);
}

int transport_nudge(struct transport *transport, struct problem *why)
{
    return transport->kind->nudge ? transport->kind->nudge(transport, why) : 0;
}

const char *transport_name(const struct transport *transport)
{
    return transport->name;
}

const char *transport_notice(const struct transport *transport)
{
    return transport->notice;
}

int transport_is_one_way(const struct transport *transport)
{
    return transport->one_way;
}

int transport_patience_ms(const struct transport *transport)
{
    return transport->patience_ms;
}

int transport_about(size_t i, struct transport_about *about)
{
    if (i >= N_KINDS)
        return 0;
    *about = kinds[i]->about;
    return 1;
}

int transport_list(transport_found *found, void *context, struct problem *why)
{
    int bad = 0;
    for (size_t i = 0; i < N_KINDS; i++)
        if (kinds[i]->list && kinds[i]->list(found, context, why))
            bad = -1;
    return bad;
}

/* --- Addresses ------------------------------------------------------------------------------- */

static int unknown_option(const char *option, const char *const *keys, size_t n,
                          struct problem *why)
{
    char known[120] = "";
    for (size_t i = 0; i < n; i++) {
        strncat(known, i ? ", " : "", sizeof known - strlen(known) - 1);
        strncat(known, keys[i], sizeof known - strlen(known) - 1);
    }
    return problem(why, PROBLEM_USAGE, "'%.60s' is no option of this kind of plate; known: %s",
                   option, n ? known : "none");
}

/* Cuts "key=value" in place and puts the value where its key belongs. */
static int take_option(char *option, const char *const *keys, const char **values, size_t n,
                       struct problem *why)
{
    char *equals = strchr(option, '=');
    for (size_t i = 0; equals && i < n; i++) {
        size_t len = (size_t)(equals - option);
        if (strlen(keys[i]) == len && !memcmp(option, keys[i], len)) {
            values[i] = equals + 1;
            return 0;
        }
    }
    return unknown_option(option, keys, n, why);
}

char *transport_address(const char *address, const char *const *keys, const char **values, size_t n,
                        struct problem *why)
{
    for (size_t i = 0; i < n; i++)
        values[i] = NULL;
    char *copy = strdup(address);
    if (!copy) {
        problem_no_memory(why, "a plate's name");
        return NULL;
    }
    char *rest = strchr(copy, '?');
    if (rest)
        *rest++ = '\0';
    if (!copy[0]) {
        problem(why, PROBLEM_USAGE, "the plate's name has no path after the scheme");
        free(copy);
        return NULL;
    }
    for (char *option; rest && (option = strsep(&rest, "&"));)
        if (*option && take_option(option, keys, values, n, why)) {
            free(copy);
            return NULL;
        }
    return copy;
}
