/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ring of transfers against a plate that counts its bytes and a bus that fails at random: the
 * ring is whole or says that it is not, and no byte is lost, doubled or out of order. */
#include "driver/transport/usb_ring.h"
#include "tests/support/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 11, BYTES = 1536, EVENTS = 100000, OUT_ENDPOINT = 0x02, IN_ENDPOINT = 0x83 };

/* --- A bus ----------------------------------------------------------------------------------- */

/* What was submitted and has not ended, oldest first, by direction. */
struct queue {
    struct libusb_transfer *transfer[32];
    unsigned n;
};

static struct {
    struct queue in, out;
    int fail_next; /* the error of the next submit; 0 = none */
    int in_callback;
    uint8_t sent, received; /* the next byte each way: both sides count */
    uint64_t n_sent, n_received;
    unsigned seed;
} bus;

static struct queue *queue_of(const struct libusb_transfer *transfer)
{
    return transfer->endpoint == IN_ENDPOINT ? &bus.in : &bus.out;
}

static int bus_submit(struct libusb_transfer *transfer)
{
    struct queue *queue = queue_of(transfer);
    int error = bus.fail_next;
    assert_false(bus.in_callback);
    assert_true(transfer->endpoint == IN_ENDPOINT || transfer->endpoint == OUT_ENDPOINT);
    bus.fail_next = 0;
    if (error)
        return error;
    for (unsigned i = 0; i < queue->n; i++)
        assert_ptr_not_equal(queue->transfer[i], transfer);
    assert_true(queue->n < 32);
    queue->transfer[queue->n++] = transfer;
    return 0;
}

static unsigned cancels;

static int bus_cancel(struct libusb_transfer *transfer)
{
    (void)transfer;
    cancels++;
    return 0;
}

static const struct usb_ring_calls bus_calls = {bus_submit, bus_cancel};

static unsigned draw(unsigned below)
{
    bus.seed = bus.seed * 1664525u + 1013904223u;
    return (bus.seed >> 8) % below;
}

/* Ends the oldest transfer of a queue with a status and, for IN, so many of the plate's bytes. */
static void end_oldest(struct queue *queue, enum libusb_transfer_status status, int length)
{
    struct libusb_transfer *transfer = queue->transfer[0];
    memmove(queue->transfer, queue->transfer + 1, --queue->n * sizeof queue->transfer[0]);
    transfer->status = status;
    transfer->actual_length = length;
    for (int i = 0; queue == &bus.in && i < length; i++)
        transfer->buffer[i] = bus.sent++;
    bus.n_sent += queue == &bus.in ? (uint64_t)length : 0;
    bus.in_callback = 1;
    transfer->callback(transfer);
    bus.in_callback = 0;
}

/* A cancelled transfer may have got some bytes first; of those behind it none has. */
static void end_all_cancelled(void)
{
    int length = (int)draw(BYTES);
    while (bus.in.n) {
        end_oldest(&bus.in, LIBUSB_TRANSFER_CANCELLED, length);
        length = 0;
    }
    while (bus.out.n)
        end_oldest(&bus.out, LIBUSB_TRANSFER_CANCELLED, 0);
}

static void begin(unsigned seed)
{
    memset(&bus, 0, sizeof bus);
    bus.seed = seed;
    cancels = 0;
}

static struct usb_ring *make_ring(void)
{
    struct usb_ring *ring = usb_ring_create(N, BYTES, &bus_calls);
    assert_non_null(ring);
    usb_ring_aim(ring, NULL, IN_ENDPOINT, OUT_ENDPOINT);
    assert_int_equal(usb_ring_refill(ring), USB_RING_WHOLE);
    return ring;
}

static void read_some(struct usb_ring *ring, size_t cap)
{
    static uint8_t bytes[N * BYTES];
    size_t n = usb_ring_read(ring, bytes, cap < sizeof bytes ? cap : sizeof bytes);
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != bus.received++)
            fail_msg("byte %llu is wrong", (unsigned long long)(bus.n_received + i));
    bus.n_received += n;
}

static void check(const struct usb_ring *ring)
{
    assert_int_equal(usb_ring_in_under_way(ring), bus.in.n);
    assert_int_equal(usb_ring_under_way(ring), bus.in.n + bus.out.n);
    assert_true(usb_ring_in_under_way(ring) + usb_ring_held(ring) <= N);
    if (usb_ring_state(ring) == USB_RING_WHOLE)
        assert_int_equal(usb_ring_in_under_way(ring) + usb_ring_held(ring), N);
    else
        assert_true(usb_ring_trouble(ring)[0]);
}

static struct usb_ring *end_ring(struct usb_ring *ring)
{
    usb_ring_cancel(ring);
    end_all_cancelled();
    /* The handle would be closed by now: reading on must submit nothing. */
    while (usb_ring_has_bytes(ring))
        read_some(ring, N * BYTES);
    assert_int_equal(usb_ring_write(ring, (const uint8_t *)"x", 1), 0);
    assert_int_equal(usb_ring_under_way(ring), 0);
    assert_int_equal(bus.in.n + bus.out.n, 0);
    usb_ring_free(ring);
    return NULL;
}

