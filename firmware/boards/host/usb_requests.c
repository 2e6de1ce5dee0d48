/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/host/usb_requests.h"

static struct usb_request *at(struct usb_requests *requests, unsigned i)
{
    return &requests->ring[(requests->first + i) % USB_REQUESTS_MAX];
}

struct usb_request *usb_requests_head(struct usb_requests *requests)
{
    return requests->n > 0 ? at(requests, 0) : NULL;
}

int usb_requests_add(struct usb_requests *requests, const struct usb_request *request)
{
    if (requests->n == USB_REQUESTS_MAX)
        return -1;
    *at(requests, requests->n++) = *request;
    return 0;
}

/* Those before it move up by one, so that taking the head costs nothing. */
int usb_requests_take(struct usb_requests *requests, uint64_t id, struct usb_request *request)
{
    unsigned i = 0;
    while (i < requests->n && at(requests, i)->id != id)
        i++;
    if (i == requests->n)
        return 0;
    *request = *at(requests, i);
    for (; i > 0; i--)
        *at(requests, i) = *at(requests, i - 1);
    requests->first = (requests->first + 1) % USB_REQUESTS_MAX;
    requests->n--;
    return 1;
}
