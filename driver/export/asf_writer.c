/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tekscan's ASCII movie: toes at the top, kPa with as many digits as a float has, 'B' where no
 * sensor is. Frames keep their numbers, so that a lost one shows. */
#include "driver/export/frame_export.h"

#include "driver/version.h"

#include <stdlib.h>

struct asf {
    const struct frame_export_facts *facts;
    FILE *out;
};

/* A movie holds no value below 0: to write 0 in its place would be another measurement. */
static int check_values(const struct frame_export_facts *facts, struct problem *why)
{
    if (facts->least_kpa >= 0)
        return 0;
    return problem(why, PROBLEM_REFUSED,
                   "the recording holds pressures below 0 (%g kPa), which an .asf cannot say; "
                   "export npy or hdf5",
                   facts->least_kpa);
}

static void put_head(const struct asf *f)
{
    const struct frame_export_facts *facts = f->facts;
    const struct grid *grid = &facts->grid;
    fprintf(f->out,
            "DATA_TYPE MOVIE\r\nVERSION tenderfoot %s\r\nHARDWARE %s\r\nSENSOR_TYPE %s\r\n"
            "ROWS %d\r\nCOLS %d\r\nROW_SPACING %.9g mm\r\nCOL_SPACING %.9g mm\r\n"
            "SENSEL_AREA %.9g mm2\r\nNOISE_THRESHOLD 0\r\nSECONDS_PER_FRAME %.12g\r\n"
            "MICRO_SECOND 0\r\nTIME %s\r\nCOMMENTS:\r\n\r\nSTART_FRAME 1\r\nEND_FRAME %llu\r\n"
            "UNITS KPa\r\nMIRROR_ROW 0\r\nMIRROR_COL 0\r\nASCII_DATA @@\r\n\r\n",
            TENDERFOOT_VERSION, facts->header->device.serial, facts->header->device.model,
            grid->rows, grid->cols, grid->pitch_y_mm, grid->pitch_x_mm,
            grid->pitch_x_mm * grid->pitch_y_mm, 1 / facts->header->rate_hz,
            facts->header->created_utc, (unsigned long long)facts->last_number + 1);
}

static void *asf_begin(const struct frame_export_facts *facts, FILE *out, const char *path,
                       struct problem *why)
{
    struct asf *f = check_values(facts, why) ? NULL : malloc(sizeof *f);
    (void)path;
    if (!f) {
        if (facts->least_kpa >= 0)
            problem_no_memory(why, "an export");
        return NULL;
    }
    *f = (struct asf){facts, out};
    put_head(f);
    return f;
}

static int asf_frame(void *context, uint64_t number, double time_s, const float *kpa,
                     struct problem *why)
{
    const struct asf *f = context;
    const struct grid *grid = &f->facts->grid;
    (void)time_s;
    (void)why; /* errors stay in the stream until it is finished */
    fprintf(f->out, "Frame %llu\r\n", (unsigned long long)number + 1);
    for (int row = grid->rows - 1; row >= 0; row--) {
        size_t i = (size_t)row * (size_t)grid->cols;
        for (int col = 0; col < grid->cols; col++, i++) {
            if (col)
                fputc(',', f->out);
            if (f->facts->no_sensor && f->facts->no_sensor[i])
                fputc('B', f->out);
            else
                fprintf(f->out, "%.9g", (double)kpa[i]);
        }
        fputs("\r\n", f->out);
    }
    fputs("\r\n", f->out);
    return 0;
}

static int asf_finish(void *context, int failed, struct problem *why)
{
    const struct asf *f = context;
    (void)why;
    if (!failed)
        fputs("@@\r\n", f->out);
    free(context);
    return 0;
}

const struct frame_format frame_format_asf = {
    .name = "asf", .begin = asf_begin, .frame = asf_frame, .finish = asf_finish};
