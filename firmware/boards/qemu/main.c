/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plate on an emulated board: the core's loop in the way that the mailbox asks for. */
#include "firmware/boards/qemu/an385.h"
#include "firmware/boards/qemu/board.h"
#include "firmware/boards/qemu/measure.h"
#include "firmware/boards/qemu/semihosting.h"

static int complain(const char *wrong)
{
    semihosting_say("plate: ");
    semihosting_say(wrong);
    semihosting_say("\n");
    return 1;
}

/* By its own clock, woken up each millisecond. */
static int run_by_clock(void)
{
    for (;;) {
        board_listen();
        board_step();
        board_publish();
        if (board_is_over())
            return 0;
        an385_sleep();
    }
}

static int open_path(const volatile char *from, enum semihosting_open how)
{
    char path[MAILBOX_PATH_BYTES];
    for (unsigned i = 0; i < sizeof path; i++)
        path[i] = from[i];
    path[sizeof path - 1] = 0;
    return semihosting_open(path, how);
}

/* Does what each token says; says it is done by a byte; sleeps in the reading of the next. */
static int run_in_lockstep(void)
{
    int ask = open_path(MAILBOX->ask_path, SEMIHOSTING_WRITE);
    int answer = open_path(MAILBOX->answer_path, SEMIHOSTING_READ);
    if (ask < 0 || answer < 0)
        return complain("ask_path or answer_path cannot be opened");
    for (;;) {
        board_publish();
        if (semihosting_write(ask, "", 1) != 0)
            return 0;
        int token = semihosting_read_byte(answer);
        if (token == MAILBOX_LISTEN)
            board_listen();
        else if (token == MAILBOX_STEP)
            board_step();
        else
            return 0;
    }
}

int main(void)
{
    const char *wrong = MAILBOX->mode == MAILBOX_MEASURE ? NULL : board_begin();
    if (wrong)
        return complain(wrong);
    switch (MAILBOX->mode) {
    case MAILBOX_LOCKSTEP:
        return run_in_lockstep();
    case MAILBOX_MEASURE:
        wrong = measure_all();
        return wrong ? complain(wrong) : 0;
    default:
        return run_by_clock();
    }
}
