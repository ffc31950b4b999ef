// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: 2026 The qemu-teeio authors
/*
 * Buffers and their bus addresses. Each goes by a name that the one who
 * writes the commands chose.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "teeio/spec/tsm.h"
#include "teeio_guest.h"

static struct teeio_buffer *teeio_find_buffer(struct teeio_dev *dev,
                                              const char *name)
{
    unsigned int i;

    for (i = 0; i < TEEIO_MAX_BUFFERS; i++) {
        if (!strcmp(dev->buffers[i].name, name)) {
            return &dev->buffers[i];
        }
    }
    return NULL;
}

struct teeio_addr *teeio_find_addr(struct teeio_dev *dev, const char *name)
{
    unsigned int i;

    for (i = 0; i < TEEIO_MAX_ADDRS; i++) {
        if (!strcmp(dev->addrs[i].name, name)) {
            return &dev->addrs[i];
        }
    }
    return NULL;
}

void teeio_sync_for_cpu(struct teeio_dev *dev, struct teeio_addr *addr)
{
    if (addr->mapping == TEEIO_MAPPED_API) {
        dma_sync_single_for_cpu(&dev->pdev->dev, addr->bus,
                                addr->buffer->length, DMA_BIDIRECTIONAL);
    }
}

void teeio_sync_for_device(struct teeio_dev *dev, struct teeio_addr *addr)
{
    if (addr->mapping == TEEIO_MAPPED_API) {
        dma_sync_single_for_device(&dev->pdev->dev, addr->bus,
                                   addr->buffer->length, DMA_BIDIRECTIONAL);
    }
}

/*
 * Run @sync on each mapping of @buffer: here the CPU goes to the buffer, and
 * not to one of its bus addresses.
 */
static void teeio_sync_all(struct teeio_dev *dev, struct teeio_buffer *buffer,
                           void (*sync)(struct teeio_dev *dev,
                                        struct teeio_addr *addr))
{
    unsigned int i;

    for (i = 0; i < TEEIO_MAX_ADDRS; i++) {
        if (dev->addrs[i].buffer == buffer) {
            sync(dev, &dev->addrs[i]);
        }
    }
}

/* Returns a free slot, or NULL with @reply filled. */
static struct teeio_buffer *teeio_new_buffer(struct teeio_dev *dev,
                                             const char *name,
                                             struct teeio_reply *reply)
{
    struct teeio_buffer *buffer = teeio_find_buffer(dev, "");

    if (strlen(name) >= TEEIO_NAME_SIZE) {
        teeio_fail(reply, EINVAL, "name-too-long");
        return NULL;
    }
    if (teeio_find_buffer(dev, name)) {
        teeio_fail(reply, EEXIST, "buffer-exists");
        return NULL;
    }
    if (!buffer) {
        teeio_fail(reply, ENOSPC, "too-many-buffers");
    }
    return buffer;
}

int teeio_run_alloc(void *context, const struct teeio_words *words,
                    struct teeio_reply *reply)
{
    struct teeio_dev *dev = context;
    struct teeio_buffer *buffer;
    u64 pages = 1;
    u64 *word;
    size_t i;

    if (teeio_number(words, "pages", TEEIO_MAX_PAGES, &pages) || !pages) {
        return teeio_fail(reply, EINVAL, "bad-pages");
    }
    buffer = teeio_new_buffer(dev, words->word[0], reply);
    if (!buffer) {
        return -EINVAL;
    }
    buffer->length = pages * PAGE_SIZE;
    buffer->cpu = alloc_pages_exact(buffer->length, GFP_KERNEL);
    if (!buffer->cpu) {
        return teeio_fail(reply, ENOMEM, "no-memory");
    }
    /* No two words alike: a read that strays into a fresh page must show. */
    word = buffer->cpu;
    for (i = 0; i < buffer->length / sizeof(*word); i++) {
        word[i] = virt_to_phys(&word[i]);
    }
    strscpy(buffer->name, words->word[0], sizeof(buffer->name));
    buffer->owner = teeio_tsm_owner(virt_to_phys(buffer->cpu));
    return teeio_ok(reply, "gpa=0x%llx", (u64)virt_to_phys(buffer->cpu));
}

