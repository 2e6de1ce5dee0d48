/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/warnings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int result_warn(struct result *result, struct problem *why, const char *format, ...)
{
    char text[301];
    char **longer;
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (int i = 0; i < result->n_warnings; i++)
        if (!strcmp(result->warnings[i], text))
            return 0;
    longer = realloc(result->warnings, (size_t)(result->n_warnings + 1) * sizeof *longer);
    if (!longer)
        return problem_no_memory(why, "a warning");
    result->warnings = longer;
    longer[result->n_warnings] = strdup(text);
    if (!longer[result->n_warnings])
        return problem_no_memory(why, "a warning");
    result->n_warnings++;
    return 0;
}
