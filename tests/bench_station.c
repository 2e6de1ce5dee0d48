/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a station costs by frames a second and viewers: tenderfootd as a process of its own, fed by
 * a virtual plate over a socket with a person of 96 x 96 cells on it, recording, live feet and
 * zones. CPU share of one core while it is watched, its largest memory and what it grew by in the
 * second half of the time, lost frames, and how old a frame is when a viewer has it (host clock,
 * from the read of the plate's bytes). Stuck viewers ask for the stream and never read it. At last
 * the same station in the midst of a guided press test: all that runs live, thresholds and flags
 * too. Rows: name, value, unit. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WARM_US 3000000 /* the other viewers' memory is there */

enum { VIEWERS_MAX = 12, STUCK_MAX = 20, OF_AN_ADDRESS = 10, AGES_MAX = 3000, TOKEN = 64 };

struct wish {
    int rate_hz, viewers, stuck, seconds, presses;
};

static void fail(const char *what)
{
    fprintf(stderr, "bench_station: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

/* --- Two programs ---------------------------------------------------------------------------- */

/* Starts a program and reads the first line that it says. */
static pid_t start(char *const *argv, char *line, size_t cap)
{
    int out[2];
    size_t n = 0;
    ssize_t part;
    if (pipe2(out, O_CLOEXEC))
        fail("pipe");
    pid_t pid = fork();
    if (pid < 0)
        fail("fork");
    if (pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        execv(argv[0], argv);
        _exit(127);
    }
    close(out[1]);
    while (n + 1 < cap && (part = read(out[0], line + n, cap - 1 - n)) > 0) {
        n += (size_t)part;
        if (line[n - 1] == '\n')
            break;
    }
    line[n] = '\0';
    line[strcspn(line, "\n")] = '\0';
    if (!n)
        fail(argv[0]);
    return pid;
}

static pid_t start_plate(const char *bin, const char *socket_path, const struct wish *wish)
{
    char program[4096], rate[16], subject[64];
    snprintf(program, sizeof program, "%s/tenderfoot-plate", bin);
    snprintf(rate, sizeof rate, "%d", wish->rate_hz);
    snprintf(subject, sizeof subject, "samples/subjects/%s.json",
             wish->presses ? "tender_1" : "normal");
    char *argv[] = {program,  "--subject", subject,
                    "--seed", "5",         "--rate",
                    rate,     "--socket",  (char *)(uintptr_t)socket_path,
                    NULL};
    pid_t pid = fork();
    if (pid < 0)
        fail("fork");
    if (pid == 0) {
        if (!freopen("/dev/null", "w", stdout))
            _exit(127);
        execv(argv[0], argv);
        _exit(127);
    }
    while (access(socket_path, F_OK))
        usleep(10000);
    return pid;
}

static char token[TOKEN + 1];
static int port;

static pid_t start_station(const char *bin, const char *uri, const char *folder, int rate_hz)
{
    char program[4096], line[300], rate[16];
    snprintf(rate, sizeof rate, "%d", rate_hz);
    snprintf(program, sizeof program, "%s/tenderfootd", bin);
    char *argv[] = {program,       "--allow-root", "--no-discovery",          "--listen",
                    "127.0.0.1:0", "--data",       (char *)(uintptr_t)folder, "--rate",
                    rate,          "-d",           (char *)(uintptr_t)uri,    NULL};
    pid_t pid = start(argv, line, sizeof line);
    const char *hash = strstr(line, "#token=");
    if (sscanf(line, "http://127.0.0.1:%d/", &port) != 1 || !hash)
        fail("the station gave no address");
    snprintf(token, sizeof token, "%s", hash + 7);
    return pid;
}

/* --- Asking ---------------------------------------------------------------------------------- */

static uint32_t asks_from = INADDR_LOOPBACK;

static int ask(const char *body, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* body: of a POST; NULL of a GET. The socket with the answer. */
static int ask(const char *body, const char *format, ...)
{
    char line[300], more[200] = "", request[1000];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(asks_from)};
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof from) ||
        connect(fd, (struct sockaddr *)&to, sizeof to))
        fail("connect");
    if (body)
        snprintf(more, sizeof more,
                 "X-Tenderfoot: 1\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n",
                 strlen(body));
    int n = snprintf(request, sizeof request,
                     "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-Tenderfoot-Token: %s\r\n%s\r\n%s",
                     body ? "POST" : "GET", line, port, token, more, body ? body : "");
    if (write(fd, request, (size_t)n) != n)
        fail("request");
    return fd;
}

static char plate[100];

/* The whole answer, static. */
static const char *answer(int fd)
{
    static char text[65536];
    size_t n = 0;
    ssize_t part;
    while (n + 1 < sizeof text && (part = read(fd, text + n, sizeof text - 1 - n)) > 0)
        n += (size_t)part;
    text[n] = '\0';
    close(fd);
    return text;
}

static long number(const char *json, const char *key)
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = strstr(json, quoted);
    return at ? strtol(at + strlen(quoted), NULL, 10) : -1;
}

