/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bus in software against devices that break its rules: each is caught in the act and told by
 * name. The device proper is behind it, enumerated; then its controller is asked what it never
 * asks. */
#include "tests/support/usb_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint8_t bytes[200];

struct misuse {
    const char *told; /* what the complaint says */
    void (*commit)(struct usb_host *host, const struct usb_controller *c);
};

static void send_on_a_closed_endpoint(struct usb_host *host, const struct usb_controller *c)
{
    (void)host;
    c->send(c->context, 0x84, bytes, 10);
}

static void send_outwards(struct usb_host *host, const struct usb_controller *c)
{
    (void)host;
    c->send(c->context, 0x01, bytes, 10);
}

static void send_while_sending(struct usb_host *host, const struct usb_controller *c)
{
    (void)host;
    c->send(c->context, 0x81, bytes, 100);
    c->send(c->context, 0x81, bytes, 100);
}

static void send_nothing_of_some_length(struct usb_host *host, const struct usb_controller *c)
{
    (void)host;
    c->send(c->context, 0x81, NULL, 1);
}

static void send_while_halted(struct usb_host *host, const struct usb_controller *c)
{
    (void)host;
    c->halt(c->context, 0x81, 1);
    c->send(c->context, 0x81, bytes, 1);
}

static void receive_inwards(struct usb_host *host, const struct usb_controller *c)
{
    (void)host;
    c->receive(c->context, 0x81);
}

static void receive_twice(struct usb_host *host, const struct usb_controller *c)
{
    (void)host;
    c->receive(c->context, 0x03); /* as the device has done already */
}

static void receive_while_halted(struct usb_host *host, const struct usb_controller *c)
{
    (void)host;
    c->halt(c->context, 0x01, 1);
    c->receive(c->context, 0x01);
}

static void cancel_outwards(struct usb_host *host, const struct usb_controller *c)
{
    (void)host;
    c->cancel(c->context, 0x01);
}

static void open_twice(struct usb_host *host, const struct usb_controller *c)
{
    (void)host;
    c->open(c->context, 0x81, USB_BULK, 64);
}

static void open_endpoint_0(struct usb_host *host, const struct usb_controller *c)
{
    (void)host;
    c->open(c->context, 0x80, USB_CONTROL, 64);
}

static void open_a_large_one(struct usb_host *host, const struct usb_controller *c)
{
    (void)host;
    c->open(c->context, 0x85, USB_BULK, 512);
}

static void close_endpoint_0(struct usb_host *host, const struct usb_controller *c)
{
    (void)host;
    c->close(c->context, 0x00);
}

static void close_a_closed_one(struct usb_host *host, const struct usb_controller *c)
{
    (void)host;
    c->close(c->context, 0x84);
}

static void work_while_suspended(struct usb_host *host, const struct usb_controller *c)
{
    usb_bus_suspend(host->bus);
    c->send(c->context, 0x81, bytes, 1);
}

static void change_what_is_being_sent(struct usb_host *host, const struct usb_controller *c)
{
    uint8_t packet[USB_PACKET_MAX];
    c->send(c->context, 0x81, bytes, 100);
    usb_bus_in(host->bus, 0x81, packet);
    bytes[99] ^= 1;
    usb_bus_in(host->bus, 0x81, packet);
}

/* A halt that ends by itself begins at DATA0, where the host does not expect it. */
static void lose_the_toggle(struct usb_host *host, const struct usb_controller *c)
{
    uint8_t packet[USB_PACKET_MAX];
    c->send(c->context, 0x81, bytes, 1);
    usb_bus_in(host->bus, 0x81, packet);
    c->halt(c->context, 0x81, 0);
    c->send(c->context, 0x81, bytes, 1);
    usb_bus_in(host->bus, 0x81, packet);
}

static void ask(struct usb_host *host)
{
    const uint8_t get_configuration[8] = {0x80, 8, 0, 0, 0, 0, 1, 0};
    usb_bus_control(host->bus, get_configuration, host->data);
}

static void open_one_too_many(struct usb_host *host, const struct usb_controller *c)
{
    c->close(c->context, 0x82);
    ask(host);
}

static void open_it_otherwise(struct usb_host *host, const struct usb_controller *c)
{
    c->close(c->context, 0x82);
    c->open(c->context, 0x82, USB_INTERRUPT, 32);
    ask(host);
}

static void keep_endpoints_without_a_configuration(struct usb_host *host,
                                                   const struct usb_controller *c)
{
    const uint8_t set_configuration[8] = {0x00, 9};
    c->open(c->context, 0x87, USB_BULK, 64);
    usb_bus_control(host->bus, set_configuration, host->data);
}

static void take_another_address(struct usb_host *host, const struct usb_controller *c)
{
    c->set_address(c->context, 6);
    ask(host);
}

static void babble(struct usb_host *host, const struct usb_controller *c)
{
    uint8_t few[100];
    int done;
    c->send(c->context, 0x81, bytes, 128);
    usb_bus_read(host->bus, 0x81, few, sizeof few, &done);
}

