/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sentences of problems are written for whoever has the command line: they name files and give
 * commands. Who reads them over HTTP has neither, and is not told where the station keeps its data:
 * a path becomes its last part, a clause that advises a command goes, and what can be done on the
 * page stands in its place. */
#ifndef TENDERFOOT_DRIVER_DAEMON_HTTP_WORDS_H
#define TENDERFOOT_DRIVER_DAEMON_HTTP_WORDS_H

#include "firmware/wire/problem_code.h"

#define HTTP_WORDS_SIZE 480

/* `code` (enum problem_code, 0 = none) knows the advice. */
void http_words(const char *sentence, int code, char said[HTTP_WORDS_SIZE]);

#define HTTP_SOURCE_SIZE 160

/* A plate's URI: "virtual:/home/anna/normal.json?pace=2" is shown as "virtual:normal.json". What
 * follows the '?' may hold a path too, and goes. */
void http_source(const char *uri, char shown[HTTP_SOURCE_SIZE]);

#endif
