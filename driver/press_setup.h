/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guided press test is made of, once the feet are known: chart, route, earlier presses and
 * the engine that leads. */
#ifndef TENDERFOOT_DRIVER_PRESS_SETUP_H
#define TENDERFOOT_DRIVER_PRESS_SETUP_H

#include "calib/calibration.h"
#include "driver/press_earlier.h"
#include "driver/press_run.h"

/* Of a mat and the bare plate there is no route: feet and regions that may be loaded, instead. */
struct press_setup {
    struct atlas *atlas;
    struct route route;
    struct press_earlier *earlier; /* the caller's */
    struct press_protocol *protocol;
    uint8_t *masked;     /* cells that the calibration leaves out; NULL = none */
    struct point cup[3]; /* where the heel goes, by enum side */
    int take_up;
    int left_out[3]; /* of whole feet: those that are not loaded, by enum side */
};

/* `calibration` (NULL = none) tells which cells are masked, and has the grid's size. `earlier` was
 * read before; its places are set here. `ceiling_share` lowers the ceilings (1 = as
 * they are). Ours to free whatever it returns. */
int press_setup_make(struct press_setup *setup, const struct press_run_options *options,
                     const struct grid *grid, const struct calibration *calibration,
                     const struct press_feet *feet, struct press_earlier *earlier,
                     double ceiling_share, struct problem *why);
void press_setup_free(struct press_setup *setup);

/* Where the heel's back edge goes for a foot of this length: the foot in the middle of the plate,
 * along y; whole mm. */
struct point press_setup_cup(const struct grid *grid, double length_mm);

#endif
