/* SPDX-License-Identifier: MIT */
#include "driver/recording_repair.h"

#include "driver/recording_output.h"

int recording_copy_messages(struct recording *from, struct recording_writer *to,
                            struct problem *why)
{
    struct recording_item item;
    int got;
    while ((got = recording_next(from, &item, why)) > 0) {
        if (recording_append(to, item.bytes, item.size, item.host_time_us, why))
            return -1;
    }
    return got;
}

int recording_repair(const char *from, const char *to, struct recording_summary *before,
                     struct problem *why)
{
    struct recording *original = recording_open(from, why);
    if (!original)
        return -1;
    size_t n;
    const void *calibration = recording_calibration(original, &n);
    struct recording_output out;
    int bad = recording_output_begin(&out, to, recording_header(original), calibration, n, why);
    if (!bad) {
        bad = recording_copy_messages(original, out.writer, why);
        if (bad)
            recording_output_abort(&out);
        else
            bad = recording_output_finish(&out, why);
    }
    if (before)
        recording_summary(original, before);
    recording_close(original);
    return bad ? -1 : 0;
}
