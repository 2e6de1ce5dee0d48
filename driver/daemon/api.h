/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files of the API: each api_*.c answers some of the routes that api_routes.c lists.
 * All answers are by struct http_reply; `station` is the struct service. */
#ifndef TENDERFOOT_DRIVER_DAEMON_API_H
#define TENDERFOOT_DRIVER_DAEMON_API_H

#include "analysis/report/report.h"
#include "driver/compare_recordings.h"
#include "driver/daemon/service.h"
#include "driver/session_person.h"
#include "driver/store/store.h"

enum { API_PATH = 600 };

typedef void api_answer(void *station, const struct http_request *request,
                        struct http_reply *reply);

/* The page and what is always the same: api_page.c. */
api_answer api_page, api_atlas, api_atlas_at, api_questions, api_login, api_station;
/* api_plates.c */
api_answer api_plates, api_plate, api_live, api_zero, api_record, api_press, api_stop, api_discard,
    api_key;
/* api_recordings.c */
api_answer api_recordings, api_recording, api_recording_file, api_analysis, api_report, api_sway,
    api_recording_discard;
/* api_exports.c */
api_answer api_export, api_table;
/* api_plan.c */
api_answer api_plan;
/* api_store.c */
api_answer api_clients, api_client_add, api_client, api_client_edit, api_client_consent,
    api_screening, api_client_screening, api_client_note, api_client_erase, api_client_trend,
    api_client_sessions, api_session, api_session_add;
/* How the station opens its store. */
struct store_options api_store_options(const struct service *service);
/* api_take_away.c */
api_answer api_client_export;
/* api_screened.c */
/* Whether the store has a screening of today of this person ("" = nobody) that forbids to stand or
 * walk on both feet: 0 when it has not, -1 and *why (refused) with the reason. heel_pain_walking
 * gets its answer; "" when there is none. */
int api_check_standing(const struct service *service, const char *client, char heel_pain_walking[8],
                       struct problem *why);
/* The store's newest screening of today of whom the press test is of ("" = nobody): one that stops
 * it is refused whatever the request brings, and so is a request whose answers are older; one
 * without answers is led by the store's. 0, or -1 and *why (refused). */
int api_heed_newest(const struct service *service, struct plate_press *wanted, struct problem *why);
/* The same for a plan: the store's newest of today takes the place of answers that are older or
 * were not given, and of any when it allows no plan. 0, or -1 and *why. */
int api_follow_newest(const struct service *service, const char *client, struct screening *given,
                      int *has_given, struct problem *why);
/* api_compare.c */
api_answer api_compare, api_compare_picture;
/* api_beside.c */
api_answer api_romberg;

/* The service's store, by who asks over HTTP (store_close); NULL: the reply says why. */
struct store *api_open_store(const struct service *service, struct http_reply *reply);

/* The recording or session that a route names, analysed as usual; NULL: the reply says why. */
struct result *api_analyze(struct service *service, const struct http_request *request,
                           struct http_reply *reply);
/* The same; of somebody disguised (api_person) without the id that the recording has. */
struct result *api_analyze_of(struct service *service, const struct http_request *request,
                              const struct session_person *person, struct http_reply *reply);
/* The file that a route names, of the inbox or of a session (ends with store_recording_done): 1, or
 * 0 and the reply says why. */
int api_find(struct service *service, const struct http_request *request, struct http_reply *reply,
             char path[API_PATH]);
/* The file of a recording of the inbox: 1, or 0 and the reply says why; with `status` that there is
 * none of this name. */
int api_recording_path(const struct service *service, const char *name, char *path, size_t cap,
                       int status, struct http_reply *reply);
/* That of a session in the store (ends with store_recording_done): 1, or 0 and the reply says why.
 */
int api_session_path(struct service *service, const char *session, char *path, size_t cap,
                     struct http_reply *reply);

/* Whose session it is: 1, or 0 and the reply says why. */
int api_session_client(struct service *service, const char *session, char *client, size_t cap,
                       struct http_reply *reply);
/* Whether the person of the store has agreed to `purpose` (recording | storing), and agrees still:
 * 1, `client` becomes the whole id, and nobody erases the person until *hold is let go; or 0 and
 * the reply says why. "" is nobody: 1, and *hold is NULL. */
int api_consents(struct service *service, char *client, size_t cap, const char *purpose,
                 struct store_hold **hold, struct http_reply *reply);
/* The same of whoever asks otherwise: 0, or -1 and *why. */
int api_hold_consenting(const struct service *service, char *client, size_t cap,
                        const char *purpose, struct store_hold **hold, struct problem *why);
/* The newest press test of a person of the store: 1 and its recording (store_recording_done), 0
 * when there is none. */
int api_earlier_press(struct service *service, const char *client, char path[API_PATH]);
/* The newest press test of the person before this session, itself a press test: 1 (its recording
 * ends with store_recording_done) or 0. */
int api_press_before(struct service *service, const char *session, char path[API_PATH]);
/* Sway of the stand with the other eyes that belongs to the session of this request (free); NULL
 * when there is none. */
struct visit_sway *api_other_eyes(struct service *service, const struct http_request *request);
/* Session `after` beside session `before` of the same person (compared_free); `repeats` NULL, or
 * further sessions in the state before with commas between. NULL: the reply says why. */
struct compared *api_compared(struct service *service, const char *before, const char *after,
                              const char *repeats, struct http_reply *reply);

/* Whom a document is of: of a session's, as the store knows the person, or disguised where
 * "?pseudonymous=1" is asked; an empty label for a recording of the inbox, which is nobody's yet.
 * 1, or 0 and the reply says why. */
int api_person(struct service *service, const struct http_request *request,
               struct session_person *person, struct http_reply *reply);
/* The language of "?language="; English unless asked. 1, or 0 and the reply says why. */
int api_language(const struct http_request *request, enum words_language *language,
                 struct http_reply *reply);
/* The names of a chart's zones and organs. */
void api_name_in(json_t *chart, enum words_language language);
/* 200 with the document, taken over, in that language (words_json.h); api_words.c. */
void api_reply_said(struct http_reply *reply, json_t *document, enum words_language language);

/* A plate still writes or closes the inbox's recording of this name: nobody may take it away. */
int api_is_being_written(struct service *service, const char *name);

/* The media type of "pdf", "png", "svg" or "html", and the format; NULL = none of these. */
const char *api_page_type(const char *as, enum report_format *format);

/* --- Members of a request's body (api_body.c) --------------------------------------------------
 */

/* Reads one member after the other; the first that is wrong is kept as the problem. */
struct api_body {
    const json_t *object;
    size_t known; /* members that were asked for and there */
    struct problem why;
};

/* "" when it is not there; refused: no text, longer than cap - 1 bytes, control characters. */
void api_text(struct api_body *body, const char *key, char *text, size_t cap);
/* `otherwise` when it is not there; refused: no number, outside of the bounds. */
double api_number(struct api_body *body, const char *key, double least, double most,
                  double otherwise);
int api_flag(struct api_body *body, const char *key, int otherwise);
const json_t *api_member(struct api_body *body, const char *key); /* NULL when it is not there */
/* 0 when all was well and there is no member besides those asked for. */
int api_body_end(struct api_body *body);

#endif