/* Pages go back to the kernel with the owner that they came with. */
static void teeio_free_buffer(struct teeio_dev *dev,
                              struct teeio_buffer *buffer)
{
    u64 address = virt_to_phys(buffer->cpu);
    struct teeio_reply reply;
    unsigned int i;

    for (i = 0; i < TEEIO_MAX_ADDRS; i++) {
        if (dev->addrs[i].buffer == buffer) {
            memset(&dev->addrs[i], 0, sizeof(dev->addrs[i]));
        }
    }
    if (!buffer->borrowed && buffer->owner != teeio_tsm_owner(address)) {
        teeio_tsm_convert(buffer->owner == TEEIO_TSM_OWNER_SHARED
                              ? TEEIO_TSM_CMD_SHARE
                              : TEEIO_TSM_CMD_UNSHARE,
                          address, buffer->length, &reply);
    }
    free_pages_exact(buffer->cpu, buffer->length);
    memset(buffer, 0, sizeof(*buffer));
}

static int teeio_release(void *context, const struct teeio_words *words,
                         bool lose, struct teeio_reply *reply)
{
    struct teeio_dev *dev = context;
    struct teeio_buffer *buffer = teeio_find_buffer(dev, words->word[0]);
    unsigned int i;

    if (!buffer) {
        return teeio_fail(reply, ENOENT, "no-such-buffer");
    }
    for (i = 0; i < TEEIO_MAX_ADDRS; i++) {
        if (dev->addrs[i].buffer == buffer && dev->addrs[i].mapping) {
            return teeio_fail(reply, EBUSY, "buffer-is-mapped");
        }
    }
    if (lose) {
        buffer->owner = teeio_tsm_owner(virt_to_phys(buffer->cpu));
    }
    teeio_free_buffer(dev, buffer);
    return teeio_done(reply);
}

int teeio_run_free(void *context, const struct teeio_words *words,
                   struct teeio_reply *reply)
{
    return teeio_release(context, words, false, reply);
}

/* What a driver does that forgets to take its pages back. */
int teeio_run_lose(void *context, const struct teeio_words *words,
                   struct teeio_reply *reply)
{
    return teeio_release(context, words, true, reply);
}

/*
 * Share the pages of a buffer of @other, which the caller keeps bound. They
 * stay until both have freed them.
 */
static int teeio_share_pages(struct teeio_dev *dev, struct teeio_dev *other,
                             const struct teeio_words *words,
                             struct teeio_reply *reply)
{
    struct teeio_buffer *from = teeio_find_buffer(other, words->word[2]);
    struct teeio_buffer *buffer;
    size_t offset;

    if (!from) {
        return teeio_fail(reply, ENOENT, "no-such-buffer");
    }
    buffer = teeio_new_buffer(dev, words->word[0], reply);
    if (!buffer) {
        return -EINVAL;
    }
    *buffer = *from;
    strscpy(buffer->name, words->word[0], sizeof(buffer->name));
    buffer->borrowed = true;
    for (offset = 0; offset < buffer->length; offset += PAGE_SIZE) {
        get_page(virt_to_page(buffer->cpu + offset));
    }
    return teeio_ok(reply, "gpa=0x%llx", (u64)virt_to_phys(buffer->cpu));
}

/*
 * What two drivers do that work together. Two that borrow from each other at
 * the same time must not wait for each other.
 */
int teeio_run_borrow(void *context, const struct teeio_words *words,
                     struct teeio_reply *reply)
{
    struct teeio_dev *dev = context;
    struct pci_dev *pdev;
    struct teeio_dev *other;
    unsigned int index;
    int ret;

