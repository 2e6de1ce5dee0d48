/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/transport/usb_find.h"

#include "driver/transport/transport_private.h"
#include "firmware/wire/problem_code.h"
#include "firmware/wire/usb_id.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYSFS "/sys/bus/usb/devices"

/* --- Strings --------------------------------------------------------------------------------- */

void usb_printable(char *to, size_t cap, const char *from, size_t n)
{
    size_t i = 0;
    while (n && (from[n - 1] == '\n' || from[n - 1] == '\0'))
        n--;
    for (; i < n && i + 1 < cap; i++)
        to[i] = from[i] >= 0x20 && from[i] < 0x7F ? from[i] : '.';
    to[i] = '\0';
}

int usb_permission_problem(const char *uri, struct problem *why)
{
    return problem_coded(
        why, PROBLEM_CODE_PLATE_FORBIDDEN, PROBLEM_FAILED,
        "no permission to open the plate at %s; install the rule that gives it: "
        "tenderfoot devices --udev-rule | sudo tee /etc/udev/rules.d/70-tenderfoot.rules "
        "&& sudo udevadm control --reload && sudo udevadm trigger",
        uri);
}

/* --- What the kernel knows ------------------------------------------------------------------- */

/* The attribute's length, at most cap; -1 = there is none. */
static ssize_t read_attribute(const char *device, const char *name, char *bytes, size_t cap)
{
    char path[400];
    snprintf(path, sizeof path, SYSFS "/%s/%s", device, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = read(fd, bytes, cap);
    close(fd);
    return n;
}

static int has_number(const char *device, const char *name, int wanted)
{
    char digits[16];
    ssize_t n = read_attribute(device, name, digits, sizeof digits - 1);
    if (n <= 0)
        return 0;
    digits[n] = '\0';
    return strtol(digits, NULL, 10) == wanted;
}

/* The device's directory in /sys, by its number on its bus; "" when there is none. */
static void find_directory(libusb_device *device, char name[256])
{
    int bus = libusb_get_bus_number(device), address = libusb_get_device_address(device);
    DIR *devices = opendir(SYSFS);
    name[0] = '\0';
    for (struct dirent *entry; devices && !name[0] && (entry = readdir(devices));)
        if (entry->d_name[0] != '.' && !strchr(entry->d_name, ':') &&
            has_number(entry->d_name, "devnum", address) &&
            has_number(entry->d_name, "busnum", bus))
            snprintf(name, 256, "%s", entry->d_name);
    if (devices)
        closedir(devices);
}

/* A claimed interface has the driver "usbfs". */
static int is_claimed(const char *directory, unsigned configuration, unsigned interface)
{
    char path[600], target[256];
    snprintf(path, sizeof path, SYSFS "/%s/%s:%u.%u/driver", directory, directory, configuration,
             interface);
    ssize_t n = readlink(path, target, sizeof target - 1);
    if (n <= 0)
        return 0;
    target[n] = '\0';
    const char *slash = strrchr(target, '/');
    return !strcmp(slash ? slash + 1 : target, "usbfs");
}

/* --- What the device says -------------------------------------------------------------------- */

static int is_bulk(const struct libusb_endpoint_descriptor *endpoint)
{
    /* A read of ours must be a whole number of packets, or a plate could overflow it. */
    unsigned size = endpoint->wMaxPacketSize;
    return (endpoint->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK) == LIBUSB_TRANSFER_TYPE_BULK &&
           size >= 8 && size <= 1024 && 1024 % size == 0;
}

/* Whether this setting is a plate's stream; its endpoints then. */
static int is_stream(const struct libusb_interface_descriptor *setting, struct usb_place *place)
{
    place->in = place->out = 0;
    if (setting->bAlternateSetting != USB_ID_SETTING_STREAM ||
        setting->bInterfaceClass != USB_ID_INTERFACE_CLASS ||
        setting->bInterfaceSubClass != USB_ID_INTERFACE_SUBCLASS ||
        setting->bInterfaceProtocol != USB_ID_INTERFACE_PROTOCOL)
        return 0;
    /* The list is missing where a device announces endpoints and its descriptors end before. */
    for (unsigned i = 0; setting->endpoint && i < setting->bNumEndpoints; i++) {
        const struct libusb_endpoint_descriptor *endpoint = &setting->endpoint[i];
        uint8_t address = endpoint->bEndpointAddress;
        uint8_t *to = address & LIBUSB_ENDPOINT_IN ? &place->in : &place->out;
        if (is_bulk(endpoint) && !*to)
            *to = address;
    }
    place->interface_number = setting->bInterfaceNumber;
    return place->in && place->out;
}

static int has_stream(const struct libusb_config_descriptor *config, struct usb_place *place)
{
    for (unsigned i = 0; i < config->bNumInterfaces; i++)
        for (int j = 0; j < config->interface[i].num_altsetting; j++)
            if (is_stream(&config->interface[i].altsetting[j], place))
                return 1;
    return 0;
}

/* 1 = it is a plate; 0 = another device that tests with the same ids; -1 = nobody can tell. */
static int is_plate(struct usb_place *place, const char *directory)
{
    struct libusb_config_descriptor *config;
    int error = libusb_get_active_config_descriptor(place->device, &config);
    if (error)
        return problem(&place->obstacle, PROBLEM_FAILED,
                       "the device %s has a plate's ids, but its descriptors cannot be read (%s); "
                       "unplug it and plug it in again",
                       place->node, libusb_strerror(error));
    int yes = has_stream(config, place);
    if (yes && is_claimed(directory, config->bConfigurationValue, place->interface_number))
        transport_open_problem(place->uri, EBUSY, &place->obstacle);
    libusb_free_config_descriptor(config);
    return yes;
}

/* --- Places ---------------------------------------------------------------------------------- */

static void describe(struct usb_place *place, const char *directory)
{
    char text[256], product[64] = "plate";
    uint8_t ports[8];
    ssize_t n = read_attribute(directory, "product", text, sizeof text);
    if (n > 0)
        usb_printable(product, sizeof product, text, (size_t)n);
    int length = snprintf(place->description, sizeof place->description, "%s, bus %u", product,
                          libusb_get_bus_number(place->device));
    int n_ports = libusb_get_port_numbers(place->device, ports, sizeof ports);
    for (int i = 0; i < n_ports; i++)
        length += snprintf(place->description + length, sizeof place->description - (size_t)length,
                           "%s%u", i ? "." : " port ", ports[i]);
}

static void identify(struct usb_place *place, const char *directory)
{
    char text[4 * USB_SERIAL_MAX], serial[sizeof text + 1];
    ssize_t n = read_attribute(directory, "serial", text, sizeof text);
    usb_printable(serial, sizeof serial, text, n > 0 ? (size_t)n : 0);
    snprintf(place->node, sizeof place->node, "/dev/bus/usb/%03u/%03u",
             libusb_get_bus_number(place->device), libusb_get_device_address(place->device));
    if (strlen(serial) > USB_SERIAL_MAX)
        problem(&place->obstacle, PROBLEM_REFUSED,
                "the plate %s has a serial number of more than %d characters ('%.24s...'); its "
                "firmware is wrong",
                place->node, USB_SERIAL_MAX, serial);
    else
        strcpy(place->serial, serial);
    snprintf(place->uri, sizeof place->uri, "usb:%s", place->serial);
}

/* Fills in the place of a device with a plate's ids: 1, or 0 if it is no plate. */
static int look_at(libusb_device *device, struct usb_place *place)
{
    char directory[256];
    *place = (struct usb_place){.device = device};
    find_directory(device, directory);
    identify(place, directory);
    describe(place, directory);
    struct problem of_serial = place->obstacle;
    if (!is_plate(place, directory))
        return 0;
    if (of_serial.kind)
        place->obstacle = of_serial;
    if (!place->obstacle.kind && access(place->node, R_OK | W_OK) && errno == EACCES)
        usb_permission_problem(place->uri, &place->obstacle);
    return 1;
}

static int has_plate_ids(libusb_device *device)
{
    struct libusb_device_descriptor descriptor;
    return !libusb_get_device_descriptor(device, &descriptor) &&
           descriptor.idVendor == USB_ID_VENDOR && descriptor.idProduct == USB_ID_PRODUCT;
}

static int by_name(const void *a, const void *b)
{
    const struct usb_place *x = a, *y = b;
    int order = strcmp(x->uri, y->uri);
    return order ? order : strcmp(x->node, y->node);
}

int usb_find(libusb_context *libusb, struct usb_places *places, struct problem *why)
{
    libusb_device **devices;
    places->n = 0;
    ssize_t n = libusb_get_device_list(libusb, &devices);
    if (n < 0)
        return problem(why, PROBLEM_FAILED, "the USB devices cannot be listed (%s)",
                       libusb_strerror((int)n));
    for (ssize_t i = 0; i < n && places->n < USB_PLACES_MAX; i++)
        if (has_plate_ids(devices[i]) && look_at(devices[i], &places->place[places->n])) {
            libusb_ref_device(devices[i]);
            places->n++;
        }
    libusb_free_device_list(devices, 1);
    qsort(places->place, places->n, sizeof places->place[0], by_name);
    return 0;
}

void usb_places_release(struct usb_places *places)
{
    for (unsigned i = 0; i < places->n; i++)
        libusb_unref_device(places->place[i].device);
    places->n = 0;
}

/* --- Choosing -------------------------------------------------------------------------------- */

static void name_all(const struct usb_places *places, char *names, size_t cap)
{
    names[0] = '\0';
    for (unsigned i = 0; i < places->n && strlen(names) + sizeof places->place[0].uri + 2 < cap;
         i++) {
        strcat(names, i ? ", " : "");
        strcat(names, places->place[i].serial[0] ? places->place[i].uri : places->place[i].node);
    }
}

static int no_such_plate(const struct usb_places *places, const char *serial, struct problem *why)
{
    char names[160];
    name_all(places, names, sizeof names);
    if (!places->n)
        return problem_coded(
            why, PROBLEM_CODE_PLATE_AWAY, PROBLEM_FAILED,
            "no plate is plugged in on USB%s%.40s; is its cable in, and is it one that "
            "carries data? 'tenderfoot devices' lists what can be reached",
            *serial ? ", so none with the serial number " : "", serial);
    return problem_coded(why, PROBLEM_CODE_PLATE_AWAY, PROBLEM_FAILED,
                         "no plate with the serial number %.40s is plugged in on USB; what is: %s",
                         serial, names);
}

static int too_many_plates(const struct usb_places *places, const char *serial, struct problem *why)
{
    char names[160];
    name_all(places, names, sizeof names);
    if (*serial)
        return problem(why, PROBLEM_FAILED,
                       "several plates have the serial number %.40s; unplug all but one", serial);
    return problem(why, PROBLEM_FAILED, "several plates are plugged in: name one of %s", names);
}

/* A device that cannot be told from a plate counts only where there is no plate. */
static int is_meant(const struct usb_place *place, const char *serial, int has_sure)
{
    return *serial ? !strcmp(place->serial, serial) : place->in || !has_sure;
}

const struct usb_place *usb_choose(const struct usb_places *places, const char *serial,
                                   struct problem *why)
{
    const struct usb_place *chosen = NULL;
    int has_sure = 0;
    for (unsigned i = 0; i < places->n; i++)
        has_sure |= places->place[i].in != 0;
    for (unsigned i = 0; i < places->n; i++) {
        if (!is_meant(&places->place[i], serial, has_sure))
            continue;
        if (chosen) {
            too_many_plates(places, serial, why);
            return NULL;
        }
        chosen = &places->place[i];
    }
    if (!chosen)
        no_such_plate(places, serial, why);
    return chosen;
}
