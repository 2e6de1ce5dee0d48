/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtual plate's links: hosts that come, speak, are slow and leave, by socket, pty and FIFO.
 */
#include "firmware/boards/host/links.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>

struct ear {
    char text[LINKS_MAX][64];
    size_t n[LINKS_MAX];
    int left[LINKS_MAX];
};

static void heard(void *context, int link, const uint8_t *bytes, size_t n)
{
    struct ear *ear = context;
    ear->left[link] += n == 0;
    for (size_t i = 0; i < n && ear->n[link] + 1 < sizeof ear->text[0]; i++)
        ear->text[link][ear->n[link]++] = (char)bytes[i];
}

static char folder[] = "/tmp/test_links.XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/link", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static int connect_host(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(address.sun_path, path);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void four_hosts_and_no_fifth(void **state)
{
    (void)state;
    struct links links;
    struct problem why;
    struct ear ear = {0};
    int hosts[5];
    char byte;
    assert_int_equal(links_open_socket(&links, path, &why), 0);
    for (int i = 0; i < 5; i++) {
        hosts[i] = connect_host();
        dprintf(hosts[i], "I am %d", i);
        links_serve(&links, heard, &ear);
    }
    links_serve(&links, heard, &ear);
    for (int i = 0; i < 4; i++) {
        char wanted[32];
        snprintf(wanted, sizeof wanted, "I am %d", i);
        assert_string_equal(ear.text[i], wanted);
    }
    assert_true(read(hosts[4], &byte, 1) <= 0); /* turned away */
    /* each link has its own host */
    assert_int_equal(links_send(&links, 2, (const uint8_t *)"x", 1), 1);
    assert_int_equal(read(hosts[2], &byte, 1), 1);
    assert_int_equal(byte, 'x');
    /* one leaves, its place is free for the next */
    close(hosts[1]);
    links_serve(&links, heard, &ear);
    assert_int_equal(ear.left[1], 1);
    hosts[1] = connect_host();
    links_serve(&links, heard, &ear);
    assert_int_equal(links_send(&links, 1, (const uint8_t *)"y", 1), 1);
    assert_int_equal(read(hosts[1], &byte, 1), 1);
    assert_true(links_alive(&links));
    links_close(&links);
    assert_int_equal(access(path, F_OK), -1);
    for (int i = 0; i < 5; i++)
        close(hosts[i]);
}

static void an_old_socket_is_replaced_and_a_served_one_is_not(void **state)
{
    (void)state;
    struct links links, second;
    struct problem why;
    char long_path[200];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int dead = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(address.sun_path, path);
    assert_int_equal(bind(dead, (struct sockaddr *)&address, sizeof address), 0);
    close(dead); /* a plate that was killed leaves this */
    assert_int_equal(links_open_socket(&links, path, &why), 0);
    assert_int_equal(links_open_socket(&second, path, &why), -1);
    assert_int_equal(why.kind, PROBLEM_FAILED);
    links_close(&second);
    assert_int_equal(access(path, F_OK), 0); /* still the first one's */
    links_close(&links);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(links_open_socket(&links, path, &why), -1);
    links_close(&links);
    assert_int_equal(unlink(path), 0); /* a file is not touched */
    memset(long_path, 'a', sizeof long_path);
    long_path[sizeof long_path - 1] = '\0';
    assert_int_equal(links_open_socket(&links, long_path, &why), -1);
    assert_int_equal(why.kind, PROBLEM_USAGE);
    links_close(&links);
}

/* A host that reads nothing: what does not fit is not taken, nothing waits, nothing is lost. */
static void a_full_link_takes_less(void **state)
{
    (void)state;
    struct links links;
    struct problem why;
    int pair[2];
    static uint8_t bytes[1 << 20], back[1 << 20];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 31 + i / 251);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(links_open_fd(&links, pair[0], &why), 0);
    size_t taken = links_send(&links, 0, bytes, sizeof bytes);
    assert_true(taken > 0 && taken < sizeof bytes);
    assert_int_equal(links_send(&links, 0, bytes + taken, 1), 0);
    for (size_t n = 0; n < taken;)
        n += (size_t)read(pair[1], back + n, taken - n);
    assert_memory_equal(bytes, back, taken);
    struct ear ear = {0};
    close(pair[1]);
    assert_int_equal(links_send(&links, 0, bytes, 10), 10); /* for nobody: taken and gone */
    links_serve(&links, heard, &ear);
    assert_int_equal(ear.left[0], 1);
    assert_false(links_alive(&links));
    links_close(&links);
}

static int open_terminal(const struct links *links)
{
    int fd = open(links->uri + strlen("stream:"), O_RDWR | O_NOCTTY);
    assert_true(fd >= 0);
    return fd;
}

/* Every byte goes through as it is, and a host that comes again is a new one. */
static void a_pty_is_raw_and_knows_its_hosts(void **state)
{
    (void)state;
    struct links links;
    struct problem why;
    uint8_t all[256], back[256];
    for (int i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    assert_int_equal(links_open_pty(&links, &why), 0);
    for (int visit = 0; visit < 3; visit++) {
        struct ear ear = {0};
        links_serve(&links, heard, &ear);
        assert_int_equal(links_send(&links, 0, all, 256), 256); /* nobody there: gone */
        int host = open_terminal(&links);
        links_serve(&links, heard, &ear);
        assert_int_equal(links_send(&links, 0, all, 256), 256);
        for (size_t n = 0; n < sizeof back;)
            n += (size_t)read(host, back + n, sizeof back - n);
        assert_memory_equal(all, back, 256);
        assert_int_equal(write(host, "\x03\x04\r\n\x11\x13", 6), 6);
        links_serve(&links, heard, &ear);
        assert_int_equal(ear.n[0], 6);
        assert_memory_equal(ear.text[0], "\x03\x04\r\n\x11\x13", 6);
        close(host);
        links_serve(&links, heard, &ear);
        assert_int_equal(ear.left[0], 1);
        assert_true(links_alive(&links));
    }
    links_close(&links);
}

static void a_fifo_ends_with_its_reader(void **state)
{
    (void)state;
    struct links links;
    struct problem why;
    struct ear ear = {0};
    char back[3];
    assert_int_equal(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    assert_int_equal(links_open_fifo(&links, path, &why), 0);
    assert_int_equal(links_send(&links, 0, (const uint8_t *)"abc", 3), 3);
    assert_int_equal(read(reader, back, 3), 3);
    links_serve(&links, heard, &ear);
    assert_int_equal(ear.left[0], 0);
    close(reader);
    links_serve(&links, heard, &ear);
    assert_int_equal(ear.left[0], 1);
    assert_false(links_alive(&links));
    links_close(&links);
    unlink(path);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(links_open_fifo(&links, path, &why), -1); /* a file is no FIFO */
    links_close(&links);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_hosts_and_no_fifth),
        cmocka_unit_test(an_old_socket_is_replaced_and_a_served_one_is_not),
        cmocka_unit_test(a_full_link_takes_less),
        cmocka_unit_test(a_pty_is_raw_and_knows_its_hosts),
        cmocka_unit_test(a_fifo_ends_with_its_reader),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
