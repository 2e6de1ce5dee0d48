/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/http_head.h"

#include <string.h>
#include <strings.h>

/* A stretch of the head; never NUL-terminated. */
struct span {
    const char *at;
    size_t n;
};

/* What the headers said, gathered before it is judged. */
struct seen {
    struct span host, origin, site, mode, dest, cookie, token, content_type, length;
    int hosts, origins, sites, modes, dests, cookies, tokens, content_types, lengths, markers;
    int has_transfer_encoding, has_expect, has_upgrade;
};

struct verdict {
    int status;
    const char *reason;
};

static const struct verdict fine = {200, ""};

int http_same_secret(const char *a, const char *b, size_t n)
{
    unsigned char difference = 0;
    for (size_t i = 0; i < n; i++)
        difference |= (unsigned char)(a[i] ^ b[i]);
    return difference == 0;
}

static int is_name_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

int http_is_name(const char *name)
{
    size_t n = 0;
    while (name[n] && is_name_letter(name[n]))
        n++;
    return n >= 1 && n <= 64 && !name[n];
}

static int is_word(struct span span, const char *word)
{
    return span.n == strlen(word) && !memcmp(span.at, word, span.n);
}

static int is_header(struct span name, const char *word)
{
    return name.n == strlen(word) && !strncasecmp(name.at, word, name.n);
}

/* --- The request line ------------------------------------------------------------------------ */

static struct verdict judge_method(struct span method, struct http_head *head)
{
    if (is_word(method, "GET"))
        head->method = HTTP_GET;
    else if (is_word(method, "HEAD"))
        head->method = HTTP_HEAD;
    else if (is_word(method, "POST"))
        head->method = HTTP_POST;
    else
        return (struct verdict){405, "only GET, HEAD and POST are answered"};
    return fine;
}

/* No escapes, no dot at the beginning of a part, no empty part: nothing here needs them, and each
 * is a way to say one path in two manners. */
static int is_plain_path(struct span path)
{
    if (path.n == 0 || path.at[0] != '/')
        return 0;
    for (size_t i = 1; i < path.n; i++) {
        char c = path.at[i];
        if (!is_name_letter(c) && c != '.' && c != '/')
            return 0;
        if ((c == '.' || c == '/') && path.at[i - 1] == '/')
            return 0;
    }
    return path.n == 1 || path.at[path.n - 1] != '/';
}

static int is_plain_query(struct span query)
{
    for (size_t i = 0; i < query.n; i++) {
        char c = query.at[i];
        if (!is_name_letter(c) && !strchr(".,=&:", c))
            return 0;
    }
    return 1;
}

static struct verdict judge_target(struct span target, struct http_head *head)
{
    const char *mark = memchr(target.at, '?', target.n);
    struct span path = {target.at, mark ? (size_t)(mark - target.at) : target.n};
    struct span query = {mark ? mark + 1 : "", mark ? target.n - path.n - 1 : 0};
    if (target.n > HTTP_TARGET_MAX)
        return (struct verdict){414, "the path is too long"};
    if (!is_plain_path(path) || !is_plain_query(query))
        return (struct verdict){400, "the path may hold letters, digits, '_', '-', '.' and '/'"};
    memcpy(head->path, path.at, path.n);
    head->path[path.n] = '\0';
    return fine;
}

static struct verdict judge_request_line(struct span line, struct http_head *head)
{
    const char *first = memchr(line.at, ' ', line.n);
    const char *end = line.at + line.n;
    const char *second = first ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;
    if (!second)
        return (struct verdict){400, "a request line is METHOD PATH HTTP/1.1"};
    struct span method = {line.at, (size_t)(first - line.at)};
    struct span target = {first + 1, (size_t)(second - first - 1)};
    struct span version = {second + 1, (size_t)(end - second - 1)};
    if (!is_word(version, "HTTP/1.1"))
        return is_word(version, "HTTP/1.0") || is_word(version, "HTTP/2.0")
                   ? (struct verdict){505, "HTTP/1.1 is spoken here"}
                   : (struct verdict){400, "a request line is METHOD PATH HTTP/1.1"};
    struct verdict verdict = judge_method(method, head);
    return verdict.status == 200 ? judge_target(target, head) : verdict;
}

