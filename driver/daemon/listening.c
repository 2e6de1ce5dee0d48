/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/listening.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

int listening_allow_host(struct http_rules *rules, const char *host, struct problem *why)
{
    size_t n = strlen(host);
    if (rules->n_hosts == HTTP_HOSTS_MAX || n == 0 || n >= sizeof rules->hosts[0])
        return problem(why, PROBLEM_USAGE, "host '%.60s': too many, or too long", host);
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)host[i]) && !strchr(".:-[]", host[i]))
            return problem(why, PROBLEM_USAGE, "host '%.60s': a NAME or NAME:PORT is meant", host);
    for (size_t i = 0; i <= n; i++)
        rules->hosts[rules->n_hosts][i] = (char)tolower((unsigned char)host[i]);
    rules->n_hosts++;
    return 0;
}

static int is_loopback(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)address;
        return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
    }
    const struct sockaddr_in6 *v6 = (const void *)address;
    return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

/* "127.0.0.1:8631" or "[::1]:8631". */
static void write_address(const struct sockaddr_storage *address, char *text, size_t cap)
{
    char ip[INET6_ADDRSTRLEN] = "";
    int is_v4 = address->ss_family == AF_INET;
    const struct sockaddr_in *v4 = (const void *)address;
    const struct sockaddr_in6 *v6 = (const void *)address;
    inet_ntop(address->ss_family,
              is_v4 ? (const void *)&v4->sin_addr : (const void *)&v6->sin6_addr, ip, sizeof ip);
    snprintf(text, cap, is_v4 ? "%s:%d" : "[%s]:%d", ip,
             ntohs(is_v4 ? v4->sin_port : v6->sin6_port));
}

/* An address beyond loopback is no name: whoever asks there asks the proxy, by its name. */
static int allow_own_names(struct listening *listening, const struct sockaddr_storage *address,
                           struct http_rules *rules, struct problem *why)
{
    char name[80], local[80];
    if (!is_loopback(address))
        return 0;
    write_address(address, name, sizeof name);
    snprintf(local, sizeof local, "localhost%s", strrchr(name, ':'));
    if (!listening->url[0])
        snprintf(listening->url, sizeof listening->url, "http://%s/", name);
    return listening_allow_host(rules, name, why) || listening_allow_host(rules, local, why) ? -1
                                                                                             : 0;
}

int listening_adopt(struct listening *listening, int fd, int beyond_loopback,
                    struct http_rules *rules, struct problem *why)
{
    struct sockaddr_storage address = {0};
    socklen_t n = sizeof address;
    int listens = 0;
    socklen_t n_listens = sizeof listens;
    if (listening->n == HTTP_GATE_SOCKETS_MAX || getsockname(fd, (struct sockaddr *)&address, &n) ||
        getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n_listens) || !listens)
        return problem(why, PROBLEM_USAGE, "descriptor %d is no listening socket", fd);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    listening->fd[listening->n++] = fd;
    if (address.ss_family == AF_UNIX)
        return listening_allow_host(rules, "localhost", why);
    if (address.ss_family != AF_INET && address.ss_family != AF_INET6)
        return problem(why, PROBLEM_USAGE, "descriptor %d is no TCP or unix socket", fd);
    if (!is_loopback(&address) && !beyond_loopback)
        return problem(
            why, PROBLEM_USAGE,
            "the station is for this computer only: beyond loopback it wants "
            "--beyond-loopback, and a proxy with TLS before it (driver/daemon/README.md)");
    return allow_own_names(listening, &address, rules, why);
}

