/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as norms: refused with a sentence, or norms whose classes part all numbers. */
#include "analysis/norms.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct problem why = {0};
    struct norms *norms = norms_parse(bytes, n, "fuzz", &why);

    if (!norms) {
        if (!why.kind || !why.text[0])
            abort();
        return 0;
    }
    for (int i = 0; i < norms_count(norms); i++) {
        const struct norm *norm = norms_at(norms, i);
        char why_not[200];

        if (!(norm->age_low_years < norm->age_high_years) ||
            !(norm->length_low_mm < norm->length_high_mm) ||
            (!norm_holds_for(norm, NAN, 255, why_not, sizeof why_not) && !why_not[0]))
            abort();

        for (double value = -100; value <= 100; value += 0.37) {
            int class = norm_class_of(norm, value);

            if (class < 0 || class >= norm->n_classes || value < norm_class_low(norm, class) ||
                !(value < norm_class_high(norm, class)))
                abort();
        }
        if (norm_class_of(norm, NAN) != -1)
            abort();
    }
    norms_free(norms);
    return 0;
}
