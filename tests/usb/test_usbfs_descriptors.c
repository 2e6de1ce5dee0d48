/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors and serial numbers that lie, seen through unmodified libusb: whatever a device says
 * of itself, looking at it and opening it harms nobody. */
#include "driver/transport/transport.h"
#include "tests/support/scratch.h"
#include "tests/usb/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { DESCRIPTORS_MAX = 4096 };

/* Debian 12's libusb loses a few bytes with each configuration that it cannot read; nothing else
 * may. The stack below libusb is what tells the two apart. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0:malloc_context_size=8";
}

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libusb_get_active_config_descriptor\n";
}

static void note_place(void *context, const char *uri, const char *description,
                       const char *obstacle)
{
    unsigned *n = context;
    *n += !strncmp(uri, "usb:", 4);
    for (const char *c = uri; *c; c++)
        assert_in_range(*c, 0x21, 0x7E);
    for (const char *c = description; *c; c++)
        assert_in_range((unsigned char)*c, 0x20, 0xFF);
    assert_non_null(obstacle);
}

/* Lists what there is and tries to open it, in this process, under its sanitizers. */
static unsigned look_at_it(void)
{
    struct problem why = {0};
    unsigned n = 0;
    transport_list(note_place, &n, &why);
    struct transport *transport = transport_open("usb:", &why);
    if (!transport)
        assert_true(why.text[0] && why.kind == PROBLEM_FAILED);
    transport_close(transport);
    return n;
}

static void spoil_bytes(uint8_t *bytes, size_t *n, uint64_t *random)
{
    unsigned changes = 1 + (unsigned)(scratch_random(random) % 4u);
    for (unsigned i = 0; i < changes; i++) {
        size_t at = (size_t)(scratch_random(random) % *n);
        switch (scratch_random(random) % 5u) {
        case 0:
            bytes[at] = (uint8_t)scratch_random(random);
            break;
        case 1:
            bytes[at] ^= (uint8_t)(1u << scratch_random(random) % 8u);
            break;
        case 2:
            bytes[at] = scratch_random(random) & 1u ? 0 : 0xFF;
            break;
        case 3: /* cut */
            *n = at + 1;
            break;
        default: /* a part comes twice */
            if (*n + *n - at <= DESCRIPTORS_MAX) {
                memmove(bytes + *n, bytes + at, *n - at);
                *n += *n - at;
            }
        }
    }
}

static void descriptors_that_lie(void **state)
{
    (void)state;
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *plate = usb_rig_plate(rig, "TF-0042", 8, 8, 100);
    uint8_t truth[DESCRIPTORS_MAX], lie[DESCRIPTORS_MAX];
    uint64_t random = story_seed();
    unsigned found = 0, rounds = story_rounds(100);
    struct usbfs *fs = usb_rig_plug(rig, plate, 1, 0);
    size_t n_truth = 18 + fs->n_configuration;
    memcpy(truth, fs->device, 18);
    memcpy(truth + 18, fs->configuration, fs->n_configuration);
    usb_rig_unplug(rig, plate, 0);
    for (unsigned i = 0; i < rounds; i++) {
        size_t n = n_truth;
        memcpy(lie, truth, n);
        spoil_bytes(lie, &n, &random);
        usb_rig_lie(rig, lie, n, NULL);
        usb_rig_plug(rig, plate, 1, 0);
        found += look_at_it();
        usb_rig_unplug(rig, plate, 0);
    }
    printf("%u of %u were still a plate, or one with something wrong\n", found, rounds);
    assert_in_range(found, 1, rounds - 1);
    usb_rig_lie(rig, NULL, 0, NULL);
    usb_rig_plug(rig, plate, 1, 0);
    assert_int_equal(look_at_it(), 1);
    usb_rig_free(rig);
}

/* One field after the other at its ends, each cut short as well: what a fuzzer would find first. */
static void descriptors_cut_and_emptied(void **state)
{
    (void)state;
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *plate = usb_rig_plate(rig, "TF-0042", 8, 8, 100);
    uint8_t lie[DESCRIPTORS_MAX];
    struct usbfs *fs = usb_rig_plug(rig, plate, 1, 0);
    size_t n = 18 + fs->n_configuration;
    memcpy(lie, fs->device, 18);
    memcpy(lie + 18, fs->configuration, fs->n_configuration);
    usb_rig_unplug(rig, plate, 0);
    for (size_t cut = 0; cut < n; cut += cut < 30 ? 3 : 11) {
        usb_rig_lie(rig, lie, cut, NULL);
        usb_rig_plug(rig, plate, 1, 0);
        look_at_it();
        usb_rig_unplug(rig, plate, 0);
    }
    usb_rig_free(rig);
}

static void serial_numbers_that_lie(void **state)
{
    (void)state;
    static const char *const serials[] = {
        "",
        " ",
        "\033[2J\033[31mTF-0042",
        "../../../etc/passwd",
        "TF-0042?baud=1",
        "TF-00420000000000000000000000000000000000000000000000000000000000000000000000000000000000",
        "TF\xff\xfe\x80",
        "%s%s%s%n",
        "usb:",
        "TF 0042",
    };
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *plate = usb_rig_plate(rig, "TF-0042", 8, 8, 100);
    struct program program = {0};
    for (size_t i = 0; i < sizeof serials / sizeof serials[0]; i++) {
        usb_rig_lie(rig, NULL, 0, serials[i]);
        usb_rig_plug(rig, plate, 1, 0);
        unsigned found = look_at_it();
        if (found != 1)
            fail_msg("serial number '%s': %u found", serials[i], found);
        program_start(&program, (const char *const[]){"devices", NULL});
        assert_true(program_ends(&program, 10000));
        assert_int_equal(program.code, 0);
        for (const char *c = program_said(program.out); *c; c++)
            assert_true(*c == '\n' || (unsigned char)*c >= 0x20);
        usb_rig_unplug(rig, plate, 0);
    }
    usb_rig_free(rig);
}

int main(int argc, char **argv)
{
    (void)argc;
    usb_rig_preload(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_that_lie),
        cmocka_unit_test(descriptors_cut_and_emptied),
        cmocka_unit_test(serial_numbers_that_lie),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
