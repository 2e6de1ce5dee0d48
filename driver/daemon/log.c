/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/log.h"

#include "driver/clock.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

enum { LINES_A_SECOND = 10 };

/* One log a process, as there is one stderr. */
static struct {
    pthread_mutex_t lock;
    int fd, lines;
    unsigned left_out;
    uint64_t second_us;
} the_log = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = 2};

void log_to(int fd)
{
    the_log.fd = fd;
}

/* "<6>" is for the journal, which reads the level of it: a terminal's reader has no use for it. */
static void put(const char *text, int n)
{
    if (isatty(the_log.fd)) {
        text += 3;
        n -= 3;
    }
    if (write(the_log.fd, text, (size_t)n) < 0)
        return; /* nobody listens: nothing can be done about it */
}

/* Under the lock: 1 when one more line may be written. */
static int has_room(void)
{
    uint64_t now_us = host_clock_us();
    char text[80];
    if (now_us - the_log.second_us >= 1000000) {
        if (the_log.left_out)
            put(text,
                snprintf(text, sizeof text, "<4>%u more lines were left out\n", the_log.left_out));
        the_log.second_us = now_us;
        the_log.lines = 0;
        the_log.left_out = 0;
    }
    if (the_log.lines < LINES_A_SECOND - 1) {
        the_log.lines++;
        return 1;
    }
    the_log.left_out++;
    return 0;
}

void log_line(enum log_level level, const char *format, ...)
{
    char text[600];
    va_list list;
    int n = snprintf(text, sizeof text, "<%d>", (int)level);
    va_start(list, format);
    int more = vsnprintf(text + n, sizeof text - (size_t)n - 1, format, list);
    va_end(list);
    n = more < 0 ? n : n + more < (int)sizeof text - 2 ? n + more : (int)sizeof text - 2;
    for (int i = 0; i < n; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            text[i] = '?';
    text[n++] = '\n';
    pthread_mutex_lock(&the_log.lock);
    if (has_room())
        put(text, n);
    pthread_mutex_unlock(&the_log.lock);
}