static int parse_address(const char *text, struct sockaddr_storage *address, socklen_t *n)
{
    char ip[64];
    const char *colon = strrchr(text, ':');
    size_t n_ip = colon ? (size_t)(colon - text) : 0;
    char *end;
    long port = colon ? strtol(colon + 1, &end, 10) : -1;
    if (!colon || !colon[1] || *end || port < 0 || port > 65535 || n_ip >= sizeof ip)
        return -1;
    int is_v6 = n_ip > 2 && text[0] == '[' && text[n_ip - 1] == ']';
    memcpy(ip, text + is_v6, n_ip - 2 * (size_t)is_v6);
    ip[n_ip - 2 * (size_t)is_v6] = '\0';
    struct sockaddr_in *v4 = (void *)address;
    struct sockaddr_in6 *v6 = (void *)address;
    address->ss_family = is_v6 ? AF_INET6 : AF_INET;
    *n = is_v6 ? sizeof *v6 : sizeof *v4;
    if (is_v6)
        v6->sin6_port = htons((uint16_t)port);
    else
        v4->sin_port = htons((uint16_t)port);
    return inet_pton(address->ss_family, ip,
                     is_v6 ? (void *)&v6->sin6_addr : (void *)&v4->sin_addr) == 1
               ? 0
               : -1;
}

int listening_bind(struct listening *listening, const char *text, int beyond_loopback,
                   struct http_rules *rules, struct problem *why)
{
    struct sockaddr_storage address = {0};
    socklen_t n;
    int one = 1;
    if (parse_address(text, &address, &n))
        return problem(why, PROBLEM_USAGE, "--listen %.60s: 127.0.0.1:PORT or [::1]:PORT is meant",
                       text);
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) ||
        bind(fd, (struct sockaddr *)&address, n) || listen(fd, 64)) {
        problem(why, PROBLEM_FAILED, "%.60s cannot be listened on: %s", text, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return listening_adopt(listening, fd, beyond_loopback, rules, why);
}

/* --- The token ------------------------------------------------------------------------------- */

static int is_token(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strchr("0123456789abcdef", text[i]) || !text[i])
            return 0;
    return n == HTTP_TOKEN_SIZE;
}

static int draw_token(char token[HTTP_TOKEN_SIZE + 1], struct problem *why)
{
    uint8_t bits[HTTP_TOKEN_SIZE / 2];
    if (getrandom(bits, sizeof bits, 0) != (ssize_t)sizeof bits)
        return problem(why, PROBLEM_FAILED, "no random numbers can be had: %s", strerror(errno));
    for (size_t i = 0; i < sizeof bits; i++)
        snprintf(token + 2 * i, 3, "%02x", bits[i]);
    return 0;
}

static int read_token(int fd, const char *path, char token[HTTP_TOKEN_SIZE + 1],
                      struct problem *why)
{
    char text[HTTP_TOKEN_SIZE + 2];
    struct stat file;
    ssize_t n = read(fd, text, sizeof text);
    if (n > 0 && text[n - 1] == '\n')
        n--;
    if (n < 0 || !is_token(text, (size_t)n))
        return problem(why, PROBLEM_REFUSED,
                       "%s: %d hexadecimal digits are meant; remove it and a new one is made", path,
                       HTTP_TOKEN_SIZE);
    if (fstat(fd, &file) || file.st_mode & 077)
        return problem(why, PROBLEM_REFUSED, "%s can be read by others: chmod 600 it", path);
    memcpy(token, text, HTTP_TOKEN_SIZE);
    token[HTTP_TOKEN_SIZE] = '\0';
    return 0;
}

int listening_token(char token[HTTP_TOKEN_SIZE + 1], const char *path, struct problem *why)
{
    if (!path)
        return draw_token(token, why);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0) {
        int bad = read_token(fd, path, token, why);
        close(fd);
        return bad;
    }
    if (draw_token(token, why))
        return -1;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int bad = fd < 0 || write(fd, token, HTTP_TOKEN_SIZE) != HTTP_TOKEN_SIZE || fsync(fd);
    int error = errno;
    if (fd >= 0)
        close(fd);
    return bad ? problem(why, PROBLEM_FAILED, "the token's file %s cannot be written: %s", path,
                         strerror(error))
               : 0;
}
