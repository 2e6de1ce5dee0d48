/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfootd: the station as a service. `tenderfoot serve` and systemd start it. */
#include "driver/argument.h"
#include "driver/clock.h"
#include "driver/daemon/listening.h"
#include "driver/daemon/log.h"
#include "driver/daemon/notify.h"
#include "driver/daemon/service.h"
#include "driver/stop_signals.h"
#include "driver/store/store.h"
#include "driver/transport/transport.h"
#include "driver/version.h"
#include "driver/export/temporary.h"
#include "driver/work_folder.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    OPT_DATA = 256,
    OPT_LISTEN,
    OPT_HOST,
    OPT_BEYOND,
    OPT_TLS,
    OPT_TOKEN_FILE,
    OPT_URL_FILE,
    OPT_URL_GROUP,
    OPT_CALIBRATION,
    OPT_CALIBRATIONS,
    OPT_STORE,
    OPT_STORE_KEY,
    OPT_STORE_PASSPHRASE,
    OPT_RATE,
    OPT_WAIT,
    OPT_NO_DISCOVERY,
    OPT_ALLOW_ROOT,
};

enum { LIST_MAX = 8, ROUND_MS = 1000 };
#define BEHIND_BYTES ((size_t)40 << 20)

static const struct argp_option options[] = {
    {"device", 'd', "URI", 0, "a plate that is looked for always; may be repeated", 0},
    {"no-discovery", OPT_NO_DISCOVERY, NULL, 0, "take no plate that is plugged in by itself", 0},
    {"calibration", OPT_CALIBRATION, "FILE", 0,
     "of the plate; one of another plate is refused, unless that has its own in the folder "
     "(tenderfoot-calibration(5))",
     0},
    {"calibrations", OPT_CALIBRATIONS, "FOLDER", 0,
     "each plate's own calibration, SERIAL.json; else calibrations in the data folder. Looked for "
     "when a plate is met and again while it is watched, so that a new one counts at the next "
     "recording; one of another plate is refused; without one the scale is nominal",
     0},
    {"rate", OPT_RATE, "HZ", 0, "frames a second; the plate's own default without it", 0},
    {"wait", OPT_WAIT, "SECONDS", 0, "how long a plate that leaves while recorded is waited for",
     0},
    {"data", OPT_DATA, "FOLDER", 0,
     "where recordings are kept; else $TENDERFOOT_DATA, under systemd the unit's $STATE_DIRECTORY, "
     "else tenderfoot in $XDG_DATA_HOME",
     0},
    {"store", OPT_STORE, "URI", 0,
     "the catalogue of people: postgresql://... without a password, which all users of a computer "
     "can read here; else the systemd credential 'store', $TENDERFOOT_STORE, or a file in the data "
     "folder",
     0},
    {"store-key", OPT_STORE_KEY, "FILE", 0,
     "the key file of an encrypted data folder; else $TENDERFOOT_STORE_KEY or the systemd "
     "credential "
     "'store-key'",
     0},
    {"store-passphrase", OPT_STORE_PASSPHRASE, "FILE", 0,
     "a file whose first line is its passphrase; else $TENDERFOOT_STORE_PASSPHRASE or the "
     "credential 'store-passphrase'",
     0},
    {"listen", OPT_LISTEN, "ADDRESS:PORT", 0,
     "127.0.0.1:8631 without it, port 0 is any free one; may be repeated", 0},
    {"host", OPT_HOST, "NAME[:PORT]", 0, "a further name that browsers may ask under", 0},
    {"beyond-loopback", OPT_BEYOND, NULL, 0,
     "other computers may connect: only with --tls-in-front and --host NAME", 0},
    {"tls-in-front", OPT_TLS, NULL, 0,
     "a proxy with TLS is before the station: the cookie is for https only", 0},
    {"token-file", OPT_TOKEN_FILE, "FILE", 0,
     "keep the token there, so that it outlives a restart; else a new one each time", 0},
    {"url-file", OPT_URL_FILE, "FILE", 0, "write the address to open there (mode 0600)", 0},
    {"url-group", OPT_URL_GROUP, NULL, 0, "its group may read it too (mode 0640)", 0},
    {"allow-root", OPT_ALLOW_ROOT, NULL, 0, "run as root all the same (a test machine)", 0},
    {0},
};

