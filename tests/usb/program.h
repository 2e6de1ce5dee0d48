/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `tenderfoot` as a child process: started, watched, ended. Asserts that starting works. */
#ifndef TENDERFOOT_TESTS_PROGRAM_H
#define TENDERFOOT_TESTS_PROGRAM_H

#include <stdint.h>
#include <sys/types.h>

struct program {
    pid_t pid;               /* 0 = not running */
    int code;                /* exit code; 128 + signal */
    char out[128], err[128]; /* files in the scratch folder */
    int is_humble;           /* see below */
};

/* $BIN/tenderfoot with these words (NULL at the end). With is_humble set, a superuser's child may
 * not override permissions, so that it is refused as anybody else is. */
void program_start(struct program *program, const char *const words[]);

/* 1 when it has ended within so many ms (then `code` holds), else 0. */
int program_ends(struct program *program, unsigned ms);

/* Starts it and waits for its end, 20 s at most: its code. */
int program_run(struct program *program, const char *const words[]);

/* Ends it with the signal if it still runs, and waits for it at most 10 s: its code. */
int program_stop(struct program *program, int signal);

/* Of /proc: open descriptors that are no sockets (umockdev has one for each device that is open,
 * and now and then keeps it), sockets, resident KiB, CPU time in s (user and system). */
unsigned program_descriptors(const struct program *program);
unsigned program_sockets(const struct program *program);
void program_list_descriptors(const struct program *program); /* printed */
long program_resident_kib(const struct program *program);
double program_cpu_s(const struct program *program);

/* What it has said so far, in a buffer that the next call overwrites. */
const char *program_said(const char *file);
void program_assert_says(const char *file, const char *words);
unsigned program_lines(const char *file);
/* The number after "key": in JSON, or -1. */
double program_number(const char *file, const char *key);

#endif
