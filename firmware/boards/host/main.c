/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot-plate: a plate as a process, for hosts that have none of metal. */
#include "driver/version.h"
#include "firmware/boards/host/emulated_plate.h"
#include "firmware/boards/host/faults.h"
#include "firmware/boards/host/host_plate.h"
#include "firmware/boards/host/links.h"
#include "firmware/boards/host/mailbox_host.h"
#include "firmware/boards/host/serve.h"
#include "firmware/boards/host/usb_cable.h"
#include "firmware/boards/host/virtual_plate.h"
#include "samples/bench_source.h"
#include "samples/recording_source.h"
#include "samples/subject_source.h"

#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define NAME "tenderfoot-plate"

const char *argp_program_version = NAME " " TENDERFOOT_VERSION;

enum option_key {
    KEY_RATE = 256,
    KEY_FAULT_LOG,
    KEY_FD,
    KEY_SOCKET,
    KEY_PTY,
    KEY_FIFO,
    KEY_USBREDIR,
    KEY_USB_LOG,
    KEY_ELF,
    KEY_IMAGE
};

enum { USBREDIR = LINKS_FIFO + 1 };

struct arguments {
    const char *subject, *recording, *faults, *fault_log, *usb_log, *elf, *image;
    uint64_t seed;
    enum serve_pace pace;
    double at_most; /* times real time; 0 = no bound */
    int rate_hz;
    int link_kind; /* enum links_kind or USBREDIR, or -1 */
    int fd;
    const char *path;
};

static const struct argp_option options[] = {
    {0, 0, 0, 0, "What it scans (one of):", 1},
    {"subject", 's', "FILE", 0,
     "a virtual person, or FILE#STAGE: a stage of a virtual bench (samples/SCHEMA.md)", 1},
    {"recording", 'r', "FILE", 0, "the pressures of a recording (.tfr)", 1},
    {0, 0, 0, 0, "How it reaches its host (one of):", 2},
    {"fd", KEY_FD, "N", 0, "an open descriptor, for instance one end of a socket pair", 2},
    {"socket", KEY_SOCKET, "PATH", 0,
     "listen on a unix socket; up to four hosts, of which one has the plate", 2},
    {"pty", KEY_PTY, 0, 0, "a pseudo terminal; its URI is printed", 2},
    {"fifo", KEY_FIFO, "PATH", 0,
     "a FIFO, one way: it waits for a reader, then tares and starts by itself", 2},
    {"usbredir", KEY_USBREDIR, "PATH", 0,
     "a USB device in a virtual machine, by the firmware's own USB logic: connects to QEMU's "
     "-chardev socket,path=PATH,server=on,wait=off -device usb-redir, as soon and as often as it "
     "is there",
     2},
    {0, 0, 0, 0, "How it behaves:", 3},
    {"seed", 'S', "N", 0, "seed of the subject's session and of the faults (1)", 3},
    {"pace", 'p', "real|fast|N", 0,
     "real: by the clock, a slow host loses whole frames, counted; fast: as fast as the host "
     "reads, nothing is lost; a number: fast, but at most so many times real time (real)",
     3},
    {"rate", KEY_RATE, "HZ", 0, "frames/s when START asks for none (the source's own)", 3},
    {"elf", KEY_ELF, "FILE", 0,
     "run this firmware on an emulated Cortex-M instead of the core on this machine; real: by the "
     "board's own clock, fast: in lockstep",
     3},
    {"image", KEY_IMAGE, "FILE", 0,
     "do not run: write the first seconds as a memory image for the emulated board, whose bytes go "
     "to the FIFO",
     3},
    {"faults", 'f', "LIST", 0, "what goes wrong, see below", 3},
    {"fault-log", KEY_FAULT_LOG, "FILE", 0, "write each deed of a fault as a line of JSON", 3},
    {"usb-log", KEY_USB_LOG, "FILE", 0,
     "with --usbredir: write what happens on the cable as lines of JSON, with the frames that "
     "crossed it so far",
     3},
    {0},
};

static uint64_t parse_seed(const char *text, struct argp_state *state)
{
    char *end;
    errno = 0;
    unsigned long long seed = strtoull(text, &end, 10);
    if (end == text || *end || errno || text[0] == '-')
        argp_error(state, "seed '%s' is not a whole number", text);
    return seed;
}

static int parse_int(const char *what, const char *text, int low, int high,
                     struct argp_state *state)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (end == text || *end || errno || value < low || value > high)
        argp_error(state, "%s '%s' is not a whole number of %d to %d", what, text, low, high);
    return (int)value;
}

/* "real", "fast", or a number: fast, but at most so many times real time. */
static void parse_pace(struct arguments *a, const char *text, struct argp_state *state)
{
    a->pace = strcmp(text, "real") ? SERVE_FAST : SERVE_REAL;
    a->at_most = 0;
    if (strcmp(text, "real") && strcmp(text, "fast"))
        a->at_most = parse_int("pace", text, 2, 100, state);
}

static void choose_link(struct arguments *a, int kind, const char *path, struct argp_state *state)
{
    if (a->link_kind >= 0)
        argp_error(state, "one of --fd, --socket, --pty, --fifo and --usbredir is enough");
    a->link_kind = kind;
    a->path = path;
}

