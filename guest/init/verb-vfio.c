/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * vfio: one of our functions driven from user space, through VFIO's type 1
 * interface. One function at a time; it stays open from step to step.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "init.h"
#include "teeio/spec/tdi.h"

#define TEEIO_PAGE      4096u
#define TEEIO_MAX_PAGES (TEEIO_TDI_MAX_LENGTH / TEEIO_PAGE)
#define TEEIO_MAX_MAPS  16
#define TEEIO_WAIT_MS   200
#define TEEIO_GROUP     64

/* Memory and where it was mapped: kept after an unmap, to look at. */
struct teeio_map {
    uint64_t iova;
    uint64_t length;
    uint8_t *memory;
};

static struct teeio_vfio {
    struct teeio_function function;
    int container;
    int group;
    int device;
    uint8_t *bar;
    uint32_t tail;
    struct teeio_map maps[TEEIO_MAX_MAPS];
    unsigned count;
} teeio_vfio = {.container = -1, .group = -1, .device = -1};

static uint32_t teeio_read32(const struct teeio_vfio *vfio, uint32_t offset)
{
    return *(volatile uint32_t *)(vfio->bar + offset);
}

static void teeio_write32(const struct teeio_vfio *vfio, uint32_t offset,
                          uint32_t value)
{
    *(volatile uint32_t *)(vfio->bar + offset) = value;
}

static void teeio_write64(const struct teeio_vfio *vfio, uint32_t offset,
                          uint64_t value)
{
    *(volatile uint64_t *)(vfio->bar + offset) = value;
}

static int teeio_failed(struct teeio_reply *reply, const char *why)
{
    teeio_fail(reply, errno, why);
    return -1;
}

static void teeio_close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

static void teeio_vfio_close(struct teeio_vfio *vfio)
{
    unsigned i;

    if (vfio->bar) {
        munmap(vfio->bar, TEEIO_TDI_BAR_SIZE);
        vfio->bar = NULL;
    }
    teeio_close_fd(&vfio->device);
    teeio_close_fd(&vfio->group);
    teeio_close_fd(&vfio->container);
    for (i = 0; i < vfio->count; i++) {
        munmap(vfio->maps[i].memory, vfio->maps[i].length);
    }
    vfio->count = 0;
    teeio_give_back(&vfio->function);
    vfio->function.bdf[0] = '\0';
}

/* A container with the function's group in it, then the IOMMU's driver. */
static int teeio_open_group(struct teeio_vfio *vfio, char *number,
                            struct teeio_reply *reply)
{
    struct vfio_group_status status = {.argsz = sizeof(status)};
    char path[TEEIO_GROUP + 16];

    if (teeio_read_link(vfio->function.bdf, "iommu_group", number,
                        TEEIO_GROUP)) {
        teeio_fail(reply, ENODEV, "no-iommu");
        return -1;
    }
    vfio->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
    if (vfio->container < 0) {
        return teeio_failed(reply, "no-container");
    }
    if (ioctl(vfio->container, VFIO_GET_API_VERSION) != VFIO_API_VERSION ||
        ioctl(vfio->container, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) != 1) {
        teeio_fail(reply, ENOTSUP, "no-type1");
        return -1;
    }
    snprintf(path, sizeof(path), "/dev/vfio/%s", number);
    vfio->group = open(path, O_RDWR | O_CLOEXEC);
    if (vfio->group < 0 || ioctl(vfio->group, VFIO_GROUP_GET_STATUS, &status)) {
        return teeio_failed(reply, "no-group");
    }
    if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE)) {
        teeio_fail(reply, EBUSY, "group-not-viable");
        return -1;
    }
    if (ioctl(vfio->group, VFIO_GROUP_SET_CONTAINER, &vfio->container) ||
        ioctl(vfio->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU)) {
        return teeio_failed(reply, "cannot-attach");
    }
    return 0;
}

