/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/import/frame_sink.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum import_units import_units_named(const char *text)
{
    static const struct {
        const char *name;
        enum import_units units;
    } known[] = {
        {"kPa", IMPORT_KPA},
        {"N/cm2", IMPORT_N_PER_CM2},
        {"N/cm^2", IMPORT_N_PER_CM2},
        {"N/sq-cm", IMPORT_N_PER_CM2},
        {"N/cm\xb2", IMPORT_N_PER_CM2},     /* Latin-1 */
        {"N/cm\xc2\xb2", IMPORT_N_PER_CM2}, /* UTF-8 */
        {"N", IMPORT_N},
        {"PSI", IMPORT_PSI},
        {"lb/in2", IMPORT_PSI},
        {"kg/cm2", IMPORT_KG_PER_CM2},
        {"kg/cm^2", IMPORT_KG_PER_CM2},
        {"kg/sq-cm", IMPORT_KG_PER_CM2},
        {"mmHg", IMPORT_MMHG},
        {"mm Hg", IMPORT_MMHG},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t n = strlen(known[i].name);
        if (!strncasecmp(text, known[i].name, n) &&
            (!text[n] || isspace((unsigned char)text[n]) || strchr(",;\"", text[n])))
            return known[i].units;
    }
    return IMPORT_UNITS_AS_FILE;
}