static void check_faults(const struct arguments *a, struct argp_state *state)
{
    int of_plate, of_usb;
    faults_concern(a->faults, &of_plate, &of_usb);
    if (a->elf && of_plate)
        argp_error(state, "--faults but those of USB are the virtual plate's; the firmware of "
                          "--elf has none");
    if (of_usb && a->link_kind != USBREDIR)
        argp_error(state, "faults of USB need --usbredir");
    if (a->elf && a->faults && strstr(a->faults, "usb-power"))
        argp_error(state, "usb-power is for the virtual plate; the board of --elf stays on");
    if (a->usb_log && a->link_kind != USBREDIR)
        argp_error(state, "--usb-log needs --usbredir");
}

static void check_all(const struct arguments *a, struct argp_state *state)
{
    if (!a->subject == !a->recording)
        argp_error(state, "one of --subject and --recording is needed");
    if (a->link_kind < 0)
        argp_error(state, "one of --fd, --socket, --pty, --fifo and --usbredir is needed");
    check_faults(a, state);
    if (a->image && a->link_kind != LINKS_FIFO)
        argp_error(state, "--image needs --fifo, the path the board is to write to");
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 's':
        a->subject = text;
        return 0;
    case 'r':
        a->recording = text;
        return 0;
    case 'S':
        a->seed = parse_seed(text, state);
        return 0;
    case 'p':
        parse_pace(a, text, state);
        return 0;
    case 'f':
        a->faults = text;
        return 0;
    case KEY_RATE:
        a->rate_hz = parse_int("rate", text, 10, 500, state);
        return 0;
    case KEY_FAULT_LOG:
        a->fault_log = text;
        return 0;
    case KEY_ELF:
        a->elf = text;
        return 0;
    case KEY_IMAGE:
        a->image = text;
        return 0;
    case KEY_USB_LOG:
        a->usb_log = text;
        return 0;
    case KEY_USBREDIR:
        choose_link(a, USBREDIR, text, state);
        return 0;
    case KEY_FD:
        a->fd = parse_int("descriptor", text, 0, 65535, state);
        choose_link(a, LINKS_FD, NULL, state);
        return 0;
    case KEY_SOCKET:
        choose_link(a, LINKS_SOCKET, text, state);
        return 0;
    case KEY_PTY:
        choose_link(a, LINKS_PTY, NULL, state);
        return 0;
    case KEY_FIFO:
        choose_link(a, LINKS_FIFO, text, state);
        return 0;
    case ARGP_KEY_END:
        check_all(a, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = options,
    .parser = parse,
    .doc = "A virtual plate: the firmware's own core as a process, scanning a virtual person or a "
           "recording instead of cells.\vFaults, comma-separated, each "
           "NAME[@WHEN][:KEY=VALUE]...\n" FAULTS_HELP,
};

/* --- The plate's hosts ----------------------------------------------------------------------- */

/* Of the two, the one asked for. */
struct hosts {
    struct links links;
    struct usb_cable *usb; /* NULL = links */
};

static size_t send_to_hosts(void *context, int link, const uint8_t *bytes, size_t n)
{
    struct hosts *hosts = context;
    return hosts->usb ? usb_cable_send(hosts->usb, link, bytes, n)
                      : links_send(&hosts->links, link, bytes, n);
}

static int open_source(const struct arguments *a, struct scan_source **source, struct problem *why)
{
    if (a->recording)
        *source = recording_source_open(a->recording, why);
    else if (bench_source_is_named(a->subject))
        *source = bench_source_open(a->subject, a->seed, why);
    else
        *source = subject_source_open(a->subject, a->seed, why);
    return *source ? 0 : -1;
}

static int open_emulated(const struct arguments *a, struct hosts *hosts, struct host_plate *plate,
                         struct problem *why)
{
    struct emulated_plate_options o = {
        .elf = a->elf,
        .is_live = a->pace == SERVE_REAL,
        .is_one_way = a->link_kind == LINKS_FIFO,
        .rate_hz = a->rate_hz,
        .seed = a->seed,
        .sink = send_to_hosts,
        .context = hosts,
    };
    if (open_source(a, &o.source, why))
        return -1;
    struct emulated_plate *made = emulated_plate_create(&o, why);
    if (!made)
        return -1;
    host_plate_of_emulated(plate, made);
    return 0;
}

static int write_image(const struct arguments *a, struct problem *why)
{
    struct scan_source *source;
    if (open_source(a, &source, why))
        return -1;
    int bad = mailbox_write_image(a->image, source, a->rate_hz, UINT64_MAX, a->path, why);
    source->close(source);
    return bad;
}

static int open_plate(const struct arguments *a, struct hosts *hosts, FILE *fault_log,
                      struct host_plate *plate, struct problem *why)
{
    if (a->elf)
        return open_emulated(a, hosts, plate, why);
    struct virtual_plate_options o = {
        .faults = a->faults,
        .seed = a->seed,
        .rate_hz = a->rate_hz,
        .is_one_way = a->link_kind == LINKS_FIFO,
        .keeps_all = a->pace == SERVE_FAST,
        .fault_log = fault_log,
        .sink = send_to_hosts,
        .context = hosts,
    };
    if (open_source(a, &o.source, why))
        return -1;
    struct virtual_plate *made = virtual_plate_create_with(&o, why);
    if (!made)
        return -1;
    host_plate_of_virtual(plate, made);
    return 0;
}

static int open_links(const struct arguments *a, struct links *links, struct problem *why)
{
    switch (a->link_kind) {
    case LINKS_FD:
        return links_open_fd(links, a->fd, why);
    case LINKS_SOCKET:
        return links_open_socket(links, a->path, why);
    case LINKS_PTY:
        return links_open_pty(links, why);
    default:
        return links_open_fifo(links, a->path, why);
    }
}

/* Ctrl-C and a request to end come as a readable descriptor. Taken after the links are open, so
 * that waiting for a FIFO's reader can be broken off. */
static int open_stop(struct problem *why)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &signals, NULL))
        return problem(why, PROBLEM_FAILED, "signals cannot be blocked: %s", strerror(errno));
    int fd = signalfd(-1, &signals, SFD_CLOEXEC);
    return fd >= 0 ? fd : problem(why, PROBLEM_FAILED, "no signalfd: %s", strerror(errno));
}