    if (kstrtouint(words->word[1], 10, &index)) {
        return teeio_fail(reply, EINVAL, "bad-index");
    }
    pdev = teeio_function_get(index);
    if (!pdev || pdev == dev->pdev) {
        pci_dev_put(pdev);
        return teeio_fail(reply, ENODEV, "no-other-function");
    }
    if (!device_trylock(&pdev->dev)) {
        pci_dev_put(pdev);
        return teeio_fail(reply, EBUSY, "function-is-busy");
    }
    if (pdev->dev.driver != &teeio_tdi_driver.driver) {
        ret = teeio_fail(reply, ENODEV, "no-driver");
    } else {
        other = pci_get_drvdata(pdev);
        if (!mutex_trylock(&other->control.lock)) {
            ret = teeio_fail(reply, EBUSY, "function-is-busy");
        } else {
            ret = teeio_share_pages(dev, other, words, reply);
            mutex_unlock(&other->control.lock);
        }
    }
    device_unlock(&pdev->dev);
    pci_dev_put(pdev);
    return ret;
}

static int teeio_convert(struct teeio_dev *dev, const struct teeio_words *words,
                         u32 command, struct teeio_reply *reply)
{
    struct teeio_buffer *buffer = teeio_find_buffer(dev, words->word[0]);

    if (!buffer) {
        return teeio_fail(reply, ENOENT, "no-such-buffer");
    }
    return teeio_tsm_convert(command, virt_to_phys(buffer->cpu), buffer->length,
                             reply);
}

int teeio_run_share(void *context, const struct teeio_words *words,
                    struct teeio_reply *reply)
{
    return teeio_convert(context, words, TEEIO_TSM_CMD_SHARE, reply);
}

int teeio_run_unshare(void *context, const struct teeio_words *words,
                      struct teeio_reply *reply)
{
    return teeio_convert(context, words, TEEIO_TSM_CMD_UNSHARE, reply);
}

int teeio_run_poke(void *context, const struct teeio_words *words,
                   struct teeio_reply *reply)
{
    struct teeio_dev *dev = context;
    struct teeio_buffer *buffer = teeio_find_buffer(dev, words->word[0]);
    u64 pattern;

    if (!buffer) {
        return teeio_fail(reply, ENOENT, "no-such-buffer");
    }
    if (!teeio_option(words, "pattern") ||
        teeio_number(words, "pattern", U64_MAX, &pattern)) {
        return teeio_fail(reply, EINVAL, "bad-pattern");
    }
    teeio_sync_all(dev, buffer, teeio_sync_for_cpu);
    memset64(buffer->cpu, pattern, buffer->length / sizeof(pattern));
    teeio_sync_all(dev, buffer, teeio_sync_for_device);
    return teeio_done(reply);
}

int teeio_run_peek(void *context, const struct teeio_words *words,
                   struct teeio_reply *reply)
{
    struct teeio_dev *dev = context;
    struct teeio_buffer *buffer = teeio_find_buffer(dev, words->word[0]);
    bool uniform = true;
    const u64 *word;
    size_t i;

    if (!buffer) {
        return teeio_fail(reply, ENOENT, "no-such-buffer");
    }
    teeio_sync_all(dev, buffer, teeio_sync_for_cpu);
    word = buffer->cpu;
    for (i = 1; i < buffer->length / sizeof(*word); i++) {
        uniform = uniform && word[i] == word[0];
    }
    return teeio_ok(reply, "first=0x%llx uniform=%s", word[0],
                    teeio_yes(uniform));
}

/* The CPU copies. */
int teeio_run_pass(void *context, const struct teeio_words *words,
                   struct teeio_reply *reply)
{
    struct teeio_dev *dev = context;
    struct teeio_buffer *from = teeio_find_buffer(dev, words->word[0]);
    struct teeio_buffer *to = teeio_find_buffer(dev, words->word[1]);

    if (!from || !to) {
        return teeio_fail(reply, ENOENT, "no-such-buffer");
    }
    teeio_sync_all(dev, from, teeio_sync_for_cpu);
    teeio_sync_all(dev, to, teeio_sync_for_cpu);
    memmove(to->cpu, from->cpu, min(from->length, to->length));
    teeio_sync_all(dev, from, teeio_sync_for_device);
    teeio_sync_all(dev, to, teeio_sync_for_device);
    return teeio_done(reply);
}

/* The slot for a new address: one of this name that is mapped no more. */
static struct teeio_addr *teeio_new_addr(struct teeio_dev *dev,
                                         const char *name,
                                         struct teeio_reply *reply)
{
    struct teeio_addr *addr = teeio_find_addr(dev, name);

