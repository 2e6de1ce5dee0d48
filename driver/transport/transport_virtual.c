/* SPDX-License-Identifier: GPL-3.0-or-later */
/* virtual:PATH: runs `tenderfoot-plate` as a child on the other end of a socket pair. The child
 * ends when the socket does; it is reaped on close, so that no zombie stays. What it says on stderr
 * is kept and becomes the problem's text if it ends with an error. */
#include "driver/transport/transport_private.h"
#include "samples/bench_source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "tenderfoot-plate"
enum { CHILD_FD = 3, MS_TO_LEAVE = 500 };
/* It draws its person before its first word: a tenth of a second of a desktop computer, half a
 * minute where a processor is made of software and others work beside. Ended for being slow it
 * would begin anew, for ever; a child that has died is noticed at once by its socket. */
enum { CHILD_PATIENCE_MS = 120000 };

struct virtual_child {
    pid_t pid;      /* 0: none, or reaped */
    int status;     /* of waitpid, once reaped */
    int messages;   /* memory file that is the child's stderr */
    int has_spoken; /* a byte of it has been read */
};

/* --- Which program, with which arguments ----------------------------------------------------- */

/* Beside the running program if it is there (a build folder, an installation), else by PATH. */
static void program_path(char *path, size_t cap)
{
    const char *named = getenv("TENDERFOOT_PLATE");
    ssize_t n = readlink("/proc/self/exe", path, cap - sizeof "/" PROGRAM);
    if (named && *named) {
        snprintf(path, cap, "%s", named);
        return;
    }
    if (n > 0) {
        path[n] = '\0';
        char *slash = strrchr(path, '/');
        strcpy(slash ? slash + 1 : path, PROGRAM);
        if (!access(path, X_OK))
            return;
    }
    strcpy(path, PROGRAM);
}

/* A recording begins with a message of the wire, a subject or a bench with JSON. */
static int is_recording(const char *address, int *answer, struct problem *why)
{
    char magic[4] = "", path[4096];
    int n = (int)(bench_source_is_named(address) ? strrchr(address, '#') - address
                                                 : (ptrdiff_t)strlen(address));
    snprintf(path, sizeof path, "%.*s", n, address);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return problem(why, PROBLEM_FAILED, "the virtual plate's subject %s cannot be read: %s",
                       path, strerror(errno));
    *answer = read(fd, magic, sizeof magic) == sizeof magic && !memcmp(magic, "TFT1", 4);
    close(fd);
    return 0;
}

enum { SEED, PACE, FAULTS, N_OPTIONS };
static const char *const option_keys[N_OPTIONS] = {"seed", "pace", "faults"};

static int check_options(const char *const *values, struct problem *why)
{
    char *end;
    if (values[SEED] && (strtoull(values[SEED], &end, 10), *end || end == values[SEED]))
        return problem(why, PROBLEM_USAGE, "seed=%.40s: a whole number is meant", values[SEED]);
    long speed = values[PACE] ? strtol(values[PACE], &end, 10) : 0;
    if (values[PACE] && strcmp(values[PACE], "real") && strcmp(values[PACE], "fast") &&
        (*end || speed < 2 || speed > 100))
        return problem(why, PROBLEM_USAGE,
                       "pace=%.40s: real, fast, or fast but at most 2 to 100 times real time is "
                       "meant",
                       values[PACE]);
    return 0;
}

/* --- The child ------------------------------------------------------------------------------- */

/* In its own process group and with no signal blocked: Ctrl-C on the terminal is for the host,
 * which then ends the plate in good order. */
static int child_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawnattr_init(attributes);
    if (error)
        return error;
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                             POSIX_SPAWN_SETSIGDEF);
    return 0;
}

static int spawn_with(struct virtual_child *child, char *const *argv, int socket_fd,
                      const posix_spawnattr_t *attributes)
{
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    /* stdout must not mix with the host's results */
    error = posix_spawn_file_actions_adddup2(&actions, child->messages, STDERR_FILENO);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, child->messages, STDOUT_FILENO);
    if (!error)
        error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, socket_fd, CHILD_FD);
    if (!error)
        error = posix_spawnp(&child->pid, argv[0], &actions, attributes, argv, environ);
    if (error)
        child->pid = 0;
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static int spawn(struct virtual_child *child, char *const *argv, int socket_fd, struct problem *why)
{
    posix_spawnattr_t attributes;
    int error = child_attributes(&attributes);
    if (!error) {
        error = spawn_with(child, argv, socket_fd, &attributes);
        posix_spawnattr_destroy(&attributes);
    }
    if (error)
        return problem(why, PROBLEM_FAILED,
                       "the virtual plate's program %s cannot be started: %s; install it beside "
                       "tenderfoot or name it in TENDERFOOT_PLATE",
                       argv[0], strerror(error));
    return 0;
}

