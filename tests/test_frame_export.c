/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording's frames through each of the formats and back: the same to the last digit that the
 * format has, whatever the plate's size, for random, saturated, tiny and lost frames. */
#include "driver/export/frame_export.h"
#include "driver/import/import.h"
#include "driver/import/import_notes.h"
#include "driver/pressure_reader.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/near.h"

#include <hdf5.h>
#include <matio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FRAMES = 6, LOST = 4 };

struct plate {
    int rows, cols;
    double pitch_x_mm, pitch_y_mm, rate_hz;
    int masked, lost;
    double offset; /* of every pressure: below 0 now and then */
    float *kpa;    /* FRAMES * rows * cols */
};

/* Mostly empty, a few small, a few large, one at the top of the range. */
static float draw_kpa(uint64_t *seed)
{
    uint64_t random = scratch_random(seed);
    double unit = (double)(random >> 40) / (1 << 24);
    switch (random % 8) {
    case 0:
        return (float)(unit * 1e-4);
    case 1:
    case 2:
        return (float)(unit * 80);
    case 3:
        return (float)(unit * 1200);
    case 4:
        return random % 64 == 4 ? 65535 : 0;
    default:
        return 0;
    }
}

/* A table of ours becomes the recording, so that it holds the kPa, a mask and a lost frame. */
static void write_recording(const char *name, const struct plate *p)
{
    struct import_options o = {.client = "x",
                               .format = "csv",
                               .hints = {.pitch_x_mm = p->pitch_x_mm,
                                         .pitch_y_mm = p->pitch_y_mm,
                                         .rate_hz = p->rate_hz,
                                         .rows = p->rows,
                                         .cols = p->cols}};
    struct import_result result;
    struct problem why = {0};
    int cells = p->rows * p->cols;
    FILE *f = fopen(scratch_new("table.csv"), "w");
    for (int frame = 0; frame < FRAMES; frame++) {
        if (p->lost && frame == LOST)
            continue;
        fprintf(f, "%.9f", frame / p->rate_hz);
        for (int i = 0; i < cells; i++)
            if (p->masked && i == 0)
                fputs(",B", f);
            else
                fprintf(f, ",%.9g", (double)p->kpa[frame * cells + i] + p->offset);
        fputc('\n', f);
    }
    fclose(f);
    if (import_file(scratch_path("table.csv"), scratch_new(name), &o, &result, &why))
        fail_msg("%s", why.text);
}

static int export_to(const char *from, const char *format, const char *to,
                     struct frame_export_report *report, struct problem *why)
{
    struct frame_export_options options = {.threshold_kpa = 5, .min_force_n = 20};
    FILE *out = fopen(to, "w+b");
    assert_non_null(out);
    int bad = frame_export(from, frame_format_named(format), &options, out, to, report, why);
    assert_int_equal(ferror(out), 0);
    fclose(out);
    return bad;
}

/* Within the format's last digit, and then within what a float holds of it; 0 = the same bits. */
static void near_float(float found, float wanted, double bound)
{
    assert_near((double)found, (double)wanted, bound > 0 ? bound + 1e-7 * (double)wanted : 0);
}

/* The recording's frames are the drawn ones within `bound`; frame numbers as `keeps_numbers`. */
static void check_recording(const char *path, const struct plate *p, double bound,
                            int keeps_numbers)
{
    struct pressure_item item;
    struct problem why = {0};
    struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
    int frame = 0, cells = p->rows * p->cols;
    const struct recording_header *h = pressure_reader_header(r);
    assert_int_equal(h->rows, p->rows);
    assert_int_equal(h->cols, p->cols);
    assert_near(h->pitch_x_mm, p->pitch_x_mm, 1e-5);
    assert_near(h->pitch_y_mm, p->pitch_y_mm, 1e-5);
    assert_near(h->rate_hz, p->rate_hz, 1e-6 * p->rate_hz);
    while (pressure_reader_next(r, &item, &why) > 0) {
        if (item.kind != PRESSURE_FRAME)
            continue;
        frame += p->lost && frame == LOST;
        if (keeps_numbers)
            assert_int_equal(item.seq, frame);
        for (int i = p->masked; i < cells; i++)
            near_float(item.kpa[i], p->kpa[frame * cells + i], bound);
        frame++;
    }
    assert_int_equal(frame, FRAMES);
    pressure_reader_close(r);
}