struct arguments {
    const char *plates[LIST_MAX], *listen[LIST_MAX], *hosts[LIST_MAX];
    int n_plates, n_listen, n_hosts;
    const char *data, *token_file, *url_file;
    int beyond_loopback, tls_in_front, allow_root, url_group;
    struct service_options service;
};

static void add(struct argp_state *state, const char **list, int *n, const char *what)
{
    if (*n == LIST_MAX)
        argp_error(state, "at most %d of a kind", LIST_MAX);
    list[(*n)++] = what;
}

static error_t parse_place(int key, char *arg, struct argp_state *state, struct arguments *a)
{
    switch (key) {
    case OPT_LISTEN:
        add(state, a->listen, &a->n_listen, arg);
        return 0;
    case OPT_HOST:
        add(state, a->hosts, &a->n_hosts, arg);
        return 0;
    case OPT_BEYOND:
        a->beyond_loopback = 1;
        return 0;
    case OPT_TLS:
        a->tls_in_front = 1;
        return 0;
    case OPT_TOKEN_FILE:
        a->token_file = arg;
        return 0;
    case OPT_URL_FILE:
        a->url_file = arg;
        return 0;
    case OPT_URL_GROUP:
        a->url_group = 1;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'd':
        add(state, a->plates, &a->n_plates, arg);
        return 0;
    case OPT_NO_DISCOVERY:
        a->service.discovers = 0;
        return 0;
    case OPT_CALIBRATION:
        a->service.calibration = arg;
        return 0;
    case OPT_CALIBRATIONS:
        a->service.calibrations = arg;
        return 0;
    case OPT_STORE:
        a->service.store = arg;
        return 0;
    case OPT_STORE_KEY:
        a->service.key.key_file = arg;
        return 0;
    case OPT_STORE_PASSPHRASE:
        a->service.key.passphrase_file = arg;
        return 0;
    case OPT_RATE:
        a->service.rate_hz = (unsigned)argument_whole(state, "rate", arg, 0, 10000);
        return 0;
    case OPT_WAIT:
        a->service.wait_s = argument_number(state, "wait", arg, 0, 3600);
        return 0;
    case OPT_DATA:
        a->data = arg;
        return 0;
    case OPT_ALLOW_ROOT:
        a->allow_root = 1;
        return 0;
    default:
        return parse_place(key, arg, state, a);
    }
}

static const struct argp argp = {
    options,
    parse,
    NULL,
    "The station as a service: watches the plates, records, leads press tests, and serves the page "
    "and its API on this computer.\v"
    "Prints the address to open, with the token behind '#'. SIGTERM and Ctrl-C end it; what is "
    "being recorded is closed well. Not a medical device.\n\n"
    "Exit: 0 ended as asked; 1 failed; 2 wrong usage; 3 a file is refused.\n\n"
    "  tenderfoot serve\n"
    "  tenderfoot serve --device virtual:samples/subjects/normal.json --listen 127.0.0.1:0",
    NULL,
    NULL,
    NULL};

/* --- Places ---------------------------------------------------------------------------------- */

/* The verbs' folder, so that both speak of the same people; under systemd the unit's. */
static int data_folder(const struct arguments *a, char folder[400], struct problem *why)
{
    const char *state = getenv("STATE_DIRECTORY"), *data = getenv("TENDERFOOT_DATA");
    int is_units = !a->data && !(data && *data) && state && *state;
    char *meant = store_data_meant(is_units ? state : a->data, why);
    int n = meant ? snprintf(folder, 400, "%s", meant) : -1;
    free(meant);
    if (n < 0)
        return -1;
    if (n >= 400)
        return problem(why, PROBLEM_USAGE, "the path of the data folder is too long");
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0'; /* the last one, and what is wrong with it, is the service's */
        mkdir(folder, 0700);
        *slash = '/';
    }
    return 0;
}

/* Whoever opens the network to a station without TLS would send its token and the people's names in
 * the clear. The name is what the proxy's users ask under; addresses beyond loopback are no names
 * (listening.h), so that nobody passes the proxy by. */
