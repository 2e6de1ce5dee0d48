/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/plan_timer.h"

#include "analysis/report/words.h"

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

static int whole(double seconds)
{
    return (int)ceil(seconds - 1e-6);
}

static void draw(const struct plan_timer *timer, const struct plan_count *count, double left_s)
{
    int left = whole(left_s);

    fprintf(timer->out, "  %d:%02d", left / 60, left % 60);
    for (int i = 0; i < count->n_clocks; i++) {
        const struct plan_clock *clock = &count->clocks[i];
        int spent = whole(clock->spent_s + count->seconds - left_s), of = whole(clock->of_s);
        fprintf(timer->out, words_tr("   %s %d:%02d of %d:%02d"), words_tr(clock->name), spent / 60,
                spent % 60, of / 60, of % 60);
    }
}

/* One line's first character; the rest of the line is dropped. 0: the keyboard is at its end. */
static char read_key(int fd)
{
    char first = 0, next;

    while (read(fd, &next, 1) == 1) {
        if (!first)
            first = next;
        if (next == '\n')
            break;
    }
    return first;
}

static enum timer_end meaning(const struct plan_count *count, char key, double spent_s)
{
    if (key == 'q')
        return TIMER_ENDED;
    if (key == 'p' && count->may_hurt)
        return TIMER_PAIN;
    return spent_s < count->held_s ? TIMER_OVER : TIMER_SKIPPED;
}

/* TIMER_OVER: nothing was said yet. A keyboard at its end says nothing any more. */
static enum timer_end wait_a_little(const struct plan_timer *timer, const struct plan_count *count,
                                    double left_s, int *keyboard_is_over)
{
    struct pollfd fds[] = {
        {.fd = *keyboard_is_over ? -1 : timer->keyboard_fd, .events = POLLIN},
        {.fd = timer->stop_fd, .events = POLLIN},
    };
    int ms = (int)fmin(LOOK_MS, ceil(left_s / timer->speed * 1000));
    char key;

    if (poll(fds, 2, ms) <= 0)
        return TIMER_OVER;
    if (fds[1].revents)
        return TIMER_ENDED;
    if (!fds[0].revents)
        return TIMER_OVER;
    key = read_key(fds[0].fd);
    *keyboard_is_over = !key;
    return key ? meaning(count, key, count->seconds - left_s) : TIMER_OVER;
}

enum timer_end plan_timer_count(const struct plan_timer *timer, const struct plan_count *count,
                                double *spent_s)
{
    double begin_s = now_s(), left_s = count->seconds;
    enum timer_end end = TIMER_OVER;
    int keyboard_is_over = 0;

    fprintf(timer->out, "%s\n", count->words);
    if (!timer->is_terminal) {
        draw(timer, count, left_s);
        fprintf(timer->out, "\n");
    }
    for (; end == TIMER_OVER && left_s > 0;
         left_s = count->seconds - (now_s() - begin_s) * timer->speed) {
        if (timer->is_terminal) {
            fprintf(timer->out, "\r");
            draw(timer, count, left_s);
            fprintf(timer->out, " \033[K");
        }
        fflush(timer->out);
        end = wait_a_little(timer, count, left_s, &keyboard_is_over);
    }
    if (timer->is_terminal)
        fprintf(timer->out, "\r\033[K%s", end == TIMER_OVER ? "\a" : "");
    if (spent_s)
        *spent_s = count->seconds - fmax(left_s, 0);
    return end;
}

enum timer_end plan_timer_run(const struct plan_timer *timer, const char *words, double seconds)
{
    struct plan_count count = {.words = words, .seconds = seconds};

    return plan_timer_count(timer, &count, NULL);
}
