/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assert_near(found, wanted, bound): |found - wanted| <= bound in double, naming all three.
 * (cmocka's assert_float_equal compares in float.) Include after cmocka.h. */
#ifndef TENDERFOOT_TESTS_NEAR_H
#define TENDERFOOT_TESTS_NEAR_H

#include <math.h>

#define assert_near(found, wanted, bound)                                                          \
    do {                                                                                           \
        double near_found = (found), near_wanted = (wanted), near_bound = (bound);                 \
        if (!(fabs(near_found - near_wanted) <= near_bound))                                       \
            fail_msg("%s is %.9g, wanted %.9g within %g", #found, near_found, near_wanted,         \
                     near_bound);                                                                  \
    } while (0)

#endif