/* VFIO hands a function over that neither decodes nor masters. */
static int teeio_enable(struct teeio_vfio *vfio)
{
    struct vfio_region_info config = {
        .argsz = sizeof(config),
        .index = VFIO_PCI_CONFIG_REGION_INDEX,
    };
    uint16_t command;
    off_t where;

    if (ioctl(vfio->device, VFIO_DEVICE_GET_REGION_INFO, &config)) {
        return -1;
    }
    where = (off_t)config.offset + PCI_COMMAND;
    if (pread(vfio->device, &command, sizeof(command), where) !=
        sizeof(command)) {
        return -1;
    }
    command |= PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
    return pwrite(vfio->device, &command, sizeof(command), where) ==
                   sizeof(command)
               ? 0
               : -1;
}

static int teeio_open_device(struct teeio_vfio *vfio, struct teeio_reply *reply)
{
    struct vfio_region_info bar = {
        .argsz = sizeof(bar),
        .index = VFIO_PCI_BAR0_REGION_INDEX,
    };
    void *mapped;

    vfio->device =
        ioctl(vfio->group, VFIO_GROUP_GET_DEVICE_FD, vfio->function.bdf);
    if (vfio->device < 0) {
        return teeio_failed(reply, "no-device");
    }
    if (teeio_enable(vfio)) {
        return teeio_failed(reply, "cannot-enable");
    }
    if (ioctl(vfio->device, VFIO_DEVICE_GET_REGION_INFO, &bar)) {
        return teeio_failed(reply, "no-bar");
    }
    mapped = mmap(NULL, TEEIO_TDI_BAR_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
                  vfio->device, (off_t)bar.offset);
    if (mapped == MAP_FAILED) {
        return teeio_failed(reply, "cannot-map-bar");
    }
    vfio->bar = mapped;
    if (teeio_read32(vfio, TEEIO_TDI_REG_ID) != TEEIO_TDI_MAGIC) {
        teeio_fail(reply, ENODEV, "another-device");
        return -1;
    }
    teeio_write32(vfio, TEEIO_TDI_REG_CONTROL, TEEIO_TDI_CONTROL_RESET);
    vfio->tail = teeio_read32(vfio, TEEIO_TDI_REG_TAIL);
    return 0;
}

static void teeio_vfio_open(struct teeio_vfio *vfio, const char *index,
                            struct teeio_reply *reply)
{
    char number[TEEIO_GROUP];

    if (vfio->function.bdf[0]) {
        teeio_fail(reply, EBUSY, "already-open");
        return;
    }
    if (teeio_borrow(index, "vfio-pci", &vfio->function, reply)) {
        vfio->function.bdf[0] = '\0';
        return;
    }
    if (teeio_open_group(vfio, number, reply) ||
        teeio_open_device(vfio, reply)) {
        teeio_vfio_close(vfio);
        return;
    }
    teeio_ok(reply, "group=%s", number);
}

static int teeio_range(const struct teeio_words *words, uint64_t *iova,
                       uint64_t *length, struct teeio_reply *reply)
{
    uint64_t pages;

    if (teeio_number(words, "iova", 0, UINT64_MAX, iova, reply) ||
        teeio_number(words, "pages", 1, TEEIO_MAX_PAGES, &pages, reply)) {
        return -1;
    }
    *length = pages * TEEIO_PAGE;
    return 0;
}

static void teeio_vfio_map(struct teeio_vfio *vfio,
                           const struct teeio_words *words,
                           struct teeio_reply *reply)
{
    struct vfio_iommu_type1_dma_map map = {
        .argsz = sizeof(map),
        .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
    };
    uint64_t iova, length;
    void *memory;

    if (teeio_range(words, &iova, &length, reply)) {
        return;
    }
    if (vfio->count == TEEIO_MAX_MAPS) {
        teeio_fail(reply, ENOSPC, "too-many-mappings");
        return;
    }
    memory = mmap(NULL, length, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) {
        teeio_fail(reply, errno, "no-memory");
        return;
    }
    map.vaddr = (uintptr_t)memory;
    map.iova = iova;
    map.size = length;
    if (ioctl(vfio->container, VFIO_IOMMU_MAP_DMA, &map)) {
        teeio_fail(reply, errno, "cannot-map");
        munmap(memory, length);
        return;
    }
    vfio->maps[vfio->count++] = (struct teeio_map){iova, length, memory};
    teeio_done(reply);
}

