/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/usb/acm.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#define NODE "/dev/ttyACM0"
enum { PACKET = USB_PACKET_MAX, PACKETS_PER_ROUND = 64, OPENS_MAX = 8 };

struct acm {
    UMockdevTestbed *testbed;
    UMockdevIoctlBase *base;
    char syspath[160], interfaces[2][120]; /* the port's; the stream's, and that behind the port */
    struct usbfs *fs;
    uint8_t stream_number, interface_number, in, out;
    int master;
    UMockdevIoctlClient *opens[OPENS_MAX];
    int has_dtr;
    uint8_t to_plate[PACKET], to_host[PACKET];
    size_t n_to_plate, n_to_host, host_took;
};

/* --- The port -------------------------------------------------------------------------------- */

/* A pseudo terminal has no modem lines; the rest is its own. */
static gboolean answer(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer context)
{
    gulong request = umockdev_ioctl_client_get_request(client);
    int error = 0, result = 0;
    (void)base, (void)context;
    if (request == TIOCMGET) {
        UMockdevIoctlData *value = umockdev_ioctl_data_resolve(
            umockdev_ioctl_client_get_arg(client), 0, sizeof(int), NULL);
        if (value) {
            *(int *)(void *)value->data = TIOCM_CTS | TIOCM_DSR | TIOCM_CAR;
            g_object_unref(value);
        }
    } else if (request != TIOCMSET && request != TIOCMBIS && request != TIOCMBIC) {
        result = umockdev_ioctl_client_execute(client, &error, NULL);
    }
    umockdev_ioctl_client_complete(client, result, error);
    return TRUE;
}

static void opened(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer context)
{
    struct acm *acm = context;
    (void)base;
    pthread_mutex_lock(acm->fs->lock);
    for (unsigned i = 0; i < OPENS_MAX; i++)
        if (!acm->opens[i]) {
            acm->opens[i] = g_object_ref(client);
            break;
        }
    pthread_mutex_unlock(acm->fs->lock);
}

static int is_open(struct acm *acm)
{
    int n = 0;
    for (unsigned i = 0; i < OPENS_MAX; i++) {
        if (acm->opens[i] && !umockdev_ioctl_client_get_connected(acm->opens[i]))
            g_clear_object(&acm->opens[i]);
        n += acm->opens[i] != NULL;
    }
    return n > 0;
}

/* --- The function ---------------------------------------------------------------------------- */

static void find_function(struct acm *acm)
{
    const struct usbfs *fs = acm->fs;
    uint8_t class = 0;
    for (size_t at = 0; at + 3 <= fs->n_configuration; at += fs->configuration[at]) {
        const uint8_t *d = fs->configuration + at;
        if (d[1] == 4) {
            class = d[5];
            acm->stream_number = class == 0xFF ? d[2] : acm->stream_number;
            acm->interface_number = class == 2 ? d[2] : acm->interface_number;
        }
        if (d[1] == 5 && class == 10)
            *(d[2] & 0x80u ? &acm->in : &acm->out) = d[2];
    }
    assert_true(acm->in && acm->out);
}

/* SET_CONTROL_LINE_STATE: DTR and RTS. */
static void set_lines(struct acm *acm, int on)
{
    uint8_t setup[8] = {0x21, 0x22, on ? 3 : 0, 0, acm->interface_number, 0, 0, 0};
    usb_bus_control(acm->fs->plate->bus, setup, NULL);
    acm->has_dtr = on;
    acm->n_to_plate = acm->n_to_host = 0;
    tcflush(acm->master, TCIOFLUSH);
}

static int pass_to_plate(struct acm *acm)
{
    if (!acm->n_to_plate) {
        ssize_t n = read(acm->master, acm->to_plate, PACKET);
        acm->n_to_plate = n > 0 ? (size_t)n : 0;
    }
    if (!acm->n_to_plate ||
        usb_bus_out(acm->fs->plate->bus, acm->out, acm->to_plate, acm->n_to_plate) < 0)
        return 0;
    acm->n_to_plate = 0;
    return 1;
}

