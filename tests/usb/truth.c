/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/usb/truth.h"

#include "firmware/wire/frame_codec.h"
#include "tests/usb/usb_plate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CELLS_MAX = 128 * 128 };

/* A plate that has not been tared since its power came back sends its resting counts too. */
static void check_cells(uint32_t seq, const struct frame_shape *shape, const uint16_t *counts)
{
    int rest = shape->flags & FRAME_TARED ? 0 : (int)USB_PLATE_REST;
    for (unsigned row = 0; row < shape->rows; row++)
        for (unsigned col = 0; col < shape->cols; col++) {
            int expected = (int)usb_plate_truth(seq, row, col) + rest;
            int found = counts[row * shape->cols + col];
            if (abs(found - expected) > 3 * (int)USB_PLATE_NOISE && (found || expected > 60))
                fail_msg("scan %u, row %u, column %u: %d, was %d", seq, row, col, found, expected);
        }
}

void truth_of_recording(const char *path, struct recording_summary *summary)
{
    static uint16_t counts[CELLS_MAX];
    struct problem why = {0};
    struct recording_item item;
    struct frame_shape shape;
    int more;
    struct recording *recording = recording_open(path, &why);
    if (!recording)
        fail_msg("%s", why.text);
    while ((more = recording_next(recording, &item, &why)) == 1)
        if (item.message.type == WIRE_FRAME) {
            assert_int_equal(item.repeat, SEQUENCE_NEW);
            if (frame_decode(item.message.payload, item.message.payload_len, &shape, counts,
                             CELLS_MAX))
                fail_msg("scan %u at byte %llu, %u bytes: no frame", item.message.seq,
                         (unsigned long long)item.offset, item.message.payload_len);
            check_cells(item.message.seq, &shape, counts);
        }
    assert_int_equal(more, 0);
    recording_summary(recording, summary);
    recording_close(recording);
    assert_int_equal(summary->damaged_bytes, 0);
    assert_int_equal(summary->missing_messages, 0);
}
