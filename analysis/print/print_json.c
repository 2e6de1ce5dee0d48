/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/print/print_of_foot.h"

static json_t *sensitivity_json(struct json_writer *w, const struct print_number *number)
{
    const char *none = "the print at that threshold does not allow it";
    json_t *object = json_object();

    put_number(w, object, "at_half_threshold", number->at_half, none);
    put_number(w, object, "at_double_threshold", number->at_double, none);
    put_number(w, object, "per_20_percent", number->per_20_percent, none);
    put_number(w, object, "one_cell", number->one_cell, none);
    put_number(w, object, "error", number->error, none);
    return object;
}

json_t *print_json(struct json_writer *w, const struct print_numbers *numbers)
{
    json_t *print = json_object(), *sensitivity = json_object();

    for (int id = 0; id < PRINT_NUMBERS; id++) {
        const char *key = print_number_facts((enum print_number_id)id)->key;

        put_number(w, print, key, numbers->of[id].value, numbers->of[id].reason);
        if (!*numbers->of[id].reason)
            put(w, sensitivity, key, sensitivity_json(w, &numbers->of[id]));
    }
    put(w, print, "is_parted", json_boolean(numbers->is_parted));
    put(w, print, "sensitivity", sensitivity);
    return print;
}
