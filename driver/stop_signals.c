/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/stop_signals.h"

#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>

int stop_signals_fd(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}
