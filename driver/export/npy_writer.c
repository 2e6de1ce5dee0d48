/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NumPy's .npy: float32, axes frame, row (0 = back), column (0 = left), kPa, exact. Lost frames are
 * not filled in: time_s is in HDF5. */
#include "driver/export/frame_export.h"

#include <stdlib.h>
#include <string.h>

#define HEADER 128 /* a multiple of 64, as NumPy aligns it */

struct npy {
    size_t cells;
    FILE *out;
    unsigned char *bytes; /* little-endian, of one frame */
};

static void put_header(const struct frame_export_facts *facts, FILE *out)
{
    char header[HEADER + 1];
    int n = snprintf(header, sizeof header,
                     "%cNUMPY%c%c%c%c{'descr': '<f4', 'fortran_order': False, 'shape': (%llu, %d, "
                     "%d), }",
                     0x93, 1, 0, HEADER - 10, 0, (unsigned long long)facts->n_frames,
                     facts->grid.rows, facts->grid.cols);
    memset(header + n, ' ', (size_t)(HEADER - n));
    header[HEADER - 1] = '\n';
    fwrite(header, 1, HEADER, out);
}

static void *npy_begin(const struct frame_export_facts *facts, FILE *out, const char *path,
                       struct problem *why)
{
    struct npy *f = malloc(sizeof *f);
    size_t cells = grid_cells(&facts->grid);
    unsigned char *bytes = malloc(4 * cells);
    (void)path;
    if (!f || !bytes) {
        free(f);
        free(bytes);
        problem_no_memory(why, "an export");
        return NULL;
    }
    *f = (struct npy){cells, out, bytes};
    put_header(facts, out);
    return f;
}

static int npy_frame(void *context, uint64_t number, double time_s, const float *kpa,
                     struct problem *why)
{
    const struct npy *f = context;
    (void)number;
    (void)time_s;
    (void)why;
    for (size_t i = 0; i < f->cells; i++) {
        uint32_t bits;
        memcpy(&bits, kpa + i, sizeof bits);
        for (int byte = 0; byte < 4; byte++)
            f->bytes[4 * i + (size_t)byte] = (unsigned char)(bits >> 8 * byte);
    }
    fwrite(f->bytes, 4, f->cells, f->out);
    return 0;
}

static int npy_finish(void *context, int failed, struct problem *why)
{
    struct npy *f = context;
    (void)failed;
    (void)why;
    free(f->bytes);
    free(f);
    return 0;
}

const struct frame_format frame_format_npy = {
    .name = "npy", .begin = npy_begin, .frame = npy_frame, .finish = npy_finish};
