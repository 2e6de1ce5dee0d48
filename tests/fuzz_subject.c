/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a subject: refused with a sentence, or every number inside its stated range. Small
 * accepted ones are played for a moment as well. */
#include "samples/subject.h"
#include "samples/subject_source.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void check_bounds(const struct subject *subject)
{
    const struct plate_setting *plate = &subject->plate;
    assert(plate->rows >= 4 && plate->rows <= 256 && plate->cols >= 4 && plate->cols <= 256);
    assert(plate->bits >= 8 && plate->bits <= 16 && plate->serial[0]);
    assert(subject->n_feet >= 0 && subject->n_feet <= 2);
    for (int i = 0; i < subject->n_feet; i++) {
        const struct subject_foot *foot = &subject->feet[i];
        assert(foot->length_mm >= 80 && foot->length_mm <= 400);
        assert(foot->width_scale >= 0.69 && foot->width_scale <= 1.41);
        assert(isfinite(foot->heel.x_mm) && isfinite(foot->heel.y_mm));
    }
    assert(subject->protocol.press.n_route <= SUBJECT_LIST_MAX);
    assert(memchr(subject->person.label, 0, sizeof subject->person.label));
}

static int is_quick(const struct subject *subject)
{
    const struct plate_setting *plate = &subject->plate;
    return plate->rows * plate->cols <= 1024 && plate->pitch_x_mm >= 4 && plate->pitch_y_mm >= 4 &&
           subject->protocol.stand_s <= 30 && subject->protocol.press.n_route <= 2;
}

static void play(const struct subject *subject)
{
    struct problem why = {0};
    struct scan_source *source = subject_source_create(subject, 7, &why);
    if (!source) {
        assert(why.text[0]);
        return;
    }
    uint16_t counts[1024];
    unsigned largest = (1u << source->bits) - 1;
    for (int i = 0; i < 5; i++) {
        source->scan(source, (uint64_t)i * source->duration_us / 5, counts);
        for (int k = 0; k < source->rows * source->cols; k++)
            assert(counts[k] <= largest);
    }
    source->close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct subject subject;
    struct problem why = {0};
    if (subject_parse(data, size, "fuzz", &subject, &why)) {
        assert(why.text[0] && why.kind != PROBLEM_NONE);
        return 0;
    }
    check_bounds(&subject);
    if (is_quick(&subject))
        play(&subject);
    return 0;
}
