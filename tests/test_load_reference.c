/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load numbers of real steps beside those that pressuRe 0.2.7 gives of the same recordings: of the
 * whole plate in each frame and summarised, and of its regions by their outlines, with whole cells
 * and with shares of cells. Agreement is to the last printed digit. Skipped with a notice where the
 * shared data is not there. */
#include "analysis/load/polygon_load.h"
#include "analysis/polygon.h"
#include "driver/analyze_recording.h"
#include "driver/import/import.h"
#include "driver/pressure_reader.h"
#include "tests/support/near.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define PLATES "../shared/data/plates"

/* Published numbers of the whole recording at a threshold of more than 0 kPa. */
struct device {
    const char *name, *recording;
    double rate_hz, peak_kpa, force_n, area_cm2, pti_kpa_s, fti_n_s;
};

static const struct device devices[] = {
    {"emed", "emed_test.lst", 100, 370, 818.625, 106.50, 291.10, 675.58},
    {"footscan", "footscan_test.xls", 500, 583.83, 735.30, 96.00, 212.94, 360.38},
    {"fscan_left", "fscan_testL.asf", 31.25, 760, 924.36, 99.10, 1483.87, 2591.62},
};

struct real_step {
    struct result *result;
    struct frames_in_memory frames;
    float *kpa;
    uint64_t *time_us;
    double x_mm, y_mm; /* where the reference's origin lies on our plate */
};

static FILE *open_reference(const struct device *device, const char *file)
{
    char path[200];

    snprintf(path, sizeof path, PLATES "/reference/%s/%s", device->name, file);
    return fopen(path, "r");
}

static void read_frames(struct real_step *step, const char *recording)
{
    struct problem why = {0};
    struct pressure_reader *reader = pressure_reader_open(recording, NULL, &why);
    struct pressure_item item;
    size_t cells = grid_cells(&step->result->grid), n = 0;

    step->kpa = calloc(step->result->frames.n * cells, sizeof *step->kpa);
    step->time_us = calloc(step->result->frames.n, sizeof *step->time_us);
    while (pressure_reader_next(reader, &item, &why) == 1) {
        if (item.kind != PRESSURE_FRAME)
            continue;
        assert_true(n < step->result->frames.n);
        memcpy(step->kpa + n * cells, item.kpa, cells * sizeof *step->kpa);
        step->time_us[n++] = item.time_us;
    }
    pressure_reader_close(reader);
    step->frames = (struct frames_in_memory){step->result->grid, step->result->rate_hz, step->kpa,
                                             step->time_us, n};
}

static void begin(struct real_step *step, const struct device *device)
{
    char folder[] = "/tmp/tenderfoot-load-XXXXXX", recording[64], path[200];
    struct analyzer_options options = analyze_defaults();
    struct import_options import = {.protocol = "walk"};
    struct import_result imported;
    struct problem why = {0};

    snprintf(path, sizeof path, PLATES "/recordings/%s", device->recording);
    if (access(path, R_OK)) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    assert_non_null(mkdtemp(folder));
    snprintf(recording, sizeof recording, "%s/r.tfr", folder);
    if (import_file(path, recording, &import, &imported, &why))
        fail_msg("%s", why.text);
    options.threshold_kpa = 0;
    step->result = analyze_recording(recording, &options, &why);
    if (!step->result)
        fail_msg("%s", why.text);
    read_frames(step, recording);
    unlink(recording);
    rmdir(folder);
}

static void end(struct real_step *step)
{
    result_free(step->result);
    free(step->kpa);
    free(step->time_us);
}

/* A published number, and what its last digit leaves open; pressures went through a float. */
static double bound_of(const char *text, double value)
{
    const char *point = strchr(text, '.');
    double digits = point ? (double)strcspn(point + 1, ",\r\n\"") : 0;

    return 0.5001 * pow(10, -digits) + 1e-7 * fabs(value);
}

