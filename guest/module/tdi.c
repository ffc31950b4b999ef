// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: 2026 The qemu-teeio authors
/*
 * PCI driver of teeio-tdi: one control file a function, and its descriptor
 * ring, in which never more than one descriptor is under way.
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "teeio/spec/tdi.h"
#include "teeio_guest.h"

#define TEEIO_WAIT_MS 200

const char *teeio_state_name(u32 state)
{
    static const char *const names[] = {
        "CONFIG_UNLOCKED",
        "CONFIG_LOCKED",
        "RUN",
        "ERROR",
    };

    return state < ARRAY_SIZE(names) ? names[state] : "unknown";
}

static const char *teeio_status_name(u32 status)
{
    static const char *const names[] = {
        [TEEIO_TDI_STATUS_PENDING] = "timeout",
        [TEEIO_TDI_STATUS_OK] = "ok",
        [TEEIO_TDI_STATUS_REFUSED] = "refused",
        [TEEIO_TDI_STATUS_BAD_DESC] = "bad-desc",
        [TEEIO_TDI_STATUS_NOT_RUN] = "not-run",
        [TEEIO_TDI_STATUS_NO_MASTER] = "no-master",
        [TEEIO_TDI_STATUS_ATS_REFUSED] = "ats-refused",
        [TEEIO_TDI_STATUS_PRI_DENIED] = "pri-denied",
    };

    return status < ARRAY_SIZE(names) ? names[status] : "unknown";
}

/* The next one after @pdev, whose reference it takes over. */
static struct pci_dev *teeio_next_function(struct pci_dev *pdev)
{
    do {
        pdev = pci_get_device(TEEIO_TDI_VENDOR_ID, PCI_ANY_ID, pdev);
    } while (pdev && pdev->device != TEEIO_TDI_DEVICE_ID &&
             pdev->device != TEEIO_TDI_VF_DEVICE_ID);
    return pdev;
}

/* Virtual functions come last: they renumber no function that was there. */
static u64 teeio_function_order(struct pci_dev *pdev)
{
    return (u64)pdev->is_virtfn << 63 | (u64)pci_domain_nr(pdev->bus) << 16 |
           pci_dev_id(pdev);
}

unsigned int teeio_function_index(struct pci_dev *pdev)
{
    struct pci_dev *other = NULL;
    unsigned int index = 0;

    while ((other = teeio_next_function(other))) {
        index += teeio_function_order(other) < teeio_function_order(pdev);
    }
    return index;
}

struct pci_dev *teeio_function_get(unsigned int index)
{
    struct pci_dev *pdev = NULL;

    while ((pdev = teeio_next_function(pdev))) {
        if (teeio_function_index(pdev) == index) {
            break;
        }
    }
    return pdev;
}

static irqreturn_t teeio_irq_done(int irq, void *data)
{
    struct teeio_dev *dev = data;

    writel(TEEIO_TDI_INT_DONE, dev->bar + TEEIO_TDI_REG_INT_STATUS);
    complete(&dev->done);
    return IRQ_HANDLED;
}

static irqreturn_t teeio_irq_error(int irq, void *data)
{
    struct teeio_dev *dev = data;

    writel(TEEIO_TDI_INT_ERROR, dev->bar + TEEIO_TDI_REG_INT_STATUS);
    return IRQ_HANDLED;
}

static void __iomem *teeio_write_descriptor(struct teeio_dev *dev,
                                            const struct teeio_transfer *from)
{
    void __iomem *desc =
        dev->bar + TEEIO_TDI_RING_OFFSET +
        (dev->tail % TEEIO_TDI_RING_ENTRIES) * TEEIO_TDI_DESC_SIZE;

    writel(from->control | TEEIO_TDI_DESC_IRQ, desc + TEEIO_TDI_DESC_CONTROL);
    writel(from->length, desc + TEEIO_TDI_DESC_LENGTH);
    writeq(from->source, desc + TEEIO_TDI_DESC_SOURCE);
    writeq(from->dest, desc + TEEIO_TDI_DESC_DEST);
    writeq(from->pattern, desc + TEEIO_TDI_DESC_PATTERN);
    writel(TEEIO_TDI_STATUS_PENDING, desc + TEEIO_TDI_DESC_STATUS);
    return desc;
}

