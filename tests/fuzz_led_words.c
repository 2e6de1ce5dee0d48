/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any words at any times to a person who is led: heard or not heeded, the plate goes on, and its
 * numbers stay numbers.
 *
 * A line of input is one word. Its first byte is the time since the word before, in steps of 50 ms
 * ('0' = none ...), or the buzzer ('!'); the rest is what is said. The input's very first
 * byte chooses the person. */
#include "firmware/wire/payloads.h"
#include "samples/led_visit.h"
#include "samples/subject_source.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 24
#define BYTES_MAX 8192
#define ROWS 16
#define COLS 14
#define FORCE_MOST_N 1e6 /* a mat of studs of 100 cm2 under 2200 kPa that all get through */

#define PERSON(feet, stand_s)                                                                      \
    "{\"schema\": \"tenderfoot/subject/1\", \"feet\": [" feet "], \"thresholds\": "                \
    "{\"planted\": [{\"zone\": \"P16\", \"side\": \"left\", \"kpa\": 60}]}, \"answers\": "         \
    "{\"miss_rate\": 0.1, \"false_rate\": 0.1, \"random_rate\": 0.1}, \"protocol\": "              \
    "{\"stand_s\": " stand_s ", \"idle_s\": 3, \"press\": {\"route\": [\"P16\"], \"passes\": 1, "  \
    "\"sides\": \"left\", \"heel_cup\": false}}, \"plate\": {\"rows\": 16, \"cols\": 14, "         \
    "\"pitch_x_mm\": 20, \"pitch_y_mm\": 20, \"rate_hz\": 20}}"
#define LEFT "{\"side\": \"left\"}"
#define RIGHT "{\"side\": \"right\"}"

/* By the first byte: pictures of standing feet are most of a run's time. */
static const char *const persons[] = {
    PERSON(LEFT ", " RIGHT, "2"),
    PERSON(LEFT, "2"),
    PERSON(LEFT ", " RIGHT, "0"),
    PERSON(LEFT ", " RIGHT, "0"),
};

struct play {
    struct visit *visit;
    struct led_visit *led;
    uint64_t now_us, edge_us;
    int is_down;
};

/* Edges come in turn, and in order of time. */
static void look(struct play *play)
{
    static float kpa[ROWS * COLS];
    struct button_edge edge;
    struct moment moment = visit_pressure(play->visit, play->now_us, kpa);
    assert(moment.force_n >= 0 && moment.force_n < FORCE_MOST_N);
    for (int i = 0; i < ROWS * COLS; i++)
        assert(kpa[i] >= 0 && kpa[i] < 1e6f);
    while (led_visit_next_edge(play->led, play->now_us, &edge)) {
        assert(edge.time_us >= play->edge_us && edge.time_us <= play->now_us);
        assert(edge.down != play->is_down);
        play->is_down = edge.down;
        play->edge_us = edge.time_us;
    }
    assert(play->visit->presses.n_seats <= PRESS_SEATS_MAX);
}

static void hear(struct play *play, const uint8_t *word, size_t n)
{
    struct problem why = {0};
    unsigned step = word[0] >= '0' ? word[0] - '0' : word[0];
    if (word[0] == '!') {
        led_visit_see(play->led, play->now_us, n % 2 ? WIRE_SIGNAL_BUZZER : 0);
        return;
    }
    play->now_us += 50000u * step;
    look(play);
    char *json = malloc(n);
    assert(json);
    memcpy(json, word + 1, n - 1);
    json[n - 1] = 0;
    assert(!led_visit_hear(play->led, play->now_us, json, &why));
    free(json);
    look(play);
}

/* Whatever was said, the person leaves in the end. */
static void leave(struct play *play)
{
    uint64_t from_us = play->now_us, end_us = play->visit->end_us;
    assert(end_us < from_us + 700000000u); /* somebody who stands, forgotten, after 600 s */
    for (unsigned i = 1; i <= 8 && end_us > from_us; i++) {
        play->now_us = from_us + (end_us - from_us) / 8 * i;
        look(play);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct subject subject;
    struct problem why = {0};
    struct play play = {0};
    if (!size || size > BYTES_MAX)
        return -1;
    const char *text = persons[data[0] % 4];
    if (subject_parse(text, strlen(text), "fuzz", &subject, &why))
        abort();
    play.visit = visit_plan(&subject, size, &why);
    play.led = play.visit ? led_visit_begin(play.visit, 0, &why) : NULL;
    assert(play.led);
    for (size_t at = 1, words = 0; at < size && words < WORDS_MAX; words++) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t n = end ? (size_t)(end - data) - at : size - at;
        if (n)
            hear(&play, data + at, n);
        at += n + 1;
    }
    leave(&play);
    led_visit_free(play.led);
    visit_free(play.visit);
    return 0;
}
