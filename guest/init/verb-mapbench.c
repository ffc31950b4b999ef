/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * mapbench: the kernel's own measurement of mapping and unmapping, run for one
 * of our functions.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "init.h"

#define TEEIO_BENCH_FILE   TEEIO_DEBUGFS "/dma_map_benchmark"
#define TEEIO_BENCH_DRIVER "dma_map_benchmark"
#define TEEIO_BENCH_IOCTL  _IOWR('d', 1, struct teeio_bench)
#define TEEIO_ANY_NODE     (-1)

/* Not among the headers that the kernel exports; the layout is its ABI. */
struct teeio_bench {
    uint64_t map_100ns;
    uint64_t map_deviation;
    uint64_t unmap_100ns;
    uint64_t unmap_deviation;
    uint32_t threads;
    uint32_t seconds;
    int32_t node;
    uint32_t address_bits;
    uint32_t direction;
    uint32_t transfer_ns;
    uint32_t granule;
    uint8_t reserved[76];
};

static void teeio_measure(struct teeio_bench *bench, struct teeio_reply *reply)
{
    int fd = open(TEEIO_BENCH_FILE, O_RDWR | O_CLOEXEC);

    if (fd < 0) {
        teeio_fail(reply, errno, "no-benchmark-file");
        return;
    }
    if (ioctl(fd, TEEIO_BENCH_IOCTL, bench)) {
        teeio_fail(reply, errno, "benchmark");
    } else {
        teeio_ok(reply,
                 "map_us=%" PRIu64 ".%" PRIu64 " unmap_us=%" PRIu64 ".%" PRIu64,
                 bench->map_100ns / 10, bench->map_100ns % 10,
                 bench->unmap_100ns / 10, bench->unmap_100ns % 10);
    }
    close(fd);
}

void teeio_verb_mapbench(const struct teeio_words *words,
                         struct teeio_reply *reply)
{
    struct teeio_bench bench = {.node = TEEIO_ANY_NODE, .address_bits = 64};
    struct teeio_function function;
    uint64_t threads = 1;
    uint64_t seconds = 1;
    uint64_t granule = 1;

    if (teeio_optional(words, "threads", 1, 64, &threads, reply) ||
        teeio_optional(words, "seconds", 1, 60, &seconds, reply) ||
        teeio_optional(words, "granule", 1, 1024, &granule, reply) ||
        teeio_borrow(words->word[1], TEEIO_BENCH_DRIVER, &function, reply)) {
        return;
    }
    bench.threads = (uint32_t)threads;
    bench.seconds = (uint32_t)seconds;
    bench.granule = (uint32_t)granule;
    teeio_measure(&bench, reply);
    teeio_give_back(&function);
}
