/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The firmware's ELF on an emulated Cortex-M3: golden bytes, the watchdog, a reader that stalls,
 * the same frames as the virtual plate's in lockstep, and live at 100 frames/s. Skipped when the
 * firmware has not been built (make firmware). */
#include "firmware/boards/host/emulated_plate.h"
#include "firmware/boards/host/mailbox_host.h"
#include "firmware/boards/host/virtual_plate.h"
#include "firmware/wire/crc32c.h"
#include "firmware/wire/frame_codec.h"
#include "firmware/wire/payloads.h"
#include "firmware/wire/sequence.h"
#include "firmware/wire/wire.h"
#include "tests/support/standing_person.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static char elf[256], folder[64], image[96], output[96];

/* --- A source: nobody, then a person, who presses the button twice -------------------------------
 */

struct person {
    struct scan_source source;
    int edges_given, annotations_given;
};

static void person_scan(struct scan_source *source, uint64_t us, uint16_t *counts)
{
    uint32_t noise = (uint32_t)(us / 1000) + 77;
    (void)source;
    memset(counts, 0, STANDING_CELLS * sizeof *counts);
    if (us >= 800000)
        standing_person(counts, (uint32_t)(us / 10000));
    for (int i = 0; i < STANDING_CELLS; i++)
        counts[i] = (uint16_t)(counts[i] + 30 + standing_random(&noise) % 4);
}

static int person_edge(struct scan_source *source, uint64_t until_us, struct button_edge *edge)
{
    static const struct button_edge edges[] = {{1203456, 1}, {1204100, 0}, {1204900, 1},
                                               {1507777, 0}, {2003000, 1}, {2103000, 0}};
    struct person *p = source->own;
    if (p->edges_given == 6 || edges[p->edges_given].time_us >= until_us)
        return 0;
    *edge = edges[p->edges_given++];
    return 1;
}

static const char *person_annotation(struct scan_source *source, uint64_t until_us, uint64_t *us)
{
    static const char *const texts[] = {"{\"step\":\"stand\"}", "{\"step\":\"end\"}"};
    struct person *p = source->own;
    *us = p->annotations_given ? 2400000 : 810000;
    if (p->annotations_given == 2 || *us >= until_us)
        return NULL;
    return texts[p->annotations_given++];
}

static void person_close(struct scan_source *source)
{
    free(source->own);
}

static struct scan_source *person_open(uint64_t duration_us)
{
    struct person *p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->source = (struct scan_source){.rows = STANDING_ROWS,
                                     .cols = STANDING_COLS,
                                     .bits = STANDING_BITS,
                                     .pitch_x_mm = 5,
                                     .pitch_y_mm = 5,
                                     .rate_hz = 100,
                                     .full_scale_kpa = 600,
                                     .serial = "TEST-1",
                                     .duration_us = duration_us,
                                     .own = p,
                                     .scan = person_scan,
                                     .next_edge = person_edge,
                                     .next_annotation = person_annotation,
                                     .close = person_close};
    return &p->source;
}

/* --- What came out ------------------------------------------------------------------------------
 */

struct heard {
    uint8_t bytes[8 << 20];
    size_t n;
    size_t refuse_from, refuse_to; /* calls of the sink in which nothing is taken */
    size_t calls;
};

static size_t hear(void *context, int link, const uint8_t *bytes, size_t n)
{
    struct heard *h = context;
    size_t call = h->calls++;
    if (call >= h->refuse_from && call < h->refuse_to)
        return 0;
    assert_int_equal(link, 0);
    assert_true(h->n + n <= sizeof h->bytes);
    memcpy(h->bytes + h->n, bytes, n);
    h->n += n;
    return n;
}

struct story {
    struct sequence_book book;
    unsigned of_type[256];
    uint32_t frames_digest; /* of numbers and payloads: no time in it */
    uint64_t first_us, last_us;
    uint64_t event_us[16];
    unsigned event_kinds[16], n_events;
    unsigned annotated_before_seq[4], n_annotations;
    struct wire_status status;
    uint64_t damaged;
};

