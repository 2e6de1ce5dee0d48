/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/json_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DOCUMENT_MOST = 4 << 20 };

int json_error_is_memory(const json_error_t *error)
{
    return !error->text[0] || json_error_code(error) == json_error_out_of_memory;
}

static int read_all(FILE *file, char *bytes, const char *what, const char *path, size_t most,
                    size_t *n, struct problem *why)
{
    *n = fread(bytes, 1, most + 1, file);
    if (ferror(file))
        return problem(why, PROBLEM_FAILED, "%s%.200s cannot be read: %s", what, path,
                       strerror(errno));
    if (*n > most)
        return problem(why, PROBLEM_REFUSED, "%s%.200s is longer than %zu bytes", what, path, most);
    return 0;
}

char *json_file_bytes(const char *what, const char *path, size_t most, size_t *n,
                      struct problem *why)
{
    FILE *file = fopen(path, "rbe");
    char *bytes = file ? malloc(most + 1) : NULL;

    if (!file)
        problem(why, PROBLEM_FAILED, "%s%.200s cannot be opened: %s", what, path, strerror(errno));
    else if (!bytes)
        problem_no_memory(why, "a file's bytes");
    if (bytes && read_all(file, bytes, what, path, most, n, why)) {
        free(bytes);
        bytes = NULL;
    }
    if (file)
        fclose(file);
    return bytes;
}

json_t *json_file_load(const char *path, struct problem *why)
{
    json_error_t error;
    size_t n;
    char *bytes = json_file_bytes("", path, DOCUMENT_MOST, &n, why);
    json_t *document = bytes ? json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &error) : NULL;

    if (bytes && !document && json_error_is_memory(&error))
        problem_no_memory(why, "a document");
    else if (bytes && !document)
        problem(why, PROBLEM_REFUSED, "%.200s, line %d: not JSON (%.100s)", path, error.line,
                error.text);
    free(bytes);
    return document;
}
