// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: 2026 The qemu-teeio authors
/*
 * Platform driver of teeio-tsm, of which a machine has at most one: moves
 * functions through the TDISP states and pages between owners.
 */
#include <linux/cc_platform.h>
#include <linux/debugfs.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/set_memory.h>

#include "teeio/spec/tdi.h"
#include "teeio/spec/tsm.h"
#include "teeio_guest.h"

#define TEEIO_MAX_FUNCTIONS 32

/* TDISP error codes and states (PCIe 11.3.24, 11.3.12) */
#define TEEIO_TSM_INVALID_REQUEST 0x001
#define TEEIO_TSM_INVALID_STATE   0x004
#define TEEIO_TSM_STATE_RUN       2

/*
 * The TSM's registers, NULL without one, and the functions that a lock keeps
 * enabled. A command is several accesses: @lock keeps them together.
 */
static struct {
    struct mutex lock;
    void __iomem *regs;
    struct pci_dev *held[TEEIO_MAX_FUNCTIONS];
} teeio_tsm = {
    .lock = __MUTEX_INITIALIZER(teeio_tsm.lock),
};

static const struct {
    u32 status;
    const char *name;
} teeio_status_names[] = {
    {0x001, "INVALID_REQUEST"},
    {0x003, "BUSY"},
    {0x004, "INVALID_INTERFACE_STATE"},
    {0x005, "UNSPECIFIED"},
    {0x007, "UNSUPPORTED_REQUEST"},
    {0x041, "VERSION_MISMATCH"},
    {0x101, "INVALID_INTERFACE"},
    {0x102, "INVALID_NONCE"},
    {0x103, "INSUFFICIENT_ENTROPY"},
    {0x104, "INVALID_DEVICE_CONFIGURATION"},
    {TEEIO_TSM_STATUS_BAD_COMMAND, "BAD_COMMAND"},
    {TEEIO_TSM_STATUS_BAD_RANGE, "BAD_RANGE"},
    {TEEIO_TSM_STATUS_NO_MAILBOX, "NO_MAILBOX"},
    {TEEIO_TSM_STATUS_NO_ANSWER, "NO_ANSWER"},
    {TEEIO_TSM_STATUS_NO_SESSION, "NO_SESSION"},
};

static int teeio_tsm_fail(struct teeio_reply *reply, u32 status)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(teeio_status_names); i++) {
        if (teeio_status_names[i].status == status) {
            return teeio_fail(reply, EIO, teeio_status_names[i].name);
        }
    }
    return teeio_fail(reply, EIO, "unknown-status");
}

/* The caller holds the lock and has written the operands. */
static u32 teeio_tsm_command(u32 command, u32 *result)
{
    u32 status;

    writel(command, teeio_tsm.regs + TEEIO_TSM_REG_COMMAND);
    status = readl(teeio_tsm.regs + TEEIO_TSM_REG_STATUS);
    *result = readl(teeio_tsm.regs + TEEIO_TSM_REG_RESULT);
    return status;
}

u32 teeio_tsm_owner(u64 address)
{
    u32 owner = TEEIO_TSM_OWNER_NONE;

    mutex_lock(&teeio_tsm.lock);
    if (teeio_tsm.regs) {
        writeq(address, teeio_tsm.regs + TEEIO_TSM_REG_ADDRESS);
        if (teeio_tsm_command(TEEIO_TSM_CMD_OWNER, &owner)) {
            owner = TEEIO_TSM_OWNER_NONE;
        }
    }
    mutex_unlock(&teeio_tsm.lock);
    return owner;
}

/*
 * In a confidential guest the page tables decide. Nobody outside knows them
 * until a page is touched.
 */
static int teeio_convert_tables(u32 command, u64 address, u64 length,
                                struct teeio_reply *reply)
{
    unsigned long start = (unsigned long)phys_to_virt(address);
    int pages = length >> PAGE_SHIFT;
    u64 offset;
    int ret;

    ret = command == TEEIO_TSM_CMD_SHARE ? set_memory_decrypted(start, pages)
                                         : set_memory_encrypted(start, pages);
    if (ret) {
        return teeio_fail(reply, -ret, "cannot-convert");
    }
    for (offset = 0; offset < length; offset += PAGE_SIZE) {
        READ_ONCE(*(u8 *)(start + offset));
    }
    return teeio_done(reply);
}

