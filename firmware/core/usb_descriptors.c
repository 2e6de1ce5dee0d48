/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/core/usb_descriptors.h"
#include "firmware/wire/usb_id.h"

#include <string.h>

#define U16(x) (uint8_t)((x)&0xFFu), (uint8_t)((x) >> 8 & 0xFFu)
#define U32(x) U16((x)&0xFFFFu), U16((x) >> 16 & 0xFFFFu)

enum descriptor_type {
    DEVICE = 1,
    CONFIGURATION = 2,
    STRING = 3,
    INTERFACE = 4,
    ENDPOINT = 5,
    INTERFACE_ASSOCIATION = 11,
    BOS = 15,
    DEVICE_CAPABILITY = 16,
    CS_INTERFACE = 0x24,
};

enum string_index { LANGUAGES, MANUFACTURER, PRODUCT, SERIAL, STREAM_NAME, SERIAL_PORT_NAME };

#define LANGUAGE_US_ENGLISH 0x0409u
#define PLATFORM 5u     /* a device capability, USB 3.2, table 9-14 */
#define BCD_USB 0x0210u /* 2.1: a host asks for the BOS */
#define BUS_POWERED 0x80u
#define MAX_POWER_2MA 250u /* 500 mA */

/* --- The configuration ----------------------------------------------------------------------- */

#define INTERFACE_BYTES(number, setting, endpoints, class, subclass, protocol, name)               \
    9, INTERFACE, number, setting, endpoints, class, subclass, protocol, name
#define ENDPOINT_BYTES(address, type, size, interval)                                              \
    7, ENDPOINT, address, type, U16(size), interval
#define CONFIGURATION_SIZE                                                                         \
    (9 + /* vendor: */ 9 + 9 + 7 + 7 + /* serial: */ 8 + 9 + 5 + 5 + 4 + 5 + 7 + 9 + 7 + 7)

static const uint8_t configuration[] = {
    9, CONFIGURATION, U16(CONFIGURATION_SIZE), USB_INTERFACE_COUNT, USB_CONFIGURATION_VALUE,
    0 /* no name */, BUS_POWERED, MAX_POWER_2MA,

    INTERFACE_BYTES(USB_INTERFACE_STREAM, USB_ID_SETTING_REST, 0, USB_ID_INTERFACE_CLASS,
                    USB_ID_INTERFACE_SUBCLASS, USB_ID_INTERFACE_PROTOCOL, STREAM_NAME),
    INTERFACE_BYTES(USB_INTERFACE_STREAM, USB_ID_SETTING_STREAM, 2, USB_ID_INTERFACE_CLASS,
                    USB_ID_INTERFACE_SUBCLASS, USB_ID_INTERFACE_PROTOCOL, STREAM_NAME),
    ENDPOINT_BYTES(USB_ENDPOINT_STREAM_IN, USB_BULK, USB_PACKET_MAX, 0),
    ENDPOINT_BYTES(USB_ENDPOINT_STREAM_OUT, USB_BULK, USB_PACKET_MAX, 0),

    /* Abstract control model without AT commands (protocol 0): nothing is a modem here. */
    8, INTERFACE_ASSOCIATION, USB_INTERFACE_SERIAL_CONTROL, 2, 0x02, 0x02, 0x00, SERIAL_PORT_NAME,
    INTERFACE_BYTES(USB_INTERFACE_SERIAL_CONTROL, 0, 1, 0x02, 0x02, 0x00, SERIAL_PORT_NAME),
    /* Of CDC 1.1; */
    5, CS_INTERFACE, 0x00, U16(0x0110),
    /* no calls; */
    5, CS_INTERFACE, 0x01, 0x00, USB_INTERFACE_SERIAL_DATA,
    /* line coding, line state and break; */
    4, CS_INTERFACE, 0x02, 0x06,
    /* one function of two interfaces. */
    5, CS_INTERFACE, 0x06, USB_INTERFACE_SERIAL_CONTROL, USB_INTERFACE_SERIAL_DATA,
    ENDPOINT_BYTES(USB_ENDPOINT_NOTICE_IN, USB_INTERRUPT, 16, 32),
    INTERFACE_BYTES(USB_INTERFACE_SERIAL_DATA, 0, 2, 0x0A, 0x00, 0x00, 0),
    ENDPOINT_BYTES(USB_ENDPOINT_SERIAL_IN, USB_BULK, USB_PACKET_MAX, 0),
    ENDPOINT_BYTES(USB_ENDPOINT_SERIAL_OUT, USB_BULK, USB_PACKET_MAX, 0)};
_Static_assert(sizeof configuration == CONFIGURATION_SIZE, "wTotalLength");

const uint8_t *usb_descriptor_configuration(size_t *n)
{
    *n = sizeof configuration;
    return configuration;
}

int usb_descriptor_endpoints(unsigned interface, unsigned setting, struct usb_endpoint found[2])
{
    int n = -1;
    for (size_t at = 0; at < sizeof configuration; at += configuration[at]) {
        const uint8_t *d = configuration + at;
        if (d[1] == INTERFACE) {
            if (n >= 0)
                break;
            n = d[2] == interface && d[3] == setting ? 0 : -1;
        } else if (d[1] == ENDPOINT && n >= 0 && n < 2) {
            found[n++] =
                (struct usb_endpoint){d[2], (enum usb_transfer)d[3], (uint16_t)(d[4] | d[5] << 8)};
        }
    }
    return n;
}

/* --- The device and its names ---------------------------------------------------------------- */