static void teeio_vfio_unmap(struct teeio_vfio *vfio,
                             const struct teeio_words *words,
                             struct teeio_reply *reply)
{
    struct vfio_iommu_type1_dma_unmap unmap = {.argsz = sizeof(unmap)};
    uint64_t iova, length;

    if (teeio_range(words, &iova, &length, reply)) {
        return;
    }
    unmap.iova = iova;
    unmap.size = length;
    if (ioctl(vfio->container, VFIO_IOMMU_UNMAP_DMA, &unmap)) {
        teeio_fail(reply, errno, "cannot-unmap");
    } else {
        teeio_ok(reply, "pages=%" PRIu64, (uint64_t)unmap.size / TEEIO_PAGE);
    }
}

/* The last mapping made at @iova, present or past. NULL with @reply filled. */
static struct teeio_map *teeio_find_map(struct teeio_vfio *vfio,
                                        const struct teeio_words *words,
                                        struct teeio_reply *reply)
{
    uint64_t iova;
    unsigned i;

    if (teeio_number(words, "iova", 0, UINT64_MAX, &iova, reply)) {
        return NULL;
    }
    for (i = vfio->count; i > 0; i--) {
        if (vfio->maps[i - 1].iova == iova) {
            return &vfio->maps[i - 1];
        }
    }
    teeio_fail(reply, ENOENT, "never-mapped");
    return NULL;
}

static uint32_t teeio_descriptor(const struct teeio_vfio *vfio)
{
    return TEEIO_TDI_RING_OFFSET +
           (vfio->tail % TEEIO_TDI_RING_ENTRIES) * TEEIO_TDI_DESC_SIZE;
}

