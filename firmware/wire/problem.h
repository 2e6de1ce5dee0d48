/* SPDX-License-Identifier: MIT */
/* A problem: what went wrong with something that came from outside, in one sentence.
 *
 * Every fallible function of the host takes a `struct problem *why` as its last argument, returns
 * 0 on success and -1 on failure, and fills `why` only on failure. The sentence says what, where
 * (file, byte or line) and what to do. The kind is the exit code of the command line, so that a
 * verb can end with `return why.kind`. Asserts are for our own mistakes only.
 * Threads: no state is shared. Ownership: the caller owns the struct. */
#ifndef TENDERFOOT_WIRE_PROBLEM_H
#define TENDERFOOT_WIRE_PROBLEM_H

enum problem_kind {
    PROBLEM_NONE = 0,        /* done */
    PROBLEM_FAILED = 1,      /* no plate, no permission, busy, disk full, out of memory */
    PROBLEM_USAGE = 2,       /* the words on the command line are wrong */
    PROBLEM_REFUSED = 3,     /* input damaged, not ours, out of bounds, wrong protocol version */
    PROBLEM_DEVICE_LOST = 4, /* the plate left after it was open */
};

struct problem {
    enum problem_kind kind;
    char text[360];
    int code; /* enum problem_code (problem_code.h): for a page that says it in its own
                 words; 0 = none */
};

/* Sets kind and sentence (printf style, cut at the end of `text`); `why` may be NULL.
 * Always returns -1, so that a function can `return problem(why, PROBLEM_REFUSED, "...")`. */
int problem(struct problem *why, enum problem_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with a code. */
int problem_coded(struct problem *why, int code, enum problem_kind kind, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same for memory that could not be had: `what` was to be made. Always returns -1. */
int problem_no_memory(struct problem *why, const char *what);

#endif