static int pass_to_host(struct acm *acm)
{
    if (!acm->n_to_host) {
        int n = usb_bus_in(acm->fs->plate->bus, acm->in, acm->to_host);
        acm->n_to_host = n > 0 ? (size_t)n : 0;
        acm->host_took = 0;
    }
    while (acm->host_took < acm->n_to_host) {
        ssize_t n =
            write(acm->master, acm->to_host + acm->host_took, acm->n_to_host - acm->host_took);
        if (n <= 0)
            return 0;
        acm->host_took += (size_t)n;
    }
    int any = acm->n_to_host > 0;
    acm->n_to_host = 0;
    return any;
}

void acm_round(struct acm *acm)
{
    if (acm->fs->is_gone)
        return;
    int on = is_open(acm);
    if (on != acm->has_dtr)
        set_lines(acm, on);
    for (unsigned i = 0; on && i < PACKETS_PER_ROUND; i++) {
        int any = pass_to_plate(acm);
        if (!pass_to_host(acm) && !any)
            break;
    }
}

/* --- Made and freed -------------------------------------------------------------------------- */

/* The entries in /sys: two interfaces of the device, and the port. */
static void describe(struct acm *acm, const char *device_syspath, char *text, size_t cap)
{
    const char *device = strrchr(device_syspath, '/') + 1;
    const unsigned numbers[2] = {acm->stream_number, acm->interface_number};
    for (unsigned i = 0; i < 2; i++)
        snprintf(acm->interfaces[i], sizeof acm->interfaces[i], "%s/%s:1.%u", device_syspath,
                 device, numbers[i]);
    snprintf(acm->syspath, sizeof acm->syspath, "%s/tty/ttyACM0", acm->interfaces[1]);
    snprintf(
        text, cap,
        "P: %s\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\n"
        "A: bInterfaceClass=ff\\n\nA: bInterfaceSubClass=54\\n\nA: bInterfaceProtocol=46\\n\n\n"
        "P: %s\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_interface\n"
        "A: bInterfaceClass=02\\n\nA: bInterfaceSubClass=02\\n\nA: bInterfaceProtocol=01\\n\n\n"
        "P: %s\nN: ttyACM0\nE: SUBSYSTEM=tty\nE: DEVNAME=" NODE "\n"
        "E: MAJOR=166\nE: MINOR=0\nA: dev=166:0\\n\nL: device=../../../%s:1.%u\n\n",
        acm->interfaces[0] + 4, acm->interfaces[1] + 4, acm->syspath + 4, device,
        acm->interface_number);
}

struct acm *acm_make(UMockdevTestbed *testbed, const char *device_syspath, struct usbfs *fs)
{
    struct acm *acm = calloc(1, sizeof *acm);
    char text[1200];
    assert_non_null(acm);
    acm->testbed = testbed;
    acm->fs = fs;
    find_function(acm);
    describe(acm, device_syspath, text, sizeof text);
    acm->base = umockdev_ioctl_base_new();
    g_signal_connect(acm->base, "client-connected", G_CALLBACK(opened), acm);
    g_signal_connect(acm->base, "handle-ioctl", G_CALLBACK(answer), acm);
    assert_true(umockdev_testbed_attach_ioctl(testbed, NODE, acm->base, NULL));
    assert_true(umockdev_testbed_add_from_string(testbed, text, NULL));
    acm->master = umockdev_testbed_get_dev_fd(testbed, NODE);
    assert_true(acm->master >= 0);
    fcntl(acm->master, F_SETFL, O_NONBLOCK);
    fcntl(acm->master, F_SETFD, FD_CLOEXEC);
    return acm;
}

void acm_free(struct acm *acm)
{
    umockdev_testbed_uevent(acm->testbed, acm->syspath, "remove");
    umockdev_testbed_remove_device(acm->testbed, acm->syspath);
    for (unsigned i = 0; i < 2; i++)
        umockdev_testbed_remove_device(acm->testbed, acm->interfaces[i]);
    assert_true(umockdev_testbed_detach_ioctl(acm->testbed, NODE, NULL));
    g_signal_handlers_disconnect_by_data(acm->base, acm);
    for (unsigned i = 0; i < OPENS_MAX; i++)
        g_clear_object(&acm->opens[i]);
    g_object_unref(acm->base);
    free(acm);
}