/* Carry out the descriptor that stands at the tail. Returns DESC_STATUS. */
static uint32_t teeio_carry_out(struct teeio_vfio *vfio)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    uint32_t desc = teeio_descriptor(vfio);
    uint32_t status = TEEIO_TDI_STATUS_PENDING;
    unsigned tries;

    teeio_write32(vfio, desc + TEEIO_TDI_DESC_STATUS, status);
    vfio->tail = (vfio->tail + 1) & (TEEIO_TDI_RING_WRAP * 2 - 1);
    /* What the CPU put into memory comes before the doorbell. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    teeio_write32(vfio, TEEIO_TDI_REG_TAIL, vfio->tail);
    for (tries = 0; tries < TEEIO_WAIT_MS && !status; tries++) {
        status = teeio_read32(vfio, desc + TEEIO_TDI_DESC_STATUS);
        if (!status) {
            nanosleep(&pause, NULL);
        }
    }
    return status;
}

static const char *teeio_status_name(uint32_t status)
{
    static const char *const names[] = {
        [TEEIO_TDI_STATUS_PENDING] = "timeout",
        [TEEIO_TDI_STATUS_OK] = "ok",
        [TEEIO_TDI_STATUS_REFUSED] = "refused",
        [TEEIO_TDI_STATUS_BAD_DESC] = "bad-desc",
        [TEEIO_TDI_STATUS_NOT_RUN] = "not-run",
        [TEEIO_TDI_STATUS_NO_MASTER] = "no-master",
    };

    return status < sizeof(names) / sizeof(names[0]) ? names[status]
                                                     : "unknown";
}

static void teeio_set_all(struct teeio_map *map, uint64_t value)
{
    volatile uint64_t *word = (volatile uint64_t *)map->memory;
    uint64_t i;

    for (i = 0; i < map->length / sizeof(*word); i++) {
        word[i] = value;
    }
}

static int teeio_all_are(const struct teeio_map *map, uint64_t value)
{
    const volatile uint64_t *word = (const volatile uint64_t *)map->memory;
    uint64_t i;

    for (i = 0; i < map->length / sizeof(*word); i++) {
        if (word[i] != value) {
            return 0;
        }
    }
    return 1;
}

static void teeio_vfio_fill(struct teeio_vfio *vfio,
                            const struct teeio_words *words,
                            struct teeio_reply *reply)
{
    uint32_t desc = teeio_descriptor(vfio);
    struct teeio_map *map;
    uint64_t pattern;
    uint32_t status;

    if (teeio_number(words, "pattern", 0, UINT64_MAX, &pattern, reply)) {
        return;
    }
    map = teeio_find_map(vfio, words, reply);
    if (!map) {
        return;
    }
    teeio_set_all(map, ~pattern);
    teeio_write32(vfio, desc + TEEIO_TDI_DESC_CONTROL, TEEIO_TDI_OP_FILL);
    teeio_write32(vfio, desc + TEEIO_TDI_DESC_LENGTH, (uint32_t)map->length);
    teeio_write64(vfio, desc + TEEIO_TDI_DESC_DEST, map->iova);
    teeio_write64(vfio, desc + TEEIO_TDI_DESC_PATTERN, pattern);
    status = teeio_carry_out(vfio);
    teeio_ok(reply, "status=%s landed=%s", teeio_status_name(status),
             teeio_all_are(map, pattern) ? "yes" : "no");
}

static void teeio_vfio_read(struct teeio_vfio *vfio,
                            const struct teeio_words *words,
                            struct teeio_reply *reply)
{
    uint32_t desc = teeio_descriptor(vfio);
    struct teeio_map *map = teeio_find_map(vfio, words, reply);
    uint32_t status;
    uint32_t crc;

    if (!map) {
        return;
    }
    teeio_write32(vfio, desc + TEEIO_TDI_DESC_CONTROL, TEEIO_TDI_OP_CHECKSUM);
    teeio_write32(vfio, desc + TEEIO_TDI_DESC_LENGTH, (uint32_t)map->length);
    teeio_write64(vfio, desc + TEEIO_TDI_DESC_SOURCE, map->iova);
    status = teeio_carry_out(vfio);
    crc = teeio_read32(vfio, desc + TEEIO_TDI_DESC_CHECKSUM);
    teeio_ok(reply, "status=%s match=%s", teeio_status_name(status),
             crc == teeio_crc32(0, map->memory, map->length) ? "yes" : "no");
}

static const struct {
    const char *name;
    void (*run)(struct teeio_vfio *vfio, const struct teeio_words *words,
                struct teeio_reply *reply);
} teeio_vfio_verbs[] = {
    {"map", teeio_vfio_map},
    {"unmap", teeio_vfio_unmap},
    {"fill", teeio_vfio_fill},
    {"read", teeio_vfio_read},
};

static void teeio_vfio_other(struct teeio_vfio *vfio,
                             const struct teeio_words *words,
                             struct teeio_reply *reply)
{
    size_t i;

    for (i = 0; i < sizeof(teeio_vfio_verbs) / sizeof(teeio_vfio_verbs[0]);
         i++) {
        if (!strcmp(teeio_vfio_verbs[i].name, words->word[2])) {
            teeio_vfio_verbs[i].run(vfio, words, reply);
            return;
        }
    }
    teeio_fail(reply, EINVAL, "unknown-command");
}

void teeio_verb_vfio(const struct teeio_words *words, struct teeio_reply *reply)
{
    struct teeio_vfio *vfio = &teeio_vfio;
    struct teeio_function named;

    if (!strcmp(words->word[2], "open")) {
        teeio_vfio_open(vfio, words->word[1], reply);
        return;
    }
    if (teeio_find_function(words->word[1], &named, reply)) {
        return;
    }
    if (strcmp(named.bdf, vfio->function.bdf)) {
        teeio_fail(reply, EBADF, "not-open");
    } else if (!strcmp(words->word[2], "close")) {
        teeio_vfio_close(vfio);
        teeio_done(reply);
    } else {
        teeio_vfio_other(vfio, words, reply);
    }
}
