/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outer edges of a footprint along its axis; part of the print room, see print_cells.h. */
#ifndef TENDERFOOT_ANALYSIS_PRINT_PRINT_EDGES_H
#define TENDERFOOT_ANALYSIS_PRINT_PRINT_EDGES_H

#include "analysis/print/print_cells.h"

/* Where the contact without toes lies along the axis, and its thirds. */
struct print_thirds {
    double rear, fore;  /* of the contact without toes; NAN when there is none */
    double tip;         /* foremost contact, toes and all */
    double border[2];   /* rear | middle | front */
    double area_cm2[3]; /* of the thirds */
};

void print_thirds_find(const struct print_cells *cells, struct print_thirds *thirds);

/* A place on the edge, (t, s). */
struct edge_place {
    double t, s;
};

/* What a cell covers of s in one bin. */
struct print_chord {
    double s0, s1;
};

struct print_edges {
    double t0, step;              /* of bin 0; 1 mm, more where cells are large */
    size_t n;                     /* bins */
    double *inner, *outer;        /* without toes; s towards the big toe and the little toe; NAN =
                                     nothing touches there */
    double *toe_inner;            /* of the toes, inner side only */
    double *width, *smooth_inner; /* means over the length of a cell; width 0 in a gap */
    double *smooth_outer, *smooth_toe;
    size_t half;    /* bins that a mean reaches to either side */
    double *padded; /* for the smoothing: values and whether they are there, zeros about them */
    /* Of cell i, from bin first_bin[i] on: chords[i * per_cell], up to one with s0 > s1. */
    size_t *first_bin, per_cell;
    struct print_chord *chords;
};

/* Room for the edges of any print in these cells; print_edges_trace fills it as often as wanted. */
int print_edges_make(struct print_edges *edges, const struct print_cells *cells,
                     struct problem *why);
void print_edges_free(struct print_edges *edges);
void print_edges_trace(struct print_edges *edges, const struct print_cells *cells,
                       const struct print_thirds *thirds);

/* The line that touches an edge in the rear and in the front third with all of the edge on its
 * other side; side +1: the inner edge, -1: the outer. 0 when a third has no edge. */
int print_edges_tangent(const struct print_edges *edges, const struct print_thirds *thirds,
                        int side, struct edge_place *heel, struct edge_place *ball);

#endif
