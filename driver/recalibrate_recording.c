/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/recalibrate_recording.h"

#include "driver/recording_header.h"
#include "driver/recording_output.h"
#include "driver/recording_repair.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check(const char *from, const struct recording_header *header,
                 const struct calibration *calibration, struct problem *why)
{
    struct calibration_facts facts;
    calibration_facts(calibration, &facts);
    if (strcmp(header->units, "counts"))
        return problem(why, PROBLEM_REFUSED,
                       "%s holds kPa, not counts: no calibration can be applied to it", from);
    if (calibration_check(calibration, header->device.serial, header->rows, header->cols, why))
        return -1;
    if (facts.bits != header->bits)
        return problem(why, PROBLEM_REFUSED, "calibration '%s' is for counts of %d bits, %s has %d",
                       facts.id, facts.bits, from, header->bits);
    return 0;
}

/* The header with another calibration's id; all else in it stays, also what this program does not
 * know. malloc'ed, or NULL. */
static char *header_with(const char *json, const char *id, struct problem *why)
{
    json_t *root = json_loads(json, 0, NULL);
    char *text = NULL;
    if (root && !json_object_set_new(root, "calibration_id", json_string(id)))
        text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(17));
    json_decref(root);
    if (!text)
        problem_no_memory(why, "a recording's header");
    return text;
}

static int write_copy(struct recording *original, const char *header, const char *to,
                      const void *calibration, size_t n, struct problem *why)
{
    struct recording_output out;
    if (recording_output_begin(&out, to, header, calibration, n, why))
        return -1;
    if (!recording_copy_messages(original, out.writer, why))
        return recording_output_finish(&out, why);
    recording_output_abort(&out);
    return -1;
}

/* What goes into the new file. */
struct parts {
    struct recording *original;
    struct calibration *calibration;
    void *bytes; /* of the calibration's file */
    size_t n;
    char *header;
};

static int get_parts(struct parts *parts, const char *from, const char *calibration,
                     struct recalibration *facts, struct problem *why)
{
    struct recording_header header;
    struct calibration_facts about;
    parts->original = recording_open(from, why);
    if (!parts->original || recording_header_parse(recording_header(parts->original), &header, why))
        return -1;
    parts->calibration = calibration_load(calibration, &parts->bytes, &parts->n, why);
    if (!parts->calibration || check(from, &header, parts->calibration, why))
        return -1;
    calibration_facts(parts->calibration, &about);
    snprintf(facts->before_id, sizeof facts->before_id, "%s", header.calibration_id);
    snprintf(facts->id, sizeof facts->id, "%s", about.id);
    snprintf(facts->date, sizeof facts->date, "%s", about.date);
    facts->pressure_error_percent = about.pressure_error_percent;
    facts->force_error_percent = about.force_error_percent;
    parts->header = header_with(recording_header(parts->original), about.id, why);
    return parts->header ? 0 : -1;
}

int recalibrate_recording(const char *from, const char *calibration, const char *to,
                          struct recalibration *facts, struct problem *why)
{
    struct parts parts = {0};
    int bad = get_parts(&parts, from, calibration, facts, why) ||
              write_copy(parts.original, parts.header, to, parts.bytes, parts.n, why);
    if (!bad)
        recording_summary(parts.original, &facts->original);
    free(parts.header);
    free(parts.bytes);
    calibration_free(parts.calibration);
    recording_close(parts.original);
    return bad ? -1 : 0;
}