static const struct misuse misuses[] = {
    {"wants to send on endpoint 0x84, which is not open", send_on_a_closed_endpoint},
    {"no IN endpoint", send_outwards},
    {"still sending", send_while_sending},
    {"given no bytes", send_nothing_of_some_length},
    {"sends on endpoint 0x81, which is halted", send_while_halted},
    {"no OUT endpoint", receive_inwards},
    {"about to receive already", receive_twice},
    {"receive on endpoint 0x01, which is halted", receive_while_halted},
    {"does not send", cancel_outwards},
    {"opens endpoint 0x81", open_twice},
    {"opens endpoint 0x80", open_endpoint_0},
    {"512 bytes is no size", open_a_large_one},
    {"closes endpoint 0x00", close_endpoint_0},
    {"wants to close on endpoint 0x84", close_a_closed_one},
    {"suspended bus", work_while_suspended},
    {"bytes changed while they were sent", change_what_is_being_sent},
    {"the device is at DATA0, the host at DATA1", lose_the_toggle},
    {"endpoint 0x82 is closed in configuration 1", open_one_too_many},
    {"opened otherwise than its descriptor says", open_it_otherwise},
    {"open without a configuration", keep_endpoints_without_a_configuration},
    {"takes address 6", take_another_address},
    {"more than the host asked for", babble},
};

static void each_misuse_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof misuses / sizeof misuses[0]; i++) {
        struct usb_host *host = usb_host_make();
        usb_host_plug(host);
        usb_host_enumerate(host);
        usb_host_open(host, USB_LINK_VENDOR, 1);
        misuses[i].commit(host, host->config.controller);
        const char *told = usb_bus_complaint(host->bus);
        if (!told || !strstr(told, misuses[i].told))
            fail_msg("\"%s\" is told as \"%s\"", misuses[i].told, told ? told : "nothing");
        /* from then on it is known to be broken, in whatever is asked */
        ask(host);
        assert_string_equal(usb_bus_complaint(host->bus), told);
        usb_bus_resume(host->bus);
        const uint8_t get_status[8] = {0x80, 0, 0, 0, 0, 0, 2, 0};
        assert_int_equal(usb_bus_control(host->bus, get_status, host->data), USB_BUS_BROKEN);
        usb_bus_free(host->bus);
        free(host);
    }
}

/* Without a device, and off the bus, nobody answers; an endpoint nobody has, neither. */
static void nobody_answers_where_nobody_is(void **state)
{
    (void)state;
    struct usb_bus *bus = usb_bus_create();
    const uint8_t setup[8] = {0x80, 6, 0, 1, 0, 0, 18, 0};
    uint8_t data[64];
    assert_int_equal(usb_bus_control(bus, setup, data), USB_BUS_SILENT);
    assert_int_equal(usb_bus_control_status(bus, setup), USB_BUS_SILENT);
    assert_int_equal(usb_bus_in(bus, 0x81, data), USB_BUS_SILENT);
    usb_bus_reset(bus);
    usb_bus_suspend(bus);
    usb_bus_free(bus);
    struct usb_host *host = usb_host_make();
    usb_host_plug(host);
    usb_host_enumerate(host);
    assert_int_equal(usb_bus_in(host->bus, 0x81, data), USB_BUS_SILENT); /* at rest */
    assert_int_equal(usb_bus_in(host->bus, 0x01, data), USB_BUS_SILENT); /* no IN */
    assert_int_equal(usb_bus_in(host->bus, 0x80, data), USB_BUS_SILENT);
    assert_int_equal(usb_bus_out(host->bus, 0x00, data, 1), USB_BUS_SILENT);
    assert_int_equal(usb_bus_out(host->bus, 0x03, data, 65), USB_BUS_SILENT);
    assert_int_equal(usb_bus_out(host->bus, 0x03, data, 64), 64);
    usb_host_free(host);
}

/* Who never read the configuration cannot know whose toggles a setting restarts; no complaint. */
static void a_host_need_not_read_the_configuration(void **state)
{
    (void)state;
    struct usb_host *host = usb_host_make();
    usb_host_plug(host);
    assert_int_equal(usb_host_ask(host, 0x00, 5, 3, 0, 0), 0);
    assert_int_equal(usb_host_ask(host, 0x00, 9, 1, 0, 0), 0);
    for (int i = 0; i < 3; i++) {
        usb_host_open(host, USB_LINK_VENDOR, 1);
        usb_link_has_closed(&host->device, USB_LINK_VENDOR);
        usb_link_send(&host->device, USB_LINK_VENDOR, bytes, 10);
        assert_int_equal(usb_host_read(host, USB_LINK_VENDOR, host->data, 128), 10);
        assert_int_equal(usb_host_write(host, USB_LINK_VENDOR, bytes, 10), 10);
    }
    usb_host_free(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_misuse_is_told),
        cmocka_unit_test(nobody_answers_where_nobody_is),
        cmocka_unit_test(a_host_need_not_read_the_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
