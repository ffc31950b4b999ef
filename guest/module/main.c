// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: 2026 The qemu-teeio authors
/*
 * Drivers for teeio-tdi and teeio-tsm that do what control files in debugfs
 * tell them to.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#include "teeio_guest.h"

struct dentry *teeio_debugfs;

static int __init teeio_init(void)
{
    int ret;

    teeio_debugfs = debugfs_create_dir("teeio", NULL);
    if (IS_ERR(teeio_debugfs)) {
        return PTR_ERR(teeio_debugfs);
    }
    ret = platform_driver_register(&teeio_tsm_driver);
    if (ret) {
        goto remove_debugfs;
    }
    ret = pci_register_driver(&teeio_tdi_driver);
    if (ret) {
        goto unregister_tsm;
    }
    ret = teeio_sysfs_init();
    if (ret) {
        goto unregister_tdi;
    }
    return 0;

unregister_tdi:
    pci_unregister_driver(&teeio_tdi_driver);
unregister_tsm:
    platform_driver_unregister(&teeio_tsm_driver);
remove_debugfs:
    debugfs_remove(teeio_debugfs);
    return ret;
}

static void __exit teeio_exit(void)
{
    teeio_sysfs_exit();
    pci_unregister_driver(&teeio_tdi_driver);
    platform_driver_unregister(&teeio_tsm_driver);
    debugfs_remove(teeio_debugfs);
}

module_init(teeio_init);
module_exit(teeio_exit);

MODULE_DESCRIPTION("Control of teeio-tdi and teeio-tsm for tests");
MODULE_AUTHOR("The qemu-teeio authors");
MODULE_LICENSE("GPL");
