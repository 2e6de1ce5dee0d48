/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/host/faults_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WHEN_MAX_S 86400.0

/* Which keys each fault knows, as letters of the table below. */
static const struct {
    const char *name, *keys;
} kinds[FAULT_KINDS] = {
    [FAULT_DEAD_ROW] = {"dead-row", "r"},
    [FAULT_STUCK] = {"stuck", "cv"},
    [FAULT_SATURATE] = {"saturate", "c"},
    [FAULT_LOSE] = {"lose", "bfwp"},
    [FAULT_FLIP] = {"flip", "tfwp"},
    [FAULT_DROP] = {"drop", "fp"},
    [FAULT_REPEAT] = {"repeat", "fp"},
    [FAULT_STALL] = {"stall", "m"},
    [FAULT_RESET] = {"reset", ""},
    [FAULT_USB_UNPLUG] = {"usb-unplug", "mfp"},
    [FAULT_USB_POWER] = {"usb-power", "mfp"},
    [FAULT_USB_HALT] = {"usb-halt", "fp"},
    [FAULT_USB_ERROR] = {"usb-error", "fp"},
    [FAULT_USB_BABBLE] = {"usb-babble", "fp"},
    [FAULT_USB_LOSE] = {"usb-lose", "fp"},
    [FAULT_USB_SILENCE] = {"usb-silence", "mfp"},
};

static const struct {
    char letter;
    const char *key;
    long low, high;
    size_t offset; /* of a long in struct fault */
} numbers[] = {
    {'r', "row", 0, 255, offsetof(struct fault, row)},
    {'c', "cells", 1, 65536, offsetof(struct fault, cells)},
    {'v', "value", 0, 65535, offsetof(struct fault, value)},
    {'b', "bytes", 1, 100000, offsetof(struct fault, bytes)},
    {'t', "bits", 1, 1000, offsetof(struct fault, bits)},
    {'f', "frames", 1, 1000000000, offsetof(struct fault, frames)},
    {'m', "ms", 1, 3600000, offsetof(struct fault, ms)},
};

const char *fault_name(enum fault_kind kind)
{
    return kinds[kind].name;
}

static int parse_number(const char *key, const char *text, long low, long high, long *value,
                        struct problem *why)
{
    char *end;
    errno = 0;
    *value = strtol(text, &end, 10);
    if (end == text || *end || errno || *value < low || *value > high)
        return problem(why, PROBLEM_USAGE, "fault: %s=%.40s is not a whole number of %ld to %ld",
                       key, text, low, high);
    return 0;
}

/* A number with a fraction, within bounds; NaN is not. */
static int parse_fraction(const char *what, const char *text, const char *unit, double high,
                          double *value, struct problem *why)
{
    char *end;
    *value = strtod(text, &end);
    if (end == text || strcmp(end, unit) || !(*value >= 0 && *value <= high))
        return problem(why, PROBLEM_USAGE, "fault: %s%.40s is not a number of 0 to %g%s%s", what,
                       text, high, *unit ? " and " : "", unit);
    return 0;
}

static int parse_where(const char *text, enum fault_where *where, struct problem *why)
{
    static const char *const words[] = {"any", "header", "payload"};
    for (int i = 0; i < 3; i++)
        if (!strcmp(text, words[i])) {
            *where = (enum fault_where)i;
            return 0;
        }
    return problem(why, PROBLEM_USAGE, "fault: where=%.40s is none of any, header, payload", text);
}

static int parse_key(struct fault *fault, const char *key, const char *text, struct problem *why)
{
    const char *known = kinds[fault->kind].keys;
    if (!strcmp(key, "chance") && strchr(known, 'p'))
        return parse_fraction("chance=", text, "", 1.0, &fault->chance, why);
    if (!strcmp(key, "where") && strchr(known, 'w'))
        return parse_where(text, &fault->where, why);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (!strcmp(key, numbers[i].key) && strchr(known, numbers[i].letter)) {
            long *value = (long *)(void *)((char *)fault + numbers[i].offset);
            return parse_number(key, text, numbers[i].low, numbers[i].high, value, why);
        }
    return problem(why, PROBLEM_USAGE, "fault: %s knows no '%.40s'; see --help",
                   kinds[fault->kind].name, key);
}

/* "2.5s" or "n100". */
static int parse_when(struct fault *fault, const char *text, struct problem *why)
{
    long scan = 0;
    double seconds = 0;
    fault->by_scan = text[0] == 'n';
    if (fault->by_scan) {
        if (parse_number("@n", text + 1, 0, UINT32_MAX, &scan, why))
            return -1;
        fault->at = (uint64_t)scan;
        return 0;
    }
    if (parse_fraction("@", text, "s", WHEN_MAX_S, &seconds, why))
        return -1;
    fault->at = (uint64_t)(seconds * 1e6 + 0.5);
    return 0;
}

static int parse_name(struct fault *fault, const char *name, struct problem *why)
{
    for (int kind = 0; kind < FAULT_KINDS; kind++)
        if (!strcmp(name, kinds[kind].name)) {
            fault->kind = (enum fault_kind)kind;
            return 0;
        }
    return problem(why, PROBLEM_USAGE, "no fault is named '%.40s'; see --help", name);
}

static void set_defaults(struct fault *fault)
{
    *fault = (struct fault){.row = -1,
                            .cells = 1,
                            .value = -1,
                            .bytes = 1,
                            .bits = 1,
                            .frames = -1,
                            .ms = 500,
                            .chance = -1};
}

int fault_parse(char *text, struct fault *fault, struct problem *why)
{
    char *rest = NULL;
    set_defaults(fault);
    char *name = strtok_r(text, ":", &rest);
    if (!name)
        return problem(why, PROBLEM_USAGE, "a fault is empty; see --help");
    char *when = strchr(name, '@');
    if (when)
        *when++ = '\0';
    if (parse_name(fault, name, why) || (when && parse_when(fault, when, why)))
        return -1;
    for (char *key = strtok_r(NULL, ":", &rest); key; key = strtok_r(NULL, ":", &rest)) {
        char *value = strchr(key, '=');
        if (value)
            *value++ = '\0';
        if (parse_key(fault, key, value ? value : "", why))
            return -1;
    }
    if (fault->frames < 0 && fault->chance < 0)
        fault->frames = 1;
    fault->frames_left = fault->frames; /* below 0: as long as chance will have it */
    return 0;
}
