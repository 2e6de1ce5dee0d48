/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot serve: becomes tenderfootd, the one beside this program or on the path. */
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "tenderfootd"

static int beside_us(char *path, size_t cap)
{
    ssize_t n = readlink("/proc/self/exe", path, cap - sizeof "/" PROGRAM);
    if (n <= 0)
        return 0;
    path[n] = '\0';
    char *slash = strrchr(path, '/');
    strcpy(slash ? slash + 1 : path, PROGRAM);
    return !access(path, X_OK);
}

int verb_serve(int argc, char **argv)
{
    char path[4096];
    struct problem why;
    const char *who = argv[0];
    (void)argc;
    argv[0] = (char *)(uintptr_t) "tenderfoot serve";
    if (beside_us(path, sizeof path))
        execv(path, argv);
    else
        execvp(PROGRAM, argv);
    problem(&why, PROBLEM_FAILED, PROGRAM " cannot be started: %s", strerror(errno));
    return cli_fail(who, &why);
}
