/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/text.h"

#include "analysis/report/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int text_reserve(struct text *text, size_t more)
{
    if (text->failed)
        return -1;
    size_t needed = text->n + more + 1;
    if (needed <= text->capacity)
        return 0;
    size_t capacity = text->capacity ? text->capacity : 64;
    while (capacity < needed)
        capacity *= 2;
    char *bytes = realloc(text->bytes, capacity);
    if (!bytes) {
        text->failed = 1;
        return -1;
    }
    text->bytes = bytes;
    text->capacity = capacity;
    return 0;
}

void text_append(struct text *text, const void *bytes, size_t n)
{
    if (text_reserve(text, n))
        return;
    if (n)
        memcpy(text->bytes + text->n, bytes, n);
    text->n += n;
    text->bytes[text->n] = '\0';
}

void text_add(struct text *text, const char *string)
{
    string = words_tr(string);
    if (string)
        text_append(text, string, strlen(string));
}

/* Around each number with a fraction, while it is printed: no text has these bytes. */
#define FRACTION '\1'
#define FRACTION_END '\2'

/* The format with marks around its conversions of fractions; the caller's (free), or NULL. */
static char *marked_format(const char *format)
{
    char *marked = malloc(2 * strlen(format) + 1), *to = marked;

    for (const char *s = format; marked && *s;) {
        size_t n = *s == '%' ? 1 + strspn(s + 1, "0123456789.*+- ") : 0;
        int is_fraction = n && s[n] && strchr("fge", s[n]);
        if (is_fraction)
            *to++ = FRACTION;
        n = n && s[n] ? n + 1 : 1;
        memcpy(to, s, n);
        to += n;
        s += n;
        if (is_fraction)
            *to++ = FRACTION_END;
    }
    if (marked)
        *to = '\0';
    return marked;
}

/* Takes the marks away; between them the point becomes the language's sign. */
static size_t unmark(char *bytes, size_t n)
{
    size_t to = 0;
    int inside = 0;

    for (size_t from = 0; from < n; from++) {
        char c = bytes[from];
        inside = c == FRACTION || (inside && c != FRACTION_END);
        if (c != FRACTION && c != FRACTION_END)
            bytes[to++] = inside && c == '.' ? words_decimal() : c;
    }
    bytes[to] = '\0';
    return to;
}

static void add_formatted(struct text *text, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    if (n >= 0 && !text_reserve(text, (size_t)n)) {
        vsnprintf(text->bytes + text->n, (size_t)n + 1, format, again);
        text->n += (size_t)n;
    }
    va_end(again);
}

void text_addf(struct text *text, const char *format, ...)
{
    va_list args;
    size_t before = text->n;
    char *marked;

    format = words_tr(format);
    va_start(args, format);
    if (words_decimal() == '.') {
        add_formatted(text, format, args);
    } else if ((marked = marked_format(format)) != NULL) {
        add_formatted(text, marked, args);
        if (!text->failed && text->bytes)
            text->n = before + unmark(text->bytes + before, text->n - before);
        free(marked);
    } else {
        text->failed = 1;
    }
    va_end(args);
}

/* Length of the UTF-8 sequence at `s` (1..4), 0 when it is none. Surrogates, overlong forms and
 * code points beyond U+10FFFF are none. */
static size_t utf8_length(const unsigned char *s)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : s[0] >> 3 == 30 ? 4 : 0;
    if (n < 2)
        return n;
    unsigned code = s[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (s[i] >> 6 != 2)
            return 0;
        code = code << 6 | (s[i] & 0x3Fu);
    }
    return code < least[n] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0 : n;
}

/* C0, DEL and C1 control characters print as nothing good anywhere. */
static int is_control(const unsigned char *s)
{
    return s[0] < 0x20 || s[0] == 0x7F || (s[0] == 0xC2 && s[1] < 0xA0);
}

void text_add_foreign(struct text *text, const char *string, const char *when_missing)
{
    if (!string || !*string) {
        text_add(text, when_missing);
        return;
    }
    for (const unsigned char *s = (const unsigned char *)string; *s;) {
        size_t n = utf8_length(s);
        if (!n)
            text_append(text, "?", 1);
        else if (is_control(s))
            text_append(text, " ", 1);
        else
            text_append(text, s, n);
        s += n ? n : 1;
    }
}

const char *text_string(const struct text *text)
{
    return text->bytes ? text->bytes : "";
}

char *text_take(struct text *text)
{
    text_append(text, "", 0);
    char *bytes = text->failed ? NULL : text->bytes;
    if (text->failed)
        free(text->bytes);
    *text = (struct text){0};
    return bytes;
}

void text_free(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}
