/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * x-teeio-dma-bench: what an 8-byte DMA read through the address space of a
 * device costs. It asks nothing of our models, so that QEMU's own IOMMUs can
 * be measured by the same code.
 */
#define _GNU_SOURCE
#include <glib.h>
#include <stdlib.h>
#include <time.h>

#include "machine.h"
#include "qom.h"

#define PAGE_SIZE  4096u
#define MAX_PAGES  (1 << 20)
#define MAX_COUNT  (1 << 24)
#define MAX_ROUNDS 64

/**
 * struct request - the arguments of one command
 * @iova:  of the first page
 * @pages: read in turn
 * @next:  the page whose turn it is
 * @count: reads in a round
 */
struct request {
    AddressSpace *as;
    hwaddr iova;
    int64_t pages;
    int64_t next;
    int64_t count;
    int64_t rounds;
};

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool in_range(QDict *arguments, const char *name, int64_t otherwise,
                     int64_t most, int64_t *value, Error **errp)
{
    *value = qdict_get_try_int(arguments, name, otherwise);
    if (*value < 1 || *value > most) {
        teeio_error(errp, "see docs/dev/benchmarks.rst",
                    "x-teeio-dma-bench: %s must be from 1 to %" PRId64, name,
                    most);
        return false;
    }
    return true;
}

static bool parse(QDict *arguments, struct request *request, Error **errp)
{
    const char *id = qdict_get_try_str(arguments, "device");
    g_autofree char *path =
        g_strdup_printf("/machine/peripheral/%s", id ? id : "");
    Object *device = id ? object_resolve_path(path, NULL) : NULL;

    if (!device || !object_dynamic_cast(device, "pci-device")) {
        teeio_error(errp, "give one a name with -device ...,id=",
                    "x-teeio-dma-bench: there is no PCI device '%s'",
                    id ? id : "");
        return false;
    }
    request->as = pci_device_iommu_address_space((PCIDevice *)device);
    request->iova = qdict_get_try_int(arguments, "iova", 0);
    return in_range(arguments, "pages", 1, MAX_PAGES, &request->pages, errp) &&
           in_range(arguments, "count", 1 << 16, MAX_COUNT, &request->count,
                    errp) &&
           in_range(arguments, "rounds", 1, MAX_ROUNDS, &request->rounds, errp);
}

/*
 * Read @count times.
 *
 * Returns: the sum of what was read, which depends on every one of them.
 */
static uint64_t read_in_turn(struct request *request, int64_t count)
{
    int64_t page = request->next;
    uint64_t sum = 0;

    while (count-- > 0) {
        uint64_t word = 0;

        address_space_rw(request->as, request->iova + page * PAGE_SIZE, 0,
                         &word, sizeof(word), false);
        sum += word;
        page = page + 1 < request->pages ? page + 1 : 0;
    }
    request->next = page;
    return sum;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void dma_bench(QDict *arguments, QObject **ret, Error **errp)
{
    int64_t times[MAX_ROUNDS];
    struct request request = {0};
    uint64_t sum;
    QDict *reply;

    if (!parse(arguments, &request, errp)) {
        return;
    }
    /* Also makes every cache as full as it will get. */
    sum = read_in_turn(&request, request.pages);
    for (int64_t i = 0; i < request.rounds; i++) {
        int64_t start = now_ns();

        read_in_turn(&request, request.count);
        times[i] = (now_ns() - start) * 1000 / request.count;
    }
    qsort(times, request.rounds, sizeof(*times), compare);
    reply = qdict_new();
    qdict_put_int(reply, "sum", sum);
    qdict_put_int(reply, "least-ps", times[0]);
    qdict_put_int(reply, "median-ps", times[request.rounds / 2]);
    *ret = (QObject *)reply;
}

void teeio_register_bench(void)
{
    qmp_register_command(&qmp_commands, "x-teeio-dma-bench", dma_bench, 0, 0);
}
