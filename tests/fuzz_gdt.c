/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A practice system's request: read or refused with words, never read beyond its end. */
#include "driver/import/gdt_request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct gdt_request request;
    struct problem why = {0};
    gdt_is_cut_short(data, n);
    if (gdt_request_parse(data, n, &request, &why)) {
        if (!why.text[0])
            abort();
    } else if (!request.number[0] || strchr(request.number, '/')) {
        abort();
    }
    return 0;
}
