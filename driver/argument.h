/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of a command line that the programs read alike: numbers within limits, and words that are
 * no options. What is wrong is told by argp_error, which ends the program with wrong usage (2): a
 * caller need not look. `option` is the option's long name, without its dashes. */
#ifndef TENDERFOOT_DRIVER_ARGUMENT_H
#define TENDERFOOT_DRIVER_ARGUMENT_H

#include <argp.h>

/* A number from low to high, both included. */
double argument_number(struct argp_state *state, const char *option, const char *text, double low,
                       double high);
/* A whole number from low to high, both included. */
long argument_whole(struct argp_state *state, const char *option, const char *text, long low,
                    long high);

/* The next word that is no option: words[(*n)++], of at most `most`. */
void argument_word(struct argp_state *state, const char **words, int *n, int most,
                   const char *word);

#endif
