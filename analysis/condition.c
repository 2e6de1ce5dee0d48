/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/condition.h"

#include <stddef.h>
#include <string.h>

static const char sway[] = "sway", of_sway[] = "sway_";

const char *condition_of(const char *protocol)
{
    size_t n = sizeof of_sway - 1;
    return protocol && !strncmp(protocol, of_sway, n) ? protocol + n : NULL;
}

const char *protocol_of(const char *protocol)
{
    return condition_of(protocol) ? sway : protocol;
}

int protocol_is_stand(const char *protocol)
{
    return protocol && (!strcmp(protocol, "stand") || !strcmp(protocol_of(protocol), sway));
}

int conditions_differ(const char *one, const char *other)
{
    const char *a = condition_of(one), *b = condition_of(other);
    return a && b && strcmp(a, b) != 0;
}
