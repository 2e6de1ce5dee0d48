/* SPDX-License-Identifier: GPL-3.0-or-later */
/* USB serial ports that exist for one command and its children, with a virtual plate on the other
 * end of the cable (umockdev: device node, /sys entries and modem lines; the line itself is a pty).
 * So an unmodified libserialport finds, opens and sets a port here.
 *
 *   umockdev-wrapper serial_rig PLATE SUBJECT COMMAND [ARGUMENT ...]
 *
 * runs COMMAND and gives its exit code. Its pid is in RIG_PID, and signals are its cable:
 *   SIGUSR1  pulls the plug
 *   SIGUSR2  plugs it in again, under another name; another plate, which must be left alone, is
 *            plugged in just before it
 * What it has seen stands in the file RIG_REPORT at each moment. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <umockdev.h>
#include <unistd.h>

enum { MS = 1000 };

struct rig {
    UMockdevTestbed *testbed;
    const char *program, *subject;
    int port, plate;        /* our ends of the cable; port -1 = unplugged */
    int foreign;            /* our end of the other plate's port, -1 = none */
    int name, foreign_name; /* of the ports: ttyACM<name> */
    int names;              /* used; never one twice, for the testbed keeps what is gone */
    pid_t plate_pid;
    unsigned boots, replugs, foreign_bytes;
    int is_heard; /* the host has said something since it was plugged in ... */
    uint64_t plugged_us;
    unsigned slowest_ms; /* from the plug to the host's first word */
};

static atomic_int wants_out, wants_in, is_over;

static void note_signal(int signal)
{
    if (signal == SIGUSR1)
        wants_out = 1;
    else
        wants_in = 1;
}

/* A pty has no modem lines; libserialport reads and sets them. The rest is the pty's own. */
static gboolean answer_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer context)
{
    (void)base, (void)context;
    gulong request = umockdev_ioctl_client_get_request(client);
    if (request != TIOCMGET && request != TIOCMSET && request != TIOCMBIS && request != TIOCMBIC) {
        int error = 0, result = umockdev_ioctl_client_execute(client, &error, NULL);
        umockdev_ioctl_client_complete(client, result, error);
        return TRUE;
    }
    if (request == TIOCMGET) {
        UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client);
        UMockdevIoctlData *value = umockdev_ioctl_data_resolve(arg, 0, sizeof(int), NULL);
        if (value) {
            *(int *)value->data = TIOCM_CTS | TIOCM_DSR | TIOCM_CAR;
            g_object_unref(value);
        }
    }
    umockdev_ioctl_client_complete(client, 0, 0);
    return TRUE;
}

static void stop(const char *what, GError *error)
{
    fprintf(stderr, "serial_rig: %s: %s\n", what, error ? error->message : strerror(errno));
    exit(1);
}

/* --- Devices --------------------------------------------------------------------------------- */

/* A composite device on port 1-<place>: its vendor interface and its port ttyACM<name>. */
static void describe(char *text, size_t cap, int place, int name, const char *vendor,
                     const char *serial)
{
    char at[80];
    snprintf(at, sizeof at, "/devices/pci0000:00/0000:00:14.0/usb1/1-%d", place);
    snprintf(
        text, cap,
        "P: %s\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nA: busnum=1\\n\nA: devnum=%d\\n\n"
        "A: idVendor=%s\\n\nA: idProduct=0001\\n\nA: manufacturer=tenderfoot\\n\n"
        "A: product=tenderfoot plate\\n\nA: serial=%s\\n\n\n"
        "P: %s/1-%d:1.0\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\n"
        "A: bInterfaceClass=ff\\n\nA: bInterfaceSubClass=54\\n\nA: bInterfaceProtocol=46\\n\n\n"
        "P: %s/1-%d:1.1\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\n"
        "A: bInterfaceClass=02\\n\nA: bInterfaceSubClass=02\\n\nA: bInterfaceProtocol=01\\n\n\n"
        "P: %s/1-%d:1.1/tty/ttyACM%d\nN: ttyACM%d\nE: SUBSYSTEM=tty\nE: DEVNAME=/dev/ttyACM%d\n"
        "E: MAJOR=166\nE: MINOR=%d\nA: dev=166:%d\\n\nL: device=../../../1-%d:1.1\n",
        at, place, vendor, serial, at, place, at, place, at, place, name, name, name, name, name,
        place);
}

