/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The head of a request, judged: what a browser sends passes however it arrives in pieces; what two
 * parsers could read in two ways does not. The suite that sends such things by a socket is
 * tests/attack_http.py. */
#include "driver/daemon/http_head.h"
#include "driver/daemon/http_server.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char *const open_paths[] = {"/", NULL};
static const struct http_rules rules = {.hosts = {"127.0.0.1:8631", "localhost:8631"},
                                        .n_hosts = 2,
                                        .token = TOKEN,
                                        .open_paths = open_paths};

static const char browser[] =
    "POST /api/v1/plates/usb-TF-0042/record?x=1 HTTP/1.1\r\n"
    "Host: localhost:8631\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
    "Accept: */*\r\nAccept-Language: de-DE,de;q=0.9\r\n"
    "Content-Type: application/json; charset=utf-8\r\nX-Tenderfoot:  1 \r\n"
    "Content-Length: 15\r\nOrigin: http://localhost:8631\r\nSec-Fetch-Site: same-origin\r\n"
    "Cookie: other=1; tenderfoot=" TOKEN "\r\nConnection: keep-alive\r\n\r\n";

static int judge(const char *text, size_t n, struct http_head *head)
{
    const char *reason;
    int status = http_head_judge(text, n, &rules, head, &reason);
    assert_int_equal(status > 200, *reason != '\0');
    return status;
}

static void what_a_browser_sends_passes_in_any_pieces(void **state)
{
    (void)state;
    struct http_head head;
    size_t n = sizeof browser - 1;
    for (size_t cut = 0; cut < n; cut++)
        assert_int_equal(judge(browser, cut, &head), 0);
    assert_int_equal(judge(browser, n, &head), 200);
    assert_int_equal(head.method, HTTP_POST);
    assert_int_equal(head.size, n);
    assert_int_equal(head.body_length, 15);
    assert_string_equal(head.path, "/api/v1/plates/usb-TF-0042/record");
    char more[sizeof browser + 15];
    memcpy(more, browser, n);
    memset(more + n, '{', 15);
    assert_int_equal(judge(more, n + 15, &head), 200);
    assert_int_equal(head.size, n);
}

/* Whatever one byte becomes, nothing passes with another meaning: path, length and method stay, or
 * it is refused. Only where a byte is free (in a value that is not looked at) may it pass. */
static void one_wrong_byte_never_changes_the_meaning(void **state)
{
    (void)state;
    char text[sizeof browser];
    struct http_head head;
    const char *const bad = "\r\n\0 \t:/\xff\x7f";
    for (size_t at = 0; at < sizeof browser - 1; at++)
        for (size_t i = 0; i < 9; i++) {
            memcpy(text, browser, sizeof text);
            text[at] = bad[i];
            if (judge(text, sizeof text - 1, &head) != 200)
                continue;
            assert_true(head.body_length <= 15); /* 15, or one digit of it blanked */
            assert_int_equal(head.method, HTTP_POST);
            assert_null(strstr(head.path, ".."));
            assert_null(strstr(head.path, "//"));
        }
}

/* A random stretch of a request twice, or left out: never a crash, never two lengths. */
static void torn_and_doubled_requests_are_judged(void **state)
{
    (void)state;
    const char *seed = getenv("TEST_SEED");
    uint64_t random = seed ? strtoull(seed, NULL, 10) : 4711;
    print_message("TEST_SEED=%llu\n", (unsigned long long)random);
    for (int round = 0; round < 20000; round++) {
        char *text = malloc(3 * sizeof browser); /* just as large as what is judged: ASan sees */
        size_t n = 0, from = scratch_random(&random) % sizeof browser,
               to = scratch_random(&random) % sizeof browser;
        struct http_head head;
        memcpy(text, browser, from);
        n = from;
        memcpy(text + n, browser + to, sizeof browser - 1 - to + (to == sizeof browser));
        n += sizeof browser - 1 - (to < sizeof browser ? to : sizeof browser - 1);
        char *exact = malloc(n ? n : 1);
        memcpy(exact, text, n);
        int status = judge(exact, n, &head);
        assert_true(status == 0 || status == 200 || (status >= 400 && status <= 505));
        free(exact);
        free(text);
    }
}

static void only_plain_words_are_names(void **state)
{
    (void)state;
    char long_name[66];
    memset(long_name, 'a', sizeof long_name);
    long_name[64] = '\0';
    assert_true(http_is_name(long_name));
    long_name[64] = 'a';
    long_name[65] = '\0';
    assert_false(http_is_name(long_name));
    assert_true(http_is_name("20261122T203000Z-TF-0042-stand"));
    const char *const bad[] = {"", "a.tfr", "a/b", "..", "a b", "a%2f", "\xc3\xa4", "a\n"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(http_is_name(bad[i]));
}

static void secrets_are_compared_to_their_end(void **state)
{
    (void)state;
    char other[] = TOKEN;
    assert_true(http_same_secret(TOKEN, other, HTTP_TOKEN_SIZE));
    for (size_t i = 0; i < HTTP_TOKEN_SIZE; i++) {
        other[i] ^= 1;
        assert_false(http_same_secret(TOKEN, other, HTTP_TOKEN_SIZE));
        other[i] ^= 1;
    }
}

static int fits(const char *route, const char *path, const char *names[HTTP_NAMES_MAX])
{
    static char room[200];
    snprintf(room, sizeof room, "%s", path);
    return http_route_fits(route, room, names);
}

static void routes_fit_whole_paths_only(void **state)
{
    (void)state;
    const char *names[HTTP_NAMES_MAX] = {NULL};
    assert_true(fits("/api/v1/plates/{}/live", "/api/v1/plates/usb-1/live", names));
    assert_string_equal(names[0], "usb-1");
    assert_true(fits("/r/{}/tables/{}", "/r/a/tables/feet", names));
    assert_string_equal(names[0], "a");
    assert_string_equal(names[1], "feet");
    assert_true(fits("/", "/", names));
    assert_true(fits("/r/{}", "/r/abc", names));
    assert_false(fits("/r/{}", "/r/", names));
    assert_false(fits("/r/{}", "/r", names));
    assert_false(fits("/r/{}", "/r/abc/d", names));
    assert_false(fits("/r/{}/live", "/r/abc", names));
    assert_false(fits("/r/{}/live", "/r/abc/lives", names));
    assert_false(fits("/r/{}", "/r/a.b", names));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_browser_sends_passes_in_any_pieces),
        cmocka_unit_test(one_wrong_byte_never_changes_the_meaning),
        cmocka_unit_test(torn_and_doubled_requests_are_judged),
        cmocka_unit_test(only_plain_words_are_names),
        cmocka_unit_test(secrets_are_compared_to_their_end),
        cmocka_unit_test(routes_fit_whole_paths_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