static int start_child(struct transport *transport, const char *path, const char *const *values,
                       struct problem *why)
{
    int recording = 0;
    if (is_recording(path, &recording, why))
        return -1;
    char program[4096 + sizeof PROGRAM];
    program_path(program, sizeof program);
    const char *argv[16] = {program, recording ? "--recording" : "--subject", path, "--fd", "3"};
    static const char *const flags[N_OPTIONS] = {"--seed", "--pace", "--faults"};
    size_t n = 5;
    for (int i = 0; i < N_OPTIONS; i++)
        if (values[i]) {
            argv[n++] = flags[i];
            argv[n++] = values[i];
        }
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return problem(why, PROBLEM_FAILED, "no socket for the virtual plate: %s", strerror(errno));
    transport->fd = pair[0];
    fcntl(pair[0], F_SETFL, O_NONBLOCK); /* the child's end blocks or not as it likes */
    int bad = spawn(transport->own, (char *const *)argv, pair[1], why);
    close(pair[1]);
    return bad;
}

static int virtual_open(struct transport *transport, const char *address, struct problem *why)
{
    const char *values[N_OPTIONS];
    char *path = transport_address(address, option_keys, values, N_OPTIONS, why);
    if (!path)
        return -1;
    int bad = check_options(values, why);
    struct virtual_child *child = bad ? NULL : calloc(1, sizeof *child);
    transport->own = child;
    transport->patience_ms = CHILD_PATIENCE_MS;
    if (child) {
        child->messages = memfd_create("messages", MFD_CLOEXEC);
        bad = start_child(transport, path, values, why);
    } else if (!bad) {
        bad = problem_no_memory(why, "a virtual plate");
    }
    free(path);
    return bad;
}

/* --- Its life and end ------------------------------------------------------------------------ */

/* Waits for the child to end by itself for a moment, then ends it; it is reaped in any case. */
static void reap(struct virtual_child *child)
{
    if (!child->pid)
        return;
    int fd = pidfd_open(child->pid, 0);
    struct pollfd end = {.fd = fd, .events = POLLIN};
    if (fd < 0 || poll(&end, 1, MS_TO_LEAVE) <= 0)
        kill(child->pid, SIGKILL);
    while (waitpid(child->pid, &child->status, 0) < 0 && errno == EINTR)
        ;
    child->pid = 0;
    if (fd >= 0)
        close(fd);
}

/* The first line of what the child said, without its name in front. */
static void last_words(const struct virtual_child *child, char *words, size_t cap)
{
    ssize_t n = pread(child->messages, words, cap - 1, 0);
    words[n > 0 ? n : 0] = '\0';
    words[strcspn(words, "\n")] = '\0';
    const char *name = strstr(words, PROGRAM ": ");
    if (name)
        memmove(words, name + sizeof PROGRAM + 1, strlen(name + sizeof PROGRAM + 1) + 1);
}

static int ended(struct transport *transport, struct problem *why)
{
    struct virtual_child *child = transport->own;
    reap(child);
    char words[300];
    last_words(child, words, sizeof words);
    int code = WIFEXITED(child->status) ? WEXITSTATUS(child->status) : -1;
    if (code == 0)
        return problem(why, PROBLEM_DEVICE_LOST, "the virtual plate has left: %s is over",
                       transport->name);
    if (code < 0)
        return problem(why, PROBLEM_DEVICE_LOST, "the virtual plate was ended by signal %d",
                       WTERMSIG(child->status));
    int known = code >= PROBLEM_FAILED && code <= PROBLEM_REFUSED;
    enum problem_kind kind = child->has_spoken ? PROBLEM_DEVICE_LOST
                             : known           ? (enum problem_kind)code
                                               : PROBLEM_FAILED;
    return problem(why, kind, "the virtual plate: %s",
                   words[0] ? words : "ended with an error and said nothing");
}

static ssize_t virtual_read(struct transport *transport, uint8_t *bytes, size_t cap,
                            struct problem *why)
{
    struct virtual_child *child = transport->own;
    struct problem closed;
    ssize_t n = transport_fd_read(transport, bytes, cap, &closed);
    if (n < 0)
        return ended(transport, why);
    child->has_spoken |= n > 0;
    return n;
}

/* A write fails when the child has gone; what it had still said is yet to be read, and the read
 * that finds the end tells why. */
static ssize_t virtual_write(struct transport *transport, const uint8_t *bytes, size_t n,
                             struct problem *why)
{
    (void)why;
    struct problem closed;
    ssize_t taken = transport_fd_write(transport, bytes, n, &closed);
    return taken < 0 ? (ssize_t)n : taken;
}

static void virtual_close(struct transport *transport)
{
    struct virtual_child *child = transport->own;
    transport_fd_close(transport);
    if (!child)
        return;
    reap(child);
    if (child->messages >= 0)
        close(child->messages);
    free(child);
    transport->own = NULL;
}

static int virtual_list(transport_found *found, void *context, struct problem *why)
{
    (void)why;
    char path[4096 + sizeof PROGRAM];
    program_path(path, sizeof path);
    found(context, "virtual:SUBJECT", "the virtual plate of this installation",
          strchr(path, '/') && access(path, X_OK) ? "its program is not installed" : "");
    return 0;
}

const struct transport_kind transport_virtual = {
    .about = {"virtual", "virtual:FILE[?seed=N&pace=real|fast|N&faults=LIST]",
              "a virtual plate that scans a subject (JSON), a recording (.tfr), or with FILE#STAGE "
              "a stage of a virtual bench (JSON)"},
    .open = virtual_open,
    .read = virtual_read,
    .write = virtual_write,
    .close = virtual_close,
    .list = virtual_list,
};