static int check_front(const struct arguments *a, struct problem *why)
{
    if (!a->beyond_loopback || (a->tls_in_front && a->n_hosts))
        return 0;
    return problem(why, PROBLEM_USAGE,
                   "--beyond-loopback is for a station behind a proxy with TLS: it wants "
                   "--tls-in-front to say that there is one, and --host NAME, the name that "
                   "browsers ask the proxy for (driver/daemon/README.md)");
}

static int listen_on(const struct arguments *a, struct listening *listening,
                     struct http_rules *rules, struct problem *why)
{
    int handed = notify_sockets(HTTP_GATE_SOCKETS_MAX);
    for (int i = 0; i < handed; i++)
        if (listening_adopt(listening, 3 + i, a->beyond_loopback, rules, why))
            return -1;
    for (int i = 0; i < a->n_listen; i++)
        if (listening_bind(listening, a->listen[i], a->beyond_loopback, rules, why))
            return -1;
    if (!handed && !a->n_listen && listening_bind(listening, "127.0.0.1:8631", 0, rules, why))
        return -1;
    for (int i = 0; i < a->n_hosts; i++)
        if (listening_allow_host(rules, a->hosts[i], why))
            return -1;
    if (!listening->url[0] && a->n_hosts)
        snprintf(listening->url, sizeof listening->url, "%s://%s/",
                 a->tls_in_front ? "https" : "http", a->hosts[0]);
    return 0;
}

/* A file that another station left, or an empty one: nothing else is the price of an address. */
static int may_replace(const char *path)
{
    struct stat old;
    char start[4] = "";
    if (lstat(path, &old))
        return errno == ENOENT;
    if (!S_ISREG(old.st_mode))
        return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ssize_t n = fd < 0 ? -1 : read(fd, start, sizeof start);
    if (fd >= 0)
        close(fd);
    return !n || (n == sizeof start && !memcmp(start, "http", sizeof start));
}

/* Whole before it has its name: who waits for the file reads no half of it. */
static int write_address(const struct arguments *a, const char *url, const char *token)
{
    char temporary[PATH_MAX];
    int n = snprintf(temporary, sizeof temporary, "%s.partial-%ld", a->url_file, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof temporary) {
        errno = ENAMETOOLONG;
        return -1;
    }
    unlink(temporary); /* what a dead process of the same number may have left */
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -1;
    int bad = (a->url_group && fchmod(fd, 0640)) ||
              dprintf(fd, "%s#token=%s\n", url, token) != (int)(strlen(url) + strlen(token) + 8);
    if (close(fd) || bad || rename(temporary, a->url_file)) {
        int error = errno;
        unlink(temporary);
        errno = error;
        return -1;
    }
    return 0;
}

/* The address with its token: for the one who may open it, on the terminal or in a file of theirs.
 */
static int tell_address(const struct arguments *a, const char *url, const char *token,
                        struct problem *why)
{
    if (!a->url_file) {
        printf("%s#token=%s\n", url, token);
        return fflush(stdout) ? problem(why, PROBLEM_FAILED, "the address cannot be printed") : 0;
    }
    if (!may_replace(a->url_file))
        return problem(why, PROBLEM_FAILED,
                       "%s is there and is no station's address; name another file", a->url_file);
    if (write_address(a, url, token))
        return problem(why, PROBLEM_FAILED, "%s cannot be written: %s", a->url_file,
                       strerror(errno));
    return 0;
}

/* --- While it runs --------------------------------------------------------------------------- */

static int stop_descriptor(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return stop_signals_fd();
}

/* The gate's lock and every plate's thread are asked: what hangs is not told to be well. A plate's
 * thread is told of at once (sd_notify(3): as if no word had come in time); where this one hangs,
 * systemd notices by its silence. */
static void mind_watchdog(struct service *service)
{
    http_gate_numbers(service->gate);
    double silent_s;
    if (!service_hangs(service, &silent_s)) {
        notify_system("WATCHDOG=1");
        return;
    }
    log_line(LOG_LEVEL_ERROR, "a plate's thread hangs: it has not gone round for %.1f s", silent_s);
    notify_system("WATCHDOG=trigger");
}

/* NULL: nobody tells of plugging, and it is looked each round instead. */
static struct transport_watch *watch_plugs(const struct service *service)
{
    struct problem why = {0};
    if (!service->options.discovers)
        return NULL;
    struct transport_watch *news = transport_watch_open(&why);
    if (why.kind)
        log_line(LOG_LEVEL_WARNING,
                 "plugging in is not told by the system, it is looked for each second: %s",
                 why.text);
    return news;
}

