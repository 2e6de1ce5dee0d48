/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/argument.h"

#include <stdlib.h>

double argument_number(struct argp_state *state, const char *option, const char *text, double low,
                       double high)
{
    char *end;
    double value = strtod(text, &end);
    if (*end || end == text || !(value >= low && value <= high))
        argp_error(state, "--%s %s: a number from %g to %g is meant", option, text, low, high);
    return value;
}

long argument_whole(struct argp_state *state, const char *option, const char *text, long low,
                    long high)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*end || end == text || value < low || value > high)
        argp_error(state, "--%s %s: a whole number from %ld to %ld is meant", option, text, low,
                   high);
    return value;
}

void argument_word(struct argp_state *state, const char **words, int *n, int most, const char *word)
{
    if (*n == most)
        argp_error(state, "'%s' is one word too many", word);
    words[(*n)++] = word;
}
