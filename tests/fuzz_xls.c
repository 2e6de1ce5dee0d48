/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workbooks: what the library in its own process makes of them, and that nothing else does harm. */
#include "tests/support/fuzz_import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    FILE *file = tmpfile();
    if (!file)
        return 0;
    if (fwrite(data, 1, n, file) == n && !fflush(file)) {
        rewind(file);
        fuzz_import_file(import_footscan_xls, file, &(struct import_hints){0});
    }
    fclose(file);
    return 0;
}