/* --- At random ------------------------------------------------------------------------------- */

static const enum libusb_transfer_status statuses[7] = {
    LIBUSB_TRANSFER_COMPLETED, LIBUSB_TRANSFER_ERROR, LIBUSB_TRANSFER_TIMED_OUT,
    LIBUSB_TRANSFER_CANCELLED, LIBUSB_TRANSFER_STALL, LIBUSB_TRANSFER_NO_DEVICE,
    LIBUSB_TRANSFER_OVERFLOW};
static const int errors[] = {LIBUSB_ERROR_NO_MEM, LIBUSB_ERROR_IO, LIBUSB_ERROR_BUSY,
                             LIBUSB_ERROR_NO_DEVICE, LIBUSB_ERROR_NOT_FOUND};

static void happen(struct usb_ring *ring, unsigned counts[7])
{
    unsigned what = draw(20), status = what < 2 ? draw(7) : 0;
    struct queue *queue = draw(8) ? &bus.in : &bus.out;
    uint8_t words[3 * USB_RING_OUT_BYTES] = {0};
    if (what < 12 && queue->n) {
        counts[status]++;
        end_oldest(queue, statuses[status], queue == &bus.in ? (int)draw(BYTES + 1) : 0);
    } else if (what < 17) {
        read_some(ring, draw(4) ? draw(3 * BYTES) : draw(9));
    } else if (what < 19) {
        size_t n = draw(sizeof words), taken = usb_ring_write(ring, words, n);
        assert_true(taken <= n);
    } else if (!draw(5)) {
        bus.fail_next = errors[draw(5)];
    }
}

/* What the transport does about it, sometimes a little later. */
static struct usb_ring *mend(struct usb_ring *ring, unsigned *lost)
{
    enum usb_ring_state state = usb_ring_state(ring);
    if (state == USB_RING_WHOLE || draw(3))
        return ring;
    if (state == USB_RING_GONE) {
        ++*lost;
        end_ring(ring);
        bus.fail_next = 0;
        return make_ring();
    }
    usb_ring_cancel(ring);
    end_all_cancelled();
    usb_ring_refill(ring);
    return ring;
}

static void whatever_happens_the_ring_is_whole_or_says_that_it_is_not(void **state)
{
    (void)state;
    unsigned counts[7] = {0}, lost = 0;
    begin(20261);
    printf("seed %u\n", bus.seed);
    struct usb_ring *ring = make_ring();
    for (unsigned i = 0; i < EVENTS; i++) {
        happen(ring, counts);
        check(ring);
        ring = mend(ring, &lost);
        check(ring);
    }
    end_ring(ring);
    assert_true(bus.n_received == bus.n_sent);
    for (unsigned i = 0; i < 7; i++)
        assert_true(counts[i] > 100);
    printf("%llu bytes, lost and found again %u times, %u cancels\n",
           (unsigned long long)bus.n_sent, lost, cancels);
    assert_true(lost > 100);
}

/* --- One by one ------------------------------------------------------------------------------ */

static void each_status_but_completed_is_told(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 7; i++) {
        begin(i);
        struct usb_ring *ring = make_ring();
        end_oldest(&bus.in, statuses[i], 100);
        enum usb_ring_state wanted = i == 0   ? USB_RING_WHOLE
                                     : i == 5 ? USB_RING_GONE
                                              : USB_RING_FAULT;
        assert_int_equal(usb_ring_state(ring), wanted);
        read_some(ring, BYTES); /* what had come before is still there */
        assert_true(bus.n_received == 100);
        assert_int_equal(usb_ring_in_under_way(ring), i == 0 ? N : N - 1);
        end_ring(ring);
    }
}

static void a_submit_that_fails_is_told_and_later_ones_wait(void **state)
{
    (void)state;
    begin(7);
    struct usb_ring *ring = make_ring();
    end_oldest(&bus.in, LIBUSB_TRANSFER_COMPLETED, 70);
    end_oldest(&bus.in, LIBUSB_TRANSFER_COMPLETED, 1);
    bus.fail_next = LIBUSB_ERROR_NO_MEM;
    read_some(ring, BYTES);
    assert_int_equal(usb_ring_state(ring), USB_RING_NO_ROOM);
    assert_int_equal(usb_ring_in_under_way(ring), N - 2);
    assert_int_equal(usb_ring_write(ring, (const uint8_t *)"x", 1), 0);
    usb_ring_cancel(ring);
    end_all_cancelled();
    assert_int_equal(usb_ring_refill(ring), USB_RING_WHOLE);
    end_ring(ring);
    assert_true(bus.n_received == bus.n_sent);
}

