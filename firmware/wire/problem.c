/* SPDX-License-Identifier: MIT */
#include "firmware/wire/problem.h"

#include <stdarg.h>
#include <stdio.h>

int problem(struct problem *why, enum problem_kind kind, const char *format, ...)
{
    if (why) {
        va_list args;
        va_start(args, format);
        why->kind = kind;
        vsnprintf(why->text, sizeof why->text, format, args);
        va_end(args);
    }
    return -1;
}

int problem_no_memory(struct problem *why, const char *what)
{
    return problem(why, PROBLEM_FAILED, "out of memory while making %s", what);
}