static void note_frame(struct story *s, const struct wire_message *m)
{
    static uint16_t counts[STANDING_CELLS];
    struct frame_shape shape;
    assert_int_equal(frame_decode(m->payload, m->payload_len, &shape, counts, STANDING_CELLS), 0);
    s->first_us = s->of_type[WIRE_FRAME] == 1 ? m->device_time_us : s->first_us;
    s->last_us = m->device_time_us;
    s->frames_digest = crc32c(s->frames_digest, &m->seq, sizeof m->seq);
    s->frames_digest = crc32c(s->frames_digest, m->payload, m->payload_len);
    sequence_frame(&s->book, m->seq);
}

static void note(struct story *s, const struct wire_message *m)
{
    struct wire_hello hello;
    struct wire_event event;
    s->of_type[m->type]++;
    if (m->type == WIRE_FRAME) {
        note_frame(s, m);
    } else if (m->type == WIRE_HELLO) {
        assert_int_equal(wire_get_hello(m->payload, m->payload_len, &hello), 0);
        assert_string_equal(hello.serial, "TEST-1");
        sequence_hello(&s->book, hello.boot_id, hello.scans);
    } else if (m->type == WIRE_STATUS) {
        assert_int_equal(wire_get_status(m->payload, m->payload_len, &s->status), 0);
        sequence_status(&s->book, s->status.boot_id, s->status.scans);
    } else if (m->type == WIRE_EVENT && s->n_events < 16) {
        assert_int_equal(wire_get_event(m->payload, m->payload_len, &event), 0);
        s->event_kinds[s->n_events] = event.kind;
        s->event_us[s->n_events++] = m->device_time_us;
    } else if (m->type == WIRE_ANNOTATION && s->n_annotations < 4) {
        s->annotated_before_seq[s->n_annotations++] = s->of_type[WIRE_FRAME];
    }
}

static struct story story_of(const uint8_t *bytes, size_t n)
{
    struct story s;
    memset(&s, 0, sizeof s);
    sequence_init(&s.book);
    for (size_t at = 0, used; at < n; at += used) {
        struct wire_message m;
        if (wire_decode(bytes + at, n - at, &m, &used) == WIRE_MESSAGE_WHOLE)
            note(&s, &m);
        else
            used = used ? used : 1;
        s.damaged += used == 1;
    }
    return s;
}

static uint8_t *read_file(const char *path, size_t *n)
{
    struct stat info;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &info) == 0);
    uint8_t *bytes = malloc((size_t)info.st_size + 1);
    assert_non_null(bytes);
    *n = (size_t)info.st_size;
    assert_int_equal(read(fd, bytes, *n), info.st_size);
    close(fd);
    return bytes;
}

/* --- Preloaded runs, as documented for tests by hand ---------------------------------------------
 */

/* Changes one word of the image. */
static void patch_image(size_t at, uint32_t value)
{
    int fd = open(image, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, &value, sizeof value, (off_t)at), sizeof value);
    close(fd);
}

/* counted: 8 ns an instruction, about what a real processor of this kind takes. */
static pid_t start_qemu(int counted)
{
    char device[160];
    snprintf(device, sizeof device, "loader,file=%s,addr=0x21000000,force-raw=on", image);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        execlp("qemu-system-arm", "qemu-system-arm", "-M", "mps2-an385", "-kernel", elf, "-display",
               "none", "-monitor", "none", "-serial", "null", "-semihosting-config",
               "enable=on,target=native", "-device", device, counted ? "-icount" : NULL,
               "shift=3,sleep=off", (char *)NULL);
        _exit(127);
    }
    return pid;
}

