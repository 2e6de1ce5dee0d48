/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/transport/serial_find.h"

#include "firmware/wire/usb_id.h"

#include <dirent.h>
#include <libserialport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void copy_text(char *to, size_t cap, const char *from)
{
    snprintf(to, cap, "%s", from ? from : "");
}

static void read_port(struct sp_port *port, struct serial_device *device)
{
    *device = (struct serial_device){.is_usb = sp_get_port_transport(port) == SP_TRANSPORT_USB};
    if (!device->is_usb)
        return;
    if (sp_get_port_usb_vid_pid(port, &device->vendor, &device->product) != SP_OK)
        device->vendor = device->product = 0;
    copy_text(device->serial, sizeof device->serial, sp_get_port_usb_serial(port));
}

void serial_device_of(const char *path, struct serial_device *device)
{
    struct sp_port *port;
    *device = (struct serial_device){0};
    if (sp_get_port_by_name(path, &port) != SP_OK)
        return;
    read_port(port, device);
    sp_free_port(port);
}

static int is_same_device(const struct serial_device *a, const struct serial_device *b)
{
    return b->is_usb && a->vendor == b->vendor && a->product == b->product &&
           !strcmp(a->serial, b->serial);
}

int serial_find_again(const struct serial_device *device, char *path, size_t cap)
{
    struct sp_port **ports;
    char found[256] = "";
    if (sp_list_ports(&ports) != SP_OK)
        return 0;
    for (size_t i = 0; ports[i]; i++) {
        struct serial_device there;
        const char *name = sp_get_port_name(ports[i]);
        read_port(ports[i], &there);
        if (is_same_device(device, &there) && (!found[0] || !strcmp(name, path)))
            copy_text(found, sizeof found, name);
    }
    sp_free_port_list(ports);
    if (found[0])
        copy_text(path, cap, found);
    return found[0] != '\0';
}

/* --- A plate's own port ---------------------------------------------------------------------- */

/* A hexadecimal attribute of a USB interface, or -1. */
static long read_hex(const char *directory, const char *interface, const char *attribute)
{
    char path[1024], text[16] = "";
    snprintf(path, sizeof path, "%s/%s/%s", directory, interface, attribute);
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    char *end = text;
    long value = fgets(text, sizeof text, file) ? strtol(text, &end, 16) : -1;
    fclose(file);
    return end > text ? value : -1;
}

/* Whether one of the interfaces in a USB device's folder (1-4:1.2) is of a plate's class. */
static int has_plate_interface(const char *directory)
{
    DIR *folder = opendir(directory);
    int found = 0;
    for (struct dirent *entry; folder && !found && (entry = readdir(folder));)
        found =
            strchr(entry->d_name, ':') &&
            read_hex(directory, entry->d_name, "bInterfaceClass") == USB_ID_INTERFACE_CLASS &&
            read_hex(directory, entry->d_name, "bInterfaceSubClass") == USB_ID_INTERFACE_SUBCLASS &&
            read_hex(directory, entry->d_name, "bInterfaceProtocol") == USB_ID_INTERFACE_PROTOCOL;
    if (folder)
        closedir(folder);
    return found;
}

int serial_is_plate(const char *path)
{
    struct serial_device device;
    char directory[300];
    serial_device_of(path, &device);
    const char *name = strrchr(path, '/');
    if (device.vendor != (int)USB_ID_VENDOR || device.product != (int)USB_ID_PRODUCT || !name)
        return 0;
    /* `device` is the interface that the port belongs to; the USB device is around it. */
    snprintf(directory, sizeof directory, "/sys/class/tty/%s/device/..", name + 1);
    return has_plate_interface(directory);
}
