/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serial:DEVICE: libserialport finds the port and sets the line; the bytes go over its descriptor
 * directly, because version 0.1.1 knows neither an exclusive open nor close-on-exec, and leaves it
 * to the caller to notice that the device is gone.
 *
 * A port whose USB device has a serial number is found again by it, whatever its name is then; any
 * other one (a real UART) by its path. While it is away the descriptor is an epoll of /dev's
 * changes and of a clock that ticks once a second. */
#include "driver/transport/transport_private.h"

#include "driver/transport/serial_find.h"
#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* USB serial plates ignore it; for a real UART it is the fastest rate that nearly all know. */
enum { DEFAULT_BAUD = 921600 };

struct serial_line {
    struct sp_port *port; /* NULL = not open */
    int baud;
    char *name;                  /* as the user named it, maybe a symbolic link */
    char path[256];              /* what that is, or was last */
    struct serial_device device; /* behind it */
    int nudges;                  /* since something came */
    int is_exclusive;            /* by us: to be undone */
    int is_away;
    int away_fd, changes_fd, clock_fd; /* while away, else -1 */
};

static int port_problem(const char *path, enum sp_return result, struct problem *why)
{
    if (result == SP_ERR_FAIL)
        return transport_open_problem(path, sp_last_error_code(), why);
    if (result == SP_ERR_MEM)
        return problem_no_memory(why, "a serial port");
    return problem(why, PROBLEM_FAILED,
                   "%s is no serial port that the system knows; a pty is opened by stream:%s", path,
                   path);
}

static int parse_baud(const char *text, int *baud, struct problem *why)
{
    char *end;
    long value = text ? strtol(text, &end, 10) : DEFAULT_BAUD;
    if (text && (*end || end == text || value < 1200 || value > 12000000))
        return problem(why, PROBLEM_USAGE, "baud=%.20s: a rate from 1200 to 12000000 is meant",
                       text);
    *baud = (int)value;
    return 0;
}

/* Sets 8N1 without flow control and reads the rate back: a driver may silently keep another. */
static int set_line(struct sp_port *port, const char *path, int baud, struct problem *why)
{
    enum sp_return result;
    if ((result = sp_set_baudrate(port, baud)) != SP_OK ||
        (result = sp_set_bits(port, 8)) != SP_OK ||
        (result = sp_set_parity(port, SP_PARITY_NONE)) != SP_OK ||
        (result = sp_set_stopbits(port, 1)) != SP_OK ||
        (result = sp_set_flowcontrol(port, SP_FLOWCONTROL_NONE)) != SP_OK)
        return port_problem(path, result, why);
    struct sp_port_config *config;
    if ((result = sp_new_config(&config)) != SP_OK)
        return port_problem(path, result, why);
    int actual = -1;
    if ((result = sp_get_config(port, config)) == SP_OK)
        result = sp_get_config_baudrate(config, &actual);
    sp_free_config(config);
    if (result != SP_OK)
        return port_problem(path, result, why);
    if (actual != baud)
        return problem(why, PROBLEM_FAILED,
                       "%s runs at %d baud and not at %d; name a rate that both sides can: "
                       "serial:%s?baud=N",
                       path, actual, baud, path);
    return 0;
}

static int use_descriptor(struct transport *transport, struct sp_port *port, const char *path,
                          struct problem *why)
{
    enum sp_return result = sp_get_port_handle(port, &transport->fd);
    if (result != SP_OK)
        return port_problem(path, result, why);
    if (fcntl(transport->fd, F_SETFD, FD_CLOEXEC) ||
        fcntl(transport->fd, F_SETFL, fcntl(transport->fd, F_GETFL) | O_NONBLOCK))
        return transport_open_problem(path, errno, why);
    if (transport_fd_claim(transport, why))
        return -1;
    /* Against programs that know no lock; not every tty has it. Of a pty it would outlive us, for
     * as long as the plate's end is open: so not on stream:. */
    struct serial_line *line = transport->own;
    line->is_exclusive = !ioctl(transport->fd, TIOCEXCL);
    return 0;
}

static int serial_problem(const char *path, int error, struct problem *why)
{
    if (error != EACCES && error != EPERM)
        return transport_open_problem(path, error, why);
    return problem_coded(
        why, PROBLEM_CODE_PLATE_FORBIDDEN, PROBLEM_FAILED,
        "no permission to open %s; for a plate install the rule that gives it: "
        "tenderfoot devices --udev-rule | sudo tee /etc/udev/rules.d/70-tenderfoot.rules "
        "&& sudo udevadm control --reload && sudo udevadm trigger; for any serial port: "
        "sudo adduser \"$USER\" dialout, and log in again",
        path);
}