static int is_as_published(double found, const char *text)
{
    double wanted = strtod(text, NULL);

    return fabs(found - wanted) <= bound_of(text, wanted);
}

static void agrees(const char *what, double found, const char *text)
{
    if (!is_as_published(found, text))
        fail_msg("%s is %.10g, published %s", what, found, text);
}

/* Splits a line at its commas; returns how many fields. */
static int split(char *line, char *fields[], int most)
{
    int n = 0;

    line[strcspn(line, "\r\n")] = '\0';
    for (char *field = line; field && n < most; n++) {
        fields[n] = field;
        field = strchr(field, ',');
        if (field)
            *field++ = '\0';
    }
    return n;
}

static void compare_frames(struct real_step *step, const struct device *device)
{
    FILE *file = open_reference(device, "frames.csv");
    const struct frame_series *f = &step->result->frames;
    char line[300], *field[8];
    size_t n = 0;
    int placed = 0;

    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    for (; fgets(line, sizeof line, file); n++) {
        assert_int_equal(split(line, field, 8), 7);
        assert_true(n < f->n);
        agrees("force", f->force_n[n], field[2]);
        agrees("peak", f->peak_kpa[n], field[3]);
        agrees("area", f->area_cm2[n], field[4]);
        if (isnan(f->cop_x_mm[n]))
            continue;
        if (!placed) {
            step->x_mm = f->cop_x_mm[n] - strtod(field[5], NULL);
            step->y_mm = f->cop_y_mm[n] - strtod(field[6], NULL);
            placed = 1;
        }
        agrees("COP x", f->cop_x_mm[n] - step->x_mm, field[5]);
        agrees("COP y", f->cop_y_mm[n] - step->y_mm, field[6]);
    }
    assert_int_equal(n, f->n);
    fclose(file);
    /* The window of the reference lies some whole cells into our plate. */
    step->x_mm = round(step->x_mm / step->result->grid.pitch_x_mm) * step->result->grid.pitch_x_mm;
    step->y_mm = round(step->y_mm / step->result->grid.pitch_y_mm) * step->result->grid.pitch_y_mm;
}

static void compare_whole(const struct real_step *step, const struct device *device)
{
    const struct load_summary *plate = &step->result->load->plate;

    assert_near(step->result->rate_hz, device->rate_hz, 1e-9);
    assert_near(step->result->peak_pressure_kpa, device->peak_kpa, 0.0051);
    assert_near(step->result->max_force_n, device->force_n, 0.0051);
    assert_near(plate->force_max_n, device->force_n, 0.0051);
    assert_near(plate->peak_kpa, device->peak_kpa, 0.0051);
    assert_near(plate->area_max_cm2, device->area_cm2, 0.0051);
    assert_near(plate->pti_peak_kpa_s, device->pti_kpa_s, 0.0051);
    assert_near(plate->fti_n_s, device->fti_n_s, 0.0051);
    print_message("%s: %.2f kPa, %.3f N, %.2f cm2, %.2f kPa s, %.2f N s as published\n",
                  device->name, plate->peak_kpa, plate->force_max_n, plate->area_max_cm2,
                  plate->pti_peak_kpa_s, plate->fti_n_s);
}

/* The outline of a mask, put where its window lies on the plate. */
static int read_polygon(const struct real_step *step, const struct device *device, const char *set,
                        const char *mask, struct point *points)
{
    char name[64], line[200], *field[5];
    FILE *file;
    int n = 0;

    snprintf(name, sizeof name, "mask_polygons_%s_mm.csv", set);
    file = open_reference(device, name);
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        if (split(line, field, 5) != 4 || strcmp(field[0], mask))
            continue;
        assert_true(n < POLYGON_POINTS_MAX);
        points[n++] = (struct point){strtod(field[2], NULL) + step->x_mm,
                                     strtod(field[3], NULL) + step->y_mm};
    }
    fclose(file);
    return n;
}