int teeio_tsm_convert(u32 command, u64 address, u64 length,
                      struct teeio_reply *reply)
{
    u32 status;
    u32 result;

    if (cc_platform_has(CC_ATTR_MEM_ENCRYPT)) {
        return teeio_convert_tables(command, address, length, reply);
    }
    mutex_lock(&teeio_tsm.lock);
    if (!teeio_tsm.regs) {
        mutex_unlock(&teeio_tsm.lock);
        return teeio_fail(reply, ENODEV, "no-tsm");
    }
    writeq(address, teeio_tsm.regs + TEEIO_TSM_REG_ADDRESS);
    writeq(length, teeio_tsm.regs + TEEIO_TSM_REG_LENGTH);
    status = teeio_tsm_command(command, &result);
    mutex_unlock(&teeio_tsm.lock);
    return status ? teeio_tsm_fail(reply, status) : teeio_done(reply);
}

static struct pci_dev **teeio_find_held(struct pci_dev *pdev)
{
    unsigned int i;

    for (i = 0; i < TEEIO_MAX_FUNCTIONS; i++) {
        if (teeio_tsm.held[i] == pdev) {
            return &teeio_tsm.held[i];
        }
    }
    return NULL;
}

/*
 * Keep a function enabled while it is locked: a driver that goes would clear
 * its Command register and so push it into ERROR.
 */
static int teeio_hold(struct pci_dev *pdev)
{
    struct pci_dev **slot = teeio_find_held(NULL);
    int ret;

    if (!slot) {
        return -ENOSPC;
    }
    ret = pci_enable_device(pdev);
    if (ret) {
        return ret;
    }
    pci_set_master(pdev);
    *slot = pci_dev_get(pdev);
    return 0;
}

static void teeio_let_go(struct pci_dev *pdev)
{
    struct pci_dev **slot = teeio_find_held(pdev);

    if (slot) {
        *slot = NULL;
        pci_disable_device(pdev);
        pci_dev_put(pdev);
    }
}

static u32 teeio_tsm_on_function(u32 command, struct pci_dev *pdev, u32 *result)
{
    writel(pci_dev_id(pdev), teeio_tsm.regs + TEEIO_TSM_REG_FUNCTION);
    return teeio_tsm_command(command, result);
}

/* One TDISP request, with the caller's device lock and ours held. */
static int teeio_tsm_request(u32 command, struct pci_dev *pdev,
                             struct teeio_reply *reply)
{
    bool holding = command == TEEIO_TSM_CMD_LOCK && !teeio_find_held(pdev);
    u32 state;
    u32 status;
    int ret;

    if (holding) {
        ret = teeio_hold(pdev);
        if (ret) {
            return teeio_fail(reply, -ret, "cannot-enable");
        }
    }
    status = teeio_tsm_on_function(command, pdev, &state);
    if (status ? holding : command == TEEIO_TSM_CMD_STOP) {
        teeio_let_go(pdev);
    }
    if (!status) {
        status = teeio_tsm_on_function(TEEIO_TSM_CMD_GET_STATE, pdev, &state);
    }
    if (status) {
        return teeio_tsm_fail(reply, status);
    }
    return teeio_ok(reply, "state=%s", teeio_state_name(state));
}

/*
 * A state change under a live driver invalidates what it has mapped, so it is
 * refused, unless the one who asks wants to see just that.
 */
static int teeio_tsm_change(u32 command, const struct teeio_words *words,
                            struct pci_dev *pdev, struct teeio_reply *reply)
{
    bool force = words->words > 1;
    int ret;

    if (force && strcmp(words->word[1], "force")) {
        return teeio_fail(reply, EINVAL, "unknown-word");
    }
    device_lock(&pdev->dev);
    if (pdev->dev.driver && !force) {
        ret = teeio_fail(reply, EBUSY, "driver-bound");
    } else {
        mutex_lock(&teeio_tsm.lock);
        ret = teeio_tsm_request(command, pdev, reply);
        mutex_unlock(&teeio_tsm.lock);
    }
    device_unlock(&pdev->dev);
    return ret;
}

