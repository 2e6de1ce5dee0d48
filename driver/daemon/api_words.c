/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents in the language of whoever reads them: the verbs' JSON is English, whose words are a
 * contract; a page asks "?language=". */
#include "driver/daemon/api.h"

#include "analysis/report/words_json.h"

static void name_member(json_t *object, const char *key)
{
    const char *english = json_string_value(json_object_get(object, key));
    const char *named = english ? words_tr(english) : NULL;
    if (named && named != english)
        json_object_set_new(object, key, json_string(named));
}

void api_name_in(json_t *chart, enum words_language language)
{
    enum words_language before = words_use(language);
    size_t z, s;
    json_t *zone, *source;
    json_array_foreach(json_object_get(chart, "zones"), z, zone)
    {
        name_member(zone, "name");
        json_array_foreach(json_object_get(zone, "sources"), s, source)
            name_member(source, "organ");
    }
    words_use(before);
}

void api_reply_said(struct http_reply *reply, json_t *document, enum words_language language)
{
    if (!words_json_say(document, language)) {
        http_reply_json(reply, 200, document);
        return;
    }
    json_decref(document);
    http_reply_no_memory(reply);
}