static void find_plate(void)
{
    const char *id = strstr(answer(ask(NULL, "/api/v1/plates")), "\"id\": \"");
    if (!id || sscanf(id, "\"id\": \"%99[^\"]", plate) != 1)
        fail("the station has no plate");
}

static void wait_for_phase(const char *phase)
{
    char wanted[60];
    snprintf(wanted, sizeof wanted, "\"phase\": \"%s\"", phase);
    for (int i = 0; i < 1200; i++) {
        if (strstr(answer(ask(NULL, "/api/v1/plates/%s", plate)), wanted))
            return;
        usleep(50000);
    }
    fail(phase);
}

/* Before a recording the plate finds its zero by some fifty frames, which nobody sees: not measured
 * here, and at 100 frames/s a tenth of the time. */
static void wait_for_recorded_frames(void)
{
    for (int i = 0; i < 1200; i++) {
        const char *state =
            strstr(answer(ask(NULL, "/api/v1/plates/%s", plate)), "\"recording\": {");
        if (state && number(state, "frames") > 0)
            return;
        usleep(50000);
    }
    fail("no frame is recorded");
}

/* --- Viewers --------------------------------------------------------------------------------- */

struct viewer {
    pthread_t thread;
    long frames, ages;
    uint32_t age_us[AGES_MAX];
};

static struct viewer viewers[VIEWERS_MAX];

static void *view(void *context)
{
    static const char key[] = "\"host_time_us\":";
    struct viewer *viewer = context;
    FILE *lines = fdopen(ask(NULL, "/api/v1/plates/%s/live", plate), "r");
    char *line = NULL;
    size_t cap = 0;
    while (lines && getline(&line, &cap, lines) > 0) {
        const char *at = strstr(line, key);
        if (!at)
            continue;
        uint64_t age_us = now_us() - strtoull(at + sizeof key - 1, NULL, 10);
        viewer->frames++;
        if (viewer->ages < AGES_MAX)
            viewer->age_us[viewer->ages++] = (uint32_t)age_us;
    }
    free(line);
    if (lines)
        fclose(lines);
    return NULL;
}

