/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/words_made.h"

#include "analysis/report/words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MOST 10
#define STEPS_MOST 20000 /* of one try: a hostile sentence costs no more */
#define DEPTH_MOST 12
#define VERBATIM (-1)   /* slots of a text that is a msgid itself: signs of per cent stay */
#define LETTERS_LEAST 3 /* literal text of a format that may fit */

struct slot {
    const char *at;
    size_t n;
    char kind; /* 's', 'd' or 'f' */
};

/* A sentence laid beside a format. */
struct fit {
    struct slot slots[SLOTS_MOST];
    const char *end; /* of the sentence */
    int n, steps;
};

/* Of "%-4.1f": its length, and 's', 'd' or 'f'; *place of "%2$s" is 2, else 0. */
static size_t conversion(const char *format, char *kind, int *place)
{
    size_t n = 1 + strspn(format + 1, "0123456789");

    *place = 0;
    if (n > 1 && format[n] == '$') {
        *place = atoi(format + 1);
        n++;
    } else {
        n = 1;
    }
    n += strspn(format + n, "0123456789.*+- #");
    n += strspn(format + n, "lzh");
    *kind = strchr("fge", format[n]) ? 'f' : strchr("sc", format[n]) ? 's' : 'd';
    return format[n] ? n + 1 : n;
}

/* Length of the number that begins here, 0 for none: no full stop at its end. */
static size_t number_length(const char *at, const char *end)
{
    const char *s = at + (at < end && (*at == '-' || *at == '+'));
    const char *digits = s;

    while (s < end && isdigit((unsigned char)*s))
        s++;
    if (s == digits)
        return 0;
    if (s + 1 < end && *s == '.' && isdigit((unsigned char)s[1]))
        for (s++; s < end && isdigit((unsigned char)*s);)
            s++;
    return (size_t)(s - at);
}

static int fits(struct fit *fit, const char *format, const char *at);

/* A text of any length, the shortest first. */
static int text_fits(struct fit *fit, const char *format, const char *at, struct slot *slot)
{
    for (size_t n = 0; at + n <= fit->end; n++) {
        *slot = (struct slot){at, n, 's'};
        if (fits(fit, format, at + n))
            return 1;
        if (fit->steps > STEPS_MOST)
            return 0;
    }
    return 0;
}

static int slot_fits(struct fit *fit, const char *format, const char *at)
{
    char kind;
    int place, before = fit->n;
    size_t n = conversion(format, &kind, &place);

    if (fit->n == SLOTS_MOST)
        return 0;
    struct slot *slot = &fit->slots[fit->n++];
    size_t length = kind == 's' ? 0 : number_length(at, fit->end);
    *slot = (struct slot){at, length, kind};
    if (kind == 's' ? text_fits(fit, format + n, at, slot)
                    : length > 0 && fits(fit, format + n, at + length))
        return 1;
    fit->n = before;
    return 0;
}

static int fits(struct fit *fit, const char *format, const char *at)
{
    for (; *format; format++, at++) {
        if (++fit->steps > STEPS_MOST)
            return 0;
        if (*format == '%' && format[1] != '%')
            return slot_fits(fit, format, at);
        format += *format == '%';
        if (at >= fit->end || *at != *format)
            return 0;
    }
    return at == fit->end;
}

/* Letters outside of conversions. */
static int letters_of(const char *format)
{
    int n = 0, place;
    char kind;

    while (*format) {
        size_t step = *format == '%' && format[1] != '%' ? conversion(format, &kind, &place) : 1;
        n += step == 1 && isalpha((unsigned char)*format) != 0;
        format += step;
    }
    return n;
}

/* Both ends, where they are no conversions: most msgids differ there. */
static int may_fit(const char *id, const char *at, size_t n)
{
    size_t length = strlen(id);
    char last = length ? id[length - 1] : 0;

    return length && n && (*id == '%' || *id == *at) &&
           (last == at[n - 1] || (strchr("sdfgu", last) && strchr(id, '%')));
}

/* The translation of the msgid (or its plural) that fits with the most letters, or NULL. */
static const char *best_fit(const char *at, size_t n, struct fit *best)
{
    const char *found = NULL;
    int most = LETTERS_LEAST - 1, count = words_count(words_used());

    for (int i = 0; i < count; i++) {
        const char *translated;
        size_t length;
        const char *id = words_entry(words_used(), i, &translated, &length);
        struct fit fit = {.end = at + n};
        if (!may_fit(id, at, n))
            continue;
        if (strlen(id) == n && !memcmp(id, at, n)) {
            best->n = VERBATIM;
            return translated;
        }
        int letters = letters_of(id);
        if (letters <= most || !fits(&fit, id, at))
            continue;
        found = translated;
        most = letters;
        *best = fit;
    }
    return found;
}