/* --- Headers --------------------------------------------------------------------------------- */

static int is_token_letter(char c)
{
    return is_name_letter(c) || (c && strchr("!#$%&'*+.^`|~", c));
}

static int is_value_letter(char c)
{
    return (c >= 0x20 && c < 0x7f) || c == '\t';
}

static struct span trimmed(struct span value)
{
    while (value.n && (*value.at == ' ' || *value.at == '\t')) {
        value.at++;
        value.n--;
    }
    while (value.n && (value.at[value.n - 1] == ' ' || value.at[value.n - 1] == '\t'))
        value.n--;
    return value;
}

static void keep(struct span value, struct span *where, int *count)
{
    *where = value;
    ++*count;
}

static void note_header(struct span name, struct span value, struct seen *seen)
{
    if (is_header(name, "Host"))
        keep(value, &seen->host, &seen->hosts);
    else if (is_header(name, "Origin"))
        keep(value, &seen->origin, &seen->origins);
    else if (is_header(name, "Sec-Fetch-Site"))
        keep(value, &seen->site, &seen->sites);
    else if (is_header(name, "Sec-Fetch-Mode"))
        keep(value, &seen->mode, &seen->modes);
    else if (is_header(name, "Sec-Fetch-Dest"))
        keep(value, &seen->dest, &seen->dests);
    else if (is_header(name, "Cookie"))
        keep(value, &seen->cookie, &seen->cookies);
    else if (is_header(name, "X-Tenderfoot-Token"))
        keep(value, &seen->token, &seen->tokens);
    else if (is_header(name, "Content-Type"))
        keep(value, &seen->content_type, &seen->content_types);
    else if (is_header(name, "Content-Length"))
        keep(value, &seen->length, &seen->lengths);
    else if (is_header(name, "X-Tenderfoot"))
        seen->markers += is_word(value, "1");
    seen->has_transfer_encoding |=
        is_header(name, "Transfer-Encoding") || is_header(name, "TE") || is_header(name, "Trailer");
    seen->has_expect |= is_header(name, "Expect");
    seen->has_upgrade |= is_header(name, "Upgrade") || is_header(name, "HTTP2-Settings");
}

static struct verdict judge_header_line(struct span line, struct seen *seen)
{
    const struct verdict bad = {400, "a header line is NAME: VALUE in printable ASCII"};
    size_t n_name = 0;
    while (n_name < line.n && is_token_letter(line.at[n_name]))
        n_name++;
    if (n_name == 0 || n_name == line.n || line.at[n_name] != ':')
        return bad; /* also a folded line, and a space before the colon */
    for (size_t i = n_name; i < line.n; i++)
        if (!is_value_letter(line.at[i]))
            return bad;
    note_header((struct span){line.at, n_name},
                trimmed((struct span){line.at + n_name + 1, line.n - n_name - 1}), seen);
    return fine;
}

/* Lines end with CR LF and neither stands alone anywhere. */
static struct verdict judge_lines(const char *bytes, size_t n, struct http_head *head,
                                  struct seen *seen)
{
    struct verdict verdict = fine;
    int lines = 0;
    for (size_t at = 0; at + 2 < n && verdict.status == 200; lines++) {
        const char *end = memchr(bytes + at, '\n', n - at);
        size_t line_n = (size_t)(end - (bytes + at));
        if (line_n == 0 || end[-1] != '\r' || memchr(bytes + at, '\r', line_n - 1) ||
            memchr(bytes + at, '\0', line_n))
            return (struct verdict){400, "lines end with CR LF"};
        struct span line = {bytes + at, line_n - 1};
        if (lines > HTTP_HEADERS_MAX)
            return (struct verdict){431, "there are too many headers"};
        verdict = lines ? judge_header_line(line, seen) : judge_request_line(line, head);
        at += line_n + 1;
    }
    return verdict;
}