static int by_age(const void *a, const void *b)
{
    uint32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static void print_ages(const struct wish *wish, const char *name, double wall_s)
{
    static uint32_t all[VIEWERS_MAX * AGES_MAX];
    long n = 0, frames = 0;
    for (int i = 0; i < wish->viewers; i++) {
        memcpy(all + n, viewers[i].age_us, (size_t)viewers[i].ages * sizeof *all);
        n += viewers[i].ages;
        frames += viewers[i].frames;
    }
    if (!n)
        fail("the viewers saw nothing");
    qsort(all, (size_t)n, sizeof *all, by_age);
    printf("%s: frames a second to each viewer (aim 29)\t%.1f\tframes/s\n", name,
           (double)frames / wish->viewers / wall_s);
    printf("%s: age of a frame at a viewer, median\t%.2f\tms\n", name, all[n / 2] * 1e-3);
    printf("%s: age of a frame at a viewer, 99th percentile (aim 50)\t%.2f\tms\n", name,
           all[n * 99 / 100] * 1e-3);
}

/* --- The station as the kernel sees it ------------------------------------------------------- */

static double cpu_s(pid_t pid)
{
    char path[64], text[1000];
    unsigned long user, system;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[n] = '\0';
    const char *after = strrchr(text, ')');
    if (file)
        fclose(file);
    if (!after ||
        sscanf(after, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        fail(path);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* "VmRSS:" or "VmHWM:", in MiB. */
static double memory_mib(pid_t pid, const char *key)
{
    char path[64], line[200];
    long kib = -1;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, key, strlen(key)))
            kib = strtol(line + strlen(key), NULL, 10);
    if (file)
        fclose(file);
    return (double)kib / 1024;
}

/* --- One row of rows ------------------------------------------------------------------------- */

static void begin(const struct wish *wish)
{
    find_plate();
    wait_for_phase("watching");
    if (wish->presses) {
        answer(ask("{\"auto\": true, \"route\": \"zones\", \"stand_s\": 3}",
                   "/api/v1/plates/%s/press", plate));
        wait_for_phase("test");
        return;
    }
    answer(ask("{}", "/api/v1/plates/%s/record", plate));
    wait_for_phase("recording");
    wait_for_recorded_frames();
}

static void watch(const struct wish *wish, pid_t station, const char *name)
{
    int stuck[STUCK_MAX];
    double cpu = cpu_s(station);
    uint64_t watch_us = now_us();
    for (int i = 0; i < wish->viewers; i++) {
        viewers[i] = (struct viewer){0};
        pthread_create(&viewers[i].thread, NULL, view, &viewers[i]);
    }
    if (wish->stuck)
        usleep(WARM_US);
    double before_mib = memory_mib(station, "VmRSS:");
    for (int i = 0; i < wish->stuck; i++) {
        asks_from = INADDR_LOOPBACK + 1 + (uint32_t)(i / OF_AN_ADDRESS); /* beside the viewers */
        stuck[i] = ask(NULL, "/api/v1/plates/%s/live", plate);
    }
    asks_from = INADDR_LOOPBACK;
    usleep((useconds_t)wish->seconds * 500000u);
    double half_mib = memory_mib(station, "VmRSS:");
    usleep((useconds_t)wish->seconds * 500000u);
    double watched_s = (double)(now_us() - watch_us) * 1e-6;
    printf("%s: share of a core%s\t%.2f\t%%\n", name,
           wish->presses                                ? " (aim 20)"
           : wish->rate_hz == 500 && wish->viewers == 3 ? " (aim 25)"
                                                        : "",
           100 * (cpu_s(station) - cpu) / watched_s);
    printf("%s: memory at most (aim 64)\t%.1f\tMiB\n", name, memory_mib(station, "VmHWM:"));
    printf("%s: memory grown in the second half (aim 0)\t%.2f\tMiB\n", name,
           memory_mib(station, "VmRSS:") - half_mib);
    if (wish->stuck)
        printf("%s: memory for those stuck (aim 1)\t%.2f\tMiB\n", name,
               memory_mib(station, "VmRSS:") - before_mib);
    for (int i = 0; i < wish->stuck; i++)
        close(stuck[i]);
    if (wish->viewers)
        print_ages(wish, name, watched_s);
}

static void print_loss(const char *name)
{
    const char *state = strstr(answer(ask(NULL, "/api/v1/plates/%s", plate)), "\"recording\": {");
    if (!state)
        fail("the recording has ended");
    printf("%s: frames recorded; lost; skipped by the disk\t%ld; %ld; %ld\tframes\n", name,
           number(state, "frames"), number(state, "lost_frames"),
           number(state, "frames_skipped_by_disk"));
}

static void measure(const char *bin, const struct wish *wish)
{
    char uri[200], folder[] = "/tmp/bench_stationXXXXXX", command[100], name[120];
    int status;
    if (!mkdtemp(folder))
        fail("folder");
    snprintf(uri, sizeof uri, "stream:%s/plate", folder);
    int n = snprintf(name, sizeof name, "station%s, %d frames/s, %d viewers",
                     wish->presses ? " in a press test" : "", wish->rate_hz, wish->viewers);
    if (wish->stuck)
        snprintf(name + n, sizeof name - (size_t)n, " and %d stuck", wish->stuck);
    pid_t plate_pid = start_plate(bin, uri + 7, wish);
    pid_t station = start_station(bin, uri, folder, wish->rate_hz);
    begin(wish);
    watch(wish, station, name);
    print_loss(name);
    fflush(stdout);
    kill(station, SIGTERM);
    if (waitpid(station, &status, 0) != station || status)
        fail("the station");
    for (int i = 0; i < wish->viewers; i++)
        pthread_join(viewers[i].thread, NULL);
    kill(plate_pid, SIGTERM);
    waitpid(plate_pid, NULL, 0);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command))
        fail(command);
}

int main(void)
{
    static const struct wish wishes[] = {
        {100, 0, 0, 6, 0},  {100, 3, 0, 6, 0},  {500, 0, 0, 6, 0},  {500, 3, 0, 12, 0},
        {500, 12, 0, 6, 0}, {500, 3, 20, 6, 0}, {500, 3, 0, 20, 1},
    };
    const char *bin = getenv("BIN") ? getenv("BIN") : "build/release";
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++)
        measure(bin, &wishes[i]);
    return 0;
}
