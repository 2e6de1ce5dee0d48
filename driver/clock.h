/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plate's clock told in the host's time.
 *
 * A message that was stamped at device time d arrives at host time h = d + offset + drift * d +
 * delay, and a delay (USB polling, a 16 ms latency timer, a busy host) is only ever positive: the
 * quickest messages tell the truth. So of each second of device time the smallest h - d is kept,
 * and a straight line is laid under these points as close as they allow: the edge of their lower
 * convex hull below their mean, which is the line with the smallest sum of distances of all that
 * lie under every point. What remains is the smallest delay itself, a constant no clock can tell
 * from an offset.
 *
 * Times are us: device time since the plate's boot, host time CLOCK_MONOTONIC. The map is for
 * telling, never for storing in place of what was measured: a recording keeps both times as they
 * were. Fixed memory, no allocation; a few hundred operations once a second. One thread. */
#ifndef TENDERFOOT_DRIVER_CLOCK_H
#define TENDERFOOT_DRIVER_CLOCK_H

#include <stdint.h>

enum {
    DEVICE_CLOCK_SECONDS = 256,      /* the line forgets what is older: crystals warm up */
    DEVICE_CLOCK_SETTLE_SECONDS = 10 /* before that the slope is held within 200 ppm */
};

/* The host's clock: CLOCK_MONOTONIC in us. */
uint64_t host_clock_us(void);

/* A point of the envelope: the quickest message of one second. */
struct device_clock_point {
    double device_s; /* since origin_us */
    double delay_us; /* host - device, less that of the first message */
};

struct device_clock {
    int has_origin;
    uint64_t origin_us, last_us; /* device time of the first and newest message */
    int64_t offset_us;           /* host - device of the first message */
    struct device_clock_point points[DEVICE_CLOCK_SECONDS]; /* oldest first; the last one grows */
    int n_points;
    double line_at_origin_us, slope_us_per_s; /* the line under the points */
};

void device_clock_init(struct device_clock *clock);

/* One message: stamped at device_us, arrived at host_us. A device time that goes back by more than
 * 0.1 s, or a delay that falls by more than a second, is a restarted or stepped clock: the map
 * begins anew with this message. Returns 1 if it did, else 0. */
int device_clock_feed(struct device_clock *clock, uint64_t device_us, uint64_t host_us);

/* Host time (us, CLOCK_MONOTONIC, with fraction) of a device time: 0, or -1 before the first
 * feed. It is late by the smallest delay of the connection. */
int device_clock_map(const struct device_clock *clock, uint64_t device_us, double *host_us);

/* How much the plate's clock gains on the host's, in ppm (positive = the plate's is fast): 0, or -1
 * before DEVICE_CLOCK_SETTLE_SECONDS, and when it is beyond +-1000 ppm, which no crystal is: then
 * the plate does not run in real time (a replay or a virtual plate at full speed). */
int device_clock_drift_ppm(const struct device_clock *clock, double *drift_ppm);

#endif
