/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a small cohort can bear: bounds for `make test`, where some forty people stand and a dozen
 * are pressed. No bound is a number by itself: it follows from how many were measured.
 *
 * Shares: X of n are held against the rate that the whole cohort of 700 reached or the issue asks
 * for. With X binomial (n, rate) a bound is crossed when so few, or so many, come by chance in less
 * than a hundredth of cohorts. Several rows with rates of their own are held together: X is then
 * the sum of binomials (planted zones by how tender they are: a dozen people have two or three of
 * each factor only). What belongs together counts once: of landmarks of one foot, or places of one
 * person, `cluster` stand for one. False flags of one session have a twentieth instead: with seven
 * people without a planted zone a hundredth would let two of them be flagged.
 * Medians and percentiles: crossed when their 95 % interval leaves the aim out.
 * Pure functions; any thread. */
#ifndef TENDERFOOT_TESTS_COHORT_BOUNDS_H
#define TENDERFOOT_TESTS_COHORT_BOUNDS_H

#include "tests/cohort/cohort_table.h"

#include <stdio.h>

enum bound_of { OF_FEET = 1, OF_PRESS = 2, OF_WHOLE = 4, OF_TRAIT = 8 };

/* How many bounds of these parts (enum bound_of, or-ed) are crossed; each is told. A row that is
 * not in the table, or without data, crosses too: a proof that measured nothing proves nothing. */
int bounds_crossed(const struct table *table, unsigned parts, FILE *to);

#endif
