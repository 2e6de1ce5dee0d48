/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/host/emulator.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM "qemu-system-arm"
#define PIPE_BYTES (1 << 20)
#define PARTING_MS 500

enum { ASK = MAILBOX_LINKS, ANSWER = MAILBOX_LINKS + 1, PIPES = MAILBOX_LINKS + 2 };

static int map_memory(struct emulator *emulator, struct problem *why)
{
    emulator->memory_fd = memfd_create("tenderfoot-board", 0);
    if (emulator->memory_fd < 0 || ftruncate(emulator->memory_fd, MAILBOX_BYTES))
        return problem(why, PROBLEM_FAILED, "no memory for the emulated board: %s",
                       strerror(errno));
    void *memory =
        mmap(NULL, MAILBOX_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, emulator->memory_fd, 0);
    if (memory == MAP_FAILED)
        return problem(why, PROBLEM_FAILED, "the emulated board's memory cannot be mapped: %s",
                       strerror(errno));
    emulator->mailbox = memory;
    return 0;
}

/* The end that stays here is closed on exec; the other one is for the child. */
static int make_pipe(int *ours, int *childs, int ours_is_reading, struct problem *why)
{
    int ends[2];
    if (pipe(ends))
        return problem(why, PROBLEM_FAILED, "no pipe to the emulated board: %s", strerror(errno));
    *ours = ends[!ours_is_reading];
    *childs = ends[ours_is_reading];
    fcntl(*ours, F_SETFD, FD_CLOEXEC);
    return 0;
}

int emulator_prepare(struct emulator *emulator, struct problem *why)
{
    *emulator = (struct emulator){.memory_fd = -1, .ask_fd = -1, .answer_fd = -1};
    for (int i = 0; i < (int)MAILBOX_LINKS; i++)
        emulator->out_fds[i] = -1;
    for (int i = 0; i < PIPES; i++)
        emulator->child_ends[i] = -1;
    if (map_memory(emulator, why))
        return -1;
    for (int i = 0; i < (int)MAILBOX_LINKS; i++) {
        if (make_pipe(&emulator->out_fds[i], &emulator->child_ends[i], 1, why))
            return -1;
        fcntl(emulator->out_fds[i], F_SETFL, O_NONBLOCK);
        fcntl(emulator->out_fds[i], F_SETPIPE_SZ, PIPE_BYTES); /* more room is only better */
    }
    if (make_pipe(&emulator->ask_fd, &emulator->child_ends[ASK], 1, why))
        return -1;
    return make_pipe(&emulator->answer_fd, &emulator->child_ends[ANSWER], 0, why);
}

static void name_fd(char path[MAILBOX_PATH_BYTES], int fd)
{
    snprintf(path, MAILBOX_PATH_BYTES, "/proc/self/fd/%d", fd);
}

/* In the child. Comes back only if the program cannot be run. */
static void run_qemu(const struct emulator *emulator, const char *elf, pid_t parent)
{
    char memory[160], machine[64];
    const char *name = strrchr(elf, '/');
    int is_an386 = strstr(name ? name : elf, "an386") != NULL;
    snprintf(memory, sizeof memory,
             "memory-backend-file,id=psram,share=on,mem-path=/proc/self/fd/%d,size=%u",
             emulator->memory_fd, MAILBOX_BYTES);
    snprintf(machine, sizeof machine, "mps2-%s,memory-backend=psram", is_an386 ? "an386" : "an385");
    const struct rlimit no_core = {0, 0}; /* it aborts when the firmware has crashed */
    setrlimit(RLIMIT_CORE, &no_core);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before it could be noticed */
        _exit(1);
    setpgid(0, 0); /* a Ctrl-C is for the parent, which then ends the child */
    execlp(PROGRAM, PROGRAM, "-M", machine, "-m", "16M", "-object", memory, "-kernel", elf,
           "-display", "none", "-monitor", "none", "-serial", "null", "-semihosting-config",
           "enable=on,target=native", (char *)NULL);
}

/* 0, or the errno with which the program could not be run: told through a pipe that exec closes. */
static int spawn(struct emulator *emulator, const char *elf)
{
    int report[2], error = 0;
    pid_t parent = getpid();
    if (pipe2(report, O_CLOEXEC))
        return errno;
    emulator->pid = fork();
    if (emulator->pid == 0) {
        int nothing = open("/dev/null", O_RDWR);
        dup2(nothing, STDIN_FILENO);
        dup2(nothing, STDOUT_FILENO);
        run_qemu(emulator, elf, parent);
        error = errno;
        _exit(write(report[1], &error, sizeof error) == (ssize_t)sizeof error ? 127 : 126);
    }
    if (emulator->pid < 0)
        error = errno;
    close(report[1]);
    if (emulator->pid > 0 && read(report[0], &error, sizeof error) < 0)
        error = errno;
    close(report[0]);
    return error;
}

int emulator_start(struct emulator *emulator, const char *elf, struct problem *why)
{
    if (access(elf, R_OK))
        return problem(why, PROBLEM_FAILED, "the firmware %s cannot be read: %s; make firmware?",
                       elf, strerror(errno));
    for (int i = 0; i < (int)MAILBOX_LINKS; i++)
        name_fd(emulator->mailbox->out_path[i], emulator->child_ends[i]);
    name_fd(emulator->mailbox->ask_path, emulator->child_ends[ASK]);
    name_fd(emulator->mailbox->answer_path, emulator->child_ends[ANSWER]);
    int error = spawn(emulator, elf);
    for (int i = 0; i < PIPES; i++) {
        close(emulator->child_ends[i]);
        emulator->child_ends[i] = -1;
    }
    if (error == 0)
        return 0;
    return problem(why, PROBLEM_FAILED, "%s cannot be run: %s%s", PROGRAM, strerror(error),
                   error == ENOENT ? "; make deps-test installs it" : "");
}

int emulator_runs(struct emulator *emulator, int *status)
{
    if (emulator->pid <= 0)
        return 0;
    if (waitpid(emulator->pid, status, WNOHANG) == 0)
        return 1;
    emulator->pid = 0;
    return 0;
}

static void wait_or_kill(struct emulator *emulator)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    int status;
    for (int ms = 0; ms < PARTING_MS && emulator_runs(emulator, &status); ms++)
        nanosleep(&pause, NULL);
    if (emulator->pid > 0) {
        kill(emulator->pid, SIGKILL);
        waitpid(emulator->pid, &status, 0);
        emulator->pid = 0;
    }
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void emulator_stop(struct emulator *emulator)
{
    if (emulator->mailbox)
        __atomic_store_n(&emulator->mailbox->stop, 1, __ATOMIC_RELEASE);
    close_fd(&emulator->answer_fd); /* the end of the tokens */
    for (int i = 0; i < (int)MAILBOX_LINKS; i++)
        close_fd(&emulator->out_fds[i]);
    if (emulator->pid > 0)
        wait_or_kill(emulator);
    close_fd(&emulator->ask_fd);
    for (int i = 0; i < PIPES; i++)
        close_fd(&emulator->child_ends[i]);
    if (emulator->mailbox)
        munmap(emulator->mailbox, MAILBOX_BYTES);
    emulator->mailbox = NULL;
    close_fd(&emulator->memory_fd);
}
