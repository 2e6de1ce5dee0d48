/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/http_words.h"

#include "analysis/json_writer.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *advice_of(int code)
{
    switch (code) {
    case PROBLEM_CODE_PERSON_UNKNOWN:
        return "look for the person by name";
    case PROBLEM_CODE_SESSION_UNKNOWN:
        return "the person's results list the sessions";
    case PROBLEM_CODE_STORE_LOCKED:
        return "start the station with its key";
    case PROBLEM_CODE_NO_SCREENING:
    case PROBLEM_CODE_SCREENING_OLD:
    case PROBLEM_CODE_SCREENING_OF_ANOTHER:
        return "ask the questions on the page";
    case PROBLEM_CODE_PLATE_AWAY:
        return "look at its cable";
    case PROBLEM_CODE_PLATE_FORBIDDEN:
        return "the station's user needs the right to";
    case PROBLEM_CODE_NO_SCALE:
        return "it needs a calibration first";
    case PROBLEM_CODE_RECORDING_DAMAGED:
        return "a backup may have it whole";
    case PROBLEM_CODE_ZONE_UNKNOWN:
        return "zones are named like P07";
    default:
        return NULL;
    }
}

/* --- Paths ---------------------------------------------------------------------------------- */

static int is_path(const char *sentence, const char *at)
{
    if (*at != '/' || !at[1] || isspace((unsigned char)at[1]) || at[1] == '/')
        return 0;
    if (!strncmp(at, "/api/", 5) || (at > sentence && at[-1] == '/'))
        return 0;
    return at == sentence || strchr(" '\"(=:", at[-1]) != NULL;
}

/* "/home/anna/data/a.tfr: ..." -> "a.tfr: ..." */
static void shorten_paths(const char *sentence, char said[HTTP_WORDS_SIZE])
{
    size_t n = 0;
    for (const char *at = sentence; *at && n + 1 < HTTP_WORDS_SIZE; at++) {
        if (is_path(sentence, at)) {
            size_t length = strcspn(at, " '\"();,");
            for (const char *to = at + length; at < to && memchr(at, '/', (size_t)(to - at));)
                at++;
            at--;
            continue;
        }
        said[n++] = *at;
    }
    said[n] = '\0';
}

/* --- Commands ------------------------------------------------------------------------------- */

static int is_command(const char *start, const char *at)
{
    static const char *const begin[] = {"tenderfoot ", "sudo ", "$TENDERFOOT_", "'store ", "'ls "};
    int is_word = at == start || !isalnum((unsigned char)at[-1]);
    if (is_word && at[0] == '-' && at[1] == '-' && isalpha((unsigned char)at[2]))
        return 1;
    for (size_t i = 0; i < sizeof begin / sizeof *begin; i++)
        if (!strncmp(at, begin[i], strlen(begin[i])))
            /* "a newer tenderfoot is needed" is none */
            return i || (at > start && (at[-1] == '\'' || at[-1] == '`')) ||
                   !strncmp(at, "tenderfoot devices --", 21);
    return 0;
}

static char *command_in(char *from, const char *to)
{
    for (char *at = from; at < to; at++)
        if (is_command(from, at))
            return at;
    return NULL;
}

static int drop(char *from, const char *to)
{
    memmove(from, to, strlen(to) + 1);
    return 1;
}

/* Parts in brackets that give a command, with the blank before. */
static int drop_brackets(char *text)
{
    int dropped = 0;
    for (char *open = strstr(text, " ("); open; open = strstr(open, " (")) {
        char *close = strchr(open, ')');
        if (!close)
            break;
        if (command_in(open, close))
            dropped |= drop(open, close + 1);
        else
            open = close;
    }
    return dropped;
}

static int is_clause_end(const char *at)
{
    return (*at == ';' || *at == '.') && at[1] == ' ';
}

/* Its "; " or ". ", or the end. */
static char *clause_end(char *from)
{
    for (char *at = from; *at; at++)
        if (is_clause_end(at))
            return at;
    return from + strlen(from);
}

/* The first clause says what is wrong: only what follows its last ": " or ", " before the command
 * goes. */
static char *cut_of_first(char *text, const char *command)
{
    char *cut = text;
    for (char *at = text; at < command; at++)
        if ((*at == ':' || *at == ',') && at[1] == ' ')
            cut = at;
    return cut;
}

static int drop_clauses(char *text)
{
    int dropped = 0;
    for (char *from = text, *end; *from; from = end) {
        while (from == text && is_clause_end(text))
            drop(text, text + 2);                     /* nothing stands before it any more */
        end = clause_end(from + is_clause_end(from)); /* a later one begins with its separator */
        char *command = command_in(from, end);
        if (command) {
            char *cut = from == text ? cut_of_first(text, command) : from;
            dropped |= drop(cut, end);
            end = cut;
        }
    }
    return dropped;
}

void http_words(const char *sentence, int code, char said[HTTP_WORDS_SIZE])
{
    const char *advice = advice_of(code);
    while (!strncmp(sentence, "--", 2)) /* "--note: at most 16" */
        sentence += 2;
    shorten_paths(sentence, said);
    make_utf8(said); /* what was asked for may be quoted and cut within a letter */
    int dropped = drop_brackets(said);
    dropped |= drop_clauses(said);
    if (!dropped || (!advice && *said))
        return;
    size_t n = strlen(said);
    snprintf(said + n, HTTP_WORDS_SIZE - n, "%s%s", n ? "; " : "",
             advice ? advice : "the station cannot do this");
}

void http_source(const char *uri, char shown[HTTP_SOURCE_SIZE])
{
    const char *colon = strchr(uri, ':'), *end = uri + strcspn(uri, "?");
    const char *begin = colon && colon < end ? colon + 1 : uri, *name = begin;
    for (const char *at = begin; at < end; at++)
        name = *at == '/' ? at + 1 : name;
    snprintf(shown, HTTP_SOURCE_SIZE, "%.*s%.*s", (int)(begin - uri), uri, (int)(end - name), name);
    make_utf8(shown);
}
