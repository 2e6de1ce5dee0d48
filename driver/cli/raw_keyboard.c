/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/raw_keyboard.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* The one place with a state of the process: a signal has no other way to it. */
static const int killers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGPIPE};
enum { KILLERS = sizeof killers / sizeof killers[0] };
static struct {
    volatile sig_atomic_t is_raw;
    int fd, has_exit;
    struct termios before;
    struct sigaction handlers[KILLERS];
} keyboard;

void raw_keyboard_end(void)
{
    if (!keyboard.is_raw)
        return;
    keyboard.is_raw = 0;
    tcsetattr(keyboard.fd, TCSADRAIN, &keyboard.before);
    for (int i = 0; i < KILLERS; i++)
        sigaction(killers[i], &keyboard.handlers[i], NULL);
}

/* The terminal first; then the signal does what it would have done. A fault comes again by itself
 * when the instruction is tried again. */
static void on_killer(int number)
{
    raw_keyboard_end();
    if (number != SIGSEGV && number != SIGBUS && number != SIGFPE && number != SIGILL)
        raise(number);
}

static void watch_killers(void)
{
    struct sigaction action = {.sa_handler = on_killer};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < KILLERS; i++) {
        sigaction(killers[i], NULL, &keyboard.handlers[i]);
        if (keyboard.handlers[i].sa_handler != SIG_IGN)
            sigaction(killers[i], &action, NULL);
    }
    if (!keyboard.has_exit)
        atexit(raw_keyboard_end);
    keyboard.has_exit = 1;
}

int raw_keyboard_begin(int fd)
{
    struct termios raw;
    if (keyboard.is_raw || fd < 0 || !isatty(fd) || tcgetattr(fd, &keyboard.before))
        return 0;
    raw = keyboard.before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    raw.c_cc[VSUSP] = raw.c_cc[VQUIT] = _POSIX_VDISABLE;
    keyboard.fd = fd;
    watch_killers();
    keyboard.is_raw = 1;
    if (!tcsetattr(fd, TCSADRAIN, &raw))
        return 1;
    raw_keyboard_end();
    return 0;
}