/* --- What it all means ----------------------------------------------------------------------- */

static struct verdict judge_length(const struct seen *seen, struct http_head *head)
{
    if (seen->has_transfer_encoding)
        return (struct verdict){400, "a body comes with a Content-Length and in one piece"};
    if (seen->lengths > 1)
        return (struct verdict){400, "there is more than one Content-Length"};
    if (head->method == HTTP_POST && !seen->lengths)
        return (struct verdict){411, "a POST needs a Content-Length"};
    size_t length = 0;
    if (seen->lengths && (seen->length.n == 0 || seen->length.n > 9))
        return (struct verdict){seen->length.n ? 413 : 400, "the Content-Length is no length"};
    for (size_t i = 0; i < seen->length.n; i++) {
        if (seen->length.at[i] < '0' || seen->length.at[i] > '9')
            return (struct verdict){400, "the Content-Length is no number"};
        length = 10 * length + (size_t)(seen->length.at[i] - '0');
    }
    if (length && head->method != HTTP_POST)
        return (struct verdict){400, "only a POST has a body"};
    if (length > HTTP_BODY_MAX)
        return (struct verdict){413, "a body is at most 65536 bytes"};
    head->body_length = length;
    return fine;
}

static int is_a_host(struct span host, const struct http_rules *rules)
{
    for (int i = 0; i < rules->n_hosts; i++)
        if (is_header(host, rules->hosts[i]))
            return 1;
    return 0;
}

/* A link followed in a window of its own, to the page and nothing else of ours: `tenderfoot open`
 * leads there from a file. The page holds nothing of anybody, no frame and no script gets it, and
 * what it asks for itself is same-origin. */
static int is_link_to_page(const struct seen *seen, const struct http_head *head)
{
    return head->method == HTTP_GET && !strcmp(head->path, "/") && seen->modes == 1 &&
           is_word(seen->mode, "navigate") && seen->dests == 1 && is_word(seen->dest, "document");
}

/* Both are the attacker's when a name is rebound, so neither is compared with the other. */
static struct verdict judge_place(const struct seen *seen, const struct http_rules *rules,
                                  const struct http_head *head)
{
    if (seen->hosts != 1)
        return (struct verdict){400, "there must be one Host"};
    if (!is_a_host(seen->host, rules))
        return (struct verdict){403, "this station does not answer to that Host"};
    if (seen->origins > 1 || seen->sites > 1)
        return (struct verdict){400, "there is more than one Origin or Sec-Fetch-Site"};
    struct span origin = seen->origin;
    if (seen->origins) {
        size_t n_scheme = origin.n > 8 && !strncmp(origin.at, "https://", 8) ? 8 : 7;
        if (origin.n <= n_scheme || (n_scheme == 7 && strncmp(origin.at, "http://", 7)) ||
            !is_a_host((struct span){origin.at + n_scheme, origin.n - n_scheme}, rules))
            return (struct verdict){403, "a page of another site may not ask"};
    }
    if (seen->sites && !is_word(seen->site, "same-origin") && !is_word(seen->site, "none") &&
        !is_link_to_page(seen, head))
        return (struct verdict){403, "a page of another site may not ask"};
    return fine;
}

static struct verdict judge_change(const struct seen *seen, const struct http_head *head)
{
    if (head->method != HTTP_POST)
        return fine;
    if (seen->markers != 1)
        return (struct verdict){403, "a change needs the header 'X-Tenderfoot: 1'"};
    if (seen->sites && is_word(seen->site, "none"))
        return (struct verdict){403, "a change comes from the page itself"};
    struct span type = seen->content_type;
    const char json[] = "application/json";
    if (head->body_length && (seen->content_types != 1 || type.n < sizeof json - 1 ||
                              strncasecmp(type.at, json, sizeof json - 1) ||
                              (type.n > sizeof json - 1 && type.at[sizeof json - 1] != ';')))
        return (struct verdict){415, "the body is to be application/json"};
    return fine;
}