static int exit_status(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void make_image(uint64_t duration_us)
{
    struct problem why;
    struct scan_source *source = person_open(duration_us);
    if (mailbox_write_image(image, source, 0, UINT64_MAX, output, &why))
        fail_msg("%s", why.text);
    source->close(source);
}

static void need_firmware(void)
{
    if (access(elf, R_OK) || system("command -v qemu-system-arm >/dev/null")) {
        print_message("skip: no %s, or no qemu-system-arm (make deps-test firmware)\n", elf);
        skip();
    }
}

/* Two runs give the same bytes, and the frames are those of every other processor and compiler:
 * the digest leaves out the times, which move with the compiler's code by some microseconds. */
static void test_golden_bytes(void **state)
{
    size_t n, again_n;
    (void)state;
    need_firmware();
    make_image(3000000);
    assert_int_equal(exit_status(start_qemu(1)), 0);
    uint8_t *bytes = read_file(output, &n);
    assert_int_equal(exit_status(start_qemu(1)), 0);
    uint8_t *again = read_file(output, &again_n);
    assert_int_equal(n, again_n);
    assert_memory_equal(bytes, again, n);
    struct story s = story_of(bytes, n);
    assert_int_equal(s.of_type[WIRE_HELLO], 1);
    assert_int_equal(s.damaged, 0);
    assert_int_equal(s.book.lost, 0);
    assert_int_equal(s.status.overruns, 0);
    assert_int_equal(s.frames_digest, 0x3618F541u);
    assert_in_range((s.last_us - s.first_us) / (s.book.delivered - 1), 9990, 10010);
    /* a bouncing contact: one down and one up, and again, with times of the contact itself */
    static const uint64_t pressed_us[] = {1203456, 1507777, 2003000, 2103000};
    assert_int_equal(s.n_events, 5); /* with the end of the tare */
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(s.event_kinds[i + 1], i % 2 ? WIRE_BUTTON_UP : WIRE_BUTTON_DOWN);
        assert_in_range(s.event_us[i + 1], pressed_us[i], pressed_us[i] + 3000);
    }
    free(bytes);
    free(again);
}

/* The firmware hangs in the middle of the stream; the watchdog resets it, and it says so. */
static void test_watchdog_resets_a_board_that_hangs(void **state)
{
    size_t n;
    (void)state;
    need_firmware();
    make_image(3000000);
    patch_image(offsetof(struct mailbox, watchdog_ms), 500);
    patch_image(offsetof(struct mailbox, hang_at_scan), 120);
    assert_int_equal(exit_status(start_qemu(1)), 0);
    uint8_t *bytes = read_file(output, &n);
    struct story s = story_of(bytes, n);
    assert_int_equal(s.of_type[WIRE_HELLO], 2);
    assert_int_equal(s.book.boots, 2);
    assert_int_equal(s.book.lost, 0);
    /* 120 scans less the tare's, then all 300 less the tare's */
    assert_in_range(s.book.delivered, 50 + 220, 70 + 260);
    free(bytes);
}

/* A reader that stalls holds this board up, as there is no bound on what may be under way: the
 * scans that began late are counted, and no number is taken for those that were missed. */
static void test_stalled_reader_counts_as_overruns(void **state)
{
    static struct heard h;
    (void)state;
    need_firmware();
    h.n = 0;
    make_image(5000000);
    unlink(output);
    assert_int_equal(mkfifo(output, 0600), 0);
    pid_t pid = start_qemu(0);
    int fd = open(output, O_RDONLY);
    assert_true(fd >= 0);
    for (ssize_t got = 1; got > 0; h.n += (size_t)got) {
        if (h.n > 100000 && h.n < 120000)
            poll(NULL, 0, 1500); /* more than once: the pipe holds only 64 KiB */
        got = read(fd, h.bytes + h.n, 16384);
        assert_true(got >= 0);
    }
    close(fd);
    unlink(output);
    assert_int_equal(exit_status(pid), 0);
    struct story s = story_of(h.bytes, h.n);
    assert_int_equal(s.damaged, 0);
    assert_int_equal(s.book.lost, 0);
    assert_true(s.status.overruns >= 1);
    assert_int_equal(s.status.dropped, 0);
}