    if (strlen(name) >= TEEIO_NAME_SIZE) {
        teeio_fail(reply, EINVAL, "name-too-long");
        return NULL;
    }
    if (addr && addr->mapping) {
        teeio_fail(reply, EEXIST, "address-is-mapped");
        return NULL;
    }
    if (!addr) {
        addr = teeio_find_addr(dev, "");
    }
    if (!addr) {
        teeio_fail(reply, ENOSPC, "too-many-addresses");
    }
    return addr;
}

static int teeio_map(struct teeio_dev *dev, struct teeio_addr *addr)
{
    if (dev->paging) {
        return teeio_domain_map(dev, addr);
    }
    addr->bus = dma_map_single(&dev->pdev->dev, addr->buffer->cpu,
                               addr->buffer->length, DMA_BIDIRECTIONAL);
    if (dma_mapping_error(&dev->pdev->dev, addr->bus)) {
        return -ENOMEM;
    }
    addr->mapping = TEEIO_MAPPED_API;
    return 0;
}

static int teeio_map_raw(struct teeio_dev *dev, struct teeio_addr *addr)
{
    addr->bus = virt_to_phys(addr->buffer->cpu);
    addr->mapping = TEEIO_MAPPED_RAW;
    return 0;
}

static int
teeio_add_addr(struct teeio_dev *dev, const struct teeio_words *words,
               int (*map)(struct teeio_dev *dev, struct teeio_addr *addr),
               struct teeio_reply *reply)
{
    struct teeio_buffer *buffer = teeio_find_buffer(dev, words->word[0]);
    struct teeio_addr *addr;
    struct teeio_addr new = {.buffer = buffer};
    int ret;

    if (!buffer) {
        return teeio_fail(reply, ENOENT, "no-such-buffer");
    }
    addr = teeio_new_addr(dev, words->word[1], reply);
    if (!addr) {
        return -EINVAL;
    }
    strscpy(new.name, words->word[1], sizeof(new.name));
    ret = map(dev, &new);
    if (ret) {
        return teeio_fail(reply, -ret, "cannot-map");
    }
    *addr = new;
    return teeio_ok(reply, "addr=0x%llx", (u64)addr->bus);
}

int teeio_run_map(void *context, const struct teeio_words *words,
                  struct teeio_reply *reply)
{
    return teeio_add_addr(context, words, teeio_map, reply);
}

/* The device gets the physical address, past the DMA API. */
int teeio_run_raw(void *context, const struct teeio_words *words,
                  struct teeio_reply *reply)
{
    return teeio_add_addr(context, words, teeio_map_raw, reply);
}

void teeio_unmap(struct teeio_dev *dev, struct teeio_addr *addr)
{
    switch (addr->mapping) {
    case TEEIO_MAPPED_API:
        dma_unmap_single(&dev->pdev->dev, addr->bus, addr->buffer->length,
                         DMA_BIDIRECTIONAL);
        break;
    case TEEIO_MAPPED_DOMAIN:
        iommu_unmap(dev->paging, addr->bus, addr->buffer->length);
        break;
    case TEEIO_MAPPED_RAW:
    case TEEIO_UNMAPPED:
        break;
    }
    addr->mapping = TEEIO_UNMAPPED;
}

int teeio_run_unmap(void *context, const struct teeio_words *words,
                    struct teeio_reply *reply)
{
    struct teeio_dev *dev = context;
    struct teeio_addr *addr = teeio_find_addr(dev, words->word[0]);

    if (!addr) {
        return teeio_fail(reply, ENOENT, "no-such-address");
    }
    if (!addr->mapping) {
        return teeio_fail(reply, EINVAL, "not-mapped");
    }
    teeio_unmap(dev, addr);
    return teeio_done(reply);
}

void teeio_buffers_release(struct teeio_dev *dev)
{
    unsigned int i;

    for (i = 0; i < TEEIO_MAX_ADDRS; i++) {
        teeio_unmap(dev, &dev->addrs[i]);
    }
    for (i = 0; i < TEEIO_MAX_BUFFERS; i++) {
        if (dev->buffers[i].cpu) {
            teeio_free_buffer(dev, &dev->buffers[i]);
        }
    }
}
