/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the verbs share: how a problem is told, how a result is printed as JSON, and how a file is
 * written so that a half-written one is never seen. */
#ifndef TENDERFOOT_DRIVER_CLI_CLI_H
#define TENDERFOOT_DRIVER_CLI_CLI_H

#include "firmware/wire/problem.h"

#include <jansson.h>
#include <stdio.h>

/* Prints "tenderfoot record: sentence" on stderr (`who` is the verb's argv[0]) and returns the exit
 * code, so that a verb can end with `return cli_fail(argv[0], &why)`. */
int cli_fail(const char *who, const struct problem *why);

/* One document on stdout, indented, keys in the order in which they were set, numbers with at most
 * 12 digits. Takes over `document`; NULL (a text that is not UTF-8, no memory) is a failure. 0 or
 * -1; -1 also when stdout cannot be written (a closed pipe, a full disk). */
int cli_print_json(json_t *document, struct problem *why);

/* What an action tells, which stays the caller's: the document itself, or the words that `print`
 * puts on stdout. 0 or -1. */
int cli_tell(json_t *told, int as_json, void (*print)(const json_t *told), struct problem *why);

/* After the last word on stdout: 0, or -1 when not all of it could be written. */
int cli_flush_stdout(struct problem *why);

/* Words broken at the terminal's width, at 80 columns where `to` is none; every line but the first
 * behind `indent` spaces. The first is meant to begin there. */
void cli_print_wrapped(FILE *to, const char *text, int indent);
/* An empty line and the disclaimer (analysis/wording.h), wrapped, in the thread's language. */
void cli_print_disclaimer(FILE *to);

/* SIGINT, SIGTERM and SIGHUP become a descriptor that a recording's loop watches: a descriptor, or
 * -1 with a reason. They no longer end the program by themselves. */
int cli_stop_fd(struct problem *why);

/* A file that appears under its name only when it is whole: a file without a name on the same disk
 * (hidden, where the disk has no such or nothing is at /proc), written, synced, named, and the
 * folder synced: who kills the program finds nothing of it. Mode 0600 (these are personal data), or
 * that of the file it replaces. Write to `stream` (binary or text); errors may be left to
 * cli_output_finish. Typical use: struct cli_output out; if (cli_output_begin(&out, path, &why))
 * return cli_fail(...); if (write_report(out.stream, &why)) { cli_output_abort(&out); return
 * cli_fail(...); } if (cli_output_finish(&out, &why)) return cli_fail(...); */
struct cli_output {
    FILE *stream;
    char by_fd[32];         /* its path without a name */
    char *path, *temporary; /* the output's own */
    int is_named;           /* `temporary` is there */
};
int cli_output_begin(struct cli_output *out, const char *path, struct problem *why);
/* A path that opens it until it is over, for a library that wants one. */
const char *cli_output_opens(const struct cli_output *out);
/* 0 when all of it is on the disk, not under its name yet: of files that belong together, settle
 * each before the first is finished. -1: the output is over, and there is no trace of it. */
int cli_output_settle(struct cli_output *out, struct problem *why);
/* 0 when the whole file is on the disk under its name; else -1 and there is no trace of it. The
 * output is over whatever is returned. */
int cli_output_finish(struct cli_output *out, struct problem *why);
void cli_output_abort(struct cli_output *out);

/* Files made from a recording can be made again, so that they are replaced; but never in silence.
 * Ask before each is written, and tell of all of them on stdout: "csv: 20 files are written, 20 of
 * them in the place of older ones." of a folder, "page.pdf is written." of a file (n = 1). */
int cli_is_there(const char *path);
void cli_tell_written(const char *path, int n, int n_replaced);

#endif
