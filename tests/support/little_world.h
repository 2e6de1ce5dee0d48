/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scan source as small as one can be: noise, a block of load that grows, button edges and
 * annotations at known times. The same at the same time, whoever asks. */
#ifndef TENDERFOOT_TESTS_LITTLE_WORLD_H
#define TENDERFOOT_TESTS_LITTLE_WORLD_H

#include "samples/scan_source.h"

/* 12 bits, 100 Hz, resting between 38 and 42; from 1 s on the cells of rows 3 and 4 carry
 * 100 counts a second. Button: down at every odd second + 4321 us, up 200 ms later. An annotation
 * {"n": k} at every second k from 0. */
struct scan_source *little_world(int rows, int cols, double seconds);

#endif