/* --- Driven by the plate's host side
 * -------------------------------------------------------------- */

static void send_command(struct host_plate *plate, uint8_t type, uint32_t request)
{
    struct wire_command command;
    uint8_t payload[64], bytes[128];
    memset(&command, 0, sizeof command);
    command.request = request;
    command.as.hello.protocol_min = command.as.hello.protocol_max = 0x100;
    if (type == WIRE_CMD_START)
        command.as.start.rate_hz = command.as.start.flags = 0;
    struct wire_message m = {.type = type, .payload = payload};
    m.payload_len = (uint32_t)wire_put_command(payload, sizeof payload, type, &command);
    size_t n = wire_encode(bytes, sizeof bytes, &m);
    plate->receive(plate->own, 0, bytes, n / 2); /* in two pieces */
    plate->receive(plate->own, 0, bytes + n / 2, n - n / 2);
}

/* A session: HELLO, TARE to its end, START, everything until the source ends. */
static struct story run_session(struct host_plate *plate, struct heard *h)
{
    h->n = h->calls = h->refuse_from = h->refuse_to = 0;
    send_command(plate, WIRE_CMD_HELLO, 1);
    send_command(plate, WIRE_CMD_TARE, 2);
    for (int i = 0; i < 60; i++)
        assert_int_equal(plate->step(plate->own), 1);
    send_command(plate, WIRE_CMD_START, 3);
    send_command(plate, WIRE_CMD_START, 3); /* twice is once */
    while (plate->step(plate->own))
        ;
    plate->close(plate->own);
    return story_of(h->bytes, h->n);
}

static struct host_plate emulated(struct heard *h, int is_live, uint64_t duration_us)
{
    struct problem why;
    struct host_plate host;
    struct emulated_plate_options o = {.source = person_open(duration_us),
                                       .elf = elf,
                                       .is_live = is_live,
                                       .sink = hear,
                                       .context = h};
    struct emulated_plate *plate = emulated_plate_create(&o, &why);
    if (!plate)
        fail_msg("%s", why.text);
    host_plate_of_emulated(&host, plate);
    return host;
}

