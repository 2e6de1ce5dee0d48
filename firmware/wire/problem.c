/* SPDX-License-Identifier: MIT */
#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static int say(struct problem *why, int code, enum problem_kind kind, const char *format,
               va_list args)
{
    if (why) {
        why->kind = kind;
        why->code = code;
        vsnprintf(why->text, sizeof why->text, format, args);
    }
    return -1;
}

int problem(struct problem *why, enum problem_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(why, 0, kind, format, args);
    va_end(args);
    return -1;
}

int problem_coded(struct problem *why, int code, enum problem_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(why, code, kind, format, args);
    va_end(args);
    return -1;
}

int problem_no_memory(struct problem *why, const char *what)
{
    return problem_coded(why, PROBLEM_CODE_NO_MEMORY, PROBLEM_FAILED,
                         "out of memory while making %s", what);
}

const char *problem_code_name(int code)
{
#define PROBLEM_CODE(NAME, name) name,
    static const char *const names[] = {NULL, PROBLEM_CODES(PROBLEM_CODE)};
#undef PROBLEM_CODE
    return code > 0 && code < PROBLEM_CODE_END ? names[code] : NULL;
}

const char *problem_code_of(const struct problem *why)
{
    if (!why->code && why->kind == PROBLEM_DEVICE_LOST)
        return problem_code_name(PROBLEM_CODE_PLATE_GONE);
    return problem_code_name(why->code);
}

int problem_code_of_errno(int error)
{
    return error == ENOSPC || error == EDQUOT ? PROBLEM_CODE_DISK_FULL : PROBLEM_CODE_NONE;
}
