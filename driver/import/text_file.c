/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/import/text_file.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 1024

static int grow(struct text_file *text)
{
    size_t room = text->room ? 2 * text->room : FIRST_ROOM;
    char *larger = realloc(text->line, room);
    if (!larger)
        return problem_no_memory(text->why, "a line of text");
    text->line = larger;
    text->room = room;
    return 0;
}

/* One character of the line: 1, 0 when the line is over, -1. */
static int take(struct text_file *text, int c)
{
    if (c == EOF || c == '\n')
        return 0;
    if (c == '\r') {
        int next = getc_unlocked(text->file);
        if (next != '\n' && next != EOF)
            ungetc(next, text->file);
        return 0;
    }
    if (c == 0)
        return lines_refuse(text, "text; there is a byte 0 in this line");
    if (text->length >= text->most)
        return problem(text->why, PROBLEM_REFUSED,
                       "%s: line %ld: expected lines of at most %zu bytes", text->name,
                       text->number, text->most);
    text->line[text->length++] = (char)c;
    return text->length + 1 < text->room || !grow(text) ? 1 : -1;
}

static void trim(struct text_file *text)
{
    if (text->number == 1 && text->length >= 3 && !memcmp(text->line, "\xef\xbb\xbf", 3)) {
        text->length -= 3;
        memmove(text->line, text->line + 3, text->length);
    }
    while (text->length > 0 && isspace((unsigned char)text->line[text->length - 1]))
        text->length--;
    text->line[text->length] = 0;
}

int lines_next(struct text_file *text)
{
    int more = 1;
    text->length = 0;
    if (!text->room && grow(text))
        return -1;
    int c = getc_unlocked(text->file);
    if (c == EOF) {
        text->line[0] = 0;
        return ferror(text->file)
                   ? problem(text->why, PROBLEM_FAILED, "%s cannot be read after line %ld",
                             text->name, text->number)
                   : 0;
    }
    text->number++;
    while ((more = take(text, c)) > 0)
        c = getc_unlocked(text->file);
    trim(text);
    return more < 0 ? -1 : 1;
}

int lines_next_filled(struct text_file *text)
{
    int got;
    while ((got = lines_next(text)) > 0 && !text->length)
        ;
    return got;
}

void lines_free(struct text_file *text)
{
    free(text->line);
    text->line = NULL;
    text->room = 0;
}

int lines_refuse(const struct text_file *text, const char *expected)
{
    return problem(text->why, PROBLEM_REFUSED, "%s: line %ld: expected %s", text->name,
                   text->number, expected);
}

char text_separator(const char *line)
{
    return strchr(line, ';') ? ';' : strchr(line, '\t') ? '\t' : strchr(line, ',') ? ',' : ' ';
}

/* More digits than a double holds, or an exponent: left to the C library. The program never leaves
 * the C locale, whose point is a point. */
static double long_number(const char *from, const char *to)
{
    char copy[64];
    size_t n = 0;
    for (; from < to && n + 1 < sizeof copy; from++)
        copy[n++] = *from == ',' ? '.' : *from;
    copy[n] = 0;
    return strtod(copy, NULL);
}

static const char *skip_exponent(const char *at)
{
    const char *from = at;
    if (*at != 'e' && *at != 'E')
        return at;
    at++;
    at += *at == '-' || *at == '+';
    if (!isdigit((unsigned char)*at))
        return from;
    while (isdigit((unsigned char)*at))
        at++;
    return at;
}

const char *text_number(const char *at, int takes_comma, double *value, int *decimals)
{
    static const double power[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const char *from = at;
    double digits = 0;
    int n = 0, behind = -1;
    int negative = *at == '-';
    for (at += negative || *at == '+';; at++) {
        if (isdigit((unsigned char)*at)) {
            digits = digits * 10 + (*at - '0');
            n++;
            behind += behind >= 0;
        } else if (behind < 0 && (*at == '.' || (takes_comma && *at == ','))) {
            behind = 0;
        } else {
            break;
        }
    }
    const char *end = skip_exponent(at);
    if (n == 0 || end - from > 60)
        return NULL;
    behind = behind > 0 ? behind : 0;
    *value = n > 15 || end != at ? long_number(from, end)
                                 : (negative ? -digits : digits) / power[behind];
    if (decimals)
        *decimals = behind;
    return isfinite(*value) ? end : NULL;
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '"';
}

static const char *skip_blanks(const char *at, char separator)
{
    while (is_blank(*at) && *at != separator)
        at++;
    if (separator == ' ')
        while (is_blank(*at))
            at++;
    return at;
}

enum text_cell text_cell(const char **at, char separator, double *value, int *decimals)
{
    enum text_cell kind;
    const char *next = skip_blanks(*at, separator), *end;
    if (!*next)
        return TEXT_END;
    if (*next == separator) {
        kind = TEXT_EMPTY;
    } else if ((*next == 'B' || *next == 'b') && !isalnum((unsigned char)next[1])) {
        kind = TEXT_NO_SENSOR;
        next++;
    } else {
        end = text_number(next, separator != ',', value, decimals);
        kind = end ? TEXT_NUMBER : TEXT_BAD;
        next = end ? end : next;
    }
    end = next;
    next = skip_blanks(next, separator);
    if (*next && *next != separator && !(separator == ' ' && next > end))
        kind = TEXT_BAD;
    else if (*next && separator != ' ')
        next++;
    *at = next;
    return kind;
}
