/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which member of an object does not fit: what json_unpack_ex leaves out of "Expected string, got
 * integer". Any thread. */
#ifndef TENDERFOOT_ANALYSIS_JSON_MEMBERS_H
#define TENDERFOOT_ANALYSIS_JSON_MEMBERS_H

#include <jansson.h>

/* `members`: "words:s zones?a": a name, ':' (must be there) or '?' (may), and its type: s text, i
 * whole number, n number, b true or false, a list. In `text`, cut at cap: the first that does not
 * fit, in words; where all fit, what jansson said. */
const char *json_misfit(const json_t *object, const char *members, const json_error_t *error,
                        char *text, size_t cap);

#endif
