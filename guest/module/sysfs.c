// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: 2026 The qemu-teeio authors
/*
 * The folder tsm/ of each function in sysfs: lock, accept and unlock, as a
 * guest's PCI core would have them that knows of TSMs.
 */
#include <linux/device/bus.h>
#include <linux/module.h>
#include <linux/sysfs.h>

#include "teeio/spec/tdi.h"
#include "teeio/spec/tsm.h"
#include "teeio_guest.h"

/* A machine has no more than one. */
#define TEEIO_TSM_NAME "tsm0"

static int teeio_expect_name(const char *buf)
{
    return sysfs_streq(buf, TEEIO_TSM_NAME) ? 0 : -ENXIO;
}

static ssize_t teeio_lock_show(struct device *device,
                               struct device_attribute *attr, char *buf)
{
    return sysfs_emit(buf, "%s\n",
                      teeio_tsm_is_locked(to_pci_dev(device)) ? TEEIO_TSM_NAME
                                                              : "");
}

static ssize_t teeio_lock_store(struct device *device,
                                struct device_attribute *attr, const char *buf,
                                size_t size)
{
    int ret = teeio_expect_name(buf);

    if (!ret) {
        ret = teeio_tsm_step(TEEIO_TSM_CMD_LOCK, to_pci_dev(device));
    }
    return ret ? ret : size;
}

static ssize_t teeio_accept_show(struct device *device,
                                 struct device_attribute *attr, char *buf)
{
    return sysfs_emit(buf, "%d\n", teeio_tsm_is_run(to_pci_dev(device)));
}

static ssize_t teeio_accept_store(struct device *device,
                                  struct device_attribute *attr,
                                  const char *buf, size_t size)
{
    bool accept;
    int ret = kstrtobool(buf, &accept);

    if (ret || !accept) {
        return -EINVAL;
    }
    ret = teeio_tsm_step(TEEIO_TSM_CMD_START, to_pci_dev(device));
    return ret ? ret : size;
}

static ssize_t teeio_unlock_store(struct device *device,
                                  struct device_attribute *attr,
                                  const char *buf, size_t size)
{
    int ret = teeio_expect_name(buf);

    if (!ret) {
        ret = teeio_tsm_step(TEEIO_TSM_CMD_STOP, to_pci_dev(device));
    }
    return ret ? ret : size;
}

static struct device_attribute teeio_lock_attribute =
    __ATTR(lock, 0600, teeio_lock_show, teeio_lock_store);
static struct device_attribute teeio_accept_attribute =
    __ATTR(accept, 0600, teeio_accept_show, teeio_accept_store);
static struct device_attribute teeio_unlock_attribute =
    __ATTR(unlock, 0200, NULL, teeio_unlock_store);

static struct attribute *teeio_attributes[] = {
    &teeio_lock_attribute.attr,
    &teeio_accept_attribute.attr,
    &teeio_unlock_attribute.attr,
    NULL,
};

static const struct attribute_group teeio_group = {
    .name = "tsm",
    .attrs = teeio_attributes,
};

static bool teeio_is_function(struct device *device)
{
    struct pci_dev *pdev = to_pci_dev(device);

    return pdev->vendor == TEEIO_TDI_VENDOR_ID &&
           pdev->device == TEEIO_TDI_DEVICE_ID;
}

static void teeio_add_folder(struct device *device)
{
    /* A kernel that has the folder itself keeps its own. */
    if (sysfs_create_group(&device->kobj, &teeio_group)) {
        dev_warn(device, "no tsm folder in sysfs\n");
    }
}

static void teeio_remove_folder(struct device *device)
{
    sysfs_remove_group(&device->kobj, &teeio_group);
}

static int teeio_bus_changed(struct notifier_block *block, unsigned long event,
                             void *data)
{
    struct device *device = data;

    if (teeio_is_function(device)) {
        if (event == BUS_NOTIFY_ADD_DEVICE) {
            teeio_add_folder(device);
        } else if (event == BUS_NOTIFY_DEL_DEVICE) {
            teeio_remove_folder(device);
        }
    }
    return NOTIFY_OK;
}

static struct notifier_block teeio_bus_notifier = {
    .notifier_call = teeio_bus_changed,
};

static void teeio_each_function(void (*run)(struct device *device))
{
    struct pci_dev *pdev = NULL;

    while ((pdev = pci_get_device(TEEIO_TDI_VENDOR_ID, TEEIO_TDI_DEVICE_ID,
                                  pdev))) {
        run(&pdev->dev);
    }
}

int teeio_sysfs_init(void)
{
    teeio_each_function(teeio_add_folder);
    return bus_register_notifier(&pci_bus_type, &teeio_bus_notifier);
}

void teeio_sysfs_exit(void)
{
    bus_unregister_notifier(&pci_bus_type, &teeio_bus_notifier);
    teeio_each_function(teeio_remove_folder);
}