/* --- The port -------------------------------------------------------------------------------- */

static void close_port(struct transport *transport)
{
    struct serial_line *line = transport->own;
    if (!line->port)
        return;
    if (line->is_exclusive)
        ioctl(transport->fd, TIOCNXCL); /* what a pty would remember */
    line->is_exclusive = 0;
    sp_close(line->port); /* an error, and nothing else, if it was never open */
    sp_free_port(line->port);
    line->port = NULL;
    transport->fd = -1;
}

static int set_up(struct transport *transport, struct problem *why)
{
    struct serial_line *line = transport->own;
    enum sp_return result = sp_open(line->port, SP_MODE_READ_WRITE);
    if (result != SP_OK)
        return port_problem(line->path, result, why);
    if (use_descriptor(transport, line->port, line->path, why) ||
        set_line(line->port, line->path, line->baud, why))
        return -1;
    return transport_fd_raw(transport, line->path, why);
}

static int is_kernel_name(const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "/sys/class/tty/%.250s", name);
    return !access(path, F_OK);
}

/* libserialport knows the kernel's names only; udev's links (/dev/tenderfoot/.., /dev/serial/..)
 * lead to them. Whether there is such a port now. */
static int resolve(struct serial_line *line)
{
    char target[256];
    const char *slash = strrchr(line->name, '/');
    ssize_t n = readlink(line->name, target, sizeof target - 1);
    snprintf(line->path, sizeof line->path, "%s", line->name);
    if (n > 0 && slash && !is_kernel_name(slash + 1)) {
        target[n] = '\0';
        slash = strrchr(target, '/');
        if (is_kernel_name(slash ? slash + 1 : target))
            snprintf(line->path, sizeof line->path, "/dev/%.240s", slash ? slash + 1 : target);
    }
    return !access(line->path, F_OK);
}

static int open_port(struct transport *transport, struct problem *why)
{
    struct serial_line *line = transport->own;
    if (access(line->path, R_OK | W_OK)) /* libserialport's own answer would not say which it is */
        return serial_problem(line->path, errno, why);
    enum sp_return result = sp_get_port_by_name(line->path, &line->port);
    if (result != SP_OK) {
        line->port = NULL;
        return port_problem(line->path, result, why);
    }
    if (!set_up(transport, why))
        return 0;
    close_port(transport);
    return -1;
}

static int serial_open(struct transport *transport, const char *address, struct problem *why)
{
    static const char *const keys[] = {"baud"};
    const char *values[1];
    struct serial_line *line = calloc(1, sizeof *line);
    if (!line)
        return problem_no_memory(why, "a serial transport");
    transport->own = line;
    line->away_fd = line->changes_fd = line->clock_fd = -1;
    line->name = transport_address(address, keys, values, 1, why);
    if (!line->name || parse_baud(values[0], &line->baud, why))
        return -1;
    resolve(line);
    if (open_port(transport, why))
        return -1;
    serial_device_of(line->path, &line->device);
    return 0;
}

static ssize_t serial_read(struct transport *transport, uint8_t *bytes, size_t cap,
                           struct problem *why)
{
    struct serial_line *line = transport->own;
    ssize_t n = transport_fd_read(transport, bytes, cap, why);
    if (n > 0)
        line->nudges = 0;
    return n;
}

/* --- Away ------------------------------------------------------------------------------------ */

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void end_watch(struct serial_line *line)
{
    close_fd(&line->changes_fd);
    close_fd(&line->clock_fd);
    close_fd(&line->away_fd);
}