/*
 * Through a session, where the device has a mailbox. A stream that has failed
 * since its keys were programmed gets new ones.
 */
static u32 teeio_tsm_lock(struct pci_dev *pdev)
{
    u32 result;
    u32 status = teeio_tsm_on_function(TEEIO_TSM_CMD_CONNECT, pdev, &result);

    if (status && status != TEEIO_TSM_STATUS_NO_MAILBOX) {
        return status;
    }
    status = teeio_tsm_on_function(TEEIO_TSM_CMD_LOCK, pdev, &result);
    if (status == TEEIO_TSM_INVALID_REQUEST &&
        !teeio_tsm_on_function(TEEIO_TSM_CMD_IDE_SETUP, pdev, &result)) {
        status = teeio_tsm_on_function(TEEIO_TSM_CMD_LOCK, pdev, &result);
    }
    return status;
}

/* The caller holds both locks; there is a TSM and no driver. */
static int teeio_tsm_unbound_step(u32 command, struct pci_dev *pdev)
{
    u32 result;
    u32 status;
    int ret;

    if (command == TEEIO_TSM_CMD_LOCK) {
        ret = teeio_find_held(pdev) ? -EBUSY : teeio_hold(pdev);
        if (ret) {
            return ret;
        }
        status = teeio_tsm_lock(pdev);
    } else {
        status = teeio_tsm_on_function(command, pdev, &result);
    }
    if (status ? command == TEEIO_TSM_CMD_LOCK
               : command == TEEIO_TSM_CMD_STOP) {
        teeio_let_go(pdev);
    }
    if (status == TEEIO_TSM_INVALID_STATE) {
        return -EINVAL;
    }
    return status ? -EIO : 0;
}

int teeio_tsm_step(u32 command, struct pci_dev *pdev)
{
    int ret;

    device_lock(&pdev->dev);
    if (pdev->dev.driver) {
        ret = -EBUSY;
    } else {
        mutex_lock(&teeio_tsm.lock);
        ret = teeio_tsm.regs ? teeio_tsm_unbound_step(command, pdev) : -ENODEV;
        mutex_unlock(&teeio_tsm.lock);
    }
    device_unlock(&pdev->dev);
    return ret;
}

bool teeio_tsm_is_locked(struct pci_dev *pdev)
{
    bool locked;

    mutex_lock(&teeio_tsm.lock);
    locked = teeio_find_held(pdev);
    mutex_unlock(&teeio_tsm.lock);
    return locked;
}

bool teeio_tsm_is_run(struct pci_dev *pdev)
{
    u32 state;
    bool run;

    mutex_lock(&teeio_tsm.lock);
    run = teeio_tsm.regs &&
          !teeio_tsm_on_function(TEEIO_TSM_CMD_GET_STATE, pdev, &state) &&
          state == TEEIO_TSM_STATE_RUN;
    mutex_unlock(&teeio_tsm.lock);
    return run;
}

static struct pci_dev *teeio_parse_function(const struct teeio_words *words,
                                            struct teeio_reply *reply)
{
    struct pci_dev *pdev;
    unsigned int index;

    if (kstrtouint(words->word[0], 10, &index)) {
        teeio_fail(reply, EINVAL, "bad-index");
        return NULL;
    }
    pdev = teeio_function_get(index);
    if (!pdev) {
        teeio_fail(reply, ENODEV, "no-such-function");
    }
    return pdev;
}

static int teeio_run_change(u32 command, const struct teeio_words *words,
                            struct teeio_reply *reply)
{
    struct pci_dev *pdev = teeio_parse_function(words, reply);
    int ret;

    if (!pdev) {
        return -ENODEV;
    }
    ret = teeio_tsm_change(command, words, pdev, reply);
    pci_dev_put(pdev);
    return ret;
}

static int teeio_run_lock(void *context, const struct teeio_words *words,
                          struct teeio_reply *reply)
{
    return teeio_run_change(TEEIO_TSM_CMD_LOCK, words, reply);
}

