/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * ping: bring an interface up in the network that QEMU's user mode gives its
 * guests, and count answers.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

#define TEEIO_OWN_ADDRESS "10.0.2.15"
#define TEEIO_OWN_NETMASK "255.255.255.0"
#define TEEIO_PING_ID     0x7ee1
#define TEEIO_PAYLOAD     1400 /* most of a frame, so that DMA has work */
#define TEEIO_ANSWER_MS   1000

struct teeio_echo {
    struct icmphdr header;
    uint8_t payload[TEEIO_PAYLOAD];
};

static int teeio_set_address(int fd, const char *name, unsigned long request,
                             const char *address)
{
    struct ifreq ifr = {0};
    struct sockaddr_in in = {.sin_family = AF_INET};

    snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
    inet_pton(AF_INET, address, &in.sin_addr);
    memcpy(&ifr.ifr_addr, &in, sizeof(in));
    return ioctl(fd, request, &ifr);
}

static int teeio_interface_up(int fd, const char *name)
{
    struct ifreq ifr = {0};

    if (teeio_set_address(fd, name, SIOCSIFADDR, TEEIO_OWN_ADDRESS) ||
        teeio_set_address(fd, name, SIOCSIFNETMASK, TEEIO_OWN_NETMASK)) {
        return -1;
    }
    snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
    if (ioctl(fd, SIOCGIFFLAGS, &ifr)) {
        return -1;
    }
    ifr.ifr_flags |= IFF_UP | IFF_RUNNING;
    return ioctl(fd, SIOCSIFFLAGS, &ifr);
}

/* The one's complement sum of RFC 1071. */
static uint16_t teeio_internet_checksum(const void *data, size_t length)
{
    const uint8_t *bytes = data;
    uint32_t sum = 0;
    size_t i;

    for (i = 0; i + 1 < length; i += 2) {
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    }
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return htons((uint16_t)~sum);
}

static void teeio_fill_echo(struct teeio_echo *echo, uint16_t sequence)
{
    size_t i;

    memset(echo, 0, sizeof(*echo));
    echo->header.type = ICMP_ECHO;
    echo->header.un.echo.id = htons(TEEIO_PING_ID);
    echo->header.un.echo.sequence = htons(sequence);
    for (i = 0; i < sizeof(echo->payload); i++) {
        echo->payload[i] = (uint8_t)(i + sequence);
    }
    echo->header.checksum = teeio_internet_checksum(echo, sizeof(*echo));
}

static int64_t teeio_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The whole answer must come back as it went out. */
static int teeio_is_answer(const uint8_t *packet, size_t length,
                           const struct teeio_echo *sent)
{
    size_t skip = length ? (size_t)(packet[0] & 0xf) * 4 : 0;
    struct icmphdr header;

    if (!length || length != skip + sizeof(*sent)) {
        return 0;
    }
    memcpy(&header, packet + skip, sizeof(header));
    return header.type == ICMP_ECHOREPLY &&
           header.un.echo.id == sent->header.un.echo.id &&
           header.un.echo.sequence == sent->header.un.echo.sequence &&
           !memcmp(packet + skip + sizeof(header), sent->payload,
                   sizeof(sent->payload));
}

static int teeio_await_answer(int fd, const struct teeio_echo *sent)
{
    const int64_t limit = teeio_now_ms() + TEEIO_ANSWER_MS;
    uint8_t packet[2048];
    ssize_t length;

    do {
        length = recv(fd, packet, sizeof(packet), 0);
        if (length > 0 && teeio_is_answer(packet, (size_t)length, sent)) {
            return 1;
        }
    } while (teeio_now_ms() < limit);
    return 0;
}

static void teeio_ping(int fd, const struct sockaddr_in *to, unsigned count,
                       struct teeio_reply *reply)
{
    const struct timeval patience = {.tv_usec = 100 * 1000};
    struct teeio_echo echo;
    unsigned sent = 0;
    unsigned received = 0;

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    while (sent < count) {
        teeio_fill_echo(&echo, (uint16_t)sent);
        if (sendto(fd, &echo, sizeof(echo), 0, (const struct sockaddr *)to,
                   sizeof(*to)) < 0) {
            teeio_fail(reply, errno, "cannot-send");
            return;
        }
        sent++;
        received += (unsigned)teeio_await_answer(fd, &echo);
    }
    teeio_ok(reply, "sent=%u received=%u", sent, received);
}

void teeio_verb_ping(const struct teeio_words *words, struct teeio_reply *reply)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    uint64_t count;
    int fd;

    if (inet_pton(AF_INET, words->word[2], &to.sin_addr) != 1) {
        teeio_fail(reply, EINVAL, "bad-address");
        return;
    }
    if (teeio_number(words, "count", 1, 1000, &count, reply)) {
        return;
    }
    fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
    if (fd < 0) {
        teeio_fail(reply, errno, "no-socket");
        return;
    }
    if (teeio_interface_up(fd, words->word[1])) {
        teeio_fail(reply, errno, "interface");
    } else {
        teeio_ping(fd, &to, (unsigned)count, reply);
    }
    close(fd);
}
