/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/store/store_private.h"

#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <nettle/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

int store_random(void *bytes, size_t n, struct problem *why)
{
    if (getrandom(bytes, n, 0) != (ssize_t)n) /* up to 256 bytes are never cut short */
        return problem(why, PROBLEM_FAILED, "the system gives no random numbers: %s",
                       strerror(errno));
    return 0;
}

int store_is_id(const char *text, char kind)
{
    return text[0] == kind && strlen(text) == STORE_ID_SIZE - 1 &&
           strspn(text + 1, alphabet) == STORE_ID_SIZE - 2;
}

int store_new_id(char kind, char id[STORE_ID_SIZE], struct problem *why)
{
    unsigned char random[STORE_ID_SIZE - 2];
    if (store_random(random, sizeof random, why))
        return -1;
    id[0] = kind;
    for (size_t i = 0; i < sizeof random; i++)
        id[i + 1] = alphabet[random[i] % 32];
    id[STORE_ID_SIZE - 1] = '\0';
    return 0;
}

/* Whose `list` tells the ids. */
static const char *verb_of(char kind)
{
    return kind == 'p' ? "clients" : "sessions";
}

static int unknown_of(char kind)
{
    return kind == 'p' ? PROBLEM_CODE_PERSON_UNKNOWN : PROBLEM_CODE_SESSION_UNKNOWN;
}

static int find(struct store *store, char kind, const char *what, const char *sql, const char *text,
                char id[STORE_ID_SIZE], struct problem *why)
{
    size_t n = text ? strlen(text) : 0;
    if (n < 5 || n >= STORE_ID_SIZE || text[0] != kind || strspn(text + 1, alphabet) != n - 1)
        return problem_coded(
            why, unknown_of(kind), PROBLEM_REFUSED,
            "'%.40s' is no id of a %s: '%c' and 16 characters, or the first four of "
            "them or more; 'tenderfoot %s list' shows the ids",
            text ? text : "", what, kind, verb_of(kind));
    /* not by >= and <: servers sort letters and digits as their language does */
    json_t *rows = STORE_ROWS(store, sql, why, sql_text(text), sql_integer((int64_t)n));
    size_t found = json_array_size(rows);
    if (found == 1)
        snprintf(id, STORE_ID_SIZE, "%s",
                 json_string_value(json_object_get(json_array_get(rows, 0), "id")));
    else if (rows && found)
        problem_coded(why, PROBLEM_CODE_ID_AMBIGUOUS, PROBLEM_REFUSED,
                      "several ids of a %s begin with %s: give more of it", what, text);
    else if (rows)
        problem_coded(why, unknown_of(kind), PROBLEM_REFUSED,
                      "there is no %s %s in %s; 'tenderfoot %s list' shows the ids", what, text,
                      store->data, verb_of(kind));
    json_decref(rows);
    return found == 1 ? 0 : -1;
}

int store_find_client(struct store *store, const char *text, char id[STORE_ID_SIZE],
                      struct problem *why)
{
    return find(store, 'p', "person", "SELECT id FROM client WHERE substr(id, 1, $2) = $1 LIMIT 2",
                text, id, why);
}

int store_find_session(struct store *store, const char *text, char id[STORE_ID_SIZE],
                       struct problem *why)
{
    return find(store, 's', "session",
                "SELECT id FROM session WHERE substr(id, 1, $2) = $1 LIMIT 2", text, id, why);
}

/* --- The access log -------------------------------------------------------------------------- */

void store_pseudonym(const struct store *store, const char *text, char pseudonym[17])
{
    struct hmac_sha256_ctx hmac;
    uint8_t digest[8];
    hmac_sha256_set_key(&hmac, strlen(store->key), (const uint8_t *)store->key);
    hmac_sha256_update(&hmac, strlen(text), (const uint8_t *)text);
    hmac_sha256_digest(&hmac, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(pseudonym + 2 * i, 3, "%02x", digest[i]);
}

void store_client_disguise(const struct store *store, const char *id, char code[STORE_ID_SIZE],
                           char secret[STORE_SECRET_SIZE])
{
    char of[64], hash[17];
    snprintf(of, sizeof of, "code in documents of %.32s", id);
    store_pseudonym(store, of, hash);
    snprintf(code, STORE_ID_SIZE, "x%s", hash);
    snprintf(of, sizeof of, "identifiers in documents of %.32s", id);
    store_pseudonym(store, of, secret);
}

int store_log(struct store *store, const char *action, const char *of_whom, struct problem *why)
{
    char id[STORE_ID_SIZE], now[24], who[17], whom[17] = "";
    if (store_new_id('a', id, why))
        return -1;
    store_now(now, sizeof now);
    store_pseudonym(store, store->who, who);
    if (of_whom)
        store_pseudonym(store, of_whom, whom);
    return STORE_RUN(store,
                     "INSERT INTO access_log (id, at_utc, who, action, of_whom) "
                     "VALUES ($1, $2, $3, $4, $5)",
                     why, sql_text(id), sql_text(now), sql_text(who), sql_text(action),
                     sql_text(of_whom ? whom : NULL));
}
