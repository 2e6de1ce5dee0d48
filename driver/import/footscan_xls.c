/* SPDX-License-Identifier: GPL-3.0-or-later */
/* footscan's export as a workbook: the same table as its text. */
#include "driver/import/frame_sink.h"
#include "driver/import/xls_text.h"

int import_footscan_xls(FILE *file, const char *name, const struct import_hints *hints,
                        const struct frame_sink *sink, struct problem *why)
{
    FILE *text = xls_as_text(file, name, why);
    if (!text)
        return -1;
    int result = import_rolloff(text, name, hints, sink, why);
    fclose(text);
    return result;
}
