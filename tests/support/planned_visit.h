/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A visit planned from a subject's text, or the test fails with the words of the refusal. HEAD
 * begins such a text. Included by one test program each, after cmocka.h. */
#ifndef TENDERFOOT_TESTS_PLANNED_VISIT_H
#define TENDERFOOT_TESTS_PLANNED_VISIT_H

#include "samples/subject.h"
#include "samples/visit.h"

#include <string.h>

#define HEAD "{\"schema\": \"tenderfoot/subject/1\", "

static struct problem why;
static struct subject subject;

static struct visit *plan(const char *text, uint64_t seed)
{
    if (subject_parse(text, strlen(text), "test.json", &subject, &why))
        fail_msg("%s", why.text);
    struct visit *visit = visit_plan(&subject, seed, &why);
    if (!visit)
        fail_msg("%s", why.text);
    return visit;
}

#endif
