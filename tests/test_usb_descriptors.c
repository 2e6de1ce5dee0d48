/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the plate says of itself on the bus, held against the standards by a checker that knows
 * nothing of how the bytes were made; and the checker against bytes that are wrong on purpose. */
#include "firmware/core/plate.h"
#include "firmware/wire/usb_id.h"
#include "tests/support/usb_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define CONFIGURATION_MAX 512
#define INTERFACES_MAX 8

static unsigned u16_at(const uint8_t *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

/* --- The checker: each function gives NULL or the rule that is broken ------------------------ */

/* USB 2.0, table 9-8. */
static const char *check_device(const uint8_t *d, size_t n)
{
    if (n != 18 || d[0] != 18 || d[1] != 1)
        return "device: length or type";
    if (u16_at(d + 2) < 0x0201 || u16_at(d + 2) > 0x0210)
        return "device: bcdUSB of a full-speed device with a BOS is 2.01 or 2.10";
    if (d[4] != 0xEF || d[5] != 2 || d[6] != 1)
        return "device: interface associations need class EF 02 01";
    if (d[7] != 8 && d[7] != 16 && d[7] != 32 && d[7] != 64)
        return "device: bMaxPacketSize0";
    return d[17] == 1 ? NULL : "device: bNumConfigurations";
}

/* What has been seen on the way through a configuration. */
struct seen {
    int interfaces; /* numbers so far: 0..interfaces - 1 */
    int setting;    /* of the interface at hand */
    unsigned class[INTERFACES_MAX], subclass[INTERFACES_MAX], protocol[INTERFACES_MAX];
    int endpoints_due;   /* of the setting at hand */
    int owner_of[2][16]; /* interface + 1 that uses an endpoint number, OUT and IN */
    int association_first, association_end; /* interfaces that are in one */
    unsigned association_class;
    unsigned bulk_in[INTERFACES_MAX], bulk_out[INTERFACES_MAX], interrupt_in[INTERFACES_MAX];
    /* CDC functional descriptors of the interface at hand */
    int has_header, has_union, has_calls, has_acm;
    unsigned calls_data, union_data;
};

static const char *end_setting(const struct seen *s)
{
    return s->endpoints_due == 0 ? NULL : "interface: bNumEndpoints is more than there are";
}

/* Table 9-12: numbers from 0 on without a gap, settings likewise; one class for all settings. */
static const char *check_interface(struct seen *s, const uint8_t *d)
{
    const char *wrong = end_setting(s);
    if (wrong)
        return wrong;
    if (d[0] != 9)
        return "interface: bLength";
    if (d[2] == s->interfaces && d[3] == 0 && s->interfaces < INTERFACES_MAX) {
        s->class[d[2]] = d[5];
        s->subclass[d[2]] = d[6];
        s->protocol[d[2]] = d[7];
        s->interfaces++;
        s->setting = 0;
    } else if (d[2] + 1 == s->interfaces && d[3] == s->setting + 1) {
        s->setting++;
    } else {
        return "interface: number or setting out of order";
    }
    if (d[5] != s->class[d[2]] || d[6] != s->subclass[d[2]] || d[7] != s->protocol[d[2]])
        return "interface: its settings are of different classes";
    if (d[2] == s->association_first && s->association_class != d[5])
        return "association: its class is not its first interface's";
    s->endpoints_due = d[4];
    return NULL;
}

/* Table 9-13 and 5.8.3, 5.7.3 for full speed. */
static const char *check_endpoint(struct seen *s, const uint8_t *d)
{
    unsigned number = d[2] & 15u, is_in = d[2] >> 7, size = u16_at(d + 4);
    int interface = s->interfaces - 1;
    if (d[0] != 7 || interface < 0 || s->endpoints_due-- == 0)
        return "endpoint: length, or more than bNumEndpoints";
    if (number == 0 || (d[2] & 0x70) != 0)
        return "endpoint: address";
    if (s->owner_of[is_in][number] && s->owner_of[is_in][number] != interface + 1)
        return "endpoint: two interfaces have it";
    s->owner_of[is_in][number] = interface + 1;
    if (d[3] == 2) {
        if (size != 8 && size != 16 && size != 32 && size != 64)
            return "endpoint: size of a bulk packet";
        (is_in ? s->bulk_in : s->bulk_out)[interface]++;
    } else if (d[3] == 3) {
        if (size == 0 || size > 64 || d[6] == 0)
            return "endpoint: size or interval of interrupts";
        s->interrupt_in[interface] += is_in;
    } else {
        return "endpoint: attributes";
    }
    return NULL;
}

/* Interface Association Descriptors ECN, table 9-Z: before its first interface, all together. */
static const char *check_association(struct seen *s, const uint8_t *d)
{
    const char *wrong = end_setting(s);
    if (wrong)
        return wrong;
    if (d[0] != 8 || d[2] != s->interfaces || d[3] < 2 || d[2] < s->association_end)
        return "association: length, place or number of interfaces";
    if (d[4] == 0)
        return "association: no class";
    s->association_first = d[2];
    s->association_end = d[2] + d[3];
    s->association_class = d[4];
    return NULL;
}

/* CDC 1.2, 5.2.3 and PSTN 1.2, 5.3: behind the interface, before its endpoints, header first. */
static const char *check_functional(struct seen *s, const uint8_t *d)
{
    int interface = s->interfaces - 1;
    if (interface < 0 || s->class[interface] != 2 || s->interrupt_in[interface] > 0)
        return "functional: not behind a communication interface";
    if (!s->has_header)
        return d[2] == 0 && d[0] == 5 && u16_at(d + 3) >= 0x0110 && (s->has_header = 1)
                   ? NULL
                   : "functional: the header is not first";
    switch (d[2]) {
    case 1:
        s->has_calls++;
        s->calls_data = d[4];
        return d[0] == 5 && (d[3] & ~3) == 0 ? NULL : "functional: call management";
    case 2:
        s->has_acm++;
        return d[0] == 4 && (d[3] & ~15) == 0 ? NULL : "functional: abstract control model";
    case 6:
        s->has_union++;
        s->union_data = d[4];
        return d[0] == 5 && d[3] == interface ? NULL : "functional: union";
    default:
        return "functional: subtype";
    }
}

static const char *check_one(struct seen *s, const uint8_t *d)
{
    switch (d[1]) {
    case 4:
        return check_interface(s, d);
    case 5:
        return check_endpoint(s, d);
    case 11:
        return check_association(s, d);
    case 0x24:
        return check_functional(s, d);
    default:
        return "configuration: a descriptor of unknown type";
    }
}

static const char *check_serial_function(const struct seen *s)
{
    if (!s->has_header || s->has_calls != 1 || s->has_acm != 1 || s->has_union != 1)
        return "serial: a functional descriptor is missing or there twice";
    unsigned data = s->union_data;
    if (data != s->calls_data || (int)data >= s->interfaces || s->class[data] != 0x0A)
        return "serial: no data interface";
    if (s->bulk_in[data] != 1 || s->bulk_out[data] != 1 || s->interrupt_in[data - 1] != 1)
        return "serial: endpoints";
    return (int)data < s->association_end && s->association_first == (int)data - 1
               ? NULL
               : "serial: its interfaces are in no association";
}

static const char *check_configuration(const uint8_t *c, size_t n)
{
    struct seen s = {.association_first = -1};
    if (n < 9 || c[0] != 9 || c[1] != 2 || u16_at(c + 2) != n || c[5] == 0)
        return "configuration: length, type, total length or value";
    if ((c[7] & 0x9F) != 0x80)
        return "configuration: reserved bits of bmAttributes";
    if (!(c[7] & 0x40) && (c[8] == 0 || c[8] > 250))
        return "configuration: bus powered by 2 to 500 mA";
    for (size_t at = 9; at < n; at += c[at]) {
        if (n - at < 2 || c[at] < 2 || c[at] > n - at)
            return "configuration: a descriptor ends outside";
        const char *wrong = check_one(&s, c + at);
        if (wrong)
            return wrong;
    }
    if (s.interfaces != c[4])
        return "configuration: bNumInterfaces";
    if (s.association_end > s.interfaces)
        return "association: more interfaces than there are";
    const char *wrong = end_setting(&s);
    return wrong ? wrong : check_serial_function(&s);
}

/* --- The plate's own bytes ------------------------------------------------------------------- */

struct read_out {
    uint8_t device[18];
    uint8_t configuration[CONFIGURATION_MAX], bos[256];
    size_t n_configuration, n_bos;
};

static void read_all(struct usb_host *host, struct read_out *all)
{
    usb_host_plug(host);
    usb_host_enumerate(host);
    assert_int_equal(usb_host_ask(host, 0x80, 6, 0x0100, 0, 255), 18);
    memcpy(all->device, host->data, 18);
    all->n_configuration = (size_t)usb_host_ask(host, 0x80, 6, 0x0200, 0, CONFIGURATION_MAX);
    memcpy(all->configuration, host->data, all->n_configuration);
    all->n_bos = (size_t)usb_host_ask(host, 0x80, 6, 0x0F00, 0, 256);
    memcpy(all->bos, host->data, all->n_bos);
}

static void the_descriptors_keep_the_rules(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    struct read_out all;
    read_all(host, &all);
    const char *wrong = check_device(all.device, sizeof all.device);
    if (!wrong)
        wrong = check_configuration(all.configuration, all.n_configuration);
    if (wrong)
        fail_msg("%s", wrong);
    assert_int_equal(u16_at(all.device + 8), USB_ID_VENDOR);
    assert_int_equal(u16_at(all.device + 10), USB_ID_PRODUCT);
    assert_int_equal(u16_at(all.device + 12), 0x0123);
    /* honest about its power: from the bus, and the light and buzzer may take all of it */
    assert_int_equal(all.configuration[7], 0x80);
    assert_int_equal(all.configuration[8], 250);
    usb_host_free(host);
}

/* Each byte of the configuration that the standard fixes, spoilt one after the other. */
static void the_checker_sees_what_is_wrong(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    struct read_out all;
    unsigned seen = 0, names = 0;
    read_all(host, &all);
    for (size_t i = 0; i < all.n_configuration; i++)
        for (int bit = 0; bit < 8; bit++) {
            uint8_t bad[CONFIGURATION_MAX];
            memcpy(bad, all.configuration, all.n_configuration);
            bad[i] ^= (uint8_t)(1u << bit);
            seen += check_configuration(bad, all.n_configuration) != NULL;
            names++;
        }
    print_message("%u of %u flipped bits are seen\n", seen, names);
    /* names, classes, power and intervals may be anything: less than a third of the bits */
    assert_true(3 * seen > 2 * names);
    for (size_t n = 0; n < all.n_configuration; n++)
        assert_non_null(check_configuration(all.configuration, n));
    usb_host_free(host);
}

/* The vendor interface: at rest no endpoint, in setting 1 a bulk pair; and its class triple. */
static void the_stream_has_two_settings(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    struct read_out all;
    int endpoints[2] = {-1, -1};
    read_all(host, &all);
    for (size_t at = 9; at < all.n_configuration; at += all.configuration[at]) {
        const uint8_t *d = all.configuration + at;
        if (d[1] != 4 || d[5] != USB_ID_INTERFACE_CLASS)
            continue;
        assert_int_equal(d[2], 0);
        assert_int_equal(d[6], USB_ID_INTERFACE_SUBCLASS);
        assert_int_equal(d[7], USB_ID_INTERFACE_PROTOCOL);
        assert_in_range(d[3], 0, 1);
        endpoints[d[3]] = d[4];
    }
    assert_int_equal(endpoints[USB_ID_SETTING_REST], 0);
    assert_int_equal(endpoints[USB_ID_SETTING_STREAM], 2);
    usb_host_free(host);
}

/* --- Names ----------------------------------------------------------------------------------- */

static void read_string(struct usb_host *host, unsigned index, unsigned language, char *text)
{
    int n = usb_host_ask(host, 0x80, 6, 0x0300 | index, language, 255);
    assert_true(n >= 4 && n % 2 == 0);
    assert_int_equal(host->data[0], n);
    assert_int_equal(host->data[1], 3);
    for (int i = 2; i < n; i += 2) {
        assert_in_range(host->data[i], 0x20, 0x7E);
        assert_int_equal(host->data[i + 1], 0);
        *text++ = (char)host->data[i];
    }
    *text = 0;
}

/* Each index that any descriptor names is answered, in the language that index 0 tells. */
static void every_name_is_answered(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    struct read_out all;
    char text[128];
    read_all(host, &all);
    assert_int_equal(usb_host_ask(host, 0x80, 6, 0x0300, 0, 255), 4);
    assert_int_equal(host->data[0], 4);
    assert_int_equal(host->data[1], 3);
    unsigned language = u16_at(host->data + 2), names = 0;
    assert_int_equal(language, 0x0409);
    for (size_t at = 0; at < all.n_configuration; at += all.configuration[at]) {
        const uint8_t *d = all.configuration + at;
        unsigned index = d[1] == 2 ? d[6] : d[1] == 4 ? d[8] : d[1] == 11 ? d[7] : 0;
        if (index == 0)
            continue;
        read_string(host, index, language, text);
        names++;
    }
    assert_true(names >= 4);
    read_string(host, all.device[14], language, text);
    assert_string_equal(text, "A. Maker");
    read_string(host, all.device[15], language, text);
    assert_string_equal(text, "Rig plate");
    read_string(host, all.device[16], language, text);
    assert_string_equal(text, "RIG-0001");
    assert_int_equal(usb_host_ask(host, 0x80, 6, 0x0303, 0x0407, 255), USB_BUS_STALL);
    assert_int_equal(usb_host_ask(host, 0x80, 6, 0x0306, language, 255), USB_BUS_STALL);
    assert_int_equal(usb_host_ask(host, 0x80, 6, 0x03EE, language, 255), USB_BUS_STALL);
    usb_host_free(host);
}

/* The longest names that are allowed are told whole; longer ones are refused at the start. */
static void names_have_their_bounds(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    char name[62], text[128];
    memset(name, 'x', sizeof name);
    name[60] = 0;
    host->config.manufacturer = name;
    host->config.serial = "0123456789ABCDEF01234567";
    usb_host_plug(host);
    usb_host_enumerate(host);
    read_string(host, 1, 0x0409, text);
    assert_string_equal(text, name);
    read_string(host, 3, 0x0409, text);
    assert_string_equal(text, host->config.serial);
    struct usb_device device;
    struct usb_device_config c;
#define REFUSES(field, value)                                                                      \
    (c = host->config, c.field = (value), assert_non_null(usb_device_init(&device, &c)))
    name[60] = 'x';
    name[61] = 0;
    REFUSES(manufacturer, name);
    name[60] = 0;
    REFUSES(product, NULL);
    REFUSES(product, "");
    REFUSES(serial, "0123456789ABCDEF012345678");
    REFUSES(serial, "bell\a");
    REFUSES(landing_page, "ftp://plate.example");
    REFUSES(out_ring_bytes, 128);
    REFUSES(out_ring_bytes, 1000);
    REFUSES(out_ring_bytes, 131072);
    REFUSES(out_ring[1], NULL);
    REFUSES(controller, NULL);
    struct usb_controller controller = *host->config.controller;
    controller.cancel = NULL;
    REFUSES(controller, &controller);
    usb_host_free(host);
}

/* --- Platforms ------------------------------------------------------------------------------- */

static const uint8_t microsoft_uuid[16] = {0xDF, 0x60, 0xDD, 0xD8, 0x89, 0x45, 0xC7, 0x4C,
                                           0x9C, 0xD2, 0x65, 0x9D, 0x9E, 0x64, 0x8A, 0x9F};
static const uint8_t webusb_uuid[16] = {0x38, 0xB6, 0x08, 0x34, 0xA9, 0x09, 0xA0, 0x47,
                                        0x8B, 0xFD, 0xA0, 0x76, 0x88, 0x15, 0xB6, 0x65};

/* USB 3.2, 9.6.2: the set's own length and number of capabilities; a platform by its UUID. */
static const uint8_t *find_platform(const uint8_t *bos, size_t n, const uint8_t uuid[16])
{
    const uint8_t *found = NULL;
    unsigned capabilities = 0;
    assert_int_equal(bos[0], 5);
    assert_int_equal(bos[1], 15);
    assert_int_equal(u16_at(bos + 2), n);
    for (size_t at = 5; at < n; at += bos[at]) {
        assert_true(bos[at] >= 3 && bos[at] <= n - at);
        assert_int_equal(bos[at + 1], 16);
        capabilities++;
        if (bos[at + 2] != 5)
            continue;
        assert_int_equal(bos[at + 3], 0);
        if (memcmp(bos + at + 4, uuid, 16) == 0)
            found = bos + at;
    }
    assert_int_equal(bos[4], capabilities);
    return found;
}

static void a_browser_finds_the_landing_page(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    struct read_out all;
    read_all(host, &all);
    const uint8_t *webusb = find_platform(all.bos, all.n_bos, webusb_uuid);
    assert_non_null(webusb);
    assert_int_equal(webusb[0], 24);
    assert_int_equal(u16_at(webusb + 20), 0x0100);
    unsigned code = webusb[22], page = webusb[23];
    assert_int_not_equal(page, 0);
    int n = usb_host_ask(host, 0xC0, code, page, 2, 255);
    assert_int_equal(n, 3 + (int)strlen("plate.example/start"));
    assert_int_equal(host->data[0], n);
    assert_int_equal(host->data[1], 3);
    assert_int_equal(host->data[2], 1); /* https */
    assert_memory_equal(host->data + 3, "plate.example/start", (size_t)n - 3);
    assert_int_equal(usb_host_ask(host, 0xC0, code, page + 1, 2, 255), USB_BUS_STALL);
    assert_int_equal(usb_host_ask(host, 0xC0, code, page, 1, 255), USB_BUS_STALL);
    assert_int_equal(usb_host_ask(host, 0xC1, code, page, 2, 255), USB_BUS_STALL);
    host->config.landing_page = "http://a";
    usb_host_plug(host);
    usb_host_enumerate(host);
    assert_int_equal(usb_host_ask(host, 0xC0, code, page, 2, 255), 4);
    assert_memory_equal(host->data, "\4\3\0a", 4);
    host->config.landing_page = NULL;
    read_all(host, &all);
    assert_int_equal(find_platform(all.bos, all.n_bos, webusb_uuid)[23], 0);
    assert_int_equal(usb_host_ask(host, 0xC0, code, 1, 2, 255), USB_BUS_STALL);
    usb_host_free(host);
}

/* UTF-16LE with its NUL, as Windows wants it. */
static int is_utf16(const uint8_t *p, size_t n, const char *text)
{
    if (n != 2 * strlen(text) + 2)
        return 0;
    for (size_t i = 0; i < n / 2; i++)
        if (p[2 * i] != (uint8_t)text[i] || p[2 * i + 1] != 0)
            return 0;
    return 1;
}

/* A REG_MULTI_SZ with one GUID: {8-4-4-4-12 hex digits}. */
static void check_guid(const uint8_t *p, size_t n)
{
    static const char shape[] = "{hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh}";
    assert_int_equal(n, 2 * (sizeof shape + 1));
    for (size_t i = 0; i < n / 2; i++) {
        char c = (char)p[2 * i], wanted = i < sizeof shape ? shape[i] : 0;
        assert_int_equal(p[2 * i + 1], 0);
        assert_true(wanted == 'h' ? c && strchr("0123456789ABCDEF", c) != NULL : c == wanted);
    }
}

/* Microsoft OS 2.0: subsets within subsets, each with the length of all that is in it. */
static void windows_is_told_winusb_for_the_stream(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    struct read_out all;
    read_all(host, &all);
    const uint8_t *microsoft = find_platform(all.bos, all.n_bos, microsoft_uuid);
    assert_non_null(microsoft);
    assert_int_equal(microsoft[0], 28);
    assert_memory_equal(microsoft + 20, "\0\0\3\6", 4);
    unsigned size = u16_at(microsoft + 24), code = microsoft[26];
    int n = usb_host_ask(host, 0xC0, code, 0, 7, 4096);
    const uint8_t *set = host->data;
    assert_int_equal(n, size);
    assert_int_equal(u16_at(set), 10);
    assert_int_equal(u16_at(set + 2), 0); /* set header */
    assert_memory_equal(set + 4, "\0\0\3\6", 4);
    assert_int_equal(u16_at(set + 8), size);
    assert_int_equal(u16_at(set + 10), 8);
    assert_int_equal(u16_at(set + 12), 1); /* configuration subset */
    assert_int_equal(set[14], 0);
    assert_int_equal(u16_at(set + 16), size - 10);
    assert_int_equal(u16_at(set + 18), 8);
    assert_int_equal(u16_at(set + 20), 2); /* function subset */
    assert_int_equal(set[22], 0);          /* the vendor interface */
    assert_int_equal(u16_at(set + 24), size - 18);
    assert_int_equal(u16_at(set + 26), 20);
    assert_int_equal(u16_at(set + 28), 3); /* compatible id */
    assert_memory_equal(set + 30, "WINUSB\0\0\0\0\0\0\0\0\0\0", 16);
    const uint8_t *property = set + 46;
    assert_int_equal(u16_at(property), size - 46);
    assert_int_equal(u16_at(property + 2), 4);
    assert_int_equal(u16_at(property + 4), 7); /* REG_MULTI_SZ */
    unsigned name = u16_at(property + 6);
    assert_true(is_utf16(property + 8, name, "DeviceInterfaceGUIDs"));
    unsigned guids = u16_at(property + 8 + name);
    assert_int_equal(u16_at(property), 10 + name + guids);
    check_guid(property + 10 + name, guids);
    assert_int_equal(usb_host_ask(host, 0xC0, code, 0, 8, 4096), USB_BUS_STALL);
    assert_int_equal(usb_host_ask(host, 0xC0, code, 1, 7, 4096), USB_BUS_STALL);
    usb_host_free(host);
}

/* The firmware's version is written twice, for people and for bcdDevice (USB 2.0, 9.6.1). */
static void both_versions_are_one(void **state)
{
    (void)state;
    unsigned major, minor, patch;
    assert_int_equal(sscanf(PLATE_CORE_VERSION, "%2u.%1u.%1u", &major, &minor, &patch), 3);
    unsigned bcd = major / 10 << 12 | major % 10 << 8 | minor << 4 | patch;
    assert_int_equal(PLATE_CORE_VERSION_BCD, bcd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_descriptors_keep_the_rules),
        cmocka_unit_test(the_checker_sees_what_is_wrong),
        cmocka_unit_test(the_stream_has_two_settings),
        cmocka_unit_test(every_name_is_answered),
        cmocka_unit_test(names_have_their_bounds),
        cmocka_unit_test(a_browser_finds_the_landing_page),
        cmocka_unit_test(windows_is_told_winusb_for_the_stream),
        cmocka_unit_test(both_versions_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
