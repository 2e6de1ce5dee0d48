/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/store/store_private.h"

#include "firmware/wire/problem_code.h"

#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wctype.h>

void store_now(char *text, size_t n)
{
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(text, n, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

void store_day(const struct store *store, char day[11])
{
    char now[24];
    store_now(now, sizeof now);
    snprintf(day, 11, "%.10s", store->today[0] ? store->today : now);
}

static int read_day(const char *text, struct tm *day)
{
    int year, month, date, end = -1;
    if (strlen(text) != 10 || strspn(text, "0123456789-") != 10 ||
        sscanf(text, "%4d-%2d-%2d%n", &year, &month, &date, &end) != 3 || end != 10)
        return -1;
    *day = (struct tm){.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = date, .tm_hour = 12};
    struct tm real = *day;
    timegm(&real); /* brings 30 February to March: then it was none */
    return year < 1000 || real.tm_mday != day->tm_mday || real.tm_mon != day->tm_mon ? -1 : 0;
}

int store_is_day(const char *text)
{
    struct tm day;
    return !read_day(text, &day);
}

void store_move_day(const char *day, int days, int years, char moved[11])
{
    struct tm at;
    char text[32] = "";
    moved[0] = '\0';
    if (read_day(day, &at))
        return;
    at.tm_mday += days;
    at.tm_year += years;
    timegm(&at);
    strftime(text, sizeof text, "%Y-%m-%d", &at);
    snprintf(moved, 11, "%.10s", text);
}

/* Decodes one character of UTF-8: its length, or 0 when it is none (overlong, surrogate, cut). */
static int decode(const unsigned char *at, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    int n = *at < 0x80 ? 1 : *at >> 5 == 6 ? 2 : *at >> 4 == 14 ? 3 : *at >> 3 == 30 ? 4 : 0;
    *character = n == 1 ? *at : n ? *at & (0xffu >> (n + 1)) : 0;
    for (int i = 1; i < n; i++) {
        if (at[i] >> 6 != 2)
            return 0;
        *character = *character << 6 | (at[i] & 0x3f);
    }
    return n && *character >= least[n] && *character <= 0x10ffff && *character >> 11 != 0x1b ? n
                                                                                             : 0;
}

static int is_control(uint32_t c)
{
    /* Also the signs that turn the direction of writing: with them a label shows as another. */
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029;
}

int store_check_text(const char *name, const char *text, size_t most, int lines,
                     struct problem *why)
{
    size_t n = text ? strlen(text) : 0;
    if (!text)
        return problem_coded(why, PROBLEM_CODE_VALUE_WRONG, PROBLEM_REFUSED, "%s: a text is meant",
                             name);
    if (n > most)
        return problem_coded(why, PROBLEM_CODE_TEXT_TOO_LONG, PROBLEM_REFUSED,
                             "%s: %zu bytes; at most %zu are kept", name, n, most);
    for (size_t i = 0; i < n;) {
        uint32_t c;
        int step = decode((const unsigned char *)text + i, &c);
        if (!step)
            return problem_coded(why, PROBLEM_CODE_TEXT_NOT_PLAIN, PROBLEM_REFUSED,
                                 "%s: byte %zu is not UTF-8", name, i + 1);
        if (is_control(c) && !(lines && (c == '\n' || c == '\t')))
            return problem_coded(why, PROBLEM_CODE_TEXT_NOT_PLAIN, PROBLEM_REFUSED,
                                 "%s: byte %zu is a control character (U+%04X); write it without",
                                 name, i + 1, (unsigned)c);
        i += (size_t)step;
    }
    return 0;
}

static size_t encode(uint32_t c, char *to)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        to[i] = (char)(0x80 | (c & 0x3f));
    to[0] = (char)((0xf00 >> n) | c);
    return n;
}

/* Lower case; with `like`, LIKE's own signs are escaped and % stands at both ends. A lower case
 * letter takes at most 3 bytes where the upper took 2: four bytes a byte are ample. */
static char *fold(const char *text, int like)
{
    char *out = malloc(strlen(text) * 4 + 3);
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    size_t n = 0;
    if (out && like)
        out[n++] = '%';
    for (size_t i = 0; out && text[i];) {
        uint32_t c;
        int step = decode((const unsigned char *)text + i, &c);
        if (like && strchr("%_\\", text[i]))
            out[n++] = '\\';
        if (step)
            n += encode(utf8 ? (uint32_t)towlower_l((wint_t)c, utf8) : c, out + n);
        i += step ? (size_t)step : 1;
    }
    if (out && like)
        out[n++] = '%';
    if (out)
        out[n] = '\0';
    if (utf8)
        freelocale(utf8);
    return out;
}

char *store_fold(const char *text)
{
    return fold(text, 0);
}

char *store_fold_pattern(const char *text)
{
    return fold(text, 1);
}
