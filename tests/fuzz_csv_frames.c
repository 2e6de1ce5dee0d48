/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of numbers: as blocks, and as one row a frame. */
#include "tests/support/fuzz_import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct import_hints blocks = {.pitch_x_mm = 5, .pitch_y_mm = 4, .rate_hz = 50};
    struct import_hints rows = {.pitch_x_mm = 5, .pitch_y_mm = 4, .rows = 2, .cols = 3};
    fuzz_import_run(import_csv_frames, data, n, &blocks);
    fuzz_import_run(import_csv_frames, data, n, &rows);
    return 0;
}