/* A caller that does not read holds the transfers: the plate gets no more of them. */
static void an_unread_ring_asks_for_nothing_more(void **state)
{
    (void)state;
    begin(8);
    struct usb_ring *ring = make_ring();
    while (bus.in.n)
        end_oldest(&bus.in, LIBUSB_TRANSFER_COMPLETED, BYTES);
    assert_int_equal(usb_ring_held(ring), N);
    assert_int_equal(usb_ring_state(ring), USB_RING_WHOLE);
    read_some(ring, BYTES - 1);
    assert_int_equal(bus.in.n, 0);
    read_some(ring, 1);
    assert_int_equal(bus.in.n, 1);
    read_some(ring, 2 * BYTES + 5);
    assert_int_equal(bus.in.n, 3);
    end_ring(ring);
}

/* Each read looks at each transfer once: a plate that ends them at once cannot hold the caller. */
static void empty_transfers_go_back_at_once(void **state)
{
    (void)state;
    begin(9);
    struct usb_ring *ring = make_ring();
    for (int i = 0; i < 3 * N; i++)
        end_oldest(&bus.in, LIBUSB_TRANSFER_COMPLETED, 0), read_some(ring, 10);
    assert_int_equal(bus.in.n, N);
    assert_int_equal(usb_ring_held(ring), 0);
    end_ring(ring);
}

/* libusb never says so, but a length beyond the buffer must not become a read beyond it. */
static void a_length_out_of_bounds_is_no_length(void **state)
{
    (void)state;
    begin(10);
    struct usb_ring *ring = make_ring();
    for (int length = -1; length <= BYTES + 1; length += BYTES + 2) {
        struct libusb_transfer *transfer = bus.in.transfer[0];
        memmove(bus.in.transfer, bus.in.transfer + 1, --bus.in.n * sizeof transfer);
        transfer->actual_length = length;
        transfer->status = LIBUSB_TRANSFER_COMPLETED;
        transfer->callback(transfer);
    }
    read_some(ring, N * BYTES);
    assert_true(bus.n_received == 0);
    end_ring(ring);
}

static void a_write_takes_what_there_are_transfers_for(void **state)
{
    (void)state;
    static uint8_t words[USB_RING_OUT * USB_RING_OUT_BYTES + 9];
    begin(11);
    for (size_t i = 0; i < sizeof words; i++)
        words[i] = (uint8_t)(i * 31 + i / 256);
    struct usb_ring *ring = make_ring();
    assert_int_equal(usb_ring_write(ring, words, sizeof words), sizeof words - 9);
    assert_int_equal(usb_ring_write(ring, words, 1), 0);
    size_t at = 0;
    for (unsigned i = 0; i < bus.out.n; at += (size_t)bus.out.transfer[i++]->length)
        assert_memory_equal(bus.out.transfer[i]->buffer, words + at,
                            (size_t)bus.out.transfer[i]->length);
    assert_int_equal(at, sizeof words - 9);
    end_oldest(&bus.out, LIBUSB_TRANSFER_COMPLETED, USB_RING_OUT_BYTES);
    assert_int_equal(usb_ring_write(ring, words + at, 9), 9);
    assert_int_equal(bus.out.transfer[bus.out.n - 1]->length, 9);
    end_ring(ring);
}

/* The handle was closed before the system gave them back: what had come is read all the same. */
static void what_the_system_keeps_is_abandoned(void **state)
{
    (void)state;
    begin(12);
    struct usb_ring *ring = make_ring();
    usb_ring_write(ring, (const uint8_t *)"x", 1);
    end_oldest(&bus.in, LIBUSB_TRANSFER_COMPLETED, 33);
    usb_ring_cancel(ring);
    usb_ring_abandon(ring);
    assert_int_equal(usb_ring_under_way(ring), 0);
    read_some(ring, BYTES);
    assert_true(bus.n_received == 33);
    assert_int_equal(usb_ring_under_way(ring), 0);
    usb_ring_free(ring);
}

static void no_memory_is_no_ring(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        failing_malloc_at(n);
        struct usb_ring *ring = usb_ring_create(N, BYTES, &bus_calls);
        int failed = failing_malloc_off();
        assert_int_equal(failed, ring == NULL);
        usb_ring_free(ring);
        if (!failed)
            return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_happens_the_ring_is_whole_or_says_that_it_is_not),
        cmocka_unit_test(each_status_but_completed_is_told),
        cmocka_unit_test(a_submit_that_fails_is_told_and_later_ones_wait),
        cmocka_unit_test(an_unread_ring_asks_for_nothing_more),
        cmocka_unit_test(empty_transfers_go_back_at_once),
        cmocka_unit_test(a_length_out_of_bounds_is_no_length),
        cmocka_unit_test(a_write_takes_what_there_are_transfers_for),
        cmocka_unit_test(what_the_system_keeps_is_abandoned),
        cmocka_unit_test(no_memory_is_no_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
