/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/keep_recording.h"

#include "analysis/condition.h"
#include "analysis/result_json.h"
#include "driver/analyze_recording.h"
#include "driver/compare_recordings.h"
#include "driver/recording.h"
#include "driver/recording_header.h"
#include "driver/sway_trial.h"
#include "firmware/wire/problem_code.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *recording_sway_json(const char *path, struct problem *why)
{
    struct sway_words words = {.options = sway_defaults(),
                               .from_s = NAN,
                               .to_s = NAN,
                               .threshold_kpa = NAN,
                               .seed = SWAY_SEED};
    struct sway_trial trial = {.file = path};
    json_t *document = NULL;
    if (!sway_trial_read(&trial, &words, why) && !sway_trials_measure(&trial, 1, &words, why)) {
        document = sway_trial_json(&trial, &words);
        if (!document)
            problem_no_memory(why, "the sway of a recording");
    }
    sway_trial_free(&trial);
    return document;
}

/* Of a foot's numbers, to both sides of the value: 1.96 standard errors of one measurement, by the
 * plate's error and the scatter within the stand (analysis/change/SCHEMA.md). */
static int put_errors(json_t *foot, const struct measured *of)
{
    json_t *errors = json_object();
    int bad = !errors;
    for (int key = 0; !bad && key < CHANGE_KEYS; key++)
        if (isfinite(of[key].sem))
            bad = json_object_set_new(errors, change_facts((enum change_key)key)->key,
                                      json_real(1.96 * of[key].sem));
    return json_object_set_new(foot, "error", errors) || bad;
}

static int tell_errors(const struct result *result, json_t *analysis, struct problem *why)
{
    const struct sway_options how = sway_defaults();
    struct visit *visit = calloc(1, sizeof *visit);
    int bad = visit ? visit_of_result(result, &how, visit, why) : problem_no_memory(why, "errors");
    size_t i;
    json_t *foot;
    json_array_foreach(bad ? NULL : json_object_get(analysis, "feet"), i, foot)
    {
        const char *side = json_string_value(json_object_get(foot, "side"));
        int right = side && !strcmp(side, "right");
        if (side && visit->has_foot[right] && put_errors(foot, visit->foot[right]))
            bad = problem_no_memory(why, "errors");
    }
    free(visit);
    return bad;
}

/* Of a stand whose sway cannot be told (nobody stood still) there is none, and all is well (0); a
 * failure on the way is one (-1). */
static int sway_of(const struct result *result, const char *path, json_t **sway,
                   struct problem *why)
{
    struct problem no_sway = {0};
    *sway = protocol_is_stand(result->facts.protocol) ? recording_sway_json(path, &no_sway) : NULL;
    return !*sway && no_sway.kind && no_sway.kind != PROBLEM_REFUSED
               ? problem(why, no_sway.kind, "the sway: %s", no_sway.text)
               : 0;
}

int keep_recording(struct store *store, const char *person, const char *path,
                   char id[STORE_ID_SIZE], struct problem *why)
{
    struct analyzer_options how = analyze_defaults();
    struct result *result = analyze_recording(path, &how, why);
    json_t *analysis = result ? result_json(result, 0, why) : NULL;
    json_t *sway = NULL;
    int bad = !analysis || sway_of(result, path, &sway, why) ||
              tell_errors(result, analysis, why) ||
              store_session_add(store, person, path, analysis, sway, id, why);
    json_decref(sway);
    json_decref(analysis);
    result_free(result);
    return bad ? -1 : 0;
}

int keep_needs_consent(struct store *store, const char *person, const char *purpose,
                       char whole[STORE_ID_SIZE], struct problem *why)
{
    int stores = !strcmp(purpose, "storing");
    int agrees = store_has_consent(store, person, purpose, whole, why);
    if (agrees)
        return agrees < 0 ? -1 : 0;
    return problem_coded(
        why, stores ? PROBLEM_CODE_NO_CONSENT_STORING : PROBLEM_CODE_NO_CONSENT_RECORDING,
        PROBLEM_REFUSED,
        "%s has not agreed to %s (or no longer does): ask, and record the consent first "
        "('tenderfoot clients consent %s --give %s')",
        whole, stores ? "recordings being stored" : "being recorded", whole, purpose);
}

int keep_needs_own(const char *path, const char *person, struct problem *why)
{
    struct recording_header header;
    struct problem ignored;
    struct recording *recording = recording_open(path, &ignored);
    const char *json = recording ? recording_header(recording) : NULL;
    if (recording && (!json || recording_header_parse(json, &header, &ignored)))
        header.client[0] = '\0'; /* damaged: keeping it says so */
    int anothers = recording && store_is_id(header.client, 'p') && strcmp(header.client, person);
    recording_close(recording);
    return anothers ? problem_coded(why, PROBLEM_CODE_RECORDING_OF_ANOTHER, PROBLEM_REFUSED,
                                    "this recording is of another person: it was made of %.32s, "
                                    "not of %.32s; keep it for whom it was made of, or discard it",
                                    header.client, person)
                    : 0;
}
