/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A serial port /dev/ttyACM0 that exists for one command and its children, with a virtual plate on
 * the other end of its cable (umockdev: device node, /sys entry and modem lines; the line itself is
 * a pty). So an unmodified libserialport finds, opens and sets a port here.
 *
 *   umockdev-wrapper serial_rig PLATE SUBJECT COMMAND [ARGUMENT ...]
 *
 * runs COMMAND and gives its exit code. SIGUSR1 (its pid is in RIG_PID) pulls the plug. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <umockdev.h>
#include <unistd.h>

static atomic_int unplugged;

static void pull_the_plug(int signal)
{
    (void)signal;
    unplugged = 1;
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

static UMockdevTestbed *make_port(void)
{
    static const char port[] = "P: /devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/tty/ttyACM0\n"
                               "N: ttyACM0\n"
                               "E: SUBSYSTEM=tty\n"
                               "E: DEVNAME=/dev/ttyACM0\n"
                               "E: MAJOR=166\n"
                               "E: MINOR=0\n"
                               "A: dev=166:0\\n\n";
    GError *error = NULL;
    UMockdevTestbed *testbed = umockdev_testbed_new();
    UMockdevIoctlBase *base = umockdev_ioctl_base_new();
    g_signal_connect(base, "handle-ioctl", G_CALLBACK(answer_ioctl), NULL);
    if (!umockdev_testbed_attach_ioctl(testbed, "/dev/ttyACM0", base, &error) ||
        !umockdev_testbed_add_from_string(testbed, port, &error)) {
        fprintf(stderr, "serial_rig: %s\n", error->message);
        exit(1);
    }
    return testbed;
}

static pid_t start_plate(const char *program, const char *subject, int fd)
{
    pid_t pid = fork();
    if (pid == 0) {
        unsetenv("LD_PRELOAD"); /* it has nothing to do with the port */
        dup2(fd, 3);
        execl(program, program, "--subject", subject, "--seed", "5", "--fd", "3", (char *)NULL);
        _exit(127);
    }
    return pid;
}

/* Passes what there is from one descriptor to the other; 0 when `from` has ended. A pty's reader
 * may close it and come again: EIO until then. */
static int pass(int from, int to)
{
    char bytes[4096];
    ssize_t n = read(from, bytes, sizeof bytes);
    if (n < 0 && (errno == EIO || errno == EAGAIN)) {
        usleep(2000);
        return 1;
    }
    for (ssize_t at = 0; at < n && !unplugged;) {
        ssize_t part = write(to, bytes + at, (size_t)(n - at));
        if (part > 0)
            at += part;
        else
            usleep(1000);
    }
    return n > 0;
}

struct cable {
    int port, plate;
    UMockdevTestbed *testbed;
};

static void *run_cable(void *context)
{
    struct cable *c = context;
    while (!unplugged) {
        struct pollfd ends[2] = {{.fd = c->port, .events = POLLIN},
                                 {.fd = c->plate, .events = POLLIN}};
        if (poll(ends, 2, 50) <= 0)
            continue;
        if (ends[0].revents)
            pass(c->port, c->plate);
        if (ends[1].revents && !pass(c->plate, c->port))
            break;
    }
    close(c->port);
    close(c->plate);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    struct cable cable = {.testbed = make_port()};
    char pid[20];
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("RIG_PID", pid, 1);
    signal(SIGUSR1, pull_the_plug);
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return 1;
    pid_t plate = start_plate(argv[1], argv[2], pair[1]);
    close(pair[1]);
    cable.plate = pair[0];
    cable.port = umockdev_testbed_get_dev_fd(cable.testbed, "/dev/ttyACM0");
    fcntl(cable.port, F_SETFL, O_NONBLOCK);
    fcntl(cable.port, F_SETFD, FD_CLOEXEC);
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_cable, &cable))
        return 1;
    pid_t command = fork();
    if (command == 0) {
        execvp(argv[3], argv + 3);
        _exit(127);
    }
    int status;
    while (waitpid(command, &status, 0) < 0 && errno == EINTR)
        ;
    unplugged = 1;
    pthread_join(thread, NULL);
    kill(plate, SIGTERM);
    waitpid(plate, NULL, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