static int is_time(uint64_t *looked_us)
{
    uint64_t now_us = host_clock_us();
    int is = now_us - *looked_us >= 1000u * ROUND_MS;
    *looked_us = is ? now_us : *looked_us;
    return is;
}

static void run(struct service *service, int stop_fd)
{
    struct transport_watch *news = watch_plugs(service);
    uint64_t looked_us = 0, watchdog_ms = notify_watchdog_us() / 6000;
    int wait_ms = watchdog_ms && watchdog_ms < ROUND_MS ? (int)watchdog_ms : ROUND_MS;
    for (;;) {
        struct pollfd watched[2] = {{.fd = stop_fd, .events = POLLIN},
                                    {.fd = news ? transport_watch_fd(news) : -1, .events = POLLIN}};
        poll(watched, 2, wait_ms);
        if (watched[0].revents)
            break;
        if (news ? watched[1].revents && transport_watch_has_news(news)
                 : service->options.discovers && is_time(&looked_us))
            service_look(service);
        if (watchdog_ms)
            mind_watchdog(service);
    }
    transport_watch_close(news);
}

static int serve(const struct arguments *a, struct service *service, struct listening *listening,
                 struct http_rules *rules, int stop_fd, struct problem *why)
{
    service->gate =
        http_gate_create(listening->fd, listening->n, rules, &http_gate_usual_times, why);
    listening->n = 0; /* the gate's now */
    struct http_server *server =
        service->gate ? http_server_start(service->gate, service_routes, service, why) : NULL;
    int bad = !server || tell_address(a, listening->url, service->token, why);
    if (!bad) {
        notify_system("READY=1");
        log_line(LOG_LEVEL_INFO, "tenderfootd " TENDERFOOT_VERSION " serves %s", listening->url);
        run(service, stop_fd);
        notify_system("STOPPING=1");
    }
    service_hush(service);
    http_server_stop(server);
    return bad;
}

static int run_service(struct arguments *a, struct problem *why)
{
    static struct service service;
    struct http_rules rules = {.open_paths = service_open_paths};
    struct listening listening = {0};
    char folder[400];
    int stop_fd = stop_descriptor();
    work_folders_sweep(temporary_folder());
    if (stop_fd < 0)
        return problem(why, PROBLEM_FAILED, "no descriptor for signals can be had");
    if (check_front(a, why) || data_folder(a, folder, why) ||
        store_check_catalogue(a->service.store, why) ||
        listening_token(rules.token, a->token_file, why) || listen_on(a, &listening, &rules, why))
        return -1;
    a->service.data = folder;
    a->service.plates = a->plates;
    a->service.n_plates = a->n_plates;
    int bad = service_open(&service, &a->service, why);
    memcpy(service.token, rules.token, sizeof service.token);
    service.is_secure = a->tls_in_front;
    bad = bad || serve(a, &service, &listening, &rules, stop_fd, why);
    service_close(&service);
    http_gate_free(service.gate);
    close(stop_fd);
    return bad ? -1 : 0;
}

/* What an analysis gave back goes back to the system. Left to itself the library keeps it, once for
 * each thread that ever reckoned, and raises its own bounds as it goes: 17 MiB after five minutes
 * of recordings looked through, where two places and fixed bounds keep the service level. */
static void keep_memory_level(void)
{
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 256 << 10);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

int main(int argc, char **argv)
{
    struct arguments a = {.service = {.discovers = 1, .wait_s = 30, .behind_bytes = BEHIND_BYTES}};
    struct problem why = {0};
    argp_program_version = "tenderfootd " TENDERFOOT_VERSION;
    argp_err_exit_status = PROBLEM_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    umask(0077);
    keep_memory_level();
    if (geteuid() == 0 && !a.allow_root) {
        fputs("tenderfootd: it never runs as root: start it as a user of its own, or with "
              "--allow-root on a test machine\n",
              stderr);
        return PROBLEM_FAILED;
    }
    if (!run_service(&a, &why))
        return 0;
    fprintf(stderr, "tenderfootd: %s\n", why.text);
    return (int)why.kind;
}
