/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/failing_malloc.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *old, size_t n);
char *__real_strdup(const char *text);
int __real_fsync(int fd);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *old, size_t n);
char *__wrap_strdup(const char *text);
int __wrap_fsync(int fd);

static long asked;   /* allocations so far */
static long to_fail; /* the number of the one that shall fail; 0 = none */
static int to_kill;  /* by it, not to fail */
static int failed;

static int fails_now(void)
{
    asked++;
    if (to_fail == 0 || asked != to_fail)
        return 0;
    if (to_kill)
        raise(SIGKILL);
    failed = 1;
    errno = ENOMEM;
    return 1;
}

void *__wrap_malloc(size_t n)
{
    return fails_now() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t n)
{
    return fails_now() ? NULL : __real_calloc(count, n);
}

void *__wrap_realloc(void *old, size_t n)
{
    return fails_now() ? NULL : __real_realloc(old, n);
}

char *__wrap_strdup(const char *text)
{
    return fails_now() ? NULL : __real_strdup(text);
}

/* Never fails: only a killing counts it. */
int __wrap_fsync(int fd)
{
    if (to_kill)
        fails_now();
    return __real_fsync(fd);
}

void failing_malloc_at(long n)
{
    failed = 0;
    to_fail = asked + n;
}

void killing_at(long n)
{
    to_kill = 1;
    failing_malloc_at(n);
}

int failing_malloc_off(void)
{
    to_kill = 0;
    to_fail = 0;
    return failed;
}

long failing_malloc_count(void)
{
    return asked;
}