static void check_text_formats(const struct plate *p)
{
    static const struct {
        const char *format;
        double bound;
        int keeps_numbers, keeps_mask;
    } formats[] = {{"asf", 0, 1, 1}, {"lst", 0.005001, 1, 0}, {"npy", 0, 0, 0}};
    struct frame_export_report report;
    for (size_t i = 0; i < 3; i++) {
        struct import_options o = {0};
        struct import_result result;
        struct problem why = {0};
        const char *from = scratch_path("rec.tfr"), *to = scratch_new("out");
        const char *back = scratch_new("back.tfr");
        if (formats[i].format[0] == 'n')
            o.hints = (struct import_hints){
                .pitch_x_mm = p->pitch_x_mm, .pitch_y_mm = p->pitch_y_mm, .rate_hz = p->rate_hz};
        if (export_to(from, formats[i].format, to, &report, &why) ||
            import_file(to, back, &o, &result, &why))
            fail_msg("%s: %s", formats[i].format, why.text);
        assert_int_equal(report.frames, FRAMES - p->lost);
        assert_int_equal(report.missing, p->lost);
        assert_int_equal(report.no_sensor_cells, p->masked);
        assert_int_equal(result.no_sensor_cells, formats[i].keeps_mask * p->masked);
        assert_int_equal(result.contradicted_frames, 0);
        check_recording(back, p, formats[i].bound, formats[i].keeps_numbers);
    }
}

/* --- HDF5, read by the library itself ----------------------------------------------------------
 */

