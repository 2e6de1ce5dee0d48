/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reports and exports cost on the command line: a virtual person's press test of 4.5 minutes
 * (96 x 96 cells, 100 frames/s) is made once; then each kind of report and of export is a process
 * of its own, the shorter of two runs, in ms, reading and analysing included (the first row is
 * that alone), its largest memory in MB (of a program that it runs, too) and the size of what it
 * wrote in MB. npy, asf and lst hold every cell of every
 * frame, uncompressed: of so long a recording that would be a GB, so they and, beside them, hdf5
 * are of a stand of 30 s. Rows: name, value, unit. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TIMES = 2 };

static double bytes_below;

static int add_size(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)path;
    (void)place;
    if (kind == FTW_F)
        bytes_below += (double)status->st_size;
    return 0;
}

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

/* The largest memory of the shell, or of what takes its place, in MB. */
static double run(const char *command)
{
    struct rusage used;
    int status = 1;
    pid_t pid = fork();

    if (!pid) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    if (pid > 0 && wait4(pid, &status, 0, &used) == pid && !status)
        return 1.024e-3 * (double)used.ru_maxrss; /* counted in KiB */
    fprintf(stderr, "bench_report: this failed: %s\n", command);
    exit(1);
}

/* `what` writes into "%s/out" or below it; `dir` is the bench's own. */
static void measure(const char *name, const char *bin, const char *dir, const char *what)
{
    char command[6000], out[300];
    double least = 1e12, most_mb = 0;

    snprintf(out, sizeof out, "%s/out", dir);
    for (int i = 0; i < TIMES; i++) {
        snprintf(command, sizeof command, "rm -rf %s && mkdir %s", out, out);
        run(command);
        snprintf(command, sizeof command, "cd %s && exec %s/tenderfoot %s >out/printed 2>told", dir,
                 bin, what);
        double from = now_ms(), mb = run(command);
        double took = now_ms() - from;
        most_mb = mb > most_mb ? mb : most_mb;
        least = took < least ? took : least;
    }
    bytes_below = 0;
    nftw(out, add_size, 8, FTW_PHYS);
    printf("%s\t%.0f\tms\n%s, memory at most\t%.1f\tMB\n%s, size\t%.3f\tMB\n", name, least, name,
           most_mb, name, 1e-6 * bytes_below);
    fflush(stdout);
}

static void simulate(const char *bin, const char *dir, const char *subject, int seed,
                     const char *name)
{
    char command[6000];

    snprintf(command, sizeof command,
             "%.4000s/tenderfoot simulate --subject samples/subjects/%s.json --seed %d -o "
             "%s/%s.tfr >/dev/null 2>&1",
             bin, subject, seed, dir, name);
    run(command);
}

int main(void)
{
    static const char *const kinds[][2] = {
        {"analysis alone, as JSON", "analyze rec.tfr --json"},
        {"report as text", "report rec.tfr"},
        {"report as PDF", "report rec.tfr -o out/r.pdf"},
        {"report as PDF in Russian", "report rec.tfr --language ru -o out/r.pdf"},
        {"report as PDF, compared with an earlier one",
         "report rec.tfr --compare-with earlier.tfr -o out/r.pdf"},
        {"report as HTML", "report rec.tfr -o out/r.html"},
        {"report as SVG", "report rec.tfr -o out/r.svg"},
        {"report as PNG", "report rec.tfr -o out/r.png"},
        {"export as csv", "export rec.tfr --as csv -o out/x"},
        {"export as json", "export rec.tfr --as json -o out/x"},
        {"export as xlsx", "export rec.tfr --as xlsx -o out/x.xlsx"},
        {"export as hdf5", "export rec.tfr --as hdf5 -o out/x.h5"},
        {"export as mat", "export rec.tfr --as mat -o out/x.mat"},
        {"export as fhir", "export rec.tfr --as fhir -o out/x.json"},
        {"export as gdt", "export rec.tfr --as gdt -o out/x.gdt"},
        {"export as dicom", "export rec.tfr --as dicom -o out/x.dcm"},
        {"30 s stand, analysis alone, as JSON", "analyze stand.tfr --json"},
        {"30 s stand, export as hdf5", "export stand.tfr --as hdf5 -o out/x.h5"},
        {"30 s stand, export as npy", "export stand.tfr --as npy -o out/x.npy"},
        {"30 s stand, export as asf", "export stand.tfr --as asf -o out/x.asf"},
        {"30 s stand, export as lst", "export stand.tfr --as lst -o out/x.lst"},
    };
    char dir[] = "/tmp/tenderfoot-bench-XXXXXX", command[6000], bin[4096];
    const char *told = getenv("BIN");

    if (!realpath(told ? told : "build/release", bin) || !mkdtemp(dir))
        return 1;
    simulate(bin, dir, "tender_1", 11, "rec");
    simulate(bin, dir, "tender_1", 12, "earlier");
    simulate(bin, dir, "normal", 11, "stand");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        measure(kinds[i][0], bin, dir, kinds[i][1]);
    snprintf(command, sizeof command, "rm -rf %s", dir);
    run(command);
    return 0;
}
