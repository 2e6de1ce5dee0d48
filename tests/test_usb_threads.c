/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two sides of the USB device at the same time: one thread is the interrupt (the bus and its
 * host), the other the main loop. A session ends and the next begins at any instruction of the main
 * loop; what each side reads must be one session's words from their first byte on, in order. Also
 * run under the thread sanitizer, by e2e_usb_threads.sh. */
#include "tests/support/usb_host.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define SEED UINT64_C(5150)
#define SESSIONS 600u
#define WORD 4u /* bytes */

/* Every word says its place in its session (from 0) and, in its upper half, some mark of it: two
 * sessions' words cannot be taken for each other's. */
struct reader {
    uint8_t word[WORD];
    size_t n;
    uint32_t next, mark;
    uint64_t words;
};

static void reader_begin(struct reader *r)
{
    r->n = 0;
    r->next = 0;
}

/* 0 = a byte that does not belong here. */
static int read_word(struct reader *r, uint8_t byte)
{
    r->word[r->n++] = byte;
    if (r->n < WORD)
        return 1;
    uint32_t place = r->word[0] | (uint32_t)r->word[1] << 8;
    uint32_t mark = r->word[2] | (uint32_t)r->word[3] << 8;
    r->n = 0;
    if (r->next == 0)
        r->mark = mark;
    r->words++;
    return place == r->next++ % 65536u && mark == r->mark;
}

struct writer {
    uint64_t bytes; /* of this session */
    uint32_t mark;
};

static void fill(const struct writer *w, uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t at = w->bytes + i;
        uint32_t word = (uint32_t)(at / WORD) % 65536u | (w->mark % 65536u) << 16;
        bytes[i] = (uint8_t)(word >> 8 * (at % WORD));
    }
}

struct plate_side {
    struct usb_device *device;
    _Atomic int must_end;
    struct reader in[USB_LINKS];
    struct writer out[USB_LINKS];
    const char *wrong;
    _Atomic uint64_t words, closings; /* read from both links; ends of sessions noticed */
};

static uint32_t draw(uint64_t *state, uint32_t below)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*state >> 33) % below);
}

static void plate_round(struct plate_side *p, enum usb_link link, uint64_t *random)
{
    uint8_t bytes[300];
    if (draw(random, 4) == 0 && usb_link_has_closed(p->device, link)) {
        reader_begin(&p->in[link]);
        p->out[link].bytes = 0;
        p->out[link].mark++;
        p->closings++;
    }
    size_t n = 1 + draw(random, sizeof bytes);
    fill(&p->out[link], bytes, n);
    p->out[link].bytes += usb_link_send(p->device, link, bytes, n);
    n = usb_link_receive(p->device, link, bytes, 1 + draw(random, sizeof bytes));
    for (size_t i = 0; i < n; i++)
        if (!read_word(&p->in[link], bytes[i]))
            p->wrong = "the plate reads what its host did not say there";
    atomic_store(&p->words, p->in[0].words + p->in[1].words);
}

static void *run_plate_side(void *argument)
{
    struct plate_side *p = argument;
    uint64_t random = SEED + 1;
    while (!atomic_load(&p->must_end)) {
        plate_round(p, (enum usb_link)draw(&random, USB_LINKS), &random);
        if (draw(&random, 50) == 0)
            sched_yield();
    }
    return NULL;
}

/* --- The bus side ---------------------------------------------------------------------------- */

struct bus_side {
    struct usb_host *host;
    struct reader in[USB_LINKS];
    struct writer out[USB_LINKS];
    uint64_t random;
};

static void hear(struct bus_side *b, enum usb_link link, unsigned packets)
{
    uint8_t bytes[USB_PACKET_MAX];
    for (unsigned i = 0; i < packets; i++) {
        size_t n = usb_host_read(b->host, link, bytes, sizeof bytes);
        if (n == 0)
            return;
        for (size_t k = 0; k < n; k++)
            if (!read_word(&b->in[link], bytes[k]))
                fail_msg("the host of link %d reads what the plate did not say there", link);
    }
}

static void say(struct bus_side *b, enum usb_link link)
{
    uint8_t bytes[USB_PACKET_MAX];
    size_t n = 1 + draw(&b->random, sizeof bytes);
    fill(&b->out[link], bytes, n);
    b->out[link].bytes += usb_host_write(b->host, link, bytes, n);
}

static void begin_anew(struct bus_side *b, enum usb_link link)
{
    reader_begin(&b->in[link]);
    b->out[link].bytes = 0;
    b->out[link].mark++;
}

static void end_session(struct bus_side *b, enum usb_link link)
{
    switch (draw(&b->random, 6)) {
    case 0:
        usb_bus_reset(b->host->bus);
        usb_host_enumerate(b->host);
        break;
    case 1:
        assert_int_equal(usb_host_ask(b->host, 0x00, 9, 1, 0, 0), 0);
        break;
    default:
        usb_host_open(b->host, link, 0);
        usb_host_open(b->host, link, 1);
        begin_anew(b, link);
        return;
    }
    for (link = 0; link < USB_LINKS; link++) {
        usb_host_open(b->host, link, 1);
        begin_anew(b, link);
    }
}

static void a_session(struct bus_side *b, enum usb_link link)
{
    for (unsigned i = draw(&b->random, 60); i > 0; i--) {
        enum usb_link either = (enum usb_link)draw(&b->random, USB_LINKS);
        hear(b, either, draw(&b->random, 30));
        if (draw(&b->random, 2))
            say(b, either);
        if (draw(&b->random, 40) == 0) {
            usb_bus_suspend(b->host->bus);
            sched_yield();
            usb_bus_resume(b->host->bus);
        }
        sched_yield();
    }
    end_session(b, link);
}

/* On a busy machine one side may sleep through many sessions of the other: they go on until both
 * have had their share, or for so long that something must be wrong. */
static int is_enough(const struct bus_side *b, struct plate_side *p, unsigned sessions)
{
    uint64_t heard = b->in[0].words + b->in[1].words;
    return sessions >= SESSIONS && heard > 10000 && atomic_load(&p->words) > 1000 &&
           atomic_load(&p->closings) > SESSIONS / 20;
}

static void both_sides_at_once(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    struct bus_side b = {.host = host, .random = SEED};
    struct plate_side p = {.device = &host->device};
    pthread_t thread;
    usb_host_plug(host);
    usb_host_enumerate(host);
    usb_host_open(host, USB_LINK_VENDOR, 1);
    usb_host_open(host, USB_LINK_SERIAL, 1);
    assert_int_equal(pthread_create(&thread, NULL, run_plate_side, &p), 0);
    unsigned sessions = 0;
    while (!is_enough(&b, &p, sessions) && sessions < 1000 * SESSIONS) {
        a_session(&b, (enum usb_link)draw(&b.random, USB_LINKS));
        sessions++;
    }
    atomic_store(&p.must_end, 1);
    pthread_join(thread, NULL);
    if (p.wrong)
        fail_msg("%s", p.wrong);
    print_message("%llu words to the host, %llu to the plate, %llu ends of sessions noticed "
                  "in %u sessions\n",
                  (unsigned long long)(b.in[0].words + b.in[1].words), (unsigned long long)p.words,
                  (unsigned long long)p.closings, sessions);
    assert_true(is_enough(&b, &p, sessions));
    usb_host_free(host);
}

int main(void)
{
    printf("seed %llu\n", (unsigned long long)SEED);
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_sides_at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