/* The value of our cookie; a second one of the name makes it void. */
static struct span cookie_of(struct span all)
{
    struct span found = {"", 0};
    int times = 0;
    for (size_t at = 0; at < all.n;) {
        const char *semicolon = memchr(all.at + at, ';', all.n - at);
        size_t n = semicolon ? (size_t)(semicolon - (all.at + at)) : all.n - at;
        struct span one = trimmed((struct span){all.at + at, n});
        size_t n_name = sizeof HTTP_COOKIE - 1;
        if (one.n > n_name && !memcmp(one.at, HTTP_COOKIE, n_name) && one.at[n_name] == '=') {
            found = (struct span){one.at + n_name + 1, one.n - n_name - 1};
            times++;
        }
        at += n + 1;
    }
    return times == 1 ? found : (struct span){"", 0};
}

static int is_open(const struct http_head *head, const struct http_rules *rules)
{
    if (head->method == HTTP_POST)
        return 0;
    for (const char *const *path = rules->open_paths; path && *path; path++)
        if (!strcmp(*path, head->path))
            return 1;
    return 0;
}

static struct verdict judge_token(const struct seen *seen, const struct http_rules *rules,
                                  const struct http_head *head)
{
    if (is_open(head, rules))
        return fine;
    struct span given = seen->tokens ? seen->token : cookie_of(seen->cookie);
    if (seen->tokens > 1 || seen->cookies > 1)
        return (struct verdict){400, "there is more than one token"};
    if (given.n != HTTP_TOKEN_SIZE || !http_same_secret(given.at, rules->token, HTTP_TOKEN_SIZE))
        return (struct verdict){401, "the token is missing or wrong: open the address that "
                                     "the station gave at its start"};
    return fine;
}

static struct verdict judge_whole(const char *bytes, const struct http_rules *rules,
                                  struct http_head *head)
{
    struct seen seen = {0};
    struct verdict verdict = judge_lines(bytes, head->size, head, &seen);
    if (verdict.status == 200)
        verdict = judge_place(&seen, rules, head);
    if (verdict.status == 200 && (seen.has_expect || seen.has_upgrade))
        verdict = seen.has_expect ? (struct verdict){417, "expectations are not met here"}
                                  : (struct verdict){400, "no other protocol is spoken here"};
    if (verdict.status == 200)
        verdict = judge_length(&seen, head);
    if (verdict.status == 200)
        verdict = judge_token(&seen, rules, head);
    return verdict.status == 200 ? judge_change(&seen, head) : verdict;
}

int http_head_judge(const char *bytes, size_t n, const struct http_rules *rules,
                    struct http_head *head, const char **reason)
{
    size_t looked = n < HTTP_HEAD_MAX ? n : HTTP_HEAD_MAX;
    const char *end = memmem(bytes, looked, "\r\n\r\n", 4);
    *head = (struct http_head){0};
    *reason = "";
    if (!end && n >= HTTP_HEAD_MAX) {
        *reason = "the head of a request is at most 8192 bytes";
        return 431;
    }
    /* The end as a lax parser would see it: refused now, not at the deadline. */
    if (!end && (memmem(bytes, looked, "\n\n", 2) || memmem(bytes, looked, "\n\r\n", 3))) {
        *reason = "lines end with CR LF";
        return 400;
    }
    if (!end)
        return 0;
    head->size = (size_t)(end - bytes) + 4;
    struct verdict verdict = judge_whole(bytes, rules, head);
    *reason = verdict.reason;
    return verdict.status;
}
