/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RSscan's and footscan's text of all kinds, with and without what the user says. */
#include "tests/support/fuzz_import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct import_hints said = {
        .pitch_x_mm = 5, .pitch_y_mm = 4, .rate_hz = 50, .units = IMPORT_PSI, .part = 2};
    fuzz_import_run(import_rolloff, data, n, &(struct import_hints){0});
    fuzz_import_run(import_rolloff, data, n, &said);
    return 0;
}