static int watch(int epoll_fd, int fd)
{
    struct epoll_event event = {.events = EPOLLIN};
    return fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* A new node in /dev, or one whose permissions udevd has just set, is worth a look at once. Where
 * /dev cannot be watched the clock alone must do. */
static int begin_watch(struct serial_line *line, struct problem *why)
{
    struct itimerspec second = {.it_interval.tv_sec = 1, .it_value.tv_sec = 1};
    line->away_fd = epoll_create1(EPOLL_CLOEXEC);
    line->clock_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    line->changes_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (line->away_fd < 0 || watch(line->away_fd, line->clock_fd) ||
        timerfd_settime(line->clock_fd, 0, &second, NULL)) {
        end_watch(line);
        return problem(why, PROBLEM_FAILED, "no descriptor can be had to wait for %s: %s",
                       line->path, strerror(errno));
    }
    if (line->changes_fd >= 0 &&
        inotify_add_watch(line->changes_fd, "/dev", IN_CREATE | IN_MOVED_TO | IN_ATTRIB) >= 0)
        watch(line->away_fd, line->changes_fd);
    return 0;
}

/* What has been told is not told again. */
static void hear_out(const struct serial_line *line)
{
    char bytes[4096] __attribute__((aligned(8)));
    while (line->changes_fd >= 0 && read(line->changes_fd, bytes, sizeof bytes) > 0)
        ;
    while (read(line->clock_fd, bytes, sizeof bytes) > 0)
        ;
}

static int go_away(struct transport *transport, struct problem *why)
{
    struct serial_line *line = transport->own;
    close_port(transport);
    if (begin_watch(line, why))
        return -1;
    line->is_away = 1;
    transport->fd = line->away_fd;
    return 0;
}

/* Never another device's port: by its serial number, or for want of one the very same path. */
static int find_port(struct serial_line *line)
{
    if (line->device.is_usb && line->device.serial[0])
        return serial_find_again(&line->device, line->path, sizeof line->path);
    return resolve(line);
}

static int serial_rejoin(struct transport *transport, struct problem *why)
{
    struct serial_line *line = transport->own;
    if (!line->is_away && go_away(transport, why))
        return -1;
    hear_out(line);
    if (!find_port(line))
        return 0;
    if (open_port(transport, why)) { /* not ready yet, or not permitted yet, or another has it */
        transport->fd = line->away_fd;
        return 0;
    }
    end_watch(line);
    line->is_away = 0;
    line->nudges = 0;
    return 1;
}

/* The START that goes with each nudge comes first; then the line is opened anew, which lets DTR
 * fall and rise: a plate's own port is another session then. */
static int serial_nudge(struct transport *transport, struct problem *why)
{
    struct serial_line *line = transport->own;
    if (line->is_away || line->nudges++ % 2 == 0)
        return 0;
    close_port(transport);
    struct problem how;
    if (!open_port(transport, &how))
        return 0;
    problem(why, PROBLEM_DEVICE_LOST, "the plate has left: %s (%.200s)", transport->name, how.text);
    return -1;
}

static void serial_close(struct transport *transport)
{
    struct serial_line *line = transport->own;
    if (!line)
        return;
    close_port(transport);
    end_watch(line);
    free(line->name);
    free(line);
    transport->own = NULL;
    transport->fd = -1;
}

/* --- Listing --------------------------------------------------------------------------------- */

/* A device's own words: no escape sequence of theirs reaches anybody's terminal. */
static void describe(struct sp_port *port, char *to, size_t cap)
{
    const char *said = sp_get_port_description(port);
    snprintf(to, cap, "%s", said ? said : "");
    for (char *c = to; *c; c++)
        if (*c < 0x20 || *c > 0x7E)
            *c = '.';
}

static void list_port(struct sp_port *port, transport_found *found, void *context)
{
    char uri[300], description[200], obstacle[400] = "";
    const char *path = sp_get_port_name(port);
    describe(port, description, sizeof description);
    snprintf(uri, sizeof uri, "serial:%s", path);
    if (access(path, R_OK | W_OK)) {
        struct problem why;
        serial_problem(path, errno, &why);
        snprintf(obstacle, sizeof obstacle, "%s", why.text);
    }
    found(context, uri, description, obstacle);
}

static int serial_list(transport_found *found, void *context, struct problem *why)
{
    struct sp_port **ports;
    enum sp_return result = sp_list_ports(&ports);
    if (result != SP_OK && access("/sys/class/tty", F_OK))
        return 0; /* a bare container: no /sys, hence no port either */
    if (result != SP_OK)
        return problem(why, PROBLEM_FAILED, "the system's serial ports cannot be listed");
    for (size_t i = 0; ports[i]; i++)
        list_port(ports[i], found, context);
    sp_free_port_list(ports);
    return 0;
}

static int is_plate(const char *address)
{
    char path[256];
    snprintf(path, sizeof path, "%.*s", (int)strcspn(address, "?"), address);
    return serial_is_plate(path);
}

const struct transport_kind transport_serial = {
    .about = {"serial", "serial:DEVICE[?baud=N]", "a plate on a serial or USB serial port"},
    .open = serial_open,
    .read = serial_read,
    .write = transport_fd_write,
    .close = serial_close,
    .list = serial_list,
    .rejoin = serial_rejoin,
    .nudge = serial_nudge,
    .is_plate = is_plate,
};
