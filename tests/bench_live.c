/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What recording costs: `tenderfoot record` as a process of its own, fed by a virtual plate over a
 * pty with a person of 96 x 96 cells standing on it, for ten seconds of frames at 100 and 500
 * frames/s. CPU share of one core over the whole life of the process (start and end included) and
 * its largest memory, by getrusage of the child. Rows: name, value, unit. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS = 10 };

static void fail(const char *what)
{
    fprintf(stderr, "bench_live: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Starts a program with its stdout at `out`. */
static pid_t start(char *const *argv, int out)
{
    pid_t pid = fork();
    if (pid < 0)
        fail("fork");
    if (pid == 0) {
        dup2(out, STDOUT_FILENO);
        execv(argv[0], argv);
        _exit(127);
    }
    return pid;
}

/* The plate, with the URI it prints. */
static pid_t start_plate(const char *bin, const char *rate, char *uri, size_t cap)
{
    char program[4096];
    snprintf(program, sizeof program, "%s/tenderfoot-plate", bin);
    char *argv[] = {program,      "--subject", "samples/subjects/normal.json",
                    "--seed",     "5",         "--rate",
                    (char *)rate, "--pty",     NULL};
    int out[2];
    if (pipe2(out, O_CLOEXEC))
        fail("pipe");
    pid_t pid = start(argv, out[1]);
    close(out[1]);
    size_t n = 0;
    ssize_t part;
    while (n + 1 < cap && (part = read(out[0], uri + n, cap - 1 - n)) > 0) {
        n += (size_t)part;
        if (uri[n - 1] == '\n')
            break;
    }
    close(out[0]);
    uri[n] = '\0';
    uri[strcspn(uri, "\n")] = '\0';
    if (strncmp(uri, "stream:", 7))
        fail("the plate gave no URI");
    return pid;
}

/* A number of the recorder's JSON, written one key a line. */
static long number(const char *json, const char *key)
{
    const char *at = strstr(json, key);
    return at ? strtol(at + strlen(key) + 3, NULL, 10) : -1;
}

/* Runs the recorder to its end: its JSON, what it used, how long it lived. */
static double run_recorder(char *const *argv, char *json, size_t cap, struct rusage *usage)
{
    int out[2], status;
    size_t n = 0;
    ssize_t part;
    if (pipe2(out, O_CLOEXEC))
        fail("pipe");
    double begin_s = now_s();
    pid_t host = start(argv, out[1]);
    close(out[1]);
    while (n + 1 < cap && (part = read(out[0], json + n, cap - 1 - n)) > 0)
        n += (size_t)part;
    json[n] = '\0';
    close(out[0]);
    if (wait4(host, &status, 0, usage) != host || status)
        fail("record");
    return now_s() - begin_s;
}

static void print_rows(const char *rate, const struct rusage *usage, double wall_s,
                       const char *json)
{
    double cpu_s = (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
                   1e-6 * (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
    printf("record at %s frames/s: share of a core\t%.2f\t%%\n", rate, 100 * cpu_s / wall_s);
    printf("record at %s frames/s: peak memory\t%.1f\tMiB\n", rate,
           (double)usage->ru_maxrss / 1024);
    printf("record at %s frames/s: frames\t%ld\tframes (%ld lost)\n", rate,
           number(json, "\"frames"), number(json, "\"lost"));
    fflush(stdout);
}

static void record(const char *bin, const char *rate)
{
    char uri[200], program[4096], folder[] = "/tmp/bench_liveXXXXXX", path[64], json[4096];
    char seconds[12];
    struct rusage usage;
    pid_t plate = start_plate(bin, rate, uri, sizeof uri);
    if (!mkdtemp(folder))
        fail("folder");
    snprintf(seconds, sizeof seconds, "%d", SECONDS);
    snprintf(program, sizeof program, "%s/tenderfoot", bin);
    snprintf(path, sizeof path, "%s/r.tfr", folder);
    char *argv[] = {program,  "record",     "--device", uri,  "--seconds", seconds,
                    "--rate", (char *)rate, "--json",   "-o", path,        NULL};
    double wall_s = run_recorder(argv, json, sizeof json, &usage);
    kill(plate, SIGTERM);
    waitpid(plate, NULL, 0);
    print_rows(rate, &usage, wall_s, json);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const char *bin = getenv("BIN");
    record(bin ? bin : "build/release", "100");
    record(bin ? bin : "build/release", "500");
    return 0;
}