static void answer_for(struct rig *rig, const char *node)
{
    GError *error = NULL;
    UMockdevIoctlBase *base = umockdev_ioctl_base_new();
    g_signal_connect(base, "handle-ioctl", G_CALLBACK(answer_ioctl), NULL);
    if (!umockdev_testbed_attach_ioctl(rig->testbed, node, base, &error))
        stop(node, error);
    g_object_unref(base);
}

/* Our end of the new port. */
static int add_device(struct rig *rig, int place, int name, const char *vendor, const char *serial)
{
    char text[2000], node[20];
    GError *error = NULL;
    snprintf(node, sizeof node, "/dev/ttyACM%d", name);
    answer_for(rig, node);
    describe(text, sizeof text, place, name, vendor, serial);
    if (!umockdev_testbed_add_from_string(rig->testbed, text, &error))
        stop("a device", error);
    int fd = umockdev_testbed_get_dev_fd(rig->testbed, node);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

static void remove_device(struct rig *rig, int place, int name)
{
    char at[120];
    static const char usb[] = "/sys/devices/pci0000:00/0000:00:14.0/usb1";
    snprintf(at, sizeof at, "%s/1-%d/1-%d:1.1/tty/ttyACM%d", usb, place, place, name);
    umockdev_testbed_remove_device(rig->testbed, at);
    for (int i = 1; i >= 0; i--) {
        snprintf(at, sizeof at, "%s/1-%d/1-%d:1.%d", usb, place, place, i);
        umockdev_testbed_remove_device(rig->testbed, at);
    }
    snprintf(at, sizeof at, "%s/1-%d", usb, place);
    umockdev_testbed_remove_device(rig->testbed, at);
    /* Its ioctls stay answered: a host that is just about one must not wait for ever. */
}

/* --- The plate ------------------------------------------------------------------------------- */

/* Each start is another boot: its id follows from the seed. */
static void start_plate(struct rig *rig)
{
    int pair[2];
    char seed[20];
    snprintf(seed, sizeof seed, "%u", 5 + rig->boots++);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        stop("a cable", NULL);
    rig->plate_pid = fork();
    if (rig->plate_pid == 0) {
        unsetenv("LD_PRELOAD"); /* it has nothing to do with the port */
        if (dup2(pair[1], 3) == pair[1])
            fcntl(3, F_SETFD, 0);
        execl(rig->program, rig->program, "--subject", rig->subject, "--seed", seed, "--fd", "3",
              (char *)NULL);
        _exit(127);
    }
    close(pair[1]);
    rig->plate = pair[0];
}

static void stop_plate(struct rig *rig)
{
    kill(rig->plate_pid, SIGTERM);
    waitpid(rig->plate_pid, NULL, 0);
    close(rig->plate);
}

/* --- The cable ------------------------------------------------------------------------------- */

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static void plug_in(struct rig *rig)
{
    rig->port = add_device(rig, 1, rig->name, "1209", "VIRTUAL-N1");
    rig->is_heard = 0;
    rig->plugged_us = now_us();
}

/* The host's end hangs up. The pty's number is kept in use, by a descriptor that nobody closes: the
 * testbed could not bear to get it again. */
static void hang_up(int port)
{
    if (ioctl(port, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC) < 0)
        stop("a pty's other end", NULL);
    close(port);
}

static void pull_out(struct rig *rig)
{
    if (rig->port < 0)
        return;
    hang_up(rig->port);
    rig->port = -1;
    remove_device(rig, 1, rig->name);
}

/* The other plate is there first: who takes any plate for his own takes the wrong one. */
static void plug_in_elsewhere(struct rig *rig)
{
    if (rig->foreign >= 0) {
        hang_up(rig->foreign);
        remove_device(rig, 2, rig->foreign_name);
    }
    rig->foreign_name = rig->names++;
    rig->foreign = add_device(rig, 2, rig->foreign_name, "1209", "VIRTUAL-N2");
    rig->name = rig->names++;
    plug_in(rig);
    rig->replugs++;
}

/* Passes what there is from one descriptor to the other; the bytes, 0 at the end of `from`. A pty's
 * reader may close it and come again: EIO until then. */
static ssize_t pass(int from, int to)
{
    char bytes[4096];
    ssize_t n = read(from, bytes, sizeof bytes);
    if (n < 0 && (errno == EIO || errno == EAGAIN)) {
        usleep(2 * MS);
        return 1;
    }
    for (ssize_t at = 0; at < n && !is_over && !wants_out;) {
        ssize_t part = to < 0 ? n : write(to, bytes + at, (size_t)(n - at));
        if (part > 0)
            at += part;
        else
            usleep(MS);
    }
    return n;
}

/* What a foreign device hears: an unopened port says nothing but EIO. */
static void listen_to_foreign(struct rig *rig)
{
    char bytes[64];
    ssize_t n = rig->foreign < 0 ? 0 : read(rig->foreign, bytes, sizeof bytes);
    if (n > 0)
        rig->foreign_bytes += (unsigned)n;
}

static void hear_host(struct rig *rig)
{
    unsigned ms = (unsigned)((now_us() - rig->plugged_us) / 1000u);
    if (!rig->is_heard && rig->replugs && ms > rig->slowest_ms)
        rig->slowest_ms = ms;
    rig->is_heard = 1;
}

/* Carries bytes for so long; 0 when the plate is gone. While unplugged the plate speaks to nobody.
 */
static int carry_for(struct rig *rig, int ms)
{
    for (; ms > 0 && !is_over; ms--) {
        struct pollfd ends[2] = {{.fd = rig->port, .events = POLLIN},
                                 {.fd = rig->plate, .events = POLLIN}};
        if (poll(ends, 2, 1) > 0) {
            if (ends[0].revents & POLLIN && pass(rig->port, rig->plate) > 1)
                hear_host(rig);
            ssize_t n = ends[1].revents ? pass(rig->plate, rig->port) : 1;
            if (n <= 0)
                return 0;
        }
        listen_to_foreign(rig);
    }
    return !is_over;
}

/* Whoever reads it reads a whole one. */
static void report(const struct rig *rig)
{
    char path[300], part[310];
    if (!getenv("RIG_REPORT"))
        return;
    snprintf(path, sizeof path, "%s", getenv("RIG_REPORT"));
    snprintf(part, sizeof part, "%s.part", path);
    FILE *file = fopen(part, "w");
    if (!file)
        return;
    fprintf(file,
            "port /dev/ttyACM%d\nplugged %d\nheard %d\nreplugs %u\nboots %u\nforeign_bytes %u\n"
            "slowest_ms %u\n",
            rig->name, rig->port >= 0, rig->is_heard, rig->replugs, rig->boots, rig->foreign_bytes,
            rig->slowest_ms);
    fclose(file);
    rename(part, path);
}

static void *run_cable(void *context)
{
    struct rig *rig = context;
    while (!is_over && carry_for(rig, 20)) {
        if (wants_out) {
            wants_out = 0;
            pull_out(rig);
        }
        if (wants_in) {
            wants_in = 0;
            plug_in_elsewhere(rig);
        }
        report(rig);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    struct rig rig = {
        .program = argv[1], .subject = argv[2], .port = -1, .plate = -1, .foreign = -1};
    char pid[20];
    rig.testbed = umockdev_testbed_new();
    rig.names = 1;
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("RIG_PID", pid, 1);
    signal(SIGUSR1, note_signal);
    signal(SIGUSR2, note_signal);
    start_plate(&rig);
    plug_in(&rig);
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_cable, &rig))
        return 1;
    pid_t command = fork();
    if (command == 0) {
        execvp(argv[3], argv + 3);
        _exit(127);
    }
    int status;
    while (waitpid(command, &status, 0) < 0 && errno == EINTR)
        ;
    is_over = 1;
    pthread_join(thread, NULL);
    stop_plate(&rig);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
