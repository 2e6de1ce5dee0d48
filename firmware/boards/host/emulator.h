/* SPDX-License-Identifier: GPL-3.0-or-later */
/* QEMU as a child process that runs the firmware's ELF. The board's memory and its pipes have no
 * names in the file system: the child reaches them as /proc/self/fd/N, so nothing can be left
 * behind, and the child dies with its parent. One thread. */
#ifndef TENDERFOOT_BOARDS_HOST_EMULATOR_H
#define TENDERFOOT_BOARDS_HOST_EMULATOR_H

#include "firmware/boards/qemu/mailbox.h"
#include "firmware/wire/problem.h"

#include <sys/types.h>

struct emulator {
    struct mailbox *mailbox; /* MAILBOX_BYTES, shared with the child */
    int memory_fd;
    int out_fds[MAILBOX_LINKS];        /* what the board says on each link; non-blocking */
    int ask_fd;                        /* LOCKSTEP: a byte for each token done */
    int answer_fd;                     /* LOCKSTEP: tokens go in here */
    int child_ends[MAILBOX_LINKS + 2]; /* the other ends, until the child has them */
    pid_t pid;
};

/* Memory and pipes; the mailbox is all 0. -1 and *why; emulator_stop cleans up in any case. */
int emulator_prepare(struct emulator *emulator, struct problem *why);

/* Writes the paths of the pipes into the (filled) mailbox and starts QEMU with this ELF: a machine
 * mps2-an386 if the file's name says an386, else mps2-an385. -1 and *why. SIGPIPE should be
 * ignored. */
int emulator_start(struct emulator *emulator, const char *elf, struct problem *why);

/* Whether the child still runs; if not, *status is that of waitpid. */
int emulator_runs(struct emulator *emulator, int *status);

/* Asks the board to leave, and ends the child by force if it does not at once; frees all. */
void emulator_stop(struct emulator *emulator);

#endif