static int run_linked(const struct arguments *a, struct hosts *hosts, struct host_plate *plate,
                      struct problem *why)
{
    int stop_fd = open_stop(why);
    if (stop_fd < 0)
        return -1;
    if (hosts->usb) {
        printf("usb:%s\n", plate->serial);
        fprintf(stderr,
                NAME ": connects whenever a virtual machine listens at %s; Ctrl-C ends it\n",
                a->path);
    } else if (hosts->links.uri[0])
        puts(hosts->links.uri);
    fflush(stdout);
    struct cable cable = hosts->usb ? cable_of_usb(hosts->usb) : cable_of_links(&hosts->links);
    int bad = serve(plate, &cable, a->pace, a->at_most, stop_fd, why);
    if (!bad && a->elf)
        bad = -emulated_plate_failed(plate->own, why);
    close(stop_fd);
    return bad;
}

static int open_hosts(const struct arguments *a, struct hosts *hosts,
                      const struct host_plate *plate, struct problem *why)
{
    return hosts->usb ? usb_cable_begin(hosts->usb, plate->serial, why)
                      : open_links(a, &hosts->links, why);
}

/* The plate is made before the links are opened, so that a wrong file is told before any wait. */
static int run_plate(const struct arguments *a, FILE *fault_log, struct hosts *hosts,
                     struct problem *why)
{
    struct host_plate plate;
    if (open_plate(a, hosts, fault_log, &plate, why))
        return -1;
    int bad = open_hosts(a, hosts, &plate, why);
    if (!bad)
        bad = run_linked(a, hosts, &plate, why);
    plate.close(plate.own);
    if (!hosts->usb)
        links_close(&hosts->links);
    return bad;
}

static int open_log(const char *path, const char *what, FILE **log, struct problem *why)
{
    if (path && !(*log = fopen(path, "we")))
        return problem(why, PROBLEM_FAILED, "cannot write the %s %s: %s", what, path,
                       strerror(errno));
    return 0;
}

static int close_log(const char *path, const char *what, FILE *log, int bad, struct problem *why)
{
    if (log && fclose(log) && !bad)
        return problem(why, PROBLEM_FAILED, "writing the %s %s failed: %s", what, path,
                       strerror(errno));
    return bad;
}

static int run_with_hosts(const struct arguments *a, FILE *fault_log, FILE *usb_log,
                          struct problem *why)
{
    struct hosts hosts = {.usb = NULL};
    const struct usb_cable_options o = {
        .path = a->path, .fd = -1, .faults = a->faults, .seed = a->seed, .log = usb_log};
    if (a->link_kind == USBREDIR && !(hosts.usb = usb_cable_create(&o, why)))
        return -1;
    int bad = run_plate(a, fault_log, &hosts, why);
    usb_cable_free(hosts.usb);
    return bad;
}

static int run(const struct arguments *a, struct problem *why)
{
    FILE *fault_log = NULL, *usb_log = NULL;
    if (a->image)
        return write_image(a, why);
    int bad = open_log(a->fault_log, "fault log", &fault_log, why) ||
              open_log(a->usb_log, "USB log", &usb_log, why);
    if (!bad)
        bad = run_with_hosts(a, fault_log, usb_log, why);
    bad = close_log(a->fault_log, "fault log", fault_log, bad, why);
    return close_log(a->usb_log, "USB log", usb_log, bad, why);
}

int main(int argc, char **argv)
{
    struct arguments a = {.seed = 1, .pace = SERVE_REAL, .link_kind = -1};
    struct problem why = {.kind = PROBLEM_NONE};
    argp_err_exit_status = PROBLEM_USAGE;
    signal(SIGPIPE, SIG_IGN);
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    if (run(&a, &why)) {
        fprintf(stderr, NAME ": %s\n", why.text);
        return (int)why.kind;
    }
    return 0;
}