static int teeio_run_start(void *context, const struct teeio_words *words,
                           struct teeio_reply *reply)
{
    return teeio_run_change(TEEIO_TSM_CMD_START, words, reply);
}

static int teeio_run_stop(void *context, const struct teeio_words *words,
                          struct teeio_reply *reply)
{
    return teeio_run_change(TEEIO_TSM_CMD_STOP, words, reply);
}

static int teeio_run_state(void *context, const struct teeio_words *words,
                           struct teeio_reply *reply)
{
    struct pci_dev *pdev = teeio_parse_function(words, reply);
    int ret;

    if (!pdev) {
        return -ENODEV;
    }
    mutex_lock(&teeio_tsm.lock);
    ret = teeio_tsm_request(TEEIO_TSM_CMD_GET_STATE, pdev, reply);
    mutex_unlock(&teeio_tsm.lock);
    pci_dev_put(pdev);
    return ret;
}

static int teeio_run_marker(void *context, const struct teeio_words *words,
                            struct teeio_reply *reply)
{
    u64 value;

    if (kstrtou64(words->word[0], 0, &value)) {
        return teeio_fail(reply, EINVAL, "bad-value");
    }
    mutex_lock(&teeio_tsm.lock);
    writeq(value, teeio_tsm.regs + TEEIO_TSM_REG_MARKER);
    mutex_unlock(&teeio_tsm.lock);
    return teeio_done(reply);
}

static const struct teeio_command teeio_tsm_commands[] = {
    {"lock", 1, 2, {NULL}, teeio_run_lock},
    {"start", 1, 2, {NULL}, teeio_run_start},
    {"stop", 1, 2, {NULL}, teeio_run_stop},
    {"state", 1, 1, {NULL}, teeio_run_state},
    {"marker", 1, 1, {NULL}, teeio_run_marker},
};

static struct teeio_control teeio_tsm_control = {
    .commands = teeio_tsm_commands,
    .count = ARRAY_SIZE(teeio_tsm_commands),
    .lock = __MUTEX_INITIALIZER(teeio_tsm_control.lock),
};

/* Nobody is left to ask for it, so what is locked is stopped. */
static void teeio_tsm_leave(void *file)
{
    struct pci_dev *pdev;
    unsigned int i;
    u32 result;

    debugfs_remove(file);
    mutex_lock(&teeio_tsm.lock);
    for (i = 0; i < TEEIO_MAX_FUNCTIONS; i++) {
        pdev = teeio_tsm.held[i];
        if (pdev) {
            teeio_tsm_on_function(TEEIO_TSM_CMD_STOP, pdev, &result);
            teeio_let_go(pdev);
        }
    }
    teeio_tsm.regs = NULL;
    mutex_unlock(&teeio_tsm.lock);
}

static int teeio_tsm_probe(struct platform_device *device)
{
    void __iomem *regs = devm_platform_ioremap_resource(device, 0);

    if (IS_ERR(regs)) {
        return PTR_ERR(regs);
    }
    if (readl(regs + TEEIO_TSM_REG_ID) != TEEIO_TSM_MAGIC ||
        readl(regs + TEEIO_TSM_REG_VERSION) != TEEIO_TSM_VERSION) {
        dev_err(&device->dev, "registers show another device or version\n");
        return -ENODEV;
    }
    mutex_lock(&teeio_tsm.lock);
    if (teeio_tsm.regs) {
        mutex_unlock(&teeio_tsm.lock);
        return -EBUSY;
    }
    teeio_tsm.regs = regs;
    mutex_unlock(&teeio_tsm.lock);
    return devm_add_action_or_reset(
        &device->dev, teeio_tsm_leave,
        debugfs_create_file("tsm", 0600, teeio_debugfs, &teeio_tsm_control,
                            &teeio_control_ops));
}

static const struct of_device_id teeio_tsm_match[] = {
    {.compatible = TEEIO_TSM_COMPATIBLE},
    {},
};
MODULE_DEVICE_TABLE(of, teeio_tsm_match);

struct platform_driver teeio_tsm_driver = {
    .probe = teeio_tsm_probe,
    .driver =
        {
            .name = "teeio_tsm",
            .of_match_table = teeio_tsm_match,
        },
};
