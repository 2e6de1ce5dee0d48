/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/cli/plan_timer.h"

#include <math.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 200

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void draw(const struct plan_timer *timer, double left_s)
{
    int seconds = (int)ceil(left_s);

    fprintf(timer->out, "\r  %2d:%02d ", seconds / 60, seconds % 60);
    fflush(timer->out);
}

/* What was typed: TIMER_OVER means nothing yet. A keyboard at its end says nothing any more. */
static enum timer_end read_key(int fd, int *is_over)
{
    char line[64];
    ssize_t n = read(fd, line, sizeof line);

    if (n <= 0) {
        *is_over = 1;
        return TIMER_OVER;
    }
    return line[0] == 'q' ? TIMER_ENDED : TIMER_SKIPPED;
}

static enum timer_end wait_a_little(const struct plan_timer *timer, int *keyboard_is_over,
                                    double longest_s)
{
    struct pollfd fds[] = {
        {.fd = *keyboard_is_over ? -1 : timer->keyboard_fd, .events = POLLIN},
        {.fd = timer->stop_fd, .events = POLLIN},
    };
    int ms = (int)fmin(LOOK_MS, ceil(longest_s * 1000));

    if (poll(fds, 2, ms) <= 0)
        return TIMER_OVER;
    if (fds[1].revents)
        return TIMER_ENDED;
    return fds[0].revents ? read_key(fds[0].fd, keyboard_is_over) : TIMER_OVER;
}

enum timer_end plan_timer_run(const struct plan_timer *timer, const char *words, double seconds)
{
    double length_s = seconds / timer->speed, end_s = now_s() + length_s, left_s;
    enum timer_end end = TIMER_OVER;
    int keyboard_is_over = 0;

    fprintf(timer->out, "%s\n", words);
    if (!timer->is_terminal)
        fprintf(timer->out, "  %d:%02d\n", (int)seconds / 60, (int)seconds % 60);
    fflush(timer->out);
    while (end == TIMER_OVER && (left_s = end_s - now_s()) > 0) {
        if (timer->is_terminal)
            draw(timer, left_s * timer->speed);
        end = wait_a_little(timer, &keyboard_is_over, left_s);
    }
    if (timer->is_terminal)
        fprintf(timer->out, "\r         \r%s", end == TIMER_OVER ? "\a" : "");
    return end;
}