/* An outline that runs through a corner of cells: the digits it is printed with leave open which of
 * them it reaches into, and with them whose peak counts. Moved by less than that it has to agree.
 */
static int agrees_when_moved(const struct real_step *step, const struct point *points, int n,
                             enum membership membership, char *const published[])
{
    static const double by_mm[4][2] = {{1e-6, 0}, {-1e-6, 0}, {0, 1e-6}, {0, -1e-6}};
    struct point moved[POLYGON_POINTS_MAX];
    struct load_summary s;
    int agreed = 0;

    for (int way = 0; way < 4; way++) {
        for (int i = 0; i < n; i++)
            moved[i] =
                (struct point){points[i].x_mm + by_mm[way][0], points[i].y_mm + by_mm[way][1]};
        assert_int_equal(polygon_load(&step->frames, 0, moved, n, membership, &s, NULL), 0);
        agreed |= is_as_published(s.peak_kpa, published[0]) &&
                  is_as_published(s.pti_peak_kpa_s, published[3]);
    }
    return agreed;
}

/* Eight published numbers: peak cell, peak of the region, largest area (m2), both integrals, force
 * time integral, largest force; the last one is none of ours. */
static void compare_mask(const struct real_step *step, const struct point *points, int n,
                         enum membership membership, char *const published[])
{
    struct load_summary s;
    struct problem why = {0};

    if (polygon_load(&step->frames, 0, points, n, membership, &s, &why))
        fail_msg("%s", why.text);
    if (!(is_as_published(s.peak_kpa, published[0]) &&
          is_as_published(s.pti_peak_kpa_s, published[3])) &&
        !agrees_when_moved(step, points, n, membership, published)) {
        agrees("peak cell", s.peak_kpa, published[0]);
        agrees("integral of the peak cell", s.pti_peak_kpa_s, published[3]);
    }
    agrees("peak of the region", s.region_peak_kpa, published[1]);
    agrees("largest area", s.area_max_cm2 * 1e-4, published[2]);
    agrees("integral of the region", s.pti_region_kpa_s, published[4]);
    agrees("force-time integral", s.fti_n_s, published[5]);
    agrees("largest force", s.force_max_n, published[6]);
}

static int compare_masks(const struct real_step *step, const struct device *device, const char *set)
{
    char name[64], line[600], *field[20];
    struct point points[POLYGON_POINTS_MAX];
    FILE *file;
    int masks = 0;

    snprintf(name, sizeof name, "masks_%s.csv", set);
    file = open_reference(device, name);
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    for (; fgets(line, sizeof line, file); masks++) {
        assert_int_equal(split(line, field, 20), 18);
        int n = read_polygon(step, device, set, field[0], points);
        assert_true(n >= 3);
        agrees("area of the outline", polygon_area_mm2(points, n) / 100, field[1]);
        compare_mask(step, points, n, MEMBERSHIP_WHOLE, field + 2);
        compare_mask(step, points, n, MEMBERSHIP_PARTIAL, field + 10);
    }
    fclose(file);
    return masks;
}

static void one_device(const struct device *device)
{
    struct real_step step = {0};

    begin(&step, device);
    compare_frames(&step, device);
    compare_whole(&step, device);
    int masks = compare_masks(&step, device, "automask_novel") +
                compare_masks(&step, device, "automask_simple");
    assert_true(masks > 10);
    print_message("%s: %zu frames, %d masks, whole and partial, to the last digit\n", device->name,
                  step.frames.n, masks);
    end(&step);
}

static void an_emed_step_as_published(void **state)
{
    (void)state;
    one_device(&devices[0]);
}

static void a_footscan_step_as_published(void **state)
{
    (void)state;
    one_device(&devices[1]);
}

static void an_insole_as_published(void **state)
{
    (void)state;
    one_device(&devices[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_emed_step_as_published),
        cmocka_unit_test(a_footscan_step_as_published),
        cmocka_unit_test(an_insole_as_published),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
