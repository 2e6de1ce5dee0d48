/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/usb/usb_rig.h"

#include "tests/usb/acm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { PLATES_MAX = 8, BUS = 1 };

/* A device that is, or was, on the bus. */
struct port {
    struct port *next;
    struct usbfs fs;
    UMockdevIoctlBase *base;
    struct usb_plate *plate; /* NULL once unplugged */
    unsigned port, address;
    char node[40], syspath[80];
};

struct usb_rig {
    UMockdevTestbed *testbed;
    gchar *root;
    pthread_mutex_t lock;
    pthread_t thread;
    int is_over;
    unsigned next_address;
    struct port *ports;
    struct usb_plate plates[PLATES_MAX];
    unsigned n_plates;
    const uint8_t *lie;
    size_t n_lie;
    const char *serial_lie;
    struct acm *acm; /* or NULL */
};

/* --- Beginning ------------------------------------------------------------------------------- */

/* The path of the sanitizer's runtime this program runs with, followed by ':'; or "". */
static void find_sanitizer(char *path, size_t cap)
{
    char line[600];
    FILE *maps = fopen("/proc/self/maps", "r");
    path[0] = '\0';
    while (maps && fgets(line, sizeof line, maps)) {
        char *at = strchr(line, '/');
        if (!at || !strstr(at, "libasan"))
            continue;
        at[strcspn(at, "\n")] = '\0';
        snprintf(path, cap, "%s:", at);
        break;
    }
    if (maps)
        fclose(maps);
}

void usb_rig_preload(char **argv)
{
    char sanitizer[500], list[600];
    if (getenv("USB_RIG_INSIDE"))
        return;
    find_sanitizer(sanitizer, sizeof sanitizer);
    snprintf(list, sizeof list, "%slibumockdev-preload.so.0", sanitizer);
    setenv("LD_PRELOAD", list, 1);
    setenv("USB_RIG_INSIDE", "1", 1);
    execv("/proc/self/exe", argv);
    perror("usb_rig: exec");
    exit(1);
}

/* --- The thread ------------------------------------------------------------------------------ */

static void round_of_all(struct usb_rig *rig, unsigned ms)
{
    for (unsigned i = 0; i < rig->n_plates; i++)
        usb_plate_step(&rig->plates[i]);
    for (struct port *port = rig->ports; port; port = port->next) {
        usbfs_look_who_left(&port->fs);
        if (port->plate)
            usbfs_round(&port->fs, ms);
    }
    if (rig->acm)
        acm_round(rig->acm);
}

static void *run(void *context)
{
    struct usb_rig *rig = context;
    uint64_t last_us = usb_plate_now_us();
    for (int is_over = 0; !is_over;) {
        usleep(1000);
        pthread_mutex_lock(&rig->lock);
        uint64_t now_us = usb_plate_now_us();
        unsigned ms = (unsigned)((now_us - last_us) / 1000u);
        last_us += ms * 1000u;
        round_of_all(rig, ms);
        is_over = rig->is_over;
        pthread_mutex_unlock(&rig->lock);
    }
    return NULL;
}

void usb_rig_lock(struct usb_rig *rig)
{
    pthread_mutex_lock(&rig->lock);
}

void usb_rig_unlock(struct usb_rig *rig)
{
    pthread_mutex_unlock(&rig->lock);
}

/* --- Made and freed -------------------------------------------------------------------------- */

static void add_root_hub(struct usb_rig *rig)
{
    static const char hub[] =
        "P: /devices/pci0000:00/0000:00:14.0/usb1\n"
        "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DRIVER=usb\n"
        "E: BUSNUM=001\nE: DEVNUM=001\nE: DEVNAME=/dev/bus/usb/001/001\n"
        "A: busnum=1\\n\nA: devnum=1\\n\nA: speed=480\\n\nA: bConfigurationValue=1\\n\n"
        "A: dev=189:0\\n\nA: idVendor=1d6b\\n\nA: idProduct=0002\\n\n"
        "H: descriptors=12010002090001406b1d02000106030201010902190001010000e000"
        "090400000109000000"
        "0705810304000c\n\n";
    assert_true(umockdev_testbed_add_from_string(rig->testbed, hub, NULL));
}

struct usb_rig *usb_rig_make(void)
{
    struct usb_rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    rig->testbed = umockdev_testbed_new();
    assert_true(umockdev_in_mock_environment());
    rig->root = umockdev_testbed_get_root_dir(rig->testbed);
    rig->next_address = 2;
    pthread_mutex_init(&rig->lock, NULL);
    add_root_hub(rig);
    assert_int_equal(pthread_create(&rig->thread, NULL, run, rig), 0);
    return rig;
}

/* Its node has had time to be forgotten: a program that was just opening it when it went would be
 * ended by umockdev's library if nobody listened there any more. */
