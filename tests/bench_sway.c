/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All sway variables of a 60 s, 100 Hz trial beside a SciPy program that computes the same set of
 * the same trial in the same run (tests/sway_numpy.py), how far the two are apart, 1000 trials in
 * one call on all cores, and what sample entropy costs of long trials. One trial is timed by the
 * processor's time, so that others who use the computer meanwhile do not count. */
#include "analysis/sway/sway_json.h"
#include "analysis/sway/sway_many.h"
#include "tests/support/sway_paths.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES 6000
#define RUNS 20
#define TRIALS 1000
#define ROUND 1e-6 /* mm: what the table for SciPy says */

static double clock_s(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *what)
{
    fprintf(stderr, "bench_sway: %s\n", what);
    exit(1);
}

static struct cop_series draw(uint64_t seed)
{
    struct cop_series path = sway_person(SAMPLES, 100, seed);
    for (size_t i = 0; i < path.n; i++) {
        path.ml_mm[i] = round(path.ml_mm[i] / ROUND) * ROUND;
        path.ap_mm[i] = round(path.ap_mm[i] / ROUND) * ROUND;
    }
    return path;
}

static double ours_s(const struct cop_series *path, struct sway_result *result)
{
    struct sway_options options = sway_defaults();
    struct problem why;
    struct sway_work *work = sway_work_make(&why);
    double best = 1e9;
    for (int run = 0; run < RUNS && work; run++) {
        double start = clock_s(CLOCK_PROCESS_CPUTIME_ID);
        if (sway_measure(work, path, &options, result, &why))
            die(why.text);
        best = fmin(best, clock_s(CLOCK_PROCESS_CPUTIME_ID) - start);
    }
    sway_work_free(work);
    return best;
}

/* What the SciPy program prints for the same trial; NULL when it cannot be run. */
static json_t *ask_numpy(const struct cop_series *path)
{
    char file[] = "/tmp/tenderfoot-bench-XXXXXX", command[128];
    int fd = mkstemp(file);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w"), *in;
    if (!out)
        die("no temporary file");
    fputs("time_s,ml_mm,ap_mm\n", out);
    for (size_t i = 0; i < path->n; i++)
        fprintf(out, "%.2f,%.6f,%.6f\n", path->time_s[i], path->ml_mm[i], path->ap_mm[i]);
    fclose(out);
    snprintf(command, sizeof command, "/usr/bin/python3 tests/sway_numpy.py %s 3", file);
    in = popen(command, "r");
    json_t *said = in ? json_loadf(in, 0, NULL) : NULL;
    if (in)
        pclose(in);
    unlink(file);
    return said;
}

/* "area.hull_mm2" in our document. */
static double find(const json_t *ours, const char *key)
{
    char name[64];
    for (const char *dot; (dot = strchr(key, '.')); key = dot + 1) {
        snprintf(name, sizeof name, "%.*s", (int)(dot - key), key);
        ours = json_object_get(ours, name);
    }
    return json_number_value(json_object_get(ours, key));
}

static double apart(const struct sway_result *result, json_t *numbers)
{
    json_t *ours = sway_json(result, "mm"), *value;
    const char *key;
    double worst = 0;
    json_object_foreach(numbers, key, value)
    {
        double theirs = json_number_value(value);
        double off = fabs(find(ours, key) - theirs) / fmax(fabs(theirs), 1e-12);
        worst = fmax(worst, off);
    }
    json_decref(ours);
    return worst;
}

/* Trials a second, of `n` trials on so many threads (0: one a core). */
static double many_per_s(size_t n, int threads)
{
    struct sway_options options = sway_defaults();
    struct cop_series *trials = calloc(n, sizeof *trials);
    struct sway_result *out = calloc(n, sizeof *out);
    struct problem *why = calloc(n, sizeof *why);
    if (!trials || !out || !why)
        die("no memory");
    for (size_t i = 0; i < n; i++)
        trials[i] = draw(i);
    double start = clock_s(CLOCK_MONOTONIC);
    if (sway_measure_many(trials, n, &options, threads, out, why))
        die("a trial failed");
    double took = clock_s(CLOCK_MONOTONIC) - start;
    for (size_t i = 0; i < n; i++)
        cop_series_free(&trials[i]);
    free(trials);
    free(out);
    free(why);
    return (double)n / took;
}

static double entropy_s(size_t n)
{
    struct cop_series path = sway_person(n, 100, 7);
    double *scratch = calloc(6 * n, sizeof *scratch);
    struct sample_entropy found;
    if (!scratch)
        die("no memory");
    double start = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    sample_entropy(path.ml_mm, n, scratch, &found);
    double took = clock_s(CLOCK_PROCESS_CPUTIME_ID) - start;
    free(scratch);
    cop_series_free(&path);
    return took;
}

static void print_crowd(void)
{
    double all = many_per_s(TRIALS, 0), one = many_per_s(TRIALS / 10, 1);
    printf("1000 trials in one call\t%.2f\ts\n", TRIALS / all);
    printf("sway trials a second, all cores\t%.0f\t1/s\n", all);
    printf("speed-up by %ld cores\t%.2f\ttimes\n", sysconf(_SC_NPROCESSORS_ONLN), all / one);
}

int main(void)
{
    struct cop_series path = draw(42);
    struct sway_result result;
    double ours = ours_s(&path, &result);
    json_t *numpy = ask_numpy(&path);
    if (!numpy)
        die("the SciPy program did not answer; run from the project's root");
    double theirs = json_number_value(json_object_get(numpy, "seconds"));
    printf("sway, all variables of 60 s at 100 Hz\t%.2f\tms\n", ours * 1e3);
    printf("the same in SciPy\t%.0f\tms\n", theirs * 1e3);
    printf("faster than SciPy\t%.0f\ttimes\n", theirs / ours);
    printf("largest difference of %zu numbers\t%.1e\trelative\n",
           json_object_size(json_object_get(numpy, "numbers")),
           apart(&result, json_object_get(numpy, "numbers")));
    print_crowd();
    printf("sample entropy of 100000 samples\t%.2f\ts\n", entropy_s(100000));
    json_decref(numpy);
    cop_series_free(&path);
    return 0;
}