static void add_made(struct text *text, const char *at, size_t n, int depth);

static void add_slot(struct text *text, const struct slot *slot, int depth)
{
    if (slot->kind == 's') {
        add_made(text, slot->at, slot->n, depth + 1);
        return;
    }
    for (size_t i = 0; i < slot->n; i++) {
        char c = slot->kind == 'f' && slot->at[i] == '.' ? words_decimal() : slot->at[i];
        text_append(text, &c, 1);
    }
}

static void add_translated(struct text *text, const char *format, const struct fit *fit, int depth)
{
    int next = 0;

    while (*format) {
        char kind;
        int place;
        if (*format != '%' || format[1] == '%') {
            format += *format == '%';
            text_append(text, format++, 1);
            continue;
        }
        format += conversion(format, &kind, &place);
        place = place ? place - 1 : next++;
        if (place < fit->n)
            add_slot(text, &fit->slots[place], depth);
    }
}

static const char *const separators[] = {". ", "? ", "; ", ": ", ", "};

/* Where a made text is parted: `n` bytes, then the separator of `gap` bytes, of which a stop or
 * question mark stays with its sentence. gap 0: nowhere. */
struct cut {
    size_t n, gap;
};

static int is_known(const char *at, size_t n)
{
    struct fit fit;

    return best_fit(at, n, &fit) || (n > 1 && at[n - 1] == '.' && best_fit(at, n - 1, &fit));
}

/* Best beside a part that the catalogue has; else at the first of the strongest separators. */
static struct cut cut_of(const char *at, size_t n)
{
    struct cut first = {0, 0};

    for (size_t i = 0; i < sizeof separators / sizeof separators[0]; i++) {
        size_t gap = strlen(separators[i]),
               kept = separators[i][0] == '?' || separators[i][0] == '.';
        for (const char *end = memmem(at, n, separators[i], gap); end;
             end = memmem(end + 1, n - (size_t)(end + 1 - at), separators[i], gap)) {
            struct cut cut = {(size_t)(end - at) + kept, gap - kept};
            if (is_known(at, cut.n) || is_known(at + cut.n + cut.gap, n - cut.n - cut.gap))
                return cut;
            if (!first.gap)
                first = cut;
        }
    }
    return first;
}

/* "Q19 " and "P07 ": an id before a sentence; 0 for none. */
static size_t id_length(const char *at, size_t n)
{
    return n > 4 && isupper((unsigned char)at[0]) && isdigit((unsigned char)at[1]) &&
                   isdigit((unsigned char)at[2]) && at[3] == ' '
               ? 4
               : 0;
}

/* In parts; 0 when there is only one. */
static int add_parts(struct text *text, const char *at, size_t n, int depth)
{
    size_t id = id_length(at, n);

    if (id) {
        text_append(text, at, id);
        add_made(text, at + id, n - id, depth + 1);
        return 1;
    }

    struct cut cut = cut_of(at, n);
    if (!cut.gap)
        return 0;
    add_made(text, at, cut.n, depth + 1);
    text_append(text, at + cut.n, cut.gap);
    add_made(text, at + cut.n + cut.gap, n - cut.n - cut.gap, depth + 1);
    return 1;
}

static int has_letters(const char *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isalpha((unsigned char)at[i]))
            return 1;
    return 0;
}

/* A number standing alone: "0.64". */
static void add_number_or_words(struct text *text, const char *at, size_t n)
{
    size_t number = number_length(at, at + n);
    struct slot slot = {at, n, number == n ? 'f' : 'd'};

    add_slot(text, &slot, 0);
}

static void add_made(struct text *text, const char *at, size_t n, int depth)
{
    struct fit fit = {.n = 0};
    const char *found =
        n && has_letters(at, n) && depth < DEPTH_MOST ? best_fit(at, n, &fit) : NULL;

    if (found && fit.n == VERBATIM)
        text_append(text, found, strlen(found));
    else if (found)
        add_translated(text, found, &fit, depth);
    else if (n > 1 && at[n - 1] == '.' && is_known(at, n - 1)) {
        add_made(text, at, n - 1, depth + 1);
        text_append(text, ".", 1);
    } else if (depth >= DEPTH_MOST || !add_parts(text, at, n, depth))
        add_number_or_words(text, at, n);
}

void text_add_made(struct text *text, const char *english)
{
    struct text clean = {0};

    if (!english || words_used() == WORDS_ENGLISH) {
        text_add_foreign(text, english, NULL);
        return;
    }
    text_add_foreign(&clean, english, NULL);
    text->failed |= clean.failed;
    add_made(text, text_string(&clean), clean.n, 0);
    text_free(&clean);
}
