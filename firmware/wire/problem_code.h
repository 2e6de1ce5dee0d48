/* SPDX-License-Identifier: MIT */
/* Codes of the problems that whoever works with the station meets: a page that speaks another
 * language than the sentence (struct problem, `text`) says it by the code. A name is a contract: it
 * stands in the station's answers ("code") and never changes; driver/web/words.js has the words of
 * each as "refused.NAME". What is a programmer's mistake only has none. */
#ifndef TENDERFOOT_WIRE_PROBLEM_CODE_H
#define TENDERFOOT_WIRE_PROBLEM_CODE_H

#include "firmware/wire/problem.h"

#define PROBLEM_CODES(X)                                                                           \
    /* the station itself */                                                                       \
    X(LOCKED, "locked")                                                                            \
    X(CROWDED, "crowded")                                                                          \
    X(NO_MEMORY, "no_memory")                                                                      \
    X(DISK_FULL, "disk_full")                                                                      \
    X(FILE_STAYS, "file_stays") /* cannot be removed */                                            \
    /* a plate */                                                                                  \
    X(PLATE_UNKNOWN, "plate_unknown")                                                              \
    X(PLATE_AWAY, "plate_away")                                                                    \
    X(PLATE_GONE, "plate_gone") /* it left in the middle */                                        \
    X(PLATE_FORBIDDEN, "plate_forbidden")                                                          \
    X(PLATE_TAKEN, "plate_taken") /* by another program */                                         \
    X(PLATE_SILENT, "plate_silent")                                                                \
    X(PLATE_ZEROING, "plate_zeroing")                                                              \
    X(PLATE_RECORDING, "plate_recording")                                                          \
    X(PLATE_PRESSING, "plate_pressing")                                                            \
    X(PLATE_CLOSING, "plate_closing")                                                              \
    X(PLATE_LOADED, "plate_loaded")                                                                \
    X(PLATE_NOT_ZEROED, "plate_not_zeroed")                                                        \
    X(DISK_BEHIND, "disk_behind")                                                                  \
    X(NOT_RECORDING, "not_recording")                                                              \
    X(NOT_PRESSING, "not_pressing")                                                                \
    X(WRONG_CALIBRATION, "wrong_calibration")                                                      \
    X(NO_SCALE, "no_scale")                                                                        \
    X(PLATE_FAULTY, "plate_faulty") /* where it is needed */                                       \
    /* what may be asked of a person */                                                            \
    X(NO_SCREENING, "no_screening")                                                                \
    X(SCREENING_OLD, "screening_old")                                                              \
    X(SCREENING_OF_ANOTHER, "screening_of_another")                                                \
    X(SCREENING_NEWER, "screening_newer")                                                          \
    X(SCREENING_STOP, "screening_stop")                                                            \
    X(SCREENING_NO_STANDING, "screening_no_standing")                                              \
    X(NO_CONSENT_RECORDING, "no_consent_recording")                                                \
    X(NO_CONSENT_STORING, "no_consent_storing")                                                    \
    X(NOT_STOOD, "not_stood")                                                                      \
    X(NOT_STILL, "not_still")                                                                      \
    X(NO_PLACE_LEFT, "no_place_left") /* to press */                                               \
    X(NO_FOOT, "no_foot")                                                                          \
    X(ZONE_UNKNOWN, "zone_unknown")                                                                \
    /* people, sessions, recordings */                                                             \
    X(PERSON_UNKNOWN, "person_unknown")                                                            \
    X(PERSON_NAMELESS, "person_nameless")                                                          \
    X(ID_AMBIGUOUS, "id_ambiguous") /* the beginning of several */                                 \
    X(VALUE_WRONG, "value_wrong")                                                                  \
    X(TEXT_TOO_LONG, "text_too_long")                                                              \
    X(TEXT_NOT_PLAIN, "text_not_plain")   /* control characters, no UTF-8 */                       \
    X(PURPOSE_UNKNOWN, "purpose_unknown") /* of a consent */                                       \
    X(NO_SUCH_CONSENT, "no_such_consent") /* none to withdraw */                                   \
    X(SCREENING_WRONG, "screening_wrong") /* no document of one */                                 \
    X(PERSON_RECORDED, "person_recorded") /* so not erased */                                      \
    X(PERSON_ERASED, "person_erased")     /* right now */                                          \
    X(NOTE_EMPTY, "note_empty")                                                                    \
    X(SESSION_OF_ANOTHER, "session_of_another")                                                    \
    X(NUMBER_UNKNOWN, "number_unknown") /* of a trend */                                           \
    X(SESSION_UNKNOWN, "session_unknown")                                                          \
    X(RECORDING_UNKNOWN, "recording_unknown")                                                      \
    X(RECORDING_AWAY, "recording_away") /* its session is known */                                 \
    X(RECORDING_OF_ANOTHER, "recording_of_another")                                                \
    X(RECORDING_EXISTS, "recording_exists")                                                        \
    X(RECORDING_DAMAGED, "recording_damaged")                                                      \
    X(NO_RECORDING, "no_recording") /* a file of another kind */                                   \
    X(STILL_RECORDED, "still_recorded")                                                            \
    X(DIFFERENT_PEOPLE, "different_people")                                                        \
    X(DIFFERENT_PLATES, "different_plates")                                                        \
    X(NOT_COMPARABLE, "not_comparable")                                                            \
    X(SAME_SESSION, "same_session")                                                                \
    X(SESSIONS_BACKWARDS, "sessions_backwards")                                                    \
    X(EXPORT_RUNS, "export_runs")                                                                  \
    X(EXPORT_TOO_LARGE, "export_too_large")                                                        \
    /* the store */                                                                                \
    X(STORE_LOCKED, "store_locked") /* encrypted, by another key or none */                        \
    X(STORE_NEWER, "store_newer")                                                                  \
    X(STORE_DAMAGED, "store_damaged")                                                              \
    X(STORE_BUSY, "store_busy")                                                                    \
    X(STORE_SERVER, "store_server")                                                                \
    X(STORE_MISSING, "store_missing")                                                              \
    X(STORE_FOREIGN, "store_foreign") /* of another program */                                     \
    X(STORE_REFUSES, "store_refuses") /* by its rules */

#define PROBLEM_CODE(NAME, name) PROBLEM_CODE_##NAME,
enum problem_code { PROBLEM_CODE_NONE, PROBLEM_CODES(PROBLEM_CODE) PROBLEM_CODE_END };
#undef PROBLEM_CODE

/* "plate_away"; NULL for none. */
const char *problem_code_name(int code);

/* That of a problem: its own, or that of its kind (a lost plate); NULL when there is none. */
const char *problem_code_of(const struct problem *why);

/* What the system's errno says to whoever works here: PROBLEM_CODE_DISK_FULL, or none. */
int problem_code_of_errno(int error);

#endif
