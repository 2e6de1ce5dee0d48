/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/host/usb_map.h"

#include <string.h>

enum { CONFIGURATION = 2, INTERFACE = 4, ENDPOINT = 5 }; /* USB 2.0, table 9-5 */
enum { CONFIGURATION_SIZE = 9, INTERFACE_SIZE = 9, ENDPOINT_SIZE = 7 };

int usb_map_take(struct usb_map *map, const uint8_t *descriptor, size_t n)
{
    *map = (struct usb_map){0};
    if (n < CONFIGURATION_SIZE || n > sizeof map->descriptor || descriptor[1] != CONFIGURATION)
        return -1;
    memcpy(map->descriptor, descriptor, n);
    map->n = n;
    return 0;
}

void usb_map_choose_configuration(struct usb_map *map, uint8_t value)
{
    map->configuration = value;
    memset(map->settings, 0, sizeof map->settings);
}

void usb_map_choose_setting(struct usb_map *map, uint8_t interface, uint8_t setting)
{
    if (interface < USB_MAP_INTERFACES)
        map->settings[interface] = setting;
}

/* The descriptor behind `at`, whole, or NULL at the end; a length that cannot be ends the walk. */
static const uint8_t *next_descriptor(const struct usb_map *map, size_t *at)
{
    const uint8_t *found = map->descriptor + *at;
    if (*at + 2 > map->n || found[0] < 2 || *at + found[0] > map->n)
        return NULL;
    *at += found[0];
    return found;
}

static void tell_interface(const uint8_t *d, struct usb_redir_interface_info_header *to)
{
    uint32_t i = to->interface_count;
    if (i >= USB_MAP_INTERFACES)
        return;
    to->interface[i] = d[2];
    to->interface_class[i] = d[5];
    to->interface_subclass[i] = d[6];
    to->interface_protocol[i] = d[7];
    to->interface_count = i + 1;
}

static void tell_endpoint(const uint8_t *d, uint8_t interface, struct usb_redir_ep_info_header *to)
{
    unsigned i = USB_MAP_INDEX(d[2]);
    to->type[i] = d[3] & 3u;
    to->interval[i] = d[6];
    to->interface[i] = interface;
    to->max_packet_size[i] = (uint16_t)((d[4] | d[5] << 8) & 0x7FF);
}

void usb_map_tell(const struct usb_map *map, struct usb_redir_interface_info_header *interfaces,
                  struct usb_redir_ep_info_header *endpoints)
{
    const uint8_t *d;
    size_t at = 0;
    int is_chosen = 0;
    uint8_t interface = 0;
    memset(interfaces, 0, sizeof *interfaces);
    memset(endpoints, 0, sizeof *endpoints);
    memset(endpoints->type, usb_redir_type_invalid, sizeof endpoints->type);
    endpoints->type[USB_MAP_INDEX(0x00)] = usb_redir_type_control;
    endpoints->type[USB_MAP_INDEX(0x80)] = usb_redir_type_control;
    while ((d = next_descriptor(map, &at)) != NULL) {
        if (d[1] == INTERFACE && d[0] >= INTERFACE_SIZE) {
            interface = d[2];
            is_chosen = interface < USB_MAP_INTERFACES && map->settings[interface] == d[3];
            if (is_chosen)
                tell_interface(d, interfaces);
        } else if (d[1] == ENDPOINT && d[0] >= ENDPOINT_SIZE && is_chosen) {
            tell_endpoint(d, interface, endpoints);
        }
    }
}
