/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NumPy files of all kinds. */
#include "tests/support/fuzz_import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct import_hints said = {.pitch_x_mm = 5, .pitch_y_mm = 4, .rate_hz = 50};
    fuzz_import_run(import_npy, data, n, &said);
    return 0;
}
