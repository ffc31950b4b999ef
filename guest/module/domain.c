// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: 2026 The qemu-teeio authors
/*
 * A domain of our own instead of the kernel's default one, as a driver has
 * that manages its IO addresses itself.
 */
#include <linux/irq.h>
#include <linux/msi.h>
#include <linux/version.h>

#include "teeio_guest.h"

/* Away from RAM, from Arm's window for doorbells, and from those for BARs. */
#define TEEIO_FIRST_IOVA 0x200000000

static struct iommu_domain *teeio_new_domain(struct device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
    struct iommu_domain *domain = iommu_paging_domain_alloc(dev);

    return IS_ERR(domain) ? NULL : domain;
#else
    return iommu_domain_alloc(dev->bus);
#endif
}

static int teeio_iommu_map(struct iommu_domain *domain, u64 iova,
                           phys_addr_t address, size_t length, int rights)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
    return iommu_map(domain, iova, address, length, rights, GFP_KERNEL);
#else
    return iommu_map(domain, iova, address, length, rights);
#endif
}

/*
 * The MSI-X table holds a doorbell address of the old domain. Make it lead to
 * the same place in the new one.
 */
static int teeio_carry_doorbell(struct teeio_dev *dev,
                                struct iommu_domain *from,
                                struct iommu_domain *to)
{
    struct msi_msg msg;
    u64 iova;

    get_cached_msi_msg(pci_irq_vector(dev->pdev, 0), &msg);
    iova = ((u64)msg.address_hi << 32 | msg.address_lo) & PAGE_MASK;
    return teeio_iommu_map(to, iova, iommu_iova_to_phys(from, iova), PAGE_SIZE,
                           IOMMU_WRITE | IOMMU_NOEXEC | IOMMU_MMIO);
}

static int teeio_domain_enter(struct teeio_dev *dev, struct teeio_reply *reply)
{
    struct device *device = &dev->pdev->dev;
    struct iommu_domain *old = iommu_get_domain_for_dev(device);
    struct iommu_domain *new;
    int ret;

    if (dev->paging) {
        return teeio_fail(reply, EBUSY, "in-paging-domain");
    }
    if (!old) {
        return teeio_fail(reply, ENODEV, "no-iommu");
    }
    new = teeio_new_domain(device);
    if (!new) {
        return teeio_fail(reply, ENOMEM, "no-domain");
    }
    ret = iommu_attach_device(new, device);
    if (ret) {
        iommu_domain_free(new);
        return teeio_fail(reply, -ret, "cannot-attach");
    }
    dev->paging = new;
    dev->next_iova = TEEIO_FIRST_IOVA;
    /* Only now, as some IOMMUs finish a domain when it is first attached. */
    ret = teeio_carry_doorbell(dev, old, new);
    if (ret) {
        teeio_domain_leave(dev);
        return teeio_fail(reply, -ret, "cannot-map-doorbell");
    }
    return teeio_done(reply);
}

void teeio_domain_leave(struct teeio_dev *dev)
{
    unsigned int i;

    if (!dev->paging) {
        return;
    }
    for (i = 0; i < TEEIO_MAX_ADDRS; i++) {
        if (dev->addrs[i].mapping == TEEIO_MAPPED_DOMAIN) {
            teeio_unmap(dev, &dev->addrs[i]);
        }
    }
    iommu_detach_device(dev->paging, &dev->pdev->dev);
    iommu_domain_free(dev->paging);
    dev->paging = NULL;
}

int teeio_domain_map(struct teeio_dev *dev, struct teeio_addr *addr)
{
    int ret;

    ret = teeio_iommu_map(dev->paging, dev->next_iova,
                          virt_to_phys(addr->buffer->cpu), addr->buffer->length,
                          IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE);
    if (ret) {
        return ret;
    }
    addr->bus = dev->next_iova;
    addr->mapping = TEEIO_MAPPED_DOMAIN;
    /* A page stays empty behind each, so that an overrun faults. */
    dev->next_iova += addr->buffer->length + PAGE_SIZE;
    return 0;
}

int teeio_run_domain(void *context, const struct teeio_words *words,
                     struct teeio_reply *reply)
{
    struct teeio_dev *dev = context;

    if (!strcmp(words->word[0], "paging")) {
        return teeio_domain_enter(dev, reply);
    }
    if (!strcmp(words->word[0], "default")) {
        teeio_domain_leave(dev);
        return teeio_done(reply);
    }
    return teeio_fail(reply, EINVAL, "unknown-domain");
}