static void read_set(hid_t file, const char *name, hid_t type, size_t n, void *values)
{
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(set);
    assert_true(set >= 0);
    assert_int_equal(H5Sget_simple_extent_npoints(space), n);
    assert_true(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    H5Dclose(set);
}

static void check_shape(hid_t file, const struct plate *p)
{
    hid_t set = H5Dopen2(file, "pressure", H5P_DEFAULT), space = H5Dget_space(set);
    hid_t how = H5Dget_create_plist(set), attribute = H5Aopen(set, "pitch_x_mm", H5P_DEFAULT);
    hsize_t sizes[3], chunk[3];
    double pitch;
    assert_int_equal(H5Sget_simple_extent_dims(space, sizes, NULL), 3);
    assert_int_equal(H5Pget_chunk(how, 3, chunk), 3);
    assert_true(H5Aread(attribute, H5T_NATIVE_DOUBLE, &pitch) >= 0);
    assert_near(pitch, p->pitch_x_mm, 0);
    assert_true(sizes[0] == (hsize_t)(FRAMES - p->lost) && chunk[0] == 1);
    assert_true(sizes[1] == (hsize_t)p->rows && chunk[1] == sizes[1]);
    assert_true(sizes[2] == (hsize_t)p->cols && chunk[2] == sizes[2]);
    H5Aclose(attribute);
    H5Pclose(how);
    H5Sclose(space);
    H5Dclose(set);
}

static void check_hdf5(const struct plate *p)
{
    size_t cells = (size_t)(p->rows * p->cols), n = (size_t)(FRAMES - p->lost);
    float *kpa = calloc(n * cells, sizeof *kpa);
    double time_s[FRAMES], force_n[FRAMES];
    struct frame_export_report report;
    struct problem why = {0};
    const char *to = scratch_new("out.h5");
    if (export_to(scratch_path("rec.tfr"), "hdf5", to, &report, &why))
        fail_msg("%s", why.text);
    hid_t file = H5Fopen(to, H5F_ACC_RDONLY, H5P_DEFAULT);
    check_shape(file, p);
    read_set(file, "pressure", H5T_NATIVE_FLOAT, n * cells, kpa);
    read_set(file, "time_s", H5T_NATIVE_DOUBLE, n, time_s);
    read_set(file, "force_n", H5T_NATIVE_DOUBLE, n, force_n);
    for (size_t i = 0; i < n; i++) {
        size_t frame = i + (p->lost && i >= LOST);
        double sum = 0;
        assert_near(time_s[i], (double)frame / p->rate_hz, 1e-6);
        for (size_t cell = 0; cell < cells; cell++) {
            double want = p->masked && cell == 0 ? 0 : (double)p->kpa[frame * cells + cell];
            assert_true((double)kpa[i * cells + cell] == want);
            sum += want >= 5 ? want : 0;
        }
        sum *= p->pitch_x_mm * p->pitch_y_mm * 1e-3;
        assert_near(force_n[i], sum, 1e-9 * sum);
    }
    if (p->masked) {
        uint8_t *mask = calloc(cells, 1);
        read_set(file, "no_sensor", H5T_NATIVE_UINT8, cells, mask);
        assert_true(mask[0] == 1 && (cells < 2 || mask[1] == 0));
        free(mask);
    }
    assert_int_equal(H5Lexists(file, "annotations", H5P_DEFAULT) > 0, p->masked);
    H5Fclose(file);
    free(kpa);
}

/* As the other software sees it: column by column, frame by frame. */
static void check_mat(const struct plate *p)
{
    size_t cells = (size_t)(p->rows * p->cols), n = (size_t)(FRAMES - p->lost);
    struct frame_export_report report;
    struct problem why = {0};
    const char *to = scratch_new("out.mat");
    if (export_to(scratch_path("rec.tfr"), "mat", to, &report, &why))
        fail_msg("%s", why.text);
    mat_t *file = Mat_Open(to, MAT_ACC_RDONLY);
    assert_non_null(file);
    matvar_t *pressure = Mat_VarRead(file, "pressure"), *number = Mat_VarRead(file, "frame_number");
    matvar_t *mask = Mat_VarRead(file, "no_sensor"), *notes = Mat_VarRead(file, "annotations");
    assert_true(pressure && number && mask && notes);
    assert_int_equal(pressure->rank, 3);
    assert_true(pressure->dims[0] == (size_t)p->rows && pressure->dims[1] == (size_t)p->cols);
    assert_true(pressure->dims[2] == n && number->dims[0] == n);
    const float *kpa = pressure->data;
    for (size_t i = 0; i < n; i++) {
        size_t frame = i + (p->lost && i >= LOST);
        assert_true(((const double *)number->data)[i] == (double)frame);
        for (size_t r = 0; r < (size_t)p->rows; r++)
            for (size_t c = 0; c < (size_t)p->cols; c++) {
                size_t cell = r * (size_t)p->cols + c;
                float want = p->masked && cell == 0 ? 0 : p->kpa[frame * cells + cell];
                assert_true(kpa[i * cells + c * (size_t)p->rows + r] == want);
            }
    }
    assert_int_equal(((const uint8_t *)mask->data)[0], p->masked);
    assert_int_equal(notes->dims[0] > 0, p->masked);
    Mat_VarFree(pressure);
    Mat_VarFree(number);
    Mat_VarFree(mask);
    Mat_VarFree(notes);
    Mat_Close(file);
}

static void draw(struct plate *p, uint64_t *seed)
{
    size_t n = (size_t)(FRAMES * p->rows * p->cols);
    p->kpa = calloc(n, sizeof *p->kpa);
    for (size_t i = 0; i < n; i++)
        p->kpa[i] = draw_kpa(seed);
    write_recording("rec.tfr", p);
}

static void frames_come_back_to_the_last_digit(void **state)
{
    (void)state;
    struct plate plates[] = {
        {1, 2, 5, 5, 100, 0, 0, 0, NULL},           {7, 3, 5.08, 7.62, 126, 1, 1, 0, NULL},
        {33, 17, 8.47, 8.46, 31.25, 0, 1, 0, NULL}, {2, 256, 0.5, 50, 30, 1, 0, 0, NULL},
        {256, 5, 50, 0.5, 500, 0, 0, 0, NULL},
    };
    uint64_t seed = 0x7e4de6f007;
    print_message("seed %llx\n", (unsigned long long)seed);
    for (size_t i = 0; i < sizeof plates / sizeof plates[0]; i++) {
        draw(&plates[i], &seed);
        check_text_formats(&plates[i]);
        check_hdf5(&plates[i]);
        check_mat(&plates[i]);
        free(plates[i].kpa);
    }
}

static void what_a_format_cannot_say_is_refused(void **state)
{
    (void)state;
    struct plate p = {3, 3, 5, 5, 100, 0, 0, -0.5, NULL};
    struct frame_export_report report;
    uint64_t seed = 5;
    draw(&p, &seed);
    for (int i = 0; i < 2; i++) {
        struct problem why = {0};
        assert_int_equal(export_to(scratch_path("rec.tfr"), i ? "asf" : "lst", scratch_new("out"),
                                   &report, &why),
                         -1);
        assert_int_equal(why.kind, PROBLEM_REFUSED);
        assert_non_null(strstr(why.text, "below 0 (-0.5 kPa)"));
    }
    struct problem why = {0};
    assert_int_equal(export_to(scratch_path("rec.tfr"), "npy", scratch_new("out"), &report, &why),
                     0);
    assert_int_equal(export_to(scratch_path("none.tfr"), "npy", scratch_new("out"), &report, &why),
                     -1);
    free(p.kpa);
}

/* A kind of file that ends somewhere says so before it is begun, and names one that does not. */
static void what_a_file_cannot_hold_is_refused(void **state)
{
    (void)state;
    struct plate p = {4, 6, 5, 5, 100, 0, 0, 0, NULL};
    struct frame_export_report report;
    struct frame_export_options options = {.threshold_kpa = 5, .min_force_n = 20};
    uint64_t seed = 9;
    draw(&p, &seed);
    for (unsigned beyond = 0; beyond < 2; beyond++) {
        struct problem why = {0};
        struct frame_format small = frame_format_mat;
        const char *to = scratch_new("out.mat");
        FILE *out = fopen(to, "w+b");
        small.bytes_max = (uint64_t)(FRAMES * 4 * 6) * sizeof(float) - beyond;
        int bad = frame_export(scratch_path("rec.tfr"), &small, &options, out, to, &report, &why);
        long size = ftell(out);
        fclose(out);
        assert_int_equal(bad, beyond ? -1 : 0);
        assert_int_equal(report.is_too_large, beyond);
        assert_true(!beyond || (size == 0 && strstr(why.text, "take hdf5")));
    }
    assert_int_equal(frame_format_mat.bytes_max >> 20, 2047); /* a level 5 variable is < 2 GiB */
    free(p.kpa);
}

/* HDF5's own errors are one sentence of ours, and nothing of it reaches stderr. */
static void a_file_that_hdf5_cannot_write(void **state)
{
    (void)state;
    struct plate p = {3, 3, 5, 5, 100, 0, 0, 0, NULL};
    struct frame_export_options options = {.threshold_kpa = 5, .min_force_n = 20};
    struct frame_export_report report;
    struct problem why = {0};
    uint64_t seed = 5;
    FILE *full = fopen("/dev/full", "r+b");
    assert_non_null(full);
    draw(&p, &seed);
    assert_int_equal(frame_export(scratch_path("rec.tfr"), &frame_format_hdf5, &options, full,
                                  "/dev/full", &report, &why),
                     -1);
    assert_int_equal(why.kind, PROBLEM_FAILED);
    assert_string_equal(why.text,
                        "the end of the HDF5 file cannot be written: No space left on device");
    fclose(full);
    free(p.kpa);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    static const char *const formats[] = {"asf", "lst", "npy", "mat"};
    struct plate p = {3, 3, 5, 5, 100, 1, 1, 0, NULL};
    struct frame_export_report report;
    uint64_t seed = 7;
    draw(&p, &seed);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        for (long n = 1;; n++) {
            struct problem why = {0};
            const char *to = scratch_new("out");
            FILE *out = fopen(to, "w+b");
            struct frame_export_options options = {0};
            failing_malloc_at(n);
            int bad = frame_export(scratch_path("rec.tfr"), frame_format_named(formats[i]),
                                   &options, out, to, &report, &why);
            int failed = failing_malloc_off();
            fclose(out);
            if (!failed) {
                assert_int_equal(bad, 0);
                break;
            }
            assert_true(!bad || why.kind == PROBLEM_FAILED);
        }
    free(p.kpa);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_back_to_the_last_digit),
        cmocka_unit_test(what_a_format_cannot_say_is_refused),
        cmocka_unit_test(what_a_file_cannot_hold_is_refused),
        cmocka_unit_test(a_file_that_hdf5_cannot_write),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