static void test_lockstep_equals_the_virtual_plate(void **state)
{
    static struct heard of_elf, of_core;
    struct host_plate host;
    struct problem why;
    (void)state;
    need_firmware();
    host = emulated(&of_elf, 0, 2600000);
    assert_int_equal(host.fd, -1);
    struct story a = run_session(&host, &of_elf);
    struct virtual_plate_options o = {
        .source = person_open(2600000), .keeps_all = 1, .sink = hear, .context = &of_core};
    struct virtual_plate *virtual_plate = virtual_plate_create_with(&o, &why);
    assert_non_null(virtual_plate);
    host_plate_of_virtual(&host, virtual_plate);
    struct story b = run_session(&host, &of_core);

    assert_true(a.of_type[WIRE_FRAME] > 180);
    assert_int_equal(a.of_type[WIRE_ACK], 5); /* HELLO once, TARE twice, START twice */
    assert_int_equal(a.frames_digest, b.frames_digest);
    assert_memory_equal(a.of_type, b.of_type, sizeof a.of_type);
    assert_memory_equal(a.event_us, b.event_us, sizeof a.event_us);
    assert_int_equal(a.n_annotations, 2);
    assert_memory_equal(a.annotated_before_seq, b.annotated_before_seq,
                        sizeof a.annotated_before_seq);
    assert_int_equal(a.last_us, b.last_us);
    assert_int_equal(a.book.lost + a.damaged, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
    assert_int_equal(errno, ECHILD);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int live_for(struct host_plate *host, double s)
{
    int goes_on = 1;
    for (double end = seconds() + s; goes_on && seconds() < end;) {
        struct pollfd entry = {.fd = host->fd, .events = POLLIN};
        if (poll(&entry, 1, 100) > 0)
            goes_on = host->step(host->own);
        host->flush(host->own);
    }
    return goes_on;
}

/* By its own clock. The rate is asked for loosely, as the machine may be busy; loss strictly: what
 * a host that does not listen for two seconds misses is counted, to the frame. */
static void test_live(void **state)
{
    static struct heard h;
    (void)state;
    need_firmware();
    memset(&h, 0, sizeof h);
    struct host_plate host = emulated(&h, 1, 60000000);
    assert_true(host.fd >= 0);
    send_command(&host, WIRE_CMD_HELLO, 1);
    send_command(&host, WIRE_CMD_TARE, 2);
    assert_int_equal(live_for(&host, 1.2), 1);
    send_command(&host, WIRE_CMD_START, 3);
    assert_int_equal(live_for(&host, 2.0), 1);
    struct story before = story_of(h.bytes, h.n);
    print_message("    live: %u frames, %u overruns, %.1f frames/s\n", before.of_type[WIRE_FRAME],
                  before.status.overruns,
                  1e6 * (before.of_type[WIRE_FRAME] - 1.0) /
                      (double)(before.last_us - before.first_us));
    assert_true(before.of_type[WIRE_FRAME] > 50);
    assert_int_equal(before.book.lost, 0);
    assert_int_equal(before.status.dropped, 0);
    h.refuse_from = h.calls;
    h.refuse_to = SIZE_MAX;
    assert_int_equal(live_for(&host, 4.0), 1); /* more than the 256 KiB that may be under way */
    h.refuse_to = 0;
    assert_int_equal(live_for(&host, 2.5), 1); /* until a STATUS has come again */
    host.close(host.own);
    struct story s = story_of(h.bytes, h.n);
    assert_int_equal(s.damaged, 0);
    assert_true(s.book.lost > 0);
    assert_int_equal(s.book.lost, s.status.dropped);
    assert_int_equal(s.book.delivered + s.book.lost, (uint64_t)s.book.next);
    assert_int_equal(s.n_annotations, 2);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void test_what_cannot_be_run(void **state)
{
    static struct heard h;
    struct problem why;
    struct emulated_plate_options o = {.elf = "/no/such/firmware.elf", .sink = hear, .context = &h};
    (void)state;
    o.source = person_open(1000000);
    assert_null(emulated_plate_create(&o, &why));
    assert_int_equal(why.kind, PROBLEM_FAILED);
    assert_non_null(strstr(why.text, "/no/such/firmware.elf"));
    o.source = person_open(1000000);
    o.source->rows = 257;
    assert_null(emulated_plate_create(&o, &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    need_firmware();
    o.elf = "/dev/null"; /* no firmware in it */
    o.source = person_open(1000000);
    assert_null(emulated_plate_create(&o, &why));
    assert_int_equal(why.kind, PROBLEM_FAILED);
}

static int set_up(void **state)
{
    const char *bin = getenv("BIN"), *build = getenv("BUILD");
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    if (build)
        snprintf(elf, sizeof elf, "%s/firmware/plate-an385.elf", build);
    else
        snprintf(elf, sizeof elf, "%s/../firmware/plate-an385.elf", bin ? bin : "build/test");
    strcpy(folder, "/tmp/tenderfoot-emulated-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(image, sizeof image, "%s/image", folder);
    snprintf(output, sizeof output, "%s/out", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(image);
    unlink(output);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_bytes),
        cmocka_unit_test(test_watchdog_resets_a_board_that_hangs),
        cmocka_unit_test(test_stalled_reader_counts_as_overruns),
        cmocka_unit_test(test_lockstep_equals_the_virtual_plate),
        cmocka_unit_test(test_live),
        cmocka_unit_test(test_what_cannot_be_run),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
