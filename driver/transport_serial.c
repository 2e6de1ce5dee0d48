/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serial:DEVICE: libserialport finds the port and sets the line; the bytes go over its descriptor
 * directly, because version 0.1.1 knows neither an exclusive open nor close-on-exec, and leaves it
 * to the caller to notice that the device is gone. */
#include "driver/transport_private.h"

#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* USB serial plates ignore it; for a real UART it is the fastest rate that nearly all know. */
enum { DEFAULT_BAUD = 921600 };

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
    ioctl(transport->fd, TIOCEXCL);
    return 0;
}

static int open_port(struct transport *transport, const char *path, int baud, struct problem *why)
{
    if (access(path, R_OK | W_OK)) /* libserialport's own answer would not say which it is */
        return transport_open_problem(path, errno, why);
    struct sp_port *port;
    enum sp_return result = sp_get_port_by_name(path, &port);
    if (result != SP_OK)
        return port_problem(path, result, why);
    transport->own = port;
    if ((result = sp_open(port, SP_MODE_READ_WRITE)) != SP_OK)
        return port_problem(path, result, why);
    if (use_descriptor(transport, port, path, why) || set_line(port, path, baud, why))
        return -1;
    return transport_fd_raw(transport, path, why);
}

static int serial_open(struct transport *transport, const char *address, struct problem *why)
{
    static const char *const keys[] = {"baud"};
    const char *values[1];
    char *path = transport_address(address, keys, values, 1, why);
    if (!path)
        return -1;
    int baud = 0;
    int bad = parse_baud(values[0], &baud, why) || open_port(transport, path, baud, why);
    free(path);
    return bad ? -1 : 0;
}

static void serial_close(struct transport *transport)
{
    struct sp_port *port = transport->own;
    if (!port)
        return;
    sp_close(port); /* an error, and nothing else, if it was never open */
    sp_free_port(port);
    transport->own = NULL;
    transport->fd = -1;
}

static void list_port(struct sp_port *port, transport_found *found, void *context)
{
    char uri[300], obstacle[400] = "";
    const char *path = sp_get_port_name(port);
    const char *description = sp_get_port_description(port);
    snprintf(uri, sizeof uri, "serial:%s", path);
    if (access(path, R_OK | W_OK)) {
        struct problem why;
        transport_open_problem(path, errno, &why);
        snprintf(obstacle, sizeof obstacle, "%s", why.text);
    }
    found(context, uri, description ? description : "", obstacle);
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

const struct transport_kind transport_serial = {
    .about = {"serial", "serial:DEVICE[?baud=N]", "a plate on a serial or USB serial port"},
    .open = serial_open,
    .read = transport_fd_read,
    .write = transport_fd_write,
    .close = serial_close,
    .list = serial_list,
};
