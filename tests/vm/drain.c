/* SPDX-License-Identifier: GPL-3.0-or-later */
/* drain VENDOR:PRODUCT SETTING SECONDS (ids in hex): reads the bulk IN endpoint 0x81 of interface 0
 * as fast as it comes, with as many transfers in flight as our driver has, and prints bytes/s and
 * the processor's share. In setting 1 it first asks a plate to START. */
#include "firmware/wire/payloads.h"
#include "firmware/wire/wire.h"

#include <libusb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define TRANSFERS 8
#define TRANSFER_BYTES 16384
#define IN 0x81
#define OUT 0x01
#define TIMEOUT_MS 5000

struct drain {
    uint64_t bytes, transfers;
    int is_over, in_flight, status;
};

static double now_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void check(int result, const char *what)
{
    if (result >= 0)
        return;
    fprintf(stderr, "drain: %s: %s\n", what, libusb_strerror(result));
    exit(1);
}

static void LIBUSB_CALL hear_read(struct libusb_transfer *transfer)
{
    struct drain *drain = transfer->user_data;
    drain->bytes += (uint64_t)transfer->actual_length;
    drain->transfers++;
    if (transfer->status != LIBUSB_TRANSFER_COMPLETED)
        drain->status = (int)transfer->status;
    if (transfer->status != LIBUSB_TRANSFER_COMPLETED || drain->is_over ||
        libusb_submit_transfer(transfer))
        drain->in_flight--;
}

static void say(libusb_device_handle *device, uint8_t type, struct wire_command command)
{
    static uint32_t request;
    uint8_t payload[64], bytes[128];
    int sent;
    command.request = ++request;
    size_t n = wire_put_command(payload, sizeof payload, type, &command);
    const struct wire_message message = {
        .type = type, .payload = payload, .payload_len = (uint32_t)n};
    n = wire_encode(bytes, sizeof bytes, &message);
    check(libusb_bulk_transfer(device, OUT, bytes, (int)n, &sent, TIMEOUT_MS), "a command");
}

static void begin_reads(struct drain *drain, libusb_device_handle *device,
                        struct libusb_transfer *transfers[TRANSFERS])
{
    static uint8_t buffers[TRANSFERS][TRANSFER_BYTES];
    for (int i = 0; i < TRANSFERS; i++) {
        transfers[i] = libusb_alloc_transfer(0);
        libusb_fill_bulk_transfer(transfers[i], device, IN, buffers[i], TRANSFER_BYTES, hear_read,
                                  drain, 0);
        check(libusb_submit_transfer(transfers[i]), "a read");
        drain->in_flight++;
    }
}

/* What comes in the given time; the first tenth of it is for getting up to speed. */
static void measure(struct drain *drain, double seconds)
{
    double end = now_s(CLOCK_MONOTONIC) + seconds / 10, begin = end, cpu = 0;
    struct timeval often = {.tv_usec = 100000};
    while (now_s(CLOCK_MONOTONIC) < end)
        libusb_handle_events_timeout(NULL, &often);
    drain->bytes = drain->transfers = 0;
    begin = now_s(CLOCK_MONOTONIC);
    cpu = now_s(CLOCK_PROCESS_CPUTIME_ID);
    while (now_s(CLOCK_MONOTONIC) < begin + seconds && drain->in_flight > 0)
        libusb_handle_events_timeout(NULL, &often);
    double passed = now_s(CLOCK_MONOTONIC) - begin;
    printf("%.0f bytes/s, %.0f transfers/s, %.3f of a processor\n", (double)drain->bytes / passed,
           (double)drain->transfers / passed, (now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu) / passed);
}

int main(int argc, char **argv)
{
    unsigned vendor, product;
    struct drain drain = {0};
    struct libusb_transfer *transfers[TRANSFERS];
    if (argc != 4 || sscanf(argv[1], "%x:%x", &vendor, &product) != 2) {
        fprintf(stderr, "usage: drain VENDOR:PRODUCT SETTING SECONDS\n");
        return 2;
    }
    int setting = atoi(argv[2]);
    check(libusb_init(NULL), "libusb");
    libusb_device_handle *device =
        libusb_open_device_with_vid_pid(NULL, (uint16_t)vendor, (uint16_t)product);
    check(device ? 0 : LIBUSB_ERROR_NO_DEVICE, "the device");
    check(libusb_claim_interface(device, 0), "interface 0");
    if (setting) {
        check(libusb_set_interface_alt_setting(device, 0, setting), "the setting");
        say(device, WIRE_CMD_START, (struct wire_command){.as.start = {0, 0}});
    }
    begin_reads(&drain, device, transfers);
    measure(&drain, atof(argv[3]));
    int status = drain.in_flight < TRANSFERS;
    if (status)
        fprintf(stderr, "drain: a read ended with status %d\n", drain.status);
    _Exit(fflush(stdout) ? 1 : status); /* the kernel takes the reads back */
}