void teeio_transfer(struct teeio_dev *dev, struct teeio_transfer *transfer)
{
    void __iomem *desc = teeio_write_descriptor(dev, transfer);
    unsigned long limit;
    u32 status;

    /* An earlier interrupt that got lost must not hold this one back. */
    writel(TEEIO_TDI_INT_DONE | TEEIO_TDI_INT_ERROR,
           dev->bar + TEEIO_TDI_REG_INT_STATUS);
    reinit_completion(&dev->done);
    dev->tail = (dev->tail + 1) & (TEEIO_TDI_RING_WRAP * 2 - 1);
    writel(dev->tail, dev->bar + TEEIO_TDI_REG_TAIL);

    transfer->irq = wait_for_completion_timeout(
        &dev->done, msecs_to_jiffies(TEEIO_WAIT_MS));
    limit = jiffies + msecs_to_jiffies(TEEIO_WAIT_MS);
    for (;;) {
        status = readl(desc + TEEIO_TDI_DESC_STATUS);
        if (status != TEEIO_TDI_STATUS_PENDING || time_after(jiffies, limit)) {
            break;
        }
        usleep_range(500, 1000);
    }
    transfer->status = teeio_status_name(status);
    transfer->checksum = readl(desc + TEEIO_TDI_DESC_CHECKSUM);
}

static const char *teeio_domain_name(struct iommu_domain *domain)
{
    if (!domain) {
        return "none";
    }
    switch (domain->type) {
    case IOMMU_DOMAIN_DMA:
        return "DMA";
    case IOMMU_DOMAIN_DMA_FQ:
        return "DMA-FQ";
    case IOMMU_DOMAIN_IDENTITY:
        return "identity";
    case IOMMU_DOMAIN_UNMANAGED:
        return "unmanaged";
    default:
        return "other";
    }
}

static int teeio_run_info(void *context, const struct teeio_words *words,
                          struct teeio_reply *reply)
{
    struct teeio_dev *dev = context;
    struct iommu_group *group = iommu_group_get(&dev->pdev->dev);
    char number[TEEIO_NAME_SIZE] = "none";

    if (group) {
        snprintf(number, sizeof(number), "%d", iommu_group_id(group));
        iommu_group_put(group);
    }
    return teeio_ok(
        reply, "bdf=%s state=%s group=%s type=%s ats=%s pasid=%s",
        pci_name(dev->pdev),
        teeio_state_name(readl(dev->bar + TEEIO_TDI_REG_STATE)), number,
        teeio_domain_name(iommu_get_domain_for_dev(&dev->pdev->dev)),
        teeio_yes(dev->pdev->ats_enabled), teeio_yes(dev->pdev->pasid_enabled));
}

static const struct teeio_command teeio_tdi_commands[] = {
    {"alloc", 1, 1, {"pages"}, teeio_run_alloc},
    {"free", 1, 1, {NULL}, teeio_run_free},
    {"lose", 1, 1, {NULL}, teeio_run_lose},
    {"borrow", 3, 3, {NULL}, teeio_run_borrow},
    {"pass", 2, 2, {NULL}, teeio_run_pass},
    {"share", 1, 1, {NULL}, teeio_run_share},
    {"unshare", 1, 1, {NULL}, teeio_run_unshare},
    {"poke", 1, 1, {"pattern"}, teeio_run_poke},
    {"peek", 1, 1, {NULL}, teeio_run_peek},
    {"map", 2, 2, {NULL}, teeio_run_map},
    {"raw", 2, 2, {NULL}, teeio_run_raw},
    {"unmap", 1, 1, {NULL}, teeio_run_unmap},
    {"fill", 1, 1, {"t", "xt", "ats", "pattern"}, teeio_run_fill},
    {"read", 1, 1, {"t", "xt", "ats"}, teeio_run_read},
    {"copy", 2, 2, {"t", "xt", "ats"}, teeio_run_copy},
    {"domain", 1, 1, {NULL}, teeio_run_domain},
    {"info", 0, 0, {NULL}, teeio_run_info},
};

static int teeio_request_irqs(struct teeio_dev *dev)
{
    struct pci_dev *pdev = dev->pdev;
    int ret;

    ret = pci_alloc_irq_vectors(pdev, 2, 2, PCI_IRQ_MSIX);
    if (ret < 0) {
        return ret;
    }
    ret = request_irq(pci_irq_vector(pdev, 0), teeio_irq_done, 0, "teeio-done",
                      dev);
    if (ret) {
        goto free_vectors;
    }
    ret = request_irq(pci_irq_vector(pdev, 1), teeio_irq_error, 0,
                      "teeio-error", dev);
    if (ret) {
        goto free_done;
    }
    writel(TEEIO_TDI_INT_DONE | TEEIO_TDI_INT_ERROR,
           dev->bar + TEEIO_TDI_REG_INT_ENABLE);
    return 0;

free_done:
    free_irq(pci_irq_vector(pdev, 0), dev);
free_vectors:
    pci_free_irq_vectors(pdev);
    return ret;
}

