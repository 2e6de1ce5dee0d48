/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/change/comparison.h"

#include "analysis/change/load_change_json.h"
#include "analysis/change/published.h"
#include "analysis/json_writer.h"

/* Two press tests compare without anybody standing. */
static int check_not_empty(const struct comparison *c, const struct visit *before,
                           const struct visit *after, struct problem *why)
{
    if (c->tender.was_pressed[0] && c->tender.was_pressed[1])
        return 0;
    return load_change_is_empty(before, after, &c->load, why);
}

int comparison_make(struct comparison *c, const struct result *before,
                    const struct visit *of_before, const struct result *after,
                    const struct visit *of_after, const struct visit *repeats, size_t n_repeats,
                    struct problem *why)
{
    *c = (struct comparison){.before = before, .after = after};
    if (load_change_check(before, after, why))
        return -1;
    load_change(of_before, of_after, repeats, n_repeats, &c->load);
    load_change_warn(before, after, &c->load);
    load_change_warn_length(of_before, of_after, &c->load);
    load_change_warn_repeats(of_before, repeats, n_repeats, &c->load);
    return tender_change(before, after, &c->tender, why) ||
                   check_not_empty(c, of_before, of_after, why) ||
                   pressure_change(before, after, SIDE_LEFT, &c->maps[0], why) ||
                   pressure_change(before, after, SIDE_RIGHT, &c->maps[1], why)
               ? -1
               : 0;
}

void comparison_free(struct comparison *c)
{
    tender_change_free(&c->tender);
    for (int k = 0; k < 2; k++)
        pressure_change_free(&c->maps[k]);
}

static json_t *maps_json(struct json_writer *w, const struct comparison *c)
{
    static const char *const sides[] = {"left", "right"};
    json_t *made = json_object();
    for (int k = 0; k < 2; k++)
        if (c->maps[k].rows)
            put(w, made, sides[k], pressure_change_json(&c->maps[k]));
        else
            put_text_or(w, made, sides[k], NULL, c->maps[k].reason);
    return made;
}

json_t *comparison_json(const struct comparison *c, const char *published, struct problem *why)
{
    struct json_writer w = {0};
    json_t *errors = published_errors_load(published, why);
    if (!errors)
        return NULL;
    json_t *made = load_change_json(&c->load, c->before, c->after);
    if (made) {
        put(&w, made, "published", published_errors_beside(errors, made));
        put(&w, made, "tenderness", tender_change_json(&c->tender));
        put(&w, made, "difference", maps_json(&w, c));
        made = json_whole(&w, made);
    }
    json_decref(errors);
    if (!made)
        problem_no_memory(why, "a comparison");
    return made;
}
