/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The judge of a request's head: what passes has one meaning only, and is whole. */
#include "driver/daemon/http_head.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const open_paths[] = {"/", NULL};

static void must(int holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct http_rules rules = {
        .hosts = {"h:1"},
        .n_hosts = 1,
        .token = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        .open_paths = open_paths};
    struct http_head head;
    const char *reason;
    int status = http_head_judge((const char *)data, size, &rules, &head, &reason);
    must(status == 0 || status == 200 || (status >= 400 && status <= 505));
    if (status != 200)
        return 0;
    must(head.size <= size && head.size <= HTTP_HEAD_MAX && head.body_length <= HTTP_BODY_MAX);
    must(!memcmp(data + head.size - 4, "\r\n\r\n", 4));
    must(head.path[0] == '/' && !strstr(head.path, "..") && !strstr(head.path, "//") &&
         !strchr(head.path, '%'));
    must(head.method == HTTP_POST || head.body_length == 0);
    for (size_t i = 0; i < head.size; i++)
        must(data[i] != '\n' || (i > 0 && data[i - 1] == '\r'));
    return 0;
}