static void free_port(struct usb_rig *rig, struct port *port)
{
    struct port **at = &rig->ports;
    assert_true(umockdev_testbed_detach_ioctl(rig->testbed, port->node, NULL));
    while (*at != port)
        at = &(*at)->next;
    *at = port->next;
    g_signal_handlers_disconnect_by_data(port->base, &port->fs);
    usbfs_free(&port->fs);
    g_object_unref(port->base);
    free(port);
}

void usb_rig_free(struct usb_rig *rig)
{
    for (unsigned i = 0; i < rig->n_plates; i++)
        if (usb_rig_device(rig, &rig->plates[i]))
            usb_rig_unplug(rig, &rig->plates[i], USB_RIG_PROPERLY);
    usb_rig_lock(rig);
    rig->is_over = 1;
    usb_rig_unlock(rig);
    pthread_join(rig->thread, NULL);
    while (rig->ports)
        free_port(rig, rig->ports);
    g_object_unref(rig->testbed);
    for (unsigned i = 0; i < rig->n_plates; i++)
        usb_plate_free(&rig->plates[i]);
    g_free(rig->root);
    pthread_mutex_destroy(&rig->lock);
    free(rig);
}

struct usb_plate *usb_rig_plate(struct usb_rig *rig, const char *serial, unsigned rows,
                                unsigned cols, unsigned rate_hz)
{
    assert_true(rig->n_plates < PLATES_MAX);
    struct usb_plate *plate = &rig->plates[rig->n_plates];
    usb_rig_lock(rig);
    usb_plate_make(plate, serial, rows, cols, rate_hz);
    rig->n_plates++;
    usb_rig_unlock(rig);
    return plate;
}

/* --- Plugging -------------------------------------------------------------------------------- */

static struct port *find_port(struct usb_rig *rig, const struct usb_plate *plate)
{
    struct port *port = rig->ports;
    while (port && port->plate != plate)
        port = port->next;
    return port;
}

struct usbfs *usb_rig_device(struct usb_rig *rig, const struct usb_plate *plate)
{
    struct port *port = find_port(rig, plate);
    return port ? &port->fs : NULL;
}

/* Those that left long ago and that no program holds any more. */
static void bury(struct usb_rig *rig)
{
    uint64_t now_us = usb_plate_now_us();
    usb_rig_lock(rig);
    for (struct port *port = rig->ports, *next; port; port = next) {
        next = port->next;
        if (!port->plate && !port->fs.clients && now_us - port->fs.gone_us > 3000000u)
            free_port(rig, port);
    }
    usb_rig_unlock(rig);
}

static void make_node(struct usb_rig *rig, struct port *port)
{
    char path[200];
    snprintf(path, sizeof path, "%s/dev/bus/usb/001", rig->root);
    assert_int_equal(g_mkdir_with_parents(path, 0755), 0);
    snprintf(path, sizeof path, "%s%s", rig->root, port->node);
    unlink(path);
    assert_int_equal(symlink(port->fs.node, path), 0);
}

static void remove_node(struct usb_rig *rig, const struct port *port)
{
    char path[200];
    snprintf(path, sizeof path, "%s%s", rig->root, port->node);
    unlink(path);
}

static void append_hex(GString *text, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        g_string_append_printf(text, "%02x", bytes[i]);
}

/* The device's entry in /sys and its udev message. One that nobody is to notice gets a type that
 * libusb does not listen for, and the right one afterwards. */
static void describe(struct usb_rig *rig, struct port *port, unsigned how)
{
    const struct usbfs *fs = &port->fs;
    GString *text = g_string_new(NULL);
    g_string_append_printf(
        text,
        "P: %s\nE: SUBSYSTEM=usb\nE: DEVTYPE=%s\nE: DRIVER=usb\n"
        "E: BUSNUM=%03d\nE: DEVNUM=%03u\nE: DEVNAME=%s\n"
        "A: busnum=%d\\n\nA: devnum=%u\\n\nA: devpath=%u\\n\nA: speed=12\\n\n"
        "A: bConfigurationValue=1\\n\nA: dev=189:%u\nA: bDeviceClass=%02x\\n\n"
        "A: idVendor=%02x%02x\\n\nA: idProduct=%02x%02x\\n\n"
        "A: manufacturer=%s\\n\nA: product=%s\\n\nA: serial=%s\\n\nH: descriptors=",
        port->syspath + 4, how & USB_RIG_UNNOTICED ? "unnoticed" : "usb_device", BUS, port->address,
        port->node, BUS, port->address, port->port, port->address - 1, fs->device[4], fs->device[9],
        fs->device[8], fs->device[11], fs->device[10], fs->strings[1], fs->strings[2],
        fs->strings[3]);
    if (rig->lie) {
        append_hex(text, rig->lie, rig->n_lie);
    } else {
        append_hex(text, fs->device, sizeof fs->device);
        append_hex(text, fs->configuration, fs->n_configuration);
    }
    g_string_append(text, "\n\n");
    GError *error = NULL;
    if (!umockdev_testbed_add_from_string(rig->testbed, text->str, &error))
        fail_msg("umockdev: %s", error->message);
    g_string_free(text, TRUE);
    if (how & USB_RIG_UNNOTICED)
        umockdev_testbed_set_property(rig->testbed, port->syspath, "DEVTYPE", "usb_device");
    if (how & USB_RIG_TWICE)
        umockdev_testbed_uevent(rig->testbed, port->syspath, "add");
}