const uint8_t *usb_descriptor_device(const struct usb_device_config *config, uint8_t *made,
                                     size_t *n)
{
    const uint8_t device[] = {18, DEVICE, U16(BCD_USB),
                              /* interface associations are used */
                              0xEF, 0x02, 0x01, USB_PACKET_MAX, U16(USB_ID_VENDOR),
                              U16(USB_ID_PRODUCT), U16(config->version_bcd), MANUFACTURER, PRODUCT,
                              SERIAL, 1};
    _Static_assert(sizeof device == 18, "bLength");
    memcpy(made, device, sizeof device);
    *n = sizeof device;
    return made;
}

static const char *string_of(const struct usb_device_config *config, unsigned index)
{
    switch (index) {
    case MANUFACTURER:
        return config->manufacturer;
    case PRODUCT:
        return config->product;
    case SERIAL:
        return config->serial;
    case STREAM_NAME:
        return "Pressure stream";
    case SERIAL_PORT_NAME:
        return "Pressure stream as a serial port";
    default:
        return NULL;
    }
}

/* ASCII to UTF-16LE. */
const uint8_t *usb_descriptor_string(const struct usb_device_config *config, unsigned index,
                                     uint16_t language, uint8_t *made, size_t *n)
{
    static const uint8_t languages[] = {4, STRING, U16(LANGUAGE_US_ENGLISH)};
    if (index == LANGUAGES) {
        *n = sizeof languages;
        return languages;
    }
    const char *text = string_of(config, index);
    if (!text || language != LANGUAGE_US_ENGLISH)
        return NULL;
    size_t length = strlen(text);
    *n = 2 + 2 * length;
    made[0] = (uint8_t)*n;
    made[1] = STRING;
    for (size_t i = 0; i < length; i++) {
        made[2 + 2 * i] = (uint8_t)text[i];
        made[3 + 2 * i] = 0;
    }
    return made;
}

/* --- Platforms: Windows' own driver, and browsers -------------------------------------------- */

#define MICROSOFT_SIZE (10 + 8 + 8 + 20 + 132)
#define WINDOWS_8_1 0x06030000u
#define W(c) (c), 0
#define W4(a, b, c, d) W(a), W(b), W(c), W(d)

/* Says to Windows: WinUSB for the vendor interface, found by this interface class GUID. */
static const uint8_t microsoft[] = {
    /* the set; of the first configuration; of the function */
    U16(10), U16(0x00), U32(WINDOWS_8_1), U16(MICROSOFT_SIZE), U16(8), U16(0x01), 0, 0,
    U16(MICROSOFT_SIZE - 10), U16(8), U16(0x02), USB_INTERFACE_STREAM, 0, U16(MICROSOFT_SIZE - 18),
    /* its compatible id, without a sub id */
    U16(20), U16(0x03), 'W', 'I', 'N', 'U', 'S', 'B', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    /* a registry property: a REG_MULTI_SZ by name and value */
    U16(132), U16(0x04), U16(7), U16(42), W4('D', 'e', 'v', 'i'), W4('c', 'e', 'I', 'n'),
    W4('t', 'e', 'r', 'f'), W4('a', 'c', 'e', 'G'), W4('U', 'I', 'D', 's'), W(0), U16(80), W('{'),
    W4('6', 'D', '3', '0'), W4('B', 'A', '5', 'E'), W('-'), W4('9', '4', 'C', '1'), W('-'),
    W4('4', '2', '7', 'F'), W('-'), W4('8', 'A', 'E', '2'), W('-'), W4('5', 'B', '0', 'F'),
    W4('7', '1', 'D', '8'), W4('3', 'C', '4', '9'), W('}'), W(0), W(0)};
_Static_assert(sizeof microsoft == MICROSOFT_SIZE, "wTotalLength");

const uint8_t *usb_descriptor_microsoft(size_t *n)
{
    *n = sizeof microsoft;
    return microsoft;
}

#define BOS_SIZE (5 + 28 + 24)

const uint8_t *usb_descriptor_bos(const struct usb_device_config *config, uint8_t *made, size_t *n)
{
    const uint8_t bos[] = {
        5, BOS, U16(BOS_SIZE), 2,
        /* Microsoft OS 2.0: {D8DD60DF-4589-4CC7-9CD2-659D9E648A9F}; no other enumeration */
        28, DEVICE_CAPABILITY, PLATFORM, 0, U32(0xD8DD60DFu), U16(0x4589), U16(0x4CC7), 0x9C, 0xD2,
        0x65, 0x9D, 0x9E, 0x64, 0x8A, 0x9F, U32(WINDOWS_8_1), U16(MICROSOFT_SIZE),
        USB_REQUEST_MICROSOFT, 0,
        /* WebUSB 1.0: {3408b638-09a9-47a0-8bfd-a0768815b665} */
        24, DEVICE_CAPABILITY, PLATFORM, 0, U32(0x3408B638u), U16(0x09A9), U16(0x47A0), 0x8B, 0xFD,
        0xA0, 0x76, 0x88, 0x15, 0xB6, 0x65, U16(0x0100), USB_REQUEST_WEBUSB,
        config->landing_page ? 1 : 0};
    _Static_assert(sizeof bos == BOS_SIZE, "wTotalLength");
    memcpy(made, bos, sizeof bos);
    *n = sizeof bos;
    return made;
}

const uint8_t *usb_descriptor_url(const struct usb_device_config *config, unsigned index,
                                  uint8_t *made, size_t *n)
{
    if (!config->landing_page || index != 1)
        return NULL;
    int is_secure = strncmp(config->landing_page, "https://", 8) == 0;
    const char *rest = config->landing_page + (is_secure ? 8 : 7);
    size_t length = strlen(rest);
    *n = 3 + length;
    made[0] = (uint8_t)*n;
    made[1] = 3; /* WEBUSB_URL */
    made[2] = (uint8_t)is_secure;
    memcpy(made + 3, rest, length);
    return made;
}
