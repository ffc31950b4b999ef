/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: 2026 The qemu-teeio authors */
/*
 * A VT-d unit with a guest's tables around it: one function with a few pages,
 * in either mode.
 */
#ifndef VTD_RIG_H
#define VTD_RIG_H

#include "fake-host.h"
#include "teeio-tables/x86.h"
#include "teeio/vtd.h"

#define RIG_IQ     0x40010000ull
#define RIG_PRQ    0x40020000ull
#define RIG_STATUS 0x40030000ull
#define RIG_TABLES 0x40100000ull
#define RIG_DATA   0x40800000ull
#define RIG_BLOCK  0x40a00000ull

#define RIG_SRC    0x0110u /* the function of all tests */
#define RIG_PASS   0x0111u /* passes through */
#define RIG_NOBODY 0x0112u /* no context entry */

#define RIG_DOMAIN 7u

/* What the second stage maps, and the first stages as well. */
#define RIG_RW       0x10000ull /* to RIG_DATA */
#define RIG_RO       0x11000ull /* to RIG_DATA + 0x1000, read-only */
#define RIG_UNMAPPED 0x12000ull
#define RIG_2M       0x200000ull /* to RIG_BLOCK, one large page */

/* Scalable mode: PASIDs of RIG_SRC; 0 is the second stage. */
#define RIG_FIRST   5u
#define RIG_NESTED  6u
#define RIG_THROUGH 9u
#define RIG_FIRST5  70u
#define RIG_WINDOW  0x80000000ull /* of first-stage tables when nested */

/*
 * struct vtd_rig
 * @fake:    what trusted accesses see, and all when there is one bank
 * @outside: the shared bank, when @banks is set
 * @host:    counts messages to the interrupt range, else as @fake
 */
struct vtd_rig {
    struct fake_host fake;
    struct fake_host outside;
    bool banks;
    struct teeio_host host;
    unsigned msis;
    uint64_t msi_address;
    uint32_t msi_data;
    struct teeio_ownership *ownership;
    struct teeio_tables tables;
    struct teeio_tables_vtd root;
    struct teeio_tables_x86 second;
    struct teeio_tables_vtd_pasids pasids;
    struct teeio_tables_x86 first;
    struct teeio_tables_x86 first5;
    struct teeio_tables_x86_window window;
    struct teeio_tables_x86 nested;
    struct teeio_vtd *vtd;
    bool wide;
    uint64_t tail;
};

/* vtd_rig_init() - tables in private RAM, translation still off */
void vtd_rig_init(struct vtd_rig *rig, bool scalable,
                  enum teeio_t_policy policy, enum teeio_vtd_walk walk);
void vtd_rig_clear(struct vtd_rig *rig);

/* vtd_rig_enable() - SRTP, then TE; vtd_rig_queue() - QIE */
void vtd_rig_enable(struct vtd_rig *rig);
void vtd_rig_queue(struct vtd_rig *rig);

uint32_t vtd_rig_get(struct vtd_rig *rig, uint64_t offset);
uint64_t vtd_rig_get64(struct vtd_rig *rig, uint64_t offset);
void vtd_rig_set(struct vtd_rig *rig, uint64_t offset, uint32_t value);
void vtd_rig_set64(struct vtd_rig *rig, uint64_t offset, uint64_t value);

/* vtd_rig_push() - one descriptor behind the tail; vtd_rig_run() - all */
void vtd_rig_push(struct vtd_rig *rig, uint64_t dw0, uint64_t dw1);
void vtd_rig_run(struct vtd_rig *rig);

/* vtd_rig_do() - both of it, and the queue has not stopped */
void vtd_rig_do(struct vtd_rig *rig, uint64_t dw0, uint64_t dw1);

/* vtd_rig_tlp() - a 4-byte request of RIG_SRC with T=0 */
struct teeio_tlp vtd_rig_tlp(enum teeio_tlp_kind kind, uint64_t address);
struct teeio_tlp vtd_rig_pasid(enum teeio_tlp_kind kind, uint64_t address,
                               uint32_t pasid);

struct teeio_translation vtd_rig_send(struct vtd_rig *rig,
                                      struct teeio_tlp tlp);

/* vtd_rig_ok() - it is translated to @output */
struct teeio_translation vtd_rig_ok(struct vtd_rig *rig, struct teeio_tlp tlp,
                                    uint64_t output);

/* vtd_rig_fault() - it is refused for that reason */
struct teeio_translation vtd_rig_fault(struct vtd_rig *rig,
                                       struct teeio_tlp tlp, unsigned reason);

/* vtd_rig_share() - give the page of @gpa to the host */
void vtd_rig_share(struct vtd_rig *rig, uint64_t gpa);

uint64_t vtd_rig_word(struct vtd_rig *rig, uint64_t gpa);
void vtd_rig_put(struct vtd_rig *rig, uint64_t gpa, uint64_t word);

#endif