static void teeio_free_irqs(struct teeio_dev *dev)
{
    writel(0, dev->bar + TEEIO_TDI_REG_INT_ENABLE);
    free_irq(pci_irq_vector(dev->pdev, 1), dev);
    free_irq(pci_irq_vector(dev->pdev, 0), dev);
    pci_free_irq_vectors(dev->pdev);
}

/* Map BAR 0 and make sure that it is what we know how to drive. */
static int teeio_map_bar(struct teeio_dev *dev)
{
    int ret;

    ret = pci_request_region(dev->pdev, 0, "teeio_tdi");
    if (ret) {
        return ret;
    }
    dev->bar = pci_iomap(dev->pdev, 0, TEEIO_TDI_BAR_SIZE);
    if (!dev->bar) {
        pci_release_region(dev->pdev, 0);
        return -ENOMEM;
    }
    if (readl(dev->bar + TEEIO_TDI_REG_ID) != TEEIO_TDI_MAGIC ||
        readl(dev->bar + TEEIO_TDI_REG_VERSION) != TEEIO_TDI_VERSION) {
        pci_err(dev->pdev, "BAR 0 shows another device or version\n");
        pci_iounmap(dev->pdev, dev->bar);
        pci_release_region(dev->pdev, 0);
        return -ENODEV;
    }
    writel(TEEIO_TDI_CONTROL_RESET, dev->bar + TEEIO_TDI_REG_CONTROL);
    dev->tail = readl(dev->bar + TEEIO_TDI_REG_TAIL);
    return 0;
}

static void teeio_create_file(struct teeio_dev *dev)
{
    char name[TEEIO_NAME_SIZE];

    dev->control.commands = teeio_tdi_commands;
    dev->control.count = ARRAY_SIZE(teeio_tdi_commands);
    dev->control.context = dev;
    mutex_init(&dev->control.lock);
    snprintf(name, sizeof(name), "tdi%u", teeio_function_index(dev->pdev));
    dev->file = debugfs_create_file(name, 0600, teeio_debugfs, &dev->control,
                                    &teeio_control_ops);
}

static int teeio_tdi_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
    struct teeio_dev *dev;
    int ret;

    dev = kzalloc(sizeof(*dev), GFP_KERNEL);
    if (!dev) {
        return -ENOMEM;
    }
    dev->pdev = pdev;
    init_completion(&dev->done);
    pci_set_drvdata(pdev, dev);

    ret = pci_enable_device(pdev);
    if (ret) {
        goto free_dev;
    }
    /*
     * The core forgets the power state when a driver goes, and finds it out
     * again only if nobody else, such as a lock, kept the function enabled.
     */
    pci_set_power_state(pdev, PCI_D0);
    ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
    if (ret) {
        goto disable_device;
    }
    ret = teeio_map_bar(dev);
    if (ret) {
        goto disable_device;
    }
    pci_set_master(pdev);
    ret = teeio_request_irqs(dev);
    if (ret) {
        goto unmap_bar;
    }
    teeio_create_file(dev);
    return 0;

unmap_bar:
    pci_iounmap(pdev, dev->bar);
    pci_release_region(pdev, 0);
disable_device:
    pci_disable_device(pdev);
free_dev:
    kfree(dev);
    return ret;
}

static void teeio_tdi_remove(struct pci_dev *pdev)
{
    struct teeio_dev *dev = pci_get_drvdata(pdev);

    /* Virtual functions do nothing while their PF is off. */
    pci_disable_sriov(pdev);
    debugfs_remove(dev->file);
    teeio_domain_leave(dev);
    teeio_free_irqs(dev);
    teeio_buffers_release(dev);
    pci_iounmap(pdev, dev->bar);
    pci_release_region(pdev, 0);
    pci_disable_device(pdev);
    kfree(dev);
}

static const struct pci_device_id teeio_tdi_ids[] = {
    {PCI_DEVICE(TEEIO_TDI_VENDOR_ID, TEEIO_TDI_DEVICE_ID)},
    {PCI_DEVICE(TEEIO_TDI_VENDOR_ID, TEEIO_TDI_VF_DEVICE_ID)},
    {0},
};
MODULE_DEVICE_TABLE(pci, teeio_tdi_ids);

struct pci_driver teeio_tdi_driver = {
    .name = "teeio_tdi",
    .id_table = teeio_tdi_ids,
    .probe = teeio_tdi_probe,
    .remove = teeio_tdi_remove,
    .sriov_configure = pci_sriov_configure_simple,
};