struct usbfs *usb_rig_plug(struct usb_rig *rig, struct usb_plate *plate, unsigned number,
                           unsigned how)
{
    struct port *port = calloc(1, sizeof *port);
    assert_non_null(port);
    assert_null(find_port(rig, plate));
    bury(rig);
    port->port = number;
    port->address = rig->next_address;
    rig->next_address = rig->next_address == 127 ? 2 : rig->next_address + 1;
    snprintf(port->node, sizeof port->node, "/dev/bus/usb/%03d/%03u", BUS, port->address);
    snprintf(port->syspath, sizeof port->syspath, "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-%u",
             number);
    port->fs.lock = &rig->lock;
    port->fs.plate = plate;
    usbfs_open_node(&port->fs);
    usb_rig_lock(rig);
    if (!plate->is_on)
        usb_plate_power(plate, 1);
    int enumerated = usbfs_enumerate(&port->fs);
    port->plate = plate;
    port->next = rig->ports;
    rig->ports = port;
    usb_rig_unlock(rig);
    assert_int_equal(enumerated, 0);
    port->base = umockdev_ioctl_base_new();
    g_signal_connect(port->base, "client-connected", G_CALLBACK(usbfs_connected), &port->fs);
    g_signal_connect(port->base, "handle-ioctl", G_CALLBACK(usbfs_answer), &port->fs);
    assert_true(umockdev_testbed_attach_ioctl(rig->testbed, port->node, port->base, NULL));
    make_node(rig, port);
    describe(rig, port, how);
    return &port->fs;
}

void usb_rig_unplug(struct usb_rig *rig, struct usb_plate *plate, unsigned how)
{
    struct port *port = find_port(rig, plate);
    assert_non_null(port);
    usb_rig_lock(rig);
    usbfs_pull(&port->fs);
    port->plate = NULL;
    if (how & USB_RIG_POWERED)
        usb_bus_reset(plate->bus); /* no bus any more: the links are closed */
    else
        usb_plate_power(plate, 0);
    usb_rig_unlock(rig);
    remove_node(rig, port);
    if (!(how & USB_RIG_UNNOTICED))
        umockdev_testbed_uevent(rig->testbed, port->syspath, "remove");
    if (how & USB_RIG_TWICE)
        umockdev_testbed_uevent(rig->testbed, port->syspath, "remove");
    umockdev_testbed_remove_device(rig->testbed, port->syspath);
}

void usb_rig_call(struct usb_rig *rig, const struct usb_plate *plate, const char *product)
{
    struct port *port = find_port(rig, plate);
    assert_non_null(port);
    umockdev_testbed_set_attribute(rig->testbed, port->syspath, "product", product);
}

void usb_rig_show_tty(struct usb_rig *rig, const struct usb_plate *plate)
{
    struct port *port = find_port(rig, plate);
    assert_non_null(port);
    struct acm *acm = acm_make(rig->testbed, port->syspath, &port->fs);
    usb_rig_lock(rig);
    rig->acm = acm;
    usb_rig_unlock(rig);
}

void usb_rig_hide_tty(struct usb_rig *rig)
{
    usb_rig_lock(rig);
    struct acm *acm = rig->acm;
    rig->acm = NULL;
    usb_rig_unlock(rig);
    acm_free(acm);
}

void usb_rig_lie(struct usb_rig *rig, const uint8_t *descriptors, size_t n, const char *serial)
{
    rig->lie = descriptors;
    rig->n_lie = n;
    rig->serial_lie = serial;
}

void usb_rig_tell_left(struct usb_rig *rig, const struct usb_plate *plate)
{
    struct port *port = find_port(rig, plate);
    assert_non_null(port);
    umockdev_testbed_uevent(rig->testbed, port->syspath, "remove");
}

void usb_rig_tell_again(struct usb_rig *rig, const struct usb_plate *plate)
{
    struct port *port = find_port(rig, plate);
    assert_non_null(port);
    umockdev_testbed_uevent(rig->testbed, port->syspath, "add");
}

void usb_rig_permit(struct usb_rig *rig, const struct usb_plate *plate, unsigned mode)
{
    struct port *port = find_port(rig, plate);
    assert_non_null(port);
    assert_int_equal(fchmod(port->fs.slave, mode), 0);
}
