/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/live_board.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND_US 1000000u

const char *const live_channel_names[LIVE_CHANNELS] = {"frame", "feet", "state"};

struct live_sheet {
    atomic_int references;
    size_t n;
    char text[];
};

struct live_board {
    pthread_mutex_t lock;
    pthread_cond_t news; /* on CLOCK_MONOTONIC */
    struct live_sheet *sheet[LIVE_CHANNELS];
    uint64_t number[LIVE_CHANNELS]; /* of the sheet that hangs; 0 = none */
    uint64_t due_us[LIVE_CHANNELS]; /* of the next turn, by the clock of who asks */
    /* When the last turns were taken, a ring; `turns` counts all of them. */
    uint64_t taken_us[LIVE_CHANNELS][LIVE_A_SECOND], turns[LIVE_CHANNELS];
    int viewers, is_closed;
};

struct live_sheet *live_sheet_make(const char *text, size_t n)
{
    struct live_sheet *sheet = malloc(sizeof *sheet + n + 1);
    if (!sheet)
        return NULL;
    atomic_init(&sheet->references, 1);
    sheet->n = n;
    memcpy(sheet->text, text, n);
    sheet->text[n] = '\0';
    return sheet;
}

void live_sheet_drop(struct live_sheet *sheet)
{
    if (sheet && atomic_fetch_sub(&sheet->references, 1) == 1)
        free(sheet);
}

const char *live_sheet_text(const struct live_sheet *sheet, size_t *n)
{
    *n = sheet->n;
    return sheet->text;
}

static struct live_sheet *take(struct live_sheet *sheet)
{
    if (sheet)
        atomic_fetch_add(&sheet->references, 1);
    return sheet;
}

struct live_board *live_board_create(struct problem *why)
{
    struct live_board *board = calloc(1, sizeof *board);
    pthread_condattr_t monotonic;
    if (!board) {
        problem_no_memory(why, "a live view");
        return NULL;
    }
    pthread_mutex_init(&board->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&board->news, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return board;
}

void live_board_free(struct live_board *board)
{
    if (!board)
        return;
    for (int i = 0; i < LIVE_CHANNELS; i++)
        live_sheet_drop(board->sheet[i]);
    pthread_cond_destroy(&board->news);
    pthread_mutex_destroy(&board->lock);
    free(board);
}

void live_board_hang(struct live_board *board, enum live_channel channel, struct live_sheet *sheet)
{
    if (!sheet)
        return;
    pthread_mutex_lock(&board->lock);
    struct live_sheet *old = board->sheet[channel];
    board->sheet[channel] = sheet;
    board->number[channel]++;
    if (board->viewers)
        pthread_cond_broadcast(&board->news);
    pthread_mutex_unlock(&board->lock);
    live_sheet_drop(old);
}

/* 1 when this second has had all its sheets: a turn taken late and thirty taken in time are 31. */
static int is_full(const struct live_board *board, enum live_channel channel, uint64_t now_us)
{
    uint64_t turns = board->turns[channel];

    return turns >= LIVE_A_SECOND &&
           now_us - board->taken_us[channel][turns % LIVE_A_SECOND] < SECOND_US;
}

static void take_turn(struct live_board *board, enum live_channel channel, uint64_t now_us)
{
    uint64_t due_us = board->due_us[channel];

    board->due_us[channel] = (now_us - due_us < LIVE_PERIOD_US ? due_us : now_us) + LIVE_PERIOD_US;
    board->taken_us[channel][board->turns[channel]++ % LIVE_A_SECOND] = now_us;
}

int live_board_wants(struct live_board *board, enum live_channel channel, uint64_t now_us)
{
    pthread_mutex_lock(&board->lock);
    int wants = (board->viewers || !board->number[channel]) && now_us >= board->due_us[channel] &&
                !is_full(board, channel, now_us);
    if (wants)
        take_turn(board, channel, now_us);
    pthread_mutex_unlock(&board->lock);
    return wants;
}

struct live_sheet *live_board_newest(struct live_board *board, enum live_channel channel)
{
    pthread_mutex_lock(&board->lock);
    struct live_sheet *sheet = take(board->sheet[channel]);
    pthread_mutex_unlock(&board->lock);
    return sheet;
}

static void count_viewer(struct live_board *board, int change)
{
    pthread_mutex_lock(&board->lock);
    board->viewers += change;
    pthread_mutex_unlock(&board->lock);
}

void live_board_join(struct live_board *board)
{
    count_viewer(board, 1);
}

void live_board_leave(struct live_board *board)
{
    count_viewer(board, -1);
}

int live_board_viewers(struct live_board *board)
{
    pthread_mutex_lock(&board->lock);
    int viewers = board->viewers;
    pthread_mutex_unlock(&board->lock);
    return viewers;
}

/* What is rare comes first: thirty frames a second may not hide a change of state. */
static int unseen(const struct live_board *board, const struct live_viewer *viewer)
{
    for (int i = LIVE_CHANNELS - 1; i >= 0; i--)
        if (board->number[i] != viewer->seen[i])
            return i;
    return -1;
}

static struct timespec after_ms(unsigned ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

struct live_sheet *live_board_next(struct live_board *board, struct live_viewer *viewer,
                                   unsigned wait_ms, enum live_channel *channel, int *closed)
{
    struct timespec until = after_ms(wait_ms);
    struct live_sheet *sheet = NULL;
    int i;
    pthread_mutex_lock(&board->lock);
    while ((i = unseen(board, viewer)) < 0 && !board->is_closed)
        if (pthread_cond_timedwait(&board->news, &board->lock, &until))
            break;
    *closed = board->is_closed;
    if (i >= 0 && !board->is_closed) {
        sheet = take(board->sheet[i]);
        viewer->seen[i] = board->number[i];
        *channel = (enum live_channel)i;
    }
    pthread_mutex_unlock(&board->lock);
    return sheet;
}

void live_board_close(struct live_board *board)
{
    pthread_mutex_lock(&board->lock);
    board->is_closed = 1;
    pthread_cond_broadcast(&board->news);
    pthread_mutex_unlock(&board->lock);
}
