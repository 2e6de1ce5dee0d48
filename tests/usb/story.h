/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the stories of tests/usb have in common: a seed that is printed, a recording that runs as a
 * child process, and the moments one waits for. */
#ifndef TENDERFOOT_TESTS_STORY_H
#define TENDERFOOT_TESTS_STORY_H

#include "tests/usb/program.h"
#include "tests/usb/truth.h"
#include "tests/usb/usb_rig.h"

#include <stdint.h>

/* USB_RIG_SEED or a fixed one; printed. */
uint64_t story_seed(void);

/* How long a story is: `rounds`, or with N in the environment (`make soak N=1000`) N/50 of it. */
unsigned story_rounds(unsigned rounds);

/* `tenderfoot record --device URI --json -o FILE` until it is stopped. */
struct recorder {
    struct program program;
    char path[128];
};
void recorder_start(struct recorder *recorder, const char *uri, const char *file);

/* Ends it as the user does (SIGINT) and asserts exit code 0 and a file that holds the truth; gives
 * its summary. */
void recorder_stop(struct recorder *recorder, struct recording_summary *summary);

/* Waits until a whole frame is in the file behind what is there now. Time taken in ms; asserts that
 * it takes no longer than `ms`. */
unsigned story_await_frames(const struct recorder *recorder, unsigned ms);

/* Bytes of the recording so far. */
long recorder_bytes(const struct recorder *recorder);

/* Asserts that the program has so many descriptors open, within 3 s (it may just be opening the
 * plate anew). */
void recorder_holds(const struct recorder *recorder, unsigned descriptors);

void story_sleep_ms(unsigned ms);

/* The device's counts at this moment. */
struct usbfs_counts story_counts(struct usb_rig *rig, const struct usb_plate *plate);

/* sent = delivered + lost: all scans of the plate but those at the end that it could only drop or
 * that nobody fetched any more are in the file or known to be missing from it. `tail` = how many
 * those may be. */
void story_accounts(struct usb_rig *rig, const struct usb_plate *plate,
                    const struct recording_summary *summary, unsigned tail);

/* One plate that is plugged in and being recorded; frames flow. The end of it checks the recording
 * and its account. */
struct stage {
    struct usb_rig *rig;
    struct usb_plate *plate;
    struct recorder recorder;
};
void stage_set(struct stage *stage, const char *file);
void stage_clear(struct stage *stage);

/* Transfers that the device's host has under way. */
unsigned stage_in_flight(struct stage *stage);

#endif
