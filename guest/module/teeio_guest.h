/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
#ifndef TEEIO_GUEST_H
#define TEEIO_GUEST_H

#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/mutex.h>
#include <linux/pci.h>

#define TEEIO_MAX_BUFFERS 16
#define TEEIO_MAX_ADDRS   16
#define TEEIO_MAX_PAGES   256
#define TEEIO_NAME_SIZE   16

/* Control files: one command line in, one reply line out (control.c). */

#define TEEIO_MAX_WORDS 4
#define TEEIO_LINE_SIZE 128

/**
 * struct teeio_words - one command line, split
 * @word:   what stands without '='; the command's name is not among them
 * @option: the others, "key=value"
 */
struct teeio_words {
    const char *word[TEEIO_MAX_WORDS];
    unsigned int words;
    const char *option[TEEIO_MAX_WORDS];
    unsigned int options;
};

struct teeio_reply {
    char text[TEEIO_LINE_SIZE];
};

/**
 * struct teeio_command - one row of a control file's table
 * @least, @most: how many words may follow the name
 * @options:      keys that it knows
 * @run:          fills @reply; returns 0 or what teeio_fail() returned
 */
struct teeio_command {
    const char *name;
    unsigned int least;
    unsigned int most;
    const char *options[TEEIO_MAX_WORDS];
    int (*run)(void *context, const struct teeio_words *words,
               struct teeio_reply *reply);
};

/** struct teeio_control - one control file; commands run one at a time */
struct teeio_control {
    const struct teeio_command *commands;
    size_t count;
    void *context;
    struct mutex lock;
};

extern const struct file_operations teeio_control_ops;

__printf(2, 3) int teeio_ok(struct teeio_reply *reply, const char *format, ...);

/* ok, and no more to say */
int teeio_done(struct teeio_reply *reply);

/* @error is positive; @why is one word. */
int teeio_fail(struct teeio_reply *reply, int error, const char *why);

/* The value of an option, NULL when it was not given. */
const char *teeio_option(const struct teeio_words *words, const char *key);

/*
 * A number option. Without it *@value stays. Returns 0, or -EINVAL when it is
 * no number or above @most.
 */
int teeio_number(const struct teeio_words *words, const char *key, u64 most,
                 u64 *value);

static inline const char *teeio_yes(bool yes)
{
    return yes ? "yes" : "no";
}

/* One function that is bound (tdi.c). */

struct teeio_buffer {
    char name[TEEIO_NAME_SIZE]; /* empty: the slot is free */
    void *cpu;
    size_t length;
    u32 owner; /* of its pages when they were allocated */
    bool borrowed;
};

enum teeio_mapping {
    TEEIO_UNMAPPED, /* the bus address is remembered all the same */
    TEEIO_MAPPED_API,
    TEEIO_MAPPED_DOMAIN,
    TEEIO_MAPPED_RAW, /* nobody was asked: the physical address */
};

struct teeio_addr {
    char name[TEEIO_NAME_SIZE]; /* empty: the slot is free */
    dma_addr_t bus;
    struct teeio_buffer *buffer;
    enum teeio_mapping mapping;
};

struct teeio_dev {
    struct pci_dev *pdev;
    void __iomem *bar;
    struct dentry *file;
    struct teeio_control control;
    struct completion done;
    u32 tail;
    struct teeio_buffer buffers[TEEIO_MAX_BUFFERS];
    struct teeio_addr addrs[TEEIO_MAX_ADDRS];
    struct iommu_domain *paging; /* NULL: the kernel's default domain */
    u64 next_iova;
};

/** struct teeio_transfer - one descriptor and what became of it */
struct teeio_transfer {
    u32 control;
    u32 length;
    u64 source;
    u64 dest;
    u64 pattern;
    const char *status; /* answers from here on */
    u32 checksum;
    bool irq;
};

/* Carry out one descriptor and wait for its end. */
void teeio_transfer(struct teeio_dev *dev, struct teeio_transfer *transfer);

const char *teeio_state_name(u32 state);

/* All functions, physical ones first, by their addresses, bound or not. */
unsigned int teeio_function_index(struct pci_dev *pdev);
struct pci_dev *teeio_function_get(unsigned int index);

extern struct pci_driver teeio_tdi_driver;

/* Commands on buffers and their mappings (buffers.c). */

typedef int teeio_run(void *context, const struct teeio_words *words,
                      struct teeio_reply *reply);

teeio_run teeio_run_alloc;
teeio_run teeio_run_free;
teeio_run teeio_run_lose;
teeio_run teeio_run_borrow;
teeio_run teeio_run_pass;
teeio_run teeio_run_share;
teeio_run teeio_run_unshare;
teeio_run teeio_run_poke;
teeio_run teeio_run_peek;
teeio_run teeio_run_map;
teeio_run teeio_run_raw;
teeio_run teeio_run_unmap;

struct teeio_addr *teeio_find_addr(struct teeio_dev *dev, const char *name);
void teeio_unmap(struct teeio_dev *dev, struct teeio_addr *addr);

/* The CPU is about to look at the buffer, or has written to it. */
void teeio_sync_for_cpu(struct teeio_dev *dev, struct teeio_addr *addr);
void teeio_sync_for_device(struct teeio_dev *dev, struct teeio_addr *addr);

/* Unmap and free all. */
void teeio_buffers_release(struct teeio_dev *dev);

/* Commands that make the device send (transfers.c). */

teeio_run teeio_run_fill;
teeio_run teeio_run_read;
teeio_run teeio_run_copy;

/* An IOMMU domain of our own (domain.c). */

teeio_run teeio_run_domain;

int teeio_domain_map(struct teeio_dev *dev, struct teeio_addr *addr);
void teeio_domain_leave(struct teeio_dev *dev);

/* The TEE security manager (tsm.c). */

extern struct platform_driver teeio_tsm_driver;

/*
 * Who owns the page at @address (TEEIO_TSM_OWNER_*), NONE without a TSM.
 */
u32 teeio_tsm_owner(u64 address);

/* @command: SHARE or UNSHARE. Returns teeio_ok() or teeio_fail(). */
int teeio_tsm_convert(u32 command, u64 address, u64 length,
                      struct teeio_reply *reply);

/*
 * One step of a function's TDISP life for sysfs: LOCK, START or STOP. LOCK
 * connects to its device first, where it has a mailbox.
 *
 * Returns: -EBUSY while a driver is bound, or for LOCK while it is locked;
 * -ENODEV without a TSM, -EINVAL in a state that does not take it, -EIO for
 * all other answers.
 */
int teeio_tsm_step(u32 command, struct pci_dev *pdev);

/* Has it been locked from here, and not stopped? */
bool teeio_tsm_is_locked(struct pci_dev *pdev);
bool teeio_tsm_is_run(struct pci_dev *pdev);

/* The folder tsm/ of each function (sysfs.c). */
int teeio_sysfs_init(void);
void teeio_sysfs_exit(void);

extern struct dentry *teeio_debugfs;

#endif
