/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tenderfoot open: the page of the station that runs as a service, in this user's browser.
 *
 * The address holds the token, and a browser's arguments can be read by every user of the computer:
 * the browser is given a page in a file of mode 0600 that leads on to the address, and the file
 * goes again. */
#include "driver/argument.h"
#include "driver/cli/cli.h"
#include "driver/cli/verbs.h"
#include "driver/clock.h"
#include "driver/work_folder.h"

#include <argp.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OPT_URL_FILE = 256, OPT_PORT, OPT_PRINT };
enum { PATIENCE_S = 30, BROWSER_S = 20, ADDRESS_MOST = 256 };

struct arguments {
    const char *url_file;
    long port;
    int prints;
};

static const struct argp_option options[] = {
    {"url-file", OPT_URL_FILE, "FILE", 0,
     "where the station wrote its address (/run/tenderfoot/url)", 0},
    {"port", OPT_PORT, "PORT", 0,
     "of this computer, by which a station that sleeps is woken (8631)", 0},
    {"print", OPT_PRINT, NULL, 0, "print the address, with its token, and open nothing", 0},
    {0},
};

static const char doc[] =
    "Opens the page of the station that runs as a service on this computer, in your browser, and "
    "wakes it when it sleeps. The address holds a token that opens all that the station keeps, so "
    "that it is told to members of the group tenderfoot only.\v"
    "  sudo adduser NAME tenderfoot    (and log in anew)\n\n"
    "A station started by hand ('tenderfoot serve') prints its own address.\n\n"
    "Exit: 0 done; 1 failed: no station, no permission, no browser; 2 wrong usage.";

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case OPT_URL_FILE:
        a->url_file = arg;
        return 0;
    case OPT_PORT:
        a->port = argument_whole(state, "port", arg, 1, 65535);
        return 0;
    case OPT_PRINT:
        a->prints = 1;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is one word too many", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- The address ----------------------------------------------------------------------------- */

/* It comes to stand in a page: nothing but an address may. */
static int is_address(const char *text)
{
    return !strncmp(text, "http://", 7) &&
           !text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                              ":/.#=[]-")];
}

/* 1 with the address, 0 when there is none (yet), -1 and why. */
static int read_address(const char *path, char address[ADDRESS_MOST], struct problem *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0 && errno == EACCES)
        return problem(why, PROBLEM_FAILED,
                       "%s is for members of the group tenderfoot: an administrator adds you by "
                       "'adduser NAME tenderfoot'; then log in anew",
                       path);
    if (fd < 0)
        return problem(why, PROBLEM_FAILED, "%s: %s", path, strerror(errno));
    ssize_t n = read(fd, address, ADDRESS_MOST - 1);
    close(fd);
    address[n > 0 ? n : 0] = '\0';
    char *end = strchr(address, '\n');
    if (!end)
        return 0; /* still being written */
    *end = '\0';
    return is_address(address)
               ? 1
               : problem(why, PROBLEM_REFUSED, "%s holds no station's address", path);
}

/* The first who asks wakes it (its socket waits for that). */
static int wake(long port, struct problem *why)
{
    const struct sockaddr_in at = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int bad = fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof at);
    int error = errno;
    if (fd >= 0)
        close(fd);
    return bad ? problem(why, PROBLEM_FAILED,
                         "no station listens on port %ld of this computer (%s): 'systemctl start "
                         "tenderfootd.socket', or 'tenderfoot serve'",
                         port, strerror(error))
               : 0;
}

static int find_address(const struct arguments *a, char address[ADDRESS_MOST], struct problem *why)
{
    uint64_t end_us = host_clock_us() + PATIENCE_S * UINT64_C(1000000);
    int found = read_address(a->url_file, address, why);
    if (!found && wake(a->port, why))
        return -1;
    while (!found && host_clock_us() < end_us) {
        usleep(100000);
        found = read_address(a->url_file, address, why);
    }
    if (!found)
        return problem(why, PROBLEM_FAILED,
                       "a station listens on port %ld, but has not written its address into %s",
                       a->port, a->url_file);
    return found < 0 ? -1 : 0;
}

/* --- The browser ----------------------------------------------------------------------------- */

/* A page in a new file of this user's own; its name is path's. */
static int write_page(char *path, const char *address, const char *says, struct problem *why)
{
    int fd = mkostemps(path, 5, O_CLOEXEC); /* mode 0600; ".html" stays */
    if (fd < 0)
        return problem(why, PROBLEM_FAILED, "%s: %s", path, strerror(errno));
    int bad = dprintf(fd, "<!DOCTYPE html><meta charset=\"utf-8\"><title>tenderfoot</title>") < 0;
    if (address)
        bad |= dprintf(fd,
                       "<meta http-equiv=\"refresh\" content=\"0; url=%s\">"
                       "<p><a href=\"%s\">tenderfoot</a></p>\n",
                       address, address) < 0;
    else
        bad |= dprintf(fd, "<p>%s</p>\n", says) < 0;
    if (!close(fd) && !bad)
        return 0;
    unlink(path);
    return problem(why, PROBLEM_FAILED, "%s cannot be written: %s", path, strerror(errno));
}

static pid_t start_browser(const char *path)
{
    pid_t child = fork();
    if (child == 0) {
        execlp("xdg-open", "xdg-open", path, (char *)NULL);
        _exit(127);
    }
    return child;
}

/* Some browsers are begun and left, some stay: so long is waited for, that it has read the page. */
static int mind_browser(pid_t child, struct problem *why)
{
    uint64_t end_us = host_clock_us() + BROWSER_S * UINT64_C(1000000);
    int status = 0, is_over = child < 0;
    while (child >= 0 && !status && host_clock_us() < end_us) {
        usleep(100000);
        is_over = is_over || waitpid(child, &status, WNOHANG) == child;
    }
    if (child < 0 || (is_over && status))
        return problem(
            why, PROBLEM_FAILED,
            "no browser could be started (xdg-open): 'tenderfoot open --print' tells the "
            "address");
    return 0;
}

static int show_page(const char *address, const char *says, struct problem *why)
{
    const char *folder = getenv("XDG_RUNTIME_DIR");
    char path[400];
    if (!folder || *folder != '/' || strlen(folder) > 300)
        folder = "/tmp";
    work_folders_sweep(folder); /* what it left when it was killed has the token in it */
    snprintf(path, sizeof path, "%s/tenderfoot-XXXXXX.html", folder);
    if (write_page(path, address, says, why))
        return -1;
    int bad = mind_browser(start_browser(path), why);
    unlink(path);
    return bad;
}

/* Started from a menu there is no terminal: what is wrong is told in the browser too. */
static void tell_in_browser(const struct problem *why)
{
    struct problem ignored;
    if (!isatty(STDERR_FILENO) && (getenv("DISPLAY") || getenv("WAYLAND_DISPLAY")) &&
        !strpbrk(why->text, "<>&"))
        show_page(NULL, why->text, &ignored);
}

int verb_open(int argc, char **argv)
{
    struct arguments a = {.url_file = "/run/tenderfoot/url", .port = 8631};
    struct problem why = {0};
    char address[ADDRESS_MOST];
    static const struct argp argp = {.options = options, .parser = parse, .doc = doc};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (find_address(&a, address, &why)) {
        tell_in_browser(&why);
        return cli_fail(argv[0], &why);
    }
    if (a.prints) {
        puts(address);
        return cli_flush_stdout(&why) ? cli_fail(argv[0], &why) : 0;
    }
    return show_page(address, NULL, &why) ? cli_fail(argv[0], &why) : 0;
}
