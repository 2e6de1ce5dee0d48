/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One USB device as Linux shows it to programs: the kernel's side of /dev/bus/usb/BBB/DDD.
 *
 * Host controller and hub are firmware/boards/host/usb_bus.h, the device is the firmware's own
 * logic (usb_plate.h) or a hostile one; programs speak usbfs (linux/usbdevice_fs.h) to it through
 * umockdev. What drivers/usb/core/devio.c does in Linux 6.1 is done here: claims, settings, queues
 * of URBs in order for each endpoint, what a reset, a release, a dead program and a pulled plug do
 * to them. poll() says POLLOUT when an URB can be reaped and POLLERR once the device has gone: the
 * node is a pseudo terminal whose flow is stopped and started.
 *
 * Threads: programs' requests come on umockdev's thread, everything else from the rig's; `lock` is
 * the caller's and is taken inside usbfs_answer only. */
#ifndef TENDERFOOT_TESTS_USBFS_H
#define TENDERFOOT_TESTS_USBFS_H

#include "tests/usb/usb_plate.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <umockdev.h>

enum { USBFS_INTERFACES = 8, USBFS_ENDPOINTS = 32 };

/* A device of ill will: what it sends in answer to bulk IN, n <= cap bytes; 0 = nothing now. Called
 * with the lock held. */
typedef size_t usbfs_hostile(void *context, uint8_t *bytes, size_t cap);

/* What programs have done, for the tests to look at. */
struct usbfs_counts {
    unsigned opens, closes, claims, submits, refused_submits, reaps, discards, clear_halts, resets,
        set_interfaces, spoilt;
};

struct usbfs_urb;
struct usbfs_client;

struct usbfs {
    pthread_mutex_t *lock;
    struct usb_plate *plate;
    int is_gone;
    int master, slave; /* of the pseudo terminal that is the node; -1 once gone */
    char node[64];     /* where it can be opened */
    int is_readable;   /* what poll() says now */

    uint8_t device[18], *configuration; /* descriptors as the device told them */
    size_t n_configuration;
    char strings[4][128]; /* 1 = manufacturer, 2 = product, 3 = serial, by their indices */

    struct usbfs_client *owner[USBFS_INTERFACES];
    int is_kernels[USBFS_INTERFACES]; /* bound to a driver of the kernel */
    uint8_t setting[USBFS_INTERFACES];

    struct usbfs_client *clients;
    struct usbfs_urb *urbs; /* all of all clients, oldest first */
    size_t n_urbs, most_urbs;
    struct usbfs_counts counts;
    uint64_t gone_us;

    /* Faults. */
    int spoil_status; /* the next `spoil` completions of bulk IN end with it (0 or -errno) ... */
    unsigned spoil;
    int spoil_eats;   /* ... and a packet of the device's is lost with each */
    int submit_error; /* the next `refuse` submits of bulk fail with it (an errno) */
    unsigned refuse;
    int is_mute; /* bulk IN gets nothing any more; a working remedy ends it: */
    enum usbfs_remedy { USBFS_NO_REMEDY, USBFS_BY_HALT, USBFS_BY_OPEN, USBFS_BY_RESET } remedy;
    usbfs_hostile *hostile;
    void *hostile_context;
    unsigned bytes_per_ms; /* of bulk; 0 = no limit */
};

/* Enumerates the plate as hub driver and usbcore do. 0, or -1 when it does not answer properly. */
int usbfs_enumerate(struct usbfs *fs);

/* The node; asserts. */
void usbfs_open_node(struct usbfs *fs);

/* The plug is pulled: every URB ends with -ESHUTDOWN, then there is nothing but ENODEV. Locked. */
void usbfs_pull(struct usbfs *fs);

/* The hub has reset the port by itself (a spark, a brown-out): the kernel enumerates the device
 * anew, programs lose their claims. Locked. */
void usbfs_hub_reset(struct usbfs *fs);

/* One round of the host controller, `ms` since the last one. Locked. */
void usbfs_round(struct usbfs *fs, unsigned ms);

/* Takes away what programs held that have closed the node or died; also of a device that is gone.
 * Locked. */
void usbfs_look_who_left(struct usbfs *fs);

/* All programs that had the node open are dead: umockdev does not notice the death of one that was
 * just asking something. Locked. */
void usbfs_all_died(struct usbfs *fs);

/* Frees what is left; no program may have it open. */
void usbfs_free(struct usbfs *fs);

/* For "client-connected" and "handle-ioctl" of the node's UMockdevIoctlBase, context = fs. */
void usbfs_connected(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer context);
gboolean usbfs_answer(UMockdevIoctlBase *base, UMockdevIoctlClient *client, gpointer context);

#endif
